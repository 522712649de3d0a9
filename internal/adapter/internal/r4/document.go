package r4

// DocumentReference is FHIR R4 DocumentReference (UKCore-DocumentReference, NRL, MHD).
type DocumentReference struct {
	Header
	MasterIdentifier *Identifier        `json:"masterIdentifier"`
	Identifier       []Identifier       `json:"identifier"`
	Status           string             `json:"status"`
	DocStatus        string             `json:"docStatus"`
	Type             CodeableConcept    `json:"type"`
	Category         []CodeableConcept  `json:"category"`
	Subject          *Reference         `json:"subject"`
	Date             string             `json:"date"`
	Author           []Reference        `json:"author"`
	Authenticator    *Reference         `json:"authenticator"`
	Custodian        *Reference         `json:"custodian"`
	RelatesTo        []DocumentRelation `json:"relatesTo"`
	Description      string             `json:"description"`
	SecurityLabel    []CodeableConcept  `json:"securityLabel"`
	Content          []DocumentContent  `json:"content"`
	Context          *DocumentContext   `json:"context"`
}

// DocumentRelation is DocumentReference.relatesTo.
type DocumentRelation struct {
	Code   string    `json:"code"`
	Target Reference `json:"target"`
}

// DocumentContent is DocumentReference.content.
type DocumentContent struct {
	Attachment Attachment `json:"attachment"`
	Format     *Coding    `json:"format"`
}

// DocumentContext is DocumentReference.context.
type DocumentContext struct {
	Encounter       []Reference      `json:"encounter"`
	Period          Period           `json:"period"`
	FacilityType    *CodeableConcept `json:"facilityType"`
	PracticeSetting *CodeableConcept `json:"practiceSetting"`
	Related         []Reference      `json:"related"`
}

// Composition is FHIR R4 Composition: a structured document.
type Composition struct {
	Header
	Identifier      *Identifier          `json:"identifier"`
	Status          string               `json:"status"`
	Type            CodeableConcept      `json:"type"`
	Category        []CodeableConcept    `json:"category"`
	Subject         *Reference           `json:"subject"`
	Encounter       *Reference           `json:"encounter"`
	Date            string               `json:"date"`
	Author          []Reference          `json:"author"`
	Title           string               `json:"title"`
	Confidentiality string               `json:"confidentiality"`
	Custodian       *Reference           `json:"custodian"`
	Section         []CompositionSection `json:"section"`
}

// CompositionSection is Composition.section.
type CompositionSection struct {
	Title   string               `json:"title"`
	Code    CodeableConcept      `json:"code"`
	Text    *Narrative           `json:"text"`
	Entry   []Reference          `json:"entry"`
	Section []CompositionSection `json:"section"`
}

// Narrative is FHIR R4 Narrative: XHTML that is only ever turned into text.
type Narrative struct {
	Div string `json:"div"`
}

// Binary is FHIR R4 Binary.
type Binary struct {
	Header
	ContentType string `json:"contentType"`
	Data        string `json:"data"`
}

// List is FHIR R4 List (UKCore-List).
type List struct {
	Header
	Status      string           `json:"status"`
	Title       string           `json:"title"`
	Code        CodeableConcept  `json:"code"`
	Subject     *Reference       `json:"subject"`
	Note        []Annotation     `json:"note"`
	Entry       []ListEntry      `json:"entry"`
	EmptyReason *CodeableConcept `json:"emptyReason"`
}

// ListEntry is List.entry.
type ListEntry struct {
	Item Reference `json:"item"`
}

// Provenance is FHIR R4 Provenance.
type Provenance struct {
	Header
	Target   []Reference       `json:"target"`
	Recorded string            `json:"recorded"`
	Agent    []ProvenanceAgent `json:"agent"`
}

// ProvenanceAgent is Provenance.agent.
type ProvenanceAgent struct {
	Type CodeableConcept `json:"type"`
	Who  Reference       `json:"who"`
}
