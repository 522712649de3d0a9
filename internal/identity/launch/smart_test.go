package launch_test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/json"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"ribble/internal/identity"
	"ribble/internal/identity/launch"
	"ribble/internal/sandbox/epr"
	"ribble/internal/sandbox/story"
)

// system is the sandbox's records system, which nobody wrote for these tests, with what a test changes of its answers.
type system struct {
	*epr.Server
	server *httptest.Server
	local  string
	person story.Person
	// token changes the answer to a code, claims those of the ID token, resource a resource; nil for none.
	token, claims, resource func(map[string]any)
	// sign signs the changed ID token, with the system's own key when nil.
	sign *ecdsa.PrivateKey
	// configuration changes what discovery says.
	configuration func(map[string]any)
}

func newSystem(t *testing.T) (*system, *door) {
	t.Helper()
	s := &system{}
	s.server = httptest.NewServer(http.HandlerFunc(s.serve))
	t.Cleanup(s.server.Close)
	client, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	world := story.NewWorld(1, 5, time.Now())
	s.Server = epr.New(epr.Config{
		Origin: s.server.URL, Portal: origin, World: world, Client: epr.Client{ID: "ribble", Key: client.Public()},
		Sites: []epr.Site{{ODS: "RZB", Name: "Bowland", Smart: true, Clinicians: []epr.Clinician{{ID: "nair", UserID: "900100000001", Name: "NAIR Priya Dr", Profile: "Consultant"}}}},
	})
	s.person, _ = world.Person(world.Notable()[0].NHSNumber)
	holding, _ := s.person.Holding("RZB")
	s.local = holding.LocalID
	l := launchers()[0]
	l.Issuer, l.Keys = s.FHIR("RZB"), s.KeySet("RZB")
	l.Smart = &launch.Smart{ClientID: "ribble", Key: client, KeyID: "1", KeyAlgorithm: "ES384"}
	return s, newDoor(t, l)
}

func (s *system) serve(w http.ResponseWriter, r *http.Request) {
	rec := httptest.NewRecorder()
	s.Handler().ServeHTTP(rec, r)
	var f func(map[string]any)
	switch path := r.URL.Path; {
	case strings.HasSuffix(path, "/token"):
		f = s.token
	case strings.HasSuffix(path, "/smart-configuration"):
		f = s.configuration
	case strings.Contains(path, "/fhir/"):
		f = s.resource
	}
	body := rec.Body.Bytes()
	var members map[string]any
	if json.Unmarshal(body, &members) == nil && rec.Code == http.StatusOK {
		if strings.HasSuffix(r.URL.Path, "/token") && s.claims != nil {
			members["id_token"] = s.resign(members["id_token"].(string))
		}
		if f != nil {
			f(members)
		}
		body, _ = json.Marshal(members) // what was JSON stays JSON
	}
	maps.Copy(w.Header(), rec.Header())
	w.WriteHeader(rec.Code)
	_, _ = w.Write(body)
}

// resign changes the claims of an ID token.
func (s *system) resign(token string) string {
	var claims jwt.MapClaims
	if _, _, err := jwt.NewParser().ParseUnverified(token, &claims); err != nil {
		return err.Error()
	}
	s.claims(claims)
	key := s.sign
	if key == nil {
		key = s.Key("RZB")
	}
	t := jwt.NewWithClaims(jwt.SigningMethodES256, claims)
	t.Header["kid"] = "epr-1"
	signed, err := t.SignedString(key)
	if err != nil {
		return err.Error()
	}
	return signed
}

// begin presses the button at the system and opens the launch URL; it gives the cookie and where the system sends the browser back to.
func (s *system) begin(t *testing.T, d *door) ([]*http.Cookie, *url.URL) {
	t.Helper()
	c := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	resp, err := c.PostForm(s.server.URL+"/RZB/open", url.Values{"patient": {s.local}, "by": {"smart"}})
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	w := httptest.NewRecorder()
	d.handlers.Smart(w, httptest.NewRequest(http.MethodGet, resp.Header.Get("Location"), nil))
	if w.Code != http.StatusFound {
		return nil, nil
	}
	if resp, err = c.Get(w.Header().Get("Location")); err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	back, err := url.Parse(resp.Header.Get("Location"))
	if err != nil || !strings.HasPrefix(back.String(), origin+launch.CallbackPath) {
		t.Fatalf("sent back to %s", back)
	}
	return w.Result().Cookies(), back
}

func (d *door) callback(cookies []*http.Cookie, back *url.URL) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodGet, back.String(), nil)
	for _, c := range cookies {
		r.AddCookie(c)
	}
	w := httptest.NewRecorder()
	d.handlers.SmartCallback(w, r)
	return w
}

func TestSmart(t *testing.T) {
	s, d := newSystem(t)
	cookies, back := s.begin(t, d)
	if c := cookies[0]; !strings.HasPrefix(c.Name, "__Host-") || !c.Secure || !c.HttpOnly || c.SameSite != http.SameSiteLaxMode {
		t.Errorf("cookie %+v", c)
	}
	if w := d.callback(cookies, back); w.Code != http.StatusOK || len(d.opened) != 1 {
		t.Fatalf("%d %q %s", w.Code, d.refused, d.log)
	}
	u := d.opened[0].User
	if u.Issuer != s.FHIR("RZB") || u.Name != "NAIR Priya Dr" || u.SDSUserID != "900100000001" || u.Role.Code != "R8000" || u.Organisation != (identity.Organisation{ODS: "RZB", Name: "Bowland"}) {
		t.Errorf("user %+v", u)
	}
	if d.opened[0].Number.Digits() != s.person.NHSNumber || d.opened[0].Born.Text != s.person.Born {
		t.Error("another person")
	}
	if w := d.callback(cookies, back); w.Code != http.StatusForbidden || len(d.opened) != 1 || d.refused[0] != "launch-exchange" {
		t.Errorf("a code used twice: %d %q", w.Code, d.refused)
	}
}

// TestSmartAttacks changes one thing on the way of each launch: none lets anybody in.
func TestSmartAttacks(t *testing.T) {
	set := func(name string, value any) func(map[string]any) { return func(m map[string]any) { m[name] = value } }
	forged := newEC()
	for name, c := range map[string]struct {
		change func(*system)
		back   func(url.Values)
		bare   bool
		reason string
	}{
		"another browser":       {bare: true, reason: "launch-state"},
		"state swapped":         {back: func(q url.Values) { q.Set("state", "x") }, reason: "launch-state"},
		"state missing":         {back: func(q url.Values) { q.Del("state") }, reason: "launch-state"},
		"mix-up":                {back: func(q url.Values) { q.Set("iss", "https://evil.example") }, reason: "launch-state"},
		"error":                 {back: func(q url.Values) { q.Set("error", "access_denied") }, reason: "launch-provider"},
		"code missing":          {back: func(q url.Values) { q.Del("code") }, reason: "launch-provider"},
		"code of somebody else": {back: func(q url.Values) { q.Set("code", "x") }, reason: "launch-exchange"},
		"code very long":        {back: func(q url.Values) { q.Set("code", strings.Repeat("x", 5000)) }, reason: "launch-provider"},
		"no ID token":           {change: func(s *system) { s.token = set("id_token", "") }, reason: "launch-id-token"},
		"unsigned ID token":     {change: func(s *system) { s.token = set("id_token", "eyJhbGciOiJub25lIn0.e30.") }, reason: "launch-id-token"},
		"no person":             {change: func(s *system) { s.token = set("patient", "") }, reason: "launch-exchange"},
		"person as a path":      {change: func(s *system) { s.token = set("patient", "../Patient/1") }, reason: "launch-exchange"},
		"person as a query":     {change: func(s *system) { s.token = set("patient", "1?x=1") }, reason: "launch-exchange"},
		"another person":        {change: func(s *system) { s.token = set("patient", "bth-1") }, reason: "launch-unavailable"},
		"no access token":       {change: func(s *system) { s.token = set("access_token", "") }, reason: "launch-exchange"},
		"MAC token":             {change: func(s *system) { s.token = set("token_type", "mac") }, reason: "launch-exchange"},
		"forged ID token":       {change: func(s *system) { s.claims, s.sign = func(map[string]any) {}, forged }, reason: "launch-signature"},
		"nonce replayed":        {change: func(s *system) { s.claims = set("nonce", "x") }, reason: "launch-id-token"},
		"nonce missing":         {change: func(s *system) { s.claims = func(m map[string]any) { delete(m, "nonce") } }, reason: "launch-id-token"},
		"another audience":      {change: func(s *system) { s.claims = set("aud", "other") }, reason: "launch-id-token"},
		"two audiences, no azp": {change: func(s *system) { s.claims = set("aud", []string{"ribble", "other"}) }, reason: "launch-id-token"},
		"another azp":           {change: func(s *system) { s.claims = set("azp", "other") }, reason: "launch-id-token"},
		"another issuer":        {change: func(s *system) { s.claims = set("iss", "https://evil.example") }, reason: "launch-id-token"},
		"expired":               {change: func(s *system) { s.claims = set("exp", time.Now().Add(-time.Minute).Unix()) }, reason: "launch-id-token"},
		"made an hour ago":      {change: func(s *system) { s.claims = set("iat", time.Now().Add(-time.Hour).Unix()) }, reason: "launch-id-token"},
		"made in the future":    {change: func(s *system) { s.claims = set("iat", time.Now().Add(time.Hour).Unix()) }, reason: "launch-id-token"},
		"no subject":            {change: func(s *system) { s.claims = set("sub", "") }, reason: "launch-id-token"},
		"user elsewhere":        {change: func(s *system) { s.claims = set("fhirUser", "https://evil.example/PractitionerRole/nair") }, reason: "launch-user"},
		"user is a patient":     {change: func(s *system) { s.claims = set("fhirUser", s.FHIR("RZB")+"/Patient/1") }, reason: "launch-user"},
		"user as a path":        {change: func(s *system) { s.claims = set("fhirUser", s.FHIR("RZB")+"/PractitionerRole/../x") }, reason: "launch-user"},
		"role not mapped":       {change: func(s *system) { s.resource = set("code", []any{}) }, reason: "launch-user"},
		"role of another place": {change: func(s *system) {
			s.resource = set("organization", map[string]any{"identifier": map[string]any{"system": "https://fhir.nhs.uk/Id/ods-organization-code", "value": "RZF"}})
		}, reason: "launch-location"},
		"another resource":          {change: func(s *system) { s.resource = set("id", "x") }, reason: "launch-user"},
		"no NHS number":             {change: func(s *system) { s.resource = set("identifier", []any{}) }, reason: "launch-person"},
		"two NHS numbers":           {change: func(s *system) { s.resource = set("identifier", twoNumbers) }, reason: "launch-person"},
		"birth date to the year":    {change: func(s *system) { s.resource = set("birthDate", "1942") }, reason: "launch-person"},
		"no PKCE":                   {change: func(s *system) { s.configuration = set("code_challenge_methods_supported", []string{"plain"}) }, reason: "launch-unavailable"},
		"token address without TLS": {change: func(s *system) { s.configuration = set("token_endpoint", "http://evil.example/token") }, reason: "launch-unavailable"},
	} {
		t.Run(name, func(t *testing.T) {
			s, d := newSystem(t)
			if c.change != nil {
				c.change(s)
			}
			cookies, back := s.begin(t, d)
			if back != nil {
				q := back.Query()
				if c.back != nil {
					c.back(q)
				}
				back.RawQuery = q.Encode()
				if c.bare {
					cookies = nil
				}
				d.callback(cookies, back)
			}
			if len(d.opened) != 0 || len(d.begun) != 0 || len(d.refused) != 1 || d.refused[0] != c.reason {
				t.Errorf("%d let in, refused %q, want %q", len(d.opened), d.refused, c.reason)
			}
			if strings.Contains(d.log.String(), s.person.NHSNumber) || bytes.Contains(d.log.Bytes(), []byte("[refused]")) {
				t.Errorf("the log says too much: %s", d.log)
			}
		})
	}
}

var twoNumbers = []any{
	map[string]any{"system": story.SystemNHSNumber, "value": "9991411690"}, map[string]any{"system": story.SystemNHSNumber, "value": "9993425842"},
}

// TestSmartLaunchURL: only an allowed issuer is sent on to, and only its own authorization server.
func TestSmartLaunchURL(t *testing.T) {
	s, d := newSystem(t)
	iss := url.QueryEscape(s.FHIR("RZB"))
	for name, c := range map[string]struct{ query, dest, reason string }{
		"unknown issuer":     {"iss=https%3A%2F%2Fevil.example&launch=x", "document", "launch-issuer"},
		"issuer with @":      {"iss=https%3A%2F%2Fepr.example%40evil.example&launch=x", "document", "launch-issuer"},
		"issuer as a prefix": {"iss=" + iss + ".evil.example&launch=x", "document", "launch-issuer"},
		"two issuers":        {"iss=" + iss + "&iss=https%3A%2F%2Fevil.example&launch=x", "document", "launch-form"},
		"no launch":          {"iss=" + iss, "document", "launch-form"},
		"empty launch":       {"iss=" + iss + "&launch=", "document", "launch-form"},
		"long launch":        {"iss=" + iss + "&launch=" + strings.Repeat("x", 3000), "document", "launch-form"},
		"nothing":            {"", "document", "launch-form"},
		"in a frame":         {"iss=" + iss + "&launch=x", "iframe", "launch-form"},
		"with a slash":       {"iss=" + iss + "%2F&launch=x", "document", ""},
	} {
		d.refused = nil
		r := httptest.NewRequest(http.MethodGet, launch.SmartPath+"?"+c.query, nil)
		r.Header.Set("Sec-Fetch-Dest", c.dest)
		w := httptest.NewRecorder()
		d.handlers.Smart(w, r)
		to := w.Header().Get("Location")
		if c.reason == "" {
			if !strings.HasPrefix(to, s.Issuer("RZB")+"/authorize?") {
				t.Errorf("%s: sent to %q", name, to)
			}
			continue
		}
		if to != "" || w.Code != http.StatusForbidden || w.Body.String() != launch.GoBack || len(d.refused) != 1 || d.refused[0] != c.reason {
			t.Errorf("%s: %d, sent to %q, refused %q", name, w.Code, to, d.refused)
		}
	}
}
