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

// store keeps sessions and audit events in memory, and fails on demand.
type store struct {
	mu       sync.Mutex
	sessions map[[32]byte]identity.NewSession
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
	return identity.Session{ID: n.ID, User: n.User, SID: n.SID}, s.storeErr
}

func (s *store) End(_ context.Context, hash [32]byte) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.sessions, hash)
	return s.storeErr
}

func (s *store) EndBySID(context.Context, string, string) (int, error) { return 0, nil }

func (s *store) note(event string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.auditErr == nil {
		s.events = append(s.events, event)
	}
	return s.auditErr
}

func (s *store) SignedIn(_ context.Context, u identity.User) error {
	return s.note("in " + u.Subject + " " + u.Role.ProfileID)
}

func (s *store) SignInFailed(_ context.Context, _, reason string) error {
	return s.note("failed " + reason)
}

func (s *store) SignedOut(_ context.Context, u identity.User) error {
	return s.note("out " + u.Subject)
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
	// change, when set, alters the provider's configuration.
	change func(*signin.ProviderConfig)
}

func newPortal(t *testing.T) *portal {
	t.Helper()
	return newPortalWith(t, func(*signin.ProviderConfig) {})
}

func newPortalWith(t *testing.T, change func(*signin.ProviderConfig)) *portal {
	t.Helper()
	p := &portal{t: t, change: change, op: newProvider(t), store: &store{sessions: map[[32]byte]identity.NewSession{}}, log: &bytes.Buffer{}}
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
		Providers: []signin.ProviderConfig{p.config()}, PublicURL: p.server.URL, Sealer: sealer, Sessions: p.store, Auditor: p.store,
		Pages: signin.Pages{SignIn: drawForm, ChooseRole: drawChoice}, Log: telemetry.NewLogger(p.log, slog.LevelDebug),
		Idle: 15 * time.Minute, Absolute: 10 * time.Hour, Now: func() time.Time { return time.Now().Add(p.later) },
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
