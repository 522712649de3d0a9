package middleware

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"net/http"
)

// WithRequestID gives each request an id of our own making and tells it to the browser, so that a user can quote it. One
// sent by the client is ignored: it could be a piece of someone's record on its way into the log.
func WithRequestID(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		raw := make([]byte, 16)
		_, _ = rand.Read(raw) // never fails: crypto/rand ends the process rather than return weak bytes
		id := hex.EncodeToString(raw)
		w.Header().Set("X-Request-ID", id)
		next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), requestIDKey, id)))
	})
}
