package audit

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"ribble/internal/fault"
	"ribble/internal/record"
)

// TestReconcile: two portals that reconcile a look write one event, which says whose look it was and about whom, and repeats nothing else.
func TestReconcile(t *testing.T) {
	trail, m := testTrail()
	begin(t, trail)
	intent := m.last(t)
	other := NewTrail(m, trail.keys, func() time.Time { return now.Add(time.Hour) })
	for _, each := range []*Trail{trail, other, trail} {
		if err := each.Reconcile(t.Context(), intent); err != nil {
			t.Fatal(err)
		}
	}
	if len(m.entries) != 2 {
		t.Fatalf("%d events, want the intent and one more", len(m.entries))
	}
	got := m.last(t)
	want := Event{Version: eventVersion, At: intent.At, Act: ActReconciled, User: wantUser, Purpose: "direct care", Reason: "no outcome"}
	if d := cmp.Diff(want, got, ignored); d != "" {
		t.Error(d)
	}
	if got.Look != intent.ID || got.ID == intent.ID || got.ID.IsZero() {
		t.Errorf("event %v of look %v", got.ID, got.Look)
	}
	if n, _, err := trail.keys.Reveal(t.Context(), got); err != nil || n != testNumber(t) {
		t.Errorf("about somebody else: %v", err)
	}
	if cmp.Equal(got.Person.Sealed, intent.Person.Sealed) || !cmp.Equal(got.Person.Index, intent.Person.Index) {
		t.Error("the person is not sealed anew, or not found any more")
	}
	row := rowOf(m.entries[1])
	if err := trail.keys.Authentic(&row); err != nil {
		t.Error(err)
	}
}

// TestReconcileErased: a person who was erased is not brought back by the reconciliation of a look, and the event is found all the same.
func TestReconcileErased(t *testing.T) {
	trail, m := testTrail()
	begin(t, trail)
	intent := m.last(t)
	clear(trail.keys.data.store.(*memoryDataKeys).keys)
	trail.keys = trail.keys.Forgetful()
	if err := trail.Reconcile(t.Context(), intent); err != nil {
		t.Fatal(err)
	}
	got := m.last(t)
	if !cmp.Equal(got.Person.Index, intent.Person.Index) || len(got.Person.Sealed) != 0 {
		t.Errorf("%+v", got.Person)
	}
	if _, _, err := trail.keys.Reveal(t.Context(), got); !errors.Is(err, ErrKeyUnknown) {
		t.Errorf("the person reads again: %v", err)
	}
	if len(trail.keys.data.store.(*memoryDataKeys).keys) != 0 {
		t.Error("the person has a data key again")
	}
}

// TestReconcileOnlyIntents: nothing but the intent of a look is reconciled.
func TestReconcileOnlyIntents(t *testing.T) {
	trail, m := testTrail()
	r := begin(t, trail)
	if err := trail.Finish(t.Context(), r, Outcome{Ended: Complete}); err != nil {
		t.Fatal(err)
	}
	for name, e := range map[string]Event{"an outcome": m.last(t), "nothing": {}, "an intent about nobody": {Act: ActIntent}} {
		if trail.Reconcile(t.Context(), e) == nil {
			t.Errorf("%s was reconciled", name)
		}
	}
}

// TestReconciledIDs: the id of each look's reconciliation is its own.
func TestReconciledIDs(t *testing.T) {
	seen := map[UUID]bool{}
	for range 1000 {
		intent := newUUID(now)
		id := reconciledID(intent)
		if seen[id] || id != reconciledID(intent) || id[6]>>4 != 8 || id[8]>>6 != 2 || [6]byte(id[:6]) != [6]byte(intent[:6]) {
			t.Fatalf("%v for %v", id, intent)
		}
		seen[id] = true
	}
}

// TestLookLimit: a look shows nothing new after its limit, what is on its way has a time by which it must have left, and an outcome comes before Settled
// or never.
func TestLookLimit(t *testing.T) {
	const limit = time.Minute
	clock := now
	m := &memory{}
	trail := NewTrail(m, GenerateKeys(), func() time.Time { return clock }).Within(limit)
	looked := func(after time.Duration, what func(Receipt) error) error {
		clock = now
		r := begin(t, trail)
		clock = now.Add(after)
		return what(r)
	}
	disclose := func(r Receipt) error { _, err := trail.Disclose(t.Context(), r, Disclosure{}); return err }
	open := func(r Receipt) error { _, err := trail.OpenDocument(t.Context(), r, OpenedDocument{}); return err }
	finish := func(r Receipt) error { return trail.Finish(t.Context(), r, Outcome{Ended: Complete}) }
	for name, c := range map[string]struct {
		after time.Duration
		what  func(Receipt) error
		late  bool
	}{
		"a part in time":                      {limit, disclose, false},
		"a part too late":                     {limit + 1, disclose, true},
		"a document in time":                  {limit, open, false},
		"a document too late":                 {limit + 1, open, true},
		"an outcome after it":                 {limit + limit/2, finish, false},
		"an outcome when the look is settled": {trail.Settled() - appendSlack, finish, true},
		"an outcome long after":               {24 * time.Hour, finish, true},
	} {
		written := len(m.entries)
		err := looked(c.after, c.what)
		if c.late != errors.Is(err, ErrTooLong) || !c.late && err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if c.late && len(m.entries) != written+1 {
			t.Errorf("%s: something was written", name)
		}
	}
	if err := looked(limit+1, disclose); fault.KindOf(err) != fault.Timeout {
		t.Errorf("the user is told %v", err)
	}
	clock = now
	d, err := trail.Disclose(t.Context(), begin(t, trail), Disclosure{Sections: record.SectionsOf(record.Plans)})
	soon, late := now.Add(time.Second), now.Add(time.Hour)
	if err != nil || !d.Until(soon).Equal(soon) || !d.Until(late).Equal(now.Add(limit+limit/2)) {
		t.Errorf("until %v and %v: %v", d.Until(soon), d.Until(late), err)
	}
	if !(Disclosed{}).Until(late).Equal(late) {
		t.Error("without a limit there is none")
	}
}
