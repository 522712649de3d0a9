package signin

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"time"

	"ribble/internal/identity"
)

// Codes checks the second factor of users whose issuer is no provider here: those with a local account.
type Codes interface {
	// CheckCode says whether the code is one that the user has now and has not used yet. It counts failures itself.
	CheckCode(ctx context.Context, u identity.User, code string) (bool, error)
}

// Local says how users of local accounts prove who they are: they have no provider to go to.
type Local struct {
	// Issuer is that of local accounts; empty when there are none. Page is where they sign in.
	Issuer, Page string
	// Codes checks codes on the locked page; nil when only Page will do.
	Codes Codes
}

// Proof is what the locked page, and the page that asks for a fresh proof, show.
type Proof struct {
	// Session is the user's; Locked is false when an open session is asked for a fresh proof.
	Session identity.Session
	Locked  bool
	// Left says that the session is open, and only this tab has put its page away.
	Left bool
	// Provider proves who the user is: post to URL. Nil for a local account, whose user gives a code (ByCode) or signs in anew at ByPage, and for
	// one who can only come back from where they came.
	Provider *ProviderName
	ByCode   bool
	ByPage   string
	// URL is /unlock or /step-up; Return is the sealed path to go back to: post it as "return".
	URL, Return string
	// Problem says what went wrong, in words for the user; empty when nothing did.
	Problem string
}

const (
	resumePurpose = "resume"
	// resumeLife is longer than any session lingers.
	resumeLife = 12 * time.Hour
)

// Lock is POST /lock: one action hides everything about any person, in every tab and on every replica.
func (h *Handlers) Lock(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	session, token, err := h.current(r)
	if errors.Is(err, identity.ErrNoSession) {
		http.Redirect(w, r, "/sign-in", http.StatusSeeOther)
		return
	}
	locked := false
	if err == nil {
		// A tab that closes meanwhile must not leave the session open.
		ctx, cancel := aside(r)
		defer cancel()
		locked, err = h.cfg.Sessions.Lock(ctx, token.Hash(), h.cfg.Now())
		if locked {
			h.written(ctx, session.User, identity.SessionLocked, "user")
		}
	}
	if err != nil {
		// Better no session than an open one that its user believes locked.
		h.clear(w)
		h.draw(w, r, http.StatusServiceUnavailable, Form{Return: "/", Problem: "The session could not be locked, so this browser is signed out."})
		return
	}
	// Browsers drop the pages that they kept for going back when a cookie of the site changes.
	setCookie(w, lockCookie, random())
	http.Redirect(w, r, "/locked?back="+h.sealPath(r.PostFormValue("return")), http.StatusSeeOther)
}

func (h *Handlers) written(ctx context.Context, u identity.User, change, reason string) {
	if err := h.cfg.Auditor.SessionChanged(ctx, u, change, reason); err != nil {
		h.cfg.Log.ErrorContext(ctx, "a change of a session could not be recorded", "session", u.Session, "event", change)
	}
}

// Locked is GET /locked: where a tab goes when it locks or has not been used for too long.
func (h *Handlers) Locked(w http.ResponseWriter, r *http.Request) {
	session, _, err := h.current(r)
	if errors.Is(err, identity.ErrNoSession) {
		http.Redirect(w, r, "/sign-in?ended", http.StatusSeeOther)
		return
	}
	if err != nil {
		h.draw(w, r, http.StatusServiceUnavailable, Form{Return: "/", Problem: words[reasonStore].text})
		return
	}
	proof := h.proof(session, toUnlock, h.openPath(r.URL.Query().Get("back")))
	proof.Left = session.Locked.IsZero()
	h.drawProof(w, r, http.StatusOK, proof)
}

// DrawLocked answers a request of a locked session, in place of the page asked for. Unlocking leads back to that page, if it was one to go to.
func (h *Handlers) DrawLocked(w http.ResponseWriter, r *http.Request, session identity.Session) {
	path := "/"
	if r.Method == http.MethodGet {
		path = r.URL.EscapedPath()
	}
	h.drawProof(w, r, http.StatusLocked, h.proof(session, toUnlock, path))
}

// DrawStepUp answers a request that asks for a fresh proof; back is where to go with it.
func (h *Handlers) DrawStepUp(w http.ResponseWriter, r *http.Request, session identity.Session, back string) {
	h.drawProof(w, r, http.StatusForbidden, h.proof(session, toStepUp, back))
}

func (h *Handlers) proof(session identity.Session, why purpose, back string) Proof {
	proof := Proof{Session: session, Locked: why == toUnlock, URL: "/" + string(why), Return: h.sealPath(back)}
	if p := h.providerOf(session.User.Issuer); p != nil {
		proof.Provider = &ProviderName{p.cfg.ID, p.cfg.Name}
	} else if h.cfg.Local.Issuer != "" && session.User.Issuer == h.cfg.Local.Issuer {
		proof.ByCode, proof.ByPage = h.cfg.Local.Codes != nil, h.cfg.Local.Page+"?return="+url.QueryEscape(SafeReturn(back))
	}
	return proof
}

// Unlock is POST /unlock: the user proves to be the same one, in the same role.
func (h *Handlers) Unlock(w http.ResponseWriter, r *http.Request) { h.prove(w, r, toUnlock) }

// StepUp is POST /step-up: the user of an open session proves once more to be the same one.
func (h *Handlers) StepUp(w http.ResponseWriter, r *http.Request) { h.prove(w, r, toStepUp) }

func (h *Handlers) prove(w http.ResponseWriter, r *http.Request, why purpose) {
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	session, token, err := h.current(r)
	if errors.Is(err, identity.ErrNoSession) || err == nil && why == toStepUp && !session.Locked.IsZero() {
		http.Redirect(w, r, "/sign-in?ended", http.StatusSeeOther)
		return
	}
	if err != nil {
		h.draw(w, r, http.StatusServiceUnavailable, Form{Return: "/", Problem: words[reasonStore].text})
		return
	}
	path := h.openPath(r.PostFormValue("return"))
	if p := h.providerOf(session.User.Issuer); p != nil {
		t := newTransaction(p.cfg.ID, path)
		t.Purpose, t.Session = why, session.ID
		h.send(w, r, p, t)
		return
	}
	h.byCode(w, r, session, token, why, path)
}

// byCode is the proof of a local account.
func (h *Handlers) byCode(w http.ResponseWriter, r *http.Request, s identity.Session, token identity.Token, why purpose, path string) {
	t := transaction{Purpose: why, Session: s.ID, Return: path}
	if h.cfg.Local.Codes == nil || s.User.Issuer != h.cfg.Local.Issuer {
		h.fail(w, r, t, s.User, refused(reasonSession, "nothing here can prove who the user is"))
		return
	}
	right, err := h.cfg.Local.Codes.CheckCode(r.Context(), s.User, r.PostFormValue("code"))
	switch {
	case err != nil:
		err = refused(reasonStore, "the code could not be checked")
	case !right:
		err = refused(reasonCode, "not the user's present code")
	default:
		err = h.renew(w, r, s, token, why, "")
	}
	if err != nil {
		h.fail(w, r, t, s.User, err)
		return
	}
	h.resume(w, r, path)
}

// reopen takes a provider's answer for a session that is there: it must be the browser's own, and the same person in the same role.
func (h *Handlers) reopen(w http.ResponseWriter, r *http.Request, t transaction, p pending) {
	session, token, err := h.current(r)
	switch {
	case errors.Is(err, identity.ErrNoSession) || err == nil && session.ID != t.Session:
		err = refused(reasonSession, "it ended, or is another one")
	case err != nil:
		err = refused(reasonStore, "the session could not be looked up")
	case !same(session.User, p):
		err = refused(reasonOther, "not the same person in the same role")
	default:
		err = h.renew(w, r, session, token, t.Purpose, p.SID)
	}
	if err != nil {
		h.fail(w, r, t, session.User, err)
		return
	}
	h.resume(w, r, t.Return)
}

// same says whether whoever has just proved who they are may take the session up again. A provider that let the user pick another role has
// not confirmed this one.
func same(u identity.User, p pending) bool {
	return slices.ContainsFunc(p.Roles, func(q profile) bool {
		proved := p.User
		proved.Role, proved.Organisation = q.Role, q.Organisation
		return sameUser(u, proved)
	})
}

func (h *Handlers) resume(w http.ResponseWriter, r *http.Request, path string) {
	if err := h.cfg.Pages.Resume(w, r, SafeReturn(path)); err != nil {
		h.cfg.Log.ErrorContext(r.Context(), "the page after unlocking could not be drawn")
	}
}

// Stay is POST /session/stay: a page whose user is at work, but asks for nothing, keeps the session open. Looking the session up did that.
func (h *Handlers) Stay(w http.ResponseWriter, r *http.Request) {
	session, _, err := h.current(r)
	if err != nil || !session.Locked.IsZero() {
		w.WriteHeader(http.StatusLocked)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

// sealPath hides where the user was: the path may hold the handle of a record.
func (h *Handlers) sealPath(path string) string {
	return h.cfg.Sealer.Seal(resumePurpose, []byte(SafeReturn(path)), h.cfg.Now().Add(resumeLife))
}

func (h *Handlers) openPath(sealed string) string {
	path, err := h.cfg.Sealer.Open(resumePurpose, sealed, h.cfg.Now())
	if err != nil {
		return "/"
	}
	return SafeReturn(string(path))
}

func (h *Handlers) drawProof(w http.ResponseWriter, r *http.Request, status int, proof Proof) {
	if err := h.cfg.Pages.Prove(w, r, status, proof); err != nil {
		h.cfg.Log.ErrorContext(r.Context(), "the locked page could not be drawn")
	}
}
