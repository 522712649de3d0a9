// Package middleware is what every request passes on its way to a page: one file each, none of which buffers an answer or
// hides the flushing of a streamed one.
//
// The order matters: ClientAddress (so that all others see the user's), WithRequestID, AccessLog (so that every line has an id), Recover (so that a panic is logged as a
// request too), SecurityHeaders (so that error pages have them), BodyLimit, SameOrigin, WithSessions; then, for the routes
// that need them, RequireUser, RequireRecent, Limit, PatientPage and EndWithSession.
package middleware

import (
	"context"
	"net/http"

	"github.com/go-chi/chi/v5"

	"ribble/internal/identity"
)

// Page writes a whole small page, for when a request goes no further.
type Page func(w http.ResponseWriter, r *http.Request)

type contextKey int

const (
	requestIDKey contextKey = iota
	sessionKey
)

// RequestID gives the id of the request, or "" outside one.
func RequestID(ctx context.Context) string {
	id, _ := ctx.Value(requestIDKey).(string)
	return id
}

// User gives who is signed in. It is false for nobody.
func User(ctx context.Context) (identity.User, bool) {
	s, ok := Session(ctx)
	return s.User, ok
}

// Session gives the open session of the request, with the times at which it locks and ends. It is false for a locked one, so that no page can
// show anything to it by mistake.
func Session(ctx context.Context) (identity.Session, bool) {
	s, ok := ctx.Value(sessionKey).(identity.Session)
	if !ok || s.User.IsZero() || !s.Locked.IsZero() {
		return identity.Session{}, false
	}
	return s, true
}

// LockedSession gives the locked session of the request.
func LockedSession(ctx context.Context) (identity.Session, bool) {
	s, ok := ctx.Value(sessionKey).(identity.Session)
	return s, ok && !s.User.IsZero() && !s.Locked.IsZero()
}

// WithSession puts a session into a context as WithSessions does; it is for tests of pages.
func WithSession(ctx context.Context, s identity.Session) context.Context {
	return context.WithValue(ctx, sessionKey, s)
}

// routeOf gives the pattern that the router matched, never the path: a path may hold a view handle.
func routeOf(r *http.Request) string {
	if c := chi.RouteContext(r.Context()); c != nil && c.RoutePattern() != "" {
		return c.RoutePattern()
	}
	return "unmatched"
}

// watched counts what goes through a ResponseWriter. It passes everything on at once; http.ResponseController reaches the
// writer beneath by Unwrap, and code that still asks for http.Flusher finds that too.
type watched struct {
	http.ResponseWriter
	status int
	bytes  int64
}

func watch(w http.ResponseWriter) *watched {
	if already, ok := w.(*watched); ok {
		return already
	}
	return &watched{ResponseWriter: w}
}

// Unwrap gives the writer beneath, for http.ResponseController.
func (w *watched) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// WriteHeader notes the final status; informational ones (1xx) come before it.
func (w *watched) WriteHeader(status int) {
	if w.status == 0 && status >= http.StatusOK {
		w.status = status
	}
	w.ResponseWriter.WriteHeader(status)
}

// Write counts and passes on.
func (w *watched) Write(p []byte) (int, error) {
	if w.status == 0 {
		w.status = http.StatusOK
	}
	n, err := w.ResponseWriter.Write(p)
	w.bytes += int64(n)
	return n, err
}

// FlushError sends on what was written.
func (w *watched) FlushError() error {
	if w.status == 0 {
		w.status = http.StatusOK
	}
	return http.NewResponseController(w.ResponseWriter).Flush()
}

// Flush is FlushError for code that asks for an http.Flusher.
func (w *watched) Flush() { _ = w.FlushError() }
