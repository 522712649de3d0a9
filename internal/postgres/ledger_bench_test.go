package postgres_test

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"ribble/internal/audit"
	"ribble/internal/pgtest"
	"ribble/internal/record"
)

// BenchmarkTrailWithLedger appends as the portal does, everything on: sealing under data keys, MACs, checkpoints every thousand events, a witness over
// HTTP that waits for its disk.
func BenchmarkTrailWithLedger(b *testing.B) {
	number, err := record.ParseNHSNumber(canaryNumber)
	if err != nil {
		b.Fatal(err)
	}
	for _, on := range []bool{false, true} {
		p := newPortal(b, pgtest.NewServer(b))
		r := p.mustReplica(b)
		ctx, stop := context.WithCancel(b.Context())
		var running sync.WaitGroup
		if on {
			running.Go(func() { r.ledger.Run(ctx) })
		}
		for _, callers := range []int{1, 8, 16, 64, 256} {
			b.Run(fmt.Sprintf("checkpoints-%v/%d-callers", on, callers), func(b *testing.B) { appendMany(b, r, callers, number) })
		}
		stop()
		running.Wait()
		if on {
			r.finish(b)
			if report := p.verify(b, r); report.Finding != nil || report.Proven != report.To {
				b.Errorf("%+v, %v", report, report.Finding)
			}
		}
	}
}

// finish covers what is still uncovered.
func (r *replica) finish(b *testing.B) {
	b.Helper()
	start, before := time.Now(), r.ledger.Size()
	if err := r.ledger.Round(b.Context()); err != nil {
		b.Fatal(err)
	}
	if covered := r.ledger.Size() - before; covered > 0 {
		b.Logf("the ledger was %d events behind and covered them at %.0f a second", covered, float64(covered)/time.Since(start).Seconds())
	}
}

func appendMany(b *testing.B, r *replica, callers int, number record.NHSNumber) {
	work := make(chan struct{})
	took := make([][]time.Duration, callers)
	var group sync.WaitGroup
	for c := range callers {
		group.Go(func() {
			for range work {
				start := time.Now()
				if err := r.trail.Note(b.Context(), audit.Note{Act: audit.ActTraced, NHSNumber: number, Found: 1}); err != nil {
					b.Error(err)
				}
				took[c] = append(took[c], time.Since(start))
			}
		})
	}
	for b.Loop() {
		work <- struct{}{}
	}
	close(work)
	group.Wait()
	all := slices.Concat(took...)
	slices.Sort(all)
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "events/s")
	b.ReportMetric(all[len(all)/2].Seconds()*1e3, "p50-ms")
	b.ReportMetric(all[len(all)*99/100].Seconds()*1e3, "p99-ms")
}
