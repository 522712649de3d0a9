package ukcore

import (
	"strconv"

	"ribble/internal/sandbox/story"
)

// Immunisations renders Immunization (sections.md 14).
func (s *Sheet) Immunisations() {
	for i := range s.Holding.Immunisations {
		v := &s.Holding.Immunisations[i]
		id := s.ID(v.EntryID(story.KindImmunisation, i))
		s.Add("Immunization", id, &v.Head, func() { s.immunisation(v, id) })
	}
}

func (s *Sheet) immunisation(v *story.Immunisation, id string) {
	s.Date(v.When)
	s.List("extension", func() {
		s.ConceptExtension(Base+"Extension-UKCore-VaccinationProcedure", v.Vaccination)
		if v.ParentPresent {
			s.Extension(Base+"Extension-UKCore-ParentPresent", func() { s.Bool("valueBoolean", true) })
		}
	})
	s.Identify("Immunization", id, &v.Head)
	usual := "completed"
	if v.NotGiven {
		usual = "not-done"
	}
	s.String("status", Status(&v.Head, "", usual))
	s.Concept("statusReason", v.NotGivenReason)
	s.Concept("vaccineCode", productOr(v.Product))
	s.Subject("patient", &v.Head)
	s.Encounter(&v.Head)
	s.String("occurrenceDateTime", v.When)
	s.String("occurrenceString", v.WhenWords)
	s.String("recorded", v.Recorded)
	s.Bool("primarySource", !v.Reported)
	s.Concept("reportOrigin", v.Origin)
	if v.Place != "" {
		s.Ref("location", "location", "Location/"+v.Place, s.placeName(v.Place))
	}
	s.Reference("manufacturer", "", v.Maker)
	s.String("lotNumber", v.Batch)
	s.String("expirationDate", v.Expiry)
	s.Concept("site", v.Site)
	s.Concept("route", v.Route)
	s.Quantity("doseQuantity", v.Dose)
	s.List("performer", func() {
		s.vaccinator("AP", v.GivenBy)
		s.vaccinator("EP", v.EnteredBy)
	})
	s.Notes(v.Notes)
	s.Concepts("reasonCode", v.Reasons...)
	s.protocol(v)
}

// productOr: the vaccine code is mandatory, so an unknown product is said to be unknown.
func productOr(product story.Concept) story.Concept {
	if product.Empty() {
		return story.Coded(terminology+"v3-NullFlavor", "UNK", "unknown")
	}
	return product
}

func (s *Sheet) vaccinator(function string, a story.Actor) {
	if a == (story.Actor{}) {
		return
	}
	s.Object("", func() {
		s.Code("function", terminology+"v2-0443", function, "")
		s.Actor("actor", "performer", a)
	})
}

func (s *Sheet) protocol(v *story.Immunisation) {
	s.List("protocolApplied", func() {
		s.Object("", func() {
			s.Concepts("targetDisease", v.Targets...)
			s.Int("doseNumberPositiveInt", v.Sequence)
			s.Int("seriesDosesPositiveInt", v.SeriesOf)
		})
	})
}

// Procedures renders Procedure (sections.md 15).
func (s *Sheet) Procedures() {
	for i := range s.Holding.Procedures {
		p := &s.Holding.Procedures[i]
		id := s.ID(p.EntryID(story.KindProcedure, i))
		if p.Implant != "" {
			s.implant(p, id)
		}
		s.Add("Procedure", id, &p.Head, func() { s.procedure(p, id) })
	}
}

func (s *Sheet) procedure(p *story.Procedure, id string) {
	s.Date(or(p.When, p.During.Start))
	s.Identify("Procedure", id, &p.Head)
	s.String("status", Status(&p.Head, p.Status, "completed"))
	s.Tokens("code", p.What)
	s.Concept("code", p.What)
	s.Subject("subject", &p.Head)
	s.Encounter(&p.Head)
	s.String("performedDateTime", p.When)
	s.Period("performedPeriod", p.During)
	s.String("performedString", p.WhenWords)
	s.Actor("recorder", "recorder", p.RecordedBy)
	s.List("performer", func() {
		for _, who := range p.Performers {
			s.Object("", func() {
				s.Concept("function", story.Words(who.Role))
				s.Actor("actor", "performer", who.Actor)
			})
		}
	})
	if p.Place != "" {
		s.Ref("location", "location", "Location/"+p.Place, s.placeName(p.Place))
	}
	s.Concepts("reasonCode", p.Reason)
	s.Concepts("bodySite", p.Site)
	s.Concept("outcome", p.Outcome)
	s.Concepts("complication", p.Complication...)
	s.Concepts("followUp", p.FollowUp...)
	s.Notes(p.Notes)
	if p.Implant != "" {
		s.List("focalDevice", func() {
			s.Object("", func() { s.Ref("manipulated", "device", "Device/"+id+"-device", p.Implant) })
		})
	}
}

func (s *Sheet) implant(p *story.Procedure, id string) {
	s.Add("Device", id+"-device", &story.Head{}, func() {
		s.String("status", "active")
		s.List("deviceName", func() {
			s.Object("", func() {
				s.String("name", p.Implant)
				s.String("type", "user-friendly-name")
			})
		})
		s.Subject("patient", &p.Head)
	})
}

// FamilyHistory renders FamilyMemberHistory (sections.md 21).
func (s *Sheet) FamilyHistory() {
	for i := range s.Holding.FamilyHistory {
		f := &s.Holding.FamilyHistory[i]
		id := s.ID(f.EntryID(story.KindFamily, i))
		s.Add("FamilyMemberHistory", id, &f.Head, func() {
			s.Date(f.When)
			s.Identify("FamilyMemberHistory", id, &f.Head)
			s.String("status", Status(&f.Head, f.Status, "completed"))
			s.Subject("patient", &f.Head)
			s.String("date", f.When)
			s.String("name", f.Name)
			s.Concept("relationship", f.Relative)
			if f.Died {
				s.Bool("deceasedBoolean", true)
			}
			s.Notes(f.Notes)
			s.familyConditions(f.Conditions)
		})
	}
}

func (s *Sheet) familyConditions(all []story.FamilyCondition) {
	s.List("condition", func() {
		for _, c := range all {
			s.Object("", func() {
				s.Concept("code", c.What)
				s.String("onsetString", c.OnsetWords)
				s.Notes(notesOf(c.Note))
			})
		}
	})
}

// Others renders resources that no section knows, as the story spells them.
func (s *Sheet) Others() {
	for i := range s.Holding.Others {
		o := &s.Holding.Others[i]
		id := s.ID(or(o.ID, "other-"+strconv.Itoa(i+1)))
		s.Add(o.Type, id, &o.Head, func() {
			s.Subject(or(o.Subject, "subject"), &o.Head)
			s.Encounter(&o.Head)
			s.Members(o.Members)
		})
	}
}
