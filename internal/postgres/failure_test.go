package postgres_test

import (
	"context"
	"errors"
	"io"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"ribble/internal/audit"
	"ribble/internal/identity"
	"ribble/internal/pgtest"
	"ribble/internal/postgres"
)

// failpoint makes the server fail at one step of an append, by triggers, as an administrator could; lift undoes it.
type failpoint struct{ name, set, lift string }

const explode = `CREATE FUNCTION public.explode() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'failpoint'; END $$; GRANT EXECUTE ON FUNCTION public.explode() TO PUBLIC;`

var failpoints = []failpoint{
	{"before the insert", explode + `CREATE TRIGGER f BEFORE INSERT ON audit.event FOR EACH STATEMENT EXECUTE FUNCTION public.explode()`,
		`DROP TRIGGER f ON audit.event`},
	{"after the insert", explode + `CREATE TRIGGER f AFTER INSERT ON audit.event FOR EACH STATEMENT EXECUTE FUNCTION public.explode()`,
		`DROP TRIGGER f ON audit.event`},
	{"at the head", explode + `CREATE TRIGGER f BEFORE UPDATE ON audit.head FOR EACH ROW EXECUTE FUNCTION public.explode()`,
		`DROP TRIGGER f ON audit.head`},
	{"at the commit", explode + `CREATE CONSTRAINT TRIGGER f AFTER UPDATE ON audit.head DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.explode()`,
		`DROP TRIGGER f ON audit.head`},
	{"in the privileges", `REVOKE EXECUTE ON FUNCTION audit.append FROM ribble_audit_append`, `GRANT EXECUTE ON FUNCTION audit.append TO ribble_audit_append`},
	{"read only", `ALTER ROLE ribble_audit_append SET default_transaction_read_only = on; SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'ribble_audit_append'`,
		`ALTER ROLE ribble_audit_append RESET default_transaction_read_only; SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'ribble_audit_append'`},
	{"durability off", `ALTER ROLE ribble_audit_append SET synchronous_commit = off; SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'ribble_audit_append'`,
		`ALTER ROLE ribble_audit_append RESET synchronous_commit; SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'ribble_audit_append'`},
}

// script runs several statements at once, as an administrator.
func script(t *testing.T, url, sql string) {
	t.Helper()
	if _, err := connect(t, url).PgConn().Exec(t.Context(), sql).ReadAll(); err != nil {
		t.Fatal(err)
	}
}

// TestFailedAndNotPersisted: the caller is told, nothing is there, the numbers stay contiguous, and the same event goes through later.
func TestFailedAndNotPersisted(t *testing.T) {
	server := pgtest.NewServer(t)
	log := openAudit(t, server.URLs[postgres.AuditAppend])
	var n int64
	for _, f := range failpoints {
		n++
		mustAppend(t, log, newEntry())
		script(t, server.AdminURL, f.set)
		e := newEntry()
		// A connection that the server ended leaves the writer unsure at first, and it must say so.
		if _, err := log.Append(t.Context(), e); !errors.Is(err, audit.ErrNotWritten) && !errors.Is(err, audit.ErrOutcomeUnknown) {
			t.Errorf("%s: %v", f.name, err)
		}
		if there := query[int](t, server.AdminURL, "SELECT count(*) FROM audit.event WHERE id = $1", e.ID); there != 0 {
			t.Errorf("%s: the event is there", f.name)
		}
		assertContiguous(t, server, n)
		script(t, server.AdminURL, f.lift+`; DROP FUNCTION IF EXISTS public.explode`)
		n++
		if got := mustAppend(t, log, e); got != n {
			t.Errorf("%s: afterwards the event got number %d, want %d", f.name, got, n)
		}
		assertContiguous(t, server, n)
	}
}

// TestFailedButPersisted: the answer to a commit is lost. The writer asks again and gets the event's first number.
func TestFailedButPersisted(t *testing.T) {
	db := pgtest.New(t)
	address, line := through(t, db.URLs[postgres.AuditAppend])
	log := openAudit(t, address)
	mustAppend(t, log, newEntry())
	line.set(func(r *relay) { r.loseAnswer = true })
	if got := mustAppend(t, log, newEntry()); got != 2 {
		t.Errorf("number %d, want 2", got)
	}
	assertContiguous(t, db, 2)
}

// TestFailedButPersistedAndStillUnreachable: the answer is lost and the server cannot be asked again. The caller is told that nothing is known,
// and settles it later with the same event.
func TestFailedButPersistedAndStillUnreachable(t *testing.T) {
	db := pgtest.New(t)
	address, line := through(t, db.URLs[postgres.AuditAppend])
	log := openAudit(t, address)
	// What events refer to is known from here on: the answer that gets lost is that to the event itself.
	mustAppend(t, log, newEntry())
	line.set(func(r *relay) { r.loseAnswer, r.shut = true, true })
	e := newEntry()
	if _, err := log.Append(t.Context(), e); !errors.Is(err, audit.ErrOutcomeUnknown) {
		t.Errorf("got %v", err)
	}
	if _, err := log.Append(t.Context(), newEntry()); !errors.Is(err, audit.ErrNotWritten) {
		t.Errorf("while unreachable: %v", err)
	}
	line.set(func(r *relay) { r.shut = false })
	if got := mustAppend(t, log, e); got != 2 {
		t.Errorf("number %d, want 2", got)
	}
	assertContiguous(t, db, 2)
}

// TestReferencesLost: the answer about what an event refers to for the first time is lost. The event is certainly not there; asked again, it is, once.
func TestReferencesLost(t *testing.T) {
	db := pgtest.New(t)
	address, line := through(t, db.URLs[postgres.AuditAppend])
	log := openAudit(t, address)
	line.set(func(r *relay) { r.loseAnswer, r.shut = true, true })
	e := newEntry()
	if _, err := log.Append(t.Context(), e); !errors.Is(err, audit.ErrNotWritten) {
		t.Errorf("got %v", err)
	}
	assertContiguous(t, db, 0)
	line.set(func(r *relay) { r.shut = false })
	mustAppend(t, log, e)
	other := newEntry()
	other.Words, other.Subject = []string{"two", "three", "one"}, "556"
	mustAppend(t, log, other)
	if n := query[int](t, db.AdminURL, "SELECT count(*) FROM audit.word"); n != 4 {
		t.Errorf("%d words are kept, want each once", n)
	}
	assertContiguous(t, db, 2)
}

// TestBlackHole: the network swallows everything without a word. Callers are answered by the log's own limit, not theirs.
func TestBlackHole(t *testing.T) {
	db := pgtest.New(t)
	address, line := through(t, db.URLs[postgres.AuditAppend])
	log := openAudit(t, address)
	line.set(func(r *relay) { r.mute = true })
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	var group sync.WaitGroup
	for range 100 {
		group.Go(func() {
			if _, err := log.Append(ctx, newEntry()); err == nil {
				t.Error("an event was acknowledged that nobody can have written")
			}
		})
	}
	group.Wait()
	if ctx.Err() != nil {
		t.Fatal("callers waited for their own deadline")
	}
	line.set(func(r *relay) { r.mute = false })
	line.cut()
	mustAppend(t, log, newEntry())
	// Callers who left at the very end may have been written; nobody was told so.
	assertContiguous(t, db, query[int64](t, db.AdminURL, "SELECT count(*) FROM audit.event"))
}

// TestServerStopsAndReturns: refused while it is down, and written again by the first append after it is back.
func TestServerStopsAndReturns(t *testing.T) {
	server := pgtest.NewServer(t)
	db := server.Open(t)
	mustAppend(t, db.Audit(), newEntry())
	for i, halt := range []func() error{server.Cluster.Stop, server.Cluster.Crash} {
		if err := halt(); err != nil {
			t.Fatal(err)
		}
		for range 3 {
			if _, err := db.Audit().Append(t.Context(), newEntry()); !errors.Is(err, audit.ErrNotWritten) && !errors.Is(err, audit.ErrOutcomeUnknown) {
				t.Errorf("while down: %v", err)
			}
		}
		if err := db.Ready(t.Context()); err == nil {
			t.Error("ready while the server is down")
		}
		if err := server.Cluster.Restart(t.Context()); err != nil {
			t.Fatal(err)
		}
		if got := mustAppend(t, db.Audit(), newEntry()); got != int64(i+2) {
			t.Errorf("number %d, want %d", got, i+2)
		}
	}
	assertContiguous(t, server, 3)
}

// TestCrashLosesNothingAcknowledged crashes the server under many callers, some rounds over.
func TestCrashLosesNothingAcknowledged(t *testing.T) {
	server := pgtest.NewServer(t)
	log := openAudit(t, server.URLs[postgres.AuditAppend])
	var acknowledged sync.Map
	var written atomic.Int64
	for range 4 {
		before := written.Load()
		ctx, stop := context.WithCancel(t.Context())
		var group sync.WaitGroup
		for range 32 {
			group.Go(func() {
				for ctx.Err() == nil {
					e := newEntry()
					if p, err := log.Append(ctx, e); err == nil {
						acknowledged.Store(e.ID, p.Sequence)
						written.Add(1)
					}
				}
			})
		}
		time.Sleep(150 * time.Millisecond)
		// A machine that does other work may need longer for the first.
		for tries := 0; written.Load() == before && tries < 600; tries++ {
			time.Sleep(50 * time.Millisecond)
		}
		if err := server.Cluster.Crash(); err != nil {
			t.Fatal(err)
		}
		stop()
		group.Wait()
		if err := server.Cluster.Restart(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	count := 0
	conn := connect(t, server.AdminURL)
	acknowledged.Range(func(id, sequence any) bool {
		count++
		var there int64
		if err := conn.QueryRow(t.Context(), "SELECT sequence FROM audit.event WHERE id = $1", id).Scan(&there); err != nil || there != sequence {
			t.Errorf("an acknowledged event is lost or has another number: %v, %d, %v", err, there, sequence)
		}
		return true
	})
	if count == 0 {
		t.Fatal("nothing was acknowledged, so nothing was tested")
	}
	rows := query[int64](t, server.AdminURL, "SELECT count(*) FROM audit.event")
	assertContiguous(t, server, rows)
	t.Logf("%d acknowledged, %d written", count, rows)
}

// TestCancelledStandbyWait: an administrator cancels a commit that waits for a standby. The server then says "committed" and only warns.
func TestCancelledStandbyWait(t *testing.T) {
	server := pgtest.NewServer(t)
	log := openAudit(t, server.URLs[postgres.AuditAppend])
	mustAppend(t, log, newEntry())
	execute(t, server.AdminURL, "ALTER SYSTEM SET synchronous_standby_names = 'nobody'", "SELECT pg_reload_conf()")
	// The setting may reach the writer's backend a few commits late: what is acknowledged before then really was committed without a standby.
	done := make(chan error)
	e, acknowledged := newEntry(), int64(1)
	go func() {
		for {
			_, err := log.Append(t.Context(), e)
			if err != nil {
				done <- err
				return
			}
			e, acknowledged = newEntry(), acknowledged+1
		}
	}()
	conn := connect(t, server.AdminURL)
	var err error
	for waiting := true; waiting; {
		select {
		case err = <-done:
			waiting = false
		default:
			_, errCancel := conn.Exec(t.Context(), "SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE usename = 'ribble_audit_append' AND wait_event = 'SyncRep'")
			if errCancel != nil {
				t.Fatal(errCancel)
			}
		}
	}
	if !errors.Is(err, audit.ErrOutcomeUnknown) {
		t.Errorf("a commit that no standby confirmed: %v", err)
	}
	_ = conn.Close(t.Context())
	resetStandbys(t, server)
	if got := mustAppend(t, log, e); got != acknowledged+1 {
		t.Errorf("number %d, want %d", got, acknowledged+1)
	}
	assertContiguous(t, server, acknowledged+1)
}

func resetStandbys(t *testing.T, server *pgtest.DB) {
	t.Helper()
	execute(t, server.AdminURL, "ALTER SYSTEM RESET synchronous_standby_names", "SELECT pg_reload_conf()")
	for query[string](t, server.AdminURL, "SHOW synchronous_standby_names") != "" {
		time.Sleep(10 * time.Millisecond)
	}
}

// TestTooManyWaiting fills the queue while the head is locked: the next callers are turned away at once, not after the limit.
func TestTooManyWaiting(t *testing.T) {
	db := pgtest.New(t)
	log := openAudit(t, db.URLs[postgres.AuditAppend])
	tx, err := connect(t, db.AdminURL).Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tx.Exec(t.Context(), "SELECT size FROM audit.head FOR UPDATE"); err != nil {
		t.Fatal(err)
	}
	results := make(chan error, 6000)
	for range cap(results) {
		go func() {
			_, err := log.Append(t.Context(), newEntry())
			results <- err
		}()
	}
	shed := 0
	for range cap(results) {
		err := <-results
		if err == nil {
			t.Fatal("an event was acknowledged while the trail was locked")
		}
		if errors.Is(err, audit.ErrNotWritten) && !errors.Is(err, context.DeadlineExceeded) {
			shed++
		}
	}
	if shed == 0 {
		t.Error("nobody was turned away")
	}
	if err := tx.Rollback(t.Context()); err != nil && !errors.Is(err, io.EOF) {
		t.Fatal(err)
	}
	// The statement that was cut off may still run for a moment and write what its callers gave up on; the numbers stay contiguous.
	mustAppend(t, log, newEntry())
	assertContiguous(t, db, query[int64](t, db.AdminURL, "SELECT count(*) FROM audit.event"))
}

// TestBlackHoleForReaders: the network swallows everything on connections that were in use a moment ago, and that the pool therefore hands out unasked.
// Who waits for a page is answered by the pool's own limits, not theirs, and the next who comes once the network is back is served.
func TestBlackHoleForReaders(t *testing.T) {
	made := pgtest.New(t)
	config := made.Config()
	address, line := through(t, config.AppURL)
	config.AppURL = address
	db, err := postgres.Open(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	find := func() error {
		_, err := db.Sessions().Peek(ctx, [32]byte{1}, time.Now())
		return err
	}
	each := func(right func(error) bool) {
		var group sync.WaitGroup
		for range 12 {
			group.Go(func() {
				if err := find(); !right(err) {
					t.Errorf("got %v", err)
				}
			})
		}
		group.Wait()
	}
	unknown := func(err error) bool { return errors.Is(err, identity.ErrNoSession) }
	each(unknown)
	line.set(func(r *relay) { r.mute = true })
	each(func(err error) bool { return err != nil && !unknown(err) })
	if ctx.Err() != nil {
		t.Fatal("readers waited for their own deadline")
	}
	line.set(func(r *relay) { r.mute = false })
	line.cut()
	each(unknown)
}
