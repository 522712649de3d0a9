// Package outbound is the one way out of the portal: an HTTP client for exactly one source, which can reach nothing else.
//
// A client speaks to one approved scheme, host and port, at addresses in approved networks, under a pinned authority, with
// its own client certificate. It follows no redirect, reads no proxy setting, keeps no cookie, and bounds time, size and
// connections, so that a source which hangs, lies or floods costs a view no more than that source's own panel.
package outbound

import (
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"path"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"time"
	"unicode/utf8"

	"github.com/sony/gobreaker/v2"
)

// Defaults for the zero values of a Config.
const (
	// DefaultTimeout bounds a whole call whose context has no earlier deadline.
	DefaultTimeout = 8 * time.Second
	// DefaultMaxBody bounds a decoded answer.
	DefaultMaxBody = 16 << 20
	// DefaultMaxStream bounds a streamed document.
	DefaultMaxStream = 256 << 20
	// DefaultMaxConns bounds the connections to one source.
	DefaultMaxConns = 16
	// DefaultFailures is how many failures in a row open the breaker.
	DefaultFailures = 3
	// DefaultCooldown is how long an open breaker waits before it lets one call through to try.
	DefaultCooldown = 5 * time.Second
)

// Config is what is approved for one source.
type Config struct {
	// Source names the source in errors.
	Source string
	// BaseURL is the scheme, host, port and path below which every request must lie.
	BaseURL string
	// Networks are the addresses the host may resolve to. Sources stand in private networks (HSCN), so this is a list of
	// what is allowed and not of what is forbidden.
	Networks []netip.Prefix
	// AllowHTTP lets the scheme be http; it is honoured only when every network is loopback.
	AllowHTTP bool
	// Roots is the pinned authority; the system's are never used.
	Roots *x509.CertPool
	// Certificates is the client's identity (mutual TLS), at most one.
	Certificates []tls.Certificate
	// Pins, when given, are the SHA-256 sums of the public keys (SubjectPublicKeyInfo) that the server's own certificate
	// may have: the right authority is then not enough.
	Pins [][sha256.Size]byte

	// Limits; the zero value of each means its default above.
	Timeout   time.Duration
	MaxBody   int64
	MaxStream int64
	MaxConns  int
	Failures  int
	Cooldown  time.Duration
	// OnBreaker, which may be nil, is told when the breaker changes to "closed", "half-open" or "open".
	OnBreaker func(source, state string)
	// OnAnswer, which may be nil, is told of every request that was answered.
	OnAnswer func(Exchange)
}

// Client asks one source. It is safe for concurrent use. Close it when the source is taken out of service.
type Client struct {
	cfg  Config
	base *url.URL
	// folder is base with a slash at its end, so that a relative reference ("Binary/1") lands below it (FHIR R4, 2.1.0.5.2).
	folder    *url.URL
	transport *http.Transport
	breaker   *gobreaker.TwoStepCircuitBreaker[struct{}]
	// restUntil is the time, in Unix nanoseconds, before which the source asked us not to come back (Retry-After).
	restUntil atomic.Int64
	// failedAt is when a failure was last counted, in Unix nanoseconds.
	failedAt  atomic.Int64
	handshake atomic.Pointer[Handshake]
	// line is where its answers wait for room.
	line *line
}

// New checks the whole of cfg and makes the client; nothing is asked yet.
func New(cfg Config) (*Client, error) {
	base, err := url.Parse(cfg.BaseURL)
	if err != nil {
		return nil, fmt.Errorf("source %s: reading base URL", cfg.Source)
	}
	if err := check(cfg, base); err != nil {
		return nil, fmt.Errorf("source %s: %w", cfg.Source, err)
	}
	cfg = withDefaults(cfg)
	c := &Client{cfg: cfg, base: base, folder: folderOf(base), line: newLine(cfg.MaxConns)}
	c.transport = newTransport(cfg, base, c.verify)
	c.breaker = gobreaker.NewTwoStepCircuitBreaker[struct{}](breakerSettings(cfg))
	return c, nil
}

// MaxConns is how many connections to the source there may be.
func (c *Client) MaxConns() int { return c.cfg.MaxConns }

// Close ends idle connections. Calls in flight go on.
func (c *Client) Close() { c.transport.CloseIdleConnections() }

func check(cfg Config, base *url.URL) error {
	switch {
	case base.Scheme != "https" && base.Scheme != "http":
		return errors.New("base URL must be https")
	case base.Hostname() == "" || base.User != nil || base.RawQuery != "" || base.ForceQuery || base.Fragment != "":
		return errors.New("base URL must be a scheme, a host and a path, and nothing else")
	case !isPort(portOf(base)):
		return errors.New("base URL must have a port from 1 to 65535, or none")
	case len(cfg.Networks) == 0:
		return errors.New("at least one allowed network must be given")
	case base.Scheme == "http" && !(cfg.AllowHTTP && allLoopback(cfg.Networks)):
		return errors.New("http is allowed only where configured and only to loopback addresses")
	case base.Scheme == "https" && cfg.Roots == nil:
		return errors.New("a pinned authority must be given")
	case len(cfg.Certificates) > 1:
		return errors.New("a source is given one client certificate")
	case len(cfg.Certificates) == 1 && (len(cfg.Certificates[0].Certificate) == 0 || cfg.Certificates[0].PrivateKey == nil):
		return errors.New("the client certificate must come with its private key")
	}
	return nil
}

func allLoopback(networks []netip.Prefix) bool {
	return !slices.ContainsFunc(networks, func(p netip.Prefix) bool {
		// A wider prefix than 127.0.0.0/8 holds addresses beyond loopback though it starts at one.
		return !p.Addr().IsLoopback() || (p.Addr().Is4() && p.Bits() < 8) || (p.Addr().Is6() && p.Bits() < 128)
	})
}

func withDefaults(cfg Config) Config {
	cfg.Timeout = orDefault(cfg.Timeout, DefaultTimeout)
	cfg.MaxBody = orDefault(cfg.MaxBody, DefaultMaxBody)
	cfg.MaxStream = orDefault(cfg.MaxStream, DefaultMaxStream)
	cfg.MaxConns = orDefault(cfg.MaxConns, DefaultMaxConns)
	cfg.Failures = orDefault(cfg.Failures, DefaultFailures)
	cfg.Cooldown = orDefault(cfg.Cooldown, DefaultCooldown)
	return cfg
}

func orDefault[T int | int64 | time.Duration](v, def T) T {
	if v <= 0 {
		return def
	}
	return v
}

func newTransport(cfg Config, base *url.URL, verify func(tls.ConnectionState) error) *http.Transport {
	dialer := &net.Dialer{Timeout: cfg.Timeout, KeepAlive: 30 * time.Second, Control: gate(cfg.Networks, portOf(base))}
	protocols := new(http.Protocols)
	protocols.SetHTTP1(true)
	return &http.Transport{
		Proxy:                  nil,
		DialContext:            dialer.DialContext,
		TLSClientConfig:        tlsConfig(cfg, verify),
		TLSHandshakeTimeout:    cfg.Timeout,
		Protocols:              protocols,
		DisableCompression:     true,
		MaxConnsPerHost:        cfg.MaxConns,
		MaxIdleConnsPerHost:    cfg.MaxConns,
		IdleConnTimeout:        90 * time.Second,
		ResponseHeaderTimeout:  cfg.Timeout,
		MaxResponseHeaderBytes: 64 << 10,
		ReadBufferSize:         4 << 10,
		// A batch is about six kilobytes long, and leaves in one piece.
		WriteBufferSize: 8 << 10,
	}
}

func tlsConfig(cfg Config, verify func(tls.ConnectionState) error) *tls.Config {
	return &tls.Config{
		MinVersion:         tls.VersionTLS12,
		RootCAs:            cfg.Roots,
		Certificates:       cfg.Certificates,
		ClientSessionCache: tls.NewLRUClientSessionCache(cfg.MaxConns),
		VerifyConnection:   verify,
	}
}

// errPin means that the server's certificate is of the right authority but not of the approved key.
var errPin = errors.New("the server's key is not the approved one")

// verify runs at the end of each handshake, after the chain was found good, and before anything is sent.
func (c *Client) verify(s tls.ConnectionState) error {
	if len(c.cfg.Pins) > 0 && !slices.Contains(c.cfg.Pins, sha256.Sum256(s.PeerCertificates[0].RawSubjectPublicKeyInfo)) {
		return errPin
	}
	c.learn(s)
	return nil
}

// gate looks at every address after resolution and just before it is dialled, so that no answer of a name server can lead
// the portal to an address outside the approved networks.
func gate(networks []netip.Prefix, port string) func(network, address string, _ syscall.RawConn) error {
	return func(_, address string, _ syscall.RawConn) error {
		at, err := netip.ParseAddrPort(address)
		if err != nil || strconv.Itoa(int(at.Port())) != port {
			return ErrForbidden
		}
		addr := at.Addr().Unmap()
		if !slices.ContainsFunc(networks, func(p netip.Prefix) bool { return p.Contains(addr) }) {
			return ErrForbidden
		}
		return nil
	}
}

func isPort(text string) bool {
	n, err := strconv.ParseUint(text, 10, 16)
	return err == nil && n > 0
}

func portOf(u *url.URL) string {
	switch {
	case u.Port() != "":
		return u.Port()
	case u.Scheme == "http":
		return "80"
	default:
		return "443"
	}
}

// Within reads a reference that a source sent (a "next" link, an attachment's address), relative to the base URL or
// absolute, and gives it only when it lies on the same scheme, host and port and below the same path: ErrForbidden otherwise.
func (c *Client) Within(reference string) (*url.URL, error) {
	u, err := c.resolved(reference)
	if err != nil || !c.within(u) {
		return nil, &Error{Source: c.cfg.Source, Class: ErrForbidden}
	}
	return u, nil
}

func (c *Client) resolved(reference string) (*url.URL, error) {
	if reference != "" && !isPlain(reference) {
		return c.folder.Parse(reference)
	}
	// Every request of every view comes by here, and there is nothing in it to read.
	u := *c.folder
	u.Path += reference
	return &u, nil
}

func folderOf(base *url.URL) *url.URL {
	folder := *base
	folder.Path, folder.RawPath = strings.TrimSuffix(folder.Path, "/")+"/", ""
	return folder.ResolveReference(&url.URL{Path: "./"})
}

// isPlain reports a relative path of names alone ("Observation/_search"): nothing in it could lead out of the folder, or be escaped.
func isPlain(reference string) bool {
	if reference[0] == '/' {
		return false
	}
	for i := range len(reference) {
		c := reference[i]
		if (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') && c != '_' && c != '-' && c != '/' {
			return false
		}
	}
	return true
}

func (c *Client) within(u *url.URL) bool {
	if u.Scheme != c.base.Scheme || !sameHost(u.Hostname(), c.base.Hostname()) || portOf(u) != portOf(c.base) {
		return false
	}
	if u.User != nil || u.Opaque != "" {
		return false
	}
	prefix := strings.TrimSuffix(c.base.Path, "/")
	// Dots are resolved as a lenient server might, plain or escaped once; escaped twice, or a backslash, is refused.
	clean := path.Clean("/" + u.Path)
	return (clean == prefix || strings.HasPrefix(clean, prefix+"/")) && !strings.ContainsFunc(u.Path, trick) && !dotted(u.Path)
}

// sameHost compares in ASCII alone: by the rules of Unicode a long s is an s, and another name is then the same.
func sameHost(a, b string) bool {
	return a == b || strings.EqualFold(a, b) && !strings.ContainsFunc(a, func(r rune) bool { return r >= utf8.RuneSelf })
}

// trick reports what no address of a record holds, and some servers read as something else.
func trick(r rune) bool { return r == '\\' || r == '%' || r < ' ' || r == 0x7f }

// dotted reports steps that a server which knows path parameters takes as dots: "..;x".
func dotted(p string) bool {
	if !strings.ContainsRune(p, ';') {
		return false
	}
	for step := range strings.SplitSeq(p, "/") {
		if name, _, cut := strings.Cut(step, ";"); cut && (name == "." || name == "..") {
			return true
		}
	}
	return false
}
