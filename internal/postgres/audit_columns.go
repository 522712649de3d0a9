package postgres

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

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

// refer has the database keep what the batch refers to and is not known to it yet. It happens in a transaction of its own, for few batches: an event is
// never written by it.
func (w *writer) refer(ctx context.Context, batch []*waiting) error {
	if len(w.known.words) > mostHeld || len(w.known.agents) > mostHeld {
		w.known = newReferences()
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
	if len(texts) == 0 && len(agents) == 0 {
		return nil
	}
	return w.learn(ctx, texts, fresh, agents)
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

// columns are the arguments of audit.append, one slice per column, kept between batches to spare the allocations.
type columns struct {
	ids           [][16]byte
	ats           []time.Time
	acts          []string
	looks         []*[16]byte
	agents        []int32
	organisations []string
	reasons       []string
	registers     []string
	indexes       []*[16]byte
	bodies        [][]byte
	macs          []*[16]byte
	words         []int64
}

// fill takes the entries of the batch and gives their number.
func (c *columns) fill(batch []*waiting, known *references) int {
	*c = columns{
		c.ids[:0], c.ats[:0], c.acts[:0], c.looks[:0], c.agents[:0], c.organisations[:0], c.reasons[:0], c.registers[:0], c.indexes[:0], c.bodies[:0],
		c.macs[:0], c.words[:0],
	}
	for _, b := range batch {
		if b.entry != nil {
			c.add(b.entry, known)
		}
	}
	return len(c.ids)
}

func (c *columns) add(e *audit.Entry, known *references) {
	var look *[16]byte
	if !e.Look.IsZero() {
		look = (*[16]byte)(&e.Look)
	}
	c.words = c.words[:0]
	each(e, func(word string) { c.words = append(c.words, known.words[word]) })
	c.ids = append(c.ids, e.ID)
	c.ats = append(c.ats, e.At)
	c.acts = append(c.acts, string(e.Act))
	c.looks = append(c.looks, look)
	c.agents = append(c.agents, known.agents[agent{e.Issuer, e.Subject}])
	c.organisations = append(c.organisations, e.Organisation)
	c.reasons = append(c.reasons, e.Reason)
	c.registers = append(c.registers, e.Register)
	c.indexes = append(c.indexes, digestOf(e.PersonIndex))
	c.bodies = append(c.bodies, pack(make([]byte, 0, len(e.Body)+4*len(c.words)+1), c.words, e.Body))
	c.macs = append(c.macs, digestOf(e.MAC))
}

// digestOf is a digest as the database keeps it; none is NULL.
func digestOf(b []byte) *[16]byte {
	if len(b) == 0 {
		return nil
	}
	return (*[16]byte)(b)
}

// arguments must never hold a nil slice: that is NULL to the server, not an empty array.
func (c *columns) arguments(size int64) []any {
	if c.ids == nil {
		*c = columns{
			[][16]byte{}, []time.Time{}, []string{}, []*[16]byte{}, []int32{}, []string{}, []string{}, []string{}, []*[16]byte{}, [][]byte{}, []*[16]byte{}, []int64{},
		}
	}
	return []any{c.ids, c.ats, c.acts, c.looks, c.agents, c.organisations, c.reasons, c.registers, c.indexes, c.bodies, c.macs, size}
}
