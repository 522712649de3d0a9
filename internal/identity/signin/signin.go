// Package signin brings a user in: the OpenID Connect code flow, the choice of one role, and the session that follows.
//
// The flow is OpenID Connect Core 1.0 with PKCE (RFC 7636, S256), state, nonce and private_key_jwt (RFC 7523), as NHS Care
// Identity Service 2 asks for it. Tokens are only ever read here; the package has no way to accept an unsigned one.
package signin

import (
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"time"

	"ribble/internal/identity"
	"ribble/internal/seal"
)

// Form is what the sign-in page shows.
type Form struct {
	Providers []ProviderName
	// Return is the path to go on to: post it back as "return".
	Return string
	// Problem says what went wrong, in words for the user; empty when nothing did.
	Problem string
	// SignedOut is set just after signing out, Ended when the session has ended by itself or was ended elsewhere.
	SignedOut, Ended bool
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

// Pages draws the pages of signing in, so that this package knows no template. Each writes the whole response with the
// status given.
type Pages struct {
	// SignIn offers the providers; a problem, if any, is in Form.Problem.
	SignIn func(w http.ResponseWriter, r *http.Request, status int, form Form) error
	// ChooseRole lets a user with several roles pick the one this session is for.
	ChooseRole func(w http.ResponseWriter, r *http.Request, status int, choice Choice) error
	// Prove is the locked page, or the page that asks an open session for a fresh proof.
	Prove func(w http.ResponseWriter, r *http.Request, status int, proof Proof) error
	// Resume leads back to where the user was. It is a page and not a redirect: a browser counts a redirect after a visit to the provider
	// as another site's doing, and would be refused the person's page.
	Resume func(w http.ResponseWriter, r *http.Request, path string) error
	// Sessions lists the user's sessions, of which current is the one that asks.
	Sessions func(w http.ResponseWriter, r *http.Request, list []identity.Session, current string) error
}

// Store keeps sessions for all replicas; postgres.Sessions is one.
type Store interface {
	identity.Sessions
	identity.Locks
	identity.Listing
}

// Shared counts failures and remembers used tokens for all replicas; postgres.Limits is one.
type Shared interface {
	identity.Counter
	identity.Spender
}

// Limits bound a session in time.
type Limits struct {
	// Idle is how long a session stays open without a request, Linger how long it then waits, locked, for its user; Absolute is the end whatever happens.
	Idle, Linger, Absolute time.Duration
}

// Config is what signing in needs of the rest of the program.
type Config struct {
	Providers []ProviderConfig
	// PublicURL is the origin users see, without a path.
	PublicURL string
	Sealer    *seal.Sealer
	Sessions  Store
	Shared    Shared
	Auditor   identity.Auditor
	Pages     Pages
	Log       *slog.Logger
	// Limits gives the limits of a session for an organisation.
	Limits func(ods string) Limits
	// Local is for users with local accounts.
	Local Local
	// Now is the clock; nil means time.Now.
	Now func() time.Time
}

// Handlers serves /sign-in and all below it, /sign-out, and what concerns the session afterwards.
type Handlers struct {
	cfg       Config
	providers map[string]*provider
	order     []ProviderName
}

// New checks the configuration. No provider is asked before someone signs in, so one that is down keeps nobody else out.
func New(cfg Config) (*Handlers, error) {
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	h := &Handlers{cfg: cfg, providers: map[string]*provider{}}
	for _, p := range cfg.Providers {
		if err := p.check(); err != nil {
			return nil, fmt.Errorf("provider %s: %w", p.ID, err)
		}
		if h.providers[p.ID] != nil || h.providerOf(p.Issuer) != nil {
			return nil, fmt.Errorf("provider %s or its issuer is given twice", p.ID)
		}
		h.providers[p.ID] = newProvider(p, cfg.PublicURL+"/sign-in/callback", cfg.Now)
		h.order = append(h.order, ProviderName{p.ID, p.Name})
	}
	if len(h.providers) == 0 {
		return nil, errors.New("no provider to sign in with")
	}
	return h, nil
}

// providerOf finds the provider that vouched for a user.
func (h *Handlers) providerOf(issuer string) *provider {
	for _, p := range h.providers {
		if p.cfg.Issuer == issuer {
			return p
		}
	}
	return nil
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
	if strings.Contains(u.Path, "//") || strings.Contains(u.Path, "/.") || strings.HasPrefix(u.Path, "/sign-") || u.Path == "/locked" {
		return "/"
	}
	return path
}
