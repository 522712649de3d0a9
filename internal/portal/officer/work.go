package officer

import (
	"net/http"
	"strings"
	"time"

	"github.com/go-chi/chi/v5"

	"ribble/internal/audit"
	"ribble/internal/fault"
	"ribble/internal/identity"
	"ribble/internal/oversight/queue"
	"ribble/internal/record"
	"ribble/web/page"
	"ribble/web/ui"
)

// errNoAlert is one answer for an alert that is not there, and for another organisation's.
var errNoAlert = fault.New(fault.NotFound, "There is no such alert for your organisation.")

// Work shows one alert: who looked at whose record, when and why, and what was done about it. The officer's own look is written down before anything
// is revealed.
func (p *Pages) Work(w http.ResponseWriter, r *http.Request) error {
	return p.work(w, r, http.StatusOK, page.WorkProps{Done: justDone(r.URL.Query().Get("done"))})
}

// work draws an alert; what is filled in already, such as problems with a form, stays.
func (p *Pages) work(w http.ResponseWriter, r *http.Request, status int, props page.WorkProps) error {
	u, err := p.officer(r)
	if err != nil {
		return err
	}
	item, steps, there, err := p.Config.Queue.Get(r.Context(), u.Organisation.ODS, chi.URLParam(r, "alert"))
	if err != nil {
		return fault.Wrap(fault.Unavailable, unreadable, err)
	}
	if !there {
		return errNoAlert
	}
	event, unread := p.event(r, item.Event)
	note := audit.Note{Act: audit.ActOfficerLooked, User: u, Reason: "alert " + string(item.Kind), Register: item.ID}
	if unread == "" {
		number, terms, err := p.reveal(r.Context(), event)
		if err != nil {
			unread = "The key that protects the person is not there: they were erased, or it is not among those loaded."
		}
		// Whose record it was belongs to the note too: the person may ask who learned of the look.
		note.NHSNumber, props.Said, props.Facts = number, terms.Words, p.told(event, number)
		if props.Others, err = p.others(u, item, number); err != nil {
			return err
		}
	}
	if err := p.Trail.Note(r.Context(), note); err != nil {
		return err
	}
	props.Props, props.Places, props.Unread = p.frame(r, "Alert "+p.reference(item)), places(""), unread
	p.describe(u, item, &props)
	props.Steps = p.steps(r, steps)
	p.doors(u, item, &props)
	return write(w, r, status, page.Work(props))
}

// describe fills in what the alert says of itself.
func (p *Pages) describe(u identity.User, i queue.Item, props *page.WorkProps) {
	words := wordsOf(i.Kind)
	props.What, props.Means, props.Reference, props.Raised = words.title, words.means, p.reference(i), moment(i.At)
	props.Words, props.Score, props.Back = i.Words, score(i), ui.Action{Text: "Back to the alerts", URL: AlertsPath}
	props.State, props.StateKind = state(u, i)
	if i.Rule != "" {
		props.Rule = ", rule “" + i.Rule + "”, version " + itoa(i.RuleVersion)
	}
	for _, f := range i.Facts {
		props.Reasons = append(props.Reasons, page.Reason{What: f.What, Compared: f.Compared, From: f.From, Adds: "+" + itoa(f.Adds)})
	}
}

// doors are what can be done in the alert's state.
func (p *Pages) doors(u identity.User, i queue.Item, props *page.WorkProps) {
	if i.State == queue.Closed {
		props.Ask, props.Close = nil, nil
		return
	}
	at := AlertsPath + "/" + i.ID
	form := func(kept *page.WorkForm, door string) *page.WorkForm {
		if kept == nil {
			kept = new(page.WorkForm)
		}
		kept.URL = at + door
		return kept
	}
	if i.State == queue.New || i.State == queue.Assigned && i.Officer != queue.Key(u) {
		props.Take = form(nil, "/take")
	}
	if i.State != queue.Asked {
		props.Ask = form(props.Ask, "/ask")
	}
	props.Close = form(props.Close, "/close")
	if props.Outcomes != nil {
		return
	}
	for _, o := range queue.Outcomes {
		props.Outcomes = append(props.Outcomes, ui.Option{Value: o.Code, Text: o.Words})
	}
}

// stepWords are the steps in words.
var stepWords = map[string]string{"assigned": "Taken up", "asked": "Asked the member of staff", "answered": "Answered by the member of staff", "closed": "Closed", "reopened": "Opened again"}

// steps tells what was done, with the words that stand sealed in the trail.
func (p *Pages) steps(r *http.Request, steps []queue.Step) []page.WorkStep {
	var out []page.WorkStep
	for _, s := range steps {
		out = append(out, page.WorkStep{At: moment(s.At), What: stepWords[s.Act], By: record.StaffName(s.By).Usual(), Words: p.sealedWords(r, s.Event)})
	}
	return out
}

// sealedWords are the words of an event; where they cannot be read, that is said.
func (p *Pages) sealedWords(r *http.Request, id string) string {
	event, unread := p.event(r, id)
	if unread != "" {
		return "(" + unread + ")"
	}
	_, terms, err := p.reveal(r.Context(), event)
	if err != nil {
		return "(The words cannot be opened: their key is not there.)"
	}
	return terms.Words
}

// event reads an event, or says in words why it cannot be read.
func (p *Pages) event(r *http.Request, id string) (audit.Event, string) {
	if p.Log == nil {
		return audit.Event{}, fault.SafeText(errNoLog)
	}
	event, found, err := p.Log.Events.Event(r.Context(), id)
	switch {
	case err != nil:
		return audit.Event{}, "The log does not answer just now. Try again in a minute."
	case !found:
		return audit.Event{}, "The log holds no such entry. Tell your Ribble team the reference: this must not happen."
	}
	return event, ""
}

// Take makes the officer the one who works on the alert.
func (p *Pages) Take(w http.ResponseWriter, r *http.Request) error {
	return p.step(w, r, "taken", func(u identity.User, id string) error { return p.desk.Take(r.Context(), u, id) })
}

// Ask puts a question to the user whose look it was.
func (p *Pages) Ask(w http.ResponseWriter, r *http.Request) error {
	return p.step(w, r, "asked", func(u identity.User, id string) error {
		return p.desk.Ask(r.Context(), u, id, strings.TrimSpace(r.PostFormValue("words")))
	})
}

// Close ends the work with an outcome.
func (p *Pages) Close(w http.ResponseWriter, r *http.Request) error {
	return p.step(w, r, "closed", func(u identity.User, id string) error {
		return p.desk.Close(r.Context(), u, id, r.PostFormValue("outcome"), strings.TrimSpace(r.PostFormValue("words")))
	})
}

// step makes a step and shows the alert again; a form with a problem comes back as it was filled in.
func (p *Pages) step(w http.ResponseWriter, r *http.Request, what string, do func(identity.User, string) error) error {
	u, err := p.officer(r)
	if err != nil {
		return err
	}
	id := chi.URLParam(r, "alert")
	err = do(u, id)
	if fault.KindOf(err) == fault.Invalid && err != nil {
		return p.work(w, r, http.StatusUnprocessableEntity, wrong(r, what, fault.SafeText(err)))
	}
	if err != nil {
		return err
	}
	http.Redirect(w, r, AlertsPath+"/"+id+"?done="+what, http.StatusSeeOther)
	return nil
}

// wrong is an alert's page with what is wrong with a form on it.
func wrong(r *http.Request, what, problem string) page.WorkProps {
	form := page.WorkForm{Words: r.PostFormValue("words")}
	var props page.WorkProps
	at := "#main"
	switch {
	case what == "asked":
		form.WordsError, props.Ask, at = problem, &form, "#ask-words"
	case what == "closed" && !knownOutcome(r.PostFormValue("outcome")):
		form.OutcomeError, props.Close, at = problem, &form, "#outcome"
	case what == "closed":
		form.WordsError, props.Close, at = problem, &form, "#close-words"
	}
	if what == "closed" {
		for _, o := range queue.Outcomes {
			props.Outcomes = append(props.Outcomes, ui.Option{Value: o.Code, Text: o.Words, Chosen: o.Code == r.PostFormValue("outcome")})
		}
	}
	props.Problems = []ui.Problem{{Text: problem, Href: at}}
	return props
}

func knownOutcome(code string) bool { return outcomeWords(code) != code }

// justDone puts into words what has just been done.
func justDone(what string) *ui.NoteProps {
	switch what {
	case "taken":
		return done("It is with you.", "Others see that you work on it.")
	case "asked":
		return done("Asked.", "The member of staff sees your question when they next use Ribble. Their answer comes here.")
	case "closed":
		return done("Closed.", "What you found stands in the log.")
	}
	return nil
}

// others asks who else looked at a record: the alert is the purpose.
func (p *Pages) others(u identity.User, i queue.Item, number record.NHSNumber) (*ui.Action, error) {
	if number.IsZero() {
		return nil, nil
	}
	token, err := p.seal(u, asking{NHS: number.Digits(), Purpose: "alert", Reference: p.reference(i)}, inquiryLife)
	if err != nil {
		return nil, err
	}
	return &ui.Action{Text: "Who else looked at this record", URL: LooksPath, Post: true, Fields: []ui.Field{{Name: "asking", Value: token}}}, nil
}

// inquiryLife is how long a page of results may be worked with.
const inquiryLife = time.Hour
