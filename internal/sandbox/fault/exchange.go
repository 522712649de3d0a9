package fault

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"time"
)

// exchange is one request on its way through a fault.
type exchange struct {
	w      http.ResponseWriter
	r      *http.Request
	next   http.Handler
	body   []byte
	closed <-chan struct{}
	drip   time.Duration
}

// answer is what the source would truly have said.
type answer struct {
	status int
	header http.Header
	body   []byte
}

// real asks the source itself, holding the answer back.
func (e *exchange) real() answer {
	recorder := httptest.NewRecorder()
	// A compressed answer could not be rewritten.
	e.r.Header.Del("Accept-Encoding")
	e.r.Body = io.NopCloser(bytes.NewReader(e.body))
	e.next.ServeHTTP(recorder, e.r)
	return answer{status: recorder.Code, header: recorder.Header(), body: recorder.Body.Bytes()}
}

// send writes an answer as a healthy source would.
func (e *exchange) send(a answer) {
	for name, values := range a.header {
		e.w.Header()[name] = values
	}
	e.w.Header().Set("Content-Length", strconv.Itoa(len(a.body)))
	e.w.WriteHeader(a.status)
	// A client that has gone away is no concern of a fault.
	_, _ = e.w.Write(a.body)
}

// say writes a made-up answer.
func (e *exchange) say(status int, contentType, body string) {
	e.send(answer{status: status, header: http.Header{"Content-Type": {contentType}}, body: []byte(body)})
}

// pause waits, and reports whether the request is still wanted.
func (e *exchange) pause(d time.Duration) bool {
	if d <= 0 {
		return true
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-e.r.Context().Done():
		return false
	case <-e.closed:
		return false
	}
}

// hang holds the request until the client or the region gives up.
func (e *exchange) hang() {
	select {
	case <-e.r.Context().Done():
	case <-e.closed:
	}
}

// flush pushes out what has been written so far.
func (e *exchange) flush() {
	// A writer that cannot flush only makes the fault arrive later.
	_ = http.NewResponseController(e.w).Flush()
}

// rewrite sends the real answer with its body changed; answers that are not a success stay as they are. Of a batch, the answer to each
// question is changed as it would be by itself.
func (e *exchange) rewrite(change func(request *http.Request, body []byte) []byte) {
	a := e.real()
	if a.status == http.StatusOK {
		a.body = changedEach(e, a.body, change)
	}
	e.send(a)
}

// raw takes over the connection and hands it to do with the head of a true answer. The connection is closed afterwards.
func (e *exchange) raw(do func(conn net.Conn, head string, body []byte)) {
	a := e.real()
	conn, _, err := http.NewResponseController(e.w).Hijack()
	if err != nil {
		e.say(http.StatusInternalServerError, "text/plain", "this fault needs HTTP/1.1")
		return
	}
	defer conn.Close()
	head := fmt.Sprintf("HTTP/1.1 %d %s\r\nContent-Type: %s\r\nConnection: close\r\n",
		a.status, http.StatusText(a.status), a.header.Get("Content-Type"))
	do(conn, head, a.body)
}

// holdOpen keeps a taken-over connection until the other side or the region closes it.
func (e *exchange) holdOpen(conn net.Conn) {
	gone := make(chan struct{})
	go func() {
		defer close(gone)
		// Reading is the only way to learn that the client has hung up.
		_, _ = io.Copy(io.Discard, conn)
	}()
	select {
	case <-gone:
	case <-e.closed:
		conn.Close()
		<-gone
	}
}
