package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"ribble/internal/oversight/patrol"
	"ribble/internal/oversight/picture"
)

// Tallies are the counts that the patrol keeps, read for pictures: never the trail itself, so that a year costs no more than its days.
type Tallies struct{ db *DB }

// Tallies are what happened, counted.
func (db *DB) Tallies() Tallies { return Tallies{db} }

var axes = map[picture.Axis]string{
	picture.Hour: "to_char(hour, 'FM00')", picture.Organisation: "organisation", picture.Role: "role",
}

// Counts gives the counts of a span, in the order of their keys; what never happened has none.
func (t Tallies) Counts(ctx context.Context, q picture.Query) ([]picture.Counts, error) {
	if err := q.Check(); err != nil {
		return nil, err
	}
	if q.By == picture.Day {
		return t.days(ctx, q)
	}
	sql := "SELECT " + axes[q.By] + ` AS key, coalesce(sum(n) FILTER (WHERE act = 'intent'), 0)::bigint,
    coalesce(sum(n) FILTER (WHERE act = 'refused'), 0)::bigint, coalesce(sum(n) FILTER (WHERE act = 'break-glass-began'), 0)::bigint
FROM oversight.tally WHERE hour >= 0 AND day BETWEEN $1::text::date AND $2::text::date AND ($3 = '' OR organisation = $3) AND act IN ('intent', 'refused', 'break-glass-began')
GROUP BY 1 ORDER BY 1`
	rows, err := t.db.app.Query(ctx, sql, q.From.Format(time.DateOnly), q.To.Format(time.DateOnly), q.Organisation)
	if err != nil {
		return nil, fmt.Errorf("reading the counts: %w", err)
	}
	out, err := pgx.CollectRows(rows, pgx.RowToStructByPos[picture.Counts])
	if err != nil {
		return nil, fmt.Errorf("reading the counts: %w", err)
	}
	return out, nil
}

// ofDays has the day's totals in an index of its own: a year is one short walk along it, however much happened. The index is found by its literal condition.
var ofDays = fmt.Sprintf(`
SELECT to_char(day, 'YYYY-MM-DD'), coalesce(sum(n) FILTER (WHERE act = 'intent'), 0)::bigint, coalesce(sum(n) FILTER (WHERE act = 'refused'), 0)::bigint,
    coalesce(sum(n) FILTER (WHERE act = 'break-glass-began'), 0)::bigint
FROM oversight.tally WHERE hour = %d AND role = '' AND organisation = $3 AND day BETWEEN $1::text::date AND $2::text::date
    AND act IN ('intent', 'refused', 'break-glass-began')
GROUP BY day ORDER BY day`, patrol.WholeDay)

// days gives the counts of each day from the day's totals.
func (t Tallies) days(ctx context.Context, q picture.Query) ([]picture.Counts, error) {
	organisation := q.Organisation
	if organisation == "" {
		organisation = patrol.Region
	}
	rows, err := t.db.app.Query(ctx, ofDays, q.From.Format(time.DateOnly), q.To.Format(time.DateOnly), organisation)
	if err != nil {
		return nil, fmt.Errorf("reading the counts of days: %w", err)
	}
	out, err := pgx.CollectRows(rows, pgx.RowToStructByPos[picture.Counts])
	if err != nil {
		return nil, fmt.Errorf("reading the counts of days: %w", err)
	}
	return out, nil
}

// Sources gives how looks ended for each feed in a span of days.
func (t Tallies) Sources(ctx context.Context, q picture.Query) ([]picture.Source, error) {
	if err := q.Check(); err != nil {
		return nil, err
	}
	const sql = `SELECT feed, sum(n) FILTER (WHERE state <> 'NOT_ASKED')::bigint, coalesce(sum(n) FILTER (WHERE state = 'UNAVAILABLE'), 0)::bigint,
    coalesce(sum(n) FILTER (WHERE state IN ('INCOMPLETE', 'MISMATCH', 'UNINTERPRETABLE')), 0)::bigint, coalesce(sum(n) FILTER (WHERE state = 'REFUSED'), 0)::bigint
FROM oversight.source_tally WHERE day BETWEEN $1::text::date AND $2::text::date GROUP BY feed HAVING sum(n) FILTER (WHERE state <> 'NOT_ASKED') > 0 ORDER BY feed`
	rows, err := t.db.app.Query(ctx, sql, q.From.Format(time.DateOnly), q.To.Format(time.DateOnly))
	if err != nil {
		return nil, fmt.Errorf("reading the counts of sources: %w", err)
	}
	out, err := pgx.CollectRows(rows, pgx.RowToStructByPos[picture.Source])
	if err != nil {
		return nil, fmt.Errorf("reading the counts of sources: %w", err)
	}
	return out, nil
}
