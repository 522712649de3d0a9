package middleware

import (
	"context"
	"log/slog"
	"net"
	"net/http"
	"strconv"
	"time"

	"ribble/internal/identity"
)

// Rate is how often something may be done within a window that slides, by one user, for one organisation, from one address, in the region.
type Rate struct {
	// Kind names it in the audit trail: "search", "open".
	Kind                                string
	Window                              time.Duration
	User, Organisation, Address, Region Bound
}

// Bound has two steps: above Ask the user must prove anew who they are, above Stop nothing more is done. Crossing either is written down.
type Bound struct{ Ask, Stop int }

// recentEnough is how long a fresh proof lets a user go on above the first step.
const recentEnough = 15 * time.Minute

// LimitConfig is what Limit needs.
type LimitConfig struct {
	// Counter counts for all replicas.
	Counter identity.Counter
	// Alert writes down that a step was crossed: which ("open-user-asked"), and how often it has happened.
	Alert func(ctx context.Context, u identity.User, limit string, times int) error
	// Ask draws the page that asks for a fresh proof; Stop says that nothing more is done; Unavailable that nothing can be counted.
	Ask, Stop, Unavailable Page
	Log                    *slog.Logger
	// Now is the clock; nil means time.Now.
	Now func() time.Time
}

// Limit lets signed-in users through within the rate. Put it after RequireUser: whoever is nobody is let through.
func Limit(cfg LimitConfig, rate Rate) func(http.Handler) http.Handler {
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			session, ok := Session(r.Context())
			if !ok {
				next.ServeHTTP(w, r)
				return
			}
			crossed, err := cfg.count(r, session, rate)
			switch {
			case err != nil:
				cfg.Log.ErrorContext(r.Context(), "a limit could not be counted", "request_id", RequestID(r.Context()))
				cfg.Unavailable(w, r)
			case crossed == stop:
				w.Header().Set("Retry-After", strconv.Itoa(int(rate.Window/time.Second)))
				cfg.Stop(w, r)
			case crossed == ask && !identity.RecentlyAuthenticated(session, recentEnough, cfg.Now()):
				cfg.Ask(w, r)
			default:
				next.ServeHTTP(w, r)
			}
		})
	}
}

type step int

const (
	within step = iota
	ask
	stop
)

var stepWords = [...]string{ask: "asked", stop: "stopped"}

// scope is whose doings are counted together.
type scope struct {
	name, key string
	bound     Bound
}

func (cfg LimitConfig) count(r *http.Request, s identity.Session, rate Rate) (step, error) {
	address, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		address = r.RemoteAddr
	}
	// A user of one issuer must not use up another's: the length makes the key unambiguous.
	scopes := []scope{
		{"user", strconv.Itoa(len(s.User.Issuer)) + ":" + s.User.Issuer + s.User.Subject, rate.User},
		{"organisation", s.User.Organisation.ODS, rate.Organisation}, {"address", address, rate.Address}, {"region", "", rate.Region},
	}
	events := make([]identity.Counted, len(scopes))
	for i, scope := range scopes {
		events[i] = identity.Counted{Kind: rate.Kind + "-" + scope.name, Key: scope.key, Window: rate.Window}
	}
	counts, err := cfg.Counter.Count(r.Context(), cfg.Now(), events...)
	if err != nil {
		return within, err
	}
	worst := within
	for i, scope := range scopes {
		if crossed := scope.bound.crossed(counts[i]); crossed != within {
			worst = max(worst, crossed)
			cfg.alert(r, s.User, rate, scope, crossed, counts[i])
		}
	}
	return worst, nil
}

func (b Bound) crossed(times int) step {
	switch {
	case times > b.Stop:
		return stop
	case times > b.Ask:
		return ask
	}
	return within
}

// alert writes a crossed step down, once in each window.
func (cfg LimitConfig) alert(r *http.Request, u identity.User, rate Rate, s scope, crossed step, times int) {
	limit := rate.Kind + "-" + s.name + "-" + stepWords[crossed]
	seen, err := cfg.Counter.Count(r.Context(), cfg.Now(), identity.Counted{Kind: "alert-" + limit, Key: s.key, Window: rate.Window})
	if err == nil && seen[0] > 1 {
		return
	}
	if err := cfg.Alert(r.Context(), u, limit, times); err != nil {
		cfg.Log.ErrorContext(r.Context(), "a crossed limit could not be recorded", "limit", times, "reason", limit)
	}
}
