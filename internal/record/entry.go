package record

import "time"

// Organisation is a participating organisation as the directory names it.
type Organisation struct {
	ODS, Name string
	// Short is the everyday name ("Bowland"), Badge the code of at most five letters that stands in tables ("BTH").
	Short, Badge string
	// Kind is its kind in the directory's words: acute, gp-practice, mental-health, community, council, hospice, care-home, ambulance, store.
	Kind string
	// Phone is who to ring when it does not answer.
	Phone string
}

// SourceRef says which feed of which organisation an entry came from, and when it was retrieved. Entries of one answer share one SourceRef.
type SourceRef struct {
	Feed         string
	Organisation Organisation
	RetrievedAt  time.Time
	// Unverified is true when the source does not vouch for the NHS number: its entries are grouped with nobody else's (S09).
	Unverified bool
}

// ItemKey is the identity of a resource inside one answer: its type and logical id; a contained resource has "container#id".
type ItemKey struct{ Type, ID string }

// Phase is where in its life an entry stands; it decides the list in which it is shown, never whether it is shown.
type Phase uint8

// The phases of section 0.3 of the section catalogue.
const (
	PhaseUnknown Phase = iota
	Current
	Ended
	Planned
	Draft
	Preliminary
	NotDone
	Refuted
	Unconfirmed
	Withdrawn
)

var phaseWords = [...]string{"status not given", "current", "ended", "planned", "Draft", "Preliminary", "not done", "ruled out", "unconfirmed", "removed by the source"}

// String is the phase in words for people; the raw status stands beside it.
func (p Phase) String() string { return phaseWords[p] }

// Head is what every entry has, whatever its section.
type Head struct {
	Source *SourceRef
	Key    ItemKey
	// Identifiers are business identifiers; equal ones with a system mean the same fact (rule G2).
	Identifiers []Identifier
	Phase       Phase
	// CrossListed marks a second showing of a resource whose home is another section; it is not counted (section 24).
	CrossListed bool
	// RawStatus is the source's own status word(s).
	RawStatus string
	// When is the clinically relevant date, Recorded when it was written down: never the same thing.
	When     Period
	Recorded PartialDate
	// RecordedBy typed it, AssertedBy said it, PerformedBy did it: never merged into one.
	RecordedBy, AssertedBy, PerformedBy []Actor
	// Owner is the organisation that owns the data when it is not the source itself (meta.tag Provenance).
	Owner     string
	Encounter Ref
	Labels    []Label
	// Notes are the source's notes, each complete and in order.
	Notes []string
	// Facts are further details sent for the entry, in words, in the order to be shown.
	Facts  []Fact
	Issues []Issue
	// Codes are codings sent for the entry that its row shows as words alone, in Facts and the like: never shown by themselves, but what the
	// sensitive filter must judge. Tells are the entries whose meaning stands in this one (its reason, what it is about, what it is based on).
	Codes []Coding
	Tells []ItemKey
	// Covers are the resources besides its own that this entry accounts for as shown: the issues of a plan, the members of a report.
	Covers []ItemKey
}

// Base gives any entry's head to code that works on every section.
func (h *Head) Base() *Head { return h }

// Count is how many received resources the entry accounts for in the conservation law.
func (h *Head) Count() int {
	if h.CrossListed {
		return len(h.Covers)
	}
	return 1 + len(h.Covers)
}

// Has reports whether the entry carries an issue of the kind.
func (h *Head) Has(kind IssueKind) bool {
	for _, i := range h.Issues {
		if i.Kind == kind {
			return true
		}
	}
	return false
}

// Entry is any clinical entry.
type Entry interface{ Base() *Head }
