package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"ribble/internal/health"
)

// FeedHealth keeps how feeds served, counted by five minutes.
type FeedHealth struct{ db *DB }

var _ health.Store = FeedHealth{}

// FeedHealth is where counts of the feeds' health are kept.
func (db *DB) FeedHealth() FeedHealth { return FeedHealth{db} }

// Keep adds counts to those that are kept, of whichever replica they are, all in one transaction.
func (h FeedHealth) Keep(ctx context.Context, counts []health.Count) error {
	const sql = `
INSERT INTO directory.feed_health AS kept (feed, at, asked, answered, late, times, last_good) VALUES ($1, $2, $3, $4, $5, $6, $7)
ON CONFLICT (feed, at) DO UPDATE SET asked = kept.asked + excluded.asked, answered = kept.answered + excluded.answered, late = kept.late + excluded.late,
    times = (SELECT coalesce(array_agg(coalesce(a, 0) + coalesce(b, 0) ORDER BY place), '{}') FROM unnest(kept.times, excluded.times) WITH ORDINALITY AS both_of (a, b, place)),
    last_good = greatest(kept.last_good, excluded.last_good)`
	var batch pgx.Batch
	for _, c := range counts {
		var good *time.Time
		if !c.LastGood.IsZero() {
			good = &c.LastGood
		}
		times := c.Times
		if times == nil {
			times = []int32{}
		}
		batch.Queue(sql, c.Feed, c.At, c.Asked, c.Answered, c.Late, times, good)
	}
	if err := h.db.app.SendBatch(ctx, &batch).Close(); err != nil {
		return fmt.Errorf("keeping the health of feeds: %w", err)
	}
	return nil
}

// Since gives the counts from a time on, oldest first.
func (h FeedHealth) Since(ctx context.Context, from time.Time) ([]health.Count, error) {
	rows, err := h.db.app.Query(ctx, "SELECT feed, at, asked, answered, late, times, last_good FROM directory.feed_health WHERE at >= $1 ORDER BY at, feed", from)
	if err != nil {
		return nil, fmt.Errorf("reading the health of feeds: %w", err)
	}
	list, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (c health.Count, err error) {
		var good *time.Time
		if err = row.Scan(&c.Feed, &c.At, &c.Asked, &c.Answered, &c.Late, &c.Times, &good); err == nil && good != nil {
			c.LastGood = *good
		}
		return c, err
	})
	if err != nil {
		return nil, fmt.Errorf("reading the health of feeds: %w", err)
	}
	return list, nil
}

// Purge forgets counts that no page shows any more.
func (h FeedHealth) Purge(ctx context.Context, before time.Time) error {
	ctx = patiently(ctx)
	if _, err := h.db.app.Exec(ctx, "DELETE FROM directory.feed_health WHERE at < $1", before); err != nil {
		return fmt.Errorf("forgetting the health of feeds: %w", err)
	}
	return nil
}
