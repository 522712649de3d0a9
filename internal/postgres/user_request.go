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
	"ribble/internal/sponsor"
)

// Users keeps requests for accounts, and the accounts that come of them, in portal.user_request and portal.account. It satisfies sponsor.Store.
type Users struct{ pool *pgxpool.Pool }

var _ sponsor.Store = (*Users)(nil)

// Users is where requests for accounts are kept.
func (db *DB) Users() *Users { return &Users{db.app} }

// userRefusals are the refusals of the triggers, by their codes.
var userRefusals = map[string]error{"RU001": sponsor.ErrDecided, "RU002": sponsor.ErrSamePerson, "RU003": sponsor.ErrUnproven}

// usersChanged gives an error of a change of users its meaning.
func usersChanged(attempt string, err error) error {
	var pg *pgconn.PgError
	switch {
	case err == nil || errors.Is(err, sponsor.ErrDecided) || errors.Is(err, sponsor.ErrNotNow):
		return err
	case errors.As(err, &pg) && userRefusals[pg.Code] != nil:
		return userRefusals[pg.Code]
	case errors.As(err, &pg) && (pg.ConstraintName == "user_request_open" || pg.ConstraintName == "account_login_key"):
		return sponsor.ErrTaken
	}
	return fmt.Errorf("%s: %w", attempt, err)
}

// all turns a statement that changed other than so many rows into the error.
func all(rows int, otherwise error) func(pgconn.CommandTag, error) error {
	return func(tag pgconn.CommandTag, err error) error {
		if err == nil && int(tag.RowsAffected()) != rows {
			return otherwise
		}
		return err
	}
}

// forgetOver removes requests of login names for which nobody decided in time: they must not stand in the way of new ones.
const forgetOver = `
DELETE FROM portal.user_request WHERE login = ANY ($1) AND (state = 'asked' AND asked_at <= $2 OR state = 'sponsored' AND sponsored_at <= $3)`

const insertRequests = `
INSERT INTO portal.user_request (id, batch, kind, login, name, job, organisation_ods, organisation_name, account, asked_at)
SELECT id, batch, kind, login, name, job, ods, organisation, nullif(account, ''), at
FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[], $10::timestamptz[])
    WITH ORDINALITY AS r (id, batch, kind, login, name, job, ods, organisation, account, at, place)
ORDER BY place`

// requestColumns are the columns of requests as they are kept first.
func requestColumns(list []sponsor.Request) []any {
	texts := make([][]string, 9)
	at := make([]time.Time, len(list))
	for i, r := range list {
		for j, text := range []string{r.ID, r.Batch, string(r.Kind), r.Login, r.Name, r.Job, r.Organisation.ODS, r.Organisation.Name, r.Account} {
			texts[j] = append(texts[j], text)
		}
		at[i] = r.At
	}
	out := make([]any, 0, len(texts)+1)
	for _, column := range texts {
		out = append(out, column)
	}
	return append(out, at)
}

func loginsOf(list []sponsor.Request) []string {
	logins := make([]string, len(list))
	for i, r := range list {
		logins[i] = r.Login
	}
	return logins
}

// Ask keeps a request, unless one for the same login name waits at the organisation already.
func (u *Users) Ask(ctx context.Context, r sponsor.Request) error {
	list := []sponsor.Request{r}
	err := pgx.BeginFunc(ctx, u.pool, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, forgetOver, loginsOf(list), r.At.Add(-sponsor.AskedLasts), r.At.Add(-sponsor.SponsoredLasts)); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, insertRequests+" ON CONFLICT DO NOTHING", requestColumns(list)...)
		return err
	})
	if err != nil {
		return fmt.Errorf("keeping a request: %w", err)
	}
	return nil
}

const sponsorRequests = `
UPDATE portal.user_request r SET state = 'sponsored', role = v.role, trained_on = v.trained, until = v.until,
    sponsor_issuer = v.issuer, sponsor_subject = v.subject, sponsor_name = v.name, sponsored_at = v.at, sponsored_event = v.event
FROM unnest($1::uuid[], $2::text[], $3::date[], $4::date[], $5::text[], $6::text[], $7::text[], $8::timestamptz[], $9::uuid[])
    AS v (id, role, trained, until, issuer, subject, name, at, event)
WHERE r.id = v.id AND r.state = 'asked'`

// Vouch marks requests as sponsored; those that are not there yet are kept first, in the place of what their users had asked for themselves.
func (u *Users) Vouch(ctx context.Context, list []sponsor.Request) error {
	var ids, roles, issuers, subjects, names, events []string
	var trained, until, at []time.Time
	for _, r := range list {
		ids, roles, events = append(ids, r.ID), append(roles, r.Terms.Role), append(events, r.SponsoredEvent)
		issuers, subjects, names = append(issuers, r.Sponsor.Issuer), append(subjects, r.Sponsor.Subject), append(names, r.Sponsor.Name)
		trained, until, at = append(trained, r.Terms.Trained), append(until, r.Terms.Until), append(at, r.SponsoredAt)
	}
	now := list[0].SponsoredAt
	ctx = patiently(ctx)
	err := pgx.BeginFunc(ctx, u.pool, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, large); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, forgetOver, loginsOf(list), now.Add(-sponsor.AskedLasts), now.Add(-sponsor.SponsoredLasts)); err != nil {
			return err
		}
		const replaced = `
DELETE FROM portal.user_request r USING unnest($1::text[], $2::text[]) AS n (login, ods)
WHERE r.login = n.login AND r.organisation_ods = n.ods AND r.state = 'asked' AND r.id <> ALL ($3::uuid[])`
		organisations := make([]string, len(list))
		for i, r := range list {
			organisations[i] = r.Organisation.ODS
		}
		if _, err := tx.Exec(ctx, replaced, loginsOf(list), organisations, ids); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, insertRequests+" ON CONFLICT (id) DO NOTHING", requestColumns(list)...); err != nil {
			return err
		}
		return all(len(list), sponsor.ErrDecided)(tx.Exec(ctx, sponsorRequests, ids, roles, trained, until, issuers, subjects, names, at, events))
	})
	return usersChanged("keeping a sponsor's word", err)
}

const decideRequests = `
UPDATE portal.user_request r SET state = v.state, account = coalesce(r.account, nullif(v.account, '')), words = v.words,
    decider_issuer = v.issuer, decider_subject = v.subject, decider_name = v.name, decided_at = v.at, decided_event = v.event
FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::timestamptz[], $9::uuid[])
    AS v (id, state, account, words, issuer, subject, name, at, event)
WHERE r.id = v.id AND r.state IN ('asked', 'sponsored')`

func decideAll(ctx context.Context, tx pgx.Tx, list []sponsor.Request) error {
	var ids, states, accounts, words, issuers, subjects, names, events []string
	var at []time.Time
	for _, r := range list {
		ids, states, accounts, words = append(ids, r.ID), append(states, string(r.State)), append(accounts, r.Account), append(words, r.Words)
		issuers, subjects, names = append(issuers, r.Decider.Issuer), append(subjects, r.Decider.Subject), append(names, r.Decider.Name)
		at, events = append(at, r.DecidedAt), append(events, r.DecidedEvent)
	}
	return all(len(list), sponsor.ErrDecided)(tx.Exec(ctx, decideRequests, ids, states, accounts, words, issuers, subjects, names, at, events))
}

// Accounts begin as granted: their users are invited afterwards. The end is midnight (UTC) after the last day.
const (
	makeGranted = `
INSERT INTO portal.account (id, login, name, role, organisation_ods, organisation_name, status, version, created_at, changed_at, expires_at, confirmed_until, trained_on, request)
SELECT account, login, name, role, organisation_ods, organisation_name, 'invited', 1, $2, $2, (until + 1)::timestamp AT TIME ZONE 'UTC', $3, trained_on, id
FROM portal.user_request WHERE id = ANY ($1::uuid[]) AND kind = 'account' AND state = 'granted' ORDER BY number`
	renewGranted = `
UPDATE portal.account a SET expires_at = (r.until + 1)::timestamp AT TIME ZONE 'UTC', confirmed_until = $3, trained_on = r.trained_on, lapse = '', changed_at = $2
FROM portal.user_request r WHERE r.id = ANY ($1::uuid[]) AND r.kind = 'renewal' AND r.state = 'granted' AND a.id = r.account AND a.status <> 'ended'`
)

// Grant marks requests as granted, and makes or renews their accounts.
func (u *Users) Grant(ctx context.Context, list []sponsor.Request, now time.Time) error {
	var created, renewed int
	ids := make([]string, len(list))
	for i, r := range list {
		ids[i] = r.ID
		if r.Kind == sponsor.Renewal {
			renewed++
		} else {
			created++
		}
	}
	confirmed := now.Add(local.ConfirmationFor)
	ctx = patiently(ctx)
	err := pgx.BeginFunc(ctx, u.pool, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, large); err != nil {
			return err
		}
		if err := decideAll(ctx, tx, list); err != nil {
			return err
		}
		if err := all(created, sponsor.ErrNotNow)(tx.Exec(ctx, makeGranted, ids, now, confirmed)); err != nil {
			return err
		}
		return all(renewed, sponsor.ErrNotNow)(tx.Exec(ctx, renewGranted, ids, now, confirmed))
	})
	return usersChanged("granting requests", err)
}

// Refuse ends requests that wait.
func (u *Users) Refuse(ctx context.Context, list []sponsor.Request) error {
	return usersChanged("refusing requests", pgx.BeginFunc(ctx, u.pool, func(tx pgx.Tx) error { return decideAll(ctx, tx, list) }))
}

const selectRequests = `
SELECT id::text, batch::text, number, kind, login, name, job, organisation_ods, organisation_name, coalesce(account, ''), asked_at, state,
    role, coalesce(trained_on, '0001-01-01'), coalesce(until, '0001-01-01'), sponsor_issuer, sponsor_subject, sponsor_name,
    coalesce(sponsored_at, '0001-01-01Z'), coalesce(sponsored_event::text, ''), decider_issuer, decider_subject, decider_name,
    coalesce(decided_at, '0001-01-01Z'), coalesce(decided_event::text, ''), words
FROM portal.user_request
WHERE ($1 = '' OR state = $1) AND ($2 = '' OR batch::text = $2) AND ($3 = '' OR organisation_ods = $3) AND ($4 = '' OR account = $4)
ORDER BY number DESC LIMIT $5`

func scanRequest(row pgx.CollectableRow) (r sponsor.Request, err error) {
	return r, row.Scan(&r.ID, &r.Batch, &r.Number, &r.Kind, &r.Login, &r.Name, &r.Job, &r.Organisation.ODS, &r.Organisation.Name, &r.Account, &r.At, &r.State,
		&r.Terms.Role, &r.Terms.Trained, &r.Terms.Until, &r.Sponsor.Issuer, &r.Sponsor.Subject, &r.Sponsor.Name,
		&r.SponsoredAt, &r.SponsoredEvent, &r.Decider.Issuer, &r.Decider.Subject, &r.Decider.Name, &r.DecidedAt, &r.DecidedEvent, &r.Words)
}

// Requests reads requests, the newest first.
func (u *Users) Requests(ctx context.Context, q sponsor.Query) ([]sponsor.Request, error) {
	if q.Limit <= 0 || q.Limit > sponsor.MaxLines {
		q.Limit = sponsor.MaxLines
	}
	state := q.State
	if state == sponsor.Expired {
		state = ""
	}
	rows, err := u.pool.Query(ctx, selectRequests, string(state), q.Batch, q.Organisation, q.Account, q.Limit)
	if err != nil {
		return nil, fmt.Errorf("reading requests: %w", err)
	}
	list, err := pgx.CollectRows(rows, scanRequest)
	if err != nil {
		return nil, fmt.Errorf("reading requests: %w", err)
	}
	return list, nil
}

// Waiting counts what is decided together and waits, without what the person has vouched for.
func (u *Users) Waiting(ctx context.Context, state sponsor.State, ods string, but sponsor.Person, now time.Time) (n int, err error) {
	err = u.pool.QueryRow(ctx, `
SELECT count(DISTINCT batch) FROM portal.user_request
WHERE state = $1 AND ($2 = '' OR organisation_ods = $2) AND (sponsor_issuer, sponsor_subject) IS DISTINCT FROM ($3, $4)
    AND CASE state WHEN 'asked' THEN asked_at > $5 ELSE sponsored_at > $6 END`,
		string(state), ods, but.Issuer, but.Subject, now.Add(-sponsor.AskedLasts), now.Add(-sponsor.SponsoredLasts)).Scan(&n)
	if err != nil {
		return 0, fmt.Errorf("counting requests: %w", err)
	}
	return n, nil
}

// Known says of login names which belong to accounts, and for which somebody vouches already.
func (u *Users) Known(ctx context.Context, logins []string) (accounts, waiting map[string]bool, err error) {
	accounts, waiting = map[string]bool{}, map[string]bool{}
	rows, err := u.pool.Query(ctx, `
SELECT login, true FROM portal.account WHERE login = ANY ($1)
UNION ALL SELECT login, false FROM portal.user_request WHERE login = ANY ($1) AND state = 'sponsored' AND kind = 'account' AND sponsored_at > $2`, logins, time.Now().Add(-sponsor.SponsoredLasts))
	if err != nil {
		return nil, nil, fmt.Errorf("looking login names up: %w", err)
	}
	var login string
	var account bool
	_, err = pgx.ForEachRow(rows, []any{&login, &account}, func() error {
		if account {
			accounts[login] = true
		} else {
			waiting[login] = true
		}
		return nil
	})
	if err != nil {
		return nil, nil, fmt.Errorf("looking login names up: %w", err)
	}
	return accounts, waiting, nil
}

// Forget removes requests that nobody granted and that were over before the time given.
func (u *Users) Forget(ctx context.Context, before time.Time) error {
	ctx = patiently(ctx)
	_, err := u.pool.Exec(ctx, `
DELETE FROM portal.user_request
WHERE state = 'refused' AND decided_at < $1 OR state = 'asked' AND asked_at < $2 OR state = 'sponsored' AND sponsored_at < $3`,
		before, before.Add(-sponsor.AskedLasts), before.Add(-sponsor.SponsoredLasts))
	if err != nil {
		return fmt.Errorf("removing old requests: %w", err)
	}
	return nil
}
