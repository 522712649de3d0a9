package middleware_test

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/go-chi/chi/v5"
	"github.com/google/go-cmp/cmp"

	"ribble/internal/identity"
	"ribble/internal/portal/middleware"
	"ribble/internal/telemetry"
)

const canary = "9990000018"

func page(status int) middleware.Page {
	return func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status) }
}

func ok(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) }

func serve(h http.Handler, method, target string, headers ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, target, nil)
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func TestRequestIDIsOurOwn(t *testing.T) {
	var inside string
	h := middleware.WithRequestID(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { inside = middleware.RequestID(r.Context()) }))
	first := serve(h, "GET", "/", "X-Request-ID", canary)
	if got := first.Header().Get("X-Request-ID"); got != inside || len(got) != 32 || strings.Contains(got, canary) {
		t.Errorf("id %q, inside %q", got, inside)
	}
	if serve(h, "GET", "/").Header().Get("X-Request-ID") == first.Header().Get("X-Request-ID") {
		t.Error("two requests have one id")
	}
	if middleware.RequestID(t.Context()) != "" {
		t.Error("an id outside a request")
	}
}

func TestSecurityHeaders(t *testing.T) {
	got := serve(middleware.SecurityHeaders(true, "https://am.example")(http.HandlerFunc(ok)), "GET", "/").Header()
	want := http.Header{
		"Content-Security-Policy": {"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; " +
			"form-action 'self' https://am.example; base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'"},
		"Cross-Origin-Opener-Policy": {"same-origin"}, "Cross-Origin-Embedder-Policy": {"require-corp"}, "Cross-Origin-Resource-Policy": {"same-origin"},
		"X-Content-Type-Options": {"nosniff"}, "X-Frame-Options": {"DENY"}, "Referrer-Policy": {"no-referrer"}, "Cache-Control": {"no-store"},
		"X-Accel-Buffering": {"no"}, "Strict-Transport-Security": {"max-age=63072000; includeSubDomains"}, "Permissions-Policy": got["Permissions-Policy"],
	}
	if diff := cmp.Diff(want, got); diff != "" || !strings.Contains(got.Get("Permissions-Policy"), "camera=()") {
		t.Error(diff)
	}
	if h := serve(middleware.SecurityHeaders(false)(http.HandlerFunc(ok)), "GET", "/").Header(); h.Get("Strict-Transport-Security") != "" {
		t.Error("transport security announced on http")
	}
}

func TestSameOrigin(t *testing.T) {
	h := middleware.SameOrigin(page(403))(http.HandlerFunc(ok))
	const own, other = "http://example.com", "https://evil.example"
	cases := []struct {
		name, method string
		headers      []string
		status       int
	}{
		{"form on our page", "POST", []string{"Sec-Fetch-Site", "same-origin", "Origin", own}, 204},
		{"form on our page, no referrer", "POST", []string{"Sec-Fetch-Site", "same-origin", "Origin", "null"}, 204},
		{"typed", "POST", []string{"Sec-Fetch-Site", "none"}, 204},
		{"older browser, our origin", "POST", []string{"Origin", own}, 204},
		{"cross-site form", "POST", []string{"Sec-Fetch-Site", "cross-site", "Origin", other}, 403},
		{"sibling host", "POST", []string{"Sec-Fetch-Site", "same-site", "Origin", "http://other.example.com"}, 403},
		{"older browser, other origin", "POST", []string{"Origin", other}, 403},
		{"null origin", "POST", []string{"Origin", "null"}, 403},
		{"neither header", "POST", nil, 403},
		{"neither header, PUT", "PUT", nil, 403},
		{"neither header, DELETE", "DELETE", nil, 403},
		{"method override", "POST", []string{"X-HTTP-Method-Override", "GET", "Sec-Fetch-Site", "cross-site"}, 403},
		{"made-up method", "FOO", []string{"Sec-Fetch-Site", "cross-site"}, 403},
		{"made-up method, neither header", "FOO", nil, 403},
		{"GET from anywhere", "GET", []string{"Sec-Fetch-Site", "cross-site"}, 204},
		{"HEAD", "HEAD", nil, 204},
	}
	for _, c := range cases {
		if got := serve(h, c.method, "/open", c.headers...).Code; got != c.status {
			t.Errorf("%s: %d, want %d", c.name, got, c.status)
		}
	}
}

func TestPatientPage(t *testing.T) {
	plain := middleware.PatientPage(page(403))(http.HandlerFunc(ok))
	images := middleware.PatientPage(page(403), "image")(http.HandlerFunc(ok))
	cases := []struct {
		name, site, dest string
		h                http.Handler
		status           int
	}{
		{"link on our page", "same-origin", "document", plain, 204},
		{"address bar", "none", "document", plain, 204},
		{"link on another site", "cross-site", "document", plain, 403},
		{"link on a sibling host", "same-site", "document", plain, 403},
		{"image on another site", "cross-site", "image", plain, 403},
		{"image on our page", "same-origin", "image", plain, 403},
		{"frame", "same-origin", "iframe", plain, 403},
		{"script", "same-origin", "script", plain, 403},
		{"fetch", "same-origin", "empty", plain, 403},
		{"no headers", "", "", plain, 403},
		{"no destination", "none", "", plain, 403},
		{"embedded and allowed", "same-origin", "image", images, 204},
		{"embedded elsewhere", "cross-site", "image", images, 403},
		{"embedded by nobody", "none", "image", images, 403},
	}
	for _, c := range cases {
		w := serve(c.h, "GET", "/record/x", "Sec-Fetch-Site", c.site, "Sec-Fetch-Dest", c.dest)
		if w.Code != c.status || w.Header().Get("Vary") == "" {
			t.Errorf("%s: %d, want %d", c.name, w.Code, c.status)
		}
	}
}

func TestRecover(t *testing.T) {
	var out bytes.Buffer
	log := telemetry.NewLogger(&out, nil)
	h := middleware.Recover(log, page(500))(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic("Mrs " + canary) }))
	if got := serve(h, "GET", "/record/"+canary).Code; got != 500 {
		t.Errorf("status %d", got)
	}
	if strings.Contains(out.String(), canary) || !strings.Contains(out.String(), "TestRecover") {
		t.Errorf("log: %s", out.String())
	}
}

func TestRecoverCutsAHalfWrittenAnswer(t *testing.T) {
	h := middleware.Recover(slog.New(slog.DiscardHandler), page(500))(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, "half a record")
		_ = http.NewResponseController(w).Flush()
		panic("x")
	}))
	server := httptest.NewUnstartedServer(h)
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.Start()
	defer server.Close()
	resp, err := http.Get(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	if _, err := io.ReadAll(resp.Body); err == nil {
		t.Error("the client took half an answer for a whole one")
	}
}

func TestSessions(t *testing.T) {
	token := identity.NewToken()
	session := identity.Session{ID: "s1", User: identity.User{Issuer: "i", Subject: "u", Name: "DOE Jane"}}
	found := func(s identity.Session, err error) func(context.Context, [32]byte, time.Time) (identity.Session, error) {
		return func(_ context.Context, hash [32]byte, _ time.Time) (identity.Session, error) {
			if hash != token.Hash() {
				return identity.Session{}, identity.ErrNoSession
			}
			return s, err
		}
	}
	sent := func(*http.Request) (identity.Token, bool) { return token, true }
	cases := []struct {
		name   string
		cfg    middleware.SessionConfig
		status int
		user   string
	}{
		{"live", middleware.SessionConfig{Find: found(session, nil), Token: sent}, 204, "DOE Jane"},
		{"no cookie", middleware.SessionConfig{Find: found(session, nil), Token: func(*http.Request) (identity.Token, bool) { return identity.Token{}, false }}, 204, ""},
		{"other token", middleware.SessionConfig{Find: found(session, nil), Token: func(*http.Request) (identity.Token, bool) { return identity.NewToken(), true }}, 204, ""},
		{"ended", middleware.SessionConfig{Find: found(session, identity.ErrNoSession), Token: sent}, 204, ""},
		{"database down", middleware.SessionConfig{Find: found(session, errors.New(canary)), Token: sent}, 503, ""},
		{"zero user", middleware.SessionConfig{Find: found(identity.Session{ID: "s"}, nil), Token: sent}, 204, ""},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			var user string
			var signedIn bool
			c.cfg.Unavailable, c.cfg.Log = page(503), slog.New(slog.DiscardHandler)
			w := serve(middleware.WithSessions(c.cfg)(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				u, is := middleware.User(r.Context())
				user, signedIn = u.Name, is
				ok(w, r)
			})), "GET", "/")
			if w.Code != c.status || user != c.user || signedIn != (c.user != "") {
				t.Errorf("status %d, user %q, signed in %v", w.Code, user, signedIn)
			}
		})
	}
}

func signedIn(subject string) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			s := identity.Session{User: identity.User{Issuer: "i", Subject: subject}}
			next.ServeHTTP(w, r.WithContext(middleware.WithSession(r.Context(), s)))
		})
	}
}

func TestRequireUser(t *testing.T) {
	h := middleware.RequireUser(page(423))(http.HandlerFunc(ok))
	for _, c := range []struct{ method, target, to string }{
		{"GET", "/", "/sign-in"},
		{"GET", "/record/abc?x=1", "/sign-in?return=%2Frecord%2Fabc"},
		{"POST", "/open", "/sign-in"},
	} {
		w := serve(h, c.method, c.target)
		if w.Code != 303 || w.Header().Get("Location") != c.to {
			t.Errorf("%s %s: %d to %s", c.method, c.target, w.Code, w.Header().Get("Location"))
		}
	}
	if got := serve(signedIn("u")(h), "GET", "/").Code; got != 204 {
		t.Errorf("a signed-in user: %d", got)
	}
	for _, method := range []string{"GET", "POST"} {
		if got := serve(locked(h), method, "/record/abc").Code; got != 423 {
			t.Errorf("%s of a locked session: %d", method, got)
		}
	}
}

// locked is a request of a session that is locked.
func locked(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s := identity.Session{User: identity.User{Issuer: "i", Subject: "u"}, Locked: time.Now()}
		next.ServeHTTP(w, r.WithContext(middleware.WithSession(r.Context(), s)))
	})
}

func TestALockedSessionIsNobody(t *testing.T) {
	serve(locked(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		_, user := middleware.User(r.Context())
		_, open := middleware.Session(r.Context())
		if _, locked := middleware.LockedSession(r.Context()); user || open || !locked {
			t.Errorf("user %v, open %v, locked %v", user, open, locked)
		}
	})), "GET", "/")
}

func TestRequireRecent(t *testing.T) {
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	h := middleware.RequireRecent(10*time.Minute, func() time.Time { return now }, page(403))(http.HandlerFunc(ok))
	u := identity.User{Issuer: "i", Subject: "u"}
	for name, c := range map[string]struct {
		session identity.Session
		status  int
	}{
		"just now":         {identity.Session{User: u, Authenticated: now}, 204},
		"ten minutes ago":  {identity.Session{User: u, Authenticated: now.Add(-10 * time.Minute)}, 204},
		"longer ago":       {identity.Session{User: u, Authenticated: now.Add(-10*time.Minute - time.Second)}, 403},
		"never":            {identity.Session{User: u}, 403},
		"locked meanwhile": {identity.Session{User: u, Authenticated: now, Locked: now}, 403},
		"nobody":           {identity.Session{}, 403},
	} {
		r := httptest.NewRequest("POST", "/export", nil)
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r.WithContext(middleware.WithSession(r.Context(), c.session)))
		if w.Code != c.status {
			t.Errorf("%s: %d, want %d", name, w.Code, c.status)
		}
	}
}

// TestAStreamEndsWithItsSession ends the session while an answer is being sent.
func TestAStreamEndsWithItsSession(t *testing.T) {
	for name, ended := range map[string]func() (identity.Session, error){
		"ended":  func() (identity.Session, error) { return identity.Session{}, identity.ErrNoSession },
		"locked": func() (identity.Session, error) { return identity.Session{Locked: time.Now()}, nil },
	} {
		t.Run(name, func(t *testing.T) {
			cfg := middleware.SessionConfig{
				Find:  func(context.Context, [32]byte, time.Time) (identity.Session, error) { return ended() },
				Token: func(*http.Request) (identity.Token, bool) { return identity.NewToken(), true },
			}
			h := middleware.EndWithSession(cfg, time.Millisecond)(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }))
			serve(h, "GET", "/record/x")
		})
	}
}

func TestClientAddress(t *testing.T) {
	proxies := []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}
	for _, c := range []struct{ peer, forwarded, want string }{
		{"10.1.1.1:5", "192.0.2.7", "192.0.2.7:0"},
		{"10.1.1.1:5", "1.1.1.1, 192.0.2.7", "192.0.2.7:0"},
		{"10.1.1.1:5", "1.1.1.1, 192.0.2.7, 10.2.2.2", "192.0.2.7:0"},
		{"10.1.1.1:5", "2001:db8::1", "[2001:db8::1]:0"},
		{"10.1.1.1:5", "", "10.1.1.1:5"}, {"10.1.1.1:5", "x", "10.1.1.1:5"}, {"10.1.1.1:5", "192.0.2.7, x", "10.1.1.1:5"}, {"10.1.1.1:5", "10.3.3.3", "10.1.1.1:5"},
		{"192.0.2.9:5", "1.1.1.1", "192.0.2.9:5"},
	} {
		var got string
		h := middleware.ClientAddress(proxies)(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { got = r.RemoteAddr }))
		r := httptest.NewRequest("GET", "/", nil)
		r.RemoteAddr = c.peer
		r.Header.Set("X-Forwarded-For", c.forwarded)
		h.ServeHTTP(httptest.NewRecorder(), r)
		if got != c.want {
			t.Errorf("%s for %q: %s, want %s", c.peer, c.forwarded, got, c.want)
		}
	}
}

func TestAccessLogHoldsThePatternOnly(t *testing.T) {
	var out bytes.Buffer
	var seen []middleware.Seen
	router := chi.NewRouter()
	router.Use(middleware.WithRequestID, middleware.AccessLog(telemetry.NewLogger(&out, nil), func(s middleware.Seen) { seen = append(seen, s) }))
	router.Get("/record/{handle}", func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "hello") })
	serve(router, "GET", "/record/"+canary+"?q="+canary, "User-Agent", canary, "Referer", canary)
	serve(router, "GET", "/nothing/"+canary)
	serve(router, "X"+canary, "/record/x")
	for i := range seen {
		seen[i].Took = 0
	}
	want := []middleware.Seen{
		{Method: "GET", Route: "/record/{handle}", Status: 200, Bytes: 5},
		{Method: "GET", Route: "unmatched", Status: 404, Bytes: 19},
	}
	if diff := cmp.Diff(want, seen[:2]); diff != "" || seen[2].Method != "other" {
		t.Errorf("%s\n%+v", diff, seen)
	}
	if strings.Contains(out.String(), canary) || strings.Contains(out.String(), "[refused]") {
		t.Errorf("log: %s", out.String())
	}
}

func TestBodyLimit(t *testing.T) {
	h := middleware.BodyLimit(10, page(413))(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, err := io.ReadAll(r.Body); err != nil {
			w.WriteHeader(400)
		}
	}))
	for body, status := range map[string]int{"0123456789": 200, "0123456789a": 413} {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequest("POST", "/", strings.NewReader(body)))
		if w.Code != status {
			t.Errorf("%d bytes: %d", len(body), w.Code)
		}
		chunked := httptest.NewRequest("POST", "/", io.MultiReader(strings.NewReader(body)))
		w = httptest.NewRecorder()
		h.ServeHTTP(w, chunked)
		if (w.Code == 200) != (status == 200) {
			t.Errorf("%d bytes without a length: %d", len(body), w.Code)
		}
	}
}

func TestLimiter(t *testing.T) {
	clock := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	l := middleware.NewLimiter(2*time.Second, 3, func() time.Time { return clock })
	for _, c := range []struct {
		after time.Duration
		key   string
		ok    bool
	}{{0, "a", true}, {0, "a", true}, {0, "a", true}, {0, "a", false}, {0, "b", true}, {2 * time.Second, "a", true}, {0, "a", false}} {
		clock = clock.Add(c.after)
		if wait, ok := l.Allow(c.key); ok != c.ok || !ok && wait != 2*time.Second {
			t.Errorf("%s after %v: %v, wait %v", c.key, c.after, ok, wait)
		}
	}
}

// counts counts in memory, or fails.
type counts struct {
	n   map[string]int
	err error
}

func (c *counts) Count(_ context.Context, _ time.Time, events ...identity.Counted) ([]int, error) {
	out := make([]int, len(events))
	for i, e := range events {
		c.n[e.Kind+" "+e.Key]++
		out[i] = c.n[e.Kind+" "+e.Key]
	}
	return out, c.err
}

func TestLimit(t *testing.T) {
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	counter := &counts{n: map[string]int{}}
	var alerts []string
	cfg := middleware.LimitConfig{
		Counter: counter, Ask: page(403), Stop: page(429), Unavailable: page(503), Log: slog.New(slog.DiscardHandler), Now: func() time.Time { return now },
		Alert: func(_ context.Context, u identity.User, limit string, times int) error {
			alerts = append(alerts, fmt.Sprint(u.Subject, " ", limit, " ", times))
			return nil
		},
	}
	far := middleware.Bound{Ask: 100, Stop: 200}
	h := middleware.Limit(cfg, middleware.Rate{Kind: "open", Window: time.Hour, User: middleware.Bound{Ask: 2, Stop: 4}, Organisation: middleware.Bound{Ask: 6, Stop: 100}, Address: far, Region: far})(http.HandlerFunc(ok))
	ask := func(subject, ods string, proved time.Time) int {
		r := httptest.NewRequest("POST", "/record", nil)
		w := httptest.NewRecorder()
		s := identity.Session{User: identity.User{Issuer: "i", Subject: subject, Organisation: identity.Organisation{ODS: ods}}, Authenticated: proved}
		h.ServeHTTP(w, r.WithContext(middleware.WithSession(r.Context(), s)))
		return w.Code
	}
	long := now.Add(-time.Hour)
	for i, c := range []struct {
		subject, ods string
		proved       time.Time
		status       int
	}{
		{"a", "X", long, 204}, {"a", "X", long, 204}, {"a", "X", long, 403}, {"a", "X", now, 204}, {"a", "X", now, 429}, {"a", "X", now, 429},
		// The seventh of the organisation: a user who did nothing unusual is asked for a proof too, and another organisation's is not.
		{"b", "X", long, 403}, {"b", "X", now, 204}, {"c", "Y", long, 204},
	} {
		if got := ask(c.subject, c.ods, c.proved); got != c.status {
			t.Errorf("request %d of %s: %d, want %d", i, c.subject, got, c.status)
		}
	}
	if diff := cmp.Diff([]string{"a open-user-asked 3", "a open-user-stopped 5", "b open-organisation-asked 7"}, alerts); diff != "" {
		t.Error(diff)
	}
	counter.err = errors.New("down")
	if got := ask("c", "Y", now); got != 503 {
		t.Errorf("without a counter: %d", got)
	}
	if got := serve(h, "POST", "/record").Code; got != 204 {
		t.Errorf("nobody: %d", got)
	}
}

// TestNothingBuffers sends a panel through the whole chain and reads it while the handler is still at work.
func TestNothingBuffers(t *testing.T) {
	release := make(chan struct{})
	router := chi.NewRouter()
	discard := slog.New(slog.DiscardHandler)
	router.Use(middleware.WithRequestID, middleware.AccessLog(discard, nil), middleware.Recover(discard, page(500)), middleware.SecurityHeaders(false),
		middleware.SameOrigin(page(403)), middleware.BodyLimit(1<<10, page(413)), signedIn("u"), middleware.RequireUser(page(423)),
		middleware.PatientPage(page(403)), middleware.EndWithSession(middleware.SessionConfig{Token: func(*http.Request) (identity.Token, bool) { return identity.NewToken(), true }}, time.Hour))
	router.Get("/record/{handle}", func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, "first\n")
		if _, isFlusher := w.(http.Flusher); !isFlusher {
			t.Error("the writer is no http.Flusher")
		}
		if err := http.NewResponseController(w).Flush(); err != nil {
			t.Errorf("flushing: %v", err)
		}
		if err := http.NewResponseController(w).SetWriteDeadline(time.Now().Add(time.Minute)); err != nil {
			t.Errorf("setting a deadline: %v", err)
		}
		<-release
		_, _ = io.WriteString(w, "second\n")
	})
	server := httptest.NewServer(router)
	defer server.Close()
	req, err := http.NewRequest("GET", server.URL+"/record/x", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Sec-Fetch-Site", "same-origin")
	req.Header.Set("Sec-Fetch-Dest", "document")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	body := bufio.NewReader(resp.Body)
	first, err := body.ReadString('\n')
	close(release)
	if err != nil || first != "first\n" {
		t.Errorf("first panel: %q, %v", first, err)
	}
	if second, err := body.ReadString('\n'); err != nil || second != "second\n" {
		t.Errorf("second panel: %q, %v", second, err)
	}
}
