// Package consentdesk holds the pages on which staff write down what people have agreed or objected to: read the register of one person, add to it, end an entry.
package consentdesk

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/a-h/templ"
	"github.com/go-chi/chi/v5"

	"ribble/internal/access"
	"ribble/internal/consent"
	"ribble/internal/fault"
	"ribble/internal/findperson"
	"ribble/internal/identity"
	"ribble/internal/portal/handle"
	"ribble/internal/portal/middleware"
	"ribble/internal/record"
	"ribble/internal/section"
	"ribble/web/layout"
	"ribble/web/page"
	"ribble/web/ui"
)

// Desk keeps the register of objections; *register.Desk is one.
type Desk interface {
	Register(ctx context.Context, u identity.User, n record.NHSNumber) (consent.Standing, error)
	Object(ctx context.Context, u identity.User, n record.NHSNumber, e consent.Entry) error
	EndObjection(ctx context.Context, u identity.User, n record.NHSNumber, id string) error
}

// Config is what the pages need.
type Config struct {
	Find *findperson.Flow
	Desk Desk
	// Organisations are those that can be named in an entry, besides the user's own and the person's practice; Organisation finds any by ODS code.
	Organisations func() []record.Organisation
	Organisation  func(ods string) (record.Organisation, bool)
	Handles       handle.Keeper
	// Profiles is the table of rights; nil is the shipped one.
	Profiles *access.Profiles
	// Frame is the frame of every page: who is signed in, and the links of the top bar.
	Frame func(*http.Request) layout.Props
}

// Pages serves the pages of this audience.
type Pages struct{ Config }

// New makes the pages.
func New(c Config) *Pages { return &Pages{c} }

// Path is where the desk begins.
const Path = "/objections"

// Purposes of sealed tokens: a token made for one opens for no other.
const (
	personPurpose = "objections-person"
	soughtPurpose = "objections-sought"
	entryPurpose  = "objections-entry"
	endPurpose    = "objections-end"
)

// personHandle is the person whose register is open, with what the pages show of them.
type personHandle struct {
	handle.Bound
	Name string `json:"a"`
	Born string `json:"b"`
	// Practice is the ODS code of the person's practice.
	Practice string `json:"g,omitempty"`
}

var errMayNot = fault.New(fault.Denied, "Your role does not keep the register of objections. It needs the activity “Manage Patient Consent”.")

// clerk is who is signed in, when their role has the right.
func (p *Pages) clerk(r *http.Request) (identity.User, error) {
	u, ok := middleware.User(r.Context())
	if !ok || !p.Profiles.Holds(u, access.RecordConsent) {
		return identity.User{}, errMayNot
	}
	return u, nil
}

// FindForm asks whose register is wanted.
func (p *Pages) FindForm(w http.ResponseWriter, r *http.Request) error {
	if _, err := p.clerk(r); err != nil {
		return err
	}
	return write(w, r, http.StatusOK, page.FindObjections(p.findProps(r)))
}

func (p *Pages) findProps(r *http.Request) page.FindObjectionsProps {
	props := page.FindObjectionsProps{Props: p.Frame(r), URL: Path + "/find"}
	props.Title = "Objections"
	return props
}

// Find looks the person up and leads to their register.
func (p *Pages) Find(w http.ResponseWriter, r *http.Request) error {
	u, err := p.clerk(r)
	if err != nil {
		return err
	}
	by, ok := searcher(r)
	if !ok {
		return errMayNot
	}
	text := strings.TrimSpace(r.PostFormValue("nhs"))
	person, err := p.Config.Find.ByNumber(r.Context(), by, text)
	if kind := fault.KindOf(err); err != nil && (kind == fault.Invalid || kind == fault.NotFound) {
		return p.toNobody(w, r, soughtHandle{handle.Bind(u, record.NHSNumber{}), text, fault.SafeText(err)})
	}
	if err != nil {
		return err
	}
	b := section.Banner(person, p.Handles.Now())
	who := personHandle{Bound: handle.Bind(u, person.NHSNumber), Name: b.Name, Born: b.Born}
	if !person.Restricted {
		// Where a restricted person's practice is tells where the person is.
		who.Practice = person.Practice.ODS
	}
	return p.toRegister(w, r, who, "")
}

// soughtHandle is what was typed and led to nobody, with why. A browser keeps the form whose answer a page is, but of an address only the address.
type soughtHandle struct {
	handle.Bound
	Text string `json:"x"`
	Why  string `json:"w"`
}

// toNobody leads to the form with what was typed.
func (p *Pages) toNobody(w http.ResponseWriter, r *http.Request, sought soughtHandle) error {
	token, err := handle.Seal(p.Handles, soughtPurpose, sought)
	if errors.Is(err, handle.ErrTooLong) {
		return p.drawSought(w, r, sought)
	}
	if err != nil {
		return err
	}
	http.Redirect(w, r, Path+"/find/"+token, http.StatusSeeOther)
	return nil
}

// Sought shows the form with what was typed and led to nobody. It looks nobody up.
func (p *Pages) Sought(w http.ResponseWriter, r *http.Request) error {
	u, err := p.clerk(r)
	if err != nil {
		return err
	}
	sought, err := handle.Open[soughtHandle](p.Handles, soughtPurpose, chi.URLParam(r, "handle"))
	if err != nil {
		return err
	}
	if sought.Belongs(u) != nil || sought.Why == "" {
		return handle.Gone
	}
	return p.drawSought(w, r, sought)
}

func (p *Pages) drawSought(w http.ResponseWriter, r *http.Request, sought soughtHandle) error {
	props := p.findProps(r)
	props.Number = page.NumberForm{Value: sought.Text, Error: sought.Why}
	props.Problems = []ui.Problem{{Text: sought.Why, Href: "#nhs"}}
	return write(w, r, http.StatusUnprocessableEntity, page.FindObjections(props))
}

func searcher(r *http.Request) (identity.Searcher, bool) {
	s, ok := middleware.Session(r.Context())
	if !ok {
		return identity.Searcher{}, false
	}
	return s.Searcher()
}

// toRegister sends the browser to the register of the person; done says what has just been written down.
func (p *Pages) toRegister(w http.ResponseWriter, r *http.Request, who personHandle, done string) error {
	token, err := handle.Seal(p.Handles, personPurpose, who)
	if err != nil {
		return err
	}
	to := Path + "/" + token
	if done != "" {
		to += "?done=" + done
	}
	http.Redirect(w, r, to, http.StatusSeeOther)
	return nil
}

// Register shows what the register says of the person, and takes a new entry.
func (p *Pages) Register(w http.ResponseWriter, r *http.Request) error {
	u, err := p.clerk(r)
	if err != nil {
		return err
	}
	who, number, err := p.person(u, chi.URLParam(r, "handle"))
	if err != nil {
		return err
	}
	return p.draw(w, r, opened{u, who, number}, http.StatusOK, entryForm{}, nil)
}

// opened is one person's register, open for one user.
type opened struct {
	user   identity.User
	who    personHandle
	number record.NHSNumber
}

// person opens a token of this user.
func (p *Pages) person(u identity.User, token string) (personHandle, record.NHSNumber, error) {
	who, err := handle.Open[personHandle](p.Handles, personPurpose, token)
	if err != nil {
		return who, record.NHSNumber{}, err
	}
	number, err := who.Person(u)
	return who, number, err
}

func (p *Pages) draw(w http.ResponseWriter, r *http.Request, o opened, status int, form entryForm, problems []ui.Problem) error {
	standing, err := p.Desk.Register(r.Context(), o.user, o.number)
	if err != nil {
		return err
	}
	fields, err := p.fields(o.who)
	if err != nil {
		return err
	}
	props := page.ObjectionsProps{Props: p.Frame(r), Problems: problems, Person: o.subject(), Form: p.form(o, form), Done: done(r.URL.Query().Get("done"))}
	props.Title, props.Form.Fields = "Objections of one person", fields
	if len(problems) > 0 {
		props.Title, props.Done = "Error: "+props.Title, nil
	}
	now := p.Handles.Now()
	for _, e := range standing {
		row, err := p.row(o, e, now)
		if err != nil {
			return err
		}
		props.Entries = append(props.Entries, row)
	}
	for _, pair := range standing.Conflicts(now) {
		props.Conflicts = append(props.Conflicts, p.conflict(pair))
	}
	return write(w, r, status, page.Objections(props))
}

func (p *Pages) fields(who personHandle) ([]ui.Field, error) {
	token, err := handle.Seal(p.Handles, personPurpose, who)
	return []ui.Field{{Name: "person", Value: token}}, err
}

func (o opened) subject() page.Subject {
	return page.Subject{Name: o.who.Name, Born: o.who.Born, NHSNumber: o.number.Spaced()}
}

// done puts into words what has just been written down.
func done(what string) *ui.NoteProps {
	switch what {
	case "kept":
		return &ui.NoteProps{Kind: ui.NoteNil, Icon: ui.IconData, Lead: "Written down.", Text: "It holds for every view that begins now. Records that are open close within a minute.", Alert: true}
	case "ended":
		return &ui.NoteProps{Kind: ui.NoteNil, Icon: ui.IconData, Lead: "Ended.", Text: "The entry no longer holds. That it was there stays in the log.", Alert: true}
	}
	return nil
}

// write sends a whole small page: rendered first, so that a fault in it never leaves half a page.
func write(w http.ResponseWriter, r *http.Request, status int, page templ.Component) error {
	var b bytes.Buffer
	if err := page.Render(r.Context(), &b); err != nil {
		return fmt.Errorf("rendering a page: %w", err)
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_, err := w.Write(b.Bytes())
	return err
}

// day is a date as the pages show it.
func day(t time.Time) string { return t.In(time.Local).Format("02-Jan-2006") }
