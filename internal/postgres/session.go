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

// Sessions keeps sessions in the table portal.session, where every replica of the portal sees them.
type Sessions struct{ pool *pgxpool.Pool }

var (
	_ identity.Sessions = (*Sessions)(nil)
	_ identity.Locks    = (*Sessions)(nil)
	_ identity.Listing  = (*Sessions)(nil)
)

const insertSession = `
INSERT INTO portal.session (token_hash, id, issuer, subject, sid, user_name, sds_user_id, role_profile, role_code, role_name, activities,
    organisation_ods, organisation_name, assurance_level, signed_in_at, created_at, expires_at, idle, idle_until, linger, authenticated_at,
    address, agent, in_context, previous_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $16, $21, $22, $23,
    (SELECT max(created_at) FROM portal.session WHERE issuer = $3 AND subject = $4))`

// Create stores a session; a token hash or id that exists already is an error and changes nothing.
func (s *Sessions) Create(ctx context.Context, n identity.NewSession) error {
	u := n.User
	activities := u.Role.Activities
	if activities == nil {
		activities = []string{}
	}
	_, err := s.pool.Exec(ctx, insertSession, n.TokenHash[:], n.ID, u.Issuer, u.Subject, n.SID, u.Name, u.SDSUserID,
		u.Role.ProfileID, u.Role.Code, u.Role.Name, activities, u.Organisation.ODS, u.Organisation.Name, u.AssuranceLevel,
		u.SignedInAt, n.Created, n.Expires, n.Idle, n.Created.Add(n.Idle), n.Linger, n.Address, n.Agent, n.InContext)
	if err != nil {
		return fmt.Errorf("storing the session: %w", err)
	}
	return nil
}

// ends is when a session is over if its user does nothing more. live is true of a session at the time $2, open or locked.
const (
	ends = "least(expires_at, coalesce(locked_at, idle_until) + linger)"
	live = "ended_at IS NULL AND expires_at > $2 AND coalesce(locked_at, idle_until) + linger > $2"

	selectSession = `
SELECT id, issuer, subject, sid, user_name, sds_user_id, role_profile, role_code, role_name, activities, organisation_ods,
    organisation_name, assurance_level, signed_in_at, created_at, expires_at, idle_until, authenticated_at, ` + ends + `,
    address, agent, in_context, idle, previous_at, locked_at, ended_at
FROM portal.session WHERE `
)

// row is a session with what only this package needs of it.
type row struct {
	identity.Session
	idle time.Duration
}

func scanSession(from pgx.CollectableRow) (row, error) {
	var (
		r                       row
		previous, locked, ended *time.Time
	)
	s, u := &r.Session, &r.User
	err := from.Scan(&s.ID, &u.Issuer, &u.Subject, &s.SID, &u.Name, &u.SDSUserID, &u.Role.ProfileID, &u.Role.Code, &u.Role.Name,
		&u.Role.Activities, &u.Organisation.ODS, &u.Organisation.Name, &u.AssuranceLevel, &u.SignedInAt, &s.Created, &s.Expires,
		&s.IdleUntil, &s.Authenticated, &s.Ends, &s.Address, &s.Agent, &s.InContext, &r.idle, &previous, &locked, &ended)
	u.Session = s.ID
	for to, at := range map[*time.Time]*time.Time{&s.Previous: previous, &s.Locked: locked, &s.Ended: ended} {
		if at != nil {
			*to = *at
		}
	}
	return r, err
}

// Find gives the session of the token, open or locked, and moves the idle limit of an open one on; or identity.ErrNoSession.
func (s *Sessions) Find(ctx context.Context, tokenHash [32]byte, now time.Time) (identity.Session, error) {
	found, err := s.read(ctx, tokenHash, now)
	if err != nil || !found.Locked.IsZero() {
		return found.Session, err
	}
	kept, err := s.touch(ctx, tokenHash, now, &found)
	if err != nil {
		return identity.Session{}, err
	}
	if !kept {
		// Between the two statements somebody locked or ended it.
		found, err = s.read(ctx, tokenHash, now)
	}
	return found.Session, err
}

// Peek gives the session like Find, but leaves its idle limit where it is: for requests that a page makes by itself.
func (s *Sessions) Peek(ctx context.Context, tokenHash [32]byte, now time.Time) (identity.Session, error) {
	found, err := s.read(ctx, tokenHash, now)
	return found.Session, err
}

func (s *Sessions) read(ctx context.Context, tokenHash [32]byte, now time.Time) (row, error) {
	rows, err := s.pool.Query(ctx, selectSession+"token_hash = $1 AND "+live, tokenHash[:], now)
	if err != nil {
		return row{}, fmt.Errorf("finding the session: %w", err)
	}
	found, err := pgx.CollectExactlyOneRow(rows, scanSession)
	if errors.Is(err, pgx.ErrNoRows) {
		return row{}, identity.ErrNoSession
	}
	if err != nil {
		return row{}, fmt.Errorf("finding the session: %w", err)
	}
	// A session that nobody used locks by itself; no write is needed for that.
	if found.Locked.IsZero() && !found.IdleUntil.After(now) {
		found.Locked = found.IdleUntil
	}
	return found, nil
}

// touch moves the idle limit on once a tenth of the idle time has passed: a write for each request would cost more than the request.
func (s *Sessions) touch(ctx context.Context, tokenHash [32]byte, now time.Time, found *row) (bool, error) {
	until := now.Add(found.idle)
	if until.Sub(found.IdleUntil) < found.idle/10 {
		return true, nil
	}
	tag, err := s.pool.Exec(ctx, "UPDATE portal.session SET idle_until = greatest(idle_until, $3)"+
		" WHERE token_hash = $1 AND ended_at IS NULL AND locked_at IS NULL AND idle_until > $2", tokenHash[:], now, until)
	if err != nil {
		return false, fmt.Errorf("keeping the session alive: %w", err)
	}
	// The end moves with the limit, but never past the absolute one.
	found.Ends = minTime(found.Expires, found.Ends.Add(until.Sub(found.IdleUntil)))
	found.IdleUntil = until
	return tag.RowsAffected() > 0, nil
}

func minTime(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}

// Lock locks an open session at once on every replica, and says whether it was open.
func (s *Sessions) Lock(ctx context.Context, tokenHash [32]byte, now time.Time) (bool, error) {
	tag, err := s.pool.Exec(ctx, "UPDATE portal.session SET locked_at = $2 WHERE token_hash = $1 AND locked_at IS NULL AND idle_until > $2 AND "+live, tokenHash[:], now)
	if err != nil {
		return false, fmt.Errorf("locking the session: %w", err)
	}
	return tag.RowsAffected() > 0, nil
}

// Renew opens a live session under another token and notes the proof; or identity.ErrNoSession.
func (s *Sessions) Renew(ctx context.Context, r identity.Renewal) error {
	tag, err := s.pool.Exec(ctx, "UPDATE portal.session SET token_hash = $3, locked_at = NULL, authenticated_at = $2, idle_until = $2 + idle,"+
		" sid = coalesce(nullif($4, ''), sid) WHERE token_hash = $1 AND "+live, r.Old[:], r.At, r.New[:], r.SID)
	if err != nil {
		return fmt.Errorf("renewing the session: %w", err)
	}
	if tag.RowsAffected() == 0 {
		return identity.ErrNoSession
	}
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

// Purge removes sessions that ended, or reached their absolute limit, before the given time, and says how many.
func (s *Sessions) Purge(ctx context.Context, before time.Time) (int, error) {
	ctx = patiently(ctx)
	tag, err := s.pool.Exec(ctx, "DELETE FROM portal.session WHERE expires_at < $1 OR ended_at < $1", before)
	if err != nil {
		return 0, fmt.Errorf("removing old sessions: %w", err)
	}
	return int(tag.RowsAffected()), nil
}
