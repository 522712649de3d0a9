package officer

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"

	"ribble/internal/fault"
)

// byteRange is the part of a file that was asked for; to is the last byte, inclusive, -1 for the end of the file.
type byteRange struct{ from, to int64 }

// readRange is the range that a request asks for; nil for the whole file. Of what RFC 9110 knows one range from a byte on is served, as browsers and curl
// ask for; others get the whole file, as the RFC allows, and so does who holds a file of another validator.
func readRange(r *http.Request, tag string) *byteRange {
	text, ok := strings.CutPrefix(r.Header.Get("Range"), "bytes=")
	if held := r.Header.Get("If-Range"); !ok || held != "" && held != tag {
		return nil
	}
	first, last, ok := strings.Cut(text, "-")
	from, err := strconv.ParseInt(first, 10, 64)
	if !ok || err != nil || from < 0 {
		return nil
	}
	if last == "" {
		return &byteRange{from, -1}
	}
	to, err := strconv.ParseInt(last, 10, 64)
	if err != nil || to < from {
		return nil
	}
	return &byteRange{from, to}
}

// part sends a range. The file is made twice: to count its bytes, and to send some of them; nothing of it is kept.
func part(w http.ResponseWriter, wanted byteRange, head func(), fill func(io.Writer) error) error {
	whole := &window{out: io.Discard, left: -1}
	if err := fill(whole); err != nil {
		return fault.Wrap(fault.Unavailable, fault.SafeText(errLogDown), err)
	}
	size := whole.seen
	if wanted.from >= size {
		w.Header().Set("Content-Range", fmt.Sprintf("bytes */%d", size))
		w.WriteHeader(http.StatusRequestedRangeNotSatisfiable)
		return nil
	}
	if wanted.to < 0 || wanted.to >= size {
		wanted.to = size - 1
	}
	length := wanted.to - wanted.from + 1
	begin := func() {
		head()
		w.Header().Set("Content-Range", fmt.Sprintf("bytes %d-%d/%d", wanted.from, wanted.to, size))
		w.Header().Set("Content-Length", strconv.FormatInt(length, 10))
		w.WriteHeader(http.StatusPartialContent)
	}
	return stream(w, begin, func(out io.Writer) error {
		some := &window{out: out, skip: wanted.from, left: length}
		if err := fill(some); some.left > 0 {
			return fmt.Errorf("making the file again: %d bytes are missing: %w", some.left, errors.Join(err, io.ErrUnexpectedEOF))
		}
		return nil
	}, errLogDown)
}

// window lets through what follows the first skip bytes, at most left of it where that is not negative, and counts what it has seen.
type window struct {
	out              io.Writer
	skip, left, seen int64
}

var errEnough = errors.New("nothing more is wanted")

// Write takes the next bytes; it fails once nothing more is wanted, which ends whoever makes them.
func (o *window) Write(b []byte) (int, error) {
	n := len(b)
	o.seen += int64(n)
	skipped := min(o.skip, int64(len(b)))
	o.skip -= skipped
	if b = b[skipped:]; len(b) == 0 {
		return n, nil
	}
	if o.left == 0 {
		return 0, errEnough
	}
	if o.left > 0 {
		b = b[:min(o.left, int64(len(b)))]
		o.left -= int64(len(b))
	}
	if _, err := o.out.Write(b); err != nil {
		return 0, err
	}
	return n, nil
}
