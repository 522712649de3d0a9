package stu3

import "ribble/internal/adapter/internal/fhirjson"

// AllergyIntolerance is an allergy, an intolerance or a statement of none.
type AllergyIntolerance struct {
	Base
	Extension          []Extension     `json:"extension"`
	Identifier         []Identifier    `json:"identifier"`
	ClinicalStatus     string          `json:"clinicalStatus"`
	VerificationStatus string          `json:"verificationStatus"`
	Type               string          `json:"type"`
	Category           []string        `json:"category"`
	Criticality        string          `json:"criticality"`
	Code               CodeableConcept `json:"code"`
	Patient            Reference       `json:"patient"`
	OnsetDateTime      string          `json:"onsetDateTime"`
	OnsetAge           *Quantity       `json:"onsetAge"`
	OnsetPeriod        *Period         `json:"onsetPeriod"`
	OnsetRange         *Range          `json:"onsetRange"`
	OnsetString        string          `json:"onsetString"`
	AssertedDate       string          `json:"assertedDate"`
	Recorder           Reference       `json:"recorder"`
	Asserter           Reference       `json:"asserter"`
	LastOccurrence     string          `json:"lastOccurrence"`
	Note               []Annotation    `json:"note"`
	Reaction           []Reaction      `json:"reaction"`
}

// About is the patient.
func (a *AllergyIntolerance) About() *Reference { return &a.Patient }

// Reaction is one reaction of an allergy.
type Reaction struct {
	Substance     CodeableConcept   `json:"substance"`
	Manifestation []CodeableConcept `json:"manifestation"`
	Description   string            `json:"description"`
	Onset         string            `json:"onset"`
	Severity      string            `json:"severity"`
	ExposureRoute CodeableConcept   `json:"exposureRoute"`
	Note          []Annotation      `json:"note"`
}

// Condition is a problem header.
type Condition struct {
	Base
	Extension          []Extension       `json:"extension"`
	Identifier         []Identifier      `json:"identifier"`
	ClinicalStatus     string            `json:"clinicalStatus"`
	VerificationStatus string            `json:"verificationStatus"`
	Category           []CodeableConcept `json:"category"`
	Severity           CodeableConcept   `json:"severity"`
	Code               CodeableConcept   `json:"code"`
	BodySite           []CodeableConcept `json:"bodySite"`
	Subject            Reference         `json:"subject"`
	Context            Reference         `json:"context"`
	OnsetDateTime      string            `json:"onsetDateTime"`
	OnsetAge           *Quantity         `json:"onsetAge"`
	OnsetPeriod        *Period           `json:"onsetPeriod"`
	OnsetString        string            `json:"onsetString"`
	AbatementDateTime  string            `json:"abatementDateTime"`
	AbatementAge       *Quantity         `json:"abatementAge"`
	AbatementString    string            `json:"abatementString"`
	AssertedDate       string            `json:"assertedDate"`
	Asserter           Reference         `json:"asserter"`
	Note               []Annotation      `json:"note"`
}

// About is the subject.
func (c *Condition) About() *Reference { return &c.Subject }

// Immunization is a vaccination given or not given.
type Immunization struct {
	Base
	Extension           []Extension     `json:"extension"`
	Identifier          []Identifier    `json:"identifier"`
	Status              string          `json:"status"`
	NotGiven            *bool           `json:"notGiven"`
	VaccineCode         CodeableConcept `json:"vaccineCode"`
	Patient             Reference       `json:"patient"`
	Encounter           Reference       `json:"encounter"`
	Date                string          `json:"date"`
	PrimarySource       *bool           `json:"primarySource"`
	ReportOrigin        CodeableConcept `json:"reportOrigin"`
	Location            Reference       `json:"location"`
	Manufacturer        Reference       `json:"manufacturer"`
	LotNumber           string          `json:"lotNumber"`
	ExpirationDate      string          `json:"expirationDate"`
	Site                CodeableConcept `json:"site"`
	Route               CodeableConcept `json:"route"`
	DoseQuantity        Quantity        `json:"doseQuantity"`
	Practitioner        []Vaccinator    `json:"practitioner"`
	Note                []Annotation    `json:"note"`
	Explanation         Explanation     `json:"explanation"`
	VaccinationProtocol []Protocol      `json:"vaccinationProtocol"`
}

// About is the patient.
func (i *Immunization) About() *Reference { return &i.Patient }

// Vaccinator is a person with a role (AP administering, EP entering) in a vaccination.
type Vaccinator struct {
	Role  CodeableConcept `json:"role"`
	Actor Reference       `json:"actor"`
}

// Explanation says why a vaccination was given or not.
type Explanation struct {
	Reason         []CodeableConcept `json:"reason"`
	ReasonNotGiven []CodeableConcept `json:"reasonNotGiven"`
}

// Protocol is the place of a dose in a series.
type Protocol struct {
	DoseSequence  fhirjson.Decimal  `json:"doseSequence"`
	Description   string            `json:"description"`
	Series        string            `json:"series"`
	SeriesDoses   fhirjson.Decimal  `json:"seriesDoses"`
	TargetDisease []CodeableConcept `json:"targetDisease"`
	DoseStatus    CodeableConcept   `json:"doseStatus"`
}

// ReferralRequest is an outbound referral.
type ReferralRequest struct {
	Base
	Identifier       []Identifier      `json:"identifier"`
	Status           string            `json:"status"`
	Type             CodeableConcept   `json:"type"`
	Priority         string            `json:"priority"`
	ServiceRequested []CodeableConcept `json:"serviceRequested"`
	Subject          Reference         `json:"subject"`
	Context          Reference         `json:"context"`
	AuthoredOn       string            `json:"authoredOn"`
	Requester        Requester         `json:"requester"`
	Specialty        CodeableConcept   `json:"specialty"`
	Recipient        []Reference       `json:"recipient"`
	ReasonCode       []CodeableConcept `json:"reasonCode"`
	Description      string            `json:"description"`
	SupportingInfo   []Reference       `json:"supportingInfo"`
	Note             []Annotation      `json:"note"`
}

// About is the subject.
func (r *ReferralRequest) About() *Reference { return &r.Subject }

// Requester is who asked, and for which organisation.
type Requester struct {
	Agent      Reference `json:"agent"`
	OnBehalfOf Reference `json:"onBehalfOf"`
}

// ProcedureRequest is a recall (intent plan) or a test request (intent order). GP Connect examples also write a bare "occurrence".
type ProcedureRequest struct {
	Base
	Identifier         []Identifier      `json:"identifier"`
	Status             string            `json:"status"`
	Intent             string            `json:"intent"`
	DoNotPerform       bool              `json:"doNotPerform"`
	Code               CodeableConcept   `json:"code"`
	Subject            Reference         `json:"subject"`
	Context            Reference         `json:"context"`
	OccurrenceDateTime string            `json:"occurrenceDateTime"`
	OccurrencePeriod   Period            `json:"occurrencePeriod"`
	AuthoredOn         string            `json:"authoredOn"`
	Requester          Requester         `json:"requester"`
	Performer          Reference         `json:"performer"`
	ReasonCode         []CodeableConcept `json:"reasonCode"`
	Note               []Annotation      `json:"note"`
}

// About is the subject.
func (p *ProcedureRequest) About() *Reference { return &p.Subject }

// DocumentReference is a document that can be fetched.
type DocumentReference struct {
	Base
	MasterIdentifier Identifier        `json:"masterIdentifier"`
	Identifier       []Identifier      `json:"identifier"`
	Status           string            `json:"status"`
	DocStatus        string            `json:"docStatus"`
	Type             CodeableConcept   `json:"type"`
	Class            CodeableConcept   `json:"class"`
	Subject          Reference         `json:"subject"`
	Created          string            `json:"created"`
	Indexed          string            `json:"indexed"`
	Author           []Reference       `json:"author"`
	Custodian        Reference         `json:"custodian"`
	Description      string            `json:"description"`
	SecurityLabel    []CodeableConcept `json:"securityLabel"`
	Content          []Content         `json:"content"`
	Context          DocumentContext   `json:"context"`
}

// About is the subject.
func (d *DocumentReference) About() *Reference { return &d.Subject }

// Content is one form of a document.
type Content struct {
	Attachment Attachment `json:"attachment"`
}

// DocumentContext is the setting of a document.
type DocumentContext struct {
	Encounter       Reference       `json:"encounter"`
	Period          Period          `json:"period"`
	PracticeSetting CodeableConcept `json:"practiceSetting"`
	Related         []RelatedEntry  `json:"related"`
}

// RelatedEntry names an entry that belongs to a document.
type RelatedEntry struct {
	Ref Reference `json:"ref"`
}

// QuestionnaireResponse is a set of questions and answers.
type QuestionnaireResponse struct {
	Base
	Identifier Identifiers `json:"identifier"`
	Parent     []Reference `json:"parent"`
	Status     string      `json:"status"`
	Subject    Reference   `json:"subject"`
	Context    Reference   `json:"context"`
	Authored   string      `json:"authored"`
	Author     Reference   `json:"author"`
	Item       []Question  `json:"item"`
}

// About is the subject.
func (q *QuestionnaireResponse) About() *Reference { return &q.Subject }

// Question is one item of a questionnaire, with its answers and items below it.
type Question struct {
	LinkID string           `json:"linkId"`
	Text   string           `json:"text"`
	Answer []QuestionAnswer `json:"answer"`
	Item   []Question       `json:"item"`
}

// QuestionAnswer is one answer; at most one value is set.
type QuestionAnswer struct {
	Value
	ValueDecimal   fhirjson.Decimal `json:"valueDecimal"`
	ValueInteger   fhirjson.Decimal `json:"valueInteger"`
	ValueDate      string           `json:"valueDate"`
	ValueURI       string           `json:"valueUri"`
	ValueCoding    *Coding          `json:"valueCoding"`
	ValueReference *Reference       `json:"valueReference"`
	Item           []Question       `json:"item"`
}
