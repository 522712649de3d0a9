package sponsor_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"ribble/internal/sponsor"
)

// BenchmarkTheLongestList measures each step of the longest list of users, and what a page reads once they are there.
func BenchmarkTheLongestList(b *testing.B) {
	for b.Loop() {
		h, ctx := newHouse(b), b.Context()
		var logins []string
		leavers := sponsor.LeaversHeader + "\n"
		for i := range sponsor.MaxLines {
			logins = append(logins, fmt.Sprintf("user%d@beckside.example", i))
			leavers += logins[i] + ",\n"
		}
		at := time.Now()
		lap := func(step string) {
			b.ReportMetric(time.Since(at).Seconds(), "s/"+step)
			at = time.Now()
		}
		review, err := h.Review(ctx, farrell, strings.NewReader(h.csv(logins...)))
		h.must(err)
		lap("preview")
		batch, err := h.Import(ctx, farrell, review)
		h.must(err)
		lap("vouch")
		h.must(h.Grant(ctx, quist, batch))
		lap("grant")
		_, err = h.Tallies(ctx, quist, "")
		h.must(err)
		_, err = h.Users(ctx, amina, sponsor.Filter{Limit: 200})
		h.must(err)
		lap("page")
		list, err := sponsor.ReadLeavers(strings.NewReader(leavers))
		h.must(err)
		_, err = h.Leave(ctx, quist, list, sponsor.MaxLines)
		h.must(err)
		lap("leave")
	}
}
