package postgres

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"ribble/internal/identity/local"
)

const insertFactor = `
INSERT INTO portal.account_factor (id, account_id, kind, name, secret, last_step, credential, credential_id, created_at)
SELECT $1, id, $3, $4, $5, $6, $7, $8, $9 FROM portal.account WHERE id = $2 AND status = 'active'`

func addFactor(ctx context.Context, tx pgx.Tx, account string, f local.Factor) error {
	return exactly(local.ErrNoAccount)(tx.Exec(ctx, insertFactor, f.ID, account, f.Kind, f.Name, f.Secret, f.LastStep, f.Credential, f.CredentialID, f.Created))
}

// AddFactor gives an active account one more second factor.
func (s *Accounts) AddFactor(ctx context.Context, account string, f local.Factor, write local.Write) error {
	return s.change(ctx, "adding a second factor", write, func(tx pgx.Tx) error { return addFactor(ctx, tx, account, f) })
}

// RemoveFactor takes a second factor away; the tables refuse to lose the last one.
func (s *Accounts) RemoveFactor(ctx context.Context, account, factor string, write local.Write) error {
	return s.change(ctx, "removing a second factor", write, func(tx pgx.Tx) error {
		return exactly(local.ErrNoAccount)(tx.Exec(ctx, "DELETE FROM portal.account_factor WHERE account_id = $1 AND id = $2", account, factor))
	})
}

// ReplaceCodes makes these the only recovery codes.
func (s *Accounts) ReplaceCodes(ctx context.Context, account string, codes [][32]byte, write local.Write) error {
	return s.change(ctx, "replacing recovery codes", write, func(tx pgx.Tx) error { return replaceCodes(ctx, tx, account, codes) })
}

func replaceCodes(ctx context.Context, tx pgx.Tx, account string, codes [][32]byte) error {
	if _, err := tx.Exec(ctx, "DELETE FROM portal.account_code WHERE account_id = $1", account); err != nil {
		return err
	}
	rows := make([][]byte, len(codes))
	for i := range codes {
		rows[i] = codes[i][:]
	}
	_, err := tx.Exec(ctx, "INSERT INTO portal.account_code (account_id, hash) SELECT $1, unnest($2::bytea[])", account, rows)
	return err
}

// SetPassphrase keeps a new hash.
func (s *Accounts) SetPassphrase(ctx context.Context, account, hash string, newVersion bool, now time.Time, write local.Write) error {
	return s.change(ctx, "storing a passphrase", write, func(tx pgx.Tx) error {
		const update = "UPDATE portal.account SET passphrase = $2, version = version + CASE WHEN $3 THEN 1 ELSE 0 END, changed_at = $4 WHERE id = $1 AND status = 'active'"
		return exactly(local.ErrNoAccount)(tx.Exec(ctx, update, account, hash, newVersion, now))
	})
}

// Invite stores a new account with its invitation.
func (s *Accounts) Invite(ctx context.Context, a local.Account, i local.Invitation, write local.Write) error {
	const insert = `
INSERT INTO portal.account (id, login, name, role, organisation_ods, organisation_name, status, version, created_at, changed_at, expires_at, confirmed_until)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9, $10, $11)`
	err := s.change(ctx, "storing an account", write, func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, insert, a.ID, a.Login, a.Name, a.Role, a.Organisation.ODS, a.Organisation.Name, a.Status, a.Version, a.Created,
			a.Expires, a.ConfirmedUntil)
		if err != nil {
			return err
		}
		return addInvitation(ctx, tx, a.ID, i)
	})
	var pg *pgconn.PgError
	if errors.As(err, &pg) && pg.ConstraintName == "account_login_key" {
		return local.ErrTaken
	}
	return err
}

func addInvitation(ctx context.Context, tx pgx.Tx, account string, i local.Invitation) error {
	_, err := tx.Exec(ctx, "INSERT INTO portal.account_invitation (token_hash, account_id, created_at, expires_at) VALUES ($1, $2, $3, $4)", i.Token[:], account, i.Created, i.Expires)
	return err
}

// Reset takes every credential and every open invitation from an account and gives it a new invitation.
func (s *Accounts) Reset(ctx context.Context, account string, i local.Invitation, write local.Write) error {
	return s.change(ctx, "resetting an account", write, func(tx pgx.Tx) error {
		const update = "UPDATE portal.account SET status = 'invited', passphrase = '', version = version + 1, changed_at = $2 WHERE id = $1 AND status <> 'ended'"
		if err := exactly(local.ErrNoAccount)(tx.Exec(ctx, update, account, i.Created)); err != nil {
			return err
		}
		if err := removeCredentials(ctx, tx, account); err != nil {
			return err
		}
		return addInvitation(ctx, tx, account, i)
	})
}

func removeCredentials(ctx context.Context, tx pgx.Tx, account string) error {
	for _, table := range []string{"account_factor", "account_code", "account_invitation"} {
		if _, err := tx.Exec(ctx, "DELETE FROM portal."+table+" WHERE account_id = $1", account); err != nil {
			return err
		}
	}
	return nil
}

// Invited gives the account of an invitation that can still be used.
func (s *Accounts) Invited(ctx context.Context, token [32]byte, now time.Time) (local.Account, error) {
	a, err := s.one(ctx, "status = 'invited' AND expires_at > $2 AND id = (SELECT account_id FROM portal.account_invitation WHERE token_hash = $1 AND used_at IS NULL AND expires_at > $2)", token[:], now)
	if errors.Is(err, local.ErrNoAccount) {
		return local.Account{}, local.ErrInvitation
	}
	return a, err
}

// Accept uses an invitation up and makes its account active. The invitation's row decides: of any number of replicas, one succeeds.
func (s *Accounts) Accept(ctx context.Context, token [32]byte, e local.Enrolment, now time.Time, write local.Write) error {
	return s.change(ctx, "enrolling", write, func(tx pgx.Tx) error {
		var account string
		err := tx.QueryRow(ctx, "UPDATE portal.account_invitation SET used_at = $2 WHERE token_hash = $1 AND used_at IS NULL AND expires_at > $2 RETURNING account_id", token[:], now).Scan(&account)
		if errors.Is(err, pgx.ErrNoRows) {
			return local.ErrInvitation
		}
		if err != nil {
			return err
		}
		const activate = "UPDATE portal.account SET status = 'active', passphrase = $2, changed_at = $3 WHERE id = $1 AND status = 'invited' AND expires_at > $3"
		if err := exactly(local.ErrInvitation)(tx.Exec(ctx, activate, account, e.Passphrase, now)); err != nil {
			return err
		}
		if err := addFactor(ctx, tx, account, e.Factor); err != nil {
			return err
		}
		return replaceCodes(ctx, tx, account, e.Codes)
	})
}

// SetStatus locks, unlocks or ends an account. What ends loses its credentials.
func (s *Accounts) SetStatus(ctx context.Context, account string, status local.Status, now time.Time, write local.Write) error {
	return s.change(ctx, "changing an account", write, func(tx pgx.Tx) error {
		const update = "UPDATE portal.account SET status = $2, changed_at = $3 WHERE id = $1 AND status <> 'ended'"
		if err := exactly(local.ErrNoAccount)(tx.Exec(ctx, update, account, status, now)); err != nil {
			return err
		}
		if status != local.Ended {
			return nil
		}
		if _, err := tx.Exec(ctx, "UPDATE portal.account SET passphrase = '' WHERE id = $1", account); err != nil {
			return err
		}
		return removeCredentials(ctx, tx, account)
	})
}

// attemptLife is how long attempts are kept: twice the window in which they count.
const attemptLife = 48 * time.Hour

// Forget removes attempts that no longer count, and invitations that were used or are past their end.
func (s *Accounts) Forget(ctx context.Context, now time.Time) error {
	ctx = patiently(ctx)
	if _, err := s.pool.Exec(ctx, "DELETE FROM portal.account_attempt WHERE at < $1", now.Add(-attemptLife)); err != nil {
		return fmt.Errorf("removing old attempts: %w", err)
	}
	if _, err := s.pool.Exec(ctx, "DELETE FROM portal.account_invitation WHERE expires_at < $1", now.Add(-local.InvitationLife)); err != nil {
		return fmt.Errorf("removing old invitations: %w", err)
	}
	return nil
}
