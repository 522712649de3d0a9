package patrol_test

import (
	"context"
	"errors"
	"log/slog"
	"testing"
	"time"

	"ribble/internal/audit"
	"ribble/internal/oversight/inquiry"
	"ribble/internal/oversight/patrol"
	"ribble/internal/oversight/watch"
)

var noon = time.Date(2026, 11, 18, 12, 0, 0, 0, time.UTC)

// trail is an audit trail in memory.
type trail struct {
	rows   []inquiry.Row
	broken error
	// starts counts how often somebody looked back along the trail.
	starts int
}

func (t *trail) Follow(_ context.Context, after int64, limit int) ([]inquiry.Row, error) {
	if t.broken != nil {
		return nil, t.broken
	}
	from := min(int(after), len(t.rows))
	return t.rows[from:min(from+limit, len(t.rows))], nil
}

func (t *trail) FirstSince(context.Context, time.Time) (int64, error) {
	t.starts++
	return min(int64(len(t.rows)), 1), t.broken
}

// vain adds look-ups that found nobody.
func (t *trail) vain(n int) {
	for range n {
		i := int64(len(t.rows) + 1)
		t.rows = append(t.rows, inquiry.Row{Sequence: i, Event: audit.Event{
			Act: audit.ActTraced, At: noon.Add(time.Duration(i) * time.Second), User: audit.User{Issuer: "i", Subject: "u", Organisation: "RZB", RoleName: "nurse"},
		}})
	}
}

// store keeps what the patrol finds.
type store struct {
	progress int64
	found    []watch.Finding
	acts     int64
	broken   error
	replayed int
	again    []watch.Finding
}

func (s *store) Replayed(context.Context) (int, error) { return s.replayed, nil }
func (s *store) KeepReplay(_ context.Context, version int, found []watch.Finding) error {
	s.replayed, s.again = version, append(s.again, found...)
	return s.broken
}

func (s *store) Progress(context.Context) (int64, error)          { return s.progress, nil }
func (s *store) Register(context.Context) (watch.Register, error) { return watch.Register{}, nil }
func (s *store) Keep(_ context.Context, from, upTo int64, found []watch.Finding, t patrol.Tallies) error {
	if s.broken != nil {
		return s.broken
	}
	if from != s.progress {
		return patrol.ErrTaken
	}
	s.progress, s.found = upTo, append(s.found, found...)
	for _, n := range t.Acts {
		s.acts += n
	}
	return nil
}

func shipped(context.Context) (watch.Set, error) { return watch.Shipped(), nil }

func walk(t *trail, s *store) *patrol.Patrol {
	return &patrol.Patrol{Trail: t, Store: s, Rules: shipped, Log: slog.New(slog.DiscardHandler), Every: time.Millisecond, Memory: time.Hour, Now: func() time.Time { return noon }}
}

// TestStep goes through more events than one step takes, and misses none.
func TestStep(t *testing.T) {
	tr, s := new(trail), new(store)
	tr.vain(1203)
	p := walk(tr, s)
	for {
		n, err := p.Step(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if n == 0 {
			break
		}
	}
	if s.progress != 1203 || s.acts != 1203 || len(s.found) != 1 {
		t.Errorf("came to %d, counted %d, found %d", s.progress, s.acts, len(s.found))
	}
}

// TestTwoTakeTurns: of two replicas each sees every event once and one keeps it; neither looks back again because the other was quicker.
func TestTwoTakeTurns(t *testing.T) {
	tr, s := new(trail), new(store)
	pair := []*patrol.Patrol{walk(tr, s), walk(tr, s)}
	for round := range 40 {
		tr.vain(1 + round%7)
		for i := range pair {
			if _, err := pair[(i+round/3)%2].Step(t.Context()); err != nil {
				t.Fatal(err)
			}
			tr.vain(round % 3)
		}
	}
	for range 2 {
		for _, p := range pair {
			if _, err := p.Step(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
	}
	if all := int64(len(tr.rows)); s.progress != all || s.acts != all || len(s.found) != 1 {
		t.Errorf("came to %d of %d, counted %d, found %d", s.progress, all, s.acts, len(s.found))
	}
	if tr.starts != len(pair) {
		t.Errorf("looked back %d times", tr.starts)
	}
}

// TestStoreFails: what could not be kept is gone through again, and nothing is counted twice.
func TestStoreFails(t *testing.T) {
	tr, s := new(trail), &store{broken: errors.New("down")}
	tr.vain(20)
	p := walk(tr, s)
	if _, err := p.Step(t.Context()); err == nil {
		t.Fatal("a store that is down was not noticed")
	}
	s.broken = nil
	if _, err := p.Step(t.Context()); err != nil {
		t.Fatal(err)
	}
	if s.progress != 20 || s.acts != 20 || len(s.found) != 1 {
		t.Errorf("came to %d, counted %d, found %d", s.progress, s.acts, len(s.found))
	}
}

// TestRunEnds: a patrol whose trail is down goes on trying, and ends when it is told to.
func TestRunEnds(t *testing.T) {
	tr, s := &trail{broken: errors.New("down")}, new(store)
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() { walk(tr, s).Run(ctx); close(ended) }()
	time.Sleep(5 * time.Millisecond)
	stop()
	select {
	case <-ended:
	case <-time.After(10 * time.Second):
		t.Fatal("the patrol does not end")
	}
}

// TestNewRulesGoThroughThePast: rules that were changed speak about what has happened already, once; a start with the same rules says nothing again.
func TestNewRulesGoThroughThePast(t *testing.T) {
	tr, s := new(trail), new(store)
	tr.vain(20)
	now := noon
	set := watch.Shipped()
	start := func() *patrol.Patrol {
		p := walk(tr, s)
		p.Now, p.Rules = func() time.Time { return now }, func(context.Context) (watch.Set, error) { return set, nil }
		return p
	}
	step := func(p *patrol.Patrol) {
		t.Helper()
		if _, err := p.Step(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	p := start()
	step(p)
	if len(s.found) != 1 || len(s.again) != 0 || s.replayed != set.Version {
		t.Fatalf("at first %d found, %d again, version %d", len(s.found), len(s.again), s.replayed)
	}
	set = watch.Set{Version: set.Version + 1, Rules: []watch.Rule{{ID: "few", Kind: "vain-searches", Score: 5, Window: watch.Span(time.Hour), Threshold: 5, Quiet: watch.Span(time.Hour)}}}
	step(p)
	if len(s.again) != 0 {
		t.Error("the rules are read at every step")
	}
	now = now.Add(2 * time.Minute)
	step(p)
	if len(s.again) != 1 || s.again[0].Rule != "few" || s.again[0].Version != set.Version || s.replayed != set.Version {
		t.Errorf("the new rules said of the past: %+v", s.again)
	}
	tr.vain(1)
	step(p)
	step(start())
	if len(s.again) != 1 || len(s.found) != 1 || s.progress != 21 {
		t.Errorf("afterwards %d again, %d found, at %d", len(s.again), len(s.found), s.progress)
	}
}
