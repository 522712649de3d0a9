// Package fhirr4 asks hospitals, community and mental health trusts and hospices: FHIR R4 servers with UK Core profiles.
package fhirr4

import (
	"net/url"

	"ribble/internal/adapter/internal/r4feed"
	"ribble/internal/record"
)

// Config is what a feed's agreement says about it.
type Config = r4feed.Config

// Source is one FHIR R4 feed. It answers Ref, Supplies, Ask and Document.
type Source struct{ *r4feed.Feed }

// New makes a source. It asks nothing yet.
func New(cfg Config) Source { return Source{r4feed.New(cfg, plan)} }

const (
	// givenDays is how far back doses given in hospital are asked for (section 3 of the section catalogue).
	givenDays = 30
	// appointmentDays is how far back appointments are asked for (section 9).
	appointmentDays = 90
)

func include(values ...string) url.Values { return url.Values{"_include": values} }

// plan asks each resource type once; what it brings is split by section here (section 24 of the section catalogue). Other is fed by every
// type that may bring an entry without a home, so that no failure of those passes in silence.
var plan = []r4feed.Search{
	{Type: "AllergyIntolerance", Feeds: record.SectionsOf(record.Allergies), Params: include("AllergyIntolerance:recorder", "AllergyIntolerance:asserter")},
	{Type: "MedicationRequest", Feeds: record.SectionsOf(record.Medicines), Params: include("MedicationRequest:medication", "MedicationRequest:requester")},
	{Type: "MedicationStatement", Feeds: record.SectionsOf(record.Medicines), Params: include("MedicationStatement:medication")},
	{Type: "MedicationDispense", Feeds: record.SectionsOf(record.Medicines), Params: include("MedicationDispense:medication")},
	{
		Type: "MedicationAdministration", Feeds: record.SectionsOf(record.Medicines), Params: include("MedicationAdministration:medication"),
		Within: givenDays, Since: "effective-time",
	},
	{Type: "Condition", Feeds: record.SectionsOf(record.Problems, record.SocialCare, record.AboutMe), Params: include("Condition:encounter", "Condition:asserter")},
	{Type: "Flag", Feeds: record.SectionsOf(record.Alerts, record.Legal, record.AboutMe), Params: include("Flag:author")},
	{Type: "CarePlan", Feeds: record.SectionsOf(record.Plans)},
	{Type: "Goal", Feeds: record.SectionsOf(record.Plans)},
	{Type: "QuestionnaireResponse", Feeds: record.SectionsOf(record.Plans, record.AboutMe)},
	{Type: "Consent", Feeds: record.SectionsOf(record.Legal)},
	{
		Type: "DiagnosticReport", Feeds: record.SectionsOf(record.Results, record.Imaging),
		Params: url.Values{"_include": {"DiagnosticReport:result", "DiagnosticReport:specimen", "DiagnosticReport:performer"}, "_include:iterate": {"Observation:has-member"}},
	},
	{Type: "ImagingStudy", Feeds: record.SectionsOf(record.Imaging)},
	// Without a category, because observations without one would be lost (14 of 119 published examples).
	{Type: "Observation", Feeds: record.SectionsOf(record.Results, record.Imaging, record.Measurements, record.History, record.Plans, record.Other), Params: include("Observation:performer")},
	{
		Type: "Encounter", Feeds: record.SectionsOf(record.Encounters, record.Legal),
		Params: include("Encounter:location", "Encounter:participant", "Encounter:diagnosis"),
	},
	{Type: "EpisodeOfCare", Feeds: record.SectionsOf(record.Encounters, record.SocialCare), Params: include("EpisodeOfCare:organization")},
	{
		Type: "Appointment", Feeds: record.SectionsOf(record.Appointments), Params: include("Appointment:practitioner", "Appointment:location"),
		Within: appointmentDays, Since: "date",
	},
	{
		Type: "ServiceRequest", Feeds: record.SectionsOf(record.Referrals, record.Results, record.Imaging, record.SocialCare),
		Params: include("ServiceRequest:requester", "ServiceRequest:performer"),
	},
	{Type: "Task", Feeds: record.SectionsOf(record.Referrals, record.SocialCare, record.Other)},
	{Type: "Immunization", Feeds: record.SectionsOf(record.Immunisations), Params: include("Immunization:performer")},
	{Type: "Procedure", Feeds: record.SectionsOf(record.Procedures), Params: include("Procedure:performer", "Procedure:location")},
	{Type: "DocumentReference", Feeds: record.SectionsOf(record.Documents, record.Plans), Params: include("DocumentReference:author", "DocumentReference:custodian")},
	{Type: "Composition", Feeds: record.SectionsOf(record.Documents), Params: include("Composition:author")},
	{Type: "DeviceRequest", Feeds: record.SectionsOf(record.SocialCare)},
	{Type: "CareTeam", Feeds: record.SectionsOf(record.Network), Params: include("CareTeam:participant")},
	{Type: "RelatedPerson", Feeds: record.SectionsOf(record.Network, record.Legal)},
	{Type: "FamilyMemberHistory", Feeds: record.SectionsOf(record.History)},
	// Clinical types without a section of their own: shown in general form (section 22).
	{Type: "RiskAssessment", Feeds: record.SectionsOf(record.Other)},
	{Type: "ClinicalImpression", Feeds: record.SectionsOf(record.Other)},
	{Type: "NutritionOrder", Feeds: record.SectionsOf(record.Other)},
	{Type: "Communication", Feeds: record.SectionsOf(record.Other)},
}
