package postgres

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"

	"ribble/internal/ledger/leaf"
)

// rowColumns are what a stored row is read from.
const rowColumns = "sequence, at, recorded_at, id, look, person_index, mac, agent, organisation, act, reason, register, body"

// stored is a row of the trail as the database keeps it: with references to who acted and to its words.
type stored struct {
	row   leaf.Row
	agent int32
	// words are the ids of the row key's name, the index key's name, and the words of the event; 0 is none.
	words []int64
}

// fixedWords is how many of a row's words are not the event's own.
const fixedWords = 2

func scanStored(from pgx.CollectableRow) (stored, error) {
	var s stored
	var look, person, mac pgtype.UUID
	r := &s.row
	err := from.Scan(&r.Sequence, &r.At, &r.RecordedAt, &r.ID, &look, &person, &mac, &s.agent, &r.Organisation, &r.Act, &r.Reason, &r.Register, &r.Body)
	r.Look, r.PersonIndex, r.MAC = bytesOf(&look), bytesOf(&person), bytesOf(&mac)
	s.unpack()
	return s, err
}

// collectStored reads rows, of which at most so many are expected: a thousand at a time are a lot to move about.
func collectStored(rows pgx.Rows, most int) ([]stored, error) {
	return pgx.AppendRows(make([]stored, 0, most), rows, scanStored)
}

func bytesOf(u *pgtype.UUID) []byte {
	if !u.Valid {
		return nil
	}
	return u.Bytes[:]
}

// pack puts the ids of a row's words before its body, as the database keeps them: how many, and each, as varints.
func pack(to []byte, words []int64, body []byte) []byte {
	to = binary.AppendUvarint(to, uint64(len(words)))
	for _, id := range words {
		to = binary.AppendUvarint(to, uint64(id))
	}
	return append(to, body...)
}

// unpack takes the ids from the body. A body that was never packed stays as it is: what was tampered with must be shown, not stand in the way.
func (s *stored) unpack() {
	rest := s.row.Body
	next := func() (uint64, bool) {
		n, size := binary.Uvarint(rest)
		if size <= 0 || size > 1 && rest[size-1] == 0 {
			return 0, false
		}
		rest = rest[size:]
		return n, true
	}
	n, ok := next()
	if !ok || n < fixedWords || n > uint64(len(rest)) {
		return
	}
	words := make([]int64, n)
	for i := range words {
		id, ok := next()
		if !ok || id > 1<<62 {
			return
		}
		words[i] = int64(id)
	}
	s.words, s.row.Body = words, rest
}

// agent is who acted.
type agent struct{ issuer, subject string }

// glossary holds what events refer to. It never changes, so it is read once.
type glossary struct {
	mu sync.Mutex
	referred
	// most bounds what is held; 0 is mostHeld.
	most int
}

// referred are texts and agents by their ids.
type referred struct {
	words  map[int64]string
	agents map[int32]agent
}

// mostHeld bounds a glossary, and what a writer remembers; beyond it begins anew.
const mostHeld = 1 << 16

// querier is a pool, a connection or a transaction.
type querier interface {
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
}

// errReferred says that rows refer to what is not there.
var errReferred = errors.New("an event of the audit trail refers to something that is not there: the trail was tampered with")

// lost stands in rows for what they refer to and is not there. Nothing that an event ever says is the same, so their bytes are none that were signed.
const lost = "\xff\x00lost"

// expand gives the rows in full. What cannot be found makes the error errReferred, and then the rows are there all the same, with a mark in its place.
func (g *glossary) expand(ctx context.Context, from querier, list []stored) ([]leaf.Row, error) {
	known, err := g.learn(ctx, from, list)
	if err != nil {
		return nil, err
	}
	rows := make([]leaf.Row, len(list))
	word := func(id int64) string {
		if id == 0 {
			return ""
		}
		text, ok := known.words[id]
		if !ok {
			text, err = lost, errReferred
		}
		return text
	}
	for i := range list {
		s := &list[i]
		who, ok := known.agents[s.agent]
		if !ok {
			who, err = agent{lost, lost}, errReferred
		}
		s.row.Issuer, s.row.Subject = who.issuer, who.subject
		if len(s.words) >= fixedWords {
			s.row.MACKey, s.row.PersonKey = word(s.words[0]), word(s.words[1])
			for _, id := range s.words[fixedWords:] {
				s.row.Words = append(s.row.Words, word(id))
			}
		}
		rows[i] = s.row
	}
	return rows, err
}

// learn gives what the rows refer to, and reads what is not held.
func (g *glossary) learn(ctx context.Context, from querier, list []stored) (referred, error) {
	known, words, agents := g.held(list)
	if len(words) == 0 && len(agents) == 0 {
		return known, nil
	}
	const query = `SELECT id, text, '', '' FROM audit.word WHERE id = ANY ($1) UNION ALL SELECT id, NULL, issuer, subject FROM audit.agent WHERE id = ANY ($2)`
	rows, err := from.Query(ctx, query, words, agents)
	if err != nil {
		return known, fmt.Errorf("reading what events refer to: %w", err)
	}
	var id int64
	var text []byte
	var who agent
	_, err = pgx.ForEachRow(rows, []any{&id, &text, &who.issuer, &who.subject}, func() error {
		if text == nil {
			known.agents[int32(id)] = who
			return nil
		}
		known.words[id] = string(text)
		return nil
	})
	if err != nil {
		return known, fmt.Errorf("reading what events refer to: %w", err)
	}
	g.hold(known)
	return known, nil
}

// held gives what is held of what the rows refer to, and the ids of the rest.
func (g *glossary) held(list []stored) (known referred, words []int64, agents []int32) {
	g.mu.Lock()
	defer g.mu.Unlock()
	known = referred{map[int64]string{}, map[int32]agent{}}
	asked := map[int64]bool{0: true}
	for i := range list {
		for _, id := range list[i].words {
			if text, there := g.words[id]; there {
				known.words[id] = text
			} else if !asked[id] {
				asked[id] = true
				words = append(words, id)
			}
		}
		id := list[i].agent
		if who, there := g.agents[id]; there {
			known.agents[id] = who
		} else if !slices.Contains(agents, id) {
			agents = append(agents, id)
		}
	}
	return known, words, agents
}

// hold keeps what was learnt, in place of everything before when that would be too much.
func (g *glossary) hold(known referred) {
	g.mu.Lock()
	defer g.mu.Unlock()
	most := mostHeld
	if g.most > 0 {
		most = g.most
	}
	if g.words == nil || len(g.words)+len(known.words) > most || len(g.agents)+len(known.agents) > most {
		g.referred = referred{map[int64]string{}, map[int32]agent{}}
	}
	maps.Copy(g.words, known.words)
	maps.Copy(g.agents, known.agents)
}
