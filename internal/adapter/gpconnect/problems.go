package gpconnect

import (
	"ribble/internal/adapter/internal/stu3"
	"ribble/internal/record"
)

func (r *reading) mapProblem(n int32, e *stu3.Condition) {
	p := record.Problem{
		Head: r.head(n, e.Identifier), Problem: e.Code.Record(), Roles: stu3.Concepts(e.Category), Severity: e.Severity.Record(), Site: stu3.Concepts(e.BodySite),
		Onset: record.ParseDate(e.OnsetDateTime), OnsetWords: onsetWords(e.OnsetAge, e.OnsetPeriod, nil, e.OnsetString),
		EndedOn: record.ParseDate(e.AbatementDateTime), EndWords: onsetWords(e.AbatementAge, nil, nil, e.AbatementString),
	}
	p.Phase, p.RawStatus = phaseOf(e.ClinicalStatus), e.ClinicalStatus
	if e.VerificationStatus == "refuted" {
		p.Phase, p.RawStatus = record.Refuted, "refuted"
	}
	p.When, p.Recorded = record.On(p.Onset), record.ParseDate(e.AssertedDate)
	p.AssertedBy, p.Notes = r.actor(n, e.Asserter), stu3.Notes(e.Note)
	r.within(&p.Head, n, e.Context)
	r.readProblemExtensions(n, &p, e.Extension)
	if r.linkedOnly(n) {
		fact(&p.Head, "Linked only", "Sent because another entry links to it.")
	}
	r.check(&p.Head, p.Problem, p.EndedOn)
	r.notFuture(&p.Head)
	r.show(n)
	r.answer.Chart.Problems = append(r.answer.Chart.Problems, p)
}

func (r *reading) readProblemExtensions(n int32, p *record.Problem, list []stu3.Extension) {
	for i := range list {
		switch e := &list[i]; {
		case e.Named("Extension-CareConnect-ProblemSignificance-1", "Extension-CareConnect-GPC-ProblemSignificance-1"):
			p.Significance = e.ValueCode
		case e.ValueReference != nil && e.Named("Extension-CareConnect-ActualProblem-1", "Extension-CareConnect-GPC-ActualProblem-1"):
			// The problem is that entry: what is true of the one is true of the other.
			r.tells(&p.Head, n, *e.ValueReference)
			p.Links = append(p.Links, r.link(n, &p.Head, *e.ValueReference))
		case e.ValueReference != nil && e.Named("Extension-CareConnect-RelatedClinicalContent-1", "Extension-CareConnect-GPC-RelatedClinicalContent-1"):
			p.Links = append(p.Links, r.link(n, &p.Head, *e.ValueReference))
		case e.Named("Extension-CareConnect-RelatedProblemHeader-1", "Extension-CareConnect-GPC-RelatedProblemHeader-1"):
			if target, ok := stu3.Find(e.Extension, "target"); ok && target.ValueReference != nil {
				p.Relations = append(p.Relations, record.ProblemRelation{Type: relationType(e.Extension), To: r.link(n, &p.Head, *target.ValueReference)})
			}
		}
	}
}

func relationType(list []stu3.Extension) string {
	if kind, ok := stu3.Find(list, "type"); ok {
		return kind.ValueCode
	}
	return ""
}

// link is a reference whose target may not have been sent; one such issue is enough for a row.
func (r *reading) link(n int32, h *record.Head, to stu3.Reference) record.Ref {
	ref := r.ref(n, to)
	if ref.Missing && !h.Has(record.DanglingReference) {
		h.Flaw(record.DanglingReference, "It refers to an entry that was not sent.")
	}
	return ref
}

// linkedOnly reports a problem that came only because another one links to it (HAZ 16).
func (r *reading) linkedOnly(n int32) bool {
	for i := range r.lists {
		if r.lists[i].code != linkedProblemList {
			continue
		}
		for j := range r.lists[i].list.Entry {
			if found, ok := r.find(r.lists[i].n, r.lists[i].list.Entry[j].Item.Reference); ok && found == n {
				return true
			}
		}
	}
	return false
}
