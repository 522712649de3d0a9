// Package merge puts equal facts of different sources side by side: it loses no entry, joins nothing within one source, and prefers two rows to one wrong one.
package merge

import "ribble/internal/record"

// Key is what two entries of different sources must have in common to be shown as one fact. A Key without a Code matches nothing:
// text, displays, degraded, null-flavoured and local codes are never matched (rule G2).
type Key struct {
	Code, Detail, Date string
	Phase              record.Phase
}

// Entry is a pointer to any clinical entry.
type Entry[T any] interface {
	*T
	record.Entry
}

// Group is one fact as one or more sources gave it; Members are in the order of the sources. A group has at most one member of each source.
type Group[T any] struct {
	Members []*T
	// VersionsDiffer marks a group whose business identifier also stands in another group with other content (rule G4).
	VersionsDiffer bool
	// feeds are the sources already in the group.
	feeds []string
}

// One is the first member: the headline where all members agree.
func (g *Group[T]) One() *T { return g.Members[0] }

// Entries groups the entries: first by equal business identifier with a system when the keys agree too, then by equal key.
// Every entry is in exactly one group, and groups stand in the order of their first member. A source that does not vouch for the NHS number
// is grouped with nobody. Groups may share the slice of entries, so the caller leaves it as it is.
func Entries[T any, P Entry[T]](entries []*T, key func(*T) Key) []Group[T] {
	g := grouper[T, P]{groups: make([]Group[T], 0, len(entries)), feeds: make([]string, len(entries))}
	if !severalSources[T, P](entries) {
		for i := range entries {
			g.alone(entries[i:i+1:i+1], P(entries[i]).Base().Source.Feed)
		}
		return g.groups
	}
	g.byKey = make(map[Key][]int, len(entries))
	g.byID = make(map[record.Identifier][]int, len(entries))
	g.keys = make([]Key, 0, len(entries))
	for i, e := range entries {
		if P(e).Base().Source.Unverified {
			g.alone(entries[i:i+1:i+1], P(e).Base().Source.Feed)
			g.keys = append(g.keys, Key{})
			continue
		}
		g.place(entries[i:i+1:i+1], key(e))
	}
	return g.groups
}

func severalSources[T any, P Entry[T]](entries []*T) bool {
	for _, e := range entries {
		if P(e).Base().Source.Feed != P(entries[0]).Base().Source.Feed {
			return true
		}
	}
	return false
}

type grouper[T any, P Entry[T]] struct {
	groups []Group[T]
	// feeds is room for the first feed of each group still to come.
	feeds []string
	keys  []Key
	byKey map[Key][]int
	byID  map[record.Identifier][]int
}

// place takes an entry as the slice of one that a group of its own would have as members.
func (g *grouper[T, P]) place(one []*T, k Key) {
	e := one[0]
	head := P(e).Base()
	feed := head.Source.Feed
	differ := false
	for _, id := range head.Identifiers {
		if id.System == "" || id.Value == "" {
			continue
		}
		for _, i := range g.byID[id] {
			if g.groups[i].Has(feed) {
				continue
			}
			if g.keys[i] == k {
				g.join(i, e, feed)
				return
			}
			differ, g.groups[i].VersionsDiffer = true, true
		}
	}
	if k.Code != "" && !differ {
		for _, i := range g.byKey[k] {
			if !g.groups[i].Has(feed) {
				g.join(i, e, feed)
				return
			}
		}
	}
	g.alone(one, feed)
	i := len(g.groups) - 1
	g.groups[i].VersionsDiffer = differ
	g.keys = append(g.keys, k)
	if k.Code != "" {
		g.byKey[k] = append(g.byKey[k], i)
	}
	g.index(i, head)
}

func (g *grouper[T, P]) alone(one []*T, feed string) {
	feeds := g.feeds[:1:1]
	g.feeds = g.feeds[1:]
	feeds[0] = feed
	g.groups = append(g.groups, Group[T]{Members: one, feeds: feeds})
}

func (g *grouper[T, P]) join(i int, e *T, feed string) {
	g.groups[i].Members = append(g.groups[i].Members, e)
	g.groups[i].feeds = append(g.groups[i].feeds, feed)
	g.index(i, P(e).Base())
}

func (g *grouper[T, P]) index(i int, head *record.Head) {
	for _, id := range head.Identifiers {
		if id.System != "" && id.Value != "" {
			g.byID[id] = append(g.byID[id], i)
		}
	}
}

// Has reports whether the feed has a member in the group.
func (g *Group[T]) Has(feed string) bool {
	for _, f := range g.feeds {
		if f == feed {
			return true
		}
	}
	return false
}
