package postgres

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"ribble/internal/audit"
)

// OfficerReader reads the audit trail for Privacy Officers, under a role that can do nothing else.
type OfficerReader struct{ pool *pgxpool.Pool }

// officerConns bounds the pool: officers are few, and a long report must not crowd out the trail's own writer.
const officerConns = 4

// OpenOfficerReader connects with the IGReader role's address.
func OpenOfficerReader(ctx context.Context, url string) (*OfficerReader, error) {
	pool, err := openPool(ctx, url, officerConns)
	if err != nil {
		return nil, err
	}
	return &OfficerReader{pool}, nil
}

// Close closes every connection.
func (r *OfficerReader) Close() { r.pool.Close() }

// Event reads one event by its id, and says whether it is there.
func (r *OfficerReader) Event(ctx context.Context, id string) (audit.Event, bool, error) {
	var body []byte
	err := r.pool.QueryRow(ctx, "SELECT body FROM audit.event WHERE id = $1::text::uuid", id).Scan(&body)
	if errors.Is(err, pgx.ErrNoRows) {
		return audit.Event{}, false, nil
	}
	if err != nil {
		return audit.Event{}, false, fmt.Errorf("reading an event of the audit trail: %w", err)
	}
	e, err := audit.Decode(body)
	if err != nil {
		return audit.Event{}, false, fmt.Errorf("reading an event of the audit trail: %w", err)
	}
	return e, true, nil
}
