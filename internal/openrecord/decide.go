package openrecord

import (
	"context"
	"errors"
	"fmt"
	"time"

	"ribble/internal/access"
	"ribble/internal/audit"
	"ribble/internal/fault"
	"ribble/internal/identity"
	"ribble/internal/oversight"
	"ribble/internal/record"
	"ribble/internal/register"
	"ribble/internal/relationship"
	"ribble/internal/telemetry"
)

// Registers say what is known of a person and the user who asks. An error means that nobody sees anything.
type Registers interface {
	About(ctx context.Context, n record.NHSNumber, u identity.User) (access.Facts, error)
}

// Alerts keeps what a Privacy Officer is to look into.
type Alerts interface {
	Raise(ctx context.Context, alerts ...oversight.Alert) error
}

// readAhead reads the registers while the person is being traced, about the number asked for: nearly always it is the number of the trace, and
// what is read of another is used for nothing.
func (f *Flow) readAhead(ctx context.Context, q Request) Registers {
	a := &aheadOf{Registers: f.Registers, number: q.Number, read: make(chan struct{}), err: errNotRead}
	telemetry.Go(f.Log, "read-registers", func() {
		defer close(a.read)
		a.facts, a.err = f.Registers.About(ctx, q.Number, q.User)
	}, nil)
	return a
}

// aheadOf are the registers with what was read of one number, for one user, before it was asked for.
type aheadOf struct {
	Registers
	number record.NHSNumber
	read   chan struct{}
	facts  access.Facts
	err    error
}

// errNotRead says that reading the registers came to no end.
var errNotRead = errors.New("the registers were not read")

// About gives what was read, or reads of another number.
func (a *aheadOf) About(ctx context.Context, n record.NHSNumber, u identity.User) (access.Facts, error) {
	if n != a.number {
		return a.Registers.About(ctx, n, u)
	}
	<-a.read
	return a.facts, a.err
}

// notWatched is what the user is told when the Privacy Officer cannot be.
const notWatched = "This record cannot be opened just now, because the alert that it raises cannot be kept. Nobody was asked and nothing is shown. " +
	"Try again in a minute. If care cannot wait, ring the person’s GP practice or hospital."

// decide reads the registers and asks the table of access rules. It writes down a refusal, and alerts the officer, before anybody hears of it.
func (f *Flow) decide(ctx context.Context, registers Registers, q Request, person record.Person) (access.Grant, error) {
	if q.Purpose != access.DirectCare {
		// What is shown is never for a question of which nothing is shown.
		q.Purpose = 0
	}
	request, err := f.request(ctx, registers, q, person)
	if err != nil {
		return access.Grant{}, err
	}
	grant, err := access.Decide(request)
	var refusal access.Refusal
	if !errors.As(err, &refusal) {
		return grant, err
	}
	written, failed := f.Trail.WriteRefusal(ctx, refusal)
	if failed != nil {
		return access.Grant{}, fmt.Errorf("writing down the refusal: %w", failed)
	}
	if err := f.raise(ctx, refusal.User(), written, refusal.Alerts()); err != nil {
		return access.Grant{}, err
	}
	return access.Grant{}, refusal
}

// request puts together all that a decision rests on: the registers as they stand now, what a launch says, and what Relate found.
func (f *Flow) request(ctx context.Context, registers Registers, q Request, person record.Person) (access.Request, error) {
	// The number of the trace, not the one asked for: an old number of the person must not lead past what they have said.
	facts, err := registers.About(ctx, person.NHSNumber, q.User)
	if err != nil {
		return access.Request{}, fmt.Errorf("reading the registers: %w", err)
	}
	at := f.Now()
	facts.Relationships = append(facts.Relationships, q.Evidence...)
	if !q.Born.IsZero() {
		facts.Relationships = append(facts.Relationships, relationship.Evidence{Kind: relationship.Launched, Organisation: q.User.Organisation.ODS, From: at})
	}
	return access.Request{User: q.User, Person: person, Purpose: q.Purpose, Born: q.Born, Facts: facts, Profiles: f.Profiles, At: at}, nil
}

// begin writes down the intent and raises the alerts of the look: nobody is asked before both are kept.
func (f *Flow) begin(ctx context.Context, grant access.Grant, feeds []string, directory int64) (audit.Receipt, error) {
	receipt, err := f.Trail.Begin(ctx, grant, feeds, directory)
	if err != nil {
		return audit.Receipt{}, fmt.Errorf("writing down the intent: %w", err)
	}
	err = f.raise(ctx, grant.User(), audit.Written{ID: receipt.ID(), At: receipt.IntentAt()}, grant.Alerts())
	if err != nil {
		return audit.Receipt{}, errors.Join(err, f.Trail.Finish(ctx, receipt, audit.Outcome{Ended: audit.Failed}))
	}
	return receipt, nil
}

func (f *Flow) raise(ctx context.Context, by identity.User, about audit.Written, kinds []oversight.Kind) error {
	if len(kinds) == 0 {
		return nil
	}
	if err := f.Alerts.Raise(ctx, register.Raised(by.Organisation.ODS, about, kinds...)...); err != nil {
		return fault.Wrap(fault.Unavailable, notWatched, err)
	}
	return nil
}

// Opened is an open page: whose look it is, and what it rests on.
type Opened struct {
	Request
	Leave access.Leave
}

// NewOpened is the page of a look that was allowed: about the person of the trace, whatever number was asked for, and with what the trace said
// of a practice, which holds as long as the page.
func NewOpened(q Request, grant access.Grant) Opened {
	q.Number = grant.Person().NHSNumber
	if registered, ok := relationship.Registration(grant.Person()); ok {
		q.Evidence = append(q.Evidence[:len(q.Evidence):len(q.Evidence)], registered)
	}
	return Opened{q, grant.Leave()}
}

// StillOpen reports whether a page that is open may stay so: whether a decision made now, from the registers as they stand, bears all that it
// rests on. The error says that the registers cannot be read. It is for a page that asks again and again: it traces nobody and writes nothing down.
func (f *Flow) StillOpen(ctx context.Context, o Opened) (bool, error) {
	request, err := f.request(ctx, f.Registers, o.Request, record.Person{NHSNumber: o.Number, TracedAt: f.Now(), Demographics: record.Demographics{Born: o.Born}})
	if err != nil {
		return false, err
	}
	grant, err := access.Decide(request)
	return err == nil && grant.Bears(o.Leave), nil
}

// recheckEvery is how often the registers are read while a page streams, so that an objection closes it.
const recheckEvery = 5 * time.Second

// errWithdrawn ends a page whose user may not see it any more.
var errWithdrawn = errors.New("what allowed the look has come to an end")

// whileOpen gives a context that ends when the page must close, because the registers say so or cannot be read; stop it when the page has ended.
// Most pages are done before the first look at the registers.
func (f *Flow) whileOpen(ctx context.Context, q Request, receipt audit.Receipt) (_ context.Context, stop func()) {
	page := NewOpened(q, receipt.Grant())
	every := f.Recheck
	if every <= 0 {
		every = recheckEvery
	}
	ctx, cancel := context.WithCancelCause(ctx)
	telemetry.Go(f.Log, "watch-registers", func() {
		tick := time.NewTicker(every)
		defer tick.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
				if stands, err := f.StillOpen(ctx, page); err != nil || !stands {
					cancel(errWithdrawn)
				}
			}
		}
	}, func(telemetry.Panic) { cancel(errWithdrawn) })
	return ctx, func() { cancel(nil) }
}

// withdrawn reports whether what allowed the look has come to an end while it went on.
func withdrawn(ctx context.Context) bool { return errors.Is(context.Cause(ctx), errWithdrawn) }

// ended is how the look ended when showing it ended so: a page that had to close says that it stopped.
func ended(ctx context.Context, showing audit.Ending, page Page) audit.Ending {
	if showing == audit.Complete || !withdrawn(ctx) {
		return showing
	}
	page.Halt(audit.Withdrawn)
	return audit.Withdrawn
}
