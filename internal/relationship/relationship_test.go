package relationship_test

import (
	"testing"
	"time"

	"ribble/internal/record"
	"ribble/internal/relationship"
)

var now = time.Date(2026, 11, 18, 14, 0, 0, 0, time.UTC)

func TestStrongest(t *testing.T) {
	claim := relationship.Evidence{Kind: relationship.SelfClaimed, Organisation: "RXX", From: now, Until: now.Add(relationship.ClaimLife)}
	caseload := relationship.Evidence{Kind: relationship.Caseload, Organisation: "RXX", From: now}
	launched := relationship.Evidence{Kind: relationship.Launched, Organisation: "RYY", From: now}
	for name, c := range map[string]struct {
		all          []relationship.Evidence
		organisation string
		at           time.Time
		want         relationship.Kind
	}{
		"none":                    {nil, "RXX", now, 0},
		"the stronger":            {[]relationship.Evidence{claim, caseload, launched}, "RXX", now, relationship.Caseload},
		"of the organisation":     {[]relationship.Evidence{claim, launched}, "RXX", now, relationship.SelfClaimed},
		"of no organisation":      {[]relationship.Evidence{{Kind: relationship.Caseload}}, "", now, 0},
		"not yet":                 {[]relationship.Evidence{claim}, "RXX", now.Add(-time.Second), 0},
		"on the last day":         {[]relationship.Evidence{claim}, "RXX", now.Add(relationship.ClaimLife - time.Second), relationship.SelfClaimed},
		"after four weeks":        {[]relationship.Evidence{claim}, "RXX", now.Add(relationship.ClaimLife), 0},
		"evidence without a kind": {[]relationship.Evidence{{Organisation: "RXX"}}, "RXX", now, 0},
	} {
		got, any := relationship.Strongest(c.all, c.organisation, c.at)
		if got.Kind != c.want || any != (c.want != 0) {
			t.Errorf("%s: %v", name, got.Kind)
		}
	}
}

func TestRegistration(t *testing.T) {
	if _, any := relationship.Registration(record.Person{TracedAt: now}); any {
		t.Error("a person without a practice is registered")
	}
	p := record.Person{TracedAt: now}
	p.Practice.ODS = "Y1"
	if e, any := relationship.Registration(p); !any || !e.Holds("Y1", now) || e.Holds("Y2", now) {
		t.Errorf("evidence %+v", e)
	}
}

// TestFromAnswer has the contacts and referrals of an organisation's own answer, by how far they are and what became of them.
func TestFromAnswer(t *testing.T) {
	day := func(days int) record.Period {
		return record.On(record.ParseDate(now.AddDate(0, 0, days).Format("2006-01-02")))
	}
	encounter := func(p record.Phase, when record.Period) record.Chart {
		return record.Chart{Encounters: []record.Encounter{{Head: record.Head{Phase: p, When: when}}}}
	}
	appointment := func(p record.Phase, when record.Period) record.Chart {
		return record.Chart{Appointments: []record.Appointment{{Head: record.Head{Phase: p, When: when}}}}
	}
	referral := func(p record.Phase) record.Chart {
		return record.Chart{Referrals: []record.Referral{{Head: record.Head{Phase: p}}}}
	}
	stay := record.Period{Start: record.ParseDate("2026-02-01"), End: day(-10).Start}
	for name, c := range map[string]struct {
		chart record.Chart
		want  relationship.Kind
	}{
		"nothing":                           {record.Chart{}, 0},
		"admitted long ago and still there": {encounter(record.Current, record.On(record.ParseDate("2019"))), relationship.Attending},
		"seen last month":                   {encounter(record.Ended, day(-30)), relationship.Attending},
		"discharged lately":                 {encounter(record.Ended, stay), relationship.Attending},
		"seen half a year ago":              {encounter(record.Ended, day(-180)), 0},
		"seen on no known day":              {encounter(record.Ended, record.Period{}), 0},
		"cancelled":                         {encounter(record.NotDone, day(-1)), 0},
		"withdrawn":                         {encounter(record.Withdrawn, day(-1)), 0},
		"booked":                            {appointment(record.Planned, day(60)), relationship.Attending},
		"booked for next year":              {appointment(record.Planned, day(300)), 0},
		"missed":                            {appointment(record.NotDone, day(-3)), 0},
		"an open referral":                  {referral(record.Current), relationship.Referred},
		"a closed referral":                 {referral(record.Ended), 0},
	} {
		answer := record.Answer{Source: record.SourceRef{Organisation: record.Organisation{ODS: "RXX"}}, Chart: c.chart}
		got, _ := relationship.Strongest(relationship.FromAnswer(&answer, "RXX", now), "RXX", now)
		if got.Kind != c.want {
			t.Errorf("%s: %v, want %v", name, got.Kind, c.want)
		}
		if other := relationship.FromAnswer(&answer, "RYY", now); len(other) != 0 {
			t.Errorf("%s: another organisation's answer is evidence: %v", name, other)
		}
	}
}
