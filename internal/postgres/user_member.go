package postgres

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"ribble/internal/identity"
	"ribble/internal/identity/local"
	"ribble/internal/sponsor"
)

// stands are where accounts stand, as conditions; $4 is now and $5 the time up to which is warned.
var stands = map[sponsor.Stand]string{
	"":                "status <> 'ended'",
	sponsor.ToConfirm: "status IN ('active', 'invited') AND confirmed_until <= $5 AND expires_at > $4",
	sponsor.Ending:    "status IN ('active', 'invited') AND expires_at <= $5",
	sponsor.ToInvite:  "status = 'invited' AND expires_at > $4",
	sponsor.Stopped:   "status = 'locked'",
	sponsor.Gone:      "status = 'ended'",
}

// Members reads accounts by login name.
func (u *Users) Members(ctx context.Context, f sponsor.Filter) ([]local.Account, error) {
	if f.Limit <= 0 || f.Limit > sponsor.MaxLines {
		f.Limit = sponsor.MaxLines
	}
	stand := stands[f.Stand]
	if len(f.Logins) > 0 {
		stand = "true"
	}
	rows, err := u.pool.Query(ctx, selectAccount+" WHERE ($1 = '' OR organisation_ods = $1) AND ($3::text[] IS NULL OR login = ANY ($3)) AND ($4::timestamptz < $5) AND "+stand+
		" ORDER BY login OFFSET $2 LIMIT $6", f.Organisation, f.Skip, f.Logins, f.Now, f.Now.Add(sponsor.WarnWithin), f.Limit)
	if err != nil {
		return nil, fmt.Errorf("reading users: %w", err)
	}
	list, err := pgx.CollectRows(rows, scanAccount)
	if err != nil {
		return nil, fmt.Errorf("reading users: %w", err)
	}
	return list, nil
}

// Member reads one account.
func (u *Users) Member(ctx context.Context, id string) (local.Account, error) {
	a, err := (&Accounts{u.pool}).ByID(ctx, id)
	if errors.Is(err, local.ErrNoAccount) {
		return local.Account{}, sponsor.ErrUnknown
	}
	return a, err
}

const selectTallies = `
SELECT organisation_ods, max(organisation_name), count(*),
    count(*) FILTER (WHERE open AND confirmed_until <= $2 AND expires_at > $2), count(*) FILTER (WHERE open AND expires_at <= $2),
    count(*) FILTER (WHERE open AND confirmed_until > $2 AND confirmed_until <= $3 AND expires_at > $2), count(*) FILTER (WHERE open AND expires_at > $2 AND expires_at <= $3),
    count(*) FILTER (WHERE status = 'invited' AND expires_at > $2), count(*) FILTER (WHERE status = 'locked'), count(*) FILTER (WHERE request IS NULL)
FROM (SELECT *, status IN ('active', 'invited') AS open FROM portal.account WHERE status <> 'ended' AND ($1 = '' OR organisation_ods = $1)) a
GROUP BY organisation_ods ORDER BY max(organisation_name), organisation_ods`

// Tallies counts the accounts of each organisation, or of one.
func (u *Users) Tallies(ctx context.Context, ods string, now time.Time) ([]sponsor.Tally, error) {
	rows, err := u.pool.Query(ctx, selectTallies, ods, now, now.Add(sponsor.WarnWithin))
	if err != nil {
		return nil, fmt.Errorf("counting users: %w", err)
	}
	list, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (t sponsor.Tally, err error) {
		return t, row.Scan(&t.Organisation.ODS, &t.Organisation.Name, &t.Users, &t.Unconfirmed, &t.Expired, &t.ToConfirm, &t.Ending, &t.ToInvite, &t.Locked, &t.Alone)
	})
	if err != nil {
		return nil, fmt.Errorf("counting users: %w", err)
	}
	return list, nil
}

// Confirm notes that accounts are still needed.
func (u *Users) Confirm(ctx context.Context, ids []string, until time.Time, write local.Write) error {
	ctx = patiently(ctx)
	err := pgx.BeginFunc(ctx, u.pool, func(tx pgx.Tx) error {
		const update = "UPDATE portal.account SET confirmed_until = $2, lapse = CASE lapse WHEN 'unconfirmed' THEN '' ELSE lapse END WHERE id = ANY ($1) AND status <> 'ended'"
		if err := all(len(ids), sponsor.ErrNotNow)(tx.Exec(ctx, update, ids, until)); err != nil {
			return err
		}
		return write(ctx)
	})
	return usersChanged("confirming users", err)
}

// endSessions ends the live sessions of accounts and of smartcard users, and gives whose they were.
const endSessions = `
UPDATE portal.session SET ended_at = $4
WHERE ended_at IS NULL AND expires_at > $4
    AND (issuer = 'urn:ribble:local' AND subject = ANY ($1)
        OR EXISTS (SELECT FROM unnest($2::text[], $3::text[]) AS card (id, ods) WHERE card.id = sds_user_id AND card.id <> '' AND card.ods IN ('', organisation_ods)))
RETURNING id, issuer, subject, user_name, sds_user_id, role_profile, role_code, role_name, activities, organisation_ods, organisation_name,
    assurance_level, signed_in_at`

// Leave ends accounts and sessions, all of them in one transaction.
func (u *Users) Leave(ctx context.Context, l sponsor.Leave, now time.Time, write local.Write) (ended []identity.User, err error) {
	ctx = patiently(ctx)
	err = pgx.BeginFunc(ctx, u.pool, func(tx pgx.Tx) error {
		const end = "UPDATE portal.account SET status = 'ended', passphrase = '', version = version + 1, changed_at = $2 WHERE id = ANY ($1) AND status <> 'ended'"
		if err := all(len(l.Now), sponsor.ErrNotNow)(tx.Exec(ctx, end, l.Now, now)); err != nil {
			return err
		}
		for _, id := range l.Now {
			if err := removeCredentials(ctx, tx, id); err != nil {
				return err
			}
		}
		stopped := append([]string{}, l.Now...)
		for id, at := range l.Later {
			// A session lasts no longer than the account did when it began, so it begins anew.
			const shorten = "UPDATE portal.account SET expires_at = $2, changed_at = $3 WHERE id = $1 AND status <> 'ended' AND expires_at > $2"
			if err := exactly(sponsor.ErrNotNow)(tx.Exec(ctx, shorten, id, at, now)); err != nil {
				return err
			}
			stopped = append(stopped, id)
		}
		if err := write(ctx); err != nil {
			return err
		}
		cards, at := make([]string, len(l.Cards)), make([]string, len(l.Cards))
		for i, c := range l.Cards {
			cards[i], at[i] = c.SDSUserID, c.Organisation
		}
		rows, err := tx.Query(ctx, endSessions, stopped, cards, at, now)
		if err != nil {
			return err
		}
		ended, err = pgx.CollectRows(rows, scanUser)
		return err
	})
	return ended, usersChanged("ending accounts", err)
}

const selectLapsed = `
 WHERE status = 'active' AND lapse <> CASE WHEN expires_at <= $1 THEN 'expired' WHEN confirmed_until <= $1 THEN 'unconfirmed' ELSE '' END
ORDER BY id LIMIT 500 FOR UPDATE SKIP LOCKED`

// Lapsed finds accounts whose lapse was not written down yet. The rows are locked, so that of any number of replicas one writes it down.
func (u *Users) Lapsed(ctx context.Context, now time.Time, note func(context.Context, local.Account, local.Lapse) error) error {
	err := pgx.BeginFunc(ctx, u.pool, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, selectAccount+selectLapsed, now)
		if err != nil {
			return err
		}
		list, err := pgx.CollectRows(rows, scanAccount)
		if err != nil {
			return err
		}
		for _, a := range list {
			lapse := a.Lapse(now)
			if lapse != local.NoLapse {
				if err := note(ctx, a, lapse); err != nil {
					return err
				}
			}
			if _, err := tx.Exec(ctx, "UPDATE portal.account SET lapse = $2 WHERE id = $1", a.ID, lapse); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("writing down lapses: %w", err)
	}
	return nil
}
