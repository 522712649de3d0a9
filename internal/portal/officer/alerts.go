package officer

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/go-chi/chi/v5"

	"ribble/internal/audit"
	"ribble/internal/fault"
	"ribble/internal/identity"
	"ribble/internal/oversight"
	"ribble/web/page"
	"ribble/web/ui"
)

// The addresses: the list, and the list alone, by which a script keeps it fresh.
const (
	AlertsPath = "/officer/alerts"
	NewestPath = "/officer/alerts/newest"
)

// most is how many alerts one page shows.
const most = 200

// unreadable is what the officer is told when the board cannot be read.
const unreadable = "The alerts cannot be read just now. None is lost. Try again in a minute."

// Alerts lists the open alerts of the officer's organisation.
func (p *Pages) Alerts(w http.ResponseWriter, r *http.Request) error {
	props, err := p.list(r)
	if err != nil {
		return err
	}
	return write(w, r, page.Alerts(props))
}

// Newest is the list alone.
func (p *Pages) Newest(w http.ResponseWriter, r *http.Request) error {
	props, err := p.list(r)
	if err != nil {
		return err
	}
	return write(w, r, page.AlertList(props))
}

func (p *Pages) list(r *http.Request) (page.AlertsProps, error) {
	u, err := p.officer(r)
	if err != nil {
		return page.AlertsProps{}, err
	}
	open, err := p.open(r, u)
	if err != nil {
		return page.AlertsProps{}, err
	}
	props := page.AlertsProps{Props: p.Frame(r), Organisation: u.Organisation.Name, Refresh: NewestPath, Read: p.Now().In(time.Local).Format("15:04:05"), More: len(open) == most}
	props.Title = "Alerts"
	for _, a := range open {
		props.Alerts = append(props.Alerts, page.AlertRow{
			Kind: wordsOf(a.Kind).title, Grave: a.Kind == oversight.BreakGlass || a.Kind == oversight.OwnRecord, At: moment(a.At), Reference: reference(a.ID), URL: AlertsPath + "/" + a.ID,
		})
	}
	return props, nil
}

func (p *Pages) open(r *http.Request, u identity.User) ([]oversight.Alert, error) {
	open, err := p.Board.Open(r.Context(), u.Organisation.ODS, most)
	if err != nil {
		return nil, fault.Wrap(fault.Unavailable, unreadable, err)
	}
	return open, nil
}

// errNoAlert is one answer for an alert that is not there, is closed, or is another organisation's.
var errNoAlert = fault.New(fault.NotFound, "There is no such open alert for your organisation.")

// Alert shows who looked at whose record, when and why. The officer's own look is written down before anything is revealed.
func (p *Pages) Alert(w http.ResponseWriter, r *http.Request) error {
	u, err := p.officer(r)
	if err != nil {
		return err
	}
	open, err := p.open(r, u)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(open, func(a oversight.Alert) bool { return a.ID == chi.URLParam(r, "alert") })
	if i < 0 {
		return errNoAlert
	}
	a := open[i]
	event, unread := p.event(r, a)
	note := audit.Note{Act: audit.ActOfficerLooked, User: u, Reason: "alert " + string(a.Kind), Register: a.ID}
	var words string
	var facts []ui.Pair
	if unread == "" {
		number, terms, err := p.reveal(r.Context(), event)
		if err != nil {
			unread = "The key that protects it is not among those loaded."
		}
		// Whose record it was belongs to the note too: the person may ask who learned of the look.
		note.NHSNumber, words, facts = number, terms.Words, p.told(event, number)
	}
	if err := p.Trail.Note(r.Context(), note); err != nil {
		return err
	}
	props := page.AlertProps{
		Props: p.Frame(r), Kind: wordsOf(a.Kind).title, Reference: reference(a.ID), Raised: moment(a.At), Means: wordsOf(a.Kind).means,
		Facts: facts, Unread: unread, Words: words, Back: ui.Action{Text: "Back to the alerts", URL: AlertsPath},
	}
	props.Title = "Alert " + props.Reference
	return write(w, r, page.Alert(props))
}

// event reads the event that an alert is about, or says in words why it cannot be read.
func (p *Pages) event(r *http.Request, a oversight.Alert) (audit.Event, string) {
	if p.Events == nil {
		return audit.Event{}, "This portal has no leave to read the log. Ask your Ribble team."
	}
	event, found, err := p.Events.Event(r.Context(), a.Event)
	switch {
	case err != nil:
		return audit.Event{}, "The log does not answer just now. Try again in a minute."
	case !found:
		return audit.Event{}, "The log holds no such entry. Tell your Ribble team the reference: this must not happen."
	}
	return event, ""
}

// reference names an alert in a letter or on the phone.
func reference(id string) string { return strings.ToUpper(id[:min(8, len(id))]) }

func moment(t time.Time) string { return t.In(time.Local).Format("02-Jan-2006 15:04:05") }
