package officer_test

import (
	"html"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"ribble/internal/audit"
	"ribble/internal/fault"
	"ribble/internal/identity"
	"ribble/internal/oversight/rulebook"
	"ribble/internal/portal/officer"
)

// TestRulesTakeTwoOfficers: one officer of the region proposes a set and sees it wait, told as what it would change; they cannot approve it; another does,
// and then it is in force. Every step is written down first.
func TestRulesTakeTwoOfficers(t *testing.T) {
	r := newRoom(t, unchanged)
	first, second := who(overseeing, "RZB"), who(overseeing, "RZP")
	second.Subject, second.Name = "patel", "PATEL Asha"
	post := func(u identity.User, form url.Values) (string, int) {
		w := r.send(u, http.MethodPost, officer.RulesPath, form)
		return html.UnescapeString(w.Body.String()), w.Code
	}
	set := `{"version": 1, "rules": [{"id": "emergency-access", "kind": "break-glass", "score": 61, "quiet": "1h"}]}`
	propose := url.Values{"do": {"propose"}, "set": {set}, "days": {"30"}, "why": {"Too many alerts about nothing."}}

	if _, code := post(who(auditing, "RZB"), propose); code == http.StatusSeeOther || fault.KindOf(r.err) != fault.Denied || len(r.shelf.changes) != 0 {
		t.Errorf("an officer of one organisation proposes: %d, %v", code, r.err)
	}
	got, code := post(first, url.Values{"do": {"propose"}, "set": {set}, "days": {"30"}, "why": {"x"}})
	if says(t, "no reason", got, "at least ten letters"); code != http.StatusUnprocessableEntity {
		t.Errorf("no reason: %d", code)
	}
	if _, code := post(first, propose); code != http.StatusSeeOther || r.last().Act != audit.ActRulesProposed || r.last().Register != r.shelf.changes[0].ID {
		t.Fatalf("a proposal: %d, %v", code, r.err)
	}
	got = r.get(officer.RulesPath, overseeing, "RZB")
	says(t, "the proposer's page", got, "A change waits: version 2", "Too many alerts about nothing.", "Score 61. Silent for 1 hour", "Removed: nothing speaks in its place.", "Withdraw it", "In force: version 1")
	if strings.Contains(got, "Approve it") {
		t.Error("whoever proposed is offered to approve")
	}
	id := r.shelf.changes[0].ID
	got, code = post(first, url.Values{"do": {"approve"}, "id": {id}})
	if says(t, "one's own", got, "Whoever proposes"); code != http.StatusUnprocessableEntity || r.last().Act != audit.ActRulesProposed {
		t.Errorf("one's own proposal approved: %d", code)
	}
	got, _ = post(second, propose)
	says(t, "a second proposal", got, "Another change of the rules waits")
	got, _ = post(second, url.Values{"do": {"withdraw"}, "id": {id}})
	says(t, "another's", got, "Only whoever proposed")
	if _, code := post(second, url.Values{"do": {"approve"}, "id": {id}}); code != http.StatusSeeOther || r.last().Act != audit.ActRulesDecided || r.last().Reason != "approved" {
		t.Fatalf("the approval: %d, %v", code, r.err)
	}
	got = r.get(officer.RulesPath, auditing, "RZB")
	says(t, "afterwards", got, "In force: version 2", "(RZP) on", "officers of the region propose and approve")
	if strings.Contains(got, "own-record") || strings.Contains(got, "A change waits") {
		t.Error("the rules before are still there")
	}
	if _, code := post(second, url.Values{"do": {"refuse"}, "id": {id}}); code != http.StatusUnprocessableEntity || r.shelf.changes[0].State != rulebook.Approved {
		t.Errorf("decided again: %d", code)
	}
}
