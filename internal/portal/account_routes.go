package portal

import (
	"net/http"
	"time"

	"github.com/go-chi/chi/v5"

	"ribble/internal/identity"
	"ribble/internal/identity/local"
	"ribble/internal/identity/signin"
	"ribble/internal/portal/account"
	"ribble/internal/portal/middleware"
)

// localProof says how users of local accounts prove once more who they are.
func localProof(accounts *local.Accounts) signin.Local {
	if accounts == nil {
		return signin.Local{}
	}
	return signin.Local{Issuer: local.Issuer, Page: "/sign-in/local", Codes: accounts}
}

// accountRoutes holds the addresses of local accounts, where there are any.
func (p *Portal) accountRoutes(r chi.Router, c Config, s *signin.Handlers) {
	if c.Local == nil {
		return
	}
	admit := func(w http.ResponseWriter, r *http.Request, u identity.User, until time.Time) error {
		_, err := s.Admit(w, r, signin.Admission{User: u, Until: until})
		return err
	}
	pages := account.New(account.Config{
		Accounts: c.Local, Sealer: c.SignIn.Sealer, Admit: admit, SafeReturn: signin.SafeReturn, Counter: c.SignIn.Shared, Frame: p.frame, Now: c.Now,
		Session: func(r *http.Request) (identity.Session, bool) { return middleware.Session(r.Context()) },
	})
	r.Get("/sign-in/local", p.page(pages.SignIn))
	r.Post("/sign-in/local", p.page(pages.Passphrase))
	r.Post("/sign-in/local/passkey", p.page(pages.Passkey))
	r.Get("/sign-in/local/second", p.page(pages.Second))
	r.Post("/sign-in/local/code", p.page(pages.Code))
	r.Post("/sign-in/local/recovery", p.page(pages.Recovery))
	r.Post("/sign-in/local/second-passkey", p.page(pages.SecondPasskey))

	r.Get("/invitation/{token}", p.page(pages.Open))
	r.Get("/invitation", p.page(pages.Invitation))
	r.Post("/invitation/passphrase", p.page(pages.ChoosePassphrase))
	r.Get("/invitation/code.png", p.page(pages.InvitationPicture))
	r.Post("/invitation/code", p.page(pages.InvitationCode))
	r.Post("/invitation/passkey", p.page(pages.InvitationPasskey))

	r.Group(func(r chi.Router) {
		r.Use(p.requireUser)
		r.Get("/account", p.page(pages.Account))
		r.Post("/account/passkey", p.page(pages.AddPasskey))
		r.Get("/account/authenticator", p.page(pages.Authenticator))
		r.Get("/account/authenticator/code.png", p.page(pages.AuthenticatorPicture))
		r.Post("/account/authenticator", p.page(pages.AddAuthenticator))
		r.Post("/account/remove", p.page(pages.Remove))
		r.Post("/account/recovery-codes", p.page(pages.NewCodes))
		r.Get("/account/recovery-codes", p.page(pages.Codes))
		r.Get("/account/passphrase", p.page(pages.PassphraseForm))
		r.Post("/account/passphrase", p.page(pages.ChangePassphrase))
	})
}
