package postgres

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"ribble/internal/audit"
)

// writer is the one goroutine that holds the connection of the AuditAppend role.
type writer struct {
	config *pgx.ConnConfig
	conn   *pgx.Conn
	// warned is set when the server warned during the statement under way: a commit that was cancelled while waiting for a standby
	// ends in success and a warning, and must count as a failure. Any warning counts: its text depends on the server's language.
	warned bool
	rows   columns
	// known is what this connection's database is known to have for events to refer to.
	known references
	pace  pace
	// size is the least size the trail can have: a database that is behind it takes no event.
	size *atomic.Int64
}

func newWriter(url string, size *atomic.Int64) (*writer, error) {
	config, err := pgx.ParseConfig(url)
	if err != nil {
		return nil, errBadURL
	}
	w := &writer{config: config, size: size}
	config.ConnectTimeout = appendLimit
	config.OnNotice = func(_ *pgconn.PgConn, n *pgconn.Notice) {
		w.warned = w.warned || n.SeverityUnlocalized == "WARNING"
	}
	return w, nil
}

// run serves the queue until it is closed and empty.
func (w *writer) run(queue <-chan *waiting) {
	defer w.discard()
	batch := make([]*waiting, 0, batchLength)
	for first := range queue {
		batch = w.gather(append(batch[:0], first), queue)
		began := time.Now()
		w.serve(batch)
		w.pace.served(len(batch), len(queue), time.Since(began))
	}
}

// gather adds what already waits, and those whom the last commit has just answered if they are soon back.
func (w *writer) gather(batch []*waiting, queue <-chan *waiting) []*waiting {
	batch = takeWaiting(batch, queue)
	w.pace.join(len(batch), func() int {
		batch = takeWaiting(batch, queue)
		return len(batch)
	})
	return batch
}

// takeWaiting adds what waits, up to what one commit takes.
func takeWaiting(batch []*waiting, queue <-chan *waiting) []*waiting {
	for len(batch) < batchLength {
		select {
		case next, open := <-queue:
			if !open {
				return batch
			}
			batch = append(batch, next)
		default:
			return batch
		}
	}
	return batch
}

// serve answers every caller of the batch. It tries at most twice: the first failure may only mean that the connection had died since the
// last batch.
func (w *writer) serve(batch []*waiting) {
	ctx, cancel := context.WithTimeout(context.Background(), appendLimit)
	defer cancel()
	batch = stillWaiting(batch, errTooLate)
	sequences, err := w.try(ctx, batch)
	if err != nil && !isDataError(err) && ctx.Err() == nil {
		batch = stillWaiting(batch, err)
		again, errAgain := w.try(ctx, batch)
		// The second try may be certain that it wrote nothing; if the first is not, nobody is.
		if errAgain == nil || !errors.Is(err, audit.ErrOutcomeUnknown) {
			sequences, err = again, errAgain
		}
	}
	if isDataError(err) && len(batch) > 1 {
		// One entry that the table refuses must not take the others with it.
		for _, b := range batch {
			w.serve([]*waiting{b})
		}
		return
	}
	deliver(batch, sequences, err)
}

// stillWaiting leaves out callers who gave up, with the error that is true for them, so that nothing is written that nobody waits for.
func stillWaiting(batch []*waiting, gone error) []*waiting {
	live := batch[:0]
	for _, b := range batch {
		if b.ctx.Err() != nil {
			b.answer <- answer{err: gone}
			continue
		}
		live = append(live, b)
	}
	return live
}

func deliver(batch []*waiting, sequences []int64, err error) {
	next := 0
	for _, b := range batch {
		switch {
		case err != nil:
			b.answer <- answer{err: err}
		case b.entry == nil:
			b.answer <- answer{}
		default:
			b.answer <- answer{sequence: sequences[next]}
			next++
		}
	}
}

const appendEvents = "SELECT audit.append($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)"

// try makes one transaction of the batch: a single statement, so that one round trip carries it and its commit. What the batch refers to for the first
// time is made known before.
func (w *writer) try(ctx context.Context, batch []*waiting) ([]int64, error) {
	if len(batch) == 0 {
		return nil, nil
	}
	if err := w.connect(ctx); err != nil {
		return nil, fmt.Errorf("%w: %w", audit.ErrNotWritten, err)
	}
	w.warned = false
	if err := w.refer(ctx, batch); err != nil {
		w.discard()
		return nil, err
	}
	count := w.rows.fill(batch)
	var sequences []int64
	err := w.conn.QueryRow(ctx, appendEvents, w.rows.arguments(w.size.Load())...).Scan(&sequences)
	switch {
	case err != nil:
		w.discard()
		return nil, classify(err)
	case w.warned:
		w.discard()
		return nil, fmt.Errorf("%w: the server warned while committing", audit.ErrOutcomeUnknown)
	case len(sequences) != count:
		w.discard()
		return nil, fmt.Errorf("%w: the server gave %d numbers for %d events", audit.ErrOutcomeUnknown, len(sequences), count)
	}
	if count > 0 {
		raise(w.size, slices.Max(sequences))
	}
	return sequences, nil
}

// raise sets a value that only grows.
func raise(value *atomic.Int64, to int64) {
	for was := value.Load(); was < to && !value.CompareAndSwap(was, to); was = value.Load() {
	}
}

// connect makes sure of a connection whose commits are durable when they return.
func (w *writer) connect(ctx context.Context) error {
	if w.conn != nil {
		return nil
	}
	conn, err := pgx.ConnectConfig(ctx, w.config)
	if err != nil {
		return fmt.Errorf("connecting the audit writer: %w", err)
	}
	w.conn, w.known = conn, newReferences()
	// The statements of audit.append are planned once: left to itself, the server plans them anew for every batch (docs/performance.md).
	const settings = "SELECT current_setting('synchronous_commit'), set_config('plan_cache_mode', 'force_generic_plan', false)"
	var durability string
	if err := conn.QueryRow(ctx, settings).Scan(&durability, nil); err != nil {
		w.discard()
		return fmt.Errorf("connecting the audit writer: %w", err)
	}
	if durability != "on" && durability != "remote_apply" {
		w.discard()
		return errors.New("connecting the audit writer: synchronous_commit must be on or remote_apply")
	}
	return nil
}

// discard throws the connection away without waiting for the server.
func (w *writer) discard() {
	if w.conn == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), 100*time.Millisecond)
	defer cancel()
	_ = w.conn.Close(ctx)
	w.conn = nil
}

// refusal is an error with which the server undid the whole transaction. It keeps the code only: the server's text can repeat a value.
type refusal struct{ code string }

func (r refusal) Error() string { return "the server refused it (SQLSTATE " + r.code + ")" }

// classify tells a statement that the server undid from one whose end nobody saw.
func classify(err error) error {
	var pg *pgconn.PgError
	if errors.As(err, &pg) && pg.SeverityUnlocalized == "ERROR" {
		return fmt.Errorf("%w: %w", audit.ErrNotWritten, refusal{pg.Code})
	}
	if errors.As(err, &pg) {
		return fmt.Errorf("%w: %w", audit.ErrOutcomeUnknown, refusal{pg.Code})
	}
	return fmt.Errorf("%w: the connection failed", audit.ErrOutcomeUnknown)
}

// isDataError reports whether the server refused what the batch holds (SQLSTATE classes 22 and 23), rather than failed.
func isDataError(err error) bool {
	var r refusal
	return errors.As(err, &r) && (strings.HasPrefix(r.code, "22") || strings.HasPrefix(r.code, "23"))
}
