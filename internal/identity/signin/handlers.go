package signin

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/hex"
	"errors"
	"net/http"
	"time"

	"ribble/internal/identity"
)

// maxForm bounds a posted form: none here has more than a path and an id.
const maxForm = 8 << 10

// SignIn is GET /sign-in: the page with a button for each provider.
func (h *Handlers) SignIn(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	h.draw(w, r, http.StatusOK, Form{Return: SafeReturn(q.Get("return")), SignedOut: q.Has("signed-out")})
}

// Start is POST /sign-in/{provider}: it sends the browser to the provider. The router gives the provider's id as the path
// value "provider".
func (h *Handlers) Start(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	p := h.providers[r.PathValue("provider")]
	if p == nil {
		h.fail(w, r, "", refused(reasonState, "no such provider"))
		return
	}
	t := newTransaction(p.cfg.ID, r.PostFormValue("return"))
	to, err := p.authorizeURL(r.Context(), t)
	if err != nil {
		h.fail(w, r, p.cfg.Issuer, refused(reasonUnavailable, "discovery"))
		return
	}
	if err := h.keepTransaction(w, t); err != nil {
		h.fail(w, r, p.cfg.Issuer, refused(reasonState, "return path too long"))
		return
	}
	http.Redirect(w, r, to, http.StatusSeeOther)
}

// Callback is GET /sign-in/callback: the browser comes back from the provider with a code.
func (h *Handlers) Callback(w http.ResponseWriter, r *http.Request) {
	t, ok := h.takeTransaction(w, r)
	p := h.providers[t.Provider]
	if !ok || p == nil {
		h.fail(w, r, "", refused(reasonState, "no sign-in is under way in this browser"))
		return
	}
	waiting, err := h.identify(r, p, t)
	if err != nil {
		h.fail(w, r, p.cfg.Issuer, err)
		return
	}
	h.admit(w, r, waiting)
}

// identify does all that a provider's answer must pass before the user in it is believed.
func (h *Handlers) identify(r *http.Request, p *provider, t transaction) (pending, error) {
	q := r.URL.Query()
	if err := answers(q.Get("state"), q.Get("iss"), p, t); err != nil {
		return pending{}, err
	}
	switch {
	case q.Get("error") == "access_denied":
		return pending{}, refused(reasonCancelled, "at the provider")
	case q.Has("error") || q.Get("code") == "" || len(q.Get("code")) > 2048:
		return pending{}, refused(reasonProvider, "an error in place of a code")
	}
	found, tokens, err := p.exchange(r.Context(), q.Get("code"), t.Verifier)
	if err != nil {
		return pending{}, refused(reasonExchange, "the provider did not accept the code")
	}
	c, err := p.verify(r.Context(), found, tokens, t.Nonce)
	if err != nil {
		return pending{}, err
	}
	info, err := p.userInfo(r.Context(), found, tokens, c.Subject)
	if err != nil {
		return pending{}, err
	}
	return waiting(p, t, c, info)
}

// answers says whether a callback belongs to the transaction: the state, and the issuer where one is named (RFC 9207),
// which stops one provider's code from being handed to another.
func answers(state, issuer string, p *provider, t transaction) error {
	if subtle.ConstantTimeCompare([]byte(state), []byte(t.State)) != 1 || issuer != "" && issuer != p.cfg.Issuer {
		return refused(reasonState, "the answer is not to this browser's question")
	}
	return nil
}

func waiting(p *provider, t transaction, c claims, info userInfo) (pending, error) {
	profiles, err := info.profiles()
	if err != nil {
		return pending{}, err
	}
	role, ok, err := selected(profiles, c.SelectedRole)
	if err != nil {
		return pending{}, err
	}
	if ok {
		profiles = []profile{role}
	}
	return pending{
		User: identity.User{Issuer: p.cfg.Issuer, Subject: c.Subject, Name: info.Name, SDSUserID: info.UserID, AssuranceLevel: c.Level},
		SID:  c.SID, Return: t.Return, Roles: profiles,
	}, nil
}

// admit signs a user with one role in, and asks one with several to choose.
func (h *Handlers) admit(w http.ResponseWriter, r *http.Request, p pending) {
	if len(p.Roles) == 1 {
		h.begin(w, r, p, p.Roles[0])
		return
	}
	if err := h.keepPending(w, p); err != nil {
		h.fail(w, r, p.User.Issuer, refused(reasonRole, "too many roles to choose from"))
		return
	}
	http.Redirect(w, r, "/sign-in/role", http.StatusSeeOther)
}

// Roles is GET /sign-in/role: the page on which a user with several roles picks one.
func (h *Handlers) Roles(w http.ResponseWriter, r *http.Request) {
	p, ok := h.readPending(r)
	if !ok {
		http.Redirect(w, r, "/sign-in", http.StatusSeeOther)
		return
	}
	h.drawRoles(w, r, http.StatusOK, p, "")
}

// ChooseRole is POST /sign-in/role.
func (h *Handlers) ChooseRole(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	p, ok := h.readPending(r)
	if !ok {
		dropCookie(w, pendingCookie)
		h.fail(w, r, "", refused(reasonState, "no choice of role is under way in this browser"))
		return
	}
	for _, role := range p.Roles {
		if role.Role.ProfileID == r.PostFormValue("role") {
			dropCookie(w, pendingCookie)
			h.begin(w, r, p, role)
			return
		}
	}
	h.drawRoles(w, r, http.StatusUnprocessableEntity, p, "Choose one of your roles.")
}

// begin makes the session. The event is committed before the session exists: nobody can be signed in unrecorded.
func (h *Handlers) begin(w http.ResponseWriter, r *http.Request, p pending, role profile) {
	now := h.cfg.Now()
	id := make([]byte, 16)
	_, _ = rand.Read(id) // never fails: crypto/rand ends the process rather than return weak bytes
	user := p.User
	user.Role, user.Organisation, user.Session, user.SignedInAt = role.Role, role.Organisation, hex.EncodeToString(id), now
	token := identity.NewToken()
	session := identity.NewSession{
		ID: user.Session, TokenHash: token.Hash(), User: user, SID: p.SID, Created: now, Expires: now.Add(h.cfg.Absolute), Idle: h.cfg.Idle,
	}
	if err := h.record(r, user, session); err != nil {
		h.fail(w, r, user.Issuer, refused(reasonStore, "the sign-in could not be recorded"))
		return
	}
	h.endOld(r)
	setCookie(w, sessionCookie, token.Cookie())
	http.Redirect(w, r, SafeReturn(p.Return), http.StatusSeeOther)
}

func (h *Handlers) record(r *http.Request, user identity.User, session identity.NewSession) error {
	if err := h.cfg.Auditor.SignedIn(r.Context(), user); err != nil {
		return err
	}
	return h.cfg.Sessions.Create(r.Context(), session)
}

// endOld ends the session that the browser had: one browser, one session, one role.
func (h *Handlers) endOld(r *http.Request) {
	if old, ok := SessionToken(r); ok {
		if err := h.cfg.Sessions.End(r.Context(), old.Hash()); err != nil {
			h.cfg.Log.ErrorContext(r.Context(), "an old session could not be ended")
		}
	}
}

// SignOut is POST /sign-out: it ends the session on every replica and clears what the browser kept.
func (h *Handlers) SignOut(w http.ResponseWriter, r *http.Request) {
	dropCookie(w, sessionCookie)
	dropCookie(w, pendingCookie)
	// Not "cookies": that would sign the user out of every other service under the same registered domain.
	w.Header().Set("Clear-Site-Data", `"cache", "storage"`)
	if token, ok := SessionToken(r); ok {
		// A closed tab must not leave the session alive.
		ctx, cancel := context.WithTimeout(context.WithoutCancel(r.Context()), providerTimeout)
		defer cancel()
		if err := h.end(ctx, token); err != nil {
			h.draw(w, r, http.StatusServiceUnavailable, Form{Return: "/", Problem: "This browser is signed out, but the session could not be ended everywhere. It ends by itself within a few minutes."})
			return
		}
	}
	http.Redirect(w, r, "/sign-in?signed-out", http.StatusSeeOther)
}

func (h *Handlers) end(ctx context.Context, token identity.Token) error {
	session, err := h.cfg.Sessions.Find(ctx, token.Hash(), h.cfg.Now())
	if errors.Is(err, identity.ErrNoSession) {
		return nil
	}
	if err != nil {
		return err
	}
	if err := h.cfg.Sessions.End(ctx, token.Hash()); err != nil {
		return err
	}
	if err := h.cfg.Auditor.SignedOut(ctx, session.User); err != nil {
		h.cfg.Log.ErrorContext(ctx, "a sign-out could not be recorded", "session", session.ID)
	}
	return nil
}

// fail records a failed sign-in and shows the sign-in page with words on what to do.
func (h *Handlers) fail(w http.ResponseWriter, r *http.Request, issuer string, err error) {
	reason := reasonOf(err, reasonToken)
	ctx, cancel := context.WithTimeout(context.WithoutCancel(r.Context()), 2*time.Second)
	defer cancel()
	h.cfg.Log.WarnContext(ctx, "a sign-in failed", "reason", err.Error(), "issuer", issuer)
	if err := h.cfg.Auditor.SignInFailed(ctx, issuer, reason); err != nil {
		h.cfg.Log.ErrorContext(ctx, "a failed sign-in could not be recorded", "reason", reason)
	}
	said := words[reason]
	h.draw(w, r, said.status, Form{Return: "/", Problem: said.text})
}

func (h *Handlers) draw(w http.ResponseWriter, r *http.Request, status int, form Form) {
	form.Providers = h.order
	if err := h.cfg.Pages.SignIn(w, r, status, form); err != nil {
		h.cfg.Log.ErrorContext(r.Context(), "the sign-in page could not be drawn")
	}
}

func (h *Handlers) drawRoles(w http.ResponseWriter, r *http.Request, status int, p pending, problem string) {
	choice := Choice{UserName: p.User.Name, Problem: problem}
	for _, role := range p.Roles {
		choice.Roles = append(choice.Roles, RoleChoice{
			ProfileID: role.Role.ProfileID, Role: role.Role.Name, Organisation: role.Organisation.Name, ODS: role.Organisation.ODS,
		})
	}
	if err := h.cfg.Pages.ChooseRole(w, r, status, choice); err != nil {
		h.cfg.Log.ErrorContext(r.Context(), "the role page could not be drawn")
	}
}
