package portal

import (
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/go-chi/chi/v5"

	"ribble/internal/identity"
	"ribble/internal/identity/local"
	"ribble/internal/portal/account"
	"ribble/internal/portal/middleware"
	"ribble/internal/portal/users"
	"ribble/internal/sponsor"
	"ribble/web/ui"
)

// usersPages are the pages about users of local accounts; nil where there are none.
func (p *Portal) usersPages(c Config) *users.Pages {
	if c.Local == nil || c.Users.Desk == nil {
		return nil
	}
	c.Users.Frame, c.Users.Now, c.Users.Counter, c.Users.Network, c.Users.PublicURL = p.frame, c.Now, c.SignIn.Shared, account.Network, c.SignIn.PublicURL
	return users.New(c.Users)
}

// askRoutes are for whoever has no account yet.
func (p *Portal) askRoutes(r chi.Router, pages *users.Pages) {
	if pages == nil {
		return
	}
	r.Get(users.AskPath, p.page(pages.AskForm))
	r.Post(users.AskPath, p.page(pages.Ask))
	r.Get(users.AskedPath, p.page(pages.Asked))
}

// usersRoutes are for sponsors and administrators.
func (p *Portal) usersRoutes(r chi.Router, pages *users.Pages) {
	if pages == nil {
		return
	}
	r.Get(users.Path, p.page(pages.Index))
	r.Get(users.OfPath+"{ods}", p.page(pages.Of))
	r.Post(users.ConfirmPath, p.page(pages.Confirm))
	r.Get(users.AddPath, p.page(pages.AddForm))
	r.Post(users.AddPath, p.page(pages.Add))
	r.Get(users.ImportPath, p.page(pages.ImportForm))
	r.Post(users.ImportPath, p.page(pages.Import))
	r.Get(users.LeaversPath, p.page(pages.LeaversForm))
	r.Post(users.LeaversPath, p.page(pages.Leavers))
	r.Get(users.RequestPath+"{batch}", p.page(pages.Request))
	r.Post(users.RequestPath+"{batch}/vouch", p.page(pages.Vouch))
	r.Post(users.RequestPath+"{batch}/grant", p.page(pages.Grant))
	r.Post(users.RequestPath+"{batch}/refuse", p.page(pages.Refuse))
	r.Get(users.AccountPath+"{account}", p.page(pages.Account))
	r.Post(users.AccountPath+"{account}/confirm", p.page(pages.ConfirmOne))
	r.Post(users.AccountPath+"{account}/renew", p.page(pages.Renew))
	r.With(middleware.RequireRecent(freshForInvitation, p.now, p.stepUpToAccount)).Post(users.AccountPath+"{account}/invite", p.page(pages.Invite))
	r.Post(users.AccountPath+"{account}/end", p.page(pages.End))
}

// freshForInvitation is how fresh a proof of who the sponsor is must be for an invitation: whoever has one can set the account up.
const freshForInvitation = 15 * time.Minute

// stepUpToAccount asks for a fresh proof and leads back to the account's page.
func (p *Portal) stepUpToAccount(w http.ResponseWriter, r *http.Request) {
	p.stepUp(users.AccountPath+chi.URLParam(r, "account"))(w, r)
}

// vouches reports whether the user looks after users.
func (p *Portal) vouches(u identity.User) bool {
	if p.users == nil {
		return false
	}
	_, err := p.users.Desk.Scope(u)
	return err == nil
}

// busyPaths are pages that never wait for what stands in the top bar.
var busyPaths = []string{"/record", "/document", "/break-glass"}

func busyPage(r *http.Request) bool {
	for _, busy := range busyPaths {
		if strings.HasPrefix(r.URL.Path, busy) {
			return true
		}
	}
	return false
}

// usersLink is the way to the users whom somebody looks after, with how many requests wait for them.
func (p *Portal) usersLink(r *http.Request, u identity.User) ui.Action {
	link := ui.Action{Text: "Users", URL: users.Path}
	if busyPage(r) {
		return link
	}
	if n, err := p.users.Desk.Waiting(r.Context(), u); err == nil && n > 0 {
		link.Text = fmt.Sprintf("Users (%d)", n)
	}
	return link
}

// lapseLink tells the user of a local account that their access will lapse; nil when it is far off, or cannot be told.
func (p *Portal) lapseLink(r *http.Request, u identity.User) *ui.Action {
	if !u.Local() || p.accounts == nil || busyPage(r) {
		return nil
	}
	a, err := p.accounts.Store.ByID(r.Context(), u.Subject)
	if err != nil {
		return nil
	}
	w, near := sponsor.Warn(a, p.now())
	if !near {
		return nil
	}
	what := "Access ends"
	if w.Lapse == local.Unconfirmed {
		what = "To be confirmed"
	}
	return &ui.Action{Text: fmt.Sprintf("%s by %s", what, w.At.Add(-time.Second).UTC().Format("02-Jan")), URL: "/account"}
}
