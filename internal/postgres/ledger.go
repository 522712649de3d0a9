package postgres

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"ribble/internal/ledger"
	"ribble/internal/ledger/leaf"
)

// Ledger reads the audit trail as the Verifier role and adds checkpoints as the AuditAppend role, through a door of their own. It satisfies
// ledger.Reader and ledger.Writer.
type Ledger struct {
	reader, writer *pgxpool.Pool
	// warned is set when the server warned during the statement under way (see writer.warned); the writer's pool has one connection.
	warned atomic.Bool
}

var (
	_ ledger.Reader = (*Ledger)(nil)
	_ ledger.Writer = (*Ledger)(nil)
)

// errNoWriter says that a Ledger was opened for reading.
var errNoWriter = errors.New("the ledger was opened for reading only")

// OpenLedger opens the ledger with the addresses of the Verifier and the AuditAppend role; without the second it can only be read.
func OpenLedger(ctx context.Context, verifierURL, auditURL string) (*Ledger, error) {
	l := &Ledger{}
	var err error
	if l.reader, err = openPool(ctx, verifierURL, 3, readerLimit); err != nil {
		return nil, err
	}
	if auditURL == "" {
		return l, nil
	}
	config, err := pgxpool.ParseConfig(auditURL)
	if err != nil {
		l.reader.Close()
		return nil, errBadURL
	}
	config.MaxConns = 1
	config.ConnConfig.ConnectTimeout = connectLimit
	config.ConnConfig.OnNotice = func(_ *pgconn.PgConn, n *pgconn.Notice) {
		if n.SeverityUnlocalized == "WARNING" {
			l.warned.Store(true)
		}
	}
	if l.writer, err = pgxpool.NewWithConfig(ctx, config); err != nil {
		l.reader.Close()
		return nil, fmt.Errorf("opening the database pool: %w", err)
	}
	return l, nil
}

// Close closes every connection.
func (l *Ledger) Close() {
	l.reader.Close()
	if l.writer != nil {
		l.writer.Close()
	}
}

// State reads head and newest checkpoint at one moment.
func (l *Ledger) State(ctx context.Context) (ledger.State, error) {
	const query = `
SELECT h.size, coalesce(c.size, 0), c.note, coalesce(extract(epoch FROM clock_timestamp() - c.confirmed_at)::float8, 0)
FROM audit.head h LEFT JOIN LATERAL (SELECT * FROM audit.checkpoint ORDER BY size DESC LIMIT 1) c ON true`
	var s ledger.State
	var age float64
	if err := l.reader.QueryRow(ctx, query).Scan(&s.Head, &s.Size, &s.Note, &age); err != nil {
		return ledger.State{}, fmt.Errorf("reading the state of the ledger: %w", err)
	}
	s.Age = time.Duration(age * float64(time.Second))
	return s, nil
}

// Event reads one row by the event's id.
func (l *Ledger) Event(ctx context.Context, id [16]byte) (leaf.Row, error) {
	rows, err := l.rows(ctx, 1, "id = $1", id)
	if err != nil {
		return leaf.Row{}, fmt.Errorf("reading an audit event: %w", err)
	}
	if len(rows) != 1 {
		return leaf.Row{}, fmt.Errorf("reading an audit event: %w", pgx.ErrNoRows)
	}
	return rows[0], nil
}

// Rows reads rows in the order of their numbers. What somebody took away that they refer to is no error here: their bytes are then others than were signed.
func (l *Ledger) Rows(ctx context.Context, after int64, most int) ([]leaf.Row, error) {
	rows, err := l.rows(ctx, most, "sequence > $1 ORDER BY sequence LIMIT $2", after, most)
	if err != nil && !errors.Is(err, errReferred) {
		return nil, fmt.Errorf("reading the audit trail: %w", err)
	}
	return rows, nil
}

// Picked reads the rows of these numbers, in their order.
func (l *Ledger) Picked(ctx context.Context, sequences []int64) ([]leaf.Row, error) {
	rows, err := l.rows(ctx, len(sequences), "sequence = ANY ($1) ORDER BY sequence", sequences)
	if err != nil && !errors.Is(err, errReferred) {
		return nil, fmt.Errorf("reading the audit trail: %w", err)
	}
	return rows, nil
}

func (l *Ledger) rows(ctx context.Context, most int, where string, args ...any) ([]leaf.Row, error) {
	rows, err := l.reader.Query(ctx, "SELECT "+rowColumns+" FROM audit.event WHERE "+where, args...)
	if err != nil {
		return nil, err
	}
	list, err := collectStored(rows, min(most, mostAhead))
	if err != nil {
		return nil, err
	}
	// Read anew each time: what is signed for is what the database has now.
	return new(glossary).expand(ctx, l.reader, list)
}

// mostAhead is for how many rows room is made before they are read.
const mostAhead = 1000

// Tiles reads those tiles that there are.
func (l *Ledger) Tiles(ctx context.Context, ids []ledger.TileID) (map[ledger.TileID][]byte, error) {
	levels, indexes := make([]int16, len(ids)), make([]int64, len(ids))
	for i, id := range ids {
		levels[i], indexes[i] = int16(id.Level), id.Index
	}
	const query = "SELECT t.level, t.index, t.hashes FROM audit.tile t JOIN unnest($1::smallint[], $2::bigint[]) AS u (level, index) ON t.level = u.level AND t.index = u.index"
	rows, err := l.reader.Query(ctx, query, levels, indexes)
	if err != nil {
		return nil, fmt.Errorf("reading the ledger's tree: %w", err)
	}
	found := make(map[ledger.TileID][]byte, len(ids))
	var level int16
	var index int64
	var hashes []byte
	_, err = pgx.ForEachRow(rows, []any{&level, &index, &hashes}, func() error {
		found[ledger.TileID{Level: int(level), Index: index}] = append([]byte(nil), hashes...)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("reading the ledger's tree: %w", err)
	}
	return found, nil
}

// Checkpoints reads checkpoints in the order of their sizes.
func (l *Ledger) Checkpoints(ctx context.Context, beyond int64, most int) ([]ledger.Stored, error) {
	rows, err := l.reader.Query(ctx, "SELECT size, note FROM audit.checkpoint WHERE size > $1 ORDER BY size LIMIT $2", beyond, most)
	if err != nil {
		return nil, fmt.Errorf("reading checkpoints: %w", err)
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByPos[ledger.Stored])
	if err != nil {
		return nil, fmt.Errorf("reading checkpoints: %w", err)
	}
	return list, nil
}

// ledgerTurn is the advisory lock of whoever makes a checkpoint.
const ledgerTurn = 0x7475726e

// Turn waits until no other replica makes a checkpoint. A connection that dies gives the turn away; Add then finds that another was first.
func (l *Ledger) Turn(ctx context.Context) (func(), error) {
	conn, err := l.reader.Acquire(ctx)
	if err != nil {
		return nil, fmt.Errorf("connecting to the database: %w", err)
	}
	if _, err := conn.Exec(ctx, "SELECT pg_advisory_lock($1)", ledgerTurn); err != nil {
		// The server may have given the lock all the same: only closing the connection is certain to give it back.
		_ = conn.Hijack().Close(context.WithoutCancel(ctx))
		return nil, fmt.Errorf("waiting for other replicas: %w", err)
	}
	return func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), connectLimit)
		defer cancel()
		if _, err := conn.Exec(ctx, "SELECT pg_advisory_unlock($1)", ledgerTurn); err != nil {
			_ = conn.Hijack().Close(ctx)
			return
		}
		conn.Release()
	}, nil
}

// Add keeps a checkpoint durably. A warning while committing counts as failure, as for events.
func (l *Ledger) Add(ctx context.Context, a ledger.Addition) error {
	if l.writer == nil {
		return errNoWriter
	}
	levels, indexes, tiles := make([]int16, len(a.Tiles)), make([]int64, len(a.Tiles)), make([][]byte, len(a.Tiles))
	for i, t := range a.Tiles {
		levels[i], indexes[i], tiles[i] = int16(t.Level), t.Index, t.Hashes
	}
	l.warned.Store(false)
	_, err := l.writer.Exec(ctx, "SELECT audit.add_checkpoint($1, $2, $3, $4, $5, $6)", a.BuiltOn, a.Size, a.Note, levels, indexes, tiles)
	var pg *pgconn.PgError
	const taken = "RB002"
	switch {
	case errors.As(err, &pg) && pg.Code == taken:
		return ledger.ErrTaken
	case errors.As(err, &pg):
		return refusal{pg.Code}
	case err != nil:
		return errors.New("the connection failed")
	case l.warned.Load():
		return errors.New("the server warned while committing")
	}
	return nil
}
