package r4

import "ribble/internal/adapter/internal/fhirjson"

// AllergyIntolerance is FHIR R4 AllergyIntolerance (UKCore-AllergyIntolerance).
type AllergyIntolerance struct {
	Header
	Identifier         []Identifier      `json:"identifier"`
	ClinicalStatus     Status            `json:"clinicalStatus"`
	VerificationStatus Status            `json:"verificationStatus"`
	Type               string            `json:"type"`
	Category           []string          `json:"category"`
	Criticality        string            `json:"criticality"`
	Code               CodeableConcept   `json:"code"`
	Patient            Reference         `json:"patient"`
	Encounter          *Reference        `json:"encounter"`
	RecordedDate       string            `json:"recordedDate"`
	Recorder           *Reference        `json:"recorder"`
	Asserter           *Reference        `json:"asserter"`
	LastOccurrence     string            `json:"lastOccurrence"`
	Note               []Annotation      `json:"note"`
	Reaction           []AllergyReaction `json:"reaction"`
	OnsetDateTime      string            `json:"onsetDateTime"`
	OnsetAge           *Quantity         `json:"onsetAge"`
	OnsetPeriod        *Period           `json:"onsetPeriod"`
	OnsetRange         *Range            `json:"onsetRange"`
	OnsetString        string            `json:"onsetString"`
}

// AllergyReaction is AllergyIntolerance.reaction.
type AllergyReaction struct {
	Substance     *CodeableConcept  `json:"substance"`
	Manifestation []CodeableConcept `json:"manifestation"`
	Description   string            `json:"description"`
	Onset         string            `json:"onset"`
	Severity      string            `json:"severity"`
	ExposureRoute CodeableConcept   `json:"exposureRoute"`
	Note          []Annotation      `json:"note"`
}

// Condition is FHIR R4 Condition (UKCore-Condition; Interweave-SocialCareSupportReason).
type Condition struct {
	Header
	Identifier         []Identifier        `json:"identifier"`
	ClinicalStatus     Status              `json:"clinicalStatus"`
	VerificationStatus Status              `json:"verificationStatus"`
	Category           []CodeableConcept   `json:"category"`
	Severity           CodeableConcept     `json:"severity"`
	Code               CodeableConcept     `json:"code"`
	BodySite           []CodeableConcept   `json:"bodySite"`
	Subject            Reference           `json:"subject"`
	Encounter          *Reference          `json:"encounter"`
	OnsetDateTime      string              `json:"onsetDateTime"`
	OnsetAge           *Quantity           `json:"onsetAge"`
	OnsetPeriod        *Period             `json:"onsetPeriod"`
	OnsetRange         *Range              `json:"onsetRange"`
	OnsetString        string              `json:"onsetString"`
	AbatementDateTime  string              `json:"abatementDateTime"`
	AbatementAge       *Quantity           `json:"abatementAge"`
	AbatementPeriod    *Period             `json:"abatementPeriod"`
	AbatementRange     *Range              `json:"abatementRange"`
	AbatementString    string              `json:"abatementString"`
	RecordedDate       string              `json:"recordedDate"`
	Recorder           *Reference          `json:"recorder"`
	Asserter           *Reference          `json:"asserter"`
	Stage              []ConditionStage    `json:"stage"`
	Evidence           []ConditionEvidence `json:"evidence"`
	Note               []Annotation        `json:"note"`
}

// ConditionStage is Condition.stage.
type ConditionStage struct {
	Summary CodeableConcept `json:"summary"`
}

// ConditionEvidence is Condition.evidence.
type ConditionEvidence struct {
	Code   []CodeableConcept `json:"code"`
	Detail []Reference       `json:"detail"`
}

// Procedure is FHIR R4 Procedure.
type Procedure struct {
	Header
	Identifier        []Identifier      `json:"identifier"`
	BasedOn           []Reference       `json:"basedOn"`
	Status            string            `json:"status"`
	StatusReason      CodeableConcept   `json:"statusReason"`
	Category          CodeableConcept   `json:"category"`
	Code              CodeableConcept   `json:"code"`
	Subject           Reference         `json:"subject"`
	Encounter         *Reference        `json:"encounter"`
	PerformedDateTime string            `json:"performedDateTime"`
	PerformedPeriod   *Period           `json:"performedPeriod"`
	PerformedString   string            `json:"performedString"`
	PerformedAge      *Quantity         `json:"performedAge"`
	PerformedRange    *Range            `json:"performedRange"`
	Recorder          *Reference        `json:"recorder"`
	Asserter          *Reference        `json:"asserter"`
	Performer         []Person          `json:"performer"`
	Location          *Reference        `json:"location"`
	ReasonCode        []CodeableConcept `json:"reasonCode"`
	ReasonReference   []Reference       `json:"reasonReference"`
	BodySite          []CodeableConcept `json:"bodySite"`
	Outcome           CodeableConcept   `json:"outcome"`
	Report            []Reference       `json:"report"`
	Complication      []CodeableConcept `json:"complication"`
	FollowUp          []CodeableConcept `json:"followUp"`
	Note              []Annotation      `json:"note"`
	FocalDevice       []FocalDevice     `json:"focalDevice"`
	UsedReference     []Reference       `json:"usedReference"`
	UsedCode          []CodeableConcept `json:"usedCode"`
}

// FocalDevice is Procedure.focalDevice: an implant put in, changed or taken out.
type FocalDevice struct {
	Action      CodeableConcept `json:"action"`
	Manipulated Reference       `json:"manipulated"`
}

// Immunization is FHIR R4 Immunization (UKCore-Immunization).
type Immunization struct {
	Header
	Identifier         []Identifier      `json:"identifier"`
	Status             string            `json:"status"`
	StatusReason       *CodeableConcept  `json:"statusReason"`
	VaccineCode        CodeableConcept   `json:"vaccineCode"`
	Patient            Reference         `json:"patient"`
	Encounter          *Reference        `json:"encounter"`
	OccurrenceDateTime string            `json:"occurrenceDateTime"`
	OccurrenceString   string            `json:"occurrenceString"`
	Recorded           string            `json:"recorded"`
	PrimarySource      *bool             `json:"primarySource"`
	ReportOrigin       CodeableConcept   `json:"reportOrigin"`
	Location           *Reference        `json:"location"`
	Manufacturer       *Reference        `json:"manufacturer"`
	LotNumber          string            `json:"lotNumber"`
	ExpirationDate     string            `json:"expirationDate"`
	Site               CodeableConcept   `json:"site"`
	Route              CodeableConcept   `json:"route"`
	DoseQuantity       *Quantity         `json:"doseQuantity"`
	Performer          []Person          `json:"performer"`
	Note               []Annotation      `json:"note"`
	ReasonCode         []CodeableConcept `json:"reasonCode"`
	ReasonReference    []Reference       `json:"reasonReference"`
	Reaction           []VaccineReaction `json:"reaction"`
	ProtocolApplied    []VaccineProtocol `json:"protocolApplied"`
}

// VaccineReaction is Immunization.reaction.
type VaccineReaction struct {
	Date   string     `json:"date"`
	Detail *Reference `json:"detail"`
}

// VaccineProtocol is Immunization.protocolApplied.
type VaccineProtocol struct {
	Series         string            `json:"series"`
	TargetDisease  []CodeableConcept `json:"targetDisease"`
	DoseNumber     fhirjson.Decimal  `json:"doseNumberPositiveInt"`
	DoseNumberText string            `json:"doseNumberString"`
	SeriesDoses    fhirjson.Decimal  `json:"seriesDosesPositiveInt"`
	SeriesText     string            `json:"seriesDosesString"`
}

// FamilyMemberHistory is FHIR R4 FamilyMemberHistory.
type FamilyMemberHistory struct {
	Header
	Identifier       []Identifier      `json:"identifier"`
	Status           string            `json:"status"`
	DataAbsentReason *CodeableConcept  `json:"dataAbsentReason"`
	Patient          Reference         `json:"patient"`
	Date             string            `json:"date"`
	Name             string            `json:"name"`
	Relationship     CodeableConcept   `json:"relationship"`
	Sex              *CodeableConcept  `json:"sex"`
	AgeString        string            `json:"ageString"`
	AgeAge           *Quantity         `json:"ageAge"`
	DeceasedBoolean  *bool             `json:"deceasedBoolean"`
	DeceasedDate     string            `json:"deceasedDate"`
	DeceasedAge      *Quantity         `json:"deceasedAge"`
	DeceasedString   string            `json:"deceasedString"`
	ReasonCode       []CodeableConcept `json:"reasonCode"`
	Note             []Annotation      `json:"note"`
	Condition        []FamilyCondition `json:"condition"`
}

// FamilyCondition is FamilyMemberHistory.condition.
type FamilyCondition struct {
	Code               CodeableConcept  `json:"code"`
	Outcome            *CodeableConcept `json:"outcome"`
	ContributedToDeath *bool            `json:"contributedToDeath"`
	OnsetAge           *Quantity        `json:"onsetAge"`
	OnsetRange         *Range           `json:"onsetRange"`
	OnsetPeriod        *Period          `json:"onsetPeriod"`
	OnsetString        string           `json:"onsetString"`
	Note               []Annotation     `json:"note"`
}
