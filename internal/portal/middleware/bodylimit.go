package middleware

import "net/http"

// BodyLimit refuses more than limit bytes of a request's body: at once when the length is announced, else while it is read.
func BodyLimit(limit int64, tooLarge Page) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.ContentLength > limit {
				tooLarge(w, r)
				return
			}
			r.Body = http.MaxBytesReader(w, r.Body, limit)
			next.ServeHTTP(w, r)
		})
	}
}
