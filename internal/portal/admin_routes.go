package portal

import (
	"net/http"

	"github.com/go-chi/chi/v5"

	"ribble/internal/directory"
	"ribble/internal/fault"
	"ribble/internal/identity"
	"ribble/internal/portal/admin"
	"ribble/internal/portal/middleware"
	"ribble/internal/portal/users"
	"ribble/web/ui"
)

// importLimit is more than a list of every organisation of England needs; it is read in memory, from signed-in users alone.
const importLimit = 16 << 20

// bodyLimits bounds what is sent: a form is small, and only an import is long.
func (p *Portal) bodyLimits() func(http.Handler) http.Handler {
	tooLarge := p.says(fault.New(fault.Invalid, "The request is too large."))
	return func(next http.Handler) http.Handler {
		small, large := middleware.BodyLimit(bodyLimit, tooLarge)(next), middleware.BodyLimit(importLimit, tooLarge)(next)
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			switch r.URL.Path {
			case admin.ImportPath, users.ImportPath, users.LeaversPath:
				large.ServeHTTP(w, r)
			default:
				small.ServeHTTP(w, r)
			}
		})
	}
}

// adminRoutes are the pages of administrators of the region.
func (p *Portal) adminRoutes(r chi.Router, pages *admin.Pages) {
	r.Get(admin.Path, p.page(pages.Sources))
	r.Get(admin.OrganisationsPath, p.page(pages.Organisations))
	r.Get(admin.OrganisationsPath+"/{id}", p.page(pages.Organisation))
	r.Get(admin.AgreementsPath, p.page(pages.Agreements))
	r.Get(admin.AgreementsPath+"/{id}", p.page(pages.Agreement))
	r.Get(admin.FeedsPath+"/{id}", p.page(pages.Feed))
	r.Post(admin.FeedsPath+"/{id}/step", p.page(pages.Step))
	r.Post(admin.FeedsPath+"/{id}/suspend", p.page(pages.Suspend))
	r.Post(admin.FeedsPath+"/{id}/check", p.page(pages.RunCheck))
	for path, kind := range map[string]directory.Kind{
		admin.OrganisationsPath: directory.KindOrganisation, admin.AgreementsPath: directory.KindAgreement, admin.FeedsPath: directory.KindFeed,
	} {
		for _, at := range []string{"/new", "/{id}/edit"} {
			r.Get(path+at, p.page(pages.Form(kind)))
			r.Post(path+at, p.page(pages.Propose(kind)))
		}
	}
	r.Get(admin.ApprovalsPath, p.page(pages.Approvals))
	r.Get(admin.ApprovalsPath+"/{change}", p.page(pages.Change))
	r.Post(admin.ApprovalsPath+"/{change}/approve", p.page(pages.Approve))
	r.Post(admin.ApprovalsPath+"/{change}/refuse", p.page(pages.Refuse))
	r.Post(admin.ApprovalsPath+"/{change}/withdraw", p.page(pages.Withdraw))
	r.Post(admin.ApprovalsPath+"/{change}/rollback", p.page(pages.Rollback))
	r.Get(admin.ImportPath, p.page(pages.ImportForm))
	r.Post(admin.ImportPath, p.page(pages.Import))
	r.Get(admin.HistoryPath+"/{kind}/{id}", p.page(pages.History))
}

// adminPlaces are the links of the top bar for administrators.
func adminPlaces() []ui.Action {
	return []ui.Action{{Text: "Sources", URL: admin.Path}, {Text: "Approvals", URL: admin.ApprovalsPath}}
}

// administers reports whether the region is the user's to administer.
func (p *Portal) administers(u identity.User) bool { return p.profiles.Holds(u, admin.Right) }
