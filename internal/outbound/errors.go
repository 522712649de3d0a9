package outbound

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"os"
	"syscall"
	"time"
)

// The classes of failure. Every error of a Client is an *Error of exactly one of them, told apart with errors.Is; a caller
// that gave up itself gets context.Canceled.
var (
	// ErrTimeout: the answer was not whole at the deadline.
	ErrTimeout = errors.New("no whole answer before the deadline")
	// ErrRefusedConnection: nothing could be reached at the address, or the name has none.
	ErrRefusedConnection = errors.New("connection refused or host unreachable")
	// ErrTLS: the two sides could not agree that each is who it says; nothing of the request was sent (Error.Detail says more).
	ErrTLS = errors.New("no trusted connection")
	// ErrTruncated: the connection ended before the answer was whole.
	ErrTruncated = errors.New("answer cut off")
	// ErrTooLarge: the answer passed the size limit, as sent or once unpacked.
	ErrTooLarge = errors.New("answer too large")
	// ErrEncoding: the answer is packed in a way that was not asked for, or its packing is damaged.
	ErrEncoding = errors.New("answer in an encoding that cannot be read")
	// ErrRedirect: the source pointed elsewhere; it is never followed.
	ErrRedirect = errors.New("answer is a redirect")
	// ErrForbidden: the URL or the resolved address is not approved for this source; nothing was sent.
	ErrForbidden = errors.New("address not approved for this source")
	// ErrResting: the source failed repeatedly, or asked us to wait; it is not asked for the moment.
	ErrResting = errors.New("source is resting after failures")
	// ErrNoRoom: the answer is large, and there was no room here to read it beside others.
	ErrNoRoom = errors.New("no room to read a large answer beside others")
	// ErrProtocol: what came back is not HTTP.
	ErrProtocol = errors.New("answer is not HTTP")
)

// Error says which source failed and in which class. It quotes nothing that the source sent and no URL.
type Error struct {
	Source string
	Class  error
	// Detail is for administrators: one of a few fixed phrases on what is wrong with a TLS connection, or "".
	Detail string
	// RetryAfter is how long the source is left alone (ErrResting only).
	RetryAfter time.Duration

	refused *x509.Certificate
}

// Error names the source and the class.
func (e *Error) Error() string {
	text := "asking source " + e.Source + ": " + e.Class.Error()
	if e.Detail != "" {
		text += " (" + e.Detail + ")"
	}
	return text
}

// Unwrap gives the class.
func (e *Error) Unwrap() error { return e.Class }

// classed turns what the transport said into an *Error. The cause is dropped on purpose: its text may quote the answer.
func (c *Client) classed(ctx context.Context, err error) error {
	e := &Error{Source: c.cfg.Source}
	switch {
	case errors.Is(ctx.Err(), context.Canceled):
		e.Class = context.Canceled
	case errors.Is(err, ErrNoRoom):
		waits.refused.Add(1)
		e.Class = ErrNoRoom
	case ctx.Err() != nil || isTimeout(err):
		e.Class = ErrTimeout
	default:
		e.Class = classOf(err)
		if e.Class == ErrTLS {
			e.Detail, e.refused = tlsDetail(err), refusedIn(err)
		}
	}
	return e
}

func isTimeout(err error) bool {
	var t interface{ Timeout() bool }
	return errors.Is(err, os.ErrDeadlineExceeded) || errors.As(err, &t) && t.Timeout()
}

var ownClasses = []error{ErrForbidden, ErrTooLarge, ErrEncoding, ErrTruncated}

func classOf(err error) error {
	for _, own := range ownClasses {
		if errors.Is(err, own) {
			return own
		}
	}
	var dns *net.DNSError
	switch {
	case isTLS(err):
		return ErrTLS
	case errors.As(err, &dns), errors.Is(err, syscall.ECONNREFUSED), errors.Is(err, syscall.EHOSTUNREACH), errors.Is(err, syscall.ENETUNREACH):
		return ErrRefusedConnection
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE), errors.Is(err, net.ErrClosed):
		return ErrTruncated
	default:
		return ErrProtocol
	}
}

func isTLS(err error) bool {
	var verify *tls.CertificateVerificationError
	var record tls.RecordHeaderError
	var op *net.OpError
	switch {
	case errors.As(err, &verify), errors.As(err, &record), errors.Is(err, errPin):
		return true
	case errors.As(err, &op):
		// crypto/tls gives alerts this form.
		return op.Op == "remote error" || op.Op == "local error"
	default:
		return false
	}
}

func tlsDetail(err error) string {
	var invalid x509.CertificateInvalidError
	var host x509.HostnameError
	var authority x509.UnknownAuthorityError
	var record tls.RecordHeaderError
	var op *net.OpError
	switch {
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired && time.Now().Before(invalid.Cert.NotBefore):
		return "the server's certificate is not valid yet"
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return "the server's certificate has expired"
	case errors.As(err, &host):
		return "the server's certificate is for another host"
	case errors.As(err, &authority):
		return "the server's certificate is of an unknown authority"
	case errors.Is(err, errPin):
		return errPin.Error()
	case errors.As(err, &record):
		return "the server does not speak TLS"
	case errors.As(err, &op) && op.Op == "remote error":
		return "the server refused our certificate or our TLS version"
	default:
		return "the server's certificate or TLS version is not acceptable"
	}
}

// refusedIn is the certificate that a handshake was refused for; nil when it was refused for something else.
func refusedIn(err error) *x509.Certificate {
	var verify *tls.CertificateVerificationError
	if errors.As(err, &verify) && len(verify.UnverifiedCertificates) > 0 {
		return verify.UnverifiedCertificates[0]
	}
	return nil
}
