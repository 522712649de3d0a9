package prove

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"time"
)

// view is what a browser saw of one record: the form sent, the page streamed to its end. It is one line of the browser's history.
type view struct {
	user    *user
	replica string
	began   time.Time
	ended   time.Time
	// accepted says that the form was answered with the address of the page, shell that the page began, whole that it came to its end.
	accepted, shell, whole bool
	// status is the last answer's.
	status int
	// marks are when each organisation's marked entry arrived.
	marks map[string]time.Time
	// stranger is set when an entry about somebody else arrived.
	stranger bool
	// page holds the bytes, where they were asked for.
	page []byte
	// begun, where it is set, is called once the page begins.
	begun func()
	err   error
}

// took is how long the view took from the form to the last byte.
func (v *view) took() time.Duration { return v.ended.Sub(v.began) }

// full reports whether the page came to its end with everything that is held about the person.
func (v *view) full() bool {
	return v.whole && len(v.marks) == len(twelve)+1
}

// lacks names the first organisation whose entry did not arrive.
func (v *view) lacks() string {
	for _, ods := range append(twelve[:len(twelve):len(twelve)], practice) {
		if v.marks[ods].IsZero() {
			return ods
		}
	}
	return ""
}

// browser sends requests as a browser does, without following redirects by itself.
var browser = &http.Client{
	Transport: &http.Transport{
		MaxIdleConnsPerHost: 512, DisableCompression: true, ReadBufferSize: 64 << 10, ResponseHeaderTimeout: 30 * time.Second,
		DialContext: (&net.Dialer{Timeout: 5 * time.Second}).DialContext,
	},
	CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	Timeout:       time.Minute,
}

var personField = regexp.MustCompile(`name="person" value="([^"]+)"`)

// request is one as a browser makes it when its user follows a link or sends a form of the portal itself.
func (e *estate) request(ctx context.Context, u *user, at, method, path string, form url.Values) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, method, at+path, strings.NewReader(form.Encode()))
	if err != nil {
		return nil, err
	}
	for name, value := range map[string]string{
		"Cookie": u.cookie, "Sec-Fetch-Site": "same-origin", "Sec-Fetch-Dest": "document", "Origin": e.public, "User-Agent": "prove", "X-Forwarded-For": u.address,
	} {
		req.Header.Set(name, value)
	}
	if method == http.MethodPost {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	return browser.Do(req)
}

// search sends what was typed and follows to the page with the result; where it leads to none, the answer to the form is given.
func (e *estate) search(ctx context.Context, u *user, at string, typed url.Values) (*http.Response, error) {
	sent, err := e.request(ctx, u, at, http.MethodPost, "/find", typed)
	if err != nil || sent.StatusCode != http.StatusSeeOther {
		return sent, err
	}
	_ = sent.Body.Close()
	return e.request(ctx, u, at, http.MethodGet, sent.Header.Get("Location"), nil)
}

// stillFound is for how long a user opens a record without searching again, which is less than the portal lets them.
const stillFound = 5 * time.Minute

// find takes a user to the form that opens their person's record.
func (e *estate) find(ctx context.Context, u *user, at string) (int, error) {
	if u.person != "" && time.Since(u.found) < stillFound {
		return http.StatusOK, nil
	}
	resp, err := e.search(ctx, u, at, url.Values{"nhs": {u.number}})
	if err != nil {
		return 0, err
	}
	defer resp.Body.Close()
	said, err := io.ReadAll(resp.Body)
	if err != nil {
		return resp.StatusCode, err
	}
	field := personField.FindSubmatch(said)
	if field == nil {
		return resp.StatusCode, fmt.Errorf("the search answered %d without a person", resp.StatusCode)
	}
	u.person, u.found = string(field[1]), time.Now()
	return resp.StatusCode, nil
}

// look opens the record of the user's person at a portal and reads it to its end.
func (e *estate) look(ctx context.Context, u *user, at string, keep bool) *view {
	return e.lookThen(ctx, u, at, keep, nil)
}

// lookThen is look for who must act as soon as the page begins.
func (e *estate) lookThen(ctx context.Context, u *user, at string, keep bool, begun func()) *view {
	u.left--
	v := &view{user: u, replica: at, marks: map[string]time.Time{}, began: time.Now(), begun: begun}
	v.err = e.watch(ctx, v, at, keep)
	v.ended = time.Now()
	return v
}

func (e *estate) watch(ctx context.Context, v *view, at string, keep bool) (err error) {
	if v.status, err = e.find(ctx, v.user, at); err != nil {
		return fmt.Errorf("finding: %w", err)
	}
	to, err := e.ask(ctx, v, at)
	if err != nil {
		return fmt.Errorf("opening: %w", err)
	}
	v.accepted = true
	resp, err := e.request(ctx, v.user, at, http.MethodGet, to, nil)
	if err != nil {
		return fmt.Errorf("reading: %w", err)
	}
	defer resp.Body.Close()
	if v.status = resp.StatusCode; v.status != http.StatusOK {
		return fmt.Errorf("the record answered %d", v.status)
	}
	v.shell = true
	if v.begun != nil {
		v.begun()
	}
	return v.read(resp.Body, keep)
}

// ask sends the form that opens a record, and gives the address of its page.
func (e *estate) ask(ctx context.Context, v *view, at string) (string, error) {
	resp, err := e.request(ctx, v.user, at, http.MethodPost, "/record", url.Values{"person": {v.user.person}, "purpose": {"direct-care"}})
	if err != nil {
		return "", err
	}
	defer resp.Body.Close()
	if v.status = resp.StatusCode; v.status != http.StatusSeeOther {
		v.user.person = "" // a search may be too long ago
		return "", fmt.Errorf("the form answered %d", v.status)
	}
	_, err = io.Copy(io.Discard, resp.Body)
	return resp.Header.Get("Location"), err
}

var (
	anyMark = regexp.MustCompile(`Mark([A-Z0-9]{3,6})of([0-9]{10})end`)
	endMark = []byte("</html>")
)

// longestMark is the part of a chunk that is looked at again with the next one.
const longestMark = 32

// buffers are shared by the views under way.
var buffers = sync.Pool{New: func() any { b := make([]byte, 64<<10); return &b }}

func (v *view) read(body io.Reader, keep bool) error {
	pooled := buffers.Get().(*[]byte)
	defer buffers.Put(pooled)
	buf, tail, last := *pooled, 0, false
	for {
		n, err := body.Read(buf[tail:])
		now := time.Now()
		if keep {
			v.page = append(v.page, buf[tail:tail+n]...)
		}
		chunk := buf[:tail+n]
		v.spot(chunk, now)
		if n > 0 {
			last = bytes.Contains(chunk, endMark)
		}
		tail = copy(buf, chunk[max(0, len(chunk)-longestMark):])
		if errors.Is(err, io.EOF) {
			if !last {
				return errors.New("the page broke off")
			}
			v.whole = true
			return nil
		}
		if err != nil {
			return fmt.Errorf("the page broke off: %w", err)
		}
	}
}

// spot notes the marks of a chunk with the time at which each first came.
func (v *view) spot(chunk []byte, now time.Time) {
	for _, m := range anyMark.FindAllSubmatch(chunk, -1) {
		if string(m[2]) != v.user.number {
			v.stranger = true
		}
		if ods := string(m[1]); v.marks[ods].IsZero() {
			v.marks[ods] = now
		}
	}
}
