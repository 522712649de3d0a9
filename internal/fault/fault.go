// Package fault is the small closed set of error kinds, each with text that is safe to show to a user.
//
// Two powers: any layer may say what kind of failure it met, and may give words for the person at the screen. Two limits:
// the words never hold a value from a record, and an error of no known kind is shown as Internal with neutral words.
package fault

import (
	"context"
	"errors"
)

// Kind says what sort of failure an error is. The zero Kind is Internal, so that a forgotten kind hides rather than shows.
type Kind int

// The kinds. Each is told apart by what the person at the screen can do about it.
const (
	// Internal is a fault of our own; nothing of it is shown.
	Internal Kind = iota
	// Invalid is input that can be put right by whoever sent it.
	Invalid
	// NotFound is a thing that is not there, or that this user may not know is there: the two are not told apart.
	NotFound
	// Denied is an act that this user may not do.
	Denied
	// Refused is an answer by another system that it will not help, for a reason it gave.
	Refused
	// Unavailable is a system that cannot be reached or does not work at present.
	Unavailable
	// Timeout is a system that did not answer in the time allowed.
	Timeout
	// TooMany is a request above a limit.
	TooMany
)

var kindNames = [...]string{"internal", "invalid", "not_found", "denied", "refused", "unavailable", "timeout", "too_many"}

// String gives the kind as one lower-case word, fit for a log line or a metric label.
func (k Kind) String() string {
	if k < 0 || int(k) >= len(kindNames) {
		return kindNames[Internal]
	}
	return kindNames[k]
}

var neutralTexts = [...]string{
	Internal:    "Something went wrong. Nothing was changed. Try again, and tell your service desk if it happens again.",
	Invalid:     "Something in what was sent is not right. Check it and try again.",
	NotFound:    "This page does not exist, or is no longer open.",
	Denied:      "You cannot do this in your present role.",
	Refused:     "Another system refused the request.",
	Unavailable: "A part of the service cannot be reached at present. Try again in a minute.",
	Timeout:     "A part of the service did not answer in time. Try again.",
	TooMany:     "Too many requests. Wait a minute and try again.",
}

// Error is an error of a known kind with words that are safe to show. Make one with New or Wrap.
type Error struct {
	kind  Kind
	safe  string
	cause error
}

// New makes an error of the kind whose whole text is safe to show.
func New(kind Kind, safeText string) *Error { return &Error{kind: kind, safe: safeText} }

// Wrap gives err a kind and words that are safe to show. The cause stays reachable by errors.Is and errors.As and appears
// in Error, which is for logs, but never in SafeText.
func Wrap(kind Kind, safeText string, err error) *Error {
	return &Error{kind: kind, safe: safeText, cause: err}
}

// Error is the text for logs: the cause when there is one, else the safe words.
func (e *Error) Error() string {
	if e.cause != nil {
		return e.kind.String() + ": " + e.cause.Error()
	}
	return e.kind.String() + ": " + e.safe
}

// Unwrap gives the cause, or nil.
func (e *Error) Unwrap() error { return e.cause }

// KindOf is the kind of the outermost fault in err's chain. A deadline that passed is a Timeout; anything else that nobody
// classed is Internal.
func KindOf(err error) Kind {
	var e *Error
	switch {
	case errors.As(err, &e):
		return e.kind
	case errors.Is(err, context.DeadlineExceeded):
		return Timeout
	default:
		return Internal
	}
}

// SafeText gives the words that may be shown for err: those of the outermost fault, or neutral ones for its kind.
func SafeText(err error) string {
	var e *Error
	if errors.As(err, &e) && e.safe != "" {
		return e.safe
	}
	kind := KindOf(err)
	if kind < 0 || int(kind) >= len(neutralTexts) {
		kind = Internal
	}
	return neutralTexts[kind]
}
