package postgres_test

import (
	"slices"
	"testing"
	"time"

	"ribble/internal/audit"
	"ribble/internal/oversight/inquiry"
	"ribble/internal/pgtest"
	"ribble/internal/postgres"
)

// TestClockSetBack: the clock of a portal goes back an hour between two events. The trail keeps the order in which they came: for who follows it, and in
// an export, which verifies. An officer, who asks for the newest first, gets each of them once, whatever the length of a page.
func TestClockSetBack(t *testing.T) {
	db := pgtest.New(t)
	p := newPortal(t, db)
	r := p.mustReplica(t)
	set := time.Duration(0)
	r.trail = audit.NewTrail(r.log, p.keys, func() time.Time { return time.Now().Add(set) })
	r.note(t, 2)
	set = -time.Hour
	r.note(t, 2)
	r.round(t)
	reader, err := postgres.OpenOfficerReader(t.Context(), db.URLs[postgres.IGReader])
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(reader.Close)

	followed, err := reader.Follow(t.Context(), 0, 10)
	if err != nil {
		t.Fatal(err)
	}
	if got := numbers(followed); !slices.Equal(got, []int64{1, 2, 3, 4}) || !followed[2].Event.At.Before(followed[0].Event.At) {
		t.Errorf("followed %v; the times are %v and %v", got, followed[0].Event.At, followed[2].Event.At)
	}
	if report := p.verify(t, r); report.Finding != nil || report.Proven != 4 {
		t.Errorf("the export: %+v", report)
	}
	for limit := 1; limit <= 5; limit++ {
		got := searched{reader: reader}.all(t, inquiry.Query{Limit: limit})
		slices.Sort(got)
		if !slices.Equal(got, []int64{1, 2, 3, 4}) {
			t.Errorf("%d a page: %v", limit, got)
		}
	}
}

func numbers(rows []inquiry.Row) []int64 {
	var out []int64
	for _, row := range rows {
		out = append(out, row.Sequence)
	}
	return out
}
