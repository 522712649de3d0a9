package access

import (
	"time"

	"ribble/internal/consent"
	"ribble/internal/relationship"
)

// Facts are what the registers say of a person and the user who asks, read together at one moment. A decision rests on nothing else, so that it
// can be made again later from the same facts.
type Facts struct {
	// Relationships are all that is known between organisations and the person, in force or not.
	Relationships []relationship.Evidence
	// Consent is what the person has objected to.
	Consent consent.Standing
	// Override is the emergency access that this user has opened for this person; zero when none.
	Override Override
	// Watched says who the person is to the user's organisation.
	Watched Watched
	// Permission is what the person said when the user's organisation asked to view the record.
	Permission Permission
	// OfficerNamed says that the user's organisation has named a Privacy Officer; without one there is no emergency access.
	OfficerNamed bool
	// TestPerson says that nobody lives behind the number: the person is one of those whom a source and the region agreed on for trying the connection.
	TestPerson bool
	// Operator says that no user asks but whoever runs a command on the portal's own machine, or the portal itself at night.
	Operator bool
}

// Permission is the person's answer to being asked whether the record may be viewed, where a deployment asks that.
type Permission struct {
	// Needed says that this deployment asks.
	Needed bool
	// GivenUntil and RefusedUntil bound the answers in force; zero where there is none. A refusal holds against any other answer.
	GivenUntil, RefusedUntil time.Time
}

// Refused reports whether the person has said no, also where the deployment has stopped asking since.
func (p Permission) Refused(at time.Time) bool { return at.Before(p.RefusedUntil) }

// Missing reports whether the person is still to be asked.
func (p Permission) Missing(at time.Time) bool {
	return p.Needed && !p.Refused(at) && !at.Before(p.GivenUntil)
}

// Watched are the people over whose records somebody keeps watch.
type Watched struct {
	// OwnRecord: the person is the user. Colleague: the person works for the user's organisation. Listed: the region keeps the person on a
	// confidential list, for example because the public knows them.
	OwnRecord, Colleague, Listed bool
}

// OverrideLife is the longest that emergency access lasts.
const OverrideLife = 30 * time.Minute

// Override is emergency access ("break-glass"): one user, one person, one organisation, a short time.
type Override struct {
	// ID names it in the audit trail and in the alert.
	ID string
	// Reason is one of the coded reasons.
	Reason string
	// Organisation is that of the role in which it was opened.
	Organisation string
	From, Until  time.Time
}

// InForce reports whether the override opens anything for the organisation at that time. One that claims to last longer than it may is not in force.
func (o Override) InForce(organisation string, at time.Time) bool {
	return o.ID != "" && o.Organisation == organisation && organisation != "" && !at.Before(o.From) && at.Before(o.Until) && o.Until.Sub(o.From) <= OverrideLife
}
