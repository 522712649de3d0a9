package ledger

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"runtime"
	"time"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"ribble/internal/ledger/checkpoint"
	"ribble/internal/ledger/leaf"
)

// Round brings the ledger up to the head of the trail: checkpoints of at most a thousand events each, or, when nothing is new, a fresh confirmation
// of the newest one.
func (l *Ledger) Round(ctx context.Context) error {
	l.turn.Lock()
	defer l.turn.Unlock()
	waiting, cancel := context.WithTimeout(ctx, stepLimit)
	defer cancel()
	done, err := l.c.Writer.Turn(waiting)
	if err != nil {
		return fmt.Errorf("waiting for the ledger: %w", err)
	}
	defer done()
	err = l.round(ctx)
	l.fallBehind(err)
	if errors.Is(err, ErrBroken) && !errors.Is(err, errBehind) {
		l.breakDown(err)
	}
	if err != nil {
		// What was in memory may not be what is kept.
		l.tree = nil
	}
	return err
}

// stepLimit bounds one step of a round: a turn waited for, one checkpoint made and kept.
const stepLimit = 10 * time.Second

func (l *Ledger) round(ctx context.Context) error {
	state, err := l.start(ctx)
	if err != nil {
		return err
	}
	if l.confirmedByAnother(state) {
		return nil
	}
	for more := true; more; {
		if more, err = l.step(ctx, state); err != nil {
			return err
		}
	}
	return l.behindWitness()
}

func (l *Ledger) start(ctx context.Context) (State, error) {
	ctx, cancel := context.WithTimeout(ctx, stepLimit)
	defer cancel()
	// Before the state is read: what others append meanwhile is not missing from it.
	known := l.appended()
	state, err := l.c.Reader.State(ctx)
	if err != nil {
		return State{}, err
	}
	if state.Head < known {
		return State{}, fmt.Errorf("%w: it has %d events of at least %d", errBehind, state.Head, known)
	}
	return state, l.resume(ctx, state)
}

// confirmedByAnother reports whether another replica has just done all there is to do. Whoever has not asked a witness yet asks.
func (l *Ledger) confirmedByAnother(state State) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	asked := len(l.c.Witnesses) == 0 || !l.witnessed.IsZero()
	return asked && state.Size > 0 && state.Head == state.Size && state.Age < roundEvery/2
}

// step makes one checkpoint and reports whether there is more to cover.
func (l *Ledger) step(ctx context.Context, state State) (more bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, stepLimit)
	defer cancel()
	rows, err := l.c.Reader.Rows(ctx, l.tree.size, checkpoint.MostPrints)
	if err != nil {
		return false, err
	}
	if len(rows) == 0 && l.tree.size > state.Size {
		return false, nil
	}
	return len(rows) == checkpoint.MostPrints, l.extend(ctx, rows, state)
}

// behindWitness finds a witness that knows more events than there are.
func (l *Ledger) behindWitness() error {
	for _, size := range l.known {
		if size > l.tree.size {
			return fmt.Errorf("%w: a witness confirmed %d events and the database has %d", ErrBroken, size, l.tree.size)
		}
	}
	return nil
}

// resume takes up the newest checkpoint: from memory when it is ours, else from the database, and then it must be signed, be no older than what this
// process has seen, and fit the tree below it.
func (l *Ledger) resume(ctx context.Context, state State) error {
	if state.Head < state.Size {
		return fmt.Errorf("%w: the database has %d events and a checkpoint of %d", ErrBroken, state.Head, state.Size)
	}
	l.mu.Lock()
	size, root := l.size, l.root
	l.mu.Unlock()
	if state.Size < size {
		return fmt.Errorf("%w: the newest checkpoint was of %d events and is of %d now", ErrBroken, size, state.Size)
	}
	if state.Size == 0 {
		l.tree = &tree{fresh: map[TileID][]byte{}}
		return nil
	}
	c, n, err := l.openOwn(state)
	if err != nil {
		return err
	}
	if c.Size == size && c.Root != root {
		return fmt.Errorf("%w: the checkpoint of %d events was replaced", ErrBroken, size)
	}
	if l.tree == nil || l.tree.size != c.Size {
		if l.tree, err = loadTree(ctx, c.Size, l.c.Reader); err != nil {
			return err
		}
	}
	if have, err := l.tree.root(); err != nil || have != c.Root {
		return fmt.Errorf("%w: the tree of %d events is not the one that was signed", ErrBroken, c.Size)
	}
	if size == 0 {
		for i := range l.known {
			l.known[i] = c.Size
		}
	}
	l.seen(c, state.Age, checkpoint.CosignedAt(n))
	return nil
}

func (l *Ledger) openOwn(state State) (checkpoint.Checkpoint, *note.Note, error) {
	c, n, err := checkpoint.Open(state.Note, l.verifiers)
	if err != nil || !l.signed(n) || c.Size != state.Size || c.Origin != l.origin() {
		return checkpoint.Checkpoint{}, nil, fmt.Errorf("%w: the newest checkpoint is not one that this ledger signed", ErrBroken)
	}
	return c, n, nil
}

// signed reports whether the ledger itself signed, rather than only a witness.
func (l *Ledger) signed(n *note.Note) bool {
	for _, s := range n.Sigs {
		for _, v := range l.c.Keys.Verifiers {
			if s.Name == v.Name() && s.Hash == v.KeyHash() {
				return true
			}
		}
	}
	return false
}

func (l *Ledger) origin() string { return l.c.Keys.Signers[0].Name() }

// seen notes the newest checkpoint. A witness's time is its own clock's; it only counts from when this process learnt of it.
func (l *Ledger) seen(c checkpoint.Checkpoint, age time.Duration, cosigned time.Time) {
	l.mu.Lock()
	l.size, l.root = c.Size, c.Root
	l.confirmed = l.c.Now().Add(-age)
	if cosigned.After(l.witnessed) && !l.witnessed.IsZero() {
		l.witnessed = cosigned
	}
	l.mu.Unlock()
	if l.c.Know != nil {
		l.c.Know(c.Size)
	}
}

// extend adds the rows to the tree, signs, has witnesses confirm, and keeps the result. With no rows it has the newest checkpoint confirmed again.
func (l *Ledger) extend(ctx context.Context, rows []leaf.Row, state State) error {
	next := l.tree.clone()
	prints, err := l.grow(next, rows)
	if err != nil {
		return err
	}
	root, err := next.root()
	if err != nil {
		return err
	}
	c := checkpoint.Checkpoint{Origin: l.origin(), Size: next.size, Root: root, From: l.tree.size, Prints: prints}
	signed, err := l.sign(c, state)
	if err != nil {
		return err
	}
	cosignatures, err := l.cosign(ctx, next, signed)
	if err != nil {
		return err
	}
	if err := l.keep(ctx, next, append(signed, cosignatures...), len(rows) == 0 && len(cosignatures) == 0, state); err != nil {
		return err
	}
	next.fresh = map[TileID][]byte{}
	l.tree = next
	l.mu.Lock()
	if len(cosignatures) > 0 {
		l.witnessed = l.c.Now()
	}
	l.mu.Unlock()
	l.seen(c, 0, time.Time{})
	return nil
}

// sign signs a checkpoint. One that is only confirmed again keeps its own text, with the prints of the events it was made for.
func (l *Ledger) sign(c checkpoint.Checkpoint, state State) ([]byte, error) {
	text := c.Body()
	if c.Size == state.Size && c.Size > 0 {
		_, n, err := l.openOwn(state)
		if err != nil {
			return nil, err
		}
		text = n.Text
	}
	signed, err := note.Sign(&note.Note{Text: text}, l.c.Keys.Signers...)
	if err != nil {
		return nil, fmt.Errorf("signing a checkpoint: %w", err)
	}
	return signed, nil
}

// keep writes the checkpoint down. One that nobody confirmed again stays as it was, with what confirmed it before; an empty trail needs none.
func (l *Ledger) keep(ctx context.Context, next *tree, signed []byte, asBefore bool, state State) error {
	if next.size == 0 {
		return nil
	}
	if asBefore {
		signed = state.Note
	}
	if err := l.c.Writer.Add(ctx, Addition{BuiltOn: l.tree.size, Size: next.size, Note: signed, Tiles: next.changed()}); err != nil {
		return fmt.Errorf("keeping a checkpoint: %w", err)
	}
	return nil
}

// yieldEvery is after how many rows those who wait for an event of theirs come first: a thousand rows take some milliseconds, and nobody waits for the ledger.
const yieldEvery = 16

// grow adds the rows' leaves and gives their prints. It refuses a row out of order and one whose MAC is not ours: neither will ever be signed for.
func (l *Ledger) grow(next *tree, rows []leaf.Row) (prints []byte, err error) {
	var encoded []byte
	for i := range rows {
		if i%yieldEvery == 0 {
			runtime.Gosched()
		}
		r := &rows[i]
		if r.Sequence != next.size+1 {
			return nil, fmt.Errorf("%w: where event %d should be there is event %d", ErrBroken, next.size+1, r.Sequence)
		}
		if err := l.c.Authentic(r); err != nil {
			return nil, fmt.Errorf("%w: event %d was not written by this portal: %w", ErrBroken, r.Sequence, err)
		}
		encoded = r.Append(encoded[:0])
		h := tlog.RecordHash(encoded)
		if err := next.add(h); err != nil {
			return nil, err
		}
		prints = append(prints, h[:checkpoint.PrintSize]...)
	}
	return prints, nil
}

// cosign asks every witness and gives the signatures of those that signed. One that cannot be asked is no error; one that saw another history is.
func (l *Ledger) cosign(ctx context.Context, next *tree, signed []byte) ([]byte, error) {
	var all bytes.Buffer
	for i := range l.c.Witnesses {
		signatures, err := l.ask(ctx, i, next, signed)
		switch {
		case errors.Is(err, ErrBroken):
			return nil, err
		case err != nil:
			l.c.Log.WarnContext(ctx, "a witness did not confirm the audit trail", "count", i+1)
		default:
			all.Write(signatures)
			l.known[i] = next.size
		}
	}
	return all.Bytes(), nil
}

// ask asks one witness; when it knows the ledger at another size it is asked once more from there.
func (l *Ledger) ask(ctx context.Context, i int, next *tree, signed []byte) ([]byte, error) {
	for range 2 {
		old := l.known[i]
		if old > next.size {
			return nil, &Behind{old}
		}
		proof, err := l.prove(ctx, next, old)
		if err != nil {
			return nil, err
		}
		signatures, err := l.c.Witnesses[i].Cosign(ctx, old, proof, signed)
		var other *Behind
		if !errors.As(err, &other) {
			return l.checked(i, signed, signatures, err)
		}
		if other.Size == old {
			return nil, fmt.Errorf("%w: a witness confirmed another history of %d events", ErrBroken, old)
		}
		l.known[i] = other.Size
	}
	return nil, errors.New("the witness's size keeps changing")
}

// checked makes sure that what a witness answered is its signature on this note.
func (l *Ledger) checked(i int, signed, signatures []byte, err error) ([]byte, error) {
	if err != nil {
		return nil, err
	}
	v := l.c.Witnesses[i].Verifier()
	n, err := note.Open(append(bytes.Clone(signed), signatures...), note.VerifierList(v))
	if err != nil || len(n.Sigs) != 1 {
		return nil, errors.New("the witness's answer is not its signature")
	}
	return signatures, nil
}

// prove gives the proof that a tree is the beginning of another (RFC 6962, 2.1.2).
func (l *Ledger) prove(ctx context.Context, t *tree, old int64) (tlog.TreeProof, error) {
	if old == 0 || old == t.size {
		return nil, nil
	}
	proof, err := tlog.ProveTree(t.size, old, t.hashes(func(ids []TileID) (map[TileID][]byte, error) { return l.c.Reader.Tiles(ctx, ids) }))
	if errors.Is(err, errTile) {
		return nil, fmt.Errorf("%w: a tile of its tree is missing", ErrBroken)
	}
	return proof, err
}
