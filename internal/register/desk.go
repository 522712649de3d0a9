// Package register is the desk at which relationships, objections, emergency access and lists of people are entered, read and ended: the audit trail is told first.
package register

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"time"

	"ribble/internal/access"
	"ribble/internal/audit"
	"ribble/internal/fault"
	"ribble/internal/identity"
	"ribble/internal/oversight"
	"ribble/internal/record"
)

// Unreadable is what the user is told when the registers cannot be read or changed: then nobody sees anything.
const Unreadable = "Nobody sees anything just now, because the register of objections cannot be read. Nobody was asked and nothing is shown. " +
	"Try again in a minute. If care cannot wait, ring the person’s GP practice or hospital."

// Tracer reads the national demographics of one person.
type Tracer interface {
	Trace(ctx context.Context, number record.NHSNumber, by record.Requester) (record.Person, error)
}

// Desk keeps the registers.
type Desk struct {
	Store  Store
	Trail  *audit.Trail
	Alerts oversight.Board
	// Tracer confirms a person before emergency access.
	Tracer Tracer
	// Index gives a person's index under every key, newest first (audit.Keys.RegisterIndexes).
	Index func(record.NHSNumber) []audit.Index
	// Digests gives what the rules that watch compare of a person on a list; nil where no list is loaded.
	Digests func(WatchedRow) Digests
	// Officer is the Privacy Officer of an organisation; empty when it has named none.
	Officer func(ods string) string
	// MayBreakGlass is the rule about emergency access; its error is an access.Refusal. MayRecord says whose role may change the register of objections.
	MayBreakGlass func(access.Request) error
	MayRecord     func(identity.User) bool
	// AsksPermission says that this deployment asks people before their record is viewed.
	AsksPermission bool
	Now            func() time.Time
}

// About reads what the registers say of a person to a user. An error means that nothing may be shown, and its words say so.
func (d *Desk) About(ctx context.Context, n record.NHSNumber, u identity.User) (access.Facts, error) {
	facts, err := d.Store.About(ctx, Query{Indexes: d.indexes(n), User: u, At: d.Now()})
	if err != nil {
		return access.Facts{}, fault.Wrap(fault.Unavailable, Unreadable, err)
	}
	facts.OfficerNamed = d.Officer(u.Organisation.ODS) != ""
	facts.Permission.Needed = d.AsksPermission
	return facts, nil
}

func (d *Desk) indexes(n record.NHSNumber) [][]byte {
	all := d.Index(n)
	values := make([][]byte, len(all))
	for i, index := range all {
		values[i] = index.Value
	}
	return values
}

// made begins an entry about a person by a user.
func (d *Desk) made(n record.NHSNumber, u identity.User) Made {
	return Made{ID: newID(), Person: d.Index(n)[0], By: u}
}

// enter keeps an entry with the alerts that it raises, once the trail holds the note about it.
func (d *Desk) enter(ctx context.Context, note audit.Note, e Entry, kinds ...oversight.Kind) error {
	written, err := d.Trail.Write(ctx, note)
	if err != nil {
		return err
	}
	if err := d.Store.Add(ctx, e, Raised(note.User.Organisation.ODS, written, kinds...)...); err != nil {
		return fault.Wrap(fault.Unavailable, Unreadable, err)
	}
	return nil
}

// Raised are the alerts about an event of the trail, for the officer of the organisation.
func Raised(organisation string, about audit.Written, kinds ...oversight.Kind) []oversight.Alert {
	alerts := make([]oversight.Alert, len(kinds))
	for i, kind := range kinds {
		alerts[i] = oversight.Alert{ID: newID(), Organisation: organisation, Kind: kind, Event: about.ID, At: about.At}
	}
	return alerts
}

// newID makes a random id (RFC 9562, version 4): unlike that of an event it says nothing, not even when.
func newID() string {
	var u [16]byte
	_, _ = rand.Read(u[:]) // never fails: crypto/rand ends the process rather than return weak bytes
	u[6], u[8] = u[6]&0x0f|0x40, u[8]&0x3f|0x80
	text := hex.EncodeToString(u[:])
	return text[:8] + "-" + text[8:12] + "-" + text[12:16] + "-" + text[16:20] + "-" + text[20:]
}
