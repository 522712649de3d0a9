package prove

import (
	"errors"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"
)

// TestChaosJudges is the control of the chaos: each way in which a view can be wrong is seen, and what a fault excuses is excused.
func TestChaosJudges(t *testing.T) {
	at := time.Date(2031, time.March, 14, 9, 0, 0, 0, time.UTC)
	over := at.Add(-5 * time.Second)
	struck := &trouble{kind: sourceFault, says: "garbage at RPC", at: []string{"RPC"}, began: over.Add(-5 * time.Second), over: over}
	ended := &trouble{kind: wireCut, says: "a cut wire at RPD", at: []string{"RPD"}, began: at.Add(-time.Minute), over: at.Add(-lingers)}
	later := &trouble{kind: wireCut, says: "a cut wire at RPE", at: []string{"RPE"}, began: at.Add(2 * time.Second)}
	c := &chaos{past: []*trouble{ended, struck, later}}
	seen := func(said string, lacking ...string) *view {
		v := &view{began: at, ended: at.Add(time.Second), shell: true, whole: true, marks: map[string]time.Time{}}
		for _, ods := range append(slices.Clone(twelve), practice) {
			if !slices.Contains(lacking, ods) {
				v.marks[ods] = at
			}
		}
		v.page = []byte(`<ul slot="sources"><li>RPC Waiting</li></ul><ul slot="sources"><li>RPC ` + said + `</li></ul></html>`)
		return v
	}
	refused, broken, stranger := seen(""), seen(""), seen("")
	refused.shell, refused.whole, refused.status, refused.err = false, false, 503, errors.New("the form answered 503")
	broken.whole, broken.err = false, errors.New("the page broke off")
	stranger.stranger = true
	for _, tc := range []struct {
		name, want string
		view       *view
	}{
		{"whole", "", seen("")},
		{"refused", "no page began: status 503", refused},
		{"broken off", "did not come to its end", broken},
		{"an entry of a stranger", "somebody else", stranger},
		{"struck and named", "", seen("NO ANSWER after 8.0 s", "RPC")},
		{"struck and not named", "the entry of RPC is missing", seen("Answered in 0.1 s", "RPC")},
		{"struck and not on the page", "the entry of RPC is missing", seen("", "RPC")},
		{"well and missing", "RPA, which is well", seen("", "RPA")},
		{"well though another is struck", "RPA, which is well", seen("NO ANSWER after 8.0 s", "RPC", "RPA")},
		{"the practice", practice + ", which is well", seen("", practice)},
		{"no longer struck", "RPD, which is well", seen("", "RPD")},
		{"not yet struck", "RPE, which is well", seen("", "RPE")},
	} {
		got := c.judge(tc.view)
		if (got == "") != (tc.want == "") || !strings.Contains(got, tc.want) {
			t.Errorf("%s: %q, want %q", tc.name, got, tc.want)
		}
	}
	if c.missed != 5*time.Second {
		t.Errorf("missed for up to %s after a fault", c.missed)
	}
	if w := c.blame(seen(""), "why"); w.kind != sourceFault || !strings.Contains(w.says, "why (garbage at RPC from 08:59:50.000)") {
		t.Errorf("blamed on %q: %q", w.kind, w.says)
	}
}

// TestDeck: every card comes before any comes again.
func TestDeck(t *testing.T) {
	d := newDeck(rand.New(rand.NewPCG(1, 2)), []string{"a", "b", "c"})
	for range 5 {
		hand := []string{d.deal(), d.deal(), d.deal()}
		if slices.Sort(hand); !slices.Equal(hand, []string{"a", "b", "c"}) {
			t.Errorf("dealt %v", hand)
		}
	}
}
