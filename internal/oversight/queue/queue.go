// Package queue is the Privacy Officers' work: an alert is taken up, its user is asked, an outcome is noted, and each step is in the audit trail.
package queue

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"ribble/internal/audit"
	"ribble/internal/fault"
	"ribble/internal/identity"
	"ribble/internal/oversight"
	"ribble/internal/oversight/watch"
)

// State is where the work on an alert stands.
type State string

// The states.
const (
	New      State = "new"
	Assigned State = "assigned"
	Asked    State = "asked"
	Answered State = "answered"
	Closed   State = "closed"
)

// Working are the states of an alert that is not closed.
var Working = []State{New, Assigned, Asked, Answered}

// Outcome is how an alert ended.
type Outcome struct{ Code, Words string }

// Outcomes are the ways in which an alert can end.
var Outcomes = []Outcome{
	{"proper", "The look was proper"},
	{"mistake", "An honest mistake; the user was told"},
	{"training", "Improper through lack of knowledge; training was arranged"},
	{"misuse", "Misuse; handed to the organisation’s own procedure"},
	{"rule", "The rule was wrong to speak; it will be looked at"},
}

// Item is an alert as a piece of work.
type Item struct {
	oversight.Alert
	// Number counts the alerts of the region.
	Number int64
	// Rule and RuleVersion are what spoke, in these words, because of these facts, with this score; empty until the patrol has come by.
	Rule        string
	RuleVersion int
	Words       string
	Facts       []watch.Fact
	Score       int
	// User is whose look it was, UserName their name at the time.
	User     watch.User
	UserName string
	State    State
	// Officer is who took it up (issuer and subject in one), OfficerName their name; Outcome and Closed are set once it is closed.
	Officer, OfficerName, Outcome string
	Closed                        time.Time
}

// Step is something done about an alert; the event of the trail says it in full.
type Step struct {
	At             time.Time
	Act, By, Event string
}

// Move is a step about to be kept.
type Move struct {
	// To is the state after it, From those it may be made from.
	To   State
	From []State
	// Act is the step's word, By the name of who made it, Event the event of the trail that says so.
	Act, By, Event string
	At             time.Time
	// Officer and OfficerName are set by who takes the alert up, Outcome by who closes it.
	Officer, OfficerName, Outcome string
}

// Filter is which alerts are listed.
type Filter struct {
	// Organisation is the ODS code; empty is the whole region.
	Organisation string
	States       []State
	// Officer, when set, is who took the alerts up (issuer and subject in one, as [Key] gives it).
	Officer string
	// After is the number behind which the page begins; the oldest come first, or the newest.
	After  int64
	Newest bool
	Limit  int
}

// ErrMoved says that an alert was not in a state from which the step can be made: somebody else was first.
var ErrMoved = errors.New("the alert has moved on")

// Store keeps alerts as work.
type Store interface {
	List(ctx context.Context, f Filter) ([]Item, error)
	// Get gives one alert of an organisation with its steps, and says whether it is there.
	Get(ctx context.Context, organisation, id string) (Item, []Step, bool, error)
	// Questions are the alerts about which a user has been asked and has not answered.
	Questions(ctx context.Context, u watch.User) ([]Item, error)
	// Move makes a step; ErrMoved when the alert is in none of its states.
	Move(ctx context.Context, id string, m Move) error
}

// Trail is where each step is written before it counts.
type Trail interface {
	Write(ctx context.Context, n audit.Note) (audit.Written, error)
}

// Desk is where officers work.
type Desk struct {
	Store Store
	Trail Trail
}

var (
	errNone  = fault.New(fault.NotFound, "There is no such alert for your organisation.")
	errMoved = fault.New(fault.Invalid, "Somebody else has worked on this alert meanwhile. Look at it again.")
	errWords = fault.New(fault.Invalid, "Write what you ask or found, in at least ten letters.")
)

const leastWords, mostWords = 10, 2000

// Take makes the officer the one who works on the alert.
func (d *Desk) Take(ctx context.Context, officer identity.User, id string) error {
	return d.step(ctx, officer, id, Move{To: Assigned, From: []State{New, Assigned}, Act: "assigned", Officer: Key(officer), OfficerName: officer.Name}, "")
}

// Ask puts a question to the user whose look it was. The words stand sealed in the trail alone.
func (d *Desk) Ask(ctx context.Context, officer identity.User, id, words string) error {
	if !enough(words) {
		return errWords
	}
	return d.step(ctx, officer, id, Move{To: Asked, From: []State{New, Assigned, Answered}, Act: "asked", Officer: Key(officer), OfficerName: officer.Name}, words)
}

// Close ends the work with an outcome.
func (d *Desk) Close(ctx context.Context, officer identity.User, id, outcome, words string) error {
	if !slices.ContainsFunc(Outcomes, func(o Outcome) bool { return o.Code == outcome }) {
		return fault.New(fault.Invalid, "Choose how the alert ended.")
	}
	if !enough(words) {
		return errWords
	}
	return d.step(ctx, officer, id, Move{To: Closed, From: Working, Act: "closed", Outcome: outcome, Officer: Key(officer), OfficerName: officer.Name}, words)
}

// Answer is the user's own word about a look of theirs.
func (d *Desk) Answer(ctx context.Context, u identity.User, id, words string) error {
	if !enough(words) {
		return errWords
	}
	asked, err := d.Store.Questions(ctx, watch.User{Issuer: u.Issuer, Subject: u.Subject})
	if err != nil {
		return fmt.Errorf("reading the questions to a user: %w", err)
	}
	if !slices.ContainsFunc(asked, func(i Item) bool { return i.ID == id }) {
		return fault.New(fault.NotFound, "There is no such question to you.")
	}
	return d.move(ctx, u, id, Move{To: Answered, From: []State{Asked}, Act: "answered"}, words)
}

// step is a move of an officer: only alerts of their own organisation can be moved.
func (d *Desk) step(ctx context.Context, officer identity.User, id string, m Move, words string) error {
	item, _, there, err := d.Store.Get(ctx, officer.Organisation.ODS, id)
	if err != nil {
		return fmt.Errorf("reading an alert: %w", err)
	}
	if !there {
		return errNone
	}
	if !slices.Contains(m.From, item.State) {
		return errMoved
	}
	return d.move(ctx, officer, id, m, words)
}

// move writes the step to the trail, and then keeps it.
func (d *Desk) move(ctx context.Context, by identity.User, id string, m Move, words string) error {
	written, err := d.Trail.Write(ctx, audit.Note{Act: audit.ActAlertHandled, User: by, Reason: m.Act, Register: id, Terms: audit.Terms{Words: words}})
	if err != nil {
		return fmt.Errorf("writing down a step: %w", err)
	}
	m.By, m.Event, m.At = by.Name, written.ID, written.At
	err = d.Store.Move(ctx, id, m)
	if errors.Is(err, ErrMoved) {
		return errMoved
	}
	if err != nil {
		return fmt.Errorf("keeping a step: %w", err)
	}
	return nil
}

func enough(words string) bool { return len(words) >= leastWords && len(words) <= mostWords }

// Key names an officer as the store keeps them.
func Key(u identity.User) string { return u.Issuer + " " + u.Subject }
