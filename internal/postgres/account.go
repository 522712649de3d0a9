package postgres

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"ribble/internal/identity/local"
)

// Accounts keeps local accounts in the tables portal.account*, where every replica of the portal sees them. It satisfies local.Store.
type Accounts struct{ pool *pgxpool.Pool }

var _ local.Store = (*Accounts)(nil)

// Accounts is where local accounts are kept.
func (db *DB) Accounts() *Accounts { return &Accounts{db.app} }

const selectAccount = `
SELECT id, login, name, role, organisation_ods, organisation_name, status, passphrase, version, created_at, changed_at, expires_at, confirmed_until,
    coalesce(trained_on, '0001-01-01'), coalesce(request::text, '') FROM portal.account`

func scanAccount(row pgx.CollectableRow) (local.Account, error) {
	var a local.Account
	err := row.Scan(&a.ID, &a.Login, &a.Name, &a.Role, &a.Organisation.ODS, &a.Organisation.Name, &a.Status, &a.Passphrase, &a.Version, &a.Created, &a.Changed,
		&a.Expires, &a.ConfirmedUntil, &a.Trained, &a.Request)
	return a, err
}

func (s *Accounts) one(ctx context.Context, where string, args ...any) (local.Account, error) {
	rows, err := s.pool.Query(ctx, selectAccount+" WHERE "+where, args...)
	if err != nil {
		return local.Account{}, fmt.Errorf("reading an account: %w", err)
	}
	a, err := pgx.CollectExactlyOneRow(rows, scanAccount)
	if errors.Is(err, pgx.ErrNoRows) {
		return local.Account{}, local.ErrNoAccount
	}
	if err != nil {
		return local.Account{}, fmt.Errorf("reading an account: %w", err)
	}
	return a, nil
}

// Find gives the account of a login name.
func (s *Accounts) Find(ctx context.Context, login string) (local.Account, error) {
	return s.one(ctx, "login = $1", login)
}

// ByID gives an account by its id.
func (s *Accounts) ByID(ctx context.Context, id string) (local.Account, error) {
	return s.one(ctx, "id = $1", id)
}

// List gives every account, by login name.
func (s *Accounts) List(ctx context.Context) ([]local.Account, error) {
	rows, err := s.pool.Query(ctx, selectAccount+" ORDER BY login")
	if err != nil {
		return nil, fmt.Errorf("reading the accounts: %w", err)
	}
	return pgx.CollectRows(rows, scanAccount)
}

const selectFactors = `
SELECT id, kind, name, secret, last_step, credential, credential_id, created_at, coalesce(used_at, '0001-01-01Z')
FROM portal.account_factor WHERE account_id = $1 ORDER BY created_at, id`

// Credentials gives an account's second factors, oldest first, and the state of its recovery codes.
func (s *Accounts) Credentials(ctx context.Context, id string) (local.Credentials, error) {
	var c local.Credentials
	rows, err := s.pool.Query(ctx, selectFactors, id)
	if err != nil {
		return c, fmt.Errorf("reading second factors: %w", err)
	}
	c.Factors, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (local.Factor, error) {
		var f local.Factor
		err := row.Scan(&f.ID, &f.Kind, &f.Name, &f.Secret, &f.LastStep, &f.Credential, &f.CredentialID, &f.Created, &f.Used)
		return f, err
	})
	if err != nil {
		return c, fmt.Errorf("reading second factors: %w", err)
	}
	err = s.pool.QueryRow(ctx, "SELECT count(*) FILTER (WHERE used_at IS NULL), coalesce(max(used_at), '0001-01-01Z') FROM portal.account_code WHERE account_id = $1", id).
		Scan(&c.CodesLeft, &c.CodeUsed)
	if err != nil {
		return c, fmt.Errorf("reading recovery codes: %w", err)
	}
	return c, nil
}

// Take counts an attempt, unless limit were counted since then. Attempts under one key take turns, so that no number of parallel ones exceeds it.
func (s *Accounts) Take(ctx context.Context, key string, limit int, since, now time.Time) (number int64, ok bool, err error) {
	err = pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, "SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", "account_attempt "+key); err != nil {
			return err
		}
		const insert = `
INSERT INTO portal.account_attempt (key, at) SELECT $1, $4
WHERE (SELECT count(*) FROM portal.account_attempt WHERE key = $1 AND at > $3) < $2 RETURNING number`
		err := tx.QueryRow(ctx, insert, key, limit, since, now).Scan(&number)
		if errors.Is(err, pgx.ErrNoRows) {
			return nil
		}
		ok = err == nil
		return err
	})
	if err != nil {
		return 0, false, fmt.Errorf("counting an attempt: %w", err)
	}
	return number, ok, nil
}

// Give takes an attempt out of the count.
func (s *Accounts) Give(ctx context.Context, number int64) error {
	_, err := s.pool.Exec(ctx, "DELETE FROM portal.account_attempt WHERE number = $1", number)
	if err != nil {
		return fmt.Errorf("taking an attempt out of the count: %w", err)
	}
	return nil
}

// UseStep marks a TOTP step as used. The row decides: of any number of replicas, one succeeds.
func (s *Accounts) UseStep(ctx context.Context, factor string, step int64, now time.Time) (bool, error) {
	tag, err := s.pool.Exec(ctx, "UPDATE portal.account_factor SET last_step = $2, used_at = $3 WHERE id = $1 AND last_step < $2", factor, step, now)
	if err != nil {
		return false, fmt.Errorf("using a code: %w", err)
	}
	return tag.RowsAffected() == 1, nil
}

// ceremonyLife is longer than any sealed ceremony lives, so that each is completed at most once.
const ceremonyLife = time.Hour

// UsePasskey keeps a passkey's new record and spends its ceremony.
func (s *Accounts) UsePasskey(ctx context.Context, f local.Factor, ceremony [32]byte, now time.Time) (bool, error) {
	fresh := false
	err := pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		tag, err := tx.Exec(ctx, "INSERT INTO portal.spent_token (purpose, key, until) VALUES ('passkey', $1, $2) ON CONFLICT DO NOTHING", ceremony[:], now.Add(ceremonyLife))
		if err != nil || tag.RowsAffected() == 0 {
			return err
		}
		tag, err = tx.Exec(ctx, "UPDATE portal.account_factor SET credential = $2, used_at = $3 WHERE id = $1", f.ID, f.Credential, now)
		fresh = err == nil && tag.RowsAffected() == 1
		return err
	})
	if err != nil {
		return false, fmt.Errorf("using a passkey: %w", err)
	}
	return fresh, nil
}

// UseCode uses up a recovery code.
func (s *Accounts) UseCode(ctx context.Context, account string, code [32]byte, now time.Time, write local.Write) (bool, error) {
	err := s.change(ctx, "using a recovery code", write, func(tx pgx.Tx) error {
		return exactly(errUnused)(tx.Exec(ctx, "UPDATE portal.account_code SET used_at = $3 WHERE account_id = $1 AND hash = $2 AND used_at IS NULL", account, code[:], now))
	})
	if errors.Is(err, errUnused) {
		return false, nil
	}
	return err == nil, err
}

var errUnused = errors.New("no such unused code")

// change makes a change and has it written down just before it is committed.
func (s *Accounts) change(ctx context.Context, attempt string, write local.Write, work func(pgx.Tx) error) error {
	err := pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		if err := work(tx); err != nil {
			return err
		}
		// A broken rule of the tables must show before the event is written, not after.
		if _, err := tx.Exec(ctx, "SET CONSTRAINTS ALL IMMEDIATE"); err != nil {
			return err
		}
		return write(ctx)
	})
	var pg *pgconn.PgError
	if errors.As(err, &pg) && pg.ConstraintName == "account_has_factor" {
		return local.ErrLastFactor
	}
	if err != nil {
		return fmt.Errorf("%s: %w", attempt, err)
	}
	return nil
}

// exactly turns a statement that changed other than one row into the error.
func exactly(otherwise error) func(pgconn.CommandTag, error) error {
	return func(tag pgconn.CommandTag, err error) error {
		if err == nil && tag.RowsAffected() != 1 {
			return otherwise
		}
		return err
	}
}
