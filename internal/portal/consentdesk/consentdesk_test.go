package consentdesk_test

import (
	"context"
	"crypto/rand"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/go-chi/chi/v5"
	"github.com/google/go-cmp/cmp"

	"ribble/internal/audit"
	"ribble/internal/consent"
	"ribble/internal/fault"
	"ribble/internal/findperson"
	"ribble/internal/identity"
	"ribble/internal/portal/consentdesk"
	"ribble/internal/portal/handle"
	"ribble/internal/portal/middleware"
	"ribble/internal/record"
	"ribble/internal/seal"
	"ribble/web/layout"
)

var now = time.Date(2026, 11, 18, 14, 2, 0, 0, time.UTC)

// desk notes what is entered and ended.
type desk struct {
	standing consent.Standing
	entered  []consent.Entry
	ended    []string
}

func (d *desk) Register(context.Context, identity.User, record.NHSNumber) (consent.Standing, error) {
	return d.standing, nil
}

func (d *desk) Object(_ context.Context, _ identity.User, _ record.NHSNumber, e consent.Entry) error {
	d.entered = append(d.entered, e)
	return nil
}

func (d *desk) EndObjection(_ context.Context, _ identity.User, _ record.NHSNumber, id string) error {
	d.ended = append(d.ended, id)
	return nil
}

// register knows one person, and no other.
type national struct{}

func (national) Trace(_ context.Context, n record.NHSNumber, _ record.Requester) (record.Person, error) {
	if n.Digits() != "9991411690" {
		return record.Person{}, fault.New(fault.NotFound, "Nobody with this NHS number was found.")
	}
	return record.Person{NHSNumber: n, TracedAt: now}, nil
}

func (national) Search(context.Context, findperson.Query, record.Requester) (findperson.Found, error) {
	return findperson.Found{}, nil
}

type sink struct{}

func (sink) Append(context.Context, audit.Entry) (audit.Position, error) {
	return audit.Position{}, nil
}

type assets struct{}

func (assets) URL(name string) string { return "/assets/" + name }

// office is the pages of the desk, with whoever sits at it.
type office struct {
	t        *testing.T
	handler  http.Handler
	desk     *desk
	err      error
	activity string
	session  string
}

func newOffice(t *testing.T) *office {
	t.Helper()
	key := make([]byte, seal.KeySize)
	_, _ = rand.Read(key)
	sealer, err := seal.New(key)
	if err != nil {
		t.Fatal(err)
	}
	o := &office{t: t, desk: &desk{}, activity: "B0020", session: "s1"}
	clock := func() time.Time { return now }
	pages := consentdesk.New(consentdesk.Config{
		Find: &findperson.Flow{Register: national{}, Trail: audit.NewTrail(sink{}, audit.GenerateKeys(), clock), Now: clock}, Desk: o.desk,
		Organisations: func() []record.Organisation { return []record.Organisation{{ODS: "RZB", Name: "Bowland"}} },
		Organisation: func(ods string) (record.Organisation, bool) {
			return record.Organisation{ODS: ods, Name: "Bowland"}, ods == "RZB"
		},
		Handles: handle.Keeper{Sealer: sealer, Now: clock}, Frame: func(*http.Request) layout.Props { return layout.Props{Assets: assets{}} },
	})
	serve := func(page func(http.ResponseWriter, *http.Request) error) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) { o.err = page(w, r) }
	}
	r := chi.NewRouter()
	r.Get("/objections", serve(pages.FindForm))
	r.Post("/objections/find", serve(pages.Find))
	r.Get("/objections/find/{handle}", serve(pages.Sought))
	r.Get("/objections/{handle}", serve(pages.Register))
	r.Post("/objections/check", serve(pages.Check))
	r.Post("/objections", serve(pages.Keep))
	r.Post("/objections/end", serve(pages.End))
	o.handler = r
	return o
}

func (o *office) send(method, path string, form url.Values) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, path, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	u := identity.User{
		Issuer: "https://op", Subject: "pickup", Session: o.session, AssuranceLevel: 3, Role: identity.Role{ProfileID: "1", Activities: []string{o.activity, "B0264"}},
		Organisation: identity.Organisation{ODS: "Y99001", Name: "Hodder Valley Medical Practice"},
	}
	w := httptest.NewRecorder()
	o.err = nil
	o.handler.ServeHTTP(w, r.WithContext(middleware.WithSession(r.Context(), identity.Session{ID: o.session, User: u})))
	return w
}

// opened is the address of the person's register.
func (o *office) opened() string {
	o.t.Helper()
	w := o.send("POST", "/objections/find", url.Values{"nhs": {"999 141 1690"}})
	to := w.Header().Get("Location")
	if w.Code != http.StatusSeeOther || !strings.HasPrefix(to, "/objections/") || strings.Contains(to, "9991411690") {
		o.t.Fatalf("%d %s %v", w.Code, to, o.err)
	}
	return to
}

var hidden = regexp.MustCompile(`name="(person|entry|confirmed)" value="([^"]+)"`)

// carried are the sealed fields of the last form of a page that has them.
func carried(page string) url.Values {
	form := url.Values{}
	for _, m := range hidden.FindAllStringSubmatch(page, -1) {
		form.Set(m[1], m[2])
	}
	return form
}

func with(form url.Values, pairs ...string) url.Values {
	for i := 0; i < len(pairs); i += 2 {
		form.Add(pairs[i], pairs[i+1])
	}
	return form
}

func TestAnEntryIsWrittenDownInTwoSteps(t *testing.T) {
	o := newOffice(t)
	register := o.send("GET", o.opened(), nil).Body.String()
	check := o.send("POST", "/objections/check", with(carried(register), "stance", "objects", "direction", "supply", "organisation", "RZB", "kinds", "documents", "kinds", "legal",
		"day", "1", "month", "12", "year", "2026"))
	for _, words := range []string{"I object to showing here what Bowland holds.", "Legal status under the Mental Health Act; Documents and letters", "01-Dec-2026", "Emergency access does not show it either."} {
		if !strings.Contains(check.Body.String(), words) {
			t.Errorf("the check does not say %q: %v", words, o.err)
		}
	}
	if len(o.desk.entered) != 0 {
		t.Fatal("the first step wrote something down")
	}
	kept := o.send("POST", "/objections", carried(check.Body.String()))
	want := []consent.Entry{{Organisation: "RZB", Sections: record.SectionsOf(record.Legal, record.Documents), Direction: consent.Supply, Stance: consent.Objected, From: time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC)}}
	if diff := cmp.Diff(want, o.desk.entered); diff != "" || kept.Code != http.StatusSeeOther || !strings.HasSuffix(kept.Header().Get("Location"), "?done=kept") {
		t.Errorf("%d %v %s", kept.Code, o.err, diff)
	}
}

func TestWhatIsMissingIsAskedFor(t *testing.T) {
	o := newOffice(t)
	register := o.send("GET", o.opened(), nil).Body.String()
	for name, c := range map[string]struct {
		form  []string
		words string
	}{
		"nothing":       {nil, "Choose whether the person objects or agrees."},
		"no kind":       {[]string{"stance", "agrees", "direction", "view", "organisation", "every"}, "Choose at least one kind of data."},
		"yesterday":     {[]string{"stance", "agrees", "direction", "view", "organisation", "every", "kinds", "all", "day", "17", "month", "11", "year", "2026"}, "today or later"},
		"no such day":   {[]string{"stance", "agrees", "direction", "view", "organisation", "every", "kinds", "all", "day", "31", "month", "2", "year", "2027"}, "today or later"},
		"elsewhere":     {[]string{"stance", "agrees", "direction", "view", "organisation", "R0GUE", "kinds", "all"}, "Choose the organisation from the list."},
		"an odd stance": {[]string{"stance", "perhaps", "direction", "view", "organisation", "every", "kinds", "all"}, "Choose whether the person objects or agrees."},
	} {
		w := o.send("POST", "/objections/check", with(carried(register), c.form...))
		if w.Code != http.StatusUnprocessableEntity || !strings.Contains(w.Body.String(), c.words) {
			t.Errorf("%s: %d %v", name, w.Code, o.err)
		}
	}
	if len(o.desk.entered) != 0 {
		t.Error("something was written down")
	}
}

func TestAnEntryIsEndedInTwoSteps(t *testing.T) {
	o := newOffice(t)
	yes := consent.Entry{ID: "e1", Sections: record.AllSections, Direction: consent.View, Stance: consent.Agreed, From: now.Add(-48 * time.Hour)}
	no := consent.Entry{ID: "e2", Organisation: "RZB", Sections: record.SectionsOf(record.Documents), Direction: consent.View, Stance: consent.Objected, From: now.Add(-24 * time.Hour)}
	o.desk.standing = consent.Standing{yes, no}
	register := o.send("GET", o.opened(), nil).Body.String()
	for _, words := range []string{"Two entries contradict each other. The objection holds.", "Agrees to staff of every organisation seeing the record (Everything, from", "objects to staff of Bowland seeing the record"} {
		if !strings.Contains(register, words) {
			t.Errorf("the register does not say %q: %v", words, o.err)
		}
	}
	// The last form that carries an entry is that of the objection.
	ask := o.send("POST", "/objections/end", carried(register)).Body.String()
	if !strings.Contains(ask, "End this entry?") || !strings.Contains(ask, "Objects to staff of Bowland seeing the record.") || len(o.desk.ended) != 0 {
		t.Fatalf("%v %v", o.err, o.desk.ended)
	}
	if w := o.send("POST", "/objections/end", carried(ask)); w.Code != http.StatusSeeOther || !cmp.Equal(o.desk.ended, []string{"e2"}) {
		t.Errorf("%d %v %v", w.Code, o.err, o.desk.ended)
	}
}

func TestWhoMayNot(t *testing.T) {
	o := newOffice(t)
	address := o.opened()
	form := carried(o.send("GET", address, nil).Body.String())
	o.session = "s2"
	for path, method := range map[string]string{address: "GET", "/objections/check": "POST"} {
		if w := o.send(method, path, form); fault.KindOf(o.err) != fault.NotFound || w.Body.Len() != 0 {
			t.Errorf("%s in another session: %v", path, o.err)
		}
	}
	o.session, o.activity = "s1", "B0360"
	for path, method := range map[string]string{"/objections": "GET", "/objections/find": "POST", address: "GET", "/objections/check": "POST", "/objections/end": "POST"} {
		if w := o.send(method, path, form); fault.KindOf(o.err) != fault.Denied || w.Body.Len() != 0 {
			t.Errorf("%s without the activity: %v", path, o.err)
		}
	}
	if len(o.desk.entered)+len(o.desk.ended) != 0 {
		t.Error("the register was changed")
	}
}

func TestNobodyFound(t *testing.T) {
	o := newOffice(t)
	for number, words := range map[string]string{"": "not a valid NHS number", "9991411691": "not a valid NHS number", "9994340832": "Nobody with this NHS number was found."} {
		// What was typed must not be part of what the browser remembers of the page.
		to := o.send("POST", "/objections/find", url.Values{"nhs": {number}}).Header().Get("Location")
		if !strings.HasPrefix(to, "/objections/find/") || number != "" && strings.Contains(to, number) {
			t.Errorf("%q leads to %s", number, to)
		}
		if w := o.send("GET", to, nil); w.Code != http.StatusUnprocessableEntity || !strings.Contains(w.Body.String(), words) || number != "" && !strings.Contains(w.Body.String(), `value="`+number+`"`) {
			t.Errorf("%q: %d %v", number, w.Code, o.err)
		}
		o.session = "s2"
		if w := o.send("GET", to, nil); fault.KindOf(o.err) != fault.NotFound || w.Body.Len() != 0 {
			t.Errorf("%q in another session: %v", number, o.err)
		}
		o.session = "s1"
	}
}
