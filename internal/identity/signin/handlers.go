package signin

import (
	"crypto/subtle"
	"net/http"

	"ribble/internal/identity"
)

// maxForm bounds a posted form: none here has more than a path and an id.
const maxForm = 8 << 10

// SignIn is GET /sign-in: the page with a button for each provider.
func (h *Handlers) SignIn(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	h.draw(w, r, http.StatusOK, Form{Return: SafeReturn(q.Get("return")), SignedOut: q.Has("signed-out"), Ended: q.Has("ended")})
}

// Start is POST /sign-in/{provider}: it sends the browser to the provider. The router gives the provider's id as the path
// value "provider".
func (h *Handlers) Start(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	p := h.providers[r.PathValue("provider")]
	if p == nil {
		h.fail(w, r, transaction{}, identity.User{}, refused(reasonState, "no such provider"))
		return
	}
	h.send(w, r, p, newTransaction(p.cfg.ID, r.PostFormValue("return")))
}

// send begins a transaction: the browser goes to the provider and is expected back.
func (h *Handlers) send(w http.ResponseWriter, r *http.Request, p *provider, t transaction) {
	to, err := p.authorizeURL(r.Context(), t)
	if err != nil {
		h.fail(w, r, t, identity.User{Issuer: p.cfg.Issuer}, refused(reasonUnavailable, "discovery"))
		return
	}
	if err := h.keepTransaction(w, t); err != nil {
		h.fail(w, r, t, identity.User{Issuer: p.cfg.Issuer}, refused(reasonState, "return path too long"))
		return
	}
	http.Redirect(w, r, to, http.StatusSeeOther)
}

// Callback is GET /sign-in/callback: the browser comes back from the provider with a code.
func (h *Handlers) Callback(w http.ResponseWriter, r *http.Request) {
	t, ok := h.takeTransaction(w, r)
	p := h.providers[t.Provider]
	if !ok || p == nil {
		h.fail(w, r, transaction{}, identity.User{}, refused(reasonState, "no sign-in is under way in this browser"))
		return
	}
	waiting, err := h.identify(r, p, t)
	switch {
	case err != nil:
		h.fail(w, r, t, identity.User{Issuer: p.cfg.Issuer}, err)
	case t.Purpose == toSignIn:
		h.admit(w, r, waiting)
	default:
		h.reopen(w, r, t, waiting)
	}
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
	who, err := p.person(r.Context(), found, tokens, c)
	if err != nil {
		return pending{}, err
	}
	return waiting(p, t, c, who)
}

// answers says whether a callback belongs to the transaction: the state, and the issuer where one is named (RFC 9207),
// which stops one provider's code from being handed to another.
func answers(state, issuer string, p *provider, t transaction) error {
	if subtle.ConstantTimeCompare([]byte(state), []byte(t.State)) != 1 || issuer != "" && issuer != p.cfg.Issuer {
		return refused(reasonState, "the answer is not to this browser's question")
	}
	return nil
}

func waiting(p *provider, t transaction, c claims, who person) (pending, error) {
	role, ok, err := selected(who.profiles, c.SelectedRole)
	if err != nil {
		return pending{}, err
	}
	if ok {
		who.profiles = []profile{role}
	}
	return pending{
		User: identity.User{Issuer: p.cfg.Issuer, Subject: who.subject, Name: who.name, SDSUserID: who.userID, AssuranceLevel: c.Level},
		SID:  c.SID, Return: t.Return, Roles: who.profiles,
	}, nil
}

// admit signs a user with one role in, and asks one with several to choose.
func (h *Handlers) admit(w http.ResponseWriter, r *http.Request, p pending) {
	if len(p.Roles) == 1 {
		h.begin(w, r, p, p.Roles[0])
		return
	}
	if err := h.keepPending(w, p); err != nil {
		h.fail(w, r, transaction{}, p.User, refused(reasonRole, "too many roles to choose from"))
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
		h.fail(w, r, transaction{}, identity.User{}, refused(reasonState, "no choice of role is under way in this browser"))
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

// begin signs the user in, in the one role.
func (h *Handlers) begin(w http.ResponseWriter, r *http.Request, p pending, role profile) {
	user := p.User
	user.Role, user.Organisation = role.Role, role.Organisation
	if _, err := h.Admit(w, r, Admission{User: user, SID: p.SID}); err != nil {
		h.fail(w, r, transaction{}, user, refused(reasonStore, "the sign-in could not be recorded"))
		return
	}
	http.Redirect(w, r, SafeReturn(p.Return), http.StatusSeeOther)
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
