// Package council is a local authority's server in the sandbox region: FHIR R4 in the social-care shapes of
// Interweave, with provenance tags on every resource and its OperationOutcome contract.
package council

import (
	"net/http"

	"ribble/internal/sandbox/fhirout"
	"ribble/internal/sandbox/r4server"
	"ribble/internal/sandbox/story"
	"ribble/internal/sandbox/ukcore"
)

// Bases of Interweave's canonical urls.
const (
	interweave  = "https://fhir.interweavedigital.nhs.uk/"
	structures  = interweave + "R4/StructureDefinition/"
	codeSystems = interweave + "CodeSystem/Interweave-"
)

var types = []string{
	"Patient", "ServiceRequest", "Task", "EpisodeOfCare", "Condition", "DeviceRequest", "Flag", "RelatedPerson",
	"Consent", "DocumentReference", "Binary", "CareTeam", "Observation", "QuestionnaireResponse", "Organization",
	"Practitioner", "PractitionerRole", "Location",
}

// New makes the server of one council. Paths are relative to the FHIR base, so mount it with StripPrefix.
func New(region story.Region, ods string) http.Handler {
	org, _ := region.Organisation(ods)
	return r4server.New(r4server.Config{
		Region:      region,
		ODS:         ods,
		Renderer:    renderer{region, ods},
		Types:       types,
		Software:    "Sandbox social-care record",
		OutcomeMeta: outcomeMeta(org),
		Organisation: func(other string) (*r4server.Resource, bool) {
			return ukcore.NamedOrganisation(region, other, dialect())
		},
	})
}

func dialect() ukcore.Dialect {
	return ukcore.Dialect{
		Profiles:         profiles,
		IdentifierSystem: func(typ string) string { return interweave + "Id/local-" + typ + "-identifier" },
		Tags:             tags,
	}
}

// profiles: Interweave's own first, then the UK Core profile it is derived from where there is one.
func profiles(typ string) []string {
	switch typ {
	case "Flag", "DeviceRequest":
		return []string{structures + "Interweave-" + typ, "http://hl7.org/fhir/StructureDefinition/" + typ}
	default:
		return []string{structures + "Interweave-" + typ, ukcore.Base + "UKCore-" + typ}
	}
}

// tags say which system sent the resource and which organisation owns the data; both are mandatory there.
func tags(owner story.Organisation) []story.Code {
	return []story.Code{
		{System: interweave + "Source", Value: owner.ODS + "-SC", Display: "Social-care case system"},
		{System: interweave + "Provenance", Value: owner.ODS, Display: owner.Name},
	}
}

func outcomeMeta(org story.Organisation) []byte {
	var w fhirout.Writer
	w.Object("", func() {
		w.List("tag", func() {
			for _, t := range tags(org) {
				w.Coding("", t)
			}
			w.Coding("", story.Code{System: interweave + "RequestId", Value: "sandbox"})
		})
	})
	return w.Bytes()
}

type renderer struct {
	region story.Region
	ods    string
}

func (r renderer) Directory() *r4server.Chart {
	s := ukcore.NewSheet(r.region, r.ods, dialect())
	s.Directory()
	return s.Chart()
}

func (r renderer) Chart(p *story.Person, h *story.Holding) *r4server.Chart {
	c := caseFile{ukcore.NewSheet(r.region, r.ods, dialect())}
	c.About(p, h)
	c.Patient()
	for _, render := range []func(){
		c.services, c.supportReasons, c.assessments, c.contacts, c.equipment, c.Flags, c.Consents, c.Documents,
		c.CareTeams, c.Observations, c.Questionnaires, c.Problems,
	} {
		render()
	}
	c.Related(c.supportRoles)
	return c.Chart()
}
