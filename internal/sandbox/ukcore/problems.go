package ukcore

import "ribble/internal/sandbox/story"

// Problems renders Condition: problems, diagnoses and reasonable-adjustment impairments (sections.md 4, 19).
func (s *Sheet) Problems() {
	for i := range s.Holding.Problems {
		p := &s.Holding.Problems[i]
		id := s.ID(p.EntryID(story.KindProblem, i))
		s.Add("Condition", id, &p.Head, func() { s.problem(p, id) })
	}
}

func (s *Sheet) problem(p *story.Problem, id string) {
	s.Date(p.Recorded)
	s.List("extension", func() { s.problemExtensions(p) })
	s.Identify("Condition", id, &p.Head)
	if p.EnteredInError {
		s.Code("verificationStatus", terminology+"condition-ver-status", "entered-in-error", "")
	} else {
		s.Code("clinicalStatus", terminology+"condition-clinical", p.Status, "")
		s.Code("verificationStatus", terminology+"condition-ver-status", p.Confidence, "")
	}
	s.conditionCategories(p)
	s.Concept("severity", p.Severity)
	s.Concept("code", p.What)
	s.Concepts("bodySite", p.BodySite)
	s.Subject("subject", &p.Head)
	s.Encounter(&p.Head)
	s.String("onsetDateTime", p.Onset)
	s.String("onsetString", p.OnsetWords)
	s.String("abatementDateTime", p.Ended)
	s.String("recordedDate", p.Recorded)
	s.Actor("recorder", "recorder", p.RecordedBy)
	s.Actor("asserter", "asserter", p.AssertedBy)
	s.List("stage", func() { s.Object("", func() { s.Concept("summary", p.Stage) }) })
	s.Notes(p.Notes)
}

func (s *Sheet) problemExtensions(p *story.Problem) {
	s.Extension(Base+"Extension-UKCore-ProblemSignificance", func() {
		s.Code("valueCodeableConcept", CodeBase+"UKCore-ProblemSignificance", p.Significance, "")
	})
	s.Extension(Base+"Extension-UKCore-ConditionEpisode", func() {
		s.Code("valueCodeableConcept", CodeBase+"UKCore-ConditionEpisodicity", p.Episode, "")
	})
	for _, l := range p.Links {
		s.Extension(Base+"Extension-UKCore-RelatedClinicalContent", func() {
			s.Ref("valueReference", "related", s.Target(l, "Observation"), "")
		})
	}
	for _, r := range p.Relations {
		s.Extension(Base+"Extension-UKCore-RelatedProblemHeader", func() {
			s.List("extension", func() {
				s.Extension("type", func() { s.String("valueCode", r.Type) })
				s.Extension("target", func() { s.Ref("valueReference", "related", s.Target(r.Target, "Condition"), "") })
			})
		})
	}
}

func (s *Sheet) conditionCategories(p *story.Problem) {
	categories := p.Categories
	if len(categories) == 0 {
		categories = []string{"encounter-diagnosis"}
	}
	system := terminology + "condition-category"
	if p.Impairment {
		system, categories = flagCategoryPatient, []string{adjustmentCategory}
	}
	s.List("category", func() {
		for _, c := range categories {
			concept := story.Coded(system, c, "")
			s.Concept("", concept)
			s.Tokens("category", concept)
		}
	})
}
