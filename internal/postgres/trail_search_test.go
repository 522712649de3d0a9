package postgres_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"ribble/internal/audit"
	"ribble/internal/identity"
	"ribble/internal/oversight/inquiry"
	"ribble/internal/pgtest"
	"ribble/internal/postgres"
	"ribble/internal/record"
)

// searched is a trail with known events, and a reader of it.
type searched struct {
	reader *postgres.OfficerReader
	keys   *audit.Keys
	people []record.NHSNumber
}

func newSearched(t *testing.T, events int) searched {
	t.Helper()
	db := pgtest.New(t)
	reader, err := postgres.OpenOfficerReader(t.Context(), db.URLs[postgres.IGReader])
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(reader.Close)
	s := searched{reader: reader, keys: audit.GenerateKeys()}
	for _, digits := range []string{"9991411690", "9990000018", "9990000026", "9990000034", "9990000042"} {
		if n, err := record.ParseNHSNumber(digits); err == nil {
			s.people = append(s.people, n)
		}
	}
	at := time.Now().UTC().Add(-48 * time.Hour).Truncate(time.Microsecond)
	trail := audit.NewTrail(db.Open(t).Audit(), s.keys, func() time.Time { return at })
	random := rand.New(rand.NewPCG(3, 4))
	acts := []audit.Act{audit.ActTraced, audit.ActOpenRequested, audit.ActBreakGlassBegan}
	for range events {
		at = at.Add(time.Duration(random.IntN(90)) * time.Second)
		u := identity.User{Issuer: "https://op", Subject: fmt.Sprint("u", random.IntN(4)), Organisation: identity.Organisation{ODS: fmt.Sprint("ORG", random.IntN(3))}}
		note := audit.Note{
			Act: acts[random.IntN(3)], User: u, NHSNumber: s.people[random.IntN(len(s.people))],
			Reason: []string{"", "unconscious", "other"}[random.IntN(3)], Feed: []string{"", "bth"}[random.IntN(2)],
		}
		if err := trail.Note(t.Context(), note); err != nil {
			t.Fatal(err)
		}
	}
	return s
}

// all reads every page of a query.
func (s searched) all(t *testing.T, q inquiry.Query) []int64 {
	t.Helper()
	var out []int64
	for {
		page, err := s.reader.Page(t.Context(), q)
		if err != nil {
			t.Fatal(err)
		}
		for _, row := range page.Rows {
			out = append(out, row.Sequence)
		}
		if page.Next.IsZero() {
			return out
		}
		q.Before = page.Next
	}
}

type condition struct {
	name string
	set  func(*inquiry.Query)
	fits func(inquiry.Row) bool
}

// TestTrailSearch holds every condition, alone and in pairs, against a filter over the whole trail read in order.
func TestTrailSearch(t *testing.T) {
	const events = 240
	s := newSearched(t, events)
	whole, err := s.reader.Follow(t.Context(), 0, 1000)
	if err != nil || len(whole) != events {
		t.Fatalf("followed %d events: %v", len(whole), err)
	}
	person := s.keys.Indexes(s.people[1])
	middle := whole[events/2].Event.At
	conditions := []condition{
		{"nothing", func(*inquiry.Query) {}, func(inquiry.Row) bool { return true }},
		{"person", func(q *inquiry.Query) { q.Person = person }, func(r inquiry.Row) bool { return slices.Equal(r.Event.Person.Index, person[0].Value) }},
		{"user", func(q *inquiry.Query) { q.Issuer, q.Subject = "https://op", "u2" }, func(r inquiry.Row) bool { return r.Event.User.Subject == "u2" }},
		{"organisation", func(q *inquiry.Query) { q.Organisation = "ORG1" }, func(r inquiry.Row) bool { return r.Event.User.Organisation == "ORG1" }},
		{"from", func(q *inquiry.Query) { q.From = middle }, func(r inquiry.Row) bool { return !r.Event.At.Before(middle) }},
		{"to", func(q *inquiry.Query) { q.To = middle }, func(r inquiry.Row) bool { return r.Event.At.Before(middle) }},
		{"first", func(q *inquiry.Query) { q.FirstSequence = 100 }, func(r inquiry.Row) bool { return r.Sequence >= 100 }},
		{"last", func(q *inquiry.Query) { q.LastSequence = 99 }, func(r inquiry.Row) bool { return r.Sequence <= 99 }},
		{"until", func(q *inquiry.Query) { q.Until = whole[40].Place() }, func(r inquiry.Row) bool { return r.Sequence >= 41 }},
		{"act", func(q *inquiry.Query) { q.Acts = []audit.Act{audit.ActTraced} }, func(r inquiry.Row) bool { return r.Event.Act == audit.ActTraced }},
		{"reason", func(q *inquiry.Query) { q.Reason = "unconscious" }, func(r inquiry.Row) bool { return r.Event.Reason == "unconscious" }},
		{"source", func(q *inquiry.Query) { q.Source = "bth" }, func(r inquiry.Row) bool { return slices.Contains(r.Event.Asked, "bth") }},
	}
	for _, a := range conditions {
		for _, b := range conditions {
			for _, limit := range []int{7, 500} {
				q := inquiry.Query{Limit: limit}
				a.set(&q)
				b.set(&q)
				if q.Check() != nil {
					continue
				}
				if diff := cmp.Diff(fitting(whole, a, b), s.all(t, q)); diff != "" {
					t.Errorf("%s and %s, %d a page:\n%s", a.name, b.name, limit, diff)
				}
			}
		}
	}
}

// fitting are the numbers of the rows that fit both conditions, the newest first.
func fitting(whole []inquiry.Row, a, b condition) []int64 {
	var out []int64
	for _, row := range slices.Backward(whole) {
		if a.fits(row) && b.fits(row) {
			out = append(out, row.Sequence)
		}
	}
	return out
}

// TestTrailIsCutIntoParts: whatever is asked, by one key of a person or several, the parts hold each of its events once, in order, and none more than was said.
func TestTrailIsCutIntoParts(t *testing.T) {
	s := newSearched(t, 90)
	person := s.keys.Indexes(s.people[2])
	another := append(slices.Clone(person), audit.Index{Key: "before", Value: make([]byte, 16)})
	for name, q := range map[string]inquiry.Query{
		"all": {}, "a person": {Person: person}, "a person of two keys": {Person: another}, "a user": {Issuer: "https://op", Subject: "u1"}, "up to a number": {LastSequence: 50}, "nobody": {Subject: "nobody"},
	} {
		want := s.all(t, q)
		for _, each := range []int{1, 7, 30, 90, 91} {
			cuts, complete, err := s.reader.Cuts(t.Context(), q, each)
			if err != nil || complete.Sequence != 90 || len(cuts) != max(len(want)-1, 0)/each {
				t.Fatalf("%s by %d: %d cuts for %d events, complete to %d: %v", name, each, len(cuts), len(want), complete.Sequence, err)
			}
			var got []int64
			part := q
			for i := range len(cuts) + 1 {
				part.Until = inquiry.Place{}
				if i < len(cuts) {
					part.Until = cuts[i]
				}
				some := s.all(t, part)
				if len(some) > each {
					t.Errorf("%s by %d: a part has %d", name, each, len(some))
				}
				got, part.Before = append(got, some...), part.Until
			}
			if d := cmp.Diff(want, got); d != "" {
				t.Errorf("%s by %d: %s", name, each, d)
			}
		}
	}
	if _, _, err := s.reader.Cuts(t.Context(), inquiry.Query{FirstSequence: 9, LastSequence: 3}, 5); err == nil {
		t.Error("an impossible range was cut")
	}
}

// TestReadersForgetAndReadAgain: a reader that may hold almost nothing of what events refer to reads the same, alone and while others read.
func TestReadersForgetAndReadAgain(t *testing.T) {
	s := newSearched(t, 60)
	whole, err := s.reader.Follow(t.Context(), 0, 1000)
	if err != nil || len(whole) != 60 {
		t.Fatalf("%d events: %v", len(whole), err)
	}
	s.reader.HoldAtMost(3)
	var group sync.WaitGroup
	for range 4 {
		group.Go(func() {
			for from := 0; from < 60; from += 7 {
				rows, err := s.reader.Follow(t.Context(), int64(from), 7)
				if d := cmp.Diff(whole[from:min(from+7, 60)], rows); err != nil || d != "" {
					t.Errorf("from %d: %v %s", from, err, d)
				}
			}
		})
	}
	group.Wait()
}

func TestTrailSearchSaysWhereItIsComplete(t *testing.T) {
	s := newSearched(t, 30)
	page, err := s.reader.Page(t.Context(), inquiry.Query{Limit: 10})
	if err != nil || page.Complete.Sequence != 30 || page.Complete.At.IsZero() || page.Next.IsZero() {
		t.Errorf("complete to %+v, next %+v: %v", page.Complete, page.Next, err)
	}
	if _, err := s.reader.Page(t.Context(), inquiry.Query{FirstSequence: 9, LastSequence: 3}); err == nil {
		t.Error("an impossible range was answered")
	}
	page, err = s.reader.Page(t.Context(), inquiry.Query{Organisation: "nobody' OR '1'='1", Limit: 10})
	if err != nil || len(page.Rows) != 0 {
		t.Errorf("%d rows: %v", len(page.Rows), err)
	}
}

// TestTrailStreamResumes: an export that breaks off goes on where it ended, without a row twice or none.
func TestTrailStreamResumes(t *testing.T) {
	s := newSearched(t, 120)
	var got []int64
	var last inquiry.Place
	take := func(most int) func(inquiry.Row) error {
		return func(r inquiry.Row) error {
			if most--; most < 0 {
				return context.Canceled
			}
			got, last = append(got, r.Sequence), r.Place()
			return nil
		}
	}
	if _, err := s.reader.Stream(t.Context(), inquiry.Query{}, take(50)); err == nil {
		t.Fatal("a taker that refused was not heard")
	}
	complete, err := s.reader.Stream(t.Context(), inquiry.Query{Before: last}, take(1000))
	if err != nil || complete.Sequence != 120 {
		t.Fatalf("complete to %d: %v", complete.Sequence, err)
	}
	if len(got) != 120 || !slices.IsSortedFunc(got, func(a, b int64) int { return int(b - a) }) {
		t.Errorf("%d rows", len(got))
	}
}
