package section_test

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"

	"github.com/a-h/templ"
	"github.com/google/go-cmp/cmp"

	"ribble/internal/record"
	"ribble/internal/section"
	"ribble/web/ui"
)

// BenchmarkPage builds and prints the last part of a page, all its sections and summaries, for a record as large as the reference patient of
// docs/performance.md at six sources.
func BenchmarkPage(b *testing.B) {
	v := large(b)
	var page bytes.Buffer
	b.ReportAllocs()
	for b.Loop() {
		page.Reset()
		shared := bare(v)
		whole(b, &page, func() *section.View { return shared })
		shared.Done()
	}
	b.ReportMetric(float64(page.Len()), "page-B")
}

// bare is the view anew, with nothing worked out yet.
func bare(v *section.View) *section.View {
	return &section.View{Now: v.Now, Own: v.Own, Answers: v.Answers}
}

// whole prints what the record page prints when no source is awaited any more, each part from the view that next gives.
func whole(t testing.TB, page *bytes.Buffer, next func() *section.View) {
	parts := make([]templ.Component, 0, record.NumSections+5)
	for s := range record.AllSections.All {
		parts = append(parts, section.Panel(next().For(nil, nil), s, 1).HTML())
	}
	parts = append(parts,
		section.Strip(next(), 1).HTML(), section.Flags(next(), record.Person{}).HTML(), section.Nav(next(), record.AllSections, "direct care", ui.Action{Text: "Ask again"}).HTML(),
		section.Snapshot(next(), 1).HTML(), section.Timeline(next(), 1).HTML())
	for _, part := range parts {
		if err := part.Render(context.Background(), page); err != nil {
			t.Error(err)
		}
	}
}

// TestSharedView: parts that share a view read as if each had one of its own, again and again, and a section with late sources keeps its own order.
func TestSharedView(t *testing.T) {
	v := large(t)
	shared := bare(v)
	var apart, first, second bytes.Buffer
	whole(t, &apart, func() *section.View { return bare(v) })
	whole(t, &first, func() *section.View { return shared })
	whole(t, &second, func() *section.View { return shared })
	if !bytes.Equal(apart.Bytes(), first.Bytes()) || !bytes.Equal(first.Bytes(), second.Bytes()) {
		t.Error("parts that share a view differ from parts that do not")
	}
	beside := bare(v)
	var group sync.WaitGroup
	for range 4 {
		other := beside.Beside()
		group.Go(func() {
			var page bytes.Buffer
			whole(t, &page, func() *section.View { return other })
			if !bytes.Equal(apart.Bytes(), page.Bytes()) {
				t.Error("parts built side by side differ from parts that are not")
			}
		})
	}
	group.Wait()
	late := map[string]int{"a": 1}
	for s := range record.AllSections.All {
		alone := bare(v)
		alone.Late = late
		if diff := cmp.Diff(section.Panel(alone, s, 2), section.Panel(shared.For(late, nil), s, 2)); diff != "" {
			t.Errorf("%s with a late source: %s", s.ID(), diff)
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
