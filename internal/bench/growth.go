package bench

import (
	"context"
	"errors"
	"time"
)

const (
	sourcesBar = 1.8
	recordsBar = 1.2
)

// growth measures P13: how cost grows with the number of sources at the same bytes, and with the number of entries.
func (m *measurement) growth(ctx context.Context) error {
	four, err := m.portal(ctx, region{sources: 4, deadline: 8 * time.Second})
	if err != nil {
		return err
	}
	defer four.stop()
	many, err := m.portal(ctx, region{sources: manyCount, deadline: 8 * time.Second})
	if err != nil {
		return err
	}
	defer many.stop()
	var sources, records, floors []float64
	var sum [4]float64
	for range min(m.rounds(), 3) {
		costs := [4]float64{}
		for i, c := range []struct {
			portal *portal
			number string
			views  int
		}{{four, fourSources, 60}, {many, manySources, 24}, {m.subject, smallPerson, 60}, {m.subject, largePerson, 4}} {
			if costs[i], err = m.costOf(ctx, c.portal, c.number, c.views); err != nil {
				return err
			}
			sum[i] += costs[i] / float64(min(m.rounds(), 3))
		}
		fewer, err := m.fanOf(ctx, four, fourSources)
		if err != nil {
			return err
		}
		more, err := m.fanOf(ctx, many, manySources)
		if err != nil {
			return err
		}
		floors = append(floors, more/fewer)
		sources = append(sources, costs[1]/costs[0])
		records = append(records, costs[3]/largeCount/(costs[2]/smallCount))
	}
	m.judge("P13", "cpu_64_sources_over_4", sources, sourcesBar)
	m.say("%d ms a view at 64 sources, %d at 4; the raw fan-out with the same requests grows %.1f-fold", int(sum[1]), int(sum[0]), median(floors))
	m.judge("P13", "cpu_per_entry_20000_over_1000", records, recordsBar)
	m.say("%.1f us an entry at 20,000 entries, %.1f at 1,000", sum[3]*1000/largeCount, sum[2]*1000/smallCount)
	return errors.Join(m.profileOf(ctx, four, fourSources, 1, "sources4-"), m.profileOf(ctx, many, manySources, 1, "sources64-"))
}

// warmViews come before what is measured: they open the connections and say how many rows a page has.
const warmViews = 3

// costOf is the processor time of one view of a person, in milliseconds.
func (m *measurement) costOf(ctx context.Context, p *portal, number string, views int) (float64, error) {
	n := m.scaled(views)
	visits, err := m.visits(ctx, p, number, n+warmViews)
	if err != nil {
		return 0, err
	}
	warm, err := p.views(ctx, visits[:warmViews], 1, 1)
	if err != nil {
		return 0, err
	}
	// One at a time: four of the largest at once would measure the limit on memory.
	return m.viewCPU(ctx, p, visits[warmViews:], 1, fewestRows(warm))
}

// fanOf is the same for the raw fan-out, with the requests that the portal makes.
func (m *measurement) fanOf(ctx context.Context, p *portal, number string) (float64, error) {
	visits, err := m.visits(ctx, p, number, 1)
	if err != nil {
		return 0, err
	}
	if _, err := m.sources.do(order{Do: "record"}); err != nil {
		return 0, err
	}
	if _, err := p.views(ctx, visits, 1, 1); err != nil {
		return 0, err
	}
	recorded, err := m.sources.do(order{Do: "recorded"})
	if err != nil {
		return 0, err
	}
	// A few views of few requests would be over before the clock of processor time has moved.
	n := m.scaled(120)
	if _, err := m.floor.do(order{Do: "fan", Script: recorded.Script, Views: 2, AtOnce: costAtOnce}); err != nil {
		return 0, err
	}
	return m.ordered(m.floor, order{Do: "fan", Script: recorded.Script, Views: n, AtOnce: costAtOnce}, n)
}
