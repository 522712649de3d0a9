package register

import (
	"context"
	"time"

	"ribble/internal/access"
	"ribble/internal/audit"
	"ribble/internal/consent"
	"ribble/internal/identity"
	"ribble/internal/oversight"
	"ribble/internal/relationship"
)

// Store keeps the registers where every replica sees them. It is safe for concurrent use.
type Store interface {
	// About reads all that the registers say of a person to a user, in one round trip and at one moment.
	About(ctx context.Context, q Query) (access.Facts, error)
	// Add keeps an entry together with the alerts that it raises: all of them or none. An entry whose id is there already changes nothing.
	Add(ctx context.Context, e Entry, alerts ...oversight.Alert) error
	// End ends entries, and says whether there were any.
	End(ctx context.Context, e Ending) (bool, error)
	// Replace puts the rows of a load in the place of those of the load before it, all at once.
	Replace(ctx context.Context, l Load) error
}

// Query asks about a person, known by an index under every key, for a user.
type Query struct {
	Indexes [][]byte
	User    identity.User
	At      time.Time
}

// Entry is one row of a register. It is one of ConsentEntry, RelationshipEntry, OverrideEntry, PermissionEntry.
type Entry interface{ entry() }

// Made says of an entry who it is about and who made it.
type Made struct {
	ID     string
	Person audit.Index
	By     identity.User
}

// ConsentEntry is a statement of a person that a user has entered.
type ConsentEntry struct {
	Made
	consent.Entry
}

// RelationshipEntry is a relationship that a user claims.
type RelationshipEntry struct {
	Made
	relationship.Evidence
}

// OverrideEntry is emergency access that a user opens.
type OverrideEntry struct {
	Made
	access.Override
}

// PermissionEntry is a person's answer to being asked whether the record may be viewed.
type PermissionEntry struct {
	Made
	Answer    Answer
	At, Until time.Time
}

func (ConsentEntry) entry()      {}
func (RelationshipEntry) entry() {}
func (OverrideEntry) entry()     {}
func (PermissionEntry) entry()   {}

// Ending says what to end: a statement of the person, named by its id, or, when Override is set, every emergency access of the user for the person.
type Ending struct {
	ID       string
	Override bool
	Indexes  [][]byte
	By       identity.User
	At       time.Time
}

// LoadKind is what a load brings.
type LoadKind string

// The kinds: an organisation's caseload; the staff whose own records are watched; the people on the confidential list.
const (
	Caseload LoadKind = "caseload"
	Staff    LoadKind = "staff"
	Listed   LoadKind = "listed"
)

// Load is a list that replaces the one before it: of one organisation for a caseload, of the whole region for the others.
type Load struct {
	ID           string
	Kind         LoadKind
	Organisation string
	At           time.Time
	Rows         []LoadRow
}

// LoadRow is one person of a load. Until is for a caseload, the other two for staff.
type LoadRow struct {
	Person                  audit.Index
	Until                   time.Time
	SDSUserID, Organisation string
	// Digests are what the rules that watch compare: for staff and the confidential list.
	Digests Digests
}

// Digests are a person, their family name and their home under the labels of the audit trail, and when they left their employer; each may be empty.
type Digests struct {
	Person, Surname, Household []byte
	Left                       time.Time
}
