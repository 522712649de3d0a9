package gpconnect

import (
	"slices"
	"strings"

	"ribble/internal/adapter/internal/stu3"
	"ribble/internal/record"
)

// beside keeps the codes of what a row shows in words alone, or not at all: the sensitive filter must judge every code of an entry.
func beside(h *record.Head, list ...stu3.CodeableConcept) {
	for i := range list {
		for j := range list[i].Coding {
			k := &list[i].Coding[j]
			rare := h.Add()
			if c := (record.Coding{System: strings.TrimSpace(k.System), Code: k.Code, Display: k.Display}); !slices.Contains(rare.Codes, c) {
				rare.Codes = append(rare.Codes, c)
			}
		}
	}
}

// factOf adds a detail that was sent with a code.
func factOf(h *record.Head, label string, c stu3.CodeableConcept) {
	if !c.IsZero() {
		fact(h, label, c.Record().Name())
		beside(h, c)
	}
}

// tells notes that the meaning of another entry stands in this one.
func (r *reading) tells(h *record.Head, n int32, ref stu3.Reference) {
	if found, ok := r.find(n, ref.Reference); ok {
		rare := h.Add()
		rare.Tells = append(rare.Tells, r.items[found].key)
	}
}

// otherProduct keeps the codes of an issue's medicine where it is not its plan's.
func (r *reading) otherProduct(m *record.Medicine, n int32, issue, plan *stu3.MedicationRequest) {
	beside(&m.Head, issue.ReasonCode...)
	if issue.MedicationReference.Reference == plan.MedicationReference.Reference {
		beside(&m.Head, issue.MedicationCodeableConcept)
		return
	}
	m.Coded(r.product(n, &issue.MedicationReference, issue.MedicationCodeableConcept).Codings)
}

// use marks what a row names without being a row itself. A mark on it is a mark on the row.
func (r *reading) use(h *record.Head, n int32) {
	r.items[n].used = true
	h.Labelled(stu3.Labels(r.items[n].base.Meta.Security))
}
