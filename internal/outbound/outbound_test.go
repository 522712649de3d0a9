package outbound_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"ribble/internal/outbound"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const canary = "9990000018"

var loopback = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}

// source starts a TLS server that demands a client certificate, and a client that is approved for it.
func source(t testing.TB, h http.HandlerFunc, change ...func(*outbound.Config, *tls.Config)) *outbound.Client {
	t.Helper()
	return sourceOf(t, h, func(_ *authority, c *outbound.Config, s *tls.Config) {
		for _, f := range change {
			f(c, s)
		}
	})
}

// sourceOf is source for changes that need the authority.
func sourceOf(t testing.TB, h http.HandlerFunc, change func(*authority, *outbound.Config, *tls.Config)) *outbound.Client {
	t.Helper()
	ca := newAuthority(t)
	server := httptest.NewUnstartedServer(h)
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.TLS = &tls.Config{Certificates: []tls.Certificate{ca.leaf(nil)}, ClientCAs: ca.pool, ClientAuth: tls.RequireAndVerifyClientCert}
	cfg := outbound.Config{
		Source: "RXR-obs", Networks: loopback, Roots: ca.pool, Certificates: []tls.Certificate{ca.leaf(nil)}, Timeout: 5 * time.Second,
	}
	change(ca, &cfg, server.TLS)
	server.StartTLS()
	if cfg.BaseURL == "" {
		cfg.BaseURL = server.URL + "/fhir"
	}
	t.Cleanup(server.Close)
	client, err := outbound.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	return client
}

func request(t testing.TB, c *outbound.Client, ref string) *http.Request {
	t.Helper()
	u, err := c.Within(ref)
	if err != nil {
		t.Fatal(err)
	}
	return &http.Request{Method: "GET", URL: u}
}

func TestDoReadsTheWholeAnswerOverMutualTLS(t *testing.T) {
	body := bytes.Repeat([]byte("0123456789abcdef"), 100_000)
	c := source(t, func(w http.ResponseWriter, r *http.Request) {
		if r.TLS.PeerCertificates[0].Subject.CommonName != "source" || r.ProtoMajor != 1 || r.Header.Get("Accept-Encoding") != "identity" {
			w.WriteHeader(http.StatusTeapot)
		}
		if r.URL.Path == "/fhir/sized" {
			w.Header().Set("Content-Length", fmt.Sprint(len(body)))
		}
		_, _ = w.Write(body)
	})
	for _, path := range []string{"chunked", "sized"} {
		answer, err := c.Do(t.Context(), request(t, c, path))
		if err != nil {
			t.Fatal(err)
		}
		if answer.Status != 200 || !bytes.Equal(answer.Body, body) {
			t.Errorf("%s: status %d, %d bytes", path, answer.Status, len(answer.Body))
		}
		answer.Release()
	}
}

func TestAnAnswerIsReadWhenThereIsRoomForIt(t *testing.T) {
	var again atomic.Bool
	c := source(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/fhir/busy" && again.CompareAndSwap(false, true) {
			w.Header().Set("Retry-After", "0")
			w.WriteHeader(http.StatusServiceUnavailable)
		}
		_, _ = io.WriteString(w, "body")
	})
	asked := 0
	room := func(context.Context) error { asked++; return nil }
	for path, want := range map[string]int{"x": 1, "busy": 2} {
		asked = 0
		answer, err := c.DoWhen(t.Context(), request(t, c, path), room)
		if err != nil || string(answer.Body) != "body" || asked != want {
			t.Errorf("%s: %v, asked for room %d times, want %d", path, err, asked, want)
		}
	}
}

// That there was no room says nothing about the source: the next request goes out.
func TestWaitingForRoomIsNotTheSourcesFault(t *testing.T) {
	c := source(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "body") }, func(o *outbound.Config, _ *tls.Config) { o.Failures = 1 })
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	full := func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() }
	if _, err := c.DoWhen(ctx, request(t, c, "x"), full); !errors.Is(err, outbound.ErrTimeout) {
		t.Errorf("%v", err)
	}
	if _, err := c.Do(t.Context(), request(t, c, "x")); err != nil {
		t.Error(err)
	}
}

// An answer for which there is no room is not read, is no fault of the source, and what is held goes when the questions that hold it have ended.
func TestAnAnswerForWhichThereIsNoRoom(t *testing.T) {
	large := make([]byte, 5<<20)
	c := source(t, func(w http.ResponseWriter, r *http.Request) {
		if strings.Contains(r.URL.Path, "large") {
			_, _ = w.Write(large)
		}
		// With two connections none may wait.
	}, func(cfg *outbound.Config, _ *tls.Config) { cfg.MaxConns = 2 })
	ask := func() (release func(), err error) {
		ctx, release := outbound.Hold(t.Context())
		answer, err := c.Do(ctx, request(t, c, "large"))
		if err == nil {
			answer.Release()
		}
		return release, err
	}
	var holding []func()
	for {
		release, err := ask()
		if err == nil && len(holding) < 100 {
			holding = append(holding, release)
			continue
		}
		release()
		if !errors.Is(err, outbound.ErrNoRoom) || len(holding) == 0 {
			t.Fatalf("after %d answers: %v", len(holding), err)
		}
		break
	}
	refused := outbound.LargeAnswers().Refused
	for range outbound.DefaultFailures {
		release, err := ask()
		release()
		if !errors.Is(err, outbound.ErrNoRoom) {
			t.Fatal(err)
		}
	}
	if n := outbound.LargeAnswers().Refused - refused; n != outbound.DefaultFailures {
		t.Errorf("%d refusals are counted", n)
	}
	if _, err := c.Do(t.Context(), request(t, c, "small")); err != nil {
		t.Errorf("a small answer of the same source: %v", err)
	}
	for _, release := range holding {
		release()
	}
	release, err := ask()
	release()
	if err != nil {
		t.Errorf("after all have ended: %v", err)
	}
}

func TestConnectionsAreReused(t *testing.T) {
	var addresses atomic.Int32
	seen := make(chan string, 20)
	c := source(t, func(_ http.ResponseWriter, r *http.Request) { seen <- r.RemoteAddr; addresses.Add(1) })
	for range 10 {
		answer, err := c.Do(t.Context(), request(t, c, "x"))
		if err != nil {
			t.Fatal(err)
		}
		answer.Release()
	}
	first := <-seen
	for range 9 {
		if next := <-seen; next != first {
			t.Fatalf("a second connection was opened: %s, %s", first, next)
		}
	}
}

func TestTLSRefusals(t *testing.T) {
	ca, stranger := newAuthority(t), newAuthority(t)
	good := ca.leaf(nil)
	cases := []struct {
		name, detail string
		change       func(*outbound.Config, *tls.Config)
	}{
		{"wrong authority", "unknown authority", func(c *outbound.Config, _ *tls.Config) { c.Roots = stranger.pool }},
		{"wrong host", "another host", func(_ *outbound.Config, s *tls.Config) {
			s.Certificates[0] = ca.leaf(func(x *x509.Certificate) { x.IPAddresses, x.DNSNames = nil, []string{"elsewhere.nhs.uk"} })
		}},
		{"expired", "expired", func(_ *outbound.Config, s *tls.Config) {
			s.Certificates[0] = ca.leaf(func(x *x509.Certificate) { x.NotAfter = time.Now().Add(-time.Minute) })
		}},
		{"not yet valid", "not valid yet", func(_ *outbound.Config, s *tls.Config) {
			s.Certificates[0] = ca.leaf(func(x *x509.Certificate) { x.NotBefore = time.Now().Add(time.Minute) })
		}},
		{"self-signed", "unknown authority", func(_ *outbound.Config, s *tls.Config) { s.Certificates[0] = stranger.leaf(nil) }},
		{"right authority, other key", "not the approved one", func(c *outbound.Config, _ *tls.Config) {
			c.Pins = [][sha256.Size]byte{pinOf(t, ca.leaf(nil))}
		}},
		{"no client certificate", "refused our certificate", func(c *outbound.Config, _ *tls.Config) { c.Certificates = nil }},
		{"client certificate of another authority", "refused our certificate", func(c *outbound.Config, _ *tls.Config) {
			c.Certificates = []tls.Certificate{stranger.leaf(nil)}
		}},
		{"TLS 1.1", "", func(_ *outbound.Config, s *tls.Config) {
			s.MinVersion, s.MaxVersion = tls.VersionTLS10, tls.VersionTLS11
		}},
		{"client certificate for servers only", "refused our certificate", func(c *outbound.Config, _ *tls.Config) {
			c.Certificates = []tls.Certificate{ca.leaf(func(x *x509.Certificate) { x.ExtKeyUsage = x.ExtKeyUsage[:1] })}
		}},
	}
	for _, k := range cases {
		t.Run(k.name, func(t *testing.T) {
			var asked atomic.Int32
			c := source(t, func(http.ResponseWriter, *http.Request) { asked.Add(1) }, func(c *outbound.Config, s *tls.Config) {
				s.Certificates, s.ClientCAs = []tls.Certificate{good}, ca.pool
				c.Roots, c.Certificates = ca.pool, []tls.Certificate{good}
				k.change(c, s)
			})
			_, err := c.Do(t.Context(), request(t, c, "x"))
			var e *outbound.Error
			if !errors.Is(err, outbound.ErrTLS) || !errors.As(err, &e) || !strings.Contains(e.Detail, k.detail) {
				t.Errorf("got %v", err)
			}
			if asked.Load() != 0 {
				t.Error("the request arrived")
			}
		})
	}
	t.Run("control: approved key", func(t *testing.T) {
		c := source(t, func(http.ResponseWriter, *http.Request) {}, func(c *outbound.Config, s *tls.Config) {
			c.Pins = [][sha256.Size]byte{pinOf(t, s.Certificates[0])}
		})
		if _, err := c.Do(t.Context(), request(t, c, "x")); err != nil {
			t.Error(err)
		}
	})
}

func packed(t testing.TB, size int) []byte {
	t.Helper()
	var out bytes.Buffer
	z := gzip.NewWriter(&out)
	zeros := make([]byte, 1<<16)
	for range size / len(zeros) {
		_, _ = z.Write(zeros)
	}
	_ = z.Close()
	return out.Bytes()
}

func hijacked(raw string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		conn, rw, err := http.NewResponseController(w).Hijack()
		if err != nil {
			return
		}
		_, _ = rw.WriteString(raw)
		_ = rw.Flush()
		_ = conn.Close()
	}
}

func TestBadAnswers(t *testing.T) {
	bomb, nothing := packed(t, 64<<20), packed(t, 0)
	encoded := func(encoding string, body []byte) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.Header()["Content-Encoding"] = strings.Split(encoding, "|")
			_, _ = w.Write(body)
		}
	}
	redirect := func(status int, to string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("Location", to); w.WriteHeader(status) }
	}
	endless := func(piece []byte) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			for r.Context().Err() == nil {
				if _, err := w.Write(piece); err != nil {
					return
				}
			}
		}
	}
	cases := []struct {
		name string
		h    http.HandlerFunc
		want error
	}{
		{"endless body", endless(make([]byte, 1<<16)), outbound.ErrTooLarge},
		{"10 GB announced", func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("Content-Length", "10000000000") }, outbound.ErrTooLarge},
		{"gzip bomb", encoded("gzip", bomb), outbound.ErrTooLarge},
		{"endless empty gzip members", func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Encoding", "gzip")
			endless(bytes.Repeat(nothing, 1000))(w, r)
		}, outbound.ErrTooLarge},
		{"gzip in gzip", encoded("gzip, gzip", bomb), outbound.ErrEncoding},
		{"gzip twice as two headers", encoded("gzip|gzip", bomb), outbound.ErrEncoding},
		{"brotli", encoded("br", []byte("x")), outbound.ErrEncoding},
		{"deflate", encoded("deflate", []byte("x")), outbound.ErrEncoding},
		{"zstd", encoded("zstd", []byte("x")), outbound.ErrEncoding},
		{"gzip that is none", encoded("gzip", []byte(canary+" is not gzip at all")), outbound.ErrEncoding},
		{"gzip cut off", encoded("gzip", bomb[:len(bomb)/100]), outbound.ErrTruncated},
		{"gzip with a wrong sum", encoded("gzip", append(append([]byte{}, nothing[:len(nothing)-8]...), 1, 2, 3, 4, 0, 0, 0, 0)), outbound.ErrEncoding},
		{"length longer than the body", hijacked("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf"), outbound.ErrTruncated},
		{"no last chunk", hijacked("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n"), outbound.ErrTruncated},
		{"closed before the header", hijacked(""), outbound.ErrTruncated},
		{"not HTTP", hijacked("SSH-2.0-" + canary + "\r\n\r\n"), outbound.ErrProtocol},
		{"bad chunk", hijacked("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz" + canary + "\r\n"), outbound.ErrProtocol},
		{"huge header", func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("X", strings.Repeat("x", 1<<20)) }, outbound.ErrProtocol},
		{"301", redirect(301, "http://169.254.169.254/"), outbound.ErrRedirect},
		{"302", redirect(302, "/fhir/other"), outbound.ErrRedirect},
		{"303", redirect(303, "http://[::1]/"), outbound.ErrRedirect},
		{"307", redirect(307, "file:///etc/passwd"), outbound.ErrRedirect},
		{"308", redirect(308, "gopher://10.0.0.1/"), outbound.ErrRedirect},
		{"304", redirect(304, ""), outbound.ErrRedirect},
	}
	for _, k := range cases {
		t.Run(k.name, func(t *testing.T) {
			c := source(t, k.h)
			_, err := c.Do(t.Context(), request(t, c, "Patient/"+canary))
			if !errors.Is(err, k.want) {
				t.Errorf("got %v, want %v", err, k.want)
			}
			if err != nil && strings.Contains(err.Error(), canary) {
				t.Errorf("the error quotes the request or the answer: %v", err)
			}
		})
	}
}

func TestGzipThatNobodyAskedForIsRead(t *testing.T) {
	c := source(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Encoding", "gzip")
		_, _ = w.Write(packed(t, 1<<20))
	})
	answer, err := c.Do(t.Context(), request(t, c, "x"))
	if err != nil || len(answer.Body) != 1<<20 {
		t.Fatalf("got %v", err)
	}
	answer.Release()
}

func TestResetAtEachSixteenthOfTheBody(t *testing.T) {
	const size = 64 << 10
	for part := range 16 {
		c := source(t, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", fmt.Sprint(size))
			_, _ = w.Write(make([]byte, size*part/16))
			_ = http.NewResponseController(w).Flush()
			conn, _, err := http.NewResponseController(w).Hijack()
			if err == nil {
				_ = conn.(*tls.Conn).NetConn().(*net.TCPConn).SetLinger(0)
				_ = conn.(*tls.Conn).NetConn().Close()
			}
		})
		if _, err := c.Do(t.Context(), request(t, c, "x")); !errors.Is(err, outbound.ErrTruncated) {
			t.Errorf("reset at %d/16: %v", part, err)
		}
	}
}

func TestDeadlines(t *testing.T) {
	hang := func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }
	drip := func(w http.ResponseWriter, r *http.Request) {
		for r.Context().Err() == nil {
			_, _ = w.Write([]byte("x"))
			_ = http.NewResponseController(w).Flush()
			time.Sleep(5 * time.Millisecond)
		}
	}
	for name, h := range map[string]http.HandlerFunc{"silence": hang, "drip": drip} {
		t.Run(name, func(t *testing.T) {
			c := source(t, h, func(c *outbound.Config, _ *tls.Config) { c.Timeout = 150 * time.Millisecond })
			if _, err := c.Do(t.Context(), request(t, c, "x")); !errors.Is(err, outbound.ErrTimeout) {
				t.Errorf("got %v", err)
			}
		})
	}
	t.Run("caller gives up", func(t *testing.T) {
		started := make(chan struct{})
		ctx, cancel := context.WithCancel(t.Context())
		c := source(t, func(w http.ResponseWriter, r *http.Request) { close(started); hang(w, r) })
		go func() { <-started; cancel() }()
		if _, err := c.Do(ctx, request(t, c, "x")); !errors.Is(err, context.Canceled) || errors.Is(err, outbound.ErrTimeout) {
			t.Errorf("got %v", err)
		}
	})
}

func TestNothingListens(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_ = l.Close()
	c := source(t, nil, func(c *outbound.Config, _ *tls.Config) { c.BaseURL = "https://" + l.Addr().String() })
	if _, err := c.Do(t.Context(), request(t, c, "x")); !errors.Is(err, outbound.ErrRefusedConnection) {
		t.Errorf("got %v", err)
	}
}

func TestPlainServerWhereTLSIsExpected(t *testing.T) {
	plain := httptest.NewServer(http.NotFoundHandler())
	defer plain.Close()
	c := source(t, nil, func(c *outbound.Config, _ *tls.Config) { c.BaseURL = strings.Replace(plain.URL, "http:", "https:", 1) })
	if _, err := c.Do(t.Context(), request(t, c, "x")); !errors.Is(err, outbound.ErrTLS) {
		t.Errorf("got %v", err)
	}
}
