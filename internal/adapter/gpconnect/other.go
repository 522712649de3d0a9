package gpconnect

import (
	"ribble/internal/adapter/internal/stu3"
	"ribble/internal/record"
)

func (r *reading) observationHead(n int32, e *stu3.Observation) record.Head {
	h := r.head(n, e.Identifier)
	h.Phase, h.RawStatus = phaseOf(e.Status), e.Status
	h.When, h.Recorded = stu3.When(e.EffectiveDateTime, e.EffectivePeriod), record.ParseDate(e.Issued)
	h.PerformedBy = r.actors(n, e.Performer)
	r.within(&h, n, e.Context)
	return h
}

// mapUncategorised shows an Observation that nothing else has claimed in "Other", its home whatever its code: the specification decided,
// after clinical review, not to classify these by code. Known codes are shown a second time where they are looked for.
func (r *reading) mapUncategorised(n int32, e *stu3.Observation) {
	if !r.isMember(n, e) {
		r.mapGroup(n, e)
	}
}

// isMember reports an Observation that says it is derived from a group which lists it and is still to come: the group shows it.
func (r *reading) isMember(n int32, e *stu3.Observation) bool {
	for i := range e.Related {
		found, ok := r.find(n, e.Related[i].Target.Reference)
		if !ok || e.Related[i].Type != "derived-from" || found == n || !r.open(found) {
			continue
		}
		if group, observation := r.items[found].entity.(*stu3.Observation); observation && r.lead(found, group, n) {
			return !r.open(n)
		}
	}
	return false
}

// lead shows a group now if it has n as a member, and is itself no member of another group.
func (r *reading) lead(found int32, group *stu3.Observation, n int32) bool {
	for i := range group.Related {
		if group.Related[i].Type != "has-member" {
			continue
		}
		if member, ok := r.find(found, group.Related[i].Target.Reference); ok && member == n {
			r.mapGroup(found, group)
			return true
		}
	}
	return false
}

// mapGroup makes the row of an entry, with the members below it if it is a group.
func (r *reading) mapGroup(n int32, e *stu3.Observation) {
	o := record.OtherEntry{Head: r.observationHead(n, e), TypeWords: "GP record entry", Name: e.Code.Record()}
	if isComment(e) {
		o.TypeWords = "Comment"
	}
	r.show(n)
	o.Result = r.plainResult(&o.Head, n, e)
	r.addMembers(&o.Head, &o.Result, n, e, 0)
	r.addComments(&o.Head, &o.Result, n)
	r.check(&o.Head, o.Name)
	r.notFuture(&o.Head)
	r.answer.Chart.Other = append(r.answer.Chart.Other, o)
	r.crossList(&o.Head, &o.Result)
}

// mapQuestionnaire shows questions and answers in order; GP records hold them although the specification does not (T33).
func (r *reading) mapQuestionnaire(n int32, e *stu3.QuestionnaireResponse) {
	o := record.OtherEntry{Head: r.head(n, e.Identifier), TypeWords: "Questionnaire", Name: record.Words("Questionnaire")}
	o.Phase, o.RawStatus = phaseOf(e.Status), e.Status
	o.When = record.On(record.ParseDate(e.Authored))
	o.RecordedBy = r.actor(n, e.Author)
	r.within(&o.Head, n, e.Context)
	for i := range e.Parent {
		if found, ok := r.find(n, e.Parent[i].Reference); ok {
			if parent, observation := r.items[found].entity.(*stu3.Observation); observation && (r.open(found) || r.items[found].fate == record.Shown) {
				o.Name = parent.Code.Record()
				r.tells(&o.Head, n, e.Parent[i])
			}
		}
	}
	for i := range e.Item {
		r.addQuestion(n, &o, &e.Item[i])
	}
	r.checkDates(&o.Head)
	r.notFuture(&o.Head)
	r.show(n)
	r.answer.Chart.Other = append(r.answer.Chart.Other, o)
}

func (r *reading) addQuestion(n int32, o *record.OtherEntry, q *stu3.Question) {
	label := q.Text
	if label == "" {
		label = q.LinkID
	}
	if len(q.Answer) == 0 && len(q.Item) == 0 {
		o.Answers = append(o.Answers, record.Fact{Label: label, Text: "no answer sent"})
	}
	for i := range q.Answer {
		if coding := q.Answer[i].ValueCoding; coding != nil {
			beside(&o.Head, stu3.CodeableConcept{Coding: []stu3.Coding{*coding}})
		}
		o.Answers = append(o.Answers, r.answerFact(n, &o.Head, label, &q.Answer[i]))
		for j := range q.Answer[i].Item {
			r.addQuestion(n, o, &q.Answer[i].Item[j])
		}
	}
	for i := range q.Item {
		r.addQuestion(n, o, &q.Item[i])
	}
}

// answerFact is one answer in words; a reference to another entry is that entry's name, value and comment.
func (r *reading) answerFact(n int32, h *record.Head, label string, a *stu3.QuestionAnswer) record.Fact {
	if a.ValueReference == nil {
		return record.Fact{Label: label, Text: answerText(a)}
	}
	found, ok := r.find(n, a.ValueReference.Reference)
	if !ok {
		ref := r.link(n, h, *a.ValueReference)
		return record.Fact{Label: label, Text: wordsOr(ref.Words, "The entry that holds the answer was not sent.")}
	}
	line := r.line(found)
	r.tells(h, n, *a.ValueReference)
	if label == "" || label == "No information available" {
		return record.Fact{Label: line.Term, Text: wordsOr(joinLine(line.Value, line.Comment), line.Term)}
	}
	return record.Fact{Label: label, Text: joinLine(joinLine(line.Term, line.Value), line.Comment)}
}

func answerText(a *stu3.QuestionAnswer) string {
	value := a.Value.Record()
	switch {
	case !value.IsZero():
		return value.Display()
	case a.ValueCoding != nil:
		return stu3.CodeableConcept{Coding: []stu3.Coding{*a.ValueCoding}}.Record().Name()
	case a.ValueDate != "":
		return record.ParseDate(a.ValueDate).Display()
	}
	return wordsOr(string(a.ValueDecimal+a.ValueInteger)+a.ValueURI, "answer in a form that is not known here")
}

func wordsOr(words, otherwise string) string {
	if words == "" {
		return otherwise
	}
	return words
}

// mapGeneric shows a type that no section knows in general form, so that nothing is dropped (section 22).
func (r *reading) mapGeneric(n int32, e *stu3.Generic) {
	o := record.OtherEntry{Head: r.head(n, e.Identifier), TypeWords: r.items[n].key.Type, General: true}
	for _, c := range [...]stu3.Loose{e.Code, e.Title, e.Description, e.Name} {
		o.Coded(c.Record().Codings)
		if o.Name.IsZero() {
			o.Name = c.Record()
		}
	}
	if o.Name.IsZero() {
		o.Name = record.Words(o.TypeWords)
	}
	o.Phase, o.RawStatus = phaseOf(e.Status.Text), e.Status.Text
	for _, d := range [...]stu3.Loose{e.EffectiveDateTime, e.PerformedDateTime, e.Date, e.AuthoredOn, e.Recorded} {
		if o.When.IsZero() {
			o.When = record.On(record.ParseDate(d.Text))
		}
	}
	r.checkDates(&o.Head)
	r.show(n)
	r.answer.Chart.Other = append(r.answer.Chart.Other, o)
}
