package sourcecheck

import (
	"context"
	"slices"
	"sync"
	"time"

	"ribble/internal/outbound"
)

type exchange = outbound.Exchange

// Exchanges hears of every request of one run. It is safe for concurrent use.
type Exchanges struct {
	mu   sync.Mutex
	seen []exchange
}

// Add takes note of an exchange, for outbound.Config.OnAnswer.
func (x *Exchanges) Add(e outbound.Exchange) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.seen = append(x.seen, e)
}

// take gives what has been heard since it was last called.
func (x *Exchanges) take() []exchange {
	x.mu.Lock()
	defer x.mu.Unlock()
	seen := x.seen
	x.seen = nil
	return seen
}

// Bounds of the difference between the two clocks: a token lives for five minutes, and the date of an answer has whole seconds.
const (
	clockAgrees = 2 * time.Second
	clockFails  = time.Minute
)

func clockVerdict(all []heard) verdict {
	for _, h := range all {
		for _, e := range h.asked {
			if e.Date.IsZero() {
				continue
			}
			switch by := e.At.Sub(e.Date).Truncate(time.Second); {
			case by.Abs() >= clockFails:
				return failed("Its clock differs from ours by %s. Set it by a time server: tokens and the order of entries depend on it.", by.Abs())
			case by.Abs() > clockAgrees:
				return warning("Its clock differs from ours by %s.", by.Abs())
			default:
				return passed("Less than %s.", clockAgrees+time.Second)
			}
		}
	}
	return warning("Its answers do not say what time it is (no Date header).")
}

// The bars of GP Connect for one request ("1,000 ms should, 3,000 ms must"), which every source is held to.
const (
	shouldAnswer = 1000 * time.Millisecond
	mustAnswer   = 3000 * time.Millisecond
)

// measure asks again and again about one person.
func (r *run) measure(ctx context.Context, p TestPerson) error {
	began := r.Now()
	var single, whole []time.Duration
	silent := 0
	for range r.Asks {
		h, err := r.look(ctx, p)
		if err != nil {
			return err
		}
		if h.silent() || h.unasked != "" {
			silent++
		}
		for _, e := range h.asked {
			single = append(single, e.Took)
		}
		whole = append(whole, h.took())
	}
	r.check(times, began, timesVerdict(single, whole, silent))
	return nil
}

func timesVerdict(single, whole []time.Duration, silent int) verdict {
	if len(single) == 0 {
		return failed("None of %d asks had an answer.", len(whole))
	}
	slow, all := at95(single), at95(whole)
	const form = "95 in 100 of %d requests within %s; the whole of one record within %s, %d asks."
	values := []any{len(single), round(slow), round(all), len(whole)}
	switch {
	case silent > 0:
		return failed(form+" %d of them had no answer.", append(values, silent)...)
	case slow >= mustAnswer:
		return failed(form+" The limit for a request is 3 s.", values...)
	case slow >= shouldAnswer:
		return warning(form+" A request should take less than 1 s.", values...)
	}
	return passed(form, values...)
}

// at95 is the time within which 95 in 100 ended.
func at95(all []time.Duration) time.Duration {
	slices.Sort(all)
	return all[(len(all)*95+99)/100-1]
}

func round(d time.Duration) time.Duration { return d.Round(10 * time.Millisecond) }
