package launch

import (
	"context"
	"regexp"
	"slices"
	"strings"

	strict "github.com/go-json-experiment/json"

	"ribble/internal/identity"
	"ribble/internal/record"
)

// fhirID is the form of a FHIR id (FHIR R4, 2.24.0.1): safe to put behind a base URL.
var fhirID = regexp.MustCompile(`^[A-Za-z0-9\-.]{1,64}$`)

const (
	sdsUserSystem = "https://fhir.nhs.uk/Id/sds-user-id"
	odsSystem     = "https://fhir.nhs.uk/Id/ods-organization-code"
)

// identifier, coding and reference are the FHIR R4 data types, as far as they are read.
type identifier struct {
	System string `json:"system"`
	Value  string `json:"value"`
}

type coding struct {
	Code string `json:"code"`
}

type reference struct {
	Display    string     `json:"display"`
	Identifier identifier `json:"identifier"`
}

type patient struct {
	Type        string       `json:"resourceType"`
	ID          string       `json:"id"`
	Identifiers []identifier `json:"identifier"`
	Born        string       `json:"birthDate"`
}

// staff is a Practitioner or a PractitionerRole: the two that fhirUser may name for somebody who cares for people.
type staff struct {
	Type        string       `json:"resourceType"`
	ID          string       `json:"id"`
	Identifiers []identifier `json:"identifier"`
	// Names is of a Practitioner; the others are of a PractitionerRole.
	Names []struct {
		Text   string   `json:"text"`
		Family string   `json:"family"`
		Given  []string `json:"given"`
		Prefix []string `json:"prefix"`
	} `json:"name"`
	Practitioner reference `json:"practitioner"`
	Organisation reference `json:"organization"`
	Codes        []struct {
		Coding []coding `json:"coding"`
	} `json:"code"`
}

// read asks the system's FHIR server who the user and the person are. With an error it gives what is certain.
func (l *launcher) read(ctx context.Context, g granted, c idClaims) (Opening, error) {
	o := Opening{User: identity.User{Issuer: l.Issuer}}
	// Both at once: the user is waiting.
	type answered struct {
		person patient
		err    error
	}
	persons := make(chan answered, 1)
	go func() {
		var p patient
		err := l.resource(ctx, g, "Patient/"+g.Patient, &p)
		persons <- answered{p, err}
	}()
	u, err := l.staff(ctx, g, c)
	person := <-persons
	if err != nil {
		return o, err
	}
	o.User = u
	if person.err != nil {
		return o, person.err
	}
	if person.person.Type != "Patient" || person.person.ID != g.Patient {
		return o, refused(reasonPerson, "another resource came than the person in context")
	}
	return o.about(oneValue(person.person.Identifiers, record.NHSNumberSystem), person.person.Born)
}

// resource reads one resource of the system's FHIR server.
func (l *launcher) resource(ctx context.Context, g granted, path string, into any) error {
	raw, err := fetch(ctx, l.client, l.Issuer+"/"+path, g.AccessToken)
	if err != nil {
		return refused(reasonUnavailable, "the system's FHIR server did not answer")
	}
	if strict.Unmarshal(raw, into) != nil {
		return refused(reasonMalformed, "a resource is malformed")
	}
	return nil
}

// staff reads the user that fhirUser names: it must stand on the launching system itself.
func (l *launcher) staff(ctx context.Context, g granted, c idClaims) (identity.User, error) {
	kind, id, ok := strings.Cut(strings.TrimPrefix(c.FHIRUser, l.Issuer+"/"), "/")
	if !ok || kind != "Practitioner" && kind != "PractitionerRole" || !fhirID.MatchString(id) {
		return identity.User{}, refused(reasonUser, "fhirUser names no member of staff of this system")
	}
	var s staff
	if err := l.resource(ctx, g, kind+"/"+id, &s); err != nil {
		return identity.User{}, err
	}
	if s.Type != kind || s.ID != id {
		return identity.User{}, refused(reasonUser, "another resource came than the user's")
	}
	if kind == "Practitioner" {
		// Without a role in the launch only the row for everybody can hold.
		return l.user(c.Subject, "*", s.name(), plain(oneValue(s.Identifiers, sdsUserSystem)))
	}
	if o := s.Organisation.Identifier; o.System != odsSystem || o.Value != l.Organisation.ODS {
		return identity.User{}, refused(reasonLocation, "the user's role is at another organisation than the issuer's")
	}
	return l.user(c.Subject, s.profile(), s.Practitioner.Display, sdsOf(s.Practitioner.Identifier))
}

func (s staff) name() string {
	for _, n := range s.Names {
		if n.Text != "" {
			return n.Text
		}
	}
	if len(s.Names) == 0 {
		return ""
	}
	n := s.Names[0]
	return strings.Join(append(append(slices.Clone(n.Prefix), n.Given...), n.Family), " ")
}

// profile is the first code of the role: systems send the most specific first.
func (s staff) profile() string {
	for _, c := range s.Codes {
		for _, coding := range c.Coding {
			if coding.Code != "" {
				return coding.Code
			}
		}
	}
	return ""
}

func sdsOf(i identifier) string {
	if i.System != sdsUserSystem {
		return ""
	}
	return plain(i.Value)
}

// oneValue is the one value of a system; of two different ones nobody can say which is meant, so it is none.
func oneValue(list []identifier, system string) string {
	found := ""
	for _, i := range list {
		if i.System != system {
			continue
		}
		if found != "" && found != i.Value {
			return ""
		}
		found = i.Value
	}
	return found
}
