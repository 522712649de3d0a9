package postgres

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"ribble/internal/audit"
)

// PersonKeys keeps the data keys under which people are sealed in the audit trail, each wrapped by a key that the database does not have. It
// satisfies audit.DataKeys.
type PersonKeys struct{ pool *pgxpool.Pool }

var _ audit.DataKeys = (*PersonKeys)(nil)

// PersonKeys is where data keys are kept.
func (db *DB) PersonKeys() *PersonKeys { return &PersonKeys{db.app} }

const personKeyColumns = "id, person_index, index_key, wrapped, wrap_key"

// Keep keeps a new key durably, and gives the key there is: another replica's, when that was first.
func (p *PersonKeys) Keep(ctx context.Context, k audit.DataKey) (audit.DataKey, error) {
	const insert = "INSERT INTO portal.person_key (" + personKeyColumns + ") VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING"
	tag, err := p.pool.Exec(ctx, insert, k.ID, k.Index, k.IndexKey, k.Wrapped, k.WrapKey)
	if err != nil {
		return audit.DataKey{}, errors.New("keeping a data key failed")
	}
	if tag.RowsAffected() == 1 {
		return k, nil
	}
	return p.Of(ctx, k.Index, k.IndexKey)
}

// Of gives the key of a person; audit.ErrKeyUnknown when there is none.
func (p *PersonKeys) Of(ctx context.Context, index []byte, indexKey string) (audit.DataKey, error) {
	return onePersonKey(p.pool.Query(ctx, "SELECT "+personKeyColumns+" FROM portal.person_key WHERE person_index = $1 AND index_key = $2", index, indexKey))
}

// ByID gives a key by its name; audit.ErrKeyUnknown when there is none: it was destroyed.
func (p *PersonKeys) ByID(ctx context.Context, id string) (audit.DataKey, error) {
	return onePersonKey(p.pool.Query(ctx, "SELECT "+personKeyColumns+" FROM portal.person_key WHERE id = $1", id))
}

// Gone gives those of the ids that there is no key of any more.
func (p *PersonKeys) Gone(ctx context.Context, ids []string) ([]string, error) {
	rows, err := p.pool.Query(ctx, "SELECT i FROM unnest($1::text[]) AS i WHERE NOT EXISTS (SELECT FROM portal.person_key k WHERE k.id = i)", ids)
	if err != nil {
		return nil, errors.New("reading data keys failed")
	}
	gone, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return nil, errors.New("reading data keys failed")
	}
	return gone, nil
}

// IndexKeys are the ids of the keys under which people's events are indexed: whoever searches for a person without all of them finds a part.
func (p *PersonKeys) IndexKeys(ctx context.Context) ([]string, error) {
	rows, err := p.pool.Query(ctx, "SELECT DISTINCT index_key FROM portal.person_key ORDER BY index_key")
	if err != nil {
		return nil, errors.New("reading the ids of index keys failed")
	}
	ids, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return nil, errors.New("reading the ids of index keys failed")
	}
	return ids, nil
}

func onePersonKey(rows pgx.Rows, err error) (audit.DataKey, error) {
	if err != nil {
		return audit.DataKey{}, errors.New("reading a data key failed")
	}
	k, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByPos[audit.DataKey])
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return audit.DataKey{}, audit.ErrKeyUnknown
	case err != nil:
		return audit.DataKey{}, errors.New("reading a data key failed")
	}
	return k, nil
}

// DestroyPersonKeys destroys data keys for good with the Owner's address, all or none, and gives how many there were. Backups made before still
// have them, wrapped.
func DestroyPersonKeys(ctx context.Context, ownerURL string, ids []string) (int, error) {
	conn, err := connect(ctx, ownerURL)
	if err != nil {
		return 0, fmt.Errorf("destroying data keys: %w", err)
	}
	defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }()
	tag, err := conn.Exec(ctx, "DELETE FROM portal.person_key WHERE id = ANY($1)", ids)
	if err != nil {
		return 0, errors.New("destroying data keys failed")
	}
	return int(tag.RowsAffected()), nil
}

// RewrapPersonKeys has every data key wrapped anew with the Owner's address, in one transaction, and gives how many changed. What rewrap gives back
// unchanged stays.
func RewrapPersonKeys(ctx context.Context, ownerURL string, rewrap func(audit.DataKey) (audit.DataKey, error)) (int, error) {
	conn, err := connect(ctx, ownerURL)
	if err != nil {
		return 0, fmt.Errorf("wrapping data keys anew: %w", err)
	}
	defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }()
	changed := 0
	err = pgx.BeginFunc(ctx, conn, func(tx pgx.Tx) error {
		for after := ""; ; {
			rows, err := tx.Query(ctx, "SELECT "+personKeyColumns+" FROM portal.person_key WHERE id > $1 ORDER BY id LIMIT 1000 FOR UPDATE", after)
			if err != nil {
				return errors.New("reading a data key failed")
			}
			batch, err := pgx.CollectRows(rows, pgx.RowToStructByPos[audit.DataKey])
			if err != nil || len(batch) == 0 {
				return err
			}
			after = batch[len(batch)-1].ID
			n, err := rewrapBatch(ctx, tx, batch, rewrap)
			if err != nil {
				return err
			}
			changed += n
		}
	})
	if err != nil {
		return 0, fmt.Errorf("wrapping data keys anew: %w", err)
	}
	return changed, nil
}

func rewrapBatch(ctx context.Context, tx pgx.Tx, batch []audit.DataKey, rewrap func(audit.DataKey) (audit.DataKey, error)) (int, error) {
	changed := 0
	for _, k := range batch {
		fresh, err := rewrap(k)
		if err != nil {
			return 0, err
		}
		if fresh.WrapKey == k.WrapKey {
			continue
		}
		if _, err := tx.Exec(ctx, "UPDATE portal.person_key SET wrapped = $2, wrap_key = $3 WHERE id = $1", k.ID, fresh.Wrapped, fresh.WrapKey); err != nil {
			return 0, errors.New("keeping a data key failed")
		}
		changed++
	}
	return changed, nil
}
