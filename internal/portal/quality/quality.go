// Package quality holds the pages on which an organisation reads and answers reports of problems with the entries that it supplies, and on which those who
// reported them see what became of them; nothing clinical, and nobody's record.
package quality

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/a-h/templ"
	"github.com/go-chi/chi/v5"

	"ribble/internal/access"
	"ribble/internal/dataquality"
	"ribble/internal/fault"
	"ribble/internal/identity"
	"ribble/internal/oversight/post"
	"ribble/internal/portal/middleware"
	"ribble/internal/record"
	"ribble/web/layout"
	"ribble/web/page"
	"ribble/web/ui"
)

// Desk keeps the reports; *dataquality.Desk is one.
type Desk interface {
	Inbox(ctx context.Context, by identity.User, open bool) ([]dataquality.Report, error)
	Mine(ctx context.Context, by identity.User) ([]dataquality.Report, error)
	Read(ctx context.Context, by identity.User, id string) (dataquality.Report, error)
	See(ctx context.Context, by identity.User, id string) error
	Answer(ctx context.Context, by identity.User, id, outcome string) error
}

// Config is what the pages need.
type Config struct {
	Desk Desk
	// Organisation finds an organisation by its ODS code.
	Organisation func(ods string) (record.Organisation, bool)
	// Frame is the frame of every page: who is signed in, and the links of the top bar.
	Frame func(*http.Request) layout.Props
}

// Pages serves the pages of this audience.
type Pages struct{ Config }

// New makes the pages.
func New(c Config) *Pages { return &Pages{c} }

// The addresses.
const (
	Path     = "/problems"
	MinePath = Path + "/mine"
)

// MayHandle reports whether a role looks after its organisation's data: its officers and its administrators do.
func MayHandle(profiles *access.Profiles, u identity.User) bool {
	return profiles.Holds(u, access.Audit) || profiles.Holds(u, access.Administer)
}

func user(r *http.Request) (identity.User, error) {
	u, ok := middleware.User(r.Context())
	if !ok {
		return identity.User{}, fault.New(fault.Denied, "You are not signed in. Sign in and try again.")
	}
	return u, nil
}

// Inbox lists what was reported to the user's organisation: what waits, or everything.
func (p *Pages) Inbox(w http.ResponseWriter, r *http.Request) error {
	u, err := user(r)
	if err != nil {
		return err
	}
	open := r.URL.Query().Get("all") == ""
	list, err := p.Desk.Inbox(r.Context(), u, open)
	if err != nil {
		return err
	}
	b := page.BoardProps{Props: p.Frame(r), Heading: "Problems reported to " + p.organisation(u.Organisation.ODS).Name}
	b.Title = "Problems reported"
	part := page.Part{
		ID: "reports", Heading: count(len(list), "report waits", "reports wait"), Cover: "No patient data is on this page. The id is that of the entry in your own system",
		Table: page.Table{Head: []string{"Reference", "State", "What is wrong", "Section", "Entry", "Reported", "By"}},
		Do:    []ui.Action{{Text: "Show the answered ones too", URL: Path + "?all=1"}},
	}
	if !open {
		part.Heading, part.Do = count(len(list), "report", "reports"), []ui.Action{{Text: "Show only what waits", URL: Path}}
	}
	for _, q := range list {
		part.Table.Rows = append(part.Table.Rows, []page.Cell{
			{Link: &ui.Action{Text: p.reference(q), URL: Path + "/" + q.ID}}, state(q), wrong(q), {Text: q.Section.Title()}, {Text: entry(q)},
			{Text: moment(q.At), Whole: true}, {Text: record.StaffName(q.By.Name).Usual(), Sub: q.By.OrganisationName},
		})
	}
	if len(list) == 0 {
		part.Notes = []ui.NoteProps{{Kind: ui.NoteNil, Lead: "Nothing waits.", Text: "Reports of clinicians about entries that your organisation supplies come here."}}
	}
	b.Parts = []page.Part{part}
	return write(w, r, http.StatusOK, page.Board(b))
}

// Mine lists what the user reported, and what became of it.
func (p *Pages) Mine(w http.ResponseWriter, r *http.Request) error {
	u, err := user(r)
	if err != nil {
		return err
	}
	list, err := p.Desk.Mine(r.Context(), u)
	if err != nil {
		return err
	}
	b := page.BoardProps{Props: p.Frame(r), Heading: "Problems that you reported"}
	b.Title = b.Heading
	part := page.Part{ID: "reports", Heading: count(len(list), "report", "reports"), Table: page.Table{Head: []string{"Reference", "State", "Went to", "Section", "What is wrong", "Reported", "Answer"}}}
	for _, q := range list {
		answer := page.Cell{Text: "none yet"}
		if q.State == dataquality.Answered {
			answer = page.Cell{Text: dataquality.Words(dataquality.Outcomes, q.Outcome), Sub: moment(q.AnsweredAt)}
		}
		part.Table.Rows = append(part.Table.Rows, []page.Cell{
			{Text: p.reference(q), Whole: true}, state(q), {Text: p.organisation(q.Organisation).Name}, {Text: q.Section.Title()},
			{Text: dataquality.Words(dataquality.Reasons, q.Reason)}, {Text: moment(q.At), Whole: true}, answer,
		})
	}
	if len(list) == 0 {
		part.Notes = []ui.NoteProps{{Kind: ui.NoteNone, Lead: "You have reported nothing.", Text: "Beside the sections of an open record stands “Report a problem with an entry”."}}
	}
	b.Parts = []page.Part{part}
	return write(w, r, http.StatusOK, page.Board(b))
}

// Report is one report, with what can be done about it.
func (p *Pages) Report(w http.ResponseWriter, r *http.Request) error {
	return p.report(w, r, http.StatusOK, "")
}

func (p *Pages) report(w http.ResponseWriter, r *http.Request, status int, outcomeError string) error {
	u, err := user(r)
	if err != nil {
		return err
	}
	q, err := p.Desk.Read(r.Context(), u, chi.URLParam(r, "id"))
	if err != nil {
		return err
	}
	props := page.ReportProps{BoardProps: page.BoardProps{Props: p.Frame(r), Heading: "Problem " + p.reference(q)}, OutcomeError: outcomeError}
	props.Title = props.Heading
	if outcomeError != "" {
		props.Title = "Error: " + props.Title
		props.Problems = []ui.Problem{{Text: outcomeError, Href: "#outcome"}}
	}
	if q.Grave() && q.State != dataquality.Answered {
		props.Done = &ui.NoteProps{Kind: ui.NoteLoud, Lead: "This entry may be about somebody else.", Text: "Look into it today. Tell your clinical safety officer and your Privacy Officer if it is so."}
	}
	props.Parts = []page.Part{
		{ID: "what", Heading: dataquality.Words(dataquality.Reasons, q.Reason), Facts: p.facts(q), Foot: "The report names no person. Find the entry in your own system by its id."},
		{ID: "who", Heading: "Who reported it", Facts: []ui.Pair{
			{Key: "Name", Value: record.StaffName(q.By.Name).Usual()}, {Key: "Role", Value: q.By.Role}, {Key: "Organisation", Value: q.By.OrganisationName}, {Key: "Reach them at", Value: q.By.Contact},
		}, Do: []ui.Action{{Text: "Back to the reports", URL: Path}}},
	}
	at := Path + "/" + q.ID
	switch q.State {
	case dataquality.New:
		props.See, props.Answer = at+"/seen", at+"/answer"
	case dataquality.Seen:
		props.Answer = at + "/answer"
	case dataquality.Answered:
	}
	for _, o := range dataquality.Outcomes {
		props.Outcomes = append(props.Outcomes, ui.Option{Value: o.Code, Text: o.Words})
	}
	return write(w, r, status, page.Report(props))
}

func (p *Pages) facts(q dataquality.Report) []ui.Pair {
	facts := []ui.Pair{
		{Key: "Source", Value: p.organisation(q.Organisation).Name + " (" + q.Feed + ")"}, {Key: "Section", Value: q.Section.Title()}, {Key: "Entry", Value: entry(q)},
		{Key: "Read from you", Value: moment(q.Retrieved)}, {Key: "Reported", Value: moment(q.At)},
	}
	if !q.SeenAt.IsZero() {
		facts = append(facts, ui.Pair{Key: "Seen", Value: moment(q.SeenAt) + ", " + record.StaffName(q.SeenBy).Usual()})
	}
	if q.State == dataquality.Answered {
		facts = append(facts, ui.Pair{Key: "Answered", Value: moment(q.AnsweredAt) + ", " + record.StaffName(q.AnsweredBy).Usual() + ": " + dataquality.Words(dataquality.Outcomes, q.Outcome)})
	}
	return facts
}

// See notes that somebody has taken the report up.
func (p *Pages) See(w http.ResponseWriter, r *http.Request) error {
	u, err := user(r)
	if err != nil {
		return err
	}
	return p.moved(w, r, p.Desk.See(r.Context(), u, chi.URLParam(r, "id")))
}

// Answer ends the report.
func (p *Pages) Answer(w http.ResponseWriter, r *http.Request) error {
	u, err := user(r)
	if err != nil {
		return err
	}
	return p.moved(w, r, p.Desk.Answer(r.Context(), u, chi.URLParam(r, "id"), r.PostFormValue("outcome")))
}

func (p *Pages) moved(w http.ResponseWriter, r *http.Request, err error) error {
	if err != nil && fault.KindOf(err) == fault.Invalid {
		return p.report(w, r, http.StatusUnprocessableEntity, fault.SafeText(err))
	}
	if err != nil {
		return err
	}
	http.Redirect(w, r, Path+"/"+chi.URLParam(r, "id"), http.StatusSeeOther)
	return nil
}

// organisation names an organisation; one that has left the directory by its code.
func (p *Pages) organisation(ods string) record.Organisation {
	if o, ok := p.Organisation(ods); ok {
		return o
	}
	return record.Organisation{ODS: ods, Name: ods, Badge: ods}
}

func (p *Pages) reference(q dataquality.Report) string {
	return post.Reference(p.organisation(q.Organisation).Badge, q.Number)
}

// entry names what a report is about by its id at the source.
func entry(q dataquality.Report) string {
	switch {
	case q.List:
		return "the list as a whole"
	case q.Item.ID == "":
		return "not named: its id must not be kept here. Ring whoever reported it"
	}
	return q.Item.Type + "/" + q.Item.ID
}

func state(q dataquality.Report) page.Cell {
	kind := map[dataquality.State]ui.TagKind{dataquality.New: ui.TagCare, dataquality.Seen: ui.TagSoft, dataquality.Answered: ui.TagDone}[q.State]
	return page.Cell{Text: string(q.State), Tag: &kind}
}

func wrong(q dataquality.Report) page.Cell {
	c := page.Cell{Text: dataquality.Words(dataquality.Reasons, q.Reason)}
	if q.Grave() && q.State != dataquality.Answered {
		kind := ui.TagLoud
		c.Tag = &kind
	}
	return c
}

func count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

// moment is a time as the pages show it, by the clock of the United Kingdom.
func moment(t time.Time) string { return t.In(time.Local).Format("02-Jan-2006 15:04") }

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
