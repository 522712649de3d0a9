package outbound_test

import (
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"ribble/internal/outbound"
)

// trap counts connections to where nobody may connect.
type trap struct{ connections atomic.Int32 }

func (p *trap) listen(t *testing.T, network, address string) (port string) {
	t.Helper()
	l, err := net.Listen(network, address)
	if err != nil {
		t.Logf("no trap at %s on this machine", address)
		return ""
	}
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			p.connections.Add(1)
			_ = c.Close()
		}
	}()
	return fmt.Sprint(l.Addr().(*net.TCPAddr).Port)
}

// ground is an approved source, and traps all around it: at its own port on other addresses, and at another port on its own.
type ground struct {
	client *outbound.Client
	server *httptest.Server
	trap   trap
	// asked counts the requests that reached the source, and outside those among them that were not below its path.
	asked, outside atomic.Int32
	port, other    string
}

func newGround(t *testing.T, answer http.HandlerFunc) *ground {
	t.Helper()
	g, ca := new(ground), newAuthority(t)
	g.server = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		g.asked.Add(1)
		if !strings.HasPrefix(r.URL.Path, "/fhir/") {
			g.outside.Add(1)
		}
		answer(w, r)
	}))
	g.server.Config.ErrorLog = log.New(io.Discard, "", 0)
	g.server.TLS = &tls.Config{Certificates: []tls.Certificate{ca.leaf(nil)}}
	g.server.StartTLS()
	t.Cleanup(g.server.Close)
	at, err := url.Parse(g.server.URL)
	if err != nil {
		t.Fatal(err)
	}
	g.port = at.Port()
	g.trap.listen(t, "tcp4", "127.0.0.2:"+g.port)
	g.trap.listen(t, "tcp6", "[::1]:"+g.port)
	g.other = g.trap.listen(t, "tcp4", "127.0.0.1:0")
	g.client, err = outbound.New(outbound.Config{
		Source: "s", BaseURL: g.server.URL + "/fhir", Networks: []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")}, Roots: ca.pool, Timeout: 2 * time.Second,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(g.client.Close)
	return g
}

// clean fails when anybody connected to a trap, or asked the source more often than it should have been.
func (g *ground) clean(t *testing.T, asked int32) {
	t.Helper()
	if n := g.trap.connections.Load(); n != 0 {
		t.Errorf("%d stray connections", n)
	}
	if g.asked.Load() != asked || g.outside.Load() != 0 {
		t.Errorf("%d requests, %d outside the path, want %d", g.asked.Load(), g.outside.Load(), asked)
	}
}

// hosts are other ways to say where the traps are, and names for places that no source may lead to.
var hosts = []string{
	"127.0.0.2", "2130706434", "0x7f000002", "0X7F.0.0.2", "0177.0.0.2", "0177.0.0.02", "127.2", "127.0.2", "0x7f.2", "017700000002", "127.0.0.2.", "127.000.000.002",
	"[::ffff:127.0.0.2]", "[::ffff:7f00:2]", "[0:0:0:0:0:ffff:7f00:0002]", "[::127.0.0.2]", "[64:ff9b::7f00:2]", "[2002:7f00:2::]", "[::1]", "[0::1]",
	"[0000:0000:0000:0000:0000:0000:0000:0001]", "[::1%25lo]", "[fe80::1%25eth0]", "[::]", "0.0.0.0", "0", "127.1.1.1",
	"localhost", "LOCALHOST", "localhost.", "localhost.localdomain", "ip6-localhost", "127.0.0.1.nip.io", "127-0-0-2.sslip.io",
	"①②⑦.⓪.⓪.②", "127。0。0。2", "１２７.０.０.２", "loc\u0430lhost", "localho\u017ft", "xn--lcalhost-rhg", "127.0.0.1\u3002", "127.0.0.1\u200b",
	"169.254.169.254", "[fd00:ec2::254]", "metadata.google.internal", "10.0.0.1", "172.16.0.1", "192.168.0.1", "100.64.0.1", "example.org", "127.0.0.1.example.org",
}

// references are what a hostile source may put into a "next" link, an attachment's address or a reference.
func (g *ground) references() []string {
	var all []string
	for _, h := range hosts {
		all = append(all, "https://"+h+":"+g.port+"/fhir/x", "http://"+h+":"+g.port+"/fhir/x", "//"+h+":"+g.port+"/fhir/x", "https://127.0.0.1:"+g.port+"@"+h+":"+g.port+"/fhir/x")
	}
	for _, scheme := range []string{
		"http", "file", "gopher", "ftp", "sftp", "tftp", "dict", "ldap", "ldaps", "ws", "wss", "data", "javascript", "jar", "netdoc", "unix", "blob", "mailto", "view-source", "hTTp",
	} {
		all = append(all, scheme+"://127.0.0.1:"+g.port+"/fhir/x", scheme+":127.0.0.1")
	}
	for _, port := range []string{g.other, "0", "22", "80", "443", "65535", "65536", "99999999999", "+" + g.port, "0" + g.port, "", " " + g.port, "0x50", g.port + "/../x:" + g.other} {
		if strings.Contains(port, "/") {
			all = append(all, "https://127.0.0.1:"+port)
			continue
		}
		all = append(all, "https://127.0.0.1:"+port+"/fhir/x")
	}
	all = append(all,
		"/", "..", "../x", "../../x", "x/../../y", "/fhirx", "/fhir/../admin", "/fhir/..", "%2e%2e/x", "x/%2e%2e/%2e%2e/y", "..%2fx", "%2e%2e%2fx", "%252e%252e/x", "..%252fx",
		`..\x`, `x\..\..\y`, "..%5cx", "..;/x", "x/..;a=b/..;/y", "/fhir/..;/admin", "x/.;/..;/../y", "%00", "x%00/../y", "x%0d%0aHost:%20evil", "x%09y", "x\r\nHost: evil", "\x7f",
		"https:///fhir/x", "https:fhir/x", "https:/127.0.0.1/fhir/x", "///127.0.0.2/fhir/x", `\\127.0.0.2\fhir`, `/\127.0.0.2/fhir/x`, "https://", "://x", "https://[::1/fhir",
	)
	base := "https://127.0.0.1:" + g.port + "/fhir/x"
	return append(all, strings.Replace(base, "127", "user@127", 1), strings.Replace(base, "127", "user:word@127", 1), strings.Replace(base, "127", ":@127", 1), strings.Replace(base, "127", "@127", 1))
}

// TestNoReferenceLeadsAstray gives every such reference to the client in all the ways in which an adapter could.
func TestNoReferenceLeadsAstray(t *testing.T) {
	g := newGround(t, func(http.ResponseWriter, *http.Request) {})
	tried := 0
	for _, ref := range g.references() {
		tried++
		if u, err := g.client.Within(ref); !errors.Is(err, outbound.ErrForbidden) {
			// An empty user is the approved address itself in other letters.
			if u == nil || u.User != nil || u.Host != "127.0.0.1:"+g.port || !strings.HasPrefix(u.Path, "/fhir/") {
				t.Errorf("%q: allowed as %v", ref, u)
			}
			continue
		}
		u, err := url.Parse(ref)
		if err != nil {
			continue
		}
		for _, host := range []string{"", u.Host, "127.0.0.1:" + g.port} {
			if _, err := g.client.Do(t.Context(), &http.Request{Method: "GET", URL: u, Host: host}); !errors.Is(err, outbound.ErrForbidden) {
				t.Errorf("%q: asked: %v", ref, err)
			}
			if _, err := g.client.Stream(t.Context(), &http.Request{Method: "GET", URL: u, Host: host}); !errors.Is(err, outbound.ErrForbidden) {
				t.Errorf("%q: streamed: %v", ref, err)
			}
		}
	}
	if tried < 200 {
		t.Errorf("only %d references were tried", tried)
	}
	g.clean(t, 0)
}

// TestNoApprovedNameLeadsAstray: even an administrator who enters such an address reaches no further than the approved networks.
func TestNoApprovedNameLeadsAstray(t *testing.T) {
	g := newGround(t, func(http.ResponseWriter, *http.Request) {})
	for _, h := range hosts {
		if strings.Contains(h, ".io") || strings.Contains(h, "example") || strings.Contains(h, "google") || strings.ContainsFunc(h, func(r rune) bool { return r > 0x7f }) {
			continue // names of the world outside are for a name server of our own; see the next test
		}
		c, err := outbound.New(outbound.Config{
			Source: "s", BaseURL: "https://" + h + ":" + g.port, Networks: []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")}, Roots: newAuthority(t).pool, Timeout: time.Second,
		})
		if err != nil {
			continue
		}
		for range 2 {
			if _, err := c.Do(t.Context(), request(t, c, "x")); err == nil {
				t.Errorf("%s: an answer came", h)
			}
		}
		if _, err := c.Probe(t.Context()); err == nil {
			t.Errorf("%s: a connection was made", h)
		}
		c.Close()
	}
	g.clean(t, 0)
}

func TestNoRedirectLeadsAstray(t *testing.T) {
	var status atomic.Int32
	var to atomic.Value
	g := newGround(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Location", to.Load().(string))
		w.WriteHeader(int(status.Load()))
	})
	asked := int32(0)
	for _, location := range []string{
		"https://127.0.0.2:" + g.port + "/fhir/x", "https://[::1]:" + g.port + "/fhir/x", "https://[::ffff:127.0.0.2]:" + g.port + "/", "http://127.0.0.1:" + g.other + "/",
		"http://169.254.169.254/latest", "http://10.0.0.1/", "file:///etc/passwd", "gopher://127.0.0.2:" + g.port + "/", "/fhir/other", "//127.0.0.2:" + g.port + "/", "",
	} {
		for code := int32(300); code <= 308; code++ {
			status.Store(code)
			to.Store(location)
			asked += 2
			if _, err := g.client.Do(t.Context(), request(t, g.client, "x")); !errors.Is(err, outbound.ErrRedirect) {
				t.Errorf("%d to %q: %v", code, location, err)
			}
			if _, err := g.client.Stream(t.Context(), request(t, g.client, "x")); !errors.Is(err, outbound.ErrRedirect) {
				t.Errorf("%d to %q, streamed: %v", code, location, err)
			}
		}
	}
	g.clean(t, asked)
}

// TestNoAnswerLeadsAstray: what a browser would follow within an answer is only bytes here.
func TestNoAnswerLeadsAstray(t *testing.T) {
	headers := []string{"Refresh", "Link", "Content-Location", "Alt-Svc", "Location", "Report-To", "Proxy-Authenticate", "Upgrade", "SourceMap", "Set-Cookie"}
	var g *ground
	g = newGround(t, func(w http.ResponseWriter, _ *http.Request) {
		elsewhere := "http://127.0.0.2:" + g.port + "/"
		for _, name := range headers {
			w.Header().Set(name, elsewhere)
		}
		w.Header().Set("Alt-Svc", `h3="127.0.0.2:`+g.port+`", http/1.1="127.0.0.2:`+g.port+`"`)
		_, _ = io.WriteString(w, `<meta http-equiv="refresh" content="0;url=`+elsewhere+`"><script src="`+elsewhere+`"></script>`)
	})
	for range 3 {
		answer, err := g.client.Do(t.Context(), request(t, g.client, "x"))
		if err != nil || answer.Status != http.StatusOK {
			t.Fatalf("got %+v, %v", answer, err)
		}
	}
	g.clean(t, 3)
}
