package middleware

import (
	"net/http"
	"strings"
)

// noFeatures switches off what a page about a person has no use for.
const noFeatures = "accelerometer=(), bluetooth=(), browsing-topics=(), camera=(), clipboard-read=(), display-capture=(), geolocation=(), " +
	"gyroscope=(), hid=(), local-fonts=(), magnetometer=(), microphone=(), midi=(), payment=(), publickey-credentials-get=(self), serial=(), usb=()"

// SecurityHeaders sets the headers that hold for every answer. The form actions are origins, besides our own, that a form
// may lead to: those of the sign-in providers, since browsers apply the rule to redirects too. Transport security is
// announced only where the site is on https. A handler of unchanging assets may set its own Cache-Control.
func SecurityHeaders(https bool, formActions ...string) func(http.Handler) http.Handler {
	policy := strings.Join([]string{
		"default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self'", "font-src 'self'", "connect-src 'self'",
		strings.Join(append([]string{"form-action 'self'"}, formActions...), " "),
		"base-uri 'none'", "frame-ancestors 'none'", "require-trusted-types-for 'script'",
	}, "; ")
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			h := w.Header()
			h.Set("Content-Security-Policy", policy)
			h.Set("Cross-Origin-Opener-Policy", "same-origin")
			h.Set("Cross-Origin-Embedder-Policy", "require-corp")
			h.Set("Cross-Origin-Resource-Policy", "same-origin")
			h.Set("X-Content-Type-Options", "nosniff")
			h.Set("X-Frame-Options", "DENY")
			h.Set("Referrer-Policy", "no-referrer")
			h.Set("Permissions-Policy", noFeatures)
			h.Set("Cache-Control", "no-store")
			// A proxy that gathers an answer would hold back the panels that are ready.
			h.Set("X-Accel-Buffering", "no")
			if https {
				h.Set("Strict-Transport-Security", "max-age=63072000; includeSubDomains")
			}
			next.ServeHTTP(w, r)
		})
	}
}
