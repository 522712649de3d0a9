package page

import (
	"testing"

	"github.com/a-h/templ"

	"ribble/web/internal/golden"
	"ribble/web/layout"
	"ribble/web/ui"
)

// adminPages are the pages of administrators.
func adminPages(assets layout.URLs) map[string]templ.Component {
	places := Places{{Text: "Sources"}, {Text: "Organisations", URL: "/admin/organisations"}, {Text: "Approvals (2)", URL: "/admin/approvals"}}
	loud, done := ui.TagLoud, ui.TagDone
	board := BoardProps{
		Props: props(assets, "Sources: North Vale", true), Places: places, Heading: "Sources: North Vale", Done: &ui.NoteProps{Kind: ui.NoteNil, Lead: "Approved."},
		Tiles: []AdminTile{{"12 feeds", "10 live", TilePlain}, {"1 source", "not answering", TileLoud}, {"2 certificates", "end within 30 days", TileCare}},
		Facts: []ui.Pair{{Key: "Protocol", Value: "FHIR R4 UK Core"}},
		Parts: []Part{{
			ID: "feeds", Heading: "2 feeds, worst first", Cover: "No patient data is on this page.", Foot: "To 18-Nov-2026 14:05.", Do: []ui.Action{{Text: "Add a feed", URL: "/admin/feeds/new"}},
			Table: Table{Head: []string{"Organisation and feed", "Health", "Answered"}, Rows: [][]Cell{
				{{Link: &ui.Action{Text: "Pendle View", URL: "/admin/feeds/pvt"}, Sub: "pvt"}, {Text: "NOT ANSWERING", Tag: &loud}, {Text: "61 of 102", Whole: true}},
				{{Link: &ui.Action{Text: "Bowland", URL: "/admin/feeds/bth"}, Sub: "bth"}, {Text: "answering", Tag: &done}, {Text: "312 of 312", Whole: true}},
			}},
		}, {ID: "empty", Heading: "Nothing", Notes: []ui.NoteProps{{Kind: ui.NoteNone, Lead: "Nothing waits."}}, Facts: []ui.Pair{{Key: "Asked for by", Value: "Sofia QUIST"}}}},
	}
	reason := &ReasonForm{URL: "/x", ID: "refuse", Label: "Or refuse, with a reason", Button: "Refuse", Variant: "secondary", Error: "Give a reason"}
	feed := FeedProps{
		BoardProps: board, Stage: "Go-live: stage 2 of 3, test people", Ladder: []Rung{{"Off", "", true, false}, {"Test people", "2 test people", false, true}, {"Live", "", false, false}},
		Left: board.Parts[:1], Right: board.Parts[1:], Move: &MoveForm{URL: "/step", To: []ui.Option{{Value: "live", Text: "Live", Hint: "The gate must be open."}}, Error: "Give a reason"},
		Suspend: reason, Check: &ReasonForm{URL: "/check", ID: "check", Label: "Connection check", Plain: true, Hint: "It may take a minute.", Button: "Run again"},
	}
	change := ChangeProps{BoardProps: board, Problems: []ui.Problem{{Text: "The gate is closed.", Href: "#decide"}}, Approve: &ReasonForm{URL: "/approve", ID: "approve", Label: "Approve", Plain: true, Button: "Approve"}, Refuse: reason}
	form := EntryFormProps{
		Props: props(assets, "Add a feed", true), Places: places, Heading: "Add a feed", Lead: ui.NoteProps{Lead: "Nothing changes yet."}, URL: "/admin/feeds/new", Back: ui.Action{Text: "Go back", URL: "/admin"},
		Problems: []ui.Problem{{Text: "Address: must begin with https://", Href: "#endpoint"}}, Reason: ui.InputProps{Name: "reason", Label: "Why"},
		Groups: []ControlGroup{{"Connection", []Control{
			{Input: &ui.InputProps{Name: "endpoint", Label: "Address", Error: "Address: must begin with https://"}}, {Text: &ui.InputProps{Name: "allow_cidr", Label: "Networks"}},
			{Select: &ui.ChoiceProps{Name: "protocol", Label: "Protocol", Options: []ui.Option{{Value: "fhirr4", Text: "FHIR R4"}}}},
			{Checks: &ui.ChoiceProps{Name: "sections", Label: "Supplies", Options: []ui.Option{{Value: "allergies", Text: "Allergies", Chosen: true}}}},
		}}},
	}
	text := ui.InputProps{Name: "text", Label: "Organisations"}
	return map[string]templ.Component{
		"adminboard": Board(board), "adminfeed": Feed(feed), "adminchange": Change(change), "adminform": EntryForm(form),
		"adminimport": Import(ImportProps{Props: props(assets, "Import", true), Places: places, URL: "/admin/import", Text: text, Reason: ui.InputProps{Name: "reason", Label: "Why"}, Preview: &board.Parts[0], Ready: true}),
	}
}

func TestAdminPages(t *testing.T) {
	for name, c := range adminPages(plainURLs{}) {
		t.Run(name, func(t *testing.T) { golden.Check(t, name, c) })
	}
}
