// Package postgres keeps what the portal must remember (sessions, the audit trail) in PostgreSQL, each part under its own database role.
package postgres

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// errBadURL stands for every address that cannot be read; the parser's own text might repeat a password.
var errBadURL = errors.New("a database address must have the form postgres://role:password@host:port/database")

// connectLimit bounds one attempt to reach the server: who waits for a page is told within two seconds that there is none.
const connectLimit = 1500 * time.Millisecond

// Config holds the addresses of the database, one per role that the service uses. The owner's is not among them.
type Config struct {
	// AppURL and AuditURL are required.
	AppURL, AuditURL string
	// IGReaderURL and VerifierURL are optional; when given, their roles are checked as well.
	IGReaderURL, VerifierURL string
	// MaxConns bounds the pool of the app role; zero means 16. The audit writer has one connection of its own.
	MaxConns int32
}

// DB is the open database.
type DB struct {
	app   *pgxpool.Pool
	audit *AuditLog
}

// Open connects, and refuses to when the schema is not the one this program was built for, when a role may do more or less than
// it must, when a role is a superuser or could become one, or when the guards of the audit trail are off. The error names every
// difference.
func Open(ctx context.Context, c Config) (*DB, error) {
	if err := checkRoles(ctx, c); err != nil {
		return nil, err
	}
	app, err := openPool(ctx, c.AppURL, c.MaxConns, userLimit)
	if err != nil {
		return nil, err
	}
	log, err := OpenAudit(ctx, c.AuditURL)
	if err != nil {
		app.Close()
		return nil, err
	}
	return &DB{app: app, audit: log}, nil
}

// Close writes out what the audit writer still holds and closes every connection.
func (db *DB) Close() {
	db.audit.Close()
	db.app.Close()
}

// Audit is where audit events are appended.
func (db *DB) Audit() *AuditLog { return db.audit }

// Sessions is where sessions are kept.
func (db *DB) Sessions() *Sessions { return &Sessions{db.app} }

// Limits counts, and remembers used tokens, for all replicas together.
func (db *DB) Limits() *Limits { return &Limits{db.app} }

// Ready reports whether sessions and the register of objections can be read and audit events written, by doing both (D14).
func (db *DB) Ready(ctx context.Context) error {
	if _, err := db.app.Exec(ctx, "SELECT id FROM portal.session LIMIT 0"); err != nil {
		return fmt.Errorf("reading sessions: %w", err)
	}
	if _, err := db.app.Exec(ctx, "SELECT id FROM register.consent LIMIT 0"); err != nil {
		return fmt.Errorf("reading the register of objections: %w", err)
	}
	return db.audit.Ready(ctx)
}

type inTx struct{}

// errNested is returned by a transaction inside a transaction: the inner one would look committed while the outer can still be lost.
var errNested = errors.New("a database transaction was begun inside another")

// InTx runs work in one transaction of the app role, committed when work returns nil and rolled back otherwise. The context given to
// work marks it as inside, so that nesting is refused.
func (db *DB) InTx(ctx context.Context, work func(context.Context, pgx.Tx) error) error {
	if ctx.Value(inTx{}) != nil {
		return errNested
	}
	ctx = context.WithValue(ctx, inTx{}, true)
	return pgx.BeginFunc(ctx, db.app, func(tx pgx.Tx) error { return work(ctx, tx) })
}

// openPool opens a pool that gives up on a silent server after the limit.
func openPool(ctx context.Context, url string, maxConns int32, limit time.Duration) (*pgxpool.Pool, error) {
	config, err := pgxpool.ParseConfig(url)
	if err != nil {
		return nil, errBadURL
	}
	config.MaxConns = 16
	if maxConns > 0 {
		config.MaxConns = maxConns
	}
	config.ConnConfig.ConnectTimeout = connectLimit
	config.ConnConfig.Tracer = bounds{limit}
	pool, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return nil, fmt.Errorf("opening the database pool: %w", err)
	}
	return pool, nil
}

// connect opens one connection.
func connect(ctx context.Context, url string) (*pgx.Conn, error) {
	config, err := pgx.ParseConfig(url)
	if err != nil {
		return nil, errBadURL
	}
	config.ConnectTimeout = connectLimit
	conn, err := pgx.ConnectConfig(ctx, config)
	if err != nil {
		return nil, fmt.Errorf("connecting to the database: %w", err)
	}
	return conn, nil
}
