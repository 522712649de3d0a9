// Package account is what users with an account of Ribble's own see of it: signing in, accepting an invitation, and their second factors.
package account

import (
	"bytes"
	"errors"

	"net"
	"net/http"
	"net/netip"
	"time"

	"github.com/a-h/templ"

	"ribble/internal/fault"
	"ribble/internal/identity"
	"ribble/internal/identity/local"
	"ribble/internal/seal"
	"ribble/web/layout"
	"ribble/web/page"
	"ribble/web/ui"
)

// Config is what these pages need of the rest of the program.
type Config struct {
	Accounts *local.Accounts
	// Sealer seals the cookies of what is under way.
	Sealer *seal.Sealer
	// Admit is the one door to a session (signin.Handlers.Admit).
	Admit func(w http.ResponseWriter, r *http.Request, u identity.User, until time.Time) error
	// Session gives the open session of a request; false for nobody.
	Session func(r *http.Request) (identity.Session, bool)
	// SafeReturn gives a path of this site, or "/".
	SafeReturn func(path string) string
	// Counter counts attempts by address, across replicas.
	Counter identity.Counter
	// Frame is the frame of a page.
	Frame func(*http.Request) layout.Props
	Now   func() time.Time
}

// Pages serves /sign-in/local, /invitation and /account, and all below them.
type Pages struct{ cfg Config }

// New makes the pages.
func New(c Config) *Pages { return &Pages{cfg: c} }

// Attempts of all kinds that one address may make: a care home behind one address signs in a dozen people at the change of a shift.
const (
	addressWindow = 10 * time.Minute
	addressLimit  = 100
)

const (
	wordsWrong = "That is not right. Check the login name and the passphrase, and try again."
	wordsMany  = "There have been too many failed attempts for this login name. Wait until tomorrow, sign in with a passkey, or ask whoever manages Ribble accounts at your organisation for a new invitation."
	wordsCode  = "That code is not right, or was used already. Wait until the app shows the next one, and check that the phone’s clock is set by itself."
	wordsKey   = "That passkey could not be used. Try again, or use another way."
	wordsLost  = "That recovery code is not right, or was used already."
	wordsOver  = "Your access has expired. Ask the sponsor of your organisation to have it renewed: you keep your passphrase and your second step."
	wordsWaits = "Your account is suspended, because nobody at your organisation has confirmed this quarter that you still need it. Ask the sponsor of your organisation to confirm you: your account then works again at once."
	wordsLate  = "That took too long, or was begun elsewhere. Start again."
)

// busy refuses an address that has tried very often, before anything costs work.
func (p *Pages) busy(r *http.Request) error {
	counts, err := p.cfg.Counter.Count(r.Context(), p.cfg.Now(), identity.Counted{Kind: "local-address", Key: Network(r), Window: addressWindow})
	if err != nil {
		return unavailable(err)
	}
	if counts[0] > addressLimit {
		return fault.New(fault.TooMany, "There have been very many attempts to sign in from your network. Wait ten minutes and try again.")
	}
	return nil
}

// Network is what one attacker can be taken to own of the address of a request: the address itself, or its /64 in IPv6.
func Network(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		host = r.RemoteAddr
	}
	addr, err := netip.ParseAddr(host)
	if err != nil {
		return host
	}
	addr = addr.Unmap().WithZone("")
	if addr.Is4() {
		return addr.String()
	}
	return netip.PrefixFrom(addr, 64).Masked().String()
}

func unavailable(err error) error {
	return fault.Wrap(fault.Unavailable, "Signing in is not possible at present. Try again in a minute.", err)
}

// said is what a user is told about a failure, with its status: nothing and zero when there was none. Other errors are not about what the user did.
func said(err error, wrong string) (string, int, error) {
	switch {
	case err == nil:
		return "", 0, nil
	case errors.Is(err, local.ErrTooMany):
		return wordsMany, http.StatusTooManyRequests, nil
	case errors.Is(err, local.ErrExpired):
		return wordsOver, http.StatusForbidden, nil
	case errors.Is(err, local.ErrUnconfirmed):
		return wordsWaits, http.StatusForbidden, nil
	case errors.Is(err, local.ErrWrong):
		return wrong, http.StatusUnprocessableEntity, nil
	}
	return "", 0, unavailable(err)
}

func (p *Pages) frame(r *http.Request, title string) layout.Props {
	props := p.cfg.Frame(r)
	props.Title = title
	return props
}

func draw(w http.ResponseWriter, r *http.Request, status int, c templ.Component) error {
	var b bytes.Buffer
	if err := c.Render(r.Context(), &b); err != nil {
		return err
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_, err := w.Write(b.Bytes())
	return err
}

func redirect(w http.ResponseWriter, r *http.Request, path string) error {
	http.Redirect(w, r, path, http.StatusSeeOther)
	return nil
}

// passkeyForm is a form that asks for a passkey; nil where the site has none.
func (p *Pages) passkeyForm(do, url, options, text, hint string, secondary bool) *page.PasskeyForm {
	return &page.PasskeyForm{URL: url, Do: do, Options: options, Host: p.cfg.Accounts.Passkeys.Host, Text: text, Hint: hint, Secondary: secondary}
}

// picture writes the picture of a secret. No cache may keep it: the headers of every answer say so.
func picture(w http.ResponseWriter, secret, login string) error {
	png, err := local.QR(secret, login)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "image/png")
	_, err = w.Write(png)
	return err
}

// begun makes the session of an account whose user has passed both steps.
func (p *Pages) begun(w http.ResponseWriter, r *http.Request, a local.Account, path string) error {
	u, ok := a.User(p.cfg.Now())
	if !ok {
		return fault.New(fault.Denied, "Your account has no role that may use Ribble. Ask whoever manages Ribble accounts at your organisation.")
	}
	if err := p.cfg.Admit(w, r, u, a.Lapses()); err != nil {
		return unavailable(err)
	}
	return redirect(w, r, path)
}

func facts(a local.Account) []ui.Pair {
	return []ui.Pair{
		{Key: "Name", Value: a.Name}, {Key: "Login name", Value: a.Login}, {Key: "Role", Value: local.Roles[a.Role].Name}, {Key: "Organisation", Value: a.Organisation.Name + " (" + a.Organisation.ODS + ")"},
		{Key: "Last day of access", Value: lastDay(a.Expires)}}
}

// lastDay is the day that ends at a moment; days are those of UTC.
func lastDay(ends time.Time) string { return ends.Add(-time.Second).UTC().Format("02-Jan-2006") }
