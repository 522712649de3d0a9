package postgres

import (
	"context"
	"time"
)

// Two ways of hearing of a change: the notice comes at once, and the look holds the promise of five seconds when a notice is lost.
const (
	lookEvery  = 4 * time.Second
	lookWithin = 2 * time.Second
)

// Watch calls changed whenever the directory has another version than the one known, until ctx ends. What changed returns is the version that is now in
// force with the caller: one that could not be put in force is tried again.
func (d *Directory) Watch(ctx context.Context, known int64, changed func(context.Context) int64) {
	look := func() {
		within, cancel := context.WithTimeout(ctx, lookWithin)
		defer cancel()
		if version, err := d.Version(within); err == nil && version != known {
			known = changed(ctx)
		}
	}
	for ctx.Err() == nil {
		// What was missed while nobody listened is found by the first look.
		d.listen(ctx, look)
		look()
		pause(ctx, lookWithin)
	}
}

// listen looks whenever a notice comes, and every few seconds without one, for as long as its connection holds.
func (d *Directory) listen(ctx context.Context, look func()) {
	pooled, err := d.pool.Acquire(ctx)
	if err != nil {
		return
	}
	conn := pooled.Hijack()
	defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }()
	if _, err := conn.Exec(ctx, "LISTEN ribble_directory"); err != nil {
		return
	}
	for ctx.Err() == nil {
		look()
		wait, cancel := context.WithTimeout(ctx, lookEvery)
		_, err := conn.WaitForNotification(wait)
		over := wait.Err() != nil
		cancel()
		if err != nil && !over {
			return
		}
	}
}

func pause(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}
