package signin_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/google/go-cmp/cmp"

	"ribble/internal/identity"
	"ribble/internal/identity/signin"
)

func TestSignIn(t *testing.T) {
	p := newPortal(t)
	status, to, resp := p.callback(p.start("/record/abc"))
	if status != http.StatusSeeOther || to != "/record/abc" {
		t.Fatalf("%d %s", status, to)
	}
	s := p.only()
	want := identity.User{
		Issuer: p.op.server.URL, Subject: "555", Name: "SMITH Jane (Dr)", SDSUserID: "555036630105", AssuranceLevel: 3, Session: s.ID, SignedInAt: s.Created,
		Role:         identity.Role{ProfileID: "r1", Code: "R8000", Name: "Clinical Practitioner Access Role", Activities: []string{"B0360", "B0370"}},
		Organisation: identity.Organisation{ODS: "RXR", Name: "Bowland Hospital"},
	}
	if diff := cmp.Diff(want, s.User); diff != "" {
		t.Error(diff)
	}
	if s.SID != "sid-1" || s.Idle != 15*time.Minute || s.Expires.Sub(s.Created) != 10*time.Hour || s.ID == "" {
		t.Errorf("session %+v", s)
	}
	cookie := strings.Join(resp.Header.Values("Set-Cookie"), "\n")
	if !strings.Contains(cookie, "__Host-ribble-session=") || strings.Count(cookie, "Path=/; ") != strings.Count(cookie, "HttpOnly; Secure; SameSite=Lax") || strings.Contains(cookie, "Domain") {
		t.Errorf("cookies:\n%s", cookie)
	}
	if diff := cmp.Diff([]string{"in 555 r1"}, p.events); diff != "" {
		t.Error(diff)
	}
}

func TestEverySignInHasANewSessionAndEndsTheOld(t *testing.T) {
	p := newPortal(t)
	p.callback(p.start("/"))
	first := p.only()
	p.callback(p.start("/"))
	if second := p.only(); second.ID == first.ID || second.TokenHash == first.TokenHash {
		t.Error("the session was kept")
	}
}

func without(member string) func(*provider) {
	return func(op *provider) {
		op.forge = func(c jwt.MapClaims) string {
			delete(c, member)
			return sign(jwt.SigningMethodRS256, signingKey(), c, nil)
		}
	}
}

func TestChoosingARole(t *testing.T) {
	p := newPortal(t)
	without("selected_roleid")(p.op)
	status, to, _ := p.callback(p.start("/record/abc"))
	if status != http.StatusSeeOther || to != "/sign-in/role" || len(p.sessions) != 0 {
		t.Fatalf("%d %s, %d sessions", status, to, len(p.sessions))
	}
	if status, body, _ := p.visit("GET", "/sign-in/role", nil); status != 200 || !strings.Contains(body, "roles of SMITH Jane (Dr): [{r1 Clinical Practitioner Access Role Bowland Hospital RXR} {r2 Nurse Access Role P81001 P81001}]") {
		t.Errorf("%d %s", status, body)
	}
	for _, role := range []string{"", "r3", "R1", "r1 ", "r1,r2"} {
		if status, _, _ := p.visit("POST", "/sign-in/role", url.Values{"role": {role}}); status != http.StatusUnprocessableEntity || len(p.sessions) != 0 {
			t.Errorf("role %q: %d", role, status)
		}
	}
	if status, to, _ := p.visit("POST", "/sign-in/role", url.Values{"role": {"r2"}}); status != http.StatusSeeOther || to != "/record/abc" {
		t.Errorf("%d %s", status, to)
	}
	if s := p.only(); s.User.Role.ProfileID != "r2" || s.User.Organisation.ODS != "P81001" {
		t.Errorf("user %+v", s.User)
	}
	if status, _, _ := p.visit("POST", "/sign-in/role", url.Values{"role": {"r1"}}); status != http.StatusBadRequest || len(p.sessions) != 1 {
		t.Errorf("choosing twice: %d", status)
	}
}

func TestForgedRoleChoice(t *testing.T) {
	p := newPortal(t)
	if status, to, _ := p.visit("GET", "/sign-in/role", nil); status != http.StatusSeeOther || to != "/sign-in" {
		t.Errorf("%d %s", status, to)
	}
	status, body, _ := p.visit("POST", "/sign-in/role", url.Values{"role": {"r1"}})
	p.refused(status, body, "state")
}

func TestManyRolesFitIntoTheCookie(t *testing.T) {
	for count, fits := range map[int]bool{40: true, 4000: false} {
		p := newPortal(t)
		without("selected_roleid")(p.op)
		p.op.userInfo = func(info map[string]any) {
			var roles []any
			for i := range count {
				roles = append(roles, map[string]any{
					"person_roleid": fmt.Sprint(555000000000 + i*7919), "org_code": fmt.Sprintf("P%05d", i), "role_code": "S8000:G8000:R8000", "role_name": "Clinician",
					"activity_codes": []string{"B0264", "B0360", "B0370", "B0380", "B0401", "B0420", "B0820", "B0825", "B1611"},
				})
			}
			info["nhsid_nrbac_roles"] = roles
		}
		status, to, _ := p.callback(p.start("/"))
		if (status == http.StatusSeeOther && to == "/sign-in/role") != fits {
			t.Errorf("%d roles: %d %s", count, status, to)
		}
	}
}

func TestSingleRoleNeedsNoChoice(t *testing.T) {
	p := newPortal(t)
	without("selected_roleid")(p.op)
	p.op.userInfo = func(info map[string]any) { info["nhsid_nrbac_roles"] = info["nhsid_nrbac_roles"].([]any)[1:] }
	if status, to, _ := p.callback(p.start("")); status != http.StatusSeeOther || to != "/" || p.only().User.Role.ProfileID != "r2" {
		t.Errorf("%d %s", status, to)
	}
}

func TestSignOut(t *testing.T) {
	p := newPortal(t)
	p.callback(p.start("/"))
	status, to, resp := p.visit("POST", "/sign-out", nil)
	if status != http.StatusSeeOther || to != "/sign-in?signed-out" || len(p.sessions) != 0 {
		t.Errorf("%d %s, %d sessions", status, to, len(p.sessions))
	}
	if resp.Header.Get("Clear-Site-Data") == "" || !strings.Contains(resp.Header.Get("Set-Cookie"), "__Host-ribble-session=; Path=/; Max-Age=0") {
		t.Errorf("headers %v", resp.Header)
	}
	if diff := cmp.Diff([]string{"in 555 r1", "signed-out 555 user"}, p.events); diff != "" {
		t.Error(diff)
	}
	if status, body, _ := p.visit("GET", to, nil); status != 200 || !strings.Contains(body, "out=true") {
		t.Errorf("%d %s", status, body)
	}
	if status, _, _ := p.visit("POST", "/sign-out", nil); status != http.StatusSeeOther {
		t.Errorf("signing out twice: %d", status)
	}
}

func TestNobodyIsSignedInUnrecorded(t *testing.T) {
	p := newPortal(t)
	p.auditErr = errors.New("audit down")
	status, body, resp := p.callback(p.start("/"))
	if status != http.StatusServiceUnavailable || len(p.sessions) != 0 || strings.Contains(strings.Join(resp.Header.Values("Set-Cookie"), ""), "session=") {
		t.Errorf("audit down: %d %s", status, body)
	}
	p = newPortal(t)
	p.storeErr = errors.New("database down")
	if status, _, _ := p.callback(p.start("/")); status != http.StatusServiceUnavailable || len(p.sessions) != 0 {
		t.Errorf("database down: %d", status)
	}
}

func TestSignOutSaysWhenTheSessionMayLiveOn(t *testing.T) {
	p := newPortal(t)
	p.callback(p.start("/"))
	p.storeErr = errors.New("database down")
	if status, body, _ := p.visit("POST", "/sign-out", nil); status != http.StatusServiceUnavailable || !strings.Contains(body, "could not be ended everywhere") {
		t.Errorf("%d %s", status, body)
	}
}

func TestProviderDown(t *testing.T) {
	p := newPortal(t)
	p.op.server.Close()
	status, body, _ := p.visit("POST", "/sign-in/test", nil)
	p.refused(status, body, "provider_unavailable")
}

func TestFormActions(t *testing.T) {
	p := newPortalWith(t, func(c *signin.ProviderConfig) {
		c.Issuer, c.Origins = "https://am.example:443/realm", []string{"https://smartcard.example"}
	})
	if diff := cmp.Diff([]string{"https://am.example:443", "https://smartcard.example"}, p.handlers().FormActions()); diff != "" {
		t.Error(diff)
	}
}

func TestReturnPaths(t *testing.T) {
	for _, path := range []string{"/", "/record/abc-_1", "/find?x=1", "/a/b/c"} {
		if got := signin.SafeReturn(path); got != path {
			t.Errorf("%q became %q", path, got)
		}
	}
	hosts := []string{"evil.example", "evil.example/", "evil.example:443", "localhost", "127.0.0.1", "user@evil.example", "evil%2eexample", "[::1]"}
	fronts := []string{
		"//", "///", "////", `/\`, `\\`, `\/`, `/\/`, "/%5c", "/%2f", "/%2F/", "https://", "http://", "HTTPS://", "https:", "https:/", "http:\\\\", "javascript://",
		"data:", "ftp://", "/\t/", "/\n/", "\t//", " //", "/ /", "/.//", "/..//", "/x//", "/./", "/../", "\x00//", "%2f%2f", "/\u2044/", "/\uff0f/", "", "@", "?//", "#//",
	}
	tried := 0
	for _, front := range fronts {
		for _, host := range hosts {
			tried++
			if got := signin.SafeReturn(front + host); got != "/" {
				t.Errorf("%q became %q", front+host, got)
			}
		}
	}
	for _, path := range []string{"/sign-out", "/sign-in", "/sign-in/callback?code=x", "/#x", strings.Repeat("/a", 1000), "/a\r\nSet-Cookie: x"} {
		if got := signin.SafeReturn(path); got != "/" {
			t.Errorf("%q became %q", path, got)
		}
	}
	if tried < 100 {
		t.Errorf("only %d forms tried", tried)
	}
}

func FuzzSafeReturn(f *testing.F) {
	f.Add("/record/x")
	f.Add("//evil.example")
	f.Fuzz(func(t *testing.T, path string) {
		base, err := url.Parse("https://ribble.example/sign-in/callback")
		if err != nil {
			t.Fatal(err)
		}
		got := signin.SafeReturn(path)
		to, err := base.Parse(got)
		if err != nil || to.Scheme != "https" || to.Host != "ribble.example" || strings.ContainsAny(got, "\\\r\n\t\x00") {
			t.Fatalf("%q leads to %v", path, to)
		}
	})
}

func TestNewRefuses(t *testing.T) {
	good := newPortal(t).config()
	for name, change := range map[string]func(*signin.ProviderConfig){
		"none":                  func(c *signin.ProviderConfig) { c.Algorithms = []string{"none"} },
		"NONE":                  func(c *signin.ProviderConfig) { c.Algorithms = []string{"RS256", "NONE"} },
		"empty algorithm":       func(c *signin.ProviderConfig) { c.Algorithms = []string{""} },
		"no algorithms":         func(c *signin.ProviderConfig) { c.Algorithms = nil },
		"shared secret":         func(c *signin.ProviderConfig) { c.Algorithms = []string{"HS256"} },
		"no level":              func(c *signin.ProviderConfig) { c.MinimumLevel = 0 },
		"no key":                func(c *signin.ProviderConfig) { c.Key = nil },
		"no issuer":             func(c *signin.ProviderConfig) { c.Issuer = "" },
		"level beyond the last": func(c *signin.ProviderConfig) { c.MinimumLevel = 4 },
	} {
		bad := good
		change(&bad)
		if _, err := signin.New(signin.Config{Providers: []signin.ProviderConfig{bad}}); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
	if _, err := signin.New(signin.Config{}); err == nil {
		t.Error("no providers: accepted")
	}
	if _, err := signin.New(signin.Config{Providers: []signin.ProviderConfig{good, good}}); err == nil {
		t.Error("one provider twice: accepted")
	}
}

// TestNoWayToAcceptUnsignedTokens reads this package's source: the one switch of the library that lets an unsigned token
// through must not so much as be named, nor any of its other switches that skip a check.
func TestNoWayToAcceptUnsignedTokens(t *testing.T) {
	files, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	read := 0
	for _, f := range files {
		if !strings.HasSuffix(f.Name(), ".go") || strings.HasSuffix(f.Name(), "_test.go") {
			continue
		}
		source, err := os.ReadFile(f.Name())
		if err != nil {
			t.Fatal(err)
		}
		read++
		for _, word := range []string{"InsecureSkip", "SkipExpiryCheck", "SkipIssuerCheck", "SkipClientIDCheck", "InsecureIssuerURL", `"none"`, "SigningMethodNone", "UnsafeAllowNone", "ParseUnverified"} {
			if strings.Contains(string(source), word) {
				t.Errorf("%s names %s", f.Name(), word)
			}
		}
	}
	if read == 0 {
		t.Error("no source was read")
	}
}
