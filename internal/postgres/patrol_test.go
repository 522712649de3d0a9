package postgres_test

import (
	"context"
	"log/slog"
	"slices"
	"testing"
	"time"

	"ribble/internal/audit"
	"ribble/internal/identity"
	"ribble/internal/oversight/patrol"
	"ribble/internal/oversight/watch"
	"ribble/internal/pgtest"
	"ribble/internal/postgres"
)

// patrolled is a trail with a patrol along it.
type patrolled struct {
	test  *pgtest.DB
	db    *postgres.DB
	trail *audit.Trail
	walk  func() *patrol.Patrol
}

func newPatrolled(t *testing.T) patrolled {
	t.Helper()
	test := pgtest.New(t)
	db := test.Open(t)
	reader, err := postgres.OpenOfficerReader(t.Context(), test.URLs[postgres.IGReader])
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(reader.Close)
	walk := func() *patrol.Patrol {
		return &patrol.Patrol{
			Trail: reader, Store: db.Patrol(), Rules: func(context.Context) (watch.Set, error) { return watch.Shipped(), nil }, Log: slog.New(slog.DiscardHandler), Every: time.Millisecond, Memory: 24 * time.Hour, Now: time.Now,
		}
	}
	return patrolled{test, db, audit.NewTrail(db.Audit(), audit.GenerateKeys(), time.Now), walk}
}

var searching = identity.User{Issuer: "https://op", Subject: "u1", Name: "POUND R", Organisation: identity.Organisation{ODS: "RZB"}}

// vain writes searches that found nobody.
func (p patrolled) vain(t *testing.T, n int) {
	t.Helper()
	for range n {
		if err := p.trail.Note(t.Context(), audit.Note{Act: audit.ActTraced, User: searching}); err != nil {
			t.Fatal(err)
		}
	}
}

func (p patrolled) count(t *testing.T, sql string) int {
	t.Helper()
	return query[int](t, p.test.AdminURL, sql)
}

// TestPatrolFindsAndCounts: what the rules find becomes an alert, what happened is counted, and a second patrol over the same events adds nothing.
func TestPatrolFindsAndCounts(t *testing.T) {
	p := newPatrolled(t)
	p.vain(t, 15)
	first, second := p.walk(), p.walk()
	for _, walk := range []*patrol.Patrol{first, second, first, second} {
		if _, err := walk.Step(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if n := p.count(t, "SELECT count(*) FROM oversight.alert WHERE rule = 'many-searches-in-vain' AND words <> '' AND facts <> '[]' AND user_name <> ''"); n != 1 {
		t.Errorf("%d alerts", n)
	}
	if n := p.count(t, "SELECT sum(n)::int FROM oversight.tally WHERE act = 'traced' AND hour >= 0"); n != 15 {
		t.Errorf("%d look-ups counted, want 15", n)
	}
	if n := p.count(t, "SELECT sequence::int FROM oversight.progress"); n != 15 {
		t.Errorf("the patrol came to %d", n)
	}
}

// TestPatrolRemembers: a rule that counts goes on counting over a restart.
func TestPatrolRemembers(t *testing.T) {
	p := newPatrolled(t)
	p.vain(t, 8)
	if _, err := p.walk().Step(t.Context()); err != nil {
		t.Fatal(err)
	}
	p.vain(t, 4)
	if _, err := p.walk().Step(t.Context()); err != nil {
		t.Fatal(err)
	}
	if n := p.count(t, "SELECT count(*) FROM oversight.alert"); n != 1 {
		t.Errorf("%d alerts after 8 and 4 searches in vain, want 1", n)
	}
}

// TestPatrolsTakeTurns: two replicas at once count every event once.
func TestPatrolsTakeTurns(t *testing.T) {
	p := newPatrolled(t)
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan struct{}, 2)
	for range 2 {
		walk := p.walk()
		go func() { walk.Run(ctx); ended <- struct{}{} }()
	}
	p.vain(t, 60)
	for p.count(t, "SELECT sequence::int FROM oversight.progress") < 60 {
		time.Sleep(5 * time.Millisecond)
	}
	stop()
	<-ended
	<-ended
	if n := p.count(t, "SELECT sum(n)::int FROM oversight.tally WHERE hour >= 0"); n != 60 {
		t.Errorf("%d counted, want 60", n)
	}
}

// TestReplay: a changed rule can be tried on the past without a trace of it.
func TestReplay(t *testing.T) {
	p := newPatrolled(t)
	p.vain(t, 6)
	set := watch.Set{Version: 9, Rules: []watch.Rule{{ID: "few", Kind: "vain-searches", Score: 5, Window: watch.Span(time.Hour), Threshold: 5, Quiet: watch.Span(time.Hour)}}}
	found, err := patrol.Replay(t.Context(), p.walk().Trail, set, watch.Register{}, time.Now().Add(-time.Hour))
	if err != nil || !slices.ContainsFunc(found, func(f watch.Finding) bool { return f.Rule == "few" && f.Version == 9 }) {
		t.Errorf("found %+v: %v", found, err)
	}
	if n := p.count(t, "SELECT count(*) FROM oversight.alert"); n != 0 {
		t.Errorf("a replay raised %d alerts", n)
	}
}
