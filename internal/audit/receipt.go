package audit

import (
	"context"
	"time"

	"ribble/internal/access"
	"ribble/internal/identity"
	"ribble/internal/record"
)

// Receipt is the proof that the intent to look at a record is durable in the trail. Only Trail.Begin makes one. Whoever asks a source or shows a
// record demands a valid Receipt and takes the person, the user and what they may see from it.
type Receipt struct {
	grant access.Grant
	id    UUID
	at    time.Time
	// began is when the look began by the clock of this process, which no setting of the machine's clock moves.
	began time.Time
}

// Valid reports whether the receipt came from Trail.Begin; the zero Receipt did not.
func (r Receipt) Valid() bool { return !r.id.IsZero() && r.grant.Valid() }

// Person is whose record it is.
func (r Receipt) Person() record.Person { return r.grant.Person() }

// User is who looks.
func (r Receipt) User() identity.User { return r.grant.User() }

// Grant is what allowed the look.
func (r Receipt) Grant() access.Grant { return r.grant }

// ID is the id of the look: that of its Intent. It is no secret and says nothing about the person.
func (r Receipt) ID() string { return r.id.String() }

// IntentAt is when the intent was written.
func (r Receipt) IntentAt() time.Time { return r.at }

// Disclosed is the proof that the trail says what is about to be shown. Only Trail.Disclose and Trail.OpenDocument make one. Whoever sends
// clinical bytes to a browser demands a Disclosed that covers them.
type Disclosed struct {
	look     UUID
	sections record.Sections
	document bool
	until    time.Time
}

// Valid reports whether it came from a Trail; the zero Disclosed did not.
func (d Disclosed) Valid() bool { return !d.look.IsZero() }

// Covers reports whether the section may be shown under it, in the look of that receipt.
func (d Disclosed) Covers(r Receipt, s record.Section) bool {
	return d.Valid() && d.look == r.id && d.sections.Has(s)
}

// Sections are the sections that may be shown under it.
func (d Disclosed) Sections() record.Sections { return d.sections }

// Until gives the time by which the bytes must have left, where they may leave until the given time: the look's own limit may come first.
func (d Disclosed) Until(most time.Time) time.Time {
	if d.until.IsZero() || most.Before(d.until) {
		return most
	}
	return d.until
}

// Document reports whether it covers the bytes of one document rather than a part of the page.
func (d Disclosed) Document() bool { return d.document }

// deviceKey is the context key of the end-user device.
type deviceKey struct{}

// WithDevice notes in the context where the user sits, for the events of the request.
func WithDevice(ctx context.Context, d Device) context.Context {
	return context.WithValue(ctx, deviceKey{}, d)
}

func deviceOf(ctx context.Context) Device {
	d, _ := ctx.Value(deviceKey{}).(Device)
	const most = 200
	return Device{Address: clip(d.Address, most), Agent: clip(d.Agent, most)}
}
