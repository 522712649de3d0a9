package outbound

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/sony/gobreaker/v2"
)

// errBusy tells the breaker that the source answered only to say that it cannot answer.
var errBusy = errors.New("source is busy or its gateway cannot reach it")

func breakerSettings(cfg Config) gobreaker.Settings {
	return gobreaker.Settings{
		Name:        cfg.Source,
		MaxRequests: 1,
		Timeout:     cfg.Cooldown,
		ReadyToTrip: func(n gobreaker.Counts) bool { return n.ConsecutiveFailures >= uint32(cfg.Failures) },
		// Who closes the tab says nothing about the source, nor does a request of ours that was not sent.
		IsExcluded: func(err error) bool {
			return errors.Is(err, context.Canceled) || errors.Is(err, ErrForbidden) || errors.Is(err, errTogether) || errors.Is(err, errUnread)
		},
		OnStateChange: func(name string, _, to gobreaker.State) {
			if cfg.OnBreaker != nil {
				cfg.OnBreaker(name, to.String())
			}
		},
	}
}

// errUnread tells the breaker that there was no room here for an answer that had begun to come.
var errUnread = errors.New("answer was not read")

// errTogether tells the breaker that a request failed beside one that has been counted.
var errTogether = errors.New("failed together with another request")

// admit asks the breaker whether the source may be asked now. Requests that were under way at the same time and failed count as one failure: a
// view asks much at once, and one person's record that hangs must not keep everyone else's closed.
func (c *Client) admit() (done func(error), probing bool, err error) {
	if rest := time.Until(time.Unix(0, c.restUntil.Load())); rest > 0 {
		return nil, false, &Error{Source: c.cfg.Source, Class: ErrResting, RetryAfter: rest}
	}
	began := time.Now().UnixNano()
	tell, err := c.breaker.Allow()
	if err != nil {
		return nil, false, &Error{Source: c.cfg.Source, Class: ErrResting, RetryAfter: c.cfg.Cooldown}
	}
	probing = c.breaker.State() == gobreaker.StateHalfOpen
	return func(err error) {
		if err != nil && !probing && !c.failsAnew(began) {
			err = errTogether
		}
		tell(err)
	}, probing, nil
}

// failsAnew reports whether a failed request began after the last failure that was counted, and counts it.
func (c *Client) failsAnew(began int64) bool {
	counted := c.failedAt.Load()
	return counted < began && c.failedAt.CompareAndSwap(counted, time.Now().UnixNano())
}

// rest leaves the source alone for as long as it asked, within maxRest.
func (c *Client) rest(wait time.Duration) {
	c.restUntil.Store(time.Now().Add(min(wait, maxRest)).UnixNano())
}

// outcome is what an answer says about the source's health. A 500, or one answer too large, is not counted: it may be
// about one person's record, and must not keep everyone else's closed.
func outcome(status int, err error) error {
	if errors.Is(err, ErrTooLarge) || errors.Is(err, ErrEncoding) {
		return nil
	}
	if err != nil {
		return err
	}
	switch status {
	case http.StatusTooManyRequests, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return errBusy
	default:
		return nil
	}
}
