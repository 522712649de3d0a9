package bench

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"ribble/internal/audit"
	"ribble/internal/pgrun"
	"ribble/internal/postgres"
)

// trailBench is one run of the audit trail's benchmark.
type trailBench struct {
	report
	options Options
	dir     string
	cluster *pgrun.Cluster
	// small is a trail of a tenth of the events, of a region a tenth as large: what the growth is measured from.
	small, large *filled
}

// FewestRows is the smallest trail that can be measured: a tenth of it is measured beside it.
const FewestRows = 20_000

// RunAudit measures what the audit trail costs to write and to search, on a Postgres of its own that is as durable as in production, and prints one
// line for each figure.
func RunAudit(ctx context.Context, o Options) (err error) {
	b := &trailBench{report: report{out: o.Out}, options: o}
	if b.dir, err = os.MkdirTemp("", "ribble-bench-audit-"); err != nil {
		return fmt.Errorf("making a folder: %w", err)
	}
	defer b.close()
	began := time.Now()
	b.sayLoad("at the start")
	if err := b.prepare(ctx); err != nil {
		return err
	}
	for _, step := range []struct {
		goal string
		run  func(context.Context) error
	}{{"P12", b.search}, {"P9", b.appends}, {"P10", b.viewCost}} {
		if !o.wants([]string{step.goal}) {
			continue
		}
		if err := step.run(ctx); err != nil {
			return fmt.Errorf("measuring %s: %w", step.goal, err)
		}
	}
	b.sayLoad("at the end")
	b.say("the whole run took %s", time.Since(began).Round(time.Second))
	return b.write(o.JSON)
}

func (b *trailBench) close() {
	if b.cluster != nil {
		_ = b.cluster.Close()
	}
	_ = os.RemoveAll(b.dir)
}

// sayLoad says how busy the machine is: figures by the clock are worth nothing without it.
func (b *trailBench) sayLoad(when string) {
	raw, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return
	}
	disk, err := probeDisk(b.dir)
	if err != nil {
		return
	}
	b.say("load average %s: %s; one block to the disk takes %s ms", when, strings.Join(strings.Fields(string(raw))[:3], " "), figures(disk))
}

// prepare starts Postgres and fills the trails.
func (b *trailBench) prepare(ctx context.Context) (err error) {
	// Private: the server is stopped for the cold searches.
	if b.cluster, err = pgrun.Start(ctx, pgrun.Options{Private: true}); err != nil {
		return fmt.Errorf("starting Postgres: %w", err)
	}
	for _, f := range []struct {
		into *(*filled)
		name string
		rows int
	}{{&b.small, "ribble_bench_small", b.options.Rows / 10}, {&b.large, "ribble_bench_large", b.options.Rows}} {
		if f.into == &b.small && !b.options.wants([]string{"P12"}) {
			continue
		}
		began := time.Now()
		if *f.into, err = b.fill(ctx, f.name, f.rows); err != nil {
			return fmt.Errorf("filling a trail: %w", err)
		}
		b.say("filled a trail of %d events about %d people by %d users of %d organisations in %d months in %s", f.rows, len((*f.into).cast.people),
			len((*f.into).cast.users), len((*f.into).cast.organisations), months, time.Since(began).Round(time.Second))
	}
	return b.slowDisk(ctx)
}

// slowDisk has the server wait before each time it writes its log to the disk, with the lock that others who commit wait for, as a slow disk would.
func (b *trailBench) slowDisk(ctx context.Context) error {
	if b.options.Disk == 0 {
		return nil
	}
	conn, err := pgx.Connect(ctx, b.cluster.URL())
	if err != nil {
		return fmt.Errorf("connecting to slow the disk down: %w", err)
	}
	defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }()
	for _, statement := range []string{
		fmt.Sprintf("ALTER SYSTEM SET commit_delay = %d", b.options.Disk.Microseconds()), "ALTER SYSTEM SET commit_siblings = 0", "SELECT pg_reload_conf()",
	} {
		if _, err := conn.Exec(ctx, statement); err != nil {
			return fmt.Errorf("slowing the disk down: %w", err)
		}
	}
	b.say("each commit takes %s longer than this disk", b.options.Disk)
	return nil
}

// keyFiles makes the key files that all trails share.
func (b *trailBench) keyFiles() (audit.KeyFiles, error) {
	files := audit.KeyFiles{Index: filepath.Join(b.dir, "index"), Person: filepath.Join(b.dir, "person"), Row: filepath.Join(b.dir, "row")}
	for _, path := range []string{files.Index, files.Person, files.Row} {
		if _, err := os.Stat(path); err == nil {
			continue
		}
		if err := audit.WriteKeyFile(path); err != nil {
			return files, err
		}
	}
	return files, nil
}

// passwords are those of the roles: the same for every database of the run.
func passwords() map[postgres.Role]string {
	all := map[postgres.Role]string{}
	for _, role := range postgres.Roles {
		all[role] = "bench-" + string(role)
	}
	return all
}
