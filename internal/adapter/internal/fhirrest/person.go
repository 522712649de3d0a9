package fhirrest

import (
	"context"
	"maps"
	"net/url"
	"slices"
	"strings"

	"ribble/internal/adapter/internal/r4"
	"ribble/internal/record"
)

const unknownPerson = "It found nobody with this NHS number."

// Person searches the patient by NHS number. The failure is NotKnownHere when the server knows nobody by it.
func (s *Session) Person(ctx context.Context) Result {
	return found(s.Search(ctx, s.whoIs(), ""))
}

// whoIs asks who has the NHS number.
func (s *Session) whoIs() Query {
	return Query{Type: "Patient", About: "identifier", Params: "identifier=" + s.identifier()}
}

func (s *Session) identifier() string {
	return url.QueryEscape(record.NHSNumberSystem + "|" + s.ask.Person.NHSNumber.Digits())
}

// found judges what the search for the person gave.
func found(result Result) Result {
	switch result.Failure.State {
	case record.NotAsked, record.Incomplete:
		// A feed that cannot find people, or not surely all of them, cannot say anything about one.
		result.Failure = Failure{record.Unavailable, "It could not look up the person."}
	}
	if result.Failure.State == 0 && len(Patients(result.Pages)) == 0 {
		result.Failure = Failure{record.NotKnownHere, unknownPerson}
	}
	return result
}

// Patients are the patients among the pages' entries.
func Patients(pages []*r4.Bundle) []*r4.Patient {
	var out []*r4.Patient
	for _, page := range pages {
		for _, e := range page.Entry {
			if p, ok := e.Resource.Resource.(*r4.Patient); ok {
				out = append(out, p)
			}
		}
	}
	return out
}

// ByID reads resources that others refer to, given as ids by type: one search per type, in the order of the types' names, at most
// 50 ids each. What does not come stays missing.
func (s *Session) ByID(ctx context.Context, missing map[string][]string) []Result {
	queries := make([]Query, 0, len(missing))
	for _, resourceType := range slices.Sorted(maps.Keys(missing)) {
		ids := missing[resourceType]
		queries = append(queries, Query{Type: resourceType, Params: "_id=" + url.QueryEscape(strings.Join(ids[:min(len(ids), maxByID)], ","))})
	}
	return s.SearchAll(ctx, queries, "")
}
