package postgres

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"ribble/internal/audit"
	"ribble/internal/reconcile"
)

var (
	_ reconcile.Trail = (*Ledger)(nil)
	_ reconcile.Store = Settlement{}
)

// Marks reads where looks begin and end, in the order of the trail. Events are numbered in the order of their commits, so that none comes later below a
// number that was read.
func (l *Ledger) Marks(ctx context.Context, after int64, most int) (marks []reconcile.Mark, upTo int64, err error) {
	if err := l.reader.QueryRow(ctx, "SELECT least(size, $1::bigint + $2) FROM audit.head", after, most).Scan(&upTo); err != nil {
		return nil, 0, fmt.Errorf("reading the size of the audit trail: %w", err)
	}
	if upTo <= after {
		return nil, after, nil
	}
	const query = `
SELECT sequence, look, act = $3 FROM audit.event
WHERE sequence > $1 AND sequence <= $2 AND act IN ($3, $4, $5) AND look IS NOT NULL ORDER BY sequence`
	rows, err := l.reader.Query(ctx, query, after, upTo, string(audit.ActIntent), string(audit.ActFinished), string(audit.ActReconciled))
	if err != nil {
		return nil, 0, fmt.Errorf("reading the ends of looks: %w", err)
	}
	marks, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (m reconcile.Mark, err error) {
		err = row.Scan(&m.Sequence, (*[16]byte)(&m.Look), &m.Begins)
		return m, err
	})
	if err != nil {
		return nil, 0, fmt.Errorf("reading the ends of looks: %w", err)
	}
	return marks, upTo, nil
}

// Settlement keeps up to which event of the audit trail every look has ended.
type Settlement struct{ db *DB }

// Settlement is where it is kept.
func (db *DB) Settlement() Settlement { return Settlement{db} }

// Settled reads it.
func (s Settlement) Settled(ctx context.Context) (int64, error) {
	var n int64
	err := s.db.app.QueryRow(ctx, "SELECT settled FROM oversight.progress").Scan(&n)
	return n, err
}

// Settle moves it, never back.
func (s Settlement) Settle(ctx context.Context, upTo int64) error {
	_, err := s.db.app.Exec(ctx, "UPDATE oversight.progress SET settled = $1 WHERE settled < $1", upTo)
	return err
}
