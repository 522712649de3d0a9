package clinician

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"ribble/internal/audit"
	"ribble/internal/identity"
	"ribble/internal/record"
)

// registry is a national register that takes a while, and the trail beside it; it writes down what happens in order.
type registry struct {
	mu     sync.Mutex
	events []string
	takes  time.Duration
	fails  error
	panics int
	deaf   bool
}

func (r *registry) note(s string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.events = append(r.events, s)
}

func (r *registry) Trace(ctx context.Context, n record.NHSNumber, _ record.Requester) (record.Person, error) {
	r.note("trace")
	select {
	case <-ctx.Done():
		return record.Person{}, ctx.Err()
	case <-time.After(r.takes):
	}
	if r.panics > 0 {
		r.panics--
		panic("the register's code is broken")
	}
	return record.Person{NHSNumber: n}, r.fails
}

func (r *registry) Append(_ context.Context, e audit.Entry) (audit.Position, error) {
	if r.deaf {
		return audit.Position{}, audit.ErrNotWritten
	}
	r.note("trail " + string(e.Act))
	return audit.Position{Sequence: 1}, nil
}

var edith, _ = record.ParseNHSNumber("9991411690")

func startAhead(r *registry) *ahead {
	return &ahead{tracer: r, trail: audit.NewTrail(r, audit.GenerateKeys(), time.Now), log: slog.New(slog.NewTextHandler(io.Discard, nil)), waits: map[string]*traced{}}
}

func waiting(a *ahead) int {
	a.mu.Lock()
	defer a.mu.Unlock()
	return len(a.waits)
}

// launched asks for the person of the launch that the key names; an empty key is a look without a launch.
func launched(a *ahead, key string) (record.Person, error) {
	ctx := context.Background()
	if key != "" {
		ctx = context.WithValue(ctx, aheadKey{}, key)
	}
	return a.Trace(ctx, edith, record.Requester{})
}

// TestTracedAhead: one launch makes one trace, which is written down once before anybody has its person; the request that follows has not to wait
// for the whole of it.
func TestTracedAhead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := &registry{takes: 300 * time.Millisecond}
		a := startAhead(r)
		ctx, gone := context.WithCancel(t.Context())
		a.begin(ctx, "k", identity.User{}, edith)
		gone() // the page between is answered
		time.Sleep(200 * time.Millisecond)
		began := time.Now()
		p, err := launched(a, "k")
		if err != nil || p.NHSNumber != edith || time.Since(began) != 100*time.Millisecond {
			t.Errorf("%v after %v, error %v", p.NHSNumber == edith, time.Since(began), err)
		}
		if want := []string{"trace", "trail traced"}; !slices.Equal(r.events, want) {
			t.Errorf("events %q, want %q", r.events, want)
		}
		if _, err := launched(a, "k"); err != nil || len(r.events) != 3 || r.events[2] != "trace" {
			t.Errorf("a second look at the same person has events %q, error %v: it makes its own trace", r.events, err)
		}
		if waiting(a) != 0 {
			t.Error("somebody still waits here")
		}
	})
}

func TestNotTracedAhead(t *testing.T) {
	for name, c := range map[string]struct {
		registry *registry
		key      string
		after    time.Duration
		traces   int
		fails    bool
	}{
		"a look without a launch":   {registry: &registry{}, key: "", traces: 2},
		"another launch":            {registry: &registry{}, key: "other", traces: 2},
		"a request that is late":    {registry: &registry{}, key: "k", after: aheadLife + time.Second, traces: 2},
		"a trace that panicked":     {registry: &registry{panics: 1}, key: "k", traces: 2},
		"nobody of that number":     {registry: &registry{fails: errors.New("not known")}, key: "k", traces: 1, fails: true},
		"a trail that is not there": {registry: &registry{deaf: true}, key: "k", traces: 1, fails: true},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := c.registry
				a := startAhead(r)
				a.begin(t.Context(), "k", identity.User{}, edith)
				time.Sleep(c.after)
				synctest.Wait()
				_, err := launched(a, c.key)
				traces := 0
				for _, e := range r.events {
					if e == "trace" {
						traces++
					}
				}
				if traces != c.traces || (err != nil) != c.fails {
					t.Errorf("%d traces, want %d; error %v", traces, c.traces, err)
				}
				time.Sleep(2 * aheadLife)
				synctest.Wait()
				if waiting(a) != 0 {
					t.Error("somebody is kept for longer than the page between can last")
				}
			})
		})
	}
}

// TestMostAhead: however many launches there are, so many people wait here at most.
func TestMostAhead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := startAhead(&registry{takes: time.Second})
		for i := range mostAhead + 50 {
			a.begin(t.Context(), string(rune(i+1)), identity.User{}, edith)
		}
		if waiting(a) != mostAhead {
			t.Errorf("%d wait", waiting(a))
		}
		time.Sleep(2 * aheadLife)
	})
}
