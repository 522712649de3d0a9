package outbound_test

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"sync"
	"testing"
	"time"

	"golang.org/x/net/dns/dnsmessage"

	"ribble/internal/outbound"
)

// nameServer answers every question for an address with what its turn says; the last answer stays.
type nameServer struct {
	mu    sync.Mutex
	turns [][]netip.Addr
	asked int
}

// take gives the addresses of one kind for the present turn. A client asks for both kinds of address; the second question ends the turn.
func (s *nameServer) take(six bool) []netip.Addr {
	s.mu.Lock()
	defer s.mu.Unlock()
	turn := s.turns[min(s.asked/2, len(s.turns)-1)]
	s.asked++
	var out []netip.Addr
	for _, a := range turn {
		if a.Is6() == six {
			out = append(out, a)
		}
	}
	return out
}

func (s *nameServer) answer(question []byte) []byte {
	var m dnsmessage.Message
	if m.Unpack(question) != nil || len(m.Questions) != 1 {
		return nil
	}
	q := m.Questions[0]
	m.Header.Response, m.Header.Authoritative, m.Additionals = true, true, nil
	head := dnsmessage.ResourceHeader{Name: q.Name, Class: q.Class, TTL: 0}
	for _, a := range s.take(q.Type == dnsmessage.TypeAAAA) {
		switch q.Type {
		case dnsmessage.TypeA:
			m.Answers = append(m.Answers, dnsmessage.Resource{Header: head, Body: &dnsmessage.AResource{A: a.As4()}})
		case dnsmessage.TypeAAAA:
			m.Answers = append(m.Answers, dnsmessage.Resource{Header: head, Body: &dnsmessage.AAAAResource{AAAA: a.As16()}})
		}
	}
	out, _ := m.Pack()
	return out
}

// serve makes all names of this process known by s alone until the test ends.
func (s *nameServer) serve(t *testing.T) {
	t.Helper()
	conn, err := net.ListenPacket("udp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	was := net.DefaultResolver
	net.DefaultResolver = &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		var d net.Dialer
		return d.DialContext(ctx, "udp4", conn.LocalAddr().String())
	}}
	t.Cleanup(func() { net.DefaultResolver = was; _ = conn.Close() })
	go func() {
		buf := make([]byte, 1500)
		for {
			n, from, err := conn.ReadFrom(buf)
			if err != nil {
				return
			}
			if reply := s.answer(buf[:n]); reply != nil {
				_, _ = conn.WriteTo(reply, from)
			}
		}
	}()
}

// TestNameServerThatChangesItsMind: the address is looked at when it is dialled, whatever was said before, and each time anew.
func TestNameServerThatChangesItsMind(t *testing.T) {
	at := func(texts ...string) (out []netip.Addr) {
		for _, a := range texts {
			out = append(out, netip.MustParseAddr(a))
		}
		return out
	}
	good := at("127.0.0.1")
	for name, turns := range map[string][][]netip.Addr{
		"then another address":      {good, at("127.0.0.2")},
		"then IPv6 loopback":        {good, at("::1")},
		"then a mapped address":     {good, at("::ffff:127.0.0.2")},
		"then the metadata service": {good, at("169.254.169.254")},
		"then the unspecified":      {good, at("0.0.0.0")},
		"then unspecified IPv6":     {good, at("::")},
		"then a translated address": {good, at("64:ff9b::7f00:2")},
		"there and back":            {good, at("127.0.0.2"), good, at("127.0.0.2")},
		"both at once":              {at("127.0.0.2", "127.0.0.1")},
		"both at once, good first":  {at("127.0.0.1", "127.0.0.2")},
		"both kinds at once":        {at("::1", "127.0.0.1")},
		"never good":                {at("127.0.0.2")},
		"never anything":            {nil},
	} {
		t.Run(name, func(t *testing.T) {
			g := newGround(t, nil)
			names := &nameServer{turns: turns}
			names.serve(t)
			c, err := outbound.New(outbound.Config{
				Source: "s", BaseURL: "https://source.ribble.invalid:" + g.port + "/fhir", Networks: []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")},
				Roots: newAuthority(t).pool, Timeout: time.Second, Failures: 100,
			})
			if err != nil {
				t.Fatal(err)
			}
			defer c.Close()
			// The certificate is for no such name, so that no connection is kept and each question looks the name up again.
			for range 6 {
				_, err := c.Do(t.Context(), request(t, c, "x"))
				if !errors.Is(err, outbound.ErrTLS) && !errors.Is(err, outbound.ErrForbidden) && !errors.Is(err, outbound.ErrRefusedConnection) {
					t.Errorf("got %v", err)
				}
			}
			names.mu.Lock()
			defer names.mu.Unlock()
			if names.asked < 12 {
				t.Errorf("the name was looked up only %d times", names.asked)
			}
			g.clean(t, 0)
		})
	}
}
