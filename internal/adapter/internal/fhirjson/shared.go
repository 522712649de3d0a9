package fhirjson

import (
	"hash/maphash"
	"slices"
)

// Shared says that the record keeps lists of a type, and that equal lists of one answer are one: the same few codes stand in it many hundred
// times. Whoever has such a list must not change it.
type Shared[T comparable] struct {
	place int
	// name is what lists are told apart by, mostly.
	name func(*T) string
}

// Share is called once for a type, before anything is decoded; name gives what the first of a list is mostly told from that of others by.
func Share[T comparable](name func(*T) string) Shared[T] {
	return Shared[T]{place(func() layer { return &sharing[T]{reading: slab[T]{passing: true}} }), name}
}

// Longer gives the list that is being read with a zero value more at its end.
func (s Shared[T]) Longer(r *Reader, list []T) []T {
	return r.layer(s.place).(*sharing[T]).reading.longer(list)
}

// Settle gives the list to keep for one that was read, which is given up.
func (s Shared[T]) Settle(r *Reader, list []T) []T {
	if len(list) == 0 {
		return nil
	}
	l := r.layer(s.place).(*sharing[T])
	known := &l.known[maphash.String(seed, s.name(&list[0]))%uint64(len(l.known))]
	if !slices.Equal(*known, list) {
		*known = l.keep(list)
	}
	l.reading.giveUp(list)
	return *known
}

// seed is drawn anew by each process, so that no source can choose what its lists share a place with.
var seed = maphash.MakeSeed()

// sharing are the lists of one type that one answer holds.
type sharing[T comparable] struct {
	// reading are those that are being read, one inside the other; kept is the memory of those that are kept.
	reading, kept slab[T]
	// known are lists where they are looked for. Two that share a place take it from each other, which costs a copy and nothing else.
	known [256][]T
}

func (l *sharing[T]) keep(list []T) (kept []T) {
	for _, v := range list {
		kept = l.kept.longer(kept)
		kept[len(kept)-1] = v
	}
	return slices.Clip(kept)
}

func (l *sharing[T]) forget() {
	l.reading.forget()
	l.kept.forget()
	clear(l.known[:])
}

func (l *sharing[T]) wipe() int {
	l.kept.forget()
	clear(l.known[:])
	return l.reading.wipe()
}

var textLists = Share(func(text *string) string { return *text })

// Texts reads an array of strings; the list must not be changed. Null is nil, and a list of none is not.
func (r *Reader) Texts() []string {
	if r.Null() {
		return nil
	}
	var list []string
	for more := r.OpenList(); more; more = r.NextElement() {
		list = textLists.Longer(r, list)
		list[len(list)-1] = r.Text()
	}
	if list == nil {
		return []string{}
	}
	return textLists.Settle(r, list)
}
