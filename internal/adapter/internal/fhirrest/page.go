package fhirrest

import (
	"context"
	"errors"
	"mime"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"ribble/internal/adapter/internal/fhirjson"
	"ribble/internal/adapter/internal/r4"
	"ribble/internal/outbound"
	"ribble/internal/record"
)

func itoa(n int) string { return strconv.Itoa(n) }

// Failures that are told in the same words wherever they are met.
var (
	notARecord    = Failure{record.Unavailable, "It answered with a page that is not a record."}
	otherQuestion = Failure{record.Unavailable, "It answered another question than it was asked."}
)

// page sends one request and reads the bundle in its answer. What the server says for the reader is added to words.
func (s *Session) page(ctx context.Context, req *http.Request, words *[]string) (*r4.Bundle, Failure) {
	answer, err := s.server.client.Do(ctx, req)
	if err != nil {
		return nil, failed(err)
	}
	defer answer.Release()
	if answer.Status != http.StatusOK {
		outcome, _ := outcomeIn(answer.Body)
		return nil, refused(answer.Status, outcome, words)
	}
	if !isJSON(answer.Header.Get("Content-Type")) {
		return nil, notARecord
	}
	bundle, err := r4.DecodeBundleIn(s.memory(), answer.Body)
	if err == nil && bundle.ResourceType != "Bundle" {
		err = fhirjson.ErrType
	}
	if err != nil {
		return nil, unread(answer.Body, err, words)
	}
	if err := outbound.Weigh(ctx, len(bundle.Entry)); err != nil {
		return nil, failed(err)
	}
	return bundle, Failure{}
}

// unread tells an OperationOutcome that came instead of a bundle from an answer that cannot be read.
func unread(body []byte, err error, words *[]string) Failure {
	if outcome, ok := outcomeIn(body); ok {
		listen(outcome, words)
		return reportedBy(outcome)
	}
	return unreadable(err)
}

func unreadable(err error) Failure {
	if errors.Is(err, fhirjson.ErrTooMany) {
		return Failure{record.Unavailable, "Its answer held more entries than can be read safely."}
	}
	return Failure{record.Unavailable, "Its answer could not be read."}
}

// outcomeIn reads the OperationOutcome that an answer is; an empty one when it is none.
func outcomeIn(body []byte) (outcome *r4.OperationOutcome, ok bool) {
	outcome = new(r4.OperationOutcome)
	if fhirjson.Decode(body, outcome) != nil || outcome.ResourceType != "OperationOutcome" {
		return new(r4.OperationOutcome), false
	}
	return outcome, true
}

func listen(o *r4.OperationOutcome, words *[]string) {
	if said := o.Words(); said != "" {
		*words = append(*words, said)
	}
}

func isJSON(contentType string) bool {
	kind, _, err := mime.ParseMediaType(contentType)
	return err == nil && (kind == "application/fhir+json" || kind == "application/json" || kind == "application/json+fhir")
}

// judge acts on what stands in a page beside its entries: errors and warnings of the server (S11), the echo of our question, the limit.
func (s *Session) judge(result *Result, page *r4.Bundle, q *Query) Failure {
	if s.received.Add(int64(len(page.Entry))) > MaxResources {
		over := int(s.received.Load()) - MaxResources
		page.Entry = page.Entry[:max(len(page.Entry)-over, 0)]
		return Failure{record.Incomplete, "It holds more than " + itoa(MaxResources) + " entries; only the first " + itoa(MaxResources) + " are shown."}
	}
	failure := echoed(page, q, len(result.Pages) == 1)
	for i := range page.Entry {
		if outcome, ok := page.Entry[i].Resource.Resource.(*r4.OperationOutcome); ok {
			listen(outcome, &result.Words)
			if f := said(outcome); f.State != 0 && failure.State == 0 || outcome.Failed() {
				failure = f
			}
		}
	}
	return failure.beside(result.Pages)
}

// said gives the state for an outcome among the entries: an error, or a warning that something was left out. Other warnings are words only.
func said(o *r4.OperationOutcome) Failure {
	switch {
	case o.Failed():
		return reportedBy(o)
	case o.HasCode("suppressed"):
		return Failure{record.Withheld, "It left some entries out."}
	case o.HasCode("incomplete"):
		return Failure{record.Incomplete, "It reported that its answer is not whole."}
	}
	return Failure{}
}

// beside softens a failure that came together with entries: those are shown, and the section says that they may not be all.
func (f Failure) beside(pages []*r4.Bundle) Failure {
	if f.State == 0 || f.State == record.Incomplete || f.State == record.Withheld {
		return f
	}
	for _, page := range pages {
		for _, e := range page.Entry {
			if _, ok := e.Resource.Resource.(*r4.OperationOutcome); !ok {
				return Failure{record.Incomplete, f.Detail + " Some of its entries may be missing."}
			}
		}
	}
	return f
}

// echoed checks the self link (FHIR R4 3.1.1.5): a server may leave out parameters that it does not know, and then answers another question.
func echoed(page *r4.Bundle, q *Query, first bool) Failure {
	// Whom a search for a person found is checked by the number itself.
	if q.About == "" || !first || q.Type == "Patient" && len(page.Entry) > 0 {
		return Failure{}
	}
	self := page.LinkTo("self")
	switch {
	case self != "" && !carries(self, q.About):
		return otherQuestion
	case self == "" && len(page.Entry) == 0:
		return Failure{record.Incomplete, "It sent an empty list without saying which question it answers."}
	}
	return Failure{}
}

// carries accepts the forms in which servers echo the person: patient, subject, with a chain or a modifier. Only names are looked at: every
// search of every view comes by here, and the values are long.
func carries(address, about string) bool {
	_, query, _ := strings.Cut(address, "?")
	for pair := range strings.SplitSeq(query, "&") {
		name, _, _ := strings.Cut(pair, "=")
		name, err := url.QueryUnescape(name)
		if err != nil {
			return false
		}
		if i := strings.IndexAny(name, ".:"); i >= 0 {
			name = name[:i]
		}
		if name == about || about == "patient" && name == "subject" {
			return true
		}
	}
	return false
}

// reportedBy gives the state for an OperationOutcome that stands for an answer or a part of one.
func reportedBy(o *r4.OperationOutcome) Failure {
	switch {
	case unsupported(o):
		return Failure{record.NotAsked, record.NotSupplied}
	case dissent(o):
		return Failure{record.Refused, "It refused to share."}
	}
	return Failure{record.Unavailable, "It reported an error."}
}

func unsupported(o *r4.OperationOutcome) bool {
	return o.HasCode("not-supported") || o.HasCode("NOT_IMPLEMENTED")
}

// dissent are the codes by which a source says that it may not share, rather than that it cannot.
func dissent(o *r4.OperationOutcome) bool {
	for _, code := range [...]string{"forbidden", "suppressed", "NO_PATIENT_CONSENT", "NO_ORGANISATION_CONSENT", "NO_RELATIONSHIP", "ACCESS_DENIED", "ACCESS DENIED"} {
		if o.HasCode(code) {
			return true
		}
	}
	return false
}

// refused gives the state for an answer that is not 200. Most failures carry no outcome that can be read; the status then has to do.
func refused(status int, outcome *r4.OperationOutcome, words *[]string) Failure {
	listen(outcome, words)
	switch status {
	case http.StatusForbidden:
		if !outcome.HasCode("login") && !outcome.HasCode("expired") && !outcome.HasCode("unknown") {
			return Failure{record.Refused, "It refused to share."}
		}
		return Failure{record.Unavailable, "It did not accept the portal's credentials."}
	case http.StatusUnauthorized:
		if dissent(outcome) {
			return Failure{record.Refused, "It refused to share."}
		}
		return Failure{record.Unavailable, "It did not accept the portal's credentials."}
	case http.StatusNotFound, http.StatusNotImplemented:
		if nobody(outcome) {
			return Failure{record.NotKnownHere, unknownPerson}
		}
		return Failure{record.NotAsked, record.NotSupplied}
	}
	if unsupported(outcome) {
		return Failure{record.NotAsked, record.NotSupplied}
	}
	return Failure{record.Unavailable, statusWords(status)}
}

// nobody reports the codes by which a server says that it does not know the person.
func nobody(o *r4.OperationOutcome) bool {
	return o.HasCode("not-found") || o.HasCode("RESOURCE_NOT_FOUND") || o.HasCode("PATIENT_NOT_FOUND") || o.HasCode("NO_RECORD_FOUND")
}

func statusWords(status int) string {
	switch status {
	case http.StatusNoContent, http.StatusPartialContent:
		return "It answered with only part of a record, or none."
	case http.StatusTooManyRequests:
		return "It is busy and asked not to be asked again for now."
	case http.StatusGone:
		return "It said that the record is no longer there."
	case http.StatusBadRequest, http.StatusUnprocessableEntity:
		return "It did not understand the question."
	case http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return "It is not working at the moment."
	}
	return "It answered with an error."
}

// failed gives the state for a request without an answer. Every class is Unavailable; the words differ.
func failed(err error) Failure {
	for _, known := range [...]struct {
		class error
		words string
	}{
		{outbound.ErrTimeout, "It did not answer in time."},
		{context.DeadlineExceeded, "It did not answer in time."},
		{context.Canceled, "The request was stopped before it answered."},
		{outbound.ErrRefusedConnection, "It could not be reached."},
		{outbound.ErrTLS, "No trusted connection to it could be made."},
		{outbound.ErrTruncated, "Its answer was cut off."},
		{outbound.ErrTooLarge, "Its answer was too large to be read safely."},
		{outbound.ErrNoRoom, record.NoRoom},
		{outbound.ErrEncoding, "Its answer could not be read."},
		{outbound.ErrRedirect, "It pointed elsewhere and was not followed."},
		{outbound.ErrResting, "It failed several times and is being left alone for a moment."},
	} {
		if errors.Is(err, known.class) {
			return Failure{record.Unavailable, known.words}
		}
	}
	return Failure{record.Unavailable, "It could not be asked."}
}
