package r4

import (
	"errors"

	"ribble/internal/adapter/internal/fhirjson"
)

// Any is a resource whose type is known only once it is read. Resource is nil for a JSON null.
type Any struct{ Resource Resource }

// ReadJSON looks ahead for the type and reads once into its struct.
func (a *Any) ReadJSON(r *fhirjson.Reader) {
	if r.Null() {
		return
	}
	raw, before := r.ResourceType(), r.Modifiers()
	resource, peeked := newResource(r, raw), string(raw)
	resource.ReadJSON(r)
	h := resource.Head()
	h.Modified = r.Modifiers() > before
	a.Resource = resource
	r.Match(h.ResourceType, peeked)
}

// create makes the struct for a resource type; types without one are decoded in general form.
var create = map[string]func(*fhirjson.Reader) fresh{
	"AllergyIntolerance":       passing[AllergyIntolerance](),
	"Appointment":              passing[Appointment](),
	"Binary":                   passing[Binary](),
	"Bundle":                   passing[Bundle](),
	"CarePlan":                 passing[CarePlan](),
	"CareTeam":                 passing[CareTeam](),
	"Composition":              passing[Composition](),
	"Condition":                passing[Condition](),
	"Consent":                  passing[Consent](),
	"Device":                   passing[Device](),
	"DeviceRequest":            passing[DeviceRequest](),
	"DiagnosticReport":         passing[DiagnosticReport](),
	"DocumentReference":        passing[DocumentReference](),
	"Encounter":                passing[Encounter](),
	"EpisodeOfCare":            passing[EpisodeOfCare](),
	"FamilyMemberHistory":      passing[FamilyMemberHistory](),
	"Flag":                     passing[Flag](),
	"Goal":                     passing[Goal](),
	"HealthcareService":        passing[Organization](),
	"ImagingStudy":             passing[ImagingStudy](),
	"Immunization":             passing[Immunization](),
	"List":                     passing[List](),
	"Location":                 passing[Organization](),
	"Medication":               passing[Medication](),
	"MedicationAdministration": passing[MedicationAdministration](),
	"MedicationDispense":       passing[MedicationDispense](),
	"MedicationRequest":        passing[MedicationRequest](),
	"MedicationStatement":      passing[MedicationStatement](),
	"Observation":              passing[Observation](),
	"OperationOutcome":         passing[OperationOutcome](),
	"Organization":             passing[Organization](),
	"Patient":                  passing[Patient](),
	"Practitioner":             passing[Practitioner](),
	"PractitionerRole":         passing[PractitionerRole](),
	"Procedure":                passing[Procedure](),
	"Provenance":               passing[Provenance](),
	"QuestionnaireResponse":    passing[QuestionnaireResponse](),
	"RelatedPerson":            passing[RelatedPerson](),
	"ServiceRequest":           passing[ServiceRequest](),
	"Specimen":                 passing[Specimen](),
	"Task":                     passing[Task](),
}

// fresh is a resource before it is read.
type fresh interface {
	Resource
	fhirjson.SelfReader
}

// passing makes structs of one type in memory that is used again.
func passing[T any, P interface {
	*T
	fresh
}]() func(*fhirjson.Reader) fresh {
	laid := fhirjson.Lay[T]()
	return func(r *fhirjson.Reader) fresh { return P(laid.One(r)) }
}

var generals = fhirjson.Lay[General]()

// newResource gives the empty struct for a resource type as it stands in the message.
func newResource(r *fhirjson.Reader, resourceType []byte) fresh {
	if f := create[string(resourceType)]; f != nil {
		return f(r)
	}
	return generals.One(r)
}

// DecodeBundle reads a Bundle. When one resource is not of the shape its type demands, the others are still read, and Unreadable
// resources stand in its place, so that one bad entry costs itself and is counted.
func DecodeBundle(body []byte) (*Bundle, error) { return DecodeBundleIn(nil, body) }

// DecodeBundleIn is DecodeBundle; the bundle may be looked at until the memory, which may be nil and must hold nothing yet, is returned.
func DecodeBundleIn(m *fhirjson.Memory, body []byte) (*Bundle, error) {
	b := new(Bundle)
	err := m.Decode(body, b)
	if err == nil {
		return b, nil
	}
	if hopeless(err) {
		return nil, err
	}
	m.Again()
	if again, ok := decodeSingly(m, body); ok {
		return again, nil
	}
	return nil, err
}

// hopeless reports that a body is beyond a limit, however it is read.
func hopeless(err error) bool {
	return errors.Is(err, fhirjson.ErrTooLarge) || errors.Is(err, fhirjson.ErrTooMany) || errors.Is(err, fhirjson.ErrTooDeep)
}

// Unreadable stands for a resource that is valid JSON but not of the shape of its type.
type Unreadable struct{ Header }

// looseBundle is a Bundle whose resources are not looked at yet.
type looseBundle struct {
	ResourceType string                    `json:"resourceType"`
	Type         string                    `json:"type"`
	Link         []BundleLink              `json:"link"`
	Entry        fhirjson.List[looseEntry] `json:"entry"`
}

type looseEntry struct {
	FullURL  string       `json:"fullUrl"`
	Resource fhirjson.Raw `json:"resource"`
}

// looseHeader is what can be said of a resource that cannot be read.
type looseHeader struct {
	ResourceType string `json:"resourceType"`
	ID           string `json:"id"`
}

func decodeSingly(m *fhirjson.Memory, body []byte) (*Bundle, bool) {
	var loose looseBundle
	if m.Decode(body, &loose) != nil {
		return nil, false
	}
	b := &Bundle{Header: Header{ResourceType: loose.ResourceType}, Type: loose.Type, Link: loose.Link}
	for _, e := range loose.Entry {
		entry := BundleEntry{FullURL: e.FullURL}
		if len(e.Resource) > 0 && m.Decode(e.Resource, &entry.Resource) != nil {
			entry.Resource.Resource = unreadable(e.Resource)
		}
		if base := entry.split([]byte(e.FullURL)); base > 0 {
			entry.FullURL, entry.Base = "", e.FullURL[:base]
		}
		b.Entry = append(b.Entry, entry)
	}
	return b, true
}

func unreadable(raw []byte) *Unreadable {
	u := new(Unreadable)
	var h looseHeader
	// A header that is itself of the wrong shape leaves the type empty: the entry is counted all the same.
	_ = fhirjson.Decode(raw, &h)
	u.ResourceType, u.ID = h.ResourceType, h.ID
	return u
}
