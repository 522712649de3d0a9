package report

import (
	"bytes"
	"encoding/csv"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"ribble/internal/audit"
	"ribble/internal/oversight/inquiry"
	"ribble/internal/record"
)

var began = time.Date(2026, 11, 18, 14, 2, 9, 0, time.UTC)

// rows makes events of one user, numbered from 10.
func rows(events ...audit.Event) []inquiry.Row {
	var out []inquiry.Row
	for i, e := range events {
		e.At = began.Add(time.Duration(i) * time.Second)
		e.User = audit.User{
			Subject: "u", Name: "NAIR Priya Dr", RoleName: `"Clinical":"Clinical Provision":"Clinical Practitioner Access Role"`, Organisation: "RZB", OrganisationName: "Bowland Teaching Hospitals",
		}
		out = append(out, inquiry.Row{Sequence: int64(10 + i), Event: e})
	}
	return out
}

var (
	one   = audit.UUID{1}
	two   = audit.UUID{2}
	three = audit.UUID{3}
	four  = audit.UUID{4}
)

func TestCompose(t *testing.T) {
	got := Compose(rows(
		audit.Event{Act: audit.ActOpenRequested},
		audit.Event{Act: audit.ActIntent, Look: one, Relationship: "launched"},
		audit.Event{Act: audit.ActDisclosed, Look: one, Sections: []string{"allergies", "medicines"}},
		audit.Event{Act: audit.ActRefused, Reason: "objection-to-view"},
		audit.Event{Act: audit.ActDisclosed, Look: one, Sections: []string{"medicines", "results"}},
		audit.Event{Act: audit.ActFinished, Look: one},
		audit.Event{Act: audit.ActIntent, Look: two, Override: "x"},
		audit.Event{Act: audit.ActFinished, Look: two},
		audit.Event{Act: audit.ActIntent, Look: three, Relationship: "caseload"},
		audit.Event{Act: audit.ActIntent, Look: four, Relationship: "caseload"},
		audit.Event{Act: audit.ActDisclosed, Look: four, Sections: []string{"plans"}},
		audit.Event{Act: audit.ActReconciled, Look: four, Reason: "no outcome"},
		audit.Event{Act: audit.ActReconciled, Look: three, Reason: "no outcome"},
	))
	line := func(second int, l Line) Line {
		l.At, l.Who, l.Role, l.Organisation = began.Add(time.Duration(second)*time.Second), "Dr Priya NAIR", "Clinical Practitioner Access Role", "Bowland Teaching Hospitals"
		return l
	}
	const caseload = "You are on the organisation’s caseload"
	want := []Line{
		line(9, Line{What: "Opened the record", How: caseload, Shown: "Plans" + Unended, Unended: true, First: 19, Last: 21}),
		line(8, Line{What: "Opened the record", How: caseload, Shown: "Nothing" + Unended, Unended: true, First: 18, Last: 22}),
		line(6, Line{What: "Opened the record", How: "Under emergency access", Shown: "Nothing", Grave: true, First: 16, Last: 17}),
		line(3, Line{What: "Tried to open the record and was refused", How: "Rule: objection to view", Grave: true, First: 13, Last: 13}),
		line(1, Line{What: "Opened the record", How: "From your record in their own system", Shown: "Allergies, Medicines, Results", First: 11, Last: 15}),
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("lines (-want +got):\n%s", diff)
	}
}

// TestEveryDisclosureIsTold: whatever was shown stands in the report, and every event number between the first and the last line is of a known look.
func TestEveryDisclosureIsTold(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var events []audit.Event
		shown := map[string]bool{}
		open := 0
		for range rapid.IntRange(1, 30).Draw(t, "events") {
			look := audit.UUID{byte(rapid.IntRange(1, max(open, 1)).Draw(t, "look"))}
			switch rapid.IntRange(0, 2).Draw(t, "act") {
			case 0:
				open++
				events = append(events, audit.Event{Act: audit.ActIntent, Look: audit.UUID{byte(open)}})
			case 1:
				if open > 0 {
					s := record.Section(rapid.IntRange(0, record.NumSections-1).Draw(t, "section"))
					shown[s.Title()] = true
					events = append(events, audit.Event{Act: audit.ActDisclosed, Look: look, Sections: []string{s.ID()}})
				}
			case 2:
				if open > 0 {
					events = append(events, audit.Event{Act: audit.ActFinished, Look: look})
				}
			}
		}
		lines := Compose(rows(events...))
		if len(lines) != open {
			t.Fatalf("%d lines for %d looks", len(lines), open)
		}
		var all strings.Builder
		for _, l := range lines {
			all.WriteString(l.Shown + ", ")
		}
		for title := range shown {
			if !strings.Contains(all.String(), title) {
				t.Fatalf("%s was shown and is not told", title)
			}
		}
	})
}

// TestFlowTellsTheSame: taken one by one from the newest, events give the lines that they give together; looks whose beginning is missing come last.
func TestFlowTellsTheSame(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var events []audit.Event
		acts := rapid.SampledFrom([]audit.Act{
			audit.ActIntent, audit.ActDisclosed, audit.ActDocumentOpened, audit.ActFinished, audit.ActReconciled, audit.ActRefused, audit.ActTraced, audit.ActOpenRequested, audit.ActMismatchFound,
		})
		opened := byte(0)
		for range rapid.IntRange(0, 40).Draw(t, "events") {
			e := audit.Event{Act: acts.Draw(t, "act")}
			switch e.Act {
			case audit.ActIntent:
				opened++
				e.Look = audit.UUID{opened}
			case audit.ActDisclosed, audit.ActDocumentOpened, audit.ActFinished, audit.ActReconciled, audit.ActMismatchFound:
				e.Look, e.Sections = audit.UUID{byte(rapid.IntRange(1, 9).Draw(t, "look"))}, []string{"plans"}
			default:
			}
			events = append(events, e)
		}
		all := rows(events...)
		// Events of a look do not come before its intent, but an officer may ask for a time that begins later.
		known := map[audit.UUID]bool{{}: true}
		all = slices.DeleteFunc(all, func(r inquiry.Row) bool {
			known[r.Event.Look] = known[r.Event.Look] || r.Event.Act == audit.ActIntent
			return !known[r.Event.Look]
		})
		from := rapid.IntRange(0, len(all)).Draw(t, "from")
		whole, part := Compose(all), Compose(all[from:])
		if d := cmp.Diff(whole, flow(t, all)); d != "" {
			t.Fatalf("all of them: %s", d)
		}
		got := flow(t, all[from:])
		slices.SortFunc(got, func(a, b Line) int { return int(b.First - a.First) })
		if d := cmp.Diff(part, got); d != "" {
			t.Fatalf("from the %dth: %s", from, d)
		}
	})
}

func flow(t *rapid.T, all []inquiry.Row) []Line {
	lines := []Line{}
	f := Flow{Give: func(l Line) error { lines = append(lines, l); return nil }}
	for _, row := range slices.Backward(all) {
		if err := f.Take(row); err != nil {
			t.Fatal(err)
		}
	}
	if err := f.End(); err != nil {
		t.Fatal(err)
	}
	return lines
}

// TestHarmless is test C11: no cell begins with a sign of a formula.
func TestHarmless(t *testing.T) {
	for _, cell := range []string{"=cmd|' /C calc'!A0", "+1", "-1", "@SUM(1)", "\tx", "\r\nx", "＝1", "  =1", "\u00a0=1", "|x", "%x", "＠x"} {
		if got := Harmless(cell); got != "'"+cell {
			t.Errorf("%q stays %q", cell, got)
		}
	}
	for _, cell := range []string{"", "Dr Priya NAIR", "12 to 14", "a=b"} {
		if got := Harmless(cell); got != cell {
			t.Errorf("%q became %q", cell, got)
		}
	}
}

func sample(lines int) Report {
	n, _ := record.ParseNHSNumber("9991411690")
	r := Report{Person: n, Name: "ASHWORTH, Edith Margaret (Mrs)", MadeBy: "Helen GRANT, Bowland", Reference: "SAR-0417", MadeAt: began, Complete: inquiry.Complete{Sequence: 99, At: began}}
	for i := range lines {
		r.Lines = append(r.Lines, Line{
			At: began.Add(-time.Duration(i) * time.Hour), Who: "Dr Zoë O’BRIEN-ŁUKASZ", Role: "Consultant", Organisation: "Bowland Teaching Hospitals NHS Trust", What: "Opened the record",
			How: "You were seen by the organisation, or are to be", Shown: "Allergies, Medicines, Problems, Results, Encounters and admissions, Documents", First: int64(i), Last: int64(i + 5),
		})
	}
	return r
}

func TestCSV(t *testing.T) {
	r := sample(3)
	r.Lines[1].Who = "=HYPERLINK(\"http://x\")"
	var out bytes.Buffer
	written, err := NewTable(&out)
	for _, l := range r.Lines {
		if err == nil {
			err = written.Add(l)
		}
	}
	if err != nil || written.Close(r.Complete, "") != nil {
		t.Fatal(err)
	}
	table, err := csv.NewReader(&out).ReadAll()
	if err != nil || len(table) != 5 || len(table[2]) != len(columns) {
		t.Fatalf("%d rows: %v", len(table), err)
	}
	if table[2][1] != "'=HYPERLINK(\"http://x\")" || table[1][7] != "0 to 5" {
		t.Errorf("cells are %q and %q", table[2][1], table[1][7])
	}
}

// TestPDF: the document has all its pages, and its text can be read out again where a reader is installed.
func TestPDF(t *testing.T) {
	var out bytes.Buffer
	part := sample(120)
	part.Left = "This is not all. Only the newest 720 of the log’s entries are told here."
	if err := part.PDF(&out); err != nil {
		t.Fatal(err)
	}
	if !bytes.HasPrefix(out.Bytes(), []byte("%PDF-")) || bytes.Count(out.Bytes(), []byte("/Type /Page\n")) < 5 {
		t.Errorf("a document of %d bytes with too few pages", out.Len())
	}
	reader, err := exec.LookPath("pdftotext")
	if err != nil {
		return
	}
	name := filepath.Join(t.TempDir(), "report.pdf")
	if err := os.WriteFile(name, out.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	text, err := exec.CommandContext(t.Context(), reader, "-layout", name, "-").Output()
	if err != nil {
		t.Fatal(err)
	}
	// A long name is broken over two lines of its column.
	for _, want := range []string{"Dr Zoë", "ŁUKASZ", confidential, "page 1 of", "SAR-0417", "999 141 1690", "Complete to number 99", "This is not all. Only the newest 720"} {
		if !strings.Contains(string(text), want) {
			t.Errorf("the document does not say %q", want)
		}
	}
}
