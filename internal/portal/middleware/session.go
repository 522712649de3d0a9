package middleware

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/url"
	"time"

	"ribble/internal/identity"
)

// SessionConfig is what WithSessions needs.
type SessionConfig struct {
	// Find is identity.Sessions.Find.
	Find func(ctx context.Context, tokenHash [32]byte, now time.Time) (identity.Session, error)
	// Token reads the token from a request's cookie.
	Token func(*http.Request) (identity.Token, bool)
	// Unavailable is shown when sessions cannot be looked up: that is not the same as not being signed in.
	Unavailable Page
	Log         *slog.Logger
	// Now is the clock; nil means time.Now.
	Now func() time.Time
}

// WithSessions puts the session of the request's cookie, when there is a live one, into the context: see User and Session.
// It is looked up on every request, so that an ended session is dead, and a locked one locked, at once on every replica.
func WithSessions(cfg SessionConfig) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			token, ok := cfg.Token(r)
			if !ok {
				next.ServeHTTP(w, r)
				return
			}
			session, err := cfg.Find(r.Context(), token.Hash(), cfg.now())
			switch {
			case errors.Is(err, identity.ErrNoSession):
				next.ServeHTTP(w, r)
			case err != nil:
				cfg.Log.ErrorContext(r.Context(), "a session could not be looked up", "request_id", RequestID(r.Context()))
				cfg.Unavailable(w, r)
			default:
				next.ServeHTTP(w, r.WithContext(WithSession(r.Context(), session)))
			}
		})
	}
}

func (cfg SessionConfig) now() time.Time {
	if cfg.Now == nil {
		return time.Now()
	}
	return cfg.Now()
}

// RequireUser sends whoever is not signed in to the sign-in page, and from there back to the page asked for. What a form
// sent is lost on the way, so such a request comes back to the start instead. A locked session gets the locked page, whatever it asked for.
func RequireUser(locked Page) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if _, ok := User(r.Context()); ok {
				next.ServeHTTP(w, r)
				return
			}
			if _, ok := LockedSession(r.Context()); ok {
				locked(w, r)
				return
			}
			to := "/sign-in"
			if r.Method == http.MethodGet && r.URL.Path != "/" {
				to += "?return=" + url.QueryEscape(r.URL.EscapedPath())
			}
			http.Redirect(w, r, to, http.StatusSeeOther)
		})
	}
}
