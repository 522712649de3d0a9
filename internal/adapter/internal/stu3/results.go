package stu3

// Observation is a result, a group of results, a comment, a statement about vaccination, or any other coded entry.
type Observation struct {
	Base
	Identifier        []Identifier    `json:"identifier"`
	Status            string          `json:"status"`
	Code              CodeableConcept `json:"code"`
	Subject           Reference       `json:"subject"`
	Context           Reference       `json:"context"`
	EffectiveDateTime string          `json:"effectiveDateTime"`
	EffectivePeriod   Period          `json:"effectivePeriod"`
	Issued            string          `json:"issued"`
	Performer         []Reference     `json:"performer"`
	Value
	DataAbsentReason CodeableConcept  `json:"dataAbsentReason"`
	Interpretation   CodeableConcept  `json:"interpretation"`
	Comment          string           `json:"comment"`
	BodySite         CodeableConcept  `json:"bodySite"`
	Method           CodeableConcept  `json:"method"`
	Specimen         Reference        `json:"specimen"`
	ReferenceRange   []ReferenceRange `json:"referenceRange"`
	Related          []Related        `json:"related"`
	Component        []Component      `json:"component"`
}

// About is the subject.
func (o *Observation) About() *Reference { return &o.Subject }

// ReferenceRange is the range the laboratory gave.
type ReferenceRange struct {
	Low  Quantity        `json:"low"`
	High Quantity        `json:"high"`
	Type CodeableConcept `json:"type"`
	Text string          `json:"text"`
}

// Related ties an Observation to another entry: has-member, derived-from and others.
type Related struct {
	Type   string    `json:"type"`
	Target Reference `json:"target"`
}

// Component is a part of an Observation, such as the systolic pressure.
type Component struct {
	Code CodeableConcept `json:"code"`
	Value
	DataAbsentReason CodeableConcept  `json:"dataAbsentReason"`
	Interpretation   CodeableConcept  `json:"interpretation"`
	ReferenceRange   []ReferenceRange `json:"referenceRange"`
}

// DiagnosticReport is a laboratory or other report.
type DiagnosticReport struct {
	Base
	Identifier        []Identifier      `json:"identifier"`
	BasedOn           []Reference       `json:"basedOn"`
	Status            string            `json:"status"`
	Category          CodeableConcept   `json:"category"`
	Code              CodeableConcept   `json:"code"`
	Subject           Reference         `json:"subject"`
	Context           Reference         `json:"context"`
	EffectiveDateTime string            `json:"effectiveDateTime"`
	EffectivePeriod   Period            `json:"effectivePeriod"`
	Issued            string            `json:"issued"`
	Performer         []ReportPerformer `json:"performer"`
	Specimen          []Reference       `json:"specimen"`
	Result            []Reference       `json:"result"`
	Conclusion        string            `json:"conclusion"`
	CodedDiagnosis    []CodeableConcept `json:"codedDiagnosis"`
	PresentedForm     []Attachment      `json:"presentedForm"`
}

// About is the subject.
func (d *DiagnosticReport) About() *Reference { return &d.Subject }

// ReportPerformer is who made a report.
type ReportPerformer struct {
	Role  CodeableConcept `json:"role"`
	Actor Reference       `json:"actor"`
}

// Specimen is what was examined.
type Specimen struct {
	Base
	Extension           []Extension     `json:"extension"`
	AccessionIdentifier Identifier      `json:"accessionIdentifier"`
	Status              string          `json:"status"`
	Type                CodeableConcept `json:"type"`
	Subject             Reference       `json:"subject"`
	ReceivedTime        string          `json:"receivedTime"`
	Collection          Collection      `json:"collection"`
	Note                []Annotation    `json:"note"`
}

// About is the subject.
func (s *Specimen) About() *Reference { return &s.Subject }

// Collection is how a specimen was taken.
type Collection struct {
	CollectedDateTime string          `json:"collectedDateTime"`
	CollectedPeriod   Period          `json:"collectedPeriod"`
	BodySite          CodeableConcept `json:"bodySite"`
}
