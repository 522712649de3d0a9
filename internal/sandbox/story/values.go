package story

// Code systems that stories and servers use by name.
const (
	SystemSNOMED    = "http://snomed.info/sct"
	SystemDMD       = "https://dmd.nhs.uk"
	SystemReadV2    = "http://read.info/readv2"
	SystemCTV3      = "http://read.info/ctv3"
	SystemEgton     = "https://fhir.hl7.org.uk/Id/egton-codes"
	SystemEMISDrug  = "https://fhir.hl7.org.uk/Id/emis-drug-codes"
	SystemMultilex  = "https://fhir.hl7.org.uk/Id/multilex-drug-codes"
	SystemNHSNumber = "https://fhir.nhs.uk/Id/nhs-number"
	SystemODS       = "https://fhir.nhs.uk/Id/ods-organization-code"
	SystemUCUM      = "http://unitsofmeasure.org"
	SystemLOINC     = "http://loinc.org"
)

// Code is one coding of a concept, in the order in which it is sent.
type Code struct {
	System, Value, Display string
	// DescriptionID is the SNOMED description id sent as an extension; empty sends none.
	DescriptionID string
	// UserSelected marks the coding that the author picked.
	UserSelected bool
}

// Concept is a coded thing with its original words; either part may be missing.
type Concept struct {
	Text  string
	Codes []Code
}

// Empty says whether the concept has neither codes nor words, so that it is not sent at all.
func (c Concept) Empty() bool { return c.Text == "" && len(c.Codes) == 0 }

// SNOMED makes a concept of one SNOMED CT (or dm+d concept) code.
func SNOMED(code, display string) Concept {
	return Concept{Codes: []Code{{System: SystemSNOMED, Value: code, Display: display}}}
}

// Words makes a concept without any code.
func Words(text string) Concept { return Concept{Text: text} }

// Legacy makes a concept whose first, user-selected coding is a Read v2 code, with SNOMED CT second.
func Legacy(read, readDisplay, snomed, snomedDisplay string) Concept {
	return Concept{Codes: []Code{
		{System: SystemReadV2, Value: read, Display: readDisplay, UserSelected: true},
		{System: SystemSNOMED, Value: snomed, Display: snomedDisplay},
	}}
}

// Coded makes a concept of one code in a named system.
func Coded(system, code, display string) Concept {
	return Concept{Codes: []Code{{System: system, Value: code, Display: display}}}
}

// Identifier is a business identifier; the system may be missing on purpose.
type Identifier struct{ System, Value string }

// Period is a span of time; either end may be missing.
type Period struct{ Start, End string }

// Quantity is a measured amount; Value is the number exactly as sent ("5.70"). Code is the UCUM code, often missing.
type Quantity struct{ Value, Comparator, Unit, Code string }

// Range is a reference range; Text is how comparators arrive.
type Range struct {
	Low, High Quantity
	Text      string
}

// Value is what was found: exactly one field is set, or none when there is no value.
type Value struct {
	Quantity Quantity
	Text     string
	Concept  Concept
	Date     string
	Range    Range
}

// Actor is somebody named by an entry: a member of staff, an organisation, or words only.
// The first one set wins: Staff, then Team, then ODS; Display is sent beside it.
type Actor struct {
	Staff   string // Staff.ID at the holding organisation; an unknown one dangles on purpose
	Team    string // Team.ID at the holding organisation
	ODS     string // an organisation of the region
	Display string
}

// Attachment is the content of a document. URL, when set, is sent instead of the server's own Binary.
type Attachment struct {
	ContentType string
	Title       string
	Created     string
	Content     []byte
	URL         string
}
