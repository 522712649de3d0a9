package quality_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/go-chi/chi/v5"

	"ribble/internal/dataquality"
	"ribble/internal/fault"
	"ribble/internal/identity"
	"ribble/internal/portal/middleware"
	"ribble/internal/portal/quality"
	"ribble/internal/record"
	"ribble/web/layout"
)

// desk holds one report, and what was done about it.
type desk struct {
	report dataquality.Report
	done   []string
}

func (d *desk) Inbox(context.Context, identity.User, bool) ([]dataquality.Report, error) {
	return []dataquality.Report{d.report}, nil
}

func (d *desk) Mine(context.Context, identity.User) ([]dataquality.Report, error) { return nil, nil }

func (d *desk) Read(_ context.Context, _ identity.User, id string) (dataquality.Report, error) {
	if id != d.report.ID {
		return dataquality.Report{}, dataquality.ErrUnknown
	}
	return d.report, nil
}

func (d *desk) See(_ context.Context, _ identity.User, id string) error {
	d.done = append(d.done, "seen "+id)
	return nil
}

func (d *desk) Answer(_ context.Context, _ identity.User, id, outcome string) error {
	if outcome == "" {
		return dataquality.ErrOutcome
	}
	d.done = append(d.done, outcome+" "+id)
	return nil
}

type noURLs struct{}

func (noURLs) URL(name string) string { return "/assets/" + name }

// ask sends a request to the pages as a signed-in user, and gives the answer or the words of the error.
func ask(t *testing.T, d *desk, method, path string, form url.Values) (int, string) {
	t.Helper()
	pages := quality.New(quality.Config{
		Desk: d, Frame: func(*http.Request) layout.Props { return layout.Props{Assets: noURLs{}} },
		Organisation: func(ods string) (record.Organisation, bool) {
			return record.Organisation{ODS: ods, Name: "Bowland", Badge: "BTH"}, ods == "RZB"
		},
	})
	r := chi.NewRouter()
	for pattern, page := range map[string]func(http.ResponseWriter, *http.Request) error{
		"GET /problems": pages.Inbox, "GET /problems/mine": pages.Mine, "GET /problems/{id}": pages.Report, "POST /problems/{id}/seen": pages.See, "POST /problems/{id}/answer": pages.Answer,
	} {
		verb, at, _ := strings.Cut(pattern, " ")
		r.MethodFunc(verb, at, func(w http.ResponseWriter, r *http.Request) {
			if err := page(w, r); err != nil {
				http.Error(w, fault.SafeText(err), http.StatusNotFound)
			}
		})
	}
	q := httptest.NewRequest(method, path, strings.NewReader(form.Encode()))
	q.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	q = q.WithContext(middleware.WithSession(q.Context(), identity.Session{User: identity.User{Issuer: "i", Subject: "s", Session: "x", Organisation: identity.Organisation{ODS: "RZB"}}}))
	w := httptest.NewRecorder()
	r.ServeHTTP(w, q)
	return w.Code, w.Body.String()
}

func TestPages(t *testing.T) {
	d := &desk{report: dataquality.Report{
		ID: "ABC", Number: 7, Reason: "other-person", State: dataquality.New, At: time.Now(),
		Entry: dataquality.Entry{Feed: "bth", Organisation: "RZB", Section: record.Allergies, Item: record.ItemKey{Type: "AllergyIntolerance", ID: "a-1"}},
		By:    dataquality.Reporter{Name: "OKAFOR, Ngozi (Ms)", OrganisationName: "Hodder", Contact: "01632 960001"},
	}}
	for _, c := range []struct {
		method, path string
		form         url.Values
		status       int
		says         []string
	}{
		{"GET", "/problems", nil, 200, []string{"BTH-7", "AllergyIntolerance/a-1", "Hodder", "another person"}},
		{"GET", "/problems/mine", nil, 200, []string{"You have reported nothing."}},
		{"GET", "/problems/ABC", nil, 200, []string{"may be about somebody else", "01632 960001", "I have seen this", "Answer and close"}},
		{"GET", "/problems/XYZ", nil, 404, []string{"no such report"}},
		{"POST", "/problems/ABC/seen", nil, 303, nil},
		{"POST", "/problems/ABC/answer", url.Values{}, 422, []string{"Choose what became of it."}},
		{"POST", "/problems/ABC/answer", url.Values{"outcome": {"corrected"}}, 303, nil},
	} {
		status, body := ask(t, d, c.method, c.path, c.form)
		if status != c.status {
			t.Errorf("%s %s: %d", c.method, c.path, status)
		}
		for _, words := range c.says {
			if !strings.Contains(body, words) {
				t.Errorf("%s %s does not say %q", c.method, c.path, words)
			}
		}
	}
	if got := strings.Join(d.done, ", "); got != "seen ABC, corrected ABC" {
		t.Errorf("done: %s", got)
	}
	d.report.State, d.report.Item = dataquality.Answered, record.ItemKey{}
	if _, body := ask(t, d, "GET", "/problems/ABC", nil); strings.Contains(body, "Answer and close") || !strings.Contains(body, "must not be kept here") {
		t.Error("an answered report can be answered, or an id that was not kept is not told of")
	}
}
