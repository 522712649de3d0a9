package r4map

import (
	"slices"

	"ribble/internal/record"
)

// room sets aside the space that the large sections will need: entries are big, and growing their lists step by step would copy each several times.
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
	c.Measurements = slices.Grow(c.Measurements, n[record.Measurements])
	c.Encounters = slices.Grow(c.Encounters, n[record.Encounters])
	c.Procedures = slices.Grow(c.Procedures, n[record.Procedures])
	c.Immunisations = slices.Grow(c.Immunisations, n[record.Immunisations])
	c.Documents = slices.Grow(c.Documents, n[record.Documents])
}
