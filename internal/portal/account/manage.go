package account

import (
	"errors"
	"fmt"
	"net/http"
	"time"

	"ribble/internal/fault"
	"ribble/internal/identity"
	"ribble/internal/identity/local"
	"ribble/web/page"
	"ribble/web/ui"
)

// The addresses of the user's own account.
const (
	accountURL       = "/account"
	codesURL         = "/account/recovery-codes"
	authenticatorURL = "/account/authenticator"
	passphraseURL    = "/account/passphrase"
)

// recent is how long ago the user may have proved who they are when they change how they do so.
const recent = 10 * time.Minute

// mine is the account of the session; a user of another provider has none here.
func (p *Pages) mine(r *http.Request) (identity.Session, local.Account, local.Credentials, error) {
	s, ok := p.cfg.Session(r)
	if !ok || s.User.Issuer != local.Issuer {
		return s, local.Account{}, local.Credentials{}, fault.New(fault.NotFound, "This page is for users with an account of Ribble’s own. Yours is looked after where you sign in.")
	}
	a, err := p.cfg.Accounts.Store.ByID(r.Context(), s.User.Subject)
	if err != nil {
		return s, a, local.Credentials{}, unavailable(err)
	}
	c, err := p.cfg.Accounts.Store.Credentials(r.Context(), a.ID)
	if err != nil {
		return s, a, c, unavailable(err)
	}
	return s, a, c, nil
}

// change wraps a page that changes how the user signs in: it asks them to sign in again unless they did so minutes ago.
func (p *Pages) change(w http.ResponseWriter, r *http.Request, do func(identity.Session, local.Account, local.Credentials) error) error {
	s, a, c, err := p.mine(r)
	if err != nil {
		return err
	}
	if !identity.RecentlyAuthenticated(s, recent, p.cfg.Now()) {
		return redirect(w, r, signInURL+"?return="+accountURL)
	}
	return do(s, a, c)
}

// Account is GET /account: the user's own account.
func (p *Pages) Account(w http.ResponseWriter, r *http.Request) error {
	s, a, c, err := p.mine(r)
	if err != nil {
		return err
	}
	return p.drawAccount(w, r, s, a, c, "")
}

// drawAccount draws the account's page; with a problem, it answers what could not be done.
func (p *Pages) drawAccount(w http.ResponseWriter, r *http.Request, s identity.Session, a local.Account, c local.Credentials, problem string) error {
	props := page.AccountProps{
		Props: p.frame(r, "Your account"), Notices: append(p.lapse(a), p.notices(s, c, problem)...), Facts: facts(a), Factors: rows(c.Factors),
		Codes:            fmt.Sprintf("%d of %d recovery codes left.", c.CodesLeft, local.NumCodes),
		AddAuthenticator: ui.Action{Text: "Add an authenticator app", URL: authenticatorURL},
		NewCodes:         ui.Action{Text: "Make new recovery codes", URL: codesURL, Post: true},
		ChangePassphrase: ui.Action{Text: "Change my passphrase", URL: passphraseURL},
	}
	if p.cfg.Accounts.Passkeys != nil && identity.RecentlyAuthenticated(s, recent, p.cfg.Now()) {
		ceremony, err := p.cfg.Accounts.Passkeys.Enrol(a, c.Factors)
		if err != nil {
			return err
		}
		if err := p.keep(w, factorCookie, adding{Session: s.ID, Ceremony: ceremony.State}, factorLife); err != nil {
			return err
		}
		props.Passkey = p.passkeyForm("create", accountURL+"/passkey", ceremony.Options, "Add a passkey", "This device’s fingerprint, face or PIN, or a security key.", true)
	}
	status := http.StatusOK
	if problem != "" {
		status = http.StatusUnprocessableEntity
	}
	return draw(w, r, status, page.Account(props))
}

// warnWithin is how long before a lapse its user is told.
const warnWithin = 30 * 24 * time.Hour

// lapse tells the user when the account will lapse, and what to do.
func (p *Pages) lapse(a local.Account) []ui.NoteProps {
	var notes []ui.NoteProps
	now := p.cfg.Now()
	if a.Expires.Sub(now) <= warnWithin {
		notes = append(notes, ui.NoteProps{Kind: ui.NoteCare, Icon: ui.IconClock, Lead: "Your access ends after " + lastDay(a.Expires) + ".", Text: "Do the training in information governance again, and ask your sponsor to renew your account."})
	}
	if a.ConfirmedUntil.Sub(now) <= warnWithin {
		notes = append(notes, ui.NoteProps{Kind: ui.NoteCare, Icon: ui.IconClock, Lead: "Your sponsor must confirm by " + lastDay(a.ConfirmedUntil) + " that you still need your account.", Text: "If they do not, it is suspended until they do. You lose nothing else."})
	}
	return notes
}

// notices tell of what the user must know: a recovery code that was used since the session before this one, few codes, a problem.
func (p *Pages) notices(s identity.Session, c local.Credentials, problem string) []ui.NoteProps {
	var notes []ui.NoteProps
	if problem != "" {
		notes = append(notes, ui.NoteProps{Kind: ui.NoteLoud, Text: problem, Alert: true})
	}
	if !c.CodeUsed.IsZero() && p.cfg.Now().Sub(c.CodeUsed) < 30*24*time.Hour {
		notes = append(notes, ui.NoteProps{Kind: ui.NoteCare, Lead: "A recovery code was used on " + moment(c.CodeUsed) + ".",
			Text: "If that was not you, change your passphrase, make new recovery codes, and tell whoever manages Ribble accounts at your organisation. If you have lost a phone or passkey, add its replacement and remove the lost one."})
	}
	if c.CodesLeft < 3 {
		notes = append(notes, ui.NoteProps{Kind: ui.NoteCare, Lead: "Few recovery codes are left.", Text: "Make new ones while you can."})
	}
	return notes
}

func moment(t time.Time) string { return t.In(london).Format("02-Jan-2006 15:04") }

// london is the time of the whole country's records.
var london = func() *time.Location {
	l, err := time.LoadLocation("Europe/London")
	if err != nil {
		return time.UTC
	}
	return l
}()

func rows(factors []local.Factor) []page.FactorRow {
	out := make([]page.FactorRow, len(factors))
	for i, f := range factors {
		out[i] = page.FactorRow{Name: f.Name, Added: moment(f.Created), Used: "not yet"}
		if !f.Used.IsZero() {
			out[i].Used = moment(f.Used)
		}
		if len(factors) > 1 {
			out[i].Remove = &ui.Action{Text: "Remove", Hidden: f.Name + " added " + out[i].Added, URL: accountURL + "/remove", Post: true, Fields: []ui.Field{{Name: "factor", Value: f.ID}}}
		}
	}
	return out
}

// AddPasskey is POST /account/passkey.
func (p *Pages) AddPasskey(w http.ResponseWriter, r *http.Request) error {
	return p.change(w, r, func(s identity.Session, a local.Account, c local.Credentials) error {
		var under adding
		if !p.read(r, factorCookie, &under) || under.Session != s.ID {
			return p.drawAccount(w, r, s, a, c, wordsLate)
		}
		f, err := p.newPasskey(r, under.Ceremony, a, c.Factors)
		if errors.Is(err, local.ErrWrong) {
			return p.drawAccount(w, r, s, a, c, wordsKey)
		}
		return p.added(w, r, s.User, f, err)
	})
}

// Authenticator is GET /account/authenticator: a fresh secret for one more authenticator app.
func (p *Pages) Authenticator(w http.ResponseWriter, r *http.Request) error {
	return p.change(w, r, func(s identity.Session, _ local.Account, _ local.Credentials) error {
		under := adding{Session: s.ID, Secret: local.NewSecret()}
		if err := p.keep(w, factorCookie, under, factorLife); err != nil {
			return err
		}
		return p.drawAuthenticator(w, r, http.StatusOK, under, "")
	})
}

func (p *Pages) drawAuthenticator(w http.ResponseWriter, r *http.Request, status int, under adding, problem string) error {
	return draw(w, r, status, page.NewAuthenticator(page.FirstFactorProps{
		Props: p.frame(r, "Add an authenticator app"), Picture: authenticatorURL + "/code.png", Secret: local.Grouped(under.Secret), URL: authenticatorURL,
		CodeProblem: problem, Back: &ui.Action{Text: "Back to your account", URL: accountURL},
	}))
}

// AuthenticatorPicture is GET /account/authenticator/code.png.
func (p *Pages) AuthenticatorPicture(w http.ResponseWriter, r *http.Request) error {
	return p.change(w, r, func(s identity.Session, a local.Account, _ local.Credentials) error {
		var under adding
		if !p.read(r, factorCookie, &under) || under.Session != s.ID || under.Secret == "" {
			return fault.New(fault.NotFound, wordsLate)
		}
		return picture(w, under.Secret, a.Login)
	})
}

// AddAuthenticator is POST /account/authenticator.
func (p *Pages) AddAuthenticator(w http.ResponseWriter, r *http.Request) error {
	return p.change(w, r, func(s identity.Session, a local.Account, c local.Credentials) error {
		var under adding
		if !p.read(r, factorCookie, &under) || under.Session != s.ID || under.Secret == "" {
			return p.drawAccount(w, r, s, a, c, wordsLate)
		}
		f, err := p.cfg.Accounts.NewTOTP(a.ID, under.Secret, r.PostFormValue("code"))
		if errors.Is(err, local.ErrWrong) {
			return p.drawAuthenticator(w, r, http.StatusUnprocessableEntity, under, wordsCode)
		}
		return p.added(w, r, s.User, f, err)
	})
}

func (p *Pages) added(w http.ResponseWriter, r *http.Request, u identity.User, f local.Factor, err error) error {
	if err == nil {
		err = p.cfg.Accounts.AddFactor(r.Context(), u, f)
	}
	if err != nil {
		return unavailable(err)
	}
	drop(w, factorCookie)
	return redirect(w, r, accountURL)
}

// Remove is POST /account/remove: it takes a second factor away, but never the last one.
func (p *Pages) Remove(w http.ResponseWriter, r *http.Request) error {
	return p.change(w, r, func(s identity.Session, a local.Account, c local.Credentials) error {
		err := p.cfg.Accounts.RemoveFactor(r.Context(), s.User, r.PostFormValue("factor"))
		switch {
		case errors.Is(err, local.ErrLastFactor):
			return p.drawAccount(w, r, s, a, c, "This is the only one: add another before removing it.")
		case errors.Is(err, local.ErrNoAccount):
			return redirect(w, r, accountURL)
		case err != nil:
			return unavailable(err)
		}
		return redirect(w, r, accountURL)
	})
}

// NewCodes is POST /account/recovery-codes.
func (p *Pages) NewCodes(w http.ResponseWriter, r *http.Request) error {
	return p.change(w, r, func(s identity.Session, a local.Account, _ local.Credentials) error {
		codes, err := p.cfg.Accounts.ReplaceCodes(r.Context(), s.User)
		if err != nil {
			return unavailable(err)
		}
		if err := p.keep(w, codesCookie, adding{Session: a.ID, Codes: codes}, codesLife); err != nil {
			return err
		}
		return redirect(w, r, codesURL)
	})
}

// Codes is GET /account/recovery-codes: it shows new codes, this once.
func (p *Pages) Codes(w http.ResponseWriter, r *http.Request) error {
	_, a, _, err := p.mine(r)
	if err != nil {
		return err
	}
	var under adding
	if !p.read(r, codesCookie, &under) || under.Session != a.ID || len(under.Codes) == 0 {
		return redirect(w, r, accountURL)
	}
	drop(w, codesCookie)
	return draw(w, r, http.StatusOK, page.RecoveryCodes(page.RecoveryCodesProps{
		Props: p.frame(r, "Your recovery codes"), Codes: under.Codes, Next: ui.Action{Text: "I have written them down", URL: "/"},
	}))
}

// PassphraseForm is GET /account/passphrase.
func (p *Pages) PassphraseForm(w http.ResponseWriter, r *http.Request) error {
	return p.change(w, r, func(_ identity.Session, a local.Account, _ local.Credentials) error {
		return p.drawPassphrase(w, r, http.StatusOK, a, "", "")
	})
}

func (p *Pages) drawPassphrase(w http.ResponseWriter, r *http.Request, status int, a local.Account, present string, problem local.Problem) error {
	return draw(w, r, status, page.ChangePassphrase(page.PassphraseProps{
		Props: p.frame(r, "Change your passphrase"), URL: passphraseURL, Login: a.Login, Change: true, PresentProblem: present, Problem: string(problem),
	}))
}

// ChangePassphrase is POST /account/passphrase. It ends every session of the account, and begins a new one here.
func (p *Pages) ChangePassphrase(w http.ResponseWriter, r *http.Request) error {
	return p.change(w, r, func(s identity.Session, a local.Account, _ local.Credentials) error {
		next := r.PostFormValue("passphrase")
		if problem := a.Check(next, r.PostFormValue("again")); problem != "" {
			return p.drawPassphrase(w, r, http.StatusUnprocessableEntity, a, "", problem)
		}
		if err := p.cfg.Accounts.ChangePassphrase(r.Context(), s.User, r.PostFormValue("present"), next); err != nil {
			words, status, err := said(err, "That is not your present passphrase.")
			if err != nil {
				return err
			}
			return p.drawPassphrase(w, r, status, a, words, "")
		}
		return p.begun(w, r, a, accountURL)
	})
}
