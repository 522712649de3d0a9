package r4map

import (
	"ribble/internal/adapter/internal/r4"
	"ribble/internal/record"
)

// observation maps one that stands in no report: by its home into sections 6, 11, 12, 13, 21 or 22. What most of them become is made where it
// stands, because it is large.
func (m *mapper) observation(i int, r *r4.Observation) {
	switch home := m.home(i); home {
	case record.Results, record.Imaging:
		m.loose(home, i, r)
	case record.Measurements:
		e := lengthen(&m.chart.Measurements)
		m.observed(i, r, &e.Head, &e.Result)
		m.measure(i, r, e)
		if !m.show(record.Measurements, i, &e.Head) {
			shorten(&m.chart.Measurements)
		}
	case record.History:
		h, result := m.observedApart(i, r)
		m.social(i, r, h, result)
	case record.Plans:
		h, _ := m.observedApart(i, r)
		m.decision(i, r, h)
	default:
		h, result := m.observedApart(i, r)
		m.otherObservation(i, r, h, result)
	}
}

// observed is what every observation says.
func (m *mapper) observed(i int, r *r4.Observation, h *record.Head, result *record.Result) {
	*h = m.head(i, r.Identifier, r.Status)
	h.When, h.Recorded, h.PerformedBy = when(r), record.ParseDate(r.Issued), m.actors(r.Performer, i)
	h.Within(m.ref(r.Encounter, i))
	m.result(i, r, result)
	h.Notes = result.Comments
	named(h, result.Test, "The source did not name what was observed.")
	m.dated(h, h.When.Start)
}

func (m *mapper) observedApart(i int, r *r4.Observation) (h record.Head, result record.Result) {
	m.observed(i, r, &h, &result)
	return h, result
}

// loose is a result that stands in no report received.
func (m *mapper) loose(s record.Section, i int, r *r4.Observation) {
	e := record.Report{Items: m.singles.list(1)[:1]}
	m.observed(i, r, &e.Head, &e.Items[0])
	e.Name, e.Categories = e.Items[0].Test, m.conceptsOf(r.Category)
	e.Collected, e.Issued, e.Lab = e.When, e.Recorded, e.PerformedBy
	// The comments stand at the result, once.
	e.Notes = nil
	for n := range r.BasedOn {
		m.requested(&r.BasedOn[n], i, &e)
	}
	m.showReport(s, i, &e)
}

// measure maps section 13, once the head and the result are there.
func (m *mapper) measure(i int, r *r4.Observation, e *record.Measurement) {
	e.Device = m.actor(r.Device, i).Name
	e.Position = r4.Find(r.Extension, "observation-bodyPosition").Words()
	o := e.Result.Rarely()
	e.Score = coded(news2, r.Code) || coded("survey", r.Category...) && (len(o.Members) > 0 || len(o.Components) > 0 || len(r.DerivedFrom) > 0)
	e.Notes = nil
	for n := range r.DerivedFrom {
		if from := m.said(m.meaning(&r.DerivedFrom[n], i)); from != "" {
			fact(&e.Head, "Worked out from", from)
		}
	}
	fact(&e.Head, "Cuff size", r4.Find(r.Extension, "Extension-UKCore-CuffSize").Words())
}

// otherObservation keeps an observation without a category in Other, and shows it a second time among the measurements when its code is one.
func (m *mapper) otherObservation(i int, r *r4.Observation, h record.Head, result record.Result) {
	e := record.OtherEntry{Head: h.Apart(), TypeWords: "Observation", Name: result.Test, Result: result}
	e.Notes = nil
	if m.show(record.Other, i, &e.Head) {
		m.chart.Other = append(m.chart.Other, e)
	}
	if _, ok := known(measured, r.Code); ok {
		second := record.Measurement{Head: h, Result: result}
		m.measure(i, r, &second)
		if m.also(record.Measurements, &second.Head) {
			m.chart.Measurements = append(m.chart.Measurements, second)
		}
	}
}

// social maps section 21 from observations: pregnancy and social context.
func (m *mapper) social(i int, r *r4.Observation, h record.Head, result record.Result) {
	e := record.HistoryEntry{Head: h, Kind: record.Social, Topic: result.Test, Value: result.Value}
	if _, ok := known(deliveryDates, r.Code); ok {
		e.Kind = record.Pregnancy
	}
	rare := result.Rarely()
	fact(&e.Head, "Not recorded because", m.said(rare.Absent))
	for n := range rare.Components {
		fact(&e.Head, m.said(rare.Components[n].Test), m.value(&rare.Components[n].Value))
	}
	m.membersAsFacts(&e.Head, rare.Members)
	if m.show(record.History, i, &e.Head) {
		m.chart.History = append(m.chart.History, e)
	}
}

func (m *mapper) membersAsFacts(h *record.Head, members []record.Result) {
	for n := range members {
		fact(h, m.said(members[n].Test), joined(append([]string{m.value(&members[n].Value)}, members[n].Comments...)...))
		m.membersAsFacts(h, members[n].Rarely().Members)
	}
}

// value is a value in words.
func (m *mapper) value(v *record.Value) string {
	if v.Concept != nil {
		return m.said(*v.Concept)
	}
	return v.Display()
}
