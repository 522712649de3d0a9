package postgres_test

import (
	"crypto/rand"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"ribble/internal/audit"
	"ribble/internal/pgtest"
	"ribble/internal/postgres"
)

// at is a time in a month that no test run will be in, so that its partition has to be made.
var at = time.Date(2031, time.March, 14, 9, 26, 53, 0, time.UTC)

func newEntry() audit.Entry {
	e := audit.Entry{
		At: at, Act: audit.ActIntent, Issuer: "https://cis2.example", Subject: "555", Organisation: "RXX",
		PersonIndex: make([]byte, 16), PersonKey: "k1", Words: []string{"one", "two"}, Body: []byte("body"),
	}
	_, _ = rand.Read(e.ID[:])
	_, _ = rand.Read(e.PersonIndex)
	e.Look = e.ID
	return e
}

func connect(t testing.TB, url string) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close(t.Context()) })
	return conn
}

func execute(t testing.TB, url string, statements ...string) {
	t.Helper()
	conn := connect(t, url)
	for _, s := range statements {
		if _, err := conn.Exec(t.Context(), s); err != nil {
			t.Fatalf("%s: %v", s, err)
		}
	}
	_ = conn.Close(t.Context())
}

func query[T any](t testing.TB, url, sql string, args ...any) T {
	t.Helper()
	conn := connect(t, url)
	defer func() { _ = conn.Close(t.Context()) }()
	var value T
	if err := conn.QueryRow(t.Context(), sql, args...).Scan(&value); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	return value
}

func openAudit(t testing.TB, url string) *postgres.AuditLog {
	t.Helper()
	log, err := postgres.OpenAudit(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(log.Close)
	return log
}

func mustAppend(t testing.TB, log audit.Store, e audit.Entry) int64 {
	t.Helper()
	p, err := log.Append(t.Context(), e)
	if err != nil {
		t.Fatal(err)
	}
	return p.Sequence
}

// assertContiguous checks that the trail is numbered 1 to n without gaps, each event once, and that the head says so.
func assertContiguous(t testing.TB, db *pgtest.DB, n int64) {
	t.Helper()
	conn := connect(t, db.AdminURL)
	var rows, ids, lowest, highest, size int64
	err := conn.QueryRow(t.Context(), `SELECT count(*), count(DISTINCT id), coalesce(min(sequence), 1), coalesce(max(sequence), 0),
		(SELECT size FROM audit.head) FROM audit.event`).Scan(&rows, &ids, &lowest, &highest, &size)
	if err != nil {
		t.Fatal(err)
	}
	if rows != n || ids != n || lowest != 1 || highest != n || size != n {
		t.Errorf("rows %d, ids %d, sequence %d to %d, head %d; want %d of each", rows, ids, lowest, highest, size, n)
	}
}
