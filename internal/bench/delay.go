package bench

import (
	"context"
	"time"
)

// The bars of P5 and P6, in milliseconds.
const (
	overheadBar, overheadTailBar = 5, 15
	sectionBar, shellBar         = 5, 3
)

// delays are how long each source of the reference patient takes; the last, the quickest, is the only one with appointments.
var delays = []time.Duration{120 * time.Millisecond, 80 * time.Millisecond, 60 * time.Millisecond, 40 * time.Millisecond, 30 * time.Millisecond, 15 * time.Millisecond}

// delayed is what was seen at one number of views at once.
type delayed struct{ middle, tail, section, shell, whole, raw []float64 }

// delay measures P5 and P6: what a view adds to the time of its sources.
func (m *measurement) delay(ctx context.Context) error {
	if _, err := m.sources.do(order{Do: "delay", Delays: delays}); err != nil {
		return err
	}
	defer func() { _, _ = m.sources.do(order{Do: "delay"}) }()
	var commit []float64
	for _, atOnce := range []int{1, 16} {
		var d delayed
		for range min(m.rounds(), 3) {
			c, err := m.commitTime(ctx)
			if err != nil {
				return err
			}
			commit = append(commit, c)
			if err := m.delayedRound(ctx, atOnce, &d); err != nil {
				return err
			}
		}
		m.say("%d at a time: half of the views took %.0f ms, half of the raw fan-outs %.0f ms", atOnce, median(d.whole), median(d.raw))
		if atOnce == 1 {
			m.judge("P5", "overhead_ms_p50_c1", d.middle, overheadBar)
			m.judge("P5", "overhead_ms_p99_c1", d.tail, overheadTailBar)
			m.judge("P6", "first_section_after_its_source_ms_p50", d.section, sectionBar)
			for i := range d.shell {
				d.shell[i] -= median(commit)
			}
			m.judge("P6", "shell_after_audit_commit_ms_p50", d.shell, shellBar)
			m.say("the audit commit took %.2f ms (median), measured from outside as the opening of a record, which is a trace and a commit", median(commit))
			continue
		}
		m.judge("P5", "overhead_ms_p50_c16", d.middle, overheadBar)
		m.judge("P5", "overhead_ms_p99_c16", d.tail, overheadTailBar)
	}
	return nil
}

// delayedRound makes the same requests by the portal and by the raw fan-out, one after the other, at the same delays.
func (m *measurement) delayedRound(ctx context.Context, atOnce int, d *delayed) error {
	n := m.scaled(45)
	if atOnce > 1 {
		n = m.scaled(240)
	}
	visits, err := m.visits(ctx, m.subject, referencePerson, n)
	if err != nil {
		return err
	}
	raw, err := m.floor.do(order{Do: "fan", Script: m.script, Views: n, AtOnce: atOnce})
	if err != nil {
		return err
	}
	views, err := m.subject.views(ctx, visits, atOnce, m.rows)
	if err != nil {
		return err
	}
	var whole, section, first []time.Duration
	for _, v := range views {
		whole, section, first = append(whole, v.whole), append(section, v.section), append(first, v.first)
	}
	base := percentile(raw.Walls, 50)
	d.whole, d.raw = append(d.whole, milliseconds(percentile(whole, 50))), append(d.raw, milliseconds(base))
	d.middle = append(d.middle, milliseconds(percentile(whole, 50)-base))
	d.tail = append(d.tail, milliseconds(percentile(whole, 99)-base))
	d.section = append(d.section, milliseconds(percentile(section, 50)-delays[len(delays)-1]))
	d.shell = append(d.shell, milliseconds(percentile(first, 50)))
	return nil
}

// commitTime is the median time, in milliseconds, of a request that does what stands before the shell of a record and no more: the session, a
// trace, a committed event.
func (m *measurement) commitTime(ctx context.Context) (float64, error) {
	var took []float64
	u := m.users[len(m.users)-1]
	for range 9 {
		began := time.Now()
		if err := m.subject.trace(ctx, u, referencePerson); err != nil {
			return 0, err
		}
		took = append(took, milliseconds(time.Since(began)))
	}
	return median(took), nil
}
