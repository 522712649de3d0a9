package ledger

import (
	"bufio"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"ribble/internal/ledger/leaf"
)

// An export is a stream of frames: one byte of kind, a big-endian length of four bytes, and so many bytes. It begins with exportMagic. Numbers are
// big-endian and of eight bytes.
//
//	B  from, to (nought: to the end of the trail), time of the export (microseconds), and the hashes of the full subtrees that cover the events
//	   before from, largest first
//	R  a row in its canonical bytes (package leaf)
//	C  size according to the database, and the note of a checkpoint
//	P  the hashes of a consistency proof from to to the size of the checkpoint that follows it
//	E  the number of the last row: nothing is missing at the end
const exportMagic = "ribble audit export 1\n"

// Kinds of frames.
const (
	frameBegin      = 'B'
	frameRow        = 'R'
	frameCheckpoint = 'C'
	frameProof      = 'P'
	frameEnd        = 'E'
)

// page is how many rows, or checkpoints, are read at a time.
const page = 1000

// Range is which events to export; the zero value of either end means all on that side.
type Range struct{ From, To int64 }

// Progress is how far an export that was cut off had come.
type Progress struct {
	// Range and At are those of its beginning.
	Range Range
	At    time.Time
	// Row is the last whole row, Checkpoint the size of the last whole checkpoint, Bytes where the next frame belongs.
	Row, Checkpoint, Bytes int64
	// Complete says that nothing is missing.
	Complete bool
}

// export is one that is being written.
type export struct {
	from Reader
	out  *bufio.Writer
	Progress
	// queue holds checkpoints read ahead; exhausted says that there are no more.
	queue     []Stored
	exhausted bool
	// last is the last event to write, newest the size of the newest checkpoint.
	last, newest int64
	frame        []byte
}

var errRange = errors.New("the range holds no event that is covered by a checkpoint")

// Export writes the events of a range with the checkpoints and proofs by which they can be checked, a page at a time. Progress, when not nil, is that
// of an export that was cut off; out then continues it.
func Export(ctx context.Context, from Reader, out io.Writer, r Range, done *Progress) error {
	e := &export{from: from, out: bufio.NewWriterSize(out, 1<<20)}
	// What a witness confirmed before this time is in the database at the next look, or the database has lost it.
	e.At = time.Now()
	state, err := from.State(ctx)
	if err != nil {
		return err
	}
	if done != nil {
		e.Progress = *done
	} else if err := e.begin(ctx, r, state); err != nil {
		return err
	}
	if e.last, e.newest = e.Range.To, state.Size; e.last == 0 {
		e.last = state.Head
	}
	if err := e.rows(ctx); err != nil {
		return err
	}
	return e.end(ctx)
}

// begin settles the range and writes what the verifier needs of the events before it.
func (e *export) begin(ctx context.Context, r Range, state State) error {
	if r.From == 0 {
		r.From = 1
	}
	if r.From < 1 || r.From > max(state.Size, 1) || r.To != 0 && (r.To > state.Size || r.From > r.To) {
		return errRange
	}
	e.Range, e.Row, e.Checkpoint = r, r.From-1, r.From-1
	head := make([]byte, 0, 256)
	for _, n := range []int64{r.From, r.To, e.At.UnixMicro()} {
		head = binary.BigEndian.AppendUint64(head, uint64(n))
	}
	before, err := e.subtrees(ctx, r.From-1)
	if err != nil {
		return err
	}
	head = append(head, join(before)...)
	if _, err := e.out.WriteString(exportMagic); err != nil {
		return err
	}
	return e.write(frameBegin, head)
}

// subtrees are the roots of the full subtrees of a tree of that size.
func (e *export) subtrees(ctx context.Context, size int64) ([]tlog.Hash, error) {
	var indexes []int64
	for at, level := int64(0), 62; level >= 0; level-- {
		if size&(1<<level) != 0 {
			indexes = append(indexes, tlog.StoredHashIndex(level, at>>level))
			at += 1 << level
		}
	}
	return e.hashes(ctx).ReadHashes(indexes)
}

// hashes reads from the tiles that are kept.
func (e *export) hashes(ctx context.Context) tlog.HashReader {
	t := &tree{}
	return t.hashes(func(ids []TileID) (map[TileID][]byte, error) { return e.from.Tiles(ctx, ids) })
}

func (e *export) rows(ctx context.Context) error {
	for e.Row < e.last {
		rows, err := e.from.Rows(ctx, e.Row, page)
		if err != nil {
			return err
		}
		for i := range rows {
			if rows[i].Sequence > e.last {
				return nil
			}
			if err := e.row(ctx, &rows[i]); err != nil {
				return err
			}
		}
		if len(rows) < page {
			return nil
		}
	}
	return nil
}

// row writes the checkpoints that end before the row, and the row.
func (e *export) row(ctx context.Context, r *leaf.Row) error {
	if err := e.checkpoints(ctx, r.Sequence-1); err != nil {
		return err
	}
	e.frame = r.Append(e.frame[:0])
	e.Row = r.Sequence
	return e.write(frameRow, e.frame)
}

// checkpoints writes those up to a size that are still to be written.
func (e *export) checkpoints(ctx context.Context, upTo int64) error {
	for {
		next, err := e.next(ctx)
		if err != nil || next == nil || next.Size > upTo {
			return err
		}
		if err := e.checkpoint(*next); err != nil {
			return err
		}
		e.queue = e.queue[1:]
	}
}

func (e *export) next(ctx context.Context) (*Stored, error) {
	if len(e.queue) == 0 && !e.exhausted {
		var err error
		if e.queue, err = e.from.Checkpoints(ctx, e.Checkpoint, page); err != nil {
			return nil, err
		}
		e.exhausted = len(e.queue) < page
	}
	if len(e.queue) == 0 {
		return nil, nil
	}
	return &e.queue[0], nil
}

func (e *export) checkpoint(c Stored) error {
	e.Checkpoint = c.Size
	return e.write(frameCheckpoint, append(binary.BigEndian.AppendUint64(nil, uint64(c.Size)), c.Note...))
}

// end writes the checkpoints after the last row: all there are when the export goes to the end of the trail, else the one that covers its last event,
// with the proof that the range is a part of it.
func (e *export) end(ctx context.Context) error {
	upTo := e.last
	if e.Range.To == 0 {
		upTo = max(e.last, e.newest)
	}
	if err := e.checkpoints(ctx, upTo); err != nil {
		return err
	}
	if err := e.prove(ctx); err != nil {
		return err
	}
	if err := e.write(frameEnd, binary.BigEndian.AppendUint64(nil, uint64(e.Row))); err != nil {
		return err
	}
	return e.out.Flush()
}

func (e *export) prove(ctx context.Context) error {
	next, err := e.next(ctx)
	if err != nil || next == nil || e.Range.To == 0 || e.Checkpoint >= e.last || next.Size > e.newest {
		return err
	}
	proof, err := tlog.ProveTree(next.Size, e.last, e.hashes(ctx))
	if err != nil {
		return fmt.Errorf("proving the range: %w", err)
	}
	return errors.Join(e.write(frameProof, join(proof)), e.checkpoint(*next))
}

func (e *export) write(kind byte, payload []byte) error {
	head := [5]byte{kind}
	binary.BigEndian.PutUint32(head[1:], uint32(len(payload)))
	if _, err := e.out.Write(head[:]); err != nil {
		return err
	}
	_, err := e.out.Write(payload)
	return err
}

var errExport = errors.New("the file is not the beginning of an export")

// Resume finds out how far an export had come that was cut off.
func Resume(file io.Reader) (Progress, error) {
	in := bufio.NewReaderSize(file, 1<<20)
	magic := make([]byte, len(exportMagic))
	if _, err := io.ReadFull(in, magic); err != nil || string(magic) != exportMagic {
		return Progress{}, errExport
	}
	p := Progress{Bytes: int64(len(magic))}
	for {
		kind, payload, err := readFrame(in)
		if err != nil || p.Complete {
			break
		}
		if kind == frameProof {
			// The checkpoint must follow its proof: both are written again.
			break
		}
		p.Bytes += int64(5 + len(payload))
		if err := p.take(kind, payload); err != nil {
			return Progress{}, err
		}
	}
	if p.Range.From == 0 {
		return Progress{}, errExport
	}
	return p, nil
}

const mostFrame = 2 << 20

func readFrame(in io.Reader) (kind byte, payload []byte, err error) {
	var head [5]byte
	if _, err := io.ReadFull(in, head[:]); err != nil {
		return 0, nil, err
	}
	n := binary.BigEndian.Uint32(head[1:])
	if n > mostFrame {
		return 0, nil, errExport
	}
	payload = make([]byte, n)
	_, err = io.ReadFull(in, payload)
	return head[0], payload, err
}

func (p *Progress) take(kind byte, payload []byte) error {
	number := func(at int) int64 { return int64(binary.BigEndian.Uint64(payload[at:])) }
	switch {
	case kind == frameBegin && len(payload) >= 24:
		p.Range, p.At = Range{number(0), number(8)}, time.UnixMicro(number(16))
		p.Row, p.Checkpoint = p.Range.From-1, p.Range.From-1
	case kind == frameRow:
		sequence, _, err := leaf.Glance(payload)
		p.Row = sequence
		return err
	case kind == frameCheckpoint && len(payload) > 8:
		p.Checkpoint = number(0)
	case kind == frameEnd:
		p.Complete = true
	default:
		return errExport
	}
	return nil
}
