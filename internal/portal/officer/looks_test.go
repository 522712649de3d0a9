package officer_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"ribble/internal/audit"
	"ribble/internal/fault"
	"ribble/internal/identity"
	"ribble/internal/oversight/inquiry"
	"ribble/internal/portal/officer"
)

// peopled is a room with looks by users of two organisations.
func peopled(t *testing.T, change func(*officer.Config)) *room {
	t.Helper()
	var c officer.Config
	r := newRoom(t, func(given *officer.Config) { change(given); c = *given })
	elsewhere := identity.User{Issuer: "https://op", Subject: "okafor", Name: "=OKAFOR Janet", Organisation: identity.Organisation{ODS: "RZP", Name: "Wyrefield"}}
	for range 3 {
		r.happen(c.Trail, nurse, audit.ActTraced, "", "")
		r.happen(c.Trail, elsewhere, audit.ActTraced, "", "")
	}
	return r
}

// TestOnePersonsLooksAreRegionWide: whoever serves a person's right to know sees everybody's looks, after saying why; the search is written down with
// the person and the reference.
func TestOnePersonsLooksAreRegionWide(t *testing.T) {
	r := peopled(t, unchanged)
	form := url.Values{"nhs": {"999 141 1690"}, "name": {"ASHWORTH, Edith"}}
	for lacking, words := range map[string]string{"purpose": "Choose why you ask", "reference": "Give the reference"} {
		whole := url.Values{"nhs": {person}, "purpose": {"person"}, "reference": {"SAR-0417"}}
		whole.Del(lacking)
		got, _ := r.post(officer.LooksPath, whole)
		says(t, "without its "+lacking, got, "There is a problem", words)
		if strings.Contains(got, "OKAFOR") {
			t.Error("the answer is shown without a reason")
		}
	}
	form.Set("purpose", "person")
	form.Set("reference", "SAR-0417")
	got, _ := r.post(officer.LooksPath, form)
	says(t, "the result", got, "Complete to log number", "999 141 1690", "OKAFOR", "Wyrefield", "DOYLE", "SAR-0417", "Report for the person (PDF)")
	last := r.last()
	if last.Act != audit.ActOfficerLooked || last.Person == nil || last.Reason != "looks person" {
		t.Errorf("the search was written down as %+v", last)
	}
}

// TestAListIsOfOnesOwnOrganisation: without a person an officer sees their own organisation's users, numbered people, and pages that fit one another.
func TestAListIsOfOnesOwnOrganisation(t *testing.T) {
	r := peopled(t, unchanged)
	got, _ := r.post(officer.LooksPath, url.Values{"from": {"1-Jan-2021"}})
	says(t, "the list", got, "DOYLE", "person 1", "Looked up an NHS number")
	if strings.Contains(got, "OKAFOR") || strings.Contains(got, "999 141") {
		t.Error("another organisation's user, or the person, is named")
	}
	got, _ = r.post(officer.LooksPath, url.Values{"organisation": {"RZP"}})
	says(t, "another organisation", got, "your own organisation’s users only")
	got, _ = r.post(officer.LooksPath, url.Values{"show": {"yes"}, "purpose": {"complaint"}, "reference": {"C-12"}, "kind": {"searches"}})
	says(t, "a list with numbers", got, "999 141 1690")
	if last := r.last(); last.Reason != "whose record complaint" || last.Person == nil {
		t.Errorf("that the number was shown was written down as %+v", last)
	}
	whole := newRoom(t, unchanged)
	if w := whole.send(who(overseeing, "ICB"), http.MethodPost, officer.LooksPath, url.Values{"organisation": {"RZB"}}); !strings.Contains(w.Body.String(), "DOYLE") {
		t.Errorf("the region's officer sees nothing: %v", whole.err)
	}
}

func TestBadQuestions(t *testing.T) {
	r := peopled(t, unchanged)
	for words, form := range map[string]url.Values{
		"not an NHS number":                {"nhs": {"9991411691"}},
		"lies before the beginning":        {"from": {"2-Feb-2026"}, "to": {"1-Jan-2026"}},
		"Write the day like":               {"from": {"yesterday"}},
		"nothing of that year":             {"from": {"1-Jan-1066"}},
		"last number is smaller":           {"first": {"20"}, "last": {"10"}},
		"whole number from 1":              {"last": {"-1"}},
		"knows no organisation or source":  {"source": {"nowhere"}},
		"Choose why you ask whose records": {"show": {"yes"}},
	} {
		before := len(r.trail.rows)
		got, _ := r.post(officer.LooksPath, form)
		says(t, form.Encode(), got, words)
		if len(r.trail.rows) != before {
			t.Errorf("%s: something was asked", form.Encode())
		}
	}
	r.trail.away = true
	if got, _ := r.post(officer.LooksPath, url.Values{}); got != "" || fault.KindOf(r.err) != fault.Unavailable || !strings.Contains(fault.SafeText(r.err), "Nothing is lost") {
		t.Errorf("a log that is away: %v", r.err)
	}
}

// TestExports: nothing leaves the log without a purpose; what leaves is written down first, holds nothing that a spreadsheet could run, and says how
// far it is complete.
func TestExports(t *testing.T) {
	r := peopled(t, unchanged)
	got, _ := r.post(officer.LooksPath, url.Values{})
	if _, to := r.post(officer.ReportPath, url.Values{"asking": {token(t, got)}, "format": {"rows"}}); to != "" || fault.KindOf(r.err) != fault.Invalid || r.last().Act == audit.ActTrailExported {
		t.Errorf("an export without a purpose: %v", r.err)
	}
	got, _ = r.post(officer.LooksPath, url.Values{"nhs": {person}, "purpose": {"person"}, "reference": {"SAR-0417"}})
	sealed := token(t, got)
	for format, want := range map[string]string{"pdf": "%PDF-", "csv": "'=OKAFOR", "print": "NHS Confidential", "rows": "complete to log number", "ndjson": `"resourceType":"AuditEvent"`} {
		w := r.export(sealed, format)
		if r.err != nil || !strings.Contains(w.Body.String(), want) {
			t.Errorf("%s: %v", format, r.err)
		}
		if last := r.last(); last.Act != audit.ActTrailExported || last.Reason != format+" person" {
			t.Errorf("%s was written down as %s %q", format, last.Act, last.Reason)
		}
	}
	w := r.export(sealed, "rows")
	rows := table(t, w.Body.String())
	if len(rows) < 8 || rows[len(rows)-1][0] != "end" || !strings.HasPrefix(w.Header().Get("Content-Disposition"), "attachment") {
		t.Errorf("%d rows, the last of them %q", len(rows), rows[len(rows)-1])
	}
	w = r.export(sealed, "ndjson")
	for line := range strings.Lines(w.Body.String()) {
		if !json.Valid([]byte(line)) || !strings.Contains(line, "9991411690") {
			t.Errorf("a line is no AuditEvent of the person: %s", line)
		}
	}
	for name, form := range map[string]url.Values{"another format": {"asking": {sealed}, "format": {"xml"}}, "a forged question": {"asking": {sealed + "x"}, "format": {"pdf"}}} {
		if body, _ := r.post(officer.ReportPath, form); body != "" || r.err == nil {
			t.Errorf("%s: %v", name, r.err)
		}
	}
	other := who(auditing, "RZB")
	other.Session = "another"
	if w := r.send(other, http.MethodPost, officer.ReportPath, url.Values{"asking": {sealed}, "format": {"csv"}}); w.Body.Len() > 0 || fault.KindOf(r.err) != fault.NotFound {
		t.Errorf("another session exports: %v", r.err)
	}
}

// TestPicturesAreOfOnesOwnOrganisation, unless the role watches over the region.
func TestPicturesAreOfOnesOwnOrganisation(t *testing.T) {
	r := newRoom(t, unchanged)
	says(t, "pictures", r.get(officer.PicturesPath+"?span=year", auditing, "RZB"), "1,500", "2.0", "emergency access for 1,000", "bowland", "2.5", "By week")
	for _, q := range r.tallies.asked {
		if q.Organisation != "RZB" || q.To.Sub(q.From) != 364*24*time.Hour {
			t.Errorf("counts of %q over %v", q.Organisation, q.To.Sub(q.From))
		}
	}
	r.tallies.asked = nil
	says(t, "the region's pictures", r.get(officer.PicturesPath, overseeing, "ICB"), "the whole region", "By organisation", "Bowland")
	if r.tallies.asked[0].Organisation != "" {
		t.Error("the region's officer sees one organisation")
	}
}

// TestRulesAreTriedAsCounts: a set with a fault says what is wrong with it; a good one is counted over the past, and nothing is changed.
func TestRulesAreTriedAsCounts(t *testing.T) {
	r := newRoom(t, unchanged)
	says(t, "the rules", r.get(officer.RulesPath, auditing, "RZB"), "own-record", "40 or more in 1 hour", "version 1")
	got, _ := r.post(officer.RulesPath, url.Values{"days": {"30"}, "set": {`{"version": 2, "rules": [{"id": "x", "kind": "none", "score": 1, "quiet": "1h"}]}`}})
	says(t, "a set with a fault", got, "is of a kind that is not known")
	got, _ = r.post(officer.RulesPath, url.Values{"do": {"try"}, "days": {"9000"}, "set": {`{"version": 2, "rules": []}`}})
	says(t, "too far back", got, "1 to 90")
	got, _ = r.post(officer.RulesPath, url.Values{"days": {"30"}, "set": {`{"version": 2, "rules": [{"id": "glass", "kind": "break-glass", "score": 50, "quiet": "1h"}]}`}})
	says(t, "a trial", got, "What these rules would have found", "glass", "emergency-access")
	if last := r.last(); last.Act != audit.ActOfficerLooked || last.Reason != "trial of rules" {
		t.Errorf("the trial was written down as %+v", last)
	}
}

// TestALookWithoutAnOutcome: a look whose portal stopped is told as one, in the list and in the report for the person, with all that it had shown.
func TestALookWithoutAnOutcome(t *testing.T) {
	var c officer.Config
	r := newRoom(t, func(given *officer.Config) { c = *given })
	r.happen(c.Trail, nurse, audit.ActTraced, "", "")
	seen := r.last()
	began := time.Date(2026, 3, 4, 9, 2, 0, 0, time.UTC)
	for i, e := range []audit.Event{
		{ID: audit.UUID{9}, Act: audit.ActIntent, Relationship: "caseload"}, {ID: audit.UUID{8}, Act: audit.ActDisclosed, Sections: []string{"allergies"}},
		{ID: audit.UUID{7}, Act: audit.ActReconciled, Reason: "no outcome"},
	} {
		e.At, e.Look, e.User, e.Person = began, audit.UUID{9}, seen.User, seen.Person
		r.trail.rows = append(r.trail.rows, inquiry.Row{Sequence: int64(len(r.trail.rows) + 1), Recorded: began.Add(time.Duration(i*i) * 5 * time.Minute), Event: e})
	}
	got, _ := r.post(officer.LooksPath, url.Values{"kind": {"looks"}})
	says(t, "the list", got, "Opened a record", "Was shown a part of the record", "The portal stopped, or could not write, before this look ended; what was shown up to then is listed", "noted on 04-Mar-2026 09:22:00")
	got, _ = r.post(officer.LooksPath, url.Values{"nhs": {person}, "purpose": {"person"}, "reference": {"SAR-0417"}})
	says(t, "the report", got, "Opened the record", "Allergies (the portal stopped, or could not write, before this look ended; what was shown up to then is listed here)")
}
