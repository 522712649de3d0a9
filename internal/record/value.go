package record

import "strings"

// Code systems the portal must know by itself (section 27.1 of the section catalogue).
const (
	SNOMED        = "http://snomed.info/sct"
	DMD           = "https://dmd.nhs.uk"
	ReadV2        = "http://read.info/readv2"
	CTV3          = "http://read.info/ctv3"
	NullFlavorV3  = "http://hl7.org/fhir/v3/NullFlavor"
	NullFlavorR4  = "http://terminology.hl7.org/CodeSystem/v3-NullFlavor"
	ODSCodeSystem = "https://fhir.nhs.uk/Id/ods-organization-code"
)

// Coding is one code of a concept, as sent.
type Coding struct {
	System, Code, Display string
	// DescriptionID is the SNOMED description the author chose (extension coding-sctdescid).
	DescriptionID string
	UserSelected  bool
}

// Concept is a coded or free-text meaning: every coding in the order sent, and the text as received.
type Concept struct {
	Text    string
	Codings []Coding
}

// Words makes a concept of text alone.
func Words(text string) Concept { return Concept{Text: text} }

// IsZero reports that nothing was sent.
func (c Concept) IsZero() bool { return c.Text == "" && len(c.Codings) == 0 }

// Name is the name to show: the text if there is one (it is what the source's own screen showed), else the display of the coding the user
// selected, else of the SNOMED coding, else of the first that has one; a code without any words says so.
func (c Concept) Name() string {
	if c.Text != "" {
		return c.Text
	}
	for _, wanted := range [...]func(Coding) bool{
		func(k Coding) bool { return k.UserSelected },
		func(k Coding) bool { return k.System == SNOMED || k.System == DMD },
		func(Coding) bool { return true },
	} {
		for _, k := range c.Codings {
			if k.Display != "" && wanted(k) {
				return k.Display
			}
		}
	}
	for _, k := range c.Codings {
		switch {
		case speaks(k.Code):
			return strings.ReplaceAll(k.Code, "-", " ")
		case k.Code != "":
			return "code " + k.Code + " (no name sent)"
		}
	}
	return ""
}

// speaks reports a code that is itself made of words, such as problem-list-item: FHIR's own code systems are.
func speaks(code string) bool {
	return len(code) > 3 && strings.Trim(code, "abcdefghijklmnopqrstuvwxyz-") == ""
}

// Code is the code in the given system, or "".
func (c Concept) Code(system string) string {
	for _, k := range c.Codings {
		if k.System == system {
			return k.Code
		}
	}
	return ""
}

// HasCode reports whether any coding has the code in the system.
func (c Concept) HasCode(system, code string) bool {
	for _, k := range c.Codings {
		if k.Code == code && k.System == system {
			return true
		}
	}
	return false
}

// degraded reports the codes of entries that could not be coded when a record was transferred between practices: their text is all there is.
func degraded(code string) bool {
	switch code {
	case "196461000000101", "196471000000108", "196421000000109", "196411000000103":
		return true
	}
	return false
}

// Degraded reports a transfer-degraded concept: shown by its text, kept out of all matching (wire facts 1.6).
func (c Concept) Degraded() bool {
	for _, k := range c.Codings {
		if k.System == SNOMED && degraded(k.Code) {
			return true
		}
	}
	return false
}

// MatchCode is the SNOMED or dm+d code by which the concept may be matched across sources; empty for text-only, degraded, null-flavoured or local concepts.
func (c Concept) MatchCode() string {
	if c.Degraded() {
		return ""
	}
	for _, k := range c.Codings {
		if (k.System == SNOMED || k.System == DMD) && k.Code != "" {
			return k.Code
		}
	}
	return ""
}

// Quantity is a measured value, verbatim: the number stays the text that was sent (rule R11).
type Quantity struct {
	Value, Comparator, Unit string
	UnitSystem, UnitCode    string
}

// IsZero reports that no quantity was sent.
func (q Quantity) IsZero() bool { return q == Quantity{} }

// Display is comparator, value and unit as sent.
func (q Quantity) Display() string {
	var room [64]byte
	return string(q.appendDisplay(room[:0]))
}

func (q Quantity) appendDisplay(b []byte) []byte {
	b = append(append(b, q.Comparator...), q.Value...)
	unit := q.Unit
	if unit == "" {
		unit = q.UnitCode
	}
	if unit != "" && len(q.Comparator)+len(q.Value) > 0 {
		b = append(b, ' ')
	}
	return append(b, unit...)
}

func (q Quantity) shown() bool { return len(q.Comparator)+len(q.Value)+len(q.Unit)+len(q.UnitCode) > 0 }

// Actor is somebody or something named in an entry: a practitioner with role and organisation, a team, a device.
type Actor struct {
	Name, Role, Organisation string
	Identifiers              []Identifier
}

// IsZero reports that nobody is named.
func (a Actor) IsZero() bool { return a.Name == "" && a.Role == "" && a.Organisation == "" }

// Display is the name, role and organisation that were given.
func (a Actor) Display() string {
	s := a.Name
	for _, part := range [...]string{a.Role, a.Organisation} {
		if part == "" || part == s {
			continue
		}
		if s != "" {
			s += ", "
		}
		s += part
	}
	return s
}

// Ref points at another entry of the same answer.
type Ref struct {
	Key ItemKey
	// Words is what the source wrote instead of, or beside, the reference.
	Words string
	// Missing is true when the reference points at nothing that was received.
	Missing bool
}

// IsZero reports that there is no reference.
func (r Ref) IsZero() bool { return r == Ref{} }

// Fact is a further detail of an entry, in words: the name of the field and what was sent.
type Fact struct{ Label, Text string }

// IssueKind says what is wrong with an entry or a part of it.
type IssueKind uint8

// Issues an entry can carry; none of them hides it.
const (
	_ IssueKind = iota
	// DanglingReference: it points at something that was not sent.
	DanglingReference
	// BadDate: a date that is none.
	BadDate
	// UnknownModifier: a modifierExtension whose meaning is not known here; the entry is not shown (state 11).
	UnknownModifier
	// NoName: a code without words.
	NoName
	// Contradiction: the source's own data disagree with themselves.
	Contradiction
	// FutureDate: an event dated in the future.
	FutureDate
	// NoSubject: the entry does not say about whom it is.
	NoSubject
)

// Issue is one such finding, in words fit for the page.
type Issue struct {
	Kind IssueKind
	Text string
}

// ValueRange is a low and a high end with the source's words.
type ValueRange struct {
	Low, High Quantity
	Text      string
	Kind      string
}

// Display is the range as sent: the words if there are any, else the ends.
func (r ValueRange) Display() string {
	if r.Text != "" {
		return r.Text
	}
	var room [96]byte
	b := room[:0]
	switch low, high := r.Low.shown(), r.High.shown(); {
	case low && high && r.Low.Unit == r.High.Unit:
		b = append(append(append(b, r.Low.Comparator...), r.Low.Value...), to...)
	case low && high:
		b = append(r.Low.appendDisplay(b), to...)
	case low:
		return string(r.Low.appendDisplay(append(b, from...)))
	case high:
		b = append(b, "up to "...)
	}
	return string(r.High.appendDisplay(b))
}

// Value is a result: at most one of its parts is set.
type Value struct {
	Quantity Quantity
	Text     string
	Concept  *Concept
	Range    *ValueRange
	Date     PartialDate
}

// IsZero reports that no value was sent.
func (v Value) IsZero() bool {
	return v.Quantity.IsZero() && v.Text == "" && v.Concept == nil && v.Range == nil && v.Date.IsZero()
}

// Display is the value as sent.
func (v Value) Display() string {
	switch {
	case !v.Quantity.IsZero():
		return v.Quantity.Display()
	case v.Text != "":
		return v.Text
	case v.Concept != nil:
		return v.Concept.Name()
	case v.Range != nil:
		return v.Range.Display()
	default:
		return v.Date.Display()
	}
}
