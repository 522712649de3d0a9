package portal_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"html"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/go-chi/chi/v5"
	"github.com/jackc/pgx/v5"

	"ribble/internal/audit"
	"ribble/internal/browser"
	"ribble/internal/directory"
	"ribble/internal/findperson"
	"ribble/internal/identity/signin"
	"ribble/internal/openrecord"
	"ribble/internal/pgtest"
	"ribble/internal/portal"
	"ribble/internal/portal/clinician"
	"ribble/internal/portal/officer"
	"ribble/internal/sandbox/cis2"
	"ribble/internal/seal"
	"ribble/web"
)

// pair is two replicas of the portal at one database, with the sandbox's provider.
type pair struct {
	t        *testing.T
	db       *pgtest.DB
	provider *cis2.Provider
	servers  [2]*httptest.Server
	handler  http.Handler
}

func newPair(t *testing.T) *pair {
	t.Helper()
	assets, err := web.Load()
	if err != nil {
		browser.Missing(t, err)
	}
	secret := make([]byte, seal.KeySize)
	_, _ = rand.Read(secret)
	sealer, err := seal.New(secret)
	if err != nil {
		t.Fatal(err)
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	p := &pair{t: t, db: pgtest.New(t)}
	var handlers [2]http.Handler
	for i := range p.servers {
		p.servers[i] = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { handlers[i].ServeHTTP(w, r) }))
		t.Cleanup(p.servers[i].Close)
	}
	issuer := p.startProvider(key, p.servers[1].URL+"/back-channel-logout/cis2")
	keys := audit.GenerateKeys()
	for i := range p.servers {
		open, log := p.db.Open(t), slog.New(slog.DiscardHandler)
		trail := audit.NewTrail(open.Audit(), keys, time.Now)
		handlers[i], err = portal.New(portal.Config{
			Clinician: clinician.Config{Find: &findperson.Flow{Trail: trail, Now: time.Now}, Open: new(openrecord.Flow), Trail: trail, Sealer: sealer, Log: log, Now: time.Now},
			Officer:   officer.Config{Queue: open.Queue()},
			Admin:     rigAdmin(trail, new(directory.Snapshot)),
			SignIn: signin.Config{
				Providers: []signin.ProviderConfig{{
					ID: "cis2", Name: "Care Identity", Issuer: issuer, ClientID: "portal", Key: key, KeyID: "k", KeyAlgorithm: "ES256",
					Scopes: []string{"nationalrbacaccess", "selectedrole"}, MinimumLevel: 2, Algorithms: []string{"RS256"},
				}},
				PublicURL: p.servers[0].URL, Sealer: sealer, Sessions: open.Sessions(), Shared: open.Limits(), Auditor: trail, Log: log,
				Limits: func(string) signin.Limits {
					return signin.Limits{Idle: 15 * time.Minute, Linger: 30 * time.Minute, Absolute: 10 * time.Hour}
				},
			},
			Peek: open.Sessions().Peek, Assets: assets, Log: log, Now: time.Now, Region: "North Vale",
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	p.handler = handlers[0]
	return p
}

func (p *pair) startProvider(key *ecdsa.PrivateKey, logout string) string {
	var handler http.Handler
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { handler.ServeHTTP(w, r) }))
	p.t.Cleanup(server.Close)
	issuer := server.URL + cis2.Realm
	role := func(id string) []cis2.Role {
		return []cis2.Role{{ID: id, OrgCode: "RZB", OrgName: "Bowland", Code: "R8000", Name: "Clinician", ActivityCodes: []string{"B0360", "B0264"}}}
	}
	p.provider = cis2.New(cis2.Config{Issuer: issuer, Client: cis2.Client{ID: "portal", Key: key.Public(), LogoutURI: logout}, Personas: []cis2.Persona{
		{ID: "nair", UserID: "900100000001", Title: "Dr", Given: "Priya", Family: "Nair", Assurance: 3, Roles: role("100")},
		{ID: "khan", UserID: "900100000002", Title: "Ms", Given: "Sana", Family: "Khan", Assurance: 3, Roles: role("200")},
	}})
	handler = p.provider.Handler()
	return issuer
}

// events counts the audit events of an act.
func (p *pair) events(act string) int {
	p.t.Helper()
	conn, err := pgx.Connect(p.t.Context(), p.db.AdminURL)
	if err != nil {
		p.t.Fatal(err)
	}
	defer func() { _ = conn.Close(p.t.Context()) }()
	var n int
	if err := conn.QueryRow(p.t.Context(), "SELECT count(*) FROM audit.event WHERE $1 IN ('', act)", act).Scan(&n); err != nil {
		p.t.Fatal(err)
	}
	return n
}

// seat is one browser, which a balancer may send to either replica.
type seat struct {
	*pair
	cookies map[string]string
}

func (p *pair) seat() *seat { return &seat{p, map[string]string{}} }

func (s *seat) send(replica int, method, path string, form url.Values, headers ...string) *http.Response {
	s.t.Helper()
	r, err := http.NewRequestWithContext(context.WithoutCancel(s.t.Context()), method, s.servers[replica].URL+path, strings.NewReader(form.Encode()))
	if err != nil {
		s.t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	r.Header.Set("Sec-Fetch-Dest", "document")
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
		if headers[i+1] == "" {
			r.Header.Del(headers[i])
		}
	}
	for name, value := range s.cookies {
		r.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	response, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		s.t.Fatal(err)
	}
	body, err := io.ReadAll(response.Body)
	_ = response.Body.Close()
	if err != nil {
		s.t.Fatal(err)
	}
	response.Body = io.NopCloser(strings.NewReader(html.UnescapeString(string(body))))
	for _, c := range response.Cookies() {
		s.cookies[c.Name] = c.Value
		if c.MaxAge < 0 {
			delete(s.cookies, c.Name)
		}
	}
	return response
}

func text(r *http.Response) string {
	b, _ := io.ReadAll(r.Body) // from memory
	return string(b)
}

func (s *seat) status(replica int, path string) int {
	return s.send(replica, "GET", path, nil).StatusCode
}

var request = regexp.MustCompile(`name="request" value="([^"]+)"`)

// prove goes to the provider and back, ending at the other replica than it began at.
func (s *seat) prove(replica int, path, persona, role string, form url.Values) *http.Response {
	s.t.Helper()
	to := s.send(replica, "POST", path, form).Header.Get("Location")
	resp, err := http.Get(to)
	if err != nil {
		s.t.Fatal(err)
	}
	page, _ := io.ReadAll(resp.Body)
	_ = resp.Body.Close()
	field := request.FindSubmatch(page)
	if field == nil {
		s.t.Fatalf("no sign-in page at %s: %s", to, page)
	}
	action, _, _ := strings.Cut(to, "?")
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	resp, err = client.PostForm(action, url.Values{"request": {string(field[1])}, "persona": {persona}, "role": {role}})
	if err != nil {
		s.t.Fatal(err)
	}
	_ = resp.Body.Close()
	back, err := url.Parse(resp.Header.Get("Location"))
	if err != nil {
		s.t.Fatal(err)
	}
	return s.send(1-replica, "GET", back.RequestURI(), nil, "Sec-Fetch-Site", "cross-site")
}

func (p *pair) signedIn(persona, role string) *seat {
	p.t.Helper()
	s := p.seat()
	if r := s.prove(0, "/sign-in/cis2", persona, role, nil); r.StatusCode != http.StatusSeeOther {
		p.t.Fatalf("signing in: %d %s", r.StatusCode, text(r))
	}
	return s
}

const sessionCookie = "__Host-ribble-session"

func TestLockHoldsOnEveryReplica(t *testing.T) {
	p := newPair(t)
	s := p.signedIn("nair", "100")
	old := s.cookies[sessionCookie]
	if s.status(0, "/find") != 200 || s.status(1, "/find") != 200 {
		t.Fatal("the session is not known to both replicas")
	}
	locked := s.send(0, "POST", "/lock", url.Values{"return": {"/sessions"}}).Header.Get("Location")
	for replica := range p.servers {
		for _, path := range []string{"/find", "/record/x", "/document/x", "/sessions", "/"} {
			r := s.send(replica, "GET", path, nil)
			if body := text(r); r.StatusCode != http.StatusLocked || !strings.Contains(body, "Locked") || strings.Contains(body, "Your sessions") {
				t.Errorf("replica %d, %s: %d", replica, path, r.StatusCode)
			}
		}
	}
	page := text(s.send(1, "GET", locked, nil))
	if !strings.Contains(page, "Dr Priya NAIR, Clinician, Bowland") || !strings.Contains(page, "Unlock with Care Identity") {
		t.Fatal(page)
	}
	back := regexp.MustCompile(`name="return" value="([^"]+)"`).FindStringSubmatch(page)
	if r := s.prove(1, "/unlock", "khan", "200", url.Values{"return": {back[1]}}); r.StatusCode != http.StatusForbidden || s.status(0, "/find") != http.StatusLocked {
		t.Errorf("somebody else unlocked it: %d", r.StatusCode)
	}
	r := s.prove(1, "/unlock", "nair", "100", url.Values{"return": {back[1]}})
	if r.StatusCode != 200 || r.Header.Get("Refresh") != "0;url=/sessions" || s.status(0, "/find") != 200 || s.status(1, "/find") != 200 {
		t.Errorf("unlocking: %d %v", r.StatusCode, r.Header)
	}
	thief := p.seat()
	thief.cookies[sessionCookie] = old
	if thief.status(0, "/find") != http.StatusSeeOther || s.cookies[sessionCookie] == old {
		t.Error("the token from before the lock still works")
	}
	for act, want := range map[string]int{"signed-in": 1, "locked": 1, "unlocked": 1, "sign-in-failed": 1} {
		if got := p.events(act); got != want {
			t.Errorf("%d events %s, want %d", got, act, want)
		}
	}
}

func TestRevocationHoldsOnEveryReplica(t *testing.T) {
	p := newPair(t)
	here, there, other := p.signedIn("nair", "100"), p.signedIn("nair", "100"), p.signedIn("khan", "200")
	page := text(here.send(0, "GET", "/sessions", nil))
	ids := regexp.MustCompile(`name="session" value="([^"]+)"`).FindAllStringSubmatch(page, -1)
	if len(ids) != 2 || !strings.Contains(page, "this one") {
		t.Fatalf("%d sessions in %s", len(ids), page)
	}
	// The newest stands first; "here" is the older.
	here.send(0, "POST", "/sessions/end", url.Values{"session": {ids[0][1]}})
	if here.status(1, "/find") != 200 || there.status(0, "/find") != http.StatusSeeOther || there.status(1, "/find") != http.StatusSeeOther {
		t.Error("ending one session ended another, or not it")
	}
	again := p.signedIn("nair", "100")
	if r := here.send(1, "POST", "/sessions/end-all", nil); r.Header.Get("Clear-Site-Data") == "" {
		t.Error("the browser keeps what it has")
	}
	if again.status(0, "/find") != http.StatusSeeOther || here.status(0, "/find") != http.StatusSeeOther || other.status(1, "/find") != 200 {
		t.Error("signing out everywhere missed a session, or met somebody else's")
	}
}

func TestSmartcardRemovedEndsTheSessionOnEveryReplica(t *testing.T) {
	p := newPair(t)
	s, other := p.signedIn("nair", "100"), p.signedIn("khan", "200")
	if n, err := p.provider.RemoveSmartcard(t.Context(), "nair"); n != 1 || err != nil {
		t.Fatalf("%d, %v", n, err)
	}
	if s.status(0, "/find") != http.StatusSeeOther || s.status(1, "/find") != http.StatusSeeOther || other.status(0, "/find") != 200 {
		t.Error("the session lives on, or somebody else's ended")
	}
	if p.events("signed-out") != 1 {
		t.Error("the end was not written down")
	}
}

func TestFixationAndTossing(t *testing.T) {
	p := newPair(t)
	s := p.seat()
	planted := strings.Repeat("A", 43)
	s.cookies[sessionCookie] = planted
	s.prove(0, "/sign-in/cis2", "nair", "100", nil)
	thief := p.seat()
	thief.cookies[sessionCookie] = planted
	if s.cookies[sessionCookie] == planted || thief.status(0, "/find") != http.StatusSeeOther {
		t.Error("a token that was planted became the session")
	}
	for _, cookies := range []string{
		sessionCookie + "=" + planted + "; " + sessionCookie + "=" + s.cookies[sessionCookie],
		sessionCookie + "=" + s.cookies[sessionCookie] + "; " + sessionCookie + "=" + planted,
		"ribble-session=" + s.cookies[sessionCookie], "__Host-Ribble-Session=" + s.cookies[sessionCookie],
	} {
		if r := p.seat().send(0, "GET", "/find", nil, "Cookie", cookies); r.StatusCode != http.StatusSeeOther {
			t.Errorf("%d for a tossed cookie", r.StatusCode)
		}
	}
}

// routes lists every address of the portal, with its placeholders filled.
func (p *pair) routes() map[string][]string {
	p.t.Helper()
	out := map[string][]string{}
	fill := regexp.MustCompile(`\{[^}]+\}`)
	err := chi.Walk(p.handler.(chi.Routes), func(method, route string, _ http.Handler, _ ...func(http.Handler) http.Handler) error {
		if !strings.HasPrefix(route, "/assets/") {
			out[method] = append(out[method], fill.ReplaceAllString(route, "cis2"))
		}
		return nil
	})
	if err != nil || len(out["POST"]) < 12 {
		p.t.Fatalf("%d routes that change something, %v", len(out["POST"]), err)
	}
	return out
}

// fromElsewhere are the ways in which a request shows that it does not come from a page of ours.
var fromElsewhere = map[string][]string{
	"cross-site form":   {"Sec-Fetch-Site", "cross-site", "Origin", "https://evil.example"},
	"sibling host":      {"Sec-Fetch-Site", "same-site", "Origin", "https://other.example"},
	"cross-site fetch":  {"Sec-Fetch-Site", "cross-site", "Sec-Fetch-Dest", "empty"},
	"neither header":    {"Sec-Fetch-Site", "", "Origin", ""},
	"null origin":       {"Sec-Fetch-Site", "", "Origin", "null"},
	"other origin":      {"Sec-Fetch-Site", "", "Origin", "https://evil.example"},
	"method override":   {"Sec-Fetch-Site", "cross-site", "X-HTTP-Method-Override", "GET"},
	"embedded document": {"Sec-Fetch-Site", "cross-site", "Sec-Fetch-Dest", "iframe"},
}

func TestNoOtherSiteChangesAnything(t *testing.T) {
	p := newPair(t)
	s := p.signedIn("nair", "100")
	before := p.events("")
	for _, path := range p.routes()["POST"] {
		// These two take no cookie's word: a signed token in the body makes them honest.
		if strings.HasPrefix(path, "/back-channel-logout/") || path == "/launch" {
			continue
		}
		// Machines come here with a token of their own; a user's cookie opens nothing.
		want := http.StatusForbidden
		if strings.HasPrefix(path, "/fhir/") {
			want = http.StatusUnauthorized
		}
		for name, headers := range fromElsewhere {
			if r := s.send(0, "POST", path, nil, headers...); r.StatusCode != want {
				t.Errorf("%s, %s: %d", path, name, r.StatusCode)
			}
		}
	}
	if s.status(1, "/find") != 200 || p.events("") != before {
		t.Error("something changed, or was written down")
	}
}

func TestNoOtherSiteOpensAPersonsPage(t *testing.T) {
	p := newPair(t)
	s := p.signedIn("nair", "100")
	before := p.events("")
	for _, path := range []string{"/record/cis2", "/document/cis2", "/find/cis2", "/objections/find/cis2"} {
		headers := map[string][]string{"image": {"Sec-Fetch-Dest", "image"}, "script": {"Sec-Fetch-Dest", "script"}, "frame": {"Sec-Fetch-Dest", "iframe"}, "no destination": {"Sec-Fetch-Dest", ""}}
		for name, h := range fromElsewhere {
			headers[name] = h
		}
		for name, h := range headers {
			if r := s.send(0, "GET", path, nil, h...); r.StatusCode != http.StatusForbidden {
				t.Errorf("%s, %s: %d", path, name, r.StatusCode)
			}
		}
	}
	if p.events("") != before {
		t.Error("a look that nobody asked for was written down")
	}
}

// TestSearchLimit searches until the portal asks for a proof, gives it, and goes on until it stops: on two replicas, which count together.
func TestSearchLimit(t *testing.T) {
	p := newPair(t)
	s := p.signedIn("nair", "100")
	// Typing is not searching: the page that it leads to is what asks.
	looks := func(s *seat, i int) *http.Response {
		to := s.send(i%2, "POST", "/find", url.Values{"nhs": {"1"}}).Header.Get("Location")
		return s.send(i%2, "GET", to, nil)
	}
	search := func(i int) *http.Response { return looks(s, i) }
	conn, err := pgx.Connect(t.Context(), p.db.AdminURL)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close(t.Context()) }()
	// A sign-in counts as a fresh proof for a quarter of an hour.
	if _, err := conn.Exec(t.Context(), "UPDATE portal.session SET authenticated_at = authenticated_at - interval '1 hour'"); err != nil {
		t.Fatal(err)
	}
	for i := range 30 {
		if r := search(i); r.StatusCode != http.StatusUnprocessableEntity {
			t.Fatalf("search %d: %d", i, r.StatusCode)
		}
	}
	if r := search(30); r.StatusCode != http.StatusForbidden || !strings.Contains(text(r), "Show that it is you") {
		t.Fatalf("beyond the first bound: %d", r.StatusCode)
	}
	if r := s.prove(0, "/step-up", "nair", "100", nil); r.StatusCode != 200 {
		t.Fatalf("proving: %d", r.StatusCode)
	}
	last := 0
	for i := range 40 {
		last = search(i).StatusCode
	}
	if last != http.StatusTooManyRequests || p.events("limit-reached") != 2 || p.events("stepped-up") != 1 {
		t.Errorf("%d, %d limits, %d proofs", last, p.events("limit-reached"), p.events("stepped-up"))
	}
	if other := p.signedIn("khan", "200"); looks(other, 0).StatusCode != http.StatusUnprocessableEntity {
		t.Error("one user's limit holds another up")
	}
}

// TestNothingIsShownToALockedSession asks for every address of the portal: a page that forgets to ask whether the session is open fails here.
func TestNothingIsShownToALockedSession(t *testing.T) {
	p := newPair(t)
	s := p.signedIn("nair", "100")
	s.send(0, "POST", "/lock", nil)
	// These are for getting in and out, and show nothing about anybody.
	open := regexp.MustCompile(`^/(sign-in|sign-out|lock|locked|unlock|step-up|launch|invitation|back-channel-logout|session/stay|live)(/|$)`)
	tried := 0
	for method, paths := range p.routes() {
		for _, path := range paths {
			if open.MatchString(path) || method == "HEAD" {
				continue
			}
			tried++
			if strings.HasPrefix(path, "/fhir/") {
				// For machines with a token of their own: a user's cookie, locked or not, opens nothing.
				if r := s.send(1, method, path, nil); r.StatusCode != http.StatusUnauthorized {
					t.Errorf("%s %s: %d", method, path, r.StatusCode)
				}
				continue
			}
			if path == "/record/cis2/standing" || path == "/officer/alerts/newest" {
				// Asked by pages that are open, not by people: a word would be for nobody.
				if r := s.send(1, method, path, nil); r.StatusCode != http.StatusGone && r.StatusCode != http.StatusForbidden {
					t.Errorf("%s %s: %d", method, path, r.StatusCode)
				}
				continue
			}
			if r := s.send(1, method, path, nil); r.StatusCode != http.StatusLocked || !strings.Contains(text(r), "Nothing about any person is shown") {
				t.Errorf("%s %s: %d", method, path, r.StatusCode)
			}
		}
	}
	if tried < 9 {
		t.Errorf("only %d addresses tried", tried)
	}
}

// TestProvingComesFromTheUser keeps other sites from sending a user through a proof, and a sealed path from leading elsewhere.
func TestProvingComesFromTheUser(t *testing.T) {
	p := newPair(t)
	s := p.signedIn("nair", "100")
	for _, back := range []string{"", "/sessions", "https://evil.example", "//evil.example", strings.Repeat("A", 5000)} {
		r := s.prove(0, "/step-up", "nair", "100", url.Values{"return": {back}})
		if got := r.Header.Get("Refresh"); r.StatusCode != 200 || got != "0;url=/" {
			t.Errorf("a path that nobody sealed (%.20q) leads to %q", back, got)
		}
	}
}
