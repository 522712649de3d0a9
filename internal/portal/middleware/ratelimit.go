package middleware

import (
	"sync"
	"time"
)

// maxBuckets bounds the memory of a Limiter. Beyond it, full buckets are forgotten: they say nothing.
const maxBuckets = 10_000

// Limiter holds one token bucket for each key, on this replica only (see Limit for what all replicas count together): it fills at a steady rate up to the burst, and each request takes one.
type Limiter struct {
	every time.Duration
	burst float64
	now   func() time.Time

	mu      sync.Mutex
	buckets map[string]bucket
}

type bucket struct {
	left float64
	at   time.Time
}

// NewLimiter allows one request every so often on average and at most burst at once. Now is the clock; nil means time.Now.
func NewLimiter(every time.Duration, burst int, now func() time.Time) *Limiter {
	if now == nil {
		now = time.Now
	}
	return &Limiter{every: every, burst: float64(burst), now: now, buckets: map[string]bucket{}}
}

// Allow takes one from the key's bucket, or says how long to wait.
func (l *Limiter) Allow(key string) (wait time.Duration, ok bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.now()
	left := l.filled(key, now)
	if left < 1 {
		return time.Duration((1 - left) * float64(l.every)), false
	}
	if len(l.buckets) >= maxBuckets {
		l.forget(now)
	}
	l.buckets[key] = bucket{left - 1, now}
	return 0, true
}

func (l *Limiter) filled(key string, now time.Time) float64 {
	b, known := l.buckets[key]
	if !known {
		return l.burst
	}
	return min(l.burst, b.left+float64(now.Sub(b.at))/float64(l.every))
}

func (l *Limiter) forget(now time.Time) {
	for key := range l.buckets {
		if l.filled(key, now) >= l.burst {
			delete(l.buckets, key)
		}
	}
}
