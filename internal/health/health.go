// Package health keeps how each source has served of late, from what views saw of it and without a word about anybody: in memory, with counts of five minutes
// kept so that a restart forgets nothing.
package health

import (
	"fmt"
	"math"
	"math/bits"
	"slices"
	"sync"
	"time"

	"ribble/internal/outbound"
	"ribble/internal/record"
)

// Standing is how a source stands, best first.
type Standing string

// The standings.
const (
	// Quiet: nobody has asked it in the last hour.
	Quiet Standing = "not asked"
	// Answering: as it should.
	Answering Standing = "answering"
	// Slow: its answers come, but later than they should, or not all of them.
	Slow Standing = "slow"
	// NotAnswering: it failed three times in a row, or is left alone for a moment because of that.
	NotAnswering Standing = "not answering"
)

const (
	// slots and slotLength make the last hour, hours the bars of the page.
	slots      = 12
	slotLength = 5 * time.Minute
	hours      = 12
	// failuresInARow are what makes a source "not answering": one person's record that fails is not enough.
	failuresInARow = 3
	// slowAfter is the GP Connect bar ("3,000 ms must"), within which 95 in 100 answers are to come; goodShare is how many in 100 are to come at all.
	slowAfter = 3 * time.Second
	goodShare = 95
)

// Feed is how one feed has served.
type Feed struct {
	ID       string
	Standing Standing
	// Asked, Answered and Late are of the last hour: how often it was asked, how often it answered, and how often later than in three seconds.
	Asked, Answered, Late int
	// P50 and P95 are the times within which half, and 95 in 100, of the answers of the last hour came; zero where there were none.
	P50, P95 time.Duration
	// Hours are the last twelve hours, the present one last.
	Hours [hours]Hour
	// LastGood is its last answer, zero for none since this replica started; Since is when it began not to answer, zero while it answers.
	LastGood, Since time.Time
	// Breaker is "closed", "half-open" or "open"; empty where nothing was asked yet.
	Breaker string
	// CertificateEnds is when the certificate that it last showed ends; zero where none was seen.
	CertificateEnds time.Time
}

// Hour is how one hour went: a point of the page's sparks.
type Hour struct {
	Asked, Answered int
	P50, P95        time.Duration
}

// CertificateDays is how many whole days its certificate has left; known is false where none was seen.
func (f Feed) CertificateDays(now time.Time) (days int, known bool) {
	return int(f.CertificateEnds.Sub(now) / (24 * time.Hour)), !f.CertificateEnds.IsZero()
}

// Sentence tells clinicians in one plain line what they must know of the organisation; empty while there is nothing to tell.
func (f Feed) Sentence(organisation string) string {
	switch f.Standing {
	case NotAnswering:
		if f.LastGood.IsZero() {
			return organisation + " is not answering."
		}
		return fmt.Sprintf("%s has not answered since %s.", organisation, clock(f.LastGood, f.Since))
	case Slow:
		return fmt.Sprintf("%s is answering slowly or not always: %d of %d answers in the last hour, 95 in 100 of them within %.1f s.", organisation, f.Answered, f.Asked, f.P95.Seconds())
	case Answering, Quiet:
	}
	return ""
}

// clock writes a time of the same day as the wall clock shows it, any other with its date.
func clock(at, now time.Time) string {
	at, now = at.In(uk), now.In(uk)
	if at.YearDay() == now.YearDay() && at.Year() == now.Year() {
		return at.Format("15:04")
	}
	return at.Format("02-Jan-2006 15:04")
}

var uk = func() *time.Location {
	if l, err := time.LoadLocation("Europe/London"); err == nil {
		return l
	}
	return time.UTC
}()

// Ways tells of the connections to a feed.
type Ways interface {
	// Status gives how the feed's connections stand; false where there are none.
	Status(feed string) (outbound.Status, bool)
}

// Monitor hears how every question to a source ended (fanout.Observer). It is safe for concurrent use.
type Monitor struct {
	now  func() time.Time
	ways Ways

	mu    sync.Mutex
	feeds map[string]*history
	// unkept is what was counted and not kept yet.
	unkept map[slotKey]*Count
}

// New makes a monitor. Ways may be nil; now is the clock.
func New(ways Ways, now func() time.Time) *Monitor {
	return &Monitor{now: now, ways: ways, feeds: map[string]*history{}, unkept: map[slotKey]*Count{}}
}

// history is what is kept of one feed: about five kilobytes.
type history struct {
	slots  [slots]slot
	hours  [hours]bar
	inARow int
	good   time.Time
	since  time.Time
}

// slot counts five minutes; times are in classes that are a quarter wider each.
type slot struct {
	at                    int64
	asked, answered, late int
	times                 [classes]uint16
}

type bar struct {
	at              int64
	asked, answered int
	times           [classes]uint32
}

// Ended takes note of one answer. A source that refuses, or does not know the person, has answered; one that answered about somebody else has not.
func (m *Monitor) Ended(feed string, state record.State, took time.Duration) {
	if state == record.NotAsked {
		return // it was never sent anything
	}
	good := state != record.Unavailable && state != record.Mismatch
	m.mu.Lock()
	defer m.mu.Unlock()
	h := m.feeds[feed]
	if h == nil {
		h = new(history)
		m.feeds[feed] = h
	}
	now := m.now()
	h.take(now, good, took)
	m.note(feed, now, good, took)
}

func (h *history) take(now time.Time, good bool, took time.Duration) {
	s, b := h.slot(now), h.bar(now)
	s.asked++
	b.asked++
	if !good {
		if h.inARow++; h.inARow == failuresInARow {
			h.since = now
		}
		return
	}
	s.answered++
	b.answered++
	class := classOf(took)
	b.times[class]++
	if n := &s.times[class]; *n < math.MaxUint16 {
		*n++
	}
	if took > slowAfter {
		s.late++
	}
	h.inARow, h.good, h.since = 0, now, time.Time{}
}

func (h *history) slot(now time.Time) *slot {
	at := now.Unix() / int64(slotLength/time.Second)
	s := &h.slots[at%slots]
	if s.at != at {
		*s = slot{at: at}
	}
	return s
}

func (h *history) bar(now time.Time) *bar {
	at := now.Unix() / 3600
	b := &h.hours[at%hours]
	if b.at != at {
		*b = bar{at: at}
	}
	return b
}

// Snapshot is how every feed that was asked stands now, worst first and then by id.
func (m *Monitor) Snapshot() []Feed {
	m.mu.Lock()
	out := make([]Feed, 0, len(m.feeds))
	now := m.now()
	for id, h := range m.feeds {
		out = append(out, h.feed(id, now))
	}
	m.mu.Unlock()
	for i := range out {
		m.connections(&out[i])
	}
	order := []Standing{NotAnswering, Slow, Answering, Quiet}
	slices.SortFunc(out, func(a, b Feed) int {
		if by := slices.Index(order, a.Standing) - slices.Index(order, b.Standing); by != 0 {
			return by
		}
		return compare(a.ID, b.ID)
	})
	return out
}

// Feed is how one feed stands now; one that was never asked is Quiet.
func (m *Monitor) Feed(id string) Feed {
	f := Feed{ID: id, Standing: Quiet}
	m.mu.Lock()
	if h := m.feeds[id]; h != nil {
		f = h.feed(id, m.now())
	}
	m.mu.Unlock()
	m.connections(&f)
	return f
}

func compare(a, b string) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

// connections adds what the connections to the feed show. While its breaker is open nobody can have an answer, however few have asked.
func (m *Monitor) connections(f *Feed) {
	if m.ways == nil {
		return
	}
	s, ok := m.ways.Status(f.ID)
	if !ok {
		return
	}
	f.Breaker = s.Breaker
	if s.Handshake.Server != nil {
		f.CertificateEnds = s.Handshake.Server.NotAfter
	}
	if s.Breaker == "open" && f.Standing != NotAnswering {
		f.Standing, f.Since = NotAnswering, m.now()
	}
}

// lately are the slots by which a feed is measured for whoever waits for it, where they hold enough answers: a source that becomes slow is soon expected to be.
const lately, enough = 2, 20

// Usual says within which times half and nearly all of a feed's answers of the last minutes came, or of the last hour where those are few, for whoever
// waits for one; they are zero where there was none. It is false for a feed that does not answer at the moment.
func (m *Monitor) Usual(feed string) (half, most time.Duration, answering bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	h := m.feeds[feed]
	if h == nil {
		return 0, 0, true
	}
	sum, times := h.last(lately, m.now())
	if sum.answered < enough {
		sum, times = h.last(slots, m.now())
	}
	return within(times, sum.answered, 50), within(times, sum.answered, 95), h.inARow < failuresInARow
}

// last is what was counted in the last so many slots, of which the one that is now is the last.
func (h *history) last(n int64, now time.Time) (sum slot, times [classes]uint32) {
	present := now.Unix() / int64(slotLength/time.Second)
	for i := range h.slots {
		s := &h.slots[i]
		if present-s.at >= n {
			continue
		}
		sum.asked, sum.answered, sum.late = sum.asked+s.asked, sum.answered+s.answered, sum.late+s.late
		for class, n := range s.times {
			times[class] += uint32(n)
		}
	}
	return sum, times
}

func (h *history) feed(id string, now time.Time) Feed {
	sum, times := h.last(slots, now)
	f := Feed{ID: id, LastGood: h.good, Since: h.since, Asked: sum.asked, Answered: sum.answered, Late: sum.late}
	f.P50, f.P95 = within(times, f.Answered, 50), within(times, f.Answered, 95)
	hour := now.Unix() / 3600
	for _, b := range h.hours {
		if age := hour - b.at; age < hours {
			f.Hours[hours-1-age] = Hour{b.asked, b.answered, within(b.times, b.answered, 50), within(b.times, b.answered, 95)}
		}
	}
	f.Standing = h.standing(f)
	return f
}

func (h *history) standing(f Feed) Standing {
	switch {
	case h.inARow >= failuresInARow:
		return NotAnswering
	case f.Asked == 0:
		return Quiet
	case f.P95 > slowAfter, f.Answered*100 < f.Asked*goodShare:
		return Slow
	}
	return Answering
}

// classes are enough for a minute and more: four to each doubling, from 2 ms on.
const (
	classes  = 68
	smallest = 2 * time.Millisecond
)

// classOf is the class of a time: four to each doubling.
func classOf(d time.Duration) int {
	q := uint64(max(d, 0) * 4 / smallest)
	if q < 8 {
		return int(q)
	}
	doublings := bits.Len64(q) - 3
	return min(doublings*4+int(q>>doublings), classes-1)
}

// top is the longest time of a class.
func top(class int) time.Duration {
	if class < 8 {
		return time.Duration(class+1) * smallest / 4
	}
	doublings := class/4 - 1
	return time.Duration(class%4+5) << doublings * smallest / 4
}

// within is the time within which so many in 100 came.
func within(times [classes]uint32, total, percent int) time.Duration {
	if total == 0 {
		return 0
	}
	left := (total*percent + 99) / 100
	for class, n := range times {
		if left -= int(n); left <= 0 {
			return top(class)
		}
	}
	return top(classes - 1)
}
