package section_test

import (
	"strings"
	"testing"

	"ribble/internal/record"
	"ribble/internal/section"
)

// medicinesIn makes a source that is in the given state for medicines.
func medicinesIn(feed string, s record.State) record.Answer {
	return source(feed, func(a *record.Answer) {
		switch s {
		case record.Data:
			a.Chart.Medicines = []record.Medicine{{Head: record.Head{Key: record.ItemKey{Type: "MedicationRequest", ID: feed}, Phase: record.Current, RawStatus: "active"}, Product: record.Concept{Text: "Product of " + feed}}}
		case record.Mismatch, record.Unavailable, record.Refused, record.NotKnownHere:
			a.State, a.Patients = s, nil
		}
		a.Coverage[record.Medicines] = record.Coverage{State: s, Detail: "why"}
	})
}

// TestMedicinesOracle runs all 11³ combinations of three sources' states against the rules, written out again from their words: every medicine that a
// source sent is shown (R9), whatever is loud is in the title and names its source (R3), and no list is called finished or empty by a bare "none" (R2).
func TestMedicinesOracle(t *testing.T) {
	feeds := []string{"alder", "birch", "cedar"}
	for n := range 11 * 11 * 11 {
		states := []record.State{record.State(1 + n%11), record.State(1 + n/11%11), record.State(1 + n/121)}
		var answers []record.Answer
		anyLoud, loud := false, make([]bool, len(states))
		for i, s := range states {
			answers = append(answers, medicinesIn(feeds[i], s))
			switch s {
			case record.Refused, record.Incomplete, record.Unavailable, record.Mismatch, record.Uninterpretable:
				loud[i], anyLoud = true, true
			}
		}
		v := view(t, answers...)
		p := section.Panel(v, record.Medicines, 1)
		said := strings.ToLower(printed(t, p))
		for i, s := range states {
			if has := strings.Contains(said, "product of "+feeds[i]); has != (s == record.Data) {
				t.Fatalf("%v: the medicine of %s is shown: %v", states, feeds[i], has)
			}
			if loud[i] && !strings.Contains(said, feeds[i]) {
				t.Fatalf("%v: %s, which is %v, is not named", states, feeds[i], s)
			}
			if s == record.NoneRecorded && !strings.Contains(said, "not been confirmed with the person") {
				t.Fatalf("%v: nothing recorded is not said in the agreed words", states)
			}
		}
		if anyLoud != strings.Contains(p.News, "INCOMPLETE") {
			t.Fatalf("%v: the title says %q", states, p.News)
		}
		said = strings.ReplaceAll(said, "not been confirmed with the person that there are no medicines", "")
		if strings.Contains(said, "no medicines") || strings.Contains(said, ">none<") {
			t.Fatalf("%v: medicines are called none", states)
		}
	}
}
