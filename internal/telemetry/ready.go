package telemetry

import (
	"context"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
)

// checkTimeout bounds the readiness checks, so that a hanging database makes the service unready rather than silent: within a second, so that whoever
// balances the load hears of it before many have been refused.
const checkTimeout = 900 * time.Millisecond

// Readiness says whether the service can do its work: it is ready when every named check passes. A replica that cannot
// write the audit trail must not be sent users, so the checks do the real thing rather than ask whether it might work.
type Readiness struct {
	log    *slog.Logger
	mu     sync.Mutex
	checks []check
}

type check struct {
	name string
	run  func(context.Context) error
}

// NewReadiness makes a Readiness without checks.
func NewReadiness(log *slog.Logger) *Readiness { return &Readiness{log: log} }

// Add adds a check. The name is shown to whoever asks; the check's error is not.
func (r *Readiness) Add(name string, run func(context.Context) error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.checks = append(r.checks, check{name, run})
}

// Failing runs every check at once and names those that failed, sorted; none means ready.
func (r *Readiness) Failing(ctx context.Context) []string {
	ctx, cancel := context.WithTimeout(ctx, checkTimeout)
	defer cancel()
	r.mu.Lock()
	checks := slices.Clone(r.checks)
	r.mu.Unlock()
	results := make(chan string, len(checks))
	for _, c := range checks {
		Go(r.log, "readiness", func() { results <- outcome(ctx, c) }, func(Panic) { results <- c.name })
	}
	return collect(ctx, checks, results)
}

func outcome(ctx context.Context, c check) string {
	if err := c.run(ctx); err != nil {
		return c.name
	}
	return ""
}

// collect waits for every answer, or for the deadline: what has not passed by then has failed.
func collect(ctx context.Context, checks []check, results <-chan string) []string {
	failing := []string{}
	for range checks {
		select {
		case name := <-results:
			if name != "" {
				failing = append(failing, name)
			}
		case <-ctx.Done():
			return []string{"not all checks ended in time"}
		}
	}
	slices.Sort(failing)
	return failing
}

// ServeHTTP answers 200 "ready", or 503 and the names of the failing checks, one a line.
func (r *Readiness) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	failing := r.Failing(req.Context())
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	if len(failing) == 0 {
		_, _ = w.Write([]byte("ready\n"))
		return
	}
	w.WriteHeader(http.StatusServiceUnavailable)
	_, _ = w.Write([]byte("not ready:\n" + strings.Join(failing, "\n") + "\n"))
}
