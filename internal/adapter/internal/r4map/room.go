package r4map

import (
	"reflect"
	"slices"

	"ribble/internal/adapter/internal/r4"
	"ribble/internal/record"
)

// firstRoom sets aside the space for what takes other resources in: entries are big, and growing their lists step by step would copy each
// several times and leave room that is never used.
func (m *mapper) firstRoom() {
	requests, reports, parts := 0, 0, 0
	for i := range m.items {
		switch r := m.items[i].r.(type) {
		case *r4.Observation:
			parts += len(r.Component)
		case *r4.MedicationRequest:
			requests++
		case *r4.DiagnosticReport:
			reports++
		}
	}
	m.chart.Medicines = slices.Grow(m.chart.Medicines, requests)
	m.chart.Results = slices.Grow(m.chart.Results, reports)
	m.parts.free = make([]record.Result, parts)
}

// room sets aside what the large sections need for the rest, once it is known what others have taken in.
func (m *mapper) room() {
	var n [record.NumSections]int
	for i := range m.items {
		if it := &m.items[i]; !it.placed {
			n[m.home(i)]++
		}
	}
	c := m.chart
	c.Medicines = slices.Grow(c.Medicines, n[record.Medicines])
	c.Problems = slices.Grow(c.Problems, n[record.Problems])
	c.Results = slices.Grow(c.Results, n[record.Results])
	c.Measurements = slices.Grow(c.Measurements, n[record.Measurements])
	c.Encounters = slices.Grow(c.Encounters, n[record.Encounters])
	c.Procedures = slices.Grow(c.Procedures, n[record.Procedures])
	c.Immunisations = slices.Grow(c.Immunisations, n[record.Immunisations])
	c.Documents = slices.Grow(c.Documents, n[record.Documents])
	m.singles.free = make([]record.Result, n[record.Results])
}

// lengthen gives a zero entry at the end of a list, to be made where it stands. Whatever a list has room for is zero (shorten keeps it so).
func lengthen[T any](list *[]T) *T {
	*list = slices.Grow(*list, 1)
	*list = (*list)[:len(*list)+1]
	return &(*list)[len(*list)-1]
}

// shorten takes the last entry away again.
func shorten[T any](list *[]T) {
	last := len(*list) - 1
	clear((*list)[last:])
	*list = (*list)[:last]
}

// space is memory for the short lists of many entries. Whoever keeps an entry keeps that of its neighbours, which are of the same answer.
type space[T any] struct {
	free []T
	// size is that of the last piece of memory.
	size int
}

// list gives an empty list with room for n.
func (s *space[T]) list(n int) []T {
	const first, bytes = 2, 1024
	if n == 0 {
		return nil
	}
	if n > len(s.free) {
		s.size = max(min(2*s.size, bytes/int(reflect.TypeFor[T]().Size())), first)
		s.free = make([]T, max(s.size, n))
	}
	out := s.free[:0:n]
	s.free = s.free[n:]
	return out
}
