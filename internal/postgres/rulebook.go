package postgres

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"ribble/internal/oversight/rulebook"
)

// Rulebook keeps changes of the rules that watch.
type Rulebook struct{ db *DB }

var _ rulebook.Store = Rulebook{}

// Rulebook is where changes of the rules are kept.
func (db *DB) Rulebook() Rulebook { return Rulebook{db} }

const rulesColumns = `id, version, salt, body, why, state, proposed_issuer, proposed_subject, proposed_name, proposed_org, proposed_at, proposed_event::text,
    coalesce(decided_issuer, ''), coalesce(decided_subject, ''), coalesce(decided_name, ''), coalesce(decided_org, ''), decided_at, coalesce(decided_event::text, '')`

// InForce is the approved change of the highest version.
func (r Rulebook) InForce(ctx context.Context) (rulebook.Change, bool, error) {
	return r.one(ctx, "state = 'approved' ORDER BY version DESC LIMIT 1")
}

// Waiting is the change that waits.
func (r Rulebook) Waiting(ctx context.Context) (rulebook.Change, bool, error) {
	return r.one(ctx, "state = 'waiting'")
}

func (r Rulebook) one(ctx context.Context, which string) (rulebook.Change, bool, error) {
	var c rulebook.Change
	p, d := &c.Proposed, &c.Decided
	var decided *time.Time
	err := r.db.app.QueryRow(ctx, "SELECT "+rulesColumns+" FROM oversight.rules WHERE "+which).Scan(&c.ID, &c.Version, &c.Salt, &c.Body, &c.Why, &c.State,
		&p.By.Issuer, &p.By.Subject, &p.By.Name, &p.By.Organisation, &p.At, &p.Event, &d.By.Issuer, &d.By.Subject, &d.By.Name, &d.By.Organisation, &decided, &d.Event)
	if errors.Is(err, pgx.ErrNoRows) {
		return c, false, nil
	}
	if err != nil {
		return c, false, fmt.Errorf("reading a change of the rules: %w", err)
	}
	if decided != nil {
		d.At = *decided
	}
	return c, true, nil
}

// Propose keeps a change that waits. One that waited too long gives way.
func (r Rulebook) Propose(ctx context.Context, c rulebook.Change) error {
	return r.db.InTx(ctx, func(ctx context.Context, tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, "UPDATE oversight.rules SET state = 'expired' WHERE state = 'waiting' AND proposed_at < $1", c.Proposed.At.Add(-rulebook.Life)); err != nil {
			return rulesError(err)
		}
		p := c.Proposed
		_, err := tx.Exec(ctx, `INSERT INTO oversight.rules (id, version, salt, body, why, proposed_issuer, proposed_subject, proposed_name, proposed_org, proposed_at, proposed_event)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
			c.ID, c.Version, c.Salt, c.Body, c.Why, p.By.Issuer, p.By.Subject, p.By.Name, p.By.Organisation, p.At, p.Event)
		return rulesError(err)
	})
}

// Decide keeps a decision; the database holds it to two people of whom the trail speaks.
func (r Rulebook) Decide(ctx context.Context, id string, to rulebook.State, by rulebook.Step) error {
	tag, err := r.db.app.Exec(ctx, `UPDATE oversight.rules SET state = $2, decided_issuer = $3, decided_subject = $4, decided_name = $5, decided_org = $6, decided_at = $7, decided_event = $8
WHERE id = $1 AND state = 'waiting'`, id, string(to), by.By.Issuer, by.By.Subject, by.By.Name, by.By.Organisation, by.At, by.Event)
	if err == nil && tag.RowsAffected() == 0 {
		return rulebook.ErrDecided
	}
	return rulesError(err)
}

// rulesError says what the database refused.
func rulesError(err error) error {
	const decided, same, unique = "RD001", "RD002", "23505"
	var pg *pgconn.PgError
	if !errors.As(err, &pg) {
		return err
	}
	switch pg.Code {
	case decided:
		return rulebook.ErrDecided
	case same:
		return rulebook.ErrSame
	case unique:
		return rulebook.ErrBusy
	}
	return refusal{pg.Code}
}
