// Package fhirrest asks FHIR R4 REST servers: searches with paging inside the approved address, and what every kind of refusal and failure means.
package fhirrest

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"

	"golang.org/x/sync/errgroup"

	"ribble/internal/adapter/internal/r4"
	"ribble/internal/outbound"
	"ribble/internal/record"
)

// The limits of one answer (S16 of the fault catalogue).
const (
	// MaxPages is how many pages of one search are read.
	MaxPages = 50
	// MaxResources is how many entries one answer may hold, over all its searches.
	MaxResources = 20_000
	// pageSize is what is asked for with _count; the server may send fewer.
	pageSize = "100"
	// atOnce bounds the searches in flight to one feed.
	// A view asks a feed for about thirty types, so that fewer at once would multiply the source's own delay by the rounds.
	atOnce = 16
	// maxByID is how many missing references of one type are read in one request.
	maxByID = 50
)

// Server is one FHIR R4 endpoint. It is safe for concurrent use.
type Server struct {
	client *outbound.Client
	// get searches by GET for feeds that do not offer POST _search; identifiers then stand in the address.
	get bool
	// header gives what the feed's agreement asks for on every request, such as authorisation; it may be nil.
	header func(record.Ask) http.Header
}

// New makes a server for a feed. Searches go by POST, so that no NHS number reaches an address or its logs, unless useGET is set.
// Header may be nil.
func New(client *outbound.Client, useGET bool, header func(record.Ask) http.Header) *Server {
	return &Server{client: client, get: useGET, header: header}
}

// Session is the asking of one server for one view; it counts what all of its searches receive together.
type Session struct {
	server   *Server
	ask      record.Ask
	received atomic.Int64
}

// Session begins the asking for one view.
func (s *Server) Session(ask record.Ask) *Session { return &Session{server: s, ask: ask} }

// Query is one search: a resource type and its parameters. About names the parameter that carries the patient, whose echo in the
// server's self link shows that the question was understood; "" checks nothing. The size of a page is not among the parameters.
type Query struct {
	Type   string
	Params url.Values
	About  string
}

// Result is what one search gave.
type Result struct {
	Type string
	// Pages are the bundles that came, in order; they are kept even when a later page failed.
	Pages []*r4.Bundle
	// Failure says what is missing; its State is 0 when the search is whole.
	Failure Failure
	// Words are what the server itself said about warnings and errors in words meant for a reader, verbatim.
	Words []string
}

// Failure is a state of section 0.4 with words of ours; the server's own are kept apart.
type Failure struct {
	State  record.State
	Detail string
}

// SearchAll runs the searches, a few at once, and gives their results in the same order.
func (s *Session) SearchAll(ctx context.Context, queries []Query) []Result {
	results := make([]Result, len(queries))
	var group errgroup.Group
	group.SetLimit(atOnce)
	for i, q := range queries {
		group.Go(func() error {
			results[i] = s.Search(ctx, q)
			return nil
		})
	}
	// No search returns an error: each failure is part of its result.
	_ = group.Wait()
	return results
}

// Search runs one search through all its pages.
func (s *Session) Search(ctx context.Context, q Query) Result {
	result := Result{Type: q.Type}
	req, failure := s.first(q)
	seen := map[string]bool{}
	for failure.State == 0 {
		var page *r4.Bundle
		if page, failure = s.page(ctx, req, &result.Words); failure.State != 0 {
			break
		}
		result.Pages = append(result.Pages, page)
		if f := s.judge(&result, page, q); f.State != 0 {
			result.Failure = f
			if f.State != record.Withheld {
				return result
			}
		}
		next := page.LinkTo("next")
		if next == "" {
			return result
		}
		if failure = s.mayFollow(next, seen, len(result.Pages)); failure.State == 0 {
			req, failure = s.follow(next)
		}
	}
	if failure.State != 0 {
		result.Failure = cut(failure, q.Type, len(result.Pages))
	}
	return result
}

// cut says of a search that broke off between two pages that it is incomplete; of one that gave none, what went wrong.
func cut(f Failure, resourceType string, pages int) Failure {
	switch {
	case pages == 0 && f.State == record.NotKnownHere && resourceType != "Patient":
		// The person was found a moment ago: what is not there is the kind of entry.
		return Failure{record.NotAsked, record.NotSupplied}
	case pages == 0 || f.State == record.Incomplete:
		return f
	case f.State == record.NotAsked || f.State == record.NotKnownHere:
		f.Detail = "The next page was not found."
	}
	if pages == 1 {
		return Failure{record.Incomplete, "Only its first page came. " + f.Detail}
	}
	return Failure{record.Incomplete, "Only pages 1 to " + itoa(pages) + " came. " + f.Detail}
}

func (s *Session) first(q Query) (*http.Request, Failure) {
	path, method, body := q.Type+"/_search", http.MethodPost, "_count="+pageSize+"&"+q.Params.Encode()
	if s.server.get {
		path, method, body = q.Type+"?"+body, http.MethodGet, ""
	}
	at, err := s.server.client.Within(path)
	if err != nil {
		return nil, failed(err)
	}
	return s.request(method, at, body)
}

func (s *Session) follow(next string) (*http.Request, Failure) {
	at, err := s.server.client.Within(next)
	if err != nil {
		return nil, Failure{record.Incomplete, "Its next page pointed elsewhere and was not followed."}
	}
	return s.request(http.MethodGet, at, "")
}

func (s *Session) request(method string, at *url.URL, body string) (*http.Request, Failure) {
	// The address is parsed already.
	req, err := http.NewRequest(method, "", strings.NewReader(body))
	if err != nil {
		return nil, failed(err)
	}
	req.URL, req.Host = at, at.Host
	if s.server.header != nil {
		req.Header = s.server.header(s.ask).Clone()
	}
	if req.Header == nil {
		req.Header = http.Header{}
	}
	if method == http.MethodPost {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	req.Header.Set("Accept", "application/fhir+json")
	req.Header.Set("X-Correlation-ID", s.ask.ID)
	return req, Failure{}
}

// mayFollow stops at the limits and at a page that was read before.
func (s *Session) mayFollow(next string, seen map[string]bool, pages int) Failure {
	switch {
	case seen[next]:
		return Failure{record.Incomplete, "Its pages led back to one already read."}
	case pages >= MaxPages:
		return Failure{record.Incomplete, "It has more than " + itoa(MaxPages) + " pages; only the first " + itoa(MaxPages) + " are shown."}
	}
	seen[next] = true
	return Failure{}
}
