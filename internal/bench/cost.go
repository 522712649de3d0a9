package bench

import (
	"context"
	"math/rand/v2"
	"os"
	"path/filepath"
	"syscall"
	"time"
)

const (
	costBar    = 2.5
	obviousBar = 0.20
	shareBar   = 0.10
	// costAtOnce views are in flight while cost is measured.
	costAtOnce = 4
	// noisy is how far the fan-out of a round may lie above the median of all; a probe of the disk may lie thrice above its own.
	noisy, noisyDisk = 1.5, 3
	maxRepeats       = 5
)

// round is the processor time of one view, in milliseconds, by everyone who was measured in the same few seconds.
type round struct {
	view, fan, six, scan, append, obvious float64
	peers                                 []float64
	disk                                  float64
}

// floor is the least that any portal must do for the same requests.
func (r round) floor() float64 { return r.fan + r.scan + r.append }

// share is how many views a core makes, as a share of the raw fan-outs that it makes.
func (r round) share() float64 { return r.fan / r.view }

// cost measures P1 to P4.
func (m *measurement) cost(ctx context.Context) (err error) {
	if m.obvious, err = start(ctx, nil, m.logs, m.self, "obvious"); err != nil {
		return err
	}
	if _, err = m.obvious.do(order{Do: "start", Dir: m.dir, Script: m.script}); err != nil {
		return err
	}
	if m.options.wants([]string{"P4"}) {
		if err := m.startPeers(ctx); err != nil {
			return err
		}
	}
	rounds, err := m.quiet(ctx)
	if err != nil {
		return err
	}
	var over, six, plain, fans, shares []float64
	var sum round
	for _, r := range rounds {
		over = append(over, r.view/r.floor())
		six = append(six, r.view/(r.six+r.scan+r.append))
		plain = append(plain, r.view/r.obvious)
		fans = append(fans, r.fan)
		shares = append(shares, r.share())
		sum.view += r.view / float64(len(rounds))
		sum.scan += r.scan / float64(len(rounds))
		sum.append += r.append / float64(len(rounds))
		sum.six += r.six / float64(len(rounds))
		sum.obvious += r.obvious / float64(len(rounds))
	}
	m.judge("P1", "cpu_per_view_over_floor", over, costBar)
	m.say("ms of processor time a view: portal %.2f; floor = fan-out %.2f + scan %.2f + append %.2f", sum.view, median(fans), sum.scan, sum.append)
	m.say("for information: over a floor of one GET a source (%.2f + scan + append) the view costs %.2f", sum.six, median(six))
	m.judge("P2", "cpu_per_view_over_obvious_go", plain, obviousBar)
	m.say("obvious Go portal %.2f ms a view", sum.obvious)
	m.judgeMore("P3", "views_per_core_over_raw_fan_out", shares, shareBar)
	m.say("a core makes %.0f views a second, or %.0f raw fan-outs with the same requests", 1000/sum.view, 1000/median(fans))
	return m.overPeers(rounds)
}

// overPeers judges P4.
func (m *measurement) overPeers(rounds []round) error {
	for i, p := range m.peers {
		var over, costs []float64
		for _, r := range rounds {
			over, costs = append(over, r.view/r.peers[i]), append(costs, r.peers[i])
		}
		resident, err := p.memory("VmRSS")
		if err != nil {
			return err
		}
		m.judge("P4", "cpu_over_"+p.name, over, peerBar)
		m.say("%s %.2f ms a view, %d MiB resident", p.name, median(costs), resident/mebibyte)
	}
	return nil
}

// quiet gives as many rounds as were asked for, repeating those in which the machine was not quiet.
func (m *measurement) quiet(ctx context.Context) ([]round, error) {
	var rounds []round
	for repeats := 0; ; {
		for len(rounds) < m.rounds() {
			r, err := m.round(ctx)
			if err != nil {
				return nil, err
			}
			rounds = append(rounds, r)
		}
		kept := withoutNoise(rounds)
		if repeats += len(rounds) - len(kept); len(kept) == len(rounds) || repeats > maxRepeats {
			return rounds, nil
		}
		m.say("%d noisy rounds are repeated", len(rounds)-len(kept))
		rounds = kept
	}
}

func withoutNoise(rounds []round) []round {
	var fans, disks []float64
	for _, r := range rounds {
		fans, disks = append(fans, r.fan), append(disks, r.disk)
	}
	var kept []round
	for _, r := range rounds {
		if r.fan <= noisy*median(fans) && r.disk <= noisyDisk*median(disks) {
			kept = append(kept, r)
		}
	}
	return kept
}

// round runs every subject once, in random order.
func (m *measurement) round(ctx context.Context) (r round, err error) {
	n := m.scaled(120)
	visits, err := m.visits(ctx, m.subject, referencePerson, n)
	if err != nil {
		return r, err
	}
	subjects := []func() error{
		func() (err error) { r.view, err = m.viewCPU(ctx, m.subject, visits, costAtOnce, m.rows); return err },
		func() (err error) {
			// The clock of processor time ticks a hundred times a second: so cheap a subject must run longer.
			r.fan, err = m.ordered(m.floor, order{Do: "fan", Script: m.script, Views: 4 * n, AtOnce: costAtOnce}, 4*n)
			return err
		},
		func() (err error) {
			r.six, err = m.ordered(m.floor, order{Do: "fan", Script: m.single, Views: 4 * n, AtOnce: costAtOnce}, 4*n)
			return err
		},
		func() (err error) { r.scan, err = m.ordered(m.floor, order{Do: "scan", Passes: n}, n); return err },
		func() (err error) {
			r.append, err = m.ordered(m.floor, order{Do: "append", Passes: 8 * n}, 8*n)
			return err
		},
		func() (err error) {
			r.obvious, err = m.ordered(m.obvious, order{Do: "views", Views: n / 2, AtOnce: costAtOnce}, n/2)
			return err
		},
		func() (err error) { r.disk, err = probeDisk(m.dir); return err },
	}
	r.peers = make([]float64, len(m.peers))
	for i, p := range m.peers {
		subjects = append(subjects, func() error {
			spent, err := p.timed(func() error { return p.views(ctx, n/2, costAtOnce) })
			r.peers[i] = each(spent, n/2)
			return err
		})
	}
	for _, i := range rand.Perm(len(subjects)) {
		if err := subjects[i](); err != nil {
			return r, err
		}
	}
	return r, nil
}

// viewCPU is the portal's processor time for one of the visits.
func (m *measurement) viewCPU(ctx context.Context, p *portal, visits []visit, atOnce, rows int) (float64, error) {
	spent, err := p.timed(func() error {
		_, err := p.views(ctx, visits, atOnce, rows)
		return err
	})
	return each(spent, len(visits)), err
}

// ordered is the processor time that a process takes for one of the n things ordered.
func (m *measurement) ordered(c *child, o order, n int) (float64, error) {
	spent, err := c.timed(func() error {
		_, err := c.do(o)
		return err
	})
	return each(spent, n), err
}

// probeDisk is the median time, in milliseconds, to bring one block to the disk.
func probeDisk(dir string) (float64, error) {
	f, err := os.Create(filepath.Join(dir, "probe"))
	if err != nil {
		return 0, err
	}
	defer f.Close()
	var took []float64
	for range 9 {
		began := time.Now()
		if _, err := f.WriteAt(make([]byte, 4096), 0); err != nil {
			return 0, err
		}
		if err := syscall.Fdatasync(int(f.Fd())); err != nil {
			return 0, err
		}
		took = append(took, milliseconds(time.Since(began)))
	}
	return median(took), nil
}
