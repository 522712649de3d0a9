package sample

import (
	"ribble/web/panel"
	"ribble/web/ui"
)

// Panels are sections that between them hold every kind of block and of notice.
func Panels() []panel.Panel {
	return []panel.Panel{Allergies(), Medicines(), plans(), consultations(), results(), Documents()}
}

var noAnswer = panel.Coverage{Kind: ui.CoverGap, Text: "3 of 4 sources that hold allergies answered: Hodder Valley, Bowland, Fellside. No answer: Pendle View"}

// Allergies has a conflict, a gap, a grouped row and a second list.
func Allergies() panel.Panel {
	columns := []panel.Column{{Label: "Substance", Width: 24}, {Label: "Reaction and severity", Width: 28}, {Label: "Recorded", Width: 18}, {Label: "Status", Width: 10}}
	return panel.Panel{
		ID: "allergies", Rendering: 1, Title: "Allergies", News: "CONFLICT and INCOMPLETE", Coverage: noAnswer,
		Notices: []panel.Notice{
			{Kind: ui.NoteConflict, Lead: "Sources disagree.", Text: "Fellside General Hospitals says No known allergies (recorded 02-Sep-2026, triage nurse, retrieved 14:02:09). Hodder Valley and Bowland list allergies, shown below."},
			{Kind: ui.NoteLoud, Lead: "Pendle View: no answer.", Text: "Its allergies are missing from this list. Ring its record desk: 01632 960377.", Action: askAgain("Pendle View")},
			{Kind: ui.NoteNil, Lead: "No known allergies", Text: ", stated by Fellside General Hospitals on 02-Sep-2026 (triage nurse). Retrieved 14:02:09."},
			{Kind: ui.NoteMismatch, Lead: "Lune Hospitals answered about someone else.", Text: "The birth date in its answer is not this person’s. None of that answer is shown."},
		},
		Blocks: []panel.Block{
			panel.Table{Label: "Active allergies", Columns: columns, Bodies: []panel.Body{
				{Rows: []panel.Row{{Cells: []panel.Cell{Text("Penicillin"), Text("Anaphylaxis. Severity: severe"), Text("17-Jun-1998, onset Jun-1998"), Text("Active")}, Source: From(GP, "Hodder Valley", "Dr M Hale")}}},
				{Rows: []panel.Row{{Cells: []panel.Cell{Text("Trimethoprim"), Text("Rash. Severity: mild"), Text("21-Feb-2019"), Text("Active")},
					Source: panel.SourceCell{Badges: []ui.Badge{GP, Bowland}, Name: "2 sources"}}},
					More: &panel.More{Summary: "Hodder Valley and Bowland, same entry: show each source’s own row", Open: true, Rows: []panel.OwnRow{
						{Badge: GP, Cells: []string{"“Trimethoprim allergy”, rash, mild", "recorded 22-Feb-2019 by Dr S Whitlow"}, RetrievedAt: "14:02:10"},
						{Badge: Bowland, Cells: []string{"“Trimethoprim”, maculopapular rash, mild", ""}, RetrievedAt: "14:02:10"},
					}}},
				{Rows: []panel.Row{{New: true, Cells: []panel.Cell{
					{Lines: []panel.Line{{Text: "Elastoplast – skin comes off", Kind: panel.Quote}, {Text: "not coded", Kind: panel.TagSoft}}},
					{}, Text("12-Nov-2026")}, Source: From(Bowland, "Bowland", "Sister K Doyle")}}},
			}},
			panel.Heading{Text: "Resolved allergies", Note: "1, ended by the source; not active"},
			panel.Table{Label: "Resolved allergies", Columns: columns, Bodies: []panel.Body{
				{Rows: []panel.Row{{Cells: []panel.Cell{Text("Aspirin"), Text("Indigestion"), Text("1996"), Text("Ended 14-May-2011, “not an allergy”")}, Source: From(GP, "Hodder Valley", "Dr M Hale")}}},
			}},
		},
		Foot: []string{"Received 6 = shown 5 + grouped 1.", "Fellside supplies allergies from its A&E system only."},
	}
}

// Medicines has rows that differ.
func Medicines() panel.Panel {
	columns := []panel.Column{{Label: "Medicine", Width: 24}, {Label: "Dose and instruction", Width: 28}, {Label: "Last issued", Width: 18}, {Label: "Status", Width: 10}}
	row := func(name, dose, date, status string, source panel.SourceCell) panel.Row {
		return panel.Row{Cells: []panel.Cell{{Lines: []panel.Line{{Text: name, Kind: panel.Strong}}}, Text(dose), Text(date), Text(status)}, Source: source}
	}
	return panel.Panel{
		ID: "medicines", Rendering: 1, Title: "Medicines",
		Coverage: panel.Coverage{Kind: ui.CoverFull, Text: "2 of 2 sources that hold medicines answered: Hodder Valley, Bowland"},
		Blocks: []panel.Block{
			panel.Standing{Lead: "GP list: not everything the patient takes.", Text: "Each status is the source’s own."},
			panel.Heading{Text: "Repeat", Note: "2 medicines, 1 of them differs between sources"},
			panel.Table{Label: "Repeat medicines", Columns: columns, Bodies: []panel.Body{
				{Differs: "Bisoprolol: the dose differs between sources.", Rows: []panel.Row{
					row("Bisoprolol 2.5 mg tablets", "ONE each morning", "02-Nov-2026", "Repeat, active", From(GP, "Hodder Valley", "Dr S Whitlow")),
					row("Bisoprolol 1.25 mg tablets", "ONE each morning. “Reduced: pulse 48”", "12-Nov-2026", "Changed", From(Bowland, "Bowland", "Dr T Rigby")),
				}},
				{Rows: []panel.Row{row("Levothyroxine 50 microgram tablets", "ONE each morning\nat least 30 minutes before food", "02-Nov-2026", "Repeat, active", From(GP, "Hodder Valley", "Dr S Whitlow"))}},
			}},
		},
		Foot: []string{"Received 3 = shown 3."},
	}
}

func plans() panel.Panel {
	return panel.Panel{
		ID: "plans", Rendering: 1, Title: "Plans", Coverage: panel.Coverage{Kind: ui.CoverHeld, Text: "1 of 1 source that holds plans answered"},
		Notices: []panel.Notice{
			{Kind: ui.NoteCare, Lead: "Fellside General Hospitals: not known here.", Text: "It answered that it has no record it can share for this NHS number. This does not mean that the person was never seen there."},
			{Kind: ui.NoteNone, Lead: "Safeguarding: nothing recorded.", Text: "Wyrefield Council was asked and answered; it has no entry."},
			{Kind: ui.NoteOff, Lead: "St Oswin’s Hospice: not asked.", Text: "Not yet live, planned for Feb-2027."},
		},
		Blocks: []panel.Block{panel.Cards{Cards: []panel.Card{{
			Loud:  true,
			Title: []panel.Line{{Text: "ReSPECT plan", Kind: panel.Strong}, {Text: "not for attempted CPR", Kind: panel.TagRed}},
			Facts: []panel.Fact{
				{Label: "Priority", Lines: []panel.Line{{Text: "Comfort at home"}, {Text: "Discussed with her daughter", Kind: panel.Sub}}},
				{Label: "Review due"},
				{Label: "Document", Lines: []panel.Line{{Text: "Open the plan", Href: "/document/x"}}},
			},
			Source: From(GP, "Hodder Valley", "Dr S Whitlow"),
		}}}},
	}
}

func consultations() panel.Panel {
	return panel.Panel{
		ID: "consultations", Rendering: 1, Title: "Consultations", Coverage: panel.Coverage{Text: "1 of 1 source that holds consultations answered: Hodder Valley"},
		Notices: []panel.Notice{{Kind: ui.NoteHeld, Lead: "Some items in this section are withheld.", Text: "Hodder Valley Medical Practice holds items that it does not share here. What they are is not said."}},
		Blocks: []panel.Block{panel.Prose{
			Title: []panel.Line{{Text: "16-Nov-2026 11:25, telephone consultation, Dr L Patel", Kind: panel.Strong}},
			Topics: []panel.Topic{{Title: "Dizziness", Problems: []string{"Postural hypotension"}, Headings: []panel.ProseHeading{
				{Title: "History", Items: []panel.Item{{Lines: []panel.Line{{Text: "Dizzy on standing since discharge."}}}}},
				{Title: "Examination", Items: []panel.Item{{Lines: []panel.Line{{Text: "Blood pressure 120/80 mmHg"}, {Text: "by carer", Kind: panel.Quote}}}, {Level: 1, Lines: []panel.Line{{Text: "Pulse 48 bpm"}}}}},
			}}},
			Source: From(GP, "Hodder Valley", "Dr L Patel"),
		}},
	}
}

func results() panel.Panel {
	columns := []panel.Column{{Label: "Test", Width: 20}, {Label: "Value and unit", Width: 18}, {Label: "Range given", Width: 12}, {Label: "Source’s flag", Width: 12}, {Label: "Taken", Width: 16}}
	return panel.Panel{
		ID: "results", Rendering: 1, Title: "Results", Coverage: panel.Coverage{Kind: ui.CoverGap, Text: "3 of 3 sources that hold results answered. 1 report is PRELIMINARY"},
		Notices: []panel.Notice{{Kind: ui.NoteLoud, Icon: ui.IconPart, Lead: "INCOMPLETE: 1 report is preliminary.", Text: "Blood culture, Bowland, 12-Nov-2026. It may change."}},
		Blocks: []panel.Block{
			panel.Table{Columns: columns, Bodies: []panel.Body{{Rows: []panel.Row{
				{Cells: []panel.Cell{{Lines: []panel.Line{{Text: "Blood culture", Kind: panel.Strong}, {Text: "PRELIMINARY", Kind: panel.TagLoud}}}, {Lines: []panel.Line{{Text: "No growth at 48 hours", Kind: panel.Quote}}}}, Source: From(Bowland, "Bowland", "")},
				{Level: 1, Cells: []panel.Cell{Text("CRP"), {Lines: []panel.Line{{Text: "< 5 mg/L", Kind: panel.Strong}}}, Text("0 to 5"), {Lines: []panel.Line{{Text: "none sent", Kind: panel.Sub}}}, Text("12-Nov-2026 11:40")}, Source: From(Bowland, "Bowland", "")},
				{Level: 1, Cells: []panel.Cell{Text("Creatinine"), {Lines: []panel.Line{{Text: "131 umol/L", Kind: panel.Strong}}}, Text("45 to 84"), {Lines: []panel.Line{{Text: "H (high)", Kind: panel.TagRed}}}, Text("12-Nov-2026 11:40")}, Source: From(Bowland, "Bowland", "")},
			}}}},
			panel.FixedText{Title: "Report, as sent", Text: "\nPLATELETS     210  10*9/L   (150 - 400)\nWHITE CELLS   7.1  10*9/L   (4.0 - 11.0)"},
			panel.Trend{Trend: Creatinine()},
		},
		Foot: []string{"Newest first. Values, units and flags are as each source gives them; none is converted."},
	}
}

// Creatinine is a trend with a range and a value that cannot be drawn.
func Creatinine() ui.Trend {
	return ui.Trend{ID: "results-t1", Title: "Creatinine, serum, umol/L", Caption: ", Bowland laboratory, same code, unit and method.", Unit: "umol/L", Low: "45", High: "84",
		Points: []ui.TrendPoint{
			{Label: "14-Nov-2024", Day: 0, Value: "96", Status: "Final"}, {Label: "09-May-2025", Day: 176, Value: "102", Status: "Final"},
			{Label: "20-Nov-2025", Day: 371, Value: "109", Status: "Final"}, {Label: "06-May-2026", Day: 538, Value: "112", Status: "Final"},
			{Label: "21-Aug-2026", Day: 645, Value: "118", Status: "Final"}, {Label: "30-Aug-2026", Day: 654, Value: "haemolysed", Status: "Final"},
			{Label: "12-Nov-2026", Day: 728, Value: "131", Status: "Preliminary", Preliminary: true},
		}}
}

// Documents is still provisional.
func Documents() panel.Panel {
	return panel.Panel{
		ID: "documents", Rendering: 1, Title: "Documents", News: "waiting for 1 of 3 sources", Provisional: true,
		Coverage: panel.Coverage{Kind: ui.CoverWait, Text: "1 so far, not a total. Answered: Bowland. Waiting: Brock Vale store"},
		Notices:  []panel.Notice{{Kind: ui.NoteWait, Lead: "This list is provisional.", Text: "Waiting for Brock Vale Shared Document Store (3.1 s so far, stops at 8.0 s). Rows already shown will not move; what arrives is announced here first."}},
		Blocks: []panel.Block{panel.Table{Keep: true, Columns: []panel.Column{{Label: "Document", Width: 50}, {Label: "Dated"}}, Bodies: []panel.Body{{Rows: []panel.Row{
			{Cells: []panel.Cell{{Lines: []panel.Line{{Text: "A&E discharge letter", Kind: panel.Strong, Href: "/document/x"}}}, Text("12-Nov-2026")}, Source: From(Bowland, "Bowland", "Dr T Rigby")},
		}}}}},
	}
}
