package reconcile

import (
	"context"
	"errors"
	"log/slog"
	"testing"
	"time"

	"pgregory.net/rapid"

	"ribble/internal/access"
	"ribble/internal/audit"
	"ribble/internal/identity"
	"ribble/internal/ledger/leaf"
	"ribble/internal/record"
	"ribble/internal/relationship"
)

// book is a trail in memory, as the database would keep it, and a store.
type book struct {
	rows    []leaf.Row
	settled int64
	keys    *audit.Keys
	// fail makes its next calls fail.
	fail int
}

var errAway = errors.New("away")

func (b *book) away() bool {
	if b.fail > 0 {
		b.fail--
		return true
	}
	return false
}

func (b *book) Append(_ context.Context, e audit.Entry) (audit.Position, error) {
	if b.away() {
		return audit.Position{}, errAway
	}
	for i := range b.rows {
		if b.rows[i].ID == e.ID {
			return audit.Position{Sequence: int64(i + 1)}, nil
		}
	}
	r := leaf.Row{
		Sequence: int64(len(b.rows) + 1), ID: e.ID, At: e.At, Act: string(e.Act), Look: e.Look[:], Issuer: e.Issuer, Subject: e.Subject, Organisation: e.Organisation,
		Reason: e.Reason, Register: e.Register, PersonIndex: e.PersonIndex, PersonKey: e.PersonKey, Words: e.Words, Body: e.Body, MAC: e.MAC, MACKey: e.MACKey,
	}
	b.rows = append(b.rows, r)
	return audit.Position{Sequence: r.Sequence}, nil
}

func (b *book) Marks(_ context.Context, after int64, most int) (marks []Mark, upTo int64, err error) {
	if b.away() {
		return nil, 0, errAway
	}
	upTo = min(after+int64(most), int64(len(b.rows)))
	for _, r := range b.rows[min(after, upTo):upTo] {
		if act := audit.Act(r.Act); act == audit.ActIntent || act == audit.ActFinished || act == audit.ActReconciled {
			marks = append(marks, Mark{r.Sequence, audit.UUID(r.Look), act == audit.ActIntent})
		}
	}
	return marks, max(upTo, after), nil
}

func (b *book) Event(_ context.Context, id [16]byte) (leaf.Row, error) {
	for _, r := range b.rows {
		if r.ID == id && !b.away() {
			return r, nil
		}
	}
	return leaf.Row{}, errAway
}

func (b *book) Settled(context.Context) (int64, error) {
	if b.away() {
		return 0, errAway
	}
	return b.settled, nil
}

func (b *book) Settle(_ context.Context, upTo int64) error {
	if b.away() {
		return errAway
	}
	b.settled = max(b.settled, upTo)
	return nil
}

// ends counts, for each look, its outcomes and its reconciliations.
func (b *book) ends() (finished, reconciled map[audit.UUID]int) {
	finished, reconciled = map[audit.UUID]int{}, map[audit.UUID]int{}
	for _, r := range b.rows {
		switch r.Act {
		case string(audit.ActFinished):
			finished[audit.UUID(r.Look)]++
		case string(audit.ActReconciled):
			reconciled[audit.UUID(r.Look)]++
		default:
		}
	}
	return finished, reconciled
}

// limit is that of looks in these tests.
const limit = time.Minute

// world is a trail with a clock.
type world struct {
	*book
	now time.Time
}

func newWorld() *world {
	return &world{&book{keys: audit.GenerateKeys()}, time.Date(2026, 11, 21, 10, 30, 0, 0, time.UTC)}
}

func (w *world) clock() time.Time { return w.now }

// portal is a replica: its trail and its reconciler.
func (w *world) portal() (*audit.Trail, *Reconciler) {
	trail := audit.NewTrail(w, w.keys, w.clock).Within(limit)
	return trail, &Reconciler{
		Trail: w, Store: w, Writer: trail, Authentic: w.keys.Authentic, Log: slog.New(slog.DiscardHandler), After: trail.Settled(), Every: time.Second, Now: w.clock,
	}
}

type tester interface {
	Helper()
	Fatal(...any)
	Context() context.Context
}

func grant(t tester) access.Grant {
	t.Helper()
	n, err := record.ParseNHSNumber("9990000018")
	if err != nil {
		t.Fatal(err)
	}
	u := identity.User{
		Issuer: "https://cis2.example", Subject: "555", Role: identity.Role{Activities: []string{"B0360"}}, Organisation: identity.Organisation{ODS: "RXX"}, AssuranceLevel: 3,
	}
	at := time.Date(2026, 11, 21, 10, 30, 0, 0, time.UTC)
	g, err := access.Decide(access.Request{
		User: u, Person: record.Person{NHSNumber: n, TracedAt: at}, Purpose: access.DirectCare, At: at,
		Facts: access.Facts{Relationships: []relationship.Evidence{{Kind: relationship.Caseload, Organisation: "RXX"}}},
	})
	if err != nil {
		t.Fatal(err)
	}
	return g
}

func begin(t tester, trail *audit.Trail) audit.Receipt {
	t.Helper()
	r, err := trail.Begin(t.Context(), grant(t), []string{"gp"}, 1)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func round(t tester, r *Reconciler) int {
	t.Helper()
	n, err := r.Round(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// TestReconciler: a look that nobody ends is reconciled, once, after it can have no outcome any more and not before; one that ended is not.
func TestReconciler(t *testing.T) {
	w := newWorld()
	trail, one := w.portal()
	_, two := w.portal()
	begin(t, trail)
	if err := trail.Finish(t.Context(), begin(t, trail), audit.Outcome{Ended: audit.Complete}); err != nil {
		t.Fatal(err)
	}
	if round(t, one)+round(t, two) != 0 || w.settled != 0 {
		t.Fatalf("a look that has just begun is settled: %d", w.settled)
	}
	w.now = w.now.Add(trail.Settled() - time.Nanosecond)
	if round(t, one)+round(t, two) != 0 {
		t.Fatal("reconciled too early")
	}
	w.now = w.now.Add(time.Nanosecond)
	if n := round(t, one); n != 1 {
		t.Fatalf("%d reconciled, want 1", n)
	}
	round(t, two)
	round(t, one)
	if finished, reconciled := w.ends(); len(finished) != 1 || len(reconciled) != 1 || len(w.rows) != 4 {
		t.Errorf("%d finished, %d reconciled, %d events", len(finished), len(reconciled), len(w.rows))
	}
	if w.settled != 4 {
		t.Errorf("settled up to %d, want 4", w.settled)
	}
	_, three := w.portal()
	w.now = w.now.Add(time.Hour)
	if round(t, three) != 0 || three.at != 4 || len(three.open) != 0 {
		t.Errorf("a replica that starts later begins at %d with %d open looks", three.at, len(three.open))
	}
}

// TestHeldUp: a portal that is held up between reading and settling ends no look whose outcome came meanwhile, and one whose clock is put forward by an hour
// neither, as long as its clock of durations is not.
func TestHeldUp(t *testing.T) {
	w := newWorld()
	trail, r := w.portal()
	receipt := begin(t, trail)
	r.Trail = heldUp{w, func() {
		w.now = w.now.Add(time.Hour)
	}}
	if n := round(t, r); n != 0 {
		t.Fatalf("%d reconciled in the round that first saw the intent", n)
	}
	if _, reconciled := w.ends(); len(reconciled) != 0 {
		t.Errorf("look %s was reconciled", receipt.ID())
	}
}

// heldUp is a trail after whose answers time passes.
type heldUp struct {
	*world
	pass func()
}

func (h heldUp) Marks(ctx context.Context, after int64, most int) ([]Mark, int64, error) {
	marks, upTo, err := h.world.Marks(ctx, after, most)
	h.pass()
	return marks, upTo, err
}

// TestForged: an intent that no portal wrote is not repeated in the portal's own words, and stands in nobody's way.
func TestForged(t *testing.T) {
	w := newWorld()
	trail, r := w.portal()
	begin(t, trail)
	begin(t, trail)
	w.rows[0].Subject = "somebody else"
	round(t, r)
	w.now = w.now.Add(trail.Settled())
	if n := round(t, r); n != 1 {
		t.Errorf("%d reconciled, want the one that is real", n)
	}
	if _, reconciled := w.ends(); reconciled[w.rows[0].ID] != 0 || reconciled[w.rows[1].ID] != 1 {
		t.Errorf("%v", reconciled)
	}
}

// TestLongTrail: more events than are looked at in one go are all looked at in one round.
func TestLongTrail(t *testing.T) {
	w := newWorld()
	trail, r := w.portal()
	begin(t, trail)
	for range 2*step + 7 {
		if err := trail.Note(t.Context(), audit.Note{Act: audit.ActOpenRequested, User: grant(t).User()}); err != nil {
			t.Fatal(err)
		}
	}
	last := begin(t, trail)
	if err := trail.Finish(t.Context(), last, audit.Outcome{Ended: audit.Complete}); err != nil {
		t.Fatal(err)
	}
	round(t, r)
	w.now = w.now.Add(trail.Settled())
	if n := round(t, r); n != 1 {
		t.Errorf("%d reconciled, want 1", n)
	}
}

// TestEveryLookEndsOnce: whatever looks, kills, failures of the trail and replicas there are, every look ends in the end, a look that its portal ended is
// never reconciled, and none is reconciled twice.
func TestEveryLookEndsOnce(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := newWorld()
		var live []audit.Receipt
		began := 0
		trail, one := w.portal()
		replicas := []*Reconciler{one}
		for range rapid.IntRange(1, 60).Draw(t, "steps") {
			switch rapid.IntRange(0, 6).Draw(t, "what") {
			case 0:
				if r, err := trail.Begin(t.Context(), grant(t), []string{"gp"}, 1); err == nil {
					live, began = append(live, r), began+1
				}
			case 1: // the oldest look ends, if its portal lives and is in time
				if len(live) > 0 {
					_ = trail.Finish(t.Context(), live[0], audit.Outcome{Ended: audit.Complete})
					live = live[1:]
				}
			case 2: // its portal is killed
				live = live[min(1, len(live)):]
			case 3:
				w.now = w.now.Add(time.Duration(rapid.IntRange(0, 200).Draw(t, "seconds")) * time.Second)
			case 4:
				_, r := w.portal()
				replicas = append(replicas, r)
			case 5:
				_, _ = replicas[rapid.IntRange(0, len(replicas)-1).Draw(t, "replica")].Round(t.Context())
			case 6:
				if len(live) == 0 { // a look in this test does not try again
					w.fail = rapid.IntRange(0, 3).Draw(t, "failures")
				}
			}
		}
		w.fail = 0
		for range 2 {
			for _, r := range replicas {
				round(t, r)
			}
			w.now = w.now.Add(trail.Settled())
		}
		for _, r := range replicas {
			round(t, r)
		}
		finished, reconciled := w.ends()
		for look, n := range reconciled {
			if n != 1 || finished[look] != 0 {
				t.Fatalf("a look was reconciled %d times and ended %d times", n, finished[look])
			}
		}
		if len(finished)+len(reconciled) != began {
			t.Fatalf("%d looks, of which %d ended and %d were reconciled", began, len(finished), len(reconciled))
		}
		if w.settled != int64(len(w.rows)) {
			t.Fatalf("settled up to %d of %d", w.settled, len(w.rows))
		}
	})
}
