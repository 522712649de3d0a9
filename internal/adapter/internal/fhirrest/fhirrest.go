// Package fhirrest asks FHIR R4 REST servers: searches with paging inside the approved address, and what every kind of refusal and failure means.
package fhirrest

import (
	"context"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"golang.org/x/sync/errgroup"

	"ribble/internal/adapter/internal/fhirjson"
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

// Options are how a feed's agreement says that it is asked. The zero value makes each search a request of its own, by POST, so that no NHS number
// reaches an address or its logs.
type Options struct {
	// UseGET is for feeds that do not offer POST _search; identifiers then stand in the address.
	UseGET bool
	// Batch is for feeds that take several searches in one request (FHIR R4 3.1.0.11).
	Batch bool
	// Header gives what the agreement asks for on every request, such as authorisation; it may be nil.
	Header func(record.Ask) http.Header
	// Log hears why a feed is asked otherwise than agreed; it may be nil.
	Log *slog.Logger
}

// Server is one FHIR R4 endpoint. It is safe for concurrent use.
type Server struct {
	client  *outbound.Client
	options Options
	log     *slog.Logger
}

// New makes a server for a feed.
func New(client *outbound.Client, o Options) *Server {
	s := &Server{client: client, options: o, log: o.Log}
	if s.log == nil {
		s.log = slog.New(slog.DiscardHandler)
	}
	return s
}

// Session is the asking of one server for one view; it counts what all of its searches receive together. One search, or several by
// SearchAll, are made at a time.
type Session struct {
	server   *Server
	ask      record.Ask
	received atomic.Int64
	// singly makes every search a request of its own.
	singly bool
	// borrowed are the memories that its pages are laid in, one for each answer, since Borrow.
	borrowing bool
	mu        sync.Mutex
	borrowed  []*fhirjson.Memory
}

// Session begins the asking for one view.
func (s *Server) Session(ask record.Ask) *Session {
	return &Session{server: s, ask: ask, singly: !s.options.Batch}
}

// Borrow has what is received from now on laid in memory that is used again, for anybody: its pages may be looked at only until giveBack is
// called. What was received before stays.
func (s *Session) Borrow() (giveBack func()) {
	s.borrowing = true
	return func() {
		s.borrowing = false
		for _, m := range s.borrowed {
			m.Return()
		}
		s.borrowed = nil
	}
}

// memory is room for one answer; nil is none that is used again.
func (s *Session) memory() *fhirjson.Memory {
	if !s.borrowing {
		return nil
	}
	m := fhirjson.Borrow()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.borrowed = append(s.borrowed, m)
	return m
}

// Query is one search: a resource type and its parameters. About names the parameter that carries the patient, whose echo in the
// server's self link shows that the question was understood; "" checks nothing. The parameters are escaped for an address; the
// size of a page is not among them, nor is the person, whom the searches of a view have in common.
type Query struct {
	Type   string
	Params string
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

// opening is how a search began: with its first page, or with the reason why there is none.
type opening struct {
	page    *r4.Bundle
	failure Failure
	words   []string
	// declined says that the server did not take the question as it was put.
	declined bool
}

// goesOn reports whether the source has to be asked again for this search.
func (o *opening) goesOn() bool { return o.page != nil && o.page.LinkTo("next") != "" }

// Patient is the parameter for everything about who has the id at this server.
func Patient(id string) string { return "patient=" + url.QueryEscape(id) }

// SearchAll runs the searches about somebody, which may be "", and gives their results in the same order: in one request where the feed takes
// batches, else a few at once.
func (s *Session) SearchAll(ctx context.Context, queries []Query, about string) []Result {
	if openings, batched := s.batch(ctx, nil, queries, about, nil); batched {
		return s.goOn(ctx, queries, openings)
	}
	results := make([]Result, len(queries))
	var group errgroup.Group
	group.SetLimit(atOnce)
	for i, q := range queries {
		group.Go(func() error {
			results[i] = s.Search(ctx, q, about)
			return nil
		})
	}
	// No search returns an error: each failure is part of its result.
	_ = group.Wait()
	return results
}

// goOn reads on, a few at once, from how each search began.
func (s *Session) goOn(ctx context.Context, queries []Query, openings []opening) []Result {
	results := make([]Result, len(queries))
	// Nearly every search has one page.
	pages := make([]*r4.Bundle, len(queries))
	var group errgroup.Group
	group.SetLimit(atOnce)
	for i := range queries {
		results[i].Type, results[i].Words, results[i].Pages = queries[i].Type, openings[i].words, pages[i:i:i+1]
		if !openings[i].goesOn() {
			s.pages(ctx, &queries[i], &openings[i], &results[i])
			continue
		}
		group.Go(func() error {
			s.pages(ctx, &queries[i], &openings[i], &results[i])
			return nil
		})
	}
	// As above.
	_ = group.Wait()
	return results
}

// Search runs one search about somebody, which may be "", through all its pages.
func (s *Session) Search(ctx context.Context, q Query, about string) Result {
	var o opening
	req, failure := s.first(q, about)
	if o.failure = failure; failure.State == 0 {
		o.page, o.failure = s.page(ctx, req, &o.words)
	}
	result := Result{Type: q.Type, Words: o.words}
	s.pages(ctx, &q, &o, &result)
	return result
}

// pages goes on from how a search began to its last page.
func (s *Session) pages(ctx context.Context, q *Query, o *opening, result *Result) {
	var seen []string
	page, failure := o.page, o.failure
	for failure.State == 0 {
		result.Pages = append(result.Pages, page)
		if f := s.judge(result, page, q); f.State != 0 {
			result.Failure = f
			if f.State != record.Withheld {
				return
			}
		}
		next := page.LinkTo("next")
		if next == "" {
			return
		}
		if failure = mayFollow(next, seen); failure.State == 0 {
			seen = append(seen, next)
			page, failure = s.follow(ctx, next, &result.Words)
		}
	}
	result.Failure = cut(failure, q.Type, len(result.Pages))
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

func (s *Session) first(q Query, about string) (*http.Request, Failure) {
	path, method, body := q.Type+"/_search", http.MethodPost, "_count="+pageSize+beside(q.Params)+q.Params+beside(about)+about
	if s.server.options.UseGET {
		path, method, body = q.Type+"?"+body, http.MethodGet, ""
	}
	at, err := s.server.client.Within(path)
	if err != nil {
		return nil, failed(err)
	}
	return s.request(method, at, strings.NewReader(body))
}

// beside is what joins parameters to those before them.
func beside(params string) string {
	if params == "" {
		return ""
	}
	return "&"
}

func (s *Session) follow(ctx context.Context, next string, words *[]string) (*r4.Bundle, Failure) {
	at, err := s.server.client.Within(next)
	if err != nil {
		return nil, Failure{record.Incomplete, "Its next page pointed elsewhere and was not followed."}
	}
	req, failure := s.request(http.MethodGet, at, http.NoBody)
	if failure.State != 0 {
		return nil, failure
	}
	return s.page(ctx, req, words)
}

// Values of headers that are the same in every request; nobody changes them.
var fhirJSON, formEncoded = []string{"application/fhir+json"}, []string{"application/x-www-form-urlencoded"}

// mostHeaders is how many headers a request gets, here and on its way out.
const mostHeaders = 5

func (s *Session) request(method string, at *url.URL, body io.Reader) (*http.Request, Failure) {
	// The address is parsed already.
	req, err := http.NewRequest(method, "", body)
	if err != nil {
		return nil, failed(err)
	}
	req.URL, req.Host = at, at.Host
	var agreed http.Header
	if s.server.options.Header != nil {
		agreed = s.server.options.Header(s.ask)
	}
	req.Header = make(http.Header, len(agreed)+mostHeaders)
	maps.Copy(req.Header, agreed)
	if method == http.MethodPost {
		req.Header["Content-Type"] = formEncoded
	}
	req.Header["Accept"] = fhirJSON
	req.Header.Set("X-Correlation-ID", s.ask.ID)
	return req, Failure{}
}

// mayFollow stops at the limits and at a page that was read before.
func mayFollow(next string, seen []string) Failure {
	switch {
	case slices.Contains(seen, next):
		return Failure{record.Incomplete, "Its pages led back to one already read."}
	case len(seen) >= MaxPages-1:
		return Failure{record.Incomplete, "It has more than " + itoa(MaxPages) + " pages; only the first " + itoa(MaxPages) + " are shown."}
	}
	return Failure{}
}
