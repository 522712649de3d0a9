package r4

// Patient is FHIR R4 Patient (UKCore-Patient; PDS FHIR).
type Patient struct {
	Header
	Identifier           []Identifier     `json:"identifier"`
	Active               *bool            `json:"active"`
	Name                 []HumanName      `json:"name"`
	Telecom              []ContactPoint   `json:"telecom"`
	Gender               string           `json:"gender"`
	BirthDate            string           `json:"birthDate"`
	DeceasedBoolean      *bool            `json:"deceasedBoolean"`
	DeceasedDateTime     string           `json:"deceasedDateTime"`
	Address              []Address        `json:"address"`
	Contact              []PatientContact `json:"contact"`
	Communication        []Communication  `json:"communication"`
	GeneralPractitioner  []Reference      `json:"generalPractitioner"`
	ManagingOrganization *Reference       `json:"managingOrganization"`
	Link                 []PatientLink    `json:"link"`
}

// PatientContact is Patient.contact: a personal contact kept with the demographics.
type PatientContact struct {
	Extension    []Extension       `json:"extension"`
	Relationship []CodeableConcept `json:"relationship"`
	Name         *HumanName        `json:"name"`
	Telecom      []ContactPoint    `json:"telecom"`
	Organization *Reference        `json:"organization"`
	Period       Period            `json:"period"`
}

// Communication is Patient.communication.
type Communication struct {
	Extension []Extension     `json:"extension"`
	Language  CodeableConcept `json:"language"`
	Preferred *bool           `json:"preferred"`
}

// PatientLink is Patient.link.
type PatientLink struct {
	Other Reference `json:"other"`
	Type  string    `json:"type"`
}

// RelatedPerson is FHIR R4 RelatedPerson.
type RelatedPerson struct {
	Header
	Identifier   []Identifier      `json:"identifier"`
	Active       *bool             `json:"active"`
	Patient      Reference         `json:"patient"`
	Relationship []CodeableConcept `json:"relationship"`
	Name         []HumanName       `json:"name"`
	Telecom      []ContactPoint    `json:"telecom"`
	Address      []Address         `json:"address"`
	Period       Period            `json:"period"`
}
