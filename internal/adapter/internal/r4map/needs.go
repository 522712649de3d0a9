package r4map

import "ribble/internal/adapter/internal/r4"

// needs yields the references of a resource whose targets a row names; nil ones may be among them.
func needs(r r4.Resource, yield func(*r4.Reference)) {
	each := func(list []r4.Reference) {
		for i := range list {
			yield(&list[i])
		}
	}
	people := func(list []r4.Person) {
		for i := range list {
			yield(&list[i].Actor)
		}
	}
	switch r := r.(type) {
	case *r4.AllergyIntolerance:
		yield(r.Recorder)
		yield(r.Asserter)
	case *r4.Condition:
		yield(r.Recorder)
		yield(r.Asserter)
	case *r4.Procedure:
		people(r.Performer)
		yield(r.Location)
	case *r4.Immunization:
		people(r.Performer)
		yield(r.Location)
		yield(r.Manufacturer)
	case *r4.MedicationRequest:
		yield(r.MedicationReference)
		yield(r.Requester)
	case *r4.MedicationStatement:
		yield(r.MedicationReference)
		yield(r.InformationSource)
	case *r4.MedicationDispense:
		yield(r.MedicationReference)
		people(r.Performer)
	case *r4.MedicationAdministration:
		yield(r.MedicationReference)
		people(r.Performer)
	case *r4.Observation:
		each(r.Performer)
		each(r.HasMember)
		yield(r.Specimen)
		yield(r.Device)
	case *r4.DiagnosticReport:
		each(r.Result)
		each(r.Specimen)
		each(r.Performer)
		each(r.ResultsInterpreter)
		each(r.BasedOn)
		each(r.ImagingStudy)
	default:
		needsOfCare(r, yield, each)
	}
}

func needsOfCare(r r4.Resource, yield func(*r4.Reference), each func([]r4.Reference)) {
	switch r := r.(type) {
	case *r4.Encounter:
		for i := range r.Participant {
			yield(r.Participant[i].Individual)
		}
		for i := range r.Location {
			yield(&r.Location[i].Location)
		}
		yield(r.ServiceProvider)
	case *r4.EpisodeOfCare:
		yield(r.ManagingOrganization)
		yield(r.CareManager)
	case *r4.Appointment:
		for i := range r.Participant {
			yield(r.Participant[i].Actor)
		}
	case *r4.ServiceRequest:
		yield(r.Requester)
		each(r.Performer)
	case *r4.Task:
		yield(r.Owner)
		yield(r.Requester)
	case *r4.DeviceRequest:
		yield(r.CodeReference)
	case *r4.CarePlan:
		yield(r.Author)
	case *r4.Flag:
		yield(r.Author)
	case *r4.CareTeam:
		for i := range r.Participant {
			yield(r.Participant[i].Member)
		}
	case *r4.DocumentReference:
		each(r.Author)
		yield(r.Custodian)
	case *r4.Composition:
		each(r.Author)
		yield(r.Custodian)
	case *r4.PractitionerRole:
		yield(r.Practitioner)
		yield(r.Organization)
	}
}
