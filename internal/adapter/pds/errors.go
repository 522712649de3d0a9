package pds

import (
	"context"
	"errors"
	"net/http"

	"ribble/internal/adapter/internal/r4"
	"ribble/internal/fault"
	"ribble/internal/outbound"
)

// The ways in which a trace or a search ends without an answer. Each error wraps exactly one of them, has a fault kind, and carries words
// that are safe to show; none carries an NHS number, a name or an address.
var (
	// ErrUnknown: nobody has the NHS number.
	ErrUnknown = errors.New("no such person")
	// ErrInvalidated: the number was issued and is no longer anybody's.
	ErrInvalidated = errors.New("number invalidated")
	// ErrInvalidSearch: the details given cannot be searched by.
	ErrInvalidSearch = errors.New("search details not acceptable")
	// ErrDenied: the service does not let this portal, or this role, ask.
	ErrDenied = errors.New("access denied")
	// ErrBusy: more questions than the service allows.
	ErrBusy = errors.New("too many requests")
	// ErrUnavailable: the service cannot be reached, or failed.
	ErrUnavailable = errors.New("service unavailable")
	// ErrTimeout: no whole answer in the time allowed.
	ErrTimeout = errors.New("no answer in time")
	// ErrUnreadable: what came is not an answer to what was asked.
	ErrUnreadable = errors.New("answer not understood")
)

// words say what the person at the screen can do.
var words = map[error]struct {
	kind fault.Kind
	say  string
}{
	ErrUnknown:       {fault.NotFound, "Nobody with this NHS number was found. Check the number, or search by name and date of birth."},
	ErrInvalidated:   {fault.NotFound, "This NHS number is no longer valid. Search by name and date of birth instead."},
	ErrInvalidSearch: {fault.Invalid, "These details cannot be searched by. Give the family name and the whole date of birth, or a valid NHS number."},
	ErrDenied:        {fault.Refused, "The national demographics service refused the request. Tell your service desk."},
	ErrBusy:          {fault.TooMany, "The national demographics service is busy. Wait a minute and try again."},
	ErrUnavailable:   {fault.Unavailable, "The national demographics service cannot be reached at present, so nobody can be found. Try again in a minute."},
	ErrTimeout:       {fault.Timeout, "The national demographics service did not answer in time, so nobody could be found. Try again."},
	ErrUnreadable:    {fault.Unavailable, "The answer of the national demographics service could not be read safely, so it is not used. Tell your service desk."},
}

func refusedAs(err error) error {
	w := words[err]
	return fault.Wrap(w.kind, w.say, err)
}

// refusals say what the Spine error codes of a kind of request mean; the code alone decides, since its words vary.
type refusals []struct {
	code    string
	meaning error
}

var (
	traceRefusals = refusals{
		{"INVALIDATED_RESOURCE", ErrInvalidated}, {"RESOURCE_NOT_FOUND", ErrUnknown}, {"INVALID_RESOURCE_ID", ErrUnknown},
	}
	searchRefusals = refusals{
		{"INVALID_SEARCH_DATA", ErrInvalidSearch}, {"TOO_FEW_VALUES_SUBMITTED", ErrInvalidSearch}, {"INVALID_VALUE", ErrInvalidSearch},
		{"UNSUPPORTED_SERVICE", ErrInvalidSearch},
	}
)

// meaning turns a status that is not 200 into an error. A 404 without PDS's own code is a wrong address, not an unknown person.
func (r refusals) meaning(status int, body r4.Resource) error {
	switch status {
	case http.StatusUnauthorized, http.StatusForbidden:
		return refusedAs(ErrDenied)
	case http.StatusTooManyRequests:
		return refusedAs(ErrBusy)
	case http.StatusRequestTimeout, http.StatusGatewayTimeout:
		return refusedAs(ErrTimeout)
	case http.StatusBadRequest, http.StatusNotFound:
		if outcome, ok := body.(*r4.OperationOutcome); ok {
			return refusedAs(r.byCode(outcome))
		}
	}
	return refusedAs(ErrUnavailable)
}

func (r refusals) byCode(outcome *r4.OperationOutcome) error {
	for _, known := range r {
		if outcome.HasCode(known.code) {
			return known.meaning
		}
	}
	return ErrUnavailable
}

// unreachable turns a failure to get an answer into an error. The cause is named by its class alone.
func unreachable(err error) error {
	switch {
	case errors.Is(err, context.Canceled):
		return context.Canceled
	case errors.Is(err, outbound.ErrTimeout):
		return refusedAs(ErrTimeout)
	case errors.Is(err, outbound.ErrTooLarge), errors.Is(err, outbound.ErrTruncated), errors.Is(err, outbound.ErrEncoding),
		errors.Is(err, outbound.ErrRedirect), errors.Is(err, outbound.ErrProtocol):
		return refusedAs(ErrUnreadable)
	}
	return refusedAs(ErrUnavailable)
}
