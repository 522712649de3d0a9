// Package r4map maps the FHIR R4 resources of one answer to the record, section by section, so that every resource gets exactly one fate.
package r4map

import (
	"time"

	"ribble/internal/adapter/internal/r4"
	"ribble/internal/record"
)

// Options say for whom and for what an answer is mapped.
type Options struct {
	// Asked are the sections that may be shown.
	Asked record.Sections
	// Patient is the accepted patient resource.
	Patient *r4.Patient
	Person  record.Person
	// Declared is the section the feed's agreement names for a resource type that could have several homes (rule (c) of section 24).
	Declared map[string]record.Section
	// Source is that of the answer; entries point at it.
	Source *record.SourceRef
	Now    time.Time
}

type mapper struct {
	Options
	*Set
	answer *record.Answer
	chart  *record.Chart
	// taken are the items that the entry being built accounts for.
	taken []int
	// codes are those that it shows in words alone, tells the items whose meaning stands in it, marks the labels of what it uses.
	codes []record.Coding
	tells []record.ItemKey
	marks []record.Label
	// roles gives the PractitionerRole that names a practitioner; nothing points at it.
	roles map[int]int
	// requests, studies and medicines join what refers to each other across resource types.
	supplies map[int][]int
	// The lists that nearly every entry has share their memory.
	parts       space[record.Result]
	singles     space[record.Result]
	identifiers space[record.Identifier]
	people      space[record.Actor]
	words       space[string]
	ranges      space[record.ValueRange]
	concepts    space[record.Concept]
	// stage is the phase that was looked up last, and of which status word: resources of a type mostly follow each other and have the same.
	stage struct {
		resourceType, status string
		phase                record.Phase
	}
	// subject is the reference whose patient was looked up last, and who that is: nearly all entries name theirs alike.
	subject struct {
		reference string
		whose     whoseEntry
	}
	// unread and odd count by section what could not be shown and why.
	unread, odd [record.NumSections]int
}

// Map places every resource of the set: entries into the answer's chart, fates into its account, states of what could not be read into its
// coverage. It does not settle the answer. The set is empty afterwards.
func Map(a *record.Answer, s *Set, o Options) {
	defer s.giveBack()
	m := &mapper{Options: o, Set: s, answer: a, chart: &a.Chart, roles: map[int]int{}, supplies: map[int][]int{}}
	m.ownBase(o.Patient)
	m.vet()
	m.firstRoom()
	m.join()
	m.first()
	m.room()
	for i := range m.items {
		if !m.items[i].placed {
			m.clinical(i)
		}
	}
	m.rest()
	m.tell()
	for i := range m.items {
		it := &m.items[i]
		resourceType := it.key.Type
		if resourceType == "" {
			resourceType = "(no type)"
		}
		a.Account.Receive(resourceType)
		a.Account.Place(resourceType, it.fate)
	}
}

// first maps the resources that take others in, before those others are mapped by themselves.
func (m *mapper) first() {
	for i := range m.items {
		if m.items[i].placed {
			continue
		}
		switch r := m.items[i].r.(type) {
		case *r4.MedicationRequest:
			m.request(i, r)
		case *r4.DiagnosticReport:
			m.report(i, r)
		case *r4.CarePlan:
			m.carePlan(i, r)
		}
	}
	for i := range m.items {
		if r, ok := m.items[i].r.(*r4.Observation); ok && !m.items[i].placed && len(r.HasMember) > 0 {
			m.observation(i, r)
		}
	}
}

// clinical maps one resource that nothing has taken in.
func (m *mapper) clinical(i int) {
	switch r := m.items[i].r.(type) {
	case *r4.AllergyIntolerance:
		m.allergy(i, r)
	case *r4.Condition:
		m.condition(i, r)
	case *r4.Flag:
		m.flag(i, r)
	case *r4.MedicationStatement:
		m.statement(i, r)
	case *r4.MedicationDispense:
		m.dispense(i, r)
	case *r4.MedicationAdministration:
		m.administration(i, r)
	case *r4.Observation:
		m.observation(i, r)
	case *r4.ImagingStudy:
		m.study(i, r)
	case *r4.Immunization:
		m.immunisation(i, r)
	case *r4.Procedure:
		m.procedure(i, r)
	case *r4.FamilyMemberHistory:
		m.family(i, r)
	default:
		m.care(i)
	}
}

// care maps the resources about contacts, requests, plans and people.
func (m *mapper) care(i int) {
	switch r := m.items[i].r.(type) {
	case *r4.Encounter:
		m.encounter(i, r)
	case *r4.EpisodeOfCare:
		m.episode(i, r)
	case *r4.Appointment:
		m.appointment(i, r)
	case *r4.ServiceRequest:
		m.serviceRequest(i, r)
	case *r4.Task:
		m.task(i, r)
	case *r4.DeviceRequest:
		m.deviceRequest(i, r)
	case *r4.Goal:
		m.goal(i, r)
	case *r4.QuestionnaireResponse:
		m.questionnaire(i, r)
	case *r4.Consent:
		m.consent(i, r)
	case *r4.DocumentReference:
		m.document(i, r)
	case *r4.Composition:
		m.composition(i, r)
	case *r4.CareTeam:
		m.careTeam(i, r)
	case *r4.RelatedPerson:
		m.relatedPerson(i, r)
	}
}

// rest gives a fate to what no entry took in. Of what only serves other entries, that is "unreferenced"; anything clinical becomes a row.
func (m *mapper) rest() {
	for i := range m.items {
		if m.items[i].placed {
			continue
		}
		switch r := m.items[i].r.(type) {
		case *r4.Provenance:
			m.provenance(i, r)
		case *r4.List, *r4.Bundle, *r4.OperationOutcome:
			m.put(i, record.Structural)
		case *r4.Practitioner, *r4.PractitionerRole, *r4.Organization, *r4.Medication, *r4.Specimen, *r4.Device, *r4.Binary:
			m.put(i, record.Unreferenced)
		case *r4.General:
			m.general(i, r)
		default:
			m.general(i, &r4.General{Header: *r.Head(), Status: statusOf(r)})
		}
	}
}

func (m *mapper) provenance(i int, r *r4.Provenance) {
	fate := record.Unreferenced
	for t := range r.Target {
		if m.find(&r.Target[t], i) >= 0 {
			fate = record.Used
		}
	}
	// A provenance inside another resource is about that resource.
	if m.items[i].container >= 0 {
		fate = record.Used
	}
	m.put(i, fate)
}
