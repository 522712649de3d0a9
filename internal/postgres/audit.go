package postgres

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"ribble/internal/audit"
)

const (
	// appendLimit is how long a caller of Append waits at most: a refusal is due within two seconds (D01), and there is other work before and after.
	appendLimit = 1750 * time.Millisecond
	// queueLength is how many callers may wait; further ones are turned away at once.
	queueLength = 4096
	// batchLength is how many events one commit takes at most.
	batchLength = 256
)

// errOverloaded and errClosed say why an event was turned away.
var (
	errOverloaded = fmt.Errorf("%w: too many are waiting", audit.ErrNotWritten)
	errClosed     = fmt.Errorf("%w: the audit log is closed", audit.ErrNotWritten)
	errTooLate    = fmt.Errorf("%w: the caller gave up first", audit.ErrNotWritten)
)

// AuditLog appends audit events with group commit: one goroutine takes whatever waits, commits it in one transaction and answers every
// caller. While nobody else waits, a caller costs one commit and no delay. It satisfies audit.Store.
//
// After any failure the connection is thrown away and the same batch is tried once more on a new one; the database recognises events
// it already has. So a server that restarted is found again by the next append.
type AuditLog struct {
	mu     sync.RWMutex
	closed bool
	queue  chan *waiting
	done   chan struct{}
	// known is the number of the newest event that is known to be in the trail; halted is why nothing may be appended any more.
	known  atomic.Int64
	halted atomic.Pointer[error]
}

var _ audit.Store = (*AuditLog)(nil)

// waiting is one caller with its entry, or with none: such a caller asks only whether a commit is possible.
type waiting struct {
	ctx    context.Context
	entry  *audit.Entry
	answer chan answer
}

type answer struct {
	sequence int64
	err      error
}

// OpenAudit starts the writer with the AuditAppend role's address and checks that it can commit.
func OpenAudit(ctx context.Context, url string) (*AuditLog, error) {
	l := &AuditLog{queue: make(chan *waiting, queueLength), done: make(chan struct{})}
	w, err := newWriter(url, &l.known)
	if err != nil {
		return nil, err
	}
	go func() {
		defer close(l.done)
		w.run(l.queue)
	}()
	if err := l.Ready(ctx); err != nil {
		l.Close()
		return nil, err
	}
	return l, nil
}

// Append writes the entry durably; see audit.Store.
func (l *AuditLog) Append(ctx context.Context, e audit.Entry) (audit.Position, error) {
	if err := checkEntry(e); err != nil {
		return audit.Position{}, err
	}
	sequence, err := l.ask(ctx, &e)
	return audit.Position{Sequence: sequence}, err
}

// Ready makes a real commit that adds no event, in its turn with the others: nil means that an append would have worked just now.
func (l *AuditLog) Ready(ctx context.Context) error {
	if _, err := l.ask(ctx, nil); err != nil {
		return fmt.Errorf("trying the audit log: %w", err)
	}
	return nil
}

// Appended is the number of the newest event that is known to be in the trail.
func (l *AuditLog) Appended() int64 { return l.known.Load() }

// Know tells the writer that the trail has at least so many events. A database that has fewer takes no event from then on: it is a standby that
// lacks some, or an old copy.
func (l *AuditLog) Know(size int64) { raise(&l.known, size) }

// Halt makes the log refuse every event for good, because the trail is not what it was.
func (l *AuditLog) Halt(why error) { l.halted.CompareAndSwap(nil, &why) }

func (l *AuditLog) ask(ctx context.Context, e *audit.Entry) (int64, error) {
	if why := l.halted.Load(); why != nil {
		return 0, fmt.Errorf("%w: %w", audit.ErrNotWritten, *why)
	}
	ctx, cancel := context.WithTimeout(ctx, appendLimit)
	defer cancel()
	w := &waiting{ctx: ctx, entry: e, answer: make(chan answer, 1)}
	if err := l.enqueue(w); err != nil {
		return 0, err
	}
	select {
	case a := <-w.answer:
		return a.sequence, a.err
	case <-ctx.Done():
		return 0, fmt.Errorf("%w: %w", audit.ErrOutcomeUnknown, ctx.Err())
	}
}

func (l *AuditLog) enqueue(w *waiting) error {
	l.mu.RLock()
	defer l.mu.RUnlock()
	if l.closed {
		return errClosed
	}
	select {
	case l.queue <- w:
		return nil
	default:
		return errOverloaded
	}
}

// Close turns new callers away, writes what waits, and ends the writer.
func (l *AuditLog) Close() {
	l.mu.Lock()
	if !l.closed {
		l.closed = true
		close(l.queue)
	}
	l.mu.Unlock()
	<-l.done
}

var errEntry = fmt.Errorf("%w: %w", audit.ErrNotWritten, errors.New("the entry is not complete"))

// checkEntry turns away what the table would refuse, so that one bad entry cannot spoil a batch.
func checkEntry(e audit.Entry) error {
	const digest = 16
	size := len(e.PersonIndex)
	bad := e.ID.IsZero() || e.At.Year() < 2020 || e.At.Year() > 2199 || e.Act == "" || len(e.Body) < 2 || len(e.Body) > audit.MaxEventSize ||
		(size != 0 && size != digest) || (size == 0) != (e.PersonKey == "") || (len(e.MAC) != 0 && len(e.MAC) != digest) || (len(e.MAC) == 0) != (e.MACKey == "") ||
		slices.Contains(e.Words, "")
	if bad {
		return errEntry
	}
	return nil
}
