package postgres

import (
	"testing"
	"time"
)

func TestPaceJoinsThoseWhoComeBack(t *testing.T) {
	for name, c := range map[string]struct {
		batch, waiting, began int
		// arrive are those who come each time the queue is looked at; want is how many the batch then has, looks how often it may be looked for them.
		arrive, want, looks int
	}{
		"one half":                   {batch: 32, waiting: 0, began: 1, arrive: 11, want: 32, looks: 3},
		"the other half waits":       {batch: 32, waiting: 32, began: 32, arrive: 8, want: 64, looks: 4},
		"all are there":              {batch: 32, waiting: 0, began: 32, arrive: 1, want: 32, looks: 0},
		"few callers":                {batch: 2, waiting: 1, began: 1, arrive: 1, want: 1, looks: 0},
		"more than one commit takes": {batch: batchLength, waiting: 900, began: batchLength, arrive: 1, want: batchLength, looks: 0},
	} {
		var p pace
		p.served(c.batch, c.waiting, time.Hour)
		n, looks := c.began, 0
		p.join(n, func() int {
			looks++
			n = min(n+c.arrive, max(c.want, n))
			return n
		})
		if n != c.want || looks != c.looks || p.alone != 0 {
			t.Errorf("%s: %d after %d looks, alone %d, want %d after %d", name, n, looks, p.alone, c.want, c.looks)
		}
	}
}

func TestPaceGivesUpWaitingForNobody(t *testing.T) {
	var p pace
	waits := func() bool {
		looked := false
		p.served(20, 0, 4*time.Millisecond)
		p.join(1, func() int { looked = true; return 1 })
		return looked
	}
	if !waits() {
		t.Fatal("those who were answered were not waited for")
	}
	for i := range unmet {
		if waits() {
			t.Fatalf("commit %d waited, after nobody had come", i)
		}
	}
	if !waits() {
		t.Error("waiting was given up for good")
	}
	// However long the last commit took, this returns at once.
	p = pace{}
	p.served(20, 0, time.Hour)
	p.join(1, func() int { return 1 })
}
