package prove

import (
	"slices"
	"time"
)

// scenarios are the claims in the order in which they are tried. Ids S, D, P and goals G are those of the safety analysis.
var scenarios = []scenario{
	{id: "calm", goal: "G12", title: "With everything well, every view is whole", bar: "100 % of views with every entry of all 13 sources; I1 to I5 hold", how: "closed loop over both portals", run: calm},
}

// calm makes views with everything well.
func calm(st *stage) error {
	views, err := st.crowd(st.choose(2000, 200), 8, func(i int) string { return st.replicas[i%2].url })
	if err != nil {
		return err
	}
	bad := 0
	for _, v := range views {
		if !v.full() {
			bad++
			st.miss("a view lacks %s: status %d, %v", v.lacks(), v.status, v.err)
		}
	}
	st.say("%d of %d views whole, p50 %s, p95 %s", len(views)-bad, len(views), quantile(views, .5, (*view).took), quantile(views, .95, (*view).took))
	return nil
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
	slices.Sort(times)
	return times[min(len(times)-1, int(q*float64(len(times))))].Round(time.Millisecond)
}
