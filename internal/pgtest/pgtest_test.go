package pgtest_test

import (
	"testing"

	"github.com/jackc/pgx/v5"

	"ribble/internal/pgtest"
	"ribble/internal/postgres"
)

func TestDatabasesAreApart(t *testing.T) {
	a, b := pgtest.New(t), pgtest.New(t)
	if a.AdminURL == b.AdminURL {
		t.Fatal("two tests share a database")
	}
	execute(t, a.AdminURL, "CREATE TABLE only_here ()")
	conn := connect(t, b.AdminURL)
	var there bool
	if err := conn.QueryRow(t.Context(), "SELECT to_regclass('only_here') IS NOT NULL").Scan(&there); err != nil || there {
		t.Errorf("there = %v, %v", there, err)
	}
}

func TestEveryRoleCanConnect(t *testing.T) {
	db := pgtest.New(t)
	for _, role := range postgres.Roles {
		var user string
		if err := connect(t, db.URLs[role]).QueryRow(t.Context(), "SELECT current_user").Scan(&user); err != nil || user != string(role) {
			t.Errorf("%s: %s, %v", role, user, err)
		}
	}
	db.Open(t)
}

func TestManyAtOnce(t *testing.T) {
	for range 8 {
		t.Run("database", func(t *testing.T) {
			t.Parallel()
			db := pgtest.New(t)
			execute(t, db.AdminURL, "CREATE TABLE only_here ()")
		})
	}
}

func connect(t *testing.T, url string) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close(t.Context()) })
	return conn
}

func execute(t *testing.T, url, statement string) {
	t.Helper()
	if _, err := connect(t, url).Exec(t.Context(), statement); err != nil {
		t.Fatal(err)
	}
}
