package postgres

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"ribble/internal/oversight/post"
)

// Mail is which alerts officers are still to be told of.
type Mail struct{ db *DB }

var _ post.Box = Mail{}

// Mail is where letters to officers wait.
func (db *DB) Mail() Mail { return Mail{db} }

// Due takes letters: each belongs to this replica until it is due again, which is later after each try. An alert of more than a week ago is no news.
func (m Mail) Due(ctx context.Context, most int) ([]post.Letter, error) {
	const sql = `
UPDATE oversight.alert SET mail_tries = least(mail_tries + 1, 1000), mail_due = now() + least(interval '1 hour', interval '1 minute' * 2 ^ least(mail_tries, 10))
WHERE id IN (SELECT id FROM oversight.alert WHERE mailed_at IS NULL AND mail_due <= now() AND at > now() - interval '7 days'
    ORDER BY mail_due LIMIT $1 FOR UPDATE SKIP LOCKED)
RETURNING $2, id::text, organisation, number, '', mail_tries - 1`
	rows, err := m.db.app.Query(ctx, sql, most, string(post.Alert))
	if err != nil {
		return nil, fmt.Errorf("taking letters: %w", err)
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByPos[post.Letter])
	if err != nil {
		return nil, fmt.Errorf("taking letters: %w", err)
	}
	return list, nil
}

// Sent notes that a letter is done.
func (m Mail) Sent(ctx context.Context, l post.Letter) error {
	if _, err := m.db.app.Exec(ctx, "UPDATE oversight.alert SET mailed_at = now() WHERE id::text = $1", l.ID); err != nil {
		return fmt.Errorf("noting a letter: %w", err)
	}
	return nil
}
