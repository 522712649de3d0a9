// Package launch lets a user in from their own system with one person in context: by a signed launch, or by SMART App Launch.
//
// Either way the other system says who the user is and whose record they have open. That opens a session for this one person
// and for nothing else; whether the person is the one meant is checked against the national register before anything is shown.
package launch

import (
	"context"
	"crypto"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"time"

	"ribble/internal/identity"
	"ribble/internal/record"
	"ribble/internal/seal"
)

// Launcher is one system of one organisation that may open Ribble.
type Launcher struct {
	// ID names the launcher in the log; Name says what users call the system.
	ID, Name string
	// Issuer is compared character by character with "iss": of the signed launch, or of the SMART launch (the FHIR base URL).
	Issuer string
	// Organisation is the one for which this system may speak.
	Organisation identity.Organisation
	// Level is the authentication assurance level that a sign-in at this system is worth (1 to 3).
	Level int
	// Activities are the RBAC activities that this organisation's launched users may have at most.
	Activities []string
	// Roles says what each of the system's own role profiles is here. A user whose profile is not listed is refused; the profile
	// "*" stands for every one that is not.
	Roles []Role
	// Algorithms are those a token may be signed with: RS256, PS256 or ES256.
	Algorithms []string
	// Keys verify its tokens: a JWK set as bytes, or the address it is fetched from. Exactly one is given.
	Keys    []byte
	KeysURL string
	// Roots pins the authority for everything that is asked of it; nil means the system's.
	Roots *x509.CertPool
	// Smart is set for SMART App Launch, and nil for signed launches.
	Smart *Smart
}

// Role is one row of the table that turns a system's own role profile into a national role.
type Role struct {
	Profile    string
	Code, Name string
	Activities []string
}

// Smart is what SMART App Launch 2.2 needs besides.
type Smart struct {
	ClientID string
	// OpenIDIssuer is the "iss" of ID tokens; empty means the same as Launcher.Issuer.
	OpenIDIssuer string
	// Key signs our client assertions; KeyID names it; KeyAlgorithm is RS384 or ES384 (SMART App Launch 2.2, 3.2.2).
	Key                 crypto.Signer
	KeyID, KeyAlgorithm string
}

// Opening is a launch that holds: who asks, whose record, and the date of birth that the trace must give too.
type Opening struct {
	User   identity.User
	Number record.NHSNumber
	Born   record.PartialDate
}

// Auditor writes refusals down. The user and the number are zero while they are not known for certain.
type Auditor interface {
	LaunchRefused(ctx context.Context, u identity.User, n record.NHSNumber, reason string) error
}

// Pages draws the pages, so that this package knows no template.
type Pages struct {
	// Opening goes on to the record: by itself, or by one click.
	Opening func(w http.ResponseWriter, r *http.Request, o Opening) error
	// Refused says what an honest user can do, and nothing else.
	Refused func(w http.ResponseWriter, r *http.Request, status int, words string) error
}

// Config is what launching needs of the rest of the program.
type Config struct {
	Launchers []Launcher
	// PublicURL is the origin users see, without a path.
	PublicURL string
	Sealer    *seal.Sealer
	// Spender lets each signed launch be used once, whichever replica it comes to.
	Spender identity.Spender
	Auditor Auditor
	// Begin writes down that the user is in, and begins a session in this browser that is for one person only. It gives the user
	// with the id of the session.
	Begin func(w http.ResponseWriter, r *http.Request, u identity.User) (identity.User, error)
	Pages Pages
	Log   *slog.Logger
	// Reference names a request in the log as its page does; it may be nil.
	Reference func(context.Context) string
	// Now is the clock; nil means time.Now.
	Now func() time.Time
}

// Handlers serves /launch and all below it.
type Handlers struct {
	cfg    Config
	signed map[string]*launcher
	smart  map[string]*launcher
}

// launcher is a Launcher with what is known of it at run time.
type launcher struct {
	Launcher
	keys   *keyRing
	client *http.Client
	found  discovered
}

// New checks the configuration. No launcher is asked anything before KeepKeys runs or somebody comes from it.
func New(cfg Config) (*Handlers, error) {
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Reference == nil {
		cfg.Reference = func(context.Context) string { return "" }
	}
	h := &Handlers{cfg: cfg, signed: map[string]*launcher{}, smart: map[string]*launcher{}}
	for _, l := range cfg.Launchers {
		if err := h.add(l); err != nil {
			return nil, fmt.Errorf("launcher %s: %w", l.ID, err)
		}
	}
	return h, nil
}

func (h *Handlers) add(l Launcher) error {
	if err := check(l); err != nil {
		return err
	}
	client := newClient(l.Roots)
	keys, err := newKeyRing(l, client, h.cfg.Now)
	if err != nil {
		return err
	}
	into := h.signed
	if l.Smart != nil {
		into = h.smart
	}
	if into[l.Issuer] != nil {
		return errors.New("its issuer is given twice")
	}
	into[l.Issuer] = &launcher{Launcher: l, keys: keys, client: client}
	return nil
}

func check(l Launcher) error {
	switch {
	case l.Issuer == "" || l.Organisation.ODS == "":
		return errors.New("issuer or organisation is missing")
	case l.Level < 1 || l.Level > 3:
		return errors.New("assurance level must be 1 to 3")
	case len(l.Algorithms) == 0 || slices.ContainsFunc(l.Algorithms, func(a string) bool { return methods[a] == nil }):
		return errors.New("algorithms may be RS256, PS256 and ES256")
	case len(l.Roles) == 0:
		return errors.New("no role is mapped")
	case (l.Keys == nil) == (l.KeysURL == ""):
		return errors.New("exactly one of keys and their address must be given")
	case l.Smart != nil && (l.Smart.ClientID == "" || clientMethods[l.Smart.KeyAlgorithm] == nil || l.Smart.Key == nil):
		return errors.New("client id or key is missing")
	}
	return nil
}

// user makes the user of a launch: the role by the table, the activities never more than the organisation's.
func (l *launcher) user(subject, profile, name, sds string) (identity.User, error) {
	role, ok := l.role(profile)
	name = plain(name)
	if !ok || subject == "" || len(subject) > maxSubject || name == "" {
		return identity.User{}, refused(reasonUser, "the user has no name here or no role that is mapped")
	}
	var allowed []string
	for _, a := range role.Activities {
		if slices.Contains(l.Activities, a) {
			allowed = append(allowed, a)
		}
	}
	return identity.User{
		Issuer: l.Issuer, Subject: subject, Name: name, SDSUserID: sds, Organisation: l.Organisation, AssuranceLevel: l.Level,
		Role: identity.Role{ProfileID: profile, Code: role.Code, Name: role.Name, Activities: allowed},
	}, nil
}

func (l *launcher) role(profile string) (Role, bool) {
	for _, wanted := range []string{profile, "*"} {
		for _, r := range l.Roles {
			if r.Profile == wanted && profile != "" && len(profile) <= maxSubject {
				return r, true
			}
		}
	}
	return Role{}, false
}

// enter begins the session of a launch that holds, and goes on to the record.
func (h *Handlers) enter(w http.ResponseWriter, r *http.Request, o Opening) {
	u, err := h.cfg.Begin(w, r, o.User)
	if err != nil {
		h.refuse(w, r, Opening{User: o.User, Number: o.Number}, refused(reasonStore, "the session could not be begun"))
		return
	}
	o.User = u
	if err := h.cfg.Pages.Opening(w, r, o); err != nil {
		h.cfg.Log.ErrorContext(r.Context(), "the page of a launch could not be drawn")
	}
}

// refuse writes a refusal down and tells the user what to do. What is known of the launch is in o.
func (h *Handlers) refuse(w http.ResponseWriter, r *http.Request, o Opening, err error) {
	reason := reasonOf(err)
	ctx, cancel := context.WithTimeout(context.WithoutCancel(r.Context()), 2*time.Second)
	defer cancel()
	h.cfg.Log.WarnContext(ctx, "a launch was refused", "reason", err.Error(), "issuer", o.User.Issuer, "request_id", h.cfg.Reference(r.Context()))
	if err := h.cfg.Auditor.LaunchRefused(ctx, o.User, o.Number, reason); err != nil {
		h.cfg.Log.ErrorContext(ctx, "a refused launch could not be recorded", "reason", reason)
	}
	status, words := wordsFor(reason)
	if err := h.cfg.Pages.Refused(w, r, status, words); err != nil {
		h.cfg.Log.ErrorContext(ctx, "the page of a refused launch could not be drawn")
	}
}
