package r4

import "ribble/internal/adapter/internal/fhirjson"

// Any is a resource whose type is known only once it is read. Resource is nil for a JSON null.
type Any struct{ Resource Resource }

// ReadJSON looks ahead for the type and reads once into its struct.
func (a *Any) ReadJSON(r *fhirjson.Reader) {
	if r.Null() {
		return
	}
	raw, before := r.ResourceType(), r.Modifiers()
	resource, peeked := newResource(r, raw), string(raw)
	r.Value(resource)
	h := resource.Head()
	h.Modified = r.Modifiers() > before
	a.Resource = resource
	r.Match(h.ResourceType, peeked)
}

// create makes the struct for a resource type; types without one are decoded in general form.
var create = map[string]func(*fhirjson.Reader) Resource{
	"AllergyIntolerance":       fresh[AllergyIntolerance],
	"Appointment":              fresh[Appointment],
	"Binary":                   fresh[Binary],
	"Bundle":                   fresh[Bundle],
	"CarePlan":                 fresh[CarePlan],
	"CareTeam":                 fresh[CareTeam],
	"Composition":              fresh[Composition],
	"Condition":                func(r *fhirjson.Reader) Resource { return conditions.One(r) },
	"Consent":                  fresh[Consent],
	"Device":                   fresh[Device],
	"DeviceRequest":            fresh[DeviceRequest],
	"DiagnosticReport":         fresh[DiagnosticReport],
	"DocumentReference":        fresh[DocumentReference],
	"Encounter":                func(r *fhirjson.Reader) Resource { return encounters.One(r) },
	"EpisodeOfCare":            fresh[EpisodeOfCare],
	"FamilyMemberHistory":      fresh[FamilyMemberHistory],
	"Flag":                     fresh[Flag],
	"Goal":                     fresh[Goal],
	"HealthcareService":        fresh[Organization],
	"ImagingStudy":             fresh[ImagingStudy],
	"Immunization":             fresh[Immunization],
	"List":                     fresh[List],
	"Location":                 fresh[Organization],
	"Medication":               fresh[Medication],
	"MedicationAdministration": fresh[MedicationAdministration],
	"MedicationDispense":       fresh[MedicationDispense],
	"MedicationRequest":        func(r *fhirjson.Reader) Resource { return medicationOrders.One(r) },
	"MedicationStatement":      fresh[MedicationStatement],
	"Observation":              func(r *fhirjson.Reader) Resource { return observations.One(r) },
	"OperationOutcome":         fresh[OperationOutcome],
	"Organization":             fresh[Organization],
	"Patient":                  fresh[Patient],
	"Practitioner":             fresh[Practitioner],
	"PractitionerRole":         fresh[PractitionerRole],
	"Procedure":                fresh[Procedure],
	"Provenance":               fresh[Provenance],
	"QuestionnaireResponse":    fresh[QuestionnaireResponse],
	"RelatedPerson":            fresh[RelatedPerson],
	"ServiceRequest":           fresh[ServiceRequest],
	"Specimen":                 fresh[Specimen],
	"Task":                     fresh[Task],
}

func fresh[T any, P interface {
	*T
	Resource
}](*fhirjson.Reader) Resource {
	return P(new(T))
}

// newResource gives the empty struct for a resource type as it stands in the message.
func newResource(r *fhirjson.Reader, resourceType []byte) Resource {
	if f := create[string(resourceType)]; f != nil {
		return f(r)
	}
	return new(General)
}

// DecodeBundle reads a Bundle. When one resource is not of the shape its type demands, the others are still read, and Unreadable
// resources stand in its place, so that one bad entry costs itself and is counted.
func DecodeBundle(body []byte) (*Bundle, error) {
	b := new(Bundle)
	err := fhirjson.Decode(body, b)
	if err == nil {
		return b, nil
	}
	if again, ok := decodeSingly(body); ok {
		return again, nil
	}
	return nil, err
}

// Unreadable stands for a resource that is valid JSON but not of the shape of its type.
type Unreadable struct{ Header }

func decodeSingly(body []byte) (*Bundle, bool) {
	var loose struct {
		ResourceType string       `json:"resourceType"`
		Type         string       `json:"type"`
		Link         []BundleLink `json:"link"`
		Entry        fhirjson.List[struct {
			FullURL  string       `json:"fullUrl"`
			Resource fhirjson.Raw `json:"resource"`
		}] `json:"entry"`
	}
	if fhirjson.Decode(body, &loose) != nil {
		return nil, false
	}
	b := &Bundle{Header: Header{ResourceType: loose.ResourceType}, Type: loose.Type, Link: loose.Link}
	for _, e := range loose.Entry {
		entry := BundleEntry{FullURL: e.FullURL}
		if len(e.Resource) > 0 && fhirjson.Decode(e.Resource, &entry.Resource) != nil {
			entry.Resource.Resource = unreadable(e.Resource)
		}
		b.Entry = append(b.Entry, entry)
	}
	return b, true
}

func unreadable(raw []byte) *Unreadable {
	u := new(Unreadable)
	var h struct {
		ResourceType string `json:"resourceType"`
		ID           string `json:"id"`
	}
	// A header that is itself of the wrong shape leaves the type empty: the entry is counted all the same.
	_ = fhirjson.Decode(raw, &h)
	u.ResourceType, u.ID = h.ResourceType, h.ID
	return u
}
