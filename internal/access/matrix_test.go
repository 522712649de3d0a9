package access_test

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"ribble/internal/access"
	"ribble/internal/consent"
	"ribble/internal/identity"
	"ribble/internal/record"
	"ribble/internal/relationship"
)

// The matrix compares the rules with testdata/policy.txt, which says the same in words of its own and was not made from them (goal G18).

// policy is the text, by the name of each table: its head, and its lines. It notes which lines decided something: one that never does was meant to.
type policy struct {
	tables map[string][][]string
	used   map[string]map[int]bool
}

func readPolicy(t testing.TB) policy {
	t.Helper()
	text, err := os.ReadFile("testdata/policy.txt")
	if err != nil {
		t.Fatal(err)
	}
	p, name := policy{map[string][][]string{}, map[string]map[int]bool{}}, ""
	for line := range strings.Lines(string(text)) {
		line = strings.TrimSpace(line)
		switch {
		case strings.HasPrefix(line, "== "):
			name = line[3:]
			p.used[name] = map[int]bool{}
		case name != "" && strings.Contains(line, "|"):
			var cells []string
			for cell := range strings.SplitSeq(line, "|") {
				cells = append(cells, strings.TrimSpace(cell))
			}
			if table := p.tables[name]; len(table) > 0 && len(cells) != len(table[0]) {
				t.Fatalf("%s: a line of %d cells: %s", name, len(cells), line)
			}
			p.tables[name] = append(p.tables[name], cells)
		}
	}
	return p
}

// cell is one combination, by the names of the axes.
type cell map[string]string

// fits reports whether a pattern of the text fits a value.
func fits(pattern, value string) bool {
	if pattern == "*" || pattern == value {
		return true
	}
	if others, not := strings.CutPrefix(pattern, "not "); not {
		return !fits(others, value)
	}
	for word := range strings.SplitSeq(pattern, " ") {
		if word == value {
			return true
		}
	}
	return false
}

// lines are the last cells of the lines of a table that fit, at most so many.
func (p policy) lines(table string, c cell, most int) []string {
	var out []string
	head := p.tables[table][0]
	last := len(head) - 1
	for n, line := range p.tables[table][1:] {
		if len(out) == most {
			break
		}
		fit := true
		for i := 0; fit && i < last; i++ {
			value, known := c[head[i]]
			if !known {
				panic("the matrix has no axis " + head[i])
			}
			fit = fits(line[i], value)
		}
		if fit {
			out = append(out, line[last])
			p.used[table][n] = true
		}
	}
	return out
}

// every is the last cells of all lines that fit.
func (p policy) every(table string, c cell) []string { return p.lines(table, c, len(p.tables[table])) }

// says is the first line that fits.
func (p policy) says(table string, c cell) string {
	if first := p.lines(table, c, 1); len(first) > 0 {
		return first[0]
	}
	return ""
}

// unused complains of lines that decided nothing.
func (p policy) unused(t *testing.T, tables ...string) {
	t.Helper()
	for _, table := range tables {
		for n, line := range p.tables[table][1:] {
			if !p.used[table][n] {
				t.Errorf("%s: this line of the policy never decides: %s", table, strings.Join(line, " | "))
			}
		}
	}
}

func sectionsNamed(t testing.TB, text string) record.Sections {
	t.Helper()
	if text == "all" {
		return record.AllSections
	}
	var set record.Sections
	for _, id := range strings.Fields(text) {
		s, ok := record.SectionByID(id)
		if !ok {
			t.Fatalf("the policy names %q, which is no section", id)
		}
		set |= record.SectionsOf(s)
	}
	return set
}

// axis is one dimension of the matrix: its name, and what each value makes of the request. The order of the axes matters: later ones
// build on earlier ones.
type axis struct {
	name   string
	values []value
}

type value struct {
	name  string
	apply func(*access.Request)
}

func role(code string, activities ...string) func(*access.Request) {
	return func(q *access.Request) {
		q.User.Role = identity.Role{ProfileID: "1", Code: code, Activities: activities}
	}
}

func leave(*access.Request) {}

const ours, other, trimmed = "RXX", "RZB", "RTT"

// of gives evidence about the organisation of the request.
func of(kind relationship.Kind, until time.Duration) func(*access.Request) {
	return func(q *access.Request) {
		q.Facts.Relationships = append(q.Facts.Relationships, relationship.Evidence{
			Kind: kind, Organisation: q.User.Organisation.ODS, From: now.Add(-24 * time.Hour), Until: now.Add(until),
		})
	}
}

// overridden gives emergency access that began and ends so many minutes from now.
func overridden(organisation func(*access.Request) string, from, until time.Duration) func(*access.Request) {
	return func(q *access.Request) {
		q.Facts.Override = access.Override{ID: "o", Organisation: organisation(q), From: now.Add(from * time.Minute), Until: now.Add(until * time.Minute)}
	}
}

func own(q *access.Request) string { return q.User.Organisation.ODS }

func elsewhere(*access.Request) string { return other }

func said(d consent.Direction, organisation func(*access.Request) string, sections record.Sections) func(*access.Request) {
	return func(q *access.Request) {
		q.Facts.Consent = consent.Standing{{ID: "c", Organisation: organisation(q), Sections: sections, Direction: d, Stance: consent.Objected, From: now.Add(-time.Hour)}}
	}
}

func permission(p access.Permission) func(*access.Request) {
	return func(q *access.Request) { q.Facts.Permission = p }
}

func organisation(ods string, officer bool) func(*access.Request) {
	return func(q *access.Request) { q.User.Organisation.ODS, q.Facts.OfficerNamed = ods, officer }
}

var part = record.SectionsOf(record.Allergies, record.Documents)

var axes = []axis{
	{"role", []value{
		{"nobody", func(q *access.Request) { q.User = identity.User{} }},
		{"unrolled", role("R8000")},
		{"receptionist", role("R8009", "B0264", "B0820")},
		{"social-worker", role("R8003", "B0264", "B0370", "B0820")},
		{"clinician", role("R8000", "B0264", "B0360", "B0370", "B0820", "B0168")},
		{"trainee", role("R8004", "B0264", "B0360", "B0820")},
		{"mental-health-nurse", role("R8001", "B0360", "B1611")},
		{"local-clinician", func(q *access.Request) {
			// The account is given more than it may have: emergency access, and what a label hides.
			role("R8000", "B0264", "B0360", "B0820", "B0168", "B1611")(q)
			q.User.Issuer, q.User.AssuranceLevel = identity.LocalIssuer, 2
		}},
		{"privacy-officer", role("R0001", "B0015", "B0016", "B0018", "B0011")},
		{"region-officer", role("R5105", "B0011", "B9001")},
		{"administrator", role("R8015", "B0062", "B1700", "B0011")},
	}},
	{"sign-in", []value{{"strong", leave}, {"weak", func(q *access.Request) { q.User.AssuranceLevel = 1 }}}},
	{"organisation", []value{
		{"with-officer", organisation(ours, true)}, {"without-officer", organisation(ours, false)}, {"trimmed", organisation(trimmed, true)}, {"none", organisation("", false)},
	}},
	{"relationship", []value{
		{"none", leave}, {"launched", of(relationship.Launched, time.Hour)}, {"attending", of(relationship.Attending, time.Hour)}, {"referred", of(relationship.Referred, time.Hour)},
		{"caseload", of(relationship.Caseload, time.Hour)}, {"claimed", of(relationship.SelfClaimed, time.Hour)}, {"expired-claim", of(relationship.SelfClaimed, 0)},
		{"registered", func(q *access.Request) { q.Person.Practice.ODS = q.User.Organisation.ODS }},
		{"elsewhere", func(q *access.Request) {
			q.Facts.Relationships = []relationship.Evidence{{Kind: relationship.Attending, Organisation: other}, {Kind: relationship.SelfClaimed, Organisation: other}}
			q.Person.Practice.ODS = other
		}},
	}},
	{"person", []value{
		{"ordinary", leave},
		{"restricted", func(q *access.Request) { q.Person.Restricted = true }},
		{"deceased", func(q *access.Request) { q.Person.Deceased.Recorded = true }},
		{"own-record", func(q *access.Request) { q.Facts.Watched.OwnRecord = true }},
		{"colleague", func(q *access.Request) { q.Facts.Watched.Colleague = true }},
		{"listed", func(q *access.Request) { q.Facts.Watched.Listed = true }},
		{"stale-trace", func(q *access.Request) { q.Person.TracedAt = now.Add(-25 * time.Hour) }},
		{"other-birth-date", born("1942-03-03", "1942-04-03")},
	}},
	{"consent", []value{
		{"nothing", leave},
		{"objected-to-view", said(consent.View, own, record.AllSections)},
		{"objected-to-part", said(consent.View, own, part)},
		{"objected-elsewhere", said(consent.View, elsewhere, record.AllSections)},
		{"objected-to-supply", said(consent.Supply, elsewhere, record.AllSections)},
		{"objected-to-a-supply", said(consent.Supply, elsewhere, record.SectionsOf(record.Allergies))},
		{"permission-needed", permission(access.Permission{Needed: true, GivenUntil: now})},
		{"permission-given", permission(access.Permission{Needed: true, GivenUntil: now.Add(time.Hour)})},
		{"permission-refused", permission(access.Permission{Needed: true, GivenUntil: now.Add(time.Hour), RefusedUntil: now.Add(time.Hour)})},
	}},
	{"glass", []value{
		{"none", leave}, {"open", overridden(own, -5, 25)}, {"expired", overridden(own, -30, 0)}, {"elsewhere", overridden(elsewhere, -5, 25)}, {"too-long", overridden(own, -5, 26)},
	}},
}

// everyCell calls do for the full product of the axes.
func everyCell(t testing.TB, do func(cell, access.Request)) int {
	t.Helper()
	table := strings.Replace(shippedText(t), `"organisations": {}`, `"organisations": {"`+trimmed+`": [{"without": ["documents"]}]}`, 1)
	base := request(func(q *access.Request) {
		q.Profiles, q.Facts = load(t, table), access.Facts{}
		q.Person.Born = record.ParseDate("1942-03-03")
	})
	c, n := cell{}, 0
	var walk func(depth int, q access.Request)
	walk = func(depth int, q access.Request) {
		if depth == len(axes) {
			n++
			do(c, q)
			return
		}
		for _, v := range axes[depth].values {
			next := q
			v.apply(&next)
			if depth > 0 && c["role"] == "nobody" {
				next.User = identity.User{}
			}
			c[axes[depth].name] = v.name
			walk(depth+1, next)
		}
	}
	walk(0, base)
	return n
}

// outcome is a decision in the words of the policy.
func outcome(err error, otherwise string) string {
	var refusal access.Refusal
	if errors.As(err, &refusal) {
		return "refused " + refusal.Code()
	}
	return otherwise
}

func TestMatrix(t *testing.T) {
	p, wrong := readPolicy(t), 0
	complain := func(c cell, what string, got, want any) {
		if wrong++; wrong <= 20 {
			t.Errorf("%s: got %v, the policy says %v: %v", what, got, want, c)
		}
	}
	n := everyCell(t, func(c cell, q access.Request) {
		want := p.says("opening", c)
		grant, err := access.Decide(q)
		opened := "opened"
		if grant.Override().ID != "" {
			opened = "opened in emergency"
		}
		if got := outcome(err, opened); got != want {
			complain(c, "opening", got, want)
		}
		if got, want := outcome(access.MayBreakGlass(q), "allowed"), p.says("emergency", c); got != want {
			complain(c, "emergency", got, want)
		}
		check := q
		check.Purpose = access.RelationshipCheck
		asks, checked := access.Decide(check)
		if got, want := outcome(checked, "asked"), p.says("checking", c); got != want {
			complain(c, "checking", got, want)
		}
		if checked == nil && asks.Sections() != record.SectionsOf(record.Encounters, record.Appointments, record.Referrals) {
			complain(c, "what is checked", asks.Sections(), "encounters, appointments and referrals")
		}
		alerts := grant.Alerts()
		var refusal access.Refusal
		if errors.As(err, &refusal) {
			alerts = refusal.Alerts()
		}
		if got, want := fmt.Sprint(alerts), fmt.Sprint(p.every("alerts", c)); got != want {
			complain(c, "alerts", got, want)
		}
		if err != nil {
			return
		}
		c["outcome"] = want
		sees := sectionsNamed(t, p.says("sees", c))
		for _, less := range p.every("less", c) {
			sees &^= sectionsNamed(t, less)
		}
		if grant.Sections() != sees {
			complain(c, "sections", grant.Sections(), sees)
		}
		if barred := sectionsNamed(t, p.says("barred", c)); grant.Barred() != barred {
			complain(c, "barred", grant.Barred(), barred)
		}
	})
	t.Logf("%d cells, each decided three times, %d wrong", n, wrong)
	if n < 20_000 {
		t.Errorf("%d cells are too few", n)
	}
	p.unused(t, "opening", "emergency", "checking", "sees", "less", "barred", "alerts")
}
