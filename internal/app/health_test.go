package app

import (
	"slices"
	"strings"
	"testing"
	"time"

	"ribble/internal/directory"
	"ribble/internal/health"
	"ribble/internal/record"
)

// TestSilent: clinicians are told of a live source that does not answer, once for each organisation, and of none that is not live or answers.
func TestSilent(t *testing.T) {
	feed := func(id, ods, stage string) string {
		return `{"id": "` + id + `", "organisation": "` + ods + `", "protocol": "fhirr4", "endpoint": "https://a.example/", "sections": ["allergies"], "stage": "` + stage + `", "agreement": "isa", "flow": "f", "allow_cidr": ["10.0.0.0/8"]}`
	}
	s, err := directory.Load(strings.NewReader(`{"organisations": [
		{"ods": "RXB", "name": "Bowland", "short": "B", "badge": "B", "kind": "acute"}, {"ods": "RXC", "name": "Calder", "short": "C", "badge": "C", "kind": "acute"}],
		"agreements": [{"id": "isa", "title": "A", "from": "2020-01-01", "until": "2099-12-31", "parties": ["RXB", "RXC"], "flows": [{"id": "f", "sections": ["allergies"]}]}],
		"feeds": [` + strings.Join([]string{feed("b", "RXB", "live"), feed("b2", "RXB", "live"), feed("c", "RXC", "pilot"), feed("d", "RXC", "live")}, ",") + `]}`))
	if err != nil {
		t.Fatal(err)
	}
	m := health.New(nil, func() time.Time { return time.Date(2026, 11, 18, 14, 2, 0, 0, time.UTC) })
	m.Ended("b", record.Data, time.Second)
	for range 3 {
		for _, id := range []string{"b", "b2", "c", "gone"} {
			m.Ended(id, record.Unavailable, time.Second)
		}
		m.Ended("d", record.Data, time.Second)
	}
	if got := silent(m, directory.NewHolder(s))(); !slices.Equal(got, []string{"Bowland has not answered since 14:02."}) {
		t.Errorf("told %q", got)
	}
}
