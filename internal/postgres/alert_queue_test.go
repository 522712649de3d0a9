package postgres_test

import (
	"errors"
	"sync"
	"testing"
	"time"

	"ribble/internal/audit"
	"ribble/internal/fault"
	"ribble/internal/identity"
	"ribble/internal/oversight/queue"
	"ribble/internal/oversight/watch"
)

var (
	officer  = identity.User{Issuer: "https://op", Subject: "grant", Name: "GRANT Helen", Organisation: identity.Organisation{ODS: "RZB"}}
	stranger = identity.User{Issuer: "https://op", Subject: "other", Name: "OTHER A", Organisation: identity.Organisation{ODS: "RZP"}}
)

// alerted is a trail with one alert about searching's searches.
func alerted(t *testing.T) (patrolled, *queue.Desk, queue.Item) {
	t.Helper()
	p := newPatrolled(t)
	p.vain(t, 12)
	if _, err := p.walk().Step(t.Context()); err != nil {
		t.Fatal(err)
	}
	list, err := p.db.Queue().List(t.Context(), queue.Filter{Organisation: "RZB", States: queue.Working, Limit: 10})
	if err != nil || len(list) != 1 {
		t.Fatalf("%d alerts: %v", len(list), err)
	}
	return p, &queue.Desk{Store: p.db.Queue(), Trail: p.trail}, list[0]
}

// TestQueueLife takes an alert from new to closed, each step in the trail and in the list of steps.
func TestQueueLife(t *testing.T) {
	p, desk, alert := alerted(t)
	ctx := t.Context()
	if alert.State != queue.New || alert.Words == "" || len(alert.Facts) == 0 || alert.Score != 60 || alert.UserName != searching.Name {
		t.Errorf("the alert is %+v", alert)
	}
	for _, step := range []struct {
		name string
		do   func() error
	}{
		{"take", func() error { return desk.Take(ctx, officer, alert.ID) }},
		{"ask", func() error { return desk.Ask(ctx, officer, alert.ID, "Why were twelve numbers tried?") }},
		{"answer", func() error { return desk.Answer(ctx, searching, alert.ID, "I copied a list with a wrong column.") }},
		{"close", func() error { return desk.Close(ctx, officer, alert.ID, "mistake", "Told to use the list as it is.") }},
	} {
		if err := step.do(); err != nil {
			t.Fatalf("%s: %v", step.name, err)
		}
	}
	item, steps, there, err := p.db.Queue().Get(ctx, "RZB", alert.ID)
	if err != nil || !there || item.State != queue.Closed || item.Outcome != "mistake" || item.OfficerName != officer.Name || len(steps) != 4 {
		t.Errorf("it ended as %+v with %d steps: %v", item, len(steps), err)
	}
	if n := p.count(t, "SELECT count(*) FROM audit.event WHERE act = 'alert-handled'"); n != 4 {
		t.Errorf("%d steps stand in the trail, want 4", n)
	}
	if n := p.count(t, "SELECT count(*) FROM audit.event WHERE position('column'::bytea IN body) > 0"); n != 0 {
		t.Error("what the user wrote can be read in the trail")
	}
	closed, median, err := p.db.Queue().Handled(ctx, "RZB", time.Now().Add(-time.Hour))
	if err != nil || closed != 1 || median <= 0 {
		t.Errorf("handled %d, median %v: %v", closed, median, err)
	}
}

// TestQueueRefuses: other organisations' officers, other users, steps that do not follow, and too few words.
func TestQueueRefuses(t *testing.T) {
	p, desk, alert := alerted(t)
	ctx := t.Context()
	before := p.count(t, "SELECT count(*) FROM audit.event")
	for name, err := range map[string]error{
		"another organisation": desk.Take(ctx, stranger, alert.ID),
		"no such alert":        desk.Take(ctx, officer, "no-such-id"),
		"not asked":            desk.Answer(ctx, searching, alert.ID, "Nobody asked me anything."),
		"no outcome":           desk.Close(ctx, officer, alert.ID, "whatever", "Ten letters and more."),
		"no words":             desk.Close(ctx, officer, alert.ID, "proper", "ok"),
		"no question":          desk.Ask(ctx, officer, alert.ID, "?"),
	} {
		if err == nil || fault.KindOf(err) == fault.Internal {
			t.Errorf("%s: %v", name, err)
		}
	}
	if after := p.count(t, "SELECT count(*) FROM audit.event"); after != before {
		t.Errorf("%d events were written for what was refused", after-before)
	}
	if err := desk.Ask(ctx, officer, alert.ID, "Why were twelve numbers tried?"); err != nil {
		t.Fatal(err)
	}
	if err := desk.Answer(ctx, stranger, alert.ID, "It was not me at all."); fault.KindOf(err) != fault.NotFound {
		t.Errorf("another user's answer: %v", err)
	}
}

// TestQueueOneMove: of many officers who close at once, one does.
func TestQueueOneMove(t *testing.T) {
	p, _, alert := alerted(t)
	var wait sync.WaitGroup
	results := make(chan error, 8)
	for range 8 {
		wait.Go(func() {
			event := newEntry().ID.String()
			results <- p.db.Queue().Move(t.Context(), alert.ID, queue.Move{To: queue.Closed, From: queue.Working, Act: "closed", By: "x", Event: event, At: time.Now(), Outcome: "proper"})
		})
	}
	wait.Wait()
	close(results)
	won := 0
	for err := range results {
		if err == nil {
			won++
		} else if !errors.Is(err, queue.ErrMoved) {
			t.Error(err)
		}
	}
	if won != 1 {
		t.Errorf("%d closed it", won)
	}
}

// TestPatrolExplainsAnAlert: an alert that was raised with the act itself gets the rule's words, and keeps the state in which its officer has it.
func TestPatrolExplainsAnAlert(t *testing.T) {
	p := newPatrolled(t)
	ctx := t.Context()
	written, err := p.trail.Write(ctx, audit.Note{Act: audit.ActBreakGlassBegan, User: searching, Reason: "unconscious"})
	if err != nil {
		t.Fatal(err)
	}
	id := newEntry().ID.String()
	execute(t, p.test.AdminURL, "INSERT INTO oversight.alert (id, organisation, kind, event, at, state) VALUES ('"+id+"', 'RZB', 'break-glass', '"+written.ID+"', now(), 'assigned')")
	if _, err := p.walk().Step(ctx); err != nil {
		t.Fatal(err)
	}
	item, _, there, err := p.db.Queue().Get(ctx, "RZB", id)
	if err != nil || !there || item.State != queue.Assigned || item.Rule != "emergency-access" || item.User != (watch.User{Issuer: "https://op", Subject: "u1"}) {
		t.Errorf("the alert is %+v (%t): %v", item, there, err)
	}
	if n := p.count(t, "SELECT count(*) FROM oversight.alert"); n != 1 {
		t.Errorf("%d alerts stand for one act", n)
	}
}
