package signin_test

import (
	"context"
	"crypto/rand"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/go-chi/chi/v5"

	"ribble/internal/identity/signin"
	"ribble/internal/portal/middleware"
	"ribble/internal/sandbox/cis2"
	"ribble/internal/seal"
)

// chromium starts a headless browser for one test, or skips the test where none is installed.
func chromium(t *testing.T) context.Context {
	t.Helper()
	path, err := exec.LookPath("chromium")
	if err != nil || testing.Short() {
		t.Skip("needs Chromium, and not -short")
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.Flag("disable-quic", true))
	if os.Geteuid() == 0 {
		options = append(options, chromedp.NoSandbox)
	}
	ctx, cancel := chromedp.NewExecAllocator(t.Context(), options...)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewContext(ctx)
	t.Cleanup(cancel)
	ctx, cancel = context.WithTimeout(ctx, time.Minute)
	t.Cleanup(cancel)
	return ctx
}

// plainPortal serves sign-in as the demo does, on http and 127.0.0.1, behind the middleware, with the provider on localhost:
// to a browser that is another site.
func plainPortal(t *testing.T) (*httptest.Server, *store) {
	t.Helper()
	var op, pages http.Handler
	opServer := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { op.ServeHTTP(w, r) }))
	portalServer := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { pages.ServeHTTP(w, r) }))
	t.Cleanup(opServer.Close)
	t.Cleanup(portalServer.Close)
	issuer := strings.Replace(opServer.URL, "127.0.0.1", "localhost", 1) + cis2.Realm
	op = cis2.New(cis2.Config{Issuer: issuer, Client: cis2.Client{ID: clientID, Key: clientKey().Public()}, Personas: []cis2.Persona{
		{ID: "doctor", UserID: "555000000001", Family: "Doe", Given: "Jane", Assurance: 3, Roles: []cis2.Role{{ID: "100", OrgCode: "RXR", OrgName: "Bowland", Code: "R8000", Name: "Clinician"}}},
	}}).Handler()
	kept := newStore()
	pages = routes(t, portalServer.URL, issuer, kept)
	return portalServer, kept
}

func routes(t *testing.T, publicURL, issuer string, kept *store) http.Handler {
	t.Helper()
	secret := make([]byte, seal.KeySize)
	_, _ = rand.Read(secret)
	sealer, err := seal.New(secret)
	if err != nil {
		t.Fatal(err)
	}
	h, err := signin.New(signin.Config{
		Providers: []signin.ProviderConfig{{
			ID: "test", Name: "Test", Issuer: issuer, ClientID: clientID, Key: clientKey(), KeyID: "c1", KeyAlgorithm: "ES256",
			Scopes: []string{"nationalrbacaccess"}, MinimumLevel: 2, Algorithms: []string{"RS256"},
		}},
		PublicURL: publicURL, Sealer: sealer, Sessions: kept, Shared: kept, Auditor: kept, Log: slog.New(slog.DiscardHandler), Limits: limits,
		Pages: signin.Pages{SignIn: func(w http.ResponseWriter, _ *http.Request, status int, f signin.Form) error {
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
			w.WriteHeader(status)
			_, err := fmt.Fprintf(w, `<title>sign-in %v %s</title><form method=post action=/sign-in/test><button id=go>Go</button></form>`, f.SignedOut, f.Problem)
			return err
		}},
	})
	if err != nil {
		t.Fatal(err)
	}
	denied := func(w http.ResponseWriter, r *http.Request) { title(w, "denied "+r.Header.Get("Sec-Fetch-Site"), "") }
	router := chi.NewRouter()
	router.Use(middleware.SecurityHeaders(false, h.FormActions()...), middleware.SameOrigin(denied),
		middleware.WithSessions(middleware.SessionConfig{Find: kept.Find, Token: signin.SessionToken, Unavailable: denied, Log: slog.New(slog.DiscardHandler)}))
	router.Get("/sign-in", h.SignIn)
	router.Get("/sign-in/callback", h.Callback)
	router.Post("/sign-in/{provider}", h.Start)
	router.Post("/sign-out", h.SignOut)
	router.Get("/", func(w http.ResponseWriter, r *http.Request) {
		u, _ := middleware.User(r.Context())
		title(w, "home of "+u.Name+" from "+r.Header.Get("Sec-Fetch-Site"), `<a id=record href=/record>record</a><form method=post action=/sign-out><button id=out>Out</button></form>`)
	})
	router.With(middleware.PatientPage(denied)).Get("/record", func(w http.ResponseWriter, _ *http.Request) { title(w, "record", "") })
	return router
}

func title(w http.ResponseWriter, text, body string) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_, _ = fmt.Fprintf(w, "<title>%s</title>%s", text, body)
}

// TestInChromium proves against a real browser what no imitation shows: that __Host- cookies are kept on http://127.0.0.1,
// survive the way back from another site, that the policy lets the form lead to the provider, and what Sec-Fetch-Site says.
func TestInChromium(t *testing.T) {
	ctx := chromium(t)
	server, kept := plainPortal(t)
	step := func(want string, action chromedp.Action[chromedp.Void]) {
		t.Helper()
		if _, err := chromedp.Run(ctx, action); err != nil {
			t.Fatalf("before %q: %v", want, err)
		}
		var got string
		for range 100 {
			got, _ = chromedp.Run(ctx, chromedp.Title())
			if got == want {
				return
			}
			time.Sleep(50 * time.Millisecond)
		}
		t.Fatalf("title %q, want %q", got, want)
	}
	step("sign-in false", chromedp.Navigate(server.URL+"/sign-in"))
	step("Sandbox sign-in", chromedp.Click("#go"))
	step("home of DOE Jane from cross-site", chromedp.Click("#doctor"))
	step("record", chromedp.Click("#record"))
	step("record", chromedp.Navigate(server.URL+"/record"))
	step("home of DOE Jane from none", chromedp.Navigate(server.URL+"/"))
	step("sign-in true", chromedp.Click("#out"))
	step("home of from none", chromedp.Navigate(server.URL+"/"))
	if len(kept.sessions) != 0 || len(kept.events) != 2 {
		t.Errorf("%d sessions, events %q", len(kept.sessions), kept.events)
	}
}
