package ukcore

import "ribble/internal/sandbox/story"

// Encounters renders Encounter with legal status, admission and discharge (sections.md 7, 18).
func (s *Sheet) Encounters() {
	for i := range s.Holding.Encounters {
		e := &s.Holding.Encounters[i]
		id := s.ID(e.EntryID(story.KindEncounter, i))
		s.Add("Encounter", id, &e.Head, func() { s.encounter(e, id) })
	}
}

func (s *Sheet) encounter(e *story.Encounter, id string) {
	s.Date(e.When.Start)
	s.List("extension", func() { s.encounterExtensions(e) })
	s.Identify("Encounter", id, &e.Head)
	s.String("status", Status(&e.Head, e.Status, "finished"))
	s.history(e.History)
	s.Tokens("class", story.Concept{Codes: codes(e.Class)})
	s.Coding("class", e.Class)
	s.Concepts("type", e.Type)
	s.Concept("serviceType", e.Service)
	s.Concept("priority", e.Priority)
	s.Subject("subject", &e.Head)
	s.List("episodeOfCare", func() {
		for _, ep := range e.Episodes {
			s.Ref("", "episode-of-care", s.Target(ep, "EpisodeOfCare"), "")
		}
	})
	s.participants(e.People)
	s.Period("period", e.When)
	s.Concepts("reasonCode", e.Reasons...)
	s.diagnoses(e.Diagnoses)
	s.hospitalization(e)
	s.places(e)
	s.Actor("serviceProvider", "service-provider", story.Actor{ODS: s.Org.ODS})
	if e.PartOf != "" {
		s.Ref("partOf", "part-of", s.Target(e.PartOf, "Encounter"), "")
	}
}

func (s *Sheet) history(all []story.StatusSpan) {
	s.List("statusHistory", func() {
		for _, h := range all {
			s.Object("", func() {
				s.String("status", h.Status)
				s.Period("period", h.When)
			})
		}
	})
}

func (s *Sheet) encounterExtensions(e *story.Encounter) {
	for _, l := range e.LegalStatus {
		s.legalStatus(l)
	}
	s.ConceptExtension(Base+"Extension-UKCore-OutcomeOfAttendance", e.Discharge.Outcome)
	s.ConceptExtension(Base+"Extension-UKCore-EmergencyCareDischargeStatus", e.Discharge.EmergencyStatus)
	s.Extension("https://fhir.interweavedigital.nhs.uk/R4/StructureDefinition/Extension-Interweave-MedicallySafeForDischarge",
		func() { s.String("valueDateTime", e.Discharge.SafeFrom) })
}

func (s *Sheet) legalStatus(l story.LegalStatus) {
	s.Extension(Base+"Extension-UKCore-LegalStatus", func() {
		s.List("extension", func() {
			s.Extension("legalStatusContext", func() {
				s.Code("valueCodeableConcept", CodeBase+"UKCore-LegalStatusContext", l.Context, "")
			})
			s.Extension("legalStatusClassification", func() {
				s.Code("valueCodeableConcept", CodeBase+"UKCore-LegalStatusClassificationEngland", l.Classification, l.Words)
			})
		})
	})
}

func (s *Sheet) participants(all []story.Participant) {
	s.List("participant", func() {
		for _, p := range all {
			s.Object("", func() {
				s.List("type", func() { s.Code("", terminology+"v3-ParticipationType", p.Role, participations[p.Role]) })
				s.Period("period", p.When)
				s.Actor("individual", "participant", p.Actor)
			})
		}
	})
}

var participations = map[string]string{
	"PPRF": "primary performer", "ADM": "admitter", "DIS": "discharger", "ATND": "attender", "REF": "referrer",
	"CON": "consultant", "PART": "Participation",
}

func (s *Sheet) diagnoses(all []story.Diagnosis) {
	s.List("diagnosis", func() {
		for _, d := range all {
			s.Object("", func() {
				s.Ref("condition", "diagnosis", s.Target(d.Problem, "Condition"), "")
				s.Code("use", terminology+"diagnosis-role", d.Use, "")
				s.Int("rank", d.Rank)
			})
		}
	})
}

func (s *Sheet) hospitalization(e *story.Encounter) {
	s.Object("hospitalization", func() {
		s.List("extension", func() {
			s.ConceptExtension(Base+"Extension-UKCore-AdmissionMethod", e.Admission.Method)
			s.ConceptExtension(Base+"Extension-UKCore-DischargeMethod", e.Discharge.Method)
		})
		s.Reference("origin", "", e.Admission.Origin.Text)
		s.Concept("admitSource", e.Admission.Source)
		s.Reference("destination", "", e.Discharge.Destination.Text)
		s.Concept("dischargeDisposition", e.Discharge.Disposition)
	})
}

func (s *Sheet) places(e *story.Encounter) {
	s.List("location", func() {
		for _, v := range e.Places {
			s.Object("", func() {
				s.Ref("location", "location", "Location/"+v.Place, s.placeName(v.Place))
				s.String("status", v.Status)
				s.Period("period", v.When)
			})
		}
		if e.MissingPlace != "" {
			s.Object("", func() { s.Ref("location", "location", "Location/"+e.MissingPlace, "") })
		}
	})
}

// Episodes renders EpisodeOfCare of health care: caseloads and pathways.
func (s *Sheet) Episodes() {
	for i := range s.Holding.Episodes {
		e := &s.Holding.Episodes[i]
		id := s.ID(e.EntryID(story.KindEpisode, i))
		s.Add("EpisodeOfCare", id, &e.Head, func() {
			s.Date(e.When.Start)
			s.Identify("EpisodeOfCare", id, &e.Head)
			s.String("status", Status(&e.Head, e.Status, "active"))
			s.history(e.History)
			s.Concepts("type", e.Type)
			s.Subject("patient", &e.Head)
			s.Actor("managingOrganization", "organization", story.Actor{ODS: s.Org.ODS})
			s.Period("period", e.When)
			s.Actor("careManager", "care-manager", e.Manager)
			if e.Team != "" {
				s.List("team", func() { s.Ref("", "team", s.Target(e.Team, "CareTeam"), "") })
			}
		})
	}
}

// Appointments renders Appointment (sections.md 9).
func (s *Sheet) Appointments() {
	for i := range s.Holding.Appointments {
		a := &s.Holding.Appointments[i]
		id := s.ID(a.EntryID(story.KindAppointment, i))
		s.Add("Appointment", id, &a.Head, func() { s.appointment(a, id) })
	}
}

func (s *Sheet) appointment(a *story.Appointment, id string) {
	s.Date(a.Start)
	s.List("extension", func() {
		s.Extension(Base+"Extension-UKCore-DeliveryChannel", func() { s.String("valueCode", a.Channel) })
	})
	s.Identify("Appointment", id, &a.Head)
	s.String("status", Status(&a.Head, a.Status, "booked"))
	s.Concept("cancelationReason", a.CancelReason)
	s.Concepts("serviceType", a.Service)
	s.Concepts("specialty", a.Specialty)
	s.Concept("appointmentType", a.Type)
	s.Concepts("reasonCode", a.Reason)
	s.String("description", a.Description)
	s.String("start", a.Start)
	s.String("end", a.End)
	s.Int("minutesDuration", a.Minutes)
	s.String("created", a.Recorded)
	s.String("comment", a.Comment)
	s.String("patientInstruction", a.Instruction)
	s.List("participant", func() {
		s.attendee("SBJ", func() { s.Subject("actor", &a.Head) })
		if a.Place != "" {
			s.attendee("LOC", func() { s.Ref("actor", "location", "Location/"+a.Place, s.placeName(a.Place)) })
		}
		if a.With != (story.Actor{}) {
			s.attendee("PPRF", func() { s.Actor("actor", "practitioner", a.With) })
		}
	})
}

func (s *Sheet) attendee(role string, actor func()) {
	s.Object("", func() {
		s.List("type", func() { s.Code("", terminology+"v3-ParticipationType", role, "") })
		actor()
		s.String("status", "accepted")
	})
}

// Referrals renders ServiceRequest that is neither laboratory nor social care (sections.md 10).
func (s *Sheet) Referrals() {
	for i := range s.Holding.Referrals {
		r := &s.Holding.Referrals[i]
		id := s.ID(r.EntryID(story.KindReferral, i))
		s.Add("ServiceRequest", id, &r.Head, func() { s.referral(r, id) })
	}
}

func (s *Sheet) referral(r *story.Referral, id string) {
	s.Date(r.When)
	if r.UBRN != "" {
		s.Identifiers("identifier", story.Identifier{System: "https://fhir.nhs.uk/Id/UBRN", Value: r.UBRN})
	} else {
		s.Identify("ServiceRequest", id, &r.Head)
	}
	s.String("status", Status(&r.Head, r.Status, "active"))
	s.String("intent", "order")
	s.Tokens("category", r.Category)
	s.Concepts("category", r.Category)
	s.String("priority", r.Urgency)
	s.Concept("code", r.Service)
	s.Subject("subject", &r.Head)
	s.Encounter(&r.Head)
	s.String("authoredOn", r.When)
	s.Actor("requester", "requester", r.From)
	s.Concept("performerType", r.Specialty)
	s.Actors("performer", "performer", r.To...)
	s.Concepts("reasonCode", r.Reason)
	s.List("supportingInfo", func() {
		for _, d := range r.Documents {
			s.Ref("", "supporting-info", s.Target(d, "DocumentReference"), "")
		}
	})
	s.Notes(append(notesOf(r.Description), r.Notes...))
}
