package middleware

import (
	"net/http"
	"time"

	"ribble/internal/identity"
)

// RequireRecent lets a user through who proved who they are within the time before now: what break-glass, export and administration ask for
// besides a session. Others get the page, which leads through a fresh proof and back. Put it after RequireUser.
func RequireRecent(within time.Duration, now func() time.Time, prove Page) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			session, ok := Session(r.Context())
			if !ok || !identity.RecentlyAuthenticated(session, within, now()) {
				prove(w, r)
				return
			}
			next.ServeHTTP(w, r)
		})
	}
}
