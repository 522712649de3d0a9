package signin

import (
	"bytes"
	"compress/flate"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"time"

	"ribble/internal/identity"
)

// The cookies. The __Host- prefix makes a browser refuse them unless they are Secure, for this exact host and for every
// path, so no sibling host can plant one. Browsers count http://127.0.0.1 as secure for this purpose.
const (
	sessionCookie     = "__Host-ribble-session"
	transactionCookie = "__Host-ribble-login"
	pendingCookie     = "__Host-ribble-role"
	// lockCookie means nothing: it changes with each lock.
	lockCookie = "__Host-ribble-lock"

	transactionLife = 10 * time.Minute
	pendingLife     = 5 * time.Minute
	// maxCookie keeps one cookie, name and attributes included, under the 4096 bytes that every browser takes.
	maxCookie = 3800
	// maxPending bounds what is unpacked from the role cookie.
	maxPending = 64 << 10
)

var errTooMuch = errors.New("too much for a cookie")

// SessionToken reads the session token of a request. It is false when there is none, a malformed one, or more than one: a
// second cookie of the name is never an honest one.
func SessionToken(r *http.Request) (identity.Token, bool) {
	value, ok := only(r, sessionCookie)
	if !ok {
		return identity.Token{}, false
	}
	return identity.ParseToken(value)
}

func only(r *http.Request, name string) (string, bool) {
	cookies := r.CookiesNamed(name)
	if len(cookies) != 1 {
		return "", false
	}
	return cookies[0].Value, true
}

// setCookie sets a cookie until the browser closes. Lax and not Strict: the browser comes back from the provider, which is
// another site, and must be known when it does.
func setCookie(w http.ResponseWriter, name, value string) {
	http.SetCookie(w, &http.Cookie{Name: name, Value: value, Path: "/", Secure: true, HttpOnly: true, SameSite: http.SameSiteLaxMode})
}

// dropCookie overwrites the cookie and lets it expire. The change also keeps browsers from bringing a page of the ended
// session back from their back-forward cache.
func dropCookie(w http.ResponseWriter, name string) {
	http.SetCookie(w, &http.Cookie{Name: name, Value: "", Path: "/", Secure: true, HttpOnly: true, SameSite: http.SameSiteLaxMode, MaxAge: -1})
}

// transaction is one sign-in under way. It lives in a sealed cookie, so any replica can take up the answer, and the answer
// is of use only in the browser that began.
type transaction struct {
	Provider string `json:"p"`
	// Purpose is what the proof is for; Session is the session to be unlocked or stepped up, empty for a new one.
	Purpose  purpose `json:"u,omitempty"`
	Session  string  `json:"i,omitempty"`
	State    string  `json:"s"`
	Nonce    string  `json:"n"`
	Verifier string  `json:"v"`
	Return   string  `json:"r"`
}

// purpose is what a user proves who they are for.
type purpose string

const (
	toSignIn purpose = ""
	toUnlock purpose = "unlock"
	toStepUp purpose = "step-up"
)

func newTransaction(provider, path string) transaction {
	return transaction{Provider: provider, State: random(), Nonce: random(), Verifier: random(), Return: SafeReturn(path)}
}

// random is 256 bits as text, which also has the form of a PKCE verifier (RFC 7636, 4.1).
func random() string {
	b := make([]byte, 32)
	_, _ = rand.Read(b) // never fails: crypto/rand ends the process rather than return weak bytes
	return base64.RawURLEncoding.EncodeToString(b)
}

func (h *Handlers) keepTransaction(w http.ResponseWriter, t transaction) error {
	raw, err := json.Marshal(t)
	if err != nil {
		return err
	}
	return h.keep(w, transactionCookie, raw, transactionLife)
}

func (h *Handlers) keep(w http.ResponseWriter, name string, payload []byte, life time.Duration) error {
	value := h.cfg.Sealer.Seal(name, payload, h.cfg.Now().Add(life))
	if len(value) > maxCookie {
		return errTooMuch
	}
	setCookie(w, name, value)
	return nil
}

// takeTransaction reads the transaction and drops its cookie: whatever comes of it, it is used once in this browser.
func (h *Handlers) takeTransaction(w http.ResponseWriter, r *http.Request) (transaction, bool) {
	dropCookie(w, transactionCookie)
	var t transaction
	return t, h.unseal(r, transactionCookie, func(raw []byte) error { return json.Unmarshal(raw, &t) })
}

func (h *Handlers) unseal(r *http.Request, name string, read func([]byte) error) bool {
	value, ok := only(r, name)
	if !ok {
		return false
	}
	raw, err := h.cfg.Sealer.Open(name, value, h.cfg.Now())
	return err == nil && read(raw) == nil
}

// pending is a user who is known and must still choose a role. It lives in a sealed cookie; nothing but the choice of one
// of these roles can be done with it.
type pending struct {
	User   identity.User `json:"u"`
	SID    string        `json:"i"`
	Return string        `json:"r"`
	Roles  []profile     `json:"p"`
}

// keepPending packs the roles, because a few dozen of them with their activities would not fit into a cookie.
func (h *Handlers) keepPending(w http.ResponseWriter, p pending) error {
	raw, err := json.Marshal(p)
	if err != nil {
		return err
	}
	var packed bytes.Buffer
	z, err := flate.NewWriter(&packed, flate.BestCompression)
	if err != nil {
		return err
	}
	if _, err := z.Write(raw); err != nil {
		return err
	}
	if err := z.Close(); err != nil {
		return err
	}
	return h.keep(w, pendingCookie, packed.Bytes(), pendingLife)
}

func (h *Handlers) readPending(r *http.Request) (pending, bool) {
	var p pending
	return p, h.unseal(r, pendingCookie, func(packed []byte) error {
		raw, err := io.ReadAll(io.LimitReader(flate.NewReader(bytes.NewReader(packed)), maxPending))
		if err != nil {
			return err
		}
		return json.Unmarshal(raw, &p)
	})
}
