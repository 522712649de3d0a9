package adaptertest

import (
	"context"
	"fmt"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"ribble/internal/quarantine"
	"ribble/internal/record"
)

// need gives the harness's handler or skips, saying what the protocol does not have.
func need(t *testing.T, handler http.Handler, what string) http.Handler {
	t.Helper()
	if handler == nil {
		t.Skip("the harness has no source that ", what)
	}
	return handler
}

func (h Harness) people(t *testing.T) {
	t.Run("right person", func(t *testing.T) {
		a := h.run(t, need(t, h.Good, "answers"))
		if a.State != record.Data || rows(a) == 0 {
			t.Fatalf("state %v (%s) with %d rows, want data", a.State, a.Detail, rows(a))
		}
		if a.Source.RetrievedAt.IsZero() {
			t.Error("the answer does not say when it was retrieved")
		}
		if field, bad := h.check(a).Quarantined(); bad {
			t.Errorf("the right person's answer is quarantined for its %s", field)
		}
	})
	t.Run("nothing held", func(t *testing.T) {
		a := h.run(t, need(t, h.Empty, "holds nothing"))
		// Who looks after the person is known even where nothing is recorded about them.
		_, contacts := a.Chart.Count(record.Network)
		if a.State != record.Data || rows(a) != contacts {
			t.Fatalf("state %v (%s) with %d rows", a.State, a.Detail, rows(a))
		}
		if !slices.ContainsFunc(a.Coverage[:], func(c record.Coverage) bool { return c.State == record.NoneRecorded }) {
			t.Error("no section says that nothing is recorded")
		}
	})
	t.Run("unknown person", func(t *testing.T) {
		h.wants(t, h.run(t, need(t, h.Unknown, "does not know the person")), record.NotKnownHere)
	})
	t.Run("refused", func(t *testing.T) {
		h.wants(t, h.run(t, need(t, h.Refused, "refuses")), record.Refused)
	})
	t.Run("another person", func(t *testing.T) { h.wrongPerson(t, need(t, h.Other, "answers about another person")) })
	t.Run("one entry of another person", func(t *testing.T) {
		h.wrongPerson(t, need(t, h.Foreign, "mixes in another person's entry"))
	})
}

// wrongPerson demands that nothing of the answer can be shown: the adapter refused it, or the identity check puts it aside.
func (h Harness) wrongPerson(t *testing.T, handler http.Handler) {
	t.Helper()
	a := h.run(t, handler)
	if a.State != record.Data && rows(a) == 0 {
		return
	}
	if _, bad := h.check(a).Quarantined(); !bad {
		t.Errorf("the identity check lets it through: %d patients, %d foreign entries reported", len(a.Patients), a.Foreign)
	}
}

func (h Harness) check(a record.Answer) quarantine.Checked {
	return quarantine.Check(h.Ask.Person, a, h.Kind)
}

func rows(a record.Answer) int {
	n := 0
	for s := range record.AllSections.All {
		_, r := a.Chart.Count(s)
		n += r
	}
	return n
}

// wants demands that every asked section is in one of the states, with no rows: nothing here may read as "nothing recorded".
func (h Harness) wants(t *testing.T, a record.Answer, states ...record.State) {
	t.Helper()
	if !slices.Contains(states, a.State) {
		t.Errorf("the answer is %v (%s), want one of %v", a.State, a.Detail, states)
	}
	if n := rows(a); n != 0 {
		t.Errorf("%d rows are shown", n)
	}
	for i, c := range a.Coverage {
		if c.State != record.NotAsked && !slices.Contains(states, c.State) {
			t.Errorf("%s is %v, want one of %v", record.Section(i).ID(), c.State, states)
		}
	}
}

func (h Harness) content(t *testing.T) {
	t.Run("odd entries", func(t *testing.T) {
		a := h.run(t, need(t, h.Odd, "sends odd entries"))
		h.oddities(t, a)
	})
	t.Run("50,000 resources", func(t *testing.T) {
		if h.Many == nil {
			t.Skip("the harness has no source that sends very many entries")
		}
		a := h.run(t, h.Many(50_000))
		if n := rows(a); n > 20_000 {
			t.Errorf("%d rows", n)
		}
		if !slices.ContainsFunc(a.Coverage[:], func(c record.Coverage) bool {
			return c.State == record.Unavailable || c.State == record.Incomplete
		}) {
			t.Error("no section says that it is not whole")
		}
	})
	t.Run("the same again", func(t *testing.T) {
		first, second := h.run(t, need(t, h.Good, "answers")), h.run(t, h.Good)
		options := cmp.Options{cmp.Exporter(func(reflect.Type) bool { return true }), cmpopts.IgnoreTypes(time.Time{}, time.Duration(0))}
		if diff := cmp.Diff(first, second, options); diff != "" {
			t.Error("the same answer was read in two ways: ", diff)
		}
	})
}

func (h Harness) oddities(t *testing.T, a record.Answer) {
	t.Helper()
	if a.State != record.Data {
		t.Fatalf("state %v (%s)", a.State, a.Detail)
	}
	for what, text := range map[string]string{"the source's own text": OddText, "one of two resources under one id": FirstTwin, "the other of two resources under one id": SecondTwin} {
		if !holds(a.Chart, text) {
			t.Errorf("%s was lost", what)
		}
	}
	if !slices.ContainsFunc(values[record.Coding](a.Chart), func(c record.Coding) bool { return c.System == OddSystem && c.Code == OddCode }) {
		t.Error("an unknown coding was lost")
	}
	if !slices.ContainsFunc(values[record.PartialDate](a.Chart), func(d record.PartialDate) bool { return d.Text == YearOnly && d.Precision == record.Year }) {
		t.Error("a date of a year alone was lost or completed")
	}
	if !slices.ContainsFunc(values[record.Label](a.Chart), func(l record.Label) bool { return l.Code == LabelCode }) {
		t.Error("a security label was lost")
	}
}

// failures asks a source that fails in every way that Failures knows.
func (h Harness) failures(t *testing.T) {
	for _, f := range Failures(need(t, h.Good, "answers")) {
		t.Run(f.Name, func(t *testing.T) { h.wants(t, h.run(t, f.Handler), f.Want...) })
	}
}

// tolerable are bodies that are large or odd and still say the same: read whole, or not at all.
func (h Harness) tolerable(t *testing.T) {
	good := need(t, h.Good, "answers")
	whole := rows(h.run(t, good))
	for name, change := range map[string]func([]byte) []byte{
		"name that differs by case": named(`"RESOURCETYPE":"Patient","resourceType":`),
		"5,000,000 items":           opened(`"x":[0` + strings.Repeat(",0", 5_000_000) + `],`),
		"1,000,000 digits":          opened(`"x":` + strings.Repeat("9", 1_000_000) + `,`),
		"200,000 names":             opened(names(200_000)),
	} {
		t.Run(name, func(t *testing.T) {
			a := h.run(t, spoil(good, change))
			if a.State != record.Unavailable && rows(a) != whole {
				t.Errorf("%d rows, want %d or none", rows(a), whole)
			}
		})
	}
}

// transport is what only a connection of its own can show.
func (h Harness) transport(t *testing.T) {
	good := need(t, h.Good, "answers")
	for name, first := range map[string]string{"silence": "", "a start and then silence": `{"resourceType":`} {
		t.Run(name+" until the deadline", func(t *testing.T) {
			ctx, cancel := context.WithTimeout(context.Background(), 100*time.Millisecond)
			defer cancel()
			h.wants(t, h.runWithin(ctx, t, Hang(first)), record.Unavailable)
		})
		t.Run(name+" until given up", func(t *testing.T) {
			ctx, cancel := context.WithCancel(context.Background())
			time.AfterFunc(50*time.Millisecond, cancel)
			h.wants(t, h.runWithin(ctx, t, Hang(first)), record.Unavailable)
		})
	}
	t.Run("connection refused", func(t *testing.T) {
		server := NewServer(t, good)
		client := server.Client(t, h.BasePath)
		server.Close()
		h.wants(t, h.ask(context.Background(), t, h.New(t, client, server.URL+h.BasePath)), record.Unavailable)
	})
	t.Run("without our certificate", func(t *testing.T) {
		server := NewServer(t, good)
		defer server.Close()
		client := server.stranger(t, h.BasePath)
		defer client.Close()
		h.wants(t, h.ask(context.Background(), t, h.New(t, client, server.URL+h.BasePath)), record.Unavailable)
	})
}

// oneFails lets each request of a view fail in turn: whatever it would have brought must not be missing in silence.
func (h Harness) oneFails(t *testing.T) {
	counting, count := failNth(need(t, h.Good, "answers"), -1, h.Optional)
	whole := h.run(t, counting)
	for nth := range int(count.Load()) {
		t.Run(fmt.Sprint(nth), func(t *testing.T) {
			handler, _ := failNth(h.Good, nth, h.Optional)
			a := h.run(t, handler)
			if !slices.ContainsFunc(a.Coverage[:], func(c record.Coverage) bool {
				return c.State == record.Unavailable || c.State == record.Incomplete || c.State == record.Uninterpretable
			}) {
				t.Errorf("a request failed and no section says so (%d rows of %d)", rows(a), rows(whole))
			}
		})
	}
}
