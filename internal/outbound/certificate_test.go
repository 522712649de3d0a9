package outbound_test

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"
	"math/big"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"ribble/internal/outbound"
)

// sha1Leaf is a certificate of the authority with a signature that can be forged.
func (a *authority) sha1Leaf() tls.Certificate {
	return a.leaf(func(c *x509.Certificate) { c.SignatureAlgorithm = x509.ECDSAWithSHA1 })
}

// TestNothingIsSaidToAServerThatIsNotTheOne (S14): every request is refused before its first byte, and the administrator is told why.
func TestNothingIsSaidToAServerThatIsNotTheOne(t *testing.T) {
	other := newAuthority(t)
	served := func(change func(*x509.Certificate)) func(*authority, *outbound.Config, *tls.Config) {
		return func(ca *authority, _ *outbound.Config, s *tls.Config) {
			s.Certificates = []tls.Certificate{ca.leaf(change)}
		}
	}
	oldest := func(version uint16) func(*authority, *outbound.Config, *tls.Config) {
		return func(_ *authority, _ *outbound.Config, s *tls.Config) { s.MinVersion, s.MaxVersion = version, version }
	}
	for name, c := range map[string]struct {
		change func(*authority, *outbound.Config, *tls.Config)
		says   string
	}{
		"expired": {served(func(c *x509.Certificate) {
			c.NotBefore, c.NotAfter = time.Now().Add(-2*time.Hour), time.Now().Add(-time.Minute)
		}), "has expired"},
		"not yet valid": {served(func(c *x509.Certificate) {
			c.NotBefore, c.NotAfter = time.Now().Add(time.Hour), time.Now().Add(2*time.Hour)
		}), "not valid yet"},
		"another host": {served(func(c *x509.Certificate) { c.IPAddresses = []net.IP{net.IPv4(127, 0, 0, 2)} }), "another host"},
		"no host":      {served(func(c *x509.Certificate) { c.IPAddresses = nil }), "another host"},
		"a client's certificate": {
			served(func(c *x509.Certificate) { c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth} }), "not acceptable",
		},
		"SHA-1": {func(ca *authority, _ *outbound.Config, s *tls.Config) {
			s.Certificates = []tls.Certificate{ca.sha1Leaf()}
		}, "unknown authority"},
		"another authority": {func(_ *authority, _ *outbound.Config, s *tls.Config) {
			s.Certificates = []tls.Certificate{other.leaf(nil)}
		}, "unknown authority"},
		"signed by itself": {func(a *authority, _ *outbound.Config, s *tls.Config) {
			s.Certificates = []tls.Certificate{selfSigned(t)}
		}, "unknown authority"},
		"right authority, another organisation's key": {func(_ *authority, c *outbound.Config, _ *tls.Config) {
			c.Pins = [][sha256.Size]byte{pinOf(t, other.leaf(nil))}
		}, "not the approved one"},
		"TLS 1.0": {oldest(tls.VersionTLS10), "TLS version"},
		"TLS 1.1": {oldest(tls.VersionTLS11), "TLS version"},
		"ten megabytes of certificate": {served(func(c *x509.Certificate) {
			c.ExtraExtensions = []pkix.Extension{{Id: asn1.ObjectIdentifier{1, 2, 3, 4}, Value: make([]byte, 10<<20)}}
		}), ""},
		"none of ours": {func(_ *authority, c *outbound.Config, _ *tls.Config) { c.Certificates = nil }, "refused our certificate"},
		"ours, of theirs unknown": {func(_ *authority, c *outbound.Config, _ *tls.Config) {
			c.Certificates = []tls.Certificate{other.leaf(nil)}
		}, "refused our certificate"},
		"ours, expired": {func(a *authority, c *outbound.Config, _ *tls.Config) {
			c.Certificates = []tls.Certificate{a.leaf(func(l *x509.Certificate) { l.NotAfter = time.Now().Add(-time.Minute) })}
		}, "refused our certificate"},
	} {
		t.Run(name, func(t *testing.T) {
			var asked atomic.Int32
			client := sourceOf(t, func(http.ResponseWriter, *http.Request) { asked.Add(1) }, c.change)
			for range 3 {
				_, err := client.Do(t.Context(), request(t, client, "Patient/"+canary))
				var e *outbound.Error
				if !errors.As(err, &e) || !errors.Is(err, outbound.ErrTLS) && c.says != "" || !strings.Contains(e.Detail, c.says) {
					t.Errorf("got %v (%q)", err, e.Detail)
				}
			}
			if asked.Load() != 0 {
				t.Error("the server heard a request")
			}
		})
	}
}

func selfSigned(t *testing.T) tls.Certificate {
	t.Helper()
	key := newKey(t)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(3), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
}

// TestProbe learns who is there and asks nothing.
func TestProbe(t *testing.T) {
	var asked atomic.Int32
	client := source(t, func(http.ResponseWriter, *http.Request) { asked.Add(1) })
	if s := client.Status(); s.Breaker != "closed" || s.Handshake.Server != nil {
		t.Errorf("before anything: %+v", s)
	}
	seen, err := client.Probe(t.Context())
	if err != nil || seen.Version != "TLS 1.3" || !seen.AsksForOurs || seen.Server.Subject.CommonName != "source" || !strings.HasPrefix(seen.Address, "127.0.0.1:") || asked.Load() != 0 {
		t.Errorf("got %+v, %v after %d requests", seen, err, asked.Load())
	}
	if _, err := client.Do(t.Context(), request(t, client, "x")); err != nil {
		t.Fatal(err)
	}
	if s := client.Status(); s.Handshake.Server.Subject.CommonName != "source" || s.Handshake.Version != "TLS 1.3" {
		t.Errorf("after a request: %+v", s)
	}
	expired := sourceOf(t, nil, func(ca *authority, _ *outbound.Config, s *tls.Config) {
		s.Certificates = []tls.Certificate{ca.leaf(func(c *x509.Certificate) { c.NotAfter = time.Now().Add(-time.Minute) })}
	})
	_, err = expired.Probe(t.Context())
	var e *outbound.Error
	if !errors.As(err, &e) || e.Refused() == nil || e.Refused().Subject.CommonName != "source" || e.WrongKey() {
		t.Errorf("got %v", err)
	}
}

// TestExchanges: whoever measures hears of every answer, and of nothing that was not answered.
func TestExchanges(t *testing.T) {
	var heard []outbound.Exchange
	client := source(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/fhir/gone" {
			w.WriteHeader(410)
		}
	}, func(c *outbound.Config, _ *tls.Config) {
		c.OnAnswer = func(e outbound.Exchange) { heard = append(heard, e) }
	})
	for _, path := range []string{"x", "gone"} {
		if _, err := client.Do(t.Context(), request(t, client, path)); err != nil {
			t.Fatal(err)
		}
	}
	s, err := client.Stream(t.Context(), request(t, client, "x"))
	if err != nil {
		t.Fatal(err)
	}
	_ = s.Body.Close()
	if len(heard) != 3 || heard[0].Status != 200 || heard[1].Status != 410 || heard[2].Status != 200 {
		t.Fatalf("heard %+v", heard)
	}
	if by := heard[0].At.Sub(heard[0].Date); by < 0 || by > 5*time.Second || heard[0].Took <= 0 {
		t.Errorf("the clock differs by %s, it took %s", by, heard[0].Took)
	}
}
