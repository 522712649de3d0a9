package postgres_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"

	"ribble/internal/pgtest"
	"ribble/internal/postgres"
)

// changes are the ways in which somebody might try to change the past.
var changes = []string{
	"UPDATE %s SET act = 'forged'",
	"UPDATE %s SET act = 'forged' WHERE false",
	"DELETE FROM %s",
	"TRUNCATE %s",
	"INSERT INTO %s SELECT * FROM audit.event ON CONFLICT (id, at) DO UPDATE SET act = 'forged'",
	"MERGE INTO %s e USING audit.event o ON e.id = o.id AND e.at = o.at WHEN MATCHED THEN DELETE",
}

// TestNobodyChangesTheTrail tries every way as every role, as the owner with its rights given back, and as a superuser with ordinary
// triggers skipped; through the table and through its partition.
func TestNobodyChangesTheTrail(t *testing.T) {
	db := pgtest.New(t)
	mustAppend(t, openAudit(t, db.URLs[postgres.AuditAppend]), newEntry())
	type attacker struct{ name, url, before string }
	attackers := []attacker{
		{"owner with rights given back", db.URLs[postgres.Owner], "GRANT ALL ON audit.event, audit.event_2031_03 TO ribble_owner"},
		{"superuser", db.AdminURL, "SELECT 1"},
		{"superuser as a replica", db.AdminURL, "SET session_replication_role = replica"},
	}
	for _, role := range postgres.Roles {
		attackers = append(attackers, attacker{string(role), db.URLs[role], "SELECT 1"})
	}
	for _, a := range attackers {
		for _, change := range changes {
			for _, table := range []string{"audit.event", "audit.event_2031_03"} {
				if err := attempt(t, a.url, a.before, strings.ReplaceAll(change, "%s", table)); !refused(err) {
					t.Errorf("%s: %s on %s: %v", a.name, change, table, err)
				}
			}
		}
		for _, change := range []string{"UPDATE audit.head SET size = size - 1", "DELETE FROM audit.head", "TRUNCATE audit.head"} {
			if err := attempt(t, a.url, a.before, change); !refused(err) {
				t.Errorf("%s: %s: %v", a.name, change, err)
			}
		}
	}
	if act := query[string](t, db.AdminURL, "SELECT act FROM audit.event"); act != "intent" {
		t.Errorf("the trail says %q", act)
	}
	assertContiguous(t, db, 1)
}

// attempt runs both statements in one transaction that is rolled back.
func attempt(t *testing.T, url, before, change string) error {
	t.Helper()
	conn := connect(t, url)
	defer func() { _ = conn.Close(t.Context()) }()
	tx, err := conn.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = tx.Rollback(t.Context()) }()
	if _, err := tx.Exec(t.Context(), before); err != nil {
		t.Fatalf("%s: %v", before, err)
	}
	_, err = tx.Exec(t.Context(), change)
	return err
}

// refused reports whether the server said that it may not be done, rather than that it made no sense.
func refused(err error) bool {
	var pg *pgconn.PgError
	const insufficientPrivilege, readOnly = "42501", "25006"
	return errors.As(err, &pg) && (pg.Code == insufficientPrivilege || pg.Code == readOnly)
}

func TestAppendRoleReadsNothing(t *testing.T) {
	db := pgtest.New(t)
	mustAppend(t, openAudit(t, db.URLs[postgres.AuditAppend]), newEntry())
	for _, statement := range []string{
		"SELECT * FROM audit.event", "SELECT size FROM audit.head", "INSERT INTO audit.event DEFAULT VALUES", "SELECT audit.prepare('{}')",
		"SELECT audit.prepare_month(now()::timestamp)", "SELECT * FROM portal.session", "CREATE TABLE public.x ()", "CREATE TEMPORARY TABLE x ()",
	} {
		if err := attempt(t, db.URLs[postgres.AuditAppend], "SELECT 1", statement); !refused(err) {
			t.Errorf("%s: %v", statement, err)
		}
	}
}

// TestOpenRefuses has the ways in which a database can be other than it must be.
func TestOpenRefuses(t *testing.T) {
	for _, c := range []struct{ name, spoil, want string }{
		{"a grant too many", "GRANT SELECT ON audit.event TO ribble_audit_append", "ribble_audit_append: must not have table audit.event SELECT"},
		{"a column too many", "GRANT UPDATE (user_name) ON portal.session TO ribble_app", "must not have column portal.session.user_name UPDATE"},
		{"a grant to everybody", "GRANT SELECT ON portal.session TO PUBLIC", "must not have table portal.session SELECT"},
		{"a function for everybody", "GRANT EXECUTE ON FUNCTION audit.append TO PUBLIC", "must not have function audit.append EXECUTE"},
		{"a partition laid open", "GRANT DELETE ON audit.event_2031_03 TO ribble_app", "must not have table audit.event_2031_03 DELETE"},
		{"a schema to build in", "GRANT CREATE ON SCHEMA portal TO ribble_app", "must not have schema portal CREATE"},
		{"a database to build in", "GRANT ribble_owner TO ribble_ig_reader", "is a member of another role"},
		{"a grant missing", "REVOKE INSERT ON portal.session FROM ribble_app", "lacks table portal.session INSERT"},
		{"the function missing", "REVOKE EXECUTE ON FUNCTION audit.append FROM ribble_audit_append", "lacks function audit.append EXECUTE"},
		{"a reader blind", "REVOKE SELECT ON audit.event FROM ribble_verifier", "ribble_verifier: lacks table audit.event SELECT"},
		{"a guard off", "ALTER TABLE audit.event_2031_03 DISABLE TRIGGER refuse_change", "the guard of audit.event_2031_03 is missing or off"},
		{"a guard that can be skipped", "ALTER TABLE audit.head ENABLE TRIGGER refuse_change", "the guard of audit.head is missing or off"},
		{"a function of a superuser", "ALTER FUNCTION audit.append OWNER TO CURRENT_USER", "audit.append belongs to a superuser"},
		{"a schema behind", "DELETE FROM migration.applied WHERE version = (SELECT max(version) FROM migration.applied)", "run the migrations"},
		{"a schema ahead", "INSERT INTO migration.applied VALUES (9999, 'x', '')", "ahead of this program"},
		{"a schema changed", "UPDATE migration.applied SET sha256 = 'other' WHERE version = 1", "was changed after it was applied"},
	} {
		t.Run(c.name, func(t *testing.T) {
			db := pgtest.New(t)
			mustAppend(t, openAudit(t, db.URLs[postgres.AuditAppend]), newEntry())
			execute(t, db.AdminURL, c.spoil)
			assertRefused(t, db.Config(), c.want)
			// Memberships belong to the server, which other tests share.
			execute(t, db.AdminURL, "REVOKE ribble_owner FROM ribble_ig_reader")
		})
	}
}

func assertRefused(t *testing.T, config postgres.Config, want string) {
	t.Helper()
	open, err := postgres.Open(t.Context(), config)
	if err == nil {
		open.Close()
		t.Errorf("the database was opened, want %q", want)
		return
	}
	if !errors.Is(err, postgres.ErrUnsafe) || !strings.Contains(err.Error(), want) {
		t.Errorf("got %q, want it to say %q", err, want)
	}
}

// TestOpenRefusesPowerfulRoles uses a server of its own: attributes belong to roles, and roles to the server.
func TestOpenRefusesPowerfulRoles(t *testing.T) {
	server := pgtest.NewServer(t)
	for attribute, want := range map[string]string{
		"SUPERUSER": "is a superuser", "BYPASSRLS": "may bypass row security", "CREATEROLE": "may create roles", "CREATEDB": "may create databases",
		"REPLICATION": "may replicate",
	} {
		for _, role := range []postgres.Role{postgres.App, postgres.AuditAppend, postgres.IGReader, postgres.Verifier} {
			execute(t, server.AdminURL, "ALTER ROLE "+string(role)+" "+attribute)
			assertRefused(t, server.Config(), string(role)+": "+want)
			execute(t, server.AdminURL, "ALTER ROLE "+string(role)+" NO"+attribute)
		}
	}
	config := server.Config()
	config.AppURL = server.AdminURL
	assertRefused(t, config, "is a superuser")
	config.AppURL = server.URLs[postgres.Owner]
	assertRefused(t, config, "must not have")
	server.Open(t)
}

func TestAddressesAreNotRepeated(t *testing.T) {
	for _, bad := range []string{"postgres://u:hunter2@host:notaport/x", "postgres://u:hunter2@127.0.0.1:1/x"} {
		_, err := postgres.Open(t.Context(), postgres.Config{AppURL: bad, AuditURL: bad})
		if err == nil || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("got %v", err)
		}
	}
}
