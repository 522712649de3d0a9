// Package relationship says why a user's organisation has to do with a person: the evidence of a legitimate relationship, and how long it holds.
package relationship

import (
	"time"

	"ribble/internal/record"
)

// Kind is where the evidence comes from. The zero Kind is none.
type Kind uint8

// The kinds, the strongest first; the last is the user's own word and raises an alert.
const (
	_ Kind = iota
	// Launched: the user's own system opened Ribble from this person's record.
	Launched
	// Registered: the national record names the user's organisation as the person's GP practice.
	Registered
	// Attending: the user's organisation says that the person is admitted or has a contact with it.
	Attending
	// Referred: the user's organisation holds an open referral of the person to it.
	Referred
	// Caseload: the user's organisation has put the person on its caseload.
	Caseload
	// SelfClaimed: the user says that they are caring for the person, and gave a reason.
	SelfClaimed
)

var kinds = [...]struct{ code, words string }{
	{"none", "no relationship is known"},
	{"launched", "opened from the person’s record in your own system"},
	{"registered", "registered with your practice"},
	{"attending", "admitted to or seen by your organisation"},
	{"referred", "referred to your organisation"},
	{"caseload", "on your organisation’s caseload"},
	{"self-claimed", "you said that you are caring for this person"},
}

// String is the code that stands in the audit trail.
func (k Kind) String() string { return kinds[k].code }

// Words are what the page says.
func (k Kind) Words() string { return kinds[k].words }

// ClaimLife is how long a self-claimed relationship holds before it must be renewed (IG Requirements for GP Systems V4: four weeks).
const ClaimLife = 28 * 24 * time.Hour

// Evidence is one reason to believe in a relationship between an organisation and the person.
type Evidence struct {
	Kind Kind
	// Organisation is the ODS code of the organisation that has the relationship.
	Organisation string
	// Reason is the coded reason of a self-claim; empty for the other kinds.
	Reason string
	// From and Until bound the time in which it holds; a zero Until does not end.
	From, Until time.Time
}

// Holds reports whether the evidence speaks for the organisation at that time.
func (e Evidence) Holds(organisation string, at time.Time) bool {
	return e.Kind != 0 && organisation != "" && e.Organisation == organisation && !at.Before(e.From) && (e.Until.IsZero() || at.Before(e.Until))
}

// Strongest gives the best evidence that holds for the organisation at that time, and whether there is any.
func Strongest(all []Evidence, organisation string, at time.Time) (Evidence, bool) {
	var best Evidence
	for _, e := range all {
		if e.Holds(organisation, at) && (best.Kind == 0 || e.Kind < best.Kind) {
			best = e
		}
	}
	return best, best.Kind != 0
}

// Registration is the evidence that lies in the trace itself: the person's registered GP practice.
func Registration(p record.Person) (Evidence, bool) {
	if p.Practice.ODS == "" {
		return Evidence{}, false
	}
	return Evidence{Kind: Registered, Organisation: p.Practice.ODS, From: p.TracedAt.Add(-time.Minute)}, true
}
