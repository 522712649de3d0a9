package section

import (
	"math"
	"slices"

	"ribble/internal/merge"
	"ribble/internal/record"
)

// late reports whether any member came after the section was first shown.
func late[T any, P merge.Entry[T]](v *View, g *merge.Group[T]) bool {
	for _, e := range g.Members {
		if v.Late[P(e).Base().Source.Feed] > 0 {
			return true
		}
	}
	return false
}

// order sorts groups by less on their headline entries; groups that came late stand after all that were there before.
func order[T any, P merge.Entry[T]](v *View, groups []merge.Group[T], less func(a, b *T) int) []merge.Group[T] {
	return sorted(groups, func(a, b *merge.Group[T]) int {
		if len(v.Late) > 0 {
			if x, y := since[T, P](v, a), since[T, P](v, b); x != y {
				return x - y
			}
		}
		return less(a.One(), b.One())
	})
}

// sorted gives the list in order, equal ones as they stood. It moves places, not the elements, which are large.
func sorted[T any](list []T, compare func(a, b *T) int) []T {
	places := make([]int32, len(list))
	for i := range places {
		places[i] = int32(i)
	}
	slices.SortFunc(places, func(a, b int32) int {
		if c := compare(&list[a], &list[b]); c != 0 {
			return c
		}
		return int(a - b)
	})
	out := make([]T, len(list))
	for i, at := range places {
		out[i] = list[at]
	}
	return out
}

// since is how many renderings there were before any member of the group came.
func since[T any, P merge.Entry[T]](v *View, g *merge.Group[T]) int {
	first := math.MaxInt
	for _, e := range g.Members {
		first = min(first, v.Late[P(e).Base().Source.Feed])
	}
	return first
}

// newest orders by the clinically relevant date, newest first, undated last.
func newest(a, b *record.Head) int { return b.When.Start.Compare(a.When.Start) }

// pick takes the groups whose headline entry satisfies want.
func pick[T any](groups []merge.Group[T], want func(*T) bool) []merge.Group[T] {
	n := 0
	for i := range groups {
		if want(groups[i].One()) {
			n++
		}
	}
	if n == 0 {
		return nil
	}
	out := make([]merge.Group[T], 0, n)
	for i := range groups {
		if want(groups[i].One()) {
			out = append(out, groups[i])
		}
	}
	return out
}

// byCode gives for each group the places of the others that have the same code: a group without one has none.
func byCode[T any](groups []merge.Group[T], code func(*T) string) [][]int {
	places := make(map[string][]int, len(groups))
	codes := make([]string, len(groups))
	for i := range groups {
		if codes[i] = code(groups[i].One()); codes[i] != "" {
			places[codes[i]] = append(places[codes[i]], i)
		}
	}
	same := make([][]int, len(groups))
	for i, c := range codes {
		if len(places[c]) > 1 {
			same[i] = places[c]
		}
	}
	return same
}
