package postgres

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgtype"

	"ribble/internal/audit"
)

// references are the ids under which a database keeps texts and agents.
type references struct {
	words  map[string]int64
	agents map[agent]int32
}

func newReferences() references {
	return references{words: map[string]int64{}, agents: map[agent]int32{}}
}

// each gives the words of an entry in the order in which they are packed; an empty one is none.
func each(e *audit.Entry, yield func(string)) {
	yield(e.MACKey)
	yield(e.PersonKey)
	for _, word := range e.Words {
		yield(word)
	}
}

// refer finds the ids of what the batch refers to. What is not known yet the database is made to keep, in a transaction of its own, for few batches: an
// event is never written by it.
func (w *writer) refer(ctx context.Context, batch []*waiting) error {
	if len(w.known.words) > mostHeld || len(w.known.agents) > mostHeld {
		w.known = newReferences()
	}
	if w.rows.resolve(batch, &w.known) {
		return nil
	}
	var texts [][]byte
	var fresh []string
	var agents []agent
	for _, b := range batch {
		if b.entry == nil {
			continue
		}
		each(b.entry, func(word string) {
			if _, known := w.known.words[word]; !known && word != "" {
				// Known from here on, so that it is asked for once; a failure throws all away with the connection.
				w.known.words[word] = 0
				texts, fresh = append(texts, []byte(word)), append(fresh, word)
			}
		})
		who := agent{b.entry.Issuer, b.entry.Subject}
		if _, known := w.known.agents[who]; !known {
			w.known.agents[who] = 0
			agents = append(agents, who)
		}
	}
	if err := w.learn(ctx, texts, fresh, agents); err != nil {
		return err
	}
	if !w.rows.resolve(batch, &w.known) {
		return fmt.Errorf("%w: the server does not keep what events refer to", audit.ErrNotWritten)
	}
	return nil
}

func (w *writer) learn(ctx context.Context, texts [][]byte, fresh []string, agents []agent) error {
	issuers, subjects := make([]string, len(agents)), make([]string, len(agents))
	for i, who := range agents {
		issuers[i], subjects[i] = who.issuer, who.subject
	}
	if texts == nil {
		texts = [][]byte{}
	}
	var words []int64
	var ids []int32
	err := w.conn.QueryRow(ctx, "SELECT words, agents FROM audit.refer($1, $2, $3)", texts, issuers, subjects).Scan(&words, &ids)
	var pg *pgconn.PgError
	switch {
	case errors.As(err, &pg):
		return fmt.Errorf("%w: %w", audit.ErrNotWritten, refusal{pg.Code})
	case err != nil:
		return fmt.Errorf("%w: the connection failed", audit.ErrNotWritten)
	case len(words) != len(fresh) || len(ids) != len(agents):
		return fmt.Errorf("%w: the server does not keep what events refer to", audit.ErrNotWritten)
	}
	for i, id := range words {
		w.known.words[fresh[i]] = id
	}
	for i, id := range ids {
		w.known.agents[agents[i]] = id
	}
	return nil
}

// uuids is a column of UUIDs in the form that costs least to send: there are four for each event.
type uuids = pgtype.FlatArray[pgtype.UUID]

// columns are the arguments of audit.append, one slice per column, kept between batches to spare the allocations.
type columns struct {
	ids           uuids
	ats           []time.Time
	acts          []string
	looks         uuids
	agents        []int32
	organisations []string
	reasons       []string
	registers     []string
	indexes       uuids
	bodies        [][]byte
	macs          uuids
	// words are the ids of each entry's words, one entry after the other; packed holds the bodies.
	words  []int64
	packed []byte
}

// resolve notes the ids of what the batch refers to, and reports whether all are known.
func (c *columns) resolve(batch []*waiting, known *references) bool {
	c.words, c.agents = c.words[:0], c.agents[:0]
	for _, b := range batch {
		if b.entry == nil {
			continue
		}
		who, ok := known.agents[agent{b.entry.Issuer, b.entry.Subject}]
		if !ok {
			return false
		}
		c.agents = append(c.agents, who)
		each(b.entry, func(word string) {
			id, there := int64(0), true
			if word != "" {
				id, there = known.words[word]
			}
			c.words, ok = append(c.words, id), ok && there
		})
		if !ok {
			return false
		}
	}
	return true
}

// fill takes the entries of the batch, of which resolve has noted the ids, and gives their number.
func (c *columns) fill(batch []*waiting) int {
	*c = columns{
		c.ids[:0], c.ats[:0], c.acts[:0], c.looks[:0], c.agents, c.organisations[:0], c.reasons[:0], c.registers[:0], c.indexes[:0], c.bodies[:0],
		c.macs[:0], c.words, c.packed[:0],
	}
	words := c.words
	for _, b := range batch {
		if b.entry != nil {
			n := fixedWords + len(b.entry.Words)
			c.add(b.entry, words[:n])
			words = words[n:]
		}
	}
	return len(c.ids)
}

func (c *columns) add(e *audit.Entry, words []int64) {
	look := pgtype.UUID{Bytes: e.Look, Valid: !e.Look.IsZero()}
	from := len(c.packed)
	c.packed = pack(c.packed, words, e.Body)
	c.ids = append(c.ids, pgtype.UUID{Bytes: e.ID, Valid: true})
	c.ats = append(c.ats, e.At)
	c.acts = append(c.acts, string(e.Act))
	c.looks = append(c.looks, look)
	c.organisations = append(c.organisations, e.Organisation)
	c.reasons = append(c.reasons, e.Reason)
	c.registers = append(c.registers, e.Register)
	c.indexes = append(c.indexes, digestOf(e.PersonIndex))
	c.bodies = append(c.bodies, c.packed[from:len(c.packed):len(c.packed)])
	c.macs = append(c.macs, digestOf(e.MAC))
}

// digestOf is a digest as the database keeps it; none is NULL.
func digestOf(b []byte) pgtype.UUID {
	if len(b) == 0 {
		return pgtype.UUID{}
	}
	return pgtype.UUID{Bytes: [16]byte(b), Valid: true}
}

// arguments must never hold a nil slice: that is NULL to the server, not an empty array.
func (c *columns) arguments(size int64) []any {
	if c.ids == nil {
		*c = columns{
			uuids{}, []time.Time{}, []string{}, uuids{}, []int32{}, []string{}, []string{}, []string{}, uuids{}, [][]byte{}, uuids{},
			c.words, c.packed,
		}
	}
	return []any{c.ids, c.ats, c.acts, c.looks, c.agents, c.organisations, c.reasons, c.registers, c.indexes, c.bodies, c.macs, size}
}
