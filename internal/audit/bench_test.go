package audit

import (
	"context"
	"fmt"
	"testing"
	"time"

	"ribble/internal/identity"
	"ribble/internal/record"
)

// nowhere takes entries and forgets them.
type nowhere struct{}

func (nowhere) Append(context.Context, Entry) (Position, error) { return Position{1}, nil }

// region is what six sources say of the given sections, with so many entries in each.
func region(sections record.Sections, entries int) []record.Answer {
	answers := make([]record.Answer, 6)
	for i := range answers {
		a := &answers[i]
		a.Source, a.State = record.SourceRef{Feed: fmt.Sprintf("feed-%d", i), Organisation: record.Organisation{ODS: fmt.Sprintf("RX%03d", i)}}, record.Data
		for s := range sections.All {
			a.Coverage[s].State = record.Data
		}
		a.Chart.Results, a.Chart.Medicines = make([]record.Report, entries), make([]record.Medicine, entries)
		for k := range entries {
			key := record.ItemKey{Type: "Observation", ID: fmt.Sprintf("0b5d1f0e-4b1c-4f6e-9a54-%012d", k)}
			a.Chart.Results[k].Key, a.Chart.Medicines[k].Key = key, key
		}
	}
	return answers
}

// BenchmarkTrail measures what events cost before a database sees them: a note, a disclosure of half a page by six sources, and the end of a look.
func BenchmarkTrail(b *testing.B) {
	trail := NewTrail(nowhere{}, GenerateKeys(), func() time.Time { return now })
	r := begin(b, trail)
	ctx := WithDevice(b.Context(), Device{Address: "10.20.30.40", Agent: "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36"})
	half := record.SectionsOf(record.Results, record.Medicines, record.Allergies, record.Problems, record.Alerts, record.Plans, record.Encounters, record.Documents)
	answers := region(half, 60)
	note := Note{Act: ActTraced, User: identity.User{Issuer: "https://cis2.example", Subject: "555", Name: "Okafor, Ngozi", Session: "s"}, NHSNumber: testNumber(b)}
	for name, do := range map[string]func() error{
		"note": func() error { return trail.Note(ctx, note) },
		"disclose": func() error {
			d := Disclosure{Sections: half}
			for i := range answers {
				d.Sources = append(d.Sources, Summarise(&answers[i], half))
			}
			_, err := trail.Disclose(ctx, r, d)
			return err
		},
		"finish": func() error {
			o := Outcome{Ended: Complete}
			for i := range answers {
				o.Sources = append(o.Sources, SummariseWhole(&answers[i], record.AllSections))
			}
			return trail.Finish(ctx, r, o)
		},
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if err := do(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
