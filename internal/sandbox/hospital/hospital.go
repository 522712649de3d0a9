// Package hospital is a trust's or hospice's FHIR R4 UK Core server in the sandbox region: acute, mental health,
// community. It answers only what the stories hold.
package hospital

import (
	"net/http"

	"ribble/internal/sandbox/r4server"
	"ribble/internal/sandbox/story"
	"ribble/internal/sandbox/ukcore"
)

// types are what a trust serves; an organisation may serve fewer (story.Organisation.Unsupported).
var types = []string{
	"Patient", "AllergyIntolerance", "MedicationRequest", "MedicationStatement", "MedicationDispense",
	"MedicationAdministration", "Medication", "Condition", "Observation", "DiagnosticReport", "Specimen",
	"ImagingStudy", "ServiceRequest", "Encounter", "EpisodeOfCare", "Appointment", "Procedure", "Device",
	"Immunization", "Flag", "CarePlan", "Goal", "QuestionnaireResponse", "Consent", "RelatedPerson", "CareTeam",
	"FamilyMemberHistory", "DocumentReference", "Binary", "Composition", "Task", "Organization", "Practitioner",
	"PractitionerRole", "Location", "Communication", "RiskAssessment", "ClinicalImpression", "NutritionOrder",
}

// New makes the server of one organisation. Paths are relative to the FHIR base, so mount it with StripPrefix.
func New(region story.Region, ods string) http.Handler {
	d := dialect(ods)
	return r4server.New(r4server.Config{
		Region:   region,
		ODS:      ods,
		Renderer: renderer{region, ods, d},
		Types:    types,
		Software: "Sandbox hospital record",
		Organisation: func(other string) (*r4server.Resource, bool) {
			return ukcore.NamedOrganisation(region, other, d)
		},
	})
}

func dialect(ods string) ukcore.Dialect {
	return ukcore.Dialect{
		Profiles: func(typ string) []string { return []string{ukcore.Base + "UKCore-" + typ} },
		IdentifierSystem: func(typ string) string {
			return "https://" + ods + ".sandbox.example/Id/" + typ
		},
	}
}

type renderer struct {
	region  story.Region
	ods     string
	dialect ukcore.Dialect
}

func (r renderer) Directory() *r4server.Chart {
	s := ukcore.NewSheet(r.region, r.ods, r.dialect)
	s.Directory()
	return s.Chart()
}

func (r renderer) Chart(p *story.Person, h *story.Holding) *r4server.Chart {
	s := ukcore.NewSheet(r.region, r.ods, r.dialect)
	s.About(p, h)
	s.Patient()
	for _, render := range []func(){
		s.Allergies, s.Medicines, s.Problems, s.Reports, s.Observations, s.Encounters, s.Episodes, s.Appointments,
		s.Referrals, s.Immunisations, s.Procedures, s.FamilyHistory, s.Flags, s.CarePlans, s.Questionnaires,
		s.Consents, s.CareTeams, s.Documents, s.Compositions, s.Others,
	} {
		render()
	}
	s.Related(nil)
	return s.Chart()
}
