package gpsystem

import (
	"strconv"

	"ribble/internal/sandbox/story"
)

// consultations writes Encounters and the Lists that keep their structure; the order of items is meaning (HAZ 28).
func (r *record) consultations() {
	if !r.answers(story.Consultations) {
		return
	}
	var entries []string
	for _, i := range r.consultationsAsked() {
		c := &r.holding.Consultations[i]
		entry := c.EntryID(story.KindConsultation, i)
		r.add("Encounter", r.id(entry), &c.Head, func() { r.encounter(c, entry) })
		r.structure(c, entry)
		if !c.Unlisted {
			entries = append(entries, "Encounter/"+r.id(entry))
		}
	}
	r.list(story.Consultations, entries)
}

// consultationsAsked applies the search period, or takes the most recent: stories hold the newest last.
func (r *record) consultationsAsked() []int {
	var all []int
	for i := range r.holding.Consultations {
		if r.ask.periods[story.Consultations].holds(r.holding.Consultations[i].When.Start) {
			all = append(all, i)
		}
	}
	if n := r.ask.mostRecent; n > 0 && len(all) > n {
		all = all[len(all)-n:]
	}
	return all
}

func (r *record) encounter(c *story.Consultation, entry string) {
	r.identify(&c.Head, r.id(entry))
	r.String("status", encounterStatus(c))
	r.Concepts("type", story.Words(c.Type))
	r.subject("subject", &c.Head)
	r.List("participant", func() {
		for _, p := range c.Performers {
			r.participant("http://hl7.org/fhir/v3/ParticipationType", "PPRF", "primary performer", p)
		}
		r.participant("https://fhir.nhs.uk/STU3/CodeSystem/GPConnect-ParticipantType-1", "REC", "recorder", c.RecordedBy)
		for _, p := range c.Present {
			r.participant("http://hl7.org/fhir/v3/ParticipationType", "PART", "Participation", p)
		}
	})
	r.Period("period", c.When)
	if c.Minutes > 0 {
		r.Quantity("length", story.Quantity{Value: strconv.Itoa(c.Minutes), Unit: "minute", Code: "min"})
	}
	if c.Place != "" {
		r.List("location", func() { r.Object("", func() { r.place("location", c.Place) }) })
	}
	r.actor("serviceProvider", story.Actor{ODS: r.org.ODS})
}

// encounterStatus: an unfinished (draft) consultation is "unknown" in GP Connect.
func encounterStatus(c *story.Consultation) string {
	switch {
	case c.EnteredInError:
		return "entered-in-error"
	case c.Draft:
		return "unknown"
	}
	return "finished"
}

func (r *record) participant(system, code, display string, a story.Actor) {
	if a == (story.Actor{}) {
		return
	}
	r.Object("", func() {
		r.List("type", func() { r.Code("", system, code, display) })
		r.actor("individual", a)
	})
}

var (
	consultationCode = story.Code{System: story.SystemSNOMED, Value: "325851000000107", Display: "Consultation"}
	topicCode        = story.Code{System: story.SystemSNOMED, Value: "25851000000105", Display: "Topic (EHR)"}
	headingCode      = story.Code{System: story.SystemSNOMED, Value: "24781000000107", Display: "Category (EHR)"}
)

func (r *record) structure(c *story.Consultation, entry string) {
	var topics []story.Item
	for t := range c.Topics {
		topics = append(topics, story.Item{Ref: "List/" + r.id(topicID(entry, t))})
		r.topic(c, t, entry)
	}
	r.part(c, entry, partOf{id: entry + "-list", code: consultationCode, title: c.Type, items: topics})
}

func topicID(consultation string, t int) string {
	return consultation + "-topic-" + strconv.Itoa(t+1)
}

func (r *record) topic(c *story.Consultation, t int, entry string) {
	topic := &c.Topics[t]
	id := topicID(entry, t)
	all := r.commented(c, entry, topic.Items, id)
	for n := range topic.Headings {
		h := &topic.Headings[n]
		heading := id + "-heading-" + strconv.Itoa(n+1)
		r.part(c, entry, partOf{id: heading, code: headingCode, title: h.Title, items: r.commented(c, entry, h.Items, heading)})
		all = append(all, story.Item{Ref: "List/" + r.id(heading)})
	}
	r.part(c, entry, partOf{id: id, code: topicCode, title: topic.Title, problems: topic.Problems, items: all})
}

// commented writes the comments among the items as observations, and gives the items back with references to them.
func (r *record) commented(c *story.Consultation, entry string, all []story.Item, where string) []story.Item {
	out := make([]story.Item, len(all))
	for n, item := range all {
		if item.Comment != "" {
			id := r.id(commentID(where, n))
			r.add("Observation", id, &story.Head{}, func() { r.comment(c, entry, item.Comment, id) })
			item = story.Item{Ref: "Observation/" + id}
		}
		out[n] = item
	}
	return out
}

func commentID(where string, n int) string { return where + "-comment-" + strconv.Itoa(n+1) }

func (r *record) comment(c *story.Consultation, entry, words, id string) {
	r.identify(&story.Head{}, id)
	r.String("status", "final")
	r.Concept("code", commentNote)
	r.subject("subject", &c.Head)
	r.Reference("context", "Encounter/"+r.id(entry), "")
	r.String("effectiveDateTime", c.When.Start)
	r.String("issued", or(c.Recorded, c.When.Start))
	r.actors("performer", firstOf(c.Performers, c.RecordedBy)...)
	r.String("comment", words)
}

func firstOf(all []story.Actor, otherwise story.Actor) []story.Actor {
	switch {
	case len(all) > 0:
		return all[:1]
	case otherwise != (story.Actor{}):
		return []story.Actor{otherwise}
	}
	return nil
}

// partOf is one List of the structure: a consultation, topic or heading.
type partOf struct {
	id       string
	code     story.Code
	title    string
	problems []string
	items    []story.Item
}

func (r *record) part(c *story.Consultation, entry string, p partOf) {
	r.add("List", r.id(p.id), &story.Head{}, func() {
		r.List("extension", func() {
			for _, problem := range p.problems {
				r.Extension(careConnect+"RelatedProblemHeader-1", func() {
					r.List("extension", func() {
						r.Extension("target", func() { r.Reference("valueReference", r.target(problem, "Condition"), "") })
					})
				})
			}
		})
		r.String("status", "current")
		r.String("mode", "snapshot")
		r.String("title", p.title)
		r.Concept("code", story.Concept{Codes: []story.Code{p.code}})
		r.subject("subject", &c.Head)
		r.Reference("encounter", "Encounter/"+r.id(entry), "")
		r.String("date", or(c.Edited, c.When.Start))
		r.Code("orderedBy", "http://hl7.org/fhir/list-order", "system", "Sorted by System")
		r.List("entry", func() {
			for _, item := range p.items {
				r.Object("", func() { r.point("item", item.Ref, item.Words) })
			}
		})
	})
}

// commentsInConsultations are the references of all comments, for the secondary List of uncategorised data.
func (r *record) commentsInConsultations() []string {
	if !r.answers(story.Consultations) {
		return nil
	}
	var refs []string
	for _, i := range r.consultationsAsked() {
		c := &r.holding.Consultations[i]
		entry := c.EntryID(story.KindConsultation, i)
		for t := range c.Topics {
			refs = append(refs, r.commentRefs(&c.Topics[t], topicID(entry, t))...)
		}
	}
	return refs
}

func (r *record) commentRefs(t *story.Topic, id string) []string {
	var refs []string
	add := func(all []story.Item, where string) {
		for n, item := range all {
			if item.Comment != "" {
				refs = append(refs, "Observation/"+r.id(commentID(where, n)))
			}
		}
	}
	add(t.Items, id)
	for n := range t.Headings {
		add(t.Headings[n].Items, id+"-heading-"+strconv.Itoa(n+1))
	}
	return refs
}
