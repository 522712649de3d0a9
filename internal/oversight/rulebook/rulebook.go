// Package rulebook changes the rules that watch the audit trail: one officer proposes a set, another approves it, and every step is in the trail.
package rulebook

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"time"

	"ribble/internal/audit"
	"ribble/internal/fault"
	"ribble/internal/identity"
	"ribble/internal/oversight/watch"
)

// State is where a change stands.
type State string

// The states.
const (
	Waiting   State = "waiting"
	Approved  State = "approved"
	Refused   State = "refused"
	Withdrawn State = "withdrawn"
)

// Life is how long a proposal waits.
const Life = 7 * 24 * time.Hour

// Person is who proposed or decided, as they were at the time.
type Person struct{ Issuer, Subject, Name, Organisation string }

func personOf(u identity.User) Person {
	return Person{u.Issuer, u.Subject, u.Name, u.Organisation.ODS}
}

// Is reports whether a user is this person.
func (p Person) Is(u identity.User) bool { return p.Issuer == u.Issuer && p.Subject == u.Subject }

// Step is one of the two steps of a change: who made it, when, and which event of the trail says so.
type Step struct {
	By    Person
	At    time.Time
	Event string
}

// Change is a set of rules that somebody proposed.
type Change struct {
	// ID is the digest of all that is proposed: what is approved cannot be another set.
	ID string
	// Version is the number that the set has, or would have, in force; Body the set as it was proposed, Why the reason given.
	Version         int
	Salt, Body, Why string
	State           State
	Proposed        Step
	Decided         Step
}

// Set reads the rules of a change.
func (c Change) Set() (watch.Set, error) {
	var set watch.Set
	if err := json.Unmarshal([]byte(c.Body), &set); err != nil {
		return watch.Set{}, fmt.Errorf("reading a set of rules: %w", err)
	}
	return set, nil
}

// Sum is the digest of what a change proposes, as the database works it out again.
func (c Change) Sum() string {
	text := func(s string) string { h := sha256.Sum256([]byte(s)); return hex.EncodeToString(h[:]) }
	return text(strconv.Itoa(c.Version) + "\n" + c.Salt + "\n" + text(c.Why) + "\n" + text(c.Body))
}

// The errors of a store.
var (
	// ErrBusy says that another change waits already.
	ErrBusy = errors.New("another change of the rules waits")
	// ErrDecided says that a change does not wait any more, or has expired.
	ErrDecided = errors.New("the change of the rules does not wait any more")
	// ErrSame says that whoever proposed cannot approve.
	ErrSame = errors.New("whoever proposed a change cannot approve it")
)

// Store keeps changes. What is in force is the approved one of the highest version.
type Store interface {
	// InForce is the change in force, and says whether there is one.
	InForce(ctx context.Context) (Change, bool, error)
	// Waiting is the change that waits for a second person, and says whether there is one.
	Waiting(ctx context.Context) (Change, bool, error)
	// Propose keeps a change that waits; ErrBusy when another does.
	Propose(ctx context.Context, c Change) error
	// Decide keeps a decision; ErrDecided or ErrSame when it cannot be made.
	Decide(ctx context.Context, id string, to State, by Step) error
}

// Trail is where each step is written before it counts.
type Trail interface {
	Write(ctx context.Context, n audit.Note) (audit.Written, error)
}

// Desk is where the rules are changed.
type Desk struct {
	Store Store
	Trail Trail
	// Shipped are the rules until the first change.
	Shipped watch.Set
	Now     func() time.Time
}

// The errors of officers.
var (
	errWhy     = fault.New(fault.Invalid, "Say why the rules are to change, in at least ten letters and at most 500.")
	errBusy    = fault.New(fault.Invalid, "Another change of the rules waits for a decision. Decide about it first; yours was not proposed.")
	errDecided = fault.New(fault.Invalid, "This change does not wait any more: somebody decided about it, or it is older than seven days. Nothing was changed.")
	errSame    = fault.New(fault.Denied, "Whoever proposes a change of the rules does not approve it. Ask another officer of the region.")
	errOthers  = fault.New(fault.Denied, "Only whoever proposed a change can withdraw it. You can refuse it.")
)

const leastWhy, mostWhy = 10, 500

// InForce are the rules in force, and the change that put them there; the zero Change until the first.
func (d *Desk) InForce(ctx context.Context) (watch.Set, Change, error) {
	c, there, err := d.Store.InForce(ctx)
	if err != nil {
		return watch.Set{}, Change{}, fmt.Errorf("reading the rules in force: %w", err)
	}
	if !there || c.Version <= d.Shipped.Version {
		return d.Shipped, Change{}, nil
	}
	set, err := c.Set()
	return set, c, err
}

// Rules are the rules in force.
func (d *Desk) Rules(ctx context.Context) (watch.Set, error) {
	set, _, err := d.InForce(ctx)
	return set, err
}

// Waiting is the change that waits, if one does that has not expired.
func (d *Desk) Waiting(ctx context.Context) (Change, bool, error) {
	c, there, err := d.Store.Waiting(ctx)
	if err != nil {
		return Change{}, false, fmt.Errorf("reading what waits: %w", err)
	}
	return c, there && d.Now().Before(c.Proposed.At.Add(Life)), nil
}

// Propose proposes a set of rules, whose version will be the next. One that has expired gives way.
func (d *Desk) Propose(ctx context.Context, by identity.User, set watch.Set, why string) error {
	if len(why) < leastWhy || len(why) > mostWhy {
		return errWhy
	}
	now, _, err := d.InForce(ctx)
	if err != nil {
		return err
	}
	if _, waits, err := d.Waiting(ctx); err != nil || waits {
		return errors.Join(err, busy(waits))
	}
	set.Version = now.Version + 1
	body, err := json.Marshal(set)
	if err != nil {
		return fmt.Errorf("writing a set of rules down: %w", err)
	}
	c := Change{Version: set.Version, Salt: rand.Text(), Body: string(body), Why: why, State: Waiting}
	c.ID = c.Sum()
	written, err := d.Trail.Write(ctx, audit.Note{Act: audit.ActRulesProposed, User: by, Reason: "proposed", Register: c.ID, Terms: audit.Terms{Words: why}})
	if err != nil {
		return fmt.Errorf("writing down a proposal: %w", err)
	}
	c.Proposed = Step{personOf(by), written.At, written.ID}
	return said(d.Store.Propose(ctx, c))
}

func busy(waits bool) error {
	if waits {
		return errBusy
	}
	return nil
}

// Decide approves, refuses or withdraws the change that waits.
func (d *Desk) Decide(ctx context.Context, by identity.User, id string, to State) error {
	c, waits, err := d.Waiting(ctx)
	switch {
	case err != nil:
		return err
	case !waits || c.ID != id || to == Waiting:
		return errDecided
	case to == Approved && c.Proposed.By.Is(by):
		return errSame
	case to == Withdrawn && !c.Proposed.By.Is(by):
		return errOthers
	}
	written, err := d.Trail.Write(ctx, audit.Note{Act: audit.ActRulesDecided, User: by, Reason: string(to), Register: id})
	if err != nil {
		return fmt.Errorf("writing down a decision: %w", err)
	}
	return said(d.Store.Decide(ctx, id, to, Step{personOf(by), written.At, written.ID}))
}

// said gives the words for what a store refuses.
func said(err error) error {
	switch {
	case errors.Is(err, ErrBusy):
		return errBusy
	case errors.Is(err, ErrDecided):
		return errDecided
	case errors.Is(err, ErrSame):
		return errSame
	case err != nil:
		return fmt.Errorf("keeping a change of the rules: %w", err)
	}
	return nil
}
