package postgres

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"ribble/internal/oversight"
)

// Alerts keeps alerts in the table oversight.alert.
type Alerts struct{ pool *pgxpool.Pool }

var _ oversight.Board = (*Alerts)(nil)

// Alerts is where alerts for Privacy Officers are kept.
func (db *DB) Alerts() *Alerts { return &Alerts{db.app} }

// execer is what a statement can be sent to: the pool, or a transaction.
type execer interface {
	SendBatch(ctx context.Context, b *pgx.Batch) pgx.BatchResults
}

// Raise keeps the alerts, all in one implicit transaction; one that is there already stays as it is.
func (a *Alerts) Raise(ctx context.Context, alerts ...oversight.Alert) error {
	if err := raiseAlerts(ctx, a.pool, alerts); err != nil {
		return fmt.Errorf("raising an alert: %w", err)
	}
	return nil
}

func raiseAlerts(ctx context.Context, to execer, alerts []oversight.Alert) error {
	if len(alerts) == 0 {
		return nil
	}
	var batch pgx.Batch
	for _, a := range alerts {
		batch.Queue("INSERT INTO oversight.alert (id, organisation, kind, event, at) VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING",
			a.ID, a.Organisation, string(a.Kind), a.Event, a.At)
	}
	return to.SendBatch(ctx, &batch).Close()
}

// Open lists the alerts of an organisation that are not closed, the newest first.
func (a *Alerts) Open(ctx context.Context, organisation string, limit int) ([]oversight.Alert, error) {
	rows, err := a.pool.Query(ctx, "SELECT id::text, organisation, kind, event::text, at FROM oversight.alert"+
		" WHERE organisation = $1 AND closed_at IS NULL ORDER BY at DESC, id LIMIT $2", organisation, limit)
	if err != nil {
		return nil, fmt.Errorf("reading alerts: %w", err)
	}
	list, err := pgx.CollectRows(rows, func(from pgx.CollectableRow) (oversight.Alert, error) {
		var a oversight.Alert
		err := from.Scan(&a.ID, &a.Organisation, &a.Kind, &a.Event, &a.At)
		return a, err
	})
	if err != nil {
		return nil, fmt.Errorf("reading alerts: %w", err)
	}
	return list, nil
}
