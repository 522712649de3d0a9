package sds

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"ribble/internal/fault"
	"ribble/internal/outbound"
)

// The ways in which a look-up ends without an endpoint. Each error wraps exactly one of them, has a fault kind, and carries words that are
// safe to show.
var (
	// ErrNotRegistered: no system, or no address in use, is registered for the organisation and interaction.
	ErrNotRegistered = errors.New("nothing registered")
	// ErrSeveral: several systems or addresses are registered, and nothing says which is meant.
	ErrSeveral = errors.New("several registered")
	// ErrNoASID: the system is registered without an accredited system id.
	ErrNoASID = errors.New("system without accredited system id")
	// ErrNoAddress: the endpoint is registered without an address that can be used.
	ErrNoAddress = errors.New("endpoint without usable address")
	// ErrDenied: the directory does not let this portal ask.
	ErrDenied = errors.New("access denied")
	// ErrUnavailable: the directory cannot be reached, or failed.
	ErrUnavailable = errors.New("directory unavailable")
	// ErrTimeout: no whole answer in the time allowed.
	ErrTimeout = errors.New("no answer in time")
	// ErrUnreadable: what came is not an answer to what was asked.
	ErrUnreadable = errors.New("answer not understood")
)

// words say it to the person at the screen, with the organisation as "it".
var words = map[error]struct {
	kind fault.Kind
	say  string
}{
	ErrNotRegistered: {fault.NotFound, "No system is registered nationally that shares its records."},
	ErrSeveral:       {fault.Unavailable, "More than one system is registered nationally for it, and which one to ask is not clear."},
	ErrNoASID:        {fault.Unavailable, "Its system is registered nationally without its system number, so it cannot be asked."},
	ErrNoAddress:     {fault.Unavailable, "Its system is registered nationally without an address, so it cannot be asked."},
	ErrDenied:        {fault.Unavailable, "The national directory refused to give its address."},
	ErrUnavailable:   {fault.Unavailable, "The national directory could not be reached for its address."},
	ErrTimeout:       {fault.Timeout, "The national directory did not give its address in time."},
	ErrUnreadable:    {fault.Unavailable, "The national directory's answer about its address could not be read safely."},
}

func refusedAs(err error) error {
	w := words[err]
	return fault.Wrap(w.kind, w.say, err)
}

func lookingUp(err error) error { return fmt.Errorf("looking up endpoint: %w", err) }

// gaveUp is for one who does not wait to the end of a look-up that others may share.
func gaveUp(err error) error {
	if errors.Is(err, context.DeadlineExceeded) {
		return lookingUp(refusedAs(ErrTimeout))
	}
	return lookingUp(err)
}

func byStatus(status int) error {
	switch status {
	case http.StatusUnauthorized, http.StatusForbidden:
		return ErrDenied
	case http.StatusRequestTimeout, http.StatusGatewayTimeout:
		return ErrTimeout
	}
	return ErrUnavailable
}

func unreachable(err error) error {
	switch {
	case errors.Is(err, outbound.ErrTimeout):
		return refusedAs(ErrTimeout)
	case errors.Is(err, outbound.ErrTooLarge), errors.Is(err, outbound.ErrTruncated), errors.Is(err, outbound.ErrEncoding),
		errors.Is(err, outbound.ErrRedirect), errors.Is(err, outbound.ErrProtocol):
		return refusedAs(ErrUnreadable)
	}
	return refusedAs(ErrUnavailable)
}
