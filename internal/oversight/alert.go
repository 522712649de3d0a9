// Package oversight is what Privacy Officers watch: the alerts that looks at records raise, without a word of who the person is.
package oversight

import (
	"context"
	"time"
)

// Kind is why an alert was raised.
type Kind string

// The kinds: a closed list.
const (
	// SelfClaimed: a user said that they are caring for the person, and nothing else is known of a relationship.
	SelfClaimed Kind = "self-claimed"
	// BreakGlass: a user opened emergency access.
	BreakGlass Kind = "break-glass"
	// Restricted: a user opened the page of a person whose whereabouts are protected.
	Restricted Kind = "restricted"
	// OwnRecord: a user tried to open their own record. Colleague: that of somebody who works for the same organisation.
	OwnRecord Kind = "own-record"
	Colleague Kind = "colleague"
	// Listed: a user opened the record of a person on the confidential list.
	Listed Kind = "listed"
	// PermissionEmergency: the person could not be asked for permission to view.
	PermissionEmergency Kind = "permission-emergency"
)

// Kinds lists every kind, the gravest first.
var Kinds = []Kind{BreakGlass, OwnRecord, Listed, Colleague, Restricted, PermissionEmergency, SelfClaimed}

// Alert is one thing for the Privacy Officer of an organisation to look into. It names an event of the audit trail and nobody: who looked
// at whose record stands there, readable with the keys and only by a look that is itself written down.
type Alert struct {
	// ID names the alert; it may stand in an e-mail, because it says nothing.
	ID string
	// Organisation is the ODS code of the organisation whose officer is to look into it.
	Organisation string
	Kind         Kind
	// Event is the id of the audit event that it is about, At when that happened.
	Event string
	At    time.Time
}

// Board takes alerts; officers work through them in package queue.
type Board interface {
	// Raise keeps the alerts; officers see them within ten seconds (goal G23).
	Raise(ctx context.Context, alerts ...Alert) error
}
