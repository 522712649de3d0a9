package signin_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

const logoutEvent = "http://schemas.openid.net/event/backchannel-logout"

func logoutClaims(issuer, id string) jwt.MapClaims {
	now := time.Now().Unix()
	return jwt.MapClaims{
		"iss": issuer, "aud": clientID, "iat": now, "exp": now + 120, "jti": id, "sid": "sid-1", "sub": "555", "events": map[string]any{logoutEvent: map[string]any{}},
	}
}

// tell posts a logout token as a provider does: no cookie, no browser.
func (p *portal) tell(token string) int {
	p.t.Helper()
	resp, err := p.server.Client().PostForm(p.server.URL+"/back-channel-logout/test", url.Values{"logout_token": {token}})
	if err != nil {
		p.t.Fatal(err)
	}
	_ = resp.Body.Close()
	if resp.Header.Get("Cache-Control") != "no-store" {
		p.t.Error("the answer may be stored")
	}
	return resp.StatusCode
}

func TestBackChannelLogout(t *testing.T) {
	logout := attack{Header: map[string]any{"typ": "logout+jwt"}}
	for name, change := range map[string]func(jwt.MapClaims){
		"session and user": func(jwt.MapClaims) {},
		"session alone":    func(c jwt.MapClaims) { delete(c, "sub") },
		"user alone":       func(c jwt.MapClaims) { delete(c, "sid") },
	} {
		t.Run(name, func(t *testing.T) {
			p := signedIn(t)
			c := logoutClaims(p.op.server.URL, "id-1")
			change(c)
			token := logout.forge(p.op.server.URL, c)
			if status := p.tell(token); status != 200 || len(p.sessions) != 0 || p.events[1] != "signed-out 555 provider" {
				t.Errorf("%d, %d sessions, %q; %s", status, len(p.sessions), p.events, p.log)
			}
			p.callback(p.start("/"))
			if status := p.tell(token); status != http.StatusBadRequest || len(p.sessions) != 1 {
				t.Errorf("replayed: %d, %d sessions", status, len(p.sessions))
			}
		})
	}
	t.Run("another session", func(t *testing.T) {
		p := signedIn(t)
		c := logoutClaims(p.op.server.URL, "id-1")
		c["sid"] = "sid-2"
		if status := p.tell(logout.forge(p.op.server.URL, c)); status != 200 || len(p.sessions) != 1 {
			t.Errorf("%d, %d sessions", status, len(p.sessions))
		}
	})
}

// TestForgedLogouts tries every line of the table: nobody is signed out, and the failure is written down.
func TestForgedLogouts(t *testing.T) {
	for _, a := range attacks(t, "logout_attacks.jsonl", 50) {
		t.Run(a.Name, func(t *testing.T) {
			p := signedIn(t)
			if a.Header == nil {
				a.Header = map[string]any{}
			}
			if _, given := a.Header["typ"]; !given {
				a.Header["typ"] = "logout+jwt"
			}
			status := p.tell(a.forge(p.op.server.URL, logoutClaims(p.op.server.URL, "id-1")))
			if status != http.StatusBadRequest || len(p.sessions) != 1 || p.events[len(p.events)-1] != "failed logout_token" {
				t.Errorf("%d, %d sessions, %q", status, len(p.sessions), p.events)
			}
			if p.op.fetched != 0 {
				t.Error("an address in the token was visited")
			}
		})
	}
}

func TestIDTokenIsNoLogoutToken(t *testing.T) {
	p := newPortal(t)
	var id string
	p.op.forge = func(c jwt.MapClaims) string { id = honestly(c); return id }
	p.callback(p.start("/"))
	if status := p.tell(id); status != http.StatusBadRequest || len(p.sessions) != 1 {
		t.Errorf("%d, %d sessions", status, len(p.sessions))
	}
}

func TestProviderDownAtLogout(t *testing.T) {
	p := newPortal(t)
	p.op.server.Close()
	// Nothing was decided, so the provider may try again.
	if status := p.tell((attack{}).forge(p.op.server.URL, logoutClaims(p.op.server.URL, "id-1"))); status != http.StatusServiceUnavailable {
		t.Errorf("%d", status)
	}
	resp, err := p.server.Client().PostForm(p.server.URL+"/back-channel-logout/other", url.Values{"logout_token": {strings.Repeat("x", 100)}})
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	if resp.StatusCode != http.StatusBadRequest {
		t.Errorf("unknown provider: %d", resp.StatusCode)
	}
}
