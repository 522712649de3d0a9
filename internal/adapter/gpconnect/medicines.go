package gpconnect

import (
	"ribble/internal/adapter/internal/stu3"
	"ribble/internal/record"
)

// mapMedicines pairs each statement with its plan and the issues of that plan (GP Connect 1.6, medication resource relationships); a plan
// or an issue without its other half is a row of its own.
func (r *reading) mapMedicines(order []int32) {
	for _, n := range order {
		if e, ok := r.items[n].entity.(*stu3.MedicationStatement); ok && r.open(n) {
			r.mapStatement(n, e)
		}
	}
	for _, n := range order {
		if e, ok := r.items[n].entity.(*stu3.MedicationRequest); ok && r.open(n) && e.Intent != "order" {
			r.mapPlan(n, e)
		}
	}
	for _, n := range order {
		if e, ok := r.items[n].entity.(*stu3.MedicationRequest); ok && r.open(n) {
			r.mapIssue(n, e)
		}
	}
}

func (r *reading) mapStatement(n int32, e *stu3.MedicationStatement) {
	m := record.Medicine{Head: r.head(n, e.Identifier), Product: r.product(n, &e.MedicationReference, e.MedicationCodeableConcept)}
	m.Phase, m.RawStatus = phaseOf(e.Status), e.Status
	m.When, m.Recorded = stu3.When(e.EffectiveDateTime, e.EffectivePeriod), record.ParseDate(e.DateAsserted)
	m.AssertedBy = r.actor(n, e.InformationSource)
	m.Notes, m.Reasons = stu3.Notes(e.Note), stu3.Concepts(e.ReasonCode)
	m.Dose, m.PatientInstruction = dose(e.Dosage)
	r.within(&m.Head, n, e.Context)
	readStatementExtensions(&m, e.Extension)
	for i := range e.BasedOn {
		plan, found := r.find(n, e.BasedOn[i].Reference)
		request, ok := r.request(plan, found)
		if ok && request.Intent != "order" && r.coverIn(&m.Head, plan) {
			r.items[plan].row = int32(len(r.answer.Chart.Medicines))
			r.addPlan(&m, plan, request)
			if request.MedicationReference.Reference != e.MedicationReference.Reference {
				m.Coded(r.product(plan, &request.MedicationReference, request.MedicationCodeableConcept).Codings)
			}
		}
	}
	r.finishMedicine(n, m)
}

func (r *reading) request(n int32, found bool) (*stu3.MedicationRequest, bool) {
	if !found {
		return nil, false
	}
	e, ok := r.items[n].entity.(*stu3.MedicationRequest)
	return e, ok
}

func (r *reading) finishMedicine(n int32, m record.Medicine) {
	r.check(&m.Head, m.Product, m.LastIssued, m.RepeatExpiry, m.StoppedOn)
	r.show(n)
	r.answer.Chart.Medicines = append(r.answer.Chart.Medicines, m)
}

func readStatementExtensions(m *record.Medicine, list []stu3.Extension) {
	for i := range list {
		switch e := &list[i]; {
		case e.Named("Extension-CareConnect-GPC-MedicationStatementLastIssueDate-1", "Extension-CareConnect-MedicationStatementLastIssueDate-1"):
			m.LastIssued = record.ParseDate(e.ValueDateTime)
		case e.Named("Extension-CareConnect-MedicationStatementDosageLastChanged-1", "Extension-CareConnect-GPC-MedicationStatementDosageLastChanged-1"):
			fact(&m.Head, "Dosage last changed", record.ParseDate(e.ValueDateTime).Display())
		case e.Named("Extension-CareConnect-GPC-PrescribingAgency-1", "Extension-CareConnect-PrescribingAgency-1") && e.ValueCodeableConcept != nil:
			readAgency(m, e.ValueCodeableConcept)
		}
	}
}

// readAgency tells medicines prescribed elsewhere; the text, if there is one, says where (HAZ 86).
func readAgency(m *record.Medicine, c *stu3.CodeableConcept) {
	for i := range c.Coding {
		m.PrescribedElsewhere = m.PrescribedElsewhere || c.Coding[i].Code == "prescribed-by-another-organisation"
	}
	m.PrescribedBy = c.Record().Name()
}

// addPlan adds what only the authorisation says.
func (r *reading) addPlan(m *record.Medicine, n int32, e *stu3.MedicationRequest) {
	m.Identifiers = append(m.Identifiers, stu3.RecordIdentifiers(e.Identifier)...)
	m.RecordedBy = r.actor(n, e.Recorder)
	m.AssertedBy = append(m.AssertedBy, r.actor(n, e.Requester.Agent)...)
	fact(&m.Head, "Prescribed on behalf of", r.organisation(n, e.Requester.OnBehalfOf))
	m.Notes = append(m.Notes, stu3.Notes(e.Note)...)
	m.Reasons = append(m.Reasons, stu3.Concepts(e.ReasonCode)...)
	m.Prior = r.ref(n, e.PriorPrescription)
	m.Quantity, m.Supply = supplied(&e.DispenseRequest)
	if e.DispenseRequest.Performer.Reference != "" || e.DispenseRequest.Performer.Display != "" {
		fact(&m.Head, "Dispenser", r.organisation(n, e.DispenseRequest.Performer))
	}
	text, patient := dose(e.DosageInstruction)
	m.Dose = onPlan(&m.Head, "Dose on the authorisation", m.Dose, text)
	m.PatientInstruction = onPlan(&m.Head, "Instruction on the authorisation", m.PatientInstruction, patient)
	if m.Encounter().IsZero() {
		r.within(&m.Head, n, e.Context)
	}
	readPlanExtensions(m, e.Extension)
}

func readPlanExtensions(m *record.Medicine, list []stu3.Extension) {
	for i := range list {
		switch e := &list[i]; {
		case e.Named("Extension-CareConnect-GPC-PrescriptionType-1", "Extension-CareConnect-PrescriptionType-1") && e.ValueCodeableConcept != nil:
			m.Course = courseOf(e.ValueCodeableConcept)
			beside(&m.Head, *e.ValueCodeableConcept)
			if m.Course == record.CourseUnknown {
				fact(&m.Head, "Prescription type", e.ValueCodeableConcept.Record().Name())
			}
		case e.Named("Extension-CareConnect-GPC-MedicationRepeatInformation-1", "Extension-CareConnect-MedicationRepeatInformation-1"):
			readRepeats(m, e.Extension)
		case e.Named("Extension-CareConnect-GPC-MedicationStatusReason-1", "Extension-CareConnect-MedicationStatusReason-1"):
			readStop(m, e.Extension)
		}
	}
}

func courseOf(c *stu3.CodeableConcept) record.MedicineCourse {
	for i := range c.Coding {
		switch c.Coding[i].Code {
		case "acute":
			return record.Acute
		case "repeat":
			return record.Repeat
		case "repeat-dispensing":
			return record.RepeatDispensing
		case "delayed-prescribing", "delayed":
			return record.Delayed
		}
	}
	return record.CourseUnknown
}

func readRepeats(m *record.Medicine, list []stu3.Extension) {
	for i := range list {
		number := string(list[i].ValuePositiveInt + list[i].ValueUnsignedInt)
		switch list[i].URL {
		case "numberOfRepeatPrescriptionsAllowed":
			m.RepeatsAllowed = number
		case "numberOfRepeatPrescriptionsIssued":
			m.RepeatsIssued = number
		case "authorisationExpiryDate":
			m.RepeatExpiry = record.ParseDate(list[i].ValueDateTime + list[i].ValueDate)
		}
	}
}

func readStop(m *record.Medicine, list []stu3.Extension) {
	if date, ok := stu3.Find(list, "statusChangeDate"); ok {
		m.StoppedOn = record.ParseDate(date.ValueDateTime)
	}
	if reason, ok := stu3.Find(list, "statusReason"); ok && reason.ValueCodeableConcept != nil {
		m.StopReason = reason.ValueCodeableConcept.Record().Name()
		beside(&m.Head, *reason.ValueCodeableConcept)
	}
}

// mapPlan shows an authorisation that no statement speaks for.
func (r *reading) mapPlan(n int32, e *stu3.MedicationRequest) {
	m := record.Medicine{Head: r.head(n, nil), Product: r.product(n, &e.MedicationReference, e.MedicationCodeableConcept)}
	m.Phase, m.RawStatus = phaseOf(e.Status), e.Status
	if e.Intent == "proposal" || e.Intent == "option" {
		m.Phase = record.Planned
	}
	m.When, m.Recorded = e.DispenseRequest.ValidityPeriod.Record(), record.ParseDate(e.AuthoredOn)
	r.addPlan(&m, n, e)
	r.items[n].row = int32(len(r.answer.Chart.Medicines))
	r.finishMedicine(n, m)
}

// mapIssue puts an issue under its plan; without one it is a row of its own.
func (r *reading) mapIssue(n int32, e *stu3.MedicationRequest) {
	for i := range e.BasedOn {
		plan, found := r.find(n, e.BasedOn[i].Reference)
		if request, ok := r.request(plan, found); ok && r.items[plan].row >= 0 {
			m := &r.answer.Chart.Medicines[r.items[plan].row]
			if r.coverIn(&m.Head, n) {
				r.otherProduct(m, n, e, request)
				m.Issued = append(m.Issued, r.issue(n, e))
			}
			return
		}
	}
	m := record.Medicine{Head: r.head(n, e.Identifier), Product: r.product(n, &e.MedicationReference, e.MedicationCodeableConcept)}
	m.Phase, m.RawStatus = phaseOf(e.Status), e.Status
	m.When = e.DispenseRequest.ValidityPeriod.Record()
	r.addPlan(&m, n, e)
	m.Identifiers = stu3.RecordIdentifiers(e.Identifier)
	issue := r.issue(n, e)
	issue.Notes = nil
	m.Issued = []record.MedicineIssue{issue}
	fact(&m.Head, "Shown alone", "The authorisation of this issue was not sent.")
	r.finishMedicine(n, m)
}

// issue is one issue. Its date is the start of the validity period: authoredOn of repeat dispensing is that of the plan (HAZ 87).
func (r *reading) issue(n int32, e *stu3.MedicationRequest) record.MedicineIssue {
	out := record.MedicineIssue{Key: r.items[n].key, Status: e.Status, EPS: e.GroupIdentifier.Value, Notes: stu3.Notes(e.Note)}
	out.On = record.ParseDate(e.DispenseRequest.ValidityPeriod.Start)
	if out.On.IsZero() {
		out.On = record.ParseDate(e.AuthoredOn)
	}
	out.Quantity, out.Supply = supplied(&e.DispenseRequest)
	out.Dose, _ = dose(e.DosageInstruction)
	out.By = r.organisation(n, e.DispenseRequest.Performer)
	return out
}

// product is the name of the medicine; one that was not sent is said to be so.
func (r *reading) product(n int32, ref *stu3.Reference, inline stu3.CodeableConcept) record.Concept {
	if found, ok := r.find(n, ref.Reference); ok {
		if e, medication := r.items[found].entity.(*stu3.Medication); medication && (r.open(found) || r.items[found].fate == record.Used) {
			r.items[found].used = true
			return e.Code.Record()
		}
	}
	switch words := wordsOf(*ref); {
	case !inline.IsZero():
		return inline.Record()
	case words != "":
		return record.Words(words)
	}
	return record.Words("Medicine not named by source")
}

// onPlan gives what the statement says, or what the plan says where the statement says nothing; when they differ the plan's words are kept too.
func onPlan(h *record.Head, label, stated, planned string) string {
	if stated == "" {
		return planned
	}
	if planned != "" && planned != stated {
		fact(h, label, planned)
	}
	return stated
}

// dose is the dosage text and the instruction to the person, several in order.
func dose(list []stu3.Dosage) (text, instruction string) {
	for i := range list {
		text = joinLine(text, list[i].Text)
		instruction = joinLine(instruction, list[i].PatientInstruction)
	}
	return text, instruction
}

func joinLine(a, b string) string {
	if a == "" || b == "" {
		return a + b
	}
	return a + "\n" + b
}

func supplied(d *stu3.DispenseRequest) (quantity, supply string) {
	return d.Quantity.Record().Display(), d.ExpectedSupplyDuration.Record().Display()
}
