package bench

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"ribble/internal/audit"
)

// cold asks each question of a server that has just started, whose files the kernel has forgotten.
func (b *trailBench) cold(ctx context.Context) error {
	for i, q := range questions {
		if err := b.forget(ctx); err != nil {
			return err
		}
		t, err := b.large.searched(ctx)
		if err != nil {
			return err
		}
		// The portal's connections are there before an officer asks.
		if _, _, err = t.reader.Event(ctx, audit.UUID{}.String()); err != nil {
			t.reader.Close()
			return err
		}
		took, _, err := t.ask(ctx, q, 100+uint64(i), coldAsked)
		t.reader.Close()
		if err != nil {
			return err
		}
		b.judge("P12", q.name+"_ms_p99_cold", []float64{percentile(took, 99)}, coldBar)
		b.say("%s, cold: p50 %s ms, the very first %s ms, of %d", q.name, figures(median(took)), figures(took[0]), len(took))
	}
	b.say("cold: Postgres was stopped, the kernel told to drop the pages of its files (POSIX_FADV_DONTNEED; no other program's), and Postgres started; " +
		"a disk behind a hypervisor may still hold them")
	return nil
}

// forget stops the server, has the kernel drop what it holds of the server's files, and starts the server.
func (b *trailBench) forget(ctx context.Context) error {
	if err := b.cluster.Stop(); err != nil {
		return fmt.Errorf("stopping Postgres: %w", err)
	}
	if err := filepath.WalkDir(b.cluster.DataDir(), dropPages); err != nil {
		return fmt.Errorf("dropping pages: %w", err)
	}
	if err := b.cluster.Restart(ctx); err != nil {
		return fmt.Errorf("starting Postgres: %w", err)
	}
	return nil
}

// dontNeed is POSIX_FADV_DONTNEED. Pages that were written to the disk, as all are once the server has stopped, are dropped.
const dontNeed = 4

func dropPages(path string, entry fs.DirEntry, err error) error {
	if err != nil || !entry.Type().IsRegular() {
		return err
	}
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	if _, _, failed := syscall.Syscall6(syscall.SYS_FADVISE64, f.Fd(), 0, 0, dontNeed, 0, 0); failed != 0 {
		return failed
	}
	return nil
}
