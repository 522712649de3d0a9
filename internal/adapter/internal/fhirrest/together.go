package fhirrest

import (
	"context"
	"net/url"
	"slices"
	"strings"

	"ribble/internal/adapter/internal/r4"
	"ribble/internal/outbound"
	"ribble/internal/record"
)

// Together is what came of one request for a person and for everything about them. Nothing but Who may be used before the caller has seen that Who
// is the right person.
type Together struct {
	// Who is what the search for the person gave, as Person gives it.
	Who Result

	session *Session
	// openings are how the queries began under the person's NHS number.
	queries  []Query
	openings []opening
}

// Together asks for the person and for everything else in one batch. The person is named by NHS number, as a chained parameter (FHIR R4 3.1.1.5.4),
// because their id is not known yet. The number stands in the body of the request alone. The answer is read when ready says so. Ok is false when the
// server takes no batch, or its answer is more than can be read in one: person and searches have then to be asked for one after the other.
func (s *Session) Together(ctx context.Context, queries []Query, ready outbound.Ready) (t *Together, ok bool) {
	who := s.whoIs()
	openings, ok := s.batch(ctx, &who, queries, "patient."+who.Params, ready)
	if !ok {
		return nil, false
	}
	result := Result{Type: who.Type, Words: openings[0].words}
	s.pages(ctx, &who, &openings[0], &result)
	return &Together{Who: found(result), session: s, queries: queries, openings: openings[1:]}, true
}

// Beside are the pages that came with the search for the person.
func (t *Together) Beside() []*r4.Bundle {
	var pages []*r4.Bundle
	for i := range t.openings {
		if page := t.openings[i].page; page != nil {
			pages = append(pages, page)
		}
	}
	return pages
}

// Holds reports whether any entry came beside the person.
func (t *Together) Holds() bool {
	for i := range t.openings {
		if page := t.openings[i].page; page != nil && slices.ContainsFunc(page.Entry, isRecord) {
			return true
		}
	}
	return false
}

// isRecord reports an entry that is more than the server's own word.
func isRecord(e r4.BundleEntry) bool {
	_, said := e.Resource.Resource.(*r4.OperationOutcome)
	return !said && e.Resource.Resource != nil
}

// Rest reads on after Who was found to be the right person, who has the id at this server. What the server did not surely answer as it was put is
// asked again by that id.
func (t *Together) Rest(ctx context.Context, id string) []Result {
	doubted := t.doubted()
	if len(doubted) == 0 {
		return t.session.goOn(ctx, t.queries, t.openings)
	}
	t.session.server.log.DebugContext(ctx, "asking again by the patient's id", "searches", len(doubted))
	again := make([]Query, len(doubted))
	for i, at := range doubted {
		again[i] = t.queries[at]
		t.openings[at] = opening{failure: otherQuestion}
	}
	results := t.session.SearchAll(ctx, again, Patient(id))
	all := t.session.goOn(ctx, t.queries, t.openings)
	for i, at := range doubted {
		all[at] = results[i]
	}
	return all
}

// doubted are the searches whose answer cannot be relied on as an answer about the person. When nothing at all was found, an empty list is one of
// them: a server that does not follow the chain, and repeats the question all the same, would look like one that holds nothing.
func (t *Together) doubted() []int {
	var doubted []int
	holds := t.Holds()
	for i := range t.openings {
		o := &t.openings[i]
		empty := !holds && (o.page != nil || o.failure.State == record.NotAsked)
		if empty || o.declined || o.page != nil && (echoed(o.page, &t.queries[i], true).State != 0 || t.names(o.page.LinkTo("next"))) {
			doubted = append(doubted, i)
		}
	}
	return doubted
}

// names reports that the person's NHS number stands in an address, which would be asked for with it. One that cannot be read is taken to hold it.
func (t *Together) names(address string) bool {
	if address == "" {
		return false
	}
	plain, err := url.QueryUnescape(address)
	return err != nil || strings.Contains(plain, t.session.ask.Person.NHSNumber.Digits())
}
