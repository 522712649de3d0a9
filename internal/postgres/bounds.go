package postgres

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// The limits of waiting for a connection, and of one statement, on top of the server's own: a server that the network swallows cannot keep its limit.
const (
	// userLimit is for what a user waits for: a refusal is due within two seconds (D01).
	userLimit = connectLimit
	// readerLimit is for officers' reports and the ledger's reading, a little more than the server gives them.
	readerLimit = 31 * time.Second
	// regionLimit is for work about a whole region, and for what nobody waits for: more than the server ever gives it.
	regionLimit = 6 * time.Minute
)

// bounds ends waiting, for a connection of a pool and for a statement alike. Without it a connection whose other end has gone silent is waited for until
// the user gives up: the pool hands out connections that were in use a moment ago unasked.
type bounds struct{ limit time.Duration }

var (
	_ pgx.QueryTracer       = bounds{}
	_ pgxpool.AcquireTracer = bounds{}
)

type (
	patient struct{}
	ending  struct{}
)

// patiently marks statements about a whole region, and those for which nobody waits: they may take longer than a user does.
func patiently(ctx context.Context) context.Context { return context.WithValue(ctx, patient{}, true) }

// within gives a context that ends by itself and that done ends earlier.
func within(ctx context.Context, limit time.Duration) context.Context {
	ctx, cancel := context.WithTimeout(ctx, limit)
	return context.WithValue(ctx, ending{}, cancel)
}

func done(ctx context.Context) {
	if cancel, ok := ctx.Value(ending{}).(context.CancelFunc); ok {
		cancel()
	}
}

// TraceQueryStart begins the time of a statement.
func (b bounds) TraceQueryStart(ctx context.Context, _ *pgx.Conn, _ pgx.TraceQueryStartData) context.Context {
	limit := b.limit
	if ctx.Value(patient{}) != nil {
		limit = max(limit, regionLimit)
	}
	return within(ctx, limit)
}

// TraceQueryEnd ends it; of a query, when its last row has been read.
func (bounds) TraceQueryEnd(ctx context.Context, _ *pgx.Conn, _ pgx.TraceQueryEndData) { done(ctx) }

// TraceAcquireStart begins the time in which the pool must have found a connection that answers.
func (b bounds) TraceAcquireStart(ctx context.Context, _ *pgxpool.Pool, _ pgxpool.TraceAcquireStartData) context.Context {
	return within(ctx, b.limit)
}

// TraceAcquireEnd ends it.
func (bounds) TraceAcquireEnd(ctx context.Context, _ *pgxpool.Pool, _ pgxpool.TraceAcquireEndData) {
	done(ctx)
}
