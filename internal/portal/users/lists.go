package users

import (
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"ribble/internal/fault"
	"ribble/internal/sponsor"
	"ribble/web/page"
	"ribble/web/ui"
)

var (
	errNotSure = fault.New(fault.Invalid, "Tick the box to end the account. Nothing was changed.")
	errNoList  = fault.New(fault.Invalid, "Paste a list first.")
)

// AddForm asks for one new user.
func (p *Pages) AddForm(w http.ResponseWriter, r *http.Request) error {
	return p.drawAdd(w, r, http.StatusOK, nil)
}

// Add vouches for one new user.
func (p *Pages) Add(w http.ResponseWriter, r *http.Request) error {
	u, _, err := p.looker(r)
	if err != nil {
		return err
	}
	batch, err := p.Desk.Add(r.Context(), u, formOf(posted(r)))
	if _, mine := problems(err, ""); mine {
		return p.drawAdd(w, r, http.StatusUnprocessableEntity, err)
	}
	if err != nil {
		return err
	}
	return redirect(w, r, RequestPath+batch, "vouched")
}

func (p *Pages) drawAdd(w http.ResponseWriter, r *http.Request, status int, tried error) error {
	u, scope, err := p.looker(r)
	if err != nil {
		return err
	}
	b := p.board(r, "Add a user", AddPath)
	b.Narrow = true
	b.Problems, _ = problems(tried, "#login")
	if len(b.Problems) > 0 {
		b.Title = "Error: " + b.Title
	}
	form := posted(r)
	if !scope.All() && form.Get("organisation") == "" {
		form.Set("organisation", u.Organisation.ODS)
	}
	inputs := personInputs(form, tried)
	f := page.ControlForm{
		ID: "add", URL: AddPath, Heading: "Who, and as what", Lead: "For a user who has not asked. You vouch for them; an administrator grants it; then you make the invitation.",
		Buttons: []ui.ButtonProps{{Text: "Vouch for this user", Once: true}}, Foot: "Nothing is granted yet.",
	}
	for i := range inputs {
		f.Controls = append(f.Controls, page.Control{Input: &inputs[i]})
	}
	f.Controls = append(append(f.Controls, roleChoice(form, tried)), p.dayControls(form, tried)...)
	b.Forms = []page.ControlForm{f}
	return draw(w, r, status, page.Users(b))
}

// ImportForm asks for a list of new users.
func (p *Pages) ImportForm(w http.ResponseWriter, r *http.Request) error {
	return p.drawImport(w, r, http.StatusOK, nil, nil)
}

// Import shows what a list would do, or vouches for everybody on it. With one fault in the list nothing is kept.
func (p *Pages) Import(w http.ResponseWriter, r *http.Request) error {
	u, _, err := p.looker(r)
	if err != nil {
		return err
	}
	text := r.PostFormValue("text")
	if strings.TrimSpace(text) == "" {
		return p.drawImport(w, r, http.StatusUnprocessableEntity, errNoList, nil)
	}
	review, err := p.Desk.Review(r.Context(), u, strings.NewReader(text))
	var batch string
	if err == nil && r.PostFormValue("do") == "vouch" {
		batch, err = p.Desk.Import(r.Context(), u, review)
	}
	if _, mine := problems(err, ""); mine {
		return p.drawImport(w, r, http.StatusUnprocessableEntity, err, nil)
	}
	if err != nil {
		return err
	}
	if batch == "" {
		return p.drawImport(w, r, http.StatusOK, nil, review.Requests())
	}
	return redirect(w, r, RequestPath+batch, "vouched")
}

func (p *Pages) drawImport(w http.ResponseWriter, r *http.Request, status int, tried error, found []sponsor.Request) error {
	if _, _, err := p.looker(r); err != nil {
		return err
	}
	b := p.board(r, "Import users", ImportPath)
	f := listForm(&b, r, tried)
	f.URL, f.Heading = ImportPath, "A list of new users"
	f.Controls[0].Text.Label = "The list, as CSV"
	f.Controls[0].Text.Hint = "The first line must be " + sponsor.UsersHeader + ". Login is a work e-mail address; organisation an ODS code; role one of care-nurse, care-worker, care-manager, hospice-clinician, hospice-nurse, sponsor; trained and until are days like 2027-03-31. At most 5,000 users."
	if len(found) > 0 {
		part := page.Part{ID: "preview", Heading: "Preview: " + count(len(found), "new user", "new users"), Cover: "Nothing has been kept", Table: usersTable(found)}
		if more := len(found) - mostShown; more > 0 {
			part.Foot = fmt.Sprintf("and %d more, in which nothing is wrong either", more)
		}
		b.Parts = []page.Part{part}
		f.Buttons = []ui.ButtonProps{{Text: "Vouch for all " + strconv.Itoa(len(found)), Name: "do", Value: "vouch", Once: true}, {Text: "Preview again", Variant: "secondary", Name: "do", Value: "preview"}}
		f.Foot = "All of them or none. Then an administrator who is not you grants the whole list."
	}
	b.Forms = []page.ControlForm{f}
	return draw(w, r, status, page.Users(b))
}

// listForm begins the form for a list, and says above it what is wrong with what was sent.
func listForm(b *page.UsersProps, r *http.Request, tried error) page.ControlForm {
	text := ui.InputProps{ID: "text", Name: "text", Value: r.PostFormValue("text"), Rows: 12, NoSpellcheck: true}
	b.Problems, _ = problems(tried, "#text")
	if n := len(b.Problems); n > 0 {
		b.Title, text.Error = "Error: "+b.Title, count(n, "fault was", "faults were")+" found. Nothing was changed."
		if n > mostProblems {
			b.Problems = append(b.Problems[:mostProblems:mostProblems], ui.Problem{Text: "and more", Href: "#text"})
		}
	}
	return page.ControlForm{ID: "list", Controls: []page.Control{{Text: &text}}, Buttons: []ui.ButtonProps{{Text: "Preview", Name: "do", Value: "preview", Once: true}}}
}

// LeaversForm asks for a list of leavers.
func (p *Pages) LeaversForm(w http.ResponseWriter, r *http.Request) error {
	return p.drawLeavers(w, r, http.StatusOK, nil, nil)
}

// Leavers shows what a list of leavers would do, or does it.
func (p *Pages) Leavers(w http.ResponseWriter, r *http.Request) error {
	u, _, err := p.looker(r)
	if err != nil {
		return err
	}
	text := r.PostFormValue("text")
	if strings.TrimSpace(text) == "" {
		return p.drawLeavers(w, r, http.StatusUnprocessableEntity, errNoList, nil)
	}
	var found sponsor.Leavers
	list, err := sponsor.ReadLeavers(strings.NewReader(text))
	applied := r.PostFormValue("do") == "end"
	switch {
	case err != nil:
	case applied:
		confirmed, _ := strconv.Atoi(strings.TrimSpace(r.PostFormValue("confirmed"))) // what is no number confirms nothing
		found, err = p.Desk.Leave(r.Context(), u, list, confirmed)
	default:
		found, err = p.Desk.Foresee(r.Context(), u, list)
	}
	if errors.Is(err, sponsor.ErrLarge) {
		return p.drawLeavers(w, r, http.StatusUnprocessableEntity, err, &found)
	}
	if _, mine := problems(err, ""); mine {
		return p.drawLeavers(w, r, http.StatusUnprocessableEntity, err, nil)
	}
	if err != nil {
		return err
	}
	if applied {
		return p.drawLeft(w, r, found)
	}
	return p.drawLeavers(w, r, http.StatusOK, nil, &found)
}

// drawLeft says what was done, line by line.
func (p *Pages) drawLeft(w http.ResponseWriter, r *http.Request, found sponsor.Leavers) error {
	b := p.board(r, "Leavers", "")
	b.Done = &ui.NoteProps{Kind: ui.NoteNil, Lead: "Done: " + count(found.Ends, "account", "accounts") + " of " + count(len(found.Lines), "line", "lines") + ".", Text: "Each is in the audit trail."}
	b.Parts = []page.Part{leaversPart(found, "What was done")}
	return draw(w, r, http.StatusOK, page.Users(b))
}

func (p *Pages) drawLeavers(w http.ResponseWriter, r *http.Request, status int, tried error, found *sponsor.Leavers) error {
	if _, _, err := p.looker(r); err != nil {
		return err
	}
	b := p.board(r, "Leavers", LeaversPath)
	f := listForm(&b, r, tried)
	f.URL, f.Heading = LeaversPath, "A list of leavers"
	f.Controls[0].Text.Label = "The list, as CSV"
	f.Controls[0].Text.Hint = "The first line must be " + sponsor.LeaversHeader + ". User is a login name, or the twelve digits of a smartcard user; left is the last day like 2027-03-31, or empty for at once. Regular lists go through “ribble user leavers” on the server."
	if found != nil {
		part := leaversPart(*found, "Preview: "+count(found.Ends, "account ends", "accounts end"))
		part.Cover = "Nothing has been changed"
		b.Parts = []page.Part{part}
		f.Buttons = []ui.ButtonProps{{Text: "End them", Name: "do", Value: "end", Variant: "warning", Once: true}, {Text: "Preview again", Variant: "secondary", Name: "do", Value: "preview"}}
		for _, s := range found.Large {
			b.Parts[0].Notes = append(b.Parts[0].Notes, ui.NoteProps{Kind: ui.NoteLoud, Lead: fmt.Sprintf("%d of the %d accounts of %s end.", s.Ends, s.Of, s.Organisation.Name), Text: "Check that this is a list of leavers, and not of staff."})
		}
		if len(found.Large) > 0 {
			f.Controls = append(f.Controls, page.Control{Input: &ui.InputProps{ID: "confirmed", Name: "confirmed", Label: "How many accounts end?", Hint: "Type the number from the preview to confirm so large a share.", Width: 5, InputMode: "numeric"}})
		}
	}
	b.Forms = []page.ControlForm{f}
	return draw(w, r, status, page.Users(b))
}

// leaversPart lists what becomes of each line.
func leaversPart(found sponsor.Leavers, heading string) page.Part {
	part := page.Part{ID: "lines", Heading: heading, Table: page.Table{Head: []string{"User", "Line", "Organisation", "Last day", "What happens"}}}
	for _, l := range found.Lines[:min(len(found.Lines), 10*mostShown)] {
		last := "at once"
		if !l.Last.IsZero() {
			last = day(l.Last)
		}
		who := words(l.User)
		if l.Account.ID != "" {
			who = link(usual(l.Account.Name), AccountPath+l.Account.ID, l.User)
		}
		part.Table.Rows = append(part.Table.Rows, []page.Cell{who, whole(strconv.Itoa(l.Line)), words(l.Account.Organisation.Name), whole(last), tagged(fates[l.Fate].kind, fates[l.Fate].words)})
	}
	if more := len(found.Lines) - len(part.Table.Rows); more > 0 {
		part.Foot = fmt.Sprintf("and %d more lines", more)
	}
	return part
}
