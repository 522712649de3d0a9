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

// Buffers come in powers of two from 8 KiB to 4 MiB and are reused; a larger one is left to the garbage collector, so that
// one huge answer does not keep its memory.
const (
	minBits = 13
	maxBits = 22
	// firstRead is the most that is set aside because a source merely says its answer is that long.
	firstRead = 1 << 20
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

// readAll reads to the end within limit. The hint is the length the source gave, or less than 0.
func readAll(ctx context.Context, r io.Reader, hint, limit int64) ([]byte, error) {
	if hint > limit {
		return nil, ErrTooLarge
	}
	if hint < 0 {
		hint = 32 << 10
	}
	var held room
	defer held.leave()
	if err := held.take(ctx, min(hint+1, firstRead)); err != nil {
		return nil, err
	}
	buf := getBuffer(min(hint+1, firstRead))
	for {
		if len(buf) == cap(buf) {
			if err := held.take(ctx, 2*int64(cap(buf))); err != nil {
				putBuffer(buf)
				return nil, err
			}
			buf = grow(buf, limit)
		}
		n, err := r.Read(buf[len(buf):cap(buf)])
		buf = buf[:len(buf)+n]
		switch {
		case int64(len(buf)) > limit:
			putBuffer(buf)
			return nil, ErrTooLarge
		case errors.Is(err, io.EOF):
			return buf, nil
		case err != nil:
			putBuffer(buf)
			return nil, err
		}
	}
}

// grow doubles the room, up to one byte past the limit: enough to see that the limit is passed.
func grow(buf []byte, limit int64) []byte {
	wider := getBuffer(min(2*int64(cap(buf)), max(limit+1, int64(cap(buf))+1)))
	wider = append(wider, buf...)
	putBuffer(buf)
	return wider
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
