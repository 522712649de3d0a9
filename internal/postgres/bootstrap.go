package postgres

import (
	"context"
	"crypto/rand"
	"fmt"
	"net/url"

	"github.com/jackc/pgx/v5"
)

// Role is one of the database accounts. Each can do its own work and nothing else; none is a superuser.
type Role string

// The roles, and what each is for.
const (
	// Owner owns the tables and applies migrations; no service signs in with it.
	Owner Role = "ribble_owner"
	// App keeps sessions and configuration.
	App Role = "ribble_app"
	// AuditAppend may call the one function that appends to the audit trail; it can read nothing of it.
	AuditAppend Role = "ribble_audit_append"
	// IGReader reads the audit trail for Information Governance officers.
	IGReader Role = "ribble_ig_reader"
	// Verifier reads the audit trail to check that nothing was changed.
	Verifier Role = "ribble_verifier"
)

// Roles lists every role.
var Roles = []Role{Owner, App, AuditAppend, IGReader, Verifier}

// roleSettings bound what a role's sessions can do to others, whatever its client forgets. The app's statements are few and look rows up by their
// keys: planning each anew would take most of their time (reading the registers: 250 µs of processor time against 42).
var roleSettings = map[Role][]string{
	App:         {"statement_timeout = '5s'", "idle_in_transaction_session_timeout = '10s'", "plan_cache_mode = force_generic_plan"},
	AuditAppend: {"statement_timeout = '2s'", "idle_in_transaction_session_timeout = '5s'"},
	IGReader:    {"statement_timeout = '30s'", "idle_in_transaction_session_timeout = '60s'", "default_transaction_read_only = on"},
	Verifier:    {"idle_in_transaction_session_timeout = '60s'", "default_transaction_read_only = on"},
}

// URLs holds the address of the database for each role. An address holds a password: it must not be logged.
type URLs map[Role]string

// Setup says what Bootstrap makes.
type Setup struct {
	// Database is the name of the database to create.
	Database string
	// Passwords are the roles' passwords; a role without one gets 130 random bits.
	Passwords map[Role]string
}

// Bootstrap creates the roles and the database with an administrator's address, and gives the address for each role. It is the
// only step that needs an administrator; a service never has that address. Roles that exist get the passwords asked for and lose
// every attribute and membership they should not have; an existing database is an error.
func Bootstrap(ctx context.Context, adminURL string, s Setup) (URLs, error) {
	passwords := make(map[Role]string, len(Roles))
	for _, role := range Roles {
		passwords[role] = s.Passwords[role]
		if passwords[role] == "" {
			passwords[role] = rand.Text()
		}
	}
	if err := CreateRoles(ctx, adminURL, passwords); err != nil {
		return nil, err
	}
	if err := CreateDatabase(ctx, adminURL, s.Database, ""); err != nil {
		return nil, err
	}
	return RoleURLs(adminURL, s.Database, passwords)
}

// bootstrapLock is the advisory lock under which roles are changed: two processes changing one role at once is an error in Postgres.
const bootstrapLock = 0x726962626c65

// CreateRoles creates or puts right every role of the server.
func CreateRoles(ctx context.Context, adminURL string, passwords map[Role]string) error {
	return asAdmin(ctx, adminURL, "creating the database roles", func(conn *pgx.Conn) error {
		return pgx.BeginFunc(ctx, conn, func(tx pgx.Tx) error {
			if _, err := tx.Exec(ctx, "SELECT pg_advisory_xact_lock($1)", bootstrapLock); err != nil {
				return err
			}
			for _, role := range Roles {
				if err := createRole(ctx, tx, role, passwords[role]); err != nil {
					return err
				}
			}
			return nil
		})
	})
}

func createRole(ctx context.Context, tx pgx.Tx, role Role, password string) error {
	var there bool
	if err := tx.QueryRow(ctx, "SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = $1)", string(role)).Scan(&there); err != nil {
		return err
	}
	name := pgx.Identifier{string(role)}.Sanitize()
	if !there {
		if _, err := tx.Exec(ctx, "CREATE ROLE "+name); err != nil {
			return err
		}
	}
	// Only the verifier of the password travels, so that no server log can hold the password itself.
	secret, err := scramVerifier(password)
	if err != nil {
		return err
	}
	statements := []string{"ALTER ROLE " + name + " LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS NOINHERIT PASSWORD '" + secret + "'"}
	for _, setting := range roleSettings[role] {
		statements = append(statements, "ALTER ROLE "+name+" SET "+setting)
	}
	for _, statement := range statements {
		if _, err := tx.Exec(ctx, statement); err != nil {
			return err
		}
	}
	return leaveGroups(ctx, tx, role)
}

// leaveGroups takes a role out of every other role: membership would lend it rights that no grant in the migrations shows.
func leaveGroups(ctx context.Context, tx pgx.Tx, role Role) error {
	rows, err := tx.Query(ctx, "SELECT g.rolname FROM pg_auth_members m JOIN pg_roles g ON g.oid = m.roleid "+
		"JOIN pg_roles r ON r.oid = m.member WHERE r.rolname = $1", string(role))
	if err != nil {
		return err
	}
	groups, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return err
	}
	for _, group := range groups {
		if _, err := tx.Exec(ctx, "REVOKE "+pgx.Identifier{group}.Sanitize()+" FROM "+pgx.Identifier{string(role)}.Sanitize()); err != nil {
			return err
		}
	}
	return nil
}

// CreateDatabase creates a database that only the roles may enter, empty or as a copy of a template database to which nobody is
// connected. CREATE DATABASE copies no database grants, so they are made here for either.
func CreateDatabase(ctx context.Context, adminURL, name, template string) error {
	return asAdmin(ctx, adminURL, "creating the database", func(conn *pgx.Conn) error {
		database := pgx.Identifier{name}.Sanitize()
		create := "CREATE DATABASE " + database + " OWNER " + string(Owner)
		if template != "" {
			create += " TEMPLATE " + pgx.Identifier{template}.Sanitize()
		}
		statements := []string{create, "REVOKE ALL ON DATABASE " + database + " FROM PUBLIC"}
		for _, role := range Roles {
			statements = append(statements, "GRANT CONNECT ON DATABASE "+database+" TO "+string(role))
		}
		for _, statement := range statements {
			if _, err := conn.Exec(ctx, statement); err != nil {
				return err
			}
		}
		return nil
	})
}

// asAdmin runs work on a connection of the administrator.
func asAdmin(ctx context.Context, adminURL, attempt string, work func(*pgx.Conn) error) error {
	conn, err := connect(ctx, adminURL)
	if err != nil {
		return fmt.Errorf("%s: %w", attempt, err)
	}
	defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }()
	if err := work(conn); err != nil {
		return fmt.Errorf("%s: %w", attempt, err)
	}
	return nil
}

// RoleURLs derives each role's address of a database from an administrator's address of the same server.
func RoleURLs(adminURL, database string, passwords map[Role]string) (URLs, error) {
	urls := make(URLs, len(Roles))
	for _, role := range Roles {
		u, err := url.Parse(adminURL)
		if err != nil {
			return nil, errBadURL
		}
		u.User = url.UserPassword(string(role), passwords[role])
		u.Path = "/" + database
		urls[role] = u.String()
	}
	return urls, nil
}
