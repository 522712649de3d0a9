package bench

import (
	"cmp"
	"slices"
	"time"
)

func median(values []float64) float64 { return percentile(values, 50) }

// percentile is the value below which so many of a hundred lie, by nearest rank.
func percentile[T cmp.Ordered](values []T, p int) T {
	sorted := slices.Sorted(slices.Values(values))
	return sorted[min(len(sorted)*p/100, len(sorted)-1)]
}

// milliseconds is a duration as goals give it.
func milliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

// each is milliseconds for one of n.
func each(d time.Duration, n int) float64 { return milliseconds(d) / float64(n) }
