package admin

import (
	"strings"
	"time"

	"ribble/internal/directory"
	"ribble/internal/onboarding"
	"ribble/internal/record"
	"ribble/web/page"
	"ribble/web/ui"
)

// protocols are the protocols in words.
var protocols = map[directory.Protocol]string{directory.GPConnect: "GP Connect", directory.FHIRR4: "FHIR R4 UK Core", directory.SocialCare: "Social care"}

// kinds are the kinds of organisation in words, in the order of the form.
var kinds = []ui.Option{
	{Value: "acute", Text: "Acute hospital"}, {Value: "gp-practice", Text: "GP practice"}, {Value: "mental-health", Text: "Mental health"}, {Value: "community", Text: "Community services"},
	{Value: "council", Text: "Council"}, {Value: "hospice", Text: "Hospice"}, {Value: "care-home", Text: "Care home"}, {Value: "ambulance", Text: "Ambulance service"},
	{Value: "charity", Text: "Charity"}, {Value: "region", Text: "Neighbouring region"}, {Value: "store", Text: "Shared document store"},
}

func kindWords(code string) string {
	for _, k := range kinds {
		if k.Value == code {
			return k.Text
		}
	}
	return code
}

// rungs are the steps of the ladder in words.
var rungs = map[directory.Stage]string{
	directory.Off: "Off", directory.Test: "Test people", directory.Safety: "Clinical-safety testers", directory.Pilot: "Pilot group", directory.Live: "Live",
	directory.Suspended: "Suspended",
}

// stageOf is where a feed stands, with the month for which it is planned.
func stageOf(f *directory.Feed) string {
	if f.Planned != "" && f.Stage != directory.Live {
		return rungs[f.Stage] + ", planned for " + f.Planned
	}
	return rungs[f.Stage]
}

// lowered is a title within a sentence; an abbreviation at its beginning stays as it is.
func lowered(title string) string {
	if len(title) > 1 && title[1] >= 'A' && title[1] <= 'Z' {
		return title
	}
	return strings.ToLower(title[:1]) + title[1:]
}

// supplies are the sections of a set, in words; "all" and "none" where that is so.
func supplies(set record.Sections) string {
	switch set {
	case 0:
		return "none"
	case record.AllSections:
		return "all"
	}
	var titles []string
	for s := range set.All {
		titles = append(titles, lowered(s.Title()))
	}
	return strings.Join(titles, ", ")
}

// states are the states of a change as tags.
var states = map[onboarding.State]struct {
	words string
	kind  ui.TagKind
}{
	onboarding.Waiting: {"waiting", ui.TagWait}, onboarding.Approved: {"approved", ui.TagDone}, onboarding.Refused: {"refused", ui.TagCare},
	onboarding.Withdrawn: {"withdrawn", ui.TagSoft}, onboarding.Expired: {"ended by itself", ui.TagSoft},
}

func stateCell(s onboarding.State) page.Cell { return tagged(states[s].kind, states[s].words) }

// ending is a last day with how soon it is: a warning from 30 days, loud when it is past.
func ending(ends, now time.Time) page.Cell {
	last := day(ends.AddDate(0, 0, -1))
	switch left := ends.Sub(now); {
	case ends.IsZero():
		return words("none")
	case left <= 0:
		return tagged(ui.TagLoud, "ended "+last)
	case left <= 30*24*time.Hour:
		return tagged(ui.TagCare, last)
	}
	return whole(last)
}

func name(p onboarding.Person) string { return record.StaffName(p.Name).Usual() }
