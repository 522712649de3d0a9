package ledger

import (
	"bufio"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"golang.org/x/mod/sumdb/tlog"
)

// A proof bundle holds single events that anybody with the public keys can check, for example those about one person: exportMagic's counterpart
// proofMagic, the newest checkpoint (frame C), and for each event its inclusion proof (frame I, the hashes) and its row (frame R); frame E, the number
// of events, ends it.
const proofMagic = "ribble audit proof 1\n"

const frameInclusion = 'I'

// ErrNotCovered says that no checkpoint covers an event yet; one does within seconds.
var ErrNotCovered = errors.New("no checkpoint covers the event yet")

// ProveEvents writes a proof bundle for the events of these numbers (RFC 6962, 2.1.1). The Reader must show the trail as it is: a copy that lags may
// lack the newest checkpoint.
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
	hashes := edge.hashes(func(ids []TileID) (map[TileID][]byte, error) { return from.Tiles(ctx, ids) })
	for _, sequence := range sequences {
		if sequence < 1 || sequence > state.Size {
			return fmt.Errorf("proving event %d: %w", sequence, ErrNotCovered)
		}
		if err := e.included(ctx, hashes, sequence, state.Size); err != nil {
			return fmt.Errorf("proving event %d: %w", sequence, err)
		}
	}
	if err := e.write(frameEnd, binary.BigEndian.AppendUint64(nil, uint64(len(sequences)))); err != nil {
		return err
	}
	return e.out.Flush()
}

func (e *export) included(ctx context.Context, hashes tlog.HashReader, sequence, size int64) error {
	proof, err := tlog.ProveRecord(size, sequence-1, hashes)
	if err != nil {
		return err
	}
	rows, err := e.from.Rows(ctx, sequence-1, 1)
	if err != nil {
		return err
	}
	if len(rows) != 1 || rows[0].Sequence != sequence {
		return fmt.Errorf("%w: the event is missing", ErrBroken)
	}
	if err := e.write(frameInclusion, join(proof)); err != nil {
		return err
	}
	e.frame = rows[0].Append(e.frame[:0])
	return e.write(frameRow, e.frame)
}

func join(hashes []tlog.Hash) []byte {
	out := make([]byte, 0, len(hashes)*tlog.HashSize)
	for _, h := range hashes {
		out = append(out, h[:]...)
	}
	return out
}
