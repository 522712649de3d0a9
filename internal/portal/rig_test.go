package portal_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"ribble/internal/access"
	"ribble/internal/audit"
	"ribble/internal/browser"
	"ribble/internal/dataquality"
	"ribble/internal/directory"
	"ribble/internal/fanout"
	"ribble/internal/fault"
	"ribble/internal/findperson"
	"ribble/internal/identity"
	"ribble/internal/identity/launch"
	"ribble/internal/identity/local"
	"ribble/internal/identity/signin"
	"ribble/internal/locator"
	"ribble/internal/openrecord"
	"ribble/internal/oversight"
	"ribble/internal/oversight/picture"
	"ribble/internal/oversight/queue"
	"ribble/internal/oversight/rulebook"
	"ribble/internal/oversight/watch"
	"ribble/internal/portal"
	"ribble/internal/portal/clinician"
	"ribble/internal/portal/consentdesk"
	"ribble/internal/portal/handle"
	"ribble/internal/portal/officer"
	"ribble/internal/portal/quality"
	"ribble/internal/record"
	"ribble/internal/register"
	"ribble/internal/relationship"
	"ribble/internal/seal"
	"ribble/web"
)

// rig is the whole portal in one process, with fakes at its edges only: what is outside (national register, sources) and what is kept (sessions,
// trail, registers, alerts). It counts what goes out.
type rig struct {
	t       testing.TB
	handler http.Handler
	sealer  *seal.Sealer
	keys    *audit.Keys
	mu      sync.Mutex
	// sessions by the hash of their token; facts are what the registers say of a person; broken makes them unreadable.
	sessions map[[32]byte]identity.Session
	facts    map[string]access.Facts
	broken   bool
	alerts   []oversight.Alert
	// asked counts questions to sources, events the acts of the trail.
	asked  int
	events map[audit.Act]int
	// officer is the Privacy Officer of every organisation.
	officer string
}

const rigRegion = `{
	"organisations": [
		{"ods": "RXX", "name": "Bowland", "short": "Bowland", "badge": "BTH", "kind": "acute", "phone": "01632 960001"},
		{"ods": "RYY", "name": "Hodder", "short": "Hodder", "badge": "HH", "kind": "acute", "phone": "01632 960002"},
		{"ods": "P81001", "name": "Larch Lane Surgery", "short": "Larch Lane", "badge": "GP", "kind": "gp-practice", "phone": "01632 960778"}
	],
	"agreements": [{"id": "isa", "title": "Agreement", "from": "2020-01-01", "until": "2099-12-31", "parties": ["RXX", "RYY", "P81001"], "flows": [{"id": "f", "sections": ["allergies", "medicines", "encounters", "documents"]}]}],
	"feeds": [
		{"id": "larch", "organisation": "P81001", "protocol": "gpconnect", "sections": ["allergies", "medicines"], "stage": "live", "agreement": "isa", "flow": "f"},
		{"id": "bowland", "organisation": "RXX", "protocol": "fhirr4", "endpoint": "https://a.example/", "sections": ["allergies", "encounters"], "stage": "live", "agreement": "isa", "flow": "f", "allow_cidr": ["10.0.0.0/8"]},
		{"id": "hodder", "organisation": "RYY", "protocol": "fhirr4", "endpoint": "https://b.example/", "sections": ["allergies", "documents"], "stage": "live", "agreement": "isa", "flow": "f", "allow_cidr": ["10.0.0.0/8"]}
	],
	"spine": {"from_asid": "1"}
}`

func newRig(t testing.TB) *rig {
	t.Helper()
	assets, err := web.Load()
	if err != nil {
		browser.Missing(t, err)
	}
	snapshot, err := directory.Load(strings.NewReader(rigRegion))
	if err != nil {
		t.Fatal(err)
	}
	secret := make([]byte, seal.KeySize)
	_, _ = rand.Read(secret)
	g := &rig{t: t, keys: audit.GenerateKeys(), sessions: map[[32]byte]identity.Session{}, facts: map[string]access.Facts{}, events: map[audit.Act]int{}, officer: "Alistair Grant"}
	if g.sealer, err = seal.New(secret); err != nil {
		t.Fatal(err)
	}
	g.handler, err = portal.New(g.config(snapshot, assets))
	if err != nil {
		t.Fatal(err)
	}
	return g
}

func (g *rig) config(snapshot *directory.Snapshot, assets *web.Assets) portal.Config {
	log, trail := slog.New(slog.DiscardHandler), audit.NewTrail(g, g.keys, time.Now)
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		g.t.Fatal(err)
	}
	find := &findperson.Flow{Register: g, Trail: trail, Now: time.Now}
	desk := &register.Desk{
		Store: rigRegisters{g}, Trail: trail, Alerts: g, Tracer: g, Index: g.keys.RegisterIndexes, Officer: func(string) string { return g.officer }, AsksPermission: true,
		MayBreakGlass: access.MayBreakGlass, MayRecord: func(u identity.User) bool { return (*access.Profiles)(nil).Holds(u, access.RecordConsent) }, Now: time.Now,
	}
	flow := &openrecord.Flow{
		Tracer: g, Registers: desk, Alerts: g, Trail: trail, Directory: directory.NewHolder(snapshot), Sources: rigSources{g}, Asker: fanout.Asker{Log: log}, Log: log,
		Now: time.Now, Soft: time.Second,
	}
	reports := &dataquality.Desk{Store: rigReports{}, Trail: trail, MayHandle: func(u identity.User) bool { return quality.MayHandle(nil, u) }, Now: time.Now}
	return portal.Config{
		Clinician: clinician.Config{Find: find, Open: flow, Trail: trail, Sealer: g.sealer, Log: log, Now: time.Now, Desk: desk, Region: snapshot, Quality: reports},
		Quality:   quality.Config{Desk: reports, Organisation: snapshot.Organisation},
		Admin:     rigAdmin(trail, snapshot),
		Users:     rigUsers(trail, snapshot),
		Officer: officer.Config{
			Queue: rigQueue{g}, Keys: g.keys, IndexKeys: noKeys, Trail: trail, Tallies: noTallies{}, Watch: officer.Watch{Book: &rulebook.Desk{Store: noChanges{}, Shipped: watch.Shipped(), Now: time.Now}}, Region: rigKnown{snapshot},
			Handles: handle.Keeper{Sealer: g.sealer, Now: time.Now}, Now: time.Now,
		},
		Objections: consentdesk.Config{
			Find: find, Desk: desk, Organisations: func() []record.Organisation { return nil }, Organisation: snapshot.Organisation,
			Handles: handle.Keeper{Sealer: g.sealer, Now: time.Now},
		},
		SignIn: signin.Config{
			Providers: []signin.ProviderConfig{{
				ID: "cis2", Name: "Care Identity", Issuer: "https://127.0.0.1:1", ClientID: "c", Key: key, KeyID: "k", KeyAlgorithm: "ES256", MinimumLevel: 2, Algorithms: []string{"ES256"},
			}},
			PublicURL: "https://ribble.example", Sealer: g.sealer, Sessions: rigSessions{g}, Shared: rigLimits{}, Auditor: trail, Log: log,
			Limits: func(string) signin.Limits {
				return signin.Limits{Idle: 15 * time.Minute, Linger: 30 * time.Minute, Absolute: 10 * time.Hour}
			},
		},
		Launch: launch.Config{PublicURL: "https://ribble.example", Sealer: g.sealer, Spender: rigLimits{}, Auditor: trail, Log: log, Now: time.Now},
		Local:  &local.Accounts{Store: noAccounts{}, Trail: trail, Secrets: g.sealer, Hasher: local.NewHasher(local.Cost{Time: 1, Memory: 64, Threads: 1}), Now: time.Now},
		Assets: assets, Log: log, Now: time.Now, Region: "North Vale",
	}
}

// Append is an audit.Store that counts.
func (g *rig) Append(_ context.Context, e audit.Entry) (audit.Position, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.events[e.Act]++
	return audit.Position{Sequence: 1}, nil
}

// Raise and Open are an oversight.Board.
func (g *rig) Raise(_ context.Context, alerts ...oversight.Alert) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.alerts = append(g.alerts, alerts...)
	return nil
}

func (g *rig) Open(_ context.Context, organisation string, _ int) ([]oversight.Alert, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	var open []oversight.Alert
	for _, a := range g.alerts {
		if a.Organisation == organisation {
			open = append(open, a)
		}
	}
	return open, nil
}

func ashworth(number record.NHSNumber) record.Demographics {
	return record.Demographics{
		Identifiers: []record.Identifier{{System: record.NHSNumberSystem, Value: number.Digits()}}, NumberStatus: "01",
		Names: []record.Name{{Use: "usual", Family: "Ashworth", Given: []string{"Edith"}}}, Born: record.ParseDate("1942-03-03"), Gender: "female",
	}
}

// Trace knows everybody; Search finds nobody.
func (g *rig) Trace(_ context.Context, number record.NHSNumber, _ record.Requester) (record.Person, error) {
	p := record.Person{NHSNumber: number, TracedAt: time.Now(), Demographics: ashworth(number)}
	if number == numberOf("restricted") {
		p.Restricted = true
		// The national service leaves this out; should it ever come, it must not get through.
		p.Addresses, p.Postcode, p.Phones, p.GPName = []string{"7 Hawthorn Refuge, Whitewell"}, "BB7 9XX", []string{"01632 960777"}, "Dr Larkspur"
		p.GeneralPractitioner = "P81001"
		p.Practice = record.Practice{ODS: "P81001", Name: "LARCH LANE SURGERY", Phone: "01632 960778"}
	}
	return p, nil
}

func (g *rig) Search(context.Context, findperson.Query, record.Requester) (findperson.Found, error) {
	return findperson.Found{}, nil
}

// rigSources answer at once: one allergy, and a letter.
type rigSources struct{ *rig }

func (s rigSources) Source(c locator.Candidate) fanout.Source {
	return rigSource{s.rig, record.SourceRef{Feed: c.Feed.ID, Organisation: c.Organisation}}
}

type rigSource struct {
	g   *rig
	ref record.SourceRef
}

const canary = "Penicillin G"

func (s rigSource) Ask(_ context.Context, ask record.Ask) record.Answer {
	s.g.mu.Lock()
	s.g.asked++
	s.g.mu.Unlock()
	a := record.Answer{Source: s.ref, State: record.Data, Patients: []record.Demographics{ashworth(ask.Person.NHSNumber)}}
	if ask.Sections.Has(record.Allergies) {
		a.Chart.Allergies = []record.Allergy{{Head: record.Head{Key: record.ItemKey{Type: "AllergyIntolerance", ID: "1"}, Phase: record.Current}, Agent: record.Words(canary)}}
		a.Account.Receive("AllergyIntolerance")
		a.Account.Place("AllergyIntolerance", record.Shown)
	}
	a.Settle(ask.Sections)
	return a
}

func (s rigSource) Document(context.Context, record.Ask, record.Attachment) (record.DocumentBody, error) {
	s.g.mu.Lock()
	s.g.asked++
	s.g.mu.Unlock()
	return record.DocumentBody{ContentType: "text/plain", Size: int64(len(canary)), Body: io.NopCloser(strings.NewReader(canary))}, nil
}

// rigRegisters keeps what is entered, as the registers of every replica would.
type rigRegisters struct{ *rig }

func (s rigRegisters) About(_ context.Context, q register.Query) (access.Facts, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.broken {
		return access.Facts{}, fault.New(fault.Unavailable, register.Unreadable)
	}
	return s.facts[string(q.Indexes[0])+q.User.Organisation.ODS], nil
}

func (s rigRegisters) Add(_ context.Context, e register.Entry, alerts ...oversight.Alert) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.alerts = append(s.alerts, alerts...)
	var made register.Made
	change := func(*access.Facts) {}
	switch e := e.(type) {
	case register.RelationshipEntry:
		made, change = e.Made, func(f *access.Facts) { f.Relationships = append(f.Relationships, e.Evidence) }
	case register.OverrideEntry:
		made, change = e.Made, func(f *access.Facts) { f.Override = e.Override }
	case register.ConsentEntry:
		made, change = e.Made, func(f *access.Facts) { f.Consent = append(f.Consent, e.Entry) }
	case register.PermissionEntry:
		made, change = e.Made, func(f *access.Facts) { f.Permission.GivenUntil = e.Until }
	}
	key := string(made.Person.Value) + made.By.Organisation.ODS
	f := s.facts[key]
	change(&f)
	s.facts[key] = f
	return nil
}

func (s rigRegisters) End(context.Context, register.Ending) (bool, error) { return true, nil }

func (s rigRegisters) Replace(context.Context, register.Load) error { return nil }

// say makes the registers say something of a person to an organisation.
func (g *rig) say(person, ods string, f access.Facts) {
	g.facts[string(g.keys.RegisterIndexes(numberOf(person))[0].Value)+ods] = f
}

// caseload is what the registers say of somebody on the organisation's caseload who was asked and agreed.
func caseload(ods string) access.Facts {
	return access.Facts{
		Relationships: []relationship.Evidence{{Kind: relationship.Caseload, Organisation: ods}}, Permission: access.Permission{GivenUntil: time.Now().Add(time.Hour)},
	}
}

// people are the persons of the rig; each has an NHS number of the test range.
var people = []string{"related", "unrelated", "objected", "listed", "own", "restricted", "permission", "another"}

// numberOf gives a person's number: the first valid ones of the test range.
func numberOf(person string) record.NHSNumber {
	for i, n := 0, 0; ; i++ {
		number, err := record.ParseNHSNumber(fmt.Sprintf("99900%05d", i))
		if err != nil {
			continue
		}
		if people[n] == person {
			return number
		}
		n++
	}
}

// noAccounts is a store of local accounts that has none.
type noAccounts struct{ local.Store }

func (noAccounts) Find(context.Context, string) (local.Account, error) {
	return local.Account{}, local.ErrNoAccount
}

func (noAccounts) ByID(context.Context, string) (local.Account, error) {
	return local.Account{}, local.ErrNoAccount
}

func (noAccounts) Credentials(context.Context, string) (local.Credentials, error) {
	return local.Credentials{}, local.ErrNoAccount
}

func (noAccounts) Take(context.Context, string, int, time.Time, time.Time) (int64, bool, error) {
	return 1, true, nil
}

func (noAccounts) Give(context.Context, int64) error { return nil }

func (noAccounts) Invited(context.Context, [32]byte, time.Time) (local.Account, error) {
	return local.Account{}, local.ErrInvitation
}

// rigQueue makes work of the rig's alerts; nothing moves.
type rigQueue struct{ *rig }

func (q rigQueue) List(_ context.Context, f queue.Filter) ([]queue.Item, error) {
	open, err := q.Open(context.Background(), f.Organisation, f.Limit)
	var items []queue.Item
	for i, a := range open {
		items = append(items, queue.Item{Alert: a, Number: int64(i + 1), State: queue.New})
	}
	return items, err
}

func (q rigQueue) Get(ctx context.Context, organisation, id string) (queue.Item, []queue.Step, bool, error) {
	items, err := q.List(ctx, queue.Filter{Organisation: organisation})
	for _, i := range items {
		if i.ID == id {
			return i, nil, true, err
		}
	}
	return queue.Item{}, nil, false, err
}

func (rigQueue) Questions(context.Context, watch.User) ([]queue.Item, error) { return nil, nil }

func (rigQueue) Move(context.Context, string, queue.Move) error { return nil }

func (rigQueue) Counts(context.Context, string) (map[queue.State]int, error) { return nil, nil }

func (rigQueue) Handled(context.Context, string, time.Time) (int, time.Duration, error) {
	return 0, 0, nil
}

// noTallies has counted nothing.
// noKeys are the index keys of a trail that nobody is in.
func noKeys(context.Context) ([]string, error) { return nil, nil }

type noTallies struct{}

func (noTallies) Counts(context.Context, picture.Query) ([]picture.Counts, error)  { return nil, nil }
func (noTallies) Sources(context.Context, picture.Query) ([]picture.Source, error) { return nil, nil }

// rigKnown is the directory as officers' pages see it.
type rigKnown struct{ *directory.Snapshot }

func (k rigKnown) Known(code string) bool { _, ok := k.Organisation(code); return ok }

// rigLimits never holds anybody up.
type rigLimits struct{}

func (rigLimits) Count(_ context.Context, _ time.Time, events ...identity.Counted) ([]int, error) {
	return make([]int, len(events)), nil
}

func (rigLimits) Spend(context.Context, string, string, string, time.Time) (bool, error) {
	return true, nil
}

// rigSessions keeps sessions.
type rigSessions struct{ *rig }

func (s rigSessions) Create(_ context.Context, n identity.NewSession) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sessions[n.TokenHash] = identity.Session{ID: n.ID, User: n.User, Created: n.Created, Expires: n.Expires}
	return nil
}

func (s rigSessions) Find(_ context.Context, token [32]byte, _ time.Time) (identity.Session, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if session, ok := s.sessions[token]; ok {
		return session, nil
	}
	return identity.Session{}, identity.ErrNoSession
}

func (s rigSessions) End(context.Context, [32]byte) error { return nil }

func (s rigSessions) Lock(context.Context, [32]byte, time.Time) (bool, error) { return false, nil }

func (s rigSessions) Renew(context.Context, identity.Renewal) error { return identity.ErrNoSession }

func (s rigSessions) Of(context.Context, string, string, time.Time) ([]identity.Session, error) {
	return nil, nil
}

func (s rigSessions) EndWhere(context.Context, identity.Which) ([]identity.User, error) {
	return nil, nil
}

// sitting is one browser with one session; the zero token is nobody's.
type sitting struct {
	g      *rig
	user   identity.User
	cookie string
}

// sit begins a session of a user in a role.
func (g *rig) sit(subject, ods string, role identity.Role, change ...func(*identity.Session)) *sitting {
	token := identity.NewToken()
	now := time.Now()
	u := identity.User{
		Issuer: "https://127.0.0.1:1", Subject: subject, Name: "N " + subject, AssuranceLevel: 3, Role: role,
		Organisation: identity.Organisation{ODS: ods, Name: ods}, Session: fmt.Sprintf("session-%d", len(g.sessions)), SignedInAt: now,
	}
	s := identity.Session{ID: u.Session, User: u, Created: now, Expires: now.Add(time.Hour), IdleUntil: now.Add(time.Hour), Ends: now.Add(time.Hour), Authenticated: now}
	for _, c := range change {
		c(&s)
	}
	g.sessions[token.Hash()] = s
	return &sitting{g, s.User, token.Cookie()}
}

func (s *sitting) send(method, path string, form url.Values) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, path, strings.NewReader(form.Encode()))
	if method == http.MethodPost {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	r.Header.Set("Sec-Fetch-Dest", "document")
	if s.cookie != "" {
		r.AddCookie(&http.Cookie{Name: sessionCookie, Value: s.cookie})
	}
	w := httptest.NewRecorder()
	s.g.handler.ServeHTTP(w, r)
	return w
}

// sealed makes a genuine token for a purpose, as a page would have for this user and person.
func (s *sitting) sealed(purpose, person string, more map[string]any) string {
	payload := map[string]any{"s": s.user.Session, "r": s.user.Role.ProfileID, "n": numberOf(person).Digits(), "p": access.DirectCare}
	if _, nested := more["Person"]; nested {
		more = maps.Clone(more)
		more["Person"] = maps.Clone(payload)
	}
	for k, v := range more {
		payload[k] = v
	}
	body, err := json.Marshal(payload)
	if err != nil {
		s.g.t.Fatal(err)
	}
	return s.g.sealer.Seal(purpose, body, time.Now().Add(time.Minute))
}

// said is a page without what differs from one request to the next: its reference, the seconds until it locks, and the address to come back to,
// which is the asker's own.
func said(w *httptest.ResponseRecorder) string {
	body := strings.ReplaceAll(w.Body.String(), w.Header().Get("X-Request-ID"), "")
	return passing.ReplaceAllString(body, "")
}

var passing = regexp.MustCompile(`data-after="\d+"|content="\d+;url=/locked"|name="return" value="[^"]*"`)

// noChanges are rules that nobody has changed.
type noChanges struct{}

func (noChanges) InForce(context.Context) (rulebook.Change, bool, error) {
	return rulebook.Change{}, false, nil
}

func (noChanges) Waiting(context.Context) (rulebook.Change, bool, error) {
	return rulebook.Change{}, false, nil
}

func (noChanges) Propose(context.Context, rulebook.Change) error { return rulebook.ErrBusy }

func (noChanges) Decide(context.Context, string, rulebook.State, rulebook.Step) error {
	return rulebook.ErrDecided
}

// rigReports takes reports and holds none.
type rigReports struct{}

func (rigReports) Keep(context.Context, dataquality.Report) (int64, error) { return 1, nil }

func (rigReports) Get(context.Context, string, string) (dataquality.Report, error) {
	return dataquality.Report{}, dataquality.ErrUnknown
}

func (rigReports) List(context.Context, dataquality.Query) ([]dataquality.Report, error) {
	return nil, nil
}

func (rigReports) Move(context.Context, dataquality.Move) error { return nil }
