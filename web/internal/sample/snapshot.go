package sample

import (
	"ribble/web/panel"
	"ribble/web/ui"
)

var pendleGap = panel.Coverage{Kind: ui.CoverGap, Text: "Pendle View: no answer. 3 of 4 sources answered"}

// Snapshot is the summary.
func Snapshot() panel.Snapshot {
	return panel.Snapshot{Rendering: 1, Columns: [][]panel.SnapCard{
		{allergyCard(), planCard()},
		{medicineCard()},
		{problemCard(), contactCard(), appointmentCard()},
	}}
}

func line(text, date string, badges ...ui.Badge) panel.SnapLine {
	return panel.SnapLine{Lines: []panel.Line{{Text: text}}, Badges: badges, Date: date}
}

func bold(text, date string, badges ...ui.Badge) panel.SnapLine {
	return panel.SnapLine{Lines: []panel.Line{{Text: text, Kind: panel.Strong}}, Badges: badges, Date: date}
}

func tagged(text, tag string, kind panel.LineKind, date string, badges ...ui.Badge) panel.SnapLine {
	l := bold(text, date, badges...)
	l.Lines = append(l.Lines, panel.Line{Text: tag, Kind: kind})
	return l
}

func allergyCard() panel.SnapCard {
	return panel.SnapCard{Section: "allergies", Title: "Allergies", News: "CONFLICT, INCOMPLETE", All: "All", Loud: true, Lines: []panel.SnapLine{
		bold("Penicillin: anaphylaxis", "Jun-1998", GP),
		bold("Trimethoprim: rash", "21-Feb-2019", GP, Bowland),
		tagged("“Elastoplast – skin comes off”", "not coded", panel.TagSoft, "12-Nov-2026", Bowland),
		line("Says No known allergies", "02-Sep-2026", Fell),
	}, Coverage: []panel.Coverage{pendleGap}}
}

func planCard() panel.SnapCard {
	return panel.SnapCard{Section: "plans", Title: "Alerts and plans", All: "All", Lines: []panel.SnapLine{
		bold("ReSPECT plan: coded as “not for attempted CPR”", "21-Aug-2026", GP),
		line("Lasting power of attorney (health and welfare): Ruth ASHWORTH-LEE, daughter, 01632 960148", "09-May-2024", Council),
		line("Falls risk: high", "12-Nov-2026", Bowland),
	}, Coverage: []panel.Coverage{pendleGap}}
}

func medicineCard() panel.SnapCard {
	return panel.SnapCard{Section: "medicines", Title: "Medicines on the lists", All: "All 16", Tight: true,
		Note: "GP list: not everything the patient takes. Dose as each source gives it.", Lines: []panel.SnapLine{
			line("Apixaban 2.5 mg, ONE twice a day", "", GP, Bowland),
			tagged("Bisoprolol: 2.5 mg or 1.25 mg a day", "dose differs", panel.TagCare, "", GP, Bowland),
			tagged("Amlodipine 5 mg", "stopped by hospital, on GP repeat", panel.TagCare, "", GP, Bowland),
			line("Furosemide 40 mg, ONE each morning", "", GP, Bowland),
			line("Levothyroxine 50 micrograms, ONE each morning", "", GP, Bowland),
			line("Paracetamol 500 mg, ONE or TWO up to 4 times a day", "", GP),
		}, Coverage: []panel.Coverage{pendleGap}}
}

func problemCard() panel.SnapCard {
	return panel.SnapCard{Section: "problems", Title: "Active problems", All: "All 10", Tight: true, Lines: []panel.SnapLine{
		line("Moderate frailty", "2024", GP, Bowland), line("Alzheimer’s disease dementia", "Feb-2024", GP),
		line("Heart failure, reduced ejection fraction", "2021", GP, Bowland),
	}, Coverage: []panel.Coverage{{Kind: ui.CoverHeld, Text: "Some items are withheld by Hodder Valley"}, pendleGap}}
}

func contactCard() panel.SnapCard {
	return panel.SnapCard{Section: "encounters", Title: "Last contacts", All: "All 6", Tight: true, Lines: []panel.SnapLine{
		line("GP telephone: dizziness on standing", "16-Nov-2026", GP), bold("A&E attendance: fall at home", "12-Nov-2026", Bowland),
	}}
}

func appointmentCard() panel.SnapCard {
	return panel.SnapCard{Section: "appointments", Title: "Next appointments", All: "All 2", Tight: true, Lines: []panel.SnapLine{
		line("24-Nov-2026 09:10 blood test", "", GP), line("26-Nov-2026 10:20 falls clinic", "", Bowland),
	}}
}
