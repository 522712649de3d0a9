package account

import (
	"errors"
	"net/http"

	"ribble/internal/identity/local"
	"ribble/web/page"
	"ribble/web/ui"
)

// The addresses of signing in.
const (
	signInURL      = "/sign-in/local"
	secondURL      = "/sign-in/local/second"
	codeURL        = "/sign-in/local/code"
	recoveryURL    = "/sign-in/local/recovery"
	secondKeyURL   = "/sign-in/local/second-passkey"
	passkeyOnlyURL = "/sign-in/local/passkey"
)

// SignIn is GET /sign-in/local: the form for login name and passphrase.
func (p *Pages) SignIn(w http.ResponseWriter, r *http.Request) error {
	return p.drawSignIn(w, r, http.StatusOK, p.cfg.SafeReturn(r.URL.Query().Get("return")), "", "")
}

func (p *Pages) drawSignIn(w http.ResponseWriter, r *http.Request, status int, path, login, problem string) error {
	props := page.LocalSignInProps{
		Props: p.frame(r, "Sign in"), URL: signInURL, Fields: []ui.Field{{Name: "return", Value: path}}, Login: login, Problem: problem,
		Back: ui.Action{Text: "Sign in another way", URL: "/sign-in"},
	}
	if p.cfg.Accounts.Passkeys != nil {
		c, err := p.cfg.Accounts.Passkeys.Ask(nil, nil)
		if err != nil {
			return err
		}
		if err := p.keep(w, passkeyCookie, signIn{Return: path, Ceremony: c.State}, signInLife); err != nil {
			return err
		}
		props.Passkey = p.passkeyForm("get", passkeyOnlyURL, c.Options, "Sign in with a passkey", "Instead of the login name and passphrase.", true)
	}
	return draw(w, r, status, page.LocalSignIn(props))
}

// Passphrase is POST /sign-in/local: the first step. A right passphrase opens nothing but the second step.
func (p *Pages) Passphrase(w http.ResponseWriter, r *http.Request) error {
	if err := p.busy(r); err != nil {
		return err
	}
	login, path := r.PostFormValue("login"), p.cfg.SafeReturn(r.PostFormValue("return"))
	a, err := p.cfg.Accounts.Passphrase(r.Context(), login, r.PostFormValue("passphrase"))
	if err != nil {
		words, status, err := said(err, wordsWrong)
		if err != nil {
			return err
		}
		return p.drawSignIn(w, r, status, path, login, words)
	}
	if err := p.keep(w, signInCookie, signIn{Account: a.ID, Version: a.Version, Return: path}, signInLife); err != nil {
		return err
	}
	return redirect(w, r, secondURL)
}

// underWay gives the sign-in whose first step was passed in this browser, if its account is still as it was then.
func (p *Pages) underWay(r *http.Request) (signIn, local.Account, local.Credentials, error) {
	var s signIn
	if !p.read(r, signInCookie, &s) || s.Account == "" {
		return s, local.Account{}, local.Credentials{}, local.ErrNoAccount
	}
	a, c, err := p.cfg.Accounts.Current(r.Context(), s.Account, s.Version)
	return s, a, c, err
}

// notUnderWay begins again, or says that accounts cannot be read.
func (p *Pages) notUnderWay(w http.ResponseWriter, r *http.Request, err error) error {
	if !errors.Is(err, local.ErrNoAccount) {
		return unavailable(err)
	}
	drop(w, signInCookie)
	return p.drawSignIn(w, r, http.StatusUnprocessableEntity, "/", "", wordsLate)
}

// problems are what a page says went wrong, one of them at most, and the status that goes with it.
type problems struct {
	code, recovery, other string
	status                int
}

// Second is GET /sign-in/local/second: the page of the second step.
func (p *Pages) Second(w http.ResponseWriter, r *http.Request) error {
	s, a, c, err := p.underWay(r)
	if errors.Is(err, local.ErrNoAccount) {
		return redirect(w, r, signInURL)
	}
	if err != nil {
		return unavailable(err)
	}
	return p.drawSecond(w, r, s, a, c, problems{status: http.StatusOK})
}

func (p *Pages) drawSecond(w http.ResponseWriter, r *http.Request, s signIn, a local.Account, c local.Credentials, wrong problems) error {
	props := page.SecondStepProps{
		Props: p.frame(r, "Second step"), Name: a.Name, CodeProblem: wrong.code, RecoveryProblem: wrong.recovery, Problem: wrong.other,
		Back: ui.Action{Text: "Start again", URL: signInURL},
	}
	if c.CodesLeft > 0 {
		props.RecoveryURL = recoveryURL
	}
	for _, f := range c.Factors {
		if f.Kind == local.TOTP {
			props.CodeURL = codeURL
		} else if props.Passkey == nil && p.cfg.Accounts.Passkeys != nil {
			form, err := p.askSecond(w, s, a, c, props.CodeURL != "")
			if err != nil {
				return err
			}
			props.Passkey = form
		}
	}
	return draw(w, r, wrong.status, page.SecondStep(props))
}

func (p *Pages) askSecond(w http.ResponseWriter, s signIn, a local.Account, c local.Credentials, secondary bool) (*page.PasskeyForm, error) {
	ceremony, err := p.cfg.Accounts.Passkeys.Ask(&a, c.Factors)
	if err != nil {
		return nil, err
	}
	s.Ceremony = ceremony.State
	return p.passkeyForm("get", secondKeyURL, ceremony.Options, "Use my passkey", "Your device asks for a fingerprint, your face or a PIN.", secondary), p.keep(w, signInCookie, s, signInLife)
}

// Code is POST /sign-in/local/code: the second step by an authenticator's code.
func (p *Pages) Code(w http.ResponseWriter, r *http.Request) error {
	return p.second(w, r, func(s signIn, a local.Account, c local.Credentials) (problems, error) {
		words, status, err := said(p.cfg.Accounts.Code(r.Context(), a, c, r.PostFormValue("code")), wordsCode)
		return problems{code: words, status: status}, err
	})
}

// Recovery is POST /sign-in/local/recovery: the second step by a recovery code. It leads to the user's account, which says that one was used.
func (p *Pages) Recovery(w http.ResponseWriter, r *http.Request) error {
	return p.second(w, r, func(s signIn, a local.Account, _ local.Credentials) (problems, error) {
		words, status, err := said(p.cfg.Accounts.Recovery(r.Context(), a, r.PostFormValue("recovery")), wordsLost)
		return problems{recovery: words, status: status}, err
	})
}

// SecondPasskey is POST /sign-in/local/second-passkey: the second step by a passkey.
func (p *Pages) SecondPasskey(w http.ResponseWriter, r *http.Request) error {
	return p.second(w, r, func(s signIn, a local.Account, _ local.Credentials) (problems, error) {
		used, err := p.cfg.Accounts.Passkey(r.Context(), s.Ceremony, []byte(r.PostFormValue("answer")))
		if err == nil && used.ID != a.ID {
			err = local.ErrWrong
		}
		words, status, err := said(err, wordsKey)
		return problems{other: words, status: status}, err
	})
}

// second takes one second step, whichever it is.
func (p *Pages) second(w http.ResponseWriter, r *http.Request, try func(signIn, local.Account, local.Credentials) (problems, error)) error {
	if err := p.busy(r); err != nil {
		return err
	}
	s, a, c, err := p.underWay(r)
	if err != nil {
		return p.notUnderWay(w, r, err)
	}
	wrong, err := try(s, a, c)
	if err != nil {
		return err
	}
	if wrong.status != 0 {
		return p.drawSecond(w, r, s, a, c, wrong)
	}
	drop(w, signInCookie)
	path := s.Return
	if r.URL.Path == recoveryURL {
		path = "/account"
	}
	return p.begun(w, r, a, path)
}

// Passkey is POST /sign-in/local/passkey: a passkey that verified its user is both steps at once.
func (p *Pages) Passkey(w http.ResponseWriter, r *http.Request) error {
	if err := p.busy(r); err != nil {
		return err
	}
	var s signIn
	if !p.read(r, passkeyCookie, &s) {
		return p.drawSignIn(w, r, http.StatusUnprocessableEntity, "/", "", wordsLate)
	}
	drop(w, passkeyCookie)
	a, err := p.cfg.Accounts.Passkey(r.Context(), s.Ceremony, []byte(r.PostFormValue("answer")))
	words, status, err := said(err, wordsKey)
	if err != nil {
		return err
	}
	if status != 0 {
		return p.drawSignIn(w, r, status, s.Return, "", words)
	}
	return p.begun(w, r, a, s.Return)
}
