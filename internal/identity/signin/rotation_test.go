package signin_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"ribble/internal/identity/signin"
)

// TestRotatedKeys signs with a key that the provider published after its keys were read.
func TestRotatedKeys(t *testing.T) {
	p := signedIn(t)
	p.later += 30 * time.Second
	p.op.rotate(strangeKey(), "k2")
	p.op.forge = func(c jwt.MapClaims) string {
		return sign(jwt.SigningMethodRS256, strangeKey(), c, map[string]any{"kid": "k2"})
	}
	if status, to, _ := p.callback(p.start("/")); status != http.StatusSeeOther || to != "/" {
		t.Errorf("the new key is not believed: %d %s", status, to)
	}
	// The key that was withdrawn signs nothing more.
	p.op.forge = honestly
	if status, body, _ := p.callback(p.start("/")); status != http.StatusForbidden || !strings.Contains(body, "problem=") {
		t.Errorf("the old key is believed: %d %s", status, body)
	}
}

// TestUnknownKeysDoNotFloodTheProvider comes with many keys that do not exist: the provider is asked for its keys once in a while only.
func TestUnknownKeysDoNotFloodTheProvider(t *testing.T) {
	p := newPortal(t)
	p.op.forge = func(c jwt.MapClaims) string {
		return sign(jwt.SigningMethodRS256, strangeKey(), c, map[string]any{"kid": "unknown"})
	}
	for range 20 {
		p.callback(p.start("/"))
	}
	if n := p.op.keysAsked.Load(); n != 1 {
		t.Errorf("the keys were asked for %d times", n)
	}
	p.later = 11 * time.Second
	p.callback(p.start("/"))
	if n := p.op.keysAsked.Load(); n != 2 {
		t.Errorf("after a while the keys were asked for %d times in all", n)
	}
}

// TestProviderFailsMidLogin loses the provider between the user's going there and coming back, at each step of what is then asked of it.
func TestProviderFailsMidLogin(t *testing.T) {
	for path, reason := range map[string]string{"/token": "exchange", "/userinfo": "provider_unavailable", "/keys": "token"} {
		for name, fault := range map[string]http.HandlerFunc{
			"error":    func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusInternalServerError) },
			"garbage":  func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("<html>")) },
			"nothing":  func(w http.ResponseWriter, _ *http.Request) {},
			"redirect": func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/attacker", http.StatusFound) },
			"cut off":  func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) },
		} {
			t.Run(path+" "+name, func(t *testing.T) {
				p := newPortal(t)
				v := p.start("/")
				p.op.fail(path, fault)
				status, body, _ := p.callback(v)
				if reason == "provider_unavailable" && p.events[0] == "failed token" {
					reason = "token" // user information that can be read but says nothing
				}
				p.refused(status, body, reason)
				if p.op.fetched != 0 {
					t.Error("a redirect was followed")
				}
				p.op.fail("", nil)
				if status, to, _ := p.callback(p.start("/")); status != http.StatusSeeOther {
					t.Errorf("the provider is back, and still: %d %s", status, to)
				}
			})
		}
	}
}

// TestProviderIsPinned has a discovery document that leads elsewhere.
func TestProviderIsPinned(t *testing.T) {
	for _, member := range []string{"jwks_uri", "token_endpoint", "authorization_endpoint", "userinfo_endpoint"} {
		p := newPortal(t)
		p.op.discovery = func(d map[string]any) { d[member] = "https://evil.example/x" }
		status, body, _ := p.visit("POST", "/sign-in/test", nil)
		p.refused(status, body, "provider_unavailable")
		allowed := newPortalWith(t, func(c *signin.ProviderConfig) { c.Origins = []string{"https://evil.example"} })
		allowed.op.discovery = p.op.discovery
		if status, to, _ := allowed.visit("POST", "/sign-in/test", nil); status != http.StatusSeeOther {
			t.Errorf("%s on an origin that was allowed: %d %s", member, status, to)
		}
	}
}

func TestClockTolerance(t *testing.T) {
	for _, c := range []struct {
		tolerance, ahead time.Duration
		ok               bool
	}{
		{0, 50 * time.Second, true}, {0, 70 * time.Second, false}, {10 * time.Second, 20 * time.Second, false}, {2 * time.Minute, 110 * time.Second, true},
		{0, -50 * time.Second, true}, {10 * time.Second, -80 * time.Second, false},
	} {
		p := newPortalWith(t, func(p *signin.ProviderConfig) { p.ClockTolerance = c.tolerance })
		p.op.forge = func(claims jwt.MapClaims) string {
			for _, name := range []string{"iat", "exp", "auth_time"} {
				claims[name] = claims[name].(int64) + int64(c.ahead.Seconds())
			}
			return honestly(claims)
		}
		if status, body, _ := p.callback(p.start("/")); (status == http.StatusSeeOther) != c.ok {
			t.Errorf("tolerance %v, provider %v ahead: %d %s", c.tolerance, c.ahead, status, body)
		}
	}
}
