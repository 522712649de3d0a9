package app

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"ribble/internal/directory"
	"ribble/internal/onboarding"
	"ribble/internal/oversight/post"
	"ribble/internal/sourcecheck"
)

const nightRegion = `{"organisations": [
	{"ods": "RXB", "name": "Bowland", "short": "B", "badge": "B", "kind": "acute", "dspt": {"status": "met", "until": "2026-12-02"}}, {"ods": "RXC", "name": "Calder", "short": "C", "badge": "C", "kind": "acute"}],
	"agreements": [{"id": "isa", "title": "A", "from": "2020-01-01", "until": "2026-12-31", "parties": ["RXB", "RXC"], "flows": [{"id": "f", "sections": ["allergies"]}]}],
	"feeds": [
		{"id": "b", "organisation": "RXB", "protocol": "fhirr4", "endpoint": "https://b.example/", "sections": ["allergies"], "stage": "live", "agreement": "isa", "flow": "f", "allow_cidr": ["10.0.0.0/8"]},
		{"id": "c", "organisation": "RXC", "protocol": "fhirr4", "endpoint": "https://c.example/", "sections": ["allergies"], "stage": "test", "agreement": "isa", "flow": "f", "allow_cidr": ["10.0.0.0/8"]},
		{"id": "off", "organisation": "RXC", "protocol": "fhirr4", "sections": ["allergies"], "stage": "off"}]}`

func nightSnapshot(t *testing.T) *directory.Snapshot {
	t.Helper()
	s, err := directory.Load(strings.NewReader(nightRegion))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// lastChecks says when each feed was checked last.
type lastChecks map[string]time.Time

func (l lastChecks) LastCheck(_ context.Context, feed string) (onboarding.Check, error) {
	return onboarding.Check{Feed: feed, At: l[feed]}, nil
}

// TestNightly: every feed that runs is checked once a night, by the one replica that holds the lock; one that fails is tried again with nobody else.
func TestNightly(t *testing.T) {
	now := time.Date(2026, 11, 18, 1, 59, 0, 0, time.UTC)
	last, locked, broken := lastChecks{}, false, "b"
	var ran []string
	n := &nightly{
		at: 2 * time.Hour, feeds: nightSnapshot(t).Feeds, people: func() ([]sourcecheck.TestPerson, error) { return make([]sourcecheck.TestPerson, 1), nil },
		run: func(_ context.Context, feed string, by sourcecheck.By, _ []sourcecheck.TestPerson) (sourcecheck.Report, error) {
			ran = append(ran, feed)
			if feed == broken {
				return sourcecheck.Report{}, errors.New("broken")
			}
			last[feed] = now
			return sourcecheck.Report{}, nil
		},
		checks: last, now: func() time.Time { return now }, log: slog.New(slog.DiscardHandler),
		alone: func(ctx context.Context, do func(context.Context) error) (bool, error) {
			if locked {
				return false, nil
			}
			return true, do(ctx)
		},
	}
	for _, c := range []struct {
		name   string
		do     func()
		want   []string
		failed bool
	}{
		{"too early", func() {}, nil, false},
		{"another replica is at it", func() { now, locked = now.Add(time.Hour), true }, nil, false},
		{"one is broken", func() { locked = false }, []string{"b", "c"}, true},
		{"it is tried again, alone", func() { broken = "" }, []string{"b"}, false},
		{"the night is done", func() { now = now.Add(time.Hour) }, nil, false},
		{"the next night", func() { now = now.AddDate(0, 0, 1) }, []string{"b", "c"}, false},
		{"a portal that starts by day", func() { now, n.done = now.Add(14*time.Hour), time.Time{} }, nil, false},
		{"never", func() { now, n.at = now.AddDate(0, 0, 1), -1 }, nil, false},
	} {
		c.do()
		ran = nil
		if err := n.round(t.Context()); (err != nil) != c.failed || !slices.Equal(ran, c.want) {
			t.Errorf("%s: ran %v, error %v", c.name, ran, err)
		}
	}
}

// TestEndingLetters: region and organisations are told at 30, 14 and 3 days and at the end, and never twice of the same.
func TestEndingLetters(t *testing.T) {
	s, box := nightSnapshot(t), map[string][]int64{}
	var last time.Time
	w := &warnings{directory: func() *directory.Snapshot { return s }, now: func() time.Time { return last }, add: func(_ context.Context, l post.Letter) error {
		key := l.ID + "/" + l.Organisation
		if len(box[key]) == 0 {
			box[key] = append(box[key], l.Number)
		}
		return nil
	}}
	for last = time.Date(2026, 11, 1, 6, 0, 0, 0, time.UTC); last.Before(time.Date(2027, 1, 10, 0, 0, 0, 0, time.UTC)); last = last.Add(6 * time.Hour) {
		if err := w.round(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	for _, to := range []string{"", "RXB", "RXC"} {
		for level, days := range map[string]int64{"30": 30, "14": 14, "3": 3, "0": 0} {
			if got := box["Information sharing agreement isa, 2027-01-01, "+level+"/"+to]; len(got) != 1 || got[0] != days {
				t.Errorf("to %q at %s days: %v", to, level, got)
			}
		}
	}
	if got := box["Security toolkit of Bowland, 2026-12-03, 14/RXB"]; len(got) != 1 {
		t.Error("the toolkit's end is not told")
	}
	if got := box["Security toolkit of Bowland, 2026-12-03, 14/RXC"]; len(got) != 0 {
		t.Error("another organisation is told of Bowland's toolkit")
	}
}
