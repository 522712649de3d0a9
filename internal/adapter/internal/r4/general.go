package r4

import "ribble/internal/adapter/internal/fhirjson"

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

// ReadJSON reads the members that are named alike in most resource types, and skips the others.
func (g *General) ReadJSON(r *fhirjson.Reader) {
	var o fhirjson.Object
	for name, more := r.Open(&o); more; name, more = r.Next(&o) {
		r.Unknown(&o, name)
		switch string(name) {
		case "resourceType":
			g.ResourceType = r.Text()
		case "id":
			g.ID = r.Text()
		case "implicitRules":
			g.ImplicitRules = r.Text()
		case "meta":
			g.Meta.ReadJSON(r)
		case "contained":
			g.Contained = readAnyCapped(r)
		default:
			g.member(string(name), r)
		}
	}
}

func (g *General) member(name string, r *fhirjson.Reader) {
	switch name {
	case "identifier":
		lenient(r, &g.Identifier, readIdentifierList)
	case "status", "lifecycleStatus":
		lenient(r, &g.Status, (*fhirjson.Reader).Text)
	case "code", "type", "topic", "scope":
		if c := lenientConcept(r); g.Code.Text == "" && len(g.Code.Codings) == 0 {
			g.Code = c
		}
	case "title", "name":
		lenient(r, &g.Title, (*fhirjson.Reader).Text)
	case "description", "summary", "comment", "conclusion", "content":
		if g.Text != "" {
			r.Skip()
			return
		}
		lenient(r, &g.Text, (*fhirjson.Reader).Text)
	case "subject", "patient", "for", "beneficiary", "individual":
		if g.Subject != nil {
			r.Skip()
			return
		}
		lenient(r, &g.Subject, readReferencePointer)
	case "note":
		g.notes(r)
	default:
		g.date(name, r)
	}
}

// lenient reads what has the expected shape and leaves v alone otherwise.
func lenient[T any](r *fhirjson.Reader, v *T, read func(*fhirjson.Reader) T) {
	var fresh T
	if r.Try(func() { fresh = read(r) }) {
		*v = fresh
	}
}

// whole reads a struct for lenient.
func whole[T any, P interface {
	*T
	fhirjson.SelfReader
}](r *fhirjson.Reader) (v T) {
	P(&v).ReadJSON(r)
	return v
}

func lenientConcept(r *fhirjson.Reader) CodeableConcept {
	var one CodeableConcept
	var many []CodeableConcept
	switch r.Kind() {
	case '{':
		lenient(r, &one, whole)
	case '[':
		if lenient(r, &many, readCodeableConceptList); len(many) > 0 {
			return many[0]
		}
	case '"':
		one.Text = r.Text()
	default:
		r.Skip()
	}
	return one
}

func (g *General) notes(r *fhirjson.Reader) {
	var notes []Annotation
	lenient(r, &notes, readAnnotationList)
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

func (g *General) date(name string, r *fhirjson.Reader) {
	words, ok := dateNames[name]
	switch {
	case !ok:
		r.Skip()
	case r.Kind() == '"':
		g.Dates = append(g.Dates, Field{words, r.Text()})
	default:
		var p Period
		lenient(r, &p, whole)
		if p.Start != "" {
			g.Dates = append(g.Dates, Field{"started", p.Start})
		}
		if p.End != "" {
			g.Dates = append(g.Dates, Field{"ended", p.End})
		}
	}
}
