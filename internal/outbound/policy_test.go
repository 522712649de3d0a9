package outbound_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"ribble/internal/outbound"
)

func TestAddressesOutsideTheNetworksAreNeverDialled(t *testing.T) {
	var asked atomic.Int32
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked.Add(1) }))
	defer server.Close()
	at, err := url.Parse(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	// The name resolves to a loopback address, which is not what was approved: as if its name server had been taken over.
	c, err := outbound.New(outbound.Config{
		Source: "s", BaseURL: "https://localhost:" + at.Port(), Networks: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}, Roots: x509.NewCertPool(),
	})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	for range 10 {
		if _, err := c.Do(t.Context(), request(t, c, "x")); !errors.Is(err, outbound.ErrForbidden) {
			t.Errorf("got %v", err)
		}
	}
	if asked.Load() != 0 {
		t.Error("a connection was made")
	}
}

func TestWithin(t *testing.T) {
	c, err := outbound.New(outbound.Config{
		Source: "s", BaseURL: "https://ehr.rxr.nhs.uk/fhir/R4", Networks: loopback, Roots: x509.NewCertPool(),
	})
	if err != nil {
		t.Fatal(err)
	}
	for ref, want := range map[string]string{
		"Binary/1":                    "https://ehr.rxr.nhs.uk/fhir/R4/Binary/1",
		"Observation/_search":         "https://ehr.rxr.nhs.uk/fhir/R4/Observation/_search",
		"a//b/":                       "https://ehr.rxr.nhs.uk/fhir/R4/a//b/",
		"Binary/a.b":                  "https://ehr.rxr.nhs.uk/fhir/R4/Binary/a.b",
		"":                            "https://ehr.rxr.nhs.uk/fhir/R4/",
		"/fhir/R4/Observation?page=2": "https://ehr.rxr.nhs.uk/fhir/R4/Observation?page=2",
		"https://ehr.rxr.nhs.uk:443/fhir/R4/x?a=%2F..%2F": "https://ehr.rxr.nhs.uk:443/fhir/R4/x?a=%2F..%2F",
		"https://EHR.rxr.nhs.uk/fhir/R4?next=1":           "https://EHR.rxr.nhs.uk/fhir/R4?next=1",
		"?next=1":                                         "https://ehr.rxr.nhs.uk/fhir/R4/?next=1",
	} {
		got, err := c.Within(ref)
		if err != nil || got.String() != want {
			t.Errorf("%s: got %v, %v", ref, got, err)
		}
	}
	for _, ref := range elsewhere {
		if got, err := c.Within(ref); !errors.Is(err, outbound.ErrForbidden) {
			t.Errorf("%s: allowed as %v", ref, got)
		}
		u, err := url.Parse(ref)
		if err != nil {
			continue
		}
		if u.IsAbs() {
			if _, err := c.Do(t.Context(), &http.Request{Method: "GET", URL: u}); !errors.Is(err, outbound.ErrForbidden) {
				t.Errorf("%s: asked: %v", ref, err)
			}
		}
	}
}

var elsewhere = []string{
	"http://ehr.rxr.nhs.uk/fhir/R4/x", "https://ehr.rxr.nhs.uk:8443/fhir/R4/x", "https://ehr.rxr.nhs.uk.evil.example/fhir/R4/x",
	"https://evil.example/fhir/R4/x", "//evil.example/fhir/R4/x", "https://ehr.rxr.nhs.uk@evil.example/fhir/R4/x",
	"https://user@ehr.rxr.nhs.uk/fhir/R4/x", "https://ehr.rxr.nhs.uk/fhir/R4evil/x", "https://ehr.rxr.nhs.uk/admin", "/", "..", "../x",
	"../../x", "x/../../y", "%2e%2e/x", "x/%2e%2e/%2e%2e/y", "..%2fx", "%252e%252e/x", `..\x`, `x\..\..\y`, "https://127.0.0.1/fhir/R4/x",
	"https://[::1]/fhir/R4/x", "https://[::ffff:127.0.0.1]/fhir/R4/x", "https://169.254.169.254/latest", "file:///fhir/R4/x",
	"gopher://ehr.rxr.nhs.uk/fhir/R4/x", "javascript:alert(1)", "https:ehr.rxr.nhs.uk/fhir/R4/x", "https:///fhir/R4/x", "ftp://ehr.rxr.nhs.uk/fhir/R4",
	"https://ehr.rxr.nhs.uk:0443x/fhir/R4", "https://ehr.rxr.nhs.uk./fhir/R4/x", "https://2130706433/fhir/R4/x", "https://0x7f.1/fhir/R4",
	// By the folding rules of Unicode these would be the approved host.
	"https://ehr.rxr.nh\u017f.uk/fhir/R4/x", "https://EHR.rxr.NH\u017f.u\u212a/fhir/R4/x", "..;/x", "x/..;a/..;b/y", "x%00y",
}

func TestHostHeaderCannotDiffer(t *testing.T) {
	c := source(t, func(http.ResponseWriter, *http.Request) {})
	req := request(t, c, "x")
	req.Host = "other.nhs.uk"
	if _, err := c.Do(t.Context(), req); !errors.Is(err, outbound.ErrForbidden) {
		t.Errorf("got %v", err)
	}
}

func TestNewRefuses(t *testing.T) {
	pool := x509.NewCertPool()
	nets := func(s ...string) (out []netip.Prefix) {
		for _, p := range s {
			out = append(out, netip.MustParsePrefix(p))
		}
		return out
	}
	cases := map[string]outbound.Config{
		"not a URL":              {BaseURL: "https://a b", Networks: loopback, Roots: pool},
		"file":                   {BaseURL: "file:///x", Networks: loopback, Roots: pool},
		"no host":                {BaseURL: "https:///x", Networks: loopback, Roots: pool},
		"user in URL":            {BaseURL: "https://u:p@h/x", Networks: loopback, Roots: pool},
		"query":                  {BaseURL: "https://h/x?y", Networks: loopback, Roots: pool},
		"no networks":            {BaseURL: "https://h/x", Roots: pool},
		"no authority":           {BaseURL: "https://h/x", Networks: loopback},
		"http":                   {BaseURL: "http://127.0.0.1/x", Networks: loopback},
		"http beyond loopback":   {BaseURL: "http://h/x", Networks: nets("127.0.0.0/8", "10.0.0.0/8"), AllowHTTP: true},
		"http, network too wide": {BaseURL: "http://h/x", Networks: nets("127.0.0.0/1"), AllowHTTP: true},
		"two client identities":  {BaseURL: "https://h/x", Networks: loopback, Roots: pool, Certificates: make([]tls.Certificate, 2)},
		"certificate, no key":    {BaseURL: "https://h/x", Networks: loopback, Roots: pool, Certificates: []tls.Certificate{{Certificate: [][]byte{{1}}}}},
		"key, no certificate":    {BaseURL: "https://h/x", Networks: loopback, Roots: pool, Certificates: []tls.Certificate{{PrivateKey: newKey(t)}}},
		"empty query":            {BaseURL: "https://h/x?", Networks: loopback, Roots: pool},
		"port 0":                 {BaseURL: "https://h:0/x", Networks: loopback, Roots: pool},
		"port 65536":             {BaseURL: "https://h:65536/x", Networks: loopback, Roots: pool},
	}
	for name, cfg := range cases {
		if _, err := outbound.New(cfg); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
	if _, err := outbound.New(outbound.Config{BaseURL: "http://127.0.0.1/x", Networks: nets("127.0.0.0/8", "::1/128"), AllowHTTP: true}); err != nil {
		t.Errorf("http to loopback: %v", err)
	}
}

func TestProxyAndCookiesAreIgnored(t *testing.T) {
	t.Setenv("HTTPS_PROXY", "http://127.0.0.1:1")
	t.Setenv("HTTP_PROXY", "http://127.0.0.1:1")
	var cookies atomic.Int32
	c := source(t, func(w http.ResponseWriter, r *http.Request) {
		cookies.Add(int32(len(r.Cookies())))
		http.SetCookie(w, &http.Cookie{Name: "a", Value: "b"})
	})
	for range 2 {
		if _, err := c.Do(t.Context(), request(t, c, "x")); err != nil {
			t.Fatal(err)
		}
	}
	if cookies.Load() != 0 {
		t.Error("a cookie was kept")
	}
}

func TestRetryAfter(t *testing.T) {
	cases := []struct {
		name, value string
		status      int
		asked       int32
		final       int
	}{
		{"none", "", 503, 1, 503},
		{"zero", "0", 503, 2, 200},
		{"past date", "Sun, 06 Nov 1994 08:49:37 GMT", 429, 2, 200},
		{"beyond the deadline", "60", 503, 1, 503},
		{"enormous", "1000000000", 429, 1, 429},
		{"overflow", "99999999999999999999", 503, 1, 503},
		{"negative", "-1", 503, 1, 503},
		{"garbage", "soon", 429, 1, 429},
		{"other status", "0", 500, 1, 500},
	}
	for _, k := range cases {
		t.Run(k.name, func(t *testing.T) {
			var asked atomic.Int32
			c := source(t, func(w http.ResponseWriter, r *http.Request) {
				body, _ := io.ReadAll(r.Body)
				if string(body) != "question" {
					w.WriteHeader(http.StatusTeapot)
				} else if asked.Add(1) == 1 {
					w.Header().Set("Retry-After", k.value)
					w.WriteHeader(k.status)
				}
			})
			u := request(t, c, "x").URL
			req, err := http.NewRequest("POST", u.String(), strings.NewReader("question"))
			if err != nil {
				t.Fatal(err)
			}
			answer, err := c.Do(t.Context(), req)
			if err != nil || answer.Status != k.final || asked.Load() != k.asked {
				t.Errorf("got %+v, %v after %d requests", answer, err, asked.Load())
			}
		})
	}
}

func TestAtMostOneRetryAndThenRest(t *testing.T) {
	var asked atomic.Int32
	c := source(t, func(w http.ResponseWriter, _ *http.Request) {
		wait := "0"
		if asked.Add(1) > 1 {
			wait = "3600"
		}
		w.Header().Set("Retry-After", wait)
		w.WriteHeader(429)
	})
	answer, err := c.Do(t.Context(), request(t, c, "x"))
	if err != nil || answer.Status != 429 || asked.Load() != 2 {
		t.Fatalf("got %+v, %v after %d", answer, err, asked.Load())
	}
	_, err = c.Do(t.Context(), request(t, c, "x"))
	var e *outbound.Error
	if !errors.As(err, &e) || !errors.Is(err, outbound.ErrResting) || e.RetryAfter > 30*time.Second || asked.Load() != 2 {
		t.Errorf("asked again too soon: %v after %d", err, asked.Load())
	}
}

func TestBreaker(t *testing.T) {
	var asked, healthy atomic.Int32
	states := make(chan string, 8)
	c := source(t, func(w http.ResponseWriter, _ *http.Request) {
		asked.Add(1)
		if healthy.Load() == 0 {
			w.WriteHeader(502)
		}
	}, func(c *outbound.Config, _ *tls.Config) {
		c.Cooldown = 100 * time.Millisecond
		c.OnBreaker = func(_, state string) { states <- state }
	})
	do := func() error {
		answer, err := c.Do(t.Context(), request(t, c, "x"))
		if err == nil {
			answer.Release()
		}
		return err
	}
	for range 3 {
		if err := do(); err != nil {
			t.Fatal(err)
		}
	}
	for range 20 {
		if err := do(); !errors.Is(err, outbound.ErrResting) {
			t.Fatalf("got %v", err)
		}
	}
	if asked.Load() != 3 {
		t.Errorf("%d requests reached a dead source", asked.Load())
	}
	healthy.Store(1)
	time.Sleep(150 * time.Millisecond)
	if err := do(); err != nil {
		t.Errorf("the trial call: %v", err)
	}
	if err := do(); err != nil {
		t.Errorf("after recovery: %v", err)
	}
	for _, want := range []string{"open", "half-open", "closed"} {
		if got := <-states; got != want {
			t.Errorf("state %s, want %s", got, want)
		}
	}
}

func TestOnePersonsErrorsDoNotCloseTheSource(t *testing.T) {
	for name, h := range map[string]http.HandlerFunc{
		"500":       func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(500) },
		"404":       func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(404) },
		"too large": func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("Content-Length", "99999999") },
		"redirect":  func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(302) },
	} {
		c := source(t, h)
		for range 10 {
			if _, err := c.Do(t.Context(), request(t, c, "x")); errors.Is(err, outbound.ErrResting) {
				t.Errorf("%s opened the breaker", name)
			}
		}
	}
}

// TestOneViewIsOneFailure: whatever one view asks at once and in vain counts as one failure, and views after one another as several.
func TestOneViewIsOneFailure(t *testing.T) {
	var healthy atomic.Bool
	c := source(t, func(w http.ResponseWriter, r *http.Request) {
		if !healthy.Load() {
			<-r.Context().Done()
		}
	})
	view := func() error {
		ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		defer cancel()
		var all errgroup.Group
		for range 8 {
			all.Go(func() error {
				_, err := c.Do(ctx, request(t, c, "x"))
				return err
			})
		}
		err := all.Wait()
		// What a view asks after its time is up is not asked at all.
		<-ctx.Done()
		if _, late := c.Do(ctx, request(t, c, "x")); !errors.Is(late, outbound.ErrTimeout) {
			t.Errorf("after the deadline: %v", late)
		}
		return err
	}
	for range 2 {
		if err := view(); !errors.Is(err, outbound.ErrTimeout) {
			t.Fatalf("got %v", err)
		}
	}
	healthy.Store(true)
	if err := view(); err != nil {
		t.Fatalf("two views in vain keep the third closed: %v", err)
	}
	healthy.Store(false)
	for range 3 {
		_ = view()
	}
	if err := view(); !errors.Is(err, outbound.ErrResting) {
		t.Errorf("three views in vain leave the breaker closed: %v", err)
	}
}

func TestStream(t *testing.T) {
	big := make([]byte, 3<<20)
	c := source(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/fhir/whole":
			_, _ = w.Write(big)
		case "/fhir/endless":
			for r.Context().Err() == nil {
				_, _ = w.Write(big)
			}
		case "/fhir/unbounded":
			hijacked("HTTP/1.0 200 OK\r\n\r\nhalf a document")(w, r)
		case "/fhir/short":
			hijacked("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf")(w, r)
		}
	}, func(c *outbound.Config, _ *tls.Config) { c.MaxStream = 4 << 20 })
	for path, want := range map[string]error{
		"whole": nil, "endless": outbound.ErrTooLarge, "unbounded": outbound.ErrTruncated, "short": outbound.ErrTruncated,
	} {
		s, err := c.Stream(t.Context(), request(t, c, path))
		if err == nil {
			_, err = io.Copy(io.Discard, s.Body)
			_ = s.Body.Close()
		}
		if !errors.Is(err, want) {
			t.Errorf("%s: got %v, want %v", path, err, want)
		}
	}
}
