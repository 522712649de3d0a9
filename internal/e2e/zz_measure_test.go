package e2e

import (
	"fmt"
	"os"
	"testing"
	"time"

	"ribble/internal/sandbox/fault"
)

func TestMeasureLaunch(t *testing.T) {
	if os.Getenv("MEASURE") == "" {
		t.Skip("no measure")
	}
	c := region.Region.Control
	for _, s := range c.Sources() {
		if err := c.Set(s.ID, fault.Setting{LatencyMS: 300}); err != nil {
			t.Log(s.ID, err)
		}
	}
	defer c.Reset()
	for i := range 7 {
		p := tab(t)
		atEPR(p, "RZB")
		id := "#signed-" + local(t, "RZB", person(t, os.Getenv("MEASURE")))
		began := time.Now()
		p.Click(id)
		p.Until(`location.pathname.startsWith("/record/") && document.querySelector("section.rb-section")`)
		first := time.Since(began)
		whole(p)
		fmt.Println("launch", i, "first panel", first.Milliseconds(), "whole", time.Since(began).Milliseconds(), p.Eval(`Math.round(performance.getEntriesByType("navigation")[0].responseStart)`))
	}
}
