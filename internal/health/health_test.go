package health_test

import (
	"crypto/x509"
	"strings"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"ribble/internal/fanout"
	"ribble/internal/health"
	"ribble/internal/outbound"
	"ribble/internal/record"
)

var _ fanout.Observer = (*health.Monitor)(nil)

// clock is a clock that tests set.
type clock struct{ at time.Time }

func (c *clock) now() time.Time { return c.at }

func noon() *clock { return &clock{time.Date(2026, 11, 18, 14, 2, 0, 0, time.UTC)} }

type ways map[string]outbound.Status

func (w ways) Status(feed string) (outbound.Status, bool) { s, ok := w[feed]; return s, ok }

func TestUsual(t *testing.T) {
	c := noon()
	m := health.New(nil, c.now)
	if half, most, answering := m.Usual("bth"); half != 0 || most != 0 || !answering {
		t.Errorf("of a feed that was never asked: %v, %v, %v", half, most, answering)
	}
	for range 90 {
		m.Ended("bth", record.Data, 100*time.Millisecond)
	}
	for range 10 {
		m.Ended("bth", record.NotKnownHere, time.Second)
	}
	m.Ended("bth", record.Unavailable, 8*time.Second)
	// Times are kept in classes, each a quarter wider than the one before.
	half, most, answering := m.Usual("bth")
	if half < 100*time.Millisecond || half > 125*time.Millisecond || most < time.Second || most > 1250*time.Millisecond || !answering {
		t.Errorf("%v, %v, %v", half, most, answering)
	}
	m.Ended("bth", record.Unavailable, 8*time.Second)
	m.Ended("bth", record.Unavailable, 8*time.Second)
	if _, _, answering := m.Usual("bth"); answering {
		t.Error("after three failures in a row it is said to answer")
	}
	c.at = c.at.Add(20 * time.Minute)
	for range 19 {
		m.Ended("bth", record.Data, 400*time.Millisecond)
	}
	if half, _, answering := m.Usual("bth"); half > 125*time.Millisecond || !answering {
		t.Errorf("after a few slow answers half come within %v", half)
	}
	m.Ended("bth", record.Data, 400*time.Millisecond)
	if half, _, _ := m.Usual("bth"); half < 400*time.Millisecond {
		t.Errorf("after some minutes of slow answers half come within %v", half)
	}
	c.at = c.at.Add(2 * time.Hour)
	if half, most, _ := m.Usual("bth"); half != 0 || most != 0 {
		t.Errorf("of what was two hours ago: %v, %v", half, most)
	}
}

func TestStandings(t *testing.T) {
	answer := func(m *health.Monitor, n int, state record.State, took time.Duration) {
		for range n {
			m.Ended("bth", state, took)
		}
	}
	for name, c := range map[string]struct {
		happens func(*health.Monitor)
		want    health.Standing
	}{
		"never asked":         {func(*health.Monitor) {}, health.Quiet},
		"never sent anything": {func(m *health.Monitor) { answer(m, 5, record.NotAsked, 0) }, health.Quiet},
		"well":                {func(m *health.Monitor) { answer(m, 20, record.Data, time.Second) }, health.Answering},
		"refusing is answering": {func(m *health.Monitor) {
			answer(m, 20, record.Refused, time.Second)
			answer(m, 1, record.NotKnownHere, 0)
		}, health.Answering},
		"one person fails": {func(m *health.Monitor) { answer(m, 50, record.Data, time.Second); answer(m, 2, record.Unavailable, 0) }, health.Answering},
		"some fail":        {func(m *health.Monitor) { answer(m, 8, record.Unavailable, 0); answer(m, 50, record.Data, time.Second) }, health.Slow},
		"late": {func(m *health.Monitor) {
			answer(m, 90, record.Data, time.Second)
			answer(m, 10, record.Data, 5*time.Second)
		}, health.Slow},
		"silent": {func(m *health.Monitor) {
			answer(m, 50, record.Data, time.Second)
			answer(m, 3, record.Unavailable, 8*time.Second)
		}, health.NotAnswering},
		"always about others": {func(m *health.Monitor) { answer(m, 3, record.Mismatch, time.Second) }, health.NotAnswering},
		"back again":          {func(m *health.Monitor) { answer(m, 3, record.Unavailable, 0); answer(m, 100, record.Data, time.Second) }, health.Answering},
	} {
		m := health.New(nil, noon().now)
		c.happens(m)
		if f := m.Feed("bth"); f.Standing != c.want {
			t.Errorf("%s: %+v, want %s", name, f, c.want)
		}
	}
}

func TestSentence(t *testing.T) {
	at := noon()
	m := health.New(nil, at.now)
	m.Ended("bth", record.Data, time.Second)
	if s := m.Feed("bth").Sentence("Bowland Hospitals"); s != "" {
		t.Errorf("well: %q", s)
	}
	at.at = at.at.Add(time.Minute)
	for range 3 {
		m.Ended("bth", record.Unavailable, 8*time.Second)
		m.Ended("cbh", record.Unavailable, 8*time.Second)
	}
	if s := m.Feed("bth").Sentence("Bowland Hospitals"); s != "Bowland Hospitals has not answered since 14:02." {
		t.Errorf("silent: %q", s)
	}
	if s := m.Feed("cbh").Sentence("Calderbeck"); s != "Calderbeck is not answering." {
		t.Errorf("never heard: %q", s)
	}
	at.at = at.at.Add(26 * time.Hour)
	m.Ended("bth", record.Data, 5*time.Second)
	if s := m.Feed("bth").Sentence("Bowland Hospitals"); !strings.HasPrefix(s, "Bowland Hospitals is answering slowly or not always: 1 of 1 answers") {
		t.Errorf("slow: %q", s)
	}
	// In summer the wall clock is an hour on.
	at.at = time.Date(2026, 7, 1, 13, 2, 0, 0, time.UTC)
	m = health.New(nil, at.now)
	m.Ended("bth", record.Data, time.Second)
	for range 3 {
		m.Ended("bth", record.Unavailable, 0)
	}
	if s := m.Feed("bth").Sentence("Bowland Hospitals"); s != "Bowland Hospitals has not answered since 14:02." {
		t.Errorf("in summer: %q", s)
	}
}

func TestTheLastHourAndTheLastTwelve(t *testing.T) {
	at := noon()
	m := health.New(nil, at.now)
	for range 10 {
		m.Ended("bth", record.Data, time.Second)
	}
	at.at = at.at.Add(65 * time.Minute)
	m.Ended("bth", record.Unavailable, 0)
	f := m.Feed("bth")
	if f.Asked != 1 || f.Answered != 0 || f.Hours[11] != (health.Hour{Asked: 1}) || f.Hours[10] != (health.Hour{Asked: 10, Answered: 10, P50: 1024 * time.Millisecond, P95: 1024 * time.Millisecond}) {
		t.Errorf("got %+v", f)
	}
	at.at = at.at.Add(24 * time.Hour)
	if f = m.Feed("bth"); f.Asked != 0 || f.Hours != ([12]health.Hour{}) || f.Standing != health.Quiet {
		t.Errorf("a day later: %+v", f)
	}
}

func TestConnections(t *testing.T) {
	at := noon()
	m := health.New(ways{
		"bth": {Breaker: "open", Handshake: outbound.Handshake{Server: &x509.Certificate{NotAfter: at.at.Add(27*24*time.Hour + time.Hour)}}}, "aaa": {Breaker: "closed"},
	}, at.now)
	for _, id := range []string{"zzz", "bth", "aaa"} {
		m.Ended(id, record.Data, time.Second)
	}
	all := m.Snapshot()
	if len(all) != 3 || all[0].ID != "bth" || all[1].ID != "aaa" || all[2].ID != "zzz" {
		t.Fatalf("in the order %+v", all)
	}
	if days, known := all[0].CertificateDays(at.at); days != 27 || !known || all[0].Standing != health.NotAnswering || all[0].Breaker != "open" {
		t.Errorf("got %+v, %d days", all[0], days)
	}
	if _, known := all[1].CertificateDays(at.at); known || all[2].Breaker != "" {
		t.Errorf("got %+v", all[1:])
	}
}

// TestTimesAreNeverToldTooShort: a time within which so many came is at least the true one, and at most a quarter more.
func TestTimesAreNeverToldTooShort(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		took := time.Duration(rapid.Int64Range(int64(time.Millisecond), int64(time.Minute)).Draw(t, "took"))
		m := health.New(nil, noon().now)
		m.Ended("bth", record.Data, took)
		f := m.Feed("bth")
		if f.P95 < took || f.P50 != f.P95 || f.P95 > took+took/4+time.Millisecond {
			t.Fatalf("%s is told as %s", took, f.P95)
		}
	})
}

func TestManyAtOnce(t *testing.T) {
	m := health.New(nil, time.Now)
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for range 500 {
				m.Ended("bth", record.Data, time.Millisecond)
				m.Snapshot()
			}
		})
	}
	all.Wait()
	if f := m.Feed("bth"); f.Answered != 4000 {
		t.Errorf("%d answers", f.Answered)
	}
}

func BenchmarkEnded(b *testing.B) {
	m := health.New(nil, time.Now)
	for b.Loop() {
		m.Ended("bth", record.Data, 300*time.Millisecond)
	}
}
