package outbound

import (
	"compress/flate"
	"compress/gzip"
	"context"
	"errors"
	"io"
	"math/bits"
	"net/http"
	"strings"
	"sync"
)

// Buffers come in powers of two from 8 KiB to 16 MiB and are reused, so that huge answers that come one after the other do not each leave as much to
// the garbage collector, which lets go of those that nobody has used for a while.
const (
	minBits = 13
	maxBits = 24
	// firstRead is the most that is set aside because a source merely says its answer is that long.
	firstRead = 1 << 20
	// freeRead is what an answer whose length is not known is read into first.
	freeRead = 32 << 10
)

var pools [maxBits - minBits + 1]sync.Pool

func class(size int64) int { return max(bits.Len64(uint64(max(size, 1)-1)), minBits) - minBits }

func getBuffer(size int64) []byte {
	i := class(size)
	if i >= len(pools) {
		return make([]byte, 0, size)
	}
	if b, ok := pools[i].Get().(*[]byte); ok {
		return (*b)[:0]
	}
	return make([]byte, 0, 1<<(i+minBits))
}

func putBuffer(b []byte) {
	i := class(int64(cap(b)))
	if i < len(pools) && cap(b) == 1<<(i+minBits) {
		// What was read is a piece of someone's record: the next user must not find it.
		clear(b[:cap(b)])
		pools[i].Put(&b)
	}
}

// readAll reads to the end within the client's limit, as room allows. The hint is the length the source gave, or less than 0.
func (c *Client) readAll(ctx context.Context, r io.Reader, hint int64) ([]byte, error) {
	if hint > c.cfg.MaxBody {
		return nil, ErrTooLarge
	}
	if hint < 0 {
		hint = freeRead - 1
	}
	held, own := roomIn(ctx)
	if own {
		defer held.leave()
	}
	b := buffer{ctx: ctx, room: held, line: c.line, limit: c.cfg.MaxBody}
	if err := b.widen(min(hint+1, firstRead)); err != nil {
		return nil, err
	}
	if err := b.read(r); err != nil {
		b.drop()
		return nil, err
	}
	if err := b.settle(); err != nil {
		b.drop()
		return nil, err
	}
	return b.bytes, nil
}

// settle has the answer count with its own length from here on: many small pages of one question are a large answer too.
func (b *buffer) settle() error {
	length := int64(len(b.bytes))
	if length <= b.counted {
		b.room.less(b.counted - length)
	} else if err := b.room.more(b.ctx, length-b.counted, b.line); err != nil {
		return err
	}
	b.counted = length
	return nil
}

// buffer is where one answer is read.
type buffer struct {
	ctx   context.Context
	room  *room
	line  *line
	limit int64
	bytes []byte
	// counted is how much of it the room counts.
	counted int64
}

func (b *buffer) read(r io.Reader) error {
	for {
		if len(b.bytes) == cap(b.bytes) {
			if int64(cap(b.bytes)) >= b.limit {
				return atEnd(r)
			}
			if err := b.widen(2 * int64(cap(b.bytes))); err != nil {
				return err
			}
		}
		n, err := r.Read(b.bytes[len(b.bytes):cap(b.bytes)])
		b.bytes = b.bytes[:len(b.bytes)+n]
		switch {
		case int64(len(b.bytes)) > b.limit:
			return ErrTooLarge
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return err
		}
	}
}

// atEnd looks whether anything comes after what fills the limit.
func atEnd(r io.Reader) error {
	var more [1]byte
	switch n, err := io.ReadFull(r, more[:]); {
	case n > 0:
		return ErrTooLarge
	case errors.Is(err, io.EOF):
		return nil
	default:
		return err
	}
}

// widen makes the buffer at least so large. What nearly every answer has room in is not counted while it is read.
func (b *buffer) widen(size int64) error {
	if size > freeRead {
		if err := b.room.more(b.ctx, size-b.counted, b.line); err != nil {
			return err
		}
		b.counted = size
	}
	wider := append(getBuffer(size), b.bytes...)
	putBuffer(b.bytes)
	b.bytes = wider
	return nil
}

func (b *buffer) drop() {
	putBuffer(b.bytes)
	b.room.less(b.counted)
	collect(b.counted)
}

// unpacked gives the body as it was before transport packing. We ask for none; gzip is read all the same because some
// gateways send it regardless, and anything else, or gzip within gzip, is refused.
func unpacked(resp *http.Response, limit int64) (io.Reader, error) {
	encodings := resp.Header.Values("Content-Encoding")
	switch {
	case len(encodings) == 0 || len(encodings) == 1 && (encodings[0] == "" || strings.EqualFold(encodings[0], "identity")):
		return resp.Body, nil
	case len(encodings) == 1 && strings.EqualFold(encodings[0], "gzip"):
		// The packed size is limited too: a gzip stream may go on for ever while unpacking to nothing.
		z, err := gzip.NewReader(&limited{r: resp.Body, left: limit})
		if err != nil {
			return nil, gzipError(err)
		}
		return gzipBody{z}, nil
	default:
		return nil, ErrEncoding
	}
}

type gzipBody struct{ z *gzip.Reader }

func (g gzipBody) Read(p []byte) (int, error) {
	n, err := g.z.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		err = gzipError(err)
	}
	return n, err
}

func gzipError(err error) error {
	var corrupt flate.CorruptInputError
	if errors.Is(err, gzip.ErrHeader) || errors.Is(err, gzip.ErrChecksum) || errors.As(err, &corrupt) {
		return ErrEncoding
	}
	if errors.Is(err, io.EOF) {
		return ErrTruncated
	}
	return err
}

// limited reads like its reader until more than left bytes have come, then fails with ErrTooLarge.
type limited struct {
	r    io.Reader
	left int64
}

func (l *limited) Read(p []byte) (int, error) {
	n, err := l.r.Read(p)
	l.left -= int64(n)
	if l.left < 0 {
		return 0, ErrTooLarge
	}
	return n, err
}
