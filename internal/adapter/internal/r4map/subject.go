package r4map

import "ribble/internal/adapter/internal/r4"

// subjectOf gives the reference that says about whom a resource is, and whether a clinical entry of the type must say so.
func subjectOf(r r4.Resource) (subject *r4.Reference, clinical bool) {
	switch r := r.(type) {
	case *r4.AllergyIntolerance:
		return &r.Patient, true
	case *r4.Condition:
		return &r.Subject, true
	case *r4.Procedure:
		return &r.Subject, true
	case *r4.Immunization:
		return &r.Patient, true
	case *r4.FamilyMemberHistory:
		return &r.Patient, true
	case *r4.MedicationRequest:
		return &r.Subject, true
	case *r4.MedicationStatement:
		return &r.Subject, true
	case *r4.MedicationDispense:
		return &r.Subject, true
	case *r4.MedicationAdministration:
		return &r.Subject, true
	case *r4.Observation:
		return &r.Subject, true
	case *r4.DiagnosticReport:
		return &r.Subject, true
	case *r4.ImagingStudy:
		return &r.Subject, true
	case *r4.Specimen:
		return &r.Subject, false
	case *r4.Device:
		return r.Patient, false
	case *r4.General:
		return r.Subject, false
	}
	return subjectOfCare(r)
}

func subjectOfCare(r r4.Resource) (subject *r4.Reference, clinical bool) {
	switch r := r.(type) {
	case *r4.Encounter:
		return &r.Subject, true
	case *r4.EpisodeOfCare:
		return &r.Patient, true
	case *r4.CarePlan:
		return &r.Subject, true
	case *r4.Goal:
		return &r.Subject, true
	case *r4.QuestionnaireResponse:
		return r.Subject, true
	case *r4.Flag:
		return &r.Subject, true
	case *r4.Consent:
		return r.Patient, true
	case *r4.CareTeam:
		return r.Subject, true
	case *r4.ServiceRequest:
		return &r.Subject, true
	case *r4.Task:
		return r.For, true
	case *r4.DeviceRequest:
		return &r.Subject, true
	case *r4.DocumentReference:
		return r.Subject, true
	case *r4.Composition:
		return r.Subject, true
	case *r4.RelatedPerson:
		return &r.Patient, true
	case *r4.List:
		return r.Subject, false
	}
	return nil, false
}

// statusOf is the status word that tells whether a source has withdrawn a resource.
func statusOf(r r4.Resource) string {
	switch r := r.(type) {
	case *r4.AllergyIntolerance:
		return r.VerificationStatus.Code()
	case *r4.Condition:
		return r.VerificationStatus.Code()
	case *r4.Procedure:
		return r.Status
	case *r4.Immunization:
		return r.Status
	case *r4.FamilyMemberHistory:
		return r.Status
	case *r4.MedicationRequest:
		return r.Status
	case *r4.MedicationStatement:
		return r.Status
	case *r4.MedicationDispense:
		return r.Status
	case *r4.MedicationAdministration:
		return r.Status
	case *r4.Observation:
		return r.Status
	case *r4.DiagnosticReport:
		return r.Status
	case *r4.ImagingStudy:
		return r.Status
	case *r4.General:
		return r.Status
	}
	return statusOfCare(r)
}

func statusOfCare(r r4.Resource) string {
	switch r := r.(type) {
	case *r4.Encounter:
		return r.Status
	case *r4.EpisodeOfCare:
		return r.Status
	case *r4.Appointment:
		return r.Status
	case *r4.CarePlan:
		return r.Status
	case *r4.Goal:
		return r.LifecycleStatus
	case *r4.QuestionnaireResponse:
		return r.Status
	case *r4.Flag:
		return r.Status
	case *r4.Consent:
		return r.Status
	case *r4.CareTeam:
		return r.Status
	case *r4.ServiceRequest:
		return r.Status
	case *r4.Task:
		return r.Status
	case *r4.DeviceRequest:
		return r.Status
	case *r4.DocumentReference:
		if r.DocStatus == "entered-in-error" {
			return r.DocStatus
		}
		return r.Status
	case *r4.Composition:
		return r.Status
	}
	return ""
}
