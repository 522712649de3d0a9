package admin_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"ribble/internal/directory"
)

// BenchmarkLists draws the lists of a region of 10,000 organisations with 30,000 feeds, and reports the time within which 95 in 100 of them were drawn.
func BenchmarkLists(b *testing.B) {
	var organisations, feeds strings.Builder
	for i := range 10_000 {
		fmt.Fprintf(&organisations, `,{"ods":"A%05d","name":"Practice number %d","short":"P%d","badge":"GP","kind":"gp-practice"}`, i, i, i)
		for j := range 3 {
			fmt.Fprintf(&feeds, `,{"id":"f%d-%d","organisation":"A%05d","protocol":"fhirr4","endpoint":"https://x.example/","sections":["allergies"],"stage":"off"}`, i, j, i)
		}
	}
	s, err := directory.Load(strings.NewReader(`{"organisations":[` + strings.ReplaceAll(organisations.String()[1:], "\n", "") + `],"feeds":[` + strings.ReplaceAll(feeds.String()[1:], `"endpoint":"https://x.example/",`, "") + `]}`))
	if err != nil {
		b.Fatal(err)
	}
	r := newRoom(b)
	r.book.holder.Replace(s)
	for _, path := range []string{"/admin", "/admin/organisations", "/live"} {
		b.Run(strings.TrimPrefix(path, "/"), func(b *testing.B) {
			var took []time.Duration
			for b.Loop() {
				began := time.Now()
				if a := r.as(farrell, "GET", path); a.status != 200 {
					b.Fatal(a.status)
				}
				took = append(took, time.Since(began))
			}
			slices.Sort(took)
			b.ReportMetric(float64(took[len(took)*95/100].Microseconds())/1000, "p95-ms")
		})
	}
}
