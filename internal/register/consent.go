package register

import (
	"context"
	"time"

	"ribble/internal/audit"
	"ribble/internal/consent"
	"ribble/internal/fault"
	"ribble/internal/identity"
	"ribble/internal/oversight"
	"ribble/internal/record"
)

// Answer is what a person says when asked whether the record may be viewed.
type Answer string

// The answers.
const (
	// Yes: staff of the organisation may view it, as long as a claimed relationship lasts.
	Yes Answer = "yes"
	// Once: only this time, in this session.
	Once Answer = "once"
	// Refused: nobody of the organisation may, for seven days.
	Refused Answer = "refused"
	// Emergency: the person cannot be asked; this session, and an alert.
	Emergency Answer = "emergency"
)

// How long the answers hold. None that is for one session outlives a working day.
const (
	yesLife     = 28 * 24 * time.Hour
	sessionLife = 12 * time.Hour
	refusedLife = 7 * 24 * time.Hour
)

var answers = map[Answer]struct {
	life   time.Duration
	alerts []oversight.Kind
}{
	Yes: {life: yesLife}, Once: {life: sessionLife}, Refused: {life: refusedLife},
	Emergency: {life: sessionLife, alerts: []oversight.Kind{oversight.PermissionEmergency}},
}

// ErrNoAnswer: the form came without an answer.
var ErrNoAnswer = fault.New(fault.Invalid, "Choose what the person said.")

// Permit enters the person's answer for the user's organisation.
func (d *Desk) Permit(ctx context.Context, u identity.User, n record.NHSNumber, answer Answer) error {
	rule, known := answers[answer]
	if !known {
		return ErrNoAnswer
	}
	made, now := d.made(n, u), d.Now()
	return d.enter(ctx,
		audit.Note{Act: audit.ActPermissionAsked, User: u, NHSNumber: n, Reason: string(answer), Register: made.ID},
		PermissionEntry{Made: made, Answer: answer, At: now, Until: now.Add(rule.life)}, rule.alerts...)
}

// What the user is told about an entry that cannot be made.
var (
	ErrMayNotRecord = fault.New(fault.Denied, "Your role may not change the register of objections. It needs the activity “Manage Patient Consent”.")
	ErrEntry        = fault.New(fault.Invalid, "Choose what the objection is about, and from when it holds.")
)

// Object enters what the person has said: an objection, or an agreement. It holds for the very next view. The entry's id is given by the desk.
func (d *Desk) Object(ctx context.Context, u identity.User, n record.NHSNumber, e consent.Entry) error {
	if !d.MayRecord(u) {
		return ErrMayNotRecord
	}
	made, now := d.made(n, u), d.Now()
	if e.From.IsZero() {
		e.From = now
	}
	known := (e.Direction == consent.Supply || e.Direction == consent.View) && (e.Stance == consent.Agreed || e.Stance == consent.Objected)
	if !known || e.Sections == 0 || e.Sections&^record.AllSections != 0 || !e.Until.IsZero() && !e.Until.After(e.From) {
		return ErrEntry
	}
	e.ID = made.ID
	reason := "agreed"
	if e.Stance == consent.Objected {
		reason = "objected"
	}
	return d.enter(ctx, audit.Note{Act: audit.ActObjectionChanged, User: u, NHSNumber: n, Reason: reason, Register: made.ID}, ConsentEntry{made, e})
}

// EndObjection ends an entry of the register about the person.
func (d *Desk) EndObjection(ctx context.Context, u identity.User, n record.NHSNumber, id string) error {
	if !d.MayRecord(u) {
		return ErrMayNotRecord
	}
	facts, err := d.About(ctx, n, u)
	if err != nil {
		return err
	}
	if !has(facts.Consent, id) {
		return ErrNotThere
	}
	if err := d.Trail.Note(ctx, audit.Note{Act: audit.ActObjectionChanged, User: u, NHSNumber: n, Reason: "ended", Register: id}); err != nil {
		return err
	}
	ended, err := d.Store.End(ctx, Ending{ID: id, Indexes: d.indexes(n), By: u, At: d.Now()})
	switch {
	case err != nil:
		return fault.Wrap(fault.Unavailable, Unreadable, err)
	case !ended:
		return ErrNotThere
	}
	return nil
}

func has(standing consent.Standing, id string) bool {
	for _, e := range standing {
		if id != "" && e.ID == id {
			return true
		}
	}
	return false
}

// Register shows what the register says of the person, to whoever may change it; looking is itself written down.
func (d *Desk) Register(ctx context.Context, u identity.User, n record.NHSNumber) (consent.Standing, error) {
	if !d.MayRecord(u) {
		return nil, ErrMayNotRecord
	}
	if err := d.Trail.Note(ctx, audit.Note{Act: audit.ActOfficerLooked, User: u, NHSNumber: n, Reason: "register of objections"}); err != nil {
		return nil, err
	}
	facts, err := d.About(ctx, n, u)
	return facts.Consent, err
}
