package sensitive_test

import (
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"ribble/internal/record"
	"ribble/internal/sensitive"
	"ribble/internal/sensitive/codeset"
)

// TestTally: a version that is loaded and off is tried out over the answers that pass; what is shown stays as it was. Another candidate begins anew.
func TestTally(t *testing.T) {
	complaint := problem("complaint", record.Concept{Codings: []record.Coding{{System: localCodes, Code: "C1"}}})
	complaint.Notes = []string{"? chlamydia"}
	give := func() record.Answer {
		return answer(record.Chart{Problems: []record.Problem{complaint, problem("std", snomed(secret))}})
	}
	tally := sensitive.NewTally(codeset.Words{"sexual-health": {"Chlamydia"}}, func() time.Time { return october })
	if got := tally.Tried(); !got.Since.IsZero() || got.Answers != 0 {
		t.Errorf("before the first answer: %+v", got)
	}
	p := policy(t).Trying(tally)
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			if c := p.Clear(grant(t, detailed), checked(give())); len(c.Answer().Chart.Problems) != 1 {
				t.Error("a tally changes what is shown")
			}
		})
	}
	all.Wait()
	got := tally.Tried()
	if want := []sensitive.Change{{Section: record.Problems, Topic: "complaints 1", Hidden: 8}}; got.Answers != 8 || !got.Since.Equal(october) || !cmp.Equal(want, got.Changes) {
		t.Errorf("%+v", got)
	}
	mentions := []sensitive.Mentioned{{Feed: "f", Type: "Condition", Topic: "sexual-health", Keys: []record.ItemKey{{Type: "Condition", ID: "complaint"}}}}
	if diff := cmp.Diff(mentions, tally.Mentions("RZB")); diff != "" || len(tally.Mentions("RZC")) != 0 {
		t.Error(diff)
	}
	tally.Try(new(codeset.Sets))
	p.Clear(grant(t, detailed), checked(give()))
	if want := []sensitive.Change{{Section: record.Problems, Topic: "sexual-health 1", Shown: 1}}; !cmp.Equal(want, tally.Tried().Changes) || tally.Tried().Answers != 1 {
		t.Errorf("after another candidate: %+v", tally.Tried())
	}
}
