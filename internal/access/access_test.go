package access_test

import (
	"errors"
	"testing"
	"time"

	"ribble/internal/access"
	"ribble/internal/identity"
	"ribble/internal/record"
)

var now = time.Date(2026, 11, 18, 14, 2, 0, 0, time.UTC)

func request(change func(*access.Request)) access.Request {
	number, _ := record.ParseNHSNumber("999 141 1690")
	q := access.Request{
		User: identity.User{
			Issuer: "https://op.example", Subject: "1", Name: "Priya NAIR", AssuranceLevel: 3,
			Role:         identity.Role{ProfileID: "1", Activities: []string{"B0360"}},
			Organisation: identity.Organisation{ODS: "RXX", Name: "Bowland"},
		},
		Person:  record.Person{NHSNumber: number, TracedAt: now.Add(-time.Minute)},
		Purpose: access.DirectCare,
		At:      now,
	}
	change(&q)
	return q
}

func TestDecideAllows(t *testing.T) {
	grant, err := access.Decide(request(func(*access.Request) {}))
	if err != nil || !grant.Valid() {
		t.Fatalf("refused: %v", err)
	}
	if grant.Sections() != record.AllSections || len(grant.Reasons()) != len(access.Rules) {
		t.Errorf("sections %b, reasons %v", grant.Sections(), grant.Reasons())
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
	} {
		grant, err := access.Decide(request(c.change))
		var refusal access.Refusal
		if !errors.As(err, &refusal) || refusal.Code() != c.code {
			t.Errorf("want %s, got %v", c.code, err)
		}
		if grant.Valid() {
			t.Errorf("%s: a refused request holds a valid grant", c.code)
		}
		if refusal.Words() == "" {
			t.Errorf("%s: the user is told nothing", c.code)
		}
	}
}

func TestZeroGrantIsRefused(t *testing.T) {
	if (access.Grant{}).Valid() {
		t.Error("the zero grant is valid")
	}
}

func TestSummaryRoleSeesSummary(t *testing.T) {
	got := access.SectionsFor([]string{"B0370", "B0062"})
	if !got.Has(record.Allergies) || got.Has(record.Results) {
		t.Errorf("summary sections: %b", got)
	}
}
