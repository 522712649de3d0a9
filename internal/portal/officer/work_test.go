package officer_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"ribble/internal/audit"
	"ribble/internal/fault"
	"ribble/internal/oversight/queue"
	"ribble/internal/portal/officer"
)

const alert = "/officer/alerts/" + alertID

func TestTheListNamesNoPatient(t *testing.T) {
	r := newRoom(t, unchanged)
	for _, path := range []string{"/officer/alerts", "/officer/alerts/newest", "/officer/alerts?show=new&order=oldest&after=7"} {
		got := r.get(path, auditing, "RZB")
		says(t, path, got, "Emergency access was opened", "BTH-2216", "1 open alert", "DOYLE", "Closed this month: 41", "2 days")
		for _, secret := range []string{"999 141", person, "collapsed"} {
			if strings.Contains(got, secret) {
				t.Errorf("%s names %q", path, secret)
			}
		}
	}
	says(t, "the closed ones", r.get("/officer/alerts?show=closed", auditing, "RZB"), "No alert is here.")
	says(t, "another organisation's list", r.get("/officer/alerts", auditing, "RZP"), "Nothing to look into.")
}

func TestAnAlertTellsWhoWhoseAndWhy(t *testing.T) {
	r := newRoom(t, unchanged)
	says(t, "the alert", r.get(alert, auditing, "RZB"), "DOYLE", "999 141 1690", "The person is unconscious or cannot be asked", "found collapsed at the bus stop", "reason given: unconscious", "+60", "version 1",
		"Assign to me", "Who else looked at this record")
	if last := r.last(); last.Act != audit.ActOfficerLooked || last.User.Subject != "grant" || last.Person == nil || last.Register != alertID {
		t.Errorf("the officer's look reads %+v", last)
	}
}

func TestNothingIsRevealedUnwritten(t *testing.T) {
	r := newRoom(t, unchanged)
	r.trail.broken = true
	if got := r.get(alert, auditing, "RZB"); got != "" || fault.KindOf(r.err) != fault.Unavailable {
		t.Errorf("%v, and %q is shown", r.err, got)
	}
	form := url.Values{"nhs": {person}, "purpose": {"person"}, "reference": {"SAR-0417"}}
	if got, _ := r.post(officer.LooksPath, form); got != "" || fault.KindOf(r.err) != fault.Unavailable {
		t.Errorf("%v, and %q is shown", r.err, got)
	}
}

func TestWhoMayNotLook(t *testing.T) {
	r := newRoom(t, unchanged)
	for name, c := range map[string]struct {
		method, path, activity, ods string
		kind                        fault.Kind
	}{
		"a clinician's list":      {http.MethodGet, "/officer/alerts", "B0360", "RZB", fault.Denied},
		"a clinician's alert":     {http.MethodGet, alert, "B0360", "RZB", fault.Denied},
		"another organisation's":  {http.MethodGet, alert, auditing, "RZP", fault.NotFound},
		"taken by another":        {http.MethodPost, alert + "/take", auditing, "RZP", fault.NotFound},
		"one that is not there":   {http.MethodGet, "/officer/alerts/none", auditing, "RZB", fault.NotFound},
		"a clinician asks afresh": {http.MethodGet, "/officer/alerts/newest", "B0360", "RZB", fault.Denied},
		"a clinician's search":    {http.MethodPost, officer.LooksPath, "B0360", "RZB", fault.Denied},
		"a clinician's export":    {http.MethodPost, officer.ReportPath, "B0360", "RZB", fault.Denied},
		"a clinician's pictures":  {http.MethodGet, officer.PicturesPath, "B0360", "RZB", fault.Denied},
		"a clinician's rules":     {http.MethodPost, officer.RulesPath, "B0360", "RZB", fault.Denied},
	} {
		if w := r.send(who(c.activity, c.ods), c.method, c.path, nil); w.Body.Len() > 0 || fault.KindOf(r.err) != c.kind {
			t.Errorf("%s: %v %q", name, r.err, w.Body)
		}
	}
	r.queue.away = true
	for _, path := range []string{"/officer/alerts", alert} {
		if got := r.get(path, auditing, "RZB"); got != "" || fault.KindOf(r.err) != fault.Unavailable {
			t.Errorf("a queue that is away: %v %q", r.err, got)
		}
	}
}

// TestWhatCannotBeReadSaysSo: an officer is never shown an empty alert as if nothing were behind it.
func TestWhatCannotBeReadSaysSo(t *testing.T) {
	for words, change := range map[string]func(*officer.Config){
		"no leave to read the log":  func(c *officer.Config) { c.Log = nil },
		"holds no such entry":       func(c *officer.Config) { c.Log.Events = &trail{} },
		"not among those loaded":    func(c *officer.Config) { c.Keys = audit.GenerateKeys() },
		"The log does not answer j": func(c *officer.Config) { c.Log.Events = &trail{away: true} },
	} {
		r := newRoom(t, change)
		if got := r.get(alert, auditing, "RZB"); !strings.Contains(got, words) || strings.Contains(got, "999 141") {
			t.Errorf("%q: %v %s", words, r.err, got)
		}
	}
}

// TestTheWorkOnAnAlert goes from new to closed: taken up, asked, answered by the user, closed; each form that lacks something comes back.
func TestTheWorkOnAnAlert(t *testing.T) {
	r := newRoom(t, unchanged)
	step := func(door, words string, form url.Values) {
		t.Helper()
		if _, to := r.post(alert+door, form); !strings.Contains(to, alert+"?done=") {
			t.Fatalf("%s leads to %q: %v", door, to, r.err)
		}
		says(t, door, r.get(alert+"?done=x", auditing, "RZB"), words)
	}
	step("/take", "taken up, with you", nil)
	got, _ := r.post(alert+"/ask", url.Values{"words": {"why"}})
	says(t, "a question too short", got, "There is a problem", "at least ten letters", ">why<")
	step("/ask", "asked, with you", url.Values{"words": {"What was your part in this?"}})

	asked := r.send(nurse, http.MethodGet, officer.QuestionsPath, nil).Body.String()
	says(t, "the question", asked, "What was your part in this?", "GRANT", "BTH-2216", "Emergency access was opened")
	if strings.Contains(asked, "999 141") || strings.Contains(asked, "collapsed") {
		t.Error("the question names the patient")
	}
	if w := r.send(nurse, http.MethodPost, officer.QuestionsPath+"/"+alertID, url.Values{"words": {"no"}}); !strings.Contains(w.Body.String(), "at least ten letters") {
		t.Errorf("an answer too short: %v", r.err)
	}
	if w := r.send(who("B0360", "RZB"), http.MethodPost, officer.QuestionsPath+"/"+alertID, url.Values{"words": {"I was not asked at all"}}); fault.KindOf(r.err) != fault.NotFound {
		t.Errorf("somebody else answers: %v %d", r.err, w.Code)
	}
	if w := r.send(nurse, http.MethodPost, officer.QuestionsPath+"/"+alertID, url.Values{"words": {"She had collapsed in front of me."}}); w.Header().Get("Location") == "" {
		t.Fatalf("the answer: %v", r.err)
	}
	says(t, "the answer", r.get(alert, auditing, "RZB"), "answered, with you", "She had collapsed in front of me.", "What was your part in this?")

	got, _ = r.post(alert+"/close", url.Values{"words": {"It was as it should be."}})
	says(t, "no outcome", got, "Choose how the alert ended", "It was as it should be.")
	step("/close", "closed: The look was proper", url.Values{"outcome": {"proper"}, "words": {"It was as it should be."}})
	if i := r.queue.items[0]; i.State != queue.Closed || i.Outcome != "proper" || len(r.queue.steps) != 4 {
		t.Errorf("it ended as %+v after %d steps", i, len(r.queue.steps))
	}
	if got, _ := r.post(alert+"/take", nil); !strings.Contains(got, "Somebody else has worked on this alert") {
		t.Errorf("a closed alert is taken up: %v", r.err)
	}
}
