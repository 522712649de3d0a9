package launch

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	strict "github.com/go-json-experiment/json"
	"github.com/golang-jwt/jwt/v5"
)

const (
	// discoveryLife is how long a system's addresses are kept.
	discoveryLife = time.Hour
	// assertionLife is the longest that SMART App Launch 2.2 (3.2.2) allows; an assertion is used at once.
	assertionLife = 5 * time.Minute
	// idTokenAge is how long ago an ID token may have been made: it was asked for just now.
	idTokenAge = 5 * time.Minute
	// idTokenSkew is how far the other system's clock may be from ours.
	idTokenSkew = time.Minute
)

// clientMethods are the ways in which we sign (SMART App Launch 2.2, 3.2.2).
var clientMethods = map[string]jwt.SigningMethod{"RS384": jwt.SigningMethodRS384, "ES384": jwt.SigningMethodES384}

// server is the part of .well-known/smart-configuration that is used (SMART App Launch 2.2, 6.0.1). Keys are not among it: they are
// pinned by configuration.
type server struct {
	Authorization string   `json:"authorization_endpoint"`
	Token         string   `json:"token_endpoint"`
	Challenges    []string `json:"code_challenge_methods_supported"`
}

// discovered keeps a system's addresses.
type discovered struct {
	mu     sync.Mutex
	server server
	until  time.Time
}

func (l *launcher) openIDIssuer() string {
	if l.Smart.OpenIDIssuer != "" {
		return l.Smart.OpenIDIssuer
	}
	return l.Issuer
}

// discover gives the system's addresses. A failure is not remembered.
func (l *launcher) discover(ctx context.Context, now time.Time) (server, error) {
	l.found.mu.Lock()
	defer l.found.mu.Unlock()
	if now.Before(l.found.until) {
		return l.found.server, nil
	}
	raw, err := fetch(ctx, l.client, l.Issuer+"/.well-known/smart-configuration", "")
	var s server
	if err != nil || strict.Unmarshal(raw, &s) != nil || !secure(s.Authorization) || !secure(s.Token) || !slices.Contains(s.Challenges, "S256") {
		return server{}, refused(reasonUnavailable, "the system's SMART configuration cannot be read or used")
	}
	l.found.server, l.found.until = s, now.Add(discoveryLife)
	return s, nil
}

// granted is the answer to a code (SMART App Launch 2.2, 2.0.11). "need_patient_banner" is not among it: Ribble always shows its own
// banner, because what it shows may come from other places than the system that launched it.
type granted struct {
	AccessToken string `json:"access_token"`
	Type        string `json:"token_type"`
	IDToken     string `json:"id_token"`
	Patient     string `json:"patient"`
}

// exchange turns the code into tokens, proving who we are with a signed assertion and that we began with the PKCE verifier.
func (h *Handlers) exchange(ctx context.Context, l *launcher, s server, state smartState, code string) (granted, error) {
	assertion, err := l.assertion(s.Token, h.cfg.Now())
	if err != nil {
		return granted{}, refused(reasonExchange, "the client assertion could not be signed")
	}
	form := url.Values{
		"grant_type": {"authorization_code"}, "code": {code}, "redirect_uri": {h.cfg.PublicURL + CallbackPath}, "code_verifier": {state.Verifier},
		"client_id": {l.Smart.ClientID}, "client_assertion": {assertion}, "client_assertion_type": {"urn:ietf:params:oauth:client-assertion-type:jwt-bearer"},
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.Token, strings.NewReader(form.Encode()))
	if err != nil {
		return granted{}, refused(reasonExchange, "the token address cannot be asked")
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	raw, err := answer(l.client, req)
	var g granted
	if err != nil || strict.Unmarshal(raw, &g) != nil {
		return granted{}, refused(reasonExchange, "the system did not accept the code")
	}
	if g.AccessToken == "" || !strings.EqualFold(g.Type, "Bearer") || !fhirID.MatchString(g.Patient) {
		return granted{}, refused(reasonExchange, "the system gave no access, or no person in context")
	}
	return g, nil
}

// assertion is our private_key_jwt for one request (RFC 7523).
func (l *launcher) assertion(audience string, now time.Time) (string, error) {
	id := make([]byte, 16)
	_, _ = rand.Read(id) // never fails: crypto/rand ends the process rather than return weak bytes
	t := jwt.NewWithClaims(clientMethods[l.Smart.KeyAlgorithm], jwt.RegisteredClaims{
		Issuer: l.Smart.ClientID, Subject: l.Smart.ClientID, Audience: jwt.ClaimStrings{audience}, ID: hex.EncodeToString(id),
		IssuedAt: jwt.NewNumericDate(now), ExpiresAt: jwt.NewNumericDate(now.Add(assertionLife)),
	})
	t.Header["kid"] = l.Smart.KeyID
	return t.SignedString(l.Smart.Key)
}

// idClaims are the members of an ID token that are acted on.
type idClaims struct {
	Issuer          string   `json:"iss"`
	Subject         string   `json:"sub"`
	Audience        audience `json:"aud"`
	AuthorizedParty string   `json:"azp"`
	Expires         int64    `json:"exp"`
	IssuedAt        int64    `json:"iat"`
	NotBefore       int64    `json:"nbf"`
	Nonce           string   `json:"nonce"`
	FHIRUser        string   `json:"fhirUser"`
}

// idToken checks the ID token (OpenID Connect Core 1.0, 3.1.3.7).
func (h *Handlers) idToken(ctx context.Context, l *launcher, s smartState, raw string) (idClaims, error) {
	t, err := take(raw)
	if err != nil {
		return idClaims{}, errors.Join(refused(reasonToken, "the ID token is malformed"), err)
	}
	if err := l.verify(ctx, t); err != nil {
		return idClaims{}, err
	}
	var c idClaims
	if err := t.claims(&c); err != nil {
		return idClaims{}, err
	}
	now := h.cfg.Now()
	authorised := c.AuthorizedParty == l.Smart.ClientID || c.AuthorizedParty == "" && len(c.Audience) == 1
	switch {
	case c.Issuer != l.openIDIssuer() || c.Subject == "" || !slices.Contains(c.Audience, l.Smart.ClientID) || !authorised:
		return idClaims{}, refused(reasonToken, "the ID token is from or for someone else")
	case s.Nonce == "" || c.Nonce != s.Nonce:
		return idClaims{}, refused(reasonToken, "the ID token is not the answer to this launch")
	case !time.Unix(c.Expires, 0).After(now) || time.Unix(c.IssuedAt, 0).After(now.Add(idTokenSkew)) || time.Unix(c.NotBefore, 0).After(now.Add(idTokenSkew)):
		return idClaims{}, refused(reasonToken, "the ID token is not valid at this time")
	case c.IssuedAt == 0 || now.Sub(time.Unix(c.IssuedAt, 0)) > idTokenAge+idTokenSkew:
		return idClaims{}, refused(reasonToken, "the ID token was not made just now")
	}
	return c, nil
}
