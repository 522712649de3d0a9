package signin_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-chi/chi/v5"

	"ribble/internal/identity"
	"ribble/internal/identity/signin"
	"ribble/internal/seal"
	"ribble/internal/telemetry"
)

func newStore() *store {
	return &store{sessions: map[[32]byte]identity.NewSession{}, locked: map[[32]byte]time.Time{}, proved: map[string]time.Time{}, counts: map[string]int{}}
}

// store keeps sessions, counts and audit events in memory, and fails on demand.
type store struct {
	mu       sync.Mutex
	sessions map[[32]byte]identity.NewSession
	locked   map[[32]byte]time.Time
	proved   map[string]time.Time
	counts   map[string]int
	events   []string
	auditErr error
	storeErr error
}

func (s *store) Create(_ context.Context, n identity.NewSession) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.storeErr == nil {
		s.sessions[n.TokenHash] = n
	}
	return s.storeErr
}

func (s *store) Find(_ context.Context, hash [32]byte, _ time.Time) (identity.Session, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	n, ok := s.sessions[hash]
	if !ok {
		return identity.Session{}, errors.Join(s.storeErr, identity.ErrNoSession)
	}
	return identity.Session{ID: n.ID, User: n.User, SID: n.SID, InContext: n.InContext, Locked: s.locked[hash], Authenticated: s.proved[n.ID]}, s.storeErr
}

func (s *store) End(_ context.Context, hash [32]byte) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.sessions, hash)
	return s.storeErr
}

func (s *store) Lock(_ context.Context, hash [32]byte, now time.Time) (bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, there := s.sessions[hash]
	if there && s.storeErr == nil {
		s.locked[hash] = now
	}
	return there, s.storeErr
}

func (s *store) Renew(_ context.Context, r identity.Renewal) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	n, ok := s.sessions[r.Old]
	if !ok {
		return identity.ErrNoSession
	}
	delete(s.sessions, r.Old)
	delete(s.locked, r.Old)
	n.TokenHash, n.SID = r.New, r.SID
	s.sessions[r.New], s.proved[n.ID] = n, r.At
	return s.storeErr
}

func (s *store) Of(_ context.Context, issuer, subject string, _ time.Time) ([]identity.Session, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var list []identity.Session
	for _, n := range s.sessions {
		if n.User.Issuer == issuer && n.User.Subject == subject {
			list = append(list, identity.Session{ID: n.ID, User: n.User})
		}
	}
	return list, s.storeErr
}

func (s *store) EndWhere(_ context.Context, w identity.Which) ([]identity.User, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var ended []identity.User
	for hash, n := range s.sessions {
		if n.User.Issuer == w.Issuer && (w.Subject == "" || n.User.Subject == w.Subject) && (w.SID == "" || n.SID == w.SID) && (w.ID == "" || n.ID == w.ID) {
			ended = append(ended, n.User)
			delete(s.sessions, hash)
		}
	}
	return ended, s.storeErr
}

func (s *store) Count(_ context.Context, _ time.Time, events ...identity.Counted) ([]int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	counts := make([]int, len(events))
	for i, e := range events {
		s.counts[e.Kind+" "+e.Key]++
		counts[i] = s.counts[e.Kind+" "+e.Key]
	}
	return counts, nil
}

func (s *store) Spend(_ context.Context, purpose, issuer, id string, _ time.Time) (bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	key := "spent " + purpose + issuer + id
	s.counts[key]++
	return s.counts[key] == 1, nil
}

func (s *store) note(event string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.auditErr == nil {
		s.events = append(s.events, event)
	}
	return s.auditErr
}

func (s *store) SessionChanged(_ context.Context, u identity.User, change, reason string) error {
	if change == identity.SessionBegan {
		return s.note("in " + u.Subject + " " + u.Role.ProfileID)
	}
	return s.note(strings.TrimSpace(change + " " + u.Subject + " " + reason))
}

func (s *store) SignInFailed(_ context.Context, _ identity.User, reason string, times int) error {
	if times > 1 {
		reason += fmt.Sprint(" ", times)
	}
	return s.note("failed " + reason)
}

// portal is the sign-in pages behind TLS, and one browser that visits them.
type portal struct {
	*store
	t       *testing.T
	op      *provider
	server  *httptest.Server
	browser *http.Client
	log     *bytes.Buffer
	// later moves the portal's clock on.
	later time.Duration
	// local is for users without a provider.
	local signin.Local
	// change, when set, alters the provider's configuration.
	change func(*signin.ProviderConfig)
}

func newPortal(t *testing.T) *portal {
	t.Helper()
	return newPortalWith(t, func(*signin.ProviderConfig) {})
}

func newPortalWith(t *testing.T, change func(*signin.ProviderConfig)) *portal {
	t.Helper()
	p := &portal{t: t, change: change, op: newProvider(t), store: newStore(), log: &bytes.Buffer{}}
	router := chi.NewRouter()
	p.server = httptest.NewTLSServer(router)
	t.Cleanup(p.server.Close)
	h := p.handlers()
	router.Get("/sign-in", h.SignIn)
	router.Get("/sign-in/callback", h.Callback)
	router.Get("/sign-in/role", h.Roles)
	router.Post("/sign-in/role", h.ChooseRole)
	router.Post("/sign-in/{provider}", h.Start)
	router.Post("/sign-out", h.SignOut)
	router.Post("/lock", h.Lock)
	router.Get("/locked", h.Locked)
	router.Post("/unlock", h.Unlock)
	router.Post("/step-up", h.StepUp)
	router.Post("/session/stay", h.Stay)
	router.Get("/sessions", h.List)
	router.Post("/sessions/end", h.EndOne)
	router.Post("/sessions/end-all", h.EndAll)
	router.Post("/back-channel-logout/{provider}", h.BackChannelLogout)
	p.browser = p.newBrowser()
	return p
}

func (p *portal) newBrowser() *http.Client {
	jar, err := cookiejar.New(nil)
	if err != nil {
		p.t.Fatal(err)
	}
	c := *p.server.Client()
	c.Jar = jar
	c.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &c
}

func (p *portal) handlers() *signin.Handlers {
	p.t.Helper()
	secret := make([]byte, seal.KeySize)
	_, _ = rand.Read(secret)
	sealer, err := seal.New(secret)
	if err != nil {
		p.t.Fatal(err)
	}
	h, err := signin.New(signin.Config{
		Providers: []signin.ProviderConfig{p.config()}, PublicURL: p.server.URL, Sealer: sealer, Sessions: p.store, Shared: p.store, Auditor: p.store,
		Pages: drawn, Log: telemetry.NewLogger(p.log, slog.LevelDebug), Limits: limits, Local: p.local, Now: func() time.Time { return time.Now().Add(p.later) },
	})
	if err != nil {
		p.t.Fatal(err)
	}
	return h
}

func (p *portal) config() signin.ProviderConfig {
	c := signin.ProviderConfig{
		ID: "test", Name: "Test", Issuer: p.op.server.URL, ClientID: clientID, Key: clientKey(), KeyID: "c1", KeyAlgorithm: "ES256",
		Scopes: []string{"nationalrbacaccess"}, ACR: []string{"AAL2_OR_AAL3_ANY"}, MinimumLevel: 2, Algorithms: []string{"RS256"},
	}
	p.change(&c)
	return c
}

// limits are other ones for one organisation.
func limits(ods string) signin.Limits {
	if ods == "P81001" {
		return signin.Limits{Idle: 5 * time.Minute, Linger: 10 * time.Minute, Absolute: 4 * time.Hour}
	}
	return signin.Limits{Idle: 15 * time.Minute, Linger: 30 * time.Minute, Absolute: 10 * time.Hour}
}

// drawn writes what the pages are given.
var drawn = signin.Pages{
	SignIn: drawForm, ChooseRole: drawChoice,
	Prove: func(w http.ResponseWriter, _ *http.Request, status int, p signin.Proof) error {
		w.WriteHeader(status)
		_, err := fmt.Fprintf(w, "prove at %s locked=%v left=%v code=%v page=%s problem=%s return=%s", p.URL, p.Locked, p.Left, p.ByCode, p.ByPage, p.Problem, p.Return)
		return err
	},
	Resume: func(w http.ResponseWriter, _ *http.Request, path string) error {
		_, err := fmt.Fprintf(w, "resume %s", path)
		return err
	},
	Sessions: func(w http.ResponseWriter, _ *http.Request, list []identity.Session, current string) error {
		_, err := fmt.Fprintf(w, "%d sessions of %s, this one %v", len(list), list[0].User.Subject, list[0].ID == current)
		return err
	},
}

func drawForm(w http.ResponseWriter, _ *http.Request, status int, f signin.Form) error {
	w.WriteHeader(status)
	_, err := fmt.Fprintf(w, "sign-in %v return=%s problem=%s out=%v", f.Providers, f.Return, f.Problem, f.SignedOut)
	return err
}

func drawChoice(w http.ResponseWriter, _ *http.Request, status int, c signin.Choice) error {
	w.WriteHeader(status)
	_, err := fmt.Fprintf(w, "roles of %s: %v problem=%s", c.UserName, c.Roles, c.Problem)
	return err
}

// visit is one request of the browser; it gives status, Location or body, and the response.
func (p *portal) visit(method, path string, form url.Values) (int, string, *http.Response) {
	p.t.Helper()
	req, err := http.NewRequest(method, p.server.URL+path, strings.NewReader(form.Encode()))
	if err != nil {
		p.t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	resp, err := p.browser.Do(req)
	if err != nil {
		p.t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	var body bytes.Buffer
	_, _ = body.ReadFrom(resp.Body)
	if to := resp.Header.Get("Location"); to != "" {
		return resp.StatusCode, to, resp
	}
	return resp.StatusCode, body.String(), resp
}

// start begins a sign-in and gives what the provider would send back.
func (p *portal) start(back string) url.Values {
	p.t.Helper()
	status, to, _ := p.visit("POST", "/sign-in/test", url.Values{"return": {back}})
	if status != http.StatusSeeOther {
		p.t.Fatalf("starting: %d %s", status, to)
	}
	return p.op.authorize(to)
}

func (p *portal) callback(v url.Values) (int, string, *http.Response) {
	p.t.Helper()
	return p.visit("GET", "/sign-in/callback?"+v.Encode(), nil)
}

// only gives the one session there is.
func (p *portal) only() identity.NewSession {
	p.t.Helper()
	if len(p.sessions) != 1 {
		p.t.Fatalf("%d sessions", len(p.sessions))
	}
	for _, s := range p.sessions {
		return s
	}
	return identity.NewSession{}
}

// refused checks that a visit ended on the sign-in page with nobody signed in, and that the event says why.
func (p *portal) refused(status int, body, reason string) {
	p.t.Helper()
	if status < 400 || !strings.Contains(body, "problem=") || strings.Contains(body, "problem= ") {
		p.t.Errorf("not refused in words: %d %s", status, body)
	}
	if len(p.sessions) != 0 || !slices.Contains(p.events, "failed "+reason) {
		p.t.Errorf("%d sessions, events %q, want failed %s", len(p.sessions), p.events, reason)
	}
	if strings.Contains(p.log.String(), "[refused]") {
		p.t.Errorf("the log handler refused something: %s", p.log)
	}
}
