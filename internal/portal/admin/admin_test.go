package admin_test

import (
	"context"
	"html"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/go-chi/chi/v5"

	"ribble/internal/access"
	"ribble/internal/audit"
	"ribble/internal/directory"
	"ribble/internal/fault"
	"ribble/internal/health"
	"ribble/internal/identity"
	"ribble/internal/onboarding"
	"ribble/internal/portal/admin"
	"ribble/internal/portal/middleware"
	"ribble/internal/record"
	"ribble/web/layout"
)

// room is the pages over a real desk and a book in memory.
type room struct {
	t      testing.TB
	book   *book
	desk   *onboarding.Desk
	router http.Handler
	health map[string]health.Feed
}

type plainURLs struct{}

func (plainURLs) URL(name string) string { return "/assets/" + name }

type pulse struct{ *room }

func (p pulse) Feed(id string) health.Feed {
	if f, ok := p.health[id]; ok {
		return f
	}
	return health.Feed{ID: id, Standing: health.Quiet}
}

func newRoom(t testing.TB) *room {
	b := &book{t: t, holder: new(directory.Holder), versions: map[directory.Key][]onboarding.Version{}, checks: map[string][]onboarding.Check{}}
	keys := audit.GenerateKeys()
	r := &room{t: t, book: b, health: map[string]health.Feed{}}
	r.desk = &onboarding.Desk{
		Store: b, Checks: b, Trail: b, Holder: b.holder, Reload: b.reload, Digests: keys.RegisterIndexes, Now: func() time.Time { return now },
		MayAdminister: func(u identity.User) bool { return (*access.Profiles)(nil).Holds(u, access.Administer) },
	}
	if err := b.reload(t.Context()); err != nil {
		t.Fatal(err)
	}
	pages := admin.New(admin.Config{
		Desk: r.desk, Checks: b, Health: pulse{r}, Region: "North Vale", Now: func() time.Time { return now },
		Frame: func(*http.Request) layout.Props { return layout.Props{Title: "Ribble", Assets: plainURLs{}} },
		Check: func(_ context.Context, by identity.User, feed string) error {
			b.checks[feed] = append([]onboarding.Check{r.checked(by, feed)}, b.checks[feed]...)
			return nil
		},
	})
	r.router = r.routes(pages)
	return r
}

// checked is a check that passes.
func (r *room) checked(by identity.User, feed string) onboarding.Check {
	return onboarding.Check{
		Feed: feed, At: now, By: onboarding.Person{Issuer: by.Issuer, Subject: by.Subject, Name: by.Name}, Connection: r.desk.Directory().Feed(feed).Connection(), Total: 1,
		Result: `{"feed":"oswin","organisation":"St Oswin","protocol":"fhirr4","began":"2026-11-18T14:04:00Z","took_ms":11300,"by":"Owen Farrell","checks":[{"id":"address","title":"Address and port match the approved ones","result":"passed","seen":"It answers.","took_ms":10}]}`,
	}
}

func (r *room) routes(p *admin.Pages) http.Handler {
	router := chi.NewRouter()
	at := func(method, path string, h func(http.ResponseWriter, *http.Request) error) {
		router.Method(method, path, http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
			if err := h(w, q); err != nil {
				status := map[fault.Kind]int{fault.Denied: 403, fault.NotFound: 404, fault.Invalid: 422}[fault.KindOf(err)]
				http.Error(w, fault.SafeText(err), max(status, 400))
			}
		}))
	}
	at("GET", "/admin", p.Sources)
	at("GET", "/live", p.Live)
	at("GET", "/admin/organisations", p.Organisations)
	at("GET", "/admin/agreements", p.Agreements)
	for path, kind := range map[string]directory.Kind{"organisations": directory.KindOrganisation, "agreements": directory.KindAgreement, "feeds": directory.KindFeed} {
		for _, end := range []string{"/new", "/{id}/edit"} {
			at("GET", "/admin/"+path+end, p.Form(kind))
			at("POST", "/admin/"+path+end, p.Propose(kind))
		}
	}
	at("GET", "/admin/organisations/{id}", p.Organisation)
	at("GET", "/admin/agreements/{id}", p.Agreement)
	at("GET", "/admin/feeds/{id}", p.Feed)
	at("POST", "/admin/feeds/{id}/step", p.Step)
	at("POST", "/admin/feeds/{id}/suspend", p.Suspend)
	at("POST", "/admin/feeds/{id}/check", p.RunCheck)
	at("GET", "/admin/approvals", p.Approvals)
	at("GET", "/admin/approvals/{change}", p.Change)
	at("POST", "/admin/approvals/{change}/approve", p.Approve)
	at("POST", "/admin/approvals/{change}/refuse", p.Refuse)
	at("POST", "/admin/approvals/{change}/withdraw", p.Withdraw)
	at("POST", "/admin/approvals/{change}/rollback", p.Rollback)
	at("GET", "/admin/history/{kind}/{id}", p.History)
	at("GET", "/admin/import", p.ImportForm)
	at("POST", "/admin/import", p.Import)
	return router
}

func user(subject, name string, activities ...string) identity.User {
	return identity.User{Issuer: "https://idp.example", Subject: subject, Name: name, Role: identity.Role{ProfileID: subject, Code: "R8015", Activities: activities}}
}

var (
	farrell = user("1", "Owen Farrell", "B0062")
	quist   = user("2", "Sofia Quist", "B0062")
	nurse   = user("3", "Ann Holden", "B0264", "B0360")
)

// said is an answer: its status, its words, and where it leads.
type said struct {
	status     int
	text, html string
	to         string
}

var tags = regexp.MustCompile(`<[^>]*>`)

func (r *room) as(u identity.User, method, path string, pairs ...string) said {
	r.t.Helper()
	form := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		form.Add(pairs[i], pairs[i+1])
	}
	q := httptest.NewRequest(method, path, strings.NewReader(form.Encode()))
	q.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	q = q.WithContext(middleware.WithSession(q.Context(), identity.Session{ID: "s", User: u}))
	w := httptest.NewRecorder()
	r.router.ServeHTTP(w, q)
	text := strings.Join(strings.Fields(html.UnescapeString(tags.ReplaceAllString(w.Body.String(), " "))), " ")
	return said{w.Code, text, w.Body.String(), w.Header().Get("Location")}
}

// proposed sends a form as Farrell and gives the path of the change that it made.
func (r *room) proposed(path string, pairs ...string) string {
	r.t.Helper()
	a := r.as(farrell, "POST", path, pairs...)
	to, _, _ := strings.Cut(a.to, "?")
	if a.status != http.StatusSeeOther || !strings.HasPrefix(to, "/admin/approvals/") {
		r.t.Fatalf("%s: %d %s", path, a.status, a.text)
	}
	return to
}

// agreed has Quist approve what Farrell proposes.
func (r *room) agreed(path string, pairs ...string) {
	r.t.Helper()
	change := r.proposed(path, pairs...)
	if a := r.as(quist, "POST", change+"/approve"); a.status != http.StatusSeeOther {
		r.t.Fatalf("%s is not approved: %d %s", path, a.status, a.text)
	}
}

func (a said) has(t *testing.T, wanted ...string) {
	t.Helper()
	for _, w := range wanted {
		if !strings.Contains(a.text, w) {
			t.Errorf("the page does not say %q: %s", w, a.text)
		}
	}
}

var organisation = []string{
	"ods", "8Z950", "name", "St Oswin's Hospice", "short", "St Oswin's", "badge", "SOH", "kind", "hospice", "phone", "01632 960388", "privacy_officer", "Grace Lumb",
	"dspt.status", "met", "dspt.until", "2027-06-30", "sites", "8Z951 | Larch ward", "reason", "joins the region",
}

var agreement = []string{
	"id", "ISA-1", "title", "Sharing for direct care", "parties", "8Z950", "from", "2026-01-01", "until", "2027-05-31", "dpia.reference", "DPIA-88", "dpia.by", "Dr L Sowerby",
	"flows", "FLOW-1 | direct care | all", "reason", "signed on 1 November",
}

var feed = []string{
	"id", "oswin", "organisation", "8Z950", "protocol", "fhirr4", "sections", "allergies", "sections", "documents", "endpoint", "https://record.oswin.example/fhir", "allow_cidr", "10.1.0.0/16",
	"agreement", "ISA-1", "flow", "FLOW-1", "safety_case.reference", "CSC-1", "safety_case.by", "Dr A Brandreth", "audience.test_people", "999 141 1690\n9990646465",
	"audience.testers", "900100000001", "audience.organisations", "8Z950", "batch", "true", "reason", "first feed",
}

// registered is a room with one organisation whose feed is off.
func registered(t *testing.T) *room {
	r := newRoom(t)
	r.agreed("/admin/organisations/new", organisation...)
	r.agreed("/admin/agreements/new", agreement...)
	r.agreed("/admin/feeds/new", feed...)
	return r
}

// TestFromNothingToLive goes the way of a new administrator, from an empty directory.
func TestFromNothingToLive(t *testing.T) {
	r := newRoom(t)
	r.as(farrell, "GET", "/admin").has(t, "No feed yet.")
	r = registered(t)
	r.as(farrell, "GET", "/admin/feeds/oswin").has(t, "stage 1 of 5, off", "closed, 1 line does not hold", "Connection check passed NOT MET never run", "2 test people", "Connection check: never run")

	change := r.proposed("/admin/feeds/oswin/step", "to", "test", "evidence", "the address was agreed")
	closed := r.as(quist, "POST", change+"/approve")
	if closed.status != http.StatusUnprocessableEntity || r.desk.Directory().Feed("oswin").Stage != directory.Off {
		t.Errorf("approved without a check: %d", closed.status)
	}
	closed.has(t, "The gate is closed", "Connection check passed: never run")
	if a := r.as(farrell, "POST", "/admin/feeds/oswin/check"); a.to != "/admin/feeds/oswin#check" {
		t.Fatalf("the check: %d %s", a.status, a.text)
	}
	if a := r.as(quist, "POST", change+"/approve"); a.status != http.StatusSeeOther {
		t.Fatalf("not approved after the check: %s", a.text)
	}
	for _, stage := range []string{"safety", "pilot", "live"} {
		r.agreed("/admin/feeds/oswin/step", "to", stage, "evidence", "reviewed for "+stage)
	}
	r.as(farrell, "GET", "/admin/feeds/oswin").has(t, "stage 5 of 5, live", "reviewed for live", "Agreement gate: open", "0 of 1 failed", "It answers.")
	r.as(identity.User{}, "GET", "/live").has(t, "Live: 1 source", "Hospice St Oswin's Hospice allergies, documents", "Not yet Nobody.")
	r.as(farrell, "GET", "/admin/organisations/8Z950").has(t, "Larch ward (8Z951)", "Grace Lumb", "oswin", "ISA-1", "met, to 30-Jun-2027")
	r.as(farrell, "GET", "/admin/agreements/ISA-1").has(t, "FLOW-1 direct care all", "1 feed rests on it", "DPIA-88, Dr L Sowerby")
	history := r.as(farrell, "GET", "/admin/history/feed/oswin")
	history.has(t, "Version 7", "Stage pilot live", "Asked for by Owen Farrell", "Approved by Sofia Quist")
	for _, act := range r.book.acts {
		if act != audit.ActDirectoryProposed && act != audit.ActDirectoryDecided {
			t.Errorf("the trail holds %s", act)
		}
	}
}

// TestARogueAdministratorRedirectsNothing: whoever asks cannot approve, also by hand, and nothing changes.
func TestARogueAdministratorRedirectsNothing(t *testing.T) {
	r := registered(t)
	before := r.desk.Directory().Feed("oswin").Endpoint
	change := r.proposed("/admin/feeds/oswin/edit", "organisation", "8Z950", "protocol", "fhirr4", "sections", "allergies", "endpoint", "https://elsewhere.example/", "allow_cidr", "192.0.2.0/24", "reason", "new address")
	own := r.as(farrell, "GET", change)
	own.has(t, "You asked for this", "Withdraw", "Address https://record.oswin.example/fhir https://elsewhere.example/")
	if strings.Contains(own.html, "/approve\"") {
		t.Error("the page offers the proposer to approve")
	}
	if a := r.as(farrell, "POST", change+"/approve"); a.status != http.StatusForbidden || !strings.Contains(a.text, "somebody else must decide") {
		t.Errorf("%d %s", a.status, a.text)
	}
	if got := r.desk.Directory().Feed("oswin").Endpoint; got != before {
		t.Errorf("the feed leads to %s", got)
	}
	r.as(quist, "POST", change+"/refuse").has(t, "Give a reason")
	if a := r.as(quist, "POST", change+"/refuse", "reason", "not agreed with them"); a.status != http.StatusSeeOther {
		t.Errorf("not refused: %s", a.text)
	}
	r.as(farrell, "GET", change).has(t, "refused", "“not agreed with them”")
	if a := r.as(quist, "POST", change+"/approve"); a.status != http.StatusUnprocessableEntity {
		t.Errorf("approved after it was refused: %d", a.status)
	}
}

func TestChangingAnEntryKeepsWhatTheFormDoesNotHave(t *testing.T) {
	r := registered(t)
	before := r.desk.Directory().Feed("oswin")
	form := r.as(farrell, "GET", "/admin/feeds/oswin/edit")
	form.has(t, "Change feed oswin")
	if strings.Contains(form.html, "9991411690") || strings.Contains(form.html, "999 141 1690") || strings.Contains(form.html, `name="id"`) {
		t.Error("the form shows a number or lets the name be changed")
	}
	fields := []string{
		"organisation", "8Z950", "protocol", "fhirr4", "sections", "allergies", "endpoint", before.Endpoint, "allow_cidr", "10.1.0.0/16", "agreement", "ISA-1", "flow", "FLOW-1",
		"planned", "Feb-2027", "reason", "fewer kinds of data",
	}
	r.agreed("/admin/feeds/oswin/edit", fields...)
	after := r.desk.Directory().Feed("oswin")
	if after.Sections != record.SectionsOf(record.Allergies) || len(after.Audience.TestPeople) != 2 || after.Stage != directory.Off || after.Batch || after.Planned != "Feb-2027" || len(after.Audience.Testers) != 0 {
		t.Errorf("the feed is now %+v", after)
	}
	last, _ := r.book.History(t.Context(), directory.Key{Kind: directory.KindFeed, ID: "oswin"})
	back := r.proposed("/admin/approvals/"+last[0].Change+"/rollback", "reason", "a mistake")
	if a := r.as(quist, "POST", back+"/approve"); a.status != http.StatusSeeOther || r.desk.Directory().Feed("oswin").Sections != before.Sections {
		t.Errorf("not taken back: %s", a.text)
	}
	r.agreed("/admin/feeds/oswin/edit", append(fields, "audience.test_people.forget", "true")...)
	if n := len(r.desk.Directory().Feed("oswin").Audience.TestPeople); n != 0 {
		t.Errorf("%d test people are not forgotten", n)
	}
}

func TestBadInputIsNamedAtItsControl(t *testing.T) {
	for _, c := range []struct {
		name, path string
		good       []string
		field, to  string
		says       []string
	}{
		{"no scheme", "/admin/feeds/new", feed, "endpoint", "http://record.example/", []string{"Address: must begin with https://"}},
		{"a password", "/admin/feeds/new", feed, "endpoint", "https://u:hunter2@record.example/", []string{"Address: must not hold a user name or password"}},
		{"everywhere", "/admin/feeds/new", feed, "allow_cidr", "0.0.0.0/0", []string{"Networks: must not be every address there is"}},
		{"no number", "/admin/feeds/new", feed, "deadline_ms", "soon", []string{"Deadline in milliseconds: must be a whole number"}},
		{"no NHS number", "/admin/feeds/new", feed, "audience.test_people", "999 141 1691", []string{"Test people to add: line 1 is no NHS number"}},
		{"a private key", "/admin/feeds/new", feed, "authority", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----", []string{"Their authority: must be certificates in PEM form"}},
		{"an agreement that is none", "/admin/feeds/new", feed, "flow", "FLOW-9", []string{"Flow: must name a flow"}},
		{"no day", "/admin/organisations/new", organisation, "dspt.until", "31/05/2027", []string{"Toolkit met until: must be a day"}},
		{"a site too short", "/admin/organisations/new", organisation, "sites", "8Z951", []string{"Sites: must have 2 parts"}},
		{"no reason", "/admin/organisations/new", organisation, "reason", "", []string{"Give a reason"}},
		{"a party that is none", "/admin/agreements/new", agreement, "parties", "RXX", []string{"Parties: is not among the organisations"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := newRoom(t)
			r.agreed("/admin/organisations/new", "ods", "8Z950", "name", "St Oswin's Hospice", "short", "St Oswin's", "badge", "SOH", "kind", "hospice", "reason", "joins")
			if strings.Contains(c.path, "feeds") {
				r.agreed("/admin/agreements/new", agreement...)
			}
			form := append([]string(nil), c.good...)
			for i := 0; i < len(form); i += 2 {
				if form[i] == c.field {
					form[i+1] = c.to
				}
				if form[i] == "ods" {
					form[i+1] = "8Z999"
				}
			}
			form = append(form, c.field, c.to)
			a := r.as(farrell, "POST", c.path, form...)
			if a.status != http.StatusUnprocessableEntity || !strings.Contains(a.html, `class="nhsuk-error-message"`) {
				t.Fatalf("%d %s", a.status, a.text)
			}
			a.has(t, c.says...)
			if n := len(r.book.changes); n > 2 {
				t.Errorf("%d changes", n)
			}
		})
	}
}

func TestTheSameOrganisationTwice(t *testing.T) {
	r := registered(t)
	r.as(farrell, "POST", "/admin/organisations/new", organisation...).has(t, "This organisation is in the directory already.")
}

func TestSuspendingTakesOnePerson(t *testing.T) {
	r := registered(t)
	r.as(farrell, "POST", "/admin/feeds/oswin/check")
	r.agreed("/admin/feeds/oswin/step", "to", "test", "evidence", "agreed")
	r.as(farrell, "POST", "/admin/feeds/oswin/suspend").has(t, "Give a reason")
	if a := r.as(farrell, "POST", "/admin/feeds/oswin/suspend", "reason", "it answers about somebody else"); a.to != "/admin/feeds/oswin?done=suspended" {
		t.Fatalf("%d %s", a.status, a.text)
	}
	r.as(farrell, "GET", "/admin").has(t, "suspended", "0 live, 0 on the way, 1 off or suspended")
	r.as(farrell, "GET", "/live").has(t, "stopped for now")
	r.as(farrell, "POST", "/admin/feeds/oswin/step", "to", "live", "evidence", "now").has(t, "cannot go from suspended to live")
}

func TestTheWorstSourceStandsFirst(t *testing.T) {
	r := registered(t)
	second := append([]string(nil), feed...)
	second[1] = "second"
	r.agreed("/admin/feeds/new", second...)
	for _, id := range []string{"oswin", "second"} {
		r.as(farrell, "POST", "/admin/feeds/"+id+"/check")
		r.agreed("/admin/feeds/"+id+"/step", "to", "test", "evidence", "agreed")
	}
	r.health["oswin"] = health.Feed{ID: "oswin", Standing: health.Answering, Asked: 57, Answered: 57, P95: 1100 * time.Millisecond, LastGood: now, CertificateEnds: now.AddDate(0, 0, 200)}
	r.health["second"] = health.Feed{ID: "second", Standing: health.NotAnswering, Asked: 102, Answered: 61, P95: 8 * time.Second, CertificateEnds: now.AddDate(0, 0, 27)}
	a := r.as(farrell, "GET", "/admin")
	a.has(t, "1 source not answering", "1 certificate ending within 30 days", "NOT ANSWERING", "61 of 102", "8.0 s", "27 days", "57 of 57", "200 days")
	if strings.Index(a.html, "/admin/feeds/second") > strings.Index(a.html, "/admin/feeds/oswin") {
		t.Error("the source that answers stands first")
	}
}

func TestImportIsPreviewedAndAllOrNothing(t *testing.T) {
	r := registered(t)
	const good = "\ufeffods,name,kind\nRAA,Calder Infirmary,acute\n8Z950,St Oswin's Hospice at Home,hospice\n"
	preview := r.as(farrell, "POST", "/admin/import", "text", good, "do", "preview")
	preview.has(t, "Preview: 1 new, 1 changed, 0 removed", "Calder Infirmary", "Propose these changes")
	if len(r.book.changes) != 3 {
		t.Error("a preview proposed something")
	}
	r.agreed("/admin/import", "text", good, "do", "propose", "reason", "the list of November")
	if o, _ := r.desk.Directory().Organisation("RAA"); o.Name != "Calder Infirmary" || r.desk.Directory().Officer("8Z950") != "Grace Lumb" {
		t.Error("the list is not in force, or took away what it does not have")
	}
	for _, c := range []struct{ name, text, says string }{
		{"nothing", " ", "Paste a list first."},
		{"wrong header", "code,title\nRAA,Calder\n", "Line 1:"},
		{"the same twice", "ods,name,kind\nRBB,One,acute\nRBB,Two,acute\n", "Line 3:"},
		{"one bad line", "ods,name,kind\nRBB,One,acute\nrcc,Two,acute\n", "Line 3:"},
		{"a broken file", `{"organisations": [`, "not JSON"},
		{"an unknown part", `{"organisation": []}`, "organisation: is not known"},
	} {
		a := r.as(farrell, "POST", "/admin/import", "text", c.text, "do", "propose", "reason", "x")
		if a.status != http.StatusUnprocessableEntity || !strings.Contains(a.text, c.says) || len(r.book.changes) != 4 {
			t.Errorf("%s: %d %s", c.name, a.status, a.text)
		}
	}
}

func TestNobodyElseGetsIn(t *testing.T) {
	r := registered(t)
	change := r.proposed("/admin/organisations/8Z950/edit", "name", "Other", "short", "O", "badge", "O", "kind", "hospice", "privacy_officer", "Grace Lumb", "reason", "x")
	for _, u := range []identity.User{nurse, {}} {
		for _, path := range []string{
			"/admin", "/admin/organisations", "/admin/organisations/8Z950", "/admin/organisations/new", "/admin/agreements", "/admin/agreements/ISA-1", "/admin/feeds/oswin", "/admin/feeds/oswin/edit",
			"/admin/approvals", change, "/admin/history/feed/oswin", "/admin/import",
		} {
			if a := r.as(u, "GET", path); a.status != http.StatusForbidden {
				t.Errorf("GET %s: %d", path, a.status)
			}
		}
		for _, path := range []string{change + "/approve", change + "/refuse", change + "/withdraw", change + "/rollback", "/admin/feeds/oswin/step", "/admin/feeds/oswin/suspend", "/admin/feeds/oswin/check", "/admin/import", "/admin/feeds/new", "/admin/feeds/oswin/edit"} {
			if a := r.as(u, "POST", path, "reason", "x", "to", "test", "evidence", "x"); a.status != http.StatusForbidden {
				t.Errorf("POST %s: %d", path, a.status)
			}
		}
	}
	for _, path := range []string{"/admin/organisations/XXX", "/admin/agreements/X", "/admin/feeds/x", "/admin/feeds/x/edit", "/admin/approvals/x", "/admin/history/feed/x"} {
		if a := r.as(farrell, "GET", path); a.status != http.StatusNotFound {
			t.Errorf("GET %s: %d", path, a.status)
		}
	}
}
