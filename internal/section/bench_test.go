package section_test

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"testing"

	"github.com/a-h/templ"

	"ribble/internal/record"
	"ribble/internal/section"
	"ribble/web/ui"
)

// BenchmarkPage builds and prints the last part of a page, all its sections and summaries, for a record as large as the reference patient of
// docs/performance.md at six sources.
func BenchmarkPage(b *testing.B) {
	v := large(b)
	again := ui.Action{Text: "Ask all sources again"}
	var page bytes.Buffer
	b.ReportAllocs()
	for b.Loop() {
		page.Reset()
		whole(b, &page, v, again)
	}
	b.ReportMetric(float64(page.Len()), "page-B")
}

// whole prints what the record page prints when no source is awaited any more.
func whole(t testing.TB, page *bytes.Buffer, v *section.View, again ui.Action) {
	parts := make([]templ.Component, 0, record.NumSections+5)
	for s := range record.AllSections.All {
		own := *v
		parts = append(parts, section.Panel(&own, s, 1).HTML())
	}
	parts = append(parts, section.Strip(v, 1).HTML(), section.Flags(v, record.Person{}).HTML(), section.Nav(v, record.AllSections, "direct care", again).HTML(), section.Snapshot(v, 1).HTML(), section.Timeline(v, 1).HTML())
	for _, part := range parts {
		if err := part.Render(context.Background(), page); err != nil {
			t.Fatal(err)
		}
	}
}

// large is a record of 673 entries from six sources that hold 44 to 6 % of them; a seed makes it the same each time.
func large(t testing.TB) *section.View {
	rng := rand.New(rand.NewPCG(6, 1))
	var answers [6]record.Answer
	for i := range answers {
		answers[i] = source(string(rune('a'+i)), func(a *record.Answer) {
			for s := range a.Coverage {
				a.Coverage[s] = record.Coverage{State: record.Data}
			}
		})
	}
	for n := range 673 {
		enter(rng, &answers[holder(rng)].Chart, n)
	}
	return view(t, answers[:]...)
}

// holder draws a source by how much it holds.
func holder(rng *rand.Rand) int {
	draw := rng.IntN(100)
	for i, share := range [...]int{44, 20, 13, 9, 8} {
		if draw -= share; draw < 0 {
			return i
		}
	}
	return 5
}

// enter puts the nth entry of the record into the chart.
func enter(rng *rand.Rand, c *record.Chart, n int) {
	when := fmt.Sprintf("20%02d-%02d-%02dT%02d:%02d:00Z", 10+rng.IntN(16), 1+rng.IntN(12), 1+rng.IntN(28), rng.IntN(24), rng.IntN(60))
	term := func(kind string, of int) record.Concept {
		i := rng.IntN(of)
		name := fmt.Sprintf("%s of the %dth kind", kind, i)
		return record.Concept{Text: name, Codings: []record.Coding{{System: record.SNOMED, Code: fmt.Sprint(1000 + i), Display: name}}}
	}
	h := record.Head{
		Key: record.ItemKey{Type: "T", ID: fmt.Sprint(n)}, Phase: record.Current, RawStatus: "active", When: record.On(record.ParseDate(when)), Recorded: record.ParseDate(when[:10]),
		Identifiers: []record.Identifier{{System: "https://source.invalid/id", Value: fmt.Sprint(n)}}, PerformedBy: []record.Actor{{Name: "Dr Anne Holt"}},
	}
	result := record.Result{
		Key: h.Key, Test: term("Estimation", 8), Value: record.Value{Quantity: record.Quantity{Value: fmt.Sprintf("%d.%d", 30+rng.IntN(110), rng.IntN(10)), Unit: "mmol/L"}}, Flag: "Normal", Status: "final",
		When: h.When, Comments: []string{"Taken at rest; sample satisfactory."}, Ranges: []record.ValueRange{{Low: record.Quantity{Value: "3.5", Unit: "mmol/L"}, High: record.Quantity{Value: "5.3", Unit: "mmol/L"}}},
	}
	switch {
	case n < 189:
		h.RawStatus = "final"
		c.Results = append(c.Results, record.Report{Head: h, Name: result.Test, Issued: h.When.Start, Items: []record.Result{result}})
	case n < 315:
		h.RawStatus = "final"
		c.Measurements = append(c.Measurements, record.Measurement{Head: h, Result: result})
	case n < 420:
		h.Facts = []record.Fact{{Label: "Route", Text: "Oral route"}}
		c.Medicines = append(c.Medicines, record.Medicine{Head: h, Product: term("Tablets", 10), Dose: "One tablet to be taken each morning", Quantity: "56 tablet", Supply: "28 day", LastIssued: h.Recorded, Reasons: []record.Concept{term("Disorder", 15)}})
	case n < 503:
		c.Encounters = append(c.Encounters, record.Encounter{Head: h, Setting: record.Outpatient, ClassWords: "ambulatory", Reasons: []record.Concept{term("Disorder", 15)}, Types: []record.Concept{term("Consultation", 1)}})
	case n < 575:
		c.Problems = append(c.Problems, record.Problem{Head: h, Problem: term("Disorder", 15), Onset: h.Recorded})
	case n < 600:
		c.Immunisations = append(c.Immunisations, record.Immunisation{Head: h, Vaccination: term("Vaccination", 4), Dose: "2"})
	case n < 620:
		c.Procedures = append(c.Procedures, record.Procedure{Head: h, Procedure: term("Operation", 5)})
	case n < 650:
		c.Documents = append(c.Documents, record.Document{Head: h, Type: term("Letter", 3), Title: "Outpatient letter", Created: h.When.Start})
	case n < 660:
		c.Allergies = append(c.Allergies, record.Allergy{Head: h, Agent: term("Allergy", 4), Categories: []string{"medication"}, Criticality: "high", Reactions: []record.Reaction{{Manifestations: []record.Concept{record.Words("Eruption of skin")}, Severity: "moderate"}}})
	default:
		c.Plans = append(c.Plans, record.Plan{Head: h, Type: term("Plan", 3), Title: "Diabetes care plan", Summary: "Agreed with the patient at the annual review."})
	}
}

// TestPageTwice: what one rendering keeps for itself changes nothing on the next.
func TestPageTwice(t *testing.T) {
	v := large(t)
	var first, second bytes.Buffer
	whole(t, &first, v, ui.Action{Text: "Again"})
	whole(t, &second, v, ui.Action{Text: "Again"})
	if !bytes.Equal(first.Bytes(), second.Bytes()) {
		t.Error("the same view printed twice is not the same")
	}
	if dump := os.Getenv("DUMP"); dump != "" { os.WriteFile(dump, first.Bytes(), 0o600) }
}
