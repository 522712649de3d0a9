package r4map

import (
	"ribble/internal/adapter/internal/r4"
	"ribble/internal/record"
)

// settings are the encounter classes by setting (section 7); every other class is shown by its words alone.
var settings = map[string]record.Setting{
	"IMP": record.Inpatient, "ACUTE": record.Inpatient, "NONAC": record.Inpatient, "OBSENC": record.Inpatient, "SS": record.Inpatient,
	"EMER": record.Emergency, "EMER-RETURN-U": record.Emergency, "EMER-RETURN-P": record.Emergency, "AMB": record.Outpatient,
	"HH": record.Community, "FLD": record.Community, "VR": record.Virtual, "111": record.Ambulance, "999-EPR": record.Ambulance,
	"999-CAD": record.Ambulance, "PTS": record.Ambulance,
}

// services refine the setting by coded service or treatment function, where the class alone would hide a mental health stay.
var services = map[string]record.Setting{
	"310116007": record.MentalHealth, "310121006": record.MentalHealth, "413294000": record.MentalHealth, "708168004": record.MentalHealth,
	"710": record.MentalHealth, "711": record.MentalHealth, "712": record.MentalHealth, "713": record.MentalHealth, "715": record.MentalHealth,
	"720": record.MentalHealth, "721": record.MentalHealth, "722": record.MentalHealth, "723": record.MentalHealth, "724": record.MentalHealth,
	"725": record.MentalHealth, "726": record.MentalHealth, "727": record.MentalHealth,
}

// encounter maps section 7.
func (m *mapper) encounter(i int, r *r4.Encounter) {
	e := record.Encounter{
		Head: m.head(i, r.Identifier, r.Status), Setting: settings[r.Class.Code], ClassWords: record.Concept(r.Class.Concept()).Name(),
		Types: m.conceptsOf(r.Type), Service: r.ServiceType.Concept(), Reasons: m.conceptsOf(r.ReasonCode), Stay: m.ref(r.PartOf, i),
	}
	practice := r4.CodeableConcept(r4.Find(r.Extension, "Extension-UKCore-PracticeSetting").Concept())
	if s, ok := known(services, r.ServiceType, practice); ok {
		e.Setting = s
	}
	e.When = r.Period.Period()
	fact(&e.Head, "Priority", m.said(r.Priority.Concept()))
	fact(&e.Head, "Specialty", m.said(practice.Concept()))
	fact(&e.Head, "Length", r.Length.Words())
	// That a source provides its own care goes without saying.
	if provider := m.actor(r.ServiceProvider, i).Name; provider != m.Source.Organisation.Name {
		fact(&e.Head, "Provider", provider)
	}
	for n := range r.ReasonReference {
		e.Reasons = append(e.Reasons, m.meaning(&r.ReasonReference[n], i))
	}
	for n := range r.StatusHistory {
		fact(&e.Head, "Earlier status", joined(r.StatusHistory[n].Status, r.StatusHistory[n].Period.Words()))
	}
	m.encounterPeople(i, r, &e)
	m.stay(i, r.Hospitalization, &e)
	if e.Phase != record.Planned {
		m.dated(&e.Head, e.When.Start)
	}
	legal := legalStatuses(r.Extension)
	for _, l := range legal {
		fact(&e.Head, "Legal status "+l.context, m.said(l.status))
	}
	head := e.Head
	if m.show(record.Encounters, i, &e.Head) {
		m.chart.Encounters = append(m.chart.Encounters, e)
	}
	m.detentions(legal, head)
}

func (m *mapper) encounterPeople(i int, r *r4.Encounter, e *record.Encounter) {
	for n := range r.Participant {
		p := &r.Participant[n]
		role := ""
		for _, c := range p.Type {
			role = joined(role, m.said(c.Concept()))
		}
		if a := m.actor(p.Individual, i); !a.IsZero() {
			e.People = append(e.People, record.Participant{Role: role, Actor: a, Period: p.Period.Period()})
		}
	}
	for n := range r.Location {
		l := &r.Location[n]
		if name := m.actor(&l.Location, i).Name; name != "" {
			e.Places = append(e.Places, record.Place{Name: name, Status: l.Status, Period: l.Period.Period()})
		}
	}
	for n := range r.Diagnosis {
		d := &r.Diagnosis[n]
		e.Diagnoses = append(e.Diagnoses, record.EncounterDiagnosis{
			Condition: m.meaning(&d.Condition, i), Ref: m.ref(&d.Condition, i), Use: m.said(d.Use.Concept()), Rank: string(d.Rank),
		})
	}
}

// stay lists admission and discharge as sent.
func (m *mapper) stay(i int, h *r4.Hospitalization, e *record.Encounter) {
	if h == nil {
		return
	}
	add := func(list *[]record.Fact, label, text string) {
		if text != "" {
			*list = append(*list, record.Fact{Label: label, Text: text})
		}
	}
	ext := func(name string) string { return r4.Find(h.Extension, name).Words() }
	add(&e.Admission, "Method", ext("Extension-UKCore-AdmissionMethod"))
	add(&e.Admission, "Method", ext("Extension-CareConnect-AdmissionMethod"))
	add(&e.Admission, "Source", m.said(h.AdmitSource.Concept()))
	add(&e.Admission, "From", m.actor(h.Origin, i).Name)
	add(&e.Admission, "Readmission", m.said(h.ReAdmission.Concept()))
	add(&e.Discharge, "Method", ext("Extension-UKCore-DischargeMethod"))
	add(&e.Discharge, "Method", ext("Extension-CareConnect-DischargeMethod"))
	add(&e.Discharge, "Emergency care status", ext("Extension-UKCore-EmergencyCareDischargeStatus"))
	add(&e.Discharge, "Outcome of attendance", ext("Extension-UKCore-OutcomeOfAttendance"))
	add(&e.Discharge, "Destination", ext("Extension-Interweave-EDDischargeDestination"))
	add(&e.Discharge, "To", m.actor(h.Destination, i).Name)
	add(&e.Discharge, "Discharged to", m.said(h.DischargeDisposition.Concept()))
	if safe := r4.Find(h.Extension, "Extension-Interweave-MedicallySafeForDischarge"); safe != nil {
		add(&e.Discharge, "Medically safe for discharge", joined(safe.Part("status").Words(), safe.Part("actualDate").Words()))
	}
}

// episode maps a care pathway of section 7 or a service of section 17.
func (m *mapper) episode(i int, r *r4.EpisodeOfCare) {
	if m.episodeHome(r) == record.SocialCare {
		m.service(i, r)
		return
	}
	e := record.Encounter{Head: m.head(i, r.Identifier, r.Status), Types: m.conceptsOf(r.Type), Pathway: true}
	e.When = r.Period.Period()
	fact(&e.Head, "Provider", m.actor(r.ManagingOrganization, i).Name)
	if a := m.actor(r.CareManager, i); !a.IsZero() {
		e.People = append(e.People, record.Participant{Role: "Care manager", Actor: a})
	}
	for _, a := range m.actors(r.Team, i) {
		e.People = append(e.People, record.Participant{Role: "Team", Actor: a})
	}
	for n := range r.Diagnosis {
		d := &r.Diagnosis[n]
		e.Diagnoses = append(e.Diagnoses, record.EncounterDiagnosis{
			Condition: m.meaning(&d.Condition, i), Ref: m.ref(&d.Condition, i), Use: m.said(d.Role.Concept()), Rank: string(d.Rank),
		})
	}
	for _, past := range history(r.StatusHistory) {
		fact(&e.Head, past.Label, past.Text)
	}
	contradicted(&e.Head, r.Status, r.StatusHistory)
	if m.show(record.Encounters, i, &e.Head) {
		m.chart.Encounters = append(m.chart.Encounters, e)
	}
}

// history lists earlier states of an episode in order.
func history(list []r4.StatusHistory) []record.Fact {
	var out []record.Fact
	for n := range list {
		out = append(out, record.Fact{Label: list[n].Status, Text: list[n].Period.Words()})
	}
	return out
}

// contradicted flags a status that the last, still open line of its own history denies (trap T42).
func contradicted(h *record.Head, status string, list []r4.StatusHistory) {
	if len(list) == 0 {
		return
	}
	if last := list[len(list)-1]; last.Period.End == "" && last.Status != "" && last.Status != status {
		h.Flaw(record.Contradiction, "The source's status is “"+status+"”, but the last line of its own status history is “"+last.Status+"”.")
	}
}

// appointment maps section 9.
func (m *mapper) appointment(i int, r *r4.Appointment) {
	e := record.Appointment{
		Head: m.head(i, r.Identifier, r.Status), Type: r.AppointmentType.Concept(), Reasons: m.conceptsOf(r.ReasonCode),
		Instruction: r.PatientInstruction, Cancellation: m.said(r.CancelationReason.Concept()),
		Channel: r4.Find(r.Extension, "Extension-UKCore-DeliveryChannel").Words(),
	}
	e.When, e.Recorded = record.Period{Start: record.ParseDate(r.Start), End: record.ParseDate(r.End)}, record.ParseDate(r.Created)
	if e.When.IsZero() && len(r.RequestedPeriod) > 0 {
		fact(&e.Head, "Requested time", r.RequestedPeriod[0].Words())
	}
	if r.Status == "booked" && e.When.Start.Valid() && !e.When.Start.After(m.Now) {
		e.Phase = record.Current
		fact(&e.Head, "Outcome", "no outcome sent")
	}
	if r.Status == "noshow" {
		fact(&e.Head, "Outcome", "Did not attend")
	}
	e.Service, e.Specialty = first(r.ServiceType, &e.Head, "Service"), first(r.Specialty, &e.Head, "Specialty")
	for _, c := range r.ServiceCategory {
		fact(&e.Head, "Service category", m.said(c.Concept()))
	}
	if r.Description != "" {
		e.Reasons = append(e.Reasons, record.Words(r.Description))
	}
	for n := range r.ReasonReference {
		e.Reasons = append(e.Reasons, m.meaning(&r.ReasonReference[n], i))
	}
	if r.Comment != "" {
		e.Notes = append(e.Notes, r.Comment)
	}
	m.participants(i, r, &e)
	fact(&e.Head, "Booked by", m.bookedBy(i, r))
	if m.show(record.Appointments, i, &e.Head) {
		m.chart.Appointments = append(m.chart.Appointments, e)
	}
}

func (m *mapper) bookedBy(i int, r *r4.Appointment) string {
	if by := r4.Find(r.Extension, "Extension-UKCore-BookingOrganization"); by != nil {
		return m.actor(by.ValueReference, i).Name
	}
	return ""
}

// participants tells places from people, and leaves out the person, who was checked.
func (m *mapper) participants(i int, r *r4.Appointment, e *record.Appointment) {
	for n := range r.Participant {
		p := &r.Participant[n]
		if p.Actor == nil {
			continue
		}
		key, _ := m.keyOf(p.Actor.Reference)
		if at := m.find(p.Actor, i); at >= 0 {
			key = m.items[at].key
		}
		a := m.actor(p.Actor, i)
		switch {
		case key.Type == "Patient" || a.IsZero():
		case key.Type == "Location":
			e.Place = joined(e.Place, a.Name)
		default:
			role := ""
			for _, c := range p.Type {
				role = joined(role, m.said(c.Concept()))
			}
			e.With = append(e.With, record.Participant{Role: role, Actor: a, Period: p.Period.Period()})
		}
	}
}

// first gives the first concept; the others become facts, so that none is lost.
func first(list []r4.CodeableConcept, h *record.Head, label string) record.Concept {
	if len(list) == 0 {
		return record.Concept{}
	}
	for _, c := range list[1:] {
		further := c.Concept()
		fact(h, label, further.Name())
		h.Coded(further.Codings)
	}
	return list[0].Concept()
}
