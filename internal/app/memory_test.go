package app

import (
	"errors"
	"math"
	"testing"
)

// TestLimitWithin: a container that allows less than a portal usually has is kept to, and one that allows more, or says nothing, changes nothing.
func TestLimitWithin(t *testing.T) {
	for _, c := range []struct {
		name    string
		allowed uint64
		err     error
		want    int64
	}{
		{"little", 256 << 20, nil, 256 << 20 * 85 / 100},
		{"much", 8 << 30, nil, memoryLimit},
		{"none said", math.MaxUint64, nil, memoryLimit},
		{"no container", 0, errors.New("none"), memoryLimit},
	} {
		if got := limitWithin(func() (uint64, error) { return c.allowed, c.err }); math.Abs(float64(got-c.want)) > 1<<20 {
			t.Errorf("%s: %d MiB, want %d", c.name, got>>20, c.want>>20)
		}
	}
}

// TestFullness: records are refused while too much is live, and no longer than that.
func TestFullness(t *testing.T) {
	live := int64(79)
	f := &fullness{limit: 100, live: func() int64 { return live }}
	if f.reached() {
		t.Error("full below its share")
	}
	live = 81
	if !f.reached() {
		t.Error("not full above its share")
	}
	live = 10
	if f.reached() {
		t.Error("still full")
	}
	f.limit, live = math.MaxInt64, math.MaxInt64
	if f.reached() {
		t.Error("without a limit nothing is full")
	}
	stale := 0
	f = &fullness{limit: 100, live: func() int64 { stale++; return int64(150 / stale) }}
	if f.reached() {
		t.Error("what has gone since the last collection counts")
	}
}
