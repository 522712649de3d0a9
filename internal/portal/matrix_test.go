package portal_test

import (
	"html"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-chi/chi/v5"

	"ribble/internal/access"
	"ribble/internal/audit"
	"ribble/internal/consent"
	"ribble/internal/identity"
	"ribble/internal/record"
)

// table reads one table of testdata/routes.txt: its lines, the head left out where there is one.
func table(t *testing.T, name string) [][]string {
	t.Helper()
	text, err := os.ReadFile("testdata/routes.txt")
	if err != nil {
		t.Fatal(err)
	}
	var lines [][]string
	within := false
	for line := range strings.Lines(string(text)) {
		line = strings.TrimSpace(line)
		if heading, ok := strings.CutPrefix(line, "== "); ok {
			within = heading == name
			continue
		}
		if !within || !strings.Contains(line, "|") {
			continue
		}
		var cells []string
		for cell := range strings.SplitSeq(line, "|") {
			cells = append(cells, strings.TrimSpace(cell))
		}
		lines = append(lines, cells)
	}
	return lines
}

// outcomeOf is the last cell of the first line whose other cells fit the values.
func outcomeOf(lines [][]string, values ...string) string {
next:
	for _, line := range lines {
		for i, v := range values {
			if line[i] != "*" && !slices.Contains(strings.Fields(line[i]), v) {
				continue next
			}
		}
		return line[len(line)-1]
	}
	return "no line of the policy"
}

// whos are the roles of the matrix, each with a session of its own at Bowland.
func whos(g *rig) map[string]*sitting {
	role := func(profile, code string, activities ...string) identity.Role {
		return identity.Role{ProfileID: profile, Code: code, Name: profile, Activities: activities}
	}
	locked := func(s *identity.Session) { s.Locked = time.Now() }
	return map[string]*sitting{
		"nobody":              {g: g},
		"locked":              g.sit("1", "RXX", role("c", "R8000", "B0264", "B0360", "B0168"), locked),
		"clinician":           g.sit("2", "RXX", role("c", "R8000", "B0264", "B0360", "B0370", "B0820", "B0168")),
		"trainee":             g.sit("3", "RXX", role("t", "R8004", "B0264", "B0360", "B0820")),
		"mental-health-nurse": g.sit("4", "RXX", role("m", "R8001", "B0264", "B0360", "B1611")),
		"social-worker":       g.sit("5", "RXX", role("s", "R8003", "B0264", "B0370", "B0820")),
		"receptionist":        g.sit("6", "RXX", role("r", "R8009", "B0264", "B0820")),
		"clerk":               g.sit("7", "RXX", role("k", "R8008", "B0820", "B0020")),
		"privacy-officer":     g.sit("8", "RXX", role("p", "R0001", "B0015", "B0016", "B0018", "B0011")),
		"region-officer":      g.sit("12", "RXX", role("q", "R5105", "B0011", "B9001")),
		"administrator":       g.sit("9", "RXX", role("a", "R8015", "B0062", "B1700", "B0011")),
		"sponsor":             g.sit("11", "RXX", role("v", "R8008", "B1300")),
		"local-nurse": g.sit("10", "RXX", role("l", "R8001", "B0264", "B0360", "B0168", "B1611", "B0020", "B0015"), func(s *identity.Session) {
			s.User.Issuer, s.User.AssuranceLevel = identity.LocalIssuer, 2
		}),
	}
}

// tell makes the registers of the rig say what each person is known for.
func (g *rig) tell() {
	for _, person := range people {
		f := caseload("RXX")
		switch person {
		case "unrelated":
			f.Relationships = nil
		case "objected":
			f.Consent = consent.Standing{{ID: "c", Sections: record.AllSections, Direction: consent.View, Stance: consent.Objected, From: time.Now().Add(-time.Hour)}}
		case "listed":
			f.Watched.Listed = true
		case "own":
			f.Watched.OwnRecord = true
		case "permission":
			f.Permission = access.Permission{}
		}
		g.say(person, "RXX", f)
	}
}

// withToken asks for a route with the tokens that this user would hold.
func (s *sitting) withToken(method, pattern, needs, person string) *httptest.ResponseRecorder {
	document := map[string]any{"f": "hodder", "l": record.Documents, "u": "Binary/1", "c": "text/plain", "t": "Letter", "k": "0"}
	tokens := map[string]string{
		"look": s.sealed("view", person, nil), "document": s.sealed("document", person, document), "person": s.sealed("person", person, map[string]any{"b": true}),
		"case": s.sealed("case", person, map[string]any{"a": "ASHWORTH, Edith"}), "glass": s.sealed("glass", person, map[string]any{"i": "o"}),
		"standing":      s.sealed("standing", person, map[string]any{"o": 0}),
		"desk-person":   s.sealed("objections-person", person, map[string]any{"a": "ASHWORTH, Edith"}),
		"desk-sought":   s.sealed("objections-sought", person, map[string]any{"x": "999", "w": "Nobody has it."}),
		"search-result": s.sealed("search", person, map[string]any{"k": "number", "x": numberOf(person).Digits()}),
	}
	tokens["problem"] = s.sealed("problem", person, problemMore)
	tokens["problem-sent"] = s.sealed("reported", person, map[string]any{"Reference": "BTH-1", "Organisation": "Bowland"})
	tokens["glass-form"], tokens["glass-sent"] = tokens["case"], tokens["case"]
	form := url.Values{
		"person": {tokens[needs]}, "glass": {tokens["glass"]}, "problem": {tokens["problem"]}, "report": {s.sealed("report", person, reportMore)}, "place": {"bowland allergies"}, "nhs": {numberOf(person).Digits()},
		"reason": {"covering"}, "words": {"on call for the ward tonight"}, "duty": {"yes"}, "answer": {"yes"},
	}
	path := strings.NewReplacer("{handle}", tokens[needs], "{provider}", "cis2", "{token}", "x", "{alert}", "x", "{id}", "bowland", "{kind}", "feed", "{change}", "x", "{ods}", "x", "{batch}", "x", "{account}", "x", "{file}", "x", "*", "x").Replace(pattern)
	return s.send(method, path, form)
}

// search types into the form of the search and follows to the page with the result.
func (s *sitting) search(typed url.Values) *httptest.ResponseRecorder {
	w := s.send(http.MethodPost, "/find", typed)
	if to := w.Header().Get("Location"); w.Code == http.StatusSeeOther && strings.HasPrefix(to, "/find/") {
		return s.send(http.MethodGet, to, nil)
	}
	return w
}

// class is an answer in the words of the policy.
func class(w *httptest.ResponseRecorder) string {
	switch body := w.Body.String(); {
	case w.Code == http.StatusServiceUnavailable:
		return "unavailable"
	case w.Code >= 500:
		return "broken"
	case w.Code == http.StatusSeeOther && strings.HasPrefix(w.Header().Get("Location"), "/sign-in"):
		return "sign in first"
	case w.Code == http.StatusLocked:
		return "locked"
	case w.Code == http.StatusForbidden:
		return "denied"
	case w.Code == http.StatusUnauthorized:
		return "no token"
	case w.Code == http.StatusGone:
		return "gone"
	case strings.Contains(body, canary):
		return "shown"
	}
	return "answered"
}

// classFor is class, where a 404 has a meaning of its own.
func classFor(needs string, w *httptest.ResponseRecorder) string {
	switch {
	case w.Code != http.StatusNotFound:
		return class(w)
	case needs == "document":
		return "not shown"
	case needs == "officer-alert", needs == "quality-report":
		return "not there"
	}
	return class(w)
}

// TestEveryRouteForEveryRole walks the router: a route that the policy does not know fails, and so does one that it knows and that is gone.
func TestEveryRouteForEveryRole(t *testing.T) {
	g := newRig(t)
	g.tell()
	all, outcomes, looks := whos(g), table(t, "outcomes"), table(t, "looks")
	needs := map[string]string{}
	for _, line := range table(t, "routes") {
		needs[line[0]+" "+line[1]] = line[2]
	}
	cells := 0
	err := chi.Walk(g.handler.(chi.Routes), func(method, pattern string, _ http.Handler, _ ...func(http.Handler) http.Handler) error {
		if pattern == "/assets/*" && method != http.MethodGet {
			return nil
		}
		need, known := needs[method+" "+pattern]
		if !known {
			t.Errorf("%s %s is outside the matrix", method, pattern)
			return nil
		}
		delete(needs, method+" "+pattern)
		for who, s := range all {
			cells += len(people)
			g.nothingBut(t, looks, s, [4]string{who, method, pattern, need})
			// What another has claimed or opened must not help this one.
			g.tell()
			w := s.withToken(method, pattern, need, "related")
			got, want := classFor(need, w), outcomeOf(outcomes, need, who)
			// What needs nothing may lead to the sign-in page, or be refused for what it lacks; it never shows a person. No account of the rig's own exists.
			if got == want || need == "nothing" && got != "shown" && got != "broken" || need == "account" && who == "local-nurse" && got == "unavailable" {
				continue
			}
			t.Errorf("%s %s as %s: %s (%d), the policy says %s", method, pattern, who, got, w.Code, want)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for route := range needs {
		t.Errorf("the matrix knows %s, which is gone", route)
	}
	t.Logf("%d cells", cells)
}

// nothingBut asks for a route about everybody: clinical bytes come from a look and from a document alone, and only where the policy opens the record.
func (g *rig) nothingBut(t *testing.T, looks [][]string, s *sitting, route [4]string) {
	t.Helper()
	who, method, pattern, need := route[0], route[1], route[2], route[3]
	for _, person := range people {
		g.tell()
		w := s.withToken(method, pattern, need, person)
		may := need == "look" || need == "problem-look" || need == "document" && who != "social-worker"
		want := may && outcomeOf(looks, who, person) == "shown"
		if got := class(w); got == "broken" || (got == "shown") != want {
			t.Errorf("%s %s as %s about %s: %s (%d)", method, pattern, who, person, got, w.Code)
		}
	}
}

// TestEveryLookForEveryRole asks for the record of everybody by everybody, and looks at what left for the sources and for the officer.
func TestEveryLookForEveryRole(t *testing.T) {
	g := newRig(t)
	g.tell()
	looks := table(t, "looks")
	for who, s := range whos(g) {
		for _, person := range people {
			asked, intents := g.asked, g.events[audit.ActIntent]
			w := s.withToken(http.MethodGet, "/record/{handle}", "look", person)
			got := class(w)
			if got == "answered" && g.asked == asked && g.events[audit.ActIntent] == intents+1 {
				got = "opened, nobody asked"
			}
			if want := outcomeOf(looks, who, person); got != want {
				t.Errorf("%s looks at %s: %s (%d), the policy says %s", who, person, got, w.Code, want)
			}
			if got != "shown" && g.asked != asked {
				t.Errorf("%s looks at %s: a source was asked for a look that was not shown", who, person)
			}
		}
	}
	raised := map[string]int{}
	for _, a := range g.alerts {
		raised[string(a.Kind)]++
	}
	// Everybody who is signed in and not locked, eleven of them, has looked at each; six kinds of role may open records, five of those the restricted one.
	if raised["own-record"] != 11 || raised["listed"] != 11 || raised["restricted"] != 11 || len(raised) != 3 {
		t.Errorf("alerts %v: each attempt at one's own, a listed and a restricted record raises one", raised)
	}
}

// TestWhatThePersonHasClosed looks at one record while the person closes more and more of it at Hodder, and at what stands on the page then.
func TestWhatThePersonHasClosed(t *testing.T) {
	const whole, part = "The person has objected to Hodder’s records being shared here.", "The person has objected to this part of Hodder’s records being shared here."
	of := record.SectionsOf
	for _, c := range []struct {
		name      string
		direction consent.Direction
		who       string
		sections  record.Sections
		asked     int
		shown     bool
		says      []string
		silent    []string
		document  int
	}{
		{"nothing", consent.Supply, "RZZ", record.AllSections, 2, true, nil, []string{whole, part, "Not shown to your role"}, http.StatusOK},
		{"a part", consent.Supply, "RYY", of(record.Allergies), 2, true, []string{part}, []string{whole}, http.StatusOK},
		{"its documents", consent.Supply, "RYY", of(record.Documents), 2, true, []string{part}, []string{whole}, http.StatusNotFound},
		{"all that it holds", consent.Supply, "RYY", record.AllSections, 1, true, []string{whole}, []string{part}, http.StatusNotFound},
		{"everything of everybody", consent.Supply, "", record.AllSections, 0, false, []string{whole}, []string{part}, http.StatusNotFound},
		{"allergies to our staff", consent.View, "RXX", of(record.Allergies), 2, false, nil, []string{whole, part, canary}, http.StatusOK},
	} {
		t.Run(c.name, func(t *testing.T) {
			g := newRig(t)
			s := whos(g)["trainee"]
			f := caseload("RXX")
			f.Consent = consent.Standing{{ID: "c", Organisation: c.who, Sections: c.sections, Direction: c.direction, Stance: consent.Objected, From: time.Now().Add(-time.Hour)}}
			g.say("related", "RXX", f)
			w := s.withToken(http.MethodGet, "/record/{handle}", "look", "related")
			body := html.UnescapeString(w.Body.String())
			if w.Code != http.StatusOK || g.asked != c.asked || strings.Contains(body, canary) != c.shown {
				t.Errorf("%d, %d sources asked, shown: %v", w.Code, g.asked, !c.shown)
			}
			for _, words := range c.says {
				if !strings.Contains(body, words) {
					t.Errorf("the page does not say %q", words)
				}
			}
			for _, words := range c.silent {
				if strings.Contains(body, words) {
					t.Errorf("the page says %q", words)
				}
			}
			if w := s.withToken(http.MethodGet, "/document/{handle}", "document", "related"); w.Code != c.document {
				t.Errorf("a document listed before: %d", w.Code)
			}
		})
	}
}

var sealedToken = regexp.MustCompile(`[A-Za-z0-9_-]{60,}`)

// TestNothingTellsWhereARestrictedPersonLives goes to every page about a restricted person, as everybody who may, and reads all of it.
func TestNothingTellsWhereARestrictedPersonLives(t *testing.T) {
	secrets := []string{"Hawthorn", "Whitewell", "BB7", "960777", "960778", "Larkspur", "P81001", "Larch", "LARCH"}
	g := newRig(t)
	pages := 0
	read := func(what string, w *httptest.ResponseRecorder) {
		pages++
		if !strings.Contains(w.Body.String(), "ASHWORTH") {
			t.Errorf("%s: %d is no page about the person", what, w.Code)
		}
		// Sealed tokens are letters by chance, three of which are soon those of a postcode.
		said := sealedToken.ReplaceAllString(html.UnescapeString(w.Body.String()), "")
		for _, secret := range secrets {
			if strings.Contains(said, secret) {
				t.Errorf("%s says %q", what, secret)
			}
		}
	}
	for who, s := range whos(g) {
		switch who {
		case "nobody", "locked", "privacy-officer", "region-officer", "administrator", "sponsor":
			continue
		}
		g.tell()
		number := url.Values{"nhs": {numberOf("restricted").Digits()}}
		byName := url.Values{"person": {s.sealed("person", "restricted", nil)}}
		read(who+" finds", s.search(number))
		read(who+" chooses", s.send(http.MethodGet, "/find/"+s.sealed("search", "restricted", map[string]any{"k": "choice", "x": numberOf("restricted").Digits()}), nil))
		read(who+" has not confirmed", s.send(http.MethodPost, "/record", byName))
		if who == "clerk" {
			to := s.send(http.MethodPost, "/objections/find", number).Header().Get("Location")
			read(who+" reads the register", s.send(http.MethodGet, to, nil))
			continue
		}
		if who == "receptionist" {
			continue
		}
		look := func() *httptest.ResponseRecorder {
			return s.send(http.MethodGet, "/record/"+s.sealed("view", "restricted", nil), nil)
		}
		read(who+" looks", look())
		for what, change := range map[string]func(*access.Facts){
			"is asked why":       func(f *access.Facts) { f.Relationships = nil },
			"asks permission":    func(f *access.Facts) { f.Permission = access.Permission{} },
			"meets a refusal":    func(f *access.Facts) { f.Permission.RefusedUntil = time.Now().Add(time.Hour) },
			"meets a listed one": func(f *access.Facts) { f.Watched.Listed = true },
		} {
			f := caseload("RXX")
			change(&f)
			g.say("restricted", "RXX", f)
			w := look()
			if what == "meets a refusal" {
				// That page names nobody.
				w.Body.WriteString("ASHWORTH")
			}
			read(who+" "+what, w)
		}
	}
	if g.asked != 0 {
		t.Errorf("%d sources were asked", g.asked)
	}
	t.Logf("%d pages", pages)
}

func TestUnreadableRegistersOpenNothing(t *testing.T) {
	g := newRig(t)
	g.tell()
	g.broken = true
	for who, s := range whos(g) {
		for _, route := range [][2]string{{"/record/{handle}", "look"}, {"/document/{handle}", "document"}} {
			if w := s.withToken(http.MethodGet, route[0], route[1], "related"); w.Code < 300 || class(w) == "shown" {
				t.Errorf("%s at %s: %d", who, route[0], w.Code)
			}
		}
	}
	if g.asked != 0 || g.events[audit.ActIntent] != 0 {
		t.Error("somebody was asked")
	}
	w := whos(g)["clinician"].withToken(http.MethodGet, "/record/{handle}", "look", "related")
	if w.Code != http.StatusServiceUnavailable || !strings.Contains(w.Body.String(), "Nobody sees anything") {
		t.Errorf("%d: the user is not told why", w.Code)
	}
}
