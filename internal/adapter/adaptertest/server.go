package adaptertest

import (
	"crypto/tls"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"sync"
	"testing"
	"time"

	"ribble/internal/outbound"
	"ribble/internal/sandbox/pki"
)

// Server is a fake source over TLS that talks only to clients of its own private authority.
type Server struct {
	// URL is its scheme, host and port.
	URL  string
	http *httptest.Server
	pool *pki.Authority
	// closing ends handlers that hang on purpose.
	closing chan struct{}
	once    sync.Once
}

// authority signs for every fake source of a test binary: making keys for each would be most of the suite's time.
var authority = sync.OnceValues(func() (*pki.Authority, error) { return pki.New(time.Now()) })

// NewServer starts a fake source. It is closed at the end of the test at the latest.
func NewServer(t testing.TB, handler http.Handler) *Server {
	t.Helper()
	ca, err := authority()
	if err != nil {
		t.Fatal(err)
	}
	cert, err := ca.Server("fake source")
	if err != nil {
		t.Fatal(err)
	}
	s := &Server{pool: ca, closing: make(chan struct{})}
	s.http = httptest.NewUnstartedServer(handler)
	s.http.TLS = ca.ServerTLS(cert)
	s.http.Config.ErrorLog = quiet
	s.http.StartTLS()
	s.URL = s.http.URL
	t.Cleanup(s.Close)
	return s
}

// Close ends the server, also while a handler hangs.
func (s *Server) Close() {
	s.once.Do(func() {
		close(s.closing)
		s.http.CloseClientConnections()
		s.http.Close()
	})
}

// Client makes the outbound client for everything below path on this server. The caller closes it.
func (s *Server) Client(t testing.TB, path string) *outbound.Client {
	t.Helper()
	return s.Narrow(t, path, outbound.DefaultMaxConns)
}

// Narrow is Client with at most so many connections.
func (s *Server) Narrow(t testing.TB, path string, connections int) *outbound.Client {
	t.Helper()
	identity, err := s.pool.Client("ribble under test")
	if err != nil {
		t.Fatal(err)
	}
	return s.client(t, path, outbound.Config{Source: "fake", Certificates: []tls.Certificate{identity}, MaxConns: connections})
}

func (s *Server) client(t testing.TB, path string, cfg outbound.Config) *outbound.Client {
	t.Helper()
	cfg.BaseURL, cfg.Roots = s.URL+path, s.pool.Pool()
	cfg.Networks = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("::1/128")}
	client, err := outbound.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	return client
}

// stranger makes a client without a certificate, which the server turns away.
func (s *Server) stranger(t testing.TB, path string) *outbound.Client {
	return s.client(t, path, outbound.Config{Source: "fake"})
}
