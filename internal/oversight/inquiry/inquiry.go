// Package inquiry is what officers ask of the audit trail: conditions, alone and together, and pages that say up to where they are complete.
package inquiry

import (
	"errors"
	"time"

	"ribble/internal/audit"
)

// Query is what an officer asks of the audit trail. Every condition that is given must hold; a query without a person, a user, an organisation
// or a time is bounded by its Limit alone.
type Query struct {
	// Person are the digests of one person, under every key.
	Person []audit.Index
	// Issuer and Subject name one user.
	Issuer, Subject string
	// Organisation is the ODS code for which the users acted: for an officer without the regional activity, always their own.
	Organisation string
	// From is inclusive, To exclusive; zero is unbounded.
	From, To time.Time
	// FirstSequence and LastSequence are inclusive; 0 is unbounded.
	FirstSequence, LastSequence int64
	// Acts are the acts wanted; none means all.
	Acts []audit.Act
	// Source is the id of a feed, or the ODS code of an organisation that was asked; Section the id of a section; Reason a fixed code.
	Source, Section, Reason string
	// Before is where the page before ended; zero for the first page. Until is the last place of a part, inclusive; zero for the last part.
	Before, Until Place
	// Limit is how many rows a page has, at most MaxPage.
	Limit int
}

// MaxPage is the longest page.
const MaxPage = 500

// Place is a place in the trail: the newest comes first.
type Place struct {
	At       time.Time
	Sequence int64
}

// IsZero reports that it is no place: the beginning.
func (p Place) IsZero() bool { return p == Place{} }

// ErrRange is the error of a query whose bounds exclude everything.
var ErrRange = errors.New("the end lies before the beginning")

// Check refuses bounds that make no sense.
func (q Query) Check() error {
	if !q.From.IsZero() && !q.To.IsZero() && !q.From.Before(q.To) || q.FirstSequence > 0 && q.LastSequence > 0 && q.FirstSequence > q.LastSequence {
		return ErrRange
	}
	return nil
}

// Fits reports whether an event fits the conditions that no index serves: source, section and reason.
func (q Query) Fits(e audit.Event) bool {
	return (q.Reason == "" || e.Reason == q.Reason) && (q.Section == "" || shows(e, q.Section)) && (q.Source == "" || asks(e, q.Source))
}

func shows(e audit.Event, section string) bool {
	for _, s := range e.Sections {
		if s == section {
			return true
		}
	}
	return false
}

func asks(e audit.Event, source string) bool {
	for _, feed := range e.Asked {
		if feed == source {
			return true
		}
	}
	for _, s := range e.Sources {
		if s.Feed == source || s.Organisation == source {
			return true
		}
	}
	return e.Document != nil && (e.Document.Feed == source || e.Document.Organisation == source)
}

// Row is an event with its number in the trail.
type Row struct {
	Sequence int64
	// Recorded is the database's own time of the append.
	Recorded time.Time
	Event    audit.Event
}

// Place is where the row stands.
func (r Row) Place() Place { return Place{r.Event.At, r.Sequence} }

// Complete says up to which event a result is complete, and as of when.
type Complete struct {
	Sequence int64
	At       time.Time
}

// Page is one page of a result, the newest first.
type Page struct {
	Rows []Row
	// Next is where the next page begins; zero after the last.
	Next     Place
	Complete Complete
	// Scanned is how many events were read to find the rows.
	Scanned int
}
