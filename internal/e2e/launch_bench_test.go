package e2e

import (
	"slices"
	"testing"
	"time"

	"ribble/internal/sandbox/fault"
)

// BenchmarkOneClick is the time from the press in the hospital's own system to the first panel of the record, in Chromium, with every source, the
// national demographics and the national directory at 300 ms; the bar of the launch is one second.
func BenchmarkOneClick(b *testing.B) {
	if missing != nil {
		b.Skip(missing)
	}
	control := region.Region.Control
	defer control.Reset()
	for _, s := range control.Sources() {
		if s.ID == "epr" {
			// The system in which the button is pressed answers no question of the portal's.
			continue
		}
		if err := control.Set(s.ID, fault.Setting{LatencyMS: 300}); err != nil {
			b.Fatal(err)
		}
	}
	button := "#signed-" + local(b, "RZB", person(b, "Edith Margaret"))
	var took []time.Duration
	for b.Loop() {
		b.StopTimer()
		p := tab(b)
		atEPR(p, "RZB")
		b.StartTimer()
		pressed := time.Now()
		p.Click(button)
		p.Until(`location.pathname.startsWith("/record/") && document.querySelector("section.rb-section")`)
		took = append(took, time.Since(pressed))
		b.StopTimer()
		whole(p)
		b.StartTimer()
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)/2].Milliseconds()), "ms/p50")
	b.ReportMetric(float64(took[len(took)-1].Milliseconds()), "ms/max")
}
