package stu3

import "ribble/internal/adapter/internal/fhirjson"

//go:generate go run ribble/internal/adapter/internal/fhirgen

// Coding is a FHIR Coding; Extension holds the description the author chose (coding-sctdescid).
type Coding struct {
	System       string        `json:"system"`
	Code         string        `json:"code"`
	Display      string        `json:"display"`
	UserSelected bool          `json:"userSelected"`
	Extension    []Description `json:"extension"`
}

// Description is the extension coding-sctdescid. Its url and the names of its parts occur in several spellings.
type Description struct {
	Extension []DescriptionPart `json:"extension"`
}

// DescriptionPart is a part of that extension.
type DescriptionPart struct {
	URL     string `json:"url"`
	ValueID string `json:"valueId"`
}

// CodeableConcept is a FHIR CodeableConcept.
type CodeableConcept struct {
	Coding []Coding `json:"coding"`
	Text   string   `json:"text"`
}

// Identifier is a business identifier; Extension holds the verification status of an NHS number.
type Identifier struct {
	System    string      `json:"system"`
	Value     string      `json:"value"`
	Extension []Extension `json:"extension"`
}

// Reference points at a resource; Display is what the source wrote beside or instead of it.
type Reference struct {
	Reference  string      `json:"reference"`
	Display    string      `json:"display"`
	Identifier *Identifier `json:"identifier"`
}

// IsZero reports that nothing was sent.
func (r Reference) IsZero() bool { return r.Reference == "" && r.Display == "" && r.Identifier == nil }

// Period is a FHIR Period, its ends as written.
type Period struct {
	Start string `json:"start"`
	End   string `json:"end"`
}

// Quantity is a FHIR Quantity; Extension may hold the quantity as text (MedicationQuantityText).
type Quantity struct {
	Value      fhirjson.Decimal `json:"value"`
	Comparator string           `json:"comparator"`
	Unit       string           `json:"unit"`
	System     string           `json:"system"`
	Code       string           `json:"code"`
	Extension  []Extension      `json:"extension"`
}

// Range is a FHIR Range.
type Range struct {
	Low  Quantity `json:"low"`
	High Quantity `json:"high"`
}

// Ratio is a FHIR Ratio.
type Ratio struct {
	Numerator   Quantity `json:"numerator"`
	Denominator Quantity `json:"denominator"`
}

// Annotation is a note.
type Annotation struct {
	Text string `json:"text"`
}

// Attachment is the address or body of a document.
type Attachment struct {
	ContentType string           `json:"contentType"`
	URL         string           `json:"url"`
	Title       string           `json:"title"`
	Size        fhirjson.Decimal `json:"size"`
	Hash        string           `json:"hash"`
	Data        Base64           `json:"data"`
}

// HumanName is a name of a person.
type HumanName struct {
	Use    string   `json:"use"`
	Text   string   `json:"text"`
	Family string   `json:"family"`
	Given  []string `json:"given"`
	Prefix []string `json:"prefix"`
	Suffix []string `json:"suffix"`
	Period Period   `json:"period"`
}

// ContactPoint is a telephone number or other address.
type ContactPoint struct {
	System string `json:"system"`
	Value  string `json:"value"`
}

// Address is a postal address.
type Address struct {
	Text       string   `json:"text"`
	Line       []string `json:"line"`
	City       string   `json:"city"`
	District   string   `json:"district"`
	PostalCode string   `json:"postalCode"`
}

// Extension is an extension with those value types that GP Connect uses.
type Extension struct {
	URL                  string           `json:"url"`
	Extension            []Extension      `json:"extension"`
	ValueString          string           `json:"valueString"`
	ValueCode            string           `json:"valueCode"`
	ValueDateTime        string           `json:"valueDateTime"`
	ValueDate            string           `json:"valueDate"`
	ValueBoolean         *bool            `json:"valueBoolean"`
	ValuePositiveInt     fhirjson.Decimal `json:"valuePositiveInt"`
	ValueUnsignedInt     fhirjson.Decimal `json:"valueUnsignedInt"`
	ValueInteger         fhirjson.Decimal `json:"valueInteger"`
	ValueCodeableConcept *CodeableConcept `json:"valueCodeableConcept"`
	ValueReference       *Reference       `json:"valueReference"`
	ValuePeriod          *Period          `json:"valuePeriod"`
}

// Value is a value[x] of an Observation or one of its components; at most one field is set.
type Value struct {
	ValueQuantity        *Quantity        `json:"valueQuantity"`
	ValueCodeableConcept *CodeableConcept `json:"valueCodeableConcept"`
	ValueString          string           `json:"valueString"`
	ValueBoolean         *bool            `json:"valueBoolean"`
	ValueRange           *Range           `json:"valueRange"`
	ValueRatio           *Ratio           `json:"valueRatio"`
	ValueTime            string           `json:"valueTime"`
	ValueDateTime        string           `json:"valueDateTime"`
	ValuePeriod          *Period          `json:"valuePeriod"`
}
