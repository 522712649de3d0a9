package postgres

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"ribble/internal/identity"
)

// errNoneNamed says that sessions were to be ended without saying which: that must never mean all.
var errNoneNamed = errors.New("ending sessions: none was named")

// Of lists the sessions of a user that were live at or after the given time, the newest first.
func (s *Sessions) Of(ctx context.Context, issuer, subject string, since time.Time) ([]identity.Session, error) {
	rows, err := s.pool.Query(ctx, selectSession+"issuer = $1 AND subject = $2 AND coalesce(ended_at, "+ends+") >= $3"+
		" ORDER BY created_at DESC LIMIT 100", issuer, subject, since)
	if err != nil {
		return nil, fmt.Errorf("listing sessions: %w", err)
	}
	found, err := pgx.CollectRows(rows, scanSession)
	if err != nil {
		return nil, fmt.Errorf("listing sessions: %w", err)
	}
	list := make([]identity.Session, len(found))
	for i, f := range found {
		list[i] = f.Session
	}
	return list, nil
}

// EndWhere ends every live session that fits, at once on every replica, and gives the users of those that were ended.
func (s *Sessions) EndWhere(ctx context.Context, w identity.Which) ([]identity.User, error) {
	if w.Issuer == "" || w.Subject == "" && w.SID == "" && w.ID == "" {
		return nil, errNoneNamed
	}
	rows, err := s.pool.Query(ctx, `
UPDATE portal.session SET ended_at = now()
WHERE issuer = $1 AND ($2 = '' OR subject = $2) AND ($3 = '' OR sid = $3) AND ($4 = '' OR id = $4)
    AND ended_at IS NULL AND expires_at > now() AND coalesce(locked_at, idle_until) + linger > now()
RETURNING id, issuer, subject, user_name, sds_user_id, role_profile, role_code, role_name, activities, organisation_ods, organisation_name,
    assurance_level, signed_in_at`, w.Issuer, w.Subject, w.SID, w.ID)
	if err != nil {
		return nil, fmt.Errorf("ending sessions: %w", err)
	}
	users, err := pgx.CollectRows(rows, scanUser)
	if err != nil {
		return nil, fmt.Errorf("ending sessions: %w", err)
	}
	return users, nil
}

// scanUser reads the user of a session.
func scanUser(from pgx.CollectableRow) (identity.User, error) {
	var u identity.User
	err := from.Scan(&u.Session, &u.Issuer, &u.Subject, &u.Name, &u.SDSUserID, &u.Role.ProfileID, &u.Role.Code, &u.Role.Name,
		&u.Role.Activities, &u.Organisation.ODS, &u.Organisation.Name, &u.AssuranceLevel, &u.SignedInAt)
	return u, err
}
