package gpsystem

import "ribble/internal/sandbox/story"

// problems writes problem headers; the actual problem item is an entry of its own.
func (r *record) problems() {
	lists := r.listing(story.Problems)
	for i := range r.holding.Problems {
		p := &r.holding.Problems[i]
		entry := p.EntryID(story.KindProblem, i)
		if !r.wanted(story.Problems, entry) || r.ask.problemStatus != "" && r.ask.problemStatus != or(p.Status, "active") {
			continue
		}
		r.add("Condition", r.id(entry), &p.Head, func() { r.problem(p, entry) })
		lists.note(entry, "Condition/"+r.id(entry), &p.Head)
	}
	lists.write()
}

func itemID(problem string) string { return problem + "-item" }

func (r *record) problem(p *story.Problem, entry string) {
	r.List("extension", func() {
		r.Extension(r.dialect.actualProblem, func() {
			r.Reference("valueReference", r.target(or(p.Item, itemID(entry)), "Observation"), "")
		})
		for _, l := range p.Links {
			r.Extension(careConnect+"RelatedClinicalContent-1", func() { r.point("valueReference", l, "") })
		}
		for _, words := range p.LinkWords {
			r.Extension(careConnect+"RelatedClinicalContent-1", func() { r.Reference("valueReference", "", words) })
		}
		r.Extension(careConnect+"ProblemSignificance-1", func() { r.String("valueCode", or(p.Significance, "minor")) })
		r.relations(p.Relations)
	})
	r.identify(&p.Head, r.id(entry))
	if p.EnteredInError {
		r.String("verificationStatus", "entered-in-error")
	} else {
		r.String("clinicalStatus", or(p.Status, "active"))
	}
	r.List("category", func() {
		r.Code("", "https://fhir.hl7.org.uk/STU3/CodeSystem/CareConnect-ConditionCategory-1", "problem-list-item", "Problem List Item")
	})
	r.concept("code", p.What)
	r.subject("subject", &p.Head)
	if context := r.encounterOf(&p.Head, entry); context != "" {
		r.Reference("context", context, "")
	}
	r.String("onsetDateTime", p.Onset)
	r.String("abatementDateTime", p.Ended)
	r.String("assertedDate", p.Recorded)
	r.actor("asserter", actorOr(p.AssertedBy, p.RecordedBy))
	r.Notes(p.Notes)
}

func actorOr(a, b story.Actor) story.Actor {
	if a == (story.Actor{}) {
		return b
	}
	return a
}

func (r *record) relations(all []story.Relation) {
	for _, rel := range all {
		r.Extension(careConnect+"RelatedProblemHeader-1", func() {
			r.List("extension", func() {
				r.Extension("type", func() { r.String("valueCode", r.dialect.relation(rel.Type)) })
				r.Extension("target", func() { r.Reference("valueReference", r.target(rel.Target, "Condition"), "") })
			})
		})
	}
}

// problemItems writes the actual problem of every header that names no other entry, as a coded observation.
func (r *record) problemItems(lists *listing) {
	for i := range r.holding.Problems {
		p := &r.holding.Problems[i]
		entry := p.EntryID(story.KindProblem, i)
		if p.Item != "" || !r.answers(story.Uncategorised) && !r.wanted(story.Problems, entry) {
			continue
		}
		o := story.Observation{
			Head: story.Head{RecordedBy: p.RecordedBy, Encounter: p.Encounter, EnteredInError: p.EnteredInError, About: p.About},
			What: p.What, When: p.Onset, Issued: p.Recorded,
		}
		item := itemID(entry)
		r.add("Observation", r.id(item), &o.Head, func() { r.observation(&o, item, parent{}) })
		lists.note(item, "Observation/"+r.id(item), &o.Head)
	}
}
