package local

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/netip"
	"net/url"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"
)

// Passkeys enrols and checks passkeys (WebAuthn Level 3) for one site.
type Passkeys struct {
	web *webauthn.WebAuthn
	// Host is the site's name, to which passkeys are bound (the relying party id).
	Host string
}

// NewPasskeys binds passkeys to the host of the public address. WebAuthn knows no bare addresses: on a loopback address they are bound to localhost at the
// same port, and on any other address there are none (nil).
func NewPasskeys(public *url.URL) (*Passkeys, error) {
	origin := *public
	if addr, err := netip.ParseAddr(public.Hostname()); err == nil {
		if !addr.IsLoopback() {
			return nil, nil
		}
		origin.Host = "localhost"
		if port := public.Port(); port != "" {
			origin.Host += ":" + port
		}
	}
	web, err := webauthn.New(&webauthn.Config{
		RPID: origin.Hostname(), RPDisplayName: "Ribble shared care record", RPOrigins: []string{origin.Scheme + "://" + origin.Host},
		AttestationPreference: protocol.PreferNoAttestation,
		AuthenticatorSelection: protocol.AuthenticatorSelection{
			ResidentKey: protocol.ResidentKeyRequirementRequired, RequireResidentKey: protocol.ResidentKeyRequired(), UserVerification: protocol.VerificationPreferred,
		},
	})
	if err != nil {
		return nil, fmt.Errorf("preparing passkeys: %w", err)
	}
	return &Passkeys{web: web, Host: origin.Hostname()}, nil
}

// Ceremony is one use of a passkey under way: Options go to the browser, State stays sealed until the answer comes.
type Ceremony struct {
	Options string
	State   []byte
}

// person is an account as the library sees it.
type person struct {
	account     Account
	credentials []webauthn.Credential
}

// WebAuthnID is the user handle: the account's id.
func (p person) WebAuthnID() []byte {
	id, _ := hex.DecodeString(p.account.ID) // ids are hex; any other has no handle and matches none
	return id
}

// WebAuthnName is the login name.
func (p person) WebAuthnName() string { return p.account.Login }

// WebAuthnDisplayName is the user's name.
func (p person) WebAuthnDisplayName() string { return p.account.Name }

// WebAuthnCredentials are the account's passkeys.
func (p person) WebAuthnCredentials() []webauthn.Credential { return p.credentials }

func personOf(a Account, factors []Factor) (person, error) {
	p := person{account: a}
	for _, f := range factors {
		if f.Kind != Passkey {
			continue
		}
		var c webauthn.Credential
		if err := json.Unmarshal(f.Credential, &c); err != nil {
			return person{}, fmt.Errorf("reading a passkey: %w", err)
		}
		p.credentials = append(p.credentials, c)
	}
	return p, nil
}

// Enrol begins to make a passkey for the account; those it has already are excluded.
func (k *Passkeys) Enrol(a Account, factors []Factor) (Ceremony, error) {
	p, err := personOf(a, factors)
	if err != nil {
		return Ceremony{}, err
	}
	creation, session, err := k.web.BeginRegistration(p, webauthn.WithExclusions(webauthn.Credentials(p.credentials).CredentialDescriptors()))
	if err != nil {
		return Ceremony{}, fmt.Errorf("beginning a passkey: %w", err)
	}
	return ceremony(creation.Response, session)
}

// Enrolled checks the browser's answer and gives the new factor, not yet kept.
func (k *Passkeys) Enrolled(a Account, factors []Factor, state, answer []byte) (Factor, error) {
	p, err := personOf(a, factors)
	if err != nil {
		return Factor{}, err
	}
	var session webauthn.SessionData
	parsed, parseErr := protocol.ParseCredentialCreationResponseBytes(answer)
	if parseErr != nil || json.Unmarshal(state, &session) != nil {
		return Factor{}, ErrWrong
	}
	c, err := k.web.CreateCredential(p, session, parsed)
	if err != nil {
		return Factor{}, ErrWrong
	}
	record, err := json.Marshal(c)
	if err != nil {
		return Factor{}, fmt.Errorf("writing a passkey: %w", err)
	}
	return Factor{ID: NewID(), Kind: Passkey, Credential: record, CredentialID: c.ID}, nil
}

// Ask begins a sign-in with a passkey. With an account it is the second step, after the passphrase. Without one (nil) the passkey is the whole
// sign-in, so it must also verify the user, by fingerprint, face or PIN.
func (k *Passkeys) Ask(a *Account, factors []Factor) (Ceremony, error) {
	if a == nil {
		assertion, session, err := k.web.BeginDiscoverableLogin(webauthn.WithUserVerification(protocol.VerificationRequired))
		if err != nil {
			return Ceremony{}, fmt.Errorf("beginning a passkey sign-in: %w", err)
		}
		return ceremony(assertion.Response, session)
	}
	p, err := personOf(*a, factors)
	if err != nil {
		return Ceremony{}, err
	}
	assertion, session, err := k.web.BeginLogin(p)
	if err != nil {
		return Ceremony{}, fmt.Errorf("beginning a passkey sign-in: %w", err)
	}
	return ceremony(assertion.Response, session)
}

func ceremony(options any, session *webauthn.SessionData) (Ceremony, error) {
	text, err := json.Marshal(options)
	if err != nil {
		return Ceremony{}, fmt.Errorf("writing passkey options: %w", err)
	}
	state, err := json.Marshal(session)
	if err != nil {
		return Ceremony{}, fmt.Errorf("writing a passkey state: %w", err)
	}
	return Ceremony{string(text), state}, nil
}

// assertion is a browser's answer, taken apart and not yet believed.
type assertion struct {
	session webauthn.SessionData
	parsed  *protocol.ParsedCredentialAssertionData
	// account is the id of the account that the answer claims; empty when it claims none.
	account string
}

func readAssertion(state, answer []byte) (assertion, error) {
	var a assertion
	parsed, err := protocol.ParseCredentialRequestResponseBytes(answer)
	if err != nil || json.Unmarshal(state, &a.session) != nil {
		return assertion{}, ErrWrong
	}
	a.parsed, a.account = parsed, hex.EncodeToString(parsed.Response.UserHandle)
	return a, nil
}

// check verifies an answer for the account that it claims, and gives the factor as it must be kept from now on.
func (k *Passkeys) check(as assertion, a Account, factors []Factor) (Factor, error) {
	p, err := personOf(a, factors)
	if err != nil {
		return Factor{}, err
	}
	var c *webauthn.Credential
	if len(as.session.UserID) == 0 {
		// The library looks for the user by the handle; the account was found by the same one.
		c, err = k.web.ValidateDiscoverableLogin(func(_, _ []byte) (webauthn.User, error) { return p, nil }, as.session, as.parsed)
	} else {
		c, err = k.web.ValidateLogin(p, as.session, as.parsed)
	}
	if err != nil || c.Authenticator.CloneWarning {
		return Factor{}, ErrWrong
	}
	for _, f := range factors {
		if string(f.CredentialID) == string(c.ID) {
			f.Credential, err = json.Marshal(c)
			return f, err
		}
	}
	return Factor{}, ErrWrong
}
