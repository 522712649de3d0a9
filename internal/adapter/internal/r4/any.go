package r4

import (
	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"ribble/internal/adapter/internal/fhirjson"
)

// Any is a resource whose type is known only once it is read. Resource is nil for a JSON null.
type Any struct{ Resource Resource }

// UnmarshalJSONFrom looks ahead for the type and decodes once into its struct.
func (a *Any) UnmarshalJSONFrom(dec *jsontext.Decoder) error {
	if dec.PeekKind() == 'n' {
		return dec.SkipValue()
	}
	start, rest := dec.InputOffset(), dec.UnreadBuffer()
	raw := fhirjson.ResourceType(dec)
	r, peeked := newResource(raw), string(raw)
	if err := json.UnmarshalDecode(dec, r); err != nil {
		return err
	}
	h := r.Head()
	h.Modified = fhirjson.Modifiers(rest[:dec.InputOffset()-start]) > 0
	a.Resource = r
	return fhirjson.Matches(h.ResourceType, peeked)
}

// create makes the struct for a resource type; types without one are decoded in general form.
var create = map[string]func() Resource{
	"AllergyIntolerance":       func() Resource { return new(AllergyIntolerance) },
	"Appointment":              func() Resource { return new(Appointment) },
	"Binary":                   func() Resource { return new(Binary) },
	"Bundle":                   func() Resource { return new(Bundle) },
	"CarePlan":                 func() Resource { return new(CarePlan) },
	"CareTeam":                 func() Resource { return new(CareTeam) },
	"Composition":              func() Resource { return new(Composition) },
	"Condition":                func() Resource { return new(Condition) },
	"Consent":                  func() Resource { return new(Consent) },
	"Device":                   func() Resource { return new(Device) },
	"DeviceRequest":            func() Resource { return new(DeviceRequest) },
	"DiagnosticReport":         func() Resource { return new(DiagnosticReport) },
	"DocumentReference":        func() Resource { return new(DocumentReference) },
	"Encounter":                func() Resource { return new(Encounter) },
	"EpisodeOfCare":            func() Resource { return new(EpisodeOfCare) },
	"FamilyMemberHistory":      func() Resource { return new(FamilyMemberHistory) },
	"Flag":                     func() Resource { return new(Flag) },
	"Goal":                     func() Resource { return new(Goal) },
	"HealthcareService":        func() Resource { return new(Organization) },
	"ImagingStudy":             func() Resource { return new(ImagingStudy) },
	"Immunization":             func() Resource { return new(Immunization) },
	"List":                     func() Resource { return new(List) },
	"Location":                 func() Resource { return new(Organization) },
	"Medication":               func() Resource { return new(Medication) },
	"MedicationAdministration": func() Resource { return new(MedicationAdministration) },
	"MedicationDispense":       func() Resource { return new(MedicationDispense) },
	"MedicationRequest":        func() Resource { return new(MedicationRequest) },
	"MedicationStatement":      func() Resource { return new(MedicationStatement) },
	"Observation":              func() Resource { return new(Observation) },
	"OperationOutcome":         func() Resource { return new(OperationOutcome) },
	"Organization":             func() Resource { return new(Organization) },
	"Patient":                  func() Resource { return new(Patient) },
	"Practitioner":             func() Resource { return new(Practitioner) },
	"PractitionerRole":         func() Resource { return new(PractitionerRole) },
	"Procedure":                func() Resource { return new(Procedure) },
	"Provenance":               func() Resource { return new(Provenance) },
	"QuestionnaireResponse":    func() Resource { return new(QuestionnaireResponse) },
	"RelatedPerson":            func() Resource { return new(RelatedPerson) },
	"ServiceRequest":           func() Resource { return new(ServiceRequest) },
	"Specimen":                 func() Resource { return new(Specimen) },
	"Task":                     func() Resource { return new(Task) },
}

// newResource gives the empty struct for a resource type as it stands in the message.
func newResource(resourceType []byte) Resource {
	if f := create[string(resourceType)]; f != nil {
		return f()
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
			FullURL  string         `json:"fullUrl"`
			Resource jsontext.Value `json:"resource"`
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
