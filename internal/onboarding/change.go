package onboarding

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"strconv"
	"strings"
	"time"

	"ribble/internal/directory"
	"ribble/internal/identity"
)

// State is what has become of a change.
type State string

// The states. Only a waiting change can be decided; what is decided stays so.
const (
	Waiting   State = "waiting"
	Approved  State = "approved"
	Refused   State = "refused"
	Withdrawn State = "withdrawn"
	// Expired: nobody decided in time. It is how a waiting change reads from then on.
	Expired State = "expired"
)

// Lasts is how long a change waits for its second person.
const Lasts = 7 * 24 * time.Hour

// Person is who proposed or decided, as they were at the time.
type Person struct {
	Issuer, Subject, Name string
	// Organisation is the ODS code of the organisation acted for.
	Organisation string
}

// IsZero reports whether it is nobody.
func (p Person) IsZero() bool { return p.Subject == "" }

// Is reports whether the user is the same person.
func (p Person) Is(u identity.User) bool { return p.Issuer == u.Issuer && p.Subject == u.Subject }

func personOf(u identity.User) Person {
	return Person{u.Issuer, u.Subject, u.Name, u.Organisation.ODS}
}

// Kind says how many people a change needs.
type Kind string

// The kinds. The database holds each to its rule.
const (
	// Ordinary: another person than the proposer approves.
	Ordinary Kind = "ordinary"
	// Seed: the first content of an empty directory, by an operator alone.
	Seed Kind = "seed"
	// Stop: feeds are suspended, and nothing else of them is changed. One person may do so at once.
	Stop Kind = "stop"
)

// Change is one proposal to change the directory, and what became of it.
type Change struct {
	// ID is the SHA-256 sum of what is proposed: whoever approves it in the trail approves exactly this. Number is its short name for people.
	ID     string
	Number int64
	Kind   Kind
	// Base is the version of the directory on which it rests, Salt makes equal proposals differ.
	Base int64
	Salt string
	// Reason is the proposer's.
	Reason string
	// Entries are the entries as they shall be; one with an empty body shall be removed. Empty in lists of changes.
	Entries []directory.Entry
	// Size is how many entries there are.
	Size  int
	State State
	// Proposed and decided: by whom, when, and which event of the audit trail says so. Words are those of whoever refused.
	ProposedBy    Person
	ProposedAt    time.Time
	ProposedEvent string
	DecidedBy     Person
	DecidedAt     time.Time
	DecidedEvent  string
	Words         string
	// Version is the directory's version that it made; 0 while it has made none.
	Version int64
}

// ExpiresAt is when it ends by itself, if nobody decides.
func (c Change) ExpiresAt() time.Time { return c.ProposedAt.Add(Lasts) }

// at gives a change that has waited too long its state.
func (c Change) at(now time.Time) Change {
	if c.State == Waiting && !now.Before(c.ExpiresAt()) {
		c.State = Expired
	}
	return c
}

// Sum is the id that a change must have: over all that is proposed, in an order and form that the database builds too.
func (c Change) Sum() string {
	var text strings.Builder
	for _, part := range []string{string(c.Kind), strconv.FormatInt(c.Base, 10), c.Salt, sum(c.Reason)} {
		text.WriteString(part + "\n")
	}
	for _, e := range c.Entries {
		text.WriteString(string(e.Kind) + " " + e.ID + " " + sum(e.Body) + "\n")
	}
	return sum(text.String())
}

func sum(text string) string {
	s := sha256.Sum256([]byte(text))
	return hex.EncodeToString(s[:])
}

func newSalt() string { return rand.Text() }

// Decision is what somebody decided about a waiting change.
type Decision struct {
	Change string
	State  State
	By     Person
	At     time.Time
	Event  string
	Words  string
	// Checked is the version of the directory against which an approval was checked.
	Checked int64
}

// Version is an entry as it was from one version of the directory on.
type Version struct {
	Version int64
	// Body is empty where the entry was removed.
	Body string
	// Change is the id of the change that made it, Number its short name, with both its people.
	Change                string
	Number                int64
	At                    time.Time
	ProposedBy, DecidedBy Person
	Reason                string
}

// Query says which changes are wanted, newest first. The zero Query wants all.
type Query struct {
	State State
	// Entry, when given, wants those that touch it.
	Entry directory.Key
	Limit int
}

// Store keeps the directory and its changes.
type Store interface {
	// Propose keeps a change as waiting.
	Propose(ctx context.Context, c Change) error
	// Decide decides about a waiting change. An approval puts its entries in force in the same transaction; ErrStale, ErrSamePerson and ErrDecided are
	// its refusals.
	Decide(ctx context.Context, d Decision) error
	// Change reads a change with its entries; ErrUnknown when there is none.
	Change(ctx context.Context, id string) (Change, error)
	// Changes reads changes without their entries.
	Changes(ctx context.Context, q Query) ([]Change, error)
	// History reads all versions of an entry, newest first.
	History(ctx context.Context, k directory.Key) ([]Version, error)
}

// Check is the result of a connection check, as the gate needs it and as it is kept.
type Check struct {
	Feed string
	At   time.Time
	By   Person
	// Connection is the feed's directory.Feed.Connection at the time: a check of another address is none of this one.
	Connection string
	// Failed is how many of Total checks failed, Warned how many had a warning.
	Total, Failed, Warned int
	// Result is the whole report as JSON, without any data of a person.
	Result string
}

// Passed reports whether nothing failed.
func (c Check) Passed() bool { return !c.At.IsZero() && c.Failed == 0 && c.Total > 0 }

// Checks keeps the results of connection checks.
type Checks interface {
	// LastCheck is the newest check of a feed; the zero Check when there was none.
	LastCheck(ctx context.Context, feed string) (Check, error)
}
