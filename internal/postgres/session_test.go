package postgres_test

import (
	"context"
	"crypto/rand"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"ribble/internal/identity"
	"ribble/internal/pgtest"
)

func newSession() identity.NewSession {
	id := rand.Text()
	return identity.NewSession{
		ID: id, TokenHash: identity.NewToken().Hash(), SID: "sid-1",
		User: identity.User{
			Issuer: "https://cis2.example", Subject: "555", Name: "Okafor, Ngozi", SDSUserID: "555001",
			Role:         identity.Role{ProfileID: "r-1", Code: "R8000", Name: "Clinical Practitioner", Activities: []string{"B0360", "B0370"}},
			Organisation: identity.Organisation{ODS: "RXX", Name: "Bowland"}, AssuranceLevel: 3, Session: id, SignedInAt: at,
		},
		Created: at, Expires: at.Add(10 * time.Hour), Idle: 15 * time.Minute,
	}
}

func TestSessionReadsBackAsWritten(t *testing.T) {
	s := pgtest.New(t).Open(t).Sessions()
	n := newSession()
	if err := s.Create(t.Context(), n); err != nil {
		t.Fatal(err)
	}
	got, err := s.Find(t.Context(), n.TokenHash, at.Add(time.Minute))
	if err != nil {
		t.Fatal(err)
	}
	want := identity.Session{ID: n.ID, User: n.User, SID: n.SID, Created: n.Created, Expires: n.Expires, IdleUntil: at.Add(15 * time.Minute)}
	if d := cmp.Diff(want, got, cmp.Comparer(time.Time.Equal)); d != "" {
		t.Error(d)
	}
	for name, same := range map[string]func(*identity.NewSession){
		"token": func(x *identity.NewSession) { x.TokenHash = n.TokenHash },
		"id":    func(x *identity.NewSession) { x.ID = n.ID },
	} {
		again := newSession()
		same(&again)
		if err := s.Create(t.Context(), again); err == nil {
			t.Errorf("a second session with the same %s was stored", name)
		}
	}
}

func TestSessionLimits(t *testing.T) {
	s := pgtest.New(t).Open(t).Sessions()
	n := newSession()
	if err := s.Create(t.Context(), n); err != nil {
		t.Fatal(err)
	}
	// Used every ten minutes it lives on past its first idle limit, but never past its absolute end.
	for now := at; now.Before(n.Expires); now = now.Add(10 * time.Minute) {
		if _, err := s.Find(t.Context(), n.TokenHash, now); err != nil {
			t.Fatalf("after %v: %v", now.Sub(at), err)
		}
	}
	assertNoSession(t, s, n.TokenHash, n.Expires)
	idle := newSession()
	if err := s.Create(t.Context(), idle); err != nil {
		t.Fatal(err)
	}
	assertNoSession(t, s, idle.TokenHash, at.Add(idle.Idle))
	assertNoSession(t, s, newSession().TokenHash, at)
}

func assertNoSession(t *testing.T, s identity.Sessions, token [32]byte, now time.Time) {
	t.Helper()
	if got, err := s.Find(t.Context(), token, now); !errors.Is(err, identity.ErrNoSession) || got.ID != "" {
		t.Errorf("got %v, %v; want ErrNoSession", got.ID, err)
	}
}

func TestSessionsEnd(t *testing.T) {
	s := pgtest.New(t).Open(t).Sessions()
	var all []identity.NewSession
	for i := range 4 {
		n := newSession()
		if i == 3 {
			n.SID, n.User.Issuer = "", "https://other.example"
		}
		if err := s.Create(t.Context(), n); err != nil {
			t.Fatal(err)
		}
		all = append(all, n)
	}
	for range 2 {
		if err := s.End(t.Context(), all[0].TokenHash); err != nil {
			t.Fatal(err)
		}
	}
	assertNoSession(t, s, all[0].TokenHash, at)
	count := func(end func(context.Context, string, string) (int, error), issuer, name string, want int) {
		t.Helper()
		if n, err := end(t.Context(), issuer, name); err != nil || n != want {
			t.Errorf("ended %d, %v; want %d", n, err, want)
		}
	}
	count(s.EndBySID, "https://other.example", "sid-1", 0)
	count(s.EndBySID, "https://other.example", "", 0)
	count(s.EndBySID, "https://cis2.example", "sid-1", 2)
	count(s.EndBySID, "https://cis2.example", "sid-1", 0)
	assertNoSession(t, s, all[1].TokenHash, at)
	if _, err := s.Find(t.Context(), all[3].TokenHash, at); err != nil {
		t.Errorf("another issuer's session ended: %v", err)
	}
	count(s.EndBySubject, "https://other.example", "555", 1)
	assertNoSession(t, s, all[3].TokenHash, at)
}

func TestPurgeKeepsLiveSessions(t *testing.T) {
	s := pgtest.New(t).Open(t).Sessions()
	live, old := newSession(), newSession()
	old.Expires = at.Add(-time.Hour)
	for _, n := range []identity.NewSession{live, old} {
		if err := s.Create(t.Context(), n); err != nil {
			t.Fatal(err)
		}
	}
	if n, err := s.Purge(t.Context(), at); err != nil || n != 1 {
		t.Errorf("removed %d, %v", n, err)
	}
	if _, err := s.Find(t.Context(), live.TokenHash, at); err != nil {
		t.Error(err)
	}
}

func TestInTx(t *testing.T) {
	db := pgtest.New(t).Open(t)
	undone := errors.New("undone")
	insert := func(ctx context.Context, tx pgx.Tx) error {
		_, err := tx.Exec(ctx, "DELETE FROM portal.session")
		return err
	}
	if err := db.Sessions().Create(t.Context(), newSession()); err != nil {
		t.Fatal(err)
	}
	err := db.InTx(t.Context(), func(ctx context.Context, tx pgx.Tx) error {
		if err := db.InTx(ctx, insert); err == nil {
			t.Error("a transaction inside a transaction")
		}
		return errors.Join(insert(ctx, tx), undone)
	})
	if !errors.Is(err, undone) {
		t.Error(err)
	}
	if n, err := db.Sessions().Purge(t.Context(), at.AddDate(1, 0, 0)); err != nil || n != 1 {
		t.Errorf("the undone deletion left %d sessions, %v", n, err)
	}
}
