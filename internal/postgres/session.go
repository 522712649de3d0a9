package postgres

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"ribble/internal/identity"
)

// Sessions keeps sessions in the table portal.session, where every replica of the portal sees them. It satisfies identity.Sessions.
type Sessions struct{ pool *pgxpool.Pool }

var _ identity.Sessions = (*Sessions)(nil)

const insertSession = `
INSERT INTO portal.session (token_hash, id, issuer, subject, sid, user_name, sds_user_id, role_profile, role_code, role_name, activities,
    organisation_ods, organisation_name, assurance_level, signed_in_at, created_at, expires_at, idle, idle_until)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19)`

// Create stores a session; a token hash or id that exists already is an error and changes nothing.
func (s *Sessions) Create(ctx context.Context, n identity.NewSession) error {
	u := n.User
	activities := u.Role.Activities
	if activities == nil {
		activities = []string{}
	}
	_, err := s.pool.Exec(ctx, insertSession, n.TokenHash[:], n.ID, u.Issuer, u.Subject, n.SID, u.Name, u.SDSUserID,
		u.Role.ProfileID, u.Role.Code, u.Role.Name, activities, u.Organisation.ODS, u.Organisation.Name, u.AssuranceLevel,
		u.SignedInAt, n.Created, n.Expires, n.Idle, n.Created.Add(n.Idle))
	if err != nil {
		return fmt.Errorf("storing the session: %w", err)
	}
	return nil
}

const selectSession = `
SELECT id, issuer, subject, sid, user_name, sds_user_id, role_profile, role_code, role_name, activities, organisation_ods,
    organisation_name, assurance_level, signed_in_at, created_at, expires_at, idle, idle_until
FROM portal.session
WHERE token_hash = $1 AND ended_at IS NULL AND expires_at > $2 AND idle_until > $2`

// Find gives the live session of the token and moves its idle limit on, or identity.ErrNoSession.
func (s *Sessions) Find(ctx context.Context, tokenHash [32]byte, now time.Time) (identity.Session, error) {
	var (
		found identity.Session
		idle  time.Duration
	)
	u := &found.User
	err := s.pool.QueryRow(ctx, selectSession, tokenHash[:], now).Scan(&found.ID, &u.Issuer, &u.Subject, &found.SID, &u.Name,
		&u.SDSUserID, &u.Role.ProfileID, &u.Role.Code, &u.Role.Name, &u.Role.Activities, &u.Organisation.ODS, &u.Organisation.Name,
		&u.AssuranceLevel, &u.SignedInAt, &found.Created, &found.Expires, &idle, &found.IdleUntil)
	if errors.Is(err, pgx.ErrNoRows) {
		return identity.Session{}, identity.ErrNoSession
	}
	if err != nil {
		return identity.Session{}, fmt.Errorf("finding the session: %w", err)
	}
	u.Session = found.ID
	if err := s.touch(ctx, tokenHash, now, idle, &found); err != nil {
		return identity.Session{}, err
	}
	return found, nil
}

// touch moves the idle limit on once a tenth of the idle time has passed: a write for each request would cost more than the request.
// A session that ended meanwhile is not found.
func (s *Sessions) touch(ctx context.Context, tokenHash [32]byte, now time.Time, idle time.Duration, found *identity.Session) error {
	until := now.Add(idle)
	if until.Sub(found.IdleUntil) < idle/10 {
		return nil
	}
	tag, err := s.pool.Exec(ctx, "UPDATE portal.session SET idle_until = greatest(idle_until, $2) WHERE token_hash = $1 AND ended_at IS NULL",
		tokenHash[:], until)
	if err != nil {
		return fmt.Errorf("keeping the session alive: %w", err)
	}
	if tag.RowsAffected() == 0 {
		return identity.ErrNoSession
	}
	found.IdleUntil = until
	return nil
}

// End ends a session at once on every replica; one that is not live is no error.
func (s *Sessions) End(ctx context.Context, tokenHash [32]byte) error {
	_, err := s.pool.Exec(ctx, "UPDATE portal.session SET ended_at = now() WHERE token_hash = $1 AND ended_at IS NULL", tokenHash[:])
	if err != nil {
		return fmt.Errorf("ending the session: %w", err)
	}
	return nil
}

// EndBySID ends every session that the issuer knows as sid and says how many. An empty sid names none.
func (s *Sessions) EndBySID(ctx context.Context, issuer, sid string) (int, error) {
	return s.endWhere(ctx, "UPDATE portal.session SET ended_at = now() WHERE issuer = $1 AND sid = $2 AND sid <> '' AND ended_at IS NULL", issuer, sid)
}

// EndBySubject ends every session of one user and says how many: a back-channel logout may name the user alone.
func (s *Sessions) EndBySubject(ctx context.Context, issuer, subject string) (int, error) {
	return s.endWhere(ctx, "UPDATE portal.session SET ended_at = now() WHERE issuer = $1 AND subject = $2 AND ended_at IS NULL", issuer, subject)
}

func (s *Sessions) endWhere(ctx context.Context, statement, issuer, name string) (int, error) {
	tag, err := s.pool.Exec(ctx, statement, issuer, name)
	if err != nil {
		return 0, fmt.Errorf("ending sessions: %w", err)
	}
	return int(tag.RowsAffected()), nil
}

// Purge removes sessions that ended, or reached their absolute limit, before the given time, and says how many.
func (s *Sessions) Purge(ctx context.Context, before time.Time) (int, error) {
	tag, err := s.pool.Exec(ctx, "DELETE FROM portal.session WHERE expires_at < $1 OR ended_at < $1", before)
	if err != nil {
		return 0, fmt.Errorf("removing old sessions: %w", err)
	}
	return int(tag.RowsAffected()), nil
}
