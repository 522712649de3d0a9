package sourcecheck

import (
	"slices"
	"strings"
	"testing"
	"time"
)

func TestBars(t *testing.T) {
	same := func(d time.Duration, n int) []time.Duration { return slices.Repeat([]time.Duration{d}, n) }
	for _, c := range []struct {
		single []time.Duration
		silent int
		want   Result
		says   string
	}{
		{same(999*time.Millisecond, 20), 0, Passed, "95 in 100 of 20 requests within 1s"},
		{same(time.Second, 20), 0, Warning, "less than 1 s"},
		{same(3*time.Second, 20), 0, Failed, "limit for a request is 3 s"},
		{append(same(4*time.Second, 1), same(time.Millisecond, 19)...), 0, Passed, ""},
		{append(same(4*time.Second, 2), same(time.Millisecond, 18)...), 0, Failed, "4s"},
		{same(time.Millisecond, 20), 1, Failed, "1 of them had no answer"},
		{nil, 10, Failed, "None of 10 asks had an answer"},
	} {
		if v := timesVerdict(c.single, same(time.Second, 10), c.silent); v.result != c.want || !strings.Contains(v.seen, c.says) {
			t.Errorf("%v: %+v, want %s %q", c.single, v, c.want, c.says)
		}
	}
}

func TestClocks(t *testing.T) {
	now := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	for difference, want := range map[time.Duration]Result{0: Passed, 2 * time.Second: Passed, -30 * time.Second: Warning, time.Hour: Failed, -time.Hour: Failed} {
		v := clockVerdict([]heard{{asked: []exchange{{At: now}, {At: now, Date: now.Add(difference)}}}})
		if v.result != want {
			t.Errorf("%s: %+v", difference, v)
		}
	}
	if v := clockVerdict([]heard{{asked: []exchange{{At: now}}}}); v.result != Warning {
		t.Errorf("no date: %+v", v)
	}
}
