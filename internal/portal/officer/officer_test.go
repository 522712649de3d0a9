package officer_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/csv"
	"errors"
	"html"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-chi/chi/v5"

	"ribble/internal/audit"
	"ribble/internal/identity"
	"ribble/internal/oversight"
	"ribble/internal/oversight/inquiry"
	"ribble/internal/oversight/picture"
	"ribble/internal/oversight/queue"
	"ribble/internal/oversight/rulebook"
	"ribble/internal/oversight/watch"
	"ribble/internal/portal/handle"
	"ribble/internal/portal/middleware"
	"ribble/internal/portal/officer"
	"ribble/internal/record"
	"ribble/internal/seal"
	"ribble/web/layout"
)

const person = "9991411690"

// trail keeps events in memory, for the portal to write and for officers to read.
type trail struct {
	rows    []inquiry.Row
	entries []audit.Entry
	broken  bool
	away    bool
	// also takes the same events, if it is there.
	also audit.Store
}

func (t *trail) Append(ctx context.Context, e audit.Entry) (audit.Position, error) {
	if t.broken {
		return audit.Position{}, audit.ErrNotWritten
	}
	if t.entries = append(t.entries, e); t.also != nil {
		if _, err := t.also.Append(ctx, e); err != nil {
			return audit.Position{}, err
		}
	}
	event, err := e.Event()
	t.rows = append(t.rows, inquiry.Row{Sequence: int64(len(t.rows) + 1), Recorded: event.At, Event: event})
	return audit.Position{Sequence: int64(len(t.rows))}, err
}

var errAway = errors.New("the log does not answer")

func (t *trail) Event(_ context.Context, id string) (audit.Event, bool, error) {
	for _, r := range t.rows {
		if r.Event.ID.String() == id {
			return r.Event, true, nil
		}
	}
	if t.away {
		return audit.Event{}, false, errAway
	}
	return audit.Event{}, false, nil
}

// fits is what the database's conditions do.
func fits(q inquiry.Query, r inquiry.Row) bool {
	e := r.Event
	if len(q.Person) > 0 && (e.Person == nil || !slices.ContainsFunc(q.Person, func(i audit.Index) bool { return bytes.Equal(i.Value, e.Person.Index) })) {
		return false
	}
	return (q.Subject == "" || e.User.Subject == q.Subject && e.User.Issuer == q.Issuer) && (q.Organisation == "" || e.User.Organisation == q.Organisation) &&
		(len(q.Acts) == 0 || slices.Contains(q.Acts, e.Act)) && (q.LastSequence == 0 || r.Sequence <= q.LastSequence) && r.Sequence >= q.FirstSequence &&
		(q.Before.IsZero() || r.Sequence < q.Before.Sequence) && r.Sequence >= q.Until.Sequence && q.Fits(e)
}

func (t *trail) Page(_ context.Context, q inquiry.Query) (inquiry.Page, error) {
	if t.away {
		return inquiry.Page{}, errAway
	}
	p := inquiry.Page{Complete: inquiry.Complete{Sequence: int64(len(t.rows)), At: time.Now()}}
	for _, r := range slices.Backward(t.rows) {
		if !fits(q, r) {
			continue
		}
		if len(p.Rows) == q.Limit {
			p.Next = p.Rows[q.Limit-1].Place()
			break
		}
		p.Rows = append(p.Rows, r)
	}
	return p, q.Check()
}

func (t *trail) Stream(ctx context.Context, q inquiry.Query, take func(inquiry.Row) error) (inquiry.Complete, error) {
	q.Limit = inquiry.MaxPage
	p, err := t.Page(ctx, q)
	for _, r := range p.Rows {
		if err == nil {
			err = take(r)
		}
	}
	return p.Complete, err
}

func (t *trail) Cuts(ctx context.Context, q inquiry.Query, each int) (cuts []inquiry.Place, complete inquiry.Complete, err error) {
	for q.Limit = each; ; q.Before = cuts[len(cuts)-1] {
		p, err := t.Page(ctx, q)
		if err != nil || p.Next.IsZero() {
			return cuts, p.Complete, err
		}
		cuts = append(cuts, p.Next)
	}
}

// work is a queue in memory.
type work struct {
	items []queue.Item
	steps []queue.Step
	away  bool
}

func (w *work) List(_ context.Context, f queue.Filter) ([]queue.Item, error) {
	if w.away {
		return nil, errAway
	}
	var out []queue.Item
	for _, i := range w.items {
		if i.Organisation == f.Organisation && slices.Contains(f.States, i.State) && (f.Officer == "" || f.Officer == i.Officer) {
			out = append(out, i)
		}
	}
	return out, nil
}

func (w *work) Get(_ context.Context, organisation, id string) (queue.Item, []queue.Step, bool, error) {
	if w.away {
		return queue.Item{}, nil, false, errAway
	}
	for _, i := range w.items {
		if i.Organisation == organisation && i.ID == id {
			return i, w.steps, true, nil
		}
	}
	return queue.Item{}, nil, false, nil
}

func (w *work) Questions(_ context.Context, u watch.User) ([]queue.Item, error) {
	var out []queue.Item
	for _, i := range w.items {
		if i.User == u && i.State == queue.Asked {
			out = append(out, i)
		}
	}
	return out, nil
}

func (w *work) Move(_ context.Context, id string, m queue.Move) error {
	for n := range w.items {
		i := &w.items[n]
		if i.ID != id || !slices.Contains(m.From, i.State) {
			continue
		}
		i.State, i.Outcome = m.To, m.Outcome
		if m.Officer != "" {
			i.Officer, i.OfficerName = m.Officer, m.OfficerName
		}
		w.steps = append(w.steps, queue.Step{At: m.At, Act: m.Act, By: m.By, Event: m.Event})
		return nil
	}
	return queue.ErrMoved
}

func (w *work) Counts(context.Context, string) (map[queue.State]int, error) {
	counts := map[queue.State]int{}
	for _, i := range w.items {
		counts[i.State]++
	}
	return counts, nil
}

func (w *work) Handled(context.Context, string, time.Time) (int, time.Duration, error) {
	return 41, 50 * time.Hour, nil
}

// shelf keeps changes of the rules in memory.
type shelf struct{ changes []rulebook.Change }

func (s *shelf) find(state rulebook.State) (rulebook.Change, bool, error) {
	for _, c := range slices.Backward(s.changes) {
		if c.State == state {
			return c, true, nil
		}
	}
	return rulebook.Change{}, false, nil
}

func (s *shelf) InForce(context.Context) (rulebook.Change, bool, error) {
	return s.find(rulebook.Approved)
}
func (s *shelf) Waiting(context.Context) (rulebook.Change, bool, error) {
	return s.find(rulebook.Waiting)
}

func (s *shelf) Propose(_ context.Context, c rulebook.Change) error {
	s.changes = append(s.changes, c)
	return nil
}

func (s *shelf) Decide(_ context.Context, id string, to rulebook.State, by rulebook.Step) error {
	for i := range s.changes {
		if s.changes[i].ID == id {
			s.changes[i].State, s.changes[i].Decided = to, by
			return nil
		}
	}
	return rulebook.ErrDecided
}

type tallies struct{ asked []picture.Query }

func (t *tallies) Counts(_ context.Context, q picture.Query) ([]picture.Counts, error) {
	t.asked = append(t.asked, q)
	return []picture.Counts{{Key: "RZB", Opened: 1500, Refused: 3, Emergency: 3}}, q.Check()
}

func (*tallies) Sources(context.Context, picture.Query) ([]picture.Source, error) {
	return []picture.Source{{Feed: "bowland", Asked: 200, Failed: 5}}, nil
}

type region struct{}

func (region) Organisation(ods string) (record.Organisation, bool) {
	return record.Organisation{ODS: ods, Name: "Bowland", Badge: "BTH"}, ods == "RZB"
}

func (r region) Known(code string) bool {
	_, ok := r.Organisation(code)
	return ok || code == "bowland"
}

type assets struct{}

func (assets) URL(name string) string { return "/assets/" + name }

// room is the officers' pages around one alert: emergency access by a nurse of RZB.
type room struct {
	t       *testing.T
	handler http.Handler
	trail   *trail
	queue   *work
	tallies *tallies
	shelf   *shelf
	err     error
}

const alertID = "3f9c02a1-0000-4000-8000-000000000001"

var nurse = identity.User{Issuer: "https://op", Subject: "doyle", Name: "DOYLE Kathleen (Sister)", Role: identity.Role{Name: "Nurse"}, Organisation: identity.Organisation{ODS: "RZB", Name: "Bowland"}}

func newRoom(t *testing.T, change func(*officer.Config)) *room {
	t.Helper()
	keys := audit.GenerateKeys()
	r := &room{t: t, trail: &trail{}, queue: &work{}, tallies: &tallies{}, shelf: &shelf{}}
	writer := audit.NewTrail(r.trail, keys, time.Now)
	r.happen(writer, nurse, audit.ActBreakGlassBegan, "unconscious", "found collapsed at the bus stop")
	first := r.trail.rows[0].Event
	r.queue.items = []queue.Item{{
		Alert:  oversight.Alert{ID: alertID, Organisation: "RZB", Kind: oversight.BreakGlass, Event: first.ID.String(), At: first.At},
		Number: 2216, Rule: "emergency-access", RuleVersion: 1, Words: "Emergency access was opened.", Score: 60, Facts: []watch.Fact{{What: "Emergency access was opened", Compared: "reason given: unconscious", From: "audit trail", Adds: 60}},
		User: watch.User{Issuer: nurse.Issuer, Subject: nurse.Subject}, UserName: nurse.Name, State: queue.New,
	}}
	secret := make([]byte, seal.KeySize)
	_, _ = rand.Read(secret)
	sealer, err := seal.New(secret)
	if err != nil {
		t.Fatal(err)
	}
	c := officer.Config{
		Queue: r.queue, Log: &officer.Log{Events: r.trail, Search: r.trail, Walk: walk{r.trail}}, Keys: keys, IndexKeys: func(context.Context) ([]string, error) { return nil, nil }, Trail: writer, Tallies: r.tallies,
		Watch: officer.Watch{Book: &rulebook.Desk{Store: r.shelf, Trail: writer, Shipped: watch.Shipped(), Now: time.Now}, Register: func(context.Context) (watch.Register, error) { return watch.Register{}, nil }}, Region: region{},
		Services: []officer.Service{{Issuer: "https://op", Name: "Care Identity"}}, Handles: handle.Keeper{Sealer: sealer, Now: time.Now}, Now: time.Now,
		Browser: func(string) string { return "Edge on Windows" }, Frame: func(*http.Request) layout.Props { return layout.Props{Assets: assets{}} },
	}
	change(&c)
	r.routes(officer.New(c))
	return r
}

// walk goes through the trail in order.
type walk struct{ t *trail }

func (w walk) Follow(_ context.Context, after int64, limit int) ([]inquiry.Row, error) {
	rows := w.t.rows[min(int(after), len(w.t.rows)):]
	return rows[:min(limit, len(rows))], nil
}

func (walk) FirstSince(context.Context, time.Time) (int64, error) { return 1, nil }

func (r *room) happen(writer *audit.Trail, u identity.User, act audit.Act, reason, words string) {
	r.t.Helper()
	number, err := record.ParseNHSNumber(person)
	if err != nil {
		r.t.Fatal(err)
	}
	note := audit.Note{Act: act, User: u, NHSNumber: number, Reason: reason, Terms: audit.Terms{Words: words}}
	if err := writer.Note(r.t.Context(), note); err != nil {
		r.t.Fatal(err)
	}
}

func (r *room) routes(pages *officer.Pages) {
	router := chi.NewRouter()
	serve := func(page func(http.ResponseWriter, *http.Request) error) http.HandlerFunc {
		return func(w http.ResponseWriter, q *http.Request) { r.err = page(w, q) }
	}
	for path, page := range map[string]func(http.ResponseWriter, *http.Request) error{
		officer.AlertsPath: pages.Queue, officer.NewestPath: pages.Newest, officer.AlertsPath + "/{alert}": pages.Work, officer.LooksPath: pages.LooksForm,
		officer.PicturesPath: pages.Pictures, officer.RulesPath: pages.Rules, officer.SetsPath: pages.CodeSets, officer.QuestionsPath: pages.Questions,
	} {
		router.Get(path, serve(page))
	}
	for path, page := range map[string]func(http.ResponseWriter, *http.Request) error{
		officer.AlertsPath + "/{alert}/take": pages.Take, officer.AlertsPath + "/{alert}/ask": pages.Ask, officer.AlertsPath + "/{alert}/close": pages.Close,
		officer.LooksPath: pages.Looks, officer.ReportPath: pages.Report, officer.RulesPath: pages.ChangeRules, officer.QuestionsPath + "/{alert}": pages.Answer,
	} {
		router.Post(path, serve(page))
	}
	router.Get(officer.TransferPath+"{file}", serve(pages.Transfer))
	r.handler = router
}

// who is somebody who asks.
func who(activity, ods string) identity.User {
	return identity.User{
		Issuer: "https://op", Subject: "grant", Name: "GRANT Alistair", Session: "s", Role: identity.Role{ProfileID: "1", Activities: []string{activity}},
		Organisation: identity.Organisation{ODS: ods, Name: ods},
	}
}

// auditing is an activity of officers of one organisation, overseeing that of officers of the region.
const (
	auditing   = "B0016"
	overseeing = "B9001"
)

func (r *room) send(u identity.User, method, path string, form url.Values) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	r.sendTo(w, u, method, path, form)
	return w
}

// sendTo sends a request, with heads in pairs, and has the answer written to w.
func (r *room) sendTo(w http.ResponseWriter, u identity.User, method, path string, form url.Values, heads ...string) {
	q := httptest.NewRequest(method, path, strings.NewReader(form.Encode()))
	if form != nil {
		q.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for i := 0; i < len(heads); i += 2 {
		q.Header.Set(heads[i], heads[i+1])
	}
	r.err = nil
	r.handler.ServeHTTP(w, q.WithContext(middleware.WithSession(q.Context(), identity.Session{ID: "s", User: u})))
}

// get asks for an address as somebody with the activity, at an organisation.
func (r *room) get(path, activity, ods string) string {
	return html.UnescapeString(r.send(who(activity, ods), http.MethodGet, path, nil).Body.String())
}

// post sends a form as the officer of RZB and gives the page, and where it leads.
func (r *room) post(path string, form url.Values) (body, to string) {
	w := r.send(who(auditing, "RZB"), http.MethodPost, path, form)
	return html.UnescapeString(w.Body.String()), w.Header().Get("Location")
}

// export asks for an export and fetches the file to which the answer leads, if it does.
func (r *room) export(sealed, format string) *httptest.ResponseRecorder {
	w := r.send(who(auditing, "RZB"), http.MethodPost, officer.ReportPath, url.Values{"asking": {sealed}, "format": {format}})
	if to := w.Header().Get("Location"); to != "" {
		return r.send(who(auditing, "RZB"), http.MethodGet, to, nil)
	}
	return w
}

func (r *room) last() audit.Event { return r.trail.rows[len(r.trail.rows)-1].Event }

func unchanged(*officer.Config) {}

// says holds that a page says all of these.
func says(t *testing.T, what, page string, words ...string) {
	t.Helper()
	for _, w := range words {
		if !strings.Contains(page, w) {
			t.Errorf("%s does not say %q", what, w)
		}
	}
}

var asking = regexp.MustCompile(`name="asking" value="([^"]+)"`)

// token finds the sealed question on a page of results.
func token(t *testing.T, page string) string {
	t.Helper()
	found := asking.FindStringSubmatch(page)
	if found == nil {
		t.Fatal("the page holds no sealed question")
	}
	return found[1]
}

func table(t *testing.T, body string) [][]string {
	t.Helper()
	rows, err := csv.NewReader(strings.NewReader(body)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	return rows
}
