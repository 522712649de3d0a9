package gpsystem

import "ribble/internal/sandbox/story"

// allergies writes current allergies, and ended ones contained in a List of their own.
func (r *record) allergies() {
	lists := r.listing(story.Allergies)
	var ended []int
	for i := range r.holding.Allergies {
		a := &r.holding.Allergies[i]
		entry := a.EntryID(story.KindAllergy, i)
		if a.Ended != "" || a.Status == "resolved" {
			ended = append(ended, i)
			continue
		}
		if !r.wanted(story.Allergies, entry) {
			continue
		}
		r.add("AllergyIntolerance", r.id(entry), &a.Head, func() { r.allergy(a, entry, "active") })
		lists.note(entry, "AllergyIntolerance/"+r.id(entry), &a.Head)
	}
	lists.write()
	if r.ask.resolvedAllergies {
		r.endedAllergies(ended)
	}
}

// endedAllergies: a resolved allergy has no life outside its List, so that nobody takes it for a current one.
func (r *record) endedAllergies(which []int) {
	if !r.answers(story.Allergies) {
		return
	}
	var refs []string
	for _, i := range which {
		refs = append(refs, "#"+r.endedID(i))
	}
	head := listHead{
		area: story.Allergies, title: r.dialect.endedTitle,
		code: story.Code{System: story.SystemSNOMED, Value: endedCode, Display: "Ended allergies"},
	}
	r.listOf(head, refs, func() {
		for _, i := range which {
			a := &r.holding.Allergies[i]
			r.Object("", func() {
				r.resource("AllergyIntolerance", r.endedID(i), &a.Head, func() {
					r.allergy(a, a.EntryID(story.KindAllergy, i), "resolved")
				})
			})
		}
	})
}

func (r *record) endedID(i int) string {
	return r.id(r.holding.Allergies[i].EntryID(story.KindAllergy, i))
}

func (r *record) allergy(a *story.Allergy, entry, status string) {
	r.List("extension", func() {
		if context := r.encounterOf(&a.Head, entry); context != "" {
			r.Extension("http://hl7.org/fhir/StructureDefinition/encounter-associatedEncounter",
				func() { r.Reference("valueReference", context, "") })
		}
		if status == "resolved" {
			r.allergyEnd(a)
		}
	})
	r.identify(&a.Head, r.id(entry))
	r.allergyStatus(a, status)
	r.String("type", a.Kind)
	r.Strings("category", categories(a.Category)...)
	r.String("criticality", a.Criticality)
	r.concept("code", a.Agent)
	r.subject("patient", &a.Head)
	r.String("onsetDateTime", a.Onset)
	r.String("assertedDate", a.Recorded)
	r.actor("recorder", a.RecordedBy)
	r.actor("asserter", a.AssertedBy)
	r.String("lastOccurrence", a.LastTime)
	r.Notes(a.Notes)
	r.reactions(a.Reactions)
}

// allergyStatus: GP Connect fixes the verification status, so it says nothing.
func (r *record) allergyStatus(a *story.Allergy, status string) {
	if a.EnteredInError {
		r.String("verificationStatus", "entered-in-error")
		return
	}
	r.String("clinicalStatus", status)
	r.String("verificationStatus", "unconfirmed")
}

// categories: GP Connect knows medication and environment only; food travels as environment.
func categories(all []string) []string {
	out := make([]string, len(all))
	for i, c := range all {
		out[i] = "environment"
		if c == "medication" {
			out[i] = c
		}
	}
	return out
}

func (r *record) allergyEnd(a *story.Allergy) {
	r.Extension(gpConnect+"AllergyIntoleranceEnd-1", func() {
		r.List("extension", func() {
			r.Extension("endDate", func() { r.String("valueDateTime", a.Ended) })
			r.Extension("reasonEnded", func() { r.String("valueString", or(a.EndReason, "No information available")) })
		})
	})
}

func (r *record) reactions(all []story.Reaction) {
	r.List("reaction", func() {
		for _, x := range all {
			r.Object("", func() {
				r.concepts("manifestation", manifestations(x)...)
				r.String("description", x.Description)
				r.String("severity", x.Severity)
				r.concept("exposureRoute", x.Route)
			})
		}
	})
}

// manifestations: the element is mandatory, so a reaction without one says so with a null flavour.
func manifestations(x story.Reaction) []story.Concept {
	if len(x.Manifestations) > 0 {
		return x.Manifestations
	}
	code := "NI"
	if x.Description != "" {
		code = "UNC"
	}
	return []story.Concept{story.Coded("http://hl7.org/fhir/v3/NullFlavor", code, "")}
}
