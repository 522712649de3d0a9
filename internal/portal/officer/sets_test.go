package officer_test

import (
	"strings"
	"testing"

	"ribble/internal/audit"
	"ribble/internal/portal/officer"
	"ribble/internal/record"
	"ribble/internal/sensitive"
)

// trial is a version of the code sets on trial.
type trial struct{ asked *[]string }

func (trial) Tried() sensitive.Tried {
	return sensitive.Tried{Versions: []string{"abuse 2026-11"}, Answers: 812, Changes: []sensitive.Change{{Section: record.Problems, Topic: "abuse", Hidden: 7, Shown: 2}}}
}

func (t trial) Mentions(organisation string) []sensitive.Mentioned {
	*t.asked = append(*t.asked, organisation)
	return []sensitive.Mentioned{{Feed: "bth", Type: "DocumentReference", Topic: "abuse", Keys: []record.ItemKey{{Type: "DocumentReference", ID: "doc-71"}}}}
}

// TestCodeSetsOnTrial: the officer sees counts, and ids of the own organisation's entries alone; that they looked is written down.
func TestCodeSetsOnTrial(t *testing.T) {
	var asked []string
	r := newRoom(t, func(c *officer.Config) { c.Sets = trial{&asked} })
	says(t, "a version on trial", r.get(officer.SetsPath, auditing, "RZB"), "abuse 2026-11", "812", "Problems", "Would be hidden", "doc-71")
	if strings.Join(asked, " ") != "RZB" {
		t.Errorf("mentions were asked for %v", asked)
	}
	if last := r.last(); last.Act != audit.ActOfficerLooked || last.Reason != "code sets" {
		t.Errorf("the look was written down as %+v", last)
	}
}

// TestNoCodeSetsOnTrial: without a trial the page says so, and does not say that nothing would change.
func TestNoCodeSetsOnTrial(t *testing.T) {
	says(t, "no trial", newRoom(t, unchanged).get(officer.SetsPath, auditing, "RZB"), "Nothing is on trial.", "does not mean that there is none")
}
