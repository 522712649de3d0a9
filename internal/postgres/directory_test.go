package postgres_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"ribble/internal/audit"
	"ribble/internal/directory"
	"ribble/internal/identity"
	"ribble/internal/onboarding"
	"ribble/internal/pgtest"
	"ribble/internal/postgres"
)

const directoryText = `{
	"organisations": [
		{"ods": "RXB", "name": "Bowland Hospitals", "short": "Bowland", "badge": "BTH", "kind": "acute", "privacy_officer": "G Lumb", "dspt": {"status": "met", "until": "2099-06-30"}},
		{"ods": "RZC", "name": "Calder", "short": "Calder", "badge": "CH", "kind": "care-home", "sees": ["allergies", "medicines"], "sites": [{"ods": "RZC01", "name": "North"}], "parent": "RXB"}
	],
	"agreements": [
		{"id": "isa", "title": "Agreement", "from": "2020-01-01", "until": "2099-05-31", "parties": ["RXB", "RZC"], "dpia": {"reference": "DPIA-1", "by": "X", "until": "2099-01-01"},
		 "flows": [{"id": "f", "purpose": "Direct care", "sections": ["allergies", "results"]}]}
	],
	"feeds": [
		{"id": "bth", "organisation": "RXB", "protocol": "fhirr4", "endpoint": "https://bth.example/r4", "sections": ["results"], "stage": "live", "agreement": "isa", "flow": "f", "allow_cidr": ["10.0.0.0/8"]},
		{"id": "bth-2", "organisation": "RXB", "protocol": "fhirr4", "sections": ["allergies"], "stage": "off", "planned": "Feb-2027"}
	],
	"spine": {"ssp": "", "from_asid": "1"}
}`

func admin(name string) identity.User {
	return identity.User{Issuer: "https://cis2.example", Subject: name, Name: name, Organisation: identity.Organisation{ODS: "RXB"}}
}

var farrell, quist = admin("farrell"), admin("quist")

// deskOf is a portal as far as the directory goes.
type deskOf struct {
	desk  *onboarding.Desk
	store *postgres.Directory
	trail *audit.Trail
}

func newDesk(t testing.TB, db *pgtest.DB) *deskOf {
	t.Helper()
	open := db.Open(t)
	r := &deskOf{store: open.Directory(), trail: audit.NewTrail(open.Audit(), audit.GenerateKeys(), time.Now)}
	holder := new(directory.Holder)
	r.desk = &onboarding.Desk{
		Store: r.store, Checks: r.store, Trail: r.trail, Holder: holder, MayAdminister: func(identity.User) bool { return true }, Now: time.Now,
		Reload: func(ctx context.Context) error {
			version, entries, err := r.store.Load(ctx)
			if err != nil {
				return err
			}
			s, err := directory.Build(version, entries)
			if err == nil {
				holder.Replace(s)
			}
			return err
		},
	}
	return r
}

func parsed(t testing.TB, text string) []directory.Entry {
	t.Helper()
	entries, err := directory.Parse(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	return entries
}

// seeded is a replica with the directory above.
func seeded(t testing.TB) (*pgtest.DB, *deskOf) {
	t.Helper()
	db := pgtest.New(t)
	r := newDesk(t, db)
	if _, err := r.desk.Seed(t.Context(), admin("operator"), parsed(t, directoryText)); err != nil {
		t.Fatal(err)
	}
	return db, r
}

// redirected is the feed of the hospital at another address.
func redirected(t testing.TB, r *deskOf, host string) directory.Entry {
	t.Helper()
	e, ok := r.desk.Directory().Entry(directory.Key{Kind: directory.KindFeed, ID: "bth"})
	if !ok {
		t.Fatal("no feed")
	}
	e, err := directory.NewEntry(directory.KindFeed, []byte(strings.Replace(e.Body, "bth.example", host, 1)))
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func propose(t testing.TB, r *deskOf, by identity.User, entries ...directory.Entry) onboarding.Change {
	t.Helper()
	c, err := r.desk.Propose(t.Context(), by, onboarding.Proposal{Reason: "because", Entries: entries})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func endpoint(r *deskOf) string { return r.desk.Directory().Feed("bth").Endpoint }

func TestTwoPeopleChangeTheDirectory(t *testing.T) {
	db, r := seeded(t)
	c := propose(t, r, farrell, redirected(t, r, "new.example"))
	if endpoint(r) != "https://bth.example/r4" || c.State != onboarding.Waiting || c.Number == 0 || c.Sum() != c.ID {
		t.Fatalf("a proposal is in force, or is not as proposed: %+v", c)
	}
	if _, err := r.desk.Approve(t.Context(), farrell, c.ID); !errors.Is(err, onboarding.ErrSamePerson) {
		t.Errorf("the proposer approves: %v", err)
	}
	if err := r.desk.Refuse(t.Context(), farrell, c.ID, "no"); !errors.Is(err, onboarding.ErrSamePerson) {
		t.Errorf("the proposer refuses: %v", err)
	}
	if err := r.desk.Withdraw(t.Context(), quist, c.ID); !errors.Is(err, onboarding.ErrOther) {
		t.Errorf("another withdraws: %v", err)
	}
	c, err := r.desk.Approve(t.Context(), quist, c.ID)
	if err != nil || c.State != onboarding.Approved || c.Version != 2 || endpoint(r) != "https://new.example/r4" || r.desk.Directory().Version() != 2 {
		t.Fatalf("after the approval: %v, %+v, %s", err, c, endpoint(r))
	}
	if _, err := r.desk.Approve(t.Context(), quist, c.ID); !errors.Is(err, onboarding.ErrDecided) {
		t.Errorf("approved twice: %v", err)
	}
	back, err := r.desk.Rollback(t.Context(), quist, c.ID, "it was wrong")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := r.desk.Approve(t.Context(), farrell, back.ID); err != nil || endpoint(r) != "https://bth.example/r4" {
		t.Fatalf("rolled back: %v, %s", err, endpoint(r))
	}
	history, err := r.desk.History(t.Context(), directory.Key{Kind: directory.KindFeed, ID: "bth"})
	if err != nil || len(history) != 3 || history[0].Body != history[2].Body || history[1].DecidedBy.Subject != "quist" {
		t.Errorf("history: %v, %+v", err, history)
	}
	events := query[int](t, db.AdminURL, "SELECT count(*) FROM audit.event WHERE act LIKE 'directory-%'")
	if events != 6 {
		t.Errorf("the trail has %d events, want two for the first content and for each of two changes", events)
	}
}

// TestASingleAdministratorCannotRedirectAFeed lets one administrator do with the rights of the program's own role whatever SQL can.
func TestASingleAdministratorCannotRedirectAFeed(t *testing.T) {
	db, r := seeded(t)
	c := propose(t, r, farrell, redirected(t, r, "evil.example"))
	decided, err := r.trail.Write(t.Context(), audit.Note{Act: audit.ActDirectoryDecided, User: farrell, Reason: "approved", Register: c.ID})
	if err != nil {
		t.Fatal(err)
	}
	approve := func(subject, event, more string) string {
		return fmt.Sprintf("UPDATE directory.change SET state = 'approved', decided_issuer = 'https://cis2.example', decided_subject = '%s', decided_at = now(), decided_event = '%s', checked = 1%s WHERE id = '%s'",
			subject, event, more, c.ID)
	}
	insert := func(id, kind, subject string) string {
		return fmt.Sprintf(`INSERT INTO directory.change (id, kind, base, salt, reason, size, proposed_issuer, proposed_subject, proposed_name, proposed_org, proposed_at, proposed_event)
			VALUES ('%s', '%s', 1, 's', 'r', 1, 'https://cis2.example', '%s', '', '', now(), '%s')`, id, kind, subject, c.ProposedEvent)
	}
	other := strings.Repeat("a", 64)
	for name, statements := range map[string][]string{
		"approving it oneself":                {approve("farrell", decided.ID, "")},
		"approving it in another's name":      {approve("quist", decided.ID, "")},
		"with an event that is none":          {approve("quist", c.ProposedEvent, "")},
		"with no event at all":                {approve("quist", "00000000-0000-4000-8000-000000000000", "")},
		"writing an entry":                    {"INSERT INTO directory.entry SELECT kind, id, 9, position, replace(body, 'bth.example', 'evil.example') FROM directory.entry WHERE id = 'bth'"},
		"changing an entry":                   {"UPDATE directory.entry SET body = replace(body, 'bth.example', 'evil.example')"},
		"changing the version":                {"UPDATE directory.head SET version = 0"},
		"changing what is proposed":           {"UPDATE directory.change_entry SET body = '{}'"},
		"changing who proposed":               {"UPDATE directory.change SET proposed_subject = 'quist'"},
		"a proposal that is approved already": {strings.NewReplacer("proposed_event)", "proposed_event, state)", "')", "', 'approved')").Replace(insert(other, "ordinary", "quist"))},
		"a proposal in another's name":        {insert(other, "ordinary", "quist"), strings.Replace(approve("farrell", decided.ID, ""), c.ID, other, 1)},
		"a first content on top":              {insert(other, "seed", "farrell"), strings.Replace(approve("farrell", decided.ID, ""), c.ID, other, 1)},
		"a stop that is none":                 {insert(other, "stop", "farrell"), strings.Replace(approve("farrell", decided.ID, ""), c.ID, other, 1)},
		"switching the guard off":             {"ALTER TABLE directory.change DISABLE TRIGGER decide"},
		"skipping the guard":                  {"SET session_replication_role = replica"},
		"emptying the past":                   {"DELETE FROM directory.change"},
	} {
		t.Run(name, func(t *testing.T) {
			conn := connect(t, db.URLs[postgres.App])
			var refused error
			for _, statement := range statements {
				if _, err := conn.Exec(t.Context(), statement); err != nil {
					refused = err
				}
			}
			if refused == nil {
				t.Error("nothing refused it")
			}
			if err := r.desk.Reload(t.Context()); err != nil || endpoint(r) != "https://bth.example/r4" || r.desk.Directory().Version() != 1 {
				t.Fatalf("the feed goes to %s, %v", endpoint(r), err)
			}
		})
	}
}

// TestWhatIsApprovedIsWhatWasProposed adds to a proposal after it was made: who approves must not approve more than the trail names.
func TestWhatIsApprovedIsWhatWasProposed(t *testing.T) {
	db, r := seeded(t)
	calder, _ := r.desk.Directory().Entry(directory.Key{Kind: directory.KindOrganisation, ID: "RZC"})
	harmless, err := directory.NewEntry(directory.KindOrganisation, []byte(strings.Replace(calder.Body, `"Calder"`, `"Calder House"`, 1)))
	if err != nil {
		t.Fatal(err)
	}
	c := propose(t, r, farrell, harmless)
	execute(t, db.URLs[postgres.App], fmt.Sprintf("INSERT INTO directory.change_entry VALUES ('%s', 7, 'feed', 'bth', '%s')", c.ID, redirected(t, r, "evil.example").Body))
	if _, err := r.desk.Approve(t.Context(), quist, c.ID); !errors.Is(err, onboarding.ErrUnproven) {
		t.Errorf("approved: %v", err)
	}
	if endpoint(r) != "https://bth.example/r4" {
		t.Error("the feed was redirected")
	}
}

func TestOnePersonSuspendsAndTwoLetRunAgain(t *testing.T) {
	_, r := seeded(t)
	if _, err := r.desk.Suspend(t.Context(), farrell, "bth", "it answers about somebody else"); err != nil {
		t.Fatal(err)
	}
	if f := r.desk.Directory().Feed("bth"); f.Stage != directory.Suspended || f.Endpoint != "https://bth.example/r4" || len(f.Steps) != 2 {
		t.Fatalf("suspended: %+v", f)
	}
	c, err := r.desk.Step(t.Context(), farrell, onboarding.Move{Feed: "bth", To: directory.Live, Evidence: "it was put right"})
	if err != nil {
		t.Fatal(err)
	}
	_, err = r.desk.Approve(t.Context(), quist, c.ID)
	closed, ok := errors.AsType[onboarding.GateClosed](err)
	if !ok || len(closed.Lines) == 0 {
		t.Errorf("without a check, a safety case or an audience: %v", err)
	}
}

// TestAnAudienceRisesThroughTheGate: a step for one audience, and leaving one, need the gate like a step of the whole feed; being held back does not.
func TestAnAudienceRisesThroughTheGate(t *testing.T) {
	_, r := seeded(t)
	with := func(groups string) directory.Entry {
		e, _ := r.desk.Directory().Entry(directory.Key{Kind: directory.KindFeed, ID: "bth"})
		members := map[string]json.RawMessage{}
		if err := json.Unmarshal([]byte(e.Body), &members); err != nil {
			t.Fatal(err)
		}
		members["groups"] = json.RawMessage(groups)
		body, err := json.Marshal(members)
		if err != nil {
			t.Fatal(err)
		}
		e, err = directory.NewEntry(directory.KindFeed, body)
		if err != nil {
			t.Fatal(err)
		}
		return e
	}
	gate := func(c onboarding.Change) bool {
		_, err := r.desk.Approve(t.Context(), quist, c.ID)
		_, closed := errors.AsType[onboarding.GateClosed](err)
		if err != nil && !closed {
			t.Fatal(err)
		}
		return closed
	}
	if gate(propose(t, r, farrell, with(`[{"id": "homes", "kinds": ["care-home"]}]`))) {
		t.Error("holding an audience back needs the gate")
	}
	c, err := r.desk.Step(t.Context(), farrell, onboarding.Move{Feed: "bth", Group: "homes", To: directory.Test, Evidence: "agreed"})
	if err != nil {
		t.Fatal(err)
	}
	if !gate(c) {
		t.Error("a step for an audience went past a closed gate")
	}
	for name, groups := range map[string]string{
		"joins everybody in one step": "[]", "jumps": `[{"id": "homes", "kinds": ["care-home"], "stage": "live"}]`,
	} {
		if _, err := r.desk.Propose(t.Context(), farrell, onboarding.Proposal{Reason: "because", Entries: []directory.Entry{with(groups)}}); err == nil {
			t.Errorf("an audience %s", name)
		}
	}
	if !gate(propose(t, r, farrell, with(`[{"id": "homes", "kinds": ["hospice"]}]`))) {
		t.Error("care homes joined everybody past a closed gate")
	}
	if _, err := r.desk.Step(t.Context(), farrell, onboarding.Move{Feed: "bth", Group: "homes", To: directory.Live, Evidence: "agreed"}); err == nil {
		t.Error("an audience went up four rungs at once")
	}
	if f := r.desk.Directory().Feed("bth"); f.StageFor("RZC", "care-home") != directory.Off || f.StageFor("RXB", "acute") != directory.Live {
		t.Errorf("the feed is at %s for homes", f.StageFor("RZC", "care-home"))
	}
}

func TestAChangeThatRestsOnAnOlderOneIsStale(t *testing.T) {
	_, r := seeded(t)
	first, second := propose(t, r, farrell, redirected(t, r, "one.example")), propose(t, r, farrell, redirected(t, r, "two.example"))
	if _, err := r.desk.Approve(t.Context(), quist, first.ID); err != nil {
		t.Fatal(err)
	}
	if _, err := r.desk.Approve(t.Context(), quist, second.ID); !errors.Is(err, onboarding.ErrStale) {
		t.Errorf("got %v", err)
	}
	if err := r.desk.Refuse(t.Context(), quist, second.ID, "it is too late"); err != nil {
		t.Error(err)
	}
	waiting, err := r.desk.Changes(t.Context(), onboarding.Query{State: onboarding.Waiting})
	if err != nil || len(waiting) != 0 {
		t.Errorf("%v, %+v", err, waiting)
	}
}

func TestProposalsEndAfterSevenDays(t *testing.T) {
	_, r := seeded(t)
	c := propose(t, r, farrell, redirected(t, r, "new.example"))
	r.desk.Now = func() time.Time { return time.Now().Add(onboarding.Lasts) }
	if _, err := r.desk.Approve(t.Context(), quist, c.ID); !errors.Is(err, onboarding.ErrDecided) {
		t.Errorf("got %v", err)
	}
	list, err := r.desk.Changes(t.Context(), onboarding.Query{State: onboarding.Expired})
	if err != nil || len(list) != 1 {
		t.Errorf("%v, %+v", err, list)
	}
}

// TestReplicasFollow has two replicas: what is approved on one is soon in force on the other. The deadline is only for giving up.
func TestReplicasFollow(t *testing.T) {
	db, one := seeded(t)
	other := newDesk(t, db)
	if err := other.desk.Reload(t.Context()); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	seen := make(chan struct{})
	go other.store.Watch(ctx, 1, func(ctx context.Context) int64 {
		if other.desk.Reload(ctx) == nil && endpoint(other) == "https://new.example/r4" {
			close(seen)
		}
		return other.desk.Directory().Version()
	})
	c := propose(t, one, farrell, redirected(t, one, "new.example"))
	if _, err := one.desk.Approve(t.Context(), quist, c.ID); err != nil {
		t.Fatal(err)
	}
	select {
	case <-seen:
	case <-ctx.Done():
		t.Fatal("the other replica never followed")
	}
}

func TestExportAndImportGiveTheSameDirectory(t *testing.T) {
	_, r := seeded(t)
	_, before, err := r.store.Load(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var file bytes.Buffer
	if err := directory.Write(&file, before); err != nil {
		t.Fatal(err)
	}
	if _, err := r.desk.Preview(onboarding.Proposal{Entries: r.desk.Whole(parsed(t, file.String()))}); !errors.Is(err, onboarding.ErrNothing) {
		t.Errorf("the same again would change something: %v", err)
	}
	copied := newDesk(t, pgtest.New(t))
	if _, err := copied.desk.Seed(t.Context(), admin("operator"), parsed(t, file.String())); err != nil {
		t.Fatal(err)
	}
	_, after, err := copied.store.Load(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(before, after); diff != "" {
		t.Error(diff)
	}
	var again bytes.Buffer
	if err := directory.Write(&again, after); err != nil || again.String() != file.String() {
		t.Error("the export of the import is another file")
	}
}

func TestSeedingIsForAnEmptyDirectory(t *testing.T) {
	_, r := seeded(t)
	if _, err := r.desk.Seed(t.Context(), admin("operator"), parsed(t, directoryText)); !errors.Is(err, onboarding.ErrSeeded) {
		t.Errorf("got %v", err)
	}
	// A replica that has not seen the content yet is refused by the database.
	late := *r.desk
	late.Holder = new(directory.Holder)
	late.Reload = func(context.Context) error { return nil }
	if _, err := late.Seed(t.Context(), admin("operator"), parsed(t, directoryText)); !errors.Is(err, onboarding.ErrSamePerson) {
		t.Errorf("got %v", err)
	}
}

func TestConnectionChecksAreKept(t *testing.T) {
	_, r := seeded(t)
	if c, err := r.store.LastCheck(t.Context(), "bth"); err != nil || !c.At.IsZero() {
		t.Errorf("%+v, %v", c, err)
	}
	for i := range 3 {
		c := onboarding.Check{Feed: "bth", At: at.Add(time.Duration(i) * time.Hour), By: onboarding.Person{Subject: "farrell"}, Connection: "c", Total: 14, Failed: i, Result: `{"checks": []}`}
		if err := r.store.KeepCheck(t.Context(), c); err != nil {
			t.Fatal(err)
		}
	}
	last, err := r.store.LastCheck(t.Context(), "bth")
	if err != nil || last.Failed != 2 || last.Passed() || last.Result != `{"checks": []}` {
		t.Errorf("%+v, %v", last, err)
	}
	if list, err := r.store.ChecksOf(t.Context(), "bth", 2); err != nil || len(list) != 2 {
		t.Errorf("%d, %v", len(list), err)
	}
}

// BenchmarkImport takes a list of 10,000 organisations from the file to being in force.
func BenchmarkImport(b *testing.B) {
	var text strings.Builder
	text.WriteString("ods,name,kind,phone\n")
	for i := range 10_000 {
		fmt.Fprintf(&text, "A%05d,Practice number %d,gp-practice,01632 960%03d\n", i, i, i%1000)
	}
	for b.Loop() {
		b.StopTimer()
		_, r := seeded(b)
		b.StartTimer()
		entries, err := onboarding.ReadOrganisations(strings.NewReader(text.String()), r.desk.Directory())
		if err != nil {
			b.Fatal(err)
		}
		c := propose(b, r, farrell, entries...)
		if _, err := r.desk.Approve(b.Context(), quist, c.ID); err != nil {
			b.Fatal(err)
		}
		if r.desk.Directory().Organisations() != 10_002 {
			b.Fatal("not all of them")
		}
	}
}
