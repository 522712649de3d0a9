package postgres_test

import (
	"net"
	"net/url"
	"sync"
	"testing"
)

// relay stands between the writer and the server and can lose what the server says, or everything.
type relay struct {
	listener net.Listener
	target   string

	mu sync.Mutex
	// loseAnswer cuts the connection on the first answer after a request, so that the server has done it and nobody hears.
	loseAnswer bool
	// shut refuses new connections; mute swallows everything in both directions without closing.
	shut, mute bool
	conns      []net.Conn
}

func newRelay(t *testing.T, target string) *relay {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	r := &relay{listener: l, target: target}
	t.Cleanup(func() { _ = l.Close(); r.cut() })
	go r.accept()
	return r
}

// through gives the address changed to go through a relay.
func through(t *testing.T, address string) (string, *relay) {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	r := newRelay(t, u.Host)
	u.Host = r.listener.Addr().String()
	return u.String(), r
}

func (r *relay) set(change func(*relay)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	change(r)
}

func (r *relay) cut() {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, c := range r.conns {
		_ = c.Close()
	}
	r.conns = nil
}

func (r *relay) accept() {
	for {
		client, err := r.listener.Accept()
		if err != nil {
			return
		}
		r.mu.Lock()
		shut := r.shut
		r.mu.Unlock()
		server, err := net.Dial("tcp", r.target)
		if err != nil || shut {
			_ = client.Close()
			continue
		}
		r.set(func(r *relay) { r.conns = append(r.conns, client, server) })
		go r.pump(server, client, false)
		go r.pump(client, server, true)
	}
}

func (r *relay) pump(to, from net.Conn, answers bool) {
	defer to.Close()
	buffer := make([]byte, 64<<10)
	for {
		n, err := from.Read(buffer)
		r.mu.Lock()
		lose, mute := answers && r.loseAnswer, r.mute
		if lose {
			r.loseAnswer = false
		}
		r.mu.Unlock()
		if err != nil || lose {
			return
		}
		if mute {
			continue
		}
		if _, err := to.Write(buffer[:n]); err != nil {
			return
		}
	}
}
