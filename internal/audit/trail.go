// Package audit writes down every look at a record before it happens: intent, refusal, disclosure, outcome, and the proofs that they were written.
package audit

import (
	"context"
	"errors"
	"time"

	"ribble/internal/access"
	"ribble/internal/fault"
	"ribble/internal/identity"
	"ribble/internal/record"
)

// Errors of a caller that has not kept to the order of the flow. They are faults of the program, never of a user.
var (
	ErrNoGrant   = errors.New("a look was begun without a grant")
	ErrNoReceipt = errors.New("an act of a look was recorded without its receipt")
	ErrBeyond    = errors.New("a disclosure goes beyond the grant")
)

// unavailable is what the person at the screen is told when the trail cannot be written (rule R22).
const unavailable = "No record can be opened just now, because Ribble cannot write down who looks. Nobody was asked and nothing is shown. " +
	"Try again in a minute. If care cannot wait, ring the person’s GP practice or hospital."

// finishLimit is how long Finish goes on trying; a restart of the database fits in.
const finishLimit = 5 * time.Second

// Trail writes events. Every method returns only when its event is durable, or with an error that carries words for the user.
type Trail struct {
	store Store
	keys  *Keys
	now   func() time.Time
	// limit is how long a look may go on; zero bounds nothing.
	limit time.Duration
}

// NewTrail makes a Trail.
func NewTrail(store Store, keys *Keys, now func() time.Time) *Trail {
	return &Trail{store: store, keys: keys, now: now}
}

// Begin writes the intent to look: who, whose record, why, which sections, the ids of the feeds that may be asked, and by which version of the directory
// they were chosen. Without its Receipt nobody can be asked.
func (t *Trail) Begin(ctx context.Context, g access.Grant, asked []string, directory int64) (Receipt, error) {
	if !g.Valid() {
		return Receipt{}, ErrNoGrant
	}
	began := t.now()
	e := t.event(ctx, ActIntent, g.User())
	e.Look = e.ID
	e.Purpose, e.Basis = g.Purpose().String(), g.Reasons()
	e.Sections, e.Asked, e.Directory, e.Traits = sectionIDs(g.Sections()), asked, directory, t.keys.Traits(g.Person())
	if evidence := g.Relationship(); evidence.Kind != 0 {
		e.Relationship = evidence.Kind.String()
	}
	e.Override = clip(g.Override().ID, 64)
	if err := t.write(ctx, e, g.Person().NHSNumber, Terms{}); err != nil {
		return Receipt{}, err
	}
	return Receipt{grant: g, id: e.ID, at: e.At, began: began}, nil
}

// Refuse writes a decision against, in the same detail as one in favour.
func (t *Trail) Refuse(ctx context.Context, r access.Refusal) error {
	_, err := t.WriteRefusal(ctx, r)
	return err
}

// WriteRefusal is Refuse for who must name the event afterwards.
func (t *Trail) WriteRefusal(ctx context.Context, r access.Refusal) (Written, error) {
	e := t.event(ctx, ActRefused, r.User())
	e.Purpose, e.Reason = r.Purpose().String(), code(r.Code())
	return Written{e.ID.String(), e.At}, t.write(ctx, e, r.Person().NHSNumber, Terms{})
}

// Disclose writes what is about to be shown. Nothing of it may leave before this returns.
func (t *Trail) Disclose(ctx context.Context, r Receipt, d Disclosure) (Disclosed, error) {
	if !r.Valid() {
		return Disclosed{}, ErrNoReceipt
	}
	if d.Sections&^r.grant.Sections() != 0 || r.grant.Purpose() != access.DirectCare {
		return Disclosed{}, ErrBeyond
	}
	if t.over(r) {
		return Disclosed{}, fault.Wrap(fault.Timeout, tooLong, ErrTooLong)
	}
	e := t.look(ctx, ActDisclosed, r)
	e.Sections, e.Provisional = sectionIDs(d.Sections), d.Provisional
	e.Sources, e.Sets = t.sources(d.Sources, true), sets(d.Sets)
	if err := t.write(ctx, e, r.Person().NHSNumber, Terms{}); err != nil {
		return Disclosed{}, err
	}
	return Disclosed{look: r.id, sections: d.Sections, until: t.until(r)}, nil
}

// OpenDocument writes that a document is about to be shown. Nothing of it may leave before this returns.
func (t *Trail) OpenDocument(ctx context.Context, r Receipt, d OpenedDocument) (Disclosed, error) {
	if !r.Valid() {
		return Disclosed{}, ErrNoReceipt
	}
	if !r.grant.Sections().Has(record.Documents) || r.grant.Purpose() != access.DirectCare {
		return Disclosed{}, ErrBeyond
	}
	if t.over(r) {
		return Disclosed{}, fault.Wrap(fault.Timeout, tooLong, ErrTooLong)
	}
	e := t.look(ctx, ActDocumentOpened, r)
	e.Document = &Document{Feed: d.Feed, Organisation: d.Organisation, Digest: t.keys.item(d.Item)}
	if err := t.write(ctx, e, r.Person().NHSNumber, Terms{}); err != nil {
		return Disclosed{}, err
	}
	return Disclosed{look: r.id, sections: record.SectionsOf(record.Documents), document: true, until: t.until(r)}, nil
}

// Finish writes how a look ended. It goes on when the request is already gone, and repeats the same event for a few seconds when the
// store is down; its error means that the trail holds an intent without an outcome, which is then reconciled. After that it writes nothing any more.
func (t *Trail) Finish(ctx context.Context, r Receipt, o Outcome) error {
	if !r.Valid() {
		return ErrNoReceipt
	}
	left := t.toFinish(r)
	if left <= 0 {
		return ErrTooLong
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), left)
	defer cancel()
	e := t.look(ctx, ActFinished, r)
	e.Reason, e.Sources, e.Sets, e.Bytes = string(o.Ended), t.sources(o.Sources, false), sets(o.Sets), o.Bytes
	const pause = 250 * time.Millisecond
	var entry Entry
	for {
		err := t.attempt(ctx, e, r.Person().NHSNumber, &entry)
		if err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(pause):
		}
	}
}

// attempt appends the event, sealed the first time that this works: a repeated append must be of the same entry.
func (t *Trail) attempt(ctx context.Context, e Event, n record.NHSNumber, sealed *Entry) error {
	if sealed.Body == nil {
		entry, err := t.seal(ctx, e, n, Terms{})
		if err != nil {
			return err
		}
		*sealed = entry
	}
	return t.put(ctx, *sealed)
}

// Note writes an act that is no step of a look: signing in and out, locking, searching, asking for a record, a mismatch. Other acts are refused.
func (t *Trail) Note(ctx context.Context, n Note) error {
	_, err := t.Write(ctx, n)
	return err
}

// Written says which event was written and when, for an alert about it.
type Written struct {
	ID string
	At time.Time
}

// Write is Note for who must name the event afterwards.
func (t *Trail) Write(ctx context.Context, n Note) (Written, error) {
	switch n.Act {
	case ActSignedIn, ActSignInFailed, ActSignedOut, ActLocked, ActUnlocked, ActSteppedUp, ActLimitReached, ActAccountChanged, ActSearched, ActTraced, ActOpenRequested,
		ActRelationshipClaimed, ActPermissionAsked, ActObjectionChanged, ActBreakGlassBegan, ActBreakGlassEnded, ActRegisterChanged, ActOfficerLooked, ActAlertHandled,
		ActTrailExported, ActErasureAsked, ActErased, ActDirectoryProposed, ActDirectoryDecided, ActRulesProposed, ActRulesDecided, ActProblemReported, ActProblemHandled:
	case ActMismatchFound:
		if !n.Look.Valid() {
			return Written{}, ErrNoReceipt
		}
	default:
		return Written{}, errors.New("the act has a method of its own")
	}
	e := t.event(ctx, n.Act, n.User)
	number := n.NHSNumber
	if n.Look.Valid() {
		e, number = t.look(ctx, n.Act, n.Look), n.Look.Person().NHSNumber
	}
	e.Reason, e.Found, e.Account, e.Register = code(n.Reason), n.Found, n.Account, clip(n.Register, 64)
	if n.Feed != "" {
		e.Asked = []string{n.Feed}
	}
	return Written{e.ID.String(), e.At}, t.write(ctx, e, number, n.Terms)
}

// SessionChanged writes what became of a user's session: it began, ended, was locked, unlocked or proved again; and the fixed reason.
func (t *Trail) SessionChanged(ctx context.Context, u identity.User, change, reason string) error {
	return t.Note(ctx, Note{Act: Act(change), User: u, Reason: reason})
}

// SignInFailed writes that somebody could not sign in: at which provider, for which fixed reason, and for how many such failures the event stands.
func (t *Trail) SignInFailed(ctx context.Context, u identity.User, reason string, times int) error {
	return t.Note(ctx, Note{Act: ActSignInFailed, User: u, Reason: reason, Found: times})
}

// AccountChanged writes what became of a local account (its id), and who did it: its own user, or an operator.
func (t *Trail) AccountChanged(ctx context.Context, by identity.User, account, change string) error {
	return t.Note(ctx, Note{Act: ActAccountChanged, User: by, Account: clip(account, 64), Reason: change})
}

// LimitReached writes that a user did something more often than is usual, so that somebody looks into it.
func (t *Trail) LimitReached(ctx context.Context, u identity.User, limit string, times int) error {
	return t.Note(ctx, Note{Act: ActLimitReached, User: u, Reason: limit, Found: times})
}

// event begins an event of now.
func (t *Trail) event(ctx context.Context, a Act, u identity.User) Event {
	// The database keeps microseconds; an event must read back as it was written.
	at := t.now().UTC().Truncate(time.Microsecond)
	return Event{Version: eventVersion, ID: newUUID(at), At: at, Act: a, User: userOf(u), Device: deviceOf(ctx)}
}

// look begins an event that belongs to a look.
func (t *Trail) look(ctx context.Context, a Act, r Receipt) Event {
	e := t.event(ctx, a, r.User())
	e.Look, e.Purpose = r.id, r.grant.Purpose().String()
	return e
}

// seal protects the person and gives the entry to be kept.
func (t *Trail) seal(ctx context.Context, e Event, n record.NHSNumber, terms Terms) (Entry, error) {
	person, err := t.keys.protect(ctx, e.ID, n, terms)
	if err != nil {
		return Entry{}, fault.Wrap(fault.Unavailable, unavailable, err)
	}
	e.Person = person
	return t.entry(&e)
}

// entry gives the entry of an event whose person is protected.
func (t *Trail) entry(e *Event) (Entry, error) {
	entry, err := e.Entry()
	if err == nil {
		t.keys.mac(&entry)
	}
	return entry, err
}

func (t *Trail) write(ctx context.Context, e Event, n record.NHSNumber, terms Terms) error {
	entry, err := t.seal(ctx, e, n, terms)
	if err != nil {
		return err
	}
	return t.put(ctx, entry)
}

func (t *Trail) put(ctx context.Context, entry Entry) error {
	if _, err := t.store.Append(ctx, entry); err != nil {
		// It may have been an old copy of the database, to which the portal was led for a while: a data key that was made there is not in the next one, and what
		// it sealed could never be read.
		t.keys.data.forget()
		return fault.Wrap(fault.Unavailable, unavailable, err)
	}
	return nil
}
