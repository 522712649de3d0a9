package ledger

import (
	"bufio"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"

	"golang.org/x/mod/sumdb/tlog"

	"ribble/internal/ledger/leaf"
)

// A proof bundle holds single events that anybody with the public keys can check, for example those about one person: exportMagic's counterpart
// proofMagic, the newest checkpoint (frame C), and for each event its inclusion proof (frame I, the hashes) and its row (frame R); frame E, the number
// of events, ends it.
const proofMagic = "ribble audit proof 1\n"

const frameInclusion = 'I'

// ErrNotCovered says that no checkpoint covers an event yet; one does within seconds.
var ErrNotCovered = errors.New("no checkpoint covers the event yet")

// picked is how many events are read at a time, heldTiles how many tiles are kept for those that follow: 2 MB.
const picked, heldTiles = 500, 256

// ProveEvents writes a proof bundle for the events of these numbers, in ascending order (RFC 6962, 2.1.1). Memory does not grow with their number. The
// Reader must show the trail as it is: a copy that lags may lack the newest checkpoint.
func ProveEvents(ctx context.Context, from Reader, out io.Writer, sequences []int64) error {
	state, err := from.State(ctx)
	if err != nil {
		return err
	}
	e := &export{from: from, out: bufio.NewWriter(out)}
	if _, err := e.out.WriteString(proofMagic); err != nil {
		return err
	}
	if err := e.checkpoint(Stored{state.Size, state.Note}); err != nil {
		return err
	}
	edge, err := loadTree(ctx, state.Size, from)
	if err != nil {
		return err
	}
	near := &shelf{from: from, tiles: map[TileID][]byte{}}
	hashes := edge.hashes(func(ids []TileID) (map[TileID][]byte, error) { return near.read(ctx, ids) })
	for some := range slices.Chunk(sequences, picked) {
		if err := e.includeAll(ctx, hashes, some, state.Size); err != nil {
			return err
		}
	}
	if err := e.write(frameEnd, binary.BigEndian.AppendUint64(nil, uint64(len(sequences)))); err != nil {
		return err
	}
	return e.out.Flush()
}

// includeAll writes some events with their proofs.
func (e *export) includeAll(ctx context.Context, hashes tlog.HashReader, sequences []int64, size int64) error {
	rows, err := e.from.Picked(ctx, sequences)
	if err != nil {
		return err
	}
	for i, sequence := range sequences {
		switch {
		case sequence < 1 || sequence > size:
			return fmt.Errorf("proving event %d: %w", sequence, ErrNotCovered)
		case i >= len(rows) || rows[i].Sequence != sequence:
			return fmt.Errorf("proving event %d: %w: the event is missing", sequence, ErrBroken)
		}
		if err := e.included(hashes, &rows[i], size); err != nil {
			return fmt.Errorf("proving event %d: %w", sequence, err)
		}
	}
	return nil
}

func (e *export) included(hashes tlog.HashReader, r *leaf.Row, size int64) error {
	proof, err := tlog.ProveRecord(size, r.Sequence-1, hashes)
	if err != nil {
		return err
	}
	if err := e.write(frameInclusion, join(proof)); err != nil {
		return err
	}
	e.frame = r.Append(e.frame[:0])
	return e.write(frameRow, e.frame)
}

// shelf keeps the tiles that were read last: events that lie together share theirs.
type shelf struct {
	from  Reader
	tiles map[TileID][]byte
}

func (s *shelf) read(ctx context.Context, ids []TileID) (map[TileID][]byte, error) {
	out := make(map[TileID][]byte, len(ids))
	var missing []TileID
	for _, id := range ids {
		if hashes, held := s.tiles[id]; held {
			out[id] = hashes
			continue
		}
		missing = append(missing, id)
	}
	if len(missing) == 0 {
		return out, nil
	}
	found, err := s.from.Tiles(ctx, missing)
	if err != nil {
		return nil, err
	}
	if len(s.tiles)+len(found) > heldTiles {
		clear(s.tiles)
	}
	maps.Copy(s.tiles, found)
	maps.Copy(out, found)
	return out, nil
}

func join(hashes []tlog.Hash) []byte {
	out := make([]byte, 0, len(hashes)*tlog.HashSize)
	for _, h := range hashes {
		out = append(out, h[:]...)
	}
	return out
}
