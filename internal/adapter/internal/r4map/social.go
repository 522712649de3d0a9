package r4map

import (
	"ribble/internal/adapter/internal/r4"
	"ribble/internal/record"
)

// held replaces the codes by which a council says that it does not hold a detail by those words (section 17).
func held(c record.Concept) record.Concept {
	for _, k := range c.Codings {
		if k.Code == "DNH-SL" || k.Code == "DNH-IL" {
			return record.Concept{Text: "not held by the council", Codings: c.Codings}
		}
	}
	return c
}

func (m *mapper) heldAll(list []r4.CodeableConcept) []record.Concept {
	out := m.conceptsOf(list)
	for i := range out {
		out[i] = held(out[i])
	}
	return out
}

func (m *mapper) showSocial(i int, e *record.SocialCareEntry) {
	named(&e.Head, e.What, "The source did not name this entry.")
	if m.show(record.SocialCare, i, &e.Head) {
		m.chart.SocialCare = append(m.chart.SocialCare, *e)
	}
}

// service is an episode of social care.
func (m *mapper) service(i int, r *r4.EpisodeOfCare) {
	e := record.SocialCareEntry{
		Head: m.head(i, r.Identifier, r.Status), Kind: record.CareService, Provider: m.actor(r.ManagingOrganization, i), Manager: m.actor(r.CareManager, i),
		Group: held(r4.Find(r.Extension, "Extension-Interweave-SocialCareServiceCategory").Concept()), History: history(r.StatusHistory),
	}
	types := m.heldAll(r.Type)
	if len(types) > 0 {
		e.What = types[0]
		for _, further := range types[1:] {
			fact(&e.Head, "Also", m.said(further))
		}
	}
	e.When = r.Period.Period()
	if trigger := r4.Find(r.Extension, "Extension-Interweave-SocialCareServiceTrigger"); trigger != nil {
		fact(&e.Head, "Started because of", firstOf(trigger.Words(), m.said(m.meaning(trigger.ValueReference, i))))
	}
	for n := range r.ReferralRequest {
		fact(&e.Head, "Following", r.ReferralRequest[n].Display)
	}
	for _, a := range m.actors(r.Team, i) {
		fact(&e.Head, "Team", a.Display())
	}
	contradicted(&e.Head, r.Status, r.StatusHistory)
	m.showSocial(i, &e)
}

func firstOf(texts ...string) string {
	for _, t := range texts {
		if t != "" {
			return t
		}
	}
	return ""
}

// supportReason is a condition that says why a person is supported; its period is its own, not an onset.
func (m *mapper) supportReason(i int, r *r4.Condition) {
	e := record.SocialCareEntry{
		Head: m.conditionHead(i, r), Kind: record.SupportReason, What: held(r.Code.Concept()),
		Primary: r4.Find(r.Extension, "Extension-Interweave-SocialCarePrimarySupportReason").True(),
	}
	if groups := m.heldAll(r.Category); len(groups) > 0 {
		e.Group = groups[0]
	}
	if period := r4.Find(r.Extension, "Extension-Interweave-SocialCareSupportReasonPeriod"); period != nil {
		e.When = period.ValuePeriod.Period()
	}
	m.showSocial(i, &e)
}

// task maps an assessment; a task about a request belongs to the request, any other is shown in general form.
func (m *mapper) task(i int, r *r4.Task) {
	if !isAssessment(r) && m.Declared["Task"] != record.SocialCare {
		m.otherTask(i, r)
		return
	}
	e := record.SocialCareEntry{Head: m.head(i, r.Identifier, r.Status), Kind: record.CareAssessment, What: held(r.Code.Concept()), Provider: m.actor(r.Owner, i)}
	e.When, e.Recorded, e.Notes = r.ExecutionPeriod.Period(), record.ParseDate(r.AuthoredOn), r4.Notes(nil, r.Note)
	// The local name stands in the text; what kind of assessment it is, in the code.
	if kind := (record.Concept{Codings: e.What.Codings}).Name(); kind != e.What.Name() {
		e.Group = record.Words(kind)
	}
	for n := range r.Extension {
		x := &r.Extension[n]
		switch r4.LastPart(x.URL) {
		case "Extension-Interweave-SocialCareAssessmentOutcome":
			e.Outcomes = append(e.Outcomes, held(x.Concept()))
		case "Extension-Interweave-SocialCareAssessmentPerformer":
			e.PerformedBy = append(e.PerformedBy, m.one(x.ValueReference, i)...)
		}
	}
	fact(&e.Head, "Changed", record.ParseDate(r.LastModified).Display())
	fact(&e.Head, "Reason for status", m.said(r.StatusReason.Concept()))
	fact(&e.Head, "Description", r.Description)
	for n := range r.BasedOn {
		fact(&e.Head, "Following", m.taskName(&r.BasedOn[n], i))
	}
	for n := range r.Output {
		fact(&e.Head, "Report", m.output(&r.Output[n], i))
	}
	m.showSocial(i, &e)
}

func (m *mapper) taskName(ref *r4.Reference, from int) string {
	if t, _ := get[r4.Task](m, ref, from); t != nil {
		return m.said(t.Code.Concept())
	}
	if s, _ := get[r4.ServiceRequest](m, ref, from); s != nil && len(s.ReasonCode) > 0 {
		return m.said(s.ReasonCode[0].Concept())
	}
	return ref.Display
}

func (m *mapper) output(o *r4.TaskOutput, from int) string {
	if d, _ := get[r4.DocumentReference](m, o.ValueReference, from); d != nil {
		if record.Restricted(documentLabels(d)) {
			// The name of a document for few eyes stays with the document.
			return ""
		}
		return firstOf(d.Description, m.said(d.Type.Concept()))
	}
	if o.ValueReference != nil && o.ValueReference.Display != "" {
		return o.ValueReference.Display
	}
	return firstOf(o.ValueString, m.said(o.Type.Concept()))
}

// contact is somebody's request to the council.
func (m *mapper) contact(i int, r *r4.ServiceRequest) {
	e := record.SocialCareEntry{Head: m.serviceHead(i, r), Kind: record.CareContact, Requester: held(r4.Find(r.Extension, "Extension-Interweave-SocialCareRequesterType").Concept())}
	// Intent is a constant in these resources and says nothing.
	e.Phase, e.Facts = phaseOf("ServiceRequest", r.Status), nil
	e.When = r4.When(r.OccurrenceDateTime, r.OccurrencePeriod)
	reasons := m.heldAll(r.ReasonCode)
	if len(reasons) > 0 {
		e.What = reasons[0]
		for _, further := range reasons[1:] {
			fact(&e.Head, "Also", m.said(further))
		}
	} else {
		e.What = r.Code.Concept()
	}
	if r.PatientInstruction != "" {
		e.Notes = append(e.Notes, r.PatientInstruction)
	}
	if to := m.actors(r.Performer, i); len(to) > 0 {
		e.Provider = to[0]
	}
	e.AssertedBy = m.one(r.Requester, i)
	m.taskStatus(i, &e.Head)
	m.showSocial(i, &e)
}

// placing says what the states of an equipment request mean in the council's words [Interweave].
var placing = map[string]string{"draft": "requested, not yet placed", "active": "in place", "completed": "removed", "cancelled": "refused", "revoked": "refused"}

// deviceRequest is a piece of equipment.
func (m *mapper) deviceRequest(i int, r *r4.DeviceRequest) {
	e := record.SocialCareEntry{Head: m.head(i, r.Identifier, r.Status), Kind: record.Equipment, What: held(r.CodeCodeableConcept.Concept()), Provider: m.actor(r.Performer, i)}
	if e.What.IsZero() {
		e.What = record.Words(m.device(r.CodeReference, i))
	}
	e.When, e.Recorded = r4.When(r.OccurrenceDateTime, r.OccurrencePeriod), record.ParseDate(r.AuthoredOn)
	e.AssertedBy, e.Notes = m.one(r.Requester, i), r4.Notes(nil, r.Note)
	e.Within(m.ref(r.Encounter, i))
	fact(&e.Head, "Placing", placing[r.Status])
	for _, c := range r.ReasonCode {
		fact(&e.Head, "Reason", m.said(c.Concept()))
	}
	m.showSocial(i, &e)
}
