package signin_test

import (
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"ribble/internal/identity/signin"
	"ribble/internal/sandbox/cis2"
)

// cis2Portal is a portal whose one provider is the sandbox's, which nobody wrote for these tests.
func cis2Portal(t *testing.T, personas ...cis2.Persona) *portal {
	t.Helper()
	var handler http.Handler
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { handler.ServeHTTP(w, r) }))
	t.Cleanup(server.Close)
	issuer := server.URL + cis2.Realm
	handler = cis2.New(cis2.Config{Issuer: issuer, Client: cis2.Client{ID: clientID, Key: clientKey().Public()}, Personas: personas}).Handler()
	return newPortalWith(t, func(c *signin.ProviderConfig) {
		c.Issuer, c.Scopes = issuer, []string{"profile", "nationalrbacaccess", "selectedrole"}
	})
}

var requestField = regexp.MustCompile(`name="request" value="([^"]+)"`)

// pick does what a user does on the sandbox's page, and gives the values with which the browser comes back.
func (p *portal) pick(persona, role string) url.Values {
	p.t.Helper()
	_, to, _ := p.visit("POST", "/sign-in/test", nil)
	jar, err := cookiejar.New(nil)
	if err != nil {
		p.t.Fatal(err)
	}
	c := &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	resp, err := c.Get(to)
	if err != nil {
		p.t.Fatal(err)
	}
	page, _ := io.ReadAll(resp.Body)
	_ = resp.Body.Close()
	field := requestField.FindSubmatch(page)
	if field == nil {
		p.t.Fatalf("%d, no request in: %s", resp.StatusCode, page)
	}
	action, _, _ := strings.Cut(to, "?")
	resp, err = c.PostForm(action, url.Values{"request": {string(field[1])}, "persona": {persona}, "role": {role}})
	if err != nil {
		p.t.Fatal(err)
	}
	_ = resp.Body.Close()
	back, err := url.Parse(resp.Header.Get("Location"))
	if err != nil {
		p.t.Fatal(err)
	}
	return back.Query()
}

func TestSandboxProvider(t *testing.T) {
	roles := []cis2.Role{
		{ID: "100", OrgCode: "RXR", OrgName: "Bowland Hospital", Code: "S8000:G8000:R8000", Name: `"Clinical":"Clinical Provision":"Clinical Practitioner"`, ActivityCodes: []string{"B0360"}},
		{ID: "200", OrgCode: "P81001", OrgName: "Slaidburn Surgery", Code: "S8000:G8000:R8001", Name: "Nurse", ActivityCodes: []string{"B0370"}},
	}
	personas := []cis2.Persona{
		{ID: "doctor", UserID: "555000000001", Family: "Doe", Given: "Jane", Assurance: 3, Roles: roles},
		{ID: "password", UserID: "555000000002", Family: "Roe", Given: "Max", Assurance: 1, Roles: roles},
		{ID: "nobody", UserID: "555000000003", Family: "Poe", Given: "Ann", Assurance: 3},
	}
	for name, c := range map[string]struct{ persona, role, to, reason string }{
		"picked role":    {"doctor", "200", "/", ""},
		"picked none":    {"doctor", "", "/sign-in/role", ""},
		"password only":  {"password", "100", "", "assurance_too_low"},
		"without a role": {"nobody", "", "", "no_role"},
	} {
		t.Run(name, func(t *testing.T) {
			p := cis2Portal(t, personas...)
			status, to, _ := p.callback(p.pick(c.persona, c.role))
			if c.reason != "" {
				p.refused(status, to, c.reason)
				return
			}
			if status != http.StatusSeeOther || to != c.to {
				t.Fatalf("%d %s; %s", status, to, p.log)
			}
			if c.role != "" && (p.only().User.Role.ProfileID != c.role || p.only().User.Organisation.Name != "Slaidburn Surgery") {
				t.Errorf("user %+v", p.only().User)
			}
		})
	}
}
