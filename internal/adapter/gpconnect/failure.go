package gpconnect

import (
	"context"
	"errors"
	"net/http"
	"strings"

	"ribble/internal/adapter/internal/stu3"
	"ribble/internal/outbound"
	"ribble/internal/record"
)

var (
	errAddress = errors.New("address of the practice cannot be used")
	// ErrNoDocument: the document cannot be opened from this source.
	ErrNoDocument = errors.New("document cannot be opened from this practice")
)

// failure is why a call gave no record: a state and plain words. A nil *failure is success.
type failure struct {
	state  record.State
	detail string
}

func unavailable(detail string) *failure { return &failure{record.Unavailable, detail} }

// The words of failures that are found here and not told by the practice.
var (
	notFHIR       = unavailable("It answered something that is not a record and cannot be read.")
	wrongQuestion = &failure{record.Mismatch, "It answered a different question than the one asked. Nothing of that answer is shown."}
	noTrace       = unavailable("Its answer does not say which question it belongs to, so it is not shown.")
	noAddress     = unavailable("The address of the practice system could not be found.")
	wrongAddress  = unavailable("The address of the practice system is not one that may be used.")
	ourFault      = unavailable("The question could not be put because of a fault in this portal.")
)

// ofError puts words to a call that had no answer.
func ofError(err error) *failure {
	switch {
	case errors.Is(err, outbound.ErrTimeout), errors.Is(err, context.DeadlineExceeded):
		return unavailable("It did not answer in time.")
	case errors.Is(err, context.Canceled):
		return unavailable("The question was called off before it answered.")
	case errors.Is(err, outbound.ErrRefusedConnection):
		return unavailable("It could not be reached.")
	case errors.Is(err, outbound.ErrTLS):
		return unavailable("It could not be reached safely: its identity could not be proved.")
	case errors.Is(err, outbound.ErrTruncated):
		return unavailable("Its answer was cut off.")
	case errors.Is(err, outbound.ErrTooLarge):
		return unavailable("Its answer was too large to be read.")
	case errors.Is(err, outbound.ErrNoRoom):
		return unavailable(record.NoRoom)
	case errors.Is(err, outbound.ErrResting):
		return unavailable("It has failed several times and is left alone for a moment.")
	case errors.Is(err, outbound.ErrForbidden), errors.Is(err, errAddress):
		return wrongAddress
	case errors.Is(err, outbound.ErrEncoding), errors.Is(err, outbound.ErrProtocol), errors.Is(err, outbound.ErrRedirect):
		return notFHIR
	}
	return unavailable("It did not answer.")
}

// byCode are the error codes of GP Connect 1.6 (wire facts 1.5). Only the code decides: displays and issue types vary.
var byCode = map[string]*failure{
	"NO_PATIENT_CONSENT":      {record.Refused, "The practice records that the person does not agree to sharing."},
	"NO_ORGANISATION_CONSENT": {record.Refused, "The practice has not agreed to share with your organisation."},
	"NO_RELATIONSHIP":         {record.Refused, "The practice system sees no care relationship between the person and your organisation."},
	"ACCESS_DENIED":           {record.Refused, "The practice system refused access."},

	"PATIENT_NOT_FOUND": {record.NotKnownHere, "It did not find this person, or may not share the record."},
	"NO_RECORD_FOUND":   {record.NotKnownHere, "It found no record of this person that it may share."},

	"ORGANISATION_NOT_FOUND": unavailable("The practice system does not know the organisation that was named."),
	"PRACTITIONER_NOT_FOUND": unavailable("The practice system does not know the member of staff that was named."),
	"REFERENCE_NOT_FOUND":    unavailable("The practice system could not find something that the question named."),

	"INVALID_NHS_NUMBER":           unavailable("The practice system did not accept the NHS number."),
	"INVALID_IDENTIFIER_SYSTEM":    unavailable("The practice system did not accept the kind of number that was sent."),
	"INVALID_IDENTIFIER_VALUE":     unavailable("The practice system did not accept the number that was sent."),
	"INVALID_PATIENT_DEMOGRAPHICS": unavailable("The practice system holds details of the person that do not agree with the national ones."),
	"BAD_REQUEST":                  unavailable("The practice system did not understand the question."),
	"CONFLICTING_VALUES":           unavailable("The practice system found a contradiction in the question."),
	"INVALID_RESOURCE":             unavailable("The practice system did not accept the form of the question."),
	"INVALID_PARAMETER":            unavailable("The practice system did not accept a part of the question."),
	"DUPLICATE_REJECTED":           unavailable("The practice system took the question for a repeat of an earlier one."),
	"INTERNAL_SERVER_ERROR":        unavailable("The practice system reported a fault of its own."),
	"NOT_IMPLEMENTED":              unavailable("The practice system does not offer this."),
}

// byProxy are the errors of the Spine Secure Proxy, by the start of their display. The displays go on with addresses: they are not shown.
var byProxy = [...]struct {
	start string
	*failure
}{
	{"FOT_CHECK_FAILED", &failure{record.Refused, "The national proxy does not allow sharing between the practice and your organisation."}},
	{"ASID_CHECK_FAILED", unavailable("The national proxy does not accept your organisation's system identity.")},
	{"PARTYKEY_INTERACTION_CHECK_FAILED", unavailable("The practice is not registered with the national proxy for this kind of question.")},
	{"ERROR_COMMUNICATING_TO_ENDPOINT", unavailable("The national proxy could not reach the practice system.")},
	{"ENDPOINT_", unavailable("The national proxy holds a different address for the practice.")},
}

// ofStatus puts words to an answer that is not a record: by its codes, and only where it has none by its HTTP status.
func ofStatus(status int, outcome *stu3.OperationOutcome) *failure {
	if outcome != nil {
		for i := range outcome.Issue {
			if f := ofIssue(&outcome.Issue[i]); f != nil {
				return f
			}
		}
	}
	switch {
	case status == http.StatusUnauthorized:
		return unavailable("It did not accept this portal's identity.")
	case status == http.StatusForbidden:
		return &failure{record.Refused, "It refused, without a reason that is known here."}
	case status == http.StatusTooManyRequests, status == http.StatusServiceUnavailable:
		return unavailable("It is too busy to answer.")
	case status >= http.StatusInternalServerError:
		return unavailable("It reported a fault of its own.")
	case status >= http.StatusBadRequest:
		return unavailable("It did not accept the question.")
	}
	return notFHIR
}

func ofIssue(issue *stu3.OutcomeIssue) *failure {
	if f := byCode[outcomeCode(issue)]; f != nil {
		return f
	}
	for i := range issue.Details.Coding {
		for _, p := range byProxy {
			if strings.HasPrefix(issue.Details.Coding[i].Display, p.start) {
				return p.failure
			}
		}
	}
	return nil
}

// outcomeCode is the code of an issue. ACCESS DENIED is written with a space by the specification and with a line by its tests.
func outcomeCode(issue *stu3.OutcomeIssue) string {
	for i := range issue.Details.Coding {
		code := strings.ReplaceAll(issue.Details.Coding[i].Code, " ", "_")
		if code != "" {
			return code
		}
	}
	return ""
}
