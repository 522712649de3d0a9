package gpsystem

import (
	"strconv"

	"ribble/internal/sandbox/story"
)

// commentNote is the code of comments in consultations and of filing comments.
var commentNote = story.SNOMED("37331000000100", "Comment note")

// uncategorised writes observations that belong to no other area.
func (r *record) uncategorised() {
	lists := r.listing(story.Uncategorised)
	for i := range r.holding.Observations {
		o := &r.holding.Observations[i]
		entry := o.EntryID(story.KindObservation, i)
		if o.Category == story.StatementCategory || !r.wanted(story.Uncategorised, entry) ||
			!r.ask.periods[story.Uncategorised].holds(o.When) {
			continue
		}
		r.tree(o, entry, parent{})
		lists.note(entry, "Observation/"+r.id(entry), &o.Head)
	}
	r.problemItems(lists)
	lists.inConsultations = append(lists.inConsultations, r.commentsInConsultations()...)
	lists.write()
}

// parent is the report or group in which an observation stands.
type parent struct {
	report *story.Report
	entry  string // id of the report
	group  string // id of the group that has it as a member
}

func memberID(o *story.Observation, parent string, n int) string {
	return or(o.ID, parent+"-"+strconv.Itoa(n+1))
}

// tree writes an observation, its members and the filing comments about each.
func (r *record) tree(o *story.Observation, entry string, p parent) {
	for n := range o.Group {
		r.tree(&o.Group[n], memberID(&o.Group[n], entry, n), parent{report: p.report, entry: p.entry, group: entry})
	}
	r.add("Observation", r.id(entry), &o.Head, func() { r.observation(o, entry, p) })
	r.filings(o.Filed, entry, "Observation", &o.Head)
}

func (r *record) observation(o *story.Observation, entry string, p parent) {
	r.identify(&o.Head, r.id(entry))
	r.String("status", observationStatus(o, p))
	r.observationCategory(o, p)
	r.concept("code", o.What)
	head := o.Head
	if p.report != nil && head.About == "" {
		head.About = p.report.About
	}
	r.subject("subject", &head)
	if context := r.encounterOf(&o.Head, entry); context != "" {
		r.Reference("context", context, "")
	}
	r.String("effectiveDateTime", o.When)
	r.Period("effectivePeriod", o.During)
	r.String("issued", or(o.Issued, o.Recorded))
	r.actors("performer", performers(o)...)
	r.value(o.Value)
	r.concept("dataAbsentReason", o.Absent)
	r.interpretation(o.Interpretation)
	r.String("comment", o.Comment)
	r.concept("bodySite", o.BodySite)
	r.concept("method", o.Method)
	if o.Specimen != "" && p.report != nil {
		r.Reference("specimen", "Specimen/"+r.id(specimenOf(p.entry, o.Specimen)), "")
	}
	r.ReferenceRanges(o.Ranges)
	r.relatedTo(o, entry, p)
	r.components(o.Components)
}

func observationStatus(o *story.Observation, p parent) string {
	switch {
	case o.EnteredInError:
		return "entered-in-error"
	case o.Status == "" && p.report != nil:
		return "unknown"
	}
	return or(o.Status, "final")
}

func (r *record) observationCategory(o *story.Observation, p parent) {
	if p.report != nil {
		r.List("category", func() { r.Code("", "http://hl7.org/fhir/observation-category", "laboratory", "Laboratory") })
	}
}

func performers(o *story.Observation) []story.Actor {
	if len(o.Performers) > 0 || o.RecordedBy == (story.Actor{}) {
		return o.Performers
	}
	return []story.Actor{o.RecordedBy}
}

func (r *record) value(v story.Value) {
	v.Concept = r.dialect.order(v.Concept)
	r.Value(v)
}

// interpretation travels as words from one supplier and as a code from the other.
func (r *record) interpretation(c story.Concept) {
	words := map[string]string{
		"H": "HI - Above high reference limit", "L": "LO - Below low reference limit", "A": "PA - Potentially abnormal",
	}
	if len(c.Codes) > 0 && !r.dialect.codedFlags {
		c = story.Words(or(words[c.Codes[0].Value], c.Codes[0].Display))
	} else if len(c.Codes) > 0 {
		c = story.Coded("http://hl7.org/fhir/v2/0078", c.Codes[0].Value, c.Codes[0].Display)
	}
	r.Concept("interpretation", c)
}

func (r *record) relatedTo(o *story.Observation, entry string, p parent) {
	r.List("related", func() {
		for n := range o.Group {
			r.relation("has-member", "Observation/"+r.id(memberID(&o.Group[n], entry, n)))
		}
		if p.group != "" {
			r.relation("derived-from", "Observation/"+r.id(p.group))
		}
		for _, d := range o.DerivedFrom {
			r.relation("derived-from", r.target(d, "Observation"))
		}
	})
}

func (r *record) relation(typ, target string) {
	r.Object("", func() {
		r.String("type", typ)
		r.Reference("target", target, "")
	})
}

func (r *record) components(all []story.Component) {
	r.List("component", func() {
		for _, c := range all {
			r.Object("", func() {
				r.concept("code", c.What)
				r.value(c.Value)
				r.concept("dataAbsentReason", c.Absent)
			})
		}
	})
}

// filings writes the practice's comments about a report or result as comment notes derived from it.
func (r *record) filings(all []story.Filing, entry, typ string, head *story.Head) {
	for n, f := range all {
		id := r.id(filingID(entry, n))
		r.add("Observation", id, &story.Head{}, func() {
			r.identify(&story.Head{}, id)
			r.String("status", "unknown")
			r.Concept("code", commentNote)
			r.subject("subject", head)
			r.String("effectiveDateTime", f.When)
			r.String("issued", f.When)
			if f.By != (story.Actor{}) {
				r.actors("performer", f.By)
			}
			r.String("comment", f.Comment)
			// A STU3 observation can be derived from an observation only; a report refers to its comment as a result.
			if typ == "Observation" {
				r.List("related", func() { r.relation("derived-from", "Observation/"+r.id(entry)) })
			}
		})
	}
}

func filingID(entry string, n int) string { return entry + "-filing-" + strconv.Itoa(n+1) }
