package r4map

import (
	"ribble/internal/adapter/internal/r4"
	"ribble/internal/record"
)

// aboutMe maps the person's own words, heading by heading (section 19). The first heading stands for the resource; the others are further
// showings of it.
func (m *mapper) aboutMe(i int, r *r4.QuestionnaireResponse, h record.Head) {
	supported := ""
	if len(h.RecordedBy) > 0 && len(h.AssertedBy) > 0 {
		supported = h.RecordedBy[0].Display()
	}
	shown := m.show(record.AboutMe, i, &h)
	var walk func([]r4.QuestionnaireItem)
	walk = func(items []r4.QuestionnaireItem) {
		for n := range items {
			q := &items[n]
			if text := m.answerWords(q.Answer); text != "" && shown {
				// The codes of answers told so far go with each further showing: one that is sensitive takes those after it along.
				h = h.Apart()
				h.Coded(m.codes)
				m.codes = m.codes[:0]
				m.chart.AboutMe = append(m.chart.AboutMe, record.AboutMeEntry{
					Head: h, Kind: record.Statement, Heading: questionWords(q), What: record.Words(text), SupportedBy: supported,
				})
				h.CrossListed = true
			}
			walk(q.Item)
			for a := range q.Answer {
				walk(q.Answer[a].Item)
			}
		}
	}
	walk(r.Item)
	if shown && !h.CrossListed {
		m.chart.AboutMe = append(m.chart.AboutMe, record.AboutMeEntry{Head: h, Kind: record.Statement, Heading: "About me", What: record.Words("No answers were sent.")})
	}
}

// adjustment maps a reasonable adjustment flag; the flags, conditions and consents it points at keep their own rows.
func (m *mapper) adjustment(i int, r *r4.Flag, h record.Head) {
	e := record.AboutMeEntry{Head: h, Kind: record.Adjustment, What: r.Code.Concept()}
	for _, c := range r.Category {
		if !coded(adjustmentFlag, c) {
			e.Heading = joined(e.Heading, m.said(c.Concept()))
		}
	}
	if m.show(record.AboutMe, i, &e.Head) {
		m.chart.AboutMe = append(m.chart.AboutMe, e)
	}
}

func (m *mapper) impairment(i int, r *r4.Condition) {
	e := record.AboutMeEntry{Head: m.conditionHead(i, r), Kind: record.Impairment, Heading: "Impairment", What: r.Code.Concept()}
	e.When = record.On(record.ParseDate(r.OnsetDateTime))
	if m.show(record.AboutMe, i, &e.Head) {
		m.chart.AboutMe = append(m.chart.AboutMe, e)
	}
}

// family maps family history (section 21).
func (m *mapper) family(i int, r *r4.FamilyMemberHistory) {
	e := record.HistoryEntry{Head: m.head(i, r.Identifier, r.Status), Kind: record.Family, Relation: r.Relationship.Concept(), Topic: r.Relationship.Concept()}
	e.Recorded, e.Notes = record.ParseDate(r.Date), r4.Notes(nil, r.Note)
	e.When = record.On(e.Recorded)
	for n := range r.Condition {
		c := &r.Condition[n]
		text := joined(words(c.OnsetString, c.OnsetAge, c.OnsetPeriod, c.OnsetRange), m.said(c.Outcome.Concept()))
		if c.ContributedToDeath != nil && *c.ContributedToDeath {
			text = joined(text, "contributed to death")
		}
		e.Conditions = append(e.Conditions, record.Fact{Label: m.said(c.Code.Concept()), Text: text})
		e.Notes = append(e.Notes, r4.Notes(nil, c.Note)...)
	}
	fact(&e.Head, "Name", r.Name)
	fact(&e.Head, "Sex", m.said(r.Sex.Concept()))
	fact(&e.Head, "Age", joined(r.AgeString, r.AgeAge.Words()))
	died := joined(r.DeceasedString, record.ParseDate(r.DeceasedDate).Display(), r.DeceasedAge.Words())
	if died == "" && r.DeceasedBoolean != nil {
		died = r4.YesNo(*r.DeceasedBoolean)
	}
	fact(&e.Head, "Died", died)
	fact(&e.Head, "Not known because", m.said(r.DataAbsentReason.Concept()))
	for _, c := range r.ReasonCode {
		fact(&e.Head, "Reason", m.said(c.Concept()))
	}
	if m.show(record.History, i, &e.Head) {
		m.chart.History = append(m.chart.History, e)
	}
}
