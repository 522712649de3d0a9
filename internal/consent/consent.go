// Package consent knows what a person has objected to: which organisation's data are not to be shown, and which organisation is not to see any.
package consent

import (
	"time"

	"ribble/internal/record"
)

// Direction is what an entry of the register is about.
type Direction uint8

// The directions.
const (
	_ Direction = iota
	// Supply: data that the organisation holds are shown to nobody here.
	Supply
	// View: staff of the organisation see nothing here.
	View
)

// Stance is what the person said.
type Stance uint8

// The stances. Of several in force at a time the stricter wins.
const (
	_ Stance = iota
	Agreed
	Objected
)

// Entry is one statement of the person as the register keeps it.
type Entry struct {
	// ID names the entry in the register and in the audit trail.
	ID string
	// Organisation is an ODS code; empty means every organisation.
	Organisation string
	// Sections are the kinds of data it is about.
	Sections  record.Sections
	Direction Direction
	Stance    Stance
	// From and Until bound the time in which it holds; a zero Until does not end.
	From, Until time.Time
	// Recorder is the ODS code of the organisation whose staff wrote it down, as the register gives it.
	Recorder string
}

func (e Entry) holds(d Direction, organisation string, at time.Time) bool {
	return e.Direction == d && (e.Organisation == "" || e.Organisation == organisation) && !at.Before(e.From) && (e.Until.IsZero() || at.Before(e.Until))
}

// Standing is everything that the register says of one person.
type Standing []Entry

// Withholds are the sections of which the organisation's data must not be shown.
func (s Standing) Withholds(organisation string, at time.Time) record.Sections {
	return s.objected(Supply, organisation, at)
}

// Bars are the sections that staff of the organisation must not see.
func (s Standing) Bars(organisation string, at time.Time) record.Sections {
	return s.objected(View, organisation, at)
}

// objected is the union of all objections in force: an agreement never weakens an objection, because the stricter wins.
func (s Standing) objected(d Direction, organisation string, at time.Time) record.Sections {
	var out record.Sections
	for _, e := range s {
		if e.Stance == Objected && e.holds(d, organisation, at) {
			out |= e.Sections
		}
	}
	return out
}

// nameLength is how much of an entry's random id tells it from the others of one person.
const nameLength = 8

// Withheld names the objections in force to the supply of data, whichever organisation holds them, by the beginning of their ids: short enough
// for the handle of a page.
func (s Standing) Withheld(at time.Time) []string {
	var names []string
	for _, e := range s {
		if e.Stance == Objected && e.holds(Supply, e.Organisation, at) {
			names = append(names, e.ID[:min(len(e.ID), nameLength)])
		}
	}
	return names
}

// Conflicts lists agreements in force that an objection in force overrules, each with that objection: an officer is shown both.
func (s Standing) Conflicts(at time.Time) [][2]Entry {
	var out [][2]Entry
	for _, yes := range s {
		for _, no := range s {
			if yes.Stance == Agreed && no.Stance == Objected && yes.Direction == no.Direction && yes.Sections&no.Sections != 0 &&
				(yes.Organisation == no.Organisation || yes.Organisation == "" || no.Organisation == "") &&
				yes.holds(yes.Direction, yes.Organisation, at) && no.holds(no.Direction, no.Organisation, at) {
				out = append(out, [2]Entry{yes, no})
			}
		}
	}
	return out
}
