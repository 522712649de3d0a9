package signin_test

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/google/go-cmp/cmp"

	"ribble/internal/identity"
	"ribble/internal/identity/signin"
)

func signedIn(t *testing.T) *portal {
	t.Helper()
	p := newPortal(t)
	if status, to, _ := p.callback(p.start("/")); status != http.StatusSeeOther {
		t.Fatalf("%d %s", status, to)
	}
	return p
}

// sealed finds the sealed path in a drawn page.
func sealed(body string) string {
	return body[strings.LastIndex(body, "return=")+len("return="):]
}

// proof begins a proof and gives the values with which the browser comes back.
func (p *portal) proof(path, back string) url.Values {
	p.t.Helper()
	status, to, _ := p.visit("POST", path, url.Values{"return": {back}})
	if status != http.StatusSeeOther || !strings.HasPrefix(to, p.op.server.URL) {
		p.t.Fatalf("%s: %d %s", path, status, to)
	}
	return p.op.authorize(to)
}

func TestLockAndUnlock(t *testing.T) {
	p := signedIn(t)
	before := p.only()
	status, to, _ := p.visit("POST", "/lock", url.Values{"return": {"/record/abc"}})
	if status != http.StatusSeeOther || !strings.HasPrefix(to, "/locked?back=") || strings.Contains(to, "record") || len(p.locked) != 1 {
		t.Fatalf("%d %s, %d locked", status, to, len(p.locked))
	}
	status, body, _ := p.visit("GET", to, nil)
	if status != 200 || !strings.Contains(body, "prove at /unlock locked=true left=false") {
		t.Fatalf("%d %s", status, body)
	}
	if status, _, _ := p.visit("POST", "/session/stay", nil); status != http.StatusLocked {
		t.Errorf("staying opened a locked session: %d", status)
	}
	if status, to, _ := p.visit("POST", "/step-up", nil); status != http.StatusSeeOther || to != "/sign-in?ended" {
		t.Errorf("a step-up of a locked session: %d %s", status, to)
	}
	status, body, resp := p.callback(p.proof("/unlock", sealed(body)))
	if status != 200 || body != "resume /record/abc" {
		t.Fatalf("%d %s; %s", status, body, p.log)
	}
	after := p.only()
	if after.ID != before.ID || after.TokenHash == before.TokenHash || len(p.locked) != 0 || !strings.Contains(strings.Join(resp.Header.Values("Set-Cookie"), ""), "session=") {
		t.Error("the session is not the same one under a new token")
	}
	if diff := cmp.Diff([]string{"in 555 r1", "locked 555 user", "unlocked 555"}, p.events); diff != "" {
		t.Error(diff)
	}
}

func TestUnlockIsForTheSamePersonInTheSameRole(t *testing.T) {
	for name, c := range map[string]struct {
		attack func(*portal)
		reason string
	}{
		"another person": {func(p *portal) {
			p.op.forge = func(c jwt.MapClaims) string { c["sub"] = "556"; return honestly(c) }
			p.op.userInfo = func(i map[string]any) { i["sub"] = "556" }
		}, "someone_else"},
		"another role": {func(p *portal) {
			p.op.forge = func(c jwt.MapClaims) string { c["selected_roleid"] = "r2"; return honestly(c) }
		}, "someone_else"},
		"the role at another organisation": {func(p *portal) {
			p.op.userInfo = func(i map[string]any) { i["nhsid_nrbac_roles"].([]any)[0].(map[string]any)["org_code"] = "RXX" }
		}, "someone_else"},
		"a weak proof": {func(p *portal) {
			p.op.forge = func(c jwt.MapClaims) string { c["acr"] = "AAL1_USERPASS"; return honestly(c) }
		}, "assurance_too_low"},
		"an old proof": {func(p *portal) {
			p.op.forge = func(c jwt.MapClaims) string { c["auth_time"] = ago(time.Hour); return honestly(c) }
		}, "authentication_too_old"},
		"audit down": {func(p *portal) { p.auditErr = errors.New("down") }, ""},
	} {
		t.Run(name, func(t *testing.T) {
			p := signedIn(t)
			_, to, _ := p.visit("POST", "/lock", nil)
			_, body, _ := p.visit("GET", to, nil)
			back := p.proof("/unlock", sealed(body))
			c.attack(p)
			status, body, _ := p.callback(back)
			if status < 400 || !strings.Contains(body, "prove at /unlock locked=true") || strings.Contains(body, "problem= ") || len(p.locked) != 1 {
				t.Errorf("%d %s, %d locked", status, body, len(p.locked))
			}
			if c.reason != "" && !slices.Contains(p.events, "failed "+c.reason) {
				t.Errorf("events %q", p.events)
			}
		})
	}
}

// TestAProofIsForOneSession takes the answer to one session's unlocking to another session of the same user.
func TestAProofIsForOneSession(t *testing.T) {
	p := signedIn(t)
	p.visit("POST", "/lock", nil)
	back := p.proof("/unlock", "")
	p.visit("POST", "/sign-out", nil)
	if status, body, _ := p.callback(back); status != http.StatusForbidden || len(p.sessions) != 0 {
		t.Errorf("an ended session was unlocked: %d %s", status, body)
	}
	if !slices.Contains(p.events, "failed no_session") {
		t.Errorf("events %q", p.events)
	}
}

func TestSigningInAnewUnlocks(t *testing.T) {
	p := signedIn(t)
	before := p.only()
	p.visit("POST", "/lock", nil)
	if status, to, _ := p.callback(p.start("/find")); status != http.StatusSeeOther || to != "/find" {
		t.Fatalf("%d %s", status, to)
	}
	if after := p.only(); after.ID != before.ID || after.TokenHash == before.TokenHash {
		t.Error("the locked session was not opened again under a new token")
	}
}

func TestStepUp(t *testing.T) {
	p := signedIn(t)
	before := p.only()
	if status, body, _ := p.visit("GET", "/locked", nil); status != 200 || !strings.Contains(body, "left=true") {
		t.Errorf("an open session: %d %s", status, body)
	}
	status, body, _ := p.callback(p.proof("/step-up", ""))
	after := p.only()
	if status != 200 || body != "resume /" || after.ID != before.ID || after.TokenHash == before.TokenHash || p.proved[after.ID].IsZero() {
		t.Errorf("%d %s", status, body)
	}
	if !slices.Contains(p.events, "stepped-up 555") {
		t.Errorf("events %q", p.events)
	}
}

func TestLockFailsClosed(t *testing.T) {
	p := signedIn(t)
	p.storeErr = errors.New("database down")
	status, body, resp := p.visit("POST", "/lock", nil)
	if status != http.StatusServiceUnavailable || !strings.Contains(body, "signed out") || !strings.Contains(strings.Join(resp.Header.Values("Set-Cookie"), ""), "session=; Path=/; Max-Age=0") {
		t.Errorf("%d %s", status, body)
	}
}

// codes takes one code, once.
type codes struct{ right string }

func (c *codes) CheckCode(_ context.Context, _ identity.User, code string) (bool, error) {
	right := code == c.right
	c.right = ""
	return right, nil
}

func TestLocalAccountUnlocksByCode(t *testing.T) {
	p := newPortal(t)
	p.local = signin.Local{Issuer: p.op.server.URL + "/local", Page: "/sign-in/local", Codes: &codes{"123456"}}
	h := p.handlers()
	// The user is a local one: no provider is asked for them.
	mux := http.NewServeMux()
	mux.HandleFunc("/enter", func(w http.ResponseWriter, r *http.Request) {
		if _, err := h.Admit(w, r, signin.Admission{User: identity.User{Issuer: p.local.Issuer, Subject: "a1"}}); err != nil {
			t.Error(err)
		}
	})
	mux.HandleFunc("/lock", h.Lock)
	mux.HandleFunc("/locked", h.Locked)
	mux.HandleFunc("/unlock", h.Unlock)
	p.server.Config.Handler = mux
	p.visit("POST", "/enter", nil)
	_, to, _ := p.visit("POST", "/lock", url.Values{"return": {"/find"}})
	_, body, _ := p.visit("GET", to, nil)
	if !strings.Contains(body, "code=true page=/sign-in/local?return=%2Ffind") {
		t.Fatal(body)
	}
	back := sealed(body)
	if status, body, _ := p.visit("POST", "/unlock", url.Values{"return": {back}, "code": {"000000"}}); status != http.StatusForbidden || !strings.Contains(body, "not right") || len(p.locked) != 1 {
		t.Errorf("%d %s", status, body)
	}
	p.local.Codes.(*codes).right = "123456"
	if status, body, _ := p.visit("POST", "/unlock", url.Values{"return": {back}, "code": {"123456"}}); status != 200 || body != "resume /find" || len(p.locked) != 0 {
		t.Errorf("%d %s", status, body)
	}
}

func TestSessionsOfTheUser(t *testing.T) {
	p := signedIn(t)
	mine := p.browser
	for range 2 {
		p.browser = p.newBrowser()
		p.callback(p.start("/"))
	}
	p.sessions[[32]byte{1}] = identity.NewSession{ID: "foreign", User: identity.User{Issuer: p.op.server.URL, Subject: "556"}}
	p.browser = mine
	if status, body, _ := p.visit("GET", "/sessions", nil); status != 200 || !strings.HasPrefix(body, "3 sessions of 555") {
		t.Errorf("%d %s", status, body)
	}
	for _, id := range []string{"foreign", "", "unknown"} {
		p.visit("POST", "/sessions/end", url.Values{"session": {id}})
		if len(p.sessions) != 4 {
			t.Fatalf("ending %q ended a session", id)
		}
	}
	var other string
	for _, s := range p.sessions {
		if s.User.Subject == "555" {
			other = s.ID
		}
	}
	p.visit("POST", "/sessions/end", url.Values{"session": {other}})
	if len(p.sessions) != 3 {
		t.Errorf("%d sessions after ending one", len(p.sessions))
	}
	p.browser = p.newBrowser()
	p.callback(p.start("/"))
	status, to, resp := p.visit("POST", "/sessions/end-all", nil)
	if status != http.StatusSeeOther || to != "/sign-in?signed-out" || resp.Header.Get("Clear-Site-Data") == "" || len(p.sessions) != 1 {
		t.Errorf("%d %s, %d sessions", status, to, len(p.sessions))
	}
	if !slices.Contains(p.events, "signed-out 555 user_everywhere") || !slices.Contains(p.events, "signed-out 555 user_elsewhere") {
		t.Errorf("events %q", p.events)
	}
	for _, path := range []string{"GET /sessions", "POST /sessions/end", "POST /sessions/end-all", "POST /lock", "GET /locked"} {
		method, path, _ := strings.Cut(path, " ")
		if status, to, _ := p.visit(method, path, nil); status != http.StatusSeeOther || !strings.HasPrefix(to, "/sign-in") {
			t.Errorf("%s %s for nobody: %d %s", method, path, status, to)
		}
	}
}

func TestLimitsOfAnOrganisation(t *testing.T) {
	p := newPortal(t)
	p.op.forge = func(c jwt.MapClaims) string { c["selected_roleid"] = "r2"; return honestly(c) }
	p.callback(p.start("/"))
	if s := p.only(); s.Idle != 5*time.Minute || s.Linger != 10*time.Minute || s.Expires.Sub(s.Created) != 4*time.Hour {
		t.Errorf("%+v", s)
	}
}

// TestFailuresDoNotFloodTheTrail comes with callbacks that belong to nothing: the first are written one by one, the others as one event; and
// whoever signs in honestly from the same address gets in.
func TestFailuresDoNotFloodTheTrail(t *testing.T) {
	p := newPortal(t)
	var last int
	for range 200 {
		last, _, _ = p.callback(url.Values{"code": {"x"}, "state": {"y"}})
	}
	failed := 0
	for _, e := range p.events {
		if strings.HasPrefix(e, "failed state") {
			failed++
		}
	}
	if failed != 20 || p.events[len(p.events)-1] != "failed many 21" || len(p.events) != 21 || last != http.StatusTooManyRequests {
		t.Errorf("%d events, last %q, status %d", len(p.events), p.events[len(p.events)-1], last)
	}
	if status, to, _ := p.callback(p.start("/find")); status != http.StatusSeeOther || to != "/find" {
		t.Errorf("an honest user is kept out: %d %s", status, to)
	}
	v := p.start("/")
	v.Set("code", "wrong")
	if status, body, _ := p.callback(v); status != http.StatusForbidden || !strings.Contains(body, "Start again") {
		t.Errorf("an honest failure: %d %s", status, body)
	}
}
