// Package r4map maps the FHIR R4 resources of one answer to the record, section by section, so that every resource gets exactly one fate.
package r4map

import (
	"strconv"
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
	// roles gives the PractitionerRole that names a practitioner; nothing points at it.
	roles map[int]int
	// requests, studies and medicines join what refers to each other across resource types.
	supplies map[int][]int
	// unread and odd count by section what could not be shown and why.
	unread, odd [record.NumSections]int
}

// Map places every resource of the set: entries into the answer's chart, fates into its account, states of what could not be read into its
// coverage. It does not settle the answer.
func Map(a *record.Answer, s *Set, o Options) {
	m := &mapper{Options: o, Set: s, answer: a, chart: &a.Chart, roles: map[int]int{}, supplies: map[int][]int{}}
	m.ownBase(o.Patient)
	m.vet()
	m.room()
	m.join()
	m.first()
	for i := range m.items {
		if !m.items[i].placed {
			m.map1(i)
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

// map1 maps one resource that nothing has taken in.
func (m *mapper) map1(i int) {
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
		m.mapCare(i)
	}
}

func (m *mapper) mapCare(i int) {
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

// put gives an item its fate, once.
func (m *mapper) put(i int, f record.Fate) {
	if it := &m.items[i]; !it.placed {
		it.placed, it.fate = true, f
	}
}

// use marks what an entry names without being a row itself.
func (m *mapper) use(i int) { m.put(i, record.Used) }

// take marks an item as part of the entry being built; false when it has a fate already.
func (m *mapper) take(i int) bool {
	if m.items[i].placed {
		return false
	}
	m.items[i].placed = true
	m.taken = append(m.taken, i)
	return true
}

// show places the item and all it took in, and reports whether the section may be shown; if not, they are held back together.
func (m *mapper) show(s record.Section, i int, h *record.Head) bool {
	shown := m.Asked.Has(s)
	fate := record.HeldBack
	if shown {
		fate = record.Shown
	}
	m.items[i].fate = fate
	if len(m.taken) > 0 {
		h.Covers = make([]record.ItemKey, 0, len(m.taken))
	}
	for _, t := range m.taken {
		m.items[t].fate = fate
		h.Covers = append(h.Covers, m.items[t].key)
	}
	m.taken = m.taken[:0]
	return shown
}

// also reports whether a second showing may stand in the section, and marks the head as such.
func (m *mapper) also(s record.Section, h *record.Head) bool {
	h.CrossListed, h.Covers = true, nil
	return m.Asked.Has(s)
}

// head begins an entry: from here on nothing else may take the item in, and show must follow.
func (m *mapper) head(i int, identifiers []r4.Identifier, status string) record.Head {
	it := &m.items[i]
	it.placed = true
	meta := &it.r.Head().Meta
	h := record.Head{
		Source: m.Source, Key: it.key, Identifiers: r4.Identifiers(identifiers), Labels: meta.Labels(),
		RawStatus: status, Phase: phaseOf(it.key.Type, status),
	}
	if name, code := meta.Owner(); code != m.Source.Organisation.ODS {
		h.Owner = name
	}
	if it.versions {
		h.Issues = append(h.Issues, record.Issue{Kind: record.Contradiction, Text: "The source sent two versions of this entry."})
	}
	return h
}

// fact adds a detail unless nothing was sent for it.
func fact(h *record.Head, label, text string) {
	if text != "" {
		h.Facts = append(h.Facts, record.Fact{Label: label, Text: text})
	}
}

// dated checks the dates of an event: one that is none, or that lies in the future.
func (m *mapper) dated(h *record.Head, dates ...record.PartialDate) {
	for _, d := range dates {
		switch {
		case d.Precision == record.Bad:
			h.Issues = append(h.Issues, record.Issue{Kind: record.BadDate, Text: "A date sent is not a valid date."})
		case d.After(m.Now):
			h.Issues = append(h.Issues, record.Issue{Kind: record.FutureDate, Text: "Dated in the future."})
		}
	}
}

// named notes an entry whose code came without words, or not at all.
func named(h *record.Head, c record.Concept, absent string) {
	if c.Name() == "" {
		h.Issues = append(h.Issues, record.Issue{Kind: record.NoName, Text: absent})
	}
}

// tell raises the states of what could not be read, on the sections where it would have stood.
func (m *mapper) tell() {
	for s := range m.Asked.All {
		c := &m.answer.Coverage[s]
		if n := m.unread[s]; n > 0 {
			c.Raise(record.Uninterpretable, count(n, "entry cannot be read safely and is", "entries cannot be read safely and are")+" not shown.")
		}
		if n := m.odd[s]; n > 0 {
			c.Raise(record.Uninterpretable, count(n, "entry was not what was asked for and is", "entries were not what was asked for and are")+" not shown.")
		}
	}
}

func count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return strconv.Itoa(n) + " " + many
}
