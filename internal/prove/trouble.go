package prove

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"ribble/internal/sandbox/fault"
)

// trouble is one fault of the chaos, from before it is made until after it is mended.
type trouble struct {
	kind, says string
	// at are the organisations whose source it strikes; none where it strikes the portals or their database.
	at []string
	// over is zero while it is under way.
	began, over time.Time
}

// during reports whether the trouble, or what lingers of it, was there at any moment of a view that has ended.
func (t *trouble) during(v *view) bool {
	return !v.ended.Before(t.began) && (t.over.IsZero() || v.began.Before(t.over.Add(lingers)))
}

const (
	sourceFault   = "fault of sources"
	wireLatency   = "latency of a wire"
	wireCut       = "cut wire"
	wireHole      = "black hole"
	databaseLate  = "late database"
	portalRestart = "restart"
)

// troubleKinds has faults of sources more often than the others, because there are some fifty of them.
func troubleKinds() []string {
	return []string{sourceFault, sourceFault, sourceFault, sourceFault, sourceFault, wireLatency, wireCut, wireHole, databaseLate, portalRestart}
}

func faultNames() []string {
	var out []string
	for _, f := range fault.Table() {
		if f.Name != fault.None {
			out = append(out, f.Name)
		}
	}
	return out
}

// strike makes one fault and mends it again, and is back when the next is due.
func (c *chaos) strike() error {
	next := time.NewTimer(c.gap)
	defer next.Stop()
	t, do, undo := c.draw()
	c.mu.Lock()
	t.began = time.Now()
	c.past = append(c.past, t)
	c.mu.Unlock()
	if err := do(); err != nil {
		return fmt.Errorf("%s: %w", t.says, err)
	}
	// From a half to four fifths of the time until the next.
	time.Sleep(c.gap/2 + time.Duration(c.st.rng.Int64N(int64(c.gap*3/10))))
	if err := undo(); err != nil {
		return fmt.Errorf("mending %s: %w", t.says, err)
	}
	c.mu.Lock()
	t.over = time.Now()
	c.mu.Unlock()
	<-next.C
	return c.st.ctx.Err()
}

// draw deals the next trouble, with what makes it and what mends it.
func (c *chaos) draw() (t *trouble, do, undo func() error) {
	st := c.st
	t = &trouble{kind: c.kinds.deal()}
	switch t.kind {
	case sourceFault:
		name := c.names.deal()
		t.at, t.says = st.some(1+st.rng.IntN(3)), name
		do, undo = st.each(t.at, func(id string) error { return st.strike(id, name, 0) }), st.each(t.at, func(id string) error { return st.strike(id, fault.None, 0) })
	case wireLatency:
		ms := 200 + st.rng.IntN(2000)
		t.at, t.says = st.some(1+st.rng.IntN(2)), fmt.Sprintf("%d ms on the wire", ms)
		do, undo = st.toxic(t.at, "latency", ms)
	case wireCut:
		t.at, t.says = st.some(1+st.rng.IntN(2)), "a cut wire"
		do, undo = st.each(t.at, st.wires.cut), st.each(t.at, st.wires.join)
	case wireHole:
		t.at, t.says = st.some(1+st.rng.IntN(2)), "a wire that swallows everything"
		do, undo = st.toxic(t.at, "timeout", 0)
	case databaseLate:
		t.says = "50 ms on the wire to Postgres"
		do = func() error { return st.wires.poison(postgresWire, "latency", map[string]int{"latency": 50}) }
		undo = func() error { return st.wires.cure(postgresWire, "latency") }
	case portalRestart:
		r := st.replicas[st.rng.IntN(len(st.replicas))]
		t.says = "a restart of " + r.name
		do, undo = func() error { return st.fresh(r) }, func() error { return nil }
	}
	if len(t.at) > 0 {
		t.says += " at " + strings.Join(t.at, ", ")
	}
	return t, do, undo
}

// toxic gives what poisons the wires of organisations' sources, and what cures them.
func (st *stage) toxic(at []string, kind string, value int) (do, undo func() error) {
	return st.each(at, func(id string) error { return st.wires.poison(id, kind, map[string]int{kind: value}) }),
		st.each(at, func(id string) error { return st.wires.cure(id, kind) })
}

// each gives what does one thing to the source of every organisation of a list.
func (st *stage) each(at []string, do func(id string) error) func() error {
	return func() error {
		for _, ods := range at {
			if err := do(sourceOf[ods]); err != nil {
				return fmt.Errorf("source %s: %w", sourceOf[ods], err)
			}
		}
		return nil
	}
}

// deck deals its cards in an order of chance, all of them before any of them again.
type deck struct {
	rng         *rand.Rand
	cards, left []string
}

func newDeck(rng *rand.Rand, cards []string) *deck { return &deck{rng: rng, cards: cards} }

func (d *deck) deal() string {
	if len(d.left) == 0 {
		d.left = slices.Clone(d.cards)
		d.rng.Shuffle(len(d.left), func(i, j int) { d.left[i], d.left[j] = d.left[j], d.left[i] })
	}
	card := d.left[0]
	d.left = d.left[1:]
	return card
}

// counted puts numbers by their names into one line, "none" where there are none.
func counted(numbers map[string]int) string {
	var out []string
	for _, name := range slices.Sorted(maps.Keys(numbers)) {
		out = append(out, fmt.Sprintf("%d %s", numbers[name], name))
	}
	if len(out) == 0 {
		return "none"
	}
	return strings.Join(out, ", ")
}
