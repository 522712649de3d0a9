package ukcore

import "ribble/internal/sandbox/story"

// Allergies renders AllergyIntolerance (sections.md 2).
func (s *Sheet) Allergies() {
	for i := range s.Holding.Allergies {
		a := &s.Holding.Allergies[i]
		id := s.ID(a.EntryID(story.KindAllergy, i))
		s.Add("AllergyIntolerance", id, &a.Head, func() { s.allergy(a, id) })
	}
}

func (s *Sheet) allergy(a *story.Allergy, id string) {
	s.List("extension", func() { s.allergyEnd(a) })
	s.Identify("AllergyIntolerance", id, &a.Head)
	s.allergyStatus(a)
	s.String("type", a.Kind)
	s.Strings("category", a.Category...)
	s.String("criticality", a.Criticality)
	s.Concept("code", a.Agent)
	s.Subject("patient", &a.Head)
	s.Encounter(&a.Head)
	s.String("onsetDateTime", a.Onset)
	s.String("onsetString", a.OnsetWords)
	s.String("recordedDate", a.Recorded)
	s.Actor("recorder", "recorder", a.RecordedBy)
	s.Actor("asserter", "asserter", a.AssertedBy)
	s.String("lastOccurrence", a.LastTime)
	s.Notes(a.Notes)
	s.reactions(a.Reactions)
}

// allergyStatus: an allergy entered in error must not have a clinical status (FHIR R4 ait-2).
func (s *Sheet) allergyStatus(a *story.Allergy) {
	confidence := or(a.Confidence, "confirmed")
	if a.EnteredInError {
		confidence = "entered-in-error"
	} else if a.Status != "none" {
		s.Code("clinicalStatus", terminology+"allergyintolerance-clinical", or(a.Status, "active"), "")
	}
	s.Code("verificationStatus", terminology+"allergyintolerance-verification", confidence, "")
}

func (s *Sheet) allergyEnd(a *story.Allergy) {
	if a.Ended == "" && a.EndReason == "" {
		return
	}
	s.Extension(Base+"Extension-UKCore-AllergyIntoleranceEnd", func() {
		s.List("extension", func() {
			s.Extension("endDate", func() { s.String("valueDateTime", a.Ended) })
			s.Extension("reasonEnded", func() { s.String("valueString", a.EndReason) })
		})
	})
}

func (s *Sheet) reactions(all []story.Reaction) {
	s.List("reaction", func() {
		for _, r := range all {
			s.Object("", func() {
				s.Concepts("manifestation", r.Manifestations...)
				s.String("description", r.Description)
				s.String("severity", r.Severity)
				s.Concept("exposureRoute", r.Route)
			})
		}
	})
}
