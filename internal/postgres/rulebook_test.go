package postgres_test

import (
	"errors"
	"testing"
	"time"

	"ribble/internal/audit"
	"ribble/internal/fault"
	"ribble/internal/identity"
	"ribble/internal/oversight/rulebook"
	"ribble/internal/oversight/watch"
	"ribble/internal/pgtest"
	"ribble/internal/postgres"
)

// TestRulesTakeTwo: a set comes into force when another person than the proposer approves it; the database itself refuses everything else, even to
// somebody who writes to the table as the portal could.
func TestRulesTakeTwo(t *testing.T) {
	db := pgtest.New(t)
	opened := db.Open(t)
	now := time.Now
	trail := audit.NewTrail(opened.Audit(), audit.GenerateKeys(), func() time.Time { return now() })
	desk := &rulebook.Desk{Store: opened.Rulebook(), Trail: trail, Shipped: watch.Shipped(), Now: func() time.Time { return now() }}
	ctx := t.Context()
	ann, bob := identity.User{Issuer: "i", Subject: "ann", Name: "ANN"}, identity.User{Issuer: "i", Subject: "bob", Name: "BOB"}
	set := watch.Set{Version: 1, Rules: []watch.Rule{{ID: "glass", Kind: "break-glass", Score: 50, Quiet: watch.Span(time.Hour)}}}
	propose := func() string {
		t.Helper()
		if err := desk.Propose(ctx, ann, set, "because of what we saw"); err != nil {
			t.Fatal(err)
		}
		c, waits, err := desk.Waiting(ctx)
		if err != nil || !waits || c.Sum() != c.ID || c.Proposed.By.Subject != "ann" {
			t.Fatalf("%+v, %v, %v", c, waits, err)
		}
		return c.ID
	}
	inForce := func(want int) {
		t.Helper()
		if got, err := desk.Rules(ctx); err != nil || got.Version != want {
			t.Errorf("version %d is in force, want %d: %v", got.Version, want, err)
		}
	}
	id := propose()
	app := connect(t, db.URLs[postgres.App])
	decided := func(act audit.Act, by identity.User, reason string) string {
		w, err := trail.Write(ctx, audit.Note{Act: act, User: by, Reason: reason, Register: id})
		if err != nil {
			t.Fatal(err)
		}
		return w.ID
	}
	const approve = `UPDATE oversight.rules SET state = 'approved', decided_issuer = 'i', decided_subject = $1, decided_name = '', decided_org = '', decided_at = now(), decided_event = $2`
	for name, step := range map[string]struct{ subject, event string }{
		"no event":             {"bob", "00000000-0000-4000-8000-000000000000"},
		"the proposer":         {"ann", decided(audit.ActRulesDecided, ann, "approved")},
		"somebody else's":      {"bob", decided(audit.ActRulesDecided, ann, "approved")},
		"another decision":     {"bob", decided(audit.ActRulesDecided, bob, "refused")},
		"another kind of step": {"bob", decided(audit.ActRulesProposed, bob, "approved")},
	} {
		if _, err := app.Exec(ctx, approve, step.subject, step.event); err == nil {
			t.Errorf("%s: approved", name)
		}
	}
	for _, forged := range []string{"UPDATE oversight.rules SET body = '{}'", "DELETE FROM oversight.rules", "UPDATE oversight.rules SET state = 'expired'",
		"INSERT INTO oversight.rules SELECT 'x', 9, salt, body, why, 'approved', proposed_issuer, proposed_subject, proposed_name, proposed_org, proposed_at, proposed_event FROM oversight.rules"} {
		if _, err := app.Exec(ctx, forged); err == nil {
			t.Errorf("%s: done", forged)
		}
	}
	inForce(1)
	if err := desk.Decide(ctx, ann, id, rulebook.Approved); fault.KindOf(err) != fault.Denied {
		t.Errorf("the proposer approves: %v", err)
	}
	if err := desk.Decide(ctx, bob, id, rulebook.Approved); err != nil {
		t.Fatal(err)
	}
	inForce(2)
	if err := opened.Rulebook().Decide(ctx, id, rulebook.Refused, rulebook.Step{Event: audit.UUID{1}.String()}); !errors.Is(err, rulebook.ErrDecided) {
		t.Errorf("decided again: %v", err)
	}
	for _, to := range []rulebook.State{rulebook.Refused, rulebook.Withdrawn} {
		by := map[rulebook.State]identity.User{rulebook.Refused: bob, rulebook.Withdrawn: ann}[to]
		id = propose()
		if err := desk.Propose(ctx, bob, set, "because of what we saw"); fault.KindOf(err) != fault.Invalid {
			t.Errorf("two wait: %v", err)
		}
		if err := desk.Decide(ctx, by, id, to); err != nil {
			t.Errorf("%s: %v", to, err)
		}
	}
	inForce(2)
	// What has waited for a week waits no longer: nobody can approve it, and another takes its place.
	now = func() time.Time { return time.Now().Add(-8 * 24 * time.Hour) }
	id = propose()
	now = time.Now
	if err := desk.Decide(ctx, bob, id, rulebook.Approved); fault.KindOf(err) != fault.Invalid {
		t.Errorf("an old proposal approved: %v", err)
	}
	id = propose()
	if err := desk.Decide(ctx, bob, id, rulebook.Approved); err != nil {
		t.Fatal(err)
	}
	inForce(3)
}
