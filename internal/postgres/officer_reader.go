package postgres

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5/pgxpool"

	"ribble/internal/audit"
)

// OfficerReader reads the audit trail for Privacy Officers, under a role that can do nothing else.
type OfficerReader struct {
	pool *pgxpool.Pool
	// glossary is what events refer to.
	glossary glossary
}

// officerConns bounds the pool: officers are few, and a long report must not crowd out the trail's own writer.
const officerConns = 4

// OpenOfficerReader connects with the IGReader role's address.
func OpenOfficerReader(ctx context.Context, url string) (*OfficerReader, error) {
	pool, err := openPool(ctx, url, officerConns, readerLimit)
	if err != nil {
		return nil, err
	}
	return &OfficerReader{pool: pool}, nil
}

// Close closes every connection.
func (r *OfficerReader) Close() { r.pool.Close() }

// Event reads one event by its id, and says whether it is there.
func (r *OfficerReader) Event(ctx context.Context, id string) (audit.Event, bool, error) {
	rows, err := r.events(ctx, r.pool, " WHERE id = $1::text::uuid", id)
	if err != nil {
		return audit.Event{}, false, fmt.Errorf("reading an event of the audit trail: %w", err)
	}
	if len(rows) == 0 {
		return audit.Event{}, false, nil
	}
	return rows[0].Event, true, nil
}
