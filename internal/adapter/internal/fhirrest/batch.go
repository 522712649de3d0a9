package fhirrest

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"

	"ribble/internal/adapter/internal/fhirjson"
	"ribble/internal/adapter/internal/r4"
	"ribble/internal/outbound"
	"ribble/internal/record"
)

// batch asks for the first page of every search in one request (FHIR R4 3.1.0.11, Bundle of type batch). Each keeps its own answer and its own
// failure. When there is a search for the person it comes first, as its opening does. The answer is read when ready, which may be nil, says so. Taken
// is false when the searches have to be made one by one: at feeds that have not agreed to batches, and for the rest of a view at a server that takes
// none, or whose answers together are more than can be read in one.
func (s *Session) batch(ctx context.Context, who *Query, queries []Query, about string, ready outbound.Ready) (openings []opening, taken bool) {
	if s.singly || who == nil && len(queries) < 2 || len(queries) == 0 {
		return nil, false
	}
	asked := questions{who, queries}
	req, failure := s.batchRequest(asked, about)
	if failure.State != 0 {
		return failing(asked, failure, nil), true
	}
	openings, why := s.askBatch(ctx, req, asked, ready)
	if why == "" {
		return openings, true
	}
	s.singly = true
	s.server.log.DebugContext(ctx, "asking one search at a time", "why", why)
	return nil, false
}

// questions are those of one batch: the search for the person, if there is one, and others.
type questions struct {
	who     *Query
	queries []Query
}

func (q questions) len() int {
	if q.who != nil {
		return len(q.queries) + 1
	}
	return len(q.queries)
}

func (q questions) at(i int) *Query {
	switch {
	case q.who == nil:
		return &q.queries[i]
	case i == 0:
		return q.who
	}
	return &q.queries[i-1]
}

// has reports a question for the type.
func (q questions) has(resourceType string) bool {
	return q.who != nil && q.who.Type == resourceType || slices.ContainsFunc(q.queries, func(q Query) bool { return q.Type == resourceType })
}

// batchRequest makes the Bundle by hand: all that goes into it is a resource type or escaped for an address, so that nothing needs quoting.
func (s *Session) batchRequest(asked questions, about string) (*http.Request, Failure) {
	const before, after, ends = `{"resourceType":"Bundle","type":"batch","entry":[`, `]}`, `{"request":{"method":"GET","url":"?_count=` + pageSize + `&&"}},`
	size := len(before) + len(after)
	for i := range asked.len() {
		q := asked.at(i)
		size += len(ends) + len(q.Type) + len(q.Params) + len(about)
	}
	b := make([]byte, 0, size)
	b = append(b, before...)
	for i := range asked.len() {
		q, whom := asked.at(i), about
		if q == asked.who {
			whom = ""
		}
		if i > 0 {
			b = append(b, ',')
		}
		b = append(append(b, `{"request":{"method":"GET","url":"`...), q.Type...)
		b = append(b, "?_count="+pageSize...)
		b = append(append(b, beside(q.Params)...), q.Params...)
		b = append(append(b, beside(whom)...), whom...)
		b = append(b, `"}}`...)
	}
	b = append(b, after...)
	at, err := s.server.client.Within("")
	if err != nil {
		return nil, failed(err)
	}
	// The base itself is written without the slash under which everything else lies.
	at.Path = strings.TrimSuffix(at.Path, "/")
	req, failure := s.request(http.MethodPost, at, bytes.NewReader(b))
	if failure.State == 0 {
		req.Header["Content-Type"] = fhirJSON
	}
	return req, failure
}

// askBatch sends a batch and reads its answer. Why says for what reason the searches have to be made one by one, or is empty.
func (s *Session) askBatch(ctx context.Context, req *http.Request, asked questions, ready outbound.Ready) (openings []opening, why string) {
	answer, err := s.server.client.DoWhen(ctx, req, ready)
	switch {
	case errors.Is(err, outbound.ErrTooLarge):
		return nil, "the answer to a batch is too large"
	case err != nil:
		return failing(asked, failed(err), nil), ""
	}
	defer answer.Release()
	if answer.Status != http.StatusOK {
		return refusedBatch(answer, asked)
	}
	if !isJSON(answer.Header.Get("Content-Type")) {
		return failing(asked, notARecord, nil), ""
	}
	openings, why = s.readBatch(answer.Body, asked)
	if err := outbound.Weigh(ctx, entries(openings)); err != nil {
		return failing(asked, failed(err), nil), ""
	}
	return openings, why
}

// entries counts those of all the answers of a batch.
func entries(openings []opening) int {
	n := 0
	for i := range openings {
		if openings[i].page != nil {
			n += len(openings[i].page.Entry)
		}
	}
	return n
}

func refusedBatch(answer *outbound.Answer, asked questions) (openings []opening, why string) {
	outcome, _ := outcomeIn(answer.Body)
	switch {
	case answer.Status == http.StatusNotFound, answer.Status == http.StatusMethodNotAllowed, answer.Status == http.StatusNotImplemented, unsupported(outcome):
		return nil, "the server takes no batches"
	}
	var words []string
	failure := refused(answer.Status, outcome, &words)
	return failing(asked, failure, words), ""
}

func (s *Session) readBatch(body []byte, asked questions) (openings []opening, why string) {
	var words []string
	response, err := r4.DecodeBatchResponse(s.memory(), body)
	switch {
	case errors.Is(err, fhirjson.ErrTooMany):
		return nil, "the answer to a batch holds too much"
	case err != nil:
		return failing(asked, unread(body, err, &words), words), ""
	case response.ResourceType != "Bundle":
		if outcome, ok := outcomeIn(body); ok && unsupported(outcome) {
			return nil, "the server takes no batches"
		}
		return failing(asked, unread(body, fhirjson.ErrType, &words), words), ""
	case response.Type != "batch-response":
		return failing(asked, otherQuestion, nil), ""
	case len(response.Entry) != asked.len():
		// Only the order says which answer belongs to which question, so that with one too few or too many none can be relied on.
		return failing(asked, Failure{record.Unavailable, "It did not give one answer to each question."}, nil), ""
	}
	openings = make([]opening, asked.len())
	for i := range openings {
		openings[i] = openingOf(&response.Entry[i], asked.at(i), asked)
	}
	return openings, ""
}

// failing is a batch of which nothing came.
func failing(asked questions, f Failure, words []string) []opening {
	return slices.Repeat([]opening{{failure: f, words: words}}, asked.len())
}

// openingOf reads the answer to one question of a batch, as page reads an answer by itself.
func openingOf(e *r4.BatchEntry, q *Query, asked questions) (o opening) {
	page, isPage := e.Resource.Resource.(*r4.Bundle)
	outcome, clear := outcomeOf(e)
	code := e.Response.Code()
	switch {
	case e.Unread != nil:
		o.failure = unreadable(e.Unread)
	case code == 0, !clear:
		o.failure = unreadable(fhirjson.ErrType)
	case code != http.StatusOK:
		o.failure, o.declined = refused(code, outcome, &o.words), declines(code)
	case !isPage && len(outcome.Issue) > 0:
		listen(outcome, &o.words)
		o.failure, o.declined = reportedBy(outcome), unsupported(outcome)
	case !isPage:
		o.failure = Failure{record.Unavailable, "It left this question unanswered."}
	case page.Type != "searchset":
		o.failure = unreadable(fhirjson.ErrType)
	case answersAnother(page, q, asked):
		o.failure = otherQuestion
	default:
		o.page = page
		// What the server says beside a searchset counts as if it stood in it.
		if e.Response.Outcome.Resource != nil {
			page.Entry = append(page.Entry, r4.BundleEntry{Resource: e.Response.Outcome})
			page.Entry[len(page.Entry)-1].Search.Mode = "outcome"
		}
	}
	return o
}

// declines are the statuses by which a server says that it cannot do what it was asked in this form. 404 is not among them: that is how types
// that are not held are answered.
func declines(code int) bool {
	switch code {
	case http.StatusBadRequest, http.StatusMethodNotAllowed, http.StatusUnprocessableEntity, http.StatusNotImplemented:
		return true
	}
	return false
}

// outcomeOf gives what the server says of one answer, beside it or in its place; an empty outcome when it says nothing. Clear is false when
// something else stands where only an outcome may.
func outcomeOf(e *r4.BatchEntry) (outcome *r4.OperationOutcome, clear bool) {
	beside := e.Response.Outcome.Resource
	if outcome, ok := beside.(*r4.OperationOutcome); ok {
		return outcome, true
	}
	if outcome, ok := e.Resource.Resource.(*r4.OperationOutcome); ok {
		return outcome, beside == nil
	}
	return new(r4.OperationOutcome), beside == nil
}

// answersAnother reports a page whose self link names the type of another question of the same batch: the answers came out of order.
func answersAnother(page *r4.Bundle, q *Query, asked questions) bool {
	address, _, _ := strings.Cut(page.LinkTo("self"), "?")
	address = strings.TrimSuffix(strings.TrimSuffix(address, "/"), "/_search")
	named := address[strings.LastIndexByte(address, '/')+1:]
	return named != q.Type && asked.has(named)
}
