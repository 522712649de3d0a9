package postgres_test

import (
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"ribble/internal/access"
	"ribble/internal/audit"
	"ribble/internal/identity"
	"ribble/internal/oversight/inquiry"
	"ribble/internal/pgtest"
	"ribble/internal/postgres"
	"ribble/internal/reconcile"
	"ribble/internal/record"
	"ribble/internal/relationship"
)

// lookLimit is that of the looks in these tests.
const lookLimit = time.Minute

// ahead is a clock that a test puts forward.
type ahead struct{ by atomic.Int64 }

func (a *ahead) now() time.Time       { return time.Now().Add(time.Duration(a.by.Load())) }
func (a *ahead) pass(d time.Duration) { a.by.Add(int64(d)) }

// looking is a replica that looks and reconciles.
type looking struct {
	*replica
	reconciler *reconcile.Reconciler
}

func (p *portal) looking(t *testing.T, db *postgres.DB, clock *ahead) *looking {
	t.Helper()
	r := p.mustReplica(t)
	r.trail = audit.NewTrail(r.log, p.keys, clock.now).Within(lookLimit)
	return &looking{r, &reconcile.Reconciler{
		Trail: r.store, Store: db.Settlement(), Writer: r.trail, Authentic: p.keys.Authentic, Log: slog.New(slog.DiscardHandler), After: r.trail.Settled(),
		Every: time.Millisecond, Now: clock.now,
	}}
}

func (l *looking) round(t *testing.T) int {
	t.Helper()
	n, err := l.reconciler.Round(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// begin begins a look at the canary.
func (l *looking) begin(t *testing.T) audit.Receipt {
	t.Helper()
	number, err := record.ParseNHSNumber(canaryNumber)
	if err != nil {
		t.Fatal(err)
	}
	grant, err := access.Decide(access.Request{
		User: identity.User{
			Issuer: "i", Subject: "s", Role: identity.Role{Activities: []string{"B0360"}}, Organisation: identity.Organisation{ODS: "RXX"}, AssuranceLevel: 3,
		},
		Person: record.Person{NHSNumber: number, TracedAt: time.Now()}, Purpose: access.DirectCare, At: time.Now(),
		Facts: access.Facts{Relationships: []relationship.Evidence{{Kind: relationship.Caseload, Organisation: "RXX"}}},
	})
	if err != nil {
		t.Fatal(err)
	}
	receipt, err := l.trail.Begin(t.Context(), grant, []string{"gp"}, 1)
	if err != nil {
		t.Fatal(err)
	}
	return receipt
}

func (l *looking) disclose(t *testing.T, r audit.Receipt) {
	t.Helper()
	if _, err := l.trail.Disclose(t.Context(), r, audit.Disclosure{Sections: record.SectionsOf(record.Plans)}); err != nil {
		t.Fatal(err)
	}
}

// TestKilledLooksAreReconciled: of two replicas one is killed in the middle of looks. However many replicas reconcile at once, each of its looks is reconciled
// once, a look that lives at the other one never, and the trail stays whole for the ledger, the verifier and the officers.
func TestKilledLooksAreReconciled(t *testing.T) {
	p := newPortal(t, pgtest.New(t))
	db, clock := p.db.Open(t), &ahead{}
	killed, alive := p.looking(t, db, clock), p.looking(t, db, clock)
	const lost = 12
	var dead []string
	for range lost {
		r := killed.begin(t)
		killed.disclose(t, r)
		dead = append(dead, r.ID())
	}
	killed.log.Close()
	again := p.looking(t, db, clock)
	replicas := []*looking{alive, again}
	for _, r := range replicas {
		if n := r.round(t); n != 0 {
			t.Fatalf("%d looks were reconciled before they could be known to be dead", n)
		}
	}
	clock.pass(lookLimit + lookLimit/2)
	living := alive.begin(t)
	clock.pass(lookLimit / 2)
	var group sync.WaitGroup
	for _, r := range replicas {
		group.Go(func() {
			for range 5 {
				if _, err := r.reconciler.Round(t.Context()); err != nil {
					t.Error(err)
				}
			}
		})
	}
	group.Wait()
	alive.disclose(t, living)
	clock.pass(lookLimit)
	if err := alive.trail.Finish(t.Context(), living, audit.Outcome{Ended: audit.Complete}); err != nil {
		t.Fatalf("a look that lives cannot be finished: %v", err)
	}
	for range 2 {
		for _, r := range replicas {
			r.round(t)
		}
		clock.pass(2 * lookLimit)
	}
	const total = 2*lost + lost + 3 // intents and disclosures, reconciliations, the look that lived
	assertContiguous(t, p.db, total)
	if got := reconciledLooks(t, p.db); !slices.Equal(got, sorted(dead)) {
		t.Errorf("reconciled were %v, want %v", got, dead)
	}
	if n := query[int](t, p.db.AdminURL, "SELECT settled::int FROM oversight.progress"); n != total {
		t.Errorf("settled up to %d of %d", n, total)
	}
	if err := again.ledger.Round(t.Context()); err != nil {
		t.Fatal(err)
	}
	if report := p.verify(t, again.replica); report.Finding != nil || report.Proven != total {
		t.Errorf("%+v, %v", report, report.Finding)
	}
}

// reconciledLooks are the looks that are, once for each event.
func reconciledLooks(t *testing.T, db *pgtest.DB) []string {
	t.Helper()
	return query[[]string](t, db.AdminURL, "SELECT coalesce(array_agg(look::text ORDER BY look::text), '{}') FROM audit.event WHERE act = 'reconciled'")
}

func sorted(list []string) []string {
	slices.Sort(list)
	return list
}

// TestReconciledForOfficers: a reconciliation is found by person, by user, and in the time of the look, however much later it was written.
func TestReconciledForOfficers(t *testing.T) {
	p := newPortal(t, pgtest.New(t))
	db, clock := p.db.Open(t), &ahead{}
	l := p.looking(t, db, clock)
	receipt := l.begin(t)
	l.round(t)
	clock.pass(48 * time.Hour)
	if n := l.round(t); n != 1 {
		t.Fatalf("%d reconciled", n)
	}
	reader, err := postgres.OpenOfficerReader(t.Context(), p.db.URLs[postgres.IGReader])
	if err != nil {
		t.Fatal(err)
	}
	defer reader.Close()
	acts := []audit.Act{audit.ActReconciled}
	day := inquiry.Query{Limit: 10, Acts: acts, From: receipt.IntentAt(), To: receipt.IntentAt().Add(time.Second)}
	person, user := day, day
	person.Person = p.keys.Indexes(receipt.Person().NHSNumber)
	user.Issuer, user.Subject, user.Organisation = "i", "s", "RXX"
	for name, q := range map[string]inquiry.Query{"time": day, "person": person, "user": user} {
		page, err := reader.Page(t.Context(), q)
		if err != nil || len(page.Rows) != 1 || page.Rows[0].Event.Look.String() != receipt.ID() {
			t.Errorf("by %s: %+v, %v", name, page.Rows, err)
		}
	}
}

// TestReconcileWithoutDatabase: while the database is away nothing is settled, and afterwards the looks that could not be finished are, without a restart.
func TestReconcileWithoutDatabase(t *testing.T) {
	p := newPortal(t, pgtest.NewServer(t))
	db, clock := p.db.Open(t), &ahead{}
	l := p.looking(t, db, clock)
	receipt := l.begin(t)
	l.round(t)
	clock.pass(2 * lookLimit)
	if err := p.db.Cluster.Crash(); err != nil {
		t.Fatal(err)
	}
	if n, err := l.reconciler.Round(t.Context()); err == nil || n != 0 {
		t.Errorf("%d reconciled without a database: %v", n, err)
	}
	if err := p.db.Cluster.Restart(t.Context()); err != nil {
		t.Fatal(err)
	}
	deadline := time.Now().Add(30 * time.Second)
	for n, err := l.reconciler.Round(t.Context()); n != 1; n, err = l.reconciler.Round(t.Context()) {
		if time.Now().After(deadline) {
			t.Fatal(err)
		}
	}
	if got := reconciledLooks(t, p.db); !slices.Equal(got, []string{receipt.ID()}) {
		t.Errorf("reconciled were %v", got)
	}
}
