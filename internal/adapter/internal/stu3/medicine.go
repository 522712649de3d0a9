package stu3

// Medication names a product.
type Medication struct {
	Base
	Code CodeableConcept `json:"code"`
}

// About is nil.
func (*Medication) About() *Reference { return nil }

// MedicationStatement is a summary of one authorisation.
type MedicationStatement struct {
	Base
	Extension                 []Extension       `json:"extension"`
	Identifier                []Identifier      `json:"identifier"`
	BasedOn                   []Reference       `json:"basedOn"`
	Context                   Reference         `json:"context"`
	Status                    string            `json:"status"`
	MedicationReference       Reference         `json:"medicationReference"`
	MedicationCodeableConcept CodeableConcept   `json:"medicationCodeableConcept"`
	EffectiveDateTime         string            `json:"effectiveDateTime"`
	EffectivePeriod           Period            `json:"effectivePeriod"`
	DateAsserted              string            `json:"dateAsserted"`
	InformationSource         Reference         `json:"informationSource"`
	Subject                   Reference         `json:"subject"`
	ReasonCode                []CodeableConcept `json:"reasonCode"`
	Note                      []Annotation      `json:"note"`
	Dosage                    []Dosage          `json:"dosage"`
}

// About is the subject.
func (m *MedicationStatement) About() *Reference { return &m.Subject }

// MedicationRequest is an authorisation (intent plan) or an issue of one (intent order).
type MedicationRequest struct {
	Base
	Extension                 []Extension       `json:"extension"`
	Identifier                []Identifier      `json:"identifier"`
	BasedOn                   []Reference       `json:"basedOn"`
	GroupIdentifier           Identifier        `json:"groupIdentifier"`
	Status                    string            `json:"status"`
	Intent                    string            `json:"intent"`
	MedicationReference       Reference         `json:"medicationReference"`
	MedicationCodeableConcept CodeableConcept   `json:"medicationCodeableConcept"`
	Subject                   Reference         `json:"subject"`
	Context                   Reference         `json:"context"`
	AuthoredOn                string            `json:"authoredOn"`
	Requester                 Requester         `json:"requester"`
	Recorder                  Reference         `json:"recorder"`
	ReasonCode                []CodeableConcept `json:"reasonCode"`
	Note                      []Annotation      `json:"note"`
	DosageInstruction         []Dosage          `json:"dosageInstruction"`
	DispenseRequest           DispenseRequest   `json:"dispenseRequest"`
	PriorPrescription         Reference         `json:"priorPrescription"`
}

// About is the subject.
func (m *MedicationRequest) About() *Reference { return &m.Subject }

// Dosage is how a medicine is taken, in words.
type Dosage struct {
	Text               string `json:"text"`
	PatientInstruction string `json:"patientInstruction"`
}

// DispenseRequest is what is to be supplied.
type DispenseRequest struct {
	ValidityPeriod         Period    `json:"validityPeriod"`
	Quantity               Quantity  `json:"quantity"`
	ExpectedSupplyDuration Quantity  `json:"expectedSupplyDuration"`
	Performer              Reference `json:"performer"`
}
