package r4

import (
	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// General is any resource type without a struct of its own: what nearly all FHIR resources name alike (FHIR R4, "Five Ws" pattern).
// A member of an unexpected shape is left out rather than failing the resource, since its type is not known.
type General struct {
	Header
	Identifier []Identifier
	Status     string
	Code       CodeableConcept
	Title      string
	Text       string
	// Subject is the first of subject, patient, for and beneficiary.
	Subject *Reference
	Dates   []Field
	Notes   []string
}

// Field is a member with its value as sent.
type Field struct{ Name, Text string }

// UnmarshalJSONFrom reads the members that are named alike in most resource types, and skips the others.
func (g *General) UnmarshalJSONFrom(dec *jsontext.Decoder) error {
	return members(dec, func(name []byte) error {
		if known, err := g.header(string(name), dec); known {
			return err
		}
		member := string(name)
		raw, err := dec.ReadValue()
		if err != nil {
			return err
		}
		g.member(member, raw)
		return nil
	})
}

func (g *General) header(name string, dec *jsontext.Decoder) (bool, error) {
	switch name {
	case "resourceType":
		return true, text(dec, &g.ResourceType)
	case "id":
		return true, text(dec, &g.ID)
	case "implicitRules":
		return true, text(dec, &g.ImplicitRules)
	case "meta":
		return true, json.UnmarshalDecode(dec, &g.Meta)
	case "contained":
		return true, json.UnmarshalDecode(dec, &g.Contained)
	}
	return false, nil
}

func (g *General) member(name string, raw jsontext.Value) {
	switch name {
	case "identifier":
		lenient(raw, &g.Identifier)
	case "status", "lifecycleStatus":
		lenient(raw, &g.Status)
	case "code", "type", "topic", "scope":
		if g.Code.Text == "" && len(g.Code.Codings) == 0 {
			g.Code = lenientConcept(raw)
		}
	case "title", "name":
		lenient(raw, &g.Title)
	case "description", "summary", "comment", "conclusion", "content":
		if g.Text == "" {
			lenient(raw, &g.Text)
		}
	case "subject", "patient", "for", "beneficiary", "individual":
		if g.Subject == nil {
			lenient(raw, &g.Subject)
		}
	case "note":
		g.notes(raw)
	default:
		g.date(name, raw)
	}
}

// lenient decodes what has the expected shape and leaves v alone otherwise.
func lenient[T any](raw jsontext.Value, v *T) {
	var fresh T
	if json.Unmarshal(raw, &fresh) == nil {
		*v = fresh
	}
}

func lenientConcept(raw jsontext.Value) CodeableConcept {
	var one CodeableConcept
	var many []CodeableConcept
	switch raw.Kind() {
	case '{':
		lenient(raw, &one)
	case '[':
		if lenient(raw, &many); len(many) > 0 {
			return many[0]
		}
	case '"':
		lenient(raw, &one.Text)
	}
	return one
}

func (g *General) notes(raw jsontext.Value) {
	var notes []Annotation
	lenient(raw, &notes)
	for _, n := range notes {
		if n.Text != "" {
			g.Notes = append(g.Notes, n.Text)
		}
	}
}

// dateNames are the members by which resource types date themselves, with the words shown for them.
var dateNames = map[string]string{
	"date": "date", "authoredOn": "authored", "created": "created", "recorded": "recorded", "issued": "issued", "sent": "sent",
	"received": "received", "effectiveDateTime": "happened", "occurrenceDateTime": "happened", "performedDateTime": "happened",
	"recordedDate": "recorded", "dateTime": "date", "start": "started", "end": "ended", "period": "period", "effectivePeriod": "period",
	"performedPeriod": "period", "billablePeriod": "period", "createdDateTime": "created", "statusDate": "status date",
}

func (g *General) date(name string, raw jsontext.Value) {
	words, ok := dateNames[name]
	switch {
	case !ok:
	case raw.Kind() == '"':
		var text string
		lenient(raw, &text)
		g.Dates = append(g.Dates, Field{words, text})
	case raw.Kind() == '{':
		var p Period
		lenient(raw, &p)
		if p.Start != "" {
			g.Dates = append(g.Dates, Field{"started", p.Start})
		}
		if p.End != "" {
			g.Dates = append(g.Dates, Field{"ended", p.End})
		}
	}
}
