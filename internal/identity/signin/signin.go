// Package signin brings a user in: the OpenID Connect code flow, the choice of one role, and the session that follows.
//
// The flow is OpenID Connect Core 1.0 with PKCE (RFC 7636, S256), state, nonce and private_key_jwt (RFC 7523), as NHS Care
// Identity Service 2 asks for it. Tokens are only ever read here; the package has no way to accept an unsigned one.
package signin

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"ribble/internal/identity"
	"ribble/internal/seal"
)

// ProviderConfig is one OpenID Connect provider that users may sign in with.
type ProviderConfig struct {
	// ID stands in URLs; Name is shown to users.
	ID, Name string
	// Issuer must equal the "iss" of each token, character by character.
	Issuer, ClientID string
	// Key signs our client assertions; KeyID names it to the provider; KeyAlgorithm is RS256, RS512, PS256 or ES256.
	Key                 crypto.Signer
	KeyID, KeyAlgorithm string
	// Scopes are asked for besides "openid".
	Scopes []string
	// ACR is asked for; MinimumLevel (1 to 3) is what the token itself must prove.
	ACR          []string
	MinimumLevel int
	// Algorithms are those an ID token may be signed with: asymmetric ones only.
	Algorithms []string
	// Roots pins the provider's authority; nil means the system's.
	Roots *x509.CertPool
	// Origins are further origins ("https://host") that the provider sends the browser on to when it signs a user in.
	Origins []string
}

// Pages draws the pages of signing in, so that this package knows no template. Each writes the whole response with the
// status given.
type Pages struct {
	// SignIn offers the providers; a problem, if any, is in Form.Problem.
	SignIn func(w http.ResponseWriter, r *http.Request, status int, form Form) error
	// ChooseRole lets a user with several roles pick the one this session is for.
	ChooseRole func(w http.ResponseWriter, r *http.Request, status int, choice Choice) error
}

// Form is what the sign-in page shows.
type Form struct {
	Providers []ProviderName
	// Return is the path to go on to: post it back as "return".
	Return string
	// Problem says what went wrong, in words for the user; empty when nothing did.
	Problem string
	// SignedOut is set just after signing out.
	SignedOut bool
}

// ProviderName is one button: it posts to /sign-in/{ID}.
type ProviderName struct{ ID, Name string }

// Choice is what the role page shows.
type Choice struct {
	UserName string
	Roles    []RoleChoice
	// Problem says what went wrong, in words for the user; empty when nothing did.
	Problem string
}

// RoleChoice is one role to pick: it posts ProfileID as "role" to /sign-in/role.
type RoleChoice struct {
	ProfileID, Role, Organisation, ODS string
}

// Config is what signing in needs of the rest of the program.
type Config struct {
	Providers []ProviderConfig
	// PublicURL is the origin users see, without a path.
	PublicURL string
	Sealer    *seal.Sealer
	Sessions  identity.Sessions
	Auditor   identity.Auditor
	Pages     Pages
	Log       *slog.Logger
	// Idle and Absolute bound a session.
	Idle, Absolute time.Duration
	// Now is the clock; nil means time.Now.
	Now func() time.Time
}

// Handlers serves /sign-in and all below it, and /sign-out.
type Handlers struct {
	cfg       Config
	providers map[string]*provider
	order     []ProviderName
}

// algorithms are all that this package can be told to accept. What is not here (none, and every algorithm with a shared
// secret) cannot be switched on by any configuration.
var algorithms = []string{"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"}

// New checks the configuration. No provider is asked before someone signs in, so one that is down keeps nobody else out.
func New(cfg Config) (*Handlers, error) {
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	h := &Handlers{cfg: cfg, providers: map[string]*provider{}}
	for _, p := range cfg.Providers {
		if err := checkProvider(p); err != nil {
			return nil, fmt.Errorf("provider %s: %w", p.ID, err)
		}
		if h.providers[p.ID] != nil {
			return nil, fmt.Errorf("provider %s is given twice", p.ID)
		}
		h.providers[p.ID] = &provider{cfg: p, redirect: cfg.PublicURL + "/sign-in/callback", client: newClient(p.Roots), now: cfg.Now}
		h.order = append(h.order, ProviderName{p.ID, p.Name})
	}
	if len(h.providers) == 0 {
		return nil, errors.New("no provider to sign in with")
	}
	return h, nil
}

func checkProvider(p ProviderConfig) error {
	switch {
	case len(p.Algorithms) == 0:
		return errors.New("no algorithm is allowed")
	case slices.ContainsFunc(p.Algorithms, func(a string) bool { return !slices.Contains(algorithms, a) }):
		return errors.New("an algorithm is not asymmetric")
	case p.MinimumLevel < 1 || p.MinimumLevel > 3:
		return errors.New("minimum level must be 1 to 3")
	case p.Issuer == "" || p.ClientID == "":
		return errors.New("issuer or client id is missing")
	}
	switch p.Key.(type) {
	case *rsa.PrivateKey, *ecdsa.PrivateKey:
		return nil
	default:
		return errors.New("the client key must be RSA or ECDSA")
	}
}

// FormActions gives the origins of all providers, for the form-action rule of the content security policy: posting the
// sign-in form ends, by redirect, at one of them.
func (h *Handlers) FormActions() []string {
	var out []string
	for _, p := range h.cfg.Providers {
		if u, err := url.Parse(p.Issuer); err == nil {
			out = append(out, u.Scheme+"://"+u.Host)
		}
		out = append(out, p.Origins...)
	}
	return out
}

const (
	providerTimeout = 5 * time.Second
	// maxProviderAnswer bounds discovery, keys, tokens and user information alike.
	maxProviderAnswer = 1 << 20
)

var errRedirected = errors.New("provider answered with a redirect")

func newClient(roots *x509.CertPool) *http.Client {
	return &http.Client{
		Timeout: providerTimeout,
		Transport: capped{&http.Transport{
			TLSClientConfig: &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: roots}, MaxConnsPerHost: 16, IdleConnTimeout: 30 * time.Second,
			TLSHandshakeTimeout: providerTimeout, ResponseHeaderTimeout: providerTimeout, MaxResponseHeaderBytes: 64 << 10,
		}},
		CheckRedirect: func(*http.Request, []*http.Request) error { return errRedirected },
	}
}

// capped bounds how much of any answer is read; what is longer arrives cut and then fails to parse.
type capped struct{ *http.Transport }

// RoundTrip sends the request as the transport does.
func (c capped) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := c.Transport.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	resp.Body = struct {
		io.Reader
		io.Closer
	}{io.LimitReader(resp.Body, maxProviderAnswer), resp.Body}
	return resp, nil
}

// SafeReturn gives path when it is a plain path on this site, else "/". It refuses everything a browser might read as
// another place: a scheme, "//", a backslash, a control character.
func SafeReturn(path string) string {
	u, err := url.Parse(path)
	if err != nil || len(path) > 1024 || u.IsAbs() || u.Host != "" || u.User != nil || u.Opaque != "" || u.Fragment != "" {
		return "/"
	}
	unsafe := func(r rune) bool { return r <= ' ' || r == '\\' || r > '~' }
	if !strings.HasPrefix(path, "/") || strings.ContainsFunc(path, unsafe) || strings.ContainsFunc(u.Path, unsafe) {
		return "/"
	}
	// Two slashes at the front name another host, also once a browser or proxy has removed dots or read an escaped slash.
	if strings.Contains(u.Path, "//") || strings.Contains(u.Path, "/.") || strings.HasPrefix(u.Path, "/sign-") {
		return "/"
	}
	return path
}
