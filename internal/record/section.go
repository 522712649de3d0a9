// Package record is the canonical model of one person's record: clinical entries as each source gave them, with provenance, and the state of every source for every section.
package record

import "math/bits"

// Section names one clinical section of the page. Values run in the clinical order of the page.
type Section uint8

// The sections, in page order.
const (
	Allergies Section = iota
	Medicines
	Problems
	Alerts
	Plans
	Legal
	Results
	Imaging
	Measurements
	Encounters
	Consultations
	Appointments
	Referrals
	Immunisations
	Procedures
	Documents
	SocialCare
	AboutMe
	Network
	History
	Other
	// NumSections is the number of sections, for arrays indexed by Section.
	NumSections = int(Other) + 1
)

var sectionNames = [NumSections]struct{ id, title, noun string }{
	Allergies:     {"allergies", "Allergies", "allergies"},
	Medicines:     {"medicines", "Medicines", "medicines"},
	Problems:      {"problems", "Problems", "problems"},
	Alerts:        {"alerts", "Alerts", "alerts"},
	Plans:         {"plans", "Plans", "plans"},
	Legal:         {"legal", "Legal status", "legal status"},
	Results:       {"results", "Results", "results"},
	Imaging:       {"imaging", "Imaging and other reports", "imaging reports"},
	Measurements:  {"measurements", "Measurements", "measurements"},
	Encounters:    {"encounters", "Encounters and admissions", "encounters"},
	Consultations: {"consultations", "GP consultations", "consultations"},
	Appointments:  {"appointments", "Appointments", "appointments"},
	Referrals:     {"referrals", "Referrals", "referrals"},
	Immunisations: {"immunisations", "Immunisations", "immunisations"},
	Procedures:    {"procedures", "Procedures", "procedures"},
	Documents:     {"documents", "Documents", "documents"},
	SocialCare:    {"socialcare", "Social care", "social care entries"},
	AboutMe:       {"aboutme", "About me", "statements about the person's needs"},
	Network:       {"network", "Care network", "care network contacts"},
	History:       {"history", "Family and social history", "family and social history"},
	Other:         {"other", "Other", "other entries"},
}

// ID is the short stable name used in configuration, in the audit trail and as page anchor.
func (s Section) ID() string { return sectionNames[s].id }

// Title is the heading of the section.
func (s Section) Title() string { return sectionNames[s].title }

// Noun is what the section holds, in the plural, for sentences: "its allergies are missing".
func (s Section) Noun() string { return sectionNames[s].noun }

// SectionByID finds a section by its ID.
func SectionByID(id string) (Section, bool) {
	for s := range sectionNames {
		if sectionNames[s].id == id {
			return Section(s), true
		}
	}
	return 0, false
}

// Sections is a set of sections. The zero value is empty.
type Sections uint32

// AllSections holds every section.
const AllSections = Sections(1<<NumSections - 1)

// SectionsOf makes a set.
func SectionsOf(list ...Section) Sections {
	var set Sections
	for _, s := range list {
		set |= 1 << s
	}
	return set
}

// Has reports whether s is in the set.
func (set Sections) Has(s Section) bool { return set&(1<<s) != 0 }

// Len is the number of sections in the set.
func (set Sections) Len() int { return bits.OnesCount32(uint32(set)) }

// All yields the sections of the set in page order.
func (set Sections) All(yield func(Section) bool) {
	for s := Section(0); int(s) < NumSections; s++ {
		if set.Has(s) && !yield(s) {
			return
		}
	}
}
