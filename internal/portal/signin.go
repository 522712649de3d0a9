package portal

import (
	"bytes"
	"net/http"
	"net/url"

	"github.com/a-h/templ"

	"ribble/internal/identity/signin"
	"ribble/internal/portal/users"
	"ribble/web/page"
	"ribble/web/ui"
)

// signInPage draws the page on which a user picks how to sign in.
func (p *Portal) signInPage(w http.ResponseWriter, r *http.Request, status int, form signin.Form) error {
	props := page.SignInProps{Props: p.frame(r)}
	props.Title = "Sign in"
	for _, provider := range form.Providers {
		props.Providers = append(props.Providers, page.Provider{Name: "Sign in with " + provider.Name, URL: "/sign-in/" + provider.ID, Fields: []ui.Field{{Name: "return", Value: form.Return}}})
	}
	if p.accounts != nil {
		props.Local = &ui.Action{Text: "Sign in with a Ribble account", URL: "/sign-in/local?return=" + url.QueryEscape(form.Return)}
	}
	if p.users != nil {
		props.Ask = &ui.Action{Text: "Ask for a Ribble account", URL: users.AskPath}
	}
	switch {
	case form.Problem != "":
		props.Notice = &ui.NoteProps{Kind: ui.NoteLoud, Text: form.Problem, Alert: true}
	case form.Ended:
		props.Notice = &ui.NoteProps{Kind: ui.NoteCare, Icon: ui.IconClock, Lead: "Your session has ended.", Text: "It was not used for some time, or was ended elsewhere. Sign in again."}
	case form.SignedOut:
		props.Notice = &ui.NoteProps{Kind: ui.NoteInfo, Lead: "You have signed out.", Text: "Close the window if others use this computer."}
	}
	return draw(w, r, status, page.SignIn(props))
}

// chooseRole lets a user with several roles pick the one of this session.
func (p *Portal) chooseRole(w http.ResponseWriter, r *http.Request, status int, choice signin.Choice) error {
	props := page.ChooseRoleProps{Props: p.frame(r), Name: choice.UserName, URL: "/sign-in/role", Error: choice.Problem}
	props.Title = "Choose a role"
	for _, role := range choice.Roles {
		props.Roles = append(props.Roles, ui.Option{Value: role.ProfileID, Text: role.Role, Hint: role.Organisation + " (" + role.ODS + ")"})
	}
	return draw(w, r, status, page.ChooseRole(props))
}

func draw(w http.ResponseWriter, r *http.Request, status int, c templ.Component) error {
	var b bytes.Buffer
	if err := c.Render(r.Context(), &b); err != nil {
		return err
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_, err := w.Write(b.Bytes())
	return err
}
