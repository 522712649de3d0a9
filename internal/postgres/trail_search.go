package postgres

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"ribble/internal/audit"
	"ribble/internal/oversight/inquiry"
)

// maxScan bounds how many events one page may read for conditions that no index serves; the page then ends early and says where to go on.
const maxScan = 20_000

// Page reads one page of the trail, the newest first. It says up to which event it is complete: what the trail held when it began.
func (r *OfficerReader) Page(ctx context.Context, q inquiry.Query) (inquiry.Page, error) {
	if err := q.Check(); err != nil {
		return inquiry.Page{}, err
	}
	limit := min(max(q.Limit, 1), inquiry.MaxPage)
	var page inquiry.Page
	err := r.read(ctx, func(tx pgx.Tx) error {
		var err error
		if page.Complete, err = completeness(ctx, tx); err != nil {
			return err
		}
		for len(page.Rows) < limit && page.Scanned < maxScan {
			rows, err := r.batch(ctx, tx, q, limit)
			if err != nil {
				return err
			}
			for i, row := range rows {
				q.Before = row.Place()
				page.Scanned++
				if q.Fits(row.Event) {
					page.Rows = append(page.Rows, row)
				}
				if len(page.Rows) == limit {
					if i < len(rows)-1 || len(rows) == limit {
						page.Next = q.Before
					}
					return nil
				}
			}
			if len(rows) < limit {
				return nil
			}
		}
		page.Next = q.Before
		return nil
	})
	return page, err
}

// read runs work in one read-only transaction with one view of the trail.
func (r *OfficerReader) read(ctx context.Context, work func(pgx.Tx) error) error {
	tx, err := r.pool.BeginTx(ctx, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly})
	if err != nil {
		return fmt.Errorf("reading the audit trail: %w", err)
	}
	defer func() { _ = tx.Rollback(context.WithoutCancel(ctx)) }()
	if err := work(tx); err != nil {
		return fmt.Errorf("reading the audit trail: %w", err)
	}
	return nil
}

func completeness(ctx context.Context, tx pgx.Tx) (inquiry.Complete, error) {
	var c inquiry.Complete
	err := tx.QueryRow(ctx, "SELECT size, clock_timestamp() FROM audit.head").Scan(&c.Sequence, &c.At)
	return c, err
}

// conditions are the parts of a WHERE clause with their arguments.
type conditions struct {
	parts []string
	args  []any
}

// add appends a condition whose $ marks stand for the arguments in order.
func (c *conditions) add(part string, args ...any) {
	for _, a := range args {
		c.args = append(c.args, a)
		part = strings.Replace(part, "?", fmt.Sprintf("$%d", len(c.args)), 1)
	}
	c.parts = append(c.parts, part)
}

func where(q inquiry.Query) *conditions {
	c := new(conditions)
	if q.Issuer != "" || q.Subject != "" {
		c.add("agent = (SELECT a.id FROM audit.agent a WHERE a.issuer = ? AND a.subject = ?)", q.Issuer, q.Subject)
	}
	if q.Organisation != "" {
		c.add("organisation = ?", q.Organisation)
	}
	if !q.From.IsZero() {
		c.add("at >= ?", q.From)
	}
	if !q.To.IsZero() {
		c.add("at < ?", q.To)
	}
	if q.FirstSequence > 0 {
		c.add("sequence >= ?", q.FirstSequence)
	}
	if q.LastSequence > 0 {
		c.add("sequence <= ?", q.LastSequence)
	}
	if len(q.Acts) > 0 {
		acts := make([]string, len(q.Acts))
		for i, a := range q.Acts {
			acts[i] = string(a)
		}
		c.add("act = ANY (?)", acts)
	}
	if !q.Before.IsZero() {
		c.add("(at, sequence) < (?, ?)", q.Before.At, q.Before.Sequence)
	}
	if !q.Until.IsZero() {
		c.add("(at, sequence) >= (?, ?)", q.Until.At, q.Until.Sequence)
	}
	return c
}

// batch reads the next rows. A person is under one index for each key there has been: the rows of each come in order from their index, and the newest of
// them all are taken.
func (r *OfficerReader) batch(ctx context.Context, tx pgx.Tx, q inquiry.Query, limit int) ([]inquiry.Row, error) {
	c := where(q)
	newest := fmt.Sprintf(" ORDER BY at DESC, sequence DESC LIMIT %d", limit)
	switch len(q.Person) {
	case 0:
		return r.events(ctx, tx, c.where()+newest, c.args...)
	case 1:
		c.add("person_index = ?", personUUID(q.Person[0]))
		return r.events(ctx, tx, c.where()+newest, c.args...)
	}
	c.parts = append(c.parts, "person_index = k.person")
	c.args = append(c.args, personUUIDs(q.Person))
	return r.eventsOf(ctx, tx, fmt.Sprintf("unnest($%d::uuid[]) AS k (person) CROSS JOIN LATERAL (SELECT %s FROM audit.event%s%s) AS e%s",
		len(c.args), rowColumns, c.where(), newest, newest), c.args...)
}

func personUUIDs(person []audit.Index) [][16]byte {
	out := make([][16]byte, len(person))
	for i, p := range person {
		out[i] = personUUID(p)
	}
	return out
}

// personUUID is a person's index as the database keeps it; one of another length is nobody's.
func personUUID(i audit.Index) (u [16]byte) {
	if len(i.Value) == len(u) {
		copy(u[:], i.Value)
	}
	return u
}

// where is the clause of all parts.
func (c *conditions) where() string {
	if len(c.parts) == 0 {
		return ""
	}
	return " WHERE " + strings.Join(c.parts, " AND ")
}

// events reads events of the table.
func (r *OfficerReader) events(ctx context.Context, from querier, clauses string, args ...any) ([]inquiry.Row, error) {
	return r.eventsOf(ctx, from, "audit.event"+clauses, args...)
}

func (r *OfficerReader) eventsOf(ctx context.Context, from querier, of string, args ...any) ([]inquiry.Row, error) {
	rows, err := from.Query(ctx, "SELECT "+rowColumns+" FROM "+of, args...)
	if err != nil {
		return nil, err
	}
	list, err := pgx.CollectRows(rows, scanStored)
	if err != nil {
		return nil, err
	}
	full, err := r.glossary.expand(ctx, from, list)
	if err != nil {
		return nil, err
	}
	out := make([]inquiry.Row, len(full))
	for i := range full {
		row := &out[i]
		row.Sequence, row.Recorded = full[i].Sequence, full[i].RecordedAt
		if row.Event, err = audit.Decode(&full[i]); err != nil {
			return nil, fmt.Errorf("reading event %d: %w", row.Sequence, err)
		}
	}
	return out, nil
}

// Follow reads the events after a sequence number in their order, at most limit: for whoever goes through the whole trail.
func (r *OfficerReader) Follow(ctx context.Context, after int64, limit int) ([]inquiry.Row, error) {
	var out []inquiry.Row
	err := r.read(ctx, func(tx pgx.Tx) error {
		var err error
		out, err = r.events(ctx, tx, " WHERE sequence > $1 AND sequence <= $1 + $2 ORDER BY sequence", after, limit)
		return err
	})
	return out, err
}

// Stream gives every row of a query to take, the newest first, in bounded memory, until take refuses; it may be called again from the place where
// it ended. It returns up to which event the result is complete.
func (r *OfficerReader) Stream(ctx context.Context, q inquiry.Query, take func(inquiry.Row) error) (inquiry.Complete, error) {
	var complete inquiry.Complete
	for q.Limit = inquiry.MaxPage; ; {
		page, err := r.Page(ctx, q)
		if err != nil {
			return complete, err
		}
		if complete == (inquiry.Complete{}) {
			complete = page.Complete
		}
		for _, row := range page.Rows {
			if err := take(row); err != nil {
				return complete, err
			}
		}
		if page.Next.IsZero() {
			return complete, nil
		}
		q.Before = page.Next
	}
}

// Cuts gives the places at which a result is cut into parts of so many events, the newest first: each part ends with the event at its cut, the last part
// where the result ends. Conditions that no index serves are not looked at, so that a part may hold fewer. The events are those up to which the result is
// complete now.
func (r *OfficerReader) Cuts(ctx context.Context, q inquiry.Query, each int) ([]inquiry.Place, inquiry.Complete, error) {
	var cuts []inquiry.Place
	var complete inquiry.Complete
	if err := q.Check(); err != nil {
		return nil, complete, err
	}
	err := r.read(ctx, func(tx pgx.Tx) error {
		var err error
		if complete, err = completeness(ctx, tx); err != nil {
			return err
		}
		for {
			c := where(q)
			if len(q.Person) > 0 {
				c.add("person_index = ANY (?)", personUUIDs(q.Person))
			}
			rows, err := tx.Query(ctx, fmt.Sprintf("SELECT at, sequence FROM audit.event%s ORDER BY at DESC, sequence DESC OFFSET %d LIMIT 2", c.where(), each-1), c.args...)
			if err != nil {
				return err
			}
			places, err := pgx.CollectRows(rows, pgx.RowToStructByPos[inquiry.Place])
			if err != nil || len(places) < 2 {
				return err
			}
			q.Before = places[0]
			cuts = append(cuts, places[0])
		}
	})
	return cuts, complete, err
}

// FirstSince is the sequence number of the first event at or after a time; 0 when there is none.
func (r *OfficerReader) FirstSince(ctx context.Context, at time.Time) (int64, error) {
	var first int64
	err := r.read(ctx, func(tx pgx.Tx) error {
		return tx.QueryRow(ctx, "SELECT coalesce(min(sequence), 0) FROM (SELECT sequence FROM audit.event WHERE at >= $1 ORDER BY at, sequence LIMIT 1000) AS early", at).Scan(&first)
	})
	return first, err
}
