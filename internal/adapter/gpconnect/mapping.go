package gpconnect

import (
	"ribble/internal/adapter/internal/stu3"
	"ribble/internal/record"
)

// mapAll makes every row. Reports come first, because results belong to them wherever else they are listed; then vaccination statements and
// consultations, which are the home of their comments; then everything by its own type, in the order of the primary Lists.
func (r *reading) mapAll() {
	r.joinRoles()
	r.findComments()
	order := r.order()
	r.mapMedicines(order)
	r.mapReports(order)
	r.mapStatements()
	r.mapConsultations(order)
	r.makeRoom(order)
	for _, n := range order {
		r.mapOne(n)
	}
	r.mapNetwork()
}

// makeRoom sizes the longest list of a GP record once: its rows are large, and growing it by steps would copy them again and again.
func (r *reading) makeRoom(order []int32) {
	rows := 0
	for _, n := range order {
		if _, ok := r.items[n].entity.(*stu3.Observation); ok && r.open(n) {
			rows++
		}
	}
	r.answer.Chart.Other = make([]record.OtherEntry, 0, rows)
}

func (r *reading) mapOne(n int32) {
	if !r.open(n) {
		return
	}
	switch e := r.items[n].entity.(type) {
	case *stu3.AllergyIntolerance:
		r.mapAllergy(n, e)
	case *stu3.Condition:
		r.mapProblem(n, e)
	case *stu3.Immunization:
		r.mapImmunisation(n, e)
	case *stu3.Observation:
		r.mapUncategorised(n, e)
	case *stu3.ReferralRequest:
		r.mapReferral(n, e)
	case *stu3.ProcedureRequest:
		r.mapRequest(n, e)
	case *stu3.DocumentReference:
		r.mapDocument(n, e)
	case *stu3.QuestionnaireResponse:
		r.mapQuestionnaire(n, e)
	case *stu3.Generic:
		if !administrative(e.ResourceType) {
			r.mapGeneric(n, e)
		}
	}
}

// order is every item that may become a row: those of the primary Lists in their order, then the rest as received. The Lists are not the
// boundary of the record: many entries hang in none (section 25).
func (r *reading) order() []int32 {
	seen := make([]bool, len(r.items))
	out := make([]int32, 0, len(r.items))
	add := func(n int32) {
		if !seen[n] && r.open(n) {
			seen[n] = true
			out = append(out, n)
		}
	}
	for i := range r.lists {
		if !isPrimary(r.lists[i].code) {
			continue
		}
		for j := range r.lists[i].list.Entry {
			if n, ok := r.find(r.lists[i].n, r.lists[i].list.Entry[j].Item.Reference); ok {
				add(n)
			}
		}
	}
	for n := range r.items {
		add(int32(n))
	}
	return out
}

// show places an item as shown.
func (r *reading) show(n int32) { r.place(n, record.Shown) }

// cover places an item as shown inside another row.
func (r *reading) coverIn(h *record.Head, n int32) bool {
	if !r.place(n, record.Shown) {
		return false
	}
	rare := h.Add()
	rare.Covers = append(rare.Covers, r.items[n].key)
	// A mark on a part is a mark on the whole: it is shown, or withheld, together.
	h.Labelled(stu3.Labels(r.items[n].base.Meta.Security))
	return true
}

// phases of a status that is the same in every type of entry.
func phaseOf(status string) record.Phase {
	switch status {
	case "active", "final", "amended", "corrected", "appended", "current", "in-progress", "recurrence", "relapse":
		return record.Current
	case "inactive", "resolved", "remission", "stopped", "completed", "finished", "cancelled", "superseded":
		return record.Ended
	case "registered", "partial", "preliminary":
		return record.Preliminary
	case "draft":
		return record.Draft
	case "intended":
		return record.Planned
	}
	return record.PhaseUnknown
}

// fact appends a detail when there is one.
func fact(h *record.Head, label, text string) {
	if text != "" {
		h.Facts = append(h.Facts, record.Fact{Label: label, Text: text})
	}
}

// nullWords are the words for the null flavours (section 27.1).
var nullWords = map[string]string{"UNK": "not known", "NI": "no information", "UNC": "see text", "ASKU": "asked, not known"}

// concept converts a concept and puts words to a null flavour that came without text.
func concept(c stu3.CodeableConcept) record.Concept {
	out := c.Record()
	if out.Text == "" && len(out.Codings) == 1 && (out.Codings[0].System == record.NullFlavorV3 || out.Codings[0].System == record.NullFlavorR4) {
		out.Text = nullWords[out.Codings[0].Code]
	}
	return out
}
