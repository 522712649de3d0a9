package pgrun

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// TestStandbyTakesOver: what a primary committed is on its standby, which goes on alone once the primary is gone for good.
func TestStandbyTakesOver(t *testing.T) {
	primary := startForTest(t)
	if _, err := primary.Program("pg_basebackup"); err != nil {
		t.Skip(err)
	}
	execute(t, primary.URL(), "CREATE TABLE kept AS SELECT 41 AS answer")
	standby, err := primary.Standby(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := standby.Close(); err != nil {
			t.Error(err)
		}
	})
	execute(t, primary.URL(), "UPDATE kept SET answer = 42")
	for range 500 {
		if answer(t, standby.URL()) == 42 {
			break
		}
		time.Sleep(20 * time.Millisecond)
	}
	if err := primary.Close(); err != nil {
		t.Fatal(err)
	}
	execute(t, standby.URL(), "SELECT pg_promote(true, 30)")
	execute(t, standby.URL(), "UPDATE kept SET answer = answer + 1")
	if got := answer(t, standby.URL()); got != 43 {
		t.Errorf("the answer is %d, want 43", got)
	}
	if err := standby.Restart(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := answer(t, standby.URL()); got != 43 {
		t.Errorf("after a restart the answer is %d, want 43", got)
	}
}

func TestAdoptedServerHasNoStandby(t *testing.T) {
	if _, err := (&Cluster{url: "postgres://somebody@db.example/x"}).Standby(t.Context()); !errors.Is(err, ErrNotOurs) {
		t.Errorf("got %v", err)
	}
}

func execute(t *testing.T, url, sql string) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.WithoutCancel(t.Context()))
	if _, err := conn.Exec(t.Context(), sql); err != nil {
		t.Fatal(err)
	}
}

func answer(t *testing.T, url string) (n int) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.WithoutCancel(t.Context()))
	if err := conn.QueryRow(t.Context(), "SELECT answer FROM kept").Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}
