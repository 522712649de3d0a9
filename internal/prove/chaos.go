package prove

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"
)

const (
	// chaosRate is how many views begin in a second. In an hour that is 14,400: 2,880 for each of the five employers, whose people must prove anew who
	// they are above 3,000, and 16 for each user, who may open 26.
	chaosRate = 4
	// perMinute is how many faults come between two settlings.
	perMinute = 6
	// correctShare is the bar of goal G12.
	correctShare = .9995
	// lingers is for how long after a fault its source may still be missing: what was asked last takes its eight seconds, the breaker that this opens rests
	// for five (outbound.DefaultCooldown), and the one call that tries the source anew has to come back before the others are let through.
	lingers = 15 * time.Second
)

// chaosTest makes a steady load through a load balancer while one thing after the other breaks and is mended, and judges every view as it ends.
func chaosTest(st *stage) error {
	length, gap := st.chaos, 10*time.Second
	if length == 0 {
		length = time.Duration(st.choose(120, 12)) * time.Second
	}
	if !st.long {
		gap = 6 * time.Second
	}
	c := newChaos(st, gap)
	for left := max(1, int(length/gap)); left > 0; left -= perMinute {
		if err := c.part(min(left, perMinute)); err != nil {
			return err
		}
	}
	c.report()
	return nil
}

// chaos is the faults of one run with what was seen of the views meanwhile.
type chaos struct {
	st  *stage
	gap time.Duration
	// kinds and names are dealt like cards: each comes before any comes again.
	kinds, names *deck
	pick         func() string

	mu sync.Mutex
	// past are the faults in the order in which they began; the last may be under way.
	past    []*trouble
	wrong   []wrongView
	took    []time.Duration
	refused int
	// missed is how long after its fault a source was still missing from a view that began then.
	missed time.Duration
}

// wrongView is a view that was not as it should be, with the kind of fault that was there last.
type wrongView struct{ kind, says string }

func newChaos(st *stage, gap time.Duration) *chaos {
	return &chaos{st: st, gap: gap, kinds: newDeck(st.rng, troubleKinds()), names: newDeck(st.rng, faultNames()), pick: st.either()}
}

// part is a minute of load and its faults, after which the histories are compared, so that they stay small.
func (c *chaos) part(faults int) error {
	stop, done := make(chan struct{}), make(chan error, 1)
	go func() {
		_, err := c.st.streamOf(chaosRate, stop, c.view)
		done <- err
	}()
	var err error
	for range faults {
		if err = c.strike(); err != nil {
			break
		}
	}
	close(stop)
	if err = errors.Join(err, <-done); err != nil {
		return err
	}
	if err := c.st.settle(); err != nil {
		return err
	}
	// The load of the next minute hires anew, and would run out of users otherwise.
	for _, u := range c.st.users {
		u.busy = false
	}
	return nil
}

// view makes one and judges it; its page is not kept any longer than that.
func (c *chaos) view(u *user) *view {
	v := c.st.balanced(u, c.pick, true)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.took = append(c.took, v.took())
	if !v.shell {
		c.refused++
	}
	if said := c.judge(v); said != "" {
		w := c.blame(v, said)
		c.wrong = append(c.wrong, w)
		fmt.Fprintln(c.st.log, "    wrong:", w.says) // an hour is long to wait for the report
	}
	v.page = nil
	return v
}

// judge says what is wrong with a view: it came to its end with the entry of every source that no fault had struck, and says of every other one
// that it is missing if it is.
func (c *chaos) judge(v *view) string {
	switch {
	case !v.shell:
		return fmt.Sprintf("no page began: status %d, %v", v.status, v.err)
	case !v.whole:
		return fmt.Sprintf("the page did not come to its end: %v", v.err)
	case v.stranger:
		return "an entry about somebody else"
	}
	lacking := slices.DeleteFunc(append(slices.Clone(twelve), practice), func(ods string) bool { return !v.marks[ods].IsZero() })
	if len(lacking) == 0 {
		return ""
	}
	strip := v.strip()
	for _, ods := range lacking {
		said := strip[badgeOf[ods]]
		since, struck := c.struck(ods, v)
		if !struck {
			return fmt.Sprintf("the entry of %s, which is well, is missing; the page says %q", ods, said)
		}
		if !slices.ContainsFunc(named, func(words string) bool { return strings.Contains(said, words) }) {
			return fmt.Sprintf("the entry of %s is missing, and the page says %q", ods, said)
		}
		c.missed = max(c.missed, since)
	}
	return ""
}

// struck reports whether a fault of a source, or what lingers of it, was there during a view, and how long the last was over when the view began.
func (c *chaos) struck(ods string, v *view) (since time.Duration, struck bool) {
	for _, t := range slices.Backward(c.past) {
		if slices.Contains(t.at, ods) && t.during(v) {
			if !t.over.IsZero() {
				since = max(0, v.began.Sub(t.over))
			}
			return since, true
		}
	}
	return 0, false
}

// blame names every fault that was there during a view.
func (c *chaos) blame(v *view, said string) wrongView {
	w := wrongView{kind: "nothing"}
	var there []string
	for _, t := range c.past {
		if t.during(v) {
			w.kind = t.kind
			there = append(there, t.says+" from "+clock(t.began))
		}
	}
	w.says = fmt.Sprintf("%s to %s at %s: %s (%s)", clock(v.began), clock(v.ended), v.replica, said, strings.Join(there, "; "))
	return w
}

func clock(at time.Time) string { return at.UTC().Format("15:04:05.000") }

func (c *chaos) report() {
	st, views := c.st, len(c.took)
	share := float64(views-len(c.wrong)) / float64(max(1, views))
	st.bar(views > 0 && share >= correctShare, "%d of %d views were wrong", len(c.wrong), views)
	st.figure("chaos_wrong_views_per_10000", 10000*(1-share), 10000*(1-correctShare))
	faults, wrong := map[string]int{}, map[string]int{}
	for _, t := range c.past {
		faults[t.kind]++
	}
	for i, w := range c.wrong {
		wrong[w.kind]++
		if i < 40 {
			st.note("wrong: %s", w.says)
		}
	}
	st.say("%.3f %% of %d views correct (%d wrong, %d of them refused before the page began) through %d faults: %s", 100*share, views, len(c.wrong), c.refused, len(c.past), counted(faults))
	st.say("views p50 %s, p95 %s, p99 %s", quantileOf(c.took, .5), quantileOf(c.took, .95), quantileOf(c.took, .99))
	st.note("wrong views by the fault that was there last: %s", counted(wrong))
	st.note("a source was missing, and named, from views that began up to %s after its fault was over", c.missed.Round(100*time.Millisecond))
}
