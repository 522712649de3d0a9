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
	// Notes are the source's notes, each complete and in order.
	Notes []string
	// Facts are further details sent for the entry, in words, in the order to be shown.
	Facts []Fact
	// Rare is what few entries have; nil where an entry has none of it. It is read by the methods of its names, and added to by Add.
	Rare *HeadRare
}

// HeadRare is what few entries have: kept apart, because a record has hundreds of entries.
type HeadRare struct {
	// Owner is the organisation that owns the data when it is not the source itself (meta.tag Provenance).
	Owner     string
	Encounter Ref
	Labels    []Label
	Issues    []Issue
	// Codes are codings sent for the entry that its row shows as words alone, in Facts and the like: never shown by themselves, but what the
	// sensitive filter must judge. Tells are the entries whose meaning stands in this one (its reason, what it is about, what it is based on).
	Codes []Coding
	Tells []ItemKey
	// Covers are the resources besides its own that this entry accounts for as shown: the issues of a plan, the members of a report.
	Covers []ItemKey
}

// Base gives any entry's head to code that works on every section.
func (h *Head) Base() *Head { return h }

// Add gives what is rare in an entry, to be added to.
func (h *Head) Add() *HeadRare {
	if h.Rare == nil {
		h.Rare = &HeadRare{}
	}
	return h.Rare
}

// Owner is the organisation that owns the data, empty where it is the source itself.
func (h *Head) Owner() string {
	if h.Rare == nil {
		return ""
	}
	return h.Rare.Owner
}

// Encounter is the contact in which the entry was made.
func (h *Head) Encounter() Ref {
	if h.Rare == nil {
		return Ref{}
	}
	return h.Rare.Encounter
}

// Labels are the source's own marks of confidentiality and the like.
func (h *Head) Labels() []Label {
	if h.Rare == nil {
		return nil
	}
	return h.Rare.Labels
}

// Issues are what is wrong with the entry.
func (h *Head) Issues() []Issue {
	if h.Rare == nil {
		return nil
	}
	return h.Rare.Issues
}

// Covers are the resources besides its own that the entry accounts for.
func (h *Head) Covers() []ItemKey {
	if h.Rare == nil {
		return nil
	}
	return h.Rare.Covers
}

// Within says in which contact the entry was made.
func (h *Head) Within(encounter Ref) {
	if !encounter.IsZero() {
		h.Add().Encounter = encounter
	}
}

// Labelled adds marks of the source.
func (h *Head) Labelled(labels []Label) {
	if len(labels) > 0 {
		rare := h.Add()
		rare.Labels = append(rare.Labels, labels...)
	}
}

// Coded adds codings that the row shows as words alone.
func (h *Head) Coded(codes []Coding) {
	if len(codes) > 0 {
		rare := h.Add()
		rare.Codes = append(rare.Codes, codes...)
	}
}

// Flaw adds an issue.
func (h *Head) Flaw(kind IssueKind, text string) {
	rare := h.Add()
	rare.Issues = append(rare.Issues, Issue{Kind: kind, Text: text})
}

// Apart is a copy of the head for another showing: what is rare in either is then its own.
func (h *Head) Apart() Head {
	out := *h
	if h.Rare != nil {
		rare := *h.Rare
		out.Rare = &rare
	}
	return out
}

// Again is a copy of the head for a second showing, which is not counted: it covers nothing.
func (h *Head) Again() Head {
	out := h.Apart()
	out.CrossListed = true
	if out.Rare != nil {
		out.Rare.Covers = nil
	}
	return out
}

// Count is how many received resources the entry accounts for in the conservation law.
func (h *Head) Count() int {
	if h.CrossListed {
		return len(h.Covers())
	}
	return 1 + len(h.Covers())
}

// Has reports whether the entry carries an issue of the kind.
func (h *Head) Has(kind IssueKind) bool {
	for _, i := range h.Issues() {
		if i.Kind == kind {
			return true
		}
	}
	return false
}

// Entry is any clinical entry.
type Entry interface{ Base() *Head }
