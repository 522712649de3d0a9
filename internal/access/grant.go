// Package access decides who may open what: one table of rules over pure facts, a Grant when every rule is content, a Refusal with its reason when one is not.
package access

import (
	"time"

	"ribble/internal/identity"
	"ribble/internal/record"
)

// Purpose is why a record is opened. The zero Purpose is none and is refused.
type Purpose uint8

// Purposes.
const (
	_ Purpose = iota
	// DirectCare is the care of the person by the user.
	DirectCare
)

// String is the purpose as it stands in the audit trail and on the page.
func (p Purpose) String() string {
	switch p {
	case DirectCare:
		return "direct care"
	}
	return "no purpose"
}

// Request is everything a decision rests on. Decisions are pure: they read nothing else.
type Request struct {
	User    identity.User
	Person  record.Person
	Purpose Purpose
	// Born is the date of birth that a launching system gave for the person; zero where none launched.
	Born record.PartialDate
	// Facts are what the registers say of the person and the user.
	Facts Facts
	At    time.Time
}

// Grant is the proof that Decide allowed this user to open this person's record for this purpose. Its fields are unexported, so that no other
// package can make one; the zero Grant is refused by whoever consumes it.
type Grant struct {
	request  Request
	sections record.Sections
	reasons  []string
}

// Valid reports whether the grant came from Decide.
func (g Grant) Valid() bool { return g.sections != 0 && !g.request.User.IsZero() }

// User is who was allowed.
func (g Grant) User() identity.User { return g.request.User }

// Person is whose record it is; every later step takes the person from here.
func (g Grant) Person() record.Person { return g.request.Person }

// Purpose is what for.
func (g Grant) Purpose() Purpose { return g.request.Purpose }

// Sections are the sections that the user's role may see; the others are not even asked for.
func (g Grant) Sections() record.Sections { return g.sections }

// Reasons are the codes of the rules that spoke for it, for the audit trail.
func (g Grant) Reasons() []string { return g.reasons }

// At is the time of the decision.
func (g Grant) At() time.Time { return g.request.At }

// Refusal is a decision against. It is audited as carefully as a grant.
type Refusal struct {
	request Request
	rule    Rule
}

// User is who was refused.
func (r Refusal) User() identity.User { return r.request.User }

// Person is whose record was asked for.
func (r Refusal) Person() record.Person { return r.request.Person }

// Purpose is what for.
func (r Refusal) Purpose() Purpose { return r.request.Purpose }

// At is the time of the decision.
func (r Refusal) At() time.Time { return r.request.At }

// Code is the stable code of the rule that refused.
func (r Refusal) Code() string { return r.rule.Code }

// Words is what the user is told: why, and what to do.
func (r Refusal) Words() string { return r.rule.Words }

// Error makes a refusal an error, so that it cannot be overlooked; it names the rule only.
func (r Refusal) Error() string { return "access refused: " + r.rule.Code }

// Decide runs the request through the table of rules, in order; the first that refuses ends it. The error is always a Refusal.
func Decide(request Request) (Grant, error) {
	reasons := make([]string, 0, len(Rules))
	for _, rule := range Rules {
		if rule.Refuses(request) {
			return Grant{}, Refusal{request, rule}
		}
		reasons = append(reasons, rule.Code)
	}
	return Grant{request, SectionsFor(request.User.Role.Activities), reasons}, nil
}
