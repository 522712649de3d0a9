package consentdesk

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"ribble/internal/consent"
	"ribble/internal/portal/handle"
	"ribble/internal/record"
	"ribble/web/page"
	"ribble/web/ui"
)

// entryHandle is an entry that was checked and is about to be written down.
type entryHandle struct {
	Person       personHandle
	Organisation string
	Sections     record.Sections
	Direction    consent.Direction
	Stance       consent.Stance
	From         time.Time
}

// endHandle is an entry of the register that is to be ended.
type endHandle struct {
	Person personHandle
	ID     string
}

func (e entryHandle) entry() consent.Entry {
	return consent.Entry{Organisation: e.Organisation, Sections: e.Sections, Direction: e.Direction, Stance: e.Stance, From: e.From}
}

// entryForm is what was filled in.
type entryForm struct {
	stance, direction, organisation string
	kinds                           []string
	day, month, year                string
	faults                          entryFaults
}

// entryFaults are what is wrong with it.
type entryFaults struct{ stance, direction, kinds, date string }

var (
	stances    = map[string]consent.Stance{"objects": consent.Objected, "agrees": consent.Agreed}
	directions = map[string]consent.Direction{"view": consent.View, "supply": consent.Supply}
)

// everybody stands in the form for every organisation.
const everybody = "every"

func read(r *http.Request) entryForm {
	value := func(name string) string { return strings.TrimSpace(r.PostFormValue(name)) }
	return entryForm{
		stance: value("stance"), direction: value("direction"), organisation: value("organisation"), kinds: r.PostForm["kinds"],
		day: value("day"), month: value("month"), year: value("year"),
	}
}

// Check is the first step: what was filled in, put into words to be read to the person. Nothing is written down yet.
func (p *Pages) Check(w http.ResponseWriter, r *http.Request) error {
	u, err := p.clerk(r)
	if err != nil {
		return err
	}
	who, number, err := p.person(u, r.PostFormValue("person"))
	if err != nil {
		return err
	}
	o, form := opened{u, who, number}, read(r)
	entry, problems := p.checked(o, &form)
	if len(problems) > 0 {
		return p.draw(w, r, o, http.StatusUnprocessableEntity, form, problems)
	}
	token, err := handle.Seal(p.Handles, entryPurpose, entry)
	if err != nil {
		return err
	}
	back, err := p.back(who)
	if err != nil {
		return err
	}
	props := page.CheckObjectionProps{
		Props: p.Frame(r), Heading: "Is this what the person says?", Person: o.subject(), Lead: p.lead(entry.entry()), Facts: p.facts(entry.entry()),
		URL: Path, Fields: []ui.Field{{Name: "entry", Value: token}}, Button: "Write it down", Back: back,
	}
	props.Title = props.Heading
	return write(w, r, http.StatusOK, page.CheckObjection(props))
}

// checked makes an entry of the form, and says what is wrong with it.
func (p *Pages) checked(o opened, f *entryForm) (entryHandle, []ui.Problem) {
	e := entryHandle{Person: o.who, Stance: stances[f.stance], Direction: directions[f.direction]}
	if f.organisation != everybody {
		e.Organisation = f.organisation
	}
	for _, k := range kinds {
		if slices.Contains(f.kinds, k.code) {
			e.Sections |= k.sections
		}
	}
	var problems []ui.Problem
	say := func(wrong bool, into *string, text, href string) {
		if wrong {
			*into = text
			problems = append(problems, ui.Problem{Text: text, Href: href})
		}
	}
	say(e.Stance == 0, &f.faults.stance, "Choose whether the person objects or agrees.", "#stance")
	say(e.Direction == 0, &f.faults.direction, "Choose what it is about.", "#direction")
	from, ok := f.from(p.Handles.Now())
	e.From = from
	say(!ok, &f.faults.date, "Enter the day as day, month and year, today or later, or leave it empty.", "#from-day")
	say(e.Sections == 0, &f.faults.kinds, "Choose at least one kind of data.", "#kinds")
	if _, known := p.Organisation(e.Organisation); !known && e.Organisation != "" && e.Organisation != o.user.Organisation.ODS {
		problems = append(problems, ui.Problem{Text: "Choose the organisation from the list.", Href: "#organisation"})
	}
	return e, problems
}

// from is the day from which an entry holds: zero for now. A day in the past would say something of views that have been.
func (f *entryForm) from(now time.Time) (time.Time, bool) {
	if f.day == "" && f.month == "" && f.year == "" {
		return time.Time{}, true
	}
	var n [3]int
	for i, part := range []string{f.year, f.month, f.day} {
		v, err := strconv.Atoi(part)
		if err != nil {
			return time.Time{}, false
		}
		n[i] = v
	}
	at := time.Date(n[0], time.Month(n[1]), n[2], 0, 0, 0, 0, now.Location())
	today := time.Date(now.Year(), now.Month(), now.Day(), 0, 0, 0, 0, now.Location())
	if at.Month() != time.Month(n[1]) || at.Before(today) || n[0] > now.Year()+100 {
		return time.Time{}, false
	}
	if at.Equal(today) {
		return time.Time{}, true
	}
	return at, true
}

// lead says in one sentence what is about to be written down.
func (p *Pages) lead(e consent.Entry) ui.NoteProps {
	if e.Stance == consent.Objected {
		but := "A clinician can still open the record in an emergency; you can ask who did."
		if e.Direction == consent.Supply {
			but = "Emergency access does not show it either."
		}
		return ui.NoteProps{Kind: ui.NoteHeld, Lead: "I object to " + p.what(e) + ".", Text: "This holds at once for new views, and closes records that are open within a minute. " + but}
	}
	return ui.NoteProps{Kind: ui.NoteInfo, Lead: "I agree to " + p.what(e) + ".", Text: "An objection that holds at the same time is stronger: to withdraw one, end it."}
}

func (p *Pages) facts(e consent.Entry) []ui.Pair {
	from := "now"
	if !e.From.IsZero() {
		from = day(e.From)
	}
	return []ui.Pair{{Key: "Kinds of data", Value: named(e.Sections)}, {Key: "Organisation", Value: p.organisation(e)}, {Key: "From", Value: from}, {Key: "Until", Value: "somebody ends it here"}}
}

func (p *Pages) back(who personHandle) (ui.Action, error) {
	token, err := handle.Seal(p.Handles, personPurpose, who)
	return ui.Action{Text: "Back, without writing anything down", URL: Path + "/" + token}, err
}

// Keep is the second step: the entry is written down.
func (p *Pages) Keep(w http.ResponseWriter, r *http.Request) error {
	u, err := p.clerk(r)
	if err != nil {
		return err
	}
	e, err := handle.Open[entryHandle](p.Handles, entryPurpose, r.PostFormValue("entry"))
	if err != nil {
		return err
	}
	number, err := e.Person.Person(u)
	if err != nil {
		return err
	}
	if err := p.Desk.Object(r.Context(), u, number, e.entry()); err != nil {
		return err
	}
	return p.toRegister(w, r, e.Person, "kept")
}

// End asks whether an entry is to be ended, and ends it when that was confirmed.
func (p *Pages) End(w http.ResponseWriter, r *http.Request) error {
	u, err := p.clerk(r)
	if err != nil {
		return err
	}
	e, err := handle.Open[endHandle](p.Handles, endPurpose, r.PostFormValue("entry"))
	if err != nil {
		return err
	}
	number, err := e.Person.Person(u)
	if err != nil {
		return err
	}
	if r.PostFormValue("confirmed") == "yes" {
		if err := p.Desk.EndObjection(r.Context(), u, number, e.ID); err != nil {
			return err
		}
		return p.toRegister(w, r, e.Person, "ended")
	}
	return p.askEnd(w, r, opened{u, e.Person, number}, e)
}

func (p *Pages) askEnd(w http.ResponseWriter, r *http.Request, o opened, e endHandle) error {
	standing, err := p.Desk.Register(r.Context(), o.user, o.number)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(standing, func(entry consent.Entry) bool { return entry.ID == e.ID })
	if i < 0 {
		return p.toRegister(w, r, o.who, "")
	}
	entry := standing[i]
	back, err := p.back(o.who)
	if err != nil {
		return err
	}
	token, err := handle.Seal(p.Handles, endPurpose, e)
	if err != nil {
		return err
	}
	props := page.CheckObjectionProps{
		Props: p.Frame(r), Heading: "End this entry?", Person: o.subject(), Facts: p.facts(entry), URL: Path + "/end", Button: "End it", Back: back,
		Lead:   ui.NoteProps{Kind: ui.NoteCare, Lead: stanceWords[entry.Stance] + " to " + p.what(entry) + ".", Text: "Once it is ended it no longer holds for any view. Ask the person first."},
		Fields: []ui.Field{{Name: "entry", Value: token}, {Name: "confirmed", Value: "yes"}},
	}
	props.Title = props.Heading
	return write(w, r, http.StatusOK, page.CheckObjection(props))
}
