package postgres_test

import (
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"ribble/internal/identity"
	"ribble/internal/pgtest"
	"ribble/internal/postgres"
)

func TestCountSlides(t *testing.T) {
	limits := pgtest.New(t).Open(t).Limits()
	minute := identity.Counted{Kind: "search-user", Key: "555", Window: time.Minute}
	hour := identity.Counted{Kind: "open-user", Key: "555", Window: time.Hour}
	for _, c := range []struct {
		after        time.Duration
		inMin, inHrs int
	}{
		{0, 1, 1}, {20 * time.Second, 2, 2}, {59 * time.Second, 3, 3},
		// A quarter into the next minute, three quarters of the last one's three still count.
		{75 * time.Second, 1 + 2, 4}, {90 * time.Second, 2 + 1, 5},
		{10 * time.Minute, 1, 6}, {time.Hour, 1, 1 + 6}, {4 * time.Hour, 1, 1},
	} {
		got, err := limits.Count(t.Context(), at.Add(c.after), hour, minute)
		if err != nil || got[0] != c.inHrs || got[1] != c.inMin {
			t.Errorf("after %v: %v, %v; want %d and %d", c.after, got, err, c.inHrs, c.inMin)
		}
	}
	if err := limits.Forget(t.Context(), "open-user", "555"); err != nil {
		t.Fatal(err)
	}
	if got, err := limits.Count(t.Context(), at.Add(4*time.Hour), hour); err != nil || got[0] != 1 {
		t.Errorf("after forgetting: %v, %v", got, err)
	}
}

// TestCountIsShared counts the same things on two replicas at once, in either order: nothing is lost and nobody waits for ever.
func TestCountIsShared(t *testing.T) {
	db := pgtest.New(t)
	replicas := []*postgres.Limits{db.Open(t).Limits(), db.Open(t).Limits()}
	a, b := identity.Counted{Kind: "open-user", Key: "a", Window: time.Hour}, identity.Counted{Kind: "open-region", Key: "", Window: time.Hour}
	var wg sync.WaitGroup
	for _, limits := range replicas {
		for i := range 40 {
			wg.Go(func() {
				events := []identity.Counted{a, b}
				if i%2 == 0 {
					events = []identity.Counted{b, a}
				}
				if _, err := limits.Count(t.Context(), at, events...); err != nil {
					t.Error(err)
				}
			})
		}
	}
	wg.Wait()
	if got, err := replicas[0].Count(t.Context(), at, a, b); err != nil || got[0] != 81 || got[1] != 81 {
		t.Errorf("%v, %v; want 81 of each", got, err)
	}
}

// TestSpendOnce shows one token to two replicas fifty times at once.
func TestSpendOnce(t *testing.T) {
	db := pgtest.New(t)
	replicas := []*postgres.Limits{db.Open(t).Limits(), db.Open(t).Limits()}
	var wg sync.WaitGroup
	var first atomic.Int32
	for i := range 50 {
		wg.Go(func() {
			won, err := replicas[i%2].Spend(t.Context(), "launch", "https://epr.example", "jti-1", at.Add(time.Minute))
			if err != nil {
				t.Error(err)
			}
			if won {
				first.Add(1)
			}
		})
	}
	wg.Wait()
	if first.Load() != 1 {
		t.Errorf("%d were the first", first.Load())
	}
	for _, other := range [][3]string{{"logout", "https://epr.example", "jti-1"}, {"launch", "https://epr.examplej", "ti-1"}, {"launch", "https://epr.example", "jti-2"}} {
		if won, err := replicas[0].Spend(t.Context(), other[0], other[1], other[2], at); err != nil || !won {
			t.Errorf("%q counts as the same token: %v", other, err)
		}
	}
	if n, err := replicas[0].Purge(t.Context(), at.Add(time.Second)); err != nil || n != 3 {
		t.Errorf("forgot %d, %v", n, err)
	}
}
