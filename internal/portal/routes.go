// Package portal is what users see: every address, who may ask for it, and how an error looks.
package portal

import (
	"context"
	"log/slog"
	"net/http"
	"net/netip"
	"slices"
	"time"

	"github.com/go-chi/chi/v5"

	"ribble/internal/access"
	"ribble/internal/audit"
	"ribble/internal/fault"
	"ribble/internal/identity"
	"ribble/internal/identity/launch"
	"ribble/internal/identity/local"
	"ribble/internal/identity/signin"
	"ribble/internal/portal/admin"
	"ribble/internal/portal/clinician"
	"ribble/internal/portal/consentdesk"
	"ribble/internal/portal/middleware"
	"ribble/internal/portal/officer"
	"ribble/internal/portal/quality"
	"ribble/internal/portal/users"
	"ribble/internal/record"
	"ribble/web/layout"
	"ribble/web/ui"
)

// Config is what the portal needs of the rest of the program.
type Config struct {
	Clinician clinician.Config
	// Officer is for Privacy Officers, Objections for who keeps the register of objections.
	Officer    officer.Config
	Objections consentdesk.Config
	// Quality is for who answers reports of problems with entries, and who made them.
	Quality quality.Config
	// Admin is for administrators of the region.
	Admin admin.Config
	// Users is for sponsors and for whoever asks for an account; without Local there is none of it.
	Users  users.Config
	SignIn signin.Config
	// Peek finds a session like signin.Config's Sessions.Find, without moving its idle limit on: for pages that ask by themselves. Nil means Find.
	Peek func(ctx context.Context, tokenHash [32]byte, now time.Time) (identity.Session, error)
	// Launch is for the systems that open Ribble with a person in context.
	Launch launch.Config
	// Local keeps accounts of Ribble's own; nil where there are none.
	Local  *local.Accounts
	Assets Assets
	Log    *slog.Logger
	// HTTPS says that users come by https.
	HTTPS bool
	// Proxies are the networks of our own proxies, whose word on where a user sits is believed.
	Proxies []netip.Prefix
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
	chi.Router
	// launches are the doors by which other systems come in.
	launches *launch.Handlers
	log      *slog.Logger
	assets   Assets
	region   string
	now      func() time.Time
	// profiles is the table of rights; nil is the shipped one.
	profiles *access.Profiles
	// accounts are Ribble's own, users the pages about them; both nil where there are none.
	accounts *local.Accounts
	users    *users.Pages
	// signIn draws the locked page and the one that asks for a fresh proof; sessions is how a request's session is found.
	signIn   *signin.Handlers
	sessions middleware.SessionConfig
	// asked is how many questions of officers wait for a user.
	asked func(ctx context.Context, u identity.User) int
	// requireUser lets signed-in users through, and shows the locked page to locked ones.
	requireUser func(http.Handler) http.Handler
}

// bodyLimit is more than any form needs.
const bodyLimit = 64 << 10

// New gives the handler of every address.
func New(c Config) (*Portal, error) {
	p := &Portal{log: c.Log, assets: c.Assets, region: c.Region, now: c.Now, profiles: c.Clinician.Profiles}
	c.Clinician.Frame, c.Clinician.LastSignIn = p.frame, lastSignIn
	c.Officer.Frame, c.Objections.Frame, c.Quality.Frame, c.Officer.Browser = p.frame, p.frame, p.frame, browser
	c.Admin.Frame, c.Admin.Profiles, c.Admin.Now, c.Admin.Region = p.frame, p.profiles, c.Now, c.Region
	pages, officers := clinician.New(c.Clinician), officer.New(c.Officer)
	p.asked = officers.Asked
	c.SignIn.Pages = signin.Pages{SignIn: p.signInPage, ChooseRole: p.chooseRole, Prove: p.prove, Resume: p.resume, Sessions: p.sessionList}
	c.SignIn.Local, p.accounts = localProof(c.Local), c.Local
	signIn, err := signin.New(c.SignIn)
	if err != nil {
		return nil, err
	}
	p.signIn, p.users = signIn, p.usersPages(c)
	p.sessions = middleware.SessionConfig{
		Find: c.SignIn.Sessions.Find, Token: signin.SessionToken, Log: c.Log, Now: c.Now,
		Unavailable: p.says(fault.New(fault.Unavailable, "Ribble cannot check who is signed in just now, so no record can be opened.")),
	}
	p.requireUser = middleware.RequireUser(func(w http.ResponseWriter, r *http.Request) {
		session, _ := middleware.LockedSession(r.Context())
		signIn.DrawLocked(w, r, session)
	})
	if p.launches, err = p.launchDoors(c, signIn, pages); err != nil {
		return nil, err
	}
	r := chi.NewRouter()
	p.Router = r
	// The order matters: an id before anything is logged, the log around the recovery, headers before any page, the session before whoever asks for it.
	r.Use(
		middleware.ClientAddress(c.Proxies),
		middleware.WithRequestID,
		middleware.AccessLog(c.Log, c.Observe),
		middleware.SecurityHeaders(c.HTTPS, signIn.FormActions()...),
		middleware.Recover(c.Log, p.says(fault.New(fault.Internal, ""))),
		withDevice,
		p.bodyLimits(),
		middleware.SameOrigin(p.says(fault.New(fault.Denied, "This request did not come from a page of Ribble.")), slices.Concat(launchPosts, logoutPaths(c.SignIn.Providers), []string{officer.AuditSearchPath})...),
	)
	r.Handle("/assets/*", c.Assets)
	r.NotFound(http.HandlerFunc(p.says(fault.New(fault.NotFound, "This page does not exist."))))
	r.Group(func(r chi.Router) {
		r.Use(middleware.WithSessions(p.sessions))
		p.signInRoutes(r, signIn)
		p.accountRoutes(r, c, signIn)
		p.askRoutes(r, p.users)
		p.launchRoutes(r, p.launches, c.Now)
		r.Get(admin.LivePath, p.page(admin.New(c.Admin).Live))
		p.personRoutes(r, pages, officers, c)
	})
	r.Group(func(r chi.Router) { p.watchRoutes(r, pages, officers, c) })
	p.collectorRoutes(r, officers)
	return p, nil
}

// KeepLaunchKeys has the keys of the systems that launch at hand until ctx ends.
func (p *Portal) KeepLaunchKeys(ctx context.Context) { p.launches.KeepKeys(ctx) }

func (p *Portal) signInRoutes(r chi.Router, s *signin.Handlers) {
	r.Get("/sign-in", s.SignIn)
	r.Post("/sign-in/{provider}", s.Start)
	r.Get("/sign-in/callback", s.Callback)
	r.Get("/sign-in/role", s.Roles)
	r.Post("/sign-in/role", s.ChooseRole)
	r.Post("/sign-out", s.SignOut)

	r.Post("/lock", s.Lock)
	r.Get("/locked", s.Locked)
	r.Post("/unlock", s.Unlock)
	r.Post("/step-up", s.StepUp)
	r.Post("/session/stay", s.Stay)
	r.Get("/sessions", s.List)
	r.Post("/sessions/end", s.EndOne)
	r.Post("/sessions/end-all", s.EndAll)

	r.Post(logoutPath+"{provider}", s.BackChannelLogout)
}

// logoutPath is where a provider, which is no browser and has no cookie, tells of sessions that ended there.
const logoutPath = "/back-channel-logout/"

// logoutPaths are the paths to which a request may come from elsewhere: what makes it honest is a signed token, never a cookie.
func logoutPaths(providers []signin.ProviderConfig) []string {
	out := make([]string, len(providers))
	for i, p := range providers {
		out[i] = logoutPath + p.ID
	}
	return out
}

// personRoutes are all pages that say anything about a person.
func (p *Portal) personRoutes(r chi.Router, pages *clinician.Pages, officers *officer.Pages, c Config) {
	limit := p.limits(c)
	denied := p.says(fault.New(fault.Denied, "This page was asked for from somewhere else. Go to it from a page of Ribble."))
	visited := middleware.PatientPage(denied)
	person := chi.Chain(visited, limit(views), middleware.EndWithSession(p.sessions, watchEvery))
	r.Group(func(r chi.Router) {
		r.Use(p.requireUser)
		r.Get("/", func(w http.ResponseWriter, r *http.Request) {
			u, _ := middleware.User(r.Context())
			http.Redirect(w, r, p.home(u), http.StatusSeeOther)
		})
		r.Get("/find", p.page(pages.FindForm))
		r.Post("/find", p.page(pages.Find))
		r.With(visited, limit(searches)).Get("/find/{handle}", p.page(pages.Found))
		r.With(limit(opens)).Post("/record", p.page(pages.OpenRecord))
		r.With(person...).Get("/record/{handle}", p.page(pages.Record))
		r.With(person...).Get("/document/{handle}", p.page(pages.Document))
		g := guards{opens: limit(opens), visited: visited, inquiries: limit(inquiries)}
		p.reasonRoutes(r, pages, g)
		p.problemRoutes(r, pages, quality.New(c.Quality), person)
		p.officerRoutes(r, officers, g)
		p.consentRoutes(r, consentdesk.New(c.Objections), g, limit(searches))
		p.adminRoutes(r, admin.New(c.Admin))
		p.usersRoutes(r, p.users)
	})
}

// watchEvery is how often an answer that streams looks whether its session is still open.
const watchEvery = 500 * time.Millisecond

// withDevice notes where the user sits, for the audit trail.
func withDevice(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		next.ServeHTTP(w, r.WithContext(audit.WithDevice(r.Context(), audit.Device{Address: r.RemoteAddr, Agent: r.UserAgent()})))
	})
}

// frame is the frame of a page: who is signed in stands on every one, and beside it the one action that locks the screen.
func (p *Portal) frame(r *http.Request) layout.Props {
	props := layout.Props{Title: "Ribble: shared care record", Assets: p.assets, Region: p.region}
	s, ok := middleware.Session(r.Context())
	if !ok {
		return props
	}
	u := s.User
	props.User = &layout.User{Name: record.StaffName(u.Name).Usual(), Role: u.Role.Name, Organisation: u.Organisation.Name, Short: u.Organisation.ODS}
	props.Links = []ui.Action{{Text: "Your sessions", URL: "/sessions"}, {Text: "Sign out", URL: "/sign-out", Post: true}}
	if u.Issuer == local.Issuer {
		props.Links = append([]ui.Action{{Text: "Your account", URL: "/account"}}, props.Links...)
	}
	props.Links = append(p.places(r, s), props.Links...)
	if lapse := p.lapseLink(r, u); lapse != nil {
		props.Links = append([]ui.Action{*lapse}, props.Links...)
	}
	if asked := p.questions(r, u); asked != nil {
		props.Links = append([]ui.Action{*asked}, props.Links...)
	}
	back := "/"
	if r.Method == http.MethodGet {
		back = r.URL.EscapedPath()
	}
	props.Lock = &ui.Action{Text: "Lock", URL: "/lock", Post: true, Fields: []ui.Field{{Name: "return", Value: back}}}
	// The server's own limit may be a little earlier than this, never later.
	props.LockAfter = max(1, int(s.IdleUntil.Sub(p.now())/time.Second))
	return props
}
