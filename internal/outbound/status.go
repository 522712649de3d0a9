package outbound

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"net"
	"time"
)

// Handshake is what was learnt of the other side when a connection was made.
type Handshake struct {
	At time.Time
	// Address is the address and port that were reached; only Probe gives it.
	Address string
	// Version is "TLS 1.3" or "TLS 1.2".
	Version string
	// Server is the server's own certificate; nil where nothing was learnt.
	Server *x509.Certificate
	// AsksForOurs says that the server asked for a client certificate; only Probe gives it.
	AsksForOurs bool
}

// Exchange is one request that was answered, as administrators may know it: nothing of what was asked or said.
type Exchange struct {
	Status int
	// Took is the time to the end of the answer; for a document, to its beginning.
	Took time.Duration
	// At is when the answer's header had come, Date what the source's clock said then; zero where it said nothing.
	At, Date time.Time
}

// Status is how a source stands.
type Status struct {
	// Breaker is "closed", "half-open" or "open"; while it is open nobody is asked.
	Breaker string
	// Handshake is the latest; zero where no connection was made yet.
	Handshake Handshake
}

// Status says how the source stands now. It asks nothing.
func (c *Client) Status() Status {
	s := Status{Breaker: c.breaker.State().String()}
	if last := c.handshake.Load(); last != nil {
		s.Handshake = *last
	}
	return s
}

// Probe makes a connection of its own as every request would, learns who is there, and ends it: nothing is asked. With TLS 1.3 a server says only
// afterwards whether it accepts our certificate, so that a Probe that succeeds does not show that.
func (c *Client) Probe(ctx context.Context) (Handshake, error) {
	ctx, cancel := context.WithTimeout(ctx, c.cfg.Timeout)
	defer cancel()
	conn, err := c.transport.DialContext(ctx, "tcp", net.JoinHostPort(c.base.Hostname(), portOf(c.base)))
	if err != nil {
		return Handshake{}, c.classed(ctx, err)
	}
	defer conn.Close()
	seen := Handshake{At: time.Now(), Address: conn.RemoteAddr().String()}
	if c.base.Scheme == "http" {
		return seen, nil
	}
	secured := tls.Client(conn, c.probing(&seen))
	if err := secured.HandshakeContext(ctx); err != nil {
		return seen, c.classed(ctx, err)
	}
	seen.Version, seen.Server = tls.VersionName(secured.ConnectionState().Version), secured.ConnectionState().PeerCertificates[0]
	return seen, nil
}

// probing is the configuration of every other connection, which also notes what the server shows and asks for.
func (c *Client) probing(seen *Handshake) *tls.Config {
	t := c.transport.TLSClientConfig.Clone()
	t.ServerName, t.ClientSessionCache = c.base.Hostname(), nil
	t.GetClientCertificate = func(*tls.CertificateRequestInfo) (*tls.Certificate, error) {
		seen.AsksForOurs = true
		if len(c.cfg.Certificates) == 0 {
			return new(tls.Certificate), nil
		}
		return &c.cfg.Certificates[0], nil
	}
	return t
}

// Refused is the server's certificate that was refused, for a Probe's error; nil when no certificate was the reason.
func (e *Error) Refused() *x509.Certificate { return e.refused }

// WrongKey reports that the server's certificate is good, but has another key than the approved one.
func (e *Error) WrongKey() bool { return e.Detail == errPin.Error() }

// learn keeps what a connection showed of the other side.
func (c *Client) learn(s tls.ConnectionState) {
	c.handshake.Store(&Handshake{At: time.Now(), Version: tls.VersionName(s.Version), Server: s.PeerCertificates[0]})
}
