package postgres

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"ribble/internal/directory"
	"ribble/internal/onboarding"
)

// Directory keeps the directory of organisations, agreements and feeds, its changes and the results of connection checks.
type Directory struct{ pool *pgxpool.Pool }

var (
	_ onboarding.Store  = (*Directory)(nil)
	_ onboarding.Checks = (*Directory)(nil)
)

// Directory is where the directory is kept.
func (db *DB) Directory() *Directory { return &Directory{db.app} }

// Version is the number of the last change that is in force.
func (d *Directory) Version(ctx context.Context) (version int64, err error) {
	if err := d.pool.QueryRow(ctx, "SELECT version FROM directory.head").Scan(&version); err != nil {
		return 0, fmt.Errorf("reading the version of the directory: %w", err)
	}
	return version, nil
}

// inForce are the newest versions of all entries, in the order in which these first came.
const inForce = `
SELECT kind, id, body, version FROM (
    SELECT DISTINCT ON (kind, id) kind, id, body, version, position FROM directory.entry ORDER BY kind, id, version DESC) newest
WHERE body IS NOT NULL ORDER BY position`

// Load reads the directory in force with its version, both of one moment.
func (d *Directory) Load(ctx context.Context) (version int64, entries []directory.Entry, err error) {
	read := pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}
	ctx = patiently(ctx)
	err = pgx.BeginTxFunc(ctx, d.pool, read, func(tx pgx.Tx) error {
		if err := tx.QueryRow(ctx, "SELECT version FROM directory.head").Scan(&version); err != nil {
			return err
		}
		rows, err := tx.Query(ctx, inForce)
		if err != nil {
			return err
		}
		entries, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (e directory.Entry, err error) {
			return e, row.Scan(&e.Kind, &e.ID, &e.Body, &e.Since)
		})
		return err
	})
	if err != nil {
		return 0, nil, fmt.Errorf("reading the directory: %w", err)
	}
	return version, entries, nil
}

// large is how long the statements about a whole region may take: more than anything that a user waits for.
const large = "SET LOCAL statement_timeout = '1min'"

const proposeChange = `
INSERT INTO directory.change (id, kind, base, salt, reason, size, proposed_issuer, proposed_subject, proposed_name, proposed_org, proposed_at, proposed_event)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`

// Propose keeps a change as waiting.
func (d *Directory) Propose(ctx context.Context, c onboarding.Change) error {
	ctx = patiently(ctx)
	err := pgx.BeginFunc(ctx, d.pool, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, large); err != nil {
			return err
		}
		by := c.ProposedBy
		if _, err := tx.Exec(ctx, proposeChange, c.ID, c.Kind, c.Base, c.Salt, c.Reason, len(c.Entries), by.Issuer, by.Subject, by.Name, by.Organisation,
			c.ProposedAt, c.ProposedEvent); err != nil {
			return err
		}
		columns := []string{"change", "place", "kind", "id", "body"}
		_, err := tx.CopyFrom(ctx, pgx.Identifier{"directory", "change_entry"}, columns, pgx.CopyFromSlice(len(c.Entries), func(i int) ([]any, error) {
			e := c.Entries[i]
			return []any{c.ID, i, string(e.Kind), e.ID, textOrNull(e.Body)}, nil
		}))
		return err
	})
	if err != nil {
		return fmt.Errorf("keeping a proposal: %w", err)
	}
	return nil
}

func textOrNull(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}

const decideChange = `
UPDATE directory.change SET state = $2, decided_issuer = $3, decided_subject = $4, decided_name = $5, decided_org = $6, decided_at = $7, decided_event = $8,
    words = $9, checked = $10
WHERE id = $1`

// Decide decides about a waiting change; the trigger of the table does the rest, with rights that nobody else has.
func (d *Directory) Decide(ctx context.Context, q onboarding.Decision) error {
	ctx = patiently(ctx)
	err := pgx.BeginFunc(ctx, d.pool, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, large); err != nil {
			return err
		}
		tag, err := tx.Exec(ctx, decideChange, q.Change, q.State, q.By.Issuer, q.By.Subject, q.By.Name, q.By.Organisation, q.At, q.Event, q.Words, q.Checked)
		if err == nil && tag.RowsAffected() == 0 {
			return onboarding.ErrUnknown
		}
		return err
	})
	return decided(err)
}

// decisions are the refusals of the trigger, by their codes.
var decisions = map[string]error{
	"RD001": onboarding.ErrDecided, "RD002": onboarding.ErrSamePerson, "RD003": onboarding.ErrStale, "RD004": onboarding.ErrRace, "RD005": onboarding.ErrUnproven,
}

func decided(err error) error {
	if err == nil || errors.Is(err, onboarding.ErrUnknown) {
		return err
	}
	var pg *pgconn.PgError
	if errors.As(err, &pg) && decisions[pg.Code] != nil {
		return decisions[pg.Code]
	}
	return fmt.Errorf("deciding about a proposal: %w", err)
}

// changeColumns are read by scanChange.
const changeColumns = `c.id, c.number, c.kind, c.base, c.salt, c.reason, c.size, c.state, c.proposed_issuer, c.proposed_subject, c.proposed_name, c.proposed_org,
    c.proposed_at, c.proposed_event::text, c.decided_issuer, c.decided_subject, c.decided_name, c.decided_org, c.decided_at, coalesce(c.decided_event::text, ''),
    c.words, coalesce(c.version, 0)`

func scanChange(row pgx.CollectableRow) (c onboarding.Change, err error) {
	var decidedAt *time.Time
	by, and := &c.ProposedBy, &c.DecidedBy
	err = row.Scan(&c.ID, &c.Number, &c.Kind, &c.Base, &c.Salt, &c.Reason, &c.Size, &c.State, &by.Issuer, &by.Subject, &by.Name, &by.Organisation,
		&c.ProposedAt, &c.ProposedEvent, &and.Issuer, &and.Subject, &and.Name, &and.Organisation, &decidedAt, &c.DecidedEvent, &c.Words, &c.Version)
	if decidedAt != nil {
		c.DecidedAt = *decidedAt
	}
	return c, err
}

// Change reads a change with its entries.
func (d *Directory) Change(ctx context.Context, id string) (onboarding.Change, error) {
	rows, err := d.pool.Query(ctx, "SELECT "+changeColumns+" FROM directory.change c WHERE c.id = $1", id)
	if err != nil {
		return onboarding.Change{}, fmt.Errorf("reading a proposal: %w", err)
	}
	c, err := pgx.CollectExactlyOneRow(rows, scanChange)
	if errors.Is(err, pgx.ErrNoRows) {
		return onboarding.Change{}, onboarding.ErrUnknown
	}
	if err == nil {
		rows, err = d.pool.Query(ctx, "SELECT kind, id, coalesce(body, '') FROM directory.change_entry WHERE change = $1 ORDER BY place", id)
	}
	if err == nil {
		c.Entries, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (e directory.Entry, err error) {
			return e, row.Scan(&e.Kind, &e.ID, &e.Body)
		})
	}
	if err != nil {
		return onboarding.Change{}, fmt.Errorf("reading a proposal: %w", err)
	}
	return c, nil
}

// Changes reads changes without their entries, newest first.
func (d *Directory) Changes(ctx context.Context, q onboarding.Query) ([]onboarding.Change, error) {
	const most = 1000
	if q.Limit <= 0 || q.Limit > most {
		q.Limit = most
	}
	rows, err := d.pool.Query(ctx, "SELECT "+changeColumns+` FROM directory.change c
WHERE ($1 = '' OR c.state = $1)
    AND ($2 = '' OR EXISTS (SELECT FROM directory.change_entry e WHERE e.change = c.id AND e.kind = $2 AND e.id = $3))
ORDER BY c.number DESC LIMIT $4`, string(q.State), string(q.Entry.Kind), q.Entry.ID, q.Limit)
	if err != nil {
		return nil, fmt.Errorf("reading proposals: %w", err)
	}
	list, err := pgx.CollectRows(rows, scanChange)
	if err != nil {
		return nil, fmt.Errorf("reading proposals: %w", err)
	}
	return list, nil
}

// History reads all versions of an entry, newest first.
func (d *Directory) History(ctx context.Context, k directory.Key) ([]onboarding.Version, error) {
	rows, err := d.pool.Query(ctx, `
SELECT e.version, coalesce(e.body, ''), c.id, c.number, c.decided_at, c.reason,
    c.proposed_issuer, c.proposed_subject, c.proposed_name, c.proposed_org, c.decided_issuer, c.decided_subject, c.decided_name, c.decided_org
FROM directory.entry e JOIN directory.change c ON c.version = e.version
WHERE e.kind = $1 AND e.id = $2 ORDER BY e.version DESC`, string(k.Kind), k.ID)
	if err != nil {
		return nil, fmt.Errorf("reading the past of an entry: %w", err)
	}
	list, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (v onboarding.Version, err error) {
		by, and := &v.ProposedBy, &v.DecidedBy
		return v, row.Scan(&v.Version, &v.Body, &v.Change, &v.Number, &v.At, &v.Reason,
			&by.Issuer, &by.Subject, &by.Name, &by.Organisation, &and.Issuer, &and.Subject, &and.Name, &and.Organisation)
	})
	if err != nil {
		return nil, fmt.Errorf("reading the past of an entry: %w", err)
	}
	return list, nil
}
