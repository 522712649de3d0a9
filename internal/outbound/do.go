package outbound

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strconv"
	"time"
)

// Answer is a whole answer, whatever its status. Call Release when Body has been decoded and nothing points into it; an
// Answer that is not released is only slower, never wrong.
type Answer struct {
	Status int
	Header http.Header
	// Body is the whole decoded body, at most Config.MaxBody long.
	Body []byte
}

// Release gives the memory of Body back for the next answer, wiped.
func (a *Answer) Release() {
	putBuffer(a.Body)
	a.Body = nil
}

// Stream is an answer whose body is read as it comes. The caller closes Body. A read that fails gives an *Error; a body
// that ends without io.EOF was not whole.
type Stream struct {
	Status int
	Header http.Header
	// Length is the length the source gave, or -1.
	Length int64
	Body   io.ReadCloser
}

// Do sends req and reads the whole answer before the context's deadline, or Config.Timeout when that is earlier. On 429 or
// 503 it waits for the Retry-After given and asks once more, if the deadline allows. Do owns req until it returns.
// A status that is not a redirect is not an error: what it means differs from protocol to protocol.
func (c *Client) Do(ctx context.Context, req *http.Request) (*Answer, error) {
	return c.DoWhen(ctx, req, nil)
}

// Ready waits until an answer whose header has come may be read; it is called again for an answer that is asked for again. Its error ends the request.
type Ready func(context.Context) error

// DoWhen is Do for a caller who has no room for all the answers that may come at once: the body is left with the source until ready, which may be
// nil, has returned. The connection is held meanwhile.
func (c *Client) DoWhen(ctx context.Context, req *http.Request, ready Ready) (*Answer, error) {
	ctx, cancel := context.WithTimeout(ctx, c.cfg.Timeout)
	defer cancel()
	answer, probing, err := c.once(ctx, req, ready)
	if err != nil || probing {
		return answer, err
	}
	wait, busy := retryAfter(answer.Status, answer.Header, time.Now())
	if !busy {
		return answer, nil
	}
	again, ok := replay(req)
	if !ok || !pause(ctx, wait) {
		c.rest(wait)
		return answer, nil
	}
	answer.Release()
	answer, _, err = c.once(ctx, again, ready)
	if err == nil {
		if wait, busy = retryAfter(answer.Status, answer.Header, time.Now()); busy {
			c.rest(wait)
		}
	}
	return answer, err
}

// once sends req a single time. Probing says that the breaker let it through only to see whether the source is back.
func (c *Client) once(ctx context.Context, req *http.Request, ready Ready) (_ *Answer, probing bool, _ error) {
	began := time.Now()
	resp, probing, done, err := c.send(ctx, req)
	if err != nil {
		return nil, probing, err
	}
	// Deferred, because a breaker that is never told how its one trial call ended stays shut for good.
	health := errBusy
	defer func() { done(health) }()
	came := time.Now()
	if ready != nil {
		if err := ready(ctx); err != nil {
			_ = resp.Body.Close()
			health = errUnread
			return nil, probing, c.classed(ctx, err)
		}
	}
	answer, err := c.read(ctx, resp)
	if health = outcome(resp.StatusCode, err); errors.Is(err, ErrNoRoom) {
		health = errUnread
	}
	if err == nil {
		c.answered(resp, began, came)
	}
	return answer, probing, err
}

// answered tells whoever measures the source.
func (c *Client) answered(resp *http.Response, began, came time.Time) {
	if c.cfg.OnAnswer == nil {
		return
	}
	// A source that does not say what time it is has no clock that could be compared.
	date, _ := http.ParseTime(resp.Header.Get("Date"))
	c.cfg.OnAnswer(Exchange{Status: resp.StatusCode, Took: time.Since(began), At: came, Date: date})
}

func (c *Client) read(ctx context.Context, resp *http.Response) (*Answer, error) {
	defer func() { _ = resp.Body.Close() }()
	body, err := unpacked(resp, c.cfg.MaxBody)
	if err != nil {
		return nil, c.classed(ctx, err)
	}
	hint := resp.ContentLength
	if body != resp.Body {
		hint = -1
	}
	raw, err := c.readAll(ctx, body, hint)
	if err != nil {
		return nil, c.classed(ctx, err)
	}
	return &Answer{Status: resp.StatusCode, Header: resp.Header, Body: raw}, nil
}

// Stream sends req and gives the answer once its header has come. The caller bounds the whole by ctx. An answer whose end
// cannot be told from a broken connection (HTTP/1.0, no length) is refused: half a document must not pass for a whole one.
func (c *Client) Stream(ctx context.Context, req *http.Request) (*Stream, error) {
	began := time.Now()
	resp, _, done, err := c.send(ctx, req)
	if err != nil {
		return nil, err
	}
	c.answered(resp, began, time.Now())
	done(outcome(resp.StatusCode, nil))
	body, err := c.streamed(resp)
	if err != nil {
		_ = resp.Body.Close()
		return nil, c.classed(ctx, err)
	}
	return &Stream{Status: resp.StatusCode, Header: resp.Header, Length: lengthOf(resp, body), Body: &streamBody{
		r: &limited{r: body, left: c.cfg.MaxStream}, close: resp.Body.Close, classed: func(err error) error { return c.classed(ctx, err) },
	}}, nil
}

func (c *Client) streamed(resp *http.Response) (io.Reader, error) {
	if resp.ContentLength > c.cfg.MaxStream {
		return nil, ErrTooLarge
	}
	if resp.ContentLength < 0 && len(resp.TransferEncoding) == 0 {
		return nil, ErrTruncated
	}
	return unpacked(resp, c.cfg.MaxStream)
}

func lengthOf(resp *http.Response, body io.Reader) int64 {
	if body != resp.Body {
		return -1
	}
	return resp.ContentLength
}

type streamBody struct {
	r       io.Reader
	close   func() error
	classed func(error) error
}

func (s *streamBody) Read(p []byte) (int, error) {
	n, err := s.r.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		err = s.classed(err)
	}
	return n, err
}

func (s *streamBody) Close() error { return s.close() }

// send does everything up to the answer's header: approval, breaker, transport, no redirect. On success the caller must
// close the body and call done once with the outcome.
func (c *Client) send(ctx context.Context, req *http.Request) (_ *http.Response, probing bool, done func(error), _ error) {
	if !c.within(req.URL) || req.Host != "" && req.Host != req.URL.Host {
		return nil, false, nil, &Error{Source: c.cfg.Source, Class: ErrForbidden}
	}
	if err := ctx.Err(); err != nil {
		return nil, false, nil, c.classed(ctx, err)
	}
	done, probing, err := c.admit()
	if err != nil {
		return nil, false, nil, err
	}
	resp, err := c.transport.RoundTrip(prepared(ctx, req))
	if err != nil {
		err = c.classed(ctx, err)
		done(err)
		return nil, probing, nil, err
	}
	if resp.StatusCode/100 == 3 {
		_ = resp.Body.Close()
		// A source that answers at all is alive; whoever changed its address must be told, not kept waiting.
		done(nil)
		return nil, probing, nil, &Error{Source: c.cfg.Source, Class: ErrRedirect}
	}
	return resp, probing, done, nil
}

// Values of headers that are the same in every request; nobody changes them.
var identity, ribble = []string{"identity"}, []string{"Ribble"}

func prepared(ctx context.Context, req *http.Request) *http.Request {
	req = req.WithContext(ctx)
	if req.Header == nil {
		req.Header = http.Header{}
	}
	req.Header["Accept-Encoding"], req.Header["User-Agent"] = identity, ribble
	return req
}

// replay gives the request once more, or false when its body cannot be read a second time.
func replay(req *http.Request) (*http.Request, bool) {
	again := req.Clone(req.Context())
	if req.Body == nil || req.Body == http.NoBody {
		return again, true
	}
	if req.GetBody == nil {
		return nil, false
	}
	body, err := req.GetBody()
	again.Body = body
	return again, err == nil
}

const (
	// minPause keeps "Retry-After: 0" from becoming a second request in the same instant.
	minPause = 50 * time.Millisecond
	// maxRest bounds for how long one answer can keep us away: a damaged or hostile value must not silence a source.
	maxRest = 30 * time.Second
)

// retryAfter reads how long a busy source (429, 503) asks us to wait: seconds or a date (RFC 9110, 10.2.3). Anything else
// means no retry.
func retryAfter(status int, header http.Header, now time.Time) (time.Duration, bool) {
	if status != http.StatusTooManyRequests && status != http.StatusServiceUnavailable {
		return 0, false
	}
	value := header.Get("Retry-After")
	if seconds, err := strconv.ParseUint(value, 10, 31); err == nil {
		return max(time.Duration(seconds)*time.Second, minPause), true
	}
	if at, err := http.ParseTime(value); err == nil {
		return max(at.Sub(now), minPause), true
	}
	return 0, false
}

// pause waits, or says at once that the deadline comes first.
func pause(ctx context.Context, wait time.Duration) bool {
	if deadline, ok := ctx.Deadline(); ok && time.Until(deadline) <= wait {
		return false
	}
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
