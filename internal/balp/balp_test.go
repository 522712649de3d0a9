package balp

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"ribble/internal/audit"
	"ribble/internal/record"
)

func event(act audit.Act) Kept {
	n, _ := record.ParseNHSNumber("9991411690")
	e := audit.Event{
		Version: 1, At: time.Date(2026, 11, 18, 14, 2, 9, 0, time.UTC), Act: act, Purpose: "direct care", Reason: "objected",
		User: audit.User{
			Issuer: "https://op.example", Subject: "u1", SDSUserID: "900100000001", Name: "NAIR Priya Dr", RoleProfile: "900200000001", RoleName: "Clinical",
			Organisation: "RZB", OrganisationName: "Bowland",
		},
		Device:   audit.Device{Address: "192.0.2.7", Agent: "browser"},
		Sections: []string{"allergies", "medicines"}, Asked: []string{"bth"}, Sources: []audit.Source{{Feed: "bth", State: "DATA"}},
	}
	e.ID[0], e.Look[0] = 1, 2
	return Kept{Sequence: 41, Event: e, Person: n}
}

var writer = Writer{Portal: "https://ribble.example"}

// TestEveryActHasAPattern fails when the trail learns an act that other systems would not understand.
func TestEveryActHasAPattern(t *testing.T) {
	for _, act := range audit.Acts {
		if _, ok := patterns[act]; !ok {
			t.Errorf("%s has no pattern", act)
			continue
		}
		got := writer.From(event(act))
		if got.ResourceType != "AuditEvent" || got.Type.Code == "" || got.Recorded == "" || got.Outcome == "" || len(got.Agent) == 0 || got.Source.Observer.Display == "" {
			t.Errorf("%s lacks what FHIR requires: %+v", act, got)
		}
		requestors := 0
		for _, a := range got.Agent {
			if a.Requestor {
				requestors++
			}
		}
		if requestors != 1 {
			t.Errorf("%s has %d requestors", act, requestors)
		}
	}
}

// agent finds the agent of a code.
func agent(e AuditEvent, code string) *Agent {
	for i := range e.Agent {
		if e.Agent[i].Type.Coding[0].Code == code {
			return &e.Agent[i]
		}
	}
	return nil
}

// entity finds the entity of a role.
func entity(e AuditEvent, role string) *Entity {
	for i := range e.Entity {
		if e.Entity[i].Role != nil && e.Entity[i].Role.Code == role {
			return &e.Entity[i]
		}
	}
	return nil
}

// TestPatientQuery holds the intent against the BALP pattern "patient query".
func TestPatientQuery(t *testing.T) {
	got := writer.From(event(audit.ActIntent))
	if got.Meta.Profile[0] != profiles+"IHE.BasicAudit.PatientQuery" || got.Action != "E" || got.Subtype[0].Code != "search" {
		t.Errorf("not a patient query: %+v", got)
	}
	if a := agent(got, "110152"); a == nil || a.Network == nil || a.Network.Address != "https://ribble.example" {
		t.Error("the server is not the destination")
	}
	if a := agent(got, "110153"); a == nil || a.Network == nil || a.Network.Address != "192.0.2.7" {
		t.Error("the browser is not the source")
	}
	if e := entity(got, "1"); e == nil || e.What.Identifier.Value != "9991411690" {
		t.Error("the patient is not named")
	}
	if e := entity(got, "24"); e == nil || e.Query == "" {
		t.Error("the query is missing")
	}
}

// TestPatientRead: the roles of the machines are the other way round.
func TestPatientRead(t *testing.T) {
	got := writer.From(event(audit.ActDisclosed))
	if got.Meta.Profile[0] != profiles+"IHE.BasicAudit.PatientRead" || got.Action != "R" {
		t.Errorf("not a patient read: %+v", got)
	}
	if a := agent(got, "110153"); a == nil || a.Network.Address != "https://ribble.example" {
		t.Error("the server is not the source")
	}
	want := []Detail{{"section", "allergies"}, {"section", "medicines"}, {"source", "bth: DATA"}}
	if e := entity(got, "4"); e == nil || cmp.Diff(want, e.Detail) != "" {
		t.Errorf("what was shown: %+v", e)
	}
}

// TestReconciled: a look without an outcome is told as one, in words and with whose look it was.
func TestReconciled(t *testing.T) {
	got := writer.From(event(audit.ActReconciled))
	if got.Outcome != "4" || !strings.Contains(got.OutcomeDesc, "stopped, or could not write, before this look ended") || entity(got, "1") == nil || agent(got, "IRCP") == nil {
		t.Errorf("a reconciliation reads %+v", got)
	}
}

func TestConsentDecisions(t *testing.T) {
	refused := writer.From(event(audit.ActRefused))
	if refused.Type.Code != "110113" || refused.Subtype[0].Code != "AuthZ-Consent" || refused.Outcome != "8" || refused.OutcomeDesc != "objected" {
		t.Errorf("a refusal reads %+v", refused)
	}
	asked := writer.From(event(audit.ActPermissionAsked))
	if asked.Outcome != "0" || asked.OutcomeDesc != "" {
		t.Errorf("a permission reads %+v", asked)
	}
}

func TestBreakGlass(t *testing.T) {
	for act, code := range map[audit.Act]string{audit.ActBreakGlassBegan: "110127", audit.ActBreakGlassEnded: "110138"} {
		if got := writer.From(event(act)); got.Subtype[0].Code != code {
			t.Errorf("%s is told as %s", act, got.Subtype[0].Code)
		}
	}
	under := event(audit.ActIntent)
	under.Event.Override = "x"
	if got := writer.From(under).PurposeOfEvent[0].Coding[0].Code; got != "ETREAT" {
		t.Errorf("the purpose under emergency access is %s", got)
	}
}

// TestWithoutThePerson: a reader who may not know gets no number in any form, and no profile that promises one.
func TestWithoutThePerson(t *testing.T) {
	for _, act := range audit.Acts {
		k := event(act)
		k.Person = record.NHSNumber{}
		body, err := json.Marshal(writer.From(k))
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(body), "9991411690") || strings.Contains(string(body), "BasicAudit.Patient") {
			t.Errorf("%s: %s", act, body)
		}
	}
}

// TestPublishedExamples reads the published BALP examples into the type and writes them again: nothing that BALP uses may be lost on the way.
func TestPublishedExamples(t *testing.T) {
	files, _ := filepath.Glob("../../../shared/fixtures/audit-balp/ex-audit*.json")
	if len(files) == 0 {
		t.Skip("the published examples are not here")
	}
	for _, name := range files {
		raw, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		var e AuditEvent
		d := json.NewDecoder(bytes.NewReader(raw))
		d.DisallowUnknownFields()
		if err := d.Decode(&e); err != nil {
			if strings.Contains(name, "SAML") {
				continue // those show extensions for SAML tokens, which Ribble does not use
			}
			t.Errorf("%s: %v", filepath.Base(name), err)
		}
	}
}
