package users

import (
	"errors"
	"net/http"
	"net/url"
	"time"

	"ribble/internal/fault"
	"ribble/internal/identity"
	"ribble/internal/sponsor"
	"ribble/web/page"
	"ribble/web/ui"
)

// How often one sender, and all who name one organisation, may ask in an hour. An organisation that begins asks for a few dozen; its sponsor imports more.
const (
	askWindow       = time.Hour
	askLimit        = 10
	askOrganisation = 60
)

var (
	errAsksOften = fault.New(fault.TooMany, "Very many accounts were asked for from your network or for your organisation in the last hour. Wait an hour and try again, or have your sponsor add you.")
	errNotKept   = "Accounts cannot be asked for just now. Try again in a minute."
)

// AskForm is GET /request-account: the form for somebody without an account.
func (p *Pages) AskForm(w http.ResponseWriter, r *http.Request) error {
	return p.drawAsk(w, r, http.StatusOK, nil)
}

// Ask is POST /request-account. Whether there is an account or a request of that name already makes no difference to the answer.
func (p *Pages) Ask(w http.ResponseWriter, r *http.Request) error {
	f := formOf(posted(r))
	f.Role, f.Trained, f.Until = "", "", ""
	if err := p.often(r, f); err != nil {
		return err
	}
	err := p.Desk.Ask(r.Context(), f)
	if _, wrong := errors.AsType[sponsor.Problems](err); wrong {
		return p.drawAsk(w, r, http.StatusUnprocessableEntity, err)
	}
	if err != nil {
		return fault.Wrap(fault.Unavailable, errNotKept, err)
	}
	http.Redirect(w, r, AskedPath, http.StatusSeeOther)
	return nil
}

// often refuses who has asked very often, before anything is written.
func (p *Pages) often(r *http.Request, f sponsor.Form) error {
	org, known := p.Desk.Organisation(f.Organisation)
	counted := []identity.Counted{{Kind: "ask-address", Key: p.Network(r), Window: askWindow}}
	if known {
		counted = append(counted, identity.Counted{Kind: "ask-organisation", Key: org.ODS, Window: askWindow})
	}
	counts, err := p.Counter.Count(r.Context(), p.Now(), counted...)
	if err != nil {
		return fault.Wrap(fault.Unavailable, errNotKept, err)
	}
	if counts[0] > askLimit || len(counts) > 1 && counts[1] > askOrganisation {
		return errAsksOften
	}
	return nil
}

func (p *Pages) drawAsk(w http.ResponseWriter, r *http.Request, status int, tried error) error {
	props := page.AskAccountProps{Props: p.Frame(r), URL: AskPath, Back: ui.Action{Text: "Go back to signing in", URL: "/sign-in"}}
	props.Title = "Ask for an account"
	props.Problems, _ = problems(tried, "#name")
	if len(props.Problems) > 0 {
		props.Title = "Error: " + props.Title
	}
	inputs := personInputs(posted(r), tried)
	props.Name, props.Login, props.Job, props.Organisation = inputs[0], inputs[1], inputs[2], inputs[3]
	return draw(w, r, status, page.AskAccount(props))
}

// personInputs ask who somebody is and where they work.
func personInputs(form url.Values, tried error) []ui.InputProps {
	return []ui.InputProps{
		{ID: "name", Name: "name", Label: "Name", Hint: "First name and family name, as on an identity document.", Value: form.Get("name"), Error: problemOf(tried, "name"), Autocomplete: "name", NoSpellcheck: true},
		{ID: "login", Name: "login", Label: "Work e-mail address", Hint: "It becomes the login name.", Value: form.Get("login"), Error: problemOf(tried, "login"), Type: "email", Autocomplete: "email", NoSpellcheck: true},
		{ID: "job", Name: "job", Label: "Job", Hint: "For example “senior care worker”.", Value: form.Get("job"), Error: problemOf(tried, "job"), Autocomplete: "organization-title"},
		{ID: "organisation", Name: "organisation", Label: "Organisation", Hint: "Its ODS code, such as 8Z902, or its name in full.", Value: form.Get("organisation"), Error: problemOf(tried, "organisation"), Autocomplete: "organization", NoSpellcheck: true},
	}
}

// Asked is GET /request-account/sent.
func (p *Pages) Asked(w http.ResponseWriter, r *http.Request) error {
	props := page.AskedProps{Props: p.Frame(r), Back: ui.Action{Text: "Go back to signing in", URL: "/sign-in"}, Steps: []string{
		"The sponsor of your organisation checks that it is you, that you were trained, and what you need.",
		"An administrator of the shared care record grants it.",
		"Your sponsor gives you a link, in person or over the phone. With it you choose a passphrase and a second step.",
	}}
	props.Title = "Your request was sent"
	return draw(w, r, http.StatusOK, page.Asked(props))
}
