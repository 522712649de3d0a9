// Package sds finds the system and the address by which an organisation is reached, in the Spine Directory Service (SDS FHIR API, FHIR R4).
package sds

import (
	"context"
	"net/http"
	"net/url"
	"time"

	"golang.org/x/sync/singleflight"

	"ribble/internal/adapter/internal/fhirjson"
	"ribble/internal/adapter/internal/requestid"
	"ribble/internal/outbound"
)

// Endpoint is where an organisation is asked: the service root and the accredited system id of its system.
type Endpoint struct{ URL, ASID string }

// Interactions of GP Connect that have a service root of their own.
const (
	StructuredRecord = "urn:nhs:names:services:gpconnect:fhir:operation:gpc.getstructuredrecord-1"
	Documents        = "urn:nhs:names:services:gpconnect:documents:fhir:rest:search:documentreference-1"
)

// Service is the Spine Directory. It is safe for concurrent use, remembers what it found for a short time, and asks once for what
// many want at the same time. What it remembers is about organisations and never about people.
type Service struct {
	client *outbound.Client
	apiKey string
	found  *cache
	flight singleflight.Group
}

// New makes the service on a client whose base address is the API's ("…/spine-directory/FHIR/R4"). The key is sent with each request
// unless it is empty.
func New(client *outbound.Client, apiKey string) *Service {
	return &Service{client: client, apiKey: apiKey, found: newCache(time.Now)}
}

// Practice finds the endpoint of the organisation for the interaction. The error is one of this package's, with words that are safe to
// show, or that of the context.
func (s *Service) Practice(ctx context.Context, ods, interactionID string) (Endpoint, error) {
	key := ods + " " + interactionID
	if e, ok := s.found.get(key); ok {
		return e, nil
	}
	// The look-up belongs to all who wait for it, so that it does not end when the first of them leaves; the client bounds its time.
	shared := s.flight.DoChan(key, func() (any, error) {
		// Whoever looked before the last flight landed finds its answer here.
		if e, ok := s.found.get(key); ok {
			return e, nil
		}
		e, err := s.lookUp(context.WithoutCancel(ctx), ods, interactionID)
		if err == nil {
			s.found.put(key, e)
		}
		return e, err
	})
	select {
	case result := <-shared:
		e, _ := result.Val.(Endpoint)
		return e, result.Err
	case <-ctx.Done():
		return Endpoint{}, gaveUp(ctx.Err())
	}
}

// lookUp asks for the system first: its party key leads to its own address where an organisation has several.
func (s *Service) lookUp(ctx context.Context, ods, interactionID string) (Endpoint, error) {
	about := url.Values{
		"organization": {odsSystem + "|" + ods},
		"identifier":   {interactionSystem + "|" + interactionID},
	}
	var found devices
	if err := s.get(ctx, "Device", about, &found); err != nil {
		return Endpoint{}, lookingUp(err)
	}
	system, err := theSystem(found, ods)
	if err != nil {
		return Endpoint{}, lookingUp(err)
	}
	if system.partyKey != "" {
		about.Add("identifier", partyKeySystem+"|"+system.partyKey)
	}
	var registered endpoints
	if err := s.get(ctx, "Endpoint", about, &registered); err != nil {
		return Endpoint{}, lookingUp(err)
	}
	address, err := theAddress(registered, ods)
	if err != nil {
		return Endpoint{}, lookingUp(err)
	}
	return Endpoint{URL: address, ASID: system.asid}, nil
}

// get asks once and decodes a searchset into found.
func (s *Service) get(ctx context.Context, resource string, about url.Values, found reply) error {
	at, err := s.client.Within(resource + "?" + about.Encode())
	if err != nil {
		return refusedAs(ErrUnreadable)
	}
	req := &http.Request{Method: http.MethodGet, URL: at, Host: at.Host, Header: http.Header{}}
	req.Header.Set("Accept", "application/fhir+json")
	req.Header.Set("X-Correlation-Id", requestid.New())
	if s.apiKey != "" {
		req.Header.Set("apikey", s.apiKey)
	}
	answer, err := s.client.Do(ctx, req)
	if err != nil {
		return unreachable(err)
	}
	defer answer.Release()
	if answer.Status != http.StatusOK {
		return refusedAs(byStatus(answer.Status))
	}
	if fhirjson.Decode(answer.Body, found) != nil || !found.isSearch() {
		return refusedAs(ErrUnreadable)
	}
	return nil
}
