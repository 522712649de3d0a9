package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"ribble/internal/audit"
)

// Copier puts events into an empty trail with the administrator's address, past every guard and without a commit for each: to measure a large trail. It is
// for one goroutine.
type Copier struct {
	conn   *pgx.Conn
	writer writer
	size   int64
}

// NewCopier gives a Copier that works on a connection of a superuser.
func NewCopier(conn *pgx.Conn) *Copier {
	return &Copier{conn: conn, writer: writer{conn: conn, known: newReferences()}}
}

// copiedColumns are the columns of a row in the order in which Copy gives them.
var copiedColumns = []string{
	"sequence", "at", "recorded_at", "id", "look", "person_index", "mac", "agent", "organisation", "act", "reason", "register", "body",
}

// Copy adds the events, recorded so long after they happened, and gives how many there are now.
func (c *Copier) Copy(ctx context.Context, entries []audit.Entry, recorded time.Duration) (int64, error) {
	batch := make([]*waiting, len(entries))
	for i := range entries {
		batch[i] = &waiting{entry: &entries[i]}
	}
	if err := c.writer.refer(ctx, batch); err != nil {
		return c.size, err
	}
	rows := &c.writer.rows
	rows.fill(batch)
	_, err := c.conn.CopyFrom(ctx, pgx.Identifier{"audit", "event"}, copiedColumns, pgx.CopyFromSlice(len(batch), func(i int) ([]any, error) {
		c.size++
		return []any{
			c.size, rows.ats[i], rows.ats[i].Add(recorded), rows.ids[i], rows.looks[i], rows.indexes[i], rows.macs[i], rows.agents[i], rows.organisations[i],
			rows.acts[i], rows.reasons[i], rows.registers[i], rows.bodies[i],
		}, nil
	}))
	if err != nil {
		return c.size, fmt.Errorf("copying events: %w", err)
	}
	if _, err := c.conn.Exec(ctx, "UPDATE audit.head SET size = $1", c.size); err != nil {
		return c.size, fmt.Errorf("numbering the copied events: %w", err)
	}
	return c.size, nil
}
