package launch

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"time"

	"ribble/internal/identity"
)

const (
	// SmartPath is the launch URL that is registered with the other system.
	SmartPath = "/launch/smart"
	// CallbackPath is the redirect URL.
	CallbackPath = "/launch/smart/callback"

	// The __Host- prefix makes a browser refuse the cookie unless it is Secure, for this exact host and for every path.
	smartCookie = "__Host-ribble-launch"
	smartLife   = 5 * time.Minute
	// maxLaunch bounds the launch value and the code, which only go back to where they came from.
	maxLaunch = 2 << 10
	// scopes are no more than is needed to know who asks and about whom.
	scopes = "launch openid fhirUser patient/Patient.r user/Practitioner.r user/PractitionerRole.r"
)

// smartState is one SMART launch under way. It lives in a sealed cookie, so any replica can take up the answer, and the answer is of
// use only in the browser that began.
type smartState struct {
	Issuer   string `json:"i"`
	State    string `json:"s"`
	Nonce    string `json:"n"`
	Verifier string `json:"v"`
}

// Smart is GET /launch/smart: the other system opens Ribble with "iss" and "launch" (SMART App Launch 2.2, 2.0.8.1). It only sends the
// browser on to the system's own authorization server; nobody is let in by it.
func (h *Handlers) Smart(w http.ResponseWriter, r *http.Request) {
	l, launch, err := h.smartLauncher(r)
	if err != nil {
		h.refuse(w, r, Opening{}, err)
		return
	}
	known := Opening{User: identity.User{Issuer: l.Issuer}}
	server, err := l.discover(r.Context(), h.cfg.Now())
	if err != nil {
		h.refuse(w, r, known, err)
		return
	}
	s := smartState{Issuer: l.Issuer, State: random(), Nonce: random(), Verifier: random()}
	if err := h.keep(w, s); err != nil {
		h.refuse(w, r, known, refused(reasonState, "the state could not be kept"))
		return
	}
	http.Redirect(w, r, h.authorizeURL(l, server, s, launch), http.StatusFound)
}

// smartLauncher finds the launcher of an allowed issuer. The FHIR base may be written with or without a slash at its end.
func (h *Handlers) smartLauncher(r *http.Request) (*launcher, string, error) {
	q := r.URL.Query()
	iss, launch := q["iss"], q["launch"]
	if len(iss) != 1 || len(launch) != 1 || launch[0] == "" || len(launch[0]) > maxLaunch {
		return nil, "", refused(reasonForm, "the launch does not hold one iss and one launch")
	}
	if dest := r.Header.Get("Sec-Fetch-Dest"); dest != "" && dest != "document" {
		return nil, "", refused(reasonForm, "the launch was opened in a frame or by a script")
	}
	l := h.smart[strings.TrimSuffix(iss[0], "/")]
	if l == nil {
		return nil, "", refused(reasonIssuer, "no such issuer may launch")
	}
	return l, launch[0], nil
}

func (h *Handlers) authorizeURL(l *launcher, server server, s smartState, launch string) string {
	sum := sha256.Sum256([]byte(s.Verifier))
	values := url.Values{
		"response_type": {"code"}, "client_id": {l.Smart.ClientID}, "redirect_uri": {h.cfg.PublicURL + CallbackPath}, "scope": {scopes},
		"state": {s.State}, "nonce": {s.Nonce}, "aud": {l.Issuer}, "launch": {launch},
		"code_challenge": {base64.RawURLEncoding.EncodeToString(sum[:])}, "code_challenge_method": {"S256"},
	}
	separator := "?"
	if strings.Contains(server.Authorization, "?") {
		separator = "&"
	}
	return server.Authorization + separator + values.Encode()
}

// random is 256 bits as text, which also has the form of a PKCE verifier (RFC 7636, 4.1).
func random() string {
	b := make([]byte, 32)
	_, _ = rand.Read(b) // never fails: crypto/rand ends the process rather than return weak bytes
	return base64.RawURLEncoding.EncodeToString(b)
}

func (h *Handlers) keep(w http.ResponseWriter, s smartState) error {
	raw, err := json.Marshal(s)
	if err != nil {
		return err
	}
	setCookie(w, h.cfg.Sealer.Seal(smartCookie, raw, h.cfg.Now().Add(smartLife)), 0)
	return nil
}

// setCookie is Lax and not Strict: the browser comes back from another site and must be known when it does.
func setCookie(w http.ResponseWriter, value string, age int) {
	http.SetCookie(w, &http.Cookie{Name: smartCookie, Value: value, Path: "/", Secure: true, HttpOnly: true, SameSite: http.SameSiteLaxMode, MaxAge: age})
}

// taken reads the state and drops its cookie: whatever comes of it, it is used once in this browser.
func (h *Handlers) taken(w http.ResponseWriter, r *http.Request) (smartState, bool) {
	setCookie(w, "", -1)
	cookies := r.CookiesNamed(smartCookie)
	if len(cookies) != 1 {
		return smartState{}, false
	}
	raw, err := h.cfg.Sealer.Open(smartCookie, cookies[0].Value, h.cfg.Now())
	var s smartState
	return s, err == nil && json.Unmarshal(raw, &s) == nil
}

// SmartCallback is GET /launch/smart/callback: the browser comes back from the other system with a code.
func (h *Handlers) SmartCallback(w http.ResponseWriter, r *http.Request) {
	s, ok := h.taken(w, r)
	l := h.smart[s.Issuer]
	if !ok || l == nil {
		h.refuse(w, r, Opening{}, refused(reasonState, "no launch is under way in this browser"))
		return
	}
	o, err := h.smartOpening(r, l, s)
	if err != nil {
		h.refuse(w, r, o, err)
		return
	}
	h.enter(w, r, o)
}

func (h *Handlers) smartOpening(r *http.Request, l *launcher, s smartState) (Opening, error) {
	known := Opening{User: identity.User{Issuer: l.Issuer}}
	q := r.URL.Query()
	if subtle.ConstantTimeCompare([]byte(q.Get("state")), []byte(s.State)) != 1 || q.Has("iss") && q.Get("iss") != l.openIDIssuer() {
		return known, refused(reasonState, "the answer is not to this browser's question")
	}
	code := q.Get("code")
	if q.Has("error") || code == "" || len(code) > maxLaunch {
		return known, refused(reasonProvider, "an error in place of a code")
	}
	server, err := l.discover(r.Context(), h.cfg.Now())
	if err != nil {
		return known, err
	}
	got, err := h.exchange(r.Context(), l, server, s, code)
	if err != nil {
		return known, err
	}
	who, err := h.idToken(r.Context(), l, s, got.IDToken)
	if err != nil {
		return known, err
	}
	return l.read(r.Context(), got, who)
}
