package postgres_test

import (
	"context"
	"testing"
	"time"

	"ribble/internal/pgtest"
)

// TestSessionInContext holds the mark of a launched session to its row: a lost mark would let a launched user search.
func TestSessionInContext(t *testing.T) {
	s := pgtest.New(t).Open(t).Sessions()
	for _, marked := range []bool{false, true} {
		n := newSession()
		n.InContext = marked
		if err := s.Create(t.Context(), n); err != nil {
			t.Fatal(err)
		}
		got, err := s.Find(t.Context(), n.TokenHash, at.Add(time.Minute))
		if err != nil || got.InContext != marked {
			t.Errorf("in context %v, want %v; %v", got.InContext, marked, err)
		}
		if _, may := got.Searcher(); may == marked {
			t.Errorf("a session in context %v may search: %v", marked, may)
		}
		list, err := s.Of(t.Context(), n.User.Issuer, n.User.Subject, at)
		if err != nil || list[0].ID != n.ID || list[0].InContext != marked {
			t.Errorf("the list says otherwise: %v", err)
		}
		if err := s.End(t.Context(), n.TokenHash); err != nil {
			t.Fatal(err)
		}
	}
}

// TestLaunchedOnce posts one launch 50 times at once to two replicas: exactly one is let through.
func TestLaunchedOnce(t *testing.T) {
	db := pgtest.New(t)
	replicas := []interface {
		Spend(context.Context, string, string, string, time.Time) (bool, error)
	}{db.Open(t).Limits(), db.Open(t).Limits()}
	first := make(chan bool, 50)
	for i := range cap(first) {
		go func() {
			won, err := replicas[i%2].Spend(t.Context(), "launch", "https://epr.example", "jti-1", at.Add(time.Minute))
			first <- won && err == nil
		}()
	}
	wins := 0
	for range cap(first) {
		if <-first {
			wins++
		}
	}
	if wins != 1 {
		t.Errorf("%d of 50 were let through", wins)
	}
}
