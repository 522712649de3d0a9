package postgres

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"ribble/internal/oversight/queue"
	"ribble/internal/oversight/watch"
)

// Queue is the alerts as work.
type Queue struct{ db *DB }

var _ queue.Store = Queue{}

// Queue is where officers' work on alerts is kept.
func (db *DB) Queue() Queue { return Queue{db} }

const selectItem = `SELECT id::text, organisation, kind, event::text, at, number, rule, rule_version, words, facts, score, user_issuer, user_subject, user_name,
    state, officer, officer_name, outcome, closed_at FROM oversight.alert `

func scanItem(from pgx.CollectableRow) (queue.Item, error) {
	var i queue.Item
	var facts []byte
	var closed *time.Time
	err := from.Scan(&i.ID, &i.Organisation, &i.Kind, &i.Event, &i.At, &i.Number, &i.Rule, &i.RuleVersion, &i.Words, &facts, &i.Score,
		&i.User.Issuer, &i.User.Subject, &i.UserName, &i.State, &i.Officer, &i.OfficerName, &i.Outcome, &closed)
	if err != nil {
		return i, err
	}
	if closed != nil {
		i.Closed = *closed
	}
	return i, json.Unmarshal(facts, &i.Facts)
}

func (q Queue) items(ctx context.Context, sql string, args ...any) ([]queue.Item, error) {
	rows, err := q.db.app.Query(ctx, selectItem+sql, args...)
	if err != nil {
		return nil, fmt.Errorf("reading alerts: %w", err)
	}
	list, err := pgx.CollectRows(rows, scanItem)
	if err != nil {
		return nil, fmt.Errorf("reading alerts: %w", err)
	}
	return list, nil
}

// List gives alerts, the oldest or the newest first.
func (q Queue) List(ctx context.Context, f queue.Filter) ([]queue.Item, error) {
	states := make([]string, len(f.States))
	for i, s := range f.States {
		states[i] = string(s)
	}
	const which = "WHERE ($1 = '' OR organisation = $1) AND state = ANY ($2) AND ($5 = '' OR officer = $5) AND "
	order := "number > $3 ORDER BY number LIMIT $4"
	if f.Newest {
		order = "($3 = 0 OR number < $3) ORDER BY number DESC LIMIT $4"
	}
	return q.items(ctx, which+order, f.Organisation, states, f.After, f.Limit, f.Officer)
}

// Counts are how many alerts of an organisation are in each state.
func (q Queue) Counts(ctx context.Context, organisation string) (map[queue.State]int, error) {
	rows, err := q.db.app.Query(ctx, "SELECT state, count(*) FROM oversight.alert WHERE organisation = $1 GROUP BY state", organisation)
	if err != nil {
		return nil, fmt.Errorf("counting alerts: %w", err)
	}
	counts := map[queue.State]int{}
	var state queue.State
	var n int
	if _, err := pgx.ForEachRow(rows, []any{&state, &n}, func() error { counts[state] = n; return nil }); err != nil {
		return nil, fmt.Errorf("counting alerts: %w", err)
	}
	return counts, nil
}

// Get gives one alert of an organisation with its steps.
func (q Queue) Get(ctx context.Context, organisation, id string) (queue.Item, []queue.Step, bool, error) {
	list, err := q.items(ctx, "WHERE organisation = $1 AND id::text = $2", organisation, id)
	if err != nil || len(list) == 0 {
		return queue.Item{}, nil, false, err
	}
	rows, err := q.db.app.Query(ctx, "SELECT at, act, name, event::text FROM oversight.step WHERE alert = $1::text::uuid ORDER BY at", id)
	if err != nil {
		return queue.Item{}, nil, false, fmt.Errorf("reading the steps of an alert: %w", err)
	}
	steps, err := pgx.CollectRows(rows, pgx.RowToStructByPos[queue.Step])
	if err != nil {
		return queue.Item{}, nil, false, fmt.Errorf("reading the steps of an alert: %w", err)
	}
	return list[0], steps, true, nil
}

// Questions are the alerts about which a user has been asked.
func (q Queue) Questions(ctx context.Context, u watch.User) ([]queue.Item, error) {
	return q.items(ctx, "WHERE user_issuer = $1 AND user_subject = $2 AND state = 'asked' ORDER BY number", u.Issuer, u.Subject)
}

// Move makes a step of the alert, if it is still in a state from which it can be made.
func (q Queue) Move(ctx context.Context, id string, m queue.Move) error {
	from := make([]string, len(m.From))
	for i, s := range m.From {
		from[i] = string(s)
	}
	var closed *time.Time
	if m.To == queue.Closed {
		closed = &m.At
	}
	return q.db.InTx(ctx, func(ctx context.Context, tx pgx.Tx) error {
		tag, err := tx.Exec(ctx, `UPDATE oversight.alert SET state = $2, closed_at = $3, outcome = $4,
    officer = CASE WHEN $5 = '' THEN officer ELSE $5 END, officer_name = CASE WHEN $5 = '' THEN officer_name ELSE $6 END
    WHERE id::text = $1 AND state = ANY ($7)`, id, string(m.To), closed, m.Outcome, m.Officer, m.OfficerName, from)
		if err != nil {
			return fmt.Errorf("moving an alert on: %w", err)
		}
		if tag.RowsAffected() == 0 {
			return queue.ErrMoved
		}
		_, err = tx.Exec(ctx, "INSERT INTO oversight.step (alert, at, act, name, event) VALUES ($1::text::uuid, $2, $3, $4, $5::text::uuid)", id, m.At, m.Act, m.By, m.Event)
		if err != nil {
			return fmt.Errorf("noting a step: %w", err)
		}
		return nil
	})
}

// Handled is how alerts of an organisation ended since a time: how many, and the median time they took.
func (q Queue) Handled(ctx context.Context, organisation string, since time.Time) (n int, median time.Duration, err error) {
	var seconds *float64
	err = q.db.app.QueryRow(ctx, "SELECT count(*), percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM closed_at - at)) FROM oversight.alert"+
		" WHERE ($1 = '' OR organisation = $1) AND closed_at >= $2", organisation, since).Scan(&n, &seconds)
	if err != nil && !errors.Is(err, pgx.ErrNoRows) {
		return 0, 0, fmt.Errorf("counting closed alerts: %w", err)
	}
	if seconds != nil {
		median = time.Duration(*seconds * float64(time.Second))
	}
	return n, median, nil
}
