package r4map

import (
	"strings"

	"ribble/internal/adapter/internal/r4"
	"ribble/internal/record"
)

// carePlan maps section 6, with its goals.
func (m *mapper) carePlan(i int, r *r4.CarePlan) {
	e := record.Plan{Head: m.head(i, r.Identifier, r.Status), Title: r.Title, Summary: r.Description}
	e.Phase = intended(e.Phase, r.Intent, "proposal", "option")
	e.Type = first(r.Category, &e.Head, "Category")
	if e.Type.IsZero() {
		e.Type = record.Words(r.Title)
	}
	e.When, e.Recorded = r.Period.Period(), record.ParseDate(r.Created)
	e.Authors = append(m.one(r.Author, i), m.actors(r.Contributor, i)...)
	e.Notes = r4.Notes(nil, r.Note)
	e.Within(m.ref(r.Encounter, i))
	for n := range r.Addresses {
		fact(&e.Head, "About", m.said(m.meaning(&r.Addresses[n], i)))
	}
	for n := range r.Goal {
		m.planGoal(&r.Goal[n], i, &e)
	}
	for n := range r.Activity {
		m.activity(&r.Activity[n], i, &e)
	}
	for n := range r.SupportingInfo {
		fact(&e.Head, "See also", r.SupportingInfo[n].Display)
	}
	for n := range r.CareTeam {
		fact(&e.Head, "Team", m.actor(&r.CareTeam[n], i).Name)
	}
	m.showPlan(i, &e)
}

func (m *mapper) showPlan(i int, e *record.Plan) {
	named(&e.Head, e.Type, "The source did not name the plan.")
	if m.show(record.Plans, i, &e.Head) {
		m.chart.Plans = append(m.chart.Plans, *e)
	}
}

func (m *mapper) planGoal(ref *r4.Reference, from int, e *record.Plan) {
	g, at := get[r4.Goal](m, ref, from)
	switch {
	case g == nil:
		if ref.Display != "" {
			e.Activities = append(e.Activities, record.PlanActivity{Label: "Goal", Text: ref.Display})
		}
	case m.take(at):
		e.Activities = append(e.Activities, m.goalLine(g))
	}
}

func (m *mapper) goalLine(g *r4.Goal) record.PlanActivity {
	return record.PlanActivity{
		Label: "Goal", Text: lines(append([]string{m.said(g.Description.Concept())}, r4.Notes(nil, g.Note)...)...),
		Status: joined(g.LifecycleStatus, m.said(g.AchievementStatus.Concept())),
	}
}

func (m *mapper) activity(a *r4.CarePlanActivity, from int, e *record.Plan) {
	out := record.PlanActivity{Label: "Activity"}
	if d := a.Detail; d != nil {
		out.Text, out.Status = joined(m.said(d.Code.Concept()), d.Description), d.Status
		out.Text = joined(out.Text, d.ScheduledString, d.ScheduledPeriod.Words())
		if d.DoNotPerform {
			out.Label = "Do not"
		}
	} else {
		out.Text = m.said(m.meaning(a.Reference, from))
	}
	for _, c := range a.OutcomeCodeableConcept {
		out.Status = joined(out.Status, m.said(c.Concept()))
	}
	out.Text = lines(append([]string{out.Text}, r4.Notes(nil, a.Progress)...)...)
	e.Activities = append(e.Activities, out)
}

// goal is a goal that belongs to no plan received.
func (m *mapper) goal(i int, r *r4.Goal) {
	e := record.Plan{Head: m.head(i, r.Identifier, joined(r.LifecycleStatus, m.said(r.AchievementStatus.Concept()))), Type: record.Words("Goal"), Title: m.said(r.Description.Concept())}
	e.Phase = phaseOf("Goal", r.LifecycleStatus)
	e.When, e.Recorded = record.On(record.ParseDate(r.StartDate)), record.ParseDate(r.StatusDate)
	e.Authors, e.Notes = m.one(r.ExpressedBy, i), r4.Notes(nil, r.Note)
	for _, t := range r.Target {
		fact(&e.Head, "Target", joined(m.said(t.Measure.Concept()), t.DetailString, record.ParseDate(t.DueDate).Display()))
	}
	m.showPlan(i, &e)
}

// decision is a coded decision on resuscitation recorded as an observation: a plan, in its own words.
func (m *mapper) decision(i int, r *r4.Observation, h record.Head) {
	e := record.Plan{Head: h, Type: r.Code.Concept(), Decision: r.Code.Concept(), Authors: h.PerformedBy}
	if _, ok := known(resuscitation, concept(r.ValueCodeableConcept)); ok {
		e.Decision = r.ValueCodeableConcept.Concept()
	} else if v := value(&r.Value); !v.IsZero() {
		fact(&e.Head, "Value", v.Display())
	}
	m.showPlan(i, &e)
}

// questionnaire maps the answers of a plan (section 6) or of "About me" (section 19), question by question.
func (m *mapper) questionnaire(i int, r *r4.QuestionnaireResponse) {
	var identifiers []r4.Identifier
	if r.Identifier != nil {
		identifiers = []r4.Identifier{*r.Identifier}
	}
	h := m.head(i, identifiers, r.Status)
	h.Recorded = record.ParseDate(r.Authored)
	h.When = record.On(h.Recorded)
	h.RecordedBy, h.AssertedBy = m.one(r.Author, i), m.one(r.Source, i)
	h.Within(m.ref(r.Encounter, i))
	if isAboutMe(r.Item) {
		m.aboutMe(i, r, h)
		return
	}
	e := record.Plan{Head: h, Type: record.Words("Questionnaire"), Authors: h.RecordedBy}
	m.answers(r.Item, "", &e)
	m.showPlan(i, &e)
}

// answers lists questions with their answers in the order sent; groups name their questions.
func (m *mapper) answers(items []r4.QuestionnaireItem, group string, e *record.Plan) {
	for n := range items {
		q := &items[n]
		label := questionWords(q)
		if group != "" {
			label = group + ": " + label
		}
		if len(q.Answer) > 0 || len(q.Item) == 0 {
			e.Activities = append(e.Activities, record.PlanActivity{Label: label, Text: m.answerWords(q.Answer)})
		}
		m.answers(q.Item, questionWords(q), e)
		for a := range q.Answer {
			m.decided(&q.Answer[a], e)
			m.answers(q.Answer[a].Item, questionWords(q), e)
		}
	}
}

// decided lifts a coded decision on resuscitation out of the answers, so that the plan shows it in its first line.
func (m *mapper) decided(a *r4.QuestionnaireAnswer, e *record.Plan) {
	if a.ValueCoding != nil && resuscitation[a.ValueCoding.Code] && e.Decision.IsZero() {
		e.Decision = a.ValueCoding.Concept()
	}
}

func questionWords(q *r4.QuestionnaireItem) string {
	if q.Text != "" {
		return q.Text
	}
	for _, c := range q.Code {
		if c.Display != "" {
			return c.Display
		}
	}
	return q.LinkID
}

func (m *mapper) answerWords(answers []r4.QuestionnaireAnswer) string {
	all := make([]string, 0, len(answers))
	for n := range answers {
		if text := m.answerText(&answers[n]); text != "" {
			all = append(all, text)
		}
	}
	return strings.Join(all, "\n")
}

func (m *mapper) answerText(a *r4.QuestionnaireAnswer) string {
	for _, text := range [...]string{a.ValueString, string(a.ValueDecimal), string(a.ValueInteger), a.ValueTime, a.ValueURI} {
		if text != "" {
			return text
		}
	}
	switch {
	case a.ValueCoding != nil:
		return m.said(a.ValueCoding.Concept())
	case a.ValueDate != "":
		return record.ParseDate(a.ValueDate).Display()
	case a.ValueDateTime != "":
		return record.ParseDate(a.ValueDateTime).Display()
	case a.ValueQuantity != nil:
		return a.ValueQuantity.Words()
	case a.ValueReference != nil:
		return a.ValueReference.Display
	case a.ValueAttachment != nil:
		return joined("document", a.ValueAttachment.Title)
	case a.ValueBoolean != nil:
		return r4.YesNo(*a.ValueBoolean)
	}
	return ""
}
