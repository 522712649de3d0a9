package verify

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math/bits"
	"slices"
	"time"
)

const magic = "ribble audit export 1\n"

// Kinds of frames; package ledger describes the format.
const (
	frameBegin      = 'B'
	frameRow        = 'R'
	frameCheckpoint = 'C'
	frameProof      = 'P'
	frameEnd        = 'E'
)

// mostFrame bounds a frame: the largest event, its columns, and its head have less.
const mostFrame = 2 << 20

var errForm = errors.New("the file is not an export of the audit trail")

func number(b []byte) int64 { return int64(binary.BigEndian.Uint64(b)) }

// frame reads one frame. The payload of a row has one spare byte before the row, for its hash; it is good until the next frame.
func (v *verifier) frame() (kind byte, payload []byte, err error) {
	head := v.head[:]
	if _, err := io.ReadFull(v.in, head); err != nil {
		return 0, nil, err
	}
	n := int(binary.BigEndian.Uint32(head[1:]))
	if n > mostFrame {
		return 0, nil, fmt.Errorf("after event %d the file holds something too large", v.n)
	}
	v.buffer = slices.Grow(v.buffer[:0], n+1)[:n+1]
	if _, err := io.ReadFull(v.in, v.buffer[1:]); err != nil {
		return 0, nil, errors.Join(io.ErrUnexpectedEOF, err)
	}
	if head[0] == frameRow {
		return head[0], v.buffer, nil
	}
	return head[0], v.buffer[1:], nil
}

// begin reads what stands before the first row.
func (v *verifier) begin() error {
	text := make([]byte, len(magic))
	if _, err := io.ReadFull(v.in, text); err != nil || v.on(checkMagic) && string(text) != magic {
		return errForm
	}
	kind, payload, err := v.frame()
	if err != nil || kind != frameBegin || len(payload) < 24 {
		return errForm
	}
	from, to := number(payload), number(payload[8:])
	before := from - 1
	hashes, ok := split(payload[24:])
	if !ok || before < 0 || bits.OnesCount64(uint64(before)) != len(hashes) {
		return errForm
	}
	v.openEnd, v.at = to == 0, time.UnixMicro(number(payload[16:]))
	v.n, v.base, v.inside = before, before, before
	v.report = Report{From: from, Proven: before, Signed: before}
	v.tree = frontier{before, hashes}
	return v.compareOutside()
}

func (v *verifier) takeProof(payload []byte) error {
	hashes, ok := split(payload)
	if !ok {
		return errForm
	}
	v.proof = append([]hash{}, hashes...)
	return nil
}

func split(b []byte) ([]hash, bool) {
	var out []hash
	for ; len(b) >= len(hash{}); b = b[len(hash{}):] {
		out = append(out, hash(b[:len(hash{})]))
	}
	return out, len(b) == 0
}

// outside reads the checkpoints that a witness confirmed, in the order of their sizes.
type outside struct {
	in   *bufio.Reader
	open func(note []byte) (*checkpoint, string)
	// next is the first that has not been compared; nil after the last.
	next *checkpoint
}

func (v *verifier) newOutside(file io.Reader) (*outside, error) {
	o := &outside{open: v.openNote}
	if file == nil {
		return o, nil
	}
	o.in = bufio.NewReader(file)
	return o, o.advance()
}

var errOutside = errors.New("the file of a witness's checkpoints is damaged")

func (o *outside) advance() error {
	was := o.next
	o.next = nil
	var head [13]byte
	if _, err := io.ReadFull(o.in, head[:]); errors.Is(err, io.EOF) {
		return nil
	} else if err != nil || head[0] != frameCheckpoint {
		return errOutside
	}
	n := binary.BigEndian.Uint32(head[9:])
	if n > mostFrame {
		return errOutside
	}
	text := make([]byte, n)
	if _, err := io.ReadFull(o.in, text); err != nil {
		return errOutside
	}
	c, why := o.open(text)
	if why != "" || was != nil && c.size <= was.size {
		return errOutside
	}
	o.next = c
	return nil
}
