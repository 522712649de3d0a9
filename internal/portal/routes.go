// Package portal is what users see: every address, who may ask for it, and how an error looks.
package portal

import (
	"log/slog"
	"net/http"
	"time"

	"github.com/go-chi/chi/v5"

	"ribble/internal/audit"
	"ribble/internal/fault"
	"ribble/internal/identity"
	"ribble/internal/identity/signin"
	"ribble/internal/portal/clinician"
	"ribble/internal/portal/middleware"
	"ribble/internal/record"
	"ribble/web/layout"
	"ribble/web/ui"
)

// Config is what the portal needs of the rest of the program.
type Config struct {
	Clinician clinician.Config
	SignIn    signin.Config
	Sessions  identity.Sessions
	Assets    Assets
	Log       *slog.Logger
	// HTTPS says that users come by https.
	HTTPS bool
	// Observe is told of every request, for the metrics; it may be nil.
	Observe func(middleware.Seen)
	Now     func() time.Time
	// Region names the shared care record at the foot of each page.
	Region string
}

// Assets are the static files and their addresses.
type Assets interface {
	http.Handler
	layout.URLs
}

// Portal serves every page.
type Portal struct {
	log    *slog.Logger
	assets Assets
	region string
}

// bodyLimit is more than any form needs.
const bodyLimit = 64 << 10

// New gives the handler of every address.
func New(c Config) (http.Handler, error) {
	p := &Portal{log: c.Log, assets: c.Assets, region: c.Region}
	c.Clinician.Frame = p.frame
	pages := clinician.New(c.Clinician)
	c.SignIn.Pages = signin.Pages{SignIn: p.signIn, ChooseRole: p.chooseRole}
	signIn, err := signin.New(c.SignIn)
	if err != nil {
		return nil, err
	}
	r := chi.NewRouter()
	// The order matters: an id before anything is logged, the log around the recovery, headers before any page, the session before whoever asks for it.
	r.Use(
		middleware.WithRequestID,
		middleware.AccessLog(c.Log, c.Observe),
		middleware.SecurityHeaders(c.HTTPS, signIn.FormActions()...),
		middleware.Recover(c.Log, p.says(fault.New(fault.Internal, ""))),
		withDevice,
		middleware.BodyLimit(bodyLimit, p.says(fault.New(fault.Invalid, "The request is too large."))),
		middleware.SameOrigin(p.says(fault.New(fault.Denied, "This request did not come from a page of Ribble."))),
	)
	r.Handle("/assets/*", c.Assets)
	r.NotFound(http.HandlerFunc(p.says(fault.New(fault.NotFound, "This page does not exist."))))
	r.Group(func(r chi.Router) {
		r.Use(middleware.WithSessions(middleware.SessionConfig{
			Find: c.Sessions.Find, Token: signin.SessionToken, Log: c.Log, Now: c.Now,
			Unavailable: p.says(fault.New(fault.Unavailable, "Ribble cannot check who is signed in just now, so no record can be opened.")),
		}))
		p.signInRoutes(r, signIn)
		p.clinicianRoutes(r, pages, c.Now)
	})
	return r, nil
}

func (p *Portal) signInRoutes(r chi.Router, s *signin.Handlers) {
	r.Get("/sign-in", s.SignIn)
	r.Post("/sign-in/{provider}", s.Start)
	r.Get("/sign-in/callback", s.Callback)
	r.Get("/sign-in/role", s.Roles)
	r.Post("/sign-in/role", s.ChooseRole)
	r.Post("/sign-out", s.SignOut)
}

// Rates of what could be used to trawl for people (decision D11): searches a minute, records an hour.
const (
	searchEvery, searchBurst = 2 * time.Second, 30
	openEvery, openBurst     = time.Minute, 60
)

func (p *Portal) clinicianRoutes(r chi.Router, pages *clinician.Pages, now func() time.Time) {
	searches := middleware.RateLimit(middleware.NewLimiter(searchEvery, searchBurst, now), p.says(fault.New(fault.TooMany, "You have searched very often. Wait a minute and try again.")))
	opens := middleware.RateLimit(middleware.NewLimiter(openEvery, openBurst, now), p.says(fault.New(fault.TooMany, "You have opened very many records. Wait a few minutes and try again.")))
	denied := p.says(fault.New(fault.Denied, "This page was asked for from somewhere else. Go to it from a page of Ribble."))
	r.Group(func(r chi.Router) {
		r.Use(middleware.RequireUser)
		r.Get("/", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/find", http.StatusSeeOther) })
		r.Get("/find", p.page(pages.FindForm))
		r.With(searches).Post("/find", p.page(pages.Find))
		r.With(searches).Post("/find/choose", p.page(pages.Choose))
		r.With(opens).Post("/record", p.page(pages.OpenRecord))
		r.With(middleware.PatientPage(denied), opens).Get("/record/{handle}", p.page(pages.Record))
		r.With(middleware.PatientPage(denied)).Get("/document/{handle}", p.page(pages.Document))
	})
}

// withDevice notes where the user sits, for the audit trail.
func withDevice(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		next.ServeHTTP(w, r.WithContext(audit.WithDevice(r.Context(), audit.Device{Address: r.RemoteAddr, Agent: r.UserAgent()})))
	})
}

// frame is the frame of a page: who is signed in stands on every one.
func (p *Portal) frame(r *http.Request) layout.Props {
	props := layout.Props{Title: "Ribble: shared care record", Assets: p.assets, Region: p.region}
	if u, ok := middleware.User(r.Context()); ok {
		props.User = &layout.User{Name: record.StaffName(u.Name).Usual(), Role: u.Role.Name, Organisation: u.Organisation.Name, Short: u.Organisation.ODS}
		props.Links = []ui.Action{{Text: "Find a person", URL: "/find"}, {Text: "Sign out", URL: "/sign-out", Post: true}}
	}
	return props
}
