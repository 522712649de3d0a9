package fault

import (
	"bytes"
	"compress/gzip"
	"crypto/tls"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
)

const fhirJSON = "application/fhir+json;charset=utf-8"

// Sizes of the hostile bodies of fault S06 and S07.
const (
	hugeBytes  = 10 << 30
	bombBlock  = 1 << 20
	bombBlocks = 1 << 10
	deepLevels = 100_000
)

func hangInHeaders(e *exchange) {
	e.raw(func(conn net.Conn, head string, _ []byte) {
		if _, err := conn.Write([]byte(head[:len(head)/2])); err == nil {
			e.holdOpen(conn)
		}
	})
}

// hangUp closes the connection without an answer.
func hangUp(e *exchange) {
	conn, _, err := http.NewResponseController(e.w).Hijack()
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	conn.Close()
}

func hangInBody(e *exchange) {
	a := e.real()
	for name, values := range a.header {
		e.w.Header()[name] = values
	}
	e.w.Header().Set("Content-Length", strconv.Itoa(len(a.body)))
	e.w.WriteHeader(a.status)
	if _, err := e.w.Write(a.body[:len(a.body)/2]); err != nil {
		return
	}
	e.flush()
	e.hang()
}

func drip(e *exchange) {
	a := e.real()
	e.w.Header().Set("Content-Type", a.header.Get("Content-Type"))
	e.w.WriteHeader(a.status)
	for i := range a.body {
		if _, err := e.w.Write(a.body[i : i+1]); err != nil {
			return
		}
		e.flush()
		if !e.pause(e.drip) {
			return
		}
	}
}

func resetMidBody(e *exchange) {
	e.raw(func(conn net.Conn, head string, body []byte) {
		fmt.Fprintf(conn, "%sContent-Length: %d\r\n\r\n%s", head, len(body), body[:len(body)/2])
		under := conn
		if secure, ok := conn.(*tls.Conn); ok {
			under = secure.NetConn()
		}
		if tcp, ok := under.(*net.TCPConn); ok {
			// Without lingering, closing sends a reset instead of an orderly end.
			_ = tcp.SetLinger(0)
		}
		under.Close()
	})
}

func truncate(e *exchange) {
	a := e.real()
	if a.status == http.StatusOK {
		a.body = a.body[:len(a.body)/2]
	}
	e.send(a)
}

func wrongContentLength(e *exchange) {
	e.raw(func(conn net.Conn, head string, body []byte) {
		fmt.Fprintf(conn, "%sContent-Length: %d\r\n\r\n%s", head, len(body)+1000, body)
	})
}

func missingFinalChunk(e *exchange) {
	e.raw(func(conn net.Conn, head string, body []byte) {
		fmt.Fprintf(conn, "%sTransfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n", head, len(body), body)
	})
}

func htmlLoginPage(e *exchange) {
	e.say(http.StatusOK, "text/html;charset=utf-8",
		"<!doctype html><html><head><title>Sign in</title></head><body><form method=post action=/login>"+
			"<label>User <input name=user></label><label>Password <input type=password name=password></label></form></body></html>")
}

func plainWords(e *exchange) { e.say(http.StatusOK, "text/plain", "OK") }

func garbage(e *exchange) {
	source := rand.New(rand.NewPCG(1, 2))
	bytes := make([]byte, 64<<10)
	for i := range bytes {
		bytes[i] = byte(source.Uint32())
	}
	e.say(http.StatusOK, fhirJSON, string(bytes))
}

func hugeBody(e *exchange) {
	e.w.Header().Set("Content-Type", fhirJSON)
	e.w.WriteHeader(http.StatusOK)
	if _, err := e.w.Write([]byte(`{"resourceType":"Bundle","id":"`)); err != nil {
		return
	}
	block := bytes.Repeat([]byte("a"), 1<<20)
	for sent := 0; sent < hugeBytes; sent += len(block) {
		if _, err := e.w.Write(block); err != nil || !e.wanted() {
			return
		}
	}
}

// wanted reports whether anybody still waits for the answer.
func (e *exchange) wanted() bool {
	select {
	case <-e.closed:
		return false
	case <-e.r.Context().Done():
		return false
	default:
		return true
	}
}

// packedBlock is one gzip member that unpacks to a megabyte of spaces: gzip allows members to follow one another.
var packedBlock = sync.OnceValue(func() []byte {
	var packed bytes.Buffer
	w := gzip.NewWriter(&packed)
	// Writing to memory cannot fail.
	_, _ = w.Write(bytes.Repeat([]byte(" "), bombBlock))
	_ = w.Close()
	return packed.Bytes()
})

func gzipBomb(e *exchange) {
	e.w.Header().Set("Content-Type", fhirJSON)
	e.w.Header().Set("Content-Encoding", "gzip")
	e.w.WriteHeader(http.StatusOK)
	for range bombBlocks {
		if _, err := e.w.Write(packedBlock()); err != nil || !e.wanted() {
			return
		}
	}
}

func deepJSON(e *exchange) {
	e.say(http.StatusOK, fhirJSON, `{"resourceType":"Bundle","type":"searchset","x":`+
		strings.Repeat(`{"x":`, deepLevels)+"1"+strings.Repeat("}", deepLevels)+"}")
}

func redirect(e *exchange) {
	e.w.Header().Set("Location", "http://169.254.169.254/latest/meta-data/")
	e.w.WriteHeader(http.StatusFound)
}

// status answers with a code and an OperationOutcome that says nothing about the person.
func status(code int) func(*exchange) {
	return func(e *exchange) {
		if code == http.StatusTooManyRequests || code == http.StatusServiceUnavailable {
			e.w.Header().Set("Retry-After", "2")
		}
		e.say(code, fhirJSON, `{"resourceType":"OperationOutcome","issue":[`+issue("error", http.StatusText(code))+`]}`)
	}
}

func outcomeAlone(e *exchange) {
	e.say(http.StatusOK, fhirJSON, `{"resourceType":"OperationOutcome","issue":[`+
		issue("error", "The query was abandoned as it took more than 2 seconds")+`]}`)
}

func issue(severity, text string) string {
	return fmt.Sprintf(`{"severity":%q,"code":"processing","details":{"text":%q},"diagnostics":"made by the sandbox"}`, severity, text)
}
