package record

import (
	"strings"
	"time"
)

// Person is the traced person: who the national demographics say they are. Every later step takes the person from here.
type Person struct {
	NHSNumber NHSNumber
	// Superseded are other NHS numbers that the trace declared to be this person's.
	Superseded []NHSNumber
	Demographics
	// Restricted is the sensitive flag ("R"): address, telephone and practice are not given, and by default nobody is asked.
	Restricted bool
	// Practice is the registered GP practice; zero when restricted or not registered.
	Practice Practice
	// TracedAt is when the demographics were read; a trace older than 24 hours blocks GP Connect (GEN-06).
	TracedAt time.Time
}

// Practice is a GP practice as the trace names it.
type Practice struct{ ODS, Name, Phone string }

// Demographics are the identifying details as one party holds them: the national trace, or a source.
type Demographics struct {
	// Identifiers are the person's numbers with their systems, as sent.
	Identifiers []Identifier
	// NumberStatus is the NHS number verification status code as sent, "01" verified; empty if not sent.
	NumberStatus string
	Names        []Name
	Born         PartialDate
	// Gender is the administrative gender as sent: male, female, other, unknown.
	Gender   string
	Deceased Deceased
	// Addresses are lines joined by ", ", current first. Postcode is that of the first.
	Addresses []string
	Postcode  string
	Phones    []string
	// GeneralPractitioner is the ODS code of the practice the party names; GPName a named doctor.
	GeneralPractitioner, GPName string
	// Languages and Needs are what the banner shows about communication, in the party's words.
	Languages, Needs []string
	// Links are other patient records this one says it replaces, is replaced by, or refers to.
	Links []Link
}

// Deceased says whether a party records a death, and when.
type Deceased struct {
	Recorded bool
	Date     PartialDate
}

// Link is a Patient.link: Type is replaced-by, replaces, refer or seealso; NHSNumber is empty when the other end gives none.
type Link struct{ Type, NHSNumber string }

// Name is one name of a person. Use is usual, official, maiden, nickname, old, temp or empty.
type Name struct {
	Use, Family string
	Given       []string
	Prefix      []string
	Suffix      []string
	// Text is the whole name when the party sent no parts.
	Text string
	// Ended is true for a name whose period has ended.
	Ended bool
}

// Display is the name as the banner shows it: FAMILY, Given Middle (Title) (ISB 1506).
func (n Name) Display() string {
	if n.Family == "" && len(n.Given) == 0 {
		return n.Text
	}
	var b strings.Builder
	b.WriteString(strings.ToUpper(n.Family))
	if len(n.Given) > 0 {
		if n.Family != "" {
			b.WriteString(", ")
		}
		b.WriteString(strings.Join(n.Given, " "))
	}
	if len(n.Prefix) > 0 {
		b.WriteString(" (" + strings.TrimSuffix(strings.Join(n.Prefix, " "), ".") + ")")
	}
	return b.String()
}

// Current is the name to show: the usual name, else the official one, else the first that has not ended.
func (d Demographics) Current() Name {
	for _, use := range []string{"usual", "official", ""} {
		for _, n := range d.Names {
			if n.Use == use && !n.Ended {
				return n
			}
		}
	}
	if len(d.Names) > 0 {
		return d.Names[0]
	}
	return Name{}
}

// Identifier is a business identifier. Without a system it may be shown but never matched.
type Identifier struct{ System, Value string }

// NHSNumberSystem is the identifier system of NHS numbers in every FHIR version.
const NHSNumberSystem = "https://fhir.nhs.uk/Id/nhs-number"
