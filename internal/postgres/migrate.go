package postgres

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"io/fs"
	"slices"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"

	"ribble/migrations"
)

// migration is one numbered step with its way back.
type migration struct {
	version  int
	name     string
	up, down string
	sum      [sha256.Size]byte
}

// history is where the runner writes down what it applied. Every role may read it: the start-up check needs it.
const history = `
CREATE SCHEMA IF NOT EXISTS migration;
CREATE TABLE IF NOT EXISTS migration.applied (
    version    integer     PRIMARY KEY,
    name       text        NOT NULL,
    sha256     bytea       NOT NULL,
    applied_at timestamptz NOT NULL DEFAULT now()
);
GRANT USAGE ON SCHEMA migration TO ribble_app, ribble_audit_append, ribble_ig_reader, ribble_verifier;
GRANT SELECT ON migration.applied TO ribble_app, ribble_audit_append, ribble_ig_reader, ribble_verifier;
`

// migrateLock makes two runners take turns.
const migrateLock = 0x6d696772617465

// Migrate brings the schema to the newest version with the Owner's address. It refuses when a file that was applied has changed,
// or when the database is ahead of this program. Each migration is one transaction.
func Migrate(ctx context.Context, ownerURL string) error {
	return migrating(ctx, ownerURL, func(conn *pgx.Conn, all []migration, done int) error {
		for _, m := range all[done:] {
			if err := apply(ctx, conn, m.up, "INSERT INTO migration.applied (version, name, sha256) VALUES ($1, $2, $3)", m.version, m.name, m.sum[:]); err != nil {
				return fmt.Errorf("applying migration %04d_%s: %w", m.version, m.name, err)
			}
		}
		return nil
	})
}

// MigrateDown takes the schema back to the given version. Steps that would lose audit events refuse.
func MigrateDown(ctx context.Context, ownerURL string, to int) error {
	return migrating(ctx, ownerURL, func(conn *pgx.Conn, all []migration, done int) error {
		for _, m := range slices.Backward(all[:done]) {
			if m.version <= to {
				break
			}
			if err := apply(ctx, conn, m.down, "DELETE FROM migration.applied WHERE version = $1", m.version); err != nil {
				return fmt.Errorf("taking back migration %04d_%s: %w", m.version, m.name, err)
			}
		}
		return nil
	})
}

// migrating runs work under the lock, with what there is and how much of it was applied.
func migrating(ctx context.Context, ownerURL string, work func(*pgx.Conn, []migration, int) error) error {
	all, err := loadMigrations(migrations.Files)
	if err != nil {
		return err
	}
	conn, err := connect(ctx, ownerURL)
	if err != nil {
		return fmt.Errorf("migrating: %w", err)
	}
	// Closing the connection also gives the lock back.
	defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }()
	if _, err := conn.Exec(ctx, "SELECT pg_advisory_lock($1)", migrateLock); err != nil {
		return fmt.Errorf("waiting for other migrations: %w", err)
	}
	if _, err := conn.PgConn().Exec(ctx, history).ReadAll(); err != nil {
		return fmt.Errorf("preparing the history of migrations: %w", err)
	}
	done, err := checkHistory(ctx, conn, all)
	if err != nil {
		return err
	}
	return work(conn, all, done)
}

// apply runs one file and the change to the history in one transaction.
func apply(ctx context.Context, conn *pgx.Conn, script, record string, args ...any) error {
	return pgx.BeginFunc(ctx, conn, func(tx pgx.Tx) error {
		if _, err := tx.Conn().PgConn().Exec(ctx, script).ReadAll(); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, record, args...)
		return err
	})
}

// checkHistory compares what was applied with the files and gives the number applied.
func checkHistory(ctx context.Context, conn *pgx.Conn, all []migration) (int, error) {
	rows, err := conn.Query(ctx, "SELECT version, sha256 FROM migration.applied ORDER BY version")
	if err != nil {
		return 0, fmt.Errorf("reading the history of migrations: %w", err)
	}
	type applied struct {
		Version int
		SHA256  []byte
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByPos[applied])
	if err != nil {
		return 0, fmt.Errorf("reading the history of migrations: %w", err)
	}
	for i, a := range list {
		switch {
		case i >= len(all):
			return 0, fmt.Errorf("the database is ahead of this program: it has migration %04d", a.Version)
		case a.Version != all[i].version:
			return 0, fmt.Errorf("the database lacks migration %04d", all[i].version)
		case !bytes.Equal(a.SHA256, all[i].sum[:]):
			return 0, fmt.Errorf("migration %04d_%s was changed after it was applied", all[i].version, all[i].name)
		}
	}
	return len(list), nil
}

// loadMigrations reads the files and refuses gaps, single halves and strange names.
func loadMigrations(files fs.FS) ([]migration, error) {
	ups, err := fs.Glob(files, "*.up.sql")
	if err != nil {
		return nil, fmt.Errorf("listing migrations: %w", err)
	}
	slices.Sort(ups)
	downs, err := fs.Glob(files, "*.down.sql")
	if err != nil || len(downs) != len(ups) {
		return nil, fmt.Errorf("there are %d migrations up and %d down", len(ups), len(downs))
	}
	var all []migration
	for i, file := range ups {
		m, err := loadMigration(files, strings.TrimSuffix(file, ".up.sql"))
		if err != nil {
			return nil, err
		}
		if m.version != i+1 {
			return nil, fmt.Errorf("migration %04d is missing", i+1)
		}
		all = append(all, m)
	}
	return all, nil
}

func loadMigration(files fs.FS, stem string) (migration, error) {
	number, name, ok := strings.Cut(stem, "_")
	version, err := strconv.Atoi(number)
	if !ok || err != nil || len(number) != 4 {
		return migration{}, fmt.Errorf("migration %q is not named NNNN_verb_noun", stem)
	}
	up, err := fs.ReadFile(files, stem+".up.sql")
	if err != nil {
		return migration{}, fmt.Errorf("reading migration %s: %w", stem, err)
	}
	down, err := fs.ReadFile(files, stem+".down.sql")
	if err != nil {
		return migration{}, fmt.Errorf("reading migration %s: %w", stem, err)
	}
	return migration{version: version, name: name, up: string(up), down: string(down), sum: sha256.Sum256(up)}, nil
}
