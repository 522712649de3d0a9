package ukcore

import (
	"strconv"

	"ribble/internal/sandbox/story"
)

// Observations renders vital signs, scores, social history and everything else observed (sections.md 13, 21).
func (s *Sheet) Observations() {
	s.observations(s.Holding.Observations, observationParent{})
}

// observationParent is the report or group in which observations stand; its zero value is the holding itself.
type observationParent struct {
	entry       string
	report      *story.Report
	reportEntry string
}

func resultID(o *story.Observation, parent string, n int) string {
	switch {
	case o.ID != "":
		return o.ID
	case parent != "":
		return parent + "-" + strconv.Itoa(n+1)
	}
	return o.EntryID(story.KindObservation, n)
}

func (s *Sheet) observations(all []story.Observation, parent observationParent) {
	for i := range all {
		o := &all[i]
		entry := resultID(o, parent.entry, i)
		s.observations(o.Group, observationParent{entry: entry, report: parent.report, reportEntry: parent.reportEntry})
		id := s.ID(entry)
		s.Add("Observation", id, &o.Head, func() { s.observation(o, entry, parent) })
	}
}

func (s *Sheet) observation(o *story.Observation, entry string, parent observationParent) {
	s.Date(or(o.When, o.During.Start))
	s.Identify("Observation", s.ID(entry), &o.Head)
	s.String("status", Status(&o.Head, o.Status, "final"))
	s.observationCategory(o, parent)
	s.Tokens("code", o.What)
	s.Concept("code", o.What)
	head := o.Head
	if parent.report != nil && head.About == "" {
		head.About = parent.report.About
	}
	s.Subject("subject", &head)
	s.Encounter(&o.Head)
	s.String("effectiveDateTime", o.When)
	s.Period("effectivePeriod", o.During)
	s.String("issued", or(o.Issued, o.Recorded))
	s.Actors("performer", "performer", performers(o)...)
	s.Value(o.Value)
	s.Concept("dataAbsentReason", o.Absent)
	s.Concepts("interpretation", o.Interpretation)
	s.Notes(append(notesOf(o.Comment), o.Notes...))
	s.Concept("bodySite", o.BodySite)
	s.Concept("method", o.Method)
	s.specimenOf(o, parent)
	s.Reference("device", "", o.Device)
	s.ReferenceRanges(o.Ranges)
	s.members(o, entry)
	s.components(o.Components)
}

func (s *Sheet) observationCategory(o *story.Observation, parent observationParent) {
	code := o.Category
	if code == "" && parent.report != nil {
		code = "laboratory"
	}
	if code == "" {
		return
	}
	category := story.Coded(terminology+"observation-category", code, "")
	s.Tokens("category", category)
	s.Concepts("category", category)
}

// performers: whoever recorded it is named when nobody else is.
func performers(o *story.Observation) []story.Actor {
	if len(o.Performers) > 0 || o.RecordedBy == (story.Actor{}) {
		return o.Performers
	}
	return []story.Actor{o.RecordedBy}
}

func notesOf(comment string) []string {
	if comment == "" {
		return nil
	}
	return []string{comment}
}

func (s *Sheet) specimenOf(o *story.Observation, parent observationParent) {
	if o.Specimen != "" && parent.report != nil {
		s.Ref("specimen", "specimen", "Specimen/"+s.ID(specimenOf(parent.reportEntry, o.Specimen)), "")
	}
}

func (s *Sheet) members(o *story.Observation, entry string) {
	s.List("hasMember", func() {
		for n := range o.Group {
			s.Ref("", "has-member", "Observation/"+s.ID(resultID(&o.Group[n], entry, n)), "")
		}
	})
	s.List("derivedFrom", func() {
		for _, d := range o.DerivedFrom {
			s.Ref("", "derived-from", s.Target(d, "Observation"), "")
		}
	})
}

func (s *Sheet) components(all []story.Component) {
	s.List("component", func() {
		for _, c := range all {
			s.Object("", func() {
				s.Concept("code", c.What)
				s.Value(c.Value)
				s.Concept("dataAbsentReason", c.Absent)
			})
		}
	})
}
