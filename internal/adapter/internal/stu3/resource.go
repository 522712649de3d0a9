// Package stu3 holds the FHIR STU3 resources of GP Connect as lean structs, and turns their data types into those of the record.
package stu3

import "ribble/internal/adapter/internal/fhirjson"

// Base is what every resource has. ImplicitRules counts as a modifier: the resource cannot be read safely without knowing the rules.
type Base struct {
	ResourceType  string                  `json:"resourceType"`
	ID            string                  `json:"id"`
	ImplicitRules string                  `json:"implicitRules"`
	Meta          Meta                    `json:"meta"`
	Contained     fhirjson.List[Resource] `json:"contained"`
	// modifiers counts the modifierExtensions in the resource, contained ones included.
	modifiers int
}

// Modified reports a mark anywhere in the resource that changes its meaning; a contained resource answers for its own.
func (b *Base) Modified() bool {
	own := b.modifiers
	for i := range b.Contained {
		if b.Contained[i].Entity != nil {
			own -= b.Contained[i].Common().modifiers
		}
	}
	return own > 0 || b.ImplicitRules != ""
}

// Meta is the part of Resource.meta that is used.
type Meta struct {
	Security []Coding `json:"security"`
}

// Common gives the Base of any resource.
func (b *Base) Common() *Base { return b }

// Entity is any resource.
type Entity interface {
	Common() *Base
	// About is whom the resource is about; nil for a type that is about nobody.
	About() *Reference
}

// fresh is a resource before it is read.
type fresh interface {
	Entity
	fhirjson.SelfReader
}

// Resource is one resource of any type, decoded once into its own struct; types without one become a Generic.
type Resource struct{ Entity }

// ReadJSON looks at the type ahead, reads into that type's struct, and refuses a resource whose type is then another.
func (r *Resource) ReadJSON(from *fhirjson.Reader) {
	before := from.Modifiers()
	entity, name := newEntity(from.ResourceType())
	entity.ReadJSON(from)
	entity.Common().modifiers = from.Modifiers() - before
	r.Entity = entity
	from.Match(entity.Common().ResourceType, name)
}

func newEntity(resourceType []byte) (fresh, string) {
	switch string(resourceType) {
	case "Observation":
		return new(Observation), "Observation"
	case "List":
		return new(List), "List"
	case "MedicationRequest":
		return new(MedicationRequest), "MedicationRequest"
	case "MedicationStatement":
		return new(MedicationStatement), "MedicationStatement"
	case "Medication":
		return new(Medication), "Medication"
	case "Encounter":
		return new(Encounter), "Encounter"
	case "AllergyIntolerance":
		return new(AllergyIntolerance), "AllergyIntolerance"
	case "Condition":
		return new(Condition), "Condition"
	case "Immunization":
		return new(Immunization), "Immunization"
	case "DiagnosticReport":
		return new(DiagnosticReport), "DiagnosticReport"
	case "Specimen":
		return new(Specimen), "Specimen"
	case "ProcedureRequest":
		return new(ProcedureRequest), "ProcedureRequest"
	case "ReferralRequest":
		return new(ReferralRequest), "ReferralRequest"
	case "DocumentReference":
		return new(DocumentReference), "DocumentReference"
	case "QuestionnaireResponse":
		return new(QuestionnaireResponse), "QuestionnaireResponse"
	}
	return newAdministrative(resourceType)
}

func newAdministrative(resourceType []byte) (fresh, string) {
	switch string(resourceType) {
	case "Patient":
		return new(Patient), "Patient"
	case "Practitioner":
		return new(Practitioner), "Practitioner"
	case "PractitionerRole":
		return new(PractitionerRole), "PractitionerRole"
	case "Organization":
		return new(Organization), "Organization"
	case "Location":
		return new(Location), "Location"
	case "HealthcareService":
		return new(HealthcareService), "HealthcareService"
	case "OperationOutcome":
		return new(OperationOutcome), "OperationOutcome"
	case "Bundle":
		return new(Bundle), "Bundle"
	case "Binary":
		return new(Binary), "Binary"
	}
	return new(Generic), string(resourceType)
}

// Bundle is a collection or searchset.
type Bundle struct {
	Base
	Link  []Link               `json:"link"`
	Entry fhirjson.List[Entry] `json:"entry"`
}

// Link is a link of a searchset, such as the next page.
type Link struct {
	Relation string `json:"relation"`
	URL      string `json:"url"`
}

// Entry is one entry of a Bundle. Its Resource is empty when the source sent an entry of another shape.
type Entry struct {
	Resource Resource `json:"resource"`
}

// About is nil.
func (*Bundle) About() *Reference { return nil }

// OperationOutcome tells of errors and warnings.
type OperationOutcome struct {
	Base
	Issue []OutcomeIssue `json:"issue"`
}

// OutcomeIssue is one issue of an OperationOutcome.
type OutcomeIssue struct {
	Severity    string          `json:"severity"`
	Code        string          `json:"code"`
	Details     CodeableConcept `json:"details"`
	Diagnostics string          `json:"diagnostics"`
}

// About is nil.
func (*OperationOutcome) About() *Reference { return nil }

// Binary is the body of a document; the STU3 element is "content".
type Binary struct {
	Base
	ContentType string `json:"contentType"`
	Content     Base64 `json:"content"`
}

// About is nil.
func (*Binary) About() *Reference { return nil }
