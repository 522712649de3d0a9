package postgres

import (
	"context"
	"fmt"
)

// nightlyLock is the advisory lock of the nightly connection checks: any number that nothing else of this database uses.
const nightlyLock = 0x5ca1ab1e

// Alone does something while no other replica does, under an advisory lock that ends with its connection; done is false where another replica is at it.
func (d *Directory) Alone(ctx context.Context, do func(context.Context) error) (done bool, err error) {
	conn, err := d.pool.Acquire(ctx)
	if err != nil {
		return false, fmt.Errorf("getting a connection for the nightly checks: %w", err)
	}
	// A connection on which the lock may still be held must not go back to the pool.
	healthy := false
	defer func() {
		if !healthy {
			_ = conn.Conn().Close(context.WithoutCancel(ctx))
		}
		conn.Release()
	}()
	var mine bool
	if err := conn.QueryRow(ctx, "SELECT pg_try_advisory_lock($1)", int64(nightlyLock)).Scan(&mine); err != nil {
		return false, fmt.Errorf("locking the nightly checks: %w", err)
	}
	if !mine {
		healthy = true
		return false, nil
	}
	failed := do(ctx)
	if _, err := conn.Exec(context.WithoutCancel(ctx), "SELECT pg_advisory_unlock($1)", int64(nightlyLock)); err == nil {
		healthy = true
	}
	return true, failed
}
