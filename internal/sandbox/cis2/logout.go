package cis2

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// endSession is RP-initiated logout: the hint is the ID token that began the session.
func (p *Provider) endSession(w http.ResponseWriter, r *http.Request) {
	var claims idClaims
	_, err := jwt.ParseWithClaims(r.FormValue("id_token_hint"), &claims,
		func(*jwt.Token) (any, error) { return &p.key().PublicKey, nil },
		// An expired token still says which session is meant.
		jwt.WithValidMethods([]string{"RS256"}), jwt.WithoutClaimsValidation())
	if err == nil && claims.Issuer == p.Issuer {
		p.forget(claims.SessionID)
	}
	target := r.FormValue("post_logout_redirect_uri")
	if target == "" || !loopback(target) {
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		fmt.Fprintln(w, "You are signed out.")
		return
	}
	if state := r.FormValue("state"); state != "" {
		target = back(target, url.Values{"state": {state}})
	}
	http.Redirect(w, r, target, http.StatusSeeOther)
}

func (p *Provider) forget(sid string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.sessions, sid)
	for token, s := range p.tokens {
		if s.id == sid {
			delete(p.tokens, token)
		}
	}
}

// logoutClaims are those of a logout token (OpenID Connect Back-Channel Logout 1.0 section 2.4).
type logoutClaims struct {
	jwt.RegisteredClaims
	SessionID string                `json:"sid"`
	Events    map[string]emptyEvent `json:"events"`
}

type emptyEvent struct{}

// RemoveSmartcard ends every session of a persona as pulling the smartcard does, telling the client when it has a
// LogoutURI. It returns how many sessions ended, and the first failure to tell the client.
func (p *Provider) RemoveSmartcard(ctx context.Context, personaID string) (int, error) {
	var ended []session
	p.mu.Lock()
	for _, s := range p.sessions {
		if s.persona.ID == personaID {
			ended = append(ended, s)
		}
	}
	p.mu.Unlock()
	var failed error
	for _, s := range ended {
		p.forget(s.id)
		if err := p.tell(ctx, s); err != nil && failed == nil {
			failed = err
		}
	}
	return len(ended), failed
}

func (p *Provider) tell(ctx context.Context, s session) error {
	if p.Client.LogoutURI == "" {
		return nil
	}
	token, err := p.sign(logoutClaims{
		RegisteredClaims: jwt.RegisteredClaims{
			Issuer: p.Issuer, Subject: s.persona.UserID, Audience: jwt.ClaimStrings{p.Client.ID}, ID: secret(),
			IssuedAt: jwt.NewNumericDate(p.Now()), ExpiresAt: jwt.NewNumericDate(p.Now().Add(2 * time.Minute)),
		},
		SessionID: s.id, Events: map[string]emptyEvent{"http://schemas.openid.net/event/backchannel-logout": {}},
	})
	if err != nil {
		return err
	}
	form := url.Values{"logout_token": {token}}.Encode()
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, p.Client.LogoutURI, strings.NewReader(form))
	if err != nil {
		return fmt.Errorf("making the logout request: %w", err)
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	response, err := p.HTTP.Do(request)
	if err != nil {
		return fmt.Errorf("telling the client of a logout: %w", err)
	}
	defer response.Body.Close()
	if response.StatusCode >= http.StatusMultipleChoices {
		return fmt.Errorf("telling the client of a logout: it answered %d", response.StatusCode)
	}
	return nil
}
