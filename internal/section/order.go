package section

import (
	"sort"

	"ribble/internal/merge"
	"ribble/internal/record"
)

// late reports whether any member came after the section was first shown.
func late[T any, P merge.Entry[T]](v *View, g *merge.Group[T]) bool {
	for _, e := range g.Members {
		if v.Late[P(e).Base().Source.Feed] {
			return true
		}
	}
	return false
}

// order sorts groups by less on their headline entries; groups that came late stand after all others.
func order[T any, P merge.Entry[T]](v *View, groups []merge.Group[T], less func(a, b *T) int) []merge.Group[T] {
	sort.SliceStable(groups, func(i, j int) bool {
		if len(v.Late) > 0 {
			if a, b := allLate[T, P](v, &groups[i]), allLate[T, P](v, &groups[j]); a != b {
				return b
			}
		}
		return less(groups[i].One(), groups[j].One()) < 0
	})
	return groups
}

func allLate[T any, P merge.Entry[T]](v *View, g *merge.Group[T]) bool {
	for _, e := range g.Members {
		if !v.Late[P(e).Base().Source.Feed] {
			return false
		}
	}
	return true
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
