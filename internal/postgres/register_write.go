package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"ribble/internal/consent"
	"ribble/internal/oversight"
	"ribble/internal/register"
)

// Add keeps an entry together with its alerts, all or none.
func (r *Registers) Add(ctx context.Context, e register.Entry, alerts ...oversight.Alert) error {
	return r.change(ctx, "keeping an entry of a register", func(tx pgx.Tx) error {
		if err := insert(ctx, tx, e); err != nil {
			return err
		}
		return raiseAlerts(ctx, tx, alerts)
	})
}

func (r *Registers) change(ctx context.Context, attempt string, work func(pgx.Tx) error) error {
	if err := pgx.BeginFunc(ctx, r.pool, work); err != nil {
		return fmt.Errorf("%s: %w", attempt, err)
	}
	return nil
}

func insert(ctx context.Context, tx pgx.Tx, e register.Entry) error {
	statement, args := insertion(e)
	_, err := tx.Exec(ctx, statement, args...)
	return err
}

// insertion is the statement that keeps an entry, whichever register it is of.
func insertion(e register.Entry) (statement string, args []any) {
	switch e := e.(type) {
	case register.ConsentEntry:
		return `
INSERT INTO register.consent (id, person, person_key, organisation, sections, direction, stance, valid_from, valid_until, recorded_by, recorded_org)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) ON CONFLICT (id) DO NOTHING`, []any{e.Made.ID, e.Person.Value, e.Person.Key, e.Organisation, int64(e.Sections),
				word(directions, e.Direction), word(stances, e.Stance), e.From, orNull(e.Until), e.By.Subject, e.By.Organisation.ODS}
	case register.RelationshipEntry:
		return `
INSERT INTO register.relationship (id, person, person_key, organisation, kind, issuer, subject, reason, valid_from, valid_until)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT (id) DO NOTHING`, []any{e.ID, e.Person.Value, e.Person.Key, e.Organisation, e.Kind.String(),
				e.By.Issuer, e.By.Subject, e.Reason, e.From, e.Until}
	case register.OverrideEntry:
		return `
INSERT INTO register.override (id, person, person_key, organisation, issuer, subject, session, reason, began_at, until)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT (id) DO NOTHING`, []any{e.Made.ID, e.Person.Value, e.Person.Key, e.Organisation,
				e.By.Issuer, e.By.Subject, e.By.Session, e.Reason, e.From, e.Until}
	case register.PermissionEntry:
		return `
INSERT INTO register.permission (id, person, person_key, organisation, answer, session, given_at, until)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (id) DO NOTHING`, []any{e.ID, e.Person.Value, e.Person.Key, e.By.Organisation.ODS, string(e.Answer), e.By.Session, e.At, e.Until}
	}
	return "", nil
}

// word finds the text that stands for a value in the table.
func word[V consent.Direction | consent.Stance](words map[string]V, value V) string {
	for text, v := range words {
		if v == value {
			return text
		}
	}
	return ""
}

func orNull(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

// End ends a statement of the person, or every emergency access of the user for the person.
func (r *Registers) End(ctx context.Context, e register.Ending) (bool, error) {
	statement, args := "UPDATE register.consent SET ended_at = $1 WHERE person = ANY($2) AND id::text = $3 AND ended_at IS NULL", []any{e.At, e.Indexes, e.ID}
	if e.Override {
		statement = "UPDATE register.override SET ended_at = $1 WHERE person = ANY($2) AND issuer = $3 AND subject = $4 AND ended_at IS NULL AND until > $1"
		args = []any{e.At, e.Indexes, e.By.Issuer, e.By.Subject}
	}
	tag, err := r.pool.Exec(ctx, statement, args...)
	if err != nil {
		return false, fmt.Errorf("ending an entry of a register: %w", err)
	}
	return tag.RowsAffected() > 0, nil
}

// loadLock keeps two loads of one list apart, on whichever replica or machine they run.
const loadLock = "SELECT pg_advisory_xact_lock(hashtextextended('ribble load ' || $1 || ' ' || $2, 0))"

// Replace puts a load in the place of the one before it, in one transaction: a reader sees either, never half of one.
func (r *Registers) Replace(ctx context.Context, l register.Load) error {
	ctx = patiently(ctx)
	return r.change(ctx, "replacing a list", func(tx pgx.Tx) error {
		// A region's list takes longer than anything that a user waits for.
		if _, err := tx.Exec(ctx, "SET LOCAL statement_timeout = '5min'"); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, loadLock, string(l.Kind), l.Organisation); err != nil {
			return err
		}
		if l.Kind == register.Caseload {
			return replaceCaseload(ctx, tx, l)
		}
		return replaceWatched(ctx, tx, l)
	})
}

func replaceCaseload(ctx context.Context, tx pgx.Tx, l register.Load) error {
	if _, err := tx.Exec(ctx, "DELETE FROM register.relationship WHERE kind = 'caseload' AND organisation = $1", l.Organisation); err != nil {
		return err
	}
	columns := []string{"person", "person_key", "organisation", "kind", "load", "valid_from", "valid_until"}
	_, err := tx.CopyFrom(ctx, pgx.Identifier{"register", "relationship"}, columns, pgx.CopyFromSlice(len(l.Rows), func(i int) ([]any, error) {
		row := l.Rows[i]
		return []any{row.Person.Value, row.Person.Key, l.Organisation, string(l.Kind), l.ID, l.At, row.Until}, nil
	}))
	return err
}

func replaceWatched(ctx context.Context, tx pgx.Tx, l register.Load) error {
	if _, err := tx.Exec(ctx, "DELETE FROM register.watched WHERE kind = $1", string(l.Kind)); err != nil {
		return err
	}
	columns := []string{"person", "person_key", "kind", "organisation", "sds_user_id"}
	_, err := tx.CopyFrom(ctx, pgx.Identifier{"register", "watched"}, columns, pgx.CopyFromSlice(len(l.Rows), func(i int) ([]any, error) {
		row := l.Rows[i]
		return []any{row.Person.Value, row.Person.Key, string(l.Kind), row.Organisation, row.SDSUserID}, nil
	}))
	if err != nil {
		return err
	}
	return replaceDigests(ctx, tx, l)
}

// replaceDigests puts what the rules that watch compare in the place of what they had.
func replaceDigests(ctx context.Context, tx pgx.Tx, l register.Load) error {
	table := "oversight.listed"
	if l.Kind == register.Staff {
		table = "oversight.staff"
	}
	if _, err := tx.Exec(ctx, "DELETE FROM "+table); err != nil {
		return err
	}
	var batch pgx.Batch
	for _, row := range l.Rows {
		switch d := row.Digests; {
		case d.Person == nil:
		case l.Kind == register.Staff:
			batch.Queue("INSERT INTO oversight.staff (sds_user_id, organisation, person, surname, household, left_at) VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING",
				row.SDSUserID, row.Organisation, d.Person, orEmpty(d.Surname), orEmpty(d.Household), orNull(d.Left))
		default:
			batch.Queue("INSERT INTO oversight.listed (person) VALUES ($1) ON CONFLICT DO NOTHING", d.Person)
		}
	}
	return tx.SendBatch(ctx, &batch).Close()
}

func orEmpty(b []byte) []byte {
	if b == nil {
		return []byte{}
	}
	return b
}

// Purge forgets relationships and permissions that have been over for a while: what was decided on them stands in the audit trail.
func (r *Registers) Purge(ctx context.Context, before time.Time) error {
	ctx = patiently(ctx)
	for _, statement := range []string{"DELETE FROM register.relationship WHERE valid_until < $1", "DELETE FROM register.permission WHERE until < $1"} {
		if _, err := r.pool.Exec(ctx, statement, before); err != nil {
			return fmt.Errorf("forgetting old entries of the registers: %w", err)
		}
	}
	return nil
}
