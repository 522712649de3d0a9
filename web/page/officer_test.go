package page

import (
	"fmt"
	"testing"

	"github.com/a-h/templ"

	"ribble/web/layout"
	"ribble/web/ui"
)

// officerPages are pages of Privacy Officers as they are worked with.
func officerPages(assets layout.URLs) map[string]templ.Component {
	in := func(title string) layout.Props { return props(assets, title, true) }
	return map[string]templ.Component{
		"queue": Queue(sampleQueue(in("Alerts"))), "queuenone": Queue(emptyQueue(in("Alerts"))), "work": Work(sampleWork(in("Alert BTH-2219"))),
		"questions": Questions(QuestionsProps{Props: in("Questions to you"), List: []Question{{
			ID: "q1", Reference: "BTH-2219", At: "17-Nov-2026 at 02:41", By: "Helen MARSDEN", What: "User and person share a home or a name", Words: "What was your part in this person’s care?",
			Form: WorkForm{URL: "/questions/1"},
		}}}),
		"questionsnone": Questions(QuestionsProps{Props: in("Questions to you")}),
		"looks":         Looks(LooksProps{Props: in("Who looked"), Places: samplePlaces, Form: sampleForm(true)}),
		"lookswrong":    Looks(wrongLooks(in("Error: Who looked"))),
		"looksperson":   Looks(LooksProps{Props: in("Who looked"), Places: samplePlaces, Form: sampleForm(false), Result: sampleResult()}),
		"looksreport": LooksReport(LooksReportProps{Props: in("Who looked at this record"), Name: "ASHWORTH, Edith Margaret (Mrs)", Number: "999 141 1690",
			Head: []string{"Complete to number 48,213,907 of the log, as of 18-Nov-2026 14:05:31."}, Rows: sampleResult().Rows,
			Left: &ui.NoteProps{Kind: ui.NoteLoud, Lead: "Not complete.", Text: "This is not all. Only the newest 20,000 of the log’s entries about this record are told here, back to 02-Nov-2026 09:12:44. What is older is left out."}}),
		"looksparts": LooksParts(LooksPartsProps{
			Props: in("An export in parts"), Places: samplePlaces, Complete: "Complete to log number 48,213,907, 18-Nov-2026 14:05:31.", Proof: "What was written down since is not in these files.",
			Lead: "This export has 2 files.", Text: "Each holds up to 100,000 entries, the newest first.",
			Rows: []LooksPart{
				{Back: "to 02-Nov-2026 09:12:44, log number 47,011,200", Link: ui.Action{Text: "log-1-of-2.csv", URL: "/officer/looks/file/x"}},
				{Back: "to the beginning", Link: ui.Action{Text: "log-2-of-2.csv", URL: "/officer/looks/file/y"}},
			},
		}),
		"pictures": Pictures(PicturesProps{Props: in("Pictures"), Places: samplePlaces, Whose: "Bowland Teaching Hospitals", Spans: []ui.Action{{Text: "Last 30 days"}, {Text: "Last year", URL: "/officer/pictures?span=year"}},
			Tiles: []ui.Pair{{Key: "records opened", Value: "18,204"}, {Key: "looks refused", Value: "41"}}, Pictures: []Bars{sampleBars("days", 30), sampleBars("hours", 24)}}),
		"rules": Rules(RulesProps{Props: in("Rules that watch"), Places: samplePlaces, Version: "1", URL: "/officer/rules",
			Rules: []RuleRow{{"own-record", "Somebody opens, or tries to open, their own record.", "100", "1 day"}, {"many-records", "One user opens many different people: 40 or more in 1 hour, and 4 times the median of the same role.", "60", "1 day"}},
			Set:   ui.InputProps{Name: "set", Label: "The rules as a file has them", Value: `{"version": 2, "rules": []}`, Rows: 14}, Days: ui.InputProps{Name: "days", Label: "Days back", Value: "30", Width: 4},
			Since: "As Ribble comes, or as your Ribble team set them.",
			Tried: &Trial{Lead: "The last 30 days, your organisation.", Rows: []TrialRow{{"many-records", "12", "3"}}}}),
		"rules-waiting": Rules(RulesProps{Props: in("Rules that watch"), Places: samplePlaces, Version: "1", URL: "/officer/rules", MayChange: true,
			Rules: []RuleRow{{"own-record", "Somebody opens, or tries to open, their own record.", "100", "1 day"}},
			Set:   ui.InputProps{Name: "set", Label: "The rules as a file has them", Value: "{}", Rows: 14}, Days: ui.InputProps{Name: "days", Label: "Days back", Value: "30", Width: 4},
			Why:     ui.InputProps{Name: "why", Label: "Why the rules are to change", Rows: 2},
			Waiting: &WaitingRules{ID: "3f9c", Version: "2", Lead: "Proposed by Helen GRANT (RZB) on 18-Nov-2026.", Why: "Too many alerts.", Rows: []ChangedRule{{"many-records", "40 or more in 1 hour", "25 or more in 1 hour"}}}}),
	}
}

var samplePlaces = Places{{Text: "Alerts", URL: "/officer/alerts"}, {Text: "Who looked"}, {Text: "Pictures", URL: "/officer/pictures"}, {Text: "Rules", URL: "/officer/rules"}}

func sampleQueue(p layout.Props) QueueProps {
	return QueueProps{
		Props: p, Places: samplePlaces, Organisation: "Bowland Teaching Hospitals", Refresh: "/officer/alerts/newest", Heading: "2 open alerts", Read: "14:05:31",
		Tabs: []ui.Action{{Text: "Open (2)"}, {Text: "Closed (41)", URL: "/officer/alerts?show=closed"}}, Orders: []ui.Action{{Text: "newest first"}, {Text: "oldest first", URL: "/officer/alerts?order=oldest"}},
		Rows: []QueueRow{
			{Open: ui.Action{Text: "BTH-2219", URL: "/officer/alerts/1"}, What: "Emergency access was opened", Grave: true, Words: "Emergency access was opened.", Who: "Dr Priya NAIR", Score: "60", At: "18-Nov-2026 14:02:13", State: "new", StateKind: ui.TagSoft},
			{Open: ui.Action{Text: "BTH-2216", URL: "/officer/alerts/2"}, What: "One person’s record was opened again and again", Words: "Opened 14 times in 3 weeks; others in this role: median 1.", Who: "Lena DUNNE", Score: "60", At: "17-Nov-2026 09:14:20", State: "asked, with you", StateKind: ui.TagWait},
		},
		Closed: "Closed this month: 41. Median time from alert to close: 2 days.",
	}
}

func emptyQueue(p layout.Props) QueueProps {
	q := sampleQueue(p)
	q.Rows, q.Heading = nil, "No open alerts"
	q.None = ui.NoteProps{Kind: ui.NoteNone, Lead: "Nothing to look into.", Text: "No rule has spoken since the last alert was closed."}
	return q
}

func sampleWork(p layout.Props) WorkProps {
	return WorkProps{
		Props: p, Places: samplePlaces, Done: &ui.NoteProps{Kind: ui.NoteNil, Icon: ui.IconData, Lead: "It is with you.", Text: "Others see that you work on it.", Alert: true},
		What: "User and person share a home or a name", Reference: "BTH-2219", Raised: "17-Nov-2026 02:41:07", Rule: ", rule “same-name-and-home”, version 1", State: "taken up, with you", StateKind: ui.TagWait,
		Means: "That can be lawful. It is a reason to ask, not a finding.", Words: "The user and the person share a name or a home.", Score: "60",
		Reasons: []Reason{{"The home address is the same", "keyed match; neither address is stored", "staff register; national demographics", "+40"}, {"The family name is the same", "keyed match; neither name is stored", "staff register; national demographics", "+20"}},
		Facts:   []ui.Pair{{Key: "When", Value: "17-Nov-2026 02:41:07"}, {Key: "Who", Value: "Martin GARSIDE, Ward clerk, Bowland"}, {Key: "Whose record", Value: "NHS No. 999 304 5349"}},
		Said:    "asked by the ward to check", Others: &ui.Action{Text: "Who else looked at this record", URL: "/officer/looks", Post: true},
		Steps: []WorkStep{{"17-Nov-2026 09:14:20", "Taken up", "Helen MARSDEN", ""}}, Ask: &WorkForm{URL: "/officer/alerts/1/ask"}, Close: &WorkForm{URL: "/officer/alerts/1/close"},
		Outcomes: []ui.Option{{Value: "proper", Text: "The look was proper"}, {Value: "misuse", Text: "Misuse; handed to the organisation’s own procedure"}}, Back: ui.Action{Text: "Back to the alerts", URL: "/officer/alerts"},
	}
}

func sampleForm(shown bool) LooksForm {
	input := func(name, label, hint string) ui.InputProps {
		return ui.InputProps{Name: name, Label: label, Hint: hint, Width: 20}
	}
	choice := func(name, label string) ui.ChoiceProps {
		return ui.ChoiceProps{Name: name, Label: label, Options: []ui.Option{{Text: "Any"}, {Value: "x", Text: "Another"}}}
	}
	return LooksForm{
		URL: "/officer/looks", Open: shown, Person: input("nhs", "NHS number", "10 digits"), Reference: input("reference", "Reference", "of the request or case"), Name: input("name", "Name for the report", "you may leave it out"),
		Purpose: choice("purpose", "Why do you ask?"), Service: choice("service", "The user signs in with"), Kind: choice("kind", "What was done"), Section: choice("section", "Section"), Reason: choice("reason", "Reason or refusal"),
		User: input("user", "User id", "as their sign-in service names them"), Organisation: input("organisation", "Users’ organisation", "ODS code"), Source: input("source", "Source asked", "id of a feed, or ODS code"),
		From: input("from", "From", "like 18-Nov-2026 14:05"), To: input("to", "To", "a day counts to its end"), First: input("first", "First log number", ""), Last: input("last", "Last log number", ""),
		Show: ui.ChoiceProps{Name: "show", Label: "A list about several people", Options: []ui.Option{{Value: "yes", Text: "Show whose records"}}, Small: true}, Scope: "Looks by users of Bowland.",
	}
}

func wrongLooks(p layout.Props) LooksProps {
	f := sampleForm(true)
	f.Person.Error, f.Purpose.Error = "This is not an NHS number.", "Choose why you ask."
	return LooksProps{Props: p, Places: samplePlaces, Form: f, Problems: []ui.Problem{{Text: f.Person.Error, Href: "#nhs"}, {Text: f.Purpose.Error, Href: "#purpose"}}}
}

func sampleResult() *LooksResult {
	bars := sampleBars("weeks", 12)
	return &LooksResult{
		Heading: "Who looked at this record", About: []ui.Pair{{Key: "Person", Value: "ASHWORTH, Edith Margaret (Mrs)"}, {Key: "NHS No.", Value: "999 141 1690"}},
		Complete: "Complete to log number 48,213,907, 18-Nov-2026 14:05:31.", Proof: "Every entry before that point is counted; none is left out. Your question was written down.", Picture: &bars,
		Count: "1 look, 1 refusal, 2 entries in all", Exports: []ui.ButtonProps{{Text: "Report for the person (PDF)", Name: "format", Value: "pdf", Small: true}}, URL: "/officer/looks/report",
		Rows: []LookRow{
			{When: "18-Nov-2026 14:02:09", Who: "Dr Priya NAIR", Role: "Consultant geriatrician", Organisation: "Bowland Teaching Hospitals NHS Trust", What: "Opened the record", How: "Under emergency access", Shown: "Allergies, Medicines", Sequence: "48,213,880 to 48,213,899", Grave: true},
			{When: "17-Nov-2026 02:20:15", Who: "Sam TREGENZA", Role: "Staff nurse", Organisation: "Bowland Teaching Hospitals NHS Trust", What: "Tried to open the record and was refused", How: "Rule: role may open", Sequence: "48,180,044", Grave: true},
		},
		Next: &ui.Action{Text: "Older entries", URL: "/officer/looks", Post: true}, Foot: []string{"Names and roles are as they were at the time."},
	}
}

func sampleBars(id string, n int) Bars {
	b := Bars{ID: id, Title: "Looks by " + id, Says: "A few of each.", Key: "From", Series: []string{"Opened", "Refused", "Emergency"}, Further: []string{"Emergency for 1,000"}}
	for i := range n {
		b.Bars = append(b.Bars, Bar{Label: fmt.Sprintf("%02d-Nov", i+1), Name: fmt.Sprintf("%02d-Nov-2026", i+1), Parts: []int64{int64(i * 7 % 23), int64(i % 3), int64(i % 2)}, Further: []string{"1.0"}})
	}
	return b
}

// TestNiceTop: the scale of a picture ends at a number that is easy to read, not below the highest bar.
func TestNiceTop(t *testing.T) {
	for n, want := range map[int64]int64{0: 2, 1: 2, 3: 4, 5: 10, 11: 20, 40: 40, 41: 100, 99_999: 100_000} {
		if got := niceTop(n); got != want {
			t.Errorf("the scale for %d ends at %d", n, got)
		}
	}
}

// TestBarsStandOnTheGround: the parts of a bar stand one on the other, as high as their share, and never beyond the scale.
func TestBarsStandOnTheGround(t *testing.T) {
	l := Bars{ID: "b", Series: []string{"a", "b"}, Bars: []Bar{{Label: "1", Parts: []int64{10, 30}}, {Label: "2", Parts: []int64{0, 0}}}}.layout()
	if len(l.Rects) != 2 || l.Rects[0].Y != "118.5" || l.Rects[0].Height != "31.5" || l.Rects[1].Y != "24.0" || l.Rects[1].Height != "94.5" {
		t.Errorf("bars stand at %+v", l.Rects)
	}
	if len(l.Totals) != 2 || l.Totals[1].Text != "0" || len(l.Legend) != 2 {
		t.Errorf("totals %+v, legend %+v", l.Totals, l.Legend)
	}
}
