// Package pgtest gives each test a migrated PostgreSQL database of its own, from a real server that it finds or starts.
//
// One private server serves a test process and ends with it; DATABASE_URL names another to use instead, as its administrator: a server for
// tests, as the roles' passwords are changed there and a template database stays. Databases are copies of one migrated template, which takes
// some tens of milliseconds. A machine without PostgreSQL fails the test and says what to install:
// a skipped database test would look like a passed one.
package pgtest

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"ribble/internal/pgrun"
	"ribble/internal/postgres"
	"ribble/migrations"
)

// DB is a test's own database.
type DB struct {
	// AdminURL is the superuser's address of the test's database: for looking behind the scenes, never for the code under test.
	AdminURL string
	// URLs are the addresses for each role.
	URLs postgres.URLs
	// Cluster is the server the database is on. Only that of NewServer may be stopped.
	Cluster *pgrun.Cluster
}

// Config gives what postgres.Open needs for the database.
func (db *DB) Config() postgres.Config {
	return postgres.Config{
		AppURL: db.URLs[postgres.App], AuditURL: db.URLs[postgres.AuditAppend],
		IGReaderURL: db.URLs[postgres.IGReader], VerifierURL: db.URLs[postgres.Verifier],
	}
}

// Open opens the database as the portal does and closes it when the test ends.
func (db *DB) Open(t testing.TB) *postgres.DB {
	t.Helper()
	open, err := postgres.Open(t.Context(), db.Config())
	if err != nil {
		t.Fatalf("opening the test database: %v", err)
	}
	t.Cleanup(open.Close)
	return open
}

// New gives the test a migrated database, removed when it ends.
func New(t testing.TB) *DB {
	t.Helper()
	s, err := shared()
	if err != nil {
		t.Fatalf("a test needs PostgreSQL: %v", err)
	}
	db, err := s.clone(t.Context())
	if err != nil {
		t.Fatalf("making a test database: %v", err)
	}
	t.Cleanup(func() { s.drop(t, db) })
	return db
}

// NewServer gives the test a migrated database on a private server of its own, which the test may stop, crash and restart through
// DB.Cluster, and whose files it may read. It is as durable as production and takes about a second.
func NewServer(t testing.TB) *DB {
	t.Helper()
	cluster, err := pgrun.Start(t.Context(), pgrun.Options{Private: true, Logf: t.Logf})
	if err != nil {
		t.Fatalf("a test needs PostgreSQL: %v", err)
	}
	t.Cleanup(func() {
		if err := cluster.Close(); err != nil {
			t.Errorf("closing the test's server: %v", err)
		}
	})
	s, err := newServer(t.Context(), cluster)
	if err != nil {
		t.Fatalf("preparing the test's server: %v", err)
	}
	return s.database(s.template)
}

// server is a cluster with its roles and a migrated template database.
type server struct {
	cluster   *pgrun.Cluster
	passwords map[postgres.Role]string
	template  string
}

// shared starts the server of this process once. Nobody closes it: the watcher of pgrun removes it when the process ends.
var shared = sync.OnceValues(func() (*server, error) {
	ctx, cancel := context.WithTimeout(context.Background(), 3*time.Minute)
	defer cancel()
	cluster, err := pgrun.Start(ctx, pgrun.Options{Volatile: true})
	if err != nil {
		return nil, err
	}
	return newServer(ctx, cluster)
})

func newServer(ctx context.Context, cluster *pgrun.Cluster) (*server, error) {
	template, err := templateName()
	if err != nil {
		return nil, err
	}
	s := &server{cluster: cluster, template: template, passwords: derivePasswords(cluster.URL())}
	if err := postgres.CreateRoles(ctx, cluster.URL(), s.passwords); err != nil {
		return nil, err
	}
	return s, s.makeTemplate(ctx)
}

// templateName names the template after the migrations in it, so that processes with the same migrations share it on a server that lasts.
func templateName() (string, error) {
	names, err := fs.Glob(migrations.Files, "*")
	if err != nil {
		return "", err
	}
	sum := sha256.New()
	for _, name := range names {
		text, err := migrations.Files.ReadFile(name)
		if err != nil {
			return "", err
		}
		_, _ = fmt.Fprintf(sum, "%s %d\n%s", name, len(text), text)
	}
	return "ribble_test_" + hex.EncodeToString(sum.Sum(nil)[:6]), nil
}

// templateLock makes processes on one server take turns in making the template.
const templateLock = 0x74656d706c617465

// makeTemplate makes the template under another name and renames it when it is whole: another process, or a next run, must never copy half of one.
func (s *server) makeTemplate(ctx context.Context) error {
	conn, err := pgx.Connect(ctx, s.cluster.URL())
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }()
	if _, err := conn.Exec(ctx, "SELECT pg_advisory_lock($1)", templateLock); err != nil {
		return err
	}
	var there bool
	err = conn.QueryRow(ctx, "SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)", s.template).Scan(&there)
	if err != nil || there {
		return err
	}
	making := s.template + "_making"
	if _, err := conn.Exec(ctx, "DROP DATABASE IF EXISTS "+making+" WITH (FORCE)"); err != nil {
		return err
	}
	if err := postgres.CreateDatabase(ctx, s.cluster.URL(), making, ""); err != nil {
		return err
	}
	if err := postgres.Migrate(ctx, s.database(making).URLs[postgres.Owner]); err != nil {
		return err
	}
	_, err = conn.Exec(ctx, "ALTER DATABASE "+making+" RENAME TO "+s.template)
	return err
}

// derivePasswords gives every test process that uses one server the same role passwords: roles belong to the server, not to a database.
func derivePasswords(adminURL string) map[postgres.Role]string {
	passwords := make(map[postgres.Role]string)
	for _, role := range postgres.Roles {
		mac := hmac.New(sha256.New, []byte(adminURL))
		mac.Write([]byte(role))
		passwords[role] = hex.EncodeToString(mac.Sum(nil)[:16])
	}
	return passwords
}

func suffix() string { return strings.ToLower(rand.Text()[:12]) }

// clone copies the template.
func (s *server) clone(ctx context.Context) (*DB, error) {
	name := s.template + "_" + suffix()
	if err := postgres.CreateDatabase(ctx, s.cluster.URL(), name, s.template); err != nil {
		return nil, err
	}
	return s.database(name), nil
}

func (s *server) database(name string) *DB {
	urls, err := postgres.RoleURLs(s.cluster.URL(), name, s.passwords)
	if err != nil {
		panic("pgtest: an address that worked before cannot be read")
	}
	admin, err := url.Parse(s.cluster.URL())
	if err != nil {
		panic("pgtest: an address that worked before cannot be read")
	}
	admin.Path = "/" + name
	return &DB{AdminURL: admin.String(), URLs: urls, Cluster: s.cluster}
}

// drop removes a test's database. On a private server the end of the process would too; another's server must be left as it was.
func (s *server) drop(t testing.TB, db *DB) {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	conn, err := pgx.Connect(ctx, s.cluster.URL())
	if err != nil {
		t.Errorf("removing the test database: %v", err)
		return
	}
	defer func() { _ = conn.Close(ctx) }()
	u, err := url.Parse(db.AdminURL)
	if err != nil {
		t.Errorf("removing the test database: %v", err)
		return
	}
	name := pgx.Identifier{strings.TrimPrefix(u.Path, "/")}.Sanitize()
	if _, err := conn.Exec(ctx, fmt.Sprintf("DROP DATABASE %s WITH (FORCE)", name)); err != nil {
		t.Errorf("removing the test database: %v", err)
	}
}
