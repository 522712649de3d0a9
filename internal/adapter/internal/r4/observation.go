package r4

import "ribble/internal/adapter/internal/fhirjson"

// Observation is FHIR R4 Observation (UKCore-Observation and its profiles).
type Observation struct {
	Header
	Identifier    []Identifier      `json:"identifier"`
	BasedOn       []Reference       `json:"basedOn"`
	PartOf        []Reference       `json:"partOf"`
	Status        string            `json:"status"`
	Category      []CodeableConcept `json:"category"`
	Code          CodeableConcept   `json:"code"`
	Subject       Reference         `json:"subject"`
	Focus         []Reference       `json:"focus"`
	Encounter     *Reference        `json:"encounter"`
	EffectiveTime string            `json:"effectiveDateTime"`
	Effective     *Period           `json:"effectivePeriod"`
	EffectiveAt   string            `json:"effectiveInstant"`
	Issued        string            `json:"issued"`
	Performer     []Reference       `json:"performer"`
	Value
	Interpretation []CodeableConcept `json:"interpretation"`
	Note           []Annotation      `json:"note"`
	BodySite       CodeableConcept   `json:"bodySite"`
	Method         CodeableConcept   `json:"method"`
	Specimen       *Reference        `json:"specimen"`
	Device         *Reference        `json:"device"`
	ReferenceRange []ReferenceRange  `json:"referenceRange"`
	HasMember      []Reference       `json:"hasMember"`
	DerivedFrom    []Reference       `json:"derivedFrom"`
	Component      []Component       `json:"component"`
}

// Value is value[x] with dataAbsentReason, of an Observation or a component.
type Value struct {
	ValueQuantity        *Quantity        `json:"valueQuantity"`
	ValueCodeableConcept *CodeableConcept `json:"valueCodeableConcept"`
	ValueString          string           `json:"valueString"`
	ValueBoolean         *bool            `json:"valueBoolean"`
	ValueInteger         fhirjson.Decimal `json:"valueInteger"`
	ValueRange           *Range           `json:"valueRange"`
	ValueRatio           *Ratio           `json:"valueRatio"`
	ValueTime            string           `json:"valueTime"`
	ValueDateTime        string           `json:"valueDateTime"`
	ValuePeriod          *Period          `json:"valuePeriod"`
	// ValueSampledData is only noted: a waveform is not shown.
	ValueSampledData *SampledData    `json:"valueSampledData"`
	DataAbsentReason CodeableConcept `json:"dataAbsentReason"`
}

// SampledData is FHIR R4 SampledData, of which nothing is kept.
type SampledData struct{}

// ReadJSON checks the value.
func (*SampledData) ReadJSON(r *fhirjson.Reader) {
	if r.Kind() != '{' {
		r.Refuse(fhirjson.ErrMalformed)
	}
	r.Skip()
}

// Component is Observation.component.
type Component struct {
	Code CodeableConcept `json:"code"`
	Value
	Interpretation []CodeableConcept `json:"interpretation"`
	ReferenceRange []ReferenceRange  `json:"referenceRange"`
}

// ReferenceRange is Observation.referenceRange.
type ReferenceRange struct {
	Low  Quantity         `json:"low"`
	High Quantity         `json:"high"`
	Type *CodeableConcept `json:"type"`
	Text string           `json:"text"`
}

// DiagnosticReport is FHIR R4 DiagnosticReport (UKCore-DiagnosticReport, -Lab).
type DiagnosticReport struct {
	Header
	Identifier         []Identifier      `json:"identifier"`
	BasedOn            []Reference       `json:"basedOn"`
	Status             string            `json:"status"`
	Category           []CodeableConcept `json:"category"`
	Code               CodeableConcept   `json:"code"`
	Subject            Reference         `json:"subject"`
	Encounter          *Reference        `json:"encounter"`
	EffectiveDateTime  string            `json:"effectiveDateTime"`
	EffectivePeriod    *Period           `json:"effectivePeriod"`
	Issued             string            `json:"issued"`
	Performer          []Reference       `json:"performer"`
	ResultsInterpreter []Reference       `json:"resultsInterpreter"`
	Specimen           []Reference       `json:"specimen"`
	Result             []Reference       `json:"result"`
	ImagingStudy       []Reference       `json:"imagingStudy"`
	Conclusion         string            `json:"conclusion"`
	ConclusionCode     []CodeableConcept `json:"conclusionCode"`
	PresentedForm      []Attachment      `json:"presentedForm"`
}

// Specimen is FHIR R4 Specimen.
type Specimen struct {
	Header
	Identifier          []Identifier      `json:"identifier"`
	AccessionIdentifier *Identifier       `json:"accessionIdentifier"`
	Type                CodeableConcept   `json:"type"`
	ReceivedTime        string            `json:"receivedTime"`
	Collection          *Collection       `json:"collection"`
	Condition           []CodeableConcept `json:"condition"`
	Note                []Annotation      `json:"note"`
	Subject             Reference         `json:"subject"`
}

// Collection is Specimen.collection.
type Collection struct {
	CollectedDateTime    string           `json:"collectedDateTime"`
	CollectedPeriod      *Period          `json:"collectedPeriod"`
	BodySite             CodeableConcept  `json:"bodySite"`
	FastingStatusConcept *CodeableConcept `json:"fastingStatusCodeableConcept"`
}

// ImagingStudy is FHIR R4 ImagingStudy.
type ImagingStudy struct {
	Header
	Identifier    []Identifier      `json:"identifier"`
	Status        string            `json:"status"`
	Modality      []Coding          `json:"modality"`
	Subject       Reference         `json:"subject"`
	Encounter     *Reference        `json:"encounter"`
	Started       string            `json:"started"`
	BasedOn       []Reference       `json:"basedOn"`
	Referrer      *Reference        `json:"referrer"`
	ProcedureCode []CodeableConcept `json:"procedureCode"`
	ReasonCode    []CodeableConcept `json:"reasonCode"`
	Note          []Annotation      `json:"note"`
	Description   string            `json:"description"`
	Series        []ImagingSeries   `json:"series"`
}

// ImagingSeries is ImagingStudy.series.
type ImagingSeries struct {
	Modality Coding  `json:"modality"`
	BodySite *Coding `json:"bodySite"`
}
