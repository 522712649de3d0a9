package fhirjson

import (
	"reflect"
	"sync"
)

// Laid says that the values of a type that one answer holds are laid side by side in a few pieces of memory, whether they stand in lists or
// by themselves: an answer has some thousand of them, nearly all in lists of one. Whoever keeps one keeps its piece.
type Laid[T any] struct{ place int }

// laid are the places of the types for which Lay was called, in readers.
var laid struct {
	sync.RWMutex
	places map[reflect.Type]int
	pieces []func() layer
}

// layer is the slab of one type, for plans, which know types by reflection only.
type layer interface {
	// list reads an array into the list that v is.
	list(r *Reader, v reflect.Value, element *plan)
	// pointee reads a value and lets the pointer that v is point at it.
	pointee(r *Reader, v reflect.Value, element *plan)
	// forget leaves its pieces to those who hold a part of them.
	forget()
}

// Lay is called once for a type, before anything is decoded.
func Lay[T any]() Laid[T] {
	laid.Lock()
	defer laid.Unlock()
	if laid.places == nil {
		laid.places = map[reflect.Type]int{}
	}
	place := len(laid.pieces)
	laid.places[reflect.TypeFor[T]()] = place
	laid.pieces = append(laid.pieces, func() layer { return new(slab[T]) })
	return Laid[T]{place}
}

// One gives a zero value.
func (l Laid[T]) One(r *Reader) *T { return r.layer(l.place).(*slab[T]).one() }

// Longer gives the list with a zero value more at its end.
func (l Laid[T]) Longer(r *Reader, list []T) []T { return r.layer(l.place).(*slab[T]).longer(list) }

// placeOf gives the place of a type's slab, if it is laid.
func placeOf(t reflect.Type) (int, bool) {
	laid.RLock()
	defer laid.RUnlock()
	place, ok := laid.places[t]
	return place, ok
}

func (r *Reader) layer(place int) layer {
	for len(r.layers) <= place {
		r.layers = append(r.layers, nil)
	}
	if r.layers[place] == nil {
		laid.RLock()
		r.layers[place] = laid.pieces[place]()
		laid.RUnlock()
	}
	return r.layers[place]
}

// slab hands out values from pieces of memory that hold several: first one, then twice as many each time, because most answers are small.
type slab[T any] struct{ piece []T }

const (
	// mostInPiece and bytesInPiece bound a piece: what is left of the last one is lost.
	mostInPiece, bytesInPiece = 32, 8192
	// longestInSlab is the longest list that is laid into a slab; longer ones grow by themselves, so that none is copied more often than usual.
	longestInSlab = 16
)

func (s *slab[T]) forget() { s.piece = nil }

// next is the size of the next piece, which must hold n.
func (s *slab[T]) next(n int) int {
	most := min(mostInPiece, bytesInPiece/max(1, int(reflect.TypeFor[T]().Size())))
	return max(n, min(2*cap(s.piece), most), 1)
}

func (s *slab[T]) list(r *Reader, v reflect.Value, element *plan) {
	list := v.Addr().Interface().(*[]T)
	*list = []T{}
	for range r.Elements {
		*list = s.longer(*list)
		into(r, &(*list)[len(*list)-1], element)
	}
}

func (s *slab[T]) pointee(r *Reader, v reflect.Value, element *plan) {
	to := s.one()
	*v.Addr().Interface().(**T) = to
	into(r, to, element)
}

// into reads a value without the detour of reflection where it reads itself.
func into[T any](r *Reader, to *T, element *plan) {
	if self, ok := any(to).(SelfReader); ok {
		self.ReadJSON(r)
		return
	}
	element.read(r, reflect.ValueOf(to).Elem())
}

func (s *slab[T]) one() *T { return &s.longer(nil)[0] }

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
		s.piece, used = make([]T, 0, s.next(n+1)), 0
	}
	s.piece = s.piece[:used+n+1]
	copy(s.piece[used:], list)
	return s.piece[used : used+n+1 : used+n+1]
}
