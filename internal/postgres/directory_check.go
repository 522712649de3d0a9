package postgres

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"ribble/internal/onboarding"
)

// KeepCheck keeps the result of a connection check.
func (d *Directory) KeepCheck(ctx context.Context, c onboarding.Check) error {
	_, err := d.pool.Exec(ctx, `
INSERT INTO directory.connection_check (feed, at, by_issuer, by_subject, by_name, by_org, connection, total, failed, warned, result)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
		c.Feed, c.At, c.By.Issuer, c.By.Subject, c.By.Name, c.By.Organisation, c.Connection, c.Total, c.Failed, c.Warned, c.Result)
	if err != nil {
		return fmt.Errorf("keeping the result of a connection check: %w", err)
	}
	return nil
}

// LastCheck is the newest check of a feed; the zero Check when there was none.
func (d *Directory) LastCheck(ctx context.Context, feed string) (onboarding.Check, error) {
	list, err := d.ChecksOf(ctx, feed, 1)
	if err != nil || len(list) == 0 {
		return onboarding.Check{}, err
	}
	return list[0], nil
}

// ChecksOf are the newest checks of a feed, newest first.
func (d *Directory) ChecksOf(ctx context.Context, feed string, limit int) ([]onboarding.Check, error) {
	rows, err := d.pool.Query(ctx, `
SELECT feed, at, by_issuer, by_subject, by_name, by_org, connection, total, failed, warned, result::text
FROM directory.connection_check WHERE feed = $1 ORDER BY at DESC LIMIT $2`, feed, limit)
	if err != nil {
		return nil, fmt.Errorf("reading connection checks: %w", err)
	}
	list, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (c onboarding.Check, err error) {
		return c, row.Scan(&c.Feed, &c.At, &c.By.Issuer, &c.By.Subject, &c.By.Name, &c.By.Organisation, &c.Connection, &c.Total, &c.Failed, &c.Warned, &c.Result)
	})
	if err != nil {
		return nil, fmt.Errorf("reading connection checks: %w", err)
	}
	return list, nil
}
