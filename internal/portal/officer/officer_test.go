package officer_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/go-chi/chi/v5"

	"ribble/internal/audit"
	"ribble/internal/fault"
	"ribble/internal/identity"
	"ribble/internal/oversight"
	"ribble/internal/portal/middleware"
	"ribble/internal/portal/officer"
	"ribble/internal/record"
	"ribble/web/layout"
)

const person = "9991411690"

// trail keeps events in memory, for the portal to write and for officers to read.
type trail struct {
	events []audit.Event
	broken bool
}

func (t *trail) Append(_ context.Context, e audit.Entry) (audit.Position, error) {
	if t.broken {
		return audit.Position{}, audit.ErrNotWritten
	}
	event, err := audit.Decode(e.Body)
	t.events = append(t.events, event)
	return audit.Position{}, err
}

func (t *trail) Event(_ context.Context, id string) (audit.Event, bool, error) {
	for _, e := range t.events {
		if e.ID.String() == id {
			return e, true, nil
		}
	}
	return audit.Event{}, false, nil
}

// board gives each organisation its own alerts.
type board struct{ alerts []oversight.Alert }

func (b board) Open(_ context.Context, ods string, _ int) ([]oversight.Alert, error) {
	var own []oversight.Alert
	for _, a := range b.alerts {
		if a.Organisation == ods {
			own = append(own, a)
		}
	}
	if ods == "DOWN" {
		return nil, errors.New("the board does not answer")
	}
	return own, nil
}

type assets struct{}

func (assets) URL(name string) string { return "/assets/" + name }

// room is the officers' pages around one alert: emergency access by a nurse of RZB.
type room struct {
	handler http.Handler
	trail   *trail
	err     error
}

func newRoom(t *testing.T, change func(*officer.Config)) *room {
	t.Helper()
	log, keys := &trail{}, audit.GenerateKeys()
	number, err := record.ParseNHSNumber(person)
	if err != nil {
		t.Fatal(err)
	}
	nurse := identity.User{Issuer: "https://op", Subject: "doyle", Name: "DOYLE Kathleen (Sister)", Organisation: identity.Organisation{ODS: "RZB", Name: "Bowland"}}
	written, err := audit.NewTrail(log, keys, time.Now).Write(t.Context(), audit.Note{
		Act: audit.ActBreakGlassBegan, User: nurse, NHSNumber: number, Reason: "unconscious", Terms: audit.Terms{Words: "found collapsed at the bus stop"},
	})
	if err != nil {
		t.Fatal(err)
	}
	r := &room{trail: log}
	c := officer.Config{
		Board: board{[]oversight.Alert{{ID: "3f9c02a1-0000-4000-8000-000000000001", Organisation: "RZB", Kind: oversight.BreakGlass, Event: written.ID, At: written.At}}},
		Keys:  keys, Events: log, Trail: audit.NewTrail(log, keys, time.Now), Now: time.Now, Browser: func(string) string { return "Edge on Windows" },
		Frame: func(*http.Request) layout.Props { return layout.Props{Assets: assets{}} },
	}
	change(&c)
	pages, router := officer.New(c), chi.NewRouter()
	serve := func(page func(http.ResponseWriter, *http.Request) error) http.HandlerFunc {
		return func(w http.ResponseWriter, q *http.Request) { r.err = page(w, q) }
	}
	router.Get("/officer/alerts", serve(pages.Alerts))
	router.Get("/officer/alerts/newest", serve(pages.Newest))
	router.Get("/officer/alerts/{alert}", serve(pages.Alert))
	r.handler = router
	return r
}

// get asks for an address as somebody with the activity, at an organisation.
func (r *room) get(path, activity, ods string) string {
	q := httptest.NewRequest(http.MethodGet, path, nil)
	u := identity.User{Issuer: "https://op", Subject: "grant", Session: "s", Role: identity.Role{ProfileID: "1", Activities: []string{activity}}, Organisation: identity.Organisation{ODS: ods, Name: ods}}
	q = q.WithContext(middleware.WithSession(q.Context(), identity.Session{ID: "s", User: u}))
	w := httptest.NewRecorder()
	r.err = nil
	r.handler.ServeHTTP(w, q)
	return w.Body.String()
}

const (
	auditing = "B0016"
	alert    = "/officer/alerts/3f9c02a1-0000-4000-8000-000000000001"
)

func unchanged(*officer.Config) {}

func TestTheListNamesNobody(t *testing.T) {
	r := newRoom(t, unchanged)
	for _, path := range []string{"/officer/alerts", "/officer/alerts/newest"} {
		got := r.get(path, auditing, "RZB")
		if r.err != nil || !strings.Contains(got, "Emergency access was opened") || !strings.Contains(got, "3F9C02A1") {
			t.Errorf("%s: %v %s", path, r.err, got)
		}
		for _, secret := range []string{"DOYLE", "999 141", person, "collapsed"} {
			if strings.Contains(got, secret) {
				t.Errorf("%s names %q", path, secret)
			}
		}
	}
}

func TestAnAlertTellsWhoWhoseAndWhy(t *testing.T) {
	r := newRoom(t, unchanged)
	got := r.get(alert, auditing, "RZB")
	for _, words := range []string{"DOYLE", "999 141 1690", "The person is unconscious or cannot be asked", "found collapsed at the bus stop"} {
		if !strings.Contains(got, words) {
			t.Errorf("the alert does not say %q: %v", words, r.err)
		}
	}
	last := r.trail.events[len(r.trail.events)-1]
	if last.Act != audit.ActOfficerLooked || last.User.Subject != "grant" || last.Person == nil || last.Register != "3f9c02a1-0000-4000-8000-000000000001" {
		t.Errorf("the officer's look reads %+v", last)
	}
}

func TestNothingIsRevealedUnwritten(t *testing.T) {
	r := newRoom(t, unchanged)
	r.trail.broken = true
	if got := r.get(alert, auditing, "RZB"); got != "" || fault.KindOf(r.err) != fault.Unavailable {
		t.Errorf("%v, and %q is shown", r.err, got)
	}
}

func TestWhoMayNotLook(t *testing.T) {
	r := newRoom(t, unchanged)
	for name, c := range map[string]struct {
		path, activity, ods string
		kind                fault.Kind
	}{
		"a clinician's list":      {"/officer/alerts", "B0360", "RZB", fault.Denied},
		"a clinician's alert":     {alert, "B0360", "RZB", fault.Denied},
		"another organisation's":  {alert, auditing, "RZP", fault.NotFound},
		"one that is not there":   {"/officer/alerts/none", auditing, "RZB", fault.NotFound},
		"a board that is away":    {"/officer/alerts", auditing, "DOWN", fault.Unavailable},
		"an alert of that board":  {alert, auditing, "DOWN", fault.Unavailable},
		"a clinician asks afresh": {"/officer/alerts/newest", "B0360", "RZB", fault.Denied},
	} {
		if got := r.get(c.path, c.activity, c.ods); got != "" || fault.KindOf(r.err) != c.kind {
			t.Errorf("%s: %v %q", name, r.err, got)
		}
	}
}

// TestWhatCannotBeReadSaysSo: an officer is never shown an empty alert as if nothing were behind it.
func TestWhatCannotBeReadSaysSo(t *testing.T) {
	for words, change := range map[string]func(*officer.Config){
		"no leave to read the log":  func(c *officer.Config) { c.Events = nil },
		"holds no such entry":       func(c *officer.Config) { c.Events = &trail{} },
		"not among those loaded":    func(c *officer.Config) { c.Keys = audit.GenerateKeys() },
		"The log does not answer j": func(c *officer.Config) { c.Events = away{} },
	} {
		r := newRoom(t, change)
		if got := r.get(alert, auditing, "RZB"); !strings.Contains(got, words) || strings.Contains(got, "DOYLE") && strings.Contains(got, "999 141") {
			t.Errorf("%q: %v %s", words, r.err, got)
		}
	}
}

type away struct{}

func (away) Event(context.Context, string) (audit.Event, bool, error) {
	return audit.Event{}, false, errors.New("away")
}
