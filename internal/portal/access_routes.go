package portal

import (
	"net/http"
	"time"

	"github.com/go-chi/chi/v5"

	"ribble/internal/access"
	"ribble/internal/identity"
	"ribble/internal/portal/admin"
	"ribble/internal/portal/clinician"
	"ribble/internal/portal/consentdesk"
	"ribble/internal/portal/middleware"
	"ribble/internal/portal/officer"
	"ribble/internal/portal/quality"
	"ribble/internal/portal/users"
	"ribble/web/ui"
)

// How fresh a proof of who the user is must be for emergency access: asked when the form is shown, and a little longer when it is sent, so that
// nobody loses in filling it in what they had when it was shown.
const (
	freshForGlass     = 10 * time.Minute
	freshForGlassSent = 15 * time.Minute
)

// guards are what routes about a person have in front of them.
type guards struct {
	// opens holds users to a rate; visited lets through only those who went to the page themselves.
	opens, visited func(http.Handler) http.Handler
	// inquiries holds officers to a rate.
	inquiries func(http.Handler) http.Handler
}

// reasonRoutes are the ways to a record that is not open: say why, ask the person, emergency access.
func (p *Portal) reasonRoutes(r chi.Router, pages *clinician.Pages, g guards) {
	r.With(g.opens).Post("/record/claim", p.page(pages.Claim))
	r.With(g.opens).Post("/record/permission", p.page(pages.Permit))
	r.Get("/record/closed", p.page(pages.Closed))
	r.With(middleware.RequireRecent(freshForGlass, p.now, p.stepUp("/find")), g.visited).Get("/break-glass/{handle}", p.page(pages.BreakGlassForm))
	r.With(middleware.RequireRecent(freshForGlassSent, p.now, p.stepUpToGlass), g.opens).Post("/break-glass", p.page(pages.BreakGlass))
	r.Post("/break-glass/end", p.page(pages.EndBreakGlass))
	r.Get("/break-glass/ended", p.page(pages.BreakGlassEnded))
}

// stepUpToGlass asks for a fresh proof and leads back to the form that was sent too late: the person is known still, the reason is to be given again.
func (p *Portal) stepUpToGlass(w http.ResponseWriter, r *http.Request) {
	p.stepUp("/break-glass/"+r.PostFormValue("person"))(w, r)
}

// consentRoutes are the pages of the register of objections.
func (p *Portal) consentRoutes(r chi.Router, pages *consentdesk.Pages, g guards, search func(http.Handler) http.Handler) {
	r.Get(consentdesk.Path, p.page(pages.FindForm))
	r.With(search).Post(consentdesk.Path+"/find", p.page(pages.Find))
	r.With(g.visited).Get(consentdesk.Path+"/find/{handle}", p.page(pages.Sought))
	r.With(g.visited).Get(consentdesk.Path+"/{handle}", p.page(pages.Register))
	r.Post(consentdesk.Path+"/check", p.page(pages.Check))
	r.Post(consentdesk.Path, p.page(pages.Keep))
	r.Post(consentdesk.Path+"/end", p.page(pages.End))
}

// watchRoutes are asked by pages that are open, again and again, while perhaps nobody sits at them: they must not keep a session alive.
func (p *Portal) watchRoutes(r chi.Router, pages *clinician.Pages, officers *officer.Pages, c Config) {
	quiet := p.sessions
	if c.Peek != nil {
		quiet.Find = c.Peek
	}
	r.Group(func(r chi.Router) {
		r.Use(middleware.WithSessions(quiet))
		r.Get("/record/{handle}/standing", p.page(pages.Standing))
		r.Get(officer.NewestPath, p.page(officers.Newest))
	})
}

// home is the page to begin with in a role.
func (p *Portal) home(u identity.User) string {
	switch {
	case p.profiles.Holds(u, access.Audit) && p.profiles.Sections(u) == 0:
		return officer.AlertsPath
	case p.profiles.Holds(u, access.RecordConsent) && !p.profiles.MayFind(u):
		return consentdesk.Path
	case p.administers(u) && !p.profiles.MayFind(u):
		return admin.Path
	case p.vouches(u) && !p.profiles.MayFind(u):
		return users.Path
	}
	return "/find"
}

// places are the links to where a user's role may go.
func (p *Portal) places(r *http.Request, s identity.Session) []ui.Action {
	var links []ui.Action
	if s.InContext {
		return nil
	}
	// A role that may open no record may still look people up, and is told on the way why not; one that may do neither has no use for the page.
	if p.profiles.MayFind(s.User) || !p.profiles.Holds(s.User, access.Audit) && !p.administers(s.User) && !p.vouches(s.User) {
		links = append(links, ui.Action{Text: "Find a person", URL: "/find"})
	}
	if p.profiles.Holds(s.User, access.RecordConsent) {
		links = append(links, ui.Action{Text: "Objections", URL: consentdesk.Path})
	}
	if p.profiles.Holds(s.User, access.Audit) {
		links = append(links, ui.Action{Text: "Alerts", URL: officer.AlertsPath}, ui.Action{Text: "Who looked", URL: officer.LooksPath})
	}
	if p.profiles.Holds(s.User, access.Audit) {
		links = append(links, ui.Action{Text: "Problems reported", URL: quality.Path})
	}
	if p.administers(s.User) {
		links = append(links, adminPlaces()...)
	}
	if p.vouches(s.User) {
		links = append(links, p.usersLink(r, s.User))
	}
	return links
}
