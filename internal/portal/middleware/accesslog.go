package middleware

import (
	"log/slog"
	"net/http"
	"time"
)

// Seen is what is known of a request once it has been answered.
type Seen struct {
	Method, Route string
	Status        int
	Bytes         int64
	Took          time.Duration
}

// AccessLog writes one line for each request, and tells observe, which may be nil, the same for the metrics. A line holds
// the route's pattern and never the path or query, which may hold a handle or a search.
func AccessLog(log *slog.Logger, observe func(Seen)) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			out, start := watch(w), time.Now()
			// Deferred, so that a request whose connection Recover cuts is logged too.
			defer func() {
				seen := Seen{methodOf(r), routeOf(r), out.status, out.bytes, time.Since(start)}
				log.InfoContext(r.Context(), "request", "request_id", RequestID(r.Context()), "method", seen.Method, "route", seen.Route,
					"status", seen.Status, "bytes", seen.Bytes, "duration", seen.Took.Milliseconds())
				if observe != nil {
					observe(seen)
				}
			}()
			next.ServeHTTP(out, r)
		})
	}
}

// methodOf bounds the method, which is the client's own text.
func methodOf(r *http.Request) string {
	switch r.Method {
	case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodOptions:
		return r.Method
	default:
		return "other"
	}
}
