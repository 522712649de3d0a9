package portal_test

import (
	"encoding/base64"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"ribble/internal/audit"
	"ribble/internal/consent"
	"ribble/internal/identity"
	"ribble/internal/record"
)

// door is one way in which a token about a person comes to the portal.
type door struct {
	name string
	// purpose is that of the tokens that open it, more what they carry beside the person.
	purpose string
	more    map[string]any
	send    func(s *sitting, token string) *httptest.ResponseRecorder
	// opens reports whether the answer is that of a token that opened the door.
	opens func(*httptest.ResponseRecorder) bool
}

func get(path string) func(*sitting, string) *httptest.ResponseRecorder {
	return func(s *sitting, token string) *httptest.ResponseRecorder {
		return s.send(http.MethodGet, strings.Replace(path, "{handle}", url.PathEscape(token), 1), nil)
	}
}

func post(path, field string, more ...string) func(*sitting, string) *httptest.ResponseRecorder {
	return func(s *sitting, token string) *httptest.ResponseRecorder {
		form := url.Values{field: {token}}
		for i := 0; i+1 < len(more); i += 2 {
			form.Set(more[i], more[i+1])
		}
		return s.send(http.MethodPost, path, form)
	}
}

func status(codes ...int) func(*httptest.ResponseRecorder) bool {
	return func(w *httptest.ResponseRecorder) bool { return slices.Contains(codes, w.Code) }
}

func showing(text string) func(*httptest.ResponseRecorder) bool {
	return func(w *httptest.ResponseRecorder) bool {
		return w.Code == http.StatusOK && strings.Contains(w.Body.String(), text)
	}
}

// nested says that the person stands in a part of the token named "Person".
var nested any

var caseMore = map[string]any{"a": "ASHWORTH, Edith", "b": "03-Mar-1942"}

var (
	problemMore = map[string]any{"a": "ASHWORTH, Edith", "b": "03-Mar-1942", "f": []map[string]any{{"f": "bowland", "o": "RXX", "h": record.SectionsOf(record.Allergies)}}}
	reportMore  = map[string]any{"a": "ASHWORTH, Edith", "b": "03-Mar-1942", "i": "REPORT", "f": "bowland", "o": "RXX", "l": record.Allergies}
)

// doors are all of them; each is tried with every token that should not open it.
var doors = []door{
	{"standing", "standing", map[string]any{"o": 0, "x": []string{"c"}}, get("/record/{handle}/standing"), status(http.StatusNoContent)},
	{"record", "view", nil, get("/record/{handle}"), showing(canary)},
	{"document", "document", map[string]any{"f": "hodder", "l": record.Documents, "u": "Binary/1", "c": "text/plain", "t": "Letter", "k": "0"}, get("/document/{handle}"), showing(canary)},
	{"open", "person", map[string]any{"b": true}, post("/record", "person"), status(http.StatusSeeOther)},
	{"search", "search", map[string]any{"k": "number", "x": numberOf("related").Digits()}, get("/find/{handle}"), showing("ASHWORTH")},
	{"search for objections", "objections-sought", map[string]any{"x": "999", "w": "Nobody has it."}, get("/objections/find/{handle}"), status(http.StatusUnprocessableEntity)},
	{"choose", "search", map[string]any{"k": "choice", "x": numberOf("related").Digits()}, get("/find/{handle}"), showing("ASHWORTH")},
	{"claim", "case", caseMore, post("/record/claim", "person", "reason", "treating"), status(http.StatusSeeOther)},
	{"permission", "case", caseMore, post("/record/permission", "person", "answer", "yes"), status(http.StatusSeeOther)},
	{"emergency form", "case", caseMore, get("/break-glass/{handle}"), showing("ASHWORTH")},
	{"emergency", "case", caseMore, post("/break-glass", "person", "reason", "unconscious", "words", "found on the floor at home", "duty", "yes"), status(http.StatusSeeOther)},
	{"end emergency", "glass", map[string]any{"i": "o"}, post("/break-glass/end", "glass"), status(http.StatusSeeOther)},
	{"check an objection", "objections-person", caseMore, post("/objections/check", "person", "stance", "objects", "direction", "view", "organisation", "every", "kinds", "documents"), status(http.StatusOK, http.StatusUnprocessableEntity)},
	{"keep an objection", "objections-entry", map[string]any{"Person": nested, "Sections": record.SectionsOf(record.Legal), "Direction": consent.Supply, "Stance": consent.Agreed}, post("/objections", "entry"), status(http.StatusSeeOther)},
	{"end an objection", "objections-end", map[string]any{"Person": nested, "ID": "c"}, post("/objections/end", "entry", "confirmed", "yes"), status(http.StatusSeeOther)},
	{"report a problem", "problem", problemMore, post("/problem", "problem"), showing("ASHWORTH")},
	{"entries", "problem", problemMore, post("/problem/entries", "problem", "place", "bowland allergies"), showing(canary)},
	{"send a report", "report", reportMore, post("/problem/send", "report", "entry", "list", "reason", "wrong", "contact", "01632 960001"), status(http.StatusSeeOther)},
	{"report sent", "reported", map[string]any{"Reference": "BTH-1", "Organisation": "Bowland"}, get("/problem/sent/{handle}"), showing("BTH-1")},
	{"register", "objections-person", caseMore, get("/objections/{handle}"), showing("ASHWORTH")},
}

// everyone is one role that may do all there is, so that nothing but the token decides.
var everyone = identity.Role{ProfileID: "c", Code: "R8000", Name: "Clinician", Activities: []string{"B0264", "B0360", "B0820", "B0168", "B0020"}}

// idor is the rig with one victim and everybody who might hold the victim's tokens.
type idor struct {
	*rig
	victim *sitting
	others map[string]*sitting
	// never is what each user gets for a token that never was.
	never map[string]answer
	// tries counts requests that must not succeed.
	tries int
}

func newIDOR(t *testing.T) *idor {
	g := newRig(t)
	g.tell()
	for _, ods := range []string{"RYY", "RXX"} {
		for _, person := range []string{"related", "another"} {
			f := caseload(ods)
			f.Consent = consent.Standing{{ID: "c", Organisation: "RZZ", Sections: record.AllSections, Direction: consent.Supply, Stance: consent.Objected, From: time.Now().Add(-time.Hour)}}
			g.say(person, ods, f)
		}
	}
	otherRole := everyone
	otherRole.ProfileID = "d"
	return &idor{rig: g, never: map[string]answer{}, victim: g.sit("v", "RXX", everyone), others: map[string]*sitting{
		"the same user in another session":                       g.sit("v", "RXX", everyone),
		"the same user in another role":                          g.sit("v", "RXX", otherRole),
		"the same user at another organisation":                  g.sit("v", "RYY", otherRole),
		"a colleague":                                            g.sit("w", "RXX", everyone),
		"somebody of another organisation":                       g.sit("x", "RYY", everyone),
		"somebody whose session is for one person":               g.sit("y", "RXX", everyone, func(s *identity.Session) { s.InContext = true }),
		"the session's name in another role":                     g.sit("v", "RXX", otherRole, func(s *identity.Session) { s.ID, s.User.Session = "session-0", "session-0" }),
		"a session without a name, which no token may stand for": g.sit("v", "RXX", everyone, func(s *identity.Session) { s.ID, s.User.Session = "", "" }),
	}}
}

// answer is all of an answer that could tell one token from another.
type answer struct {
	status      int
	body, leads string
}

func answerOf(w *httptest.ResponseRecorder) answer {
	return answer{w.Code, said(w), w.Header().Get("Location") + w.Header().Get("Refresh")}
}

// absent is what this user gets for a token that never was.
func (i *idor) absent(d door, s *sitting) answer {
	key := d.name + s.cookie
	if _, known := i.never[key]; !known {
		i.never[key] = answerOf(d.send(s, "AAAA"))
	}
	return i.never[key]
}

// try sends a token that must not open the door: the answer is that to a token that never was, in status and in every word.
func (i *idor) try(t *testing.T, d door, s *sitting, token, what string) {
	t.Helper()
	i.tries++
	want, got := i.absent(d, s), answerOf(d.send(s, token))
	if got != want {
		t.Errorf("%s, %s: %d, and not what a token that never was gets (%d)", d.name, what, got.status, want.status)
	}
}

func TestHandlesOpenForNobodyElse(t *testing.T) {
	i := newIDOR(t)
	for _, d := range doors {
		// The control: what is refused to everybody else opens for its own user.
		if w := d.send(i.victim, i.victim.sealed(d.purpose, "related", d.more)); !d.opens(w) {
			t.Errorf("%s: %d for its own user: the tries prove nothing", d.name, w.Code)
		}
	}
	asked, written, alerts := i.asked, maps.Clone(i.events), len(i.alerts)
	for _, d := range doors {
		i.swapped(t, d)
		i.expired(t, d)
		i.altered(t, d)
	}
	if i.tries < 5_000 {
		t.Errorf("%d tries are too few", i.tries)
	}
	if i.asked != asked || len(i.alerts) != alerts {
		t.Error("a try that failed asked a source, or raised an alert")
	}
	for _, act := range []audit.Act{audit.ActIntent, audit.ActRelationshipClaimed, audit.ActBreakGlassBegan, audit.ActBreakGlassEnded, audit.ActPermissionAsked, audit.ActOpenRequested, audit.ActObjectionChanged, audit.ActDisclosed, audit.ActDocumentOpened} {
		if i.events[act] != written[act] {
			t.Errorf("%d events %s by tries that failed", i.events[act]-written[act], act)
		}
	}
	t.Logf("%d tries", i.tries)
}

// swapped gives the victim's tokens to everybody else, and tokens made for one door to every other.
func (i *idor) swapped(t *testing.T, d door) {
	for _, person := range people {
		token := i.victim.sealed(d.purpose, person, d.more)
		for who, s := range i.others {
			i.try(t, d, s, token, "the victim's token for "+who)
		}
	}
	all := map[string]any{}
	for _, other := range doors {
		maps.Copy(all, other.more)
	}
	for _, purpose := range []string{"view", "document", "person", "case", "glass", "standing", "search", "objections-sought", "objections-person", "objections-entry", "objections-end", "launch", "login", ""} {
		if purpose == d.purpose {
			continue
		}
		for _, person := range people {
			i.try(t, d, i.victim, i.victim.sealed(purpose, person, all), "a token for "+purpose)
		}
	}
}

// expired uses tokens whose time is over, and such as name nobody.
func (i *idor) expired(t *testing.T, d door) {
	old := func(body string) string { return i.sealer.Seal(d.purpose, []byte(body), time.Now().Add(-time.Second)) }
	made := func(body string) string { return i.sealer.Seal(d.purpose, []byte(body), time.Now().Add(time.Minute)) }
	own := fmt.Sprintf(`"s":%q,"r":"c"`, i.victim.user.Session)
	for what, token := range map[string]string{
		"expired": old(fmt.Sprintf(`{%s,"n":%q,"p":1}`, own, numberOf("related").Digits())), "nobody": made(`{` + own + `,"n":"","p":1}`),
		"no number": made(`{` + own + `,"n":"9990000000","p":1}`), "no JSON": made(`{`), "null": made(`null`), "empty": made(``), "a list": made(`[]`),
		"no session": made(fmt.Sprintf(`{"n":%q,"p":1}`, numberOf("related").Digits())), "no role": made(fmt.Sprintf(`{"s":%q,"n":%q,"p":1}`, i.victim.user.Session, numberOf("related").Digits())),
	} {
		i.try(t, d, i.victim, token, what)
	}
}

// altered cuts tokens short, lengthens them, and turns bits over.
func (i *idor) altered(t *testing.T, d door) {
	token := i.victim.sealed(d.purpose, "related", d.more)
	for n := 1; n < len(token); n += 1 + len(token)/120 {
		i.try(t, d, i.victim, token[:n], "cut short")
		i.try(t, d, i.victim, token[n:], "its end alone")
	}
	raw, err := base64.RawURLEncoding.DecodeString(token)
	if err != nil {
		t.Fatal(err)
	}
	for bit := 0; bit < 8*len(raw); bit += 1 + 8*len(raw)/160 {
		changed := slices.Clone(raw)
		changed[bit/8] ^= 1 << (bit % 8)
		i.try(t, d, i.victim, base64.RawURLEncoding.EncodeToString(changed), "a bit turned over")
	}
	for _, end := range []string{"=", "A", token, ".", "%00", "é"} {
		i.try(t, d, i.victim, token+end, "lengthened")
	}
}

// TestAlertsOfOtherOrganisationsAreNotThere: the officer of one organisation cannot tell the alert of another from none.
func TestAlertsOfOtherOrganisationsAreNotThere(t *testing.T) {
	g := newRig(t)
	g.tell()
	officer := identity.Role{ProfileID: "p", Code: "R0001", Activities: []string{"B0016"}}
	ours, theirs := g.sit("o", "RXX", officer), g.sit("p", "RYY", officer)
	whos(g)["clinician"].withToken(http.MethodGet, "/record/{handle}", "look", "listed")
	if len(g.alerts) != 1 {
		t.Fatalf("%d alerts", len(g.alerts))
	}
	path := "/officer/alerts/" + g.alerts[0].ID
	if w := ours.send(http.MethodGet, path, nil); w.Code != http.StatusOK {
		t.Fatalf("%d for our own officer", w.Code)
	}
	absent := "/officer/alerts/00000000-0000-4000-8000-000000000000"
	there, not := theirs.send(http.MethodGet, path, nil), theirs.send(http.MethodGet, absent, nil)
	if there.Code != http.StatusNotFound || not.Code != http.StatusNotFound || said(there) != said(not) {
		t.Errorf("%d and %d: another organisation's alert can be told from one that is not there", there.Code, not.Code)
	}
}
