package postgres

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"ribble/internal/dataquality"
	"ribble/internal/oversight/post"
	"ribble/internal/record"
)

// Problems keeps reports of a problem with an entry.
type Problems struct{ db *DB }

var _ dataquality.Store = Problems{}

// Problems is where reports of a problem with an entry are kept.
func (db *DB) Problems() Problems { return Problems{db} }

const keepProblem = `
WITH kept AS (
    INSERT INTO oversight.problem (id, organisation, feed, section, whole_list, item_type, item_id, retrieved_at, reason, grave, at, event,
        by_issuer, by_subject, by_name, by_role, by_org, by_org_name, contact)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19)
    ON CONFLICT (id) DO NOTHING RETURNING number
), told AS (
    INSERT INTO oversight.letter (kind, id, organisation, number) SELECT $20, $1, $2, number FROM kept
)
SELECT number FROM kept UNION ALL SELECT number FROM oversight.problem WHERE id = $1`

// Keep keeps a report with its letter, both or neither.
func (p Problems) Keep(ctx context.Context, r dataquality.Report) (number int64, err error) {
	err = p.db.app.QueryRow(ctx, keepProblem, r.ID, r.Organisation, r.Feed, r.Section.ID(), r.List, r.Item.Type, r.Item.ID, r.Retrieved, r.Reason, r.Grave(), r.At, r.Event,
		r.By.Issuer, r.By.Subject, r.By.Name, r.By.Role, r.By.Organisation, r.By.OrganisationName, r.By.Contact, string(post.Problem)).Scan(&number)
	if err != nil {
		return 0, fmt.Errorf("keeping a report: %w", err)
	}
	return number, nil
}

const problemColumns = `id, number, organisation, feed, section, whole_list, item_type, item_id, retrieved_at, reason, at, event::text, by_issuer, by_subject, by_name,
    by_role, by_org, by_org_name, contact, state, seen_by, seen_at, answered_by, answered_at, outcome`

func scanProblem(row pgx.CollectableRow) (r dataquality.Report, err error) {
	var section string
	var seen, answered *time.Time
	err = row.Scan(&r.ID, &r.Number, &r.Organisation, &r.Feed, &section, &r.List, &r.Item.Type, &r.Item.ID, &r.Retrieved, &r.Reason, &r.At, &r.Event,
		&r.By.Issuer, &r.By.Subject, &r.By.Name, &r.By.Role, &r.By.Organisation, &r.By.OrganisationName, &r.By.Contact, &r.State, &r.SeenBy, &seen,
		&r.AnsweredBy, &answered, &r.Outcome)
	if err != nil {
		return r, err
	}
	known := false
	if r.Section, known = record.SectionByID(section); !known {
		return r, errors.New("a report is about a section that is not known")
	}
	if seen != nil {
		r.SeenAt = *seen
	}
	if answered != nil {
		r.AnsweredAt = *answered
	}
	return r, nil
}

// Get reads one report of an organisation.
func (p Problems) Get(ctx context.Context, organisation, id string) (dataquality.Report, error) {
	rows, err := p.db.app.Query(ctx, "SELECT "+problemColumns+" FROM oversight.problem WHERE organisation = $1 AND id = $2", organisation, id)
	if err != nil {
		return dataquality.Report{}, fmt.Errorf("reading a report: %w", err)
	}
	r, err := pgx.CollectExactlyOneRow(rows, scanProblem)
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return dataquality.Report{}, dataquality.ErrUnknown
	case err != nil:
		return dataquality.Report{}, fmt.Errorf("reading a report: %w", err)
	}
	return r, nil
}

// List reads reports: of an organisation the grave ones that are not answered first, of a reporter the newest first.
func (p Problems) List(ctx context.Context, q dataquality.Query) ([]dataquality.Report, error) {
	where, args := "organisation = $1 AND $2 = ''", []any{q.Organisation, ""}
	if q.Organisation == "" {
		where, args = "by_issuer = $1 AND by_subject = $2", []any{q.Issuer, q.Subject}
	}
	rows, err := p.db.app.Query(ctx, "SELECT "+problemColumns+" FROM oversight.problem WHERE "+where+` AND (NOT $3 OR state <> 'answered')
ORDER BY state = 'answered', grave AND state <> 'answered' DESC, number DESC LIMIT $4`, append(args, q.Open, q.Limit)...)
	if err != nil {
		return nil, fmt.Errorf("reading reports: %w", err)
	}
	list, err := pgx.CollectRows(rows, scanProblem)
	if err != nil {
		return nil, fmt.Errorf("reading reports: %w", err)
	}
	return list, nil
}

// moves are the statements that take a report to a state; each moves what is not past it.
var moves = map[dataquality.State]string{
	dataquality.Seen: `UPDATE oversight.problem SET state = 'seen', seen_by = $3, seen_at = $4, outcome = $5
WHERE organisation = $1 AND id = $2 AND state = 'new'`,
	dataquality.Answered: `UPDATE oversight.problem SET state = 'answered', answered_by = $3, answered_at = $4, outcome = $5
WHERE organisation = $1 AND id = $2 AND state <> 'answered'`,
}

// Move takes a report to its next state.
func (p Problems) Move(ctx context.Context, m dataquality.Move) error {
	tag, err := p.db.app.Exec(ctx, moves[m.To], m.Organisation, m.ID, m.By, m.At, m.Outcome)
	if err != nil {
		return fmt.Errorf("moving a report on: %w", err)
	}
	if tag.RowsAffected() == 0 {
		return dataquality.ErrAnswered
	}
	return nil
}
