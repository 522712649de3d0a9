package health_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"ribble/internal/health"
	"ribble/internal/record"
)

// shelf keeps counts one after another, or fails.
type shelf struct {
	kept []health.Count
	err  error
}

func (s *shelf) Keep(_ context.Context, counts []health.Count) error {
	if s.err == nil {
		s.kept = append(s.kept, counts...)
	}
	return s.err
}

func (s *shelf) Since(context.Context, time.Time) ([]health.Count, error) { return s.kept, s.err }

// TestARestartForgetsNothing: a monitor that takes up what another counted says the same of every feed.
func TestARestartForgetsNothing(t *testing.T) {
	at, s := noon(), new(shelf)
	before := health.New(nil, at.now)
	for i := range 200 {
		at.at = at.at.Add(17 * time.Second)
		before.Ended("bth", record.Data, time.Duration(i)*20*time.Millisecond)
		before.Ended("cbh", map[bool]record.State{true: record.Data, false: record.Unavailable}[i < 100], time.Second)
		if i%30 == 29 {
			s.err = map[bool]error{true: errors.New("away"), false: nil}[i%60 == 29]
			if err := before.Flush(t.Context(), s); !errors.Is(err, s.err) {
				t.Fatal(err)
			}
		}
	}
	s.err = nil
	if err := before.Flush(t.Context(), s); err != nil {
		t.Fatal(err)
	}
	after := health.New(nil, at.now)
	if err := after.Remember(t.Context(), s); err != nil {
		t.Fatal(err)
	}
	for _, feed := range []string{"bth", "cbh"} {
		was, is := before.Feed(feed), after.Feed(feed)
		// The moment of the third failure is kept to five minutes.
		if was.Since.Sub(is.Since).Abs() > 10*time.Minute {
			t.Errorf("%s is silent since %v, was since %v", feed, is.Since, was.Since)
		}
		was.Since, is.Since = time.Time{}, time.Time{}
		if diff := cmp.Diff(was, is); diff != "" {
			t.Errorf("%s (-before +after):\n%s", feed, diff)
		}
	}
	if f := after.Feed("cbh"); f.Standing != health.NotAnswering {
		t.Errorf("the silent one is %s", f.Standing)
	}
	if f := after.Feed("bth"); f.Hours[11].P95 <= f.Hours[11].P50 || f.Hours[11].P50 == 0 {
		t.Errorf("the last hour: %+v", f.Hours[11])
	}
}
