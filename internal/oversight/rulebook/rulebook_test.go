package rulebook_test

import (
	"context"
	"testing"
	"time"

	"ribble/internal/oversight/rulebook"
	"ribble/internal/oversight/watch"
)

// kept is a store with one change.
type kept struct {
	rulebook.Store
	change rulebook.Change
	there  bool
}

func (k kept) InForce(context.Context) (rulebook.Change, bool, error) { return k.change, k.there, nil }
func (k kept) Waiting(context.Context) (rulebook.Change, bool, error) { return k.change, k.there, nil }

// TestInForce: the rules that Ribble comes with, until a change of a higher version was approved.
func TestInForce(t *testing.T) {
	for name, c := range map[string]struct {
		store kept
		want  int
	}{
		"none": {kept{}, 4}, "an older change": {kept{change: rulebook.Change{Version: 3, Body: `{"version": 3}`}, there: true}, 4},
		"a newer change": {kept{change: rulebook.Change{Version: 5, Body: `{"version": 5, "rules": []}`}, there: true}, 5},
	} {
		desk := rulebook.Desk{Store: c.store, Shipped: watch.Set{Version: 4}, Now: time.Now}
		if set, err := desk.Rules(t.Context()); err != nil || set.Version != c.want {
			t.Errorf("%s: version %d, %v", name, set.Version, err)
		}
	}
	desk := rulebook.Desk{Store: kept{change: rulebook.Change{Version: 9, Body: "{"}, there: true}, Shipped: watch.Set{Version: 4}, Now: time.Now}
	if _, err := desk.Rules(t.Context()); err == nil {
		t.Error("rules that cannot be read are in force")
	}
}

// TestWaitingEnds: what has waited for seven days waits no longer.
func TestWaitingEnds(t *testing.T) {
	at := time.Date(2026, 11, 18, 12, 0, 0, 0, time.UTC)
	store := kept{change: rulebook.Change{Proposed: rulebook.Step{At: at}}, there: true}
	for after, want := range map[time.Duration]bool{rulebook.Life - time.Second: true, rulebook.Life: false} {
		desk := rulebook.Desk{Store: store, Now: func() time.Time { return at.Add(after) }}
		if _, waits, err := desk.Waiting(t.Context()); err != nil || waits != want {
			t.Errorf("after %s it waits: %v, %v", after, waits, err)
		}
	}
}

// TestSumCoversAll: whatever is proposed is in the digest by which it is approved.
func TestSumCoversAll(t *testing.T) {
	c := rulebook.Change{Version: 2, Salt: "s", Why: "w", Body: "b"}
	sums := map[string]bool{c.Sum(): true}
	for _, change := range []func(*rulebook.Change){
		func(c *rulebook.Change) { c.Version++ }, func(c *rulebook.Change) { c.Salt = "t" }, func(c *rulebook.Change) { c.Why = "v" }, func(c *rulebook.Change) { c.Body = "a" },
	} {
		other := c
		change(&other)
		if sums[other.Sum()] {
			t.Error("two changes have one digest")
		}
		sums[other.Sum()] = true
	}
}
