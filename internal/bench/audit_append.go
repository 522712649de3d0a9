package bench

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"

	"ribble/internal/audit"
)

const (
	pgbenchBar, chainBar, eventsBar = 2.0, 12, 5000
	p50Bar, p99Bar                  = 2.5, 4
	// callers append at once; appendFor is how long every subject runs in a round; commits is how many single rows are committed one after the other.
	callers   = 64
	appendFor = 3 * time.Second
	commits   = 400
)

// appendRound is what every subject did in the same few seconds: events a second, and milliseconds.
type appendRound struct {
	trail, pgbench, chain float64
	p50, p99, commit      float64
	disk                  float64
	// ours and theirs are what an event cost the trail and pgbench.
	ours, theirs spending
}

// appends measures P9 and P10.
func (b *trailBench) appends(ctx context.Context) error {
	s, err := b.subjects(ctx)
	if err != nil {
		return err
	}
	defer s.close()
	rounds, err := b.quiet(ctx, s)
	if err != nil {
		return err
	}
	if err := s.writer.broken(); err != nil {
		return err
	}
	b.report.appends(rounds, s.pgbench != "")
	b.say("the ledger made checkpoints of %d events while it was measured, each confirmed by a witness over HTTP; %d events wait for the next", s.writer.ledger.Size(), s.writer.waiting())
	return nil
}

// appends judges the rounds. Without pgbench, what is held against it is left out.
func (p *report) appends(rounds []appendRound, pgbench bool) {
	var over, chain, events, p50, p99 []float64
	var commit, disk, rate, locked []float64
	for _, r := range rounds {
		if pgbench {
			over = append(over, r.trail/r.pgbench)
			rate = append(rate, r.pgbench)
		}
		chain, events = append(chain, r.trail/r.chain), append(events, r.trail)
		p50, p99 = append(p50, r.p50/r.commit), append(p99, r.p99/r.commit)
		commit, disk, locked = append(commit, r.commit), append(disk, r.disk), append(locked, r.chain)
	}
	if pgbench {
		p.judgeMore("P9", "appends_over_pgbench", over, pgbenchBar)
		p.say("pgbench -M prepared: %s rows a second, median of the rounds", figures(median(rate)))
	} else {
		p.say("P9 appends_over_pgbench is left out: this machine has no pgbench, neither beside the server's programs nor on the PATH")
	}
	p.judgeMore("P9", "appends_over_locked_chain", chain, chainBar)
	p.say("the chain with a locked row: %s rows a second", figures(median(locked)))
	p.judgeMore("P9", "events_a_second_64_callers", events, eventsBar)
	p.spending(rounds, pgbench)
	p.judge("P10", "append_p50_over_commit_64_callers", p50, p50Bar)
	p.judge("P10", "append_p99_over_commit_64_callers", p99, p99Bar)
	p.say("a single row's commit takes %s ms, one block to the disk %s ms", figures(median(commit)), figures(median(disk)))
}

// spending says what an event costs in processor time, and judges it: on a machine that does other work the clock favours pgbench, which has 64
// server processes in the queue for the processor where the trail has one.
func (p *report) spending(rounds []appendRound, pgbench bool) {
	var client, server, theirClient, theirServer, ratio []float64
	for _, r := range rounds {
		client, server = append(client, r.ours.client), append(server, r.ours.server)
		theirClient, theirServer = append(theirClient, r.theirs.client), append(theirServer, r.theirs.server)
		ratio = append(ratio, r.theirs.sum()/r.ours.sum())
	}
	p.say("processor time an event, the ledger and its witness included: %s us by the portal + %s us by Postgres", figures(median(client)), figures(median(server)))
	if pgbench {
		p.say("pgbench: %s us + %s us by Postgres for a row", figures(median(theirClient)), figures(median(theirServer)))
		p.judgeMore("P9", "appends_over_pgbench_by_processor_time", ratio, pgbenchBar)
	}
}

// quiet gives as many rounds as were asked for, repeating those in which the disk was not quiet.
func (b *trailBench) quiet(ctx context.Context, s *subjects) ([]appendRound, error) {
	var rounds []appendRound
	for repeats := 0; ; {
		for len(rounds) < b.options.rounds() {
			r, err := s.round(ctx, appendFor)
			if err != nil {
				return nil, err
			}
			rounds = append(rounds, r)
			b.say("round: trail %s/s (p50 %s ms, p99 %s ms), pgbench %s/s, chain %s/s, commit %s ms, disk %s ms", figures(r.trail), figures(r.p50), figures(r.p99),
				figures(r.pgbench), figures(r.chain), figures(r.commit), figures(r.disk))
		}
		kept := withQuietDisk(rounds)
		if repeats += len(rounds) - len(kept); len(kept) == len(rounds) || repeats > maxRepeats {
			return rounds, nil
		}
		b.say("%d rounds with a busy disk are repeated", len(rounds)-len(kept))
		rounds = kept
	}
}

func withQuietDisk(rounds []appendRound) []appendRound {
	var disks []float64
	for _, r := range rounds {
		disks = append(disks, r.disk)
	}
	var kept []appendRound
	for _, r := range rounds {
		if r.disk <= noisyDisk*median(disks) {
			kept = append(kept, r)
		}
	}
	return kept
}

// subjects are who appends to the same table: the trail as it ships, pgbench, a chain behind a locked row, and one connection for single commits.
type subjects struct {
	trail   *filled
	writer  *trailWriter
	pgbench string
	script  string
	rows    *rows
	dir     string
	// data is the server's data folder; profiles is where a profile of the trail goes, empty for none.
	data, profiles string
}

func (b *trailBench) subjects(ctx context.Context) (s *subjects, err error) {
	s = &subjects{trail: b.large, dir: b.dir, data: b.cluster.DataDir(), profiles: b.options.Profiles}
	if s.rows, err = newRows(ctx, b.large); err != nil {
		return nil, err
	}
	if s.writer, err = b.writer(ctx, b.large); err != nil {
		s.close()
		return nil, err
	}
	if err := s.writer.signIn(ctx); err != nil {
		s.close()
		return nil, err
	}
	if s.pgbench, err = b.cluster.Program("pgbench"); err != nil {
		s.pgbench = ""
		return s, nil
	}
	s.script, err = s.rows.script(b.dir)
	return s, err
}

func (s *subjects) close() {
	if s.writer != nil {
		s.writer.close()
	}
	s.rows.close()
}

// round runs every subject once, in random order.
func (s *subjects) round(ctx context.Context, lasting time.Duration) (r appendRound, err error) {
	runs := []func() error{
		func() error { return s.measureTrail(ctx, lasting, &r) },
		func() (err error) { r.chain, err = s.rows.chain(ctx, lasting); return err },
		func() (err error) { r.commit, err = s.rows.single(ctx); return err },
		func() (err error) { r.disk, err = probeDisk(s.dir); return err },
	}
	if s.pgbench != "" {
		runs = append(runs, func() error { return s.measurePgbench(ctx, &r) })
	}
	for _, i := range rand.Perm(len(runs)) {
		if err := runs[i](); err != nil {
			return r, err
		}
	}
	return r, nil
}

func (s *subjects) measureTrail(ctx context.Context, lasting time.Duration, r *appendRound) (err error) {
	r.ours, err = s.spendingOf(func() (int, time.Duration, error) {
		before, err := ownTime()
		if err != nil {
			return 0, 0, err
		}
		var took []float64
		err = profileOf(s.profiles, func() (err error) { took, err = s.writer.crowd(ctx, lasting); return err })
		if err != nil {
			return 0, 0, err
		}
		r.trail, r.p50, r.p99 = float64(len(took))/lasting.Seconds(), percentile(took, 50), percentile(took, 99)
		after, err := ownTime()
		return len(took), after - before, err
	})
	return err
}

func (s *subjects) measurePgbench(ctx context.Context, r *appendRound) (err error) {
	r.theirs, err = s.spendingOf(func() (int, time.Duration, error) {
		done, err := runPgbench(ctx, s.pgbench, s.script, s.trail.admin)
		r.pgbench = done.perSecond
		return done.rows, done.processor, err
	})
	return err
}

// together has so many callers do one thing again and again for a while, and gives how many milliseconds each time took.
func together(ctx context.Context, callers int, lasting time.Duration, do func(ctx context.Context, caller int, r *rand.Rand) error) ([]float64, error) {
	took, errs := make([][]float64, callers), make([]error, callers)
	end := time.Now().Add(lasting)
	var group sync.WaitGroup
	for c := range callers {
		group.Go(func() {
			random := rand.New(rand.NewPCG(uint64(c), uint64(end.UnixNano())))
			for began := time.Now(); began.Before(end); {
				if errs[c] = do(ctx, c, random); errs[c] != nil {
					return
				}
				now := time.Now()
				took[c] = append(took[c], milliseconds(now.Sub(began)))
				began = now
			}
		})
	}
	group.Wait()
	var all []float64
	for c := range callers {
		if errs[c] != nil {
			return nil, errs[c]
		}
		all = append(all, took[c]...)
	}
	return all, nil
}

// crowd appends with all callers at once through the trail, as the portal does when somebody is looked up.
func (w *trailWriter) crowd(ctx context.Context, lasting time.Duration) ([]float64, error) {
	return together(ctx, callers, lasting, func(ctx context.Context, _ int, r *rand.Rand) error {
		note := audit.Note{Act: audit.ActTraced, User: w.cast.user(r), NHSNumber: w.cast.people[r.IntN(min(inOneMinute, len(w.cast.people)))], Found: 1}
		if err := w.trail.Note(ctx, note); err != nil {
			return fmt.Errorf("appending to the trail: %w", err)
		}
		return nil
	})
}

// signIn has every user sign in, as all have done who look somebody up: the trail then knows what their events refer to.
func (w *trailWriter) signIn(ctx context.Context) error {
	var next atomic.Int64
	errs := make([]error, callers)
	var group sync.WaitGroup
	for c := range callers {
		group.Go(func() {
			for i := next.Add(1) - 1; int(i) < len(w.cast.users) && errs[c] == nil; i = next.Add(1) - 1 {
				errs[c] = w.trail.SessionChanged(ctx, w.cast.users[i], string(audit.ActSignedIn), "")
			}
		})
	}
	group.Wait()
	return errors.Join(errs...)
}

// inOneMinute is of how many people a region's portal writes within the life of an opened data key.
const inOneMinute = 2000

// viewRate is how many events a second the views of viewCost make.
const viewRate, viewBar = 200, 5

// viewCost measures what its audit events cost a view: the sum of those it waits for, views coming at fixed times.
func (b *trailBench) viewCost(ctx context.Context) error {
	w, err := b.writer(ctx, b.large)
	if err != nil {
		return err
	}
	defer w.close()
	const every = time.Second * eventsPerLook / viewRate
	n := int(4 * appendFor / every)
	waited, errs := make([]float64, n), make([]error, n)
	var group sync.WaitGroup
	next := time.NewTicker(every)
	defer next.Stop()
	for i := range n {
		<-next.C
		group.Go(func() {
			random := rand.New(rand.NewPCG(uint64(i), 3))
			l := look{trail: w.trail, now: time.Now, user: w.cast.user(random), who: w.cast.person(random)}
			began := time.Now()
			receipt, err := l.open(ctx)
			waited[i] = milliseconds(time.Since(began))
			if err == nil {
				err = l.finish(ctx, receipt)
			}
			errs[i] = err
		})
	}
	group.Wait()
	for _, err := range errs {
		if err != nil {
			return fmt.Errorf("writing a view down: %w", err)
		}
	}
	b.judge("P10", "audit_of_a_view_ms_p50_200_events_a_second", []float64{percentile(waited, 50)}, viewBar)
	b.say("a view waits for %d of its %d events, one after the other; p99 %s ms; %d views", waitedPerLook, eventsPerLook, figures(percentile(waited, 99)), n)
	return w.broken()
}

// commit inserts one row as a transaction of its own.
func commit(ctx context.Context, conn *pgx.Conn, values []any) error {
	if _, err := conn.Exec(ctx, insertRow, values...); err != nil {
		return fmt.Errorf("inserting a row: %w", err)
	}
	return nil
}
