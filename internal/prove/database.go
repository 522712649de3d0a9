package prove

import (
	"fmt"
	"net/http"
	"sync"
	"time"
)

// attempts lets every user ask so many times for their record, at both portals, and gives how long each refusal took. The users have found their
// people before, so that each attempt is one of opening.
func (st *stage) attempts(users []*user, times int) (refusals []time.Duration, err error) {
	answers := make(chan *view)
	for i, u := range users {
		go func() {
			for range times {
				answers <- st.add(st.look(st.ctx, u, st.replicas[i%2].url, false))
			}
		}()
	}
	for range times * len(users) {
		v := <-answers
		if v.shell || len(v.marks) > 0 {
			err = fmt.Errorf("a record was opened without a database")
		}
		st.must(v.status == http.StatusServiceUnavailable, "a record without a database is answered with %d, %v", v.status, v.err)
		refusals = append(refusals, v.took())
	}
	return refusals, err
}

// prepared are users who have found their people and have just opened the record once.
func (st *stage) prepared(n int) ([]*user, error) {
	users := make([]*user, n)
	for i := range users {
		u, err := st.borrow()
		if err != nil {
			return nil, err
		}
		if v := st.add(st.look(st.ctx, u, st.replicas[i%2].url, false)); !v.full() {
			return nil, fmt.Errorf("with everything well a view lacks %q: %d, %w", v.lacks(), v.status, v.err)
		}
		users[i] = u
	}
	return users, nil
}

// databaseGone cuts the wire to Postgres, and then lets it swallow everything.
func databaseGone(st *stage) error {
	st.mayLeave = true
	for _, way := range []struct {
		name      string
		within    time.Duration
		off, back func() error
	}{
		{"refused", refusedWithin, func() error { return st.wires.cut(postgresWire) }, func() error { return st.wires.join(postgresWire) }},
		{"swallowed", hangingWithin, func() error { return st.wires.poison(postgresWire, "timeout", map[string]int{"timeout": 0}) }, func() error { return st.wires.cure(postgresWire, "timeout") }},
	} {
		users, err := st.prepared(4)
		if err != nil {
			return err
		}
		if err := st.settle(); err != nil {
			return err
		}
		if err := way.off(); err != nil {
			return err
		}
		unready := st.until(3*time.Second, func(r *replica) bool { return !r.ready() })
		refusals, err := st.attempts(users, st.choose(25, 3))
		if err != nil {
			return err
		}
		counts, _ := st.region.Control.Requests()
		asked := 0
		for id, n := range counts {
			if !nationals[id] {
				asked += n
			}
		}
		if err := way.back(); err != nil {
			return err
		}
		back := st.until(30*time.Second, (*replica).ready)
		p99 := quantileOf(refusals, .99)
		st.figure("refusal_ms_p99_wire_"+way.name, milliseconds(p99), milliseconds(way.within))
		st.must(asked == 0, "%s: sources were asked %d times", way.name, asked)
		st.bar(p99 <= 2*time.Second, "%s: refusals took up to %s", way.name, p99)
		st.bar(unready <= time.Second, "%s: not ready only after %s", way.name, unready)
		st.bar(back <= 5*time.Second, "%s: back after %s", way.name, back)
		st.say("%s: refused in %s p50, %s p99 (%d); sources asked %d times; not ready after %s; back after %s",
			way.name, quantileOf(refusals, .5), p99, len(refusals), asked, unready.Round(time.Millisecond), back.Round(time.Millisecond))
	}
	return nil
}

// until is how long it takes until something holds for both portals.
func (st *stage) until(limit time.Duration, holds func(*replica) bool) time.Duration {
	began := time.Now()
	var group sync.WaitGroup
	for _, r := range st.replicas {
		group.Go(func() {
			for !holds(r) && time.Since(began) < limit {
				time.Sleep(10 * time.Millisecond)
			}
		})
	}
	group.Wait()
	return time.Since(began)
}

// databaseBetween cuts the wire when the intent is written and nothing has been shown.
func databaseBetween(st *stage) error {
	st.mayLeave, st.patience = true, 6*time.Second
	rounds, leaked, told := st.choose(20, 2), 0, 0
	for i := range rounds {
		users, err := st.prepared(1)
		if err != nil {
			return err
		}
		for _, s := range st.region.Control.Sources() {
			if !nationals[s.ID] {
				if err := st.strike(s.ID, "none", 1500); err != nil {
					return err
				}
			}
		}
		done, begun := make(chan *view), make(chan struct{})
		go func() {
			done <- st.lookThen(st.ctx, users[0], st.replicas[i%2].url, true, func() { close(begun) })
		}()
		select {
		case <-begun:
		case <-time.After(10 * time.Second):
		}
		time.Sleep(time.Duration(st.rng.IntN(1000)) * time.Millisecond)
		if err := st.wires.cut(postgresWire); err != nil {
			return err
		}
		v := st.add(<-done)
		st.bar(v.shell, "the page had not begun when the database went")
		if len(v.marks) > 0 {
			leaked++
		}
		if v.whole && contains(v.page, "cannot write down who looks") {
			told++
		}
		if err := st.mend(st.ctx); err != nil {
			return err
		}
	}
	st.bar(leaked == 0, "%d views showed entries", leaked)
	st.bar(told == rounds, "only %d of %d pages say why they end", told, rounds)
	st.say("%d of %d views showed anything clinical; %d say why they end", leaked, rounds, told)
	return nil
}

// databaseSlow puts latency on the wire.
func databaseSlow(st *stage) error {
	st.mayLeave = true
	for _, ms := range []int{100, 1000} {
		if err := st.wires.poison(postgresWire, "latency", map[string]int{"latency": ms}); err != nil {
			return err
		}
		views, err := st.crowd(st.choose(100, 8), 4, func(i int) string { return st.replicas[i%2].url })
		if err != nil {
			return err
		}
		whole, refused := 0, 0
		for _, v := range views {
			switch {
			case v.full():
				whole++
			case !v.shell && v.status == http.StatusServiceUnavailable:
				refused++
			case v.whole:
				st.note("at %d ms a page that came to its end lacks %q", ms, v.lacks())
			}
		}
		st.bar(whole+refused == len(views), "at %d ms %d views were neither whole nor refused", ms, len(views)-whole-refused)
		st.say("%d ms: %d whole, %d refused of %d, p95 %s", ms, whole, refused, len(views), quantile(views, .95, (*view).took))
		if err := st.wires.cure(postgresWire, "latency"); err != nil {
			return err
		}
	}
	return nil
}
