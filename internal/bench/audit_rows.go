package bench

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"ribble/internal/audit"
)

// beyond is the first number of rows that do not come through the trail: the ledger never sees them.
const beyond = 1 << 40

// rows are what the trail is held against: rows like its own in the same table, inserted without it.
type rows struct {
	pool *pgxpool.Pool
	// like is an event of the kind that the trail is measured with.
	like audit.Entry
	// body is its body as the trail's own rows have it, with references before it.
	body  []byte
	users int
}

const (
	besides = `
CREATE SCHEMA IF NOT EXISTS bench;
CREATE SEQUENCE IF NOT EXISTS bench.place START %d CACHE 32;
CREATE TABLE IF NOT EXISTS bench.chain (only_row boolean PRIMARY KEY DEFAULT true, place bigint NOT NULL, hash bytea NOT NULL);
INSERT INTO bench.chain VALUES (true, %d, ''::bytea) ON CONFLICT DO NOTHING`
	insertRow = `
INSERT INTO audit.event (sequence, id, at, act, agent, organisation, reason, register, person_index, body, mac)
VALUES ($1, gen_random_uuid(), clock_timestamp(), $2, $3, $4, '', '', md5($5::bigint::text)::uuid, $6, $7)`
)

func newRows(ctx context.Context, f *filled) (*rows, error) {
	config, err := pgxpool.ParseConfig(f.admin)
	if err != nil {
		return nil, fmt.Errorf("reading the database's address: %w", err)
	}
	config.MaxConns = callers
	s := &rows{users: len(f.cast.users)}
	if s.pool, err = pgxpool.NewWithConfig(ctx, config); err != nil {
		return nil, fmt.Errorf("connecting to the database: %w", err)
	}
	if _, err := s.pool.Exec(ctx, fmt.Sprintf(besides, beyond, 2*beyond), pgx.QueryExecModeSimpleProtocol); err != nil {
		return s, fmt.Errorf("making what the trail is held against: %w", err)
	}
	var made capture
	trail := audit.NewTrail(&made, audit.GenerateKeys(), time.Now)
	if err := trail.Note(ctx, audit.Note{Act: audit.ActTraced, User: f.cast.users[0], NHSNumber: f.cast.people[0], Found: 1}); err != nil {
		return s, err
	}
	s.like = made.entries[0]
	query := "SELECT body FROM audit.event WHERE act = $1 LIMIT 1"
	if err := s.pool.QueryRow(ctx, query, string(s.like.Act)).Scan(&s.body); err != nil {
		return s, fmt.Errorf("reading a row like the trail's: %w", err)
	}
	return s, nil
}

func (s *rows) close() { s.pool.Close() }

// values are the arguments of insertRow.
func (s *rows) values(sequence int64, mac []byte, r *rand.Rand) []any {
	e := s.like
	return []any{sequence, string(e.Act), 1 + r.IntN(s.users), e.Organisation, r.Int64(), s.body, [16]byte(mac)}
}

// single gives how many milliseconds one caller waits for the commit of one row.
func (s *rows) single(ctx context.Context) (float64, error) {
	conn, err := s.pool.Acquire(ctx)
	if err != nil {
		return 0, fmt.Errorf("connecting to the database: %w", err)
	}
	defer conn.Release()
	random := rand.New(rand.NewPCG(9, uint64(time.Now().UnixNano())))
	var took []float64
	for range commits {
		began := time.Now()
		if err := commit(ctx, conn.Conn(), s.values(3*beyond+random.Int64N(beyond), s.like.MAC, random)); err != nil {
			return 0, err
		}
		took = append(took, milliseconds(time.Since(began)))
	}
	return median(took), nil
}

// chain gives the events a second of the usual way to chain rows: lock the head, insert the row with the hash of the one before, move the head.
func (s *rows) chain(ctx context.Context, lasting time.Duration) (float64, error) {
	took, err := together(ctx, callers, lasting, func(ctx context.Context, _ int, r *rand.Rand) error {
		return pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
			var place int64
			var hash []byte
			if err := tx.QueryRow(ctx, "SELECT place, hash FROM bench.chain FOR UPDATE").Scan(&place, &hash); err != nil {
				return fmt.Errorf("locking the head: %w", err)
			}
			next := sha256.Sum256(append(hash, s.body...))
			if err := commit(ctx, tx.Conn(), s.values(place+1, next[:16], r)); err != nil {
				return err
			}
			_, err := tx.Exec(ctx, "UPDATE bench.chain SET place = $1, hash = $2", place+1, next[:])
			return err
		})
	})
	return float64(len(took)) / lasting.Seconds(), err
}

// script writes the same insert for pgbench.
func (s *rows) script(dir string) (string, error) {
	e := s.like
	values := strings.NewReplacer(
		"$1", "nextval('bench.place')", "$2", quoted(string(e.Act)), "$3", ":user", "$4", quoted(e.Organisation), "$5::bigint", "(:person)::bigint",
		"$6", `'\x`+hex.EncodeToString(s.body)+`'::bytea`, "$7", `'`+hex.EncodeToString(e.MAC)+`'::uuid`,
	).Replace(strings.ReplaceAll(strings.TrimSpace(insertRow), "\n", " "))
	path := filepath.Join(dir, "insert.sql")
	text := fmt.Sprintf("\\set user random(1, %d)\n\\set person random(1, 1000000000)\n%s;\n", s.users, values)
	return path, os.WriteFile(path, []byte(text), 0o600)
}

func quoted(text string) string { return "'" + strings.ReplaceAll(text, "'", "''") + "'" }

// inserted is what pgbench did: rows a second, rows in all, and its own processor time.
type inserted struct {
	perSecond float64
	rows      int
	processor time.Duration
}

// rowsPerClient is how many rows each of pgbench's clients inserts. A count and not a time: on a busy machine the time would be over before all have
// connected.
const rowsPerClient = 400

// runPgbench has pgbench insert rows.
func runPgbench(ctx context.Context, program, script, address string) (inserted, error) {
	at, err := url.Parse(address)
	if err != nil {
		return inserted{}, fmt.Errorf("reading the database's address: %w", err)
	}
	password, _ := at.User.Password()
	cmd := exec.CommandContext(ctx, program, "-n", "-M", "prepared", "-c", strconv.Itoa(callers), "-j", "2", "-t", strconv.Itoa(rowsPerClient), "-f", script,
		"-h", at.Hostname(), "-p", at.Port(), "-U", at.User.Username(), strings.TrimPrefix(at.Path, "/"))
	cmd.Env = append(os.Environ(), "PGPASSWORD="+password, "PGSSLMODE=disable")
	out, err := cmd.CombinedOutput()
	if err != nil {
		return inserted{}, fmt.Errorf("running pgbench: %w: %s", err, out)
	}
	done, err := parsePgbench(string(out))
	done.processor = cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
	return done, err
}

var (
	tps       = regexp.MustCompile(`(?m)^tps = ([0-9.]+)`)
	processed = regexp.MustCompile(`(?m)^number of transactions actually processed: ([0-9]+)`)
)

// parsePgbench reads the figures from what pgbench prints.
func parsePgbench(out string) (inserted, error) {
	rate, count := tps.FindStringSubmatch(out), processed.FindStringSubmatch(out)
	if rate == nil || count == nil {
		return inserted{}, fmt.Errorf("pgbench gave no figure: %s", out)
	}
	perSecond, err1 := strconv.ParseFloat(rate[1], 64)
	rows, err2 := strconv.Atoi(count[1])
	return inserted{perSecond: perSecond, rows: rows}, errors.Join(err1, err2)
}
