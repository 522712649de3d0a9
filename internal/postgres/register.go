package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"ribble/internal/access"
	"ribble/internal/consent"
	"ribble/internal/record"
	"ribble/internal/register"
	"ribble/internal/relationship"
)

// Registers keeps what decisions rest on in the tables of the schema register, where every replica sees a change at once.
type Registers struct{ pool *pgxpool.Pool }

var _ register.Store = (*Registers)(nil)

// Registers is where objections, relationships, emergency access and lists of people are kept.
func (db *DB) Registers() *Registers { return &Registers{db.app} }

// about reads every register in one statement, so that all of it is of one moment. Rows that were ended are not read. Emergency access
// is of one session; a claim is of one user; a caseload speaks for everybody of the organisation. $6 is the time.
const about = `
SELECT 'consent', id::text, organisation, sections, direction, stance, valid_from, coalesce(valid_until, '0001-01-01Z'), recorded_org
FROM register.consent WHERE person = ANY($1) AND ended_at IS NULL AND (valid_until IS NULL OR valid_until > $6)
UNION ALL
SELECT 'relationship', id::text, organisation, 0, kind, reason, valid_from, valid_until, ''
FROM register.relationship WHERE person = ANY($1) AND organisation = $2 AND (kind = 'caseload' AND valid_until > $6 OR issuer = $3 AND subject = $4 AND valid_until > $6 - interval '31 days')
UNION ALL
SELECT 'override', id::text, organisation, 0, '', reason, began_at, until, ''
FROM register.override WHERE person = ANY($1) AND issuer = $3 AND subject = $4 AND organisation = $2 AND session = $5 AND ended_at IS NULL AND until > $6
UNION ALL
SELECT 'permission', id::text, organisation, 0, answer, '', given_at, until, ''
FROM register.permission WHERE person = ANY($1) AND organisation = $2 AND until > $6 AND (answer IN ('yes', 'refused') OR session = $5)
UNION ALL
SELECT 'watched', '', organisation, 0, kind, sds_user_id, '0001-01-01Z', '0001-01-01Z', ''
FROM register.watched WHERE person = ANY($1)`

// About reads all that the registers say of a person to a user, in one round trip.
func (r *Registers) About(ctx context.Context, q register.Query) (access.Facts, error) {
	u := q.User
	rows, err := r.pool.Query(ctx, about, q.Indexes, u.Organisation.ODS, u.Issuer, u.Subject, u.Session, q.At)
	if err != nil {
		return access.Facts{}, fmt.Errorf("reading the registers: %w", err)
	}
	var (
		facts access.Facts
		row   aboutRow
	)
	_, err = pgx.ForEachRow(rows, row.fields(), func() error { return row.addTo(&facts, q) })
	if err != nil {
		return access.Facts{}, fmt.Errorf("reading the registers: %w", err)
	}
	return facts, nil
}

// aboutRow is a row of any of the registers; word and reason are what its register means by them.
type aboutRow struct {
	register, id, organisation string
	sections                   int64
	word, reason               string
	from, until                time.Time
	recorder                   string
}

func (r *aboutRow) fields() []any {
	return []any{&r.register, &r.id, &r.organisation, &r.sections, &r.word, &r.reason, &r.from, &r.until, &r.recorder}
}

func (r *aboutRow) addTo(f *access.Facts, q register.Query) error {
	switch r.register {
	case "consent":
		entry, err := r.consent()
		f.Consent = append(f.Consent, entry)
		return err
	case "relationship":
		kind := relationship.Caseload
		if r.word == selfClaimed {
			kind = relationship.SelfClaimed
		}
		f.Relationships = append(f.Relationships, relationship.Evidence{Kind: kind, Organisation: r.organisation, Reason: r.reason, From: r.from, Until: r.until})
	case "override":
		if r.until.After(f.Override.Until) {
			f.Override = access.Override{ID: r.id, Reason: r.reason, Organisation: r.organisation, From: r.from, Until: r.until}
		}
	case "permission":
		until := &f.Permission.GivenUntil
		if register.Answer(r.word) == register.Refused {
			until = &f.Permission.RefusedUntil
		}
		if r.until.After(*until) {
			*until = r.until
		}
	case "watched":
		own := r.reason != "" && r.reason == q.User.SDSUserID
		switch {
		case r.word == string(register.Listed):
			f.Watched.Listed = true
		case own:
			f.Watched.OwnRecord = true
		case r.organisation == q.User.Organisation.ODS:
			f.Watched.Colleague = true
		}
	default:
		return fmt.Errorf("an entry of an unknown register")
	}
	return nil
}

const selfClaimed = "self-claimed"

var (
	directions = map[string]consent.Direction{"supply": consent.Supply, "view": consent.View}
	stances    = map[string]consent.Stance{"agreed": consent.Agreed, "objected": consent.Objected}
)

// consent reads a statement; one that this program does not understand is an error, because it may be an objection.
func (r *aboutRow) consent() (consent.Entry, error) {
	e := consent.Entry{ID: r.id, Organisation: r.organisation, Sections: record.Sections(r.sections), Direction: directions[r.word], Stance: stances[r.reason], From: r.from, Recorder: r.recorder}
	if r.until.Year() > 1 {
		e.Until = r.until
	}
	if e.Direction == 0 || e.Stance == 0 {
		return e, fmt.Errorf("a statement in the register of objections is not understood")
	}
	return e, nil
}
