package audit

import (
	"context"
	"errors"
	"time"
)

// The two ways in which an append fails. Either way nothing may be shown.
var (
	// ErrNotWritten: the event is certainly not in the trail.
	ErrNotWritten = errors.New("the audit event was not written")
	// ErrOutcomeUnknown: the store was asked to commit and never heard the answer, or heard that a standby did not confirm. The event
	// may or may not be there; appending the same Entry again settles it.
	ErrOutcomeUnknown = errors.New("it is not known whether the audit event was written")
)

// Store keeps the trail.
type Store interface {
	// Append writes the entry and returns only when it is durable: on the disk of the primary, and on the standbys that the
	// deployment demands. Appending an Entry that is there already (the same ID) writes nothing and gives its first Position, so
	// an append whose outcome is unknown can be repeated, with the same Entry, as often as needed. It takes at most two seconds;
	// when too many callers wait it fails at once instead. Every error is an ErrNotWritten or an ErrOutcomeUnknown. Safe for
	// concurrent use.
	Append(ctx context.Context, e Entry) (Position, error)
}

// Position is where an event stands in the trail.
type Position struct {
	// Sequence numbers the events without gaps, from 1.
	Sequence int64
}

// Entry is an event ready to be kept: what the trail is searched by, and the rest of it in its canonical encoding.
// Nothing in it is readable about a person whose record was opened.
type Entry struct {
	ID UUID
	At time.Time
	// Act is the nature of the event.
	Act Act
	// Look is the intent that opened the look; zero outside a look.
	Look UUID
	// Issuer and Subject name the user, Organisation is the ODS code; all empty for a failed sign-in of nobody known.
	Issuer, Subject, Organisation string
	// PersonIndex is the keyed index of the person, PersonKey the id of its key; both empty when no person is concerned.
	PersonIndex []byte
	PersonKey   string
	// Reason is a fixed code, Register the id of an entry of a register; both may be empty.
	Reason, Register string
	// Words are the texts to which Body refers, Body is the rest of the event in its canonical encoding.
	Words []string
	Body  []byte
	// MAC is a keyed digest of all of the above under a key that the store does not have, MACKey the id of that key.
	MAC    []byte
	MACKey string
}
