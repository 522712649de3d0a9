package ukcore

import (
	"ribble/internal/sandbox/story"
)

// Patient renders who the organisation believes the person is, and a second Patient when the story adds one.
func (s *Sheet) Patient() {
	who := s.Person.Demographics
	if s.Holding.As != nil {
		who = *s.Holding.As
	}
	s.patient(s.Holding.LocalID, &who)
	if other := s.Holding.Behaviour.SecondPatient; other != nil {
		s.patient(s.Holding.LocalID+".other", other)
	}
}

func (s *Sheet) patient(id string, d *story.Demographics) {
	s.Add("Patient", id, &story.Head{}, func() {
		s.List("extension", func() {
			s.ConceptExtension(Base+"Extension-UKCore-EthnicCategory", d.Ethnicity)
			for _, l := range d.Languages {
				s.interpreter(l)
			}
		})
		s.List("identifier", func() {
			if !d.NoNHSNumber {
				s.nhsNumber(d)
			}
			for _, i := range s.Holding.Identifiers {
				s.Identifier("", i)
			}
		})
		s.Bool("active", true)
		s.List("name", func() {
			s.HumanName("", d.Name, "official")
			for _, n := range d.OtherNames {
				s.HumanName("", n, "old")
			}
		})
		s.Telecoms(d.Phones, d.Email)
		s.String("gender", d.Gender)
		s.String("birthDate", d.Born)
		s.deceased(d.Died)
		s.List("address", func() { s.Address("", d.Address, "home") })
		s.contacts(d.Contacts)
		s.communication(d.Languages)
		if practice := or(s.Holding.Practice, s.Person.Practice); practice != "" {
			s.List("generalPractitioner", func() { s.Actor("", "general-practitioner", story.Actor{ODS: practice}) })
		}
		s.Actor("managingOrganization", "organization", story.Actor{ODS: s.Org.ODS})
		s.PatientLink(d.ReplacedBy)
	})
}

func (s *Sheet) nhsNumber(d *story.Demographics) {
	s.Object("", func() {
		s.List("extension", func() {
			s.ConceptExtension(Base+"Extension-UKCore-NHSNumberVerificationStatus",
				story.Coded(CodeBase+"UKCore-NHSNumberVerificationStatusEngland", or(d.Verification, "01"), verification[or(d.Verification, "01")]))
		})
		s.String("system", story.SystemNHSNumber)
		s.String("value", d.NHSNumber)
	})
}

var verification = map[string]string{
	"01": "Number present and verified", "02": "Number present but not traced", "03": "Trace required",
}

func (s *Sheet) deceased(died string) {
	switch died {
	case "":
	case "true":
		s.Bool("deceasedBoolean", true)
	default:
		s.String("deceasedDateTime", died)
	}
}

func (s *Sheet) interpreter(l story.Language) {
	if !l.Interpreter {
		return
	}
	s.Object("", func() {
		s.String("url", Base+"Extension-UKCore-NHSCommunication")
		s.List("extension", func() {
			s.Extension("language", func() {
				s.Code("valueCodeableConcept", CodeBase+"UKCore-HumanLanguage", l.Code, l.Display)
			})
			s.Extension("interpreterRequired", func() { s.Bool("valueBoolean", true) })
		})
	})
}

func (s *Sheet) communication(all []story.Language) {
	s.List("communication", func() {
		for _, l := range all {
			s.Object("", func() {
				s.Code("language", "urn:ietf:bcp:47", l.Code, l.Display)
				s.Bool("preferred", l.Preferred)
			})
		}
	})
}

func (s *Sheet) contacts(all []story.RelatedPerson) {
	s.List("contact", func() {
		for i := range all {
			c := &all[i]
			s.Object("", func() {
				s.Concepts("relationship", c.Relationship...)
				s.HumanName("name", c.Name, "usual")
				s.Telecoms(c.Phones, "")
				s.Address("address", c.Address, "home")
				s.String("gender", c.Gender)
			})
		}
	})
}

// SupportRoles writes the extension of a related person that a region has of its own.
type SupportRoles func(roles []story.SupportRole)

// Related renders related persons; roles writes the region's own role extensions and may be nil.
func (s *Sheet) Related(roles SupportRoles) {
	for i := range s.Holding.Related {
		r := &s.Holding.Related[i]
		id := s.ID(r.EntryID(story.KindRelated, i))
		s.Add("RelatedPerson", id, &r.Head, func() {
			s.List("extension", func() {
				if roles != nil {
					roles(r.Roles)
				}
				if r.Rank > 0 {
					s.Extension(Base+"Extension-UKCore-ContactRank", func() { s.Int("valuePositiveInt", r.Rank) })
				}
				if r.CopyLetter {
					s.Extension(Base+"Extension-UKCore-CopyCorrespondenceIndicator", func() { s.Bool("valueBoolean", true) })
				}
			})
			s.Identify("RelatedPerson", id, &r.Head)
			s.Bool("active", !r.Inactive)
			s.Subject("patient", &r.Head)
			s.Concepts("relationship", r.Relationship...)
			s.List("name", func() { s.HumanName("", r.Name, "usual") })
			s.Telecoms(r.Phones, "")
			s.String("gender", r.Gender)
			s.String("birthDate", r.Born)
			s.List("address", func() { s.Address("", r.Address, "home") })
			s.Period("period", r.When)
		})
	}
}
