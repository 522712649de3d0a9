package section

import (
	"strconv"

	"ribble/internal/merge"
	"ribble/internal/record"
)

// AllergySummary is what the banner and the snapshot may say about allergies as a whole.
type AllergySummary struct {
	// NoneKnown is true only as rule R1 allows: every source that should hold allergies is in state 2 or 3, at least one in 2 for all kinds,
	// none is awaited, and no source records an allergy.
	NoneKnown bool
	// Conflict and Incomplete are the worst news; Unsaid counts the sources that could not say what they hold.
	Conflict, Incomplete bool
	Unsaid               int
	Active               []merge.Group[record.Allergy]
	// Stated are the statements of absence that stand, each with its own scope; Past counts what ended, was ruled out or no longer stands.
	Stated []*record.Allergy
	Past   int
	// Asked is false when no source that holds allergies was asked: then nothing is known at all.
	Asked bool
}

// SummariseAllergies applies rule R1 over all sources.
func SummariseAllergies(v *View) AllergySummary {
	if len(v.Late) > 0 {
		return summariseAllergies(v)
	}
	return v.keep().allergies.get(func() AllergySummary { return summariseAllergies(v) })
}

func summariseAllergies(v *View) AllergySummary {
	all := entries(v, func(c *record.Chart) []record.Allergy { return c.Allergies })
	sum := AllergySummary{Conflict: len(allergyConflicts(all)) > 0}
	d := v.said(record.Allergies)
	stated, whole := false, len(d.waiting) == 0
	for _, a := range v.Answers {
		c := a.Answer().Coverage[record.Allergies]
		if !holds(c) {
			continue
		}
		switch c.State {
		case record.NilAsserted, record.NoneRecorded:
			whole = whole && len(c.Also) == 0
		case record.Data:
			whole = false
		case record.NotKnownHere, record.Refused, record.Withheld, record.Incomplete, record.Unavailable, record.NotAsked, record.Mismatch, record.Uninterpretable:
			whole, sum.Incomplete = false, true
			sum.Unsaid++
		}
	}
	sum.Incomplete = sum.Incomplete || len(d.waiting) > 0
	sum.Unsaid += len(d.waiting)
	for _, a := range all {
		switch {
		case a.Nil != "" && !past(a.Phase):
			stated = stated || a.Nil == AllKinds
			sum.Stated = append(sum.Stated, a)
		case !activeAllergy(a):
			sum.Past++
		}
	}
	sum.Asked = d.asked() > 0
	sum.Active = pick(allergyGroups(v), activeAllergy)
	sum.NoneKnown = whole && stated && len(sum.Active) == 0
	return sum
}

// gap says beside active allergies that the list is not whole.
func (s AllergySummary) gap() string {
	if !s.Incomplete {
		return ""
	}
	return " INCOMPLETE: " + strconv.Itoa(s.Unsaid) + plural(s.Unsaid, " source", " sources") + " could not say."
}

// nothing says what came when no active allergy did. What ended and what was stated for some kinds only is not nothing.
func (s AllergySummary) nothing() string {
	switch {
	case !s.Asked:
		return "no source that holds allergies was asked"
	case len(s.Stated) > 0:
		return "stated “" + s.Stated[0].Agent.Name() + "”, and nothing about any other kind"
	case s.Past > 0:
		return "none active, " + strconv.Itoa(s.Past) + " ended or ruled out"
	}
	return "nothing recorded"
}
