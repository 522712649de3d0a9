package sensitive_test

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"

	"ribble/internal/quarantine"
	"ribble/internal/record"
	"ribble/internal/sensitive"
	"ribble/internal/sensitive/codeset"
)

// concept is a well-formed SNOMED CT identifier, found by trying check digits.
func concept(item int) string {
	body := strconv.Itoa(10_000_000+item) + "00"
	for check := range 10 {
		if id := body + strconv.Itoa(check); new(codeset.Sets).Judge(&record.Coding{System: record.SNOMED, Code: id}).Judged {
			return id
		}
	}
	panic("no check digit fits")
}

func large(b *testing.B) *sensitive.Policy {
	const n = 200_000
	var list strings.Builder
	list.WriteString("system,code,topic\n")
	for i := range n {
		fmt.Fprintf(&list, "snomed,%s,sexual-health\n", concept(i))
	}
	m := fmt.Sprintf(`{"sets":[{"topic":"sexual-health","title":"t","version":"1","in_force":"2026-10-01","opens":"B1611","on":true,"members":%d,"files":[{"name":"l","format":"list"}]}]}`, n)
	s, err := codeset.Load(fstest.MapFS{"m": {Data: []byte(m)}, "l": {Data: []byte(list.String())}}, "m")
	if err != nil {
		b.Fatal(err)
	}
	h := new(codeset.Holder)
	if err := h.Replace(s); err != nil {
		b.Fatal(err)
	}
	return sensitive.NewPolicy(h)
}

// thousand is a chart of 1,000 entries of the kinds that are most frequent, with two or three codes each.
func thousand() record.Chart {
	coded := func(i int) record.Concept {
		return record.Concept{Text: "words", Codings: []record.Coding{
			{System: "https://fhir.hl7.org.uk/Id/egton-codes", Code: "E" + strconv.Itoa(i)}, {System: record.ReadV2, Code: "C10.."}, {System: record.SNOMED, Code: concept(300_000 + i*13)},
		}}
	}
	var c record.Chart
	for i := range 200 {
		id := strconv.Itoa(i)
		c.Problems = append(c.Problems, record.Problem{Head: head("Condition", id), Problem: coded(i)})
		c.Medicines = append(c.Medicines, record.Medicine{Head: head("MedicationStatement", id), Product: coded(1000 + i)})
		c.Measurements = append(c.Measurements, record.Measurement{Head: head("Observation", id), Result: record.Result{Test: coded(2000 + i)}})
		c.Results = append(c.Results, record.Report{Head: head("DiagnosticReport", id), Name: coded(3000 + i), Items: []record.Result{{Test: coded(4000 + i)}, {Test: coded(5000 + i)}}})
		c.Encounters = append(c.Encounters, record.Encounter{Head: head("Encounter", id), Types: []record.Concept{coded(6000 + i)}, Reasons: []record.Concept{coded(7000 + i)}})
	}
	return c
}

func BenchmarkClear(b *testing.B) {
	for _, k := range []struct {
		name   string
		policy *sensitive.Policy
	}{{"200000codes", large(b)}, {"none", new(sensitive.Policy)}} {
		b.Run(k.name, func(b *testing.B) {
			g, in := grant(b, detailed), quarantine.Check(person(), answer(thousand()), quarantine.Other)
			b.ReportAllocs()
			for b.Loop() {
				// Nothing is withheld, so the chart stays as it was from one round to the next.
				if c := k.policy.Clear(g, in); len(c.Answer().Chart.Problems) != 200 {
					b.Fatal("an entry is withheld")
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/1000, "ns/entry")
		})
	}
}
