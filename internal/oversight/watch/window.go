package watch

import "time"

// window counts how often each key came within a span of time. Events come in the order of their sequence, so that what is too old stands first.
type window[K comparable] struct {
	span   time.Duration
	counts map[K]int
	queue  []stamped[K]
	// changed hears of every count that moves, for whoever keeps sums over the keys.
	changed func(key K, from, to int)
}

type stamped[K any] struct {
	at  time.Time
	key K
}

func newWindow[K comparable](span Span, changed func(key K, from, to int)) *window[K] {
	if changed == nil {
		changed = func(K, int, int) {}
	}
	return &window[K]{span: time.Duration(span), counts: map[K]int{}, changed: changed}
}

// add counts the key once more and gives its count.
func (w *window[K]) add(at time.Time, key K) int {
	w.expire(at)
	w.queue = append(w.queue, stamped[K]{at, key})
	n := w.counts[key]
	w.counts[key] = n + 1
	w.changed(key, n, n+1)
	return n + 1
}

// expire forgets what is older than the span.
func (w *window[K]) expire(now time.Time) {
	old := 0
	for old < len(w.queue) && now.Sub(w.queue[old].at) > w.span {
		key := w.queue[old].key
		n := w.counts[key]
		if n == 1 {
			delete(w.counts, key)
		} else {
			w.counts[key] = n - 1
		}
		w.changed(key, n, n-1)
		old++
	}
	w.queue = w.queue[old:]
}

// spread is how many keys have which count: the peers among whom somebody stands out.
type spread struct {
	of    map[int]int
	total int
}

func (s *spread) move(from, to int) {
	if s.of == nil {
		s.of = map[int]int{}
	}
	if from > 0 {
		s.of[from]--
		s.total--
	}
	if to > 0 {
		s.of[to]++
		s.total++
	}
}

// median is the count that half of the keys do not exceed; 0 of nobody.
func (s *spread) median() int {
	seen := 0
	for n := 1; s.total > 0; n++ {
		seen += s.of[n]
		if 2*seen >= s.total {
			return n
		}
	}
	return 0
}
