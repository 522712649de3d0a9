package access_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"ribble/internal/access"
	"ribble/internal/consent"
	"ribble/internal/identity"
	"ribble/internal/oversight"
	"ribble/internal/record"
	"ribble/internal/relationship"
)

var now = time.Date(2026, 11, 18, 14, 2, 0, 0, time.UTC)

// request is one to which no rule objects, but for the change.
func request(changes ...func(*access.Request)) access.Request {
	number, _ := record.ParseNHSNumber("999 141 1690")
	q := access.Request{
		User: identity.User{
			Issuer: "https://op.example", Subject: "1", Name: "Priya NAIR", AssuranceLevel: 3,
			Role:         identity.Role{ProfileID: "1", Code: "R8000", Activities: []string{"B0360", "B0168"}},
			Organisation: identity.Organisation{ODS: "RXX", Name: "Bowland"},
		},
		Person:  record.Person{NHSNumber: number, TracedAt: now.Add(-time.Minute)},
		Purpose: access.DirectCare,
		Facts:   access.Facts{Relationships: []relationship.Evidence{evidence(relationship.Caseload)}, OfficerNamed: true},
		At:      now,
	}
	for _, change := range changes {
		change(&q)
	}
	return q
}

func evidence(k relationship.Kind) relationship.Evidence {
	return relationship.Evidence{Kind: k, Organisation: "RXX", From: now.Add(-time.Hour)}
}

func related(all ...relationship.Evidence) func(*access.Request) {
	return func(q *access.Request) { q.Facts.Relationships = all }
}

// glass opens emergency access a minute ago.
func glass(q *access.Request) {
	q.Facts.Override = access.Override{ID: "o", Reason: "unconscious", Organisation: "RXX", From: now.Add(-time.Minute), Until: now.Add(29 * time.Minute)}
}

func objected(d consent.Direction, organisation string, sections record.Sections) func(*access.Request) {
	return func(q *access.Request) {
		q.Facts.Consent = append(q.Facts.Consent, consent.Entry{ID: "c", Organisation: organisation, Sections: sections, Direction: d, Stance: consent.Objected, From: now.Add(-time.Hour)})
	}
}

func refusedAs(t *testing.T, err error, code string) access.Refusal {
	t.Helper()
	var refusal access.Refusal
	if !errors.As(err, &refusal) || refusal.Code() != code {
		t.Errorf("want %s, got %v", code, err)
	}
	if refusal.Words() == "" {
		t.Errorf("%s: the user is told nothing", code)
	}
	return refusal
}

func TestDecideAllows(t *testing.T) {
	grant, err := access.Decide(request())
	if err != nil || !grant.Valid() {
		t.Fatalf("refused: %v", err)
	}
	if grant.Sections() != record.AllSections || len(grant.Reasons()) != len(access.Rules) || grant.Barred() != 0 {
		t.Errorf("sections %b, reasons %v", grant.Sections(), grant.Reasons())
	}
	if !grant.Holds(access.Documents) || !grant.Holds(access.BreakGlass) || grant.Holds(access.Sensitive) || grant.Holds(0) {
		t.Error("the grant holds other rights than the role")
	}
}

// born is what a launching system says and what the trace says.
func born(launched, traced string) func(*access.Request) {
	return func(q *access.Request) { q.Born, q.Person.Born = record.ParseDate(launched), record.ParseDate(traced) }
}

func TestDecideAllowsALaunch(t *testing.T) {
	if _, err := access.Decide(request(born("1942-03-03", "1942-03-03"))); err != nil {
		t.Error(err)
	}
}

func TestDecideRefuses(t *testing.T) {
	all := record.AllSections
	for _, c := range []struct {
		code   string
		change func(*access.Request)
	}{
		{"signed-in", func(q *access.Request) { q.User = identity.User{} }},
		{"one-organisation", func(q *access.Request) { q.User.Organisation.ODS = "" }},
		{"role-may-open", func(q *access.Request) { q.User.Role.Activities = []string{"B0062"} }},
		{"role-may-open", func(q *access.Request) { q.User.Role.Activities = nil }},
		{"assured", func(q *access.Request) { q.User.AssuranceLevel = 1 }},
		{"purpose", func(q *access.Request) { q.Purpose = 0 }},
		{"traced", func(q *access.Request) { q.Person.NHSNumber = record.NHSNumber{} }},
		{"traced", func(q *access.Request) { q.Person.TracedAt = now.Add(-25 * time.Hour) }},
		{"traced", func(q *access.Request) { q.Person.TracedAt = now.Add(time.Hour) }},
		{"traced", func(q *access.Request) { q.Person.TracedAt = time.Time{} }},
		{access.LaunchBirthDate, born("1942-03-03", "1942-03-04")},
		{access.LaunchBirthDate, born("1942-03-03", "")},
		{access.LaunchBirthDate, born("1942-03-03", "1942-03")},
		{access.LaunchBirthDate, born("1942", "1942-03-03")},
		{access.LaunchBirthDate, born("no date", "no date")},
		{"own-record", func(q *access.Request) { q.Facts.Watched.OwnRecord = true }},
		{"own-record", func(q *access.Request) { q.Facts.Watched.OwnRecord = true; glass(q) }},
		{access.NeedsRelationship, related()},
		{access.NeedsRelationship, related(relationship.Evidence{Kind: relationship.Caseload, Organisation: "RYY"})},
		{access.NeedsRelationship, related(relationship.Evidence{Kind: relationship.SelfClaimed, Organisation: "RXX", From: now.Add(-28 * 24 * time.Hour), Until: now})},
		{access.NeedsRelationship, related(relationship.Evidence{Kind: relationship.Caseload, Organisation: "RXX", From: now.Add(time.Second)})},
		{access.NeedsReason, func(q *access.Request) { q.Facts.Watched.Colleague = true }},
		{access.NeedsReason, func(q *access.Request) { q.Facts.Watched.Listed = true }},
		{access.Objected, objected(consent.View, "RXX", all)},
		{access.Objected, objected(consent.View, "", all)},
		{access.PermissionRefused, func(q *access.Request) { q.Facts.Permission.RefusedUntil = now.Add(time.Hour) }},
		{access.PermissionRefused, func(q *access.Request) {
			q.Facts.Permission = access.Permission{Needed: true, GivenUntil: now.Add(time.Hour), RefusedUntil: now.Add(time.Hour)}
		}},
		{access.NeedsPermission, func(q *access.Request) { q.Facts.Permission.Needed = true }},
		{access.NeedsPermission, func(q *access.Request) { q.Facts.Permission = access.Permission{Needed: true, GivenUntil: now} }},
	} {
		grant, err := access.Decide(request(c.change))
		refusedAs(t, err, c.code)
		if grant.Valid() {
			t.Errorf("%s: a refused request holds a valid grant", c.code)
		}
	}
}

// What a refusal says must not help anybody to learn what the register knows: neither rule that asks for a reason tells which of them asks.
func TestAskingWhyTellsNothing(t *testing.T) {
	_, unrelated := access.Decide(request(related()))
	_, colleague := access.Decide(request(func(q *access.Request) { q.Facts.Watched.Colleague = true }))
	_, listed := access.Decide(request(func(q *access.Request) { q.Facts.Watched.Listed = true }))
	words := refusedAs(t, unrelated, access.NeedsRelationship).Words()
	if refusedAs(t, colleague, access.NeedsReason).Words() != words || refusedAs(t, listed, access.NeedsReason).Words() != words {
		t.Error("the words tell a colleague or a listed person from anybody else")
	}
	everything := request(related(), objected(consent.View, "", record.AllSections), func(q *access.Request) {
		q.Facts.Watched = access.Watched{Colleague: true, Listed: true}
		q.Facts.Permission = access.Permission{Needed: true, RefusedUntil: now.Add(time.Hour)}
	})
	if _, err := access.Decide(everything); refusedAs(t, err, access.NeedsRelationship).Words() != words {
		t.Error("somebody without a relationship learns what the person has said")
	}
}

func TestRelationshipIsTheStrongest(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(*access.Request)
		want   relationship.Kind
	}{
		{"one", func(*access.Request) {}, relationship.Caseload},
		{"the strongest of many", related(evidence(relationship.SelfClaimed), evidence(relationship.Launched), evidence(relationship.Attending)), relationship.Launched},
		{"of the trace alone", func(q *access.Request) { q.Facts.Relationships, q.Person.Practice.ODS = nil, "RXX" }, relationship.Registered},
		{"none but emergency access", func(q *access.Request) { q.Facts.Relationships = nil; glass(q) }, 0},
	} {
		grant, err := access.Decide(request(c.change))
		if err != nil || grant.Relationship().Kind != c.want {
			t.Errorf("%s: %v, %v", c.name, grant.Relationship().Kind, err)
		}
	}
}

// The trace's practice must not be written into the facts that the caller keeps.
func TestDecideChangesNothing(t *testing.T) {
	facts := make([]relationship.Evidence, 1, 4)
	facts[0] = evidence(relationship.Caseload)
	if _, err := access.Decide(request(related(facts...), func(q *access.Request) { q.Person.Practice.ODS = "RXX" })); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(make([]relationship.Evidence, 3), facts[:4][1:]); diff != "" {
		t.Error(diff)
	}
}

func TestAReasonOpensWatchedRecords(t *testing.T) {
	grant, err := access.Decide(request(related(evidence(relationship.Registered), evidence(relationship.SelfClaimed)), func(q *access.Request) {
		q.Facts.Watched = access.Watched{Colleague: true, Listed: true}
		q.Person.Restricted = true
	}))
	if err != nil {
		t.Fatal(err)
	}
	want := []oversight.Kind{oversight.Listed, oversight.Colleague, oversight.Restricted}
	if diff := cmp.Diff(want, grant.Alerts()); diff != "" {
		t.Error(diff)
	}
}

func TestAlerts(t *testing.T) {
	grant, err := access.Decide(request())
	if err != nil || len(grant.Alerts()) != 0 {
		t.Errorf("%v, %v", grant.Alerts(), err)
	}
	_, err = access.Decide(request(func(q *access.Request) { q.Facts.Watched.OwnRecord = true }))
	if got := refusedAs(t, err, "own-record").Alerts(); !slices.Equal(got, []oversight.Kind{oversight.OwnRecord}) {
		t.Errorf("the attempt at one's own record raises %v", got)
	}
	_, err = access.Decide(request(func(q *access.Request) { q.User.Role.Activities, q.Facts.Watched.Listed = []string{"B0264"}, true }))
	if got := refusedAs(t, err, "role-may-open").Alerts(); !slices.Equal(got, []oversight.Kind{oversight.Listed}) {
		t.Errorf("a receptionist's attempt at a listed person raises %v", got)
	}
	_, err = access.Decide(request(func(q *access.Request) { q.User, q.Person.Restricted = identity.User{}, true }))
	if got := refusedAs(t, err, "signed-in").Alerts(); got != nil {
		t.Errorf("nobody has no officer, but %v is raised", got)
	}
}

func TestEmergencyAccessOpens(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(*access.Request)
	}{
		{"no relationship", related()},
		{"objection to view", objected(consent.View, "RXX", record.AllSections)},
		{"permission refused", func(q *access.Request) { q.Facts.Permission.RefusedUntil = now.Add(time.Hour) }},
		{"permission not asked", func(q *access.Request) { q.Facts.Permission.Needed = true }},
		{"watched", func(q *access.Request) { q.Facts.Watched = access.Watched{Colleague: true, Listed: true} }},
	} {
		grant, err := access.Decide(request(c.change, glass))
		if err != nil || grant.Sections() != record.AllSections || grant.Override().ID != "o" {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

func TestEmergencyAccessEnds(t *testing.T) {
	for name, change := range map[string]func(*access.Request){
		"expired":            func(q *access.Request) { q.Facts.Override.Until = now },
		"not begun":          func(q *access.Request) { q.Facts.Override.From = now.Add(time.Second) },
		"too long":           func(q *access.Request) { q.Facts.Override.Until = q.Facts.Override.From.Add(30*time.Minute + 1) },
		"other organisation": func(q *access.Request) { q.Facts.Override.Organisation = "RYY" },
		"no officer any more": func(q *access.Request) {
			q.Facts.OfficerNamed = false
		},
		"right taken away": func(q *access.Request) { q.User.Role.Activities = []string{"B0360"} },
		"nameless":         func(q *access.Request) { q.Facts.Override.ID = "" },
	} {
		if _, err := access.Decide(request(related(), glass, change)); refusedAs(t, err, access.NeedsRelationship).Code() == "" {
			t.Error(name)
		}
		grant, err := access.Decide(request(glass, change))
		if err != nil || grant.Override() != (access.Override{}) {
			t.Errorf("%s: a look that needs no emergency access names one: %v", name, err)
		}
	}
}

func TestPartialObjections(t *testing.T) {
	some := record.SectionsOf(record.Allergies, record.Legal)
	bar := objected(consent.View, "RXX", some)
	grant, err := access.Decide(request(bar, objected(consent.View, "RYY", record.AllSections)))
	if err != nil || grant.Sections() != record.AllSections&^some || grant.Barred() != some {
		t.Errorf("sections %b, barred %b, %v", grant.Sections(), grant.Barred(), err)
	}
	grant, err = access.Decide(request(bar, func(q *access.Request) { q.User.Role.Activities = []string{"B0370"} }))
	if err != nil || grant.Barred() != record.SectionsOf(record.Allergies) {
		t.Errorf("a summary role is told of sections that it never had: %b, %v", grant.Barred(), err)
	}
	if _, err := access.Decide(request(bar, func(q *access.Request) { q.User.Role.Activities = []string{"B0360"}; glass(q) })); err != nil {
		t.Error(err)
	}
}

// What a source's organisation may not show is not opened by anything from here.
func TestSupplyObjectionsStay(t *testing.T) {
	some := record.SectionsOf(record.Documents)
	for name, change := range map[string]func(*access.Request){"as always": func(*access.Request) {}, "in an emergency": glass} {
		grant, err := access.Decide(request(objected(consent.Supply, "RZB", some), change))
		if err != nil || grant.Withheld("RZB") != some || grant.Withheld("RXX") != 0 || grant.Sections() != record.AllSections {
			t.Errorf("%s: %b, %v", name, grant.Withheld("RZB"), err)
		}
	}
}

func TestMayBreakGlass(t *testing.T) {
	if err := access.MayBreakGlass(request(related(), objected(consent.View, "", record.AllSections))); err != nil {
		t.Error(err)
	}
	for _, c := range []struct {
		code   string
		change func(*access.Request)
	}{
		{"signed-in", func(q *access.Request) { q.User = identity.User{} }},
		{"one-organisation", func(q *access.Request) { q.User.Organisation.ODS = "" }},
		{"role-may-open", func(q *access.Request) { q.User.Role.Activities = []string{"B0168"} }},
		{"assured", func(q *access.Request) { q.User.AssuranceLevel = 1 }},
		{"purpose", func(q *access.Request) { q.Purpose = 0 }},
		{"traced", func(q *access.Request) { q.Person.TracedAt = time.Time{} }},
		{access.LaunchBirthDate, born("1942-03-03", "1942-03-04")},
		{"own-record", func(q *access.Request) { q.Facts.Watched.OwnRecord = true }},
		{"officer-named", func(q *access.Request) { q.Facts.OfficerNamed = false }},
		{"may-break-glass", func(q *access.Request) { q.User.Role.Activities = []string{"B0360"} }},
		{"may-break-glass", func(q *access.Request) { q.User.Issuer = identity.LocalIssuer }},
	} {
		refusedAs(t, access.MayBreakGlass(request(c.change)), c.code)
	}
}

func TestZeroGrantIsRefused(t *testing.T) {
	if (access.Grant{}).Valid() || (access.Grant{}).Holds(access.Summary) {
		t.Error("the zero grant is valid")
	}
}

func TestRuleCodes(t *testing.T) {
	seen := map[string]bool{}
	for _, rule := range slices.Concat(access.Rules, access.BreakGlassRules[len(access.BreakGlassRules)-2:]) {
		if rule.Guards == "" || rule.Words == "" || seen[rule.Code] {
			t.Errorf("%s: what for, what is said, or twice", rule.Code)
		}
		seen[rule.Code] = true
	}
}
