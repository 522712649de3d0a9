package sensitive_test

import (
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"ribble/internal/record"
	"ribble/internal/sensitive"
	"ribble/internal/sensitive/codeset"
)

func TestDryRun(t *testing.T) {
	s := sets(t, "")
	chart := record.Chart{
		Problems: []record.Problem{
			problem("std", snomed(secret)), problem("complaint", record.Concept{Codings: []record.Coding{{System: localCodes, Code: "C1"}}}), problem("open", snomed(harmless)),
		},
		Encounters: []record.Encounter{{Head: head("Encounter", "1"), Diagnoses: []record.EncounterDiagnosis{{Ref: record.Ref{Key: record.ItemKey{Type: "Condition", ID: "complaint"}}}}}},
	}
	a := answer(chart)
	now := sensitive.Trial{Sets: s, Of: s.InForce(october)}
	d := sensitive.NewDryRun(now, sensitive.Trial{Sets: s, Of: s.Trying(october, 2)})
	d.Add(checked(a))
	want := []sensitive.Change{{Section: record.Problems, Topic: "complaints 1", Hidden: 1}, {Section: record.Encounters, Topic: "refers-to-withheld", Hidden: 1}}
	if diff := cmp.Diff(want, d.Changes()); diff != "" || d.Answers() != 1 {
		t.Error(diff)
	}
	back := sensitive.NewDryRun(now, sensitive.Trial{Sets: s})
	back.Add(checked(a))
	if diff := cmp.Diff([]sensitive.Change{{Section: record.Problems, Topic: "sexual-health 1", Shown: 1}}, back.Changes()); diff != "" {
		t.Error(diff)
	}
	if len(a.Chart.Problems) != 3 || a.Chart.Problems[2].Key.ID != "open" || len(a.Chart.Encounters[0].Diagnoses) != 1 {
		t.Error("the dry run changed the answer")
	}
}

func TestMentions(t *testing.T) {
	s := sets(t, "")
	words, err := codeset.LoadWords(fstest.MapFS{"w": {Data: []byte("topic,words\nsexual-health,chlamydia\nabuse,domestic abuse\n")}}, "w")
	if err != nil {
		t.Fatal(err)
	}
	note := func(id, text string) record.Problem {
		p := problem(id, snomed(harmless))
		p.Notes = []string{text}
		return p
	}
	letter := record.Document{Head: head("DocumentReference", "1"), Attachments: []record.Attachment{{ContentType: "text/plain; charset=utf-8", Inline: []byte("Domestic\nabuse, and CHLAMYDIA.")}}}
	coded := problem("coded", snomed(secret))
	coded.Notes = []string{"chlamydia"}
	a := answer(record.Chart{Problems: []record.Problem{note("1", "? Chlamydia."), note("2", "chlamydial; domestic trouble, abuse of trust"), coded}, Documents: []record.Document{letter}})
	got := sensitive.Mentions(sensitive.Trial{Sets: s, Of: s.InForce(october)}, words, checked(a))
	want := []sensitive.Mention{
		{Feed: "f", Organisation: "RZB", Section: record.Problems, Key: record.ItemKey{Type: "Condition", ID: "1"}, Topics: []string{"sexual-health"}},
		{Feed: "f", Organisation: "RZB", Section: record.Documents, Key: record.ItemKey{Type: "DocumentReference", ID: "1"}, Topics: []string{"abuse", "sexual-health"}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// A document that was listed is opened only while the same sets are closed to the user.
func TestMayOpen(t *testing.T) {
	chart := func() record.Chart {
		a := []record.Attachment{{URL: "Binary/1"}}
		return record.Chart{
			Documents: []record.Document{{Head: head("DocumentReference", "1"), Attachments: a}, {Head: head("DocumentReference", "2"), Type: snomed(secret), Attachments: a}},
			Plans:     []record.Plan{{Head: head("CarePlan", "1"), Attachment: &record.Attachment{URL: "Binary/2"}}},
			Legal:     []record.LegalStatus{{Head: head("Consent", "1"), Attachment: &record.Attachment{URL: "Binary/3"}}},
			Results:   []record.Report{{Head: head("DiagnosticReport", "1"), Rare: &record.ReportRare{Forms: []record.Attachment{{URL: "Binary/4"}}}}},
		}
	}
	p, other := policy(t), policy(t, `,"hide_unclassifiable":"B1611"`)
	g := grant(t, detailed)
	c := p.Clear(g, checked(answer(chart())))
	if len(c.Answer().Chart.Documents) != 1 {
		t.Fatal("a document of a sensitive type is listed")
	}
	shown := []record.Attachment{c.Answer().Chart.Documents[0].Attachments[0], *c.Answer().Chart.Plans[0].Attachment, *c.Answer().Chart.Legal[0].Attachment, c.Answer().Chart.Results[0].Rare.Forms[0]}
	for _, a := range shown {
		if !p.MayOpen(g, a) || !other.MayOpen(g, a) {
			t.Error("what was listed cannot be opened under the same sets")
		}
		if new(sensitive.Policy).MayOpen(g, a) || p.MayOpen(grant(t, detailed, sensitiveFlagged), a) {
			t.Error("it can be opened after the sets, or what of them is closed, have changed")
		}
		a.Cleared = ""
		if p.MayOpen(g, a) {
			t.Error("what was never cleared can be opened")
		}
	}
	open := new(sensitive.Policy).Clear(g, checked(answer(chart()))).Answer().Chart.Documents[1].Attachments[0]
	if p.MayOpen(g, open) || !new(sensitive.Policy).MayOpen(g, open) {
		t.Error("a document that was listed before a set came into force can still be opened")
	}
}
