package postgres_test

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"ribble/internal/audit"
	"ribble/internal/oversight/patrol"
	"ribble/internal/oversight/picture"
	"ribble/internal/oversight/queue"
	"ribble/internal/pgtest"
	"ribble/internal/register"
)

// TestTallies reads what the patrol counted: by each axis, for one organisation or all; looks that only check are not among those opened.
func TestTallies(t *testing.T) {
	db := pgtest.New(t).Open(t)
	counted := patrol.Tallies{
		Acts: map[patrol.Tally]int64{
			{Day: "2026-11-17", Hour: 9, Organisation: "RZB", Role: "Nurse", Act: "intent"}: 40, {Day: "2026-11-18", Hour: 9, Organisation: "RZB", Role: "Doctor", Act: "intent"}: 10,
			{Day: "2026-11-18", Hour: 23, Organisation: "RZB", Role: "Doctor", Act: "break-glass-began"}: 1, {Day: "2026-11-18", Hour: 9, Organisation: "RZP", Role: "Nurse", Act: "refused"}: 3,
			{Day: "2026-11-18", Hour: 9, Organisation: "RZB", Role: "Nurse", Act: patrol.Check}: 99, {Day: "2024-01-01", Hour: 1, Organisation: "RZB", Role: "Nurse", Act: "intent"}: 7,
		},
		Sources: map[patrol.SourceTally]int64{
			{Day: "2026-11-18", Feed: "bowland", State: "DATA"}: 90, {Day: "2026-11-18", Feed: "bowland", State: "UNAVAILABLE"}: 10, {Day: "2026-11-18", Feed: "wyre", State: "NOT_ASKED"}: 5,
			{Day: "2026-11-17", Feed: "bowland", State: "INCOMPLETE"}: 2, {Day: "2026-11-17", Feed: "bowland", State: "REFUSED"}: 1,
		},
	}
	if err := db.Patrol().Keep(t.Context(), 0, 1, nil, counted); err != nil {
		t.Fatal(err)
	}
	day := func(d int) time.Time { return time.Date(2026, 11, d, 0, 0, 0, 0, time.UTC) }
	for name, c := range map[string]struct {
		organisation string
		by           picture.Axis
		want         []picture.Counts
	}{
		"days of one":          {"RZB", picture.Day, []picture.Counts{{Key: "2026-11-17", Opened: 40}, {Key: "2026-11-18", Opened: 10, Emergency: 1}}},
		"days of all":          {"", picture.Day, []picture.Counts{{Key: "2026-11-17", Opened: 40}, {Key: "2026-11-18", Opened: 10, Refused: 3, Emergency: 1}}},
		"hours of one":         {"RZB", picture.Hour, []picture.Counts{{Key: "09", Opened: 50}, {Key: "23", Emergency: 1}}},
		"roles of all":         {"", picture.Role, []picture.Counts{{Key: "Doctor", Opened: 10, Emergency: 1}, {Key: "Nurse", Opened: 40, Refused: 3}}},
		"organisations of all": {"", picture.Organisation, []picture.Counts{{Key: "RZB", Opened: 50, Emergency: 1}, {Key: "RZP", Refused: 3}}},
	} {
		got, err := db.Tallies().Counts(t.Context(), picture.Query{Organisation: c.organisation, From: day(1), To: day(30), By: c.by})
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	sources, err := db.Tallies().Sources(t.Context(), picture.Query{From: day(1), To: day(30)})
	if err != nil || len(sources) != 1 || sources[0] != (picture.Source{Feed: "bowland", Asked: 103, Failed: 10, Gaps: 2, Refused: 1}) {
		t.Errorf("sources %+v: %v", sources, err)
	}
	if _, err := db.Tallies().Counts(t.Context(), picture.Query{From: day(2), To: day(1), By: picture.Day}); !errors.Is(err, picture.ErrSpan) {
		t.Errorf("backwards: %v", err)
	}
}

// TestLettersAreTakenOnce: of two replicas one has a letter; until it is sent it comes back later; once it is sent it never does.
func TestLettersAreTakenOnce(t *testing.T) {
	p, _, alert := alerted(t)
	box := p.db.Mail()
	first, err := box.Due(t.Context(), 10)
	if err != nil || len(first) != 1 || first[0].ID != alert.ID || first[0].Organisation != "RZB" || first[0].Number != alert.Number || first[0].Tries != 0 {
		t.Fatalf("letters %+v: %v", first, err)
	}
	if again, err := box.Due(t.Context(), 10); err != nil || len(again) != 0 {
		t.Errorf("another replica has %d letters: %v", len(again), err)
	}
	execute(t, p.test.AdminURL, "UPDATE oversight.alert SET mail_due = now()")
	if again, err := box.Due(t.Context(), 10); err != nil || len(again) != 1 || again[0].Tries != 1 {
		t.Errorf("after a while: %+v, %v", again, err)
	}
	if err := box.Sent(t.Context(), first[0]); err != nil {
		t.Fatal(err)
	}
	execute(t, p.test.AdminURL, "UPDATE oversight.alert SET mail_due = now()")
	if again, err := box.Due(t.Context(), 10); err != nil || len(again) != 0 {
		t.Errorf("a letter that was sent: %+v, %v", again, err)
	}
}

// TestQueueOrderAndCounts: the newest or the oldest first, of one officer, counted by state.
func TestQueueOrderAndCounts(t *testing.T) {
	p, desk, first := alerted(t)
	execute(t, p.test.AdminURL, "INSERT INTO oversight.alert (id, organisation, kind, event, at) VALUES (gen_random_uuid(), 'RZB', 'crowd', gen_random_uuid(), now())")
	if err := desk.Take(t.Context(), officer, first.ID); err != nil {
		t.Fatal(err)
	}
	list := func(f queue.Filter) []int64 {
		f.Organisation, f.States, f.Limit = "RZB", queue.Working, 10
		items, err := p.db.Queue().List(t.Context(), f)
		if err != nil {
			t.Fatal(err)
		}
		var out []int64
		for _, i := range items {
			out = append(out, i.Number-first.Number)
		}
		return out
	}
	for name, c := range map[string]struct {
		f    queue.Filter
		want []int64
	}{
		"the oldest first": {queue.Filter{}, []int64{0, 1}}, "the newest first": {queue.Filter{Newest: true}, []int64{1, 0}}, "with one officer": {queue.Filter{Officer: queue.Key(officer)}, []int64{0}},
		"behind the first": {queue.Filter{After: first.Number}, []int64{1}}, "before the newest": {queue.Filter{After: first.Number + 1, Newest: true}, []int64{0}},
	} {
		if got := list(c.f); !cmp.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
	counts, err := p.db.Queue().Counts(t.Context(), "RZB")
	if err != nil || counts[queue.New] != 1 || counts[queue.Assigned] != 1 {
		t.Errorf("counts %v: %v", counts, err)
	}
}

// TestListsFillTheRules: what is loaded as staff and as the confidential list is what the rules compare, and a later load takes its place.
func TestListsFillTheRules(t *testing.T) {
	db := pgtest.New(t).Open(t)
	load := func(kind register.LoadKind, rows ...register.LoadRow) {
		t.Helper()
		if err := db.Registers().Replace(t.Context(), register.Load{Kind: kind, ID: "3f9c02a1-0000-4000-8000-000000000001", At: time.Now(), Rows: rows}); err != nil {
			t.Fatal(err)
		}
	}
	row := func(name string, d register.Digests) register.LoadRow {
		return register.LoadRow{Person: audit.Index{Key: "k", Value: digest(name)}, SDSUserID: name, Organisation: "RZB", Digests: d}
	}
	left := time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)
	load(register.Staff, row("1", register.Digests{Person: []byte{1}, Surname: []byte{2}, Household: []byte{3}}), row("2", register.Digests{Person: []byte{4}, Left: left}))
	load(register.Listed, register.LoadRow{Person: audit.Index{Key: "k", Value: digest("x")}, Digests: register.Digests{Person: []byte{9}}})
	got, err := db.Patrol().Register(t.Context())
	if err != nil || got.Staff["1"].Person != "01" || got.Staff["1"].Surname != "02" || got.Staff["1"].Household != "03" || !got.Staff["2"].Left.Equal(left) || !got.Listed["09"] {
		t.Errorf("the rules see %+v: %v", got, err)
	}
	if len(got.Employers["01"]) != 1 || len(got.Employers["04"]) != 0 {
		t.Errorf("employers %v: a leaver has none", got.Employers)
	}
	load(register.Staff, row("3", register.Digests{Person: []byte{5}}))
	if got, err = db.Patrol().Register(t.Context()); err != nil || len(got.Staff) != 1 || !got.Listed["09"] {
		t.Errorf("after another load: %+v, %v", got, err)
	}
}

// digest is as long as an index is.
func digest(name string) []byte { return append([]byte(name), make([]byte, 32-len(name))...) }
