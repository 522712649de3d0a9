// Package pki is the sandbox region's private certificate authority: made afresh at each start, never written to disk in full.
package pki

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"time"
)

// Names of the files that WriteClient leaves for the portal.
const (
	AuthorityFile = "ca.pem"
	ClientFile    = "client.pem"
	ClientKeyFile = "client.key"
)

// validity is short on purpose: a sandbox certificate that has leaked is worth nothing next month.
const validity = 30 * 24 * time.Hour

// Authority signs the certificates of every server and client of one sandbox region. Its key lives only in memory.
type Authority struct {
	cert   *x509.Certificate
	key    *ecdsa.PrivateKey
	pool   *x509.CertPool
	issued time.Time
}

// New makes a certificate authority with an ECDSA P-256 key, valid from an hour before now so that clocks may differ.
func New(now time.Time) (*Authority, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("making the authority's key: %w", err)
	}
	template := certificate("Sandbox region private authority", now, validity)
	template.IsCA = true
	template.BasicConstraintsValid = true
	template.KeyUsage = x509.KeyUsageCertSign | x509.KeyUsageCRLSign
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return nil, fmt.Errorf("signing the authority's certificate: %w", err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, fmt.Errorf("reading back the authority's certificate: %w", err)
	}
	pool := x509.NewCertPool()
	pool.AddCert(cert)
	return &Authority{cert: cert, key: key, pool: pool, issued: now}, nil
}

// Pool holds the authority's certificate alone, for clients that are to trust the region and nobody else.
func (a *Authority) Pool() *x509.CertPool { return a.pool }

// Server issues a server certificate for an organisation: loopback addresses, localhost and the given host names.
func (a *Authority) Server(name string, hosts ...string) (tls.Certificate, error) {
	return a.server(name, a.issued, validity, append([]string{"127.0.0.1", "::1", "localhost"}, hosts...))
}

// ExpiredServer issues a server certificate that ended a month ago.
func (a *Authority) ExpiredServer(name string) (tls.Certificate, error) {
	return a.server(name, a.issued.Add(-2*validity), validity, []string{"127.0.0.1", "::1", "localhost"})
}

// WrongHostServer issues a valid server certificate for a host that is not this one.
func (a *Authority) WrongHostServer(name string) (tls.Certificate, error) {
	return a.server(name, a.issued, validity, []string{"somewhere-else.sandbox.invalid"})
}

func (a *Authority) server(name string, from time.Time, valid time.Duration, hosts []string) (tls.Certificate, error) {
	template := certificate(name, from, valid)
	template.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}
	for _, host := range hosts {
		if ip := net.ParseIP(host); ip != nil {
			template.IPAddresses = append(template.IPAddresses, ip)
		} else {
			template.DNSNames = append(template.DNSNames, host)
		}
	}
	return a.issue(template)
}

// Client issues a client certificate whose common name is the given subject.
func (a *Authority) Client(subject string) (tls.Certificate, error) {
	template := certificate(subject, a.issued, validity)
	template.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}
	return a.issue(template)
}

func (a *Authority) issue(template *x509.Certificate) (tls.Certificate, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return tls.Certificate{}, fmt.Errorf("making a certificate key: %w", err)
	}
	der, err := x509.CreateCertificate(rand.Reader, template, a.cert, key.Public(), a.key)
	if err != nil {
		return tls.Certificate{}, fmt.Errorf("signing a certificate: %w", err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, nil
}

// ServerTLS is the configuration of a server that talks only to clients of this authority, over TLS 1.2 or later.
// HTTP/2 is not offered: the fault middleware breaks answers on the raw connection, which HTTP/2 does not give out.
func (a *Authority) ServerTLS(cert tls.Certificate) *tls.Config {
	return &tls.Config{
		MinVersion:   tls.VersionTLS12,
		Certificates: []tls.Certificate{cert},
		ClientAuth:   tls.RequireAndVerifyClientCert,
		ClientCAs:    a.pool,
		NextProtos:   []string{"http/1.1"},
	}
}

// WriteClient issues a client certificate for the subject and writes ca.pem, client.pem and client.key into dir.
func (a *Authority) WriteClient(dir, subject string) error {
	cert, err := a.Client(subject)
	if err != nil {
		return fmt.Errorf("issuing the client certificate: %w", err)
	}
	if err := writePEM(filepath.Join(dir, AuthorityFile), "CERTIFICATE", a.cert.Raw, 0o644); err != nil {
		return err
	}
	if err := writePEM(filepath.Join(dir, ClientFile), "CERTIFICATE", cert.Certificate[0], 0o644); err != nil {
		return err
	}
	return WriteKey(filepath.Join(dir, ClientKeyFile), cert.PrivateKey)
}

// WriteKey writes a private key as PKCS #8 PEM, readable by its owner alone.
func WriteKey(path string, key crypto.PrivateKey) error {
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return fmt.Errorf("encoding a private key: %w", err)
	}
	return writePEM(path, "PRIVATE KEY", der, 0o600)
}

func writePEM(path, kind string, der []byte, mode os.FileMode) error {
	if err := os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), mode); err != nil {
		return fmt.Errorf("writing %s: %w", filepath.Base(path), err)
	}
	return nil
}

func certificate(name string, from time.Time, valid time.Duration) *x509.Certificate {
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 127))
	if err != nil {
		panic("the system's random source failed: " + err.Error())
	}
	return &x509.Certificate{
		SerialNumber: serial,
		Subject:      pkix.Name{CommonName: name, Organization: []string{"Sandbox region (invented)"}},
		NotBefore:    from.Add(-time.Hour),
		NotAfter:     from.Add(valid),
		KeyUsage:     x509.KeyUsageDigitalSignature,
	}
}
