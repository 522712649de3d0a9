package account

import (
	"encoding/json"
	"errors"
	"net/http"
	"time"
)

// The cookies of what is under way. Each is sealed, so that any replica can go on and the browser can change nothing, and lives minutes.
const (
	// signInCookie: the passphrase was right, the second step is still to come. It opens nothing by itself.
	signInCookie = "__Host-ribble-local"
	// passkeyCookie: a passkey was asked for without a passphrase.
	passkeyCookie = "__Host-ribble-passkey"
	// invitationCookie: an invitation is being accepted.
	invitationCookie = "__Host-ribble-invitation"
	// factorCookie: a signed-in user is adding a second factor.
	factorCookie = "__Host-ribble-factor"
	// codesCookie: new recovery codes on their way to the page that shows them.
	codesCookie = "__Host-ribble-codes"

	signInLife     = 5 * time.Minute
	invitationLife = 30 * time.Minute
	factorLife     = 10 * time.Minute
	codesLife      = 2 * time.Minute
	// maxCookie keeps one cookie, name and attributes included, under the 4096 bytes that every browser takes.
	maxCookie = 3800
)

var errTooMuch = errors.New("too much for a cookie")

// signIn is a sign-in whose passphrase was right.
type signIn struct {
	Account string `json:"a,omitempty"`
	Version int    `json:"v,omitempty"`
	Return  string `json:"r,omitempty"`
	// Ceremony is the passkey ceremony under way, if any.
	Ceremony []byte `json:"c,omitempty"`
}

// accepting is an invitation that is being accepted: nothing of it is in the database before it is complete.
type accepting struct {
	// Token is the invitation's; Hash that of the chosen passphrase; Secret that of the authenticator app to be confirmed.
	Token    string `json:"t"`
	Hash     string `json:"h,omitempty"`
	Secret   string `json:"s,omitempty"`
	Ceremony []byte `json:"c,omitempty"`
}

// adding is a second factor that a signed-in user is adding, or codes that are to be shown. It is of use in that session only.
type adding struct {
	Session  string   `json:"i"`
	Secret   string   `json:"s,omitempty"`
	Ceremony []byte   `json:"c,omitempty"`
	Codes    []string `json:"k,omitempty"`
}

func (p *Pages) keep(w http.ResponseWriter, name string, value any, life time.Duration) error {
	raw, err := json.Marshal(value)
	if err != nil {
		return err
	}
	sealed := p.cfg.Sealer.Seal(name, raw, p.cfg.Now().Add(life))
	if len(sealed) > maxCookie {
		return errTooMuch
	}
	// Lax and not Strict: an invitation is followed from an e-mail, which is another site.
	http.SetCookie(w, &http.Cookie{Name: name, Value: sealed, Path: "/", Secure: true, HttpOnly: true, SameSite: http.SameSiteLaxMode})
	return nil
}

// read opens a cookie into value. It is false when there is none, a bad one, or more than one: a second cookie of the name is never an honest one.
func (p *Pages) read(r *http.Request, name string, value any) bool {
	cookies := r.CookiesNamed(name)
	if len(cookies) != 1 {
		return false
	}
	raw, err := p.cfg.Sealer.Open(name, cookies[0].Value, p.cfg.Now())
	return err == nil && json.Unmarshal(raw, value) == nil
}

func drop(w http.ResponseWriter, name string) {
	http.SetCookie(w, &http.Cookie{Name: name, Path: "/", Secure: true, HttpOnly: true, SameSite: http.SameSiteLaxMode, MaxAge: -1})
}
