package r4

// Organization is FHIR R4 Organization; Location and HealthcareService have the same members as far as they are used here.
type Organization struct {
	Header
	Identifier []Identifier   `json:"identifier"`
	Active     *bool          `json:"active"`
	Name       string         `json:"name"`
	Telecom    []ContactPoint `json:"telecom"`
	PartOf     *Reference     `json:"partOf"`
}

// Practitioner is FHIR R4 Practitioner.
type Practitioner struct {
	Header
	Identifier []Identifier   `json:"identifier"`
	Name       []HumanName    `json:"name"`
	Telecom    []ContactPoint `json:"telecom"`
}

// PractitionerRole is FHIR R4 PractitionerRole.
type PractitionerRole struct {
	Header
	Identifier   []Identifier      `json:"identifier"`
	Practitioner *Reference        `json:"practitioner"`
	Organization *Reference        `json:"organization"`
	Code         []CodeableConcept `json:"code"`
	Specialty    []CodeableConcept `json:"specialty"`
	Location     []Reference       `json:"location"`
	Telecom      []ContactPoint    `json:"telecom"`
}
