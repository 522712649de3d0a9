package officer

import (
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"ribble/internal/audit"
	"ribble/internal/fault"
	"ribble/internal/identity"
	"ribble/internal/oversight/inquiry"
	"ribble/internal/oversight/report"
	"ribble/web/page"
	"ribble/web/ui"
)

// perPage is how many rows one page of a result shows.
const perPage = 50

// mostEvents bounds what is held of one person's entries to tell whole looks on a page, in print and as PDF: of more the newest are told, and all are
// exported as they stream.
const mostEvents = 20_000

var errLogDown = fault.New(fault.Unavailable, "The log does not answer just now. Nothing is lost; what you asked has been written down. Try again in a minute.")

// LooksForm asks what to ask of the log.
func (p *Pages) LooksForm(w http.ResponseWriter, r *http.Request) error {
	u, err := p.officer(r)
	if err != nil {
		return err
	}
	return p.drawLooks(w, r, http.StatusOK, page.LooksProps{Form: p.form(u, r, asking{}, faults{}, true)})
}

func (p *Pages) drawLooks(w http.ResponseWriter, r *http.Request, status int, props page.LooksProps) error {
	title := "Who looked"
	if len(props.Problems) > 0 {
		title = "Error: " + title
	}
	props.Props, props.Places = p.frame(r, title), places(LooksPath)
	return write(w, r, status, page.Looks(props))
}

// Looks asks the log, and shows the answer; the question is written down first.
func (p *Pages) Looks(w http.ResponseWriter, r *http.Request) error {
	u, err := p.officer(r)
	if err != nil {
		return err
	}
	if p.Log == nil {
		return errNoLog
	}
	a, problems, err := p.asked(r, u)
	if err != nil {
		return err
	}
	if len(problems) > 0 {
		return p.drawLooks(w, r, http.StatusUnprocessableEntity, page.LooksProps{Problems: problems.problems(), Form: p.form(u, r, a, problems, true)})
	}
	if err := p.note(r, u, audit.ActOfficerLooked, a, "looks"); err != nil {
		return err
	}
	find := p.events
	if a.whole() {
		find = p.person
	}
	result, err := find(r, u, a)
	if err != nil {
		return err
	}
	return p.drawLooks(w, r, http.StatusOK, page.LooksProps{Form: p.form(u, r, a, faults{}, false), Result: &result})
}

// asked is the question: sealed, from a page of results, or as a form was filled in.
func (p *Pages) asked(r *http.Request, u identity.User) (asking, faults, error) {
	if token := r.PostFormValue("asking"); token != "" {
		a, err := p.unseal(u, token)
		return a, nil, err
	}
	a, f := p.readAsking(r, u)
	return a, f, nil
}

// lookUp reads a page of the trail, with words for what can go wrong.
func (p *Pages) lookUp(r *http.Request, q inquiry.Query) (inquiry.Page, error) {
	found, err := p.Log.Search.Page(r.Context(), q)
	if errors.Is(err, inquiry.ErrRange) {
		return found, fault.Wrap(fault.Invalid, "The end lies before the beginning. Nothing was asked.", err)
	}
	if err != nil {
		return found, fault.Wrap(fault.Unavailable, fault.SafeText(errLogDown), err)
	}
	return found, nil
}

// events is a result of single entries, page by page.
func (p *Pages) events(r *http.Request, u identity.User, a asking) (page.LooksResult, error) {
	found, err := p.lookUp(r, p.query(a, u))
	if err != nil {
		return page.LooksResult{}, err
	}
	if a.Last == 0 {
		// The pages that follow show the log as it was for the first.
		a.Last = found.Complete.Sequence
	}
	result, err := p.result(u, a, found.Complete)
	if err != nil {
		return result, err
	}
	result.Heading, result.Count = "What the log says", fmt.Sprintf("%d entries", len(found.Rows))
	result.Foot = append(result.Foot, "People are numbered as they first come on this page. To see whose records these are, ask with a purpose and a reference.")
	if a.NHS != "" {
		result.Heading, result.Foot = "What the log says of one person’s record", result.Foot[:1]
	}
	missing, err := p.gap(r, a)
	if err != nil {
		return result, err
	}
	if missing != "" {
		result.Proof, result.Note = "What you see may not be all of it. Your question was written down.", &ui.NoteProps{Kind: ui.NoteLoud, Lead: "Not complete.", Text: missing}
	}
	names, err := p.people(r, u, a, found.Rows)
	if err != nil {
		return result, err
	}
	for _, row := range found.Rows {
		line := eventRow(row)
		if a.NHS == "" {
			line.Person = names[string(personOf(row.Event))]
		}
		result.Rows = append(result.Rows, line)
	}
	if found.Next.IsZero() {
		return result, nil
	}
	if len(found.Rows) < perPage {
		result.Note = &ui.NoteProps{Kind: ui.NoteWait, Lead: "The search goes on.", Text: fmt.Sprintf("%d entries were read so far. Go on from here, or narrow the time. %s", found.Scanned, missing)}
	}
	a.Before = found.Next
	result.Next, err = p.next(u, a)
	return result, err
}

func personOf(e audit.Event) []byte {
	if e.Person == nil {
		return nil
	}
	return e.Person.Index
}

// people gives each person of a page a number that stands for them there, or, where it was asked for with a purpose, their NHS number: then it is
// written down for each of them that the officer saw it.
func (p *Pages) people(r *http.Request, u identity.User, a asking, rows []inquiry.Row) (map[string]string, error) {
	names := map[string]string{"": "none"}
	for _, row := range rows {
		index := string(personOf(row.Event))
		if _, known := names[index]; known {
			continue
		}
		names[index] = "person " + strconv.Itoa(len(names))
		if !a.Show {
			continue
		}
		number, _, err := p.reveal(r.Context(), row.Event)
		if err != nil || number.IsZero() {
			names[index] = "erased"
			continue
		}
		shown := asking{NHS: number.Digits(), Purpose: a.Purpose, Reference: a.Reference}
		if err := p.note(r, u, audit.ActOfficerLooked, shown, "whose record"); err != nil {
			return nil, err
		}
		names[index] = number.Spaced()
	}
	return names, nil
}

// person is a result of one person's whole looks.
func (p *Pages) person(r *http.Request, u identity.User, a asking) (page.LooksResult, error) {
	rows, complete, err := p.story(r, u, &a)
	more := errors.Is(err, errTooMany)
	if err != nil && !more {
		return page.LooksResult{}, err
	}
	lines := report.Compose(rows)
	result, err := p.result(u, a, complete)
	if err != nil {
		return result, err
	}
	result.Heading = "Who looked at this record"
	result.About = []ui.Pair{{Key: "NHS No.", Value: a.number().Spaced()}, {Key: "Why you ask", Value: purposeWords(a.Purpose) + ", " + a.Reference}}
	if a.Name != "" {
		result.About = append([]ui.Pair{{Key: "Person", Value: a.Name}}, result.About...)
	}
	result.Count, result.Picture = sumUp(lines), weeks(rows, u.Organisation.ODS, p.Now())
	missing, err := p.gap(r, a)
	if err != nil {
		return result, err
	}
	if more {
		result.Count += ", the newest"
		missing = sentences(missing, older(rows)+" Take the CSV or the bundle with its proofs, which hold all, or ask again with an end before that time.")
	}
	if missing != "" {
		result.Proof = "What you see is not all of it. Your question was written down."
		result.Note = &ui.NoteProps{Kind: ui.NoteLoud, Lead: "Not complete.", Text: missing}
	}
	if words := erased(rows); words != "" {
		result.Foot = append(result.Foot, words)
	}
	end := min(a.Skip+2*perPage, len(lines))
	for _, l := range lines[min(a.Skip, len(lines)):end] {
		result.Rows = append(result.Rows, lineRow(l))
	}
	result.Foot = append(result.Foot, "Names and roles are as they were at the time. Whoever looked is named, never the portal.")
	if end < len(lines) {
		a.Skip = end
		result.Next, err = p.next(u, a)
	}
	return result, err
}

var errTooMany = errors.New("there is too much for one page")

// story reads every event of one person up to where the log is complete, and pins that place, so that the pages after this one fit it. With errTooMany it
// gives the newest alone.
func (p *Pages) story(r *http.Request, u identity.User, a *asking) ([]inquiry.Row, inquiry.Complete, error) {
	q := p.query(*a, u)
	q.Before, q.Limit = inquiry.Place{}, inquiry.MaxPage
	var rows []inquiry.Row
	complete, err := p.Log.Search.Stream(r.Context(), q, func(row inquiry.Row) error {
		if len(rows) == mostEvents {
			return errTooMany
		}
		rows = append(rows, row)
		return nil
	})
	if err != nil && !errors.Is(err, errTooMany) {
		return nil, complete, fault.Wrap(fault.Unavailable, fault.SafeText(errLogDown), err)
	}
	if a.Last == 0 {
		a.Last = complete.Sequence
	}
	complete.Sequence = min(complete.Sequence, a.Last)
	return rows, complete, err
}

// result is what every result says: up to where it is complete, and what can be taken away.
func (p *Pages) result(u identity.User, a asking, c inquiry.Complete) (page.LooksResult, error) {
	result := page.LooksResult{
		URL: ReportPath, Complete: fmt.Sprintf("Complete to log number %s, %s.", thousands(c.Sequence), moment(c.At)),
		Proof: "Every entry before that point is counted; none is left out. Your question was written down.",
		None:  ui.NoteProps{Kind: ui.NoteNone, Lead: "The log holds nothing that fits.", Text: "It was searched completely. Ask with fewer conditions, or check the numbers."},
		Foot:  []string{"Times are by the clock of the United Kingdom."},
	}
	if a.First > 0 || a.Last > 0 && a.Last != c.Sequence {
		result.Proof = "Only the log numbers you asked for are shown. " + result.Proof
	}
	token, err := p.seal(u, a, inquiryLife)
	if err != nil {
		return result, err
	}
	result.Fields = []ui.Field{{Name: "asking", Value: token}}
	result.Exports = exports(a)
	return result, nil
}

func (p *Pages) next(u identity.User, a asking) (*ui.Action, error) {
	token, err := p.seal(u, a, inquiryLife)
	if err != nil {
		return nil, err
	}
	return &ui.Action{Text: "Older entries", URL: LooksPath, Post: true, Fields: []ui.Field{{Name: "asking", Value: token}}}, nil
}

// thousands prints a number with commas, as it is read out.
func thousands(n int64) string {
	s := strconv.FormatInt(n, 10)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

func itoa(n int) string { return strconv.Itoa(n) }

// sumUp counts looks and refusals.
func sumUp(lines []report.Line) string {
	looks, refused := 0, 0
	for _, l := range lines {
		switch l.What {
		case report.Opened:
			looks++
		case report.Refused:
			refused++
		}
	}
	return fmt.Sprintf("%s, %s, %s in all", count(looks, "look"), count(refused, "refusal"), count(len(lines), "entry"))
}

func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	if noun == "entry" {
		return fmt.Sprintf("%d entries", n)
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// week is the Monday of a time's week.
func week(t time.Time) time.Time {
	t = t.In(time.Local)
	day := time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, time.Local)
	return day.AddDate(0, 0, -(int(day.Weekday())+6)%7)
}
