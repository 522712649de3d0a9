package portal

import (
	"net"
	"net/http"
	"time"

	"github.com/go-chi/chi/v5"

	"ribble/internal/fault"
	"ribble/internal/identity"
	"ribble/internal/identity/launch"
	"ribble/internal/identity/signin"
	"ribble/internal/portal/clinician"
	"ribble/internal/portal/middleware"
	"ribble/internal/record"
	"ribble/web/page"
	"ribble/web/ui"
)

// Launches from one address: a whole hospital may stand behind one, so this only keeps a flood from the audit trail.
const launchEvery, launchBurst = 50 * time.Millisecond, 600

// launchDoors makes the doors by which other systems come in with one person in context.
func (p *Portal) launchDoors(c Config, s *signin.Handlers, pages *clinician.Pages) (*launch.Handlers, error) {
	l := c.Launch
	l.Begin = func(w http.ResponseWriter, r *http.Request, u identity.User) (identity.User, error) {
		return s.Admit(w, r, signin.Admission{User: u, InContext: true})
	}
	l.Reference = middleware.RequestID
	l.Pages = launch.Pages{Opening: p.opening(pages), Refused: p.launchRefused}
	return launch.New(l)
}

// launchRoutes holds the addresses that other systems know. The posted one comes from another site on purpose: see launchPosts.
func (p *Portal) launchRoutes(r chi.Router, h *launch.Handlers, now func() time.Time) {
	r.Group(func(r chi.Router) {
		r.Use(perAddress(middleware.NewLimiter(launchEvery, launchBurst, now), p.says(fault.New(fault.TooMany, launch.Wait))))
		r.Post(launch.Path, h.Signed)
		r.Get(launch.SmartPath, h.Smart)
		r.Get(launch.CallbackPath, h.SmartCallback)
	})
}

// launchPosts are the paths to which other sites may post.
var launchPosts = []string{launch.Path}

// opening draws the page between the other system and the record. The record itself is shown only to a request that comes from a page of
// ours, which the answer to another site's form is not: this page asks for it, by itself or by one press.
func (p *Portal) opening(pages *clinician.Pages) func(http.ResponseWriter, *http.Request, launch.Opening) error {
	return func(w http.ResponseWriter, r *http.Request, o launch.Opening) error {
		fields, err := pages.Launched(r.Context(), o)
		if err != nil {
			return err
		}
		u := o.User
		r = r.WithContext(middleware.WithSession(r.Context(), identity.Session{ID: u.Session, User: u, InContext: true}))
		props := page.OpeningProps{
			Props: p.frame(r), For: record.StaffName(u.Name).Usual() + ", " + u.Role.Name + ", " + u.Organisation.Name, URL: "/record", Fields: fields,
		}
		props.Title = "Opening the shared care record"
		// The page stays for a moment only.
		props.Lock, props.LockAfter = nil, 0
		return draw(w, r, http.StatusOK, page.Opening(props))
	}
}

// launchRefused says what an honest user can do. It offers no way on: there is none from here.
func (p *Portal) launchRefused(w http.ResponseWriter, r *http.Request, status int, words string) error {
	props := page.MessageProps{Props: p.frame(r), Heading: "This record is not opened", Text: []string{words}, Reference: middleware.RequestID(r.Context())}
	props.Title = props.Heading
	return draw(w, r, status, page.Refused(props))
}

// ways are the ways on from a page that says why not: none but back to their own system for whoever came from there.
func ways(r *http.Request) []ui.Action {
	if s, ok := middleware.Session(r.Context()); ok && s.InContext {
		return nil
	}
	return []ui.Action{{Text: "Find a person", URL: "/find"}}
}

// perAddress lets an address through as often as the limiter allows.
func perAddress(limiter *middleware.Limiter, tooMany middleware.Page) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			address, _, err := net.SplitHostPort(r.RemoteAddr)
			if err != nil {
				address = r.RemoteAddr
			}
			if _, ok := limiter.Allow(address); !ok {
				tooMany(w, r)
				return
			}
			next.ServeHTTP(w, r)
		})
	}
}
