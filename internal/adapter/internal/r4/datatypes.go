package r4

import (
	"ribble/internal/adapter/internal/fhirjson"
	"ribble/internal/record"
)

// CodeableConcept is FHIR R4 CodeableConcept, decoded straight into the record's concept.
type CodeableConcept record.Concept

// Coding is FHIR R4 Coding, decoded straight into the record's coding.
type Coding record.Coding

// Status is a CodeableConcept read for its code, with the extensions that some sources place on it.
type Status struct {
	Extension []Extension `json:"extension"`
	Coding    []Coding    `json:"coding"`
	Text      string      `json:"text"`
}

// Identifier is FHIR R4 Identifier. The extension carries the NHS number verification status (UK Core).
type Identifier struct {
	Extension []Extension `json:"extension"`
	Use       string      `json:"use"`
	System    string      `json:"system"`
	Value     string      `json:"value"`
}

// Reference is FHIR R4 Reference.
type Reference struct {
	Reference  string      `json:"reference"`
	Type       string      `json:"type"`
	Display    string      `json:"display"`
	Identifier *Identifier `json:"identifier"`
}

// Period is FHIR R4 Period.
type Period struct {
	Start string `json:"start"`
	End   string `json:"end"`
}

// Quantity is FHIR R4 Quantity; Age, Duration, Count and Money quantities are read as it.
type Quantity struct {
	Extension  []Extension      `json:"extension"`
	Value      fhirjson.Decimal `json:"value"`
	Comparator string           `json:"comparator"`
	Unit       string           `json:"unit"`
	System     string           `json:"system"`
	Code       string           `json:"code"`
}

// Range is FHIR R4 Range.
type Range struct {
	Low  Quantity `json:"low"`
	High Quantity `json:"high"`
}

// Ratio is FHIR R4 Ratio.
type Ratio struct {
	Numerator   Quantity `json:"numerator"`
	Denominator Quantity `json:"denominator"`
}

// Annotation is FHIR R4 Annotation.
type Annotation struct {
	AuthorReference *Reference `json:"authorReference"`
	AuthorString    string     `json:"authorString"`
	Time            string     `json:"time"`
	Text            string     `json:"text"`
}

// HumanName is FHIR R4 HumanName.
type HumanName struct {
	Use    string   `json:"use"`
	Text   string   `json:"text"`
	Family string   `json:"family"`
	Given  []string `json:"given"`
	Prefix []string `json:"prefix"`
	Suffix []string `json:"suffix"`
	Period Period   `json:"period"`
}

// Address is FHIR R4 Address.
type Address struct {
	Use        string   `json:"use"`
	Text       string   `json:"text"`
	Line       []string `json:"line"`
	City       string   `json:"city"`
	District   string   `json:"district"`
	PostalCode string   `json:"postalCode"`
	Period     Period   `json:"period"`
}

// ContactPoint is FHIR R4 ContactPoint.
type ContactPoint struct {
	System string `json:"system"`
	Value  string `json:"value"`
	Use    string `json:"use"`
	Period Period `json:"period"`
}

// Attachment is FHIR R4 Attachment. Data is base64.
type Attachment struct {
	ContentType string           `json:"contentType"`
	Data        string           `json:"data"`
	URL         string           `json:"url"`
	Title       string           `json:"title"`
	Size        fhirjson.Decimal `json:"size"`
	Hash        string           `json:"hash"`
	Creation    string           `json:"creation"`
}

// Extension is FHIR R4 Extension with the value types that the known extensions use.
type Extension struct {
	URL                  string           `json:"url"`
	Extension            []Extension      `json:"extension"`
	ValueString          string           `json:"valueString"`
	ValueMarkdown        string           `json:"valueMarkdown"`
	ValueCode            string           `json:"valueCode"`
	ValueBoolean         *bool            `json:"valueBoolean"`
	ValueDateTime        string           `json:"valueDateTime"`
	ValueDate            string           `json:"valueDate"`
	ValueID              string           `json:"valueId"`
	ValueInteger         fhirjson.Decimal `json:"valueInteger"`
	ValuePositiveInt     fhirjson.Decimal `json:"valuePositiveInt"`
	ValueUnsignedInt     fhirjson.Decimal `json:"valueUnsignedInt"`
	ValueCodeableConcept *CodeableConcept `json:"valueCodeableConcept"`
	ValueCoding          *Coding          `json:"valueCoding"`
	ValuePeriod          *Period          `json:"valuePeriod"`
	ValueQuantity        *Quantity        `json:"valueQuantity"`
	ValueReference       *Reference       `json:"valueReference"`
	ValueIdentifier      *Identifier      `json:"valueIdentifier"`
	ValueAnnotation      *Annotation      `json:"valueAnnotation"`
}

// Dosage is FHIR R4 Dosage.
type Dosage struct {
	Text                  string            `json:"text"`
	PatientInstruction    string            `json:"patientInstruction"`
	AdditionalInstruction []CodeableConcept `json:"additionalInstruction"`
	Timing                *Timing           `json:"timing"`
	AsNeededBoolean       *bool             `json:"asNeededBoolean"`
	AsNeededConcept       *CodeableConcept  `json:"asNeededCodeableConcept"`
	Site                  *CodeableConcept  `json:"site"`
	Route                 *CodeableConcept  `json:"route"`
	Method                *CodeableConcept  `json:"method"`
	DoseAndRate           []DoseAndRate     `json:"doseAndRate"`
}

// DoseAndRate is Dosage.doseAndRate; for MedicationAdministration.dosage its members stand in the dosage itself.
type DoseAndRate struct {
	DoseQuantity *Quantity `json:"doseQuantity"`
	DoseRange    *Range    `json:"doseRange"`
	RateQuantity *Quantity `json:"rateQuantity"`
	RateRatio    *Ratio    `json:"rateRatio"`
	RateRange    *Range    `json:"rateRange"`
}

// Timing is FHIR R4 Timing.
type Timing struct {
	Event  []string         `json:"event"`
	Code   *CodeableConcept `json:"code"`
	Repeat *Repeat          `json:"repeat"`
}

// Repeat is Timing.repeat: only the parts that can be said in words as sent.
type Repeat struct {
	BoundsPeriod *Period          `json:"boundsPeriod"`
	Frequency    fhirjson.Decimal `json:"frequency"`
	FrequencyMax fhirjson.Decimal `json:"frequencyMax"`
	Period       fhirjson.Decimal `json:"period"`
	PeriodUnit   string           `json:"periodUnit"`
	DayOfWeek    []string         `json:"dayOfWeek"`
	TimeOfDay    []string         `json:"timeOfDay"`
	When         []string         `json:"when"`
}

// Person is the reference to a person in a part that says what that person did.
type Person struct {
	Function   *CodeableConcept `json:"function"`
	Actor      Reference        `json:"actor"`
	OnBehalfOf *Reference       `json:"onBehalfOf"`
}
