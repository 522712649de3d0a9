package postgres_test

import (
	"context"
	"crypto/rand"
	"errors"
	"sync"
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
		Created: at, Expires: at.Add(10 * time.Hour), Idle: 15 * time.Minute, Linger: 30 * time.Minute, Address: "192.0.2.7", Agent: "a browser",
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
	want := identity.Session{
		ID: n.ID, User: n.User, SID: n.SID, Created: n.Created, Expires: n.Expires, IdleUntil: at.Add(15 * time.Minute), Authenticated: at,
		Ends: at.Add(45 * time.Minute), Address: n.Address, Agent: n.Agent,
	}
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
		found, err := s.Find(t.Context(), n.TokenHash, now)
		if err != nil || !found.Locked.IsZero() || found.Ends.After(n.Expires) {
			t.Fatalf("after %v: locked %v, ends %v, %v", now.Sub(at), found.Locked, found.Ends, err)
		}
	}
	assertNoSession(t, s, n.TokenHash, n.Expires)
	idle := newSession()
	if err := s.Create(t.Context(), idle); err != nil {
		t.Fatal(err)
	}
	// Left alone it locks by itself, stays locked however often it is asked for, and then ends.
	for _, after := range []time.Duration{idle.Idle, idle.Idle + time.Minute, idle.Idle + idle.Linger - time.Second} {
		found, err := s.Find(t.Context(), idle.TokenHash, at.Add(after))
		if err != nil || !found.Locked.Equal(at.Add(idle.Idle)) || !found.Ends.Equal(at.Add(idle.Idle+idle.Linger)) {
			t.Errorf("after %v: locked %v, ends %v, %v", after, found.Locked, found.Ends, err)
		}
	}
	assertNoSession(t, s, idle.TokenHash, at.Add(idle.Idle+idle.Linger))
	assertNoSession(t, s, newSession().TokenHash, at)
}

func TestLockAndRenew(t *testing.T) {
	s := pgtest.New(t).Open(t).Sessions()
	n := newSession()
	if err := s.Create(t.Context(), n); err != nil {
		t.Fatal(err)
	}
	noon := at.Add(5 * time.Minute)
	for i, want := range []bool{true, false} {
		if was, err := s.Lock(t.Context(), n.TokenHash, noon.Add(time.Duration(i)*time.Minute)); err != nil || was != want {
			t.Errorf("lock %d: %v, %v", i, was, err)
		}
	}
	locked, err := s.Find(t.Context(), n.TokenHash, noon.Add(20*time.Minute))
	if err != nil || !locked.Locked.Equal(noon) || !locked.Ends.Equal(noon.Add(30*time.Minute)) || identity.RecentlyAuthenticated(locked, time.Hour, noon) {
		t.Errorf("locked %v, ends %v, %v", locked.Locked, locked.Ends, err)
	}
	renewal := identity.Renewal{Old: n.TokenHash, New: identity.NewToken().Hash(), SID: "sid-2", At: noon.Add(21 * time.Minute)}
	if err := s.Renew(t.Context(), renewal); err != nil {
		t.Fatal(err)
	}
	assertNoSession(t, s, n.TokenHash, renewal.At)
	open, err := s.Find(t.Context(), renewal.New, renewal.At)
	if err != nil || !open.Locked.IsZero() || open.ID != n.ID || open.SID != "sid-2" || !open.Authenticated.Equal(renewal.At) || !open.Expires.Equal(n.Expires) {
		t.Errorf("%+v, %v", open, err)
	}
	if err := s.Renew(t.Context(), renewal); !errors.Is(err, identity.ErrNoSession) {
		t.Errorf("a dead token was renewed: %v", err)
	}
	late := identity.Renewal{Old: renewal.New, New: identity.NewToken().Hash(), At: renewal.At.Add(46 * time.Minute)}
	if err := s.Renew(t.Context(), late); !errors.Is(err, identity.ErrNoSession) {
		t.Errorf("a session past its end was renewed: %v", err)
	}
}

// TestLockWinsOverUse locks while another tab goes on asking: whatever the order, the session is locked from then on.
func TestLockWinsOverUse(t *testing.T) {
	s := pgtest.New(t).Open(t).Sessions()
	n := newSession()
	if err := s.Create(t.Context(), n); err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			for j := range 20 {
				_, _ = s.Find(t.Context(), n.TokenHash, at.Add(time.Duration(2*j)*time.Minute/8+time.Duration(i)*time.Second))
			}
		})
	}
	if _, err := s.Lock(t.Context(), n.TokenHash, at.Add(time.Second)); err != nil {
		t.Fatal(err)
	}
	if found, err := s.Find(t.Context(), n.TokenHash, at.Add(2*time.Second)); err != nil || found.Locked.IsZero() {
		t.Errorf("open after it was locked: %v", err)
	}
	wg.Wait()
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
	end := func(want int, which identity.Which) {
		t.Helper()
		users, err := s.EndWhere(t.Context(), which)
		if err != nil || len(users) != want {
			t.Errorf("%+v ended %d, %v; want %d", which, len(users), err, want)
		}
		for _, u := range users {
			if u.Issuer != which.Issuer || u.Session == "" || u.Name == "" {
				t.Errorf("ended the session of %+v", u)
			}
		}
	}
	const cis2, other = "https://cis2.example", "https://other.example"
	end(0, identity.Which{Issuer: other, SID: "sid-1"})
	end(0, identity.Which{Issuer: cis2, SID: "sid-1", Subject: "556"})
	end(0, identity.Which{Issuer: cis2, Subject: "556", ID: all[1].ID})
	end(1, identity.Which{Issuer: cis2, Subject: "555", ID: all[1].ID})
	end(1, identity.Which{Issuer: cis2, SID: "sid-1"})
	end(0, identity.Which{Issuer: cis2, SID: "sid-1"})
	assertNoSession(t, s, all[2].TokenHash, at)
	if _, err := s.Find(t.Context(), all[3].TokenHash, at); err != nil {
		t.Errorf("another issuer's session ended: %v", err)
	}
	end(1, identity.Which{Issuer: other, Subject: "555"})
	assertNoSession(t, s, all[3].TokenHash, at)
	for _, nobody := range []identity.Which{{}, {Issuer: cis2}, {Subject: "555"}} {
		if _, err := s.EndWhere(t.Context(), nobody); err == nil {
			t.Errorf("%+v was taken to name sessions", nobody)
		}
	}
}

func TestSessionsOfAUser(t *testing.T) {
	s := pgtest.New(t).Open(t).Sessions()
	var want []string
	for i, who := range []string{"555", "556", "555"} {
		n := newSession()
		n.User.Subject, n.Created = who, at.Add(time.Duration(i)*time.Minute)
		if err := s.Create(t.Context(), n); err != nil {
			t.Fatal(err)
		}
		if who == "555" {
			want = append([]string{n.ID}, want...)
		}
	}
	list, err := s.Of(t.Context(), "https://cis2.example", "555", at)
	if err != nil || len(list) != 2 || list[0].ID != want[0] || list[1].ID != want[1] {
		t.Fatalf("%d sessions, %v", len(list), err)
	}
	if !list[0].Previous.Equal(at) || !list[1].Previous.IsZero() {
		t.Errorf("previous sign-ins %v and %v", list[0].Previous, list[1].Previous)
	}
	if _, err := s.EndWhere(t.Context(), identity.Which{Issuer: "https://cis2.example", ID: want[0]}); err != nil {
		t.Fatal(err)
	}
	list, err = s.Of(t.Context(), "https://cis2.example", "555", time.Now().Add(-time.Minute))
	if err != nil || len(list) != 2 || list[0].Ended.IsZero() || list[0].Live(at) || !list[1].Live(at) {
		t.Errorf("%+v, %v", list, err)
	}
	if list, err = s.Of(t.Context(), "https://cis2.example", "555", at.Add(24*time.Hour)); err != nil || len(list) != 0 {
		t.Errorf("%d sessions after their end, %v", len(list), err)
	}
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
