package postgres

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"ribble/internal/oversight/post"
)

// Letters are those that are about no alert: reports of problems, and agreements that end.
type Letters struct{ db *DB }

var _ post.Box = Letters{}

// Letters is where letters wait that are about no alert.
func (db *DB) Letters() Letters { return Letters{db} }

// Add puts a letter into the box. One that was there before, sent or not, is not added again.
func (l Letters) Add(ctx context.Context, letter post.Letter) error {
	_, err := l.db.app.Exec(ctx, "INSERT INTO oversight.letter (kind, id, organisation, number, about) VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING",
		string(letter.Kind), letter.ID, letter.Organisation, letter.Number, letter.About)
	if err != nil {
		return fmt.Errorf("adding a letter: %w", err)
	}
	return nil
}

// Due takes letters, as [Mail.Due] does.
func (l Letters) Due(ctx context.Context, most int) ([]post.Letter, error) {
	const sql = `
UPDATE oversight.letter SET mail_tries = least(mail_tries + 1, 1000), mail_due = now() + least(interval '1 hour', interval '1 minute' * 2 ^ least(mail_tries, 10))
WHERE (kind, id, organisation) IN (SELECT kind, id, organisation FROM oversight.letter
    WHERE mailed_at IS NULL AND mail_due <= now() AND at > now() - interval '7 days' ORDER BY mail_due LIMIT $1 FOR UPDATE SKIP LOCKED)
RETURNING kind, id, organisation, number, about, mail_tries - 1`
	rows, err := l.db.app.Query(ctx, sql, most)
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
func (l Letters) Sent(ctx context.Context, letter post.Letter) error {
	_, err := l.db.app.Exec(ctx, "UPDATE oversight.letter SET mailed_at = now() WHERE kind = $1 AND id = $2 AND organisation = $3", string(letter.Kind), letter.ID, letter.Organisation)
	if err != nil {
		return fmt.Errorf("noting a letter: %w", err)
	}
	return nil
}
