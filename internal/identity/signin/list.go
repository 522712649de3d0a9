package signin

import (
	"errors"
	"net/http"
	"time"

	"ribble/internal/identity"
)

// historyReach is how far back a user sees their own sign-ins; sessions are kept a little longer.
const historyReach = 30 * 24 * time.Hour

// List is GET /sessions: the user's sessions everywhere, and those that have ended of late.
func (h *Handlers) List(w http.ResponseWriter, r *http.Request) {
	session, ok := h.open(w, r)
	if !ok {
		return
	}
	u := session.User
	list, err := h.cfg.Sessions.Of(r.Context(), u.Issuer, u.Subject, h.cfg.Now().Add(-historyReach))
	if err != nil {
		h.draw(w, r, http.StatusServiceUnavailable, Form{Return: "/sessions", Problem: "Your sessions cannot be listed just now. Try again in a minute."})
		return
	}
	if err := h.cfg.Pages.Sessions(w, r, list, session.ID); err != nil {
		h.cfg.Log.ErrorContext(r.Context(), "the list of sessions could not be drawn")
	}
}

// EndOne is POST /sessions/end: it ends one of the user's own sessions, named by its id in the form.
func (h *Handlers) EndOne(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	session, ok := h.open(w, r)
	if !ok {
		return
	}
	id := r.PostFormValue("session")
	if id == "" {
		http.Redirect(w, r, "/sessions", http.StatusSeeOther)
		return
	}
	if !h.endWhere(w, r, identity.Which{Issuer: session.User.Issuer, Subject: session.User.Subject, ID: id}, "user_elsewhere") {
		return
	}
	if id == session.ID {
		h.clear(w)
		http.Redirect(w, r, "/sign-in?signed-out", http.StatusSeeOther)
		return
	}
	http.Redirect(w, r, "/sessions", http.StatusSeeOther)
}

// EndAll is POST /sessions/end-all: it signs the user out everywhere, here included.
func (h *Handlers) EndAll(w http.ResponseWriter, r *http.Request) {
	session, ok := h.open(w, r)
	if !ok || !h.endWhere(w, r, identity.Which{Issuer: session.User.Issuer, Subject: session.User.Subject}, "user_everywhere") {
		return
	}
	h.clear(w)
	http.Redirect(w, r, "/sign-in?signed-out", http.StatusSeeOther)
}

func (h *Handlers) endWhere(w http.ResponseWriter, r *http.Request, which identity.Which, reason string) bool {
	ctx, cancel := aside(r)
	defer cancel()
	users, err := h.cfg.Sessions.EndWhere(ctx, which)
	if err != nil {
		h.draw(w, r, http.StatusServiceUnavailable, Form{Return: "/sessions", Problem: "The session could not be ended just now. Try again in a minute."})
		return false
	}
	for _, u := range users {
		h.ended(ctx, u, reason)
	}
	return true
}

// open finds the browser's session if it is open; else it has answered.
func (h *Handlers) open(w http.ResponseWriter, r *http.Request) (identity.Session, bool) {
	session, _, err := h.current(r)
	switch {
	case errors.Is(err, identity.ErrNoSession):
		http.Redirect(w, r, "/sign-in", http.StatusSeeOther)
	case err != nil:
		h.draw(w, r, http.StatusServiceUnavailable, Form{Return: "/", Problem: words[reasonStore].text})
	case !session.Locked.IsZero():
		h.DrawLocked(w, r, session)
	default:
		return session, true
	}
	return identity.Session{}, false
}
