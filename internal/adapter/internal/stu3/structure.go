package stu3

// List gives order, warnings and emptiness, and builds consultations.
type List struct {
	Base
	Extension   []Extension     `json:"extension"`
	Status      string          `json:"status"`
	Title       string          `json:"title"`
	Code        CodeableConcept `json:"code"`
	Subject     Reference       `json:"subject"`
	Encounter   Reference       `json:"encounter"`
	Note        []Annotation    `json:"note"`
	Entry       []ListEntry     `json:"entry"`
	EmptyReason CodeableConcept `json:"emptyReason"`
}

// About is the subject.
func (l *List) About() *Reference { return &l.Subject }

// ListEntry is one item of a List.
type ListEntry struct {
	Item    Reference `json:"item"`
	Deleted bool      `json:"deleted"`
}

// Encounter is a consultation.
type Encounter struct {
	Base
	Identifier      []Identifier      `json:"identifier"`
	Status          string            `json:"status"`
	Type            []CodeableConcept `json:"type"`
	Subject         Reference         `json:"subject"`
	Participant     []Participant     `json:"participant"`
	Period          Period            `json:"period"`
	Length          Quantity          `json:"length"`
	Reason          []CodeableConcept `json:"reason"`
	Location        []EncounterPlace  `json:"location"`
	ServiceProvider Reference         `json:"serviceProvider"`
}

// About is the subject.
func (e *Encounter) About() *Reference { return &e.Subject }

// Participant is a person with a role in a consultation.
type Participant struct {
	Type       []CodeableConcept `json:"type"`
	Period     Period            `json:"period"`
	Individual Reference         `json:"individual"`
}

// EncounterPlace is where a consultation took place.
type EncounterPlace struct {
	Location Reference `json:"location"`
}
