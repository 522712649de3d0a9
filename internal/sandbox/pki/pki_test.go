package pki_test

import (
	"crypto/tls"
	"crypto/x509"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"
	"time"

	"ribble/internal/sandbox/pki"
)

func TestServersAcceptOnlyTheRegionsClients(t *testing.T) {
	ours, theirs := authority(t), authority(t)
	server := serve(t, ours)

	tests := []struct {
		name   string
		client func(*testing.T) []tls.Certificate
		want   bool
	}{
		{"client of the region", func(t *testing.T) []tls.Certificate { return []tls.Certificate{client(t, ours)} }, true},
		{"client of another authority", func(t *testing.T) []tls.Certificate { return []tls.Certificate{client(t, theirs)} }, false},
		{"no client certificate", func(*testing.T) []tls.Certificate { return nil }, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			config := &tls.Config{RootCAs: ours.Pool(), Certificates: tt.client(t)}
			if got := reaches(t, server.URL, config); got != tt.want {
				t.Errorf("reached the server: %v, want %v", got, tt.want)
			}
		})
	}
}

func TestTLSOneDotOneIsRefused(t *testing.T) {
	a := authority(t)
	server := serve(t, a)
	config := &tls.Config{RootCAs: a.Pool(), Certificates: []tls.Certificate{client(t, a)}, MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS11}
	if reaches(t, server.URL, config) {
		t.Error("a TLS 1.1 client was answered")
	}
}

func TestBadServerCertificatesAreBad(t *testing.T) {
	a := authority(t)
	for name, issue := range map[string]func(string) (tls.Certificate, error){"expired": a.ExpiredServer, "wrong host": a.WrongHostServer} {
		t.Run(name, func(t *testing.T) {
			cert, err := issue("Bad")
			if err != nil {
				t.Fatal(err)
			}
			leaf, err := x509.ParseCertificate(cert.Certificate[0])
			if err != nil {
				t.Fatal(err)
			}
			if _, err := leaf.Verify(x509.VerifyOptions{Roots: a.Pool(), DNSName: "localhost"}); err == nil {
				t.Error("the certificate verifies")
			}
		})
	}
}

func TestWriteClientLeavesAUsableIdentity(t *testing.T) {
	a, dir := authority(t), t.TempDir()
	if err := a.WriteClient(dir, "portal"); err != nil {
		t.Fatal(err)
	}
	cert, err := tls.LoadX509KeyPair(filepath.Join(dir, pki.ClientFile), filepath.Join(dir, pki.ClientKeyFile))
	if err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(filepath.Join(dir, pki.ClientKeyFile))
	if err != nil {
		t.Fatal(err)
	}
	if info.Mode().Perm() != 0o600 {
		t.Errorf("key file mode %v, want 0600", info.Mode().Perm())
	}
	pem, err := os.ReadFile(filepath.Join(dir, pki.AuthorityFile))
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(pem) {
		t.Fatal("ca.pem holds no certificate")
	}
	if !reaches(t, serve(t, a).URL, &tls.Config{RootCAs: pool, Certificates: []tls.Certificate{cert}}) {
		t.Error("the files written do not open a connection")
	}
}

func authority(t *testing.T) *pki.Authority {
	t.Helper()
	a, err := pki.New(time.Now())
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func client(t *testing.T, a *pki.Authority) tls.Certificate {
	t.Helper()
	cert, err := a.Client("portal")
	if err != nil {
		t.Fatal(err)
	}
	return cert
}

func serve(t *testing.T, a *pki.Authority) *httptest.Server {
	t.Helper()
	cert, err := a.Server("Test", "pds.sandbox.invalid")
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	server.TLS = a.ServerTLS(cert)
	server.StartTLS()
	t.Cleanup(server.Close)
	return server
}

func reaches(t *testing.T, url string, config *tls.Config) bool {
	t.Helper()
	transport := &http.Transport{TLSClientConfig: config}
	defer transport.CloseIdleConnections()
	res, err := (&http.Client{Transport: transport}).Get(url)
	if err != nil {
		return false
	}
	defer res.Body.Close()
	return res.StatusCode == http.StatusOK
}
