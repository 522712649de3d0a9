// Package onboarding is the desk at which the directory is changed: proposed by one person, approved by another, each written to the audit trail before it has an effect.
package onboarding

import (
	"context"
	"encoding/hex"
	"errors"
	"time"

	"ribble/internal/audit"
	"ribble/internal/directory"
	"ribble/internal/fault"
	"ribble/internal/identity"
	"ribble/internal/record"
)

// The refusals, in words for the page.
var (
	ErrDenied     = fault.New(fault.Denied, "Your present role may not change the directory.")
	ErrSamePerson = fault.New(fault.Denied, "You asked for this change, so somebody else must decide about it.")
	ErrOther      = fault.New(fault.Denied, "Only the person who asked for a change can withdraw it.")
	ErrDecided    = fault.New(fault.Invalid, "This change is no longer waiting: it was decided, or it has ended.")
	ErrStale      = fault.New(fault.Invalid, "What this change rests on has been changed since it was asked for. Refuse it, and ask for it again.")
	ErrUnknown    = fault.New(fault.NotFound, "There is no such change, feed or version.")
	ErrNothing    = fault.New(fault.Invalid, "Nothing would change.")
	ErrReason     = fault.New(fault.Invalid, "Give a reason, in at most 2,000 letters.")
	ErrSeeded     = fault.New(fault.Invalid, "The directory is not empty, so changing it takes two people.")
	// ErrUnproven: the database holds a decision to what the audit trail says, and the two do not agree.
	ErrUnproven = fault.New(fault.Unavailable, "The change was not made, because the audit trail does not bear it out. Tell your service desk.")
	// ErrRace: another change came between checking and deciding; the Desk tries again by itself.
	ErrRace = fault.New(fault.Unavailable, "Another change came first. Try again.")
)

// unavailable is what is said when the directory's database cannot be reached.
const unavailable = "The directory cannot be changed just now. Nothing was changed. Try again in a minute."

// Trail is the audit trail.
type Trail interface {
	Write(ctx context.Context, n audit.Note) (audit.Written, error)
}

// Desk changes the directory.
type Desk struct {
	Store  Store
	Checks Checks
	Trail  Trail
	// Holder has the directory in force on this replica; Reload brings it up to date.
	Holder *directory.Holder
	Reload func(context.Context) error
	// MayAdminister says whose role may use the desk.
	MayAdminister func(identity.User) bool
	// Digests are the keyed digests of an NHS number, newest key first.
	Digests func(record.NHSNumber) []audit.Index
	Now     func() time.Time
}

// Proposal is what somebody wants to change. An entry with an empty body shall be removed.
type Proposal struct {
	Reason  string
	Entries []directory.Entry
}

// Directory is the directory in force.
func (d *Desk) Directory() *directory.Snapshot { return d.Holder.Current() }

// TestPerson is how a test person stands in the audience of a feed.
func (d *Desk) TestPerson(n record.NHSNumber) string {
	return hex.EncodeToString(d.Digests(n)[0].Value)
}

// Preview says what a proposal would change. Its refusals are those of Propose, and it has no effect.
func (d *Desk) Preview(p Proposal) ([]Difference, error) {
	s := d.Directory()
	if _, err := after(s, s.Version(), p.Entries); err != nil {
		return nil, err
	}
	differences := Compare(s, p.Entries)
	if len(differences) == 0 {
		return nil, ErrNothing
	}
	return differences, nil
}

// Propose asks for a change. Nothing changes before another person approves it.
func (d *Desk) Propose(ctx context.Context, by identity.User, p Proposal) (Change, error) {
	if !d.MayAdminister(by) {
		return Change{}, ErrDenied
	}
	return d.propose(ctx, by, Ordinary, p)
}

const maxReason = 2000

func (d *Desk) propose(ctx context.Context, by identity.User, kind Kind, p Proposal) (Change, error) {
	if p.Reason == "" || len(p.Reason) > maxReason {
		return Change{}, ErrReason
	}
	s := d.Directory()
	differences, err := d.previewAs(kind, s, p)
	if err != nil {
		return Change{}, err
	}
	c := Change{Kind: kind, Base: s.Version(), Salt: newSalt(), Reason: p.Reason, State: Waiting, Size: len(differences), ProposedBy: personOf(by)}
	for _, diff := range differences {
		c.Entries = append(c.Entries, directory.Entry{Key: diff.Key, Body: diff.After})
	}
	c.ID = c.Sum()
	written, err := d.Trail.Write(ctx, audit.Note{Act: audit.ActDirectoryProposed, User: by, Reason: string(kind), Register: c.ID, Found: c.Size})
	if err != nil {
		return Change{}, err
	}
	c.ProposedAt, c.ProposedEvent = written.At, written.ID
	if err := d.Store.Propose(ctx, c); err != nil {
		return Change{}, said(err)
	}
	return d.Change(ctx, c.ID)
}

func (d *Desk) previewAs(kind Kind, s *directory.Snapshot, p Proposal) ([]Difference, error) {
	if kind != Seed {
		return d.Preview(p)
	}
	if _, err := directory.Build(1, p.Entries); err != nil {
		return nil, invalid(err)
	}
	return Compare(s, p.Entries), nil
}

// Approve puts a change in force. The person who asked for it cannot, and a feed that would reach more people must have its gate open now.
func (d *Desk) Approve(ctx context.Context, by identity.User, id string) (Change, error) {
	c, err := d.decidable(ctx, by, id)
	if err != nil {
		return Change{}, err
	}
	if c.ProposedBy.Is(by) {
		return Change{}, ErrSamePerson
	}
	return d.approve(ctx, by, c)
}

// approve writes the decision down and then makes it.
func (d *Desk) approve(ctx context.Context, by identity.User, c Change) (Change, error) {
	checked, err := d.approvable(ctx, c)
	if err != nil {
		return Change{}, err
	}
	decision, err := d.note(ctx, by, c, Approved)
	if err != nil {
		return Change{}, err
	}
	const tries = 3
	for range tries {
		decision.Checked = checked
		err = d.Store.Decide(ctx, decision)
		if !errors.Is(err, ErrRace) {
			break
		}
		if checked, err = d.approvable(ctx, c); err != nil {
			return Change{}, err
		}
		err = ErrRace
	}
	if err != nil {
		return Change{}, said(err)
	}
	if err := d.Reload(ctx); err != nil {
		return Change{}, said(err)
	}
	return d.Change(ctx, c.ID)
}

// approvable checks the directory as it would be, against the version that it gives.
func (d *Desk) approvable(ctx context.Context, c Change) (int64, error) {
	if err := d.Reload(ctx); err != nil {
		return 0, said(err)
	}
	s := d.Directory()
	if c.Kind == Seed {
		if s.Version() != 0 {
			return 0, ErrSeeded
		}
		return 0, nil
	}
	for _, e := range c.Entries {
		// The database looks too; here it is seen before the trail says that somebody approved.
		if now, _ := s.Entry(e.Key); now.Since > c.Base {
			return 0, ErrStale
		}
	}
	next, err := after(s, s.Version(), c.Entries)
	if err != nil {
		return 0, err
	}
	return s.Version(), d.gates(ctx, s, next, c)
}

// Refuse ends a change of somebody else's, with the reason in words.
func (d *Desk) Refuse(ctx context.Context, by identity.User, id, words string) error {
	c, err := d.decidable(ctx, by, id)
	switch {
	case err != nil:
		return err
	case c.ProposedBy.Is(by):
		return ErrSamePerson
	case words == "" || len(words) > maxReason:
		return ErrReason
	}
	return d.end(ctx, by, c, Refused, words)
}

// Withdraw ends a change of one's own.
func (d *Desk) Withdraw(ctx context.Context, by identity.User, id string) error {
	c, err := d.decidable(ctx, by, id)
	if err != nil {
		return err
	}
	if !c.ProposedBy.Is(by) {
		return ErrOther
	}
	return d.end(ctx, by, c, Withdrawn, "")
}

func (d *Desk) end(ctx context.Context, by identity.User, c Change, as State, words string) error {
	decision, err := d.note(ctx, by, c, as)
	if err != nil {
		return err
	}
	decision.Words = words
	return said(d.Store.Decide(ctx, decision))
}

// decidable finds a change that still waits.
func (d *Desk) decidable(ctx context.Context, by identity.User, id string) (Change, error) {
	if !d.MayAdminister(by) {
		return Change{}, ErrDenied
	}
	c, err := d.Change(ctx, id)
	if err == nil && c.State != Waiting {
		err = ErrDecided
	}
	return c, err
}

// note writes a decision to the trail.
func (d *Desk) note(ctx context.Context, by identity.User, c Change, as State) (Decision, error) {
	written, err := d.Trail.Write(ctx, audit.Note{Act: audit.ActDirectoryDecided, User: by, Reason: string(as), Register: c.ID, Found: c.Size})
	return Decision{Change: c.ID, State: as, By: personOf(by), At: written.At, Event: written.ID}, err
}

// Change reads a change with its entries.
func (d *Desk) Change(ctx context.Context, id string) (Change, error) {
	c, err := d.Store.Change(ctx, id)
	return c.at(d.Now()), said(err)
}

// Changes reads changes without their entries, newest first.
func (d *Desk) Changes(ctx context.Context, q Query) ([]Change, error) {
	wanted := q.State
	if wanted == Expired {
		q.State = Waiting
	}
	list, err := d.Store.Changes(ctx, q)
	if err != nil {
		return nil, said(err)
	}
	out := list[:0]
	for _, c := range list {
		if c = c.at(d.Now()); wanted == "" || c.State == wanted {
			out = append(out, c)
		}
	}
	return out, nil
}

// History reads all versions of an entry, newest first.
func (d *Desk) History(ctx context.Context, k directory.Key) ([]Version, error) {
	list, err := d.Store.History(ctx, k)
	return list, said(err)
}

// said gives an error of the store words, unless it has them.
func said(err error) error {
	if err == nil || fault.KindOf(err) != fault.Internal {
		return err
	}
	return fault.Wrap(fault.Unavailable, unavailable, err)
}

// invalid gives what is wrong with entries the kind of an input that can be put right; the Problems stay within it.
func invalid(err error) error {
	return fault.Wrap(fault.Invalid, "The directory would not be right. Nothing was changed.", err)
}
