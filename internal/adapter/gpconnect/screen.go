package gpconnect

import (
	"strings"

	"ribble/internal/adapter/internal/stu3"
	"ribble/internal/record"
)

// screen takes out of the answer, before anything is mapped, what must not become a row: entries about somebody else, entries removed by
// the source, entries whose meaning is changed by a mark that is not known here, and entries that do not say about whom they are.
func (r *reading) screen() {
	r.meetPatients()
	for n := range r.items {
		r.screenOne(int32(n))
	}
}

func (r *reading) screenOne(n int32) {
	it := &r.items[n]
	whose := r.whose(n)
	if whose == somebodyElse {
		r.answer.Foreign++
		r.place(n, record.Quarantined)
	}
	switch section, clinical := homeOf(it.entity); {
	case it.placed:
	case structural(it.entity):
		r.place(n, record.Structural)
	case nested(it.entity):
		r.place(n, record.Unreadable)
		r.remark(section, record.Uninterpretable, unreadableShape)
	case it.entity.Common().Modified():
		r.place(n, record.Unreadable)
		r.remark(section, record.Uninterpretable, "An entry carries a mark that changes its meaning and is not known here. It is not shown.")
	case statusOf(it.entity) == "entered-in-error" || statusOf(it.entity) == "nullified":
		r.place(n, record.Removed)
	case clinical && whose == nobody:
		r.place(n, record.Unreadable)
		r.remark(section, record.Uninterpretable, "An entry does not say whom it is about. It is not shown.")
	}
}

// meetPatients reports every patient resource as the practice holds it, and learns which of them are the traced person.
func (r *reading) meetPatients() {
	first := ""
	for n := range r.items {
		patient, ok := r.items[n].entity.(*stu3.Patient)
		if !ok || r.items[n].placed {
			continue
		}
		details := r.demographics(int32(n), patient)
		r.answer.Patients = append(r.answer.Patients, details)
		r.items[n].used = true
		if r.isPerson(details.Identifiers) {
			r.people[patient.ID] = true
		}
		if first == "" {
			first = patient.ID
		}
	}
	if len(r.people) == 0 && first != "" {
		r.people[first] = true
	}
}

func (r *reading) isPerson(list []record.Identifier) bool {
	for _, id := range list {
		if id.System == record.NHSNumberSystem && r.isNumber(id.Value) {
			return true
		}
	}
	return false
}

func (r *reading) isNumber(value string) bool {
	number, err := record.ParseNHSNumber(value)
	if err != nil {
		return false
	}
	if number == r.ask.Person.NHSNumber {
		return true
	}
	for _, old := range r.ask.Person.Superseded {
		if number == old {
			return true
		}
	}
	return false
}

// owner is whom an entry is about.
type owner uint8

const (
	thisPerson owner = iota
	somebodyElse
	nobody
)

// whose judges the subject of an item, by reference and by identifier: either one that points elsewhere makes it somebody else's.
func (r *reading) whose(n int32) owner {
	about := r.items[n].entity.About()
	if about == nil {
		return thisPerson
	}
	verdict := nobody
	if about.Reference != "" && !strings.Contains(about.Reference, " ") {
		if verdict = r.whoseReference(n, about.Reference); verdict == somebodyElse {
			return verdict
		}
	}
	if id := about.Identifier; id != nil && id.System == record.NHSNumberSystem && id.Value != "" {
		if !r.isNumber(id.Value) {
			return somebodyElse
		}
		verdict = thisPerson
	}
	return verdict
}

func (r *reading) whoseReference(n int32, reference string) owner {
	key, ok := parseReference(reference)
	switch {
	case strings.HasPrefix(reference, "#"):
		inner, found := r.find(n, reference)
		if !found {
			return nobody
		}
		key = record.ItemKey{Type: r.items[inner].base.ResourceType, ID: r.items[inner].base.ID}
	case !ok:
		return somebodyElse
	}
	switch {
	case key.Type != "Patient":
		return nobody
	case r.people[key.ID]:
		return thisPerson
	}
	return somebodyElse
}

// homeOf is the section to which a remark about an entity belongs, and whether the entity must say whom it is about.
func homeOf(entity stu3.Entity) (section record.Section, clinical bool) {
	switch e := entity.(type) {
	case *stu3.AllergyIntolerance:
		return record.Allergies, true
	case *stu3.MedicationStatement, *stu3.MedicationRequest:
		return record.Medicines, true
	case *stu3.Medication:
		return record.Medicines, false
	case *stu3.Condition:
		return record.Problems, true
	case *stu3.DiagnosticReport:
		return record.Results, true
	case *stu3.Specimen:
		return record.Results, false
	case *stu3.Encounter:
		return record.Consultations, true
	case *stu3.Immunization:
		return record.Immunisations, true
	case *stu3.ReferralRequest:
		return record.Referrals, true
	case *stu3.ProcedureRequest:
		if isRecall(e) {
			return record.Appointments, true
		}
		return record.Results, true
	case *stu3.DocumentReference:
		return record.Documents, true
	case *stu3.Observation, *stu3.QuestionnaireResponse:
		return record.Other, true
	case *stu3.Generic:
		return record.Other, !administrative(e.ResourceType)
	}
	return record.Other, false
}

// structural reports the resources that carry the message and no entry of their own.
func structural(entity stu3.Entity) bool {
	switch e := entity.(type) {
	case *stu3.List, *stu3.OperationOutcome:
		return true
	case *stu3.Generic:
		return e.ResourceType == "MessageHeader" || e.ResourceType == "Parameters"
	}
	return false
}

// nested reports a message inside the message: what it holds was not counted, so it must not pass for read.
func nested(entity stu3.Entity) bool {
	_, message := entity.(*stu3.Bundle)
	return message
}

// administrative reports the types without a struct that rows may use, and that are never rows.
func administrative(resourceType string) bool {
	switch resourceType {
	case "Provenance", "AuditEvent", "Device", "Substance", "BodySite", "Media", "Endpoint", "Schedule", "Slot":
		return true
	}
	return false
}

// statusOf is the status by which a source removes an entry.
func statusOf(entity stu3.Entity) string {
	switch e := entity.(type) {
	case *stu3.AllergyIntolerance:
		return e.VerificationStatus
	case *stu3.Condition:
		return e.VerificationStatus
	case *stu3.Observation:
		return e.Status
	case *stu3.MedicationStatement:
		return e.Status
	case *stu3.MedicationRequest:
		return e.Status
	case *stu3.Immunization:
		return e.Status
	case *stu3.DiagnosticReport:
		return e.Status
	case *stu3.Encounter:
		return e.Status
	case *stu3.ReferralRequest:
		return e.Status
	case *stu3.ProcedureRequest:
		return e.Status
	case *stu3.DocumentReference:
		return e.Status
	case *stu3.QuestionnaireResponse:
		return e.Status
	case *stu3.Specimen:
		return e.Status
	case *stu3.Generic:
		return e.Status.Text
	}
	return ""
}
