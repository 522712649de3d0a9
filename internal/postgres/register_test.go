package postgres_test

import (
	"errors"
	"slices"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"ribble/internal/access"
	"ribble/internal/audit"
	"ribble/internal/consent"
	"ribble/internal/identity"
	"ribble/internal/oversight"
	"ribble/internal/oversight/queue"
	"ribble/internal/pgtest"
	"ribble/internal/postgres"
	"ribble/internal/record"
	"ribble/internal/register"
	"ribble/internal/relationship"
)

var (
	somebody = audit.Index{Key: "k2", Value: slices.Repeat([]byte{7}, 32)}
	// before is the same person under the key before.
	before  = audit.Index{Key: "k1", Value: slices.Repeat([]byte{6}, 32)}
	another = audit.Index{Key: "k2", Value: slices.Repeat([]byte{8}, 32)}
	nurse   = identity.User{Issuer: "i", Subject: "s", SDSUserID: "555", Session: "one", Organisation: identity.Organisation{ODS: "RXX"}}
	noon    = time.Date(2026, 11, 18, 12, 0, 0, 0, time.UTC)
)

func id(n byte) string {
	return "00000000-0000-4000-8000-0000000000" + string("0123456789abcdef"[n/16]) + string("0123456789abcdef"[n%16])
}

func made(n byte, person audit.Index) register.Made {
	return register.Made{ID: id(n), Person: person, By: nurse}
}

func registers(t testing.TB) (*pgtest.DB, *postgres.DB) {
	t.Helper()
	db := pgtest.New(t)
	return db, db.Open(t)
}

func add(t testing.TB, r *postgres.Registers, entries ...register.Entry) {
	t.Helper()
	for _, e := range entries {
		if err := r.Add(t.Context(), e); err != nil {
			t.Fatal(err)
		}
	}
}

// asked reads the registers about somebody at an hour after noon.
func asked(t testing.TB, r *postgres.Registers, u identity.User, after time.Duration) access.Facts {
	t.Helper()
	facts, err := r.About(t.Context(), register.Query{Indexes: [][]byte{somebody.Value, before.Value}, User: u, At: noon.Add(after)})
	if err != nil {
		t.Fatal(err)
	}
	return facts
}

func objection(n byte, person audit.Index) register.ConsentEntry {
	return register.ConsentEntry{Made: made(n, person), Entry: consent.Entry{
		ID: id(n), Organisation: "RYY", Sections: record.SectionsOf(record.Results), Direction: consent.Supply, Stance: consent.Objected, From: noon,
		Recorder: made(n, person).By.Organisation.ODS,
	}}
}

func claim(n byte, u identity.User) register.RelationshipEntry {
	e := register.RelationshipEntry{Made: made(n, somebody), Evidence: relationship.Evidence{
		Kind: relationship.SelfClaimed, Organisation: u.Organisation.ODS, Reason: "treating", From: noon, Until: noon.Add(relationship.ClaimLife),
	}}
	e.By = u
	return e
}

func emergency(n byte) register.OverrideEntry {
	return register.OverrideEntry{Made: made(n, somebody), Override: access.Override{ID: id(n), Reason: "unconscious", Organisation: "RXX", From: noon, Until: noon.Add(30 * time.Minute)}}
}

func TestRegistersGiveBackWhatWasEntered(t *testing.T) {
	_, db := registers(t)
	r := db.Registers()
	old := objection(2, before)
	add(t, r, objection(1, somebody), old, objection(3, another), claim(4, nurse), emergency(5),
		register.PermissionEntry{Made: made(6, somebody), Answer: register.Yes, At: noon, Until: noon.Add(time.Hour)},
		register.PermissionEntry{Made: made(7, somebody), Answer: register.Refused, At: noon, Until: noon.Add(2 * time.Hour)})
	want := access.Facts{
		Consent:       consent.Standing{objection(1, somebody).Entry, old.Entry},
		Relationships: []relationship.Evidence{claim(4, nurse).Evidence},
		Override:      emergency(5).Override,
		Permission:    access.Permission{GivenUntil: noon.Add(time.Hour), RefusedUntil: noon.Add(2 * time.Hour)},
	}
	utc := cmp.Transformer("utc", func(t time.Time) string { return t.UTC().String() })
	order := cmpopts.SortSlices(func(a, b consent.Entry) bool { return a.ID < b.ID })
	if diff := cmp.Diff(want, asked(t, r, nurse, time.Minute), utc, order); diff != "" {
		t.Errorf("what was read (-want +got):\n%s", diff)
	}
	got := asked(t, r, nurse, 29*24*time.Hour)
	if _, holds := relationship.Strongest(got.Relationships, "RXX", noon.AddDate(0, 0, 29)); holds || got.Override.ID != "" || !got.Permission.GivenUntil.IsZero() || len(got.Consent) != 2 {
		t.Errorf("after four weeks: %+v", got)
	}
}

// TestRegistersKeepUsersApart: a claim and emergency access are of one user, in one role and session.
func TestRegistersKeepUsersApart(t *testing.T) {
	_, db := registers(t)
	r := db.Registers()
	add(t, r, claim(1, nurse), emergency(2), register.PermissionEntry{Made: made(3, somebody), Answer: register.Once, At: noon, Until: noon.Add(time.Hour)})
	for name, change := range map[string]func(*identity.User){
		"subject":      func(u *identity.User) { u.Subject = "other" },
		"issuer":       func(u *identity.User) { u.Issuer = "other" },
		"organisation": func(u *identity.User) { u.Organisation.ODS = "RYY" },
		"session":      func(u *identity.User) { u.Session = "two" },
	} {
		u := nurse
		change(&u)
		got := asked(t, r, u, time.Minute)
		if got.Override.ID != "" || (len(got.Relationships) != 0) != (name == "session") {
			t.Errorf("another %s has %+v", name, got)
		}
		if given := !got.Permission.GivenUntil.IsZero(); given != (name == "subject" || name == "issuer") {
			t.Errorf("another %s has the permission: %v", name, given)
		}
	}
}

// TestAClaimThatRanOutIsToldForAWhile: only to whoever made it, so that the page can say that it is a renewal.
func TestAClaimThatRanOutIsToldForAWhile(t *testing.T) {
	_, db := registers(t)
	r := db.Registers()
	add(t, r, claim(1, nurse))
	load(t, r, register.Load{ID: id(2), Kind: register.Caseload, Organisation: "RXX", Rows: []register.LoadRow{{Person: somebody, Until: noon.Add(relationship.ClaimLife)}}})
	colleague := nurse
	colleague.Subject = "another"
	after := relationship.ClaimLife + 24*time.Hour
	for name, c := range map[string]struct {
		user  identity.User
		after time.Duration
		known int
	}{"a day later": {nurse, after, 1}, "to a colleague": {colleague, after, 0}, "long after": {nurse, 2*relationship.ClaimLife + 7*24*time.Hour, 0}} {
		got := asked(t, r, c.user, c.after).Relationships
		if _, holds := relationship.Strongest(got, "RXX", noon.Add(c.after)); holds || len(got) != c.known {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

func TestEntriesEnd(t *testing.T) {
	_, db := registers(t)
	r := db.Registers()
	add(t, r, objection(1, somebody), emergency(2), emergency(3))
	end := func(e register.Ending) bool {
		e.At, e.By = noon.Add(time.Minute), nurse
		ended, err := r.End(t.Context(), e)
		if err != nil {
			t.Fatal(err)
		}
		return ended
	}
	if end(register.Ending{ID: id(1), Indexes: [][]byte{another.Value}}) {
		t.Error("an objection was ended as if it were another person's")
	}
	if end(register.Ending{ID: "no id at all", Indexes: [][]byte{somebody.Value}}) {
		t.Error("something was ended that does not exist")
	}
	if !end(register.Ending{ID: id(1), Indexes: [][]byte{somebody.Value}}) || end(register.Ending{ID: id(1), Indexes: [][]byte{somebody.Value}}) {
		t.Error("an objection does not end exactly once")
	}
	if !end(register.Ending{Override: true, Indexes: [][]byte{somebody.Value}}) {
		t.Error("the emergency access did not end")
	}
	if got := asked(t, r, nurse, 2*time.Minute); len(got.Consent) != 0 || got.Override.ID != "" {
		t.Errorf("still there: %+v", got)
	}
}

// TestAnEntryAndItsAlertsAreOne: an alert that cannot be kept leaves no access behind, and a repeated entry is one.
func TestAnEntryAndItsAlertsAreOne(t *testing.T) {
	_, db := registers(t)
	r := db.Registers()
	alert := oversight.Alert{ID: id(9), Organisation: "RXX", Kind: oversight.BreakGlass, Event: "not an id", At: noon}
	if err := r.Add(t.Context(), emergency(1), alert); err == nil || asked(t, r, nurse, time.Minute).Override.ID != "" {
		t.Errorf("error %v: emergency access without an alert", err)
	}
	alert.Event = id(8)
	for range 2 {
		if err := r.Add(t.Context(), emergency(1), alert); err != nil {
			t.Fatal(err)
		}
	}
	other := oversight.Alert{ID: id(10), Organisation: "RYY", Kind: oversight.Listed, Event: id(8), At: noon}
	if err := db.Alerts().Raise(t.Context(), other); err != nil {
		t.Fatal(err)
	}
	open, err := db.Queue().List(t.Context(), queue.Filter{Organisation: "RXX", States: queue.Working, Limit: 10})
	if err != nil || len(open) != 1 || open[0].ID != id(9) || open[0].Kind != oversight.BreakGlass || open[0].Event != id(8) || !open[0].At.Equal(noon) {
		t.Errorf("alerts %+v, error %v", open, err)
	}
	if asked(t, r, nurse, time.Minute).Override.ID != id(1) {
		t.Error("no emergency access")
	}
}

func load(t testing.TB, r *postgres.Registers, l register.Load) {
	t.Helper()
	l.At = noon
	if err := r.Replace(t.Context(), l); err != nil {
		t.Fatal(err)
	}
}

func TestALoadReplacesTheOneBefore(t *testing.T) {
	_, db := registers(t)
	r := db.Registers()
	add(t, r, claim(1, nurse))
	row := register.LoadRow{Person: somebody, Until: noon.Add(time.Hour)}
	load(t, r, register.Load{ID: id(2), Kind: register.Caseload, Organisation: "RXX", Rows: []register.LoadRow{row}})
	load(t, r, register.Load{ID: id(3), Kind: register.Caseload, Organisation: "RYY", Rows: []register.LoadRow{row}})
	kinds := func() (out []string) {
		for _, e := range asked(t, r, nurse, time.Minute).Relationships {
			out = append(out, e.Kind.String())
		}
		slices.Sort(out)
		return out
	}
	if got := kinds(); !slices.Equal(got, []string{"caseload", "self-claimed"}) {
		t.Errorf("relationships %v", got)
	}
	load(t, r, register.Load{ID: id(4), Kind: register.Caseload, Organisation: "RXX", Rows: []register.LoadRow{{Person: another, Until: row.Until}}})
	if got := kinds(); !slices.Equal(got, []string{"self-claimed"}) {
		t.Errorf("after the next load: %v", got)
	}
	elsewhere := nurse
	elsewhere.Organisation.ODS = "RYY"
	if len(asked(t, r, elsewhere, time.Minute).Relationships) != 1 {
		t.Error("the load of one organisation took away another's caseload")
	}
	if err := r.Purge(t.Context(), noon.Add(2*time.Hour)); err != nil || len(asked(t, r, elsewhere, time.Minute).Relationships) != 0 {
		t.Errorf("what is over was not forgotten: %v", err)
	}
}

// TestTwoLoadsAtOnce: two replicas that load one organisation's caseload at the same time leave one of the two lists, whole.
func TestTwoLoadsAtOnce(t *testing.T) {
	test, db := registers(t)
	r := db.Registers()
	var all sync.WaitGroup
	for n := range byte(6) {
		rows := make([]register.LoadRow, 50)
		for i := range rows {
			rows[i] = register.LoadRow{Person: audit.Index{Key: "k2", Value: slices.Repeat([]byte{n, byte(i)}, 16)}, Until: noon.Add(time.Hour)}
		}
		all.Go(func() {
			if err := r.Replace(t.Context(), register.Load{ID: id(n), Kind: register.Caseload, Organisation: "RXX", At: noon, Rows: rows}); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if rows, loads := query[int](t, test.AdminURL, "SELECT count(*) FROM register.relationship"), query[int](t, test.AdminURL, "SELECT count(DISTINCT load) FROM register.relationship"); rows != 50 || loads != 1 {
		t.Errorf("%d rows of %d loads", rows, loads)
	}
}

func TestWatched(t *testing.T) {
	_, db := registers(t)
	r := db.Registers()
	load(t, r, register.Load{ID: id(1), Kind: register.Staff, Rows: []register.LoadRow{{Person: somebody, SDSUserID: "555", Organisation: "RXX"}, {Person: another}}})
	load(t, r, register.Load{ID: id(2), Kind: register.Listed, Rows: []register.LoadRow{{Person: somebody}}})
	colleague, stranger := nurse, identity.User{Issuer: "i", Subject: "local", Organisation: identity.Organisation{ODS: "RZZ"}}
	colleague.SDSUserID = "556"
	for name, c := range map[string]struct {
		user identity.User
		want access.Watched
	}{
		"own":       {nurse, access.Watched{OwnRecord: true, Listed: true}},
		"colleague": {colleague, access.Watched{Colleague: true, Listed: true}},
		"stranger":  {stranger, access.Watched{Listed: true}},
	} {
		if got := asked(t, r, c.user, 0).Watched; got != c.want {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

// TestUnreadableRegistersAreAnError: a missing table, right or word of the register of objections is never no objection.
func TestUnreadableRegistersAreAnError(t *testing.T) {
	for _, spoil := range []string{
		"ALTER TABLE register.consent RENAME TO elsewhere", "REVOKE SELECT ON register.relationship FROM ribble_app", "DROP TABLE register.watched",
		"ALTER TABLE register.consent DROP CONSTRAINT consent_stance_check; UPDATE register.consent SET stance = 'dissent'",
	} {
		test, db := registers(t)
		add(t, db.Registers(), objection(1, somebody))
		execute(t, test.AdminURL, spoil)
		_, err := db.Registers().About(t.Context(), register.Query{Indexes: [][]byte{somebody.Value}, User: nurse, At: noon})
		if err == nil || errors.Is(err, t.Context().Err()) {
			t.Errorf("%s: the registers were read", spoil)
		}
	}
}

// BenchmarkAbout is what every look pays for the registers: by the clock, and in processor time of this process.
func BenchmarkAbout(b *testing.B) {
	_, db := registers(b)
	r := db.Registers()
	rows := make([]register.LoadRow, 100_000)
	for i := range rows {
		value := slices.Repeat([]byte{byte(i), byte(i >> 8), byte(i >> 16), 1}, 8)
		rows[i] = register.LoadRow{Person: audit.Index{Key: "k2", Value: value}, Until: noon.Add(time.Hour)}
	}
	rows[0].Person = somebody
	load(b, r, register.Load{ID: id(1), Kind: register.Caseload, Organisation: "RXX", Rows: rows})
	add(b, r, objection(2, somebody))
	q := register.Query{Indexes: [][]byte{somebody.Value}, User: nurse, At: noon}
	began := processorTime(b)
	for b.Loop() {
		if facts, err := r.About(b.Context(), q); err != nil || len(facts.Consent) != 1 {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64((processorTime(b)-began).Microseconds())/float64(b.N), "cpu-us/op")
}

func processorTime(b *testing.B) time.Duration {
	b.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
