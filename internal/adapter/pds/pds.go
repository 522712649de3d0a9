// Package pds traces people in the Personal Demographics Service: by NHS number, and by the details they are known by (PDS FHIR API, FHIR R4).
package pds

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"ribble/internal/adapter/internal/fhirjson"
	"ribble/internal/adapter/internal/r4"
	"ribble/internal/adapter/internal/requestid"
	"ribble/internal/outbound"
	"ribble/internal/record"
)

// Token gives the access token for one request, or an error when none can be had. Its text never reaches a log.
type Token func(context.Context) (string, error)

// Service is the national demographics service. It is safe for concurrent use.
type Service struct {
	client *outbound.Client
	token  Token
	now    func() time.Time
}

// New makes the service on a client whose base address is the API's ("…/personal-demographics/FHIR/R4"). Token may be nil where the
// network is proof enough.
func New(client *outbound.Client, token Token) *Service {
	return &Service{client: client, token: token, now: time.Now}
}

type correlationKey struct{}

// WithCorrelation makes questions asked under the context carry the id of the view (X-Correlation-ID): never a secret, never about the person.
func WithCorrelation(ctx context.Context, viewID string) context.Context {
	return context.WithValue(ctx, correlationKey{}, viewID)
}

// Trace reads the person with the NHS number. When the service answers under another number, the asked one is superseded: the person
// comes back with the new one and keeps the old in Superseded. The error is one of this package's, with words that are safe to show, or
// context.Canceled.
func (s *Service) Trace(ctx context.Context, nhs record.NHSNumber, by record.Requester) (record.Person, error) {
	if nhs.IsZero() {
		return record.Person{}, fmt.Errorf("tracing person: %w", refusedAs(ErrInvalidSearch))
	}
	resource, err := s.get(ctx, "Patient/"+nhs.Digits(), by, traceRefusals)
	if err != nil {
		return record.Person{}, fmt.Errorf("tracing person: %w", err)
	}
	patient, ok := resource.(*r4.Patient)
	if !ok {
		return record.Person{}, fmt.Errorf("tracing person: %w", refusedAs(ErrUnreadable))
	}
	person, err := read(patient, s.now())
	if err != nil {
		return record.Person{}, fmt.Errorf("tracing person: %w", err)
	}
	if person.NHSNumber != nhs {
		person.Superseded = []record.NHSNumber{nhs}
	}
	return person, nil
}

// Query is what a person is searched by. Family name and a whole date of birth must be given; names may end in "*".
type Query struct {
	Family, Given string
	// Gender is male, female, other or unknown; empty asks for any.
	Gender   string
	Born     record.PartialDate
	Postcode string
}

// Found is what a search gave. TooMany says that the service has more matches than it tells, and People is then empty.
type Found struct {
	People  []record.Person
	TooMany bool
}

// Search finds people by their details. A postcode keeps restricted people out of the result. Nobody found is no error.
func (s *Service) Search(ctx context.Context, q Query, by record.Requester) (Found, error) {
	if q.Family == "" || q.Born.Precision != record.Day {
		return Found{}, fmt.Errorf("searching person: %w", refusedAs(ErrInvalidSearch))
	}
	resource, err := s.get(ctx, "Patient?"+q.values().Encode(), by, searchRefusals)
	if err != nil {
		return Found{}, fmt.Errorf("searching person: %w", err)
	}
	found, err := s.found(resource)
	if err != nil {
		return Found{}, fmt.Errorf("searching person: %w", err)
	}
	return found, nil
}

func (q Query) values() url.Values {
	v := url.Values{"family": {q.Family}, "birthdate": {"eq" + q.Born.Text}}
	if given := strings.Fields(q.Given); len(given) > 0 {
		v["given"] = given // each given name is a parameter of its own
	}
	for name, value := range map[string]string{"gender": q.Gender, "address-postalcode": q.Postcode} {
		if value != "" {
			v.Set(name, value)
		}
	}
	return v
}

// found reads a search's answer: a bundle, or the outcome inside a 200 that says there are too many.
func (s *Service) found(resource r4.Resource) (Found, error) {
	switch r := resource.(type) {
	case *r4.OperationOutcome:
		if r.HasCode("TOO_MANY_MATCHES") {
			return Found{TooMany: true}, nil
		}
	case *r4.Bundle:
		return s.people(r)
	}
	return Found{}, refusedAs(ErrUnreadable)
}

// people reads the matches. One that cannot be read fails the search: a list from which somebody is missing could be taken for the only match.
func (s *Service) people(bundle *r4.Bundle) (Found, error) {
	found := Found{People: make([]record.Person, 0, len(bundle.Entry))}
	if bundle.LinkTo("next") != "" {
		return Found{TooMany: true}, nil
	}
	for _, e := range bundle.Entry {
		patient, ok := e.Resource.Resource.(*r4.Patient)
		if !ok {
			return Found{}, refusedAs(ErrUnreadable)
		}
		person, err := read(patient, s.now())
		if err != nil {
			return Found{}, err
		}
		found.People = append(found.People, person)
	}
	return found, nil
}

// get asks once and gives the decoded resource of a 200, or the typed error that the status and the outcome's code mean.
func (s *Service) get(ctx context.Context, reference string, by record.Requester, refusals refusals) (r4.Resource, error) {
	// The address holds identifying details, so that no error about it may be passed on.
	at, err := s.client.Within(reference)
	if err != nil {
		return nil, refusedAs(ErrInvalidSearch)
	}
	req := &http.Request{Method: http.MethodGet, URL: at, Host: at.Host, Header: header(ctx, by)}
	if err := s.authorise(ctx, req); err != nil {
		return nil, err
	}
	answer, err := s.client.Do(ctx, req)
	if err != nil {
		return nil, unreachable(err)
	}
	defer answer.Release()
	if echoed := answer.Header.Get("X-Request-ID"); echoed != "" && echoed != req.Header.Get("X-Request-ID") {
		return nil, refusedAs(ErrUnreadable) // the answer to somebody else's question (S27)
	}
	var decoded r4.Any
	err = fhirjson.Decode(answer.Body, &decoded)
	if answer.Status != http.StatusOK {
		return nil, refusals.meaning(answer.Status, decoded.Resource)
	}
	if err != nil {
		return nil, refusedAs(ErrUnreadable)
	}
	return decoded.Resource, nil
}

func (s *Service) authorise(ctx context.Context, req *http.Request) error {
	if s.token == nil {
		return nil
	}
	token, err := s.token(ctx)
	if err != nil {
		return refusedAs(ErrDenied)
	}
	req.Header.Set("Authorization", "Bearer "+token)
	return nil
}

// header names the real organisation and role that ask, never the portal.
func header(ctx context.Context, by record.Requester) http.Header {
	h := http.Header{}
	h.Set("Accept", "application/fhir+json")
	h.Set("X-Request-ID", requestid.New())
	if id, ok := ctx.Value(correlationKey{}).(string); ok && id != "" {
		h.Set("X-Correlation-ID", id)
	}
	// The profile of a user without a national id is no national one.
	if by.RoleProfileID != "" && (by.SDSUserID != "" || by.UserID == "") {
		h.Set("NHSD-Session-URID", by.RoleProfileID)
	}
	if by.Organisation.ODS != "" {
		h.Set("NHSD-End-User-Organisation-ODS", by.Organisation.ODS)
	}
	return h
}
