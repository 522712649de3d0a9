package bench

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
)

// P14: one source takes what is asked of it and never answers.
const (
	// hungLimit is how long a portal waits for a source here, as its directory says.
	hungLimit  = 2 * time.Second
	hungSource = 0
	hungRounds = 3
	hungViews  = 600
	crowded    = 200
	sparse     = 8

	othersBar = 1.2
	endBar    = 2100
	restBar   = 1.1
	waitBar   = 2
	// failures is after how many views that waited the breaker is held to be open.
	failures = 10
)

// atRest is what a portal holds when it has nothing to do.
type atRest struct{ goroutines, heap float64 }

// hung measures P14, on a portal of its own.
func (m *measurement) hung(ctx context.Context) error {
	p, err := m.watched(ctx)
	if err != nil {
		return err
	}
	defer p.stop()
	if _, err := m.crowd(ctx, p, warmViews, 1); err != nil {
		return err
	}
	well, err := m.crowd(ctx, p, m.scaled(hungViews), crowded)
	if err != nil {
		return err
	}
	if n := lacking(well, m.rows); n > 0 {
		m.say("without a hang %d of %d views lack something: with so many at once the processor is too busy for a limit of %s", n, len(well), hungLimit)
	}
	if err := m.recovered(ctx, p); err != nil {
		return err
	}
	if err := m.hungCrowds(ctx, p, well); err != nil {
		return err
	}
	return m.hungFew(ctx, p)
}

// watched starts a portal that also tells what it holds after a collection: the program that ships, built with one file more.
func (m *measurement) watched(ctx context.Context) (*portal, error) {
	program := m.in("ribble-watched")
	if err := m.build(ctx, program, true); err != nil {
		return nil, err
	}
	return m.portal(ctx, region{sources: referenceSources, deadline: hungLimit, program: program})
}

// crowd makes views, some at once, whatever they lack.
func (m *measurement) crowd(ctx context.Context, p *portal, n, atOnce int) ([]seen, error) {
	visits, err := m.visits(ctx, p, referencePerson, n)
	if err != nil {
		return nil, err
	}
	return p.all(ctx, visits, atOnce), nil
}

// hungCrowds makes rounds of many views at once while the source hangs, against as many when all was well.
func (m *measurement) hungCrowds(ctx context.Context, p *portal, well []seen) error {
	if _, err := m.sources.do(order{Do: "hold", Source: hungSource}); err != nil {
		return err
	}
	var views []seen
	var others []float64
	var rests []atRest
	for round := range hungRounds {
		more, err := m.crowd(ctx, p, m.scaled(hungViews), crowded)
		if err != nil {
			return err
		}
		views, others = append(views, more...), append(others, milliseconds(sectionTime(more))/milliseconds(sectionTime(well)))
		if round == 0 || round == hungRounds-1 {
			held, err := m.rest(p)
			if err != nil {
				return err
			}
			rests = append(rests, held)
		}
	}
	if _, err := m.sources.do(order{Do: "release", Source: hungSource}); err != nil {
		return err
	}
	m.judge("P14", "other_sections_p50_c200_over_no_hang", others, othersBar)
	m.say("at %d at once half of the sections of another source had come after %.0f ms, and half of the pages after %.0f, without a hang; half of the pages after %.0f with it",
		crowded, milliseconds(sectionTime(well)), milliseconds(pageTime(well, 50)), milliseconds(pageTime(views, 50)))
	m.judge("P14", "failed_views", []float64{float64(lacking(views, 1))}, 0)
	waited, share := afterFailures(views)
	m.judge("P14", "views_of_100_that_wait_after_ten_have", []float64{share}, waitBar)
	m.say("of %d views %d waited for the source that hangs, %d at once", len(views), waited, crowded)
	m.judge("P14", "goroutines_at_rest_over_round_1", []float64{rests[1].goroutines / rests[0].goroutines}, restBar)
	m.judge("P14", "heap_at_rest_over_round_1", []float64{rests[1].heap / rests[0].heap}, restBar)
	m.say("at rest: %.0f goroutines and %.1f MiB after round 1, %.0f and %.1f MiB after round %d",
		rests[0].goroutines, rests[0].heap/mebibyte, rests[1].goroutines, rests[1].heap/mebibyte, hungRounds)
	return nil
}

// rest waits until the portal has been left alone for a while, has it collect its garbage, and counts what is left.
func (m *measurement) rest(p *portal) (r atRest, err error) {
	browser.CloseIdleConnections()
	time.Sleep(m.options.pause())
	// Memory that is kept to be used again goes with the second collection; until then how much of it there is depends on when the last one was.
	var said []byte
	for range 2 {
		if said, err = fetch(p.profiles + "/debug/pprof/heap?gc=1&debug=1"); err != nil {
			return r, err
		}
	}
	const mark = "# HeapAlloc = "
	_, after, _ := strings.Cut(string(said), mark)
	if _, err := fmt.Sscan(after, &r.heap); err != nil {
		return r, fmt.Errorf("reading what is held after a collection: %w", err)
	}
	r.goroutines, err = p.figure("go_goroutines")
	return r, err
}

// pause is how long a portal is left alone before what it holds is counted.
func (o Options) pause() time.Duration {
	if o.Long {
		return 10 * time.Second
	}
	return 4 * time.Second
}

// hungFew does the same at few views at once, where the processor is no bottleneck.
func (m *measurement) hungFew(ctx context.Context, p *portal) error {
	if err := m.recovered(ctx, p); err != nil {
		return err
	}
	well, err := m.crowd(ctx, p, m.scaled(120), sparse)
	if err != nil {
		return err
	}
	if _, err := m.sources.do(order{Do: "hold", Source: hungSource}); err != nil {
		return err
	}
	views, err := m.crowd(ctx, p, m.scaled(120), sparse)
	if err != nil {
		return err
	}
	if _, err := m.sources.do(order{Do: "release", Source: hungSource}); err != nil {
		return err
	}
	usual := sectionTime(well)
	m.judge("P14", "other_sections_p50_c8_over_no_hang", []float64{milliseconds(sectionTime(views)) / milliseconds(usual)}, othersBar)
	waited, _ := afterFailures(views)
	if waited == 0 {
		return fmt.Errorf("no view waited for the source that hangs")
	}
	m.judge("P14", "end_ms_p99_c8", []float64{milliseconds(pageTime(views, 99))}, endBar)
	m.say("%d of %d views waited; half of the sections of another source had come after %.1f ms without a hang", waited, len(views), milliseconds(usual))
	return nil
}

// recovered waits until the portal asks every source: one that hung, or was too late among many views, is left alone for a while, and then nobody would
// wait for it.
func (m *measurement) recovered(ctx context.Context, p *portal) error {
	for end := time.Now().Add(20 * time.Second); time.Now().Before(end); time.Sleep(200 * time.Millisecond) {
		views, err := m.crowd(ctx, p, 1, 1)
		if err != nil {
			return err
		}
		if views[0].good(m.rows) == nil {
			return nil
		}
	}
	return fmt.Errorf("the portal does not ask every source again")
}

// sectionTime is when half of the views had the section that another source feeds alone.
func sectionTime(views []seen) time.Duration {
	var times []time.Duration
	for _, v := range views {
		if v.section > 0 {
			times = append(times, v.section)
		}
	}
	if len(times) == 0 {
		return 0
	}
	return percentile(times, 50)
}

// pageTime is when so many of a hundred views had ended.
func pageTime(views []seen, p int) time.Duration {
	times := make([]time.Duration, len(views))
	for i := range views {
		times[i] = views[i].whole
	}
	return percentile(times, p)
}

// lacking counts views that did not come to their end, or have fewer rows.
func lacking(views []seen, rows int) (n int) {
	for i := range views {
		if views[i].good(rows) != nil {
			n++
		}
	}
	return n
}

// waited reports whether a view waited for the source that hangs. One that stood in the queue before the source until the breaker opened is told that
// it is left alone, and has waited as long.
func (s *seen) waited() bool { return !s.rested || s.whole >= hungLimit }

// afterFailures counts the views that waited for the source that hangs, and gives how many of a hundred did of those that began after the tenth
// of them had ended.
func afterFailures(views []seen) (waited int, share float64) {
	var ends []time.Time
	for _, v := range views {
		if v.waited() && v.err == nil {
			ends = append(ends, v.began.Add(v.whole))
		}
	}
	if len(ends) < failures {
		return len(ends), 0
	}
	slices.SortFunc(ends, time.Time.Compare)
	late, all := 0, 0
	for _, v := range views {
		if v.err == nil && v.began.After(ends[failures-1]) {
			all++
			if v.waited() {
				late++
			}
		}
	}
	if all == 0 {
		return len(ends), 0
	}
	return len(ends), 100 * float64(late) / float64(all)
}
