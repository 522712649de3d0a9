package clinician

import (
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/go-chi/chi/v5"

	"ribble/internal/access"
	"ribble/internal/fault"
	"ribble/internal/findperson"
	"ribble/internal/identity"
	"ribble/internal/portal/handle"
	"ribble/internal/portal/middleware"
	"ribble/internal/record"
	"ribble/internal/section"
	"ribble/web/page"
	"ribble/web/ui"
)

// FindForm shows the empty forms.
func (p *Pages) FindForm(w http.ResponseWriter, r *http.Request) error {
	if _, err := searcher(r); err != nil {
		return err
	}
	return write(w, r, http.StatusOK, page.Find(p.findProps(r)))
}

func (p *Pages) findProps(r *http.Request) page.FindProps {
	props := page.FindProps{Props: p.frame(r), URL: "/find"}
	props.Title = "Find a person"
	if s, ok := middleware.Session(r.Context()); ok {
		props.Last = p.last(s)
	}
	if p.silent != nil {
		props.Silent = shortened(p.silent())
	}
	return props
}

// mostSilent is how many silent sources are named one by one; when more are silent it is most likely something between them and here.
const mostSilent = 4

func shortened(sentences []string) []string {
	if len(sentences) <= mostSilent {
		return sentences
	}
	return append(sentences[:mostSilent:mostSilent], fmt.Sprintf("So it is with %d more.", len(sentences)-mostSilent))
}

// searchHandle is what was typed into one of the forms, or who was chosen from a list. A browser keeps the form whose answer a page is, on disk if it comes to that, but of an address
// only the address: so what was typed is sealed into one, and the page with the result is asked for by it.
type searchHandle struct {
	handle.Bound
	// By is which of the forms it was, or the list; Number is what was typed for the NHS number, or that of the person chosen.
	By     string `json:"k"`
	Number string `json:"x,omitempty"`
	// Similar says that others in the list are much like the person chosen.
	Similar bool `json:"l,omitempty"`
	Family string `json:"f,omitempty"`
	Given  string `json:"g,omitempty"`
	Day    string `json:"d,omitempty"`
	Month  string `json:"m,omitempty"`
	Year   string `json:"y,omitempty"`
	Gender string `json:"e,omitempty"`
}

// The forms, and the list of those whom a name found.
const (
	byNHSNumber = "number"
	byDetails   = "details"
	byChoice    = "choice"
)

// Find takes what was typed and leads to the page that searches. Nobody is looked up yet.
func (p *Pages) Find(w http.ResponseWriter, r *http.Request) error {
	by, err := searcher(r)
	if err != nil {
		return err
	}
	if err := p.find.May(by); err != nil {
		return err
	}
	if r.ParseForm() != nil {
		return errForm
	}
	value := func(name string) string { return strings.TrimSpace(r.PostFormValue(name)) }
	s := searchHandle{
		Bound: handle.Bind(by.User(), record.NHSNumber{}), By: byDetails, Number: value("nhs"),
		Family: value("family"), Given: value("given"), Day: value("day"), Month: value("month"), Year: value("year"), Gender: value("gender"),
	}
	if r.PostForm.Has("nhs") {
		s.By = byNHSNumber
	}
	token, err := handle.Seal(p.handles, searchPurpose, s)
	if errors.Is(err, handle.ErrTooLong) {
		return p.tooLong(w, r, s)
	}
	if err != nil {
		return err
	}
	http.Redirect(w, r, "/find/"+token, http.StatusSeeOther)
	return nil
}

// tooLong answers what nobody is called: it does not fit into an address.
func (p *Pages) tooLong(w http.ResponseWriter, r *http.Request, s searchHandle) error {
	const said = "What you typed is too long to search for."
	props := p.findProps(r)
	props.Name = s.form()
	props.Problems = []ui.Problem{{Text: said, Href: "#family"}}
	if s.By == byNHSNumber {
		props.Number = page.NumberForm{Value: s.Number, Error: said}
		props.Problems[0].Href = "#nhs"
	} else {
		props.Name.FamilyError = said
	}
	return write(w, r, http.StatusUnprocessableEntity, page.Find(props))
}

func (s *searchHandle) form() page.NameForm {
	return page.NameForm{Family: s.Family, Given: s.Given, Day: s.Day, Month: s.Month, Year: s.Year, Gender: s.Gender}
}

var errForm = fault.New(fault.Invalid, "The form could not be read. Go back and search again.")

var errSearchGone = fault.New(fault.NotFound, "This search is no longer open. Search again.")

// Found searches by NHS number when one was typed, else by name and date of birth, or looks up who was chosen, and shows the result. Each time it is asked for it is a search of its
// own, written down as such: what it shows is as of now.
func (p *Pages) Found(w http.ResponseWriter, r *http.Request) error {
	by, err := searcher(r)
	if err != nil {
		return err
	}
	s, err := handle.Open[searchHandle](p.handles, searchPurpose, chi.URLParam(r, "handle"))
	if err != nil || s.Belongs(by.User()) != nil {
		return errSearchGone
	}
	switch s.By {
	case byNHSNumber:
		return p.byNumber(w, r, by, s.Number)
	case byDetails:
		return p.byName(w, r, by, s.form())
	case byChoice:
		return p.chosen(w, r, by, s)
	}
	return errSearchGone
}

func (p *Pages) byNumber(w http.ResponseWriter, r *http.Request, by identity.Searcher, text string) error {
	person, err := p.find.ByNumber(r.Context(), by, text)
	switch fault.KindOf(err) {
	case fault.Invalid, fault.NotFound:
		if err != nil {
			props := p.findProps(r)
			props.Number = page.NumberForm{Value: text, Error: fault.SafeText(err)}
			props.Problems = []ui.Problem{{Text: fault.SafeText(err), Href: "#nhs"}}
			return write(w, r, http.StatusUnprocessableEntity, page.Find(props))
		}
	}
	if err != nil {
		return err
	}
	who := personHandle{bound: bind(by.User(), person.NHSNumber, access.DirectCare), ByNumber: true}
	return p.confirm(w, r, http.StatusOK, person, who, confirmFaults{})
}

// byName lists who matches; nothing opens by itself, not even a single match (rule R6).
func (p *Pages) byName(w http.ResponseWriter, r *http.Request, by identity.Searcher, form page.NameForm) error {
	props := p.findProps(r)
	props.Name = form
	q, problems := p.nameQuery(&props.Name)
	if len(problems) > 0 {
		props.Problems = problems
		return write(w, r, http.StatusUnprocessableEntity, page.Find(props))
	}
	found, err := p.find.ByName(r.Context(), by, q)
	if err != nil {
		return err
	}
	props.Results, err = p.results(by.User(), q, found)
	if err != nil {
		return err
	}
	return write(w, r, http.StatusOK, page.Find(props))
}

func (p *Pages) nameQuery(form *page.NameForm) (findperson.Query, []ui.Problem) {
	q := findperson.Query{Family: form.Family, Given: form.Given, Gender: form.Gender}
	var problems []ui.Problem
	if form.Family == "" {
		form.FamilyError = "Enter the family name."
		problems = append(problems, ui.Problem{Text: form.FamilyError, Href: "#family"})
	}
	born, err := date(form.Day, form.Month, form.Year)
	if err != nil || born.After(p.now()) {
		form.DateError = "Enter the date of birth as day, month and year."
		problems = append(problems, ui.Problem{Text: form.DateError, Href: "#day"})
	}
	q.Born = born
	return q, problems
}

var errDate = errors.New("not a date")

func date(day, month, year string) (record.PartialDate, error) {
	var n [3]int
	for i, part := range []string{year, month, day} {
		v, err := strconv.Atoi(part)
		if err != nil {
			return record.PartialDate{}, errDate
		}
		n[i] = v
	}
	d := record.ParseDate(fmt.Sprintf("%04d-%02d-%02d", n[0], n[1], n[2]))
	if d.Precision != record.Day || n[0] < 1850 {
		return record.PartialDate{}, errDate
	}
	return d, nil
}

func (p *Pages) results(u identity.User, q findperson.Query, found findperson.Found) (*page.Results, error) {
	n := len(found.People)
	out := &page.Results{Title: strconv.Itoa(n) + " people match", Asked: "Asked of the national demographics service, " + p.now().In(time.Local).Format("02-Jan-2006 15:04:05") + "."}
	switch {
	case found.TooMany:
		out.Title = "Too many people match"
		out.Notice = &ui.NoteProps{Kind: ui.NoteCare, Lead: "Too many people match to show safely.", Text: "Add a given name or the gender, or search by NHS number."}
	case n == 0:
		out.Title = "Nobody matches"
		out.Notice = &ui.NoteProps{Kind: ui.NoteCare, Lead: "Nobody matches.", Text: "Check the spelling and the date with the person. A search by name does not find everyone; the NHS number does."}
	case n == 1:
		out.Title = "1 person matches"
	}
	similar := findperson.Similar(found.People)
	for i, person := range found.People {
		row, err := p.row(u, person, similar[i])
		if err != nil {
			return nil, err
		}
		out.People = append(out.People, row)
		if similar[i] {
			out.Similar = "These people have the same date of birth and a similar name. Check the address or the NHS number with the person before you choose. Nothing opens by itself."
		}
		if person.Restricted && len(out.Foot) == 0 {
			out.Foot = append(out.Foot, "Restricted address: the person’s whereabouts are protected.")
		}
	}
	return out, nil
}

func (p *Pages) row(u identity.User, person record.Person, similar bool) (page.Person, error) {
	row := shown(person, p.now())
	if similar {
		row.Tags = append([]string{"similar"}, row.Tags...)
	}
	token, err := handle.Seal(p.handles, searchPurpose, searchHandle{Bound: handle.Bind(u, record.NHSNumber{}), By: byChoice, Number: person.NHSNumber.Digits(), Similar: similar})
	row.URL = "/find/" + token
	return row, err
}

// shown is a person as lists and the confirmation show them.
func shown(person record.Person, now time.Time) page.Person {
	b := section.Banner(person, now)
	row := page.Person{Name: b.Name, Born: b.Born, NHSNumber: b.NHSNumber, Address: b.Address, GP: b.GP}
	if b.Died != "" {
		row.Tags = append(row.Tags, "died "+b.Died)
	}
	return row
}

// chosen shows the person picked from a list, to be confirmed by a second detail.
func (p *Pages) chosen(w http.ResponseWriter, r *http.Request, by identity.Searcher, s searchHandle) error {
	person, err := p.find.ByNumber(r.Context(), by, s.Number)
	if err != nil {
		return err
	}
	who := personHandle{bound: bind(by.User(), person.NHSNumber, access.DirectCare), Similar: s.Similar}
	return p.confirm(w, r, http.StatusOK, person, who, confirmFaults{})
}

// confirmFaults are what is missing from the confirmation.
type confirmFaults struct{ detail, last4 string }

func (p *Pages) confirm(w http.ResponseWriter, r *http.Request, status int, person record.Person, who personHandle, faults confirmFaults) error {
	fields, err := p.token(who)
	if err != nil {
		return err
	}
	b := section.Banner(person, p.now())
	props := page.ConfirmPersonProps{
		Props: p.frame(r), Person: shown(person, p.now()), Status: "T" + b.NHSStatus[1:], Notices: personNotices(person),
		Confirm: page.Confirm{Name: b.Name, URL: "/record", Fields: fields, DetailError: faults.detail, Last4Error: faults.last4, Purposes: []ui.Option{{Value: "direct-care", Text: "Direct care", Chosen: true}}},
	}
	props.Title = "Confirm the person"
	if !who.ByNumber {
		props.Confirm.Details = []ui.Option{{Value: "address", Text: "First line of address"}, {Value: "nhs", Text: "NHS number"}, {Value: "phone", Text: "Phone number"}, {Value: "wristband", Text: "Wristband"}}
		props.Confirm.AskLast4 = who.Similar
	}
	for _, problem := range []ui.Problem{{Text: faults.detail, Href: "#detail"}, {Text: faults.last4, Href: "#last4"}} {
		if problem.Text != "" {
			props.Problems = append(props.Problems, problem)
		}
	}
	return write(w, r, status, page.ConfirmPerson(props))
}

func personNotices(person record.Person) []ui.NoteProps {
	var out []ui.NoteProps
	if person.Restricted {
		out = append(out, ui.NoteProps{Kind: ui.NoteHeld, Lead: "Restricted record.", Text: "This person’s whereabouts are protected. Address, phone and GP are not shown, and by default no source is asked."})
	}
	if person.Deceased.Recorded {
		out = append(out, ui.NoteProps{Kind: ui.NoteLoud, Lead: "The national record says that this person has died.", Text: person.Deceased.Date.Display()})
	}
	if len(person.Superseded) > 0 {
		out = append(out, ui.NoteProps{Kind: ui.NoteCare, Lead: "The NHS number you used has been replaced.", Text: "This is the person’s present number."})
	}
	return out
}
