package fhirjson

import (
	"reflect"
	"sync"
)

// Laid says that the values of a type that one answer holds are laid side by side in a few pieces of memory, whether they stand in lists or
// by themselves: an answer has some thousand of them, nearly all in lists of one. Whoever keeps one keeps its piece.
type Laid[T any] struct{ place int }

// laid are the types for which Lay was called: how to make the slab of each.
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

// Lay is called once for a type, before anything is decoded.
func Lay[T any]() Laid[T] { return lay[T](false) }

// LayPassing is Lay for a type of which nobody keeps a value, nor a pointer into one or a list of them, once its answer has been mapped: in a
// Memory its pieces are used again. What a value refers to in its turn (texts, lists of other types) is not meant.
func LayPassing[T any]() Laid[T] { return lay[T](true) }

func lay[T any](passing bool) Laid[T] {
	laid.Lock()
	defer laid.Unlock()
	laid.slabs = append(laid.slabs, func() layer { return &slab[T]{passing: passing} })
	return Laid[T]{len(laid.slabs) - 1}
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
}

const (
	// mostInPiece and bytesInPiece bound a piece: what is left of the last one is lost.
	mostInPiece, bytesInPiece = 32, 8192
	// longestInSlab is the longest list that is laid into a slab; longer ones grow by themselves, so that none is copied more often than usual.
	longestInSlab = 16
)

func (s *slab[T]) forget() { s.piece, s.size, s.full = nil, 0, nil }

func (s *slab[T]) wipe() (left int) {
	if !s.passing {
		s.forget()
		return 0
	}
	if s.piece != nil {
		s.full = append(s.full, s.piece)
	}
	for _, piece := range s.full {
		// It holds a part of someone's record: whoever reads into it next must not find that.
		clear(piece)
		s.spare = append(s.spare, piece[:0])
	}
	clear(s.full)
	s.piece, s.full = nil, s.full[:0]
	for _, piece := range s.spare {
		left += cap(piece) * int(reflect.TypeFor[T]().Size())
	}
	return left
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
		var zero T
		return append(list, zero)
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
