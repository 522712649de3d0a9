package postgres_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/jackc/pgx/v5"

	"ribble/internal/audit"
	"ribble/internal/ledger/leaf"
	"ribble/internal/pgtest"
	"ribble/internal/postgres"
)

func TestAppendKeepsWhatItWasGiven(t *testing.T) {
	db := pgtest.New(t)
	log := openAudit(t, db.URLs[postgres.AuditAppend])
	e := newEntry()
	alone := newEntry()
	e.Reason, e.Register, e.MAC, e.MACKey = "r", "g", bytes.Repeat([]byte{7}, 16), "m"
	alone.ID, alone.Look, alone.PersonIndex, alone.PersonKey, alone.Issuer, alone.Words = newEntry().ID, audit.UUID{}, nil, "", "", nil
	alone.Reason, alone.Register, alone.MAC, alone.MACKey = e.Reason, e.Register, e.MAC, e.MACKey
	if got := []int64{mustAppend(t, log, e), mustAppend(t, log, alone)}; !slices.Equal(got, []int64{1, 2}) {
		t.Fatalf("sequence %v", got)
	}
	store, err := postgres.OpenLedger(t.Context(), db.URLs[postgres.Verifier], "")
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	got, err := store.Rows(t.Context(), 0, 10)
	if err != nil {
		t.Fatal(err)
	}
	row := leaf.Row{
		Sequence: 1, ID: e.ID, At: at, Act: string(e.Act), Look: e.Look[:], Issuer: e.Issuer, Subject: e.Subject, Organisation: e.Organisation, Reason: e.Reason,
		Register: e.Register, PersonIndex: e.PersonIndex, PersonKey: e.PersonKey, Words: e.Words, Body: e.Body, MAC: e.MAC, MACKey: e.MACKey,
	}
	other := row
	other.Sequence, other.ID, other.Look, other.PersonIndex, other.PersonKey, other.Issuer, other.Words = 2, alone.ID, nil, nil, "", "", nil
	if d := cmp.Diff([]leaf.Row{row, other}, got, cmp.Comparer(time.Time.Equal), cmpopts.IgnoreFields(leaf.Row{}, "RecordedAt")); d != "" {
		t.Error(d)
	}
}

func TestAppendIsIdempotent(t *testing.T) {
	db := pgtest.New(t)
	log := openAudit(t, db.URLs[postgres.AuditAppend])
	first, second := newEntry(), newEntry()
	want := []int64{mustAppend(t, log, first), mustAppend(t, log, second)}
	for range 3 {
		if got := []int64{mustAppend(t, log, first), mustAppend(t, log, second)}; !slices.Equal(got, want) {
			t.Errorf("repeated: %v, first: %v", got, want)
		}
	}
	var group sync.WaitGroup
	third := newEntry()
	for range 50 {
		group.Go(func() {
			if p, err := log.Append(t.Context(), third); err != nil || p.Sequence != 3 {
				t.Errorf("same event at once: %v, %v", p, err)
			}
		})
	}
	group.Wait()
	assertContiguous(t, db, 3)
}

// TestManyWriters has two replicas with many callers each, and repeats every seventh event.
func TestManyWriters(t *testing.T) {
	const replicas, callers, each = 2, 32, 40
	db := pgtest.New(t)
	var group sync.WaitGroup
	var mu sync.Mutex
	var seen []int64
	for range replicas {
		log := openAudit(t, db.URLs[postgres.AuditAppend])
		for range callers {
			group.Go(func() {
				for i := range each {
					e := newEntry()
					p, err := log.Append(t.Context(), e)
					if err != nil {
						t.Error(err)
						return
					}
					if again, err := log.Append(t.Context(), e); i%7 == 0 && (err != nil || again != p) {
						t.Errorf("repeated: %v, %v; first: %v", again, err, p)
					}
					mu.Lock()
					seen = append(seen, p.Sequence)
					mu.Unlock()
				}
			})
		}
	}
	group.Wait()
	slices.Sort(seen)
	for i, s := range seen {
		if s != int64(i+1) {
			t.Fatalf("sequence %d at place %d: a gap or a double", s, i+1)
		}
	}
	assertContiguous(t, db, replicas*callers*each)
}

func TestPartitionsByMonth(t *testing.T) {
	db := pgtest.New(t)
	log := openAudit(t, db.URLs[postgres.AuditAppend])
	for _, when := range []time.Time{
		time.Date(2026, time.December, 31, 23, 59, 59, 999_999_000, time.UTC), time.Date(2027, time.January, 1, 0, 0, 0, 0, time.UTC),
		// Summer time in Britain is still the month before in UTC.
		time.Date(2027, time.July, 1, 0, 30, 0, 0, time.FixedZone("BST", 3600)),
	} {
		e := newEntry()
		e.At = when
		mustAppend(t, log, e)
	}
	for name, want := range map[string]int{"event_2026_12": 1, "event_2027_01": 1, "event_2027_06": 1} {
		if got := query[int](t, db.AdminURL, "SELECT count(*) FROM audit."+pgx.Identifier{name}.Sanitize()); got != want {
			t.Errorf("%s has %d rows, want %d", name, got, want)
		}
	}
	assertContiguous(t, db, 3)
	// A partition made later is guarded like the first, so that the portal still starts.
	db.Open(t)
}

func TestEntriesThatTheTableWouldRefuseAreTurnedAway(t *testing.T) {
	db := pgtest.New(t)
	log := openAudit(t, db.URLs[postgres.AuditAppend])
	for name, spoil := range map[string]func(*audit.Entry){
		"no id":        func(e *audit.Entry) { e.ID = audit.UUID{} },
		"no time":      func(e *audit.Entry) { e.At = time.Time{} },
		"no act":       func(e *audit.Entry) { e.Act = "" },
		"no body":      func(e *audit.Entry) { e.Body = nil },
		"large body":   func(e *audit.Entry) { e.Body = make([]byte, audit.MaxEventSize+1) },
		"short index":  func(e *audit.Entry) { e.PersonIndex = e.PersonIndex[:10] },
		"key missing":  func(e *audit.Entry) { e.PersonKey = "" },
		"NUL in words": func(e *audit.Entry) { e.Subject = "a\x00b" },
	} {
		e := newEntry()
		spoil(&e)
		if _, err := log.Append(t.Context(), e); !errors.Is(err, audit.ErrNotWritten) {
			t.Errorf("%s: %v", name, err)
		}
	}
	mustAppend(t, log, newEntry())
	assertContiguous(t, db, 1)
}

// TestOneBadEntrySparesTheOthers puts an entry that only the server can find fault with among good ones.
func TestOneBadEntrySparesTheOthers(t *testing.T) {
	db := pgtest.New(t)
	log := openAudit(t, db.URLs[postgres.AuditAppend])
	var group sync.WaitGroup
	for i := range 64 {
		e := newEntry()
		if i == 20 {
			e.Organisation = "a\x00b"
		}
		group.Go(func() {
			if _, err := log.Append(t.Context(), e); (err != nil) != (i == 20) {
				t.Errorf("entry %d: %v", i, err)
			}
		})
	}
	group.Wait()
	assertContiguous(t, db, 63)
}

func TestClosedLogTurnsCallersAway(t *testing.T) {
	db := pgtest.New(t)
	log := openAudit(t, db.URLs[postgres.AuditAppend])
	var group sync.WaitGroup
	written := make(chan struct{}, 100)
	for range 100 {
		group.Go(func() {
			if _, err := log.Append(t.Context(), newEntry()); err == nil {
				written <- struct{}{}
			} else if !errors.Is(err, audit.ErrNotWritten) {
				t.Error(err)
			}
		})
	}
	log.Close()
	group.Wait()
	log.Close()
	if _, err := log.Append(t.Context(), newEntry()); !errors.Is(err, audit.ErrNotWritten) {
		t.Errorf("after Close: %v", err)
	}
	assertContiguous(t, db, int64(len(written)))
}

func TestCallerWhoGaveUp(t *testing.T) {
	db := pgtest.New(t)
	log := openAudit(t, db.URLs[postgres.AuditAppend])
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := log.Append(ctx, newEntry()); err == nil {
		t.Error("a cancelled caller was told that its event is written")
	}
	if got := mustAppend(t, log, newEntry()); got != 1 {
		t.Errorf("the cancelled caller's event took a number: next is %d", got)
	}
}

func TestReadyWritesNothing(t *testing.T) {
	db := pgtest.New(t)
	open := db.Open(t)
	for range 3 {
		if err := open.Ready(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	assertContiguous(t, db, 0)
}

func BenchmarkAppend(b *testing.B) {
	db := pgtest.NewServer(b)
	log := openAudit(b, db.URLs[postgres.AuditAppend])
	body := make([]byte, 600)
	for _, callers := range []int{1, 16, 64, 500} {
		b.Run(fmt.Sprintf("%d-callers", callers), func(b *testing.B) {
			work := make(chan audit.Entry)
			took := make([][]time.Duration, callers)
			var group sync.WaitGroup
			for c := range callers {
				group.Go(func() {
					for e := range work {
						start := time.Now()
						if _, err := log.Append(b.Context(), e); err != nil {
							b.Error(err)
						}
						took[c] = append(took[c], time.Since(start))
					}
				})
			}
			for b.Loop() {
				e := newEntry()
				e.Body, e.At = body, time.Now().UTC()
				work <- e
			}
			close(work)
			group.Wait()
			all := slices.Concat(took...)
			slices.Sort(all)
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "events/s")
			b.ReportMetric(all[len(all)/2].Seconds()*1e3, "p50-ms")
			b.ReportMetric(all[len(all)*99/100].Seconds()*1e3, "p99-ms")
		})
	}
}
