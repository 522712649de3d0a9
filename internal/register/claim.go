package register

import (
	"context"
	"errors"
	"time"

	"ribble/internal/access"
	"ribble/internal/audit"
	"ribble/internal/fault"
	"ribble/internal/identity"
	"ribble/internal/oversight"
	"ribble/internal/record"
	"ribble/internal/relationship"
)

// Claim is a user's own statement: a coded reason, and words of their own, which stand sealed in the audit trail and nowhere else.
type Claim struct{ Reason, Words string }

// What the user is told about a statement that does not do.
var (
	ErrNoReason = fault.New(fault.Invalid, "Choose one of the reasons.")
	ErrFewWords = fault.New(fault.Invalid, "Say what is happening, at least 10 letters and at most a few sentences.")
	// ErrOwnRecord: nobody claims to care for themselves.
	ErrOwnRecord = fault.New(fault.Denied, "This is your own record. You cannot open it here: ask your practice for access to it.")
	// ErrNotThere: what was to be ended is not in the register, or not this user's; the two are not told apart.
	ErrNotThere = fault.New(fault.NotFound, "This is not in the register, or it has ended already.")
)

// sameClaim is how long the same claim made again counts as the same: a form sent twice raises one alert.
const sameClaim = time.Minute

// Claim enters that the user is caring for the person. It holds for four weeks, for this user and organisation, and raises an alert.
func (d *Desk) Claim(ctx context.Context, u identity.User, n record.NHSNumber, c Claim) error {
	switch {
	case !knows(ClaimReasons, c.Reason):
		return ErrNoReason
	case (c.Words != "" || NeedsWords(c.Reason)) && !explains(c.Words):
		return ErrFewWords
	}
	facts, err := d.About(ctx, n, u)
	if err != nil {
		return err
	}
	now := d.Now()
	if facts.Watched.OwnRecord {
		return ErrOwnRecord
	}
	for _, e := range facts.Relationships {
		if e.Kind == relationship.SelfClaimed && e.Reason == c.Reason && now.Sub(e.From) < sameClaim {
			return nil
		}
	}
	made := d.made(n, u)
	return d.enter(ctx,
		audit.Note{Act: audit.ActRelationshipClaimed, User: u, NHSNumber: n, Reason: c.Reason, Register: made.ID, Terms: audit.Terms{Words: c.Words}},
		RelationshipEntry{made, relationship.Evidence{
			Kind: relationship.SelfClaimed, Organisation: u.Organisation.ODS, Reason: c.Reason, From: now, Until: now.Add(relationship.ClaimLife),
		}}, oversight.SelfClaimed)
}

// BreakGlass opens emergency access to the person's record for this user, in this role and session, for half an hour; one that is open already is
// given back. It is refused as access.MayBreakGlass says, and that is written down. The officer is alerted together with the opening.
func (d *Desk) BreakGlass(ctx context.Context, u identity.User, n record.NHSNumber, c Claim) (access.Override, error) {
	switch {
	case !knows(OverrideReasons, c.Reason):
		return access.Override{}, ErrNoReason
	case !explains(c.Words):
		return access.Override{}, ErrFewWords
	}
	n, facts, err := d.mayBreakGlass(ctx, u, n)
	now := d.Now()
	if err != nil || facts.Override.InForce(u.Organisation.ODS, now) {
		return facts.Override, err
	}
	made := d.made(n, u)
	override := access.Override{ID: made.ID, Reason: c.Reason, Organisation: u.Organisation.ODS, From: now, Until: now.Add(access.OverrideLife)}
	note := audit.Note{Act: audit.ActBreakGlassBegan, User: u, NHSNumber: n, Reason: c.Reason, Register: made.ID, Terms: audit.Terms{Words: c.Words}}
	if err := d.enter(ctx, note, OverrideEntry{made, override}, oversight.BreakGlass); err != nil {
		return access.Override{}, err
	}
	return override, nil
}

// mayBreakGlass asks the rule about the person as traced now, and gives the number that the trace gives: an old one must not open the record of nobody.
func (d *Desk) mayBreakGlass(ctx context.Context, u identity.User, asked record.NHSNumber) (record.NHSNumber, access.Facts, error) {
	person, err := d.Tracer.Trace(ctx, asked, audit.Requester(u))
	if err != nil {
		return asked, access.Facts{}, err
	}
	n := person.NHSNumber
	facts, err := d.About(ctx, n, u)
	if err != nil {
		return n, access.Facts{}, err
	}
	err = d.MayBreakGlass(access.Request{User: u, Person: person, Purpose: access.DirectCare, Facts: facts, At: d.Now()})
	var refusal access.Refusal
	if !errors.As(err, &refusal) {
		return n, facts, err
	}
	written, err := d.Trail.WriteRefusal(ctx, refusal)
	if err != nil {
		return n, access.Facts{}, err
	}
	if alerts := Raised(u.Organisation.ODS, written, refusal.Alerts()...); len(alerts) > 0 {
		if err := d.Alerts.Raise(ctx, alerts...); err != nil {
			return n, access.Facts{}, fault.Wrap(fault.Unavailable, Unreadable, err)
		}
	}
	return n, access.Facts{}, refusal
}

// EndBreakGlass ends the user's emergency access to the person's record at once.
func (d *Desk) EndBreakGlass(ctx context.Context, u identity.User, n record.NHSNumber, id string) error {
	facts, err := d.About(ctx, n, u)
	if err != nil {
		return err
	}
	if id == "" || facts.Override.ID != id {
		return ErrNotThere
	}
	if err := d.Trail.Note(ctx, audit.Note{Act: audit.ActBreakGlassEnded, User: u, NHSNumber: n, Reason: "by its user", Register: id}); err != nil {
		return err
	}
	_, err = d.Store.End(ctx, Ending{Override: true, Indexes: d.indexes(n), By: u, At: d.Now()})
	if err != nil {
		return fault.Wrap(fault.Unavailable, Unreadable, err)
	}
	return nil
}
