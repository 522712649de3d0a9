package sensitive_test

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"ribble/internal/access"
	"ribble/internal/identity"
	"ribble/internal/quarantine"
	"ribble/internal/record"
	"ribble/internal/relationship"
	"ribble/internal/sensitive"
)

const (
	detailed         = "B0360"
	summary          = "B0370"
	sensitiveFlagged = "B1611"
)

var (
	now       = time.Date(2026, 11, 18, 14, 2, 9, 0, time.UTC)
	number, _ = record.ParseNHSNumber("999 141 1690")
	feed      = record.SourceRef{Feed: "f", Organisation: record.Organisation{ODS: "RZB", Name: "Bowland", Short: "Bowland"}}
	// veryRestricted is a label that hides an entry; normal is one that does not.
	veryRestricted = record.Label{System: "http://terminology.hl7.org/CodeSystem/v3-Confidentiality", Code: "V"}
	normal         = record.Label{System: "http://terminology.hl7.org/CodeSystem/v3-Confidentiality", Code: "N"}
)

func demographics() record.Demographics {
	return record.Demographics{
		Identifiers: []record.Identifier{{System: record.NHSNumberSystem, Value: number.Digits()}}, NumberStatus: "01",
		Names: []record.Name{{Use: "usual", Family: "Ashworth", Given: []string{"Edith"}}}, Born: record.ParseDate("1942-03-03"), Gender: "female",
	}
}

func person() record.Person {
	return record.Person{NHSNumber: number, TracedAt: now, Demographics: demographics()}
}

func grant(t interface{ Fatal(...any) }, activities ...string) access.Grant {
	g, err := access.Decide(access.Request{
		User:   identity.User{Issuer: "i", Subject: "s", AssuranceLevel: 3, Role: identity.Role{ProfileID: "1", Activities: activities}, Organisation: identity.Organisation{ODS: "RZB", Name: "Bowland"}},
		Person: person(), Purpose: access.DirectCare, At: now, Facts: access.Facts{Relationships: []relationship.Evidence{{Kind: relationship.Caseload, Organisation: "RZB"}}},
	})
	if err != nil {
		t.Fatal(err)
	}
	return g
}

func head(kind, id string, labels ...record.Label) record.Head {
	h := record.Head{Key: record.ItemKey{Type: kind, ID: id}, Phase: record.Current}
	h.Labelled(labels)
	return h
}

// answer puts the chart into a settled answer that accounts for every entry.
func answer(chart record.Chart) record.Answer {
	a := record.Answer{Source: feed, State: record.Data, Patients: []record.Demographics{demographics()}, Chart: chart}
	for s := range record.AllSections.All {
		a.Chart.Heads(s, func(h *record.Head) {
			if !h.CrossListed {
				a.Account.Receive(h.Key.Type)
				a.Account.Place(h.Key.Type, record.Shown)
			}
		})
	}
	a.Settle(record.AllSections)
	return a
}

func clear(t interface{ Fatal(...any) }, chart record.Chart, activities ...string) *sensitive.Cleared {
	return new(sensitive.Policy).Clear(grant(t, activities...), quarantine.Check(person(), answer(chart), quarantine.Other))
}

func TestLabelsHide(t *testing.T) {
	odd := record.Label{System: normal.System, Code: "no such code"}
	elsewhere := record.Label{System: "urn:of-no-matter", Code: "V"}
	for _, k := range []struct {
		name       string
		labels     []record.Label
		activities []string
		shown      int
	}{
		{"no label", nil, []string{detailed}, 1},
		{"normal", []record.Label{normal}, []string{detailed}, 1},
		{"very restricted", []record.Label{veryRestricted}, []string{detailed}, 0},
		{"very restricted, for a role that may", []record.Label{veryRestricted}, []string{detailed, sensitiveFlagged}, 1},
		{"a code that nobody knows is the strictest", []record.Label{odd}, []string{detailed}, 0},
		{"one strict label among others", []record.Label{normal, veryRestricted}, []string{detailed}, 0},
		{"restricted, as CDA spells the system", []record.Label{{System: "urn:oid:2.16.840.1.113883.5.25", Code: "R"}}, []string{detailed}, 0},
		{"restricted, without a system", []record.Label{{Code: "R"}}, []string{detailed}, 0},
		{"a label of another kind", []record.Label{elsewhere}, []string{detailed}, 1},
	} {
		t.Run(k.name, func(t *testing.T) {
			c := clear(t, record.Chart{Problems: []record.Problem{{Head: head("Condition", "1", k.labels...)}}}, k.activities...)
			if got := len(c.Answer().Chart.Problems); got != k.shown {
				t.Errorf("%d shown, want %d", got, k.shown)
			}
			if got := c.Withheld(record.Problems); got != 1-k.shown {
				t.Errorf("%d counted as withheld, want %d", got, 1-k.shown)
			}
			if state := c.Answer().Coverage[record.Problems].State; (state == record.Withheld) != (k.shown == 0) {
				t.Errorf("the section is in state %s", state)
			}
		})
	}
}

func TestARoleSeesItsSectionsOnly(t *testing.T) {
	c := clear(t, record.Chart{
		Allergies: []record.Allergy{{Head: head("AllergyIntolerance", "1")}}, Documents: []record.Document{{Head: head("DocumentReference", "2")}},
	}, summary)
	if chart := c.Answer().Chart; len(chart.Allergies) != 1 || len(chart.Documents) != 0 {
		t.Errorf("a summary role sees %d allergies and %d documents", len(chart.Allergies), len(chart.Documents))
	}
}

func TestSensitiveAlertsAreForFewEyes(t *testing.T) {
	chart := func() record.Chart {
		return record.Chart{Alerts: []record.Alert{{Head: head("Flag", "1"), SensitiveKind: true}, {Head: head("Flag", "2")}}}
	}
	if c := clear(t, chart(), detailed); len(c.Answer().Chart.Alerts) != 1 || c.Answer().Chart.Alerts[0].Key.ID != "2" {
		t.Error("an alert for few eyes is shown to every role")
	}
	if c := clear(t, chart(), detailed, sensitiveFlagged); len(c.Answer().Chart.Alerts) != 2 {
		t.Error("an alert is hidden from the role that may see it")
	}
}

// What is hidden must not be told of by what refers to it.
func TestNoReferenceToWhatIsHiddenStays(t *testing.T) {
	secret := record.ItemKey{Type: "Condition", ID: "secret"}
	to := record.Ref{Key: secret, Words: "the secret in words"}
	other := record.Ref{Key: record.ItemKey{Type: "Condition", ID: "open"}}
	c := clear(t, record.Chart{
		Problems: []record.Problem{
			{Head: head("Condition", "secret", veryRestricted)},
			{Head: head("Condition", "open"), Links: []record.Ref{to, other, {Key: record.ItemKey{Type: "Encounter", ID: "2"}, Words: "the consultation about it"}}, Relations: []record.ProblemRelation{{To: to}}},
		},
		Encounters: []record.Encounter{
			{Head: head("Encounter", "1"), Diagnoses: []record.EncounterDiagnosis{{Ref: to}, {Ref: other}}},
			{Head: head("Encounter", "4"), Diagnoses: []record.EncounterDiagnosis{{Ref: other}}, Stay: record.Ref{Key: record.ItemKey{Type: "Encounter", ID: "1"}}},
		},
		Referrals:     []record.Referral{{Head: head("ServiceRequest", "1"), Attachments: []record.Ref{to}}},
		Consultations: []record.Consultation{{Head: head("Encounter", "2"), Topics: []record.Topic{{Problems: []record.Ref{to}}}}, {Head: head("Encounter", "3")}},
	}, detailed)
	chart := &c.Answer().Chart
	if p := chart.Problems; len(p) != 1 || !slices.EqualFunc(p[0].Links, []record.Ref{other}, func(a, b record.Ref) bool { return a.Key == b.Key }) || len(p[0].Relations) != 0 {
		t.Error("a problem still refers to a hidden one")
	}
	if e := chart.Encounters; len(e) != 1 || e[0].Key.ID != "4" || len(e[0].Diagnoses) != 1 || !e[0].Stay.IsZero() {
		t.Error("an encounter for a hidden diagnosis is shown, or one that lay within it still leads there")
	}
	if len(chart.Referrals[0].Attachments) != 0 {
		t.Error("a referral still has a hidden attachment")
	}
	if len(chart.Consultations) != 1 || chart.Consultations[0].Key.ID != "3" {
		t.Error("a consultation about a hidden problem is shown")
	}
}

func TestNothingIsClearedWithoutAGrantOrACheck(t *testing.T) {
	checked := quarantine.Check(person(), answer(record.Chart{Allergies: []record.Allergy{{Head: head("AllergyIntolerance", "1")}}}), quarantine.Other)
	if c := new(sensitive.Policy).Clear(access.Grant{}, checked); len(c.Answer().Chart.Allergies) != 0 {
		t.Error("the zero grant opens something")
	}
	if c := new(sensitive.Policy).Clear(grant(t, detailed), quarantine.Checked{}); len(c.Answer().Chart.Allergies) != 0 {
		t.Error("an unchecked answer is cleared")
	}
}

// Whatever comes, an entry is either shown, without a strict label, or counted as withheld.
func TestShownOrWithheld(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(0, 20).Draw(t, "entries")
		var chart record.Chart
		strict := 0
		for i := range n {
			var labels []record.Label
			if rapid.Bool().Draw(t, "strict") {
				labels, strict = append(labels, veryRestricted), strict+1
			}
			chart.Measurements = append(chart.Measurements, record.Measurement{Head: head("Observation", string(rune('a'+i)), labels...)})
		}
		c := clear(t, chart, detailed)
		shown := c.Answer().Chart.Measurements
		if len(shown) != n-strict || c.Withheld(record.Measurements) != strict {
			t.Fatalf("%d of %d shown, %d withheld, %d strict", len(shown), n, c.Withheld(record.Measurements), strict)
		}
		for i := range shown {
			if len(shown[i].Labels()) > 0 {
				t.Fatal("an entry with a strict label is shown")
			}
			if shown[i].Source != &c.Answer().Source {
				t.Fatal("an entry does not name its source")
			}
		}
	})
}
