// Package sample is one invented person's record as view models: what the tests of the front print and look at.
package sample

import (
	"ribble/web/panel"
	"ribble/web/ui"
)

// The organisations of the story.
var (
	GP      = ui.Badge{Code: "GP", Org: "Hodder Valley Medical Practice"}
	Bowland = ui.Badge{Code: "BTH", Org: "Bowland Teaching Hospitals NHS Trust", Own: true}
	Fell    = ui.Badge{Code: "FGH", Org: "Fellside General Hospitals NHS Trust"}
	Council = ui.Badge{Code: "WyC", Org: "Wyrefield Council"}
	Hospice = ui.Badge{Code: "SOH", Org: "St Oswin’s Hospice"}
	Store   = ui.Badge{Code: "BVS", Org: "Brock Vale Shared Document Store"}
)

const lookedAt = "18-Nov-2026 14:02"

// Banner is the person.
func Banner() panel.Banner {
	return panel.Banner{
		Name: "ASHWORTH, Edith Margaret (Mrs)", Born: "03-Mar-1942 (84y)", Gender: "Female",
		NHSNumber: "999 141 1690", NHSStatus: "traced, checked " + lookedAt,
		Address: "14 Beck Lane, Nether Wyrefield, XX7 4QT", Phone: "01632 960147",
		GP: "Hodder Valley Medical Practice, Dr S Whitlow, 01632 960210", Needs: "hearing loss, face her, speak to the left side",
	}
}

// Flags are the warnings under the name.
func Flags() panel.Flags {
	return panel.Flags{Flags: []panel.Flag{
		{Kind: ui.FlagLoud, Link: "Pendle View: NO ANSWER", Href: "#sources", Text: ", 6 sections"},
		{Kind: ui.FlagAllergy, Lead: "Allergies: penicillin, anaphylaxis.", Link: "Sources CONFLICT", Href: "#allergies"},
		{Kind: ui.FlagLoud, Icon: ui.IconPart, Text: "GP record INCOMPLETE: items awaiting filing"},
		{Kind: ui.FlagPlan, Link: "ReSPECT plan", Href: "#plans", Text: "21-Aug-2026"},
	}}
}

// Strip is the sources strip, the given printing of it.
func Strip(rendering int) panel.SourcesStrip {
	return panel.SourcesStrip{
		Rendering: rendering, Asked: "8 asked", Text: "at 14:02:09: 6 answered, 1 waiting, 1 no answer.", NotAsked: "1 not asked.",
		Notices: []panel.Notice{
			{Kind: ui.NoteLoud, Alert: true, Lead: "Pendle View Mental Health and Community NHS Trust did not answer within 8 seconds.",
				Text:   "Missing from this page: its allergies, medicines, problems, alerts and plans, encounters and appointments. Ring its record desk: 01632 960377",
				Action: askAgain("Pendle View")},
			{Kind: ui.NoteLoud, Icon: ui.IconPart, Lead: "Hodder Valley Medical Practice: INCOMPLETE.",
				Text: "Letters and results from other organisations are awaiting review at the practice and are not in its answer yet."},
		},
		Sources: []panel.Source{
			{Badge: GP, Text: "Answered in 0.9 s.", State: "INCOMPLETE", StateLast: true, Icon: ui.IconPart, Look: panel.SourceLoud},
			{Badge: Bowland, Text: "Your organisation. Answered in 1.1 s"},
			{Badge: Fell, Text: "Answered in 0.7 s"},
			{Badge: Council, Text: "Answered in 1.4 s"},
			{Badge: Store, Icon: ui.IconWait, State: "Waiting", Text: ", 3.1 s so far, stops at 8.0 s", Look: panel.SourceWaiting},
			{Badge: Hospice, Icon: ui.IconOff, State: "Not asked", Text: ": not yet live, planned for Feb-2027", Look: panel.SourceOff},
		},
	}
}

func askAgain(source string) *ui.Action {
	return &ui.Action{Text: "Ask again", Hidden: source, URL: "/record/again", Post: true, Fields: []ui.Field{{Name: "view", Value: "x"}}}
}

// Nav is the navigation.
func Nav() panel.Nav {
	return panel.Nav{
		Items: []panel.NavItem{
			{ID: "allergies", Title: "Allergies", Count: "conflict", Icons: []ui.Icon{ui.IconClash}, Look: panel.NavLoud},
			{ID: "medicines", Title: "Medicines", Count: "16", Icons: []ui.Icon{ui.IconGone}, Hidden: "incomplete", Look: panel.NavLoud},
			{ID: "plans", Title: "Plans", Count: "1"},
			{ID: "consultations", Title: "Consultations", Count: "1", Icons: []ui.Icon{ui.IconLock}, Hidden: "some withheld", Look: panel.NavHeld},
			{ID: "results", Title: "Results", Count: "3", Icons: []ui.Icon{ui.IconPart}, Hidden: "1 preliminary", Look: panel.NavLoud},
			{ID: "documents", Title: "Documents", Count: "waiting", Icons: []ui.Icon{ui.IconWait}, Look: panel.NavWait},
		},
		Retrieved: lookedAt, Purpose: "direct care",
		Actions: []ui.Action{{Text: "Ask all sources again", URL: "/record/again", Post: true}},
	}
}

// PrintHead is the printed identity.
func PrintHead() panel.PrintHead {
	return panel.PrintHead{Banner: Banner(), PrintedBy: "Dr P NAIR, Consultant geriatrician, Bowland Teaching Hospitals NHS Trust",
		Retrieved: lookedAt, Missing: "Pendle View (no answer), Brock Vale store (waiting), St Oswin’s (not yet live)"}
}

// Text makes a cell of one plain line.
func Text(text string) panel.Cell { return panel.Cell{Lines: []panel.Line{{Text: text}}} }

// From makes the provenance of one source.
func From(badge ui.Badge, name, by string) panel.SourceCell {
	return panel.SourceCell{Badges: []ui.Badge{badge}, Name: name, Own: badge.Own, By: by, RetrievedAt: "14:02:10"}
}
