package gpconnect

import (
	"ribble/internal/adapter/internal/stu3"
	"ribble/internal/record"
)

// mapConsultations makes a consultation of every Encounter and of the Lists that give its structure; the order of their entries is
// meaning and is kept (HAZ 28).
func (r *reading) mapConsultations(order []int32) {
	for _, n := range order {
		if e, ok := r.items[n].entity.(*stu3.Encounter); ok && r.open(n) {
			r.mapEncounter(n, e)
		}
	}
	done := make([]bool, len(r.items))
	for i := range r.lists {
		if r.lists[i].code != consultationCode {
			continue
		}
		if row := r.consultationOf(&r.lists[i]); row >= 0 {
			r.addEntries(&r.lists[i], row, done)
		}
	}
	for _, code := range [...]string{topicCode, headingCode} {
		for i := range r.lists {
			if l := &r.lists[i]; l.code == code && !done[l.n] {
				r.addLoose(l, done)
			}
		}
	}
	for i := range r.answer.Chart.Consultations {
		c := &r.answer.Chart.Consultations[i]
		r.check(&c.Head, c.Type)
	}
}

func (r *reading) mapEncounter(n int32, e *stu3.Encounter) {
	c := record.Consultation{Head: r.head(n, e.Identifier)}
	c.Phase, c.RawStatus = phaseOf(e.Status), e.Status
	if e.Status == "unknown" {
		c.Phase = record.Draft
	}
	if len(e.Type) > 0 {
		c.Type = e.Type[0].Record()
	}
	c.When = e.Period.Record()
	for i := range e.Type[min(1, len(e.Type)):] {
		factOf(&c.Head, "Also", e.Type[i+1])
	}
	fact(&c.Head, "Length", e.Length.Record().Display())
	for i := range e.Reason {
		factOf(&c.Head, "Reason", e.Reason[i])
	}
	for i := range e.Participant {
		r.addParticipant(n, &c, &e.Participant[i])
	}
	for i := range e.Location {
		c.Place = joinLine(c.Place, r.placeName(n, e.Location[i].Location))
	}
	fact(&c.Head, "Provider", r.organisation(n, e.ServiceProvider))
	r.notFuture(&c.Head)
	r.items[n].row = int32(len(r.answer.Chart.Consultations))
	r.show(n)
	r.answer.Chart.Consultations = append(r.answer.Chart.Consultations, c)
}

func (r *reading) addParticipant(n int32, c *record.Consultation, e *stu3.Participant) {
	role := ""
	recorder, performer := false, false
	for i := range e.Type {
		role = wordsOr(role, e.Type[i].Record().Name())
		for j := range e.Type[i].Coding {
			recorder = recorder || e.Type[i].Coding[j].Code == "REC"
			performer = performer || e.Type[i].Coding[j].Code == "PPRF"
		}
	}
	for _, a := range r.actor(n, e.Individual) {
		c.People = append(c.People, record.Participant{Role: role, Actor: a, Period: e.Period.Record()})
		if recorder {
			c.RecordedBy = append(c.RecordedBy, a)
		}
		if performer {
			c.PerformedBy = append(c.PerformedBy, a)
		}
	}
}

// consultationOf is the row of a consultation List; one whose Encounter was not sent gets a row that is not counted, for a List is structure.
// There is none (-1) for a consultation that must not be shown; what it holds keeps its own homes.
func (r *reading) consultationOf(l *listing) int {
	if n, ok := r.find(l.n, l.list.Encounter.Reference); ok {
		if row := r.items[n].row; row >= 0 && r.items[n].key.Type == "Encounter" {
			return int(row)
		}
		return -1
	}
	h := r.head(l.n, nil)
	h.CrossListed = true
	h.Flaw(record.DanglingReference, "The date and author of this consultation were not sent.")
	r.answer.Chart.Consultations = append(r.answer.Chart.Consultations, record.Consultation{Head: h, Type: record.Words(wordsOr(l.list.Title, "Consultation"))})
	return len(r.answer.Chart.Consultations) - 1
}

// addEntries reads the entries of a consultation List: topics, or what stands in place of one.
func (r *reading) addEntries(l *listing, row int, done []bool) {
	if done[l.n] {
		return
	}
	done[l.n] = true
	c := &r.answer.Chart.Consultations[row]
	r.use(&c.Head, l.n)
	if c.Type.IsZero() {
		c.Type = record.Words(l.list.Title)
	}
	c.Notes = append(c.Notes, stu3.Notes(l.list.Note)...)
	for i := range l.list.Entry {
		item := l.list.Entry[i].Item
		if topic, ok := r.listAt(l.n, item); ok && !done[topic.n] {
			r.addTopic(c, topic, done)
			continue
		}
		loose := record.Topic{}
		r.addItem(c, &loose, spot{n: l.n}, item, done, 0)
		c.Topics = append(c.Topics, loose)
	}
}

// addLoose adds a topic or heading that no consultation List names to the consultation its Encounter points at.
func (r *reading) addLoose(l *listing, done []bool) {
	n, ok := r.find(l.n, l.list.Encounter.Reference)
	if !ok || r.items[n].row < 0 || r.items[n].key.Type != "Encounter" {
		return
	}
	c := &r.answer.Chart.Consultations[r.items[n].row]
	if l.code == topicCode {
		r.addTopic(c, l, done)
		return
	}
	topic := record.Topic{}
	r.addHeading(c, &topic, l, done, 0)
	c.Topics = append(c.Topics, topic)
}

func (r *reading) listAt(n int32, item stu3.Reference) (*listing, bool) {
	found, ok := r.find(n, item.Reference)
	if !ok {
		return nil, false
	}
	list, ok := r.items[found].entity.(*stu3.List)
	if !ok {
		return nil, false
	}
	return &listing{n: found, list: list, code: listCode(list)}, true
}

func (r *reading) addTopic(c *record.Consultation, l *listing, done []bool) {
	done[l.n] = true
	r.use(&c.Head, l.n)
	topic := record.Topic{Title: l.list.Title}
	for i := range l.list.Extension {
		e := &l.list.Extension[i]
		if !e.Named("Extension-CareConnect-RelatedProblemHeader-1", "Extension-CareConnect-GPC-RelatedProblemHeader-1") {
			continue
		}
		if target, ok := stu3.Find(e.Extension, "target"); ok && target.ValueReference != nil {
			topic.Problems = append(topic.Problems, r.link(l.n, &c.Head, *target.ValueReference))
		}
	}
	c.Notes = append(c.Notes, stu3.Notes(l.list.Note)...)
	for i := range l.list.Entry {
		r.addItem(c, &topic, spot{n: l.n}, l.list.Entry[i].Item, done, 0)
	}
	c.Topics = append(c.Topics, topic)
}

func (r *reading) addHeading(c *record.Consultation, topic *record.Topic, l *listing, done []bool, depth int) {
	done[l.n] = true
	r.use(&c.Head, l.n)
	topic.Headings = append(topic.Headings, record.ConsultationHeading{Title: l.list.Title})
	c.Notes = append(c.Notes, stu3.Notes(l.list.Note)...)
	for i := range l.list.Entry {
		r.addItem(c, topic, spot{l.n, l.list.Title}, l.list.Entry[i].Item, done, depth+1)
	}
}

// spot is where an entry stands: which resource lists it, under which heading's title.
type spot struct {
	n     int32
	title string
}

// addItem adds one entry under the heading that stands last, or starts one: a List is a heading, anything else a line.
func (r *reading) addItem(c *record.Consultation, topic *record.Topic, at spot, item stu3.Reference, done []bool, depth int) {
	if heading, ok := r.listAt(at.n, item); ok && depth < maxTree {
		if !done[heading.n] {
			r.addHeading(c, topic, heading, done, depth)
		}
		return
	}
	if last := len(topic.Headings); last == 0 || topic.Headings[last-1].Title != at.title {
		topic.Headings = append(topic.Headings, record.ConsultationHeading{Title: at.title})
	}
	heading := &topic.Headings[len(topic.Headings)-1]
	heading.Items = append(heading.Items, r.consultationItem(c, at.n, item))
}

// consultationItem is one line. A comment note has its home here; everything else keeps its own.
func (r *reading) consultationItem(c *record.Consultation, n int32, item stu3.Reference) record.ConsultationItem {
	found, ok := r.find(n, item.Reference)
	if !ok {
		ref := r.ref(n, item)
		if ref.Missing {
			return record.ConsultationItem{Ref: ref, Term: wordsOr(ref.Words, "An entry that is listed here was not sent.")}
		}
		return record.ConsultationItem{Ref: ref, Term: ref.Words}
	}
	if e, observation := r.items[found].entity.(*stu3.Observation); observation && isComment(e) && r.open(found) {
		line := r.line(found)
		r.coverIn(&c.Head, found)
		return line
	}
	return r.line(found)
}

// line is any entry on one line: term, value and comment as sent. Of an entry that must not be shown it gives nothing but that.
func (r *reading) line(n int32) record.ConsultationItem {
	it := &r.items[n]
	it.used = true
	out := record.ConsultationItem{Ref: record.Ref{Key: it.key}}
	if it.placed && it.fate != record.Shown && it.fate != record.Used && it.fate != record.Superseded {
		return record.ConsultationItem{Ref: record.Ref{Missing: true}, Term: "An entry that is listed here is not shown."}
	}
	switch e := it.entity.(type) {
	case *stu3.Observation:
		out.Term, out.Value, out.Comment = e.Code.Record().Name(), valueWords(&e.Value, &e.DataAbsentReason), e.Comment
		if isComment(e) {
			out.Term = ""
		}
		for i := range e.Component {
			part := &e.Component[i]
			out.Value = joinLine(out.Value, part.Code.Record().Name()+": "+valueWords(&part.Value, &part.DataAbsentReason))
		}
	case *stu3.AllergyIntolerance:
		out.Term, out.Comment = e.Code.Record().Name(), notes(e.Note)
	case *stu3.Condition:
		out.Term, out.Comment = e.Code.Record().Name(), notes(e.Note)
	case *stu3.Immunization:
		out.Term, out.Comment = vaccinationName(e), notes(e.Note)
		if e.NotGiven != nil && *e.NotGiven {
			out.Value = "Not given"
		}
	default:
		r.requestLine(n, &out)
	}
	return out
}

// valueWords is a value as sent, or why there is none.
func valueWords(v *stu3.Value, absent *stu3.CodeableConcept) string {
	value := v.Record()
	return wordsOr(value.Display(), absent.Record().Name())
}

func (r *reading) requestLine(n int32, out *record.ConsultationItem) {
	switch e := r.items[n].entity.(type) {
	case *stu3.MedicationRequest:
		out.Term, out.Comment = r.product(n, &e.MedicationReference, e.MedicationCodeableConcept).Name(), notes(e.Note)
		out.Value, _ = dose(e.DosageInstruction)
		quantity, _ := supplied(&e.DispenseRequest)
		out.Value = joinLine(out.Value, quantity)
	case *stu3.MedicationStatement:
		out.Term, out.Comment = r.product(n, &e.MedicationReference, e.MedicationCodeableConcept).Name(), notes(e.Note)
		out.Value, _ = dose(e.Dosage)
	case *stu3.DiagnosticReport:
		out.Term, out.Comment = e.Code.Record().Name(), e.Conclusion
	case *stu3.ProcedureRequest:
		out.Term, out.Comment = e.Code.Record().Name(), notes(e.Note)
		if isRecall(e) {
			due := dueOf(e)
			out.Term, out.Value = "Recall: "+out.Term, "due "+wordsOr(due.Display(), "date not given")
		}
	case *stu3.ReferralRequest:
		if len(e.ReasonCode) > 0 {
			out.Term = e.ReasonCode[0].Record().Name()
		}
		out.Value, out.Comment = e.Description, notes(e.Note)
	case *stu3.DocumentReference:
		out.Term = wordsOr(e.Description, wordsOr(e.Type.Record().Name(), "Document"))
	case *stu3.QuestionnaireResponse:
		out.Term = "Questionnaire"
	default:
		out.Term = r.items[n].key.Type
	}
}

func vaccinationName(e *stu3.Immunization) string {
	v := record.Immunisation{}
	readImmunisationExtensions(&v, e.Extension)
	return wordsOr(v.Vaccination.Name(), vaccineProduct(e.VaccineCode).Name())
}

func notes(list []stu3.Annotation) string {
	text := ""
	for _, n := range stu3.Notes(list) {
		text = joinLine(text, n)
	}
	return text
}
