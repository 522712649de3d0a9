package users

import (
	"net/http"
	"time"

	"github.com/go-chi/chi/v5"

	"ribble/internal/identity"
	"ribble/internal/identity/local"
	"ribble/internal/sponsor"
	"ribble/web/page"
	"ribble/web/ui"
)

// Account is one user: where the account stands, how it came about, and what can be done.
func (p *Pages) Account(w http.ResponseWriter, r *http.Request) error {
	return p.drawAccount(w, r, http.StatusOK, nil, nil)
}

func (p *Pages) drawAccount(w http.ResponseWriter, r *http.Request, status int, tried error, invitation *page.InvitationLink) error {
	u, scope, err := p.looker(r)
	if err != nil {
		return err
	}
	a, err := p.Desk.User(r.Context(), u, chi.URLParam(r, "account"))
	if err != nil {
		return err
	}
	renewals, err := p.Desk.Requests(r.Context(), u, sponsor.Query{Organisation: a.Organisation.ODS, Account: a.ID})
	if err != nil {
		return err
	}
	b := p.board(r, usual(a.Name), AccountPath)
	b.Problems, _ = problems(tried, "#end")
	if len(b.Problems) > 0 {
		b.Title, b.Done = "Error: "+b.Title, nil
	}
	b.Invitation = invitation
	part := page.Part{ID: "account", Heading: "Account", Facts: accountFacts(a), Notes: p.accountNotes(a), Table: page.Table{}}
	if scope.All() {
		part.Do = []ui.Action{{Text: "Users of " + a.Organisation.Name, URL: OfPath + a.Organisation.ODS}}
	}
	b.Parts = []page.Part{part, historyPart(a, renewals)}
	b.Forms = p.accountForms(r, u, a, tried)
	if u.Issuer == local.Issuer && u.Subject == a.ID {
		b.Parts[0].Notes = append(b.Parts[0].Notes, ui.NoteProps{Kind: ui.NoteInfo, Lead: "This is your own account.", Text: "Another sponsor or an administrator confirms and renews it."})
		b.Forms = nil
	}
	return draw(w, r, status, page.Users(b))
}

func accountFacts(a local.Account) []ui.Pair {
	return []ui.Pair{
		{Key: "Name", Value: a.Name}, {Key: "Login name", Value: a.Login}, {Key: "Role", Value: roleName(a.Role)}, {Key: "Organisation", Value: a.Organisation.Name + " (" + a.Organisation.ODS + ")"},
		{Key: "Trained on", Value: day(a.Trained)}, {Key: "Confirmed until", Value: lastDay(a.ConfirmedUntil)}, {Key: "Last day", Value: lastDay(a.Expires)},
	}
}

// accountNotes say first what keeps the user out, or soon will.
func (p *Pages) accountNotes(a local.Account) []ui.NoteProps {
	now := p.Now()
	var notes []ui.NoteProps
	switch {
	case a.Status == local.Ended:
		notes = append(notes, ui.NoteProps{Kind: ui.NoteInfo, Lead: "Ended for good.", Text: "The login name cannot be used again."})
	case a.Status == local.Locked:
		notes = append(notes, ui.NoteProps{Kind: ui.NoteCare, Lead: "Locked by an operator.", Text: "Your Ribble team can unlock it."})
	case a.Lapse(now) == local.Expired:
		notes = append(notes, ui.NoteProps{Kind: ui.NoteLoud, Lead: "Expired.", Text: "The user cannot sign in. Renew it after new training: passphrase and second step stay as they are."})
	case a.Lapse(now) == local.Unconfirmed:
		notes = append(notes, ui.NoteProps{Kind: ui.NoteLoud, Lead: "Suspended: nobody confirmed it this quarter.", Text: "The user cannot sign in. Confirm it, and they can again at once."})
	case a.Status == local.Invited:
		notes = append(notes, ui.NoteProps{Kind: ui.NoteCare, Lead: "Not set up yet.", Text: "The user needs an invitation, which works for seven days."})
	}
	if warning, ok := sponsor.Warn(a, now); ok && warning.Days > 0 {
		text := "The last day of access is " + lastDay(a.Expires) + "."
		if warning.Lapse == local.Unconfirmed {
			text = "It must be confirmed by " + lastDay(a.ConfirmedUntil) + ", or it is suspended."
		}
		notes = append(notes, ui.NoteProps{Kind: ui.NoteCare, Icon: ui.IconClock, Lead: "Less than " + count(warning.Days, "day", "days") + " left.", Text: text})
	}
	return notes
}

func historyPart(a local.Account, renewals []sponsor.Request) page.Part {
	part := page.Part{ID: "history", Heading: "How it came about", Facts: []ui.Pair{{Key: "Made", Value: moment(a.Created)}, {Key: "Last changed", Value: moment(a.Changed)}}}
	if a.Request == "" {
		part.Notes = []ui.NoteProps{{Kind: ui.NoteCare, Lead: "An operator made this account alone.", Text: "No sponsor vouched for it."}}
	}
	part.Table.Head = []string{"Request", "State", "Vouched for by", "Granted or refused by"}
	for _, r := range renewals {
		part.Table.Rows = append(part.Table.Rows, []page.Cell{link(headline(r), RequestPath+r.Batch, moment(r.At)), tagged(states[r.State].kind, states[r.State].words), words(usual(r.Sponsor.Name)), words(usual(r.Decider.Name))})
	}
	return part
}

// accountForms are what this reader can do with the account as it stands.
func (p *Pages) accountForms(r *http.Request, u identity.User, a local.Account, tried error) []page.ControlForm {
	at := AccountPath + a.ID
	if a.Status == local.Ended {
		return nil
	}
	var forms []page.ControlForm
	if p.Desk.MayInvite(u, a) {
		forms = append(forms, inviteForm(at, a))
	}
	if a.Lapse(p.Now()) != local.Expired && a.ConfirmedUntil.Sub(p.Now()) <= sponsor.WarnWithin {
		forms = append(forms, page.ControlForm{
			ID: "confirm", URL: at + "/confirm", Heading: "Confirm", Lead: "You say that this user still works for your organisation and still needs the account. It holds for a quarter.",
			Buttons: []ui.ButtonProps{{Text: "Confirm for another quarter", Variant: "secondary", Once: true}},
		})
	}
	if a.Expires.Sub(p.Now()) > renewWithin {
		return append(forms, endForm(at))
	}
	renew := page.ControlForm{ID: "renew", URL: at + "/renew", Heading: "Renew, after new training", Controls: p.dayControls(r.PostForm, tried), Buttons: []ui.ButtonProps{{Text: "Vouch for the renewal", Variant: "secondary", Once: true}}, Foot: "An administrator of the region must grant it."}
	return append(forms, renew, endForm(at))
}

// renewWithin is how long before its end an account can be renewed.
const renewWithin = 90 * 24 * time.Hour

func endForm(at string) page.ControlForm {
	return page.ControlForm{
		ID: "end", URL: at + "/end", Heading: "End the account", Lead: "At once and for good, with every session. The login name cannot be used again.",
		Controls: []page.Control{{Checks: &ui.ChoiceProps{ID: "sure", Name: "sure", Label: "Are you sure?", Options: []ui.Option{{Value: "yes", Text: "Yes, end this account"}}, Small: true}}},
		Buttons:  []ui.ButtonProps{{Text: "End the account", Variant: "warning", Once: true}},
	}
}

func inviteForm(at string, a local.Account) page.ControlForm {
	f := page.ControlForm{ID: "invite", URL: at + "/invite", Heading: "Invitation", Lead: "Makes the address by which the user sets the account up. It is shown once, to you.", Buttons: []ui.ButtonProps{{Text: "Make an invitation", Once: true}}}
	if a.Status == local.Active {
		f.Heading, f.Lead = "Lost phone or forgotten passphrase", "Make sure, by another way than e-mail, that it is the user who asks. It ends their sessions and takes passphrase, second step and recovery codes away; they set up new ones."
		f.Buttons[0].Text, f.Buttons[0].Variant = "Take everything away and make a new invitation", "secondary"
	}
	return f
}

// act does something to an account, and says so on its page.
func (p *Pages) act(w http.ResponseWriter, r *http.Request, done string, act func(u identity.User, account string) error) error {
	u, _, err := p.looker(r)
	if err != nil {
		return err
	}
	id := chi.URLParam(r, "account")
	err = act(u, id)
	if _, mine := problems(err, ""); mine {
		return p.drawAccount(w, r, http.StatusUnprocessableEntity, err, nil)
	}
	if err != nil {
		return err
	}
	return redirect(w, r, AccountPath+id, done)
}

// ConfirmOne confirms one user for another quarter.
func (p *Pages) ConfirmOne(w http.ResponseWriter, r *http.Request) error {
	return p.act(w, r, "confirmed", func(u identity.User, id string) error {
		_, err := p.Desk.Confirm(r.Context(), u, []string{id})
		return err
	})
}

// Renew vouches for another year.
func (p *Pages) Renew(w http.ResponseWriter, r *http.Request) error {
	return p.act(w, r, "renewed", func(u identity.User, id string) error {
		_, err := p.Desk.Renew(r.Context(), u, id, formOf(posted(r)))
		return err
	})
}

// End ends one account.
func (p *Pages) End(w http.ResponseWriter, r *http.Request) error {
	if r.PostFormValue("sure") != "yes" {
		return p.drawAccount(w, r, http.StatusUnprocessableEntity, errNotSure, nil)
	}
	return p.act(w, r, "ended", func(u identity.User, id string) error { return p.Desk.End(r.Context(), u, id) })
}

// Invite makes an invitation and shows it, this once.
func (p *Pages) Invite(w http.ResponseWriter, r *http.Request) error {
	u, _, err := p.looker(r)
	if err != nil {
		return err
	}
	id := chi.URLParam(r, "account")
	a, err := p.Desk.User(r.Context(), u, id)
	if err != nil {
		return err
	}
	token, err := p.Desk.Invite(r.Context(), u, id)
	if _, mine := problems(err, ""); mine {
		return p.drawAccount(w, r, http.StatusUnprocessableEntity, err, nil)
	}
	if err != nil {
		return err
	}
	return p.drawAccount(w, r, http.StatusOK, nil, &page.InvitationLink{For: usual(a.Name), URL: p.PublicURL + "/invitation/" + token.Cookie()})
}
