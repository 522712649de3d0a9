package dataquality

import (
	"context"
	"time"

	"ribble/internal/audit"
	"ribble/internal/fault"
	"ribble/internal/identity"
	"ribble/internal/record"
)

// The refusals, in words for the page.
var (
	ErrReason  = fault.New(fault.Invalid, "Choose what is wrong.")
	ErrContact = fault.New(fault.Invalid, "Give a telephone number, such as 01632 960001 ext 12, or an e-mail address.")
	ErrOutcome = fault.New(fault.Invalid, "Choose what became of it.")
	ErrMayNot  = fault.New(fault.Denied, "Your role does not look after your organisation’s data.")
	// ErrUnknown is one answer for a report that is not there, and for another organisation's.
	ErrUnknown  = fault.New(fault.NotFound, "There is no such report for your organisation.")
	ErrAnswered = fault.New(fault.Invalid, "This report is answered already.")
)

const unavailable = "Reports cannot be kept or read just now. Nothing was changed. Try again in a minute."

// Query says which reports are wanted.
type Query struct {
	// Organisation is that which supplies the entries; Issuer and Subject are the reporter. One of the two is given.
	Organisation    string
	Issuer, Subject string
	// Open leaves out what is answered.
	Open  bool
	Limit int
}

// Move takes a report to its next state.
type Move struct {
	ID, Organisation string
	To               State
	By, Outcome      string
	At               time.Time
}

// Store keeps reports.
type Store interface {
	// Keep keeps a report as new, with a letter to the organisation about it, and gives its number; one that is there already stays as it is.
	Keep(ctx context.Context, r Report) (number int64, err error)
	// Get reads one report; ErrUnknown when there is none.
	Get(ctx context.Context, organisation, id string) (Report, error)
	// List reads reports: the grave ones first, then the newest.
	List(ctx context.Context, q Query) ([]Report, error)
	// Move takes a report to its next state; ErrAnswered when it is past that.
	Move(ctx context.Context, m Move) error
}

// Trail is the audit trail.
type Trail interface {
	Write(ctx context.Context, n audit.Note) (audit.Written, error)
}

// Desk takes reports, and lets the organisations that they are about answer.
type Desk struct {
	Store Store
	Trail Trail
	// MayHandle says whose role looks after their organisation's data.
	MayHandle func(identity.User) bool
	Now       func() time.Time
}

// Problem is what a user reports.
type Problem struct {
	ID string
	Entry
	Reason, Contact string
}

// Check says what is wrong with a problem as it was filled in, by the name of the control.
func (q Problem) Check() map[string]error {
	faults := map[string]error{}
	if _, known := find(Reasons, q.Reason); !known {
		faults["reason"] = ErrReason
	}
	if _, ok := contact(q.Contact); !ok {
		faults["contact"] = ErrContact
	}
	return faults
}

// Report keeps a problem for the organisation that supplied the entry. Who reported it about whom stands in the trail first; the report itself names no person.
func (d *Desk) Report(ctx context.Context, by identity.User, n record.NHSNumber, q Problem) (Report, error) {
	for _, err := range q.Check() {
		return Report{}, err
	}
	reach, _ := contact(q.Contact)
	r := Report{
		ID: q.ID, Entry: q.Entry, Reason: q.Reason, State: New,
		By: Reporter{
			Issuer: by.Issuer, Subject: by.Subject, Name: by.Name, Role: by.Role.Name, Organisation: by.Organisation.ODS,
			OrganisationName: by.Organisation.Name, Contact: reach,
		},
	}
	r.Item = keepable(r.Item)
	written, err := d.Trail.Write(ctx, audit.Note{Act: audit.ActProblemReported, User: by, NHSNumber: n, Feed: r.Feed, Reason: r.Reason, Register: r.ID})
	if err != nil {
		return Report{}, err
	}
	r.At, r.Event = written.At, written.ID
	r.Number, err = d.Store.Keep(ctx, r)
	return r, said(err)
}

// mostListed is more than anybody reads at once.
const mostListed = 500

// Inbox are the reports about what the user's own organisation supplies.
func (d *Desk) Inbox(ctx context.Context, by identity.User, open bool) ([]Report, error) {
	if !d.MayHandle(by) {
		return nil, ErrMayNot
	}
	list, err := d.Store.List(ctx, Query{Organisation: by.Organisation.ODS, Open: open, Limit: mostListed})
	return list, said(err)
}

// Mine are the reports that the user made.
func (d *Desk) Mine(ctx context.Context, by identity.User) ([]Report, error) {
	list, err := d.Store.List(ctx, Query{Issuer: by.Issuer, Subject: by.Subject, Limit: mostListed})
	return list, said(err)
}

// Read reads one report about what the user's own organisation supplies.
func (d *Desk) Read(ctx context.Context, by identity.User, id string) (Report, error) {
	if !d.MayHandle(by) {
		return Report{}, ErrMayNot
	}
	r, err := d.Store.Get(ctx, by.Organisation.ODS, id)
	return r, said(err)
}

// See notes that somebody has taken the report up.
func (d *Desk) See(ctx context.Context, by identity.User, id string) error {
	return d.move(ctx, by, Move{ID: id, To: Seen})
}

// Answer ends a report.
func (d *Desk) Answer(ctx context.Context, by identity.User, id, outcome string) error {
	if _, known := find(Outcomes, outcome); !known && d.MayHandle(by) {
		return ErrOutcome
	}
	return d.move(ctx, by, Move{ID: id, To: Answered, Outcome: outcome})
}

func (d *Desk) move(ctx context.Context, by identity.User, m Move) error {
	r, err := d.Read(ctx, by, m.ID)
	switch {
	case err != nil:
		return err
	case r.State == Answered, r.State == m.To:
		return ErrAnswered
	}
	reason := string(m.To)
	if m.Outcome != "" {
		reason += " " + m.Outcome
	}
	written, err := d.Trail.Write(ctx, audit.Note{Act: audit.ActProblemHandled, User: by, Feed: r.Feed, Reason: reason, Register: r.ID})
	if err != nil {
		return err
	}
	m.Organisation, m.By, m.At = by.Organisation.ODS, by.Name, written.At
	return said(d.Store.Move(ctx, m))
}

// said gives an error of the store words, unless it has them.
func said(err error) error {
	if err == nil || fault.KindOf(err) != fault.Internal {
		return err
	}
	return fault.Wrap(fault.Unavailable, unavailable, err)
}
