package fhirjson

import (
	"reflect"
	"slices"
	"sync"
)

// Laid says that the values of a type that one answer holds are laid side by side in a few pieces of memory, whether they stand in lists or
// by themselves: an answer has some thousand of them, nearly all in lists of one.
type Laid[T any] struct{ place int }

// laid are the types for which Lay or Share was called: how to make the slab of each.
var laid struct {
	sync.RWMutex
	slabs []func() layer
}

// layer is the slab of one type, for a memory, which has those of all types.
type layer interface {
	// forget leaves its pieces to those who hold a part of them.
	forget()
	// wipe empties the pieces that are used again, leaves the others, and says how many bytes it has.
	wipe() int
}

// Lay is called once for a type, before anything is decoded. Nobody may keep a value of it, nor a pointer into one or a list of them, once its
// answer has been mapped: in a Memory its pieces are used again. What a value refers to in its turn (texts, shared lists) is not meant.
func Lay[T any]() Laid[T] {
	return Laid[T]{place(func() layer { return &slab[T]{passing: true} })}
}

// place is that of a new type.
func place(slab func() layer) int {
	laid.Lock()
	defer laid.Unlock()
	laid.slabs = append(laid.slabs, slab)
	return len(laid.slabs) - 1
}

// One gives a zero value.
func (l Laid[T]) One(r *Reader) *T { return &l.Longer(r, nil)[0] }

// Longer gives the list with a zero value more at its end.
func (l Laid[T]) Longer(r *Reader, list []T) []T {
	return r.layer(l.place).(*slab[T]).longer(list)
}

// slab hands out values from pieces of memory that hold several: first one, then twice as many each time, because most answers are small.
type slab[T any] struct {
	// piece is the one being handed out; size is how many values the last new one had.
	piece []T
	size  int
	// full are the pieces before it and spare those to use again, all of them empty, where values are passing.
	passing     bool
	full, spare [][]T
	// long are the lists too long for a piece, spareLong those to use again, likewise.
	long, spareLong [][]T
}

const (
	// mostInPiece and bytesInPiece bound a piece: what is left of the last one is lost.
	mostInPiece, bytesInPiece = 32, 8192
	// longestInSlab is the longest list that is laid into a slab; longer ones grow by themselves, so that none is copied more often than usual.
	longestInSlab = 16
)

func (s *slab[T]) forget() { s.piece, s.size, s.full, s.long = nil, 0, nil, nil }

func (s *slab[T]) wipe() (left int) {
	if !s.passing {
		s.forget()
		return 0
	}
	if s.piece != nil {
		s.full = append(s.full, s.piece)
	}
	s.piece = nil
	left = emptied(&s.full, &s.spare) + emptied(&s.long, &s.spareLong)
	return left * int(reflect.TypeFor[T]().Size())
}

// emptied moves used lists to the spare ones and says how many values those can hold. The lists hold a part of someone's record: whoever reads
// into them next must not find that.
func emptied[T any](used, spare *[][]T) (room int) {
	for _, list := range *used {
		clear(list[:cap(list)])
		*spare = append(*spare, list[:0])
	}
	clear(*used)
	*used = (*used)[:0]
	for _, list := range *spare {
		room += cap(list)
	}
	return room
}

// turn begins another piece, which must hold n.
func (s *slab[T]) turn(n int) {
	if s.passing && s.piece != nil {
		s.full = append(s.full, s.piece)
	}
	for last := len(s.spare) - 1; last >= 0; last-- {
		piece := s.spare[last]
		s.spare[last], s.spare = nil, s.spare[:last]
		// One that is too small came from a smaller answer; it makes way for larger ones.
		if cap(piece) >= n {
			s.piece = piece
			return
		}
	}
	most := min(mostInPiece, bytesInPiece/max(1, int(reflect.TypeFor[T]().Size())))
	s.size = max(n, min(2*s.size, most), 1)
	s.piece = make([]T, 0, s.size)
}

// longer lengthens a list. While it is being read, nested ones may take from the same slab; it then moves.
func (s *slab[T]) longer(list []T) []T {
	n, used := len(list), len(s.piece)
	if n >= longestInSlab {
		return s.longest(list)
	}
	if last := n > 0 && used > 0 && &list[n-1] == &s.piece[used-1]; last && used < cap(s.piece) {
		s.piece = s.piece[:used+1]
		return s.piece[used-n : used+1 : used+1]
	}
	if cap(s.piece)-used <= n {
		s.turn(n + 1)
		used = 0
	}
	s.piece = s.piece[:used+n+1]
	copy(s.piece[used:], list)
	return s.piece[used : used+n+1 : used+n+1]
}

// longest lengthens a list that is too long for a piece.
func (s *slab[T]) longest(list []T) []T {
	var zero T
	n := len(list)
	if n < cap(list) && n > longestInSlab {
		return append(list, zero)
	}
	if last := len(s.spareLong) - 1; last >= 0 && cap(s.spareLong[last]) > n {
		longer := append(s.spareLong[last], list...)
		s.spareLong[last], s.spareLong = nil, s.spareLong[:last]
		list = append(longer, zero)
	} else {
		list = append(slices.Grow(list, n), zero)
	}
	if s.passing {
		s.long = append(s.long, list)
	}
	return list
}

// giveUp takes back the list that was lengthened last, if it still stands at the end of its piece.
func (s *slab[T]) giveUp(list []T) {
	n, used := len(list), len(s.piece)
	if n > 0 && n <= used && &list[0] == &s.piece[used-n] {
		clear(list)
		s.piece = s.piece[:used-n]
	}
}
