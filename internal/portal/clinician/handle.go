// Package clinician holds the pages of clinicians and care staff: find a person, read the record, open a document.
package clinician

import (
	"ribble/internal/access"
	"ribble/internal/identity"
	"ribble/internal/openrecord"
	"ribble/internal/portal/handle"
	"ribble/internal/record"
	"ribble/internal/relationship"
)

// Purposes of sealed tokens: a token made for one opens for no other.
const (
	viewPurpose     = "view"
	documentPurpose = "document"
	personPurpose   = "person"
	searchPurpose   = "search"
	casePurpose     = "case"
	glassPurpose    = "glass"
	standingPurpose = "standing"
	problemPurpose  = "problem"
	reportPurpose   = "report"
	entryPurpose    = "entry"
	sentPurpose     = "reported"
)

// bound is what every handle carries: it opens only in the session, role and purpose it was made for.
type bound struct {
	handle.Bound
	Purpose access.Purpose `json:"p"`
	// Born is the date of birth that a launching system gave; empty where none launched.
	Born string `json:"d,omitempty"`
	// Evidence is what was found, when the record was asked for, to say that the user's organisation has to do with the person.
	Evidence []relationship.Evidence `json:"e,omitempty"`
}

// request asks for the record that the handle stands for.
func (b bound) request(u identity.User, number record.NHSNumber) openrecord.Request {
	return openrecord.Request{User: u, Number: number, Purpose: b.Purpose, Born: b.born(), Evidence: b.Evidence}
}

// documentHandle names one document body of one source for one open record.
type documentHandle struct {
	bound
	Feed string `json:"f"`
	// Section listed it.
	Section     record.Section `json:"l"`
	URL         string         `json:"u"`
	ContentType string         `json:"c"`
	Title       string         `json:"t,omitempty"`
	// Cleared names the rules under which it was listed.
	Cleared string `json:"k,omitempty"`
}

func bind(u identity.User, number record.NHSNumber, purpose access.Purpose) bound {
	return bound{Bound: handle.Bind(u, number), Purpose: purpose}
}
