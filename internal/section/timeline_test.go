package section_test

import (
	"strings"
	"testing"

	"ribble/internal/record"
	"ribble/internal/section"
	"ribble/web/panel"
)

// TestTimeline: newest first, over sources and sections; what has no date or is planned is no event, and what did not happen says so.
func TestTimeline(t *testing.T) {
	head := func(id, when string, phase record.Phase) record.Head {
		return record.Head{Key: record.ItemKey{Type: "T", ID: id}, Phase: phase, When: record.On(record.ParseDate(when))}
	}
	a := source("a", func(a *record.Answer) {
		a.Chart.Encounters = []record.Encounter{
			{Head: head("1", "2024-05-01T10:00:00Z", record.Current), Setting: record.Emergency, Reasons: []record.Concept{record.Words("Fall")}},
			{Head: head("2", "2027-05-01T10:00:00Z", record.Planned), Setting: record.Outpatient, Reasons: []record.Concept{record.Words("Planned visit")}},
			{Head: head("3", "", record.Current), Setting: record.Outpatient, Reasons: []record.Concept{record.Words("Undated visit")}},
		}
	})
	b := source("b", func(b *record.Answer) {
		b.Chart.Procedures = []record.Procedure{{Head: head("1", "2025-01-02", record.NotDone), Procedure: record.Words("Colonoscopy")}}
		b.Chart.Documents = []record.Document{{Head: head("2", "", record.Current), Title: "Discharge letter", Created: record.ParseDate("2023")}}
	})
	p := section.Timeline(view(t, a, b), 1)
	var got []string
	for _, block := range p.Blocks {
		for _, body := range block.(panel.Table).Bodies {
			got = append(got, body.Rows[0].Cells[0].Lines[0].Text+" "+body.Rows[0].Cells[2].Lines[0].Text)
		}
	}
	want := "02-Jan-2025 Not done: Colonoscopy|01-May-2024 10:00 UTC Emergency, Fall|2023 Discharge letter"
	if strings.Join(got, "|") != want {
		t.Errorf("timeline:\n%s\nwant\n%s", strings.Join(got, "|"), want)
	}
}
