package page

import (
	"github.com/a-h/templ"

	"ribble/web/layout"
	"ribble/web/ui"
)

var (
	someone = Subject{Name: edith.Name, Born: edith.Born, NHSNumber: edith.NHSNumber}
	ringing = []Contact{{Name: edith.GP, Phone: "01632 960210"}}
	back    = &ui.Action{Text: "Do not open", URL: "/find"}
)

func statementOf(words string, chosen int, reasons ...string) Statement {
	s := Statement{URL: "/record/claim", Fields: handle, Words: words}
	for i, r := range reasons {
		s.Reasons = append(s.Reasons, ui.Option{Value: r, Text: r, Chosen: i+1 == chosen})
	}
	return s
}

// accessPages are the pages on the way to a record that is not open, and those of officers and of the register of objections.
func accessPages(assets layout.URLs) map[string]templ.Component {
	in := func(title string) layout.Props { return props(assets, title, true) }
	claim := ClaimProps{Props: in("Say why you need this record"), Person: someone, Heading: "Say why you need this record",
		Why:  ui.NoteProps{Kind: ui.NoteCare, Icon: ui.IconInfo, Lead: "Nothing of this record is shown yet.", Text: "Ribble opens this record once you have said how you are caring for this person."},
		Told: "Your Privacy Officer, Helen MARSDEN, gets an alert when you state this.", Lasts: "Four weeks, to 16-Dec-2026. After that you are asked again.",
		Form: statementOf("", 0, "I am treating this person now", "I was asked for advice about this person", "Something else"),
		Back: back, Emergency: &ui.Action{Text: "Emergency access", URL: "/break-glass/sealed"}}
	claim.Form.WordsOptional = true
	glass := BreakGlassProps{Props: in("Error: Emergency access"), Person: someone, Told: "Your Privacy Officer, Helen MARSDEN, within 10 seconds.", Ring: ringing, Back: back,
		Form: statementOf("collapsed", 1, "The person is unconscious or cannot be asked", "There is an immediate threat to life", "Something else"), DutyError: "Confirm that you have a duty of care to this person now."}
	glass.Form.WordsError = "Say what is happening in your own words, at least 10 letters."
	glass.Problems = []ui.Problem{{Text: glass.Form.WordsError, Href: "#words"}, {Text: glass.DutyError, Href: "#duty"}}
	return map[string]templ.Component{
		"claim":      Claim(claim),
		"breakglass": BreakGlass(glass),
		"notopened": NotOpened(NotOpenedProps{Props: in("This record is not opened"), Person: someone, Why: "This person does not want staff of your organisation to see their record.",
			Todo: []string{"Ask the person."}, Ring: ringing, Emergency: &ui.Action{Text: "Emergency access", URL: "/break-glass/sealed"}, Back: &ui.Action{Text: "Find a person", URL: "/find"}}),
		"notopenedever": NotOpened(NotOpenedProps{Props: in("This record is not opened"), Person: someone, Why: "This person does not want staff of your organisation to see their record.",
			Todo: []string{"Ask the person."}, NoEmergency: "Your role has no emergency access."}),
		"glassshut": GlassShut(GlassShutProps{Props: in("Emergency access cannot be opened"), Person: someone, Why: "Emergency access is not possible: your organisation has named no Privacy Officer.",
			Todo: []string{"Ask the person, or somebody who is with them.", "Ring the person’s GP practice or hospital and ask for the record desk."}, Ring: ringing, Back: back}),
		"glassended": GlassEnded(MessageProps{Props: in("Emergency access has ended"), Heading: "Emergency access has ended", Text: []string{"The record is closed."}, Actions: []ui.Action{{Text: "Find a person", URL: "/find"}}}),
		"permission": Permission(PermissionProps{Props: in("Ask for permission to view"), Person: someone, Organisation: "Bowland Teaching Hospitals NHS Trust", URL: "/record/permission", Fields: handle, Back: back,
			Answers: []ui.Option{{Value: "yes", Text: "Yes", Hint: "You are not asked again for four weeks."}, {Value: "refused", Text: "No", Hint: "Nobody at your organisation opens it for 7 days."}}}),
		"findobjections": FindObjections(FindObjectionsProps{Props: in("Objections"), URL: "/objections/find"}),
		"objections":     Objections(objections(in("Objections of one person"))),
		"objectionsnone": Objections(ObjectionsProps{Props: in("Objections of one person"), Person: someone, Form: objections(in("")).Form}),
		"checkobjection": CheckObjection(CheckObjectionProps{Props: in("Is this what the person says?"), Heading: "Is this what the person says?", Person: someone, URL: "/objections", Fields: handle,
			Lead:   ui.NoteProps{Kind: ui.NoteHeld, Lead: "I object to staff of every organisation seeing the record.", Text: "This holds at once for new views, and closes records that are open within a minute."},
			Facts:  []ui.Pair{{Key: "Kinds of data", Value: "Everything"}, {Key: "From", Value: "now"}},
			Button: "Write it down", Back: ui.Action{Text: "Back, without writing anything down", URL: "/objections/sealed"}}),
	}
}

func objections(p layout.Props) ObjectionsProps {
	end := &ui.Action{Text: "End it", Hidden: "Objects", URL: "/objections/end", Post: true, Fields: handle}
	return ObjectionsProps{
		Props: p, Person: someone, Done: &ui.NoteProps{Kind: ui.NoteNil, Icon: ui.IconData, Lead: "Written down.", Text: "It holds for every view that begins now.", Alert: true},
		Conflicts: []ui.NoteProps{{Kind: ui.NoteConflict, Lead: "Two entries contradict each other. The objection holds.", Text: "Ask the person which one is meant, and end the other."}},
		Entries: []Objection{
			{Stance: "Objects", What: "staff of Bowland Teaching Hospitals NHS Trust seeing the record", Kinds: "Everything", From: "18-Nov-2026", By: "Bowland Teaching Hospitals NHS Trust", InForce: true, End: end},
			{Stance: "Agrees", What: "showing here what every organisation holds", Kinds: "Documents and letters", From: "01-Dec-2026", Until: "01-Dec-2027", By: "Hodder Valley Medical Practice", End: end}},
		Form: ObjectionForm{
			URL: "/objections/check", Fields: handle, StanceError: "Choose whether the person objects or agrees.",
			Stances:       []ui.Option{{Value: "objects", Text: "I object"}, {Value: "agrees", Text: "I agree"}},
			Directions:    []ui.Option{{Value: "view", Text: "to staff of the organisation seeing my record here"}, {Value: "supply", Text: "to what the organisation holds about me being shown here"}},
			Organisations: []ui.Option{{Value: "every", Text: "Every organisation"}},
			Kinds:         []ui.Option{{Value: "all", Text: "Everything"}, {Value: "documents", Text: "Documents and letters"}}},
	}
}
