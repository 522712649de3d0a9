package clinician

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/go-chi/chi/v5"

	"ribble/internal/audit"
	"ribble/internal/dataquality"
	"ribble/internal/fault"
	"ribble/internal/identity"
	"ribble/internal/openrecord"
	"ribble/internal/oversight/post"
	"ribble/internal/portal/handle"
	"ribble/internal/record"
	"ribble/internal/section"
	"ribble/internal/sensitive"
	"ribble/web/page"
	"ribble/web/panel"
	"ribble/web/ui"
)

// Quality takes reports of a problem with an entry; *dataquality.Desk is one.
type Quality interface {
	Report(ctx context.Context, by identity.User, n record.NHSNumber, q dataquality.Problem) (dataquality.Report, error)
}

// The addresses of a report.
const (
	problemPath = "/problem"
	entriesPath = "/problem/entries"
	sendPath    = "/problem/send"
	sentPath    = "/problem/sent/"
)

// problemHandle is an open record, with what each source was asked for: no entry, and no count.
type problemHandle struct {
	bound
	Name    string      `json:"a"`
	Aged    string      `json:"b"`
	Sources []askedHere `json:"f"`
}

// askedHere says for one feed which sections it was asked for.
type askedHere struct {
	Feed         string          `json:"f"`
	Organisation string          `json:"o"`
	Sections     record.Sections `json:"h"`
}

// reportHandle is a report that is being written: about which section of which feed.
type reportHandle struct {
	bound
	Name         string         `json:"a"`
	Aged         string         `json:"b"`
	ID           string         `json:"i"`
	Feed         string         `json:"f"`
	Organisation string         `json:"o"`
	Section      record.Section `json:"l"`
	At           time.Time      `json:"t"`
}

// entryHandle is one entry that can be chosen in the form of one report.
type entryHandle struct {
	Report string         `json:"i"`
	Item   record.ItemKey `json:"k"`
}

// sentHandle is a report that was sent.
type sentHandle struct {
	bound
	Reference, Organisation string
}

// problemLink puts before the links of the top bar, which is on the screen wherever the reader is in the record, the one that reports a problem.
func (p *recordPage) problemLink(receipt audit.Receipt, v *section.View, banner panel.Banner, links []ui.Action) ([]ui.Action, error) {
	h := problemHandle{bound: p.whose(receipt), Name: banner.Name, Aged: banner.Born}
	for _, asked := range v.Waiting {
		h.Sources = append(h.Sources, askedHere{asked.Ref.Feed, asked.Ref.Organisation.ODS, asked.Sections})
	}
	if len(h.Sources) == 0 {
		return links, nil
	}
	token, err := handle.Seal(p.handles, problemPurpose, h)
	if errors.Is(err, handle.ErrTooLong) {
		// A record is worth more than the link on it: a name of unusual length is left to the banner.
		h.Name, h.Aged = "", ""
		if token, err = handle.Seal(p.handles, problemPurpose, h); errors.Is(err, handle.ErrTooLong) {
			p.log.WarnContext(p.ctx, "a record has no link for reporting a problem: too many sources for one handle", "sources", len(h.Sources))
			return links, nil
		}
	}
	link := ui.Action{Text: "Report a problem", Hidden: "with an entry", URL: problemPath, Post: true, Fields: []ui.Field{{Name: "problem", Value: token}}}
	return append([]ui.Action{link}, links...), err
}

// ProblemForm asks which section of which source a problem is in.
func (p *Pages) ProblemForm(w http.ResponseWriter, r *http.Request) error {
	u, err := user(r)
	if err != nil {
		return err
	}
	token := r.PostFormValue("problem")
	h, err := handle.Open[problemHandle](p.handles, problemPurpose, token)
	if err != nil {
		return err
	}
	number, err := h.Person(u)
	if err != nil {
		return err
	}
	back, err := p.backTo(h.bound)
	if err != nil {
		return err
	}
	props := page.ProblemPlacesProps{
		Props: p.frame(r), Person: page.Subject{Name: h.Name, Born: h.Aged, NHSNumber: number.Spaced()}, URL: entriesPath,
		Fields: []ui.Field{{Name: "problem", Value: token}}, Back: back,
	}
	props.Title = "Report a problem with an entry"
	for s := range record.AllSections.All {
		row := page.ProblemPlace{Section: s.Title()}
		for _, from := range h.Sources {
			o := p.organisation(from.Organisation)
			place := page.ProblemSource{Badge: ui.Badge{Code: o.Badge, Org: o.Name}, Name: o.Short, Value: from.Feed + " " + s.ID()}
			if from.Sections.Has(s) {
				row.Sources = append(row.Sources, place)
			}
		}
		if len(row.Sources) > 0 {
			props.Places = append(props.Places, row)
		}
	}
	return write(w, r, http.StatusOK, page.ProblemPlaces(props))
}

// organisation names an organisation; one that has left the directory by its code.
func (p *Pages) organisation(ods string) record.Organisation {
	if o, ok := p.region.Organisation(ods); ok {
		return o
	}
	return record.Organisation{ODS: ods, Name: ods, Short: ods, Badge: ods}
}

// backTo leads back to the record, which is asked for anew.
func (p *Pages) backTo(who bound) (ui.Action, error) {
	fields, err := p.token(personHandle{bound: who, ByNumber: true})
	return ui.Action{Text: "Back to the record", URL: "/record", Post: true, Fields: fields}, err
}

// ProblemEntries asks the source once more for the one section, so that the entry can be chosen: nothing of a record is kept from page to page.
func (p *Pages) ProblemEntries(w http.ResponseWriter, r *http.Request) error {
	u, err := user(r)
	if err != nil {
		return err
	}
	h, err := handle.Open[problemHandle](p.handles, problemPurpose, r.PostFormValue("problem"))
	if err != nil {
		return err
	}
	if _, err := h.Person(u); err != nil {
		return err
	}
	feed, id, _ := strings.Cut(r.PostFormValue("place"), " ")
	s, known := record.SectionByID(id)
	for _, from := range h.Sources {
		if known && from.Feed == feed && from.Sections.Has(s) {
			return p.entries(w, r, reportHandle{
				bound: h.bound, Name: h.Name, Aged: h.Aged, ID: rand.Text(), Feed: feed, Organisation: from.Organisation, Section: s, At: p.now(),
			}, reportForm{})
		}
	}
	return handle.Gone
}

// wholeList is the choice of no entry.
const wholeList = "list"

// reportForm is the form of a report as it was filled in.
type reportForm struct {
	sent            bool
	item            record.ItemKey
	list            bool
	reason, contact string
}

// problem is what the form says.
func (f reportForm) problem(h reportHandle) dataquality.Problem {
	return dataquality.Problem{ID: h.ID, Reason: f.reason, Contact: f.contact, Entry: dataquality.Entry{
		Feed: h.Feed, Organisation: h.Organisation, Section: h.Section, List: f.list, Item: f.item, Retrieved: h.At,
	}}
}

// faults are what is wrong with a form that was sent, by the name of its control.
func (f reportForm) faults(h reportHandle) map[string]string {
	out := map[string]string{}
	if !f.sent {
		return out
	}
	for name, err := range f.problem(h).Check() {
		out[name] = fault.SafeText(err)
	}
	if !f.list && f.item == (record.ItemKey{}) {
		out["entry"] = "Choose the entry, or the last line for the list as a whole."
	}
	return out
}

// entries shows the form with the entries of the section as the source gives them now.
func (p *Pages) entries(w http.ResponseWriter, r *http.Request, h reportHandle, f reportForm) error {
	u, err := user(r)
	if err != nil {
		return err
	}
	number, err := h.Person(u)
	if err != nil {
		return err
	}
	shown := &entriesPage{section: h.Section, w: w, r: r, status: http.StatusOK}
	if f.sent {
		shown.status = http.StatusUnprocessableEntity
	}
	shown.draw = func(c *sensitive.Cleared) (page.ProblemEntriesProps, error) {
		return p.entriesProps(r, h, f, number, c)
	}
	err = p.open.OpenEntries(r.Context(), openrecord.EntriesRequest{Request: h.request(u, number), Feed: h.Feed, Section: h.Section}, shown)
	if err != nil && shown.begun {
		p.log.ErrorContext(r.Context(), "a list of entries broke off while it was sent", "kind", faultKind(err))
		return nil
	}
	return p.refused(w, r, h.bound, err)
}

func (p *Pages) entriesProps(r *http.Request, h reportHandle, f reportForm, number record.NHSNumber, c *sensitive.Cleared) (page.ProblemEntriesProps, error) {
	token, err := handle.Seal(p.handles, reportPurpose, h)
	if err != nil {
		return page.ProblemEntriesProps{}, err
	}
	back, err := p.backTo(h.bound)
	if err != nil {
		return page.ProblemEntriesProps{}, err
	}
	from, faults := p.organisation(h.Organisation), f.faults(h)
	props := page.ProblemEntriesProps{
		Props: p.frame(r), Person: page.Subject{Name: h.Name, Born: h.Aged, NHSNumber: number.Spaced()}, URL: sendPath, Fields: []ui.Field{{Name: "report", Value: token}},
		Place: h.Section.Title() + ", " + from.Name, To: from.Name, Back: back,
		Contact: f.contact, ContactError: faults["contact"], EntryError: faults["entry"], ReasonError: faults["reason"],
	}
	props.Title = "Report a problem: " + h.Section.Title()
	for _, name := range []string{"entry", "reason", "contact"} {
		if faults[name] != "" {
			props.Problems = append(props.Problems, ui.Problem{Text: faults[name], Href: "#" + name})
		}
	}
	if len(props.Problems) > 0 {
		props.Title = title(props.Title, props.Problems)
	}
	for _, reason := range dataquality.Reasons {
		props.Reasons = append(props.Reasons, ui.Option{Value: reason.Code, Text: reason.Words, Chosen: reason.Code == f.reason})
	}
	a := c.Answer()
	if a.State != record.Data {
		props.Silent = from.Name + " did not give its entries this time. You can still report a problem with its list as a whole."
	}
	for _, n := range section.Names(a, h.Section) {
		token, err := handle.Seal(p.handles, entryPurpose, entryHandle{Report: h.ID, Item: n.Key})
		if err != nil {
			return props, err
		}
		date := n.Date
		if date == "" {
			date = "no date"
		}
		props.Entries = append(props.Entries, ui.Option{Value: token, Text: date + ": " + n.Words, Hint: n.By, Chosen: n.Key == f.item && !f.list})
	}
	props.Entries = append(props.Entries, ui.Option{Value: wholeList, Text: "None of these: the list as a whole, or something that is missing from it", Chosen: f.list || len(props.Entries) == 0})
	return props, nil
}

// entriesPage sends the form once what it shows was written down: it is an openrecord.EntriesPage.
type entriesPage struct {
	w      http.ResponseWriter
	r      *http.Request
	status int
	draw   func(*sensitive.Cleared) (page.ProblemEntriesProps, error)
	begun  bool
	// section is whose entries the page shows.
	section record.Section
}

// Render makes the page.
func (e *entriesPage) Render(c *sensitive.Cleared) ([]byte, error) {
	props, err := e.draw(c)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	err = render(e.r.Context(), &b, page.ProblemEntries(props))
	return b.Bytes(), err
}

// Send sends it under the proof that it was written down.
func (e *entriesPage) Send(proof audit.Disclosed, body []byte) error {
	if !proof.Valid() || proof.Document() || !proof.Sections().Has(e.section) {
		return errUnproven
	}
	e.begun = true
	e.w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_ = http.NewResponseController(e.w).SetWriteDeadline(proof.Until(time.Now().Add(flushLimit)))
	e.w.WriteHeader(e.status)
	_, err := e.w.Write(body)
	return err
}

// SendProblem sends the report to the organisation.
func (p *Pages) SendProblem(w http.ResponseWriter, r *http.Request) error {
	u, err := user(r)
	if err != nil {
		return err
	}
	h, err := handle.Open[reportHandle](p.handles, reportPurpose, r.PostFormValue("report"))
	if err != nil {
		return err
	}
	number, err := h.Person(u)
	if err != nil {
		return err
	}
	f := reportForm{sent: true, reason: r.PostFormValue("reason"), contact: r.PostFormValue("contact")}
	switch chosen := r.PostFormValue("entry"); chosen {
	case wholeList:
		f.list = true
	case "":
	default:
		e, err := handle.Open[entryHandle](p.handles, entryPurpose, chosen)
		if err != nil || e.Report != h.ID {
			return handle.Gone
		}
		f.item = e.Item
	}
	if len(f.faults(h)) > 0 {
		return p.entries(w, r, h, f)
	}
	report, err := p.quality.Report(r.Context(), u, number, f.problem(h))
	if err != nil {
		return err
	}
	o := p.organisation(h.Organisation)
	token, err := handle.Seal(p.handles, sentPurpose, sentHandle{bound: h.bound, Reference: post.Reference(o.Badge, report.Number), Organisation: o.Name})
	if err != nil {
		return err
	}
	http.Redirect(w, r, sentPath+token, http.StatusSeeOther)
	return nil
}

// ProblemSent says where the report has gone, and leads back to the record.
func (p *Pages) ProblemSent(w http.ResponseWriter, r *http.Request) error {
	u, err := user(r)
	if err != nil {
		return err
	}
	h, err := handle.Open[sentHandle](p.handles, sentPurpose, chi.URLParam(r, "handle"))
	if err != nil {
		return err
	}
	if _, err := h.Person(u); err != nil {
		return err
	}
	back, err := p.backTo(h.bound)
	if err != nil {
		return err
	}
	props := page.MessageProps{
		Props: p.frame(r), Heading: "Your report is with " + h.Organisation,
		Text: []string{
			"Its reference is " + h.Reference + ". It says which entry, what is wrong and how to reach you, and nothing else.",
			"The record shows what the source says until the source changes it. If care depends on the entry now, ring the source: do not wait for an answer.",
		},
		Actions: []ui.Action{back, {Text: "Your reports and their answers", URL: "/problems/mine"}},
	}
	props.Title = props.Heading
	return write(w, r, http.StatusOK, page.ProblemSent(props))
}
