package postgres

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"time"

	"github.com/jackc/pgx/v5"

	"ribble/internal/oversight/patrol"
	"ribble/internal/oversight/watch"
)

// Patrol keeps what the patrol along the audit trail finds and counts.
type Patrol struct{ db *DB }

var _ patrol.Store = Patrol{}

// Patrol is where the patrol keeps its findings.
func (db *DB) Patrol() Patrol { return Patrol{db} }

// Progress is the sequence number of the last event gone through.
func (p Patrol) Progress(ctx context.Context) (int64, error) {
	var n int64
	err := p.db.app.QueryRow(ctx, "SELECT sequence FROM oversight.progress").Scan(&n)
	return n, err
}

// Keep writes findings and tallies with the progress, or nothing.
func (p Patrol) Keep(ctx context.Context, from, upTo int64, found []watch.Finding, t patrol.Tallies) error {
	return p.db.InTx(ctx, func(ctx context.Context, tx pgx.Tx) error {
		tag, err := tx.Exec(ctx, "UPDATE oversight.progress SET sequence = $2 WHERE sequence = $1", from, upTo)
		if err != nil {
			return fmt.Errorf("noting the progress: %w", err)
		}
		if tag.RowsAffected() == 0 {
			return patrol.ErrTaken
		}
		var batch pgx.Batch
		for _, f := range found {
			if err := queueFinding(&batch, f); err != nil {
				return err
			}
		}
		queueTallies(&batch, t)
		if batch.Len() == 0 {
			return nil
		}
		if err := tx.SendBatch(ctx, &batch).Close(); err != nil {
			return fmt.Errorf("keeping findings: %w", err)
		}
		return nil
	})
}

// Replayed is the version of the rules with which the past was last gone through.
func (p Patrol) Replayed(ctx context.Context) (int, error) {
	var version int
	err := p.db.app.QueryRow(ctx, "SELECT rules FROM oversight.progress").Scan(&version)
	return version, err
}

// KeepReplay writes what new rules found in the past, with their version. Another replica may do the same: an alert is there once.
func (p Patrol) KeepReplay(ctx context.Context, version int, found []watch.Finding) error {
	return p.db.InTx(ctx, func(ctx context.Context, tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, "UPDATE oversight.progress SET rules = $1", version); err != nil {
			return fmt.Errorf("noting the version: %w", err)
		}
		var batch pgx.Batch
		for _, f := range found {
			if err := queueFinding(&batch, f); err != nil {
				return err
			}
		}
		if batch.Len() == 0 {
			return nil
		}
		if err := tx.SendBatch(ctx, &batch).Close(); err != nil {
			return fmt.Errorf("keeping findings: %w", err)
		}
		return nil
	})
}

// queueFinding makes an alert of a finding. An alert that was raised with the act itself gets the explanation; one that is worked on keeps its state.
func queueFinding(batch *pgx.Batch, f watch.Finding) error {
	facts, err := json.Marshal(f.Facts)
	if err != nil {
		return fmt.Errorf("writing down what a finding rests on: %w", err)
	}
	batch.Queue(`
INSERT INTO oversight.alert (id, organisation, kind, event, at, rule, rule_version, words, facts, score, user_issuer, user_subject, user_name)
VALUES (gen_random_uuid(), $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
ON CONFLICT (event, kind) DO UPDATE SET rule = excluded.rule, rule_version = excluded.rule_version, words = excluded.words, facts = excluded.facts,
    score = excluded.score, user_issuer = excluded.user_issuer, user_subject = excluded.user_subject, user_name = excluded.user_name`,
		f.Look.Organisation, f.Kind, f.Look.Event, f.Look.At, f.Rule, f.Version, f.Words, string(facts), f.Score, f.Look.User.Issuer, f.Look.User.Subject, f.Look.Name)
	return nil
}

func queueTallies(batch *pgx.Batch, t patrol.Tallies) {
	acts := t.Days()
	maps.Copy(acts, t.Acts)
	for k, n := range acts {
		batch.Queue("INSERT INTO oversight.tally AS t (day, hour, organisation, role, act, n) VALUES ($1::text::date, $2, $3, $4, $5, $6)"+
			" ON CONFLICT (day, organisation, role, act, hour) DO UPDATE SET n = t.n + excluded.n", k.Day, k.Hour, k.Organisation, k.Role, k.Act, n)
	}
	for k, n := range t.Sources {
		batch.Queue("INSERT INTO oversight.source_tally AS t (day, feed, state, n) VALUES ($1::text::date, $2, $3, $4)"+
			" ON CONFLICT (day, feed, state) DO UPDATE SET n = t.n + excluded.n", k.Day, k.Feed, k.State, n)
	}
}

// Register reads the staff register and the confidential list.
func (p Patrol) Register(ctx context.Context) (watch.Register, error) {
	out := watch.Register{Staff: map[string]watch.Member{}, Employers: map[string][]string{}, Listed: map[string]bool{}}
	rows, err := p.db.app.Query(ctx, "SELECT sds_user_id, organisation, person, surname, household, left_at FROM oversight.staff"+
		" UNION ALL SELECT '', '', person, ''::bytea, ''::bytea, NULL FROM oversight.listed")
	if err != nil {
		return out, fmt.Errorf("reading the staff register: %w", err)
	}
	var (
		sds, organisation          string
		person, surname, household []byte
		left                       *time.Time
	)
	_, err = pgx.ForEachRow(rows, []any{&sds, &organisation, &person, &surname, &household, &left}, func() error {
		who := hex.EncodeToString(person)
		if sds == "" {
			out.Listed[who] = true
			return nil
		}
		m := watch.Member{Person: who, Surname: hex.EncodeToString(surname), Household: hex.EncodeToString(household), Organisation: organisation}
		if left != nil {
			m.Left = *left
		} else {
			out.Employers[who] = append(out.Employers[who], organisation)
		}
		out.Staff[sds] = m
		return nil
	})
	if err != nil {
		return out, fmt.Errorf("reading the staff register: %w", err)
	}
	return out, nil
}
