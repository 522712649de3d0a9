package health

import (
	"context"
	"log/slog"
	"math"
	"slices"
	"time"
)

// Count is what was counted of one feed in five minutes.
type Count struct {
	Feed string
	// At is when the five minutes began.
	At                    time.Time
	Asked, Answered, Late int
	// Times counts the answers by classes of time, without the zeros at its end.
	Times []int32
	// LastGood is the last answer in them; zero where there was none.
	LastGood time.Time
}

// Store keeps counts.
type Store interface {
	// Keep adds counts to those that are kept.
	Keep(ctx context.Context, counts []Count) error
	// Since gives the counts of all replicas from a time on, oldest first.
	Since(ctx context.Context, from time.Time) ([]Count, error)
}

type slotKey struct {
	feed string
	at   int64
}

// note adds one answer to what is to be kept. The lock is held.
func (m *Monitor) note(feed string, now time.Time, good bool, took time.Duration) {
	at := now.Truncate(slotLength)
	c := m.unkept[slotKey{feed, at.Unix()}]
	if c == nil {
		c = &Count{Feed: feed, At: at}
		m.unkept[slotKey{feed, at.Unix()}] = c
	}
	c.Asked++
	if !good {
		return
	}
	c.Answered++
	c.LastGood = now
	if took > slowAfter {
		c.Late++
	}
	class := classOf(took)
	for len(c.Times) <= class {
		c.Times = append(c.Times, 0)
	}
	c.Times[class]++
}

// add adds what another Count of the same five minutes counted.
func (c *Count) add(o Count) {
	c.Asked, c.Answered, c.Late = c.Asked+o.Asked, c.Answered+o.Answered, c.Late+o.Late
	for len(c.Times) < len(o.Times) {
		c.Times = append(c.Times, 0)
	}
	for i, n := range o.Times {
		c.Times[i] += n
	}
	if o.LastGood.After(c.LastGood) {
		c.LastGood = o.LastGood
	}
}

// mostUnkept bounds what waits while the store is away.
const mostUnkept = 100_000

// Flush keeps what was counted since the last time. What could not be kept waits for the next.
func (m *Monitor) Flush(ctx context.Context, store Store) error {
	m.mu.Lock()
	counts := make([]Count, 0, len(m.unkept))
	for _, c := range m.unkept {
		counts = append(counts, *c)
	}
	m.unkept = map[slotKey]*Count{}
	m.mu.Unlock()
	if len(counts) == 0 {
		return nil
	}
	slices.SortFunc(counts, func(a, b Count) int {
		if by := a.At.Compare(b.At); by != 0 {
			return by
		}
		return compare(a.Feed, b.Feed)
	})
	err := store.Keep(ctx, counts)
	if err == nil {
		return nil
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, c := range counts {
		k := slotKey{c.Feed, c.At.Unix()}
		if there := m.unkept[k]; there != nil {
			there.add(c)
		} else if len(m.unkept) < mostUnkept {
			m.unkept[k] = &c
		}
	}
	return err
}

// Remember takes up what was counted before this replica started.
func (m *Monitor) Remember(ctx context.Context, store Store) error {
	counts, err := store.Since(ctx, m.now().Add(-hours*time.Hour))
	if err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, c := range counts {
		h := m.feeds[c.Feed]
		if h == nil {
			h = new(history)
			m.feeds[c.Feed] = h
		}
		h.remember(c)
	}
	return nil
}

// remember adds counts of the past; they come oldest first, so that the silence since the last answer is counted last.
func (h *history) remember(c Count) {
	s, b := h.slot(c.At), h.bar(c.At)
	s.asked, s.answered, s.late = s.asked+c.Asked, s.answered+c.Answered, s.late+c.Late
	b.asked, b.answered = b.asked+c.Asked, b.answered+c.Answered
	for class, n := range c.Times[:min(len(c.Times), classes)] {
		s.times[class] = uint16(min(int64(s.times[class])+int64(n), math.MaxUint16))
		b.times[class] += uint32(n)
	}
	if c.LastGood.After(h.good) {
		h.good = c.LastGood
	}
	if c.Answered > 0 {
		h.inARow, h.since = 0, time.Time{}
		return
	}
	if h.inARow += c.Asked; h.inARow >= failuresInARow && h.since.IsZero() {
		h.since = c.At
	}
}

// flushEvery is how much of what was counted a crash may lose.
const flushEvery = 30 * time.Second

// Run keeps what is counted until ctx ends, and then once more.
func (m *Monitor) Run(ctx context.Context, store Store, log *slog.Logger) {
	tick := time.NewTicker(flushEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			last, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
			defer cancel()
			if m.Flush(last, store) != nil {
				log.ErrorContext(ctx, "the last counts of the sources' health could not be kept")
			}
			return
		case <-tick.C:
			if m.Flush(ctx, store) != nil && ctx.Err() == nil {
				log.ErrorContext(ctx, "counts of the sources' health could not be kept and are tried again")
			}
		}
	}
}
