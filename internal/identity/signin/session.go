package signin

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"net"
	"net/http"
	"time"

	"ribble/internal/identity"
)

// Admission is a user whom a provider, a local account or a launch has identified, in one role.
type Admission struct {
	// User is complete but for Session and SignedInAt.
	User identity.User
	// SID is the provider's session id; may be empty.
	SID string
	// InContext is set for a session that is for one person only.
	InContext bool
	// Until is when the user's right to be here ends; the session ends no later. Zero sets no end.
	Until time.Time
}

// Admit makes a session and gives it to the browser. It is the one door to a session: the event is committed before the session exists, so
// nobody can be signed in unrecorded, and the session that the browser had ends. A locked session of the same person in the same role is
// opened again instead. It gives the user with the id of the session; after an error nobody is signed in.
func (h *Handlers) Admit(w http.ResponseWriter, r *http.Request, a Admission) (identity.User, error) {
	old, token, err := h.current(r)
	if err == nil && !old.Locked.IsZero() && !old.InContext && !a.InContext && sameUser(old.User, a.User) {
		return old.User, h.renew(w, r, old, token, toUnlock, a.SID)
	}
	return h.enter(w, r, a)
}

// sameUser says whether whoever has just proved who they are is the same person in the same role.
func sameUser(u, proved identity.User) bool {
	return u.Issuer == proved.Issuer && u.Subject == proved.Subject && u.Role.ProfileID == proved.Role.ProfileID && u.Organisation.ODS == proved.Organisation.ODS
}

// enter makes the session, writes it down, stores it and gives it to the browser. One for one person only ends where another would lock: its
// user comes back from the system that sent them, and from nowhere else.
func (h *Handlers) enter(w http.ResponseWriter, r *http.Request, a Admission) (identity.User, error) {
	limits, reason := h.cfg.Limits(a.User.Organisation.ODS), ""
	s := identity.NewSession{User: a.User, SID: a.SID, InContext: a.InContext, Idle: limits.Idle, Linger: limits.Linger}
	if a.InContext {
		s.Linger, reason = 0, "launch"
	}
	id := make([]byte, 16)
	_, _ = rand.Read(id) // never fails: crypto/rand ends the process rather than return weak bytes
	token := identity.NewToken()
	s.ID, s.TokenHash, s.Created = hex.EncodeToString(id), token.Hash(), h.cfg.Now()
	s.User.Session, s.User.SignedInAt = s.ID, s.Created
	s.Expires = s.Created.Add(limits.Absolute)
	if !a.Until.IsZero() && a.Until.Before(s.Expires) {
		s.Expires = a.Until
	}
	s.Address, s.Agent = host(r), plain(r.UserAgent())
	if err := h.cfg.Auditor.SessionChanged(r.Context(), s.User, identity.SessionBegan, reason); err != nil {
		return identity.User{}, err
	}
	if err := h.cfg.Sessions.Create(r.Context(), s); err != nil {
		return identity.User{}, err
	}
	h.endOld(r)
	setCookie(w, sessionCookie, token.Cookie())
	return s.User, nil
}

// endOld ends the session that the browser had: one browser, one session, one role.
func (h *Handlers) endOld(r *http.Request) {
	if old, ok := SessionToken(r); ok {
		if err := h.end(r.Context(), old, "replaced"); err != nil {
			h.cfg.Log.ErrorContext(r.Context(), "an old session could not be ended")
		}
	}
}

// SignOut is POST /sign-out: it ends the session on every replica and clears what the browser kept.
func (h *Handlers) SignOut(w http.ResponseWriter, r *http.Request) {
	h.clear(w)
	if token, ok := SessionToken(r); ok {
		// A closed tab must not leave the session alive.
		ctx, cancel := context.WithTimeout(context.WithoutCancel(r.Context()), providerTimeout)
		defer cancel()
		if err := h.end(ctx, token, "user"); err != nil {
			h.draw(w, r, http.StatusServiceUnavailable, Form{Return: "/", Problem: "This browser is signed out, but the session could not be ended everywhere. It ends by itself within a few minutes."})
			return
		}
	}
	http.Redirect(w, r, "/sign-in?signed-out", http.StatusSeeOther)
}

// clear changes the cookies and tells the browser to forget what it kept of our pages.
func (h *Handlers) clear(w http.ResponseWriter) {
	dropCookie(w, sessionCookie)
	dropCookie(w, pendingCookie)
	// Not "cookies": that would sign the user out of every other service under the same registered domain.
	w.Header().Set("Clear-Site-Data", `"cache", "storage"`)
}

func (h *Handlers) end(ctx context.Context, token identity.Token, reason string) error {
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
	h.ended(ctx, session.User, reason)
	return nil
}

// ended writes down that a session ended. It has ended whether or not that can be written down.
func (h *Handlers) ended(ctx context.Context, u identity.User, reason string) {
	if err := h.cfg.Auditor.SessionChanged(ctx, u, identity.SessionEnded, reason); err != nil {
		h.cfg.Log.ErrorContext(ctx, "a sign-out could not be recorded", "session", u.Session)
	}
}

// current finds the browser's session, open or locked.
func (h *Handlers) current(r *http.Request) (identity.Session, identity.Token, error) {
	token, ok := SessionToken(r)
	if !ok {
		return identity.Session{}, token, identity.ErrNoSession
	}
	session, err := h.cfg.Sessions.Find(r.Context(), token.Hash(), h.cfg.Now())
	return session, token, err
}

// host is the address that a request came from, without its port.
func host(r *http.Request) string {
	if host, _, err := net.SplitHostPort(r.RemoteAddr); err == nil {
		return host
	}
	return r.RemoteAddr
}

// renew gives an open or locked session, whose user has just proved who they are, to the browser under a new token.
func (h *Handlers) renew(w http.ResponseWriter, r *http.Request, s identity.Session, old identity.Token, why purpose, sid string) error {
	change := identity.SessionUnlocked
	if why == toStepUp {
		change = identity.SessionSteppedUp
	}
	if err := h.cfg.Auditor.SessionChanged(r.Context(), s.User, change, ""); err != nil {
		return refused(reasonStore, "the proof could not be recorded")
	}
	token := identity.NewToken()
	err := h.cfg.Sessions.Renew(r.Context(), identity.Renewal{Old: old.Hash(), New: token.Hash(), SID: sid, At: h.cfg.Now()})
	switch {
	case errors.Is(err, identity.ErrNoSession):
		return refused(reasonSession, "it ended meanwhile")
	case err != nil:
		return refused(reasonStore, "the session could not be renewed")
	}
	setCookie(w, sessionCookie, token.Cookie())
	return nil
}

// aside is a context for what must be written down although the browser may have gone.
func aside(r *http.Request) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithoutCancel(r.Context()), 2*time.Second)
}
