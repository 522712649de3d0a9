package account

import (
	"errors"
	"net/http"

	"ribble/internal/fault"
	"ribble/internal/identity"
	"ribble/internal/identity/local"
	"ribble/web/page"
)

const invitationURL = "/invitation"

var errInvitation = fault.New(fault.NotFound, "This invitation was used already, or is more than seven days old. Ask whoever manages Ribble accounts at your organisation for a new one.")

// Open is GET /invitation/{token}: what the link in an invitation leads to. It uses nothing up, so that a mail scanner that follows the
// link does no harm, and takes the token out of the address.
func (p *Pages) Open(w http.ResponseWriter, r *http.Request) error {
	if err := p.busy(r); err != nil {
		return err
	}
	token, ok := identity.ParseToken(r.PathValue("token"))
	if !ok {
		return errInvitation
	}
	if _, err := p.cfg.Accounts.Invited(r.Context(), token); err != nil {
		return invitationError(err)
	}
	if err := p.keep(w, invitationCookie, accepting{Token: token.Cookie()}, invitationLife); err != nil {
		return err
	}
	return redirect(w, r, invitationURL)
}

func invitationError(err error) error {
	if errors.Is(err, local.ErrInvitation) {
		return errInvitation
	}
	return unavailable(err)
}

// invited gives the invitation that this browser is accepting.
func (p *Pages) invited(r *http.Request) (accepting, identity.Token, local.Account, error) {
	var s accepting
	if !p.read(r, invitationCookie, &s) {
		return s, identity.Token{}, local.Account{}, fault.New(fault.NotFound, "That took too long. Open the link in your invitation again.")
	}
	token, _ := identity.ParseToken(s.Token)
	a, err := p.cfg.Accounts.Invited(r.Context(), token)
	if err != nil {
		return s, token, a, invitationError(err)
	}
	return s, token, a, nil
}

// Invitation is GET /invitation: the passphrase first, then the second factor.
func (p *Pages) Invitation(w http.ResponseWriter, r *http.Request) error {
	s, _, a, err := p.invited(r)
	if err != nil {
		return err
	}
	if s.Hash == "" {
		return p.drawWelcome(w, r, http.StatusOK, a, "")
	}
	return p.drawFirstFactor(w, r, http.StatusOK, s, a, problems{})
}

func (p *Pages) drawWelcome(w http.ResponseWriter, r *http.Request, status int, a local.Account, problem local.Problem) error {
	return draw(w, r, status, page.Welcome(page.PassphraseProps{
		Props: p.frame(r, "Set up your account"), Facts: facts(a), URL: invitationURL + "/passphrase", Login: a.Login, Problem: string(problem),
	}))
}

// ChoosePassphrase is POST /invitation/passphrase. The passphrase is hashed at once; only its hash waits, sealed, for the second factor.
func (p *Pages) ChoosePassphrase(w http.ResponseWriter, r *http.Request) error {
	if err := p.busy(r); err != nil {
		return err
	}
	s, _, a, err := p.invited(r)
	if err != nil {
		return err
	}
	passphrase := r.PostFormValue("passphrase")
	if problem := a.Check(passphrase, r.PostFormValue("again")); problem != "" {
		return p.drawWelcome(w, r, http.StatusUnprocessableEntity, a, problem)
	}
	if s.Hash, err = p.cfg.Accounts.Hasher.Hash(r.Context(), passphrase); err != nil {
		return unavailable(err)
	}
	s.Secret = local.NewSecret()
	if err := p.keep(w, invitationCookie, s, invitationLife); err != nil {
		return err
	}
	return redirect(w, r, invitationURL)
}

func (p *Pages) drawFirstFactor(w http.ResponseWriter, r *http.Request, status int, s accepting, a local.Account, wrong problems) error {
	props := page.FirstFactorProps{
		Props: p.frame(r, "Protect your account"), Picture: invitationURL + "/code.png", Secret: local.Grouped(s.Secret), URL: invitationURL + "/code",
		CodeProblem: wrong.code, Problem: wrong.other,
	}
	if p.cfg.Accounts.Passkeys != nil {
		c, err := p.cfg.Accounts.Passkeys.Enrol(a, nil)
		if err != nil {
			return err
		}
		s.Ceremony = c.State
		if err := p.keep(w, invitationCookie, s, invitationLife); err != nil {
			return err
		}
		props.Passkey = p.passkeyForm("create", invitationURL+"/passkey", c.Options, "Create a passkey", "Recommended: sign in with this device’s fingerprint, face or PIN, or with a security key. Not on a computer whose sign-in you share.", false)
	}
	return draw(w, r, status, page.FirstFactor(props))
}

// InvitationPicture is GET /invitation/code.png: the secret for the authenticator app, shown to nobody but this browser.
func (p *Pages) InvitationPicture(w http.ResponseWriter, r *http.Request) error {
	s, _, a, err := p.invited(r)
	if err != nil || s.Secret == "" {
		return errInvitation
	}
	return picture(w, s.Secret, a.Login)
}

// InvitationCode is POST /invitation/code: the authenticator app is confirmed by a code, and the account becomes active.
func (p *Pages) InvitationCode(w http.ResponseWriter, r *http.Request) error {
	return p.accept(w, r, wordsCode, func(s accepting, a local.Account) (local.Factor, error) {
		return p.cfg.Accounts.NewTOTP(a.ID, s.Secret, r.PostFormValue("code"))
	})
}

// InvitationPasskey is POST /invitation/passkey: the passkey is made, and the account becomes active.
func (p *Pages) InvitationPasskey(w http.ResponseWriter, r *http.Request) error {
	return p.accept(w, r, wordsKey, func(s accepting, a local.Account) (local.Factor, error) {
		return p.newPasskey(r, s.Ceremony, a, nil)
	})
}

// newPasskey gives the passkey of a browser's answer.
func (p *Pages) newPasskey(r *http.Request, state []byte, a local.Account, have []local.Factor) (local.Factor, error) {
	if p.cfg.Accounts.Passkeys == nil {
		return local.Factor{}, local.ErrWrong
	}
	f, err := p.cfg.Accounts.Passkeys.Enrolled(a, have, state, []byte(r.PostFormValue("answer")))
	f.Name = "Passkey"
	return f, err
}

// accept makes the account active with its first second factor and signs its user in.
func (p *Pages) accept(w http.ResponseWriter, r *http.Request, wrong string, factor func(accepting, local.Account) (local.Factor, error)) error {
	if err := p.busy(r); err != nil {
		return err
	}
	s, token, a, err := p.invited(r)
	if err != nil {
		return err
	}
	if s.Hash == "" {
		return redirect(w, r, invitationURL)
	}
	f, err := factor(s, a)
	if err != nil {
		words, status, err := said(err, wrong)
		if err != nil {
			return err
		}
		if f.Kind == local.Passkey || wrong == wordsKey {
			return p.drawFirstFactor(w, r, status, s, a, problems{other: words})
		}
		return p.drawFirstFactor(w, r, status, s, a, problems{code: words})
	}
	a, codes, err := p.cfg.Accounts.Accept(r.Context(), token, a, s.Hash, f)
	if err != nil {
		return invitationError(err)
	}
	drop(w, invitationCookie)
	if err := p.keep(w, codesCookie, adding{Session: a.ID, Codes: codes}, codesLife); err != nil {
		return err
	}
	return p.begun(w, r, a, codesURL)
}
