package postgres

import (
	"context"
	"crypto/sha256"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"ribble/internal/identity"
)

// Limits counts what may not happen too often, and remembers what may happen once, for all replicas together.
type Limits struct{ pool *pgxpool.Pool }

var (
	_ identity.Counter = (*Limits)(nil)
	_ identity.Spender = (*Limits)(nil)
)

// count adds one to each counter. A window that has passed makes room for the next; the one just before it is kept, so that the count slides.
// Rows are taken in one order, so that two replicas cannot wait for each other.
const count = `
INSERT INTO portal.counter AS c (kind, key, began, ends, n)
SELECT kind, key, $1::timestamptz, $1::timestamptz + width, 1 FROM unnest($2::text[], $3::bytea[], $4::interval[]) AS u (kind, key, width) ORDER BY kind, key
ON CONFLICT (kind, key) DO UPDATE SET
    n      = CASE WHEN c.ends > $1::timestamptz THEN c.n + 1 ELSE 1 END,
    before = CASE WHEN c.ends > $1::timestamptz THEN c.before WHEN c.ends + (excluded.ends - excluded.began) > $1::timestamptz THEN c.n ELSE 0 END,
    began  = CASE WHEN c.ends > $1::timestamptz THEN c.began WHEN c.ends + (excluded.ends - excluded.began) > $1::timestamptz THEN c.ends ELSE $1::timestamptz END,
    ends   = CASE WHEN c.ends > $1::timestamptz THEN c.ends WHEN c.ends + (excluded.ends - excluded.began) > $1::timestamptz
        THEN c.ends + (excluded.ends - excluded.began) ELSE excluded.ends END
RETURNING kind, key, n, before, began, ends`

// Count adds one to each and gives how often each has happened within its window.
func (l *Limits) Count(ctx context.Context, now time.Time, events ...identity.Counted) ([]int, error) {
	type slot struct {
		kind string
		key  [sha256.Size]byte
	}
	places := make(map[slot]int, len(events))
	var kinds []string
	var keys [][]byte
	var widths []time.Duration
	for i, e := range events {
		key := sha256.Sum256([]byte(e.Key))
		places[slot{e.Kind, key}] = i
		kinds, keys, widths = append(kinds, e.Kind), append(keys, key[:]), append(widths, e.Window)
	}
	rows, err := l.pool.Query(ctx, count, now, kinds, keys, widths)
	if err != nil {
		return nil, fmt.Errorf("counting: %w", err)
	}
	counts := make([]int, len(events))
	var (
		kind        string
		key         []byte
		n, before   int
		began, ends time.Time
	)
	_, err = pgx.ForEachRow(rows, []any{&kind, &key, &n, &before, &began, &ends}, func() error {
		left := float64(ends.Sub(now)) / float64(ends.Sub(began))
		counts[places[slot{kind, [sha256.Size]byte(key)}]] = n + int(float64(before)*left)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("counting: %w", err)
	}
	return counts, nil
}

// Forget sets a counter back to nothing, as when a user proved who they are after some failures.
func (l *Limits) Forget(ctx context.Context, kind, key string) error {
	sum := sha256.Sum256([]byte(key))
	if _, err := l.pool.Exec(ctx, "DELETE FROM portal.counter WHERE kind = $1 AND key = $2", kind, sum[:]); err != nil {
		return fmt.Errorf("forgetting a count: %w", err)
	}
	return nil
}

// Spend notes that a token was used, for all replicas, and says whether this was the first time.
func (l *Limits) Spend(ctx context.Context, purpose, issuer, id string, until time.Time) (bool, error) {
	// The length makes the boundary between the two unambiguous.
	key := sha256.Sum256(fmt.Appendf(nil, "%d:%s%s", len(issuer), issuer, id))
	tag, err := l.pool.Exec(ctx, "INSERT INTO portal.spent_token (purpose, key, until) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING", purpose, key[:], until)
	if err != nil {
		return false, fmt.Errorf("noting a used token: %w", err)
	}
	return tag.RowsAffected() == 1, nil
}

// Purge forgets counters and used tokens that can matter no more at the given time.
func (l *Limits) Purge(ctx context.Context, now time.Time) (int, error) {
	ctx = patiently(ctx)
	var n int64
	for _, statement := range []string{"DELETE FROM portal.spent_token WHERE until < $1", "DELETE FROM portal.counter WHERE ends + (ends - began) < $1"} {
		tag, err := l.pool.Exec(ctx, statement, now)
		if err != nil {
			return int(n), fmt.Errorf("forgetting old counts: %w", err)
		}
		n += tag.RowsAffected()
	}
	return int(n), nil
}
