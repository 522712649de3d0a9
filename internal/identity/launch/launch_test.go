package launch_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"ribble/internal/identity"
	"ribble/internal/identity/launch"
)

func TestGoodLaunch(t *testing.T) {
	d := newDoor(t)
	if w := d.post(good().sign(t)); w.Code != http.StatusOK || w.Body.String() != "opening" {
		t.Fatalf("%d %s %q", w.Code, w.Body, d.refused)
	}
	want := identity.User{
		Issuer: issuer, Subject: "u-17", Name: "NAIR Priya Dr", AssuranceLevel: 2, Session: "session-1",
		Organisation: identity.Organisation{ODS: "RZB", Name: "Bowland"},
		// The table gives the role B1611 too, and the organisation does not.
		Role: identity.Role{ProfileID: "Consultant", Code: "R8000", Name: "Consultant", Activities: []string{"B0360"}},
	}
	if diff := cmp.Diff(want, d.opened[0].User); diff != "" {
		t.Error(diff)
	}
	if d.opened[0].Number.Digits() != number || d.opened[0].Born.Text != birthDate {
		t.Error("another person")
	}
}

// TestHonestVariants are launches as different systems write them: all let their user in.
func TestHonestVariants(t *testing.T) {
	for name, change := range map[string]func(*parts){
		"audience as a list":     func(p *parts) { p.claims["aud"] = []string{origin + "/launch"} },
		"without a type":         func(p *parts) { p.header["typ"] = nil },
		"with a thumbprint":      func(p *parts) { p.header["x5t"] = "AAAA" },
		"number in groups":       func(p *parts) { p.claims["patient"] = "999 141 1690" },
		"further claims":         func(p *parts) { p.claims["serviceId"], p.claims["Patient"] = "7", "1111111111" },
		"clock three seconds on": func(p *parts) { shift(p, 3) },
		"clock behind":           func(p *parts) { shift(p, -3) },
		"name over two lines":    func(p *parts) { p.claims["practitioner"] = map[string]any{"name": "Nair\nPriya", "role": "Consultant"} },
	} {
		t.Run(name, func(t *testing.T) {
			d := newDoor(t)
			p := good()
			change(&p)
			if d.post(p.sign(t)); len(d.opened) != 1 {
				t.Fatalf("refused: %q", d.refused)
			}
			if strings.Contains(d.opened[0].User.Name, "\n") {
				t.Error("a name of two lines")
			}
		})
	}
}

func shift(p *parts, seconds int64) {
	for _, name := range []string{"iat", "nbf", "exp"} {
		p.claims[name] = p.claims[name].(int64) + seconds
	}
}

// TestWhatIsKnownIsWrittenDown: a refusal names the issuer, user and person as far as they are certain, and no further.
func TestWhatIsKnownIsWrittenDown(t *testing.T) {
	for name, c := range map[string]struct {
		change          func(*parts)
		issuer, subject string
		person          bool
	}{
		"forged":      {func(p *parts) { p.key = otherKey() }, issuer, "", false},
		"expired":     {func(p *parts) { shift(p, -100) }, issuer, "", false},
		"unknown":     {func(p *parts) { p.claims["iss"] = "https://evil.example" }, "", "", false},
		"bad person":  {func(p *parts) { p.claims["patient"] = "1" }, issuer, "u-17", false},
		"bad birth":   {func(p *parts) { p.claims["birthdate"] = "1942" }, issuer, "u-17", true},
		"not mapped":  {func(p *parts) { p.claims["practitioner"] = "x" }, issuer, "", false},
		"not our org": {func(p *parts) { p.claims["location"] = "RZF" }, issuer, "", false},
	} {
		d := newDoor(t)
		p := good()
		c.change(&p)
		d.post(p.sign(t))
		if len(d.users) != 1 || d.users[0].Issuer != c.issuer || d.users[0].Subject != c.subject || d.about[0].IsZero() == c.person {
			t.Errorf("%s: written down about %+v, person %v", name, d.users, !d.about[0].IsZero())
		}
	}
}

// TestStoreDown: a launch that cannot be marked as used lets nobody in, and says to wait.
func TestStoreDown(t *testing.T) {
	d := newDoor(t)
	d.broken = true
	if w := d.post(good().sign(t)); w.Code != http.StatusServiceUnavailable || w.Body.String() != launch.Wait || len(d.begun) != 0 {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	if diff := cmp.Diff([]string{"launch-store"}, d.refused); diff != "" {
		t.Error(diff)
	}
}

// TestParallel posts one launch fifty times at once.
func TestParallel(t *testing.T) {
	d := newDoor(t)
	token := good().sign(t)
	var wg sync.WaitGroup
	for range 50 {
		wg.Go(func() { d.post(token) })
	}
	wg.Wait()
	if len(d.opened) != 1 || len(d.refused) != 49 {
		t.Errorf("%d let in, %d refused", len(d.opened), len(d.refused))
	}
}

// TestKeysByAddress: keys are fetched once, again for a new key id but not for every invented one, and a system that is down says so.
func TestKeysByAddress(t *testing.T) {
	var asked int
	ids, status := []string{"epr-1"}, http.StatusOK
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		asked++
		w.WriteHeader(status)
		_, _ = w.Write(keySet(ids...))
	}))
	t.Cleanup(server.Close)
	l := launchers()[0]
	l.Keys, l.KeysURL = nil, server.URL
	d := newDoor(t, l)
	as := func(kid string) string {
		p := good()
		p.header["kid"] = kid
		shift(&p, int64(d.later/time.Second))
		d.post(p.sign(t))
		if n := len(d.refused); n > 0 {
			defer func() { d.refused = nil }()
			return d.refused[n-1]
		}
		return ""
	}
	expect := func(step, kid, reason string, times int) {
		t.Helper()
		if got := as(kid); got != reason || asked != times {
			t.Errorf("%s: %q after asking %d times, want %q after %d", step, got, asked, reason, times)
		}
	}
	status = http.StatusInternalServerError
	expect("down at first", "epr-1", "launch-unavailable", 1)
	status = http.StatusOK
	expect("first", "epr-1", "", 2)
	expect("second", "epr-1", "", 2)
	for i := range 20 {
		expect("invented", fmt.Sprint("x", i), "launch-key", 2)
	}
	ids, d.later = []string{"epr-2"}, time.Minute
	expect("rotated", "epr-2", "", 3)
	expect("withdrawn", "epr-1", "launch-key", 3)
	status, d.later = http.StatusInternalServerError, 2*time.Hour
	expect("down when old", "epr-2", "launch-unavailable", 4)
}

// TestKeysAhead: keys that were fetched ahead are not asked for again by who comes; a failure ahead costs nothing.
func TestKeysAhead(t *testing.T) {
	asked, status := 0, http.StatusOK
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		asked++
		w.WriteHeader(status)
		_, _ = w.Write(keySet("epr-1"))
	}))
	t.Cleanup(server.Close)
	l := launchers()[0]
	l.Keys, l.KeysURL = nil, server.URL
	came := func(d *door) {
		t.Helper()
		p := good()
		p.header["kid"] = "epr-1"
		d.post(p.sign(t))
		if len(d.refused) > 0 || len(d.opened) != 1 {
			t.Errorf("refused: %v", d.refused)
		}
	}
	d := newDoor(t, l)
	status = http.StatusInternalServerError
	launch.RenewKeys(t.Context(), d.handlers)
	status = http.StatusOK
	came(d)
	if asked != 2 {
		t.Errorf("after a failure ahead the keys were asked for %d times in all, want twice", asked)
	}
	d = newDoor(t, l)
	launch.RenewKeys(t.Context(), d.handlers)
	came(d)
	if asked != 3 {
		t.Error("keys that were there were asked for again")
	}
}

func TestBadConfiguration(t *testing.T) {
	for name, change := range map[string]func(*launch.Launcher){
		"no algorithm":     func(l *launch.Launcher) { l.Algorithms = nil },
		"none":             func(l *launch.Launcher) { l.Algorithms = []string{"ES256", "none"} },
		"shared secret":    func(l *launch.Launcher) { l.Algorithms = []string{"HS256"} },
		"no issuer":        func(l *launch.Launcher) { l.Issuer = "" },
		"no organisation":  func(l *launch.Launcher) { l.Organisation.ODS = "" },
		"no level":         func(l *launch.Launcher) { l.Level = 0 },
		"no roles":         func(l *launch.Launcher) { l.Roles = nil },
		"keys twice":       func(l *launch.Launcher) { l.KeysURL = "https://epr.example/jwks" },
		"no keys":          func(l *launch.Launcher) { l.Keys = nil },
		"keys not JSON":    func(l *launch.Launcher) { l.Keys = []byte("x") },
		"keys without one": func(l *launch.Launcher) { l.Keys = []byte(`{"keys":[]}`) },
		"weak RSA key":     func(l *launch.Launcher) { l.Keys = []byte(`{"keys":[{"kty":"RSA","kid":"1","n":"AQAB","e":"AQAB"}]}`) },
		"point off the curve": func(l *launch.Launcher) {
			l.Keys = []byte(`{"keys":[{"kty":"EC","kid":"1","crv":"P-256","x":"` + strings.Repeat("A", 43) + `","y":"` + strings.Repeat("A", 43) + `"}]}`)
		},
		"another curve": func(l *launch.Launcher) {
			l.Keys = []byte(`{"keys":[{"kty":"EC","kid":"1","crv":"P-521","x":"AA","y":"AA"}]}`)
		},
		"key without id":       func(l *launch.Launcher) { l.Keys = []byte(strings.Replace(string(keySet()), `"kid":"epr-1",`, "", 1)) },
		"SMART without client": func(l *launch.Launcher) { l.Smart = &launch.Smart{} },
	} {
		l := launchers()[0]
		change(&l)
		if _, err := launch.New(launch.Config{Launchers: []launch.Launcher{l}}); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
	twice := []launch.Launcher{launchers()[0], launchers()[0]}
	if _, err := launch.New(launch.Config{Launchers: twice}); err == nil {
		t.Error("one issuer twice: accepted")
	}
}

// FuzzSigned: whatever is posted, nobody gets in without the key.
func FuzzSigned(f *testing.F) {
	for _, seed := range []string{"", "a.b.c", "eyJhbGciOiJub25lIn0.e30.", "..", "eyJhbGciOiJFUzI1NiIsImtpZCI6ImVwci0xIn0.e30.AA"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, token string) {
		d := newDoor(t)
		if d.post(token); len(d.opened) != 0 || len(d.refused) != 1 {
			t.Errorf("%d let in, %d refused", len(d.opened), len(d.refused))
		}
	})
}
