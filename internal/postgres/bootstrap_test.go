package postgres_test

import (
	"io/fs"
	"strconv"
	"strings"
	"testing"

	"ribble/internal/pgrun"
	"ribble/internal/pgtest"
	"ribble/internal/postgres"
	"ribble/migrations"
)

// TestFromNothing is what an operator does: a fresh server, roles and database, migrations, start.
func TestFromNothing(t *testing.T) {
	cluster, err := pgrun.Start(t.Context(), pgrun.Options{Private: true, Volatile: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cluster.Close() })
	urls, err := postgres.Bootstrap(t.Context(), cluster.URL(), postgres.Setup{
		Database: "ribble", Passwords: map[postgres.Role]string{postgres.App: "given-by-the-operator"},
	})
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(urls[postgres.App], "given-by-the-operator") {
		t.Error("the given password was not used")
	}
	config := postgres.Config{AppURL: urls[postgres.App], AuditURL: urls[postgres.AuditAppend], IGReaderURL: urls[postgres.IGReader], VerifierURL: urls[postgres.Verifier]}
	if open, err := postgres.Open(t.Context(), config); err == nil {
		open.Close()
		t.Error("an empty database was opened")
	}
	if err := postgres.Migrate(t.Context(), urls[postgres.Owner]); err != nil {
		t.Fatal(err)
	}
	open, err := postgres.Open(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	open.Close()
	if _, err := postgres.Bootstrap(t.Context(), cluster.URL(), postgres.Setup{Database: "ribble"}); err == nil {
		t.Error("an existing database was bootstrapped again")
	}
}

func TestMigrateUpDownUp(t *testing.T) {
	db := pgtest.New(t)
	owner := db.URLs[postgres.Owner]
	schema := `SELECT string_agg(table_schema || '.' || table_name || '.' || column_name || ' ' || data_type, ',' ORDER BY table_schema, table_name, column_name)
		FROM information_schema.columns WHERE table_schema IN ('audit', 'portal')`
	before := query[string](t, db.AdminURL, schema)
	if err := postgres.MigrateDown(t.Context(), owner, 0); err != nil {
		t.Fatal(err)
	}
	left := query[int](t, db.AdminURL, `SELECT count(*) FROM pg_namespace WHERE nspname IN ('audit', 'portal')`)
	if left != 0 || query[int](t, db.AdminURL, "SELECT count(*) FROM migration.applied") != 0 {
		t.Errorf("%d schemas left after going down", left)
	}
	for range 2 {
		if err := postgres.Migrate(t.Context(), owner); err != nil {
			t.Fatal(err)
		}
	}
	if after := query[string](t, db.AdminURL, schema); after != before {
		t.Errorf("before: %s\nafter: %s", before, after)
	}
	db.Open(t)
}

// TestAnEarlierTrailIsNotTakenOver: events from before the trail was made terse stay as they are, and whoever upgrades is told what to do.
func TestAnEarlierTrailIsNotTakenOver(t *testing.T) {
	db := pgtest.New(t)
	owner := db.URLs[postgres.Owner]
	files, err := fs.Glob(migrations.Files, "*_shrink_audit.up.sql")
	if err != nil || len(files) != 1 {
		t.Fatalf("%v, %v", files, err)
	}
	number, err := strconv.Atoi(files[0][:4])
	if err != nil {
		t.Fatal(err)
	}
	if err := postgres.MigrateDown(t.Context(), owner, number-1); err != nil {
		t.Fatal(err)
	}
	execute(t, db.AdminURL, `SELECT audit.append(ARRAY[gen_random_uuid()], ARRAY[now()], ARRAY['intent'], ARRAY[NULL::uuid], ARRAY['i'], ARRAY['s'], ARRAY['RXX'], ARRAY[NULL::bytea],
		ARRAY[NULL], ARRAY['{"v":1}'::bytea], ARRAY[NULL::bytea], ARRAY[NULL], 0)`)
	if err := postgres.Migrate(t.Context(), owner); err == nil || !strings.Contains(err.Error(), "begin with an empty database") {
		t.Errorf("migrating: %v", err)
	}
	if act := query[string](t, db.AdminURL, "SELECT act || convert_from(body, 'UTF8') FROM audit.event"); act != `intent{"v":1}` {
		t.Errorf("the trail says %q", act)
	}
}

func TestMigrateDownKeepsAnAuditTrailThatHoldsEvents(t *testing.T) {
	db := pgtest.New(t)
	mustAppend(t, openAudit(t, db.URLs[postgres.AuditAppend]), newEntry())
	if err := postgres.MigrateDown(t.Context(), db.URLs[postgres.Owner], 0); err == nil {
		t.Error("the trail was removed")
	}
	assertContiguous(t, db, 1)
	// What came after the trail is gone, and comes back.
	if err := postgres.Migrate(t.Context(), db.URLs[postgres.Owner]); err != nil {
		t.Fatal(err)
	}
	db.Open(t)
}

func TestMigrateRefusesAChangedFile(t *testing.T) {
	db := pgtest.New(t)
	execute(t, db.AdminURL, "UPDATE migration.applied SET sha256 = 'other' WHERE version = 2")
	if err := postgres.Migrate(t.Context(), db.URLs[postgres.Owner]); err == nil || !strings.Contains(err.Error(), "0002_create_audit was changed") {
		t.Errorf("got %v", err)
	}
}

func TestMigratorsTakeTurns(t *testing.T) {
	db := pgtest.New(t)
	owner := db.URLs[postgres.Owner]
	if err := postgres.MigrateDown(t.Context(), owner, 0); err != nil {
		t.Fatal(err)
	}
	results := make(chan error, 4)
	for range cap(results) {
		go func() { results <- postgres.Migrate(t.Context(), owner) }()
	}
	for range cap(results) {
		if err := <-results; err != nil {
			t.Error(err)
		}
	}
	db.Open(t)
}
