package r4map

import (
	"ribble/internal/adapter/internal/r4"
	"ribble/internal/record"
)

// supply joins a statement, an order, a dispense or an administration to its request.
func (m *mapper) supply(s int, e *record.Medicine) {
	if !m.take(s) {
		return
	}
	key := m.items[s].key
	switch r := m.items[s].r.(type) {
	case *r4.MedicationStatement:
		m.statementOf(r, e)
	case *r4.MedicationRequest:
		issue := record.MedicineIssue{Key: key, On: record.ParseDate(r.AuthoredOn), Status: r.Status, Notes: r4.Notes(nil, r.Note)}
		if r.GroupIdentifier != nil {
			issue.EPS = r.GroupIdentifier.Value
		}
		if d := r.DispenseRequest; d != nil {
			issue.Quantity, issue.Supply = d.Quantity.Words(), d.ExpectedSupplyDuration.Words()
			if d.ValidityPeriod.Start != "" {
				issue.On = record.ParseDate(d.ValidityPeriod.Start)
			}
		}
		issue.Dose = m.doseWords(r.DosageInstruction)
		e.Issued = append(e.Issued, issue)
		// What was dispensed on the order stands beside it, under the same plan.
		for _, further := range m.supplies[s] {
			m.supply(further, e)
		}
	case *r4.MedicationDispense:
		e.Issued = append(e.Issued, m.dispensed(s, r))
	case *r4.MedicationAdministration:
		e.Issued = append(e.Issued, m.given(s, r))
	}
}

// statementOf adds what a statement says about its request; where the two differ, both stay readable.
func (m *mapper) statementOf(r *r4.MedicationStatement, e *record.Medicine) {
	if r.Status != e.RawStatus {
		fact(&e.Head, "Status of the statement", r.Status)
	}
	if r.EffectivePeriod != nil || r.EffectiveDateTime != "" {
		fact(&e.Head, "Taken", r4.When(r.EffectiveDateTime, r.EffectivePeriod).Display())
	}
	if e.Dose == "" && len(e.DoseParts) == 0 {
		m.dosage(r.Dosage, e)
	} else {
		fact(&e.Head, "Dose in the statement", m.doseWords(r.Dosage))
	}
	repeats(r.Extension, e)
	e.Notes = append(e.Notes, r4.Notes(nil, r.Note)...)
	for _, c := range r.StatusReason {
		fact(&e.Head, "Reason for status", m.said(c.Concept()))
	}
}

func (m *mapper) doseWords(list []r4.Dosage) string {
	var e record.Medicine
	m.dosage(list, &e)
	return joined(append([]string{e.Dose}, e.DoseParts...)...)
}

func (m *mapper) dispensed(i int, r *r4.MedicationDispense) record.MedicineIssue {
	on := r.WhenHandedOver
	if on == "" {
		on = r.WhenPrepared
	}
	by := m.performers(r.Performer, i)
	issue := record.MedicineIssue{
		Key: m.items[i].key, On: record.ParseDate(on), Quantity: r.Quantity.Words(), Supply: r.DaysSupply.Words(),
		Status: joined(r.Status, m.said(r.StatusReasonConcept.Concept())), Dose: m.doseWords(r.DosageInstruction), Notes: r4.Notes(nil, r.Note),
	}
	if len(by) > 0 {
		issue.By = by[0].Display()
	} else {
		issue.By = m.actor(r.Location, i).Name
	}
	return issue
}

func (m *mapper) given(i int, r *r4.MedicationAdministration) record.MedicineIssue {
	issue := record.MedicineIssue{
		Key: m.items[i].key, On: r4.When(r.EffectiveDateTime, r.EffectivePeriod).Start, Status: r.Status, Notes: r4.Notes(nil, r.Note),
	}
	for _, c := range r.StatusReason {
		issue.Status = joined(issue.Status, m.said(c.Concept()))
	}
	if d := r.Dosage; d != nil {
		issue.Quantity = d.Dose.Words()
		issue.Dose = joined(d.Text, d.RateQuantity.Words(), d.RateRatio.Words(), m.said(d.Route.Concept()), m.said(d.Site.Concept()), m.said(d.Method.Concept()))
	}
	if by := m.performers(r.Performer, i); len(by) > 0 {
		issue.By = by[0].Display()
	}
	return issue
}

// statement maps a statement that belongs to no request received.
func (m *mapper) statement(i int, r *r4.MedicationStatement) {
	e := record.Medicine{
		Head: m.head(i, r.Identifier, r.Status), Product: m.product(r.MedicationCodeableConcept, r.MedicationReference, i),
		Course: course(r4.CodeableConcept{}, []r4.CodeableConcept{r.Category}, r.Extension), Reasons: m.conceptsOf(r.ReasonCode),
	}
	e.When, e.Recorded = r4.When(r.EffectiveDateTime, r.EffectivePeriod), record.ParseDate(r.DateAsserted)
	e.AssertedBy, e.Notes = m.one(r.InformationSource, i), r4.Notes(nil, r.Note)
	e.Within(m.ref(r.Context, i))
	for n := range r.ReasonReference {
		e.Reasons = append(e.Reasons, m.meaning(&r.ReasonReference[n], i))
	}
	for _, c := range r.StatusReason {
		if e.Phase == record.Ended {
			e.StopReason = joined(e.StopReason, m.said(c.Concept()))
		} else {
			fact(&e.Head, "Reason for status", m.said(c.Concept()))
		}
	}
	m.dosage(r.Dosage, &e)
	repeats(r.Extension, &e)
	m.medicine(i, &e)
}

// dispense maps a supply whose prescription was not received.
func (m *mapper) dispense(i int, r *r4.MedicationDispense) {
	e := record.Medicine{
		Head: m.head(i, r.Identifier, r.Status), Product: m.product(r.MedicationCodeableConcept, r.MedicationReference, i),
	}
	issue := m.dispensed(i, r)
	e.When, e.LastIssued, e.Quantity, e.Supply = record.On(issue.On), issue.On, issue.Quantity, issue.Supply
	e.PerformedBy, e.Notes = m.performers(r.Performer, i), issue.Notes
	e.Within(m.ref(r.Context, i))
	m.dosage(r.DosageInstruction, &e)
	fact(&e.Head, "Kind of entry", "supplied by a pharmacy; the prescription was not sent")
	m.medicine(i, &e)
}

// administration maps a dose given whose order was not received.
func (m *mapper) administration(i int, r *r4.MedicationAdministration) {
	e := record.Medicine{
		Head: m.head(i, r.Identifier, r.Status), Product: m.product(r.MedicationCodeableConcept, r.MedicationReference, i),
		Course: record.Administered, Reasons: m.conceptsOf(r.ReasonCode),
	}
	issue := m.given(i, r)
	e.When = r4.When(r.EffectiveDateTime, r.EffectivePeriod)
	e.Dose, e.Quantity, e.Notes = issue.Dose, issue.Quantity, issue.Notes
	e.PerformedBy = m.performers(r.Performer, i)
	e.Within(m.ref(r.Context, i))
	m.dated(&e.Head, e.When.Start)
	m.medicine(i, &e)
}
