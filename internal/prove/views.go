package prove

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"
)

// calm makes views with everything well.
func calm(st *stage) error {
	views, err := st.crowd(st.choose(2000, 150), 8, func(i int) string { return st.replicas[i%2].url })
	if err != nil {
		return err
	}
	bad := st.lacking(views)
	st.say("%d of %d views whole, p50 %s, p95 %s at 8 at once", len(views)-bad, len(views), quantile(views, .5, (*view).took), quantile(views, .95, (*view).took))
	return nil
}

// lacking counts the views that are not full, each of which misses the bar.
func (st *stage) lacking(views []*view) int {
	bad := 0
	for _, v := range views {
		if !v.full() {
			bad++
			st.miss("a view at %s lacks %q: status %d, %v", v.began.UTC().Format("15:04:05.000"), v.lacks(), v.status, v.err)
		}
	}
	return bad
}

// quantile gives one quantile of a time over the views.
func quantile(views []*view, q float64, of func(*view) time.Duration) time.Duration {
	times := make([]time.Duration, 0, len(views))
	for _, v := range views {
		times = append(times, of(v))
	}
	return quantileOf(times, q)
}

func quantileOf(times []time.Duration, q float64) time.Duration {
	if len(times) == 0 {
		return 0
	}
	times = slices.Sorted(slices.Values(times))
	return times[min(len(times)-1, int(q*float64(len(times))))].Round(time.Millisecond)
}

func milliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

// killPortal kills portals at random moments, in batches between which the histories are compared.
func killPortal(st *stage) error {
	st.mayLeave, st.patience = true, 2*time.Second
	kills, views, broken, unheard, batches := 0, 0, 0, 0, st.choose(50, 3)
	for range batches {
		done := make(chan error, 1)
		go func() { done <- st.killer(4, &kills) }()
		seen, err := st.crowd(st.choose(200, 60), 8, func(i int) string { return st.replicas[i%2].url })
		if err := <-done; err != nil {
			return err
		}
		if err != nil {
			return err
		}
		views += len(seen)
		for _, v := range seen {
			switch {
			case v.err == nil:
			case refusedConnection(v.err):
				unheard++
			default:
				broken++
			}
			st.must(v.status != http.StatusTooManyRequests, "a view was refused by the limit on trawling: it proves nothing")
		}
		if err := st.settle(); err != nil {
			return err
		}
	}
	st.bar(broken > 0, "no view was broken by a kill: the kills came between views and prove nothing")
	if n := st.replicas[0].again + st.replicas[1].again; n > 0 {
		st.note("%d starts so far had to be tried once more: the database did not answer within two seconds", n)
	}
	st.say("%d kills over %d views, of which %d were broken off and %d met a portal that was not there; %d violations", kills, views, broken, unheard, len(st.short))
	return nil
}

// killer kills so many times, at moments that its own chance gives, and starts again what it killed.
func (st *stage) killer(times int, kills *int) error {
	for range times {
		time.Sleep(time.Duration(100+st.rng.IntN(1200)) * time.Millisecond)
		r := st.replicas[st.rng.IntN(len(st.replicas))]
		r.kill()
		*kills++
		if err := r.start(st.ctx); err != nil {
			return fmt.Errorf("after a kill: %w", err)
		}
	}
	return nil
}

// killPostgres does the same to the database.
func killPostgres(st *stage) error {
	st.mayLeave, st.patience = true, 6*time.Second
	var back []time.Duration
	views := 0
	for range st.choose(20, 2) {
		stop, done := make(chan struct{}), make(chan error, 1)
		var seen []*view
		go func() {
			var err error
			seen, err = st.stream(10, stop, st.either())
			done <- err
		}()
		time.Sleep(time.Duration(800+st.rng.IntN(800)) * time.Millisecond)
		if err := st.cluster.Crash(); err != nil {
			return err
		}
		time.Sleep(time.Duration(100+st.rng.IntN(400)) * time.Millisecond)
		if err := st.cluster.Restart(st.ctx); err != nil {
			return err
		}
		began := time.Now()
		for _, r := range st.replicas {
			if err := r.awaitReady(time.Minute); err != nil {
				return err
			}
		}
		back = append(back, time.Since(began))
		close(stop)
		if err := <-done; err != nil {
			return err
		}
		views += len(seen)
		if err := st.settle(); err != nil {
			return err
		}
	}
	worst := quantileOf(back, 1)
	st.bar(worst <= 5*time.Second, "ready again only %s after the database", worst)
	st.say("%d crashes over %d views; ready again within %s of the database", len(back), views, worst)
	st.note("1,000,000 acknowledged events over 100 rounds, with a positive control: `make test-full`, postgres.TestKilledAtRandom and TestTheHarnessSeesLoss")
	return nil
}

// shortLooks is a limit of looks with which their reconciliation can be waited for.
const shortLooks = 12 * time.Second

// outcome kills a portal under load and waits until every look has an outcome or its reconciliation: those of the killed portal, and whatever the scenarios
// before have left.
func outcome(st *stage) error {
	return st.with("RIBBLE_LOOK_LIMIT="+shortLooks.String(), func() error {
		left := len(st.trail.unsettled)
		// Twice the limit, the rounds of the reconcilers, and a machine that does other work.
		st.patience = 2*shortLooks + 20*time.Second
		done := make(chan error, 1)
		go func() {
			time.Sleep(700 * time.Millisecond)
			st.replicas[0].kill()
			done <- st.replicas[0].start(st.ctx)
		}()
		if _, err := st.crowd(40, 8, func(i int) string { return st.replicas[i%2].url }); err != nil {
			return err
		}
		if err := <-done; err != nil {
			return err
		}
		if err := st.settle(); err != nil {
			return err
		}
		for end := time.Now().Add(st.patience); len(st.trail.unsettled) > 0 && time.Now().Before(end); time.Sleep(200 * time.Millisecond) {
			if err := st.trail.read(st.ctx); err != nil {
				return err
			}
		}
		st.must(len(st.trail.unsettled) == 0, "I5: %d looks of the whole run have neither outcome nor reconciliation", len(st.trail.unsettled))
		reconciled := len(st.trail.reconciled)
		st.say("%d looks had no outcome, %d of them from the scenarios before: %d were reconciled, %d are left", reconciled+len(st.trail.unsettled), left, reconciled, len(st.trail.unsettled))
		st.note("the portals ran with RIBBLE_LOOK_LIMIT=%s, and the killed one was started again at once", shortLooks)
		return nil
	})
}

// with runs part of a scenario with portals that have another setting.
func (st *stage) with(setting string, do func() error) (err error) {
	for _, r := range st.replicas {
		was := r.env
		r.env = append(slices.Clone(was), setting)
		defer func() {
			r.env = was
			err = errors.Join(err, st.fresh(r))
		}()
		if err := st.fresh(r); err != nil {
			return err
		}
	}
	return do()
}
