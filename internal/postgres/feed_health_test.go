package postgres_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"ribble/internal/health"
	"ribble/internal/pgtest"
)

// TestFeedHealthIsAdded: what two replicas counted in the same five minutes is one row, and what is old is forgotten.
func TestFeedHealthIsAdded(t *testing.T) {
	store := pgtest.New(t).Open(t).FeedHealth()
	slot := time.Date(2026, 11, 18, 14, 0, 0, 0, time.UTC)
	good := slot.Add(2 * time.Minute)
	for _, c := range [][]health.Count{
		{{Feed: "bth", At: slot, Asked: 3, Answered: 2, Late: 1, Times: []int32{0, 2}, LastGood: good}, {Feed: "old", At: slot.Add(-48 * time.Hour), Asked: 1}},
		{{Feed: "bth", At: slot, Asked: 4, Answered: 3, Times: []int32{1, 0, 2}, LastGood: good.Add(-time.Minute)}},
		{{Feed: "bth", At: slot, Asked: 1}},
	} {
		if err := store.Keep(t.Context(), c); err != nil {
			t.Fatal(err)
		}
	}
	if err := store.Purge(t.Context(), slot.Add(-24*time.Hour)); err != nil {
		t.Fatal(err)
	}
	got, err := store.Since(t.Context(), slot.Add(-72*time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	want := []health.Count{{Feed: "bth", At: slot, Asked: 8, Answered: 5, Late: 1, Times: []int32{1, 2, 2}, LastGood: good}}
	if diff := cmp.Diff(want, got, cmpopts.EquateApproxTime(0)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
