package stu3

// Patient is the person as the practice holds them.
type Patient struct {
	Base
	Extension            []Extension          `json:"extension"`
	Identifier           []Identifier         `json:"identifier"`
	Name                 []HumanName          `json:"name"`
	Telecom              []ContactPoint       `json:"telecom"`
	Gender               string               `json:"gender"`
	BirthDate            string               `json:"birthDate"`
	DeceasedBoolean      bool                 `json:"deceasedBoolean"`
	DeceasedDateTime     string               `json:"deceasedDateTime"`
	Address              []Address            `json:"address"`
	Contact              []PatientContact     `json:"contact"`
	GeneralPractitioner  OneOrMany[Reference] `json:"generalPractitioner"`
	ManagingOrganization Reference            `json:"managingOrganization"`
	Link                 []PatientLink        `json:"link"`
}

// About is nil: identity is judged on the Patient itself.
func (*Patient) About() *Reference { return nil }

// PatientContact is a relative, carer or other contact.
type PatientContact struct {
	Relationship []CodeableConcept `json:"relationship"`
	Name         HumanName         `json:"name"`
	Telecom      []ContactPoint    `json:"telecom"`
	Organization Reference         `json:"organization"`
	Period       Period            `json:"period"`
}

// PatientLink ties a Patient to another one.
type PatientLink struct {
	Other Reference `json:"other"`
	Type  string    `json:"type"`
}

// Practitioner is a person who works in care.
type Practitioner struct {
	Base
	Identifier []Identifier         `json:"identifier"`
	Name       OneOrMany[HumanName] `json:"name"`
}

// About is nil.
func (*Practitioner) About() *Reference { return nil }

// PractitionerRole joins a practitioner to a role and an organisation; nothing points at it.
type PractitionerRole struct {
	Base
	Practitioner Reference         `json:"practitioner"`
	Organization Reference         `json:"organization"`
	Code         []CodeableConcept `json:"code"`
}

// About is nil.
func (*PractitionerRole) About() *Reference { return nil }

// Organization is a practice, a laboratory or another organisation.
type Organization struct {
	Base
	Identifier []Identifier   `json:"identifier"`
	Name       string         `json:"name"`
	Telecom    []ContactPoint `json:"telecom"`
}

// About is nil.
func (*Organization) About() *Reference { return nil }

// Location is a place.
type Location struct {
	Base
	Name string `json:"name"`
}

// About is nil.
func (*Location) About() *Reference { return nil }

// HealthcareService is a service of an organisation.
type HealthcareService struct {
	Base
	Identifier []Identifier `json:"identifier"`
	Name       string       `json:"name"`
}

// About is nil.
func (*HealthcareService) About() *Reference { return nil }
