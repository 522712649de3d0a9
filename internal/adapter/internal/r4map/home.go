package r4map

import (
	"ribble/internal/adapter/internal/r4"
	"ribble/internal/record"
)

// home is the one section in which a resource is at home: by its profile, its coded category, the feed's declared use, else Other
// (section 24 of the section catalogue). What it says also decides where an entry that cannot be read is missed.
func (m *mapper) home(i int) record.Section {
	it := &m.items[i]
	if !it.housed {
		it.housed, it.home = true, m.homeOf(it)
	}
	return it.home
}

func (m *mapper) homeOf(it *item) record.Section {
	switch r := it.r.(type) {
	case *r4.Condition:
		return m.conditionHome(r)
	case *r4.Observation:
		return m.observationHome(r)
	case *r4.DiagnosticReport:
		return reportHome(r)
	case *r4.ServiceRequest:
		return m.serviceHome(r)
	case *r4.EpisodeOfCare:
		return m.episodeHome(r)
	case *r4.Task:
		if isAssessment(r) {
			return record.SocialCare
		}
	case *r4.Flag:
		return m.flagHome(r)
	case *r4.QuestionnaireResponse:
		if isAboutMe(r.Item) {
			return record.AboutMe
		}
	case *r4.DocumentReference:
		if isPlanDocument(r) {
			return record.Plans
		}
	}
	return m.declared(it.key.Type)
}

var homes = map[string]record.Section{
	"AllergyIntolerance": record.Allergies, "MedicationRequest": record.Medicines, "MedicationStatement": record.Medicines,
	"MedicationDispense": record.Medicines, "MedicationAdministration": record.Medicines, "Condition": record.Problems, "Flag": record.Alerts,
	"CarePlan": record.Plans, "Goal": record.Plans, "QuestionnaireResponse": record.Plans, "Consent": record.Legal, "DiagnosticReport": record.Results,
	"ImagingStudy": record.Imaging, "Encounter": record.Encounters, "EpisodeOfCare": record.Encounters, "Appointment": record.Appointments,
	"ServiceRequest": record.Referrals, "Immunization": record.Immunisations, "Procedure": record.Procedures, "DocumentReference": record.Documents,
	"Composition": record.Documents, "DeviceRequest": record.SocialCare, "CareTeam": record.Network, "RelatedPerson": record.Network,
	"FamilyMemberHistory": record.History,
}

func (m *mapper) declared(resourceType string) record.Section {
	if s, ok := m.Declared[resourceType]; ok {
		return s
	}
	if s, ok := homes[resourceType]; ok {
		return s
	}
	return record.Other
}

func (m *mapper) conditionHome(r *r4.Condition) record.Section {
	switch {
	case r.Meta.HasProfile("Interweave-SocialCareSupportReason"):
		return record.SocialCare
	case coded(adjustmentFlag, r.Category...):
		return record.AboutMe
	case inSystem("Interweave-SocialCareSupportReason", r.Code), inSystem("Interweave-SocialCareSupportReasonCategory", r.Category...):
		return record.SocialCare
	case coded("problem-list-item", r.Category...), coded("encounter-diagnosis", r.Category...):
		return record.Problems
	}
	return m.declared("Condition")
}

// observationHome goes by codes only where the code itself is a statement of another section: a delivery date, a decision on resuscitation.
func (m *mapper) observationHome(r *r4.Observation) record.Section {
	if _, ok := known(deliveryDates, r.Code); ok {
		return record.History
	}
	if _, ok := known(resuscitation, r.Code, concept(r.ValueCodeableConcept)); ok {
		return record.Plans
	}
	for _, c := range r.Category {
		for _, k := range c.Codings {
			switch k.Code {
			case "laboratory":
				return record.Results
			case "vital-signs", "exam", "survey":
				return record.Measurements
			case "social-history":
				return record.History
			case "imaging":
				return record.Imaging
			}
		}
	}
	if s, ok := m.Declared["Observation"]; ok {
		return s
	}
	return record.Other
}

func concept(c *r4.CodeableConcept) r4.CodeableConcept {
	if c == nil {
		return r4.CodeableConcept{}
	}
	return *c
}

// reportHome sends everything that is not coded as imaging or another examination to the laboratory results.
func reportHome(r *r4.DiagnosticReport) record.Section {
	if _, ok := known(imagingCategories, append(r.Category[:len(r.Category):len(r.Category)], r.Code)...); ok {
		return record.Imaging
	}
	return record.Results
}

func (m *mapper) serviceHome(r *r4.ServiceRequest) record.Section {
	switch {
	case r.Meta.HasProfile("Interweave-SocialCareContact"):
		return record.SocialCare
	case r.Meta.HasProfile("UKCore-ServiceRequest-Lab"), coded(labCategory, r.Category...):
		return record.Results
	case inSystem("Interweave-SocialCareContactReason", r.ReasonCode...):
		return record.SocialCare
	}
	if _, ok := known(imagingCategories, r.Category...); ok {
		return record.Imaging
	}
	return m.declared("ServiceRequest")
}

func (m *mapper) episodeHome(r *r4.EpisodeOfCare) record.Section {
	switch {
	case r.Meta.HasProfile("Interweave-SocialCareService"), r4.Find(r.Extension, "Extension-Interweave-SocialCareServiceCategory") != nil:
		return record.SocialCare
	case inSystem("Interweave-SocialCareServiceType", r.Type...):
		return record.SocialCare
	case inSystem("Interweave-EpisodeOfCareType", r.Type...):
		return record.Encounters
	}
	return m.declared("EpisodeOfCare")
}

func isAssessment(r *r4.Task) bool {
	return r.Meta.HasProfile("Interweave-SocialCareAssessment") || inSystem("Interweave-SocialCareAssessmentType", r.Code) ||
		r4.Find(r.Extension, "Extension-Interweave-SocialCareAssessmentOutcome") != nil
}

func (m *mapper) flagHome(r *r4.Flag) record.Section {
	if coded(adjustmentFlag, append(r.Category[:len(r.Category):len(r.Category)], r.Code)...) {
		return record.AboutMe
	}
	return m.declared("Flag")
}

func isAboutMe(items []r4.QuestionnaireItem) bool {
	for i := range items {
		if aboutMe[questionCode(&items[i])] || isAboutMe(items[i].Item) {
			return true
		}
	}
	return false
}

// questionCode is the code of a question: the item's own, else a link id that is one.
func questionCode(q *r4.QuestionnaireItem) string {
	for _, c := range q.Code {
		if c.Code != "" {
			return c.Code
		}
	}
	return q.LinkID
}

func isPlanDocument(r *r4.DocumentReference) bool {
	_, plan := known(planTypes, r.Type)
	return plan || coded(carePlanCategory, r.Category...)
}
