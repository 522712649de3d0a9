// Package reconcile finds looks whose portal stopped before it wrote how they ended, and has that written into the audit trail.
package reconcile

import (
	"context"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"time"

	"ribble/internal/audit"
	"ribble/internal/ledger/leaf"
)

// Mark is an event of the trail that begins a look or ends one.
type Mark struct {
	Sequence int64
	Look     audit.UUID
	// Begins is true for an intent, false for an outcome or a reconciliation.
	Begins bool
}

// Trail is the audit trail in order.
type Trail interface {
	// Marks gives the marks after a sequence number, of at most so many events, and up to which event it looked: that same number when there are no more.
	Marks(ctx context.Context, after int64, most int) (marks []Mark, upTo int64, err error)
	// Event reads the row of one event.
	Event(ctx context.Context, id [16]byte) (leaf.Row, error)
}

// Store keeps how far looks are settled, so that a start need not read the whole trail.
type Store interface {
	// Settled is the number of the last event up to which every look that began has its outcome or its reconciliation.
	Settled(ctx context.Context) (int64, error)
	// Settle moves it, never back.
	Settle(ctx context.Context, upTo int64) error
}

// Writer writes reconciliations.
type Writer interface {
	// Reconcile writes that the look of the intent has no outcome; done twice, wherever, it is written once.
	Reconcile(ctx context.Context, intent audit.Event) error
}

// Reconciler goes along the trail and keeps in mind which looks have not ended. It is for one goroutine; every replica has its own, and none waits for
// another.
type Reconciler struct {
	Trail  Trail
	Store  Store
	Writer Writer
	// Authentic checks that a row was written by a portal: what somebody slipped into the database is not repeated in the portal's own words.
	Authentic func(*leaf.Row) error
	Log       *slog.Logger
	// After is how long this process must have known of an intent before it takes the look for ended: longer than any look may take (audit.Trail.Settled).
	// What counts is that it was seen here, not what any clock says of when it was written: a clock that is put forward ends no look.
	After time.Duration
	// Every is how long to wait between two rounds.
	Every time.Duration
	Now   func() time.Time

	// open are the looks that began and have not ended; nil before the first round. at is the last event looked at, kept what the store knows.
	open     map[audit.UUID]seen
	at, kept int64
}

// seen is an intent and when this process first saw it.
type seen struct {
	sequence int64
	at       time.Time
}

// step is how many events are looked at in one go.
const step = 5000

// Run works until ctx ends. A trail that cannot be reached is tried again in the next round.
func (r *Reconciler) Run(ctx context.Context) {
	for {
		if n, err := r.Round(ctx); err != nil && ctx.Err() == nil {
			r.Log.ErrorContext(ctx, "looks without an outcome could not be reconciled; it is tried again", "error", err)
		} else if n > 0 {
			r.Log.WarnContext(ctx, "looks whose portal stopped before they ended were reconciled", "count", n)
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(r.Every):
		}
	}
}

// Round takes in what is new, reconciles what has been open for too long, and says how many that were.
func (r *Reconciler) Round(ctx context.Context) (int, error) {
	// What was in the trail by now is what the round will have read, however long this process is held up on the way.
	asOf := r.Now()
	if err := r.read(ctx); err != nil {
		return 0, err
	}
	n, err := r.settle(ctx, asOf)
	if err != nil {
		return n, err
	}
	return n, r.keep(ctx)
}

// read goes on to the head of the trail: a look may only be taken for open after that.
func (r *Reconciler) read(ctx context.Context) error {
	if r.open == nil {
		settled, err := r.Store.Settled(ctx)
		if err != nil {
			return fmt.Errorf("reading up to where looks are settled: %w", err)
		}
		r.open, r.at, r.kept = map[audit.UUID]seen{}, settled, settled
	}
	for {
		marks, upTo, err := r.Trail.Marks(ctx, r.at, step)
		if err != nil {
			return fmt.Errorf("reading which looks have ended: %w", err)
		}
		now := r.Now() // after the answer: an intent may count as younger than it is, never as older
		for _, m := range marks {
			if m.Begins {
				r.open[m.Look] = seen{m.Sequence, now}
			} else {
				delete(r.open, m.Look)
			}
		}
		if upTo <= r.at {
			return nil
		}
		r.at = upTo
	}
}

// settle reconciles the looks that had been open for too long at a time before the last reading, the oldest first.
func (r *Reconciler) settle(ctx context.Context, asOf time.Time) (int, error) {
	n := 0
	for _, look := range slices.SortedFunc(maps.Keys(r.open), func(a, b audit.UUID) int { return int(r.open[a].sequence - r.open[b].sequence) }) {
		if asOf.Sub(r.open[look].at) < r.After {
			continue
		}
		row, err := r.Trail.Event(ctx, look)
		if err != nil {
			return n, fmt.Errorf("reading the intent of a look: %w", err)
		}
		intent, err := r.intent(&row)
		if err != nil {
			// The ledger stops the portal for such a row; there is nothing to say about its look.
			r.Log.ErrorContext(ctx, "the intent of a look without an outcome is not one that a portal wrote", "error", err)
			delete(r.open, look)
			continue
		}
		if err := r.Writer.Reconcile(ctx, intent); err != nil {
			return n, fmt.Errorf("reconciling a look: %w", err)
		}
		delete(r.open, look)
		n++
	}
	return n, nil
}

func (r *Reconciler) intent(row *leaf.Row) (audit.Event, error) {
	if err := r.Authentic(row); err != nil {
		return audit.Event{}, err
	}
	return audit.Decode(row)
}

// keep notes up to where looks are settled: before the oldest that is open.
func (r *Reconciler) keep(ctx context.Context) error {
	upTo := r.at
	for _, s := range r.open {
		upTo = min(upTo, s.sequence-1)
	}
	if upTo <= r.kept {
		return nil
	}
	if err := r.Store.Settle(ctx, upTo); err != nil {
		return fmt.Errorf("noting up to where looks are settled: %w", err)
	}
	r.kept = upTo
	return nil
}
