package portal

import (
	"net"
	"net/http"
	"strings"
	"time"

	"ribble/internal/identity"
	"ribble/internal/identity/signin"
	"ribble/internal/portal/middleware"
	"ribble/internal/record"
	"ribble/web/page"
	"ribble/web/ui"
)

// prove draws the locked page, or the one that asks an open session for a fresh proof.
func (p *Portal) prove(w http.ResponseWriter, r *http.Request, status int, proof signin.Proof) error {
	if !proof.Locked {
		props := page.StepUpProps{Props: p.frame(r), SignedIn: described(proof.Session.User), Problem: proof.Problem, Code: codeForm(proof), Others: provers(proof, "Go on with ")}
		props.Title = "Show that it is you"
		props.Others = append(props.Others, ui.Action{Text: "Go back", URL: "/"})
		return draw(w, r, status, page.StepUp(props))
	}
	s := proof.Session
	props := page.LockedProps{
		Props: p.frame(withoutSession(r)), SignedIn: described(s.User), LockedAt: lockedAt(s), SignsOutAt: clock(s.Ends), Problem: proof.Problem,
		Code: codeForm(proof), Others: append(provers(proof, "Unlock with "), ui.Action{Text: "I am someone else: sign out", URL: "/sign-out", Post: true}),
	}
	props.Title = "Locked"
	if proof.Left {
		props.Title, props.Left = "Put away", &ui.Action{Text: "Go on", URL: "/"}
	}
	return draw(w, r, status, page.Locked(props))
}

// withoutSession keeps everything that a session gives a page, its timers and links included, off the locked page.
func withoutSession(r *http.Request) *http.Request {
	return r.WithContext(middleware.WithSession(r.Context(), identity.Session{}))
}

// provers are the ways to prove who the user is, other than by a code on this page.
func provers(proof signin.Proof, verb string) []ui.Action {
	switch {
	case proof.Provider != nil:
		return []ui.Action{{Text: verb + proof.Provider.Name, URL: proof.URL, Post: true, Fields: []ui.Field{{Name: "return", Value: proof.Return}}}}
	case proof.ByPage != "":
		return []ui.Action{{Text: "Use your passkey or passphrase", URL: proof.ByPage}}
	}
	return nil
}

func codeForm(proof signin.Proof) *page.CodeForm {
	if !proof.ByCode {
		return nil
	}
	return &page.CodeForm{URL: proof.URL, Fields: []ui.Field{{Name: "return", Value: proof.Return}}}
}

func described(u identity.User) string {
	return record.StaffName(u.Name).Usual() + ", " + u.Role.Name + ", " + u.Organisation.Name
}

func lockedAt(s identity.Session) string {
	at := s.Locked.In(time.Local).Format("02-Jan-2006 15:04:05")
	if s.Locked.Equal(s.IdleUntil) {
		return at + ", after it was not used for some time"
	}
	return at
}

func clock(t time.Time) string { return t.In(time.Local).Format("15:04") }

// resume leads back to where the user was. It answers a visit from the provider, so a redirect would count as another site's doing; going on
// from a page of ours is the user's own.
func (p *Portal) resume(w http.ResponseWriter, r *http.Request, path string) error {
	props := page.MessageProps{Props: p.frame(r), Heading: "Thank you", Text: []string{"You are being taken back to where you were."}, Actions: []ui.Action{{Text: "Go on", URL: path}}}
	props.Title = props.Heading
	w.Header().Set("Refresh", "0;url="+path)
	return draw(w, r, http.StatusOK, page.Resume(props))
}

// sessionList draws the user's own sessions.
func (p *Portal) sessionList(w http.ResponseWriter, r *http.Request, list []identity.Session, current string) error {
	props := page.SessionsProps{Props: p.frame(r), EndURL: "/sessions/end", EndAllURL: "/sessions/end-all", Reach: "the last 30 days"}
	props.Title = "Your sessions"
	now := p.now()
	for _, s := range list {
		row := page.SessionRow{
			ID: s.ID, This: s.ID == current, Began: moment(s.Created), State: state(s, now), Role: s.User.Role.Name + ", " + s.User.Organisation.Name,
			Where: address(s.Address), Browser: browser(s.Agent),
		}
		if s.Live(now) {
			props.Live = append(props.Live, row)
		} else {
			props.Past = append(props.Past, row)
		}
	}
	return draw(w, r, http.StatusOK, page.Sessions(props))
}

func state(s identity.Session, now time.Time) string {
	switch {
	case !s.Ended.IsZero():
		return "ended " + moment(s.Ended)
	case !s.Live(now):
		return "ended by itself " + moment(s.Ends)
	case !s.Locked.IsZero():
		return "locked since " + clock(s.Locked)
	case !s.IdleUntil.After(now):
		return "locked since " + clock(s.IdleUntil)
	}
	return "open"
}

func moment(t time.Time) string { return t.In(time.Local).Format("02-Jan-2006 15:04") }

func address(text string) string {
	if host, _, err := net.SplitHostPort(text); err == nil {
		return host
	}
	return text
}

// browser names the browser and system that an agent text stands for, as far as its user would. Chrome's name is in the texts of others, and
// Safari's in that of nearly all: the order matters.
func browser(agent string) string {
	name := named(agent, "Unknown browser", [][2]string{{"Edg", "Edge"}, {"OPR/", "Opera"}, {"Firefox/", "Firefox"}, {"Chrome/", "Chrome"}, {"CriOS/", "Chrome"}, {"Safari/", "Safari"}})
	system := named(agent, "", [][2]string{{"Windows", "Windows"}, {"iPhone", "iPhone"}, {"iPad", "iPad"}, {"Android", "Android"}, {"CrOS", "ChromeOS"}, {"Mac OS X", "macOS"}, {"Linux", "Linux"}})
	if system == "" {
		return name
	}
	return name + " on " + system
}

func named(agent, otherwise string, marks [][2]string) string {
	for _, m := range marks {
		if strings.Contains(agent, m[0]) {
			return m[1]
		}
	}
	return otherwise
}

// lastSignIn says when the user signed in before, so that a sign-in that was not theirs is noticed.
func lastSignIn(s identity.Session) string {
	if s.Previous.IsZero() {
		return ""
	}
	return "Last signed in " + moment(s.Previous) + "."
}
