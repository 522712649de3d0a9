// Package merge puts equal facts of different sources side by side: it loses no entry, joins nothing within one source, and prefers two rows to one wrong one.
package merge

import (
	"sync"

	"ribble/internal/record"
)

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
}

// One is the first member: the headline where all members agree.
func (g *Group[T]) One() *T { return g.Members[0] }

// Entries groups the entries: first by equal business identifier with a system when the keys agree too, then by equal key.
// Every entry is in exactly one group, and groups stand in the order of their first member. A source that does not vouch for the NHS number
// is grouped with nobody. Groups may share the slice of entries, so the caller leaves it as it is.
func Entries[T any, P Entry[T]](entries []*T, key func(*T) Key) []Group[T] {
	g := grouper[T, P]{groups: make([]Group[T], 0, len(entries))}
	if !severalSources[T, P](entries) {
		for i := range entries {
			g.groups = append(g.groups, Group[T]{Members: entries[i : i+1 : i+1]})
		}
		return g.groups
	}
	g.index = indexes.Get().(*index)
	defer g.index.release()
	for i, e := range entries {
		one := entries[i : i+1 : i+1]
		if P(e).Base().Source.Unverified {
			g.alone(one, Key{}, false)
			continue
		}
		g.place(one, key(e))
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
	index  *index
}

// place takes an entry as the slice of one that a group of its own would have as members.
func (g *grouper[T, P]) place(one []*T, k Key) {
	head := P(one[0]).Base()
	feed := head.Source.Feed
	differ := false
	for _, id := range head.Identifiers {
		if !telling(id) {
			continue
		}
		for i := range g.index.among(g.index.byID[id]) {
			if Has[T, P](&g.groups[i], feed) {
				continue
			}
			if g.index.keys[i] == k {
				g.join(i, one[0])
				return
			}
			differ, g.groups[i].VersionsDiffer = true, true
		}
	}
	if k.Code != "" && !differ {
		for i := range g.index.among(g.index.byKey[k]) {
			if !Has[T, P](&g.groups[i], feed) {
				g.join(i, one[0])
				return
			}
		}
	}
	i := g.alone(one, k, differ)
	if k.Code != "" {
		g.index.byKey[k] = g.index.longer(g.index.byKey[k], i)
	}
	g.index.identify(i, head)
}

// alone makes a group of one entry and gives its place.
func (g *grouper[T, P]) alone(one []*T, k Key, differ bool) int {
	g.groups = append(g.groups, Group[T]{Members: one, VersionsDiffer: differ})
	g.index.keys = append(g.index.keys, k)
	return len(g.groups) - 1
}

func (g *grouper[T, P]) join(i int, e *T) {
	g.groups[i].Members = append(g.groups[i].Members, e)
	g.index.identify(i, P(e).Base())
}

// Has reports whether the feed has a member in the group.
func Has[T any, P Entry[T]](g *Group[T], feed string) bool {
	for _, m := range g.Members {
		if P(m).Base().Source.Feed == feed {
			return true
		}
	}
	return false
}

// telling reports an identifier that means the same wherever it stands.
func telling(id record.Identifier) bool { return id.System != "" && id.Value != "" }

// index finds the groups so far by what their entries have: its memory serves one list after the other, and is wiped in between.
type index struct {
	// keys are those of the groups, each at its group's place.
	keys  []Key
	byKey map[Key]chain
	byID  map[record.Identifier]chain
	links []link
}

// chain is a list of groups, by the places of its first and last link counted from 1; the zero value is empty.
type chain struct{ first, last int32 }

type link struct{ group, next int32 }

var indexes = sync.Pool{New: func() any { return &index{byKey: map[Key]chain{}, byID: map[record.Identifier]chain{}} }}

// mostIndexed is how many entries an index may have had to be worth keeping: an emptied map keeps its size.
const mostIndexed = 4096

func (x *index) release() {
	if len(x.keys) > mostIndexed {
		return
	}
	clear(x.keys)
	clear(x.byKey)
	clear(x.byID)
	x.keys, x.links = x.keys[:0], x.links[:0]
	indexes.Put(x)
}

// among gives the groups of a chain in the order in which they came to it.
func (x *index) among(c chain) func(yield func(int) bool) {
	return func(yield func(int) bool) {
		for at := c.first; at != 0; at = x.links[at-1].next {
			if !yield(int(x.links[at-1].group)) {
				return
			}
		}
	}
}

// longer is the chain with a group more at its end.
func (x *index) longer(c chain, group int) chain {
	x.links = append(x.links, link{group: int32(group)})
	at := int32(len(x.links))
	if c.first == 0 {
		return chain{at, at}
	}
	x.links[c.last-1].next = at
	return chain{c.first, at}
}

// identify lets the group be found by the business identifiers of an entry of it.
func (x *index) identify(group int, head *record.Head) {
	for _, id := range head.Identifiers {
		if telling(id) {
			x.byID[id] = x.longer(x.byID[id], group)
		}
	}
}
