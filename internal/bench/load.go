package bench

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync"
	"time"
)

// seen is what a browser saw of one view.
type seen struct {
	began time.Time
	// first is when the first byte came, section when the section of the mark, whole when the page ended.
	first, section, whole time.Duration
	bytes, rows           int
	// rested says that the page calls a source left alone after failures.
	rested bool
	err    error
}

// sectionMark opens the section that only the quickest source feeds.
var sectionMark = []byte(`slot="appointments"`)

// look opens a record and reads it to its end. A page that is not whole is an error. Keep, which may be nil, gets the bytes.
func (p *portal) look(ctx context.Context, v visit, keep *bytes.Buffer) (s seen) {
	s.began = time.Now()
	resp, err := p.request(ctx, v.user, http.MethodGet, v.path, nil)
	if err != nil {
		s.err = err
		return s
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		s.err = fmt.Errorf("the record answered %d", resp.StatusCode)
		return s
	}
	s.err = s.read(resp.Body, keep)
	return s
}

var rowMark, endMark, restMark = []byte(`<th scope="row"`), []byte("</html>"), []byte("being left alone for a moment")

// buffers are shared by the views under way.
var buffers = sync.Pool{New: func() any { b := make([]byte, 64<<10); return &b }}

func (s *seen) read(body io.Reader, keep *bytes.Buffer) error {
	pooled := buffers.Get().(*[]byte)
	defer buffers.Put(pooled)
	buf, tail, last := *pooled, 0, false
	const overlap = 32
	for {
		n, err := body.Read(buf[tail:])
		if n > 0 && s.first == 0 {
			s.first = time.Since(s.began)
		}
		if keep != nil {
			keep.Write(buf[tail : tail+n])
		}
		s.bytes += n
		chunk := buf[:tail+n]
		if s.section == 0 && bytes.Contains(chunk, sectionMark) {
			s.section = time.Since(s.began)
		}
		// The end of a chunk is looked at again with the next one; what lies wholly in it was counted before.
		s.rows += bytes.Count(chunk, rowMark) - bytes.Count(buf[:tail], rowMark)
		s.rested = s.rested || bytes.Contains(chunk, restMark)
		last = bytes.Contains(chunk, endMark)
		tail = copy(buf, chunk[max(0, len(chunk)-overlap):])
		if errors.Is(err, io.EOF) {
			s.whole = time.Since(s.began)
			if !last {
				return errors.New("the page broke off")
			}
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// views makes all visits, some at once, and gives what was seen; a view that failed or lacks rows is an error.
func (p *portal) views(ctx context.Context, visits []visit, atOnce, rows int) ([]seen, error) {
	out := p.all(ctx, visits, atOnce)
	for i := range out {
		if err := out[i].good(rows); err != nil {
			return out, err
		}
	}
	return out, nil
}

// all is views for who expects that some fail.
func (p *portal) all(ctx context.Context, visits []visit, atOnce int) []seen {
	out := make([]seen, len(visits))
	next := make(chan int)
	var group sync.WaitGroup
	for range atOnce {
		group.Go(func() {
			for i := range next {
				out[i] = p.look(ctx, visits[i], nil)
			}
		})
	}
	for i := range visits {
		next <- i
	}
	close(next)
	group.Wait()
	return out
}

// good says what is wrong with a view.
func (s *seen) good(rows int) error {
	if s.err != nil {
		return s.err
	}
	if s.rows < rows {
		return fmt.Errorf("a page has %d rows, not %d", s.rows, rows)
	}
	return nil
}

// fewestRows is how many rows a whole page has: one that was late has more, because what was provisional is sent again.
func fewestRows(views []seen) int {
	fewest := views[0].rows
	for _, v := range views {
		fewest = min(fewest, v.rows)
	}
	return fewest
}
