package ledger

import (
	"errors"
	"testing"
	"time"
)

// TestReady: at most thirty seconds without a checkpoint, five minutes without a witness, and never when broken.
func TestReady(t *testing.T) {
	now := time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	var halted error
	for name, c := range map[string]struct {
		confirmed, witnessed time.Duration
		witnesses            int
		broken               bool
		want                 bool
	}{
		"fresh":                       {0, 0, 1, false, true},
		"thirty seconds":              {30 * time.Second, 0, 1, false, true},
		"longer":                      {31 * time.Second, 0, 1, false, false},
		"a witness away for a minute": {0, time.Minute, 1, false, true},
		"for six":                     {0, 6 * time.Minute, 1, false, false},
		"no witness configured":       {0, 6 * time.Minute, 0, false, true},
		"broken":                      {0, 0, 1, true, false},
	} {
		l := newLedger(Config{Witnesses: make([]Witness, 0), Now: func() time.Time { return now }, Halt: func(err error) { halted = err }})
		l.c.Witnesses = make([]Witness, c.witnesses)
		l.size, l.confirmed, l.witnessed = 5, now.Add(-c.confirmed), now.Add(-c.witnessed)
		if c.broken {
			l.breakDown(ErrBroken)
		}
		if err := l.Ready(t.Context()); (err == nil) != c.want {
			t.Errorf("%s: %v", name, err)
		}
	}
	if !errors.Is(halted, ErrBroken) {
		t.Errorf("the writer was told %v", halted)
	}
}
