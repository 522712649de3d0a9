package r4map

import (
	"ribble/internal/adapter/internal/r4"
	"ribble/internal/record"
)

// join notes, before anything is mapped, which supplies, statements and orders belong to which request (R4 pairing of section 3).
func (m *mapper) join() {
	for i := range m.items {
		if m.items[i].placed {
			continue
		}
		switch r := m.items[i].r.(type) {
		case *r4.MedicationRequest:
			// An order joins its plan; a plan that is based on something is still a plan.
			if r.Intent == "order" || r.Intent == "instance-order" || r.Intent == "filler-order" {
				m.joinTo(i, r.BasedOn...)
			}
		case *r4.MedicationStatement:
			m.joinTo(i, r.BasedOn...)
		case *r4.MedicationDispense:
			m.joinTo(i, r.AuthorizingPrescription...)
		case *r4.MedicationAdministration:
			if r.Request != nil {
				m.joinTo(i, *r.Request)
			}
		}
	}
}

func (m *mapper) joinTo(i int, refs ...r4.Reference) {
	for n := range refs {
		if r, at := get[r4.MedicationRequest](m, &refs[n], i); r != nil && at != i && !m.items[at].placed {
			m.supplies[at] = append(m.supplies[at], i)
			return
		}
	}
}

// belongs reports whether a request is the order of a plan that was received and will take it in. An order in a circle of orders belongs
// to nobody.
func (m *mapper) belongs(i int, r *r4.MedicationRequest) bool {
	for n := range r.BasedOn {
		if plan, at := get[r4.MedicationRequest](m, &r.BasedOn[n], i); plan != nil && at != i && !m.items[at].placed && plan.Intent == "plan" && r.Intent != "plan" {
			return true
		}
	}
	return false
}

// request maps a medication request with all that belongs to it.
func (m *mapper) request(i int, r *r4.MedicationRequest) {
	if m.belongs(i, r) {
		return
	}
	e := record.Medicine{
		Head: m.head(i, r.Identifier, r.Status), Product: m.product(r.MedicationCodeableConcept, r.MedicationReference, i),
		Course: course(r.CourseOfTherapyType, r.Category, r.Extension), Reasons: m.conceptsOf(r.ReasonCode), Prior: m.ref(r.PriorPrescription, i),
	}
	m.requestHead(i, r, &e)
	m.dosage(r.DosageInstruction, &e)
	m.dispensing(i, r, &e)
	repeats(r.Extension, &e)
	for _, s := range m.supplies[i] {
		m.supply(s, &e)
	}
	m.medicine(i, &e)
}

func (m *mapper) requestHead(i int, r *r4.MedicationRequest, e *record.Medicine) {
	e.Phase = intended(e.Phase, r.Intent, "proposal", "option")
	if r.DoNotPerform {
		e.Phase, e.RawStatus = record.NotDone, joined(e.RawStatus, "request not to give")
	}
	e.Recorded = record.ParseDate(r.AuthoredOn)
	e.When = record.On(e.Recorded)
	e.AssertedBy, e.RecordedBy = m.one(r.Requester, i), m.one(r.Recorder, i)
	e.Notes = r4.Notes(nil, r.Note)
	e.Within(m.ref(r.Encounter, i))
	for n := range r.ReasonReference {
		e.Reasons = append(e.Reasons, m.meaning(&r.ReasonReference[n], i))
	}
	// An order is what a request is: only what is less, or more, needs a word.
	if r.Intent != "order" {
		fact(&e.Head, "Intent", r.Intent)
	}
	if r.Priority != "routine" {
		fact(&e.Head, "Priority", r.Priority)
	}
	if r.Status == "stopped" || r.Status == "cancelled" || e.Phase == record.Ended {
		e.StopReason = m.said(r.StatusReason.Concept())
	} else {
		fact(&e.Head, "Reason for status", m.said(r.StatusReason.Concept()))
	}
	if r.ReportedReference != nil || r.ReportedBoolean != nil && *r.ReportedBoolean {
		fact(&e.Head, "Reported", joined("not prescribed here", m.actor(r.ReportedReference, i).Name))
	}
}

func (m *mapper) dispensing(i int, r *r4.MedicationRequest, e *record.Medicine) {
	if r.GroupIdentifier != nil {
		fact(&e.Head, "Prescription", r.GroupIdentifier.Value)
	}
	d := r.DispenseRequest
	if d == nil {
		return
	}
	if d.ValidityPeriod != (r4.Period{}) {
		e.When = d.ValidityPeriod.Period()
	}
	e.RepeatsAllowed, e.Quantity, e.Supply = string(d.NumberOfRepeatsAllowed), d.Quantity.Words(), d.ExpectedSupplyDuration.Words()
	fact(&e.Head, "To be dispensed by", m.actor(d.Performer, i).Name)
}

// medicine checks and shows a medicine.
func (m *mapper) medicine(i int, e *record.Medicine) {
	named(&e.Head, e.Product, "Medicine not named by the source.")
	m.dated(&e.Head, e.Recorded)
	if m.show(record.Medicines, i, &e.Head) {
		m.chart.Medicines = append(m.chart.Medicines, *e)
	}
}

// product is the medicine by code or through the Medication that was sent; what it is made of stands in for a missing name.
func (m *mapper) product(c *r4.CodeableConcept, ref *r4.Reference, from int) record.Concept {
	if c != nil {
		return c.Concept()
	}
	med, at := get[r4.Medication](m, ref, from)
	if med == nil {
		if ref == nil {
			return record.Concept{}
		}
		return record.Words(ref.Display)
	}
	m.use(at)
	if out := med.Code.Concept(); !out.IsZero() {
		return out
	}
	made := ""
	for n := range med.Ingredient {
		made = joined(made, m.said(med.Ingredient[n].ItemCodeableConcept.Concept()))
	}
	return record.Words(made)
}

// courses are the codes for how a medicine is supplied, of CourseOfTherapyType and UKCore-PrescriptionType.
var courses = map[string]record.MedicineCourse{
	"acute": record.Acute, "continuous": record.Repeat, "repeat": record.Repeat, "repeat-dispensing": record.RepeatDispensing,
	"continuous-repeat-dispensing": record.RepeatDispensing, "delayed-prescribing": record.Delayed, "delayed": record.Delayed,
	"acute-handwritten": record.Acute, "repeat-handwritten": record.Repeat,
}

func course(therapy r4.CodeableConcept, category []r4.CodeableConcept, extensions []r4.Extension) record.MedicineCourse {
	prescription := r4.Find(extensions, "Extension-UKCore-PrescriptionType").Concept()
	if c, ok := known(courses, r4.CodeableConcept(prescription), therapy); ok {
		return c
	}
	switch {
	case coded("discharge", category...):
		return record.Discharge
	case coded("inpatient", category...):
		return record.Administered
	}
	return record.CourseUnknown
}

// repeats reads the UK Core extensions on who prescribes, and on repeats, last issue and changes.
func repeats(extensions []r4.Extension, e *record.Medicine) {
	for n := range extensions {
		x := &extensions[n]
		switch r4.LastPart(x.URL) {
		case "Extension-UKCore-MedicationRepeatInformation":
			if allowed := x.Part("numberOfRepeatPrescriptionsAllowed").Words(); allowed != "" {
				e.RepeatsAllowed = allowed
			}
			e.RepeatsIssued, e.RepeatExpiry = x.Part("numberOfRepeatPrescriptionsIssued").Words(), x.Part("authorisationExpiryDate").Date()
		case "Extension-UKCore-MedicationStatementLastIssueDate":
			e.LastIssued = x.Date()
		case "Extension-UKCore-MedicationPrescribingOrganizationType", "Extension-UKCore-MedicationPrescribingOrganization", "Extension-UKCore-PrescribingAgency":
			e.PrescribedBy = x.Words()
			e.PrescribedElsewhere = coded("prescribed-by-another-organisation", r4.CodeableConcept(x.Concept()))
		case "Extension-UKCore-MedicationChangeSummary":
			change(x, e)
		}
	}
}

func change(x *r4.Extension, e *record.Medicine) {
	fact(&e.Head, "Change", joined(x.Part("status").Words(), x.Part("indicationForChange").Words(), x.Part("dateOfChange").Words()))
}

// dosage takes the text as sent; without one, the parts in the order of the standard, and never a sentence of our own.
func (m *mapper) dosage(list []r4.Dosage, e *record.Medicine) {
	for n := range list {
		d := &list[n]
		e.Dose = joined(e.Dose, d.Text)
		e.PatientInstruction = joined(e.PatientInstruction, d.PatientInstruction)
		for _, c := range d.AdditionalInstruction {
			e.PatientInstruction = joined(e.PatientInstruction, m.said(c.Concept()))
		}
		if d.Text == "" {
			e.DoseParts = append(e.DoseParts, m.doseParts(d)...)
		}
	}
}

func (m *mapper) doseParts(d *r4.Dosage) []string {
	var parts []string
	add := func(label, text string) {
		if text != "" {
			parts = append(parts, label+" "+text)
		}
	}
	for n := range d.DoseAndRate {
		r := &d.DoseAndRate[n]
		add("dose", r.DoseQuantity.Words())
		add("dose", r.DoseRange.Words())
		add("rate", r.RateQuantity.Words())
		add("rate", r.RateRatio.Words())
		add("rate", r.RateRange.Words())
	}
	if t := d.Timing; t != nil {
		add("timing", m.said(t.Code.Concept()))
		if t.Repeat != nil {
			add("frequency", repeatWords(t.Repeat))
		}
	}
	if d.AsNeededConcept != nil {
		add("as needed for", m.said(d.AsNeededConcept.Concept()))
	} else if d.AsNeededBoolean != nil && *d.AsNeededBoolean {
		parts = append(parts, "as needed")
	}
	add("route", m.said(d.Route.Concept()))
	add("site", m.said(d.Site.Concept()))
	add("method", m.said(d.Method.Concept()))
	return parts
}

// repeatWords lists the numbers of a timing beside their own names.
func repeatWords(r *r4.Repeat) string {
	out := string(r.Frequency)
	if r.FrequencyMax != "" {
		out += " to " + string(r.FrequencyMax)
	}
	if r.Period != "" {
		out = joined(out, "period "+string(r.Period)+" "+r.PeriodUnit)
	}
	for _, list := range [...][]string{r.DayOfWeek, r.TimeOfDay, r.When} {
		out = joined(append([]string{out}, list...)...)
	}
	return out
}
