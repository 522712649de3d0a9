package r4map

import (
	"unicode"

	"ribble/internal/adapter/internal/r4"
	"ribble/internal/record"
)

// general maps any resource without a section in general form (section 22): never skipped.
func (m *mapper) general(i int, r *r4.General) {
	e := record.OtherEntry{
		Head: m.head(i, r.Identifier, r.Status), TypeWords: typeWords(r.ResourceType), Name: r.Code.Concept(), General: true,
	}
	e.Notes = r.Notes
	for n, d := range r.Dates {
		date := record.ParseDate(d.Text)
		if n == 0 {
			e.When = record.On(date)
		}
		e.Answers = append(e.Answers, record.Fact{Label: capital(d.Name), Text: date.Display()})
	}
	if e.Name.IsZero() {
		e.Name = record.Words(firstOf(r.Title, r.Text))
	} else if r.Title != "" {
		e.Answers = append(e.Answers, record.Fact{Label: "Title", Text: r.Title})
	}
	if r.Text != "" && r.Text != e.Name.Text {
		e.Answers = append(e.Answers, record.Fact{Label: "Text", Text: r.Text})
	}
	if m.show(record.Other, i, &e.Head) {
		m.chart.Other = append(m.chart.Other, e)
	}
}

func (m *mapper) otherTask(i int, r *r4.Task) {
	e := record.OtherEntry{Head: m.head(i, r.Identifier, r.Status), TypeWords: "Task", Name: r.Code.Concept(), General: true}
	e.Recorded, e.Notes = record.ParseDate(r.AuthoredOn), r4.Notes(nil, r.Note)
	e.When = record.On(e.Recorded)
	if when := r.ExecutionPeriod.Period(); !when.IsZero() {
		e.When = when
	}
	e.AssertedBy, e.PerformedBy = m.one(r.Requester, i), m.one(r.Owner, i)
	for _, f := range [...]record.Fact{
		{Label: "Description", Text: r.Description}, {Label: "Priority", Text: r.Priority}, {Label: "Reason", Text: m.said(r.ReasonCode.Concept())},
		{Label: "Progress", Text: m.said(r.BusinessStatus.Concept())},
	} {
		if f.Text != "" {
			e.Answers = append(e.Answers, f)
		}
	}
	if m.show(record.Other, i, &e.Head) {
		m.chart.Other = append(m.chart.Other, e)
	}
}

// typeWords writes a resource type as words: "RiskAssessment" reads "Risk assessment".
func typeWords(resourceType string) string {
	if resourceType == "" {
		return "Entry of an unnamed type"
	}
	out := make([]rune, 0, len(resourceType)+4)
	for i, c := range resourceType {
		if i > 0 && unicode.IsUpper(c) {
			out = append(out, ' ')
			c = unicode.ToLower(c)
		}
		out = append(out, c)
	}
	return string(out)
}

func capital(word string) string {
	if word == "" {
		return ""
	}
	return string(unicode.ToUpper(rune(word[0]))) + word[1:]
}
