package gpconnect

import (
	"ribble/internal/adapter/internal/stu3"
	"ribble/internal/record"
)

func (r *reading) mapReferral(n int32, e *stu3.ReferralRequest) {
	f := record.Referral{
		Head: r.head(n, e.Identifier), Specialty: e.Specialty.Record(), Urgency: e.Priority, Description: e.Description,
		Attachments: r.refs(n, e.SupportingInfo), To: r.actors(n, e.Recipient),
	}
	f.Phase, f.RawStatus = phaseOf(e.Status), e.Status
	f.When = record.On(record.ParseDate(e.AuthoredOn))
	f.From = append(r.actor(n, e.Requester.Agent), r.actor(n, e.Requester.OnBehalfOf)...)
	f.Notes = stu3.Notes(e.Note)
	r.within(&f.Head, n, e.Context)
	f.Reason, f.Service = first(e.ReasonCode), first(e.ServiceRequested)
	for i := 1; i < len(e.ReasonCode); i++ {
		factOf(&f.Head, "Also for", e.ReasonCode[i])
	}
	for i := 1; i < len(e.ServiceRequested); i++ {
		factOf(&f.Head, "Also asked of", e.ServiceRequested[i])
	}
	for _, id := range f.Identifiers {
		if id.System == stu3.UBRN {
			f.RequestNumber = id.Value
		}
	}
	beside(&f.Head, e.Type)
	if f.Reason.IsZero() {
		f.Reason = e.Type.Record()
	}
	r.check(&f.Head, f.Reason)
	r.notFuture(&f.Head)
	r.show(n)
	r.answer.Chart.Referrals = append(r.answer.Chart.Referrals, f)
}

func first(list []stu3.CodeableConcept) record.Concept {
	if len(list) == 0 {
		return record.Concept{}
	}
	return list[0].Record()
}

// isRecall reports a diary entry: a plan, never an event (HAZ 81). Every other request is for a test.
func isRecall(e *stu3.ProcedureRequest) bool {
	return e.Intent == "plan" || e.Intent == "proposal" || e.Intent == "option"
}

func dueOf(e *stu3.ProcedureRequest) record.Period {
	return stu3.When(e.OccurrenceDateTime, e.OccurrencePeriod)
}

// mapRequest shows a recall, or a test request that no report answers.
func (r *reading) mapRequest(n int32, e *stu3.ProcedureRequest) {
	if !isRecall(e) {
		r.mapTestRequest(n, e)
		return
	}
	a := record.Appointment{Head: r.head(n, e.Identifier), Recall: true, Service: e.Code.Record(), Reasons: stu3.Concepts(e.ReasonCode)}
	a.Phase, a.RawStatus = record.Planned, e.Status
	a.When, a.Recorded = dueOf(e), record.ParseDate(e.AuthoredOn)
	a.RecordedBy = r.actor(n, e.Requester.Agent)
	for _, who := range r.actor(n, e.Performer) {
		a.With = append(a.With, record.Participant{Actor: who})
	}
	a.Notes = stu3.Notes(e.Note)
	r.within(&a.Head, n, e.Context)
	refuse(&a.Head, e)
	r.check(&a.Head, a.Service)
	r.show(n)
	r.answer.Chart.Appointments = append(r.answer.Chart.Appointments, a)
}

// refuse marks a request not to do something, whose words otherwise read as its opposite.
func refuse(h *record.Head, e *stu3.ProcedureRequest) {
	if e.DoNotPerform {
		h.Phase, h.RawStatus = record.NotDone, "do not perform"
	}
}

func (r *reading) mapTestRequest(n int32, e *stu3.ProcedureRequest) {
	p := record.Report{Head: r.head(n, e.Identifier), Name: e.Code.Record(), NoReport: true, Lab: r.actor(n, e.Performer)}
	p.Phase, p.RawStatus = phaseOf(e.Status), e.Status
	p.When = record.On(record.ParseDate(e.AuthoredOn))
	p.AssertedBy = r.actor(n, e.Requester.Agent)
	r.within(&p.Head, n, e.Context)
	addRequest(&p, e)
	refuse(&p.Head, e)
	r.check(&p.Head, p.Name)
	r.finishReport(n, p, false)
}
