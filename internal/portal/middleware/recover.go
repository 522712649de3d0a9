package middleware

import (
	"log/slog"
	"net/http"

	"ribble/internal/telemetry"
)

// Recover ends a panic at the request in which it happened. The log gets its type and stack but not its value. The user
// gets the page, unless a part of an answer is out already: then the connection is cut, so that half a record cannot pass
// for a whole one.
func Recover(log *slog.Logger, page Page) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			out := watch(w)
			defer func() {
				value := recover()
				if value == nil {
					return
				}
				if value != http.ErrAbortHandler {
					p := telemetry.Recovered(value)
					log.ErrorContext(r.Context(), "a request panicked",
						"request_id", RequestID(r.Context()), "route", routeOf(r), "panic_type", p.Type, "stack", p.Stack)
				}
				if value == http.ErrAbortHandler || out.status != 0 {
					panic(http.ErrAbortHandler)
				}
				page(out, r)
			}()
			next.ServeHTTP(out, r)
		})
	}
}
