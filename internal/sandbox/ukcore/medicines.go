package ukcore

import (
	"strconv"

	"ribble/internal/sandbox/story"
)

// Medicines renders MedicationRequest or MedicationStatement with Medication, MedicationAdministration and
// MedicationDispense (sections.md 3).
func (s *Sheet) Medicines() {
	for i := range s.Holding.Medicines {
		m := &s.Holding.Medicines[i]
		entry := m.EntryID(story.KindMedicine, i)
		if m.ByReference && !m.MissingProductName {
			s.Add("Medication", s.ID(entry+"-product"), &story.Head{}, func() { s.Concept("code", m.Product) })
		}
		id := s.ID(entry)
		if m.StatementOnly {
			s.Add("MedicationStatement", id, &m.Head, func() { s.statement(m, id) })
		} else {
			s.Add("MedicationRequest", id, &m.Head, func() { s.request(m, id) })
		}
		s.given(m, entry)
		s.dispensed(m, entry)
	}
}

func (s *Sheet) product(m *story.Medicine, id string) {
	if m.ByReference || m.MissingProductName {
		s.Ref("medicationReference", "medication", "Medication/"+id+"-product", "")
		return
	}
	s.Concept("medicationCodeableConcept", m.Product)
}

func (s *Sheet) request(m *story.Medicine, id string) {
	s.Date(m.Recorded)
	s.List("extension", func() {
		if m.RepeatsAllowed+m.RepeatsIssued > 0 {
			s.repeats(m)
		}
	})
	s.Identify("MedicationRequest", id, &m.Head)
	s.String("status", Status(&m.Head, m.Status, "active"))
	s.Concept("statusReason", story.Words(m.StopReason))
	s.String("intent", or(m.Intent, "order"))
	s.List("category", func() { s.Code("", terminology+"medicationrequest-category", m.Category, "") })
	s.product(m, id)
	s.Subject("subject", &m.Head)
	s.Encounter(&m.Head)
	s.String("authoredOn", m.Recorded)
	s.Actor("requester", "requester", m.RecordedBy)
	s.Concepts("reasonCode", m.Reason)
	s.Code("courseOfTherapyType", courseSystem(m.Course), string(m.Course), "")
	s.Notes(m.Notes)
	s.dosage("dosageInstruction", m)
	s.Object("dispenseRequest", func() {
		s.Period("validityPeriod", m.Authorised)
		s.Quantity("quantity", m.Quantity)
		s.supply("expectedSupplyDuration", m.SupplyDays)
	})
	if m.Prior != "" {
		s.Ref("priorPrescription", "prior", s.Target(m.Prior, "MedicationRequest"), "")
	}
}

// courseSystem: acute is a base FHIR course, the repeat kinds are UK Core's own.
func courseSystem(c story.Course) string {
	if c == story.Acute {
		return terminology + "medicationrequest-course-of-therapy"
	}
	return CodeBase + "UKCore-MedicationRequestCourseOfTherapy"
}

func (s *Sheet) repeats(m *story.Medicine) {
	s.Extension(Base+"Extension-UKCore-MedicationRepeatInformation", func() {
		s.List("extension", func() {
			s.Extension("numberOfPrescriptionsIssued", func() { s.Int("valueUnsignedInt", m.RepeatsIssued) })
			s.Extension("authorisationExpiryDate", func() { s.String("valueDateTime", m.RepeatsUntil) })
		})
	})
}

func (s *Sheet) supply(name string, days int) {
	if days > 0 {
		s.Quantity(name, story.Quantity{Value: strconv.Itoa(days), Unit: "day", Code: "d"})
	}
}

func (s *Sheet) dosage(name string, m *story.Medicine) {
	s.List(name, func() {
		s.Object("", func() {
			s.String("text", m.Dose)
			s.String("patientInstruction", m.Instruction)
			s.Concept("route", m.Route)
			s.List("doseAndRate", func() {
				s.Object("", func() { s.Quantity("doseQuantity", m.DoseQuantity) })
			})
		})
	})
}

func (s *Sheet) statement(m *story.Medicine, id string) {
	s.Date(m.Authorised.Start)
	s.List("extension", func() {
		s.Extension(Base+"Extension-UKCore-MedicationStatementLastIssueDate", func() { s.String("valueDateTime", m.LastIssued) })
	})
	s.Identify("MedicationStatement", id, &m.Head)
	s.String("status", Status(&m.Head, m.Status, "active"))
	s.Concepts("statusReason", story.Words(m.StopReason))
	s.Code("category", terminology+"medication-statement-category", m.Category, "")
	s.product(m, id)
	s.Subject("subject", &m.Head)
	s.Period("effectivePeriod", m.Authorised)
	s.String("dateAsserted", m.Recorded)
	s.Actor("informationSource", "source", m.AssertedBy)
	s.Concepts("reasonCode", m.Reason)
	s.Notes(m.Notes)
	s.dosage("dosage", m)
}

func (s *Sheet) given(m *story.Medicine, entry string) {
	for n, g := range m.Given {
		id := s.ID(entry + "-given-" + strconv.Itoa(n+1))
		s.Add("MedicationAdministration", id, &story.Head{}, func() {
			s.Date(g.When)
			s.Identify("MedicationAdministration", id, &story.Head{})
			s.String("status", or(g.Status, "completed"))
			s.Concepts("statusReason", g.Reason)
			s.Concept("medicationCodeableConcept", m.Product)
			s.Subject("subject", &m.Head)
			s.Ref("request", "request", s.requestRef(m, entry), "")
			s.String("effectiveDateTime", g.When)
			if target, _ := s.ActorRef(g.By); target != "" {
				s.List("performer", func() { s.Object("", func() { s.Actor("actor", "performer", g.By) }) })
			}
			s.Object("dosage", func() {
				s.String("text", g.Words)
				s.Concept("route", g.Route)
				s.Quantity("dose", g.Dose)
			})
		})
	}
}

func (s *Sheet) requestRef(m *story.Medicine, entry string) string {
	if m.StatementOnly {
		return ""
	}
	return "MedicationRequest/" + s.ID(entry)
}

func (s *Sheet) dispensed(m *story.Medicine, entry string) {
	for n, d := range m.Dispensed {
		id := s.ID(entry + "-dispense-" + strconv.Itoa(n+1))
		s.Add("MedicationDispense", id, &story.Head{}, func() {
			s.Date(d.When)
			s.Identify("MedicationDispense", id, &story.Head{})
			s.String("status", or(d.Status, "completed"))
			s.Concept("medicationCodeableConcept", m.Product)
			s.Subject("subject", &m.Head)
			if target, _ := s.ActorRef(d.By); target != "" {
				s.List("performer", func() { s.Object("", func() { s.Actor("actor", "performer", d.By) }) })
			}
			s.List("authorizingPrescription", func() { s.Ref("", "prescription", s.requestRef(m, entry), "") })
			s.Quantity("quantity", d.Quantity)
			s.String("whenHandedOver", d.When)
		})
	}
}
