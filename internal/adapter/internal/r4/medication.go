package r4

import "ribble/internal/adapter/internal/fhirjson"

// Medication is FHIR R4 Medication.
type Medication struct {
	Header
	Code       CodeableConcept        `json:"code"`
	Form       *CodeableConcept       `json:"form"`
	Ingredient []MedicationIngredient `json:"ingredient"`
}

// MedicationIngredient is Medication.ingredient.
type MedicationIngredient struct {
	ItemCodeableConcept *CodeableConcept `json:"itemCodeableConcept"`
	ItemReference       *Reference       `json:"itemReference"`
	Strength            *Ratio           `json:"strength"`
}

// MedicationRequest is FHIR R4 MedicationRequest (UKCore-MedicationRequest).
type MedicationRequest struct {
	Header
	Identifier                []Identifier      `json:"identifier"`
	Status                    string            `json:"status"`
	StatusReason              *CodeableConcept  `json:"statusReason"`
	Intent                    string            `json:"intent"`
	Category                  []CodeableConcept `json:"category"`
	Priority                  string            `json:"priority"`
	DoNotPerform              bool              `json:"doNotPerform"`
	ReportedBoolean           *bool             `json:"reportedBoolean"`
	ReportedReference         *Reference        `json:"reportedReference"`
	MedicationCodeableConcept *CodeableConcept  `json:"medicationCodeableConcept"`
	MedicationReference       *Reference        `json:"medicationReference"`
	Subject                   Reference         `json:"subject"`
	Encounter                 *Reference        `json:"encounter"`
	AuthoredOn                string            `json:"authoredOn"`
	Requester                 *Reference        `json:"requester"`
	Performer                 *Reference        `json:"performer"`
	Recorder                  *Reference        `json:"recorder"`
	ReasonCode                []CodeableConcept `json:"reasonCode"`
	ReasonReference           []Reference       `json:"reasonReference"`
	BasedOn                   []Reference       `json:"basedOn"`
	GroupIdentifier           *Identifier       `json:"groupIdentifier"`
	CourseOfTherapyType       CodeableConcept   `json:"courseOfTherapyType"`
	Note                      []Annotation      `json:"note"`
	DosageInstruction         []Dosage          `json:"dosageInstruction"`
	DispenseRequest           *DispenseRequest  `json:"dispenseRequest"`
	PriorPrescription         *Reference        `json:"priorPrescription"`
}

// DispenseRequest is MedicationRequest.dispenseRequest.
type DispenseRequest struct {
	ValidityPeriod         Period           `json:"validityPeriod"`
	NumberOfRepeatsAllowed fhirjson.Decimal `json:"numberOfRepeatsAllowed"`
	Quantity               *Quantity        `json:"quantity"`
	ExpectedSupplyDuration *Quantity        `json:"expectedSupplyDuration"`
	Performer              *Reference       `json:"performer"`
}

// MedicationStatement is FHIR R4 MedicationStatement (UKCore-MedicationStatement).
type MedicationStatement struct {
	Header
	Identifier                []Identifier      `json:"identifier"`
	BasedOn                   []Reference       `json:"basedOn"`
	PartOf                    []Reference       `json:"partOf"`
	Status                    string            `json:"status"`
	StatusReason              []CodeableConcept `json:"statusReason"`
	Category                  CodeableConcept   `json:"category"`
	MedicationCodeableConcept *CodeableConcept  `json:"medicationCodeableConcept"`
	MedicationReference       *Reference        `json:"medicationReference"`
	Subject                   Reference         `json:"subject"`
	Context                   *Reference        `json:"context"`
	EffectiveDateTime         string            `json:"effectiveDateTime"`
	EffectivePeriod           *Period           `json:"effectivePeriod"`
	DateAsserted              string            `json:"dateAsserted"`
	InformationSource         *Reference        `json:"informationSource"`
	ReasonCode                []CodeableConcept `json:"reasonCode"`
	ReasonReference           []Reference       `json:"reasonReference"`
	Note                      []Annotation      `json:"note"`
	Dosage                    []Dosage          `json:"dosage"`
}

// MedicationDispense is FHIR R4 MedicationDispense.
type MedicationDispense struct {
	Header
	Identifier                []Identifier     `json:"identifier"`
	Status                    string           `json:"status"`
	StatusReasonConcept       *CodeableConcept `json:"statusReasonCodeableConcept"`
	MedicationCodeableConcept *CodeableConcept `json:"medicationCodeableConcept"`
	MedicationReference       *Reference       `json:"medicationReference"`
	Subject                   Reference        `json:"subject"`
	Context                   *Reference       `json:"context"`
	Performer                 []Person         `json:"performer"`
	Location                  *Reference       `json:"location"`
	AuthorizingPrescription   []Reference      `json:"authorizingPrescription"`
	Quantity                  *Quantity        `json:"quantity"`
	DaysSupply                *Quantity        `json:"daysSupply"`
	WhenPrepared              string           `json:"whenPrepared"`
	WhenHandedOver            string           `json:"whenHandedOver"`
	Note                      []Annotation     `json:"note"`
	DosageInstruction         []Dosage         `json:"dosageInstruction"`
}

// MedicationAdministration is FHIR R4 MedicationAdministration.
type MedicationAdministration struct {
	Header
	Identifier                []Identifier          `json:"identifier"`
	Status                    string                `json:"status"`
	StatusReason              []CodeableConcept     `json:"statusReason"`
	MedicationCodeableConcept *CodeableConcept      `json:"medicationCodeableConcept"`
	MedicationReference       *Reference            `json:"medicationReference"`
	Subject                   Reference             `json:"subject"`
	Context                   *Reference            `json:"context"`
	EffectiveDateTime         string                `json:"effectiveDateTime"`
	EffectivePeriod           *Period               `json:"effectivePeriod"`
	Performer                 []Person              `json:"performer"`
	ReasonCode                []CodeableConcept     `json:"reasonCode"`
	Request                   *Reference            `json:"request"`
	Note                      []Annotation          `json:"note"`
	Dosage                    *AdministrationDosage `json:"dosage"`
}

// AdministrationDosage is MedicationAdministration.dosage.
type AdministrationDosage struct {
	Text         string           `json:"text"`
	Site         *CodeableConcept `json:"site"`
	Route        *CodeableConcept `json:"route"`
	Method       *CodeableConcept `json:"method"`
	Dose         *Quantity        `json:"dose"`
	RateQuantity *Quantity        `json:"rateQuantity"`
	RateRatio    *Ratio           `json:"rateRatio"`
}
