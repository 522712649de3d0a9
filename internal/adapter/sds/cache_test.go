package sds

import (
	"strconv"
	"testing"
	"time"
)

func TestCacheForgets(t *testing.T) {
	now := time.Date(2026, 6, 3, 12, 0, 0, 0, time.UTC)
	c := newCache(func() time.Time { return now })
	c.put("a", Endpoint{ASID: "1"})
	for after, want := range map[time.Duration]bool{0: true, remembered - 1: true, remembered: false} {
		now = time.Date(2026, 6, 3, 12, 0, 0, 0, time.UTC).Add(after)
		if _, ok := c.get("a"); ok != want {
			t.Errorf("after %v: remembered %v", after, ok)
		}
	}
}

func TestCacheIsBounded(t *testing.T) {
	now := time.Date(2026, 6, 3, 12, 0, 0, 0, time.UTC)
	c := newCache(func() time.Time { return now })
	for i := range most {
		c.put("old "+strconv.Itoa(i), Endpoint{})
	}
	now = now.Add(remembered)
	c.put("new", Endpoint{ASID: "1"})
	if _, ok := c.get("new"); !ok || len(c.m) != 1 {
		t.Errorf("%d entries after the old ones ended", len(c.m))
	}
	for i := range 3 * most {
		c.put(strconv.Itoa(i), Endpoint{})
		if len(c.m) > most {
			t.Fatalf("%d entries", len(c.m))
		}
	}
}
