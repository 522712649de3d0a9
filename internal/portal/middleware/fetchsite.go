package middleware

import (
	"net/http"
	"slices"
)

// SameOrigin refuses every request that changes something unless the browser says that it comes from one of our own pages.
// It is net/http's CrossOriginProtection and one rule more: a request that carries neither Sec-Fetch-Site nor Origin is
// refused too, since every browser in use sends one of them with a form.
//
// Other sites may post to the paths given: what makes such a request honest must be in it, never in a cookie.
func SameOrigin(denied Page, open ...string) func(http.Handler) http.Handler {
	protection := http.NewCrossOriginProtection()
	protection.SetDenyHandler(http.HandlerFunc(denied))
	return func(next http.Handler) http.Handler {
		guarded := protection.Handler(next)
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.Method == http.MethodPost && slices.Contains(open, r.URL.Path) {
				next.ServeHTTP(w, r)
				return
			}
			safe := r.Method == http.MethodGet || r.Method == http.MethodHead || r.Method == http.MethodOptions
			if !safe && r.Header.Get("Sec-Fetch-Site") == "" && r.Header.Get("Origin") == "" {
				denied(w, r)
				return
			}
			guarded.ServeHTTP(w, r)
		})
	}
}

// PatientPage refuses to show a page about a person unless the user went there: from one of our pages, or by the address
// bar. Otherwise another site could make a clinician's browser open a record and so write a false entry into the audit
// trail, with no more than an image. The page given for refusals should offer a link to follow: that makes the visit the
// user's own (after signing in, the browser still counts the way back from the provider as another site's).
//
// Further destinations than "document" may be allowed for what our own pages embed.
func PatientPage(denied Page, embedded ...string) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			site, dest := r.Header.Get("Sec-Fetch-Site"), r.Header.Get("Sec-Fetch-Dest")
			visited := dest == "document" && (site == "same-origin" || site == "none")
			shown := site == "same-origin" && slices.Contains(embedded, dest)
			// The answer depends on how the request came about: nothing may replay it for another.
			w.Header().Add("Vary", "Sec-Fetch-Site, Sec-Fetch-Dest")
			if !visited && !shown {
				denied(w, r)
				return
			}
			next.ServeHTTP(w, r)
		})
	}
}
