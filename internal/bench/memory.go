package bench

import (
	"bytes"
	"context"
	"fmt"
	"sync"
	"time"
)

const (
	manyViews = 500
	memoryBar = 512
	mebibyte  = 1 << 20
	// held is how long the largest source is held once every view waits for it.
	held = 3 * time.Second

	bytesBar, mallocsBar = 1.5, 16_000
	startBar             = 200
)

// memory measures P7: many views in flight while the largest source is held.
func (m *measurement) memory(ctx context.Context) error {
	p, err := m.portal(ctx, region{sources: referenceSources, deadline: time.Minute})
	if err != nil {
		return err
	}
	defer p.stop()
	visits, err := m.visits(ctx, p, referencePerson, manyViews)
	if err != nil {
		return err
	}
	idle, err := p.memory("VmRSS")
	if err != nil {
		return err
	}
	if _, err := m.sources.do(order{Do: "hold", Source: 0}); err != nil {
		return err
	}
	views, err := m.flight(ctx, p, visits)
	if err != nil {
		return err
	}
	failed := 0
	for i := range views {
		if views[i].good(m.rows) != nil {
			failed++
		}
	}
	peak, err := p.memory("VmHWM")
	if err != nil {
		return err
	}
	m.judge("P7", "peak_rss_mib_500_views", []float64{float64(peak) / mebibyte}, memoryBar)
	m.judge("P7", "failed_views", []float64{float64(failed)}, 0)
	m.say("idle %d MiB; %.2f MiB a view in flight", idle/mebibyte, float64(peak-idle)/mebibyte/manyViews)
	for i := range views {
		if err := views[i].good(m.rows); err != nil {
			m.say("the first failed view: %v", err)
			break
		}
	}
	return nil
}

// flight starts every view, lets the held source go once all others have settled, and waits for the ends.
func (m *measurement) flight(ctx context.Context, p *portal, visits []visit) ([]seen, error) {
	views := make([]seen, len(visits))
	var group sync.WaitGroup
	for i, v := range visits {
		group.Go(func() { views[i] = p.look(ctx, v, nil) })
	}
	err := p.settle()
	time.Sleep(held)
	if m.options.Profiles != "" {
		_ = p.save(m.options.Profiles, "heap.pprof", "/debug/pprof/heap?gc=1")
	}
	if _, released := m.sources.do(order{Do: "release", Source: 0}); released != nil {
		return nil, released
	}
	group.Wait()
	return views, err
}

// settle waits until the portal has nothing left to do but wait: each open view looks twice a second whether its session is still open, and the trail is
// gone through and signed for all the while.
func (p *portal) settle() error {
	for deadline := time.Now().Add(40 * time.Second); time.Now().Before(deadline); {
		spent, err := p.timed(func() error { time.Sleep(400 * time.Millisecond); return nil })
		if err != nil {
			return err
		}
		if spent <= 100*time.Millisecond {
			return nil
		}
	}
	return fmt.Errorf("the portal did not come to rest with a source held")
}

// allocations measures P8 by the portal's own count of what it allocates.
func (m *measurement) allocations(ctx context.Context) error {
	n := m.scaled(200)
	visits, err := m.visits(ctx, m.subject, referencePerson, n)
	if err != nil {
		return err
	}
	var before, after [2]float64
	read := func(into *[2]float64) error {
		for i, name := range []string{"go_memstats_alloc_bytes_total", "go_memstats_mallocs_total"} {
			if into[i], err = m.subject.figure(name); err != nil {
				return err
			}
		}
		return nil
	}
	if err := read(&before); err != nil {
		return err
	}
	if _, err := m.subject.views(ctx, visits, costAtOnce, m.rows); err != nil {
		return err
	}
	if err := read(&after); err != nil {
		return err
	}
	m.judge("P8", "allocated_mb_per_view", []float64{(after[0] - before[0]) / 1e6 / float64(n)}, bytesBar)
	m.judge("P8", "mallocs_per_view", []float64{(after[1] - before[1]) / float64(n)}, mallocsBar)
	return nil
}

// coldStart measures the time from starting the program to the end of its first whole page, and the connections that views make later.
func (m *measurement) coldStart(ctx context.Context) error {
	var took, ready []float64
	for range 5 {
		serving, whole, err := m.firstPage(ctx)
		if err != nil {
			return err
		}
		ready, took = append(ready, serving), append(took, whole)
	}
	m.judge("P15", "exec_to_first_full_page_ms", took, startBar)
	m.say("of which %.0f ms until it accepts connections", median(ready))
	// Connections that nobody used for a while were closed.
	if err := m.warm(ctx); err != nil {
		return err
	}
	before, err := m.sources.do(order{Do: "handshakes"})
	if err != nil {
		return err
	}
	n := m.scaled(100)
	visits, err := m.visits(ctx, m.subject, referencePerson, n)
	if err != nil {
		return err
	}
	if _, err := m.subject.views(ctx, visits, costAtOnce, m.rows); err != nil {
		return err
	}
	after, err := m.sources.do(order{Do: "handshakes"})
	m.judge("P15", "handshakes_per_view", []float64{float64(after.Count-before.Count) / float64(n)}, 0.01)
	return err
}

// firstPage starts a portal; a record opened in one process may be read in another, so that the address is ready before. It
// gives the milliseconds until it serves and until the end of the page.
func (m *measurement) firstPage(ctx context.Context) (serving, whole float64, err error) {
	visits, err := m.visits(ctx, m.subject, referencePerson, 1)
	if err != nil {
		return 0, 0, err
	}
	p, err := m.portal(ctx, region{sources: referenceSources, deadline: 8 * time.Second})
	if err != nil {
		return 0, 0, err
	}
	defer p.stop()
	serving = milliseconds(time.Since(p.began))
	s := p.look(ctx, visits[0], new(bytes.Buffer))
	return serving, milliseconds(time.Since(p.began)), s.good(m.rows)
}
