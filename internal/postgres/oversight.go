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
