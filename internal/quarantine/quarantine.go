// Package quarantine compares who an answer is about with who was asked about, and lets no answer about somebody else through.
package quarantine

import (
	"slices"

	"ribble/internal/record"
)

// SourceKind says what kind of source answered, because only a GP practice's answer must name the registered practice.
type SourceKind uint8

// The kinds of source.
const (
	Other SourceKind = iota
	GP
)

// Checked is an answer whose person was compared with the traced person: verified, perhaps with warnings, or quarantined and empty.
// Only Check makes one; the zero Checked is refused wherever one is consumed.
type Checked struct {
	answer      record.Answer
	warnings    []string
	notes       []string
	quarantined string
	unverified  bool
	done        bool
}

// Valid reports that c came from Check.
func (c Checked) Valid() bool { return c.done }

// Answer is the answer that may be used from here on. A quarantined one has no entries, no words of the source and no demographics.
func (c Checked) Answer() record.Answer { return c.answer }

// Warnings are sentences that stay in the banner and on every section the source feeds. They say which detail differs, never its values.
func (c Checked) Warnings() []string { return c.warnings }

// Notes are lesser findings of the same kind, for the details of the source.
func (c Checked) Notes() []string { return c.notes }

// Quarantined reports whether the whole answer was put aside, and which detail was the reason, in words ("NHS number").
func (c Checked) Quarantined() (field string, ok bool) { return c.quarantined, c.quarantined != "" }

// NumberUnverified reports that the source does not vouch for the NHS number: its entries are not grouped with other sources' (S09).
func (c Checked) NumberUnverified() bool { return c.unverified }

// finding is the verdict on one detail. The zero finding is agreement.
type finding struct {
	// fatal findings quarantine the answer; field names the detail and say is the sentence for it.
	fatal bool
	field string
	say   string
	// note is a finding for the details only.
	note bool
}

func fatal(field, say string) finding { return finding{fatal: true, field: field, say: say} }

// Check compares every person the answer speaks of with the traced one (section 26 of the section catalogue; GP Connect GEN-07; S08, S09, S10, S27).
// It is pure. An answer that brought nothing (refused, not reached) and says nothing of a person passes as it is; one that its adapter found
// to be about somebody else is quarantined like any other.
func Check(traced record.Person, answer record.Answer, kind SourceKind) Checked {
	c := Checked{answer: answer, done: true}
	if silent(answer) {
		return c
	}
	for _, f := range findings(traced, answer, kind) {
		switch {
		case f.fatal:
			return putAside(answer, f)
		case f.note:
			c.notes = add(c.notes, f.say)
		case f.say != "":
			c.warnings = add(c.warnings, f.say)
			c.unverified = c.unverified || f.say == numberUnverified
		}
	}
	return c
}

// silent reports an answer with nothing in it that could be about the wrong person.
func silent(a record.Answer) bool {
	if a.State == record.Data || a.State == record.Mismatch || len(a.Patients) > 0 || a.Foreign > 0 {
		return false
	}
	for s := range record.AllSections.All {
		if _, rows := a.Chart.Count(s); rows > 0 {
			return false
		}
	}
	return true
}

func findings(traced record.Person, answer record.Answer, kind SourceKind) []finding {
	list := make([]finding, 0, 16)
	if answer.Foreign > 0 {
		list = append(list, fatal("patient of an entry", "The patient of at least one entry in its answer is not this person."))
	}
	if len(answer.Patients) == 0 && answer.State != record.Mismatch {
		list = append(list, notIdentified)
	}
	for i := range answer.Patients {
		list = append(list, compare(traced, answer.Patients[i], kind)...)
	}
	if answer.State == record.Mismatch {
		list = append(list, fatal("identity", answer.Detail))
	}
	return list
}

// putAside empties the answer: nothing of it may be shown, even greyed (rule R8).
func putAside(answer record.Answer, why finding) Checked {
	set := answer
	set.State, set.Detail = record.Mismatch, why.say
	set.Patients, set.Warnings, set.Foreign = nil, nil, 0
	set.Chart = record.Chart{}
	set.Account.QuarantineAll()
	for i := range set.Coverage {
		if c := &set.Coverage[i]; c.State != record.NotAsked {
			*c = record.Coverage{State: record.Mismatch, Detail: why.say}
		}
	}
	return Checked{answer: set, quarantined: why.field, done: true}
}

func add(list []string, sentence string) []string {
	if slices.Contains(list, sentence) {
		return list
	}
	return append(list, sentence)
}
