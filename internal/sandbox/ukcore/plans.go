package ukcore

import (
	"strconv"

	"ribble/internal/sandbox/story"
)

const (
	flagCategoryPatient = "https://fhir.nhs.uk/England/CodeSystem/England-FlagCategoryPatient"
	adjustmentCategory  = "national-reasonable-adjustment-flag"
)

// Flags renders Flag: alerts, safeguarding and reasonable adjustments (sections.md 5, 19).
func (s *Sheet) Flags() {
	for i := range s.Holding.Flags {
		f := &s.Holding.Flags[i]
		id := s.ID(f.EntryID(story.KindFlag, i))
		s.Add("Flag", id, &f.Head, func() { s.flag(f, id) })
	}
}

func (s *Sheet) flag(f *story.Flag, id string) {
	s.Date(f.When.Start)
	s.List("extension", func() {
		for _, d := range f.Details {
			s.Extension("http://hl7.org/fhir/StructureDefinition/flag-detail", func() {
				s.Ref("valueReference", "detail", s.Target(d, "Condition"), "")
			})
		}
		for _, n := range f.Notes {
			s.Extension("https://fhir.nhs.uk/England/StructureDefinition/Extension-England-FlagNotes", func() {
				s.Object("valueAnnotation", func() { s.String("text", n) })
			})
		}
	})
	s.Identify("Flag", id, &f.Head)
	s.String("status", Status(&f.Head, f.Status, "active"))
	s.List("category", func() {
		for _, c := range f.Categories {
			s.Concept("", story.Concept{Codes: []story.Code{c}})
		}
	})
	s.Concept("code", f.What)
	s.Subject("subject", &f.Head)
	s.Period("period", f.When)
	s.Encounter(&f.Head)
	s.Actor("author", "author", f.Author)
}

// CarePlans renders CarePlan with its activities and Goals (sections.md 6).
func (s *Sheet) CarePlans() {
	for i := range s.Holding.CarePlans {
		c := &s.Holding.CarePlans[i]
		id := s.ID(c.EntryID(story.KindCarePlan, i))
		s.Add("CarePlan", id, &c.Head, func() { s.carePlan(c, id) })
		for n, goal := range c.Goals {
			s.Add("Goal", goalID(id, n), &story.Head{About: c.About}, func() {
				s.String("lifecycleStatus", "active")
				s.Concept("description", goal)
				s.Subject("subject", &c.Head)
			})
		}
	}
}

func goalID(plan string, n int) string { return plan + "-goal-" + strconv.Itoa(n+1) }

func (s *Sheet) carePlan(c *story.CarePlan, id string) {
	s.Date(or(c.When.Start, c.Created))
	s.Identify("CarePlan", id, &c.Head)
	s.String("status", Status(&c.Head, c.Status, "active"))
	s.String("intent", "plan")
	s.Tokens("category", c.Category)
	s.Concepts("category", c.Category)
	s.String("title", c.Title)
	s.String("description", c.Description)
	s.Subject("subject", &c.Head)
	s.Encounter(&c.Head)
	s.Period("period", c.When)
	s.String("created", c.Created)
	s.Actor("author", "author", c.Author)
	s.Actors("contributor", "contributor", c.Agreed...)
	s.targets("addresses", c.Addresses, "Condition")
	s.targets("supportingInfo", c.Documents, "DocumentReference")
	s.List("goal", func() {
		for n := range c.Goals {
			s.Ref("", "goal", "Goal/"+goalID(id, n), "")
		}
	})
	s.List("activity", func() {
		for _, a := range c.Activities {
			s.Object("", func() { s.Object("detail", func() { s.activity(a) }) })
		}
	})
	s.Notes(c.Notes)
}

func (s *Sheet) targets(name string, entries []string, otherwise string) {
	s.List(name, func() {
		for _, e := range entries {
			s.Ref("", name, s.Target(e, otherwise), "")
		}
	})
}

func (s *Sheet) activity(a story.Activity) {
	s.Concept("code", a.What)
	s.String("status", or(a.Status, "not-started"))
	s.Period("scheduledPeriod", a.When)
	if a.By != (story.Actor{}) {
		s.Actors("performer", "performer", a.By)
	}
	s.String("description", a.Words)
}

// Questionnaires renders QuestionnaireResponse: About Me, end-of-life forms, tools (sections.md 6, 19).
func (s *Sheet) Questionnaires() {
	for i := range s.Holding.Questionnaires {
		q := &s.Holding.Questionnaires[i]
		id := s.ID(q.EntryID(story.KindQuestionnaire, i))
		s.Add("QuestionnaireResponse", id, &q.Head, func() {
			s.Date(q.When)
			if len(q.Identifiers) > 0 {
				s.Identifier("identifier", q.Identifiers[0])
			}
			s.String("questionnaire", q.Form)
			if q.Title != "" {
				s.Object("_questionnaire", func() {
					s.List("extension", func() {
						s.Extension("http://hl7.org/fhir/StructureDefinition/display", func() { s.String("valueString", q.Title) })
					})
				})
			}
			s.String("status", Status(&q.Head, q.Status, "completed"))
			s.Subject("subject", &q.Head)
			s.Encounter(&q.Head)
			s.String("authored", q.When)
			s.Actor("author", "author", q.Author)
			s.questions(q.Groups)
		})
	}
}

// questions nests items in the order of the story; a code is sent as LinkID's extension, because R4 responses have
// no item code of their own.
func (s *Sheet) questions(all []story.Question) {
	s.List("item", func() {
		for i := range all {
			q := &all[i]
			s.Object("", func() {
				s.List("extension", func() {
					if q.Code != (story.Code{}) {
						s.Extension("http://hl7.org/fhir/StructureDefinition/questionnaireresponse-itemCode",
							func() { s.Coding("valueCoding", q.Code) })
					}
				})
				s.String("linkId", or(q.LinkID, q.Code.Value))
				s.String("text", q.What)
				s.answers(q.Answer)
				s.questions(q.Items)
			})
		}
	})
}

func (s *Sheet) answers(all []story.Value) {
	s.List("answer", func() {
		for _, v := range all {
			s.Object("", func() {
				s.String("valueString", v.Text)
				s.String("valueDate", v.Date)
				s.Quantity("valueQuantity", v.Quantity)
				if len(v.Concept.Codes) > 0 {
					s.Coding("valueCoding", v.Concept.Codes[0])
				}
			})
		}
	})
}

// Consents renders Consent (sections.md 18).
func (s *Sheet) Consents() {
	for i := range s.Holding.Consents {
		c := &s.Holding.Consents[i]
		id := s.ID(c.EntryID(story.KindConsent, i))
		s.Add("Consent", id, &c.Head, func() { s.consent(c, id) })
	}
}

func (s *Sheet) consent(c *story.Consent, id string) {
	s.Date(c.When)
	s.Identify("Consent", id, &c.Head)
	s.String("status", Status(&c.Head, c.Status, "active"))
	s.Concept("scope", story.Concept{Codes: codes(c.Scope)})
	s.Concepts("category", c.Category)
	s.Subject("patient", &c.Head)
	s.String("dateTime", c.When)
	if c.RecordedBy != (story.Actor{}) {
		s.Actors("performer", "consentor", c.RecordedBy)
	}
	s.Actors("organization", "organization", story.Actor{ODS: s.Org.ODS})
	if c.Document != "" {
		s.Ref("sourceReference", "source-reference", s.Target(c.Document, "DocumentReference"), "")
	}
	s.Concept("policyRule", c.Basis)
	s.Object("provision", func() {
		switch {
		case c.Permit:
			s.String("type", "permit")
		case c.Deny:
			s.String("type", "deny")
		}
		s.Period("period", story.Period{End: c.Until})
		s.Concepts("code", story.Words(c.Words))
	})
}

// CareTeams renders CareTeam (sections.md 20).
func (s *Sheet) CareTeams() {
	for i := range s.Holding.CareTeams {
		t := &s.Holding.CareTeams[i]
		id := s.ID(t.EntryID(story.KindCareTeam, i))
		s.Add("CareTeam", id, &t.Head, func() {
			s.Identify("CareTeam", id, &t.Head)
			s.String("status", Status(&t.Head, t.Status, "active"))
			s.String("name", t.Name)
			s.Subject("subject", &t.Head)
			s.Period("period", t.When)
			s.List("participant", func() {
				for _, m := range t.Members {
					s.Object("", func() { s.teamMember(m) })
				}
			})
			s.Actors("managingOrganization", "organization", story.Actor{ODS: s.Org.ODS})
		})
	}
}

func (s *Sheet) teamMember(m story.TeamMember) {
	s.Concepts("role", m.Role)
	if m.Related != "" {
		s.Ref("member", "participant", s.Target(m.Related, "RelatedPerson"), "")
	} else {
		s.Actor("member", "participant", m.Actor)
	}
	s.Period("period", m.When)
}
