package signin

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	strict "github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"ribble/internal/identity"
)

const (
	// logoutType is the "typ" of a logout token (OpenID Connect Back-Channel Logout 1.0, 2.4).
	logoutType = "logout+jwt"
	// logoutAge is the oldest logout token that is taken; logoutLife how long one may be valid at most.
	logoutAge  = 5 * time.Minute
	logoutLife = 2 * time.Hour
)

// logoutClaims are those of a logout token, decoded case-sensitively.
type logoutClaims struct {
	Issuer   string         `json:"iss"`
	Subject  string         `json:"sub"`
	Audience audience       `json:"aud"`
	Expires  int64          `json:"exp"`
	IssuedAt int64          `json:"iat"`
	ID       string         `json:"jti"`
	SID      string         `json:"sid"`
	Nonce    jsontext.Value `json:"nonce"`
	Events   struct {
		Logout jsontext.Value `json:"http://schemas.openid.net/event/backchannel-logout"`
	} `json:"events"`
}

// BackChannelLogout is POST /back-channel-logout/{provider}: the provider, not a browser, says that a session ended there, as when a smartcard
// is pulled. The sessions that follow from it end at once on every replica.
func (h *Handlers) BackChannelLogout(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, 2*maxToken)
	w.Header().Set("Cache-Control", "no-store")
	p := h.providers[r.PathValue("provider")]
	if p == nil {
		h.refuseLogout(w, r, identity.User{}, refused(reasonLogout, "no such provider"))
		return
	}
	c, err := p.verifyLogout(r, r.PostFormValue("logout_token"))
	if err == nil {
		err = h.logOut(r, p, c)
	}
	if err != nil {
		h.refuseLogout(w, r, identity.User{Issuer: p.cfg.Issuer}, err)
		return
	}
	w.WriteHeader(http.StatusOK)
}

// logOut ends the sessions that the token names, unless the token was used before.
func (h *Handlers) logOut(r *http.Request, p *provider, c logoutClaims) error {
	fresh, err := h.cfg.Shared.Spend(r.Context(), "logout", p.cfg.Issuer, c.ID, h.cfg.Now().Add(logoutAge+2*p.cfg.tolerance()))
	if err != nil {
		return refused(reasonStore, "the token could not be noted")
	}
	if !fresh {
		return refused(reasonLogout, "the logout token was used before")
	}
	which := identity.Which{Issuer: p.cfg.Issuer, SID: c.SID}
	if c.SID == "" {
		which.Subject = c.Subject
	}
	users, err := h.cfg.Sessions.EndWhere(r.Context(), which)
	if err != nil {
		return refused(reasonStore, "the sessions could not be ended")
	}
	ctx, cancel := aside(r)
	defer cancel()
	for _, u := range users {
		h.ended(ctx, u, "provider")
	}
	return nil
}

// verifyLogout checks a logout token by the rules of OpenID Connect Back-Channel Logout 1.0, 2.6, on the one value that is acted on.
func (p *provider) verifyLogout(r *http.Request, raw string) (logoutClaims, error) {
	if len(raw) > maxToken || !compact(raw) || !logoutTyped(raw) {
		return logoutClaims{}, refused(reasonLogout, "not a logout token")
	}
	found, err := p.discover(r.Context())
	if err != nil {
		return logoutClaims{}, refused(reasonUnavailable, "discovery")
	}
	token, err := p.verifier(found).VerifyLogout(oidc.ClientContext(r.Context(), p.client), raw)
	if err != nil {
		return logoutClaims{}, refused(reasonLogout, "the logout token's signature, issuer, audience or form does not hold")
	}
	var payload json.RawMessage
	var c logoutClaims
	if err := errors.Join(token.Claims(&payload), strict.Unmarshal(payload, &c)); err != nil {
		return logoutClaims{}, refused(reasonLogout, "the logout token's claims are malformed")
	}
	return c, p.checkLogout(c)
}

func (p *provider) checkLogout(c logoutClaims) error {
	now, skew := p.now(), p.cfg.tolerance()
	switch {
	case c.Issuer != p.cfg.Issuer || len(c.Audience) != 1 || c.Audience[0] != p.cfg.ClientID:
		return refused(reasonLogout, "the logout token is from or for someone else")
	case c.Events.Logout.Kind() != '{' || c.Nonce != nil || c.ID == "" || c.SID == "" && c.Subject == "":
		return refused(reasonLogout, "the token is no logout token, or names nobody")
	case at(c.IssuedAt).After(now.Add(skew)) || now.Sub(at(c.IssuedAt)) > logoutAge+skew || !at(c.Expires).Add(skew).After(now) || c.Expires-c.IssuedAt > int64(logoutLife.Seconds()):
		return refused(reasonLogout, "the logout token is not valid at this time")
	}
	return nil
}

// logoutTyped says whether a token may be a logout token by its type. Providers older than the final specification give none, or "JWT".
func logoutTyped(raw string) bool {
	switch typeOf(raw) {
	case logoutType, "jwt", "":
		return true
	}
	return false
}

// typeOf is the "typ" of a token's header, in lower case and without "application/"; "?" when it cannot be read.
func typeOf(raw string) string {
	header, _, _ := strings.Cut(raw, ".")
	text, err := base64.RawURLEncoding.Strict().DecodeString(header)
	var h struct {
		Type string `json:"typ"`
	}
	if err != nil || strict.Unmarshal(text, &h) != nil {
		return "?"
	}
	return strings.TrimPrefix(strings.ToLower(h.Type), "application/")
}

// refuseLogout answers as the specification asks (2.8), and says nothing about why.
func (h *Handlers) refuseLogout(w http.ResponseWriter, r *http.Request, user identity.User, err error) {
	reason := reasonOf(err, reasonLogout)
	h.cfg.Log.WarnContext(r.Context(), "a back-channel logout was refused", "reason", err.Error(), "issuer", user.Issuer)
	h.noteFailure(r, user, reason)
	w.Header().Set("Content-Type", "application/json")
	status := http.StatusBadRequest
	if reason == reasonStore || reason == reasonUnavailable {
		// The provider may try again: nothing was decided.
		status = http.StatusServiceUnavailable
	}
	w.WriteHeader(status)
	_, _ = w.Write([]byte(`{"error":"invalid_request"}`))
}
