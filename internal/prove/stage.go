package prove

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"time"
)

// stage is one scenario under way: the estate, the browsers' history, and what was found.
type stage struct {
	*estate
	ctx  context.Context
	long bool
	soak time.Duration
	// chaos is how long the chaos lasts; zero leaves it at the length of the form.
	chaos time.Duration
	rng   *rand.Rand

	mu    sync.Mutex
	views []*view
	// mayLeave says that looks may be left without an outcome, because their process or their database is killed; patience is how long one is waited for.
	mayLeave bool
	patience time.Duration

	// kept and unended count over the scenario: views judged, requests judged, and looks left without an outcome.
	viewed, questions, unended int
	// unwritten counts what was shown and no earlier event says was shown.
	unwritten       int
	figures         []Figure
	short, evidence []string
	says            []string
	// broken is set when something was missed that is no matter of time.
	broken bool
}

// say is what was measured, note is evidence for it, miss is a bar that was not met.
func (st *stage) say(format string, args ...any) {
	st.says = append(st.says, fmt.Sprintf(format, args...))
}
func (st *stage) note(format string, args ...any) {
	st.evidence = append(st.evidence, fmt.Sprintf(format, args...))
}
func (st *stage) miss(format string, args ...any) {
	const most = 12
	if len(st.short) < most {
		st.short = append(st.short, "NOT MET: "+fmt.Sprintf(format, args...))
	}
}

// must is bar for what no machine is too slow for.
func (st *stage) must(holds bool, format string, args ...any) {
	if !holds {
		st.broken = true
		st.miss(format, args...)
	}
}

// bar misses unless the condition holds.
func (st *stage) bar(holds bool, format string, args ...any) {
	if !holds {
		st.miss(format, args...)
	}
}

// figure is what was measured as a number, which must not exceed its bar.
func (st *stage) figure(name string, value, bar float64) {
	st.figures = append(st.figures, Figure{Name: name, Value: value, Bar: bar})
}

func (st *stage) measured() string { return strings.Join(st.says, "; ") }

// choose gives one length for the long form and one for the short.
func (st *stage) choose(long, short int) int {
	if st.long {
		return long
	}
	return short
}

func (st *stage) add(v *view) *view {
	st.mu.Lock()
	defer st.mu.Unlock()
	st.views = append(st.views, v)
	return v
}

// borrow gives a user who has opened nothing yet, until the end of the scenario.
func (st *stage) borrow() (*user, error) { return st.borrowFor(viewsPerUser) }

func (st *stage) borrowFor(views int) (*user, error) {
	st.mu.Lock()
	defer st.mu.Unlock()
	return st.hire(views)
}

// giveBack lets others work as the user.
func (st *stage) giveBack(u *user) {
	st.mu.Lock()
	defer st.mu.Unlock()
	u.busy = false
}

// crowd makes so many views, so many at once, at the portals that pick gives, and returns those views.
func (st *stage) crowd(total, atOnce int, pick func(i int) string) ([]*view, error) {
	out := make([]*view, total)
	next := make(chan int)
	var group sync.WaitGroup
	var failed error
	for range atOnce {
		group.Go(func() {
			var u *user
			for i := range next {
				if u == nil || u.left == 0 {
					var err error
					if u, err = st.borrowFor(1); err != nil {
						st.mu.Lock()
						failed = err
						st.mu.Unlock()
						continue
					}
				}
				out[i] = st.add(st.look(st.ctx, u, pick(i), false))
			}
			if u != nil {
				st.giveBack(u)
			}
		})
	}
	for i := range total {
		next <- i
	}
	close(next)
	group.Wait()
	return slices.DeleteFunc(out, func(v *view) bool { return v == nil }), errors.Join(failed, st.ctx.Err())
}

// stream makes views at a steady rate, whether or not the earlier ones have ended, until stop says so.
func (st *stage) stream(perSecond float64, stop <-chan struct{}, pick func() string) ([]*view, error) {
	return st.streamOf(perSecond, stop, func(u *user) *view { return st.balanced(u, pick, false) })
}

// streamOf is stream for views of the caller's own making.
func (st *stage) streamOf(perSecond float64, stop <-chan struct{}, look func(*user) *view) ([]*view, error) {
	tick := time.NewTicker(time.Duration(float64(time.Second) / perSecond))
	defer tick.Stop()
	var group sync.WaitGroup
	var mu sync.Mutex
	var out []*view
	var free []*user
	var failed error
	one := func() {
		mu.Lock()
		var u *user
		if n := len(free); n > 0 {
			u, free = free[n-1], free[:n-1]
		}
		mu.Unlock()
		if u == nil || u.left < 3 { // a look may be tried again
			var err error
			if u, err = st.borrowFor(3); err != nil {
				mu.Lock()
				failed = err
				mu.Unlock()
				return
			}
		}
		v := st.add(look(u))
		mu.Lock()
		out, free = append(out, v), append(free, u)
		mu.Unlock()
	}
	for {
		select {
		case <-stop:
			group.Wait()
			return out, errors.Join(failed, st.ctx.Err())
		case <-st.ctx.Done():
			group.Wait()
			return out, st.ctx.Err()
		case <-tick.C:
			group.Go(one)
		}
	}
}

// balanced is a look through a load balancer: where nobody listens, the other portal is tried.
func (st *stage) balanced(u *user, pick func() string, keep bool) *view {
	v := st.look(st.ctx, u, pick(), keep)
	for tries := 0; tries < 2 && v.err != nil && !v.shell && refusedConnection(v.err); tries++ {
		began := v.began
		v = st.look(st.ctx, u, pick(), keep)
		v.began = began
	}
	return v
}

// either gives the portals in turn, but only those that are ready.
func (st *stage) either() func() string {
	n := 0
	return func() string {
		st.mu.Lock()
		n++
		at := n
		st.mu.Unlock()
		for range 400 {
			for i := range st.replicas {
				if r := st.replicas[(at+i)%len(st.replicas)]; r.running() && r.ready() {
					return r.url
				}
			}
			time.Sleep(10 * time.Millisecond)
		}
		return st.replicas[0].url
	}
}

// settle waits until nobody is at work, and holds the histories against the invariants.
func (st *stage) settle() error {
	log, err := st.quiet()
	if err != nil {
		return err
	}
	byNumber := map[string]*user{}
	for _, u := range st.users {
		byNumber[u.number] = u
	}
	h := histories{views: st.views, asked: log, byNumber: byNumber, trail: st.trail}
	for _, said := range h.violations() {
		st.must(false, "%s", said)
		if strings.HasPrefix(said, "I1:") {
			st.unwritten++
		}
	}
	open := st.trail.open()
	st.must(open == 0 || st.mayLeave, "I5: %d looks have no outcome", open)
	st.viewed, st.questions, st.unended = st.viewed+len(st.views), st.questions+len(log), st.unended+open
	st.views = nil
	st.trail.forget()
	return nil
}

// check is the last settling of a scenario.
func (st *stage) check() error {
	for _, u := range st.users {
		u.busy = false
	}
	if err := st.mend(st.ctx); err != nil {
		return fmt.Errorf("back to health: %w", err)
	}
	if err := st.settle(); err != nil {
		return err
	}
	st.note("I1 to I5 over %d views and %d requests to sources", st.viewed, st.questions)
	if st.unended > 0 {
		st.note("%d looks were left without an outcome by what was killed", st.unended)
	}
	return nil
}
