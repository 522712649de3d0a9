package gpsystem

import (
	"strconv"

	"ribble/internal/sandbox/story"
)

const prescriptionTypes = "https://fhir.nhs.uk/STU3/CodeSystem/CareConnect-PrescriptionType-1"

// medicines writes for every authorisation a Medication, a MedicationStatement, a plan and its issues.
func (r *record) medicines() {
	lists := r.listing(story.Medication)
	for i := range r.holding.Medicines {
		m := &r.holding.Medicines[i]
		entry := m.EntryID(story.KindMedicine, i)
		since := window{Start: r.ask.medicationSince}
		if !r.wanted(story.Medication, entry) || !since.holds(or(m.LastIssued, m.Authorised.Start)) {
			continue
		}
		r.medicine(m, entry)
		lists.note(entry, "MedicationStatement/"+r.id(entry+"-statement"), &m.Head)
	}
	lists.write()
}

func (r *record) medicine(m *story.Medicine, entry string) {
	if !m.MissingProductName {
		r.add("Medication", r.id(entry+"-product"), &story.Head{}, func() { r.concept("code", m.Product) })
	}
	r.add("MedicationStatement", r.id(entry+"-statement"), &m.Head, func() { r.statement(m, entry) })
	r.add("MedicationRequest", r.id(entry), &m.Head, func() { r.plan(m, entry) })
	if !r.ask.issues || m.MissingIssues {
		return
	}
	for n := range m.Issues {
		issue := &m.Issues[n]
		id := r.id(or(issue.ID, entry+"-issue-"+strconv.Itoa(n+1)))
		r.add("MedicationRequest", id, &story.Head{}, func() { r.issue(m, issue, entry, id) })
	}
}

func (r *record) productRef(entry string) {
	r.Reference("medicationReference", "Medication/"+r.id(entry+"-product"), "")
}

func medicineStatus(m *story.Medicine) string {
	if m.EnteredInError {
		return "entered-in-error"
	}
	return or(m.Status, "active")
}

func (r *record) statement(m *story.Medicine, entry string) {
	r.List("extension", func() {
		r.Extension(gpConnect+"MedicationStatementLastIssueDate-1", func() { r.String("valueDateTime", m.LastIssued) })
		r.agency(m)
	})
	r.identify(&m.Head, r.id(entry+"-statement"))
	r.References("basedOn", "MedicationRequest/"+r.id(entry))
	if context := r.encounterOf(&m.Head, entry); context != "" {
		r.Reference("context", context, "")
	}
	r.String("status", medicineStatus(m))
	r.productRef(entry)
	r.Period("effectivePeriod", m.Authorised)
	r.String("dateAsserted", or(m.Recorded, m.Authorised.Start))
	r.subject("subject", &m.Head)
	r.String("taken", "unk")
	notes := m.Notes
	if m.PharmacyNote != "" {
		notes = append(append([]string(nil), notes...), "Pharmacy Notes: "+m.PharmacyNote)
	}
	r.Notes(notes)
	r.dosage("dosage", m)
}

// agency: where it is prescribed matters more than anything else about a medicine the practice did not prescribe.
func (r *record) agency(m *story.Medicine) {
	agency := story.Coded("https://fhir.nhs.uk/STU3/CodeSystem/CareConnect-PrescribingAgency-1",
		"prescribed-at-gp-practice", "Prescribed at GP practice")
	if m.Elsewhere != "" {
		agency.Codes[0].Value, agency.Codes[0].Display = "prescribed-by-another-organisation", "Prescribed by another organisation"
		agency.Text = m.Elsewhere
	}
	r.ConceptExtension(gpConnect+"PrescribingAgency-1", agency)
}

func (r *record) dosage(name string, m *story.Medicine) {
	r.List(name, func() {
		r.Object("", func() {
			r.String("text", or(m.Dose, "No information available"))
			r.String("patientInstruction", m.Instruction)
		})
	})
}

func (r *record) plan(m *story.Medicine, entry string) {
	r.List("extension", func() {
		if m.RepeatsAllowed+m.RepeatsIssued > 0 || m.RepeatsUntil != "" {
			r.repeats(m)
		}
		if m.Stopped != "" || m.StopReason != "" {
			r.statusReason(m)
		}
		r.course(m.Course)
	})
	r.identify(&m.Head, r.id(entry))
	r.String("status", medicineStatus(m))
	r.String("intent", "plan")
	r.productRef(entry)
	r.subject("subject", &m.Head)
	if context := r.encounterOf(&m.Head, entry); context != "" {
		r.Reference("context", context, "")
	}
	r.String("authoredOn", or(m.Recorded, m.Authorised.Start))
	if m.RecordedBy != (story.Actor{}) {
		r.Object("requester", func() { r.actor("agent", m.RecordedBy) })
		r.actor("recorder", m.RecordedBy)
	}
	r.Notes(m.Notes)
	r.dosage("dosageInstruction", m)
	r.dispenseRequest(m.Authorised, supply{m.Quantity, m.QuantityWords, m.SupplyDays}, story.Actor{})
	if m.Prior != "" {
		r.Reference("priorPrescription", r.target(m.Prior, "MedicationRequest"), "")
	}
}

func (r *record) course(c story.Course) {
	display := map[story.Course]string{
		story.Acute: "Acute", story.Repeat: "Repeat", story.RepeatDispensing: "Repeat dispensing", story.Delayed: "Delayed prescribing",
	}
	if c != "" {
		r.ConceptExtension(gpConnect+"PrescriptionType-1", story.Coded(prescriptionTypes, string(c), display[c]))
	}
}

func (r *record) repeats(m *story.Medicine) {
	number := "valuePositiveInt"
	if r.dialect.unsignedRepeats {
		number = "valueUnsignedInt"
	}
	r.Extension(gpConnect+"MedicationRepeatInformation-1", func() {
		r.List("extension", func() {
			r.Extension("numberOfRepeatPrescriptionsAllowed", func() { r.Int(number, m.RepeatsAllowed) })
			r.Extension("numberOfRepeatPrescriptionsIssued", func() { r.Int(number, m.RepeatsIssued) })
			r.Extension("authorisationExpiryDate", func() { r.String("valueDateTime", m.RepeatsUntil) })
		})
	})
}

func (r *record) statusReason(m *story.Medicine) {
	r.Extension(gpConnect+"MedicationStatusReason-1", func() {
		r.List("extension", func() {
			r.Extension("statusReason", func() {
				r.Concept("valueCodeableConcept", story.Words(or(m.StopReason, "No information available")))
			})
			r.Extension("statusChangeDate", func() { r.String("valueDateTime", m.Stopped) })
		})
	})
}

// supply is how much is prescribed at once.
type supply struct {
	quantity story.Quantity
	words    string
	days     int
}

func (r *record) dispenseRequest(valid story.Period, s supply, dispenser story.Actor) {
	r.Object("dispenseRequest", func() {
		r.Period("validityPeriod", valid)
		r.quantity(s)
		if s.days > 0 {
			r.Quantity("expectedSupplyDuration", story.Quantity{Value: strconv.Itoa(s.days), Unit: "day", Code: "d"})
		}
		r.actor("performer", dispenser)
	})
}

// quantity: the suppliers differ in whether they resolve the amount into number and unit.
func (r *record) quantity(s supply) {
	words := s.words
	if r.dialect.quantityAsText && words == "" && s.quantity.Value != "" {
		words = s.quantity.Value
		if s.quantity.Unit != "" {
			words += " " + s.quantity.Unit
		}
	}
	if words == "" {
		r.Quantity("quantity", s.quantity)
		return
	}
	r.Object("quantity", func() {
		r.List("extension", func() {
			r.Extension(gpConnect+"MedicationQuantityText-1", func() { r.String("valueString", words) })
		})
	})
}

func (r *record) issue(m *story.Medicine, issue *story.Issue, entry, id string) {
	r.List("extension", func() { r.course(m.Course) })
	r.identify(&story.Head{}, id)
	r.References("basedOn", "MedicationRequest/"+r.id(entry))
	if issue.EPS != "" {
		r.Identifier("groupIdentifier", story.Identifier{Value: issue.EPS})
	}
	r.String("status", or(issue.Status, "completed"))
	r.String("intent", "order")
	r.productRef(entry)
	r.subject("subject", &m.Head)
	r.String("authoredOn", r.issuedOn(m, issue))
	by := issue.By
	if by == (story.Actor{}) {
		by = m.RecordedBy
	}
	if by != (story.Actor{}) {
		r.Object("requester", func() { r.actor("agent", by) })
		r.actor("recorder", by)
	}
	r.Notes(notes(issue.Note))
	r.dosage("dosageInstruction", m)
	amount := supply{issue.Quantity, issue.QuantityWords, issue.SupplyDays}
	if amount == (supply{}) {
		amount = supply{m.Quantity, m.QuantityWords, m.SupplyDays}
	}
	r.dispenseRequest(story.Period{Start: issue.On, End: issue.Until}, amount, issue.Dispenser)
}

// issuedOn: the issues of a repeat-dispensing medicine carry the date of their plan (HAZ 87).
func (r *record) issuedOn(m *story.Medicine, issue *story.Issue) string {
	if m.Course == story.RepeatDispensing {
		return or(m.Recorded, m.Authorised.Start)
	}
	return issue.On
}

func notes(one string) []string {
	if one == "" {
		return nil
	}
	return []string{one}
}
