package r4map

import (
	"ribble/internal/adapter/internal/r4"
	"ribble/internal/record"
)

// serviceRequest maps sections 10, 11 (requested, no result yet), 12 and 17.
func (m *mapper) serviceRequest(i int, r *r4.ServiceRequest) {
	switch home := m.serviceHome(r); home {
	case record.SocialCare:
		m.contact(i, r)
	case record.Results, record.Imaging:
		m.awaited(home, i, r)
	default:
		m.referral(i, r)
	}
}

// serviceHead is what every service request has; a request not to do something says so first.
func (m *mapper) serviceHead(i int, r *r4.ServiceRequest) record.Head {
	h := m.head(i, r.Identifier, r.Status)
	h.Phase = intended(h.Phase, r.Intent, "proposal", "plan", "option")
	if r.DoNotPerform {
		h.Phase, h.RawStatus = record.NotDone, joined(h.RawStatus, "request not to do this")
	}
	h.Recorded = record.ParseDate(r.AuthoredOn)
	h.Notes = r4.Notes(nil, r.Note)
	h.Within(m.ref(r.Encounter, i))
	fact(&h, "For", r4.When(r.OccurrenceDateTime, r.OccurrencePeriod).Display())
	return h
}

func (m *mapper) referral(i int, r *r4.ServiceRequest) {
	e := record.Referral{
		Head: m.serviceHead(i, r), Service: r.Code.Concept(), Specialty: r.PerformerType.Concept(), Urgency: r.Priority,
		From: m.one(r.Requester, i), To: m.actors(r.Performer, i), Attachments: m.refs(r.SupportingInfo, i),
	}
	e.When = record.On(e.Recorded)
	e.Reason = first(r.ReasonCode, &e.Head, "Reason")
	for n := range r.ReasonReference {
		if why := m.meaning(&r.ReasonReference[n], i); e.Reason.IsZero() {
			e.Reason = why
		} else {
			fact(&e.Head, "Reason", m.said(why))
		}
	}
	if r.Requisition != nil {
		e.RequestNumber = r.Requisition.Value
	}
	for _, id := range r.Identifier {
		// The number of the electronic referral service is spelt in two ways (trap T36).
		if part := r4.LastPart(id.System); part == "UBRN" || part == "ubr-number" {
			e.RequestNumber = id.Value
		}
	}
	e.Urgency = joined(e.Urgency, r4.Find(r.Extension, "Extension-UKCore-PriorityReason").Words())
	fact(&e.Head, "Source of request", r4.Find(r.Extension, "Extension-UKCore-SourceOfServiceRequest").Words())
	for _, c := range r.Category {
		fact(&e.Head, "Category", m.said(c.Concept()))
	}
	for n := range r.LocationReference {
		fact(&e.Head, "Place", m.actor(&r.LocationReference[n], i).Name)
	}
	fact(&e.Head, "Instruction", r.PatientInstruction)
	m.taskStatus(i, &e.Head)
	if e.Service.IsZero() {
		named(&e.Head, e.Reason, "The source gave neither a reason nor a service.")
	}
	if m.show(record.Referrals, i, &e.Head) {
		m.chart.Referrals = append(m.chart.Referrals, e)
	}
}

// taskStatus adds the status of tasks that are about a request; such a task is no row of its own.
func (m *mapper) taskStatus(i int, h *record.Head) {
	for at := range m.items {
		t, ok := m.items[at].r.(*r4.Task)
		if !ok || m.items[at].placed || t.Focus == nil || m.find(t.Focus, at) != i {
			continue
		}
		m.use(at)
		fact(h, "Progress", joined(t.Status, m.said(t.BusinessStatus.Concept()), m.said(t.StatusReason.Concept()), record.ParseDate(t.LastModified).Display()))
		h.Notes = append(h.Notes, r4.Notes(nil, t.Note)...)
	}
}

// awaited is an investigation that was asked for and of which no report came.
func (m *mapper) awaited(s record.Section, i int, r *r4.ServiceRequest) {
	e := record.Report{Head: m.serviceHead(i, r), Name: r.Code.Concept(), Categories: m.conceptsOf(r.Category), NoReport: true}
	e.When = record.On(e.Recorded)
	rare := e.Add()
	rare.Sites = m.conceptsOf(r.BodySite)
	if !e.Name.IsZero() {
		rare.Requested = []record.Concept{e.Name}
	}
	rare.Requested = append(rare.Requested, m.conceptsOf(r.OrderDetail)...)
	for _, c := range r.ReasonCode {
		rare.RequestedWhy = joined(rare.RequestedWhy, m.said(c.Concept()))
	}
	for n := range r.Specimen {
		m.specimen(&r.Specimen[n], i, &e)
	}
	fact(&e.Head, "Requested by", m.actor(r.Requester, i).Display())
	fact(&e.Head, "Priority", r.Priority)
	fact(&e.Head, "Report", "requested, no result sent")
	m.taskStatus(i, &e.Head)
	m.showReport(s, i, &e)
}
