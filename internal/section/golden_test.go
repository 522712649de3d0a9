package section_test

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ribble/internal/record"
	"ribble/internal/section"
)

var update = flag.Bool("update", false, "write the golden files anew")

// TestGolden prints every section of one view: a source with entries, one that agrees, one with nothing, one that does not know the person
// and one that did not answer.
func TestGolden(t *testing.T) {
	v := view(t, full("a"), full("b"),
		everywhere("c", record.NoneRecorded, ""), everywhere("d", record.NotKnownHere, ""), everywhere("e", record.Unavailable, "It did not answer in time."))
	for s := range record.AllSections.All {
		var b strings.Builder
		if err := section.Panel(v, s, 1).HTML().Render(t.Context(), &b); err != nil {
			t.Fatal(err)
		}
		golden(t, s.ID(), strings.ReplaceAll(b.String(), "><", ">\n<")+"\n")
	}
}

// TestGoldenSummaries prints the parts over all sections.
func TestGoldenSummaries(t *testing.T) {
	v := view(t, full("a"), full("b"), everywhere("e", record.Unavailable, "It did not answer in time."))
	var b strings.Builder
	for _, err := range []error{
		section.Flags(v, record.Person{}).HTML().Render(t.Context(), &b), section.Strip(v, 1).HTML().Render(t.Context(), &b), section.Snapshot(v, 1).HTML().Render(t.Context(), &b),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	golden(t, "summaries", strings.ReplaceAll(b.String(), "><", ">\n<")+"\n")
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", name+".html")
	if *update {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s differs, run with -update if it should (-want +got):\n%s", name, diff)
	}
}

// everywhere makes a source that is in one state for every section.
func everywhere(feed string, s record.State, detail string) record.Answer {
	return source(feed, func(a *record.Answer) {
		if s == record.Unavailable || s == record.NotKnownHere {
			a.State, a.Patients = s, nil
		}
		for i := range a.Coverage {
			a.Coverage[i] = record.Coverage{State: s, Detail: detail}
		}
	})
}

// full makes a source with an entry in the sections that have a shape of their own.
func full(feed string) record.Answer {
	head := func(kind string, phase record.Phase, date string) record.Head {
		return record.Head{Key: record.ItemKey{Type: kind, ID: feed}, Phase: phase, RawStatus: phase.String(), When: record.On(record.ParseDate(date))}
	}
	named := func(code, name string) record.Concept {
		return record.Concept{Codings: []record.Coding{{System: record.SNOMED, Code: code, Display: name}}}
	}
	return source(feed, func(a *record.Answer) {
		for _, s := range []record.Section{record.Allergies, record.Medicines, record.Problems, record.Plans, record.Results, record.Encounters} {
			a.Coverage[s] = record.Coverage{State: record.Data}
		}
		a.Chart.Allergies = []record.Allergy{allergyTo("91936005", "Penicillin")}
		a.Chart.Medicines = []record.Medicine{{
			Head: head("MedicationStatement", record.Current, "2026-01-02"), Product: named("318434000", "Bisoprolol 2.5 mg tablets"), Dose: "ONE each morning",
			Course: record.Repeat, Quantity: "28 tablet", LastIssued: record.ParseDate(map[string]string{"a": "2026-11-02"}[feed]),
		}}
		a.Chart.Problems = []record.Problem{{Head: head("Condition", record.Current, ""), Problem: named("49436004", "Atrial fibrillation"), Onset: record.ParseDate("2017"), Significance: "major"}}
		a.Chart.Plans = []record.Plan{{Head: head("CarePlan", record.Current, "2026-08-21"), Type: named("1382601000000107", "ReSPECT form"), Custodian: "A Trust"}}
		one := record.Result{Key: record.ItemKey{Type: "Observation", ID: feed}, When: record.On(record.ParseDate("2026-11-12")), Status: "final", Test: named("1000731000000107", "Serum creatinine level"), Value: record.Value{Quantity: record.Quantity{Value: "131", Unit: "umol/L"}}, Flag: "High"}
		a.Chart.Results = []record.Report{
			{Head: head("DiagnosticReport", record.Current, "2026-11-12"), Name: named("1", "Urea and electrolytes"), Issued: record.ParseDate("2026-11-12"), Items: []record.Result{one}},
			{Head: head("DiagnosticReport2", record.Preliminary, "2026-11-13"), Name: named("2", "Full blood count"), Issued: record.ParseDate("2026-11-14"), Items: []record.Result{one, one}},
		}
		a.Chart.Encounters = []record.Encounter{{Head: head("Encounter", record.Ended, "2026-11-12T10:00:00Z"), Setting: record.Emergency, Reasons: []record.Concept{named("3", "Fall at home")}}}
	})
}
