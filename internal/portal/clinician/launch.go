package clinician

import (
	"context"
	"errors"
	"net/http"

	"ribble/internal/access"
	"ribble/internal/fault"
	"ribble/internal/identity"
	"ribble/internal/identity/launch"
	"ribble/internal/portal/middleware"
	"ribble/internal/record"
	"ribble/web/ui"
)

// ErrGoBack is all that a launched user is told when the person cannot be opened: which detail was wrong would help whoever guesses.
var ErrGoBack = fault.New(fault.Denied, launch.GoBack)

// born is the date of birth that the launching system gave, zero where none launched.
func (b bound) born() record.PartialDate { return record.ParseDate(b.Born) }

// Launched makes the sealed stand-in for the one person of a launch, to be posted to /record: from there on it is the same way as
// for a person who was found, but that the trace is under way already.
func (p *Pages) Launched(ctx context.Context, o launch.Opening) ([]ui.Field, error) {
	who := personHandle{bound: bind(o.User, o.Number, access.DirectCare), ByNumber: true}
	who.Born = o.Born.Text
	p.ahead.begin(ctx, p.launchKey(who.bound), o.User, o.Number)
	return p.token(who)
}

// launchedInVain turns the failure to open a launched person into words that say nothing about the person, the same for somebody who cannot
// be traced as for one who was born on another day. A refusal is written down already; that the person could not be traced is written down here.
func (p *Pages) launchedInVain(r *http.Request, u identity.User, n record.NHSNumber, err error) error {
	var refusal access.Refusal
	if errors.As(err, &refusal) {
		if refusal.Code() != access.LaunchBirthDate {
			return err
		}
		p.noteVain(r, access.LaunchBirthDate)
		return ErrGoBack
	}
	switch fault.KindOf(err) {
	case fault.Invalid, fault.NotFound, fault.Refused:
		if err := p.trail.LaunchRefused(r.Context(), u, n, notTraced); err != nil {
			return err
		}
		p.noteVain(r, notTraced)
		return ErrGoBack
	}
	return err
}

// notTraced is the reason when the national register does not know the person of a launch.
const notTraced = "launch-not-traced"

// noteVain says in the log, under the reference that the user sees, why a launched person was not opened.
func (p *Pages) noteVain(r *http.Request, reason string) {
	p.log.WarnContext(r.Context(), "a launched person was not opened", "reason", reason, "request_id", middleware.RequestID(r.Context()))
}
