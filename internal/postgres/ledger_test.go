package postgres_test

import (
	"bytes"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"ribble/internal/audit"
	"ribble/internal/ledger"
	"ribble/internal/ledger/checkpoint"
	"ribble/internal/ledger/leaf"
	"ribble/internal/ledger/verify"
	"ribble/internal/ledger/witness"
	"ribble/internal/outbound"
	"ribble/internal/pgtest"
	"ribble/internal/postgres"
	"ribble/internal/record"
)

// portal is a portal's part of the trail: its keys, and a witness over HTTP that can be shut.
type portal struct {
	db      *pgtest.DB
	keys    *audit.Keys
	signers checkpoint.SignerFile
	public  []string
	client  *witness.Client
	// file is what the witness has confirmed, url where it is, keyFile the ledger's key.
	file, url, keyFile string

	mu   sync.Mutex
	shut bool
}

func newPortal(t testing.TB, db *pgtest.DB) *portal {
	t.Helper()
	p := &portal{db: db, keys: audit.GenerateKeys()}
	dir := t.TempDir()
	secret, public, err := checkpoint.NewLogKey("ribble.example/audit")
	if err != nil {
		t.Fatal(err)
	}
	p.keyFile = filepath.Join(dir, "log")
	p.signers = signers(t, p.keyFile, secret, public)
	secret, witnessPublic, err := checkpoint.NewWitnessKey("witness.example")
	if err != nil {
		t.Fatal(err)
	}
	p.public = []string{public, witnessPublic}
	w, err := witness.Open(dir, signers(t, filepath.Join(dir, "witness"), secret, witnessPublic).Signers[0], p.signers.Verifiers)
	if err != nil {
		t.Fatal(err)
	}
	p.file = w.File("ribble.example/audit")
	server := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		p.mu.Lock()
		shut := p.shut
		p.mu.Unlock()
		if shut {
			rw.WriteHeader(http.StatusBadGateway)
			return
		}
		w.Handler().ServeHTTP(rw, r)
	}))
	t.Cleanup(func() { server.Close(); _ = w.Close() })
	p.url, p.client = server.URL, witnessClient(t, server.URL, witnessPublic)
	return p
}

func witnessClient(t testing.TB, url, public string) *witness.Client {
	t.Helper()
	out, err := outbound.New(outbound.Config{Source: "witness", BaseURL: url, Networks: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}, AllowHTTP: true})
	if err != nil {
		t.Fatal(err)
	}
	v, err := checkpoint.NewVerifier(public)
	if err != nil {
		t.Fatal(err)
	}
	return witness.NewClient(out, url, v)
}

func signers(t testing.TB, path, secret, public string) checkpoint.SignerFile {
	t.Helper()
	if err := checkpoint.WriteKeyPair(path, secret, public); err != nil {
		t.Fatal(err)
	}
	file, err := checkpoint.ReadSigners(path, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	return file
}

// replica is one process: a writer with its trail, and a ledger.
type replica struct {
	log    *postgres.AuditLog
	trail  *audit.Trail
	ledger *ledger.Ledger
	store  *postgres.Ledger
}

func (p *portal) replica(t testing.TB) (*replica, error) {
	t.Helper()
	r := &replica{log: openAudit(t, p.db.URLs[postgres.AuditAppend])}
	r.trail = audit.NewTrail(r.log, p.keys, time.Now)
	var err error
	if r.store, err = postgres.OpenLedger(t.Context(), p.db.URLs[postgres.Verifier], p.db.URLs[postgres.AuditAppend]); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(r.store.Close)
	r.ledger, err = ledger.Open(t.Context(), ledger.Config{
		Reader: r.store, Writer: r.store, Keys: p.signers, Witnesses: []ledger.Witness{p.client}, Authentic: p.keys.Authentic,
		Appended: r.log.Appended, Know: r.log.Know, Halt: r.log.Halt, Log: slog.New(slog.NewTextHandler(io.Discard, nil)),
	})
	return r, err
}

func (p *portal) mustReplica(t testing.TB) *replica {
	t.Helper()
	r, err := p.replica(t)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func (r *replica) note(t *testing.T, times int) {
	t.Helper()
	number, err := record.ParseNHSNumber(canaryNumber)
	if err != nil {
		t.Fatal(err)
	}
	for range times {
		if err := r.trail.Note(t.Context(), audit.Note{Act: audit.ActTraced, NHSNumber: number}); err != nil {
			t.Fatal(err)
		}
	}
}

func (r *replica) round(t *testing.T) {
	t.Helper()
	if err := r.ledger.Round(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func (p *portal) verify(t testing.TB, r *replica) verify.Report {
	t.Helper()
	var out bytes.Buffer
	if err := ledger.Export(t.Context(), r.store, &out, ledger.Range{}, nil); err != nil {
		t.Fatal(err)
	}
	report, err := verify.Export(&out, verify.Options{LogKeys: p.public[:1], WitnessKeys: p.public[1:]})
	if err != nil {
		t.Fatal(err)
	}
	return report
}

// guardsOff lets an administrator change the past.
const guardsOff = `DO $$ DECLARE r record; BEGIN FOR r IN SELECT c.oid::regclass AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
	WHERE n.nspname = 'audit' AND c.relkind IN ('r', 'p') LOOP EXECUTE format('ALTER TABLE %s DISABLE TRIGGER ALL', r.name); END LOOP; END $$`

// TestReplicasShareOneLedger has two replicas write and make checkpoints at once; the whole verifies.
func TestReplicasShareOneLedger(t *testing.T) {
	p := newPortal(t, pgtest.New(t))
	var group sync.WaitGroup
	for range 2 {
		r := p.mustReplica(t)
		group.Go(func() {
			for range 30 {
				if err := r.trail.Note(t.Context(), audit.Note{Act: audit.ActSignedOut}); err != nil {
					t.Error(err)
				}
				if err := r.ledger.Round(t.Context()); err != nil && !errors.Is(err, ledger.ErrTaken) {
					t.Error(err)
				}
			}
		})
	}
	group.Wait()
	r := p.mustReplica(t)
	if report := p.verify(t, r); report.Finding != nil || report.Proven != 60 {
		t.Errorf("%+v, %v", report, report.Finding)
	}
	if err := r.ledger.Ready(t.Context()); err != nil {
		t.Error(err)
	}
}

// TestThousandsAtOnce: a backlog is covered in checkpoints of at most a thousand events, across tiles.
func TestThousandsAtOnce(t *testing.T) {
	p := newPortal(t, pgtest.New(t))
	r := p.mustReplica(t)
	var group sync.WaitGroup
	for range 50 {
		group.Go(func() {
			for range 55 {
				if err := r.trail.Note(t.Context(), audit.Note{Act: audit.ActSignedOut}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	group.Wait()
	r.round(t)
	r.note(t, 3)
	r.round(t)
	if report := p.verify(t, r); report.Finding != nil || report.Proven != 2753 {
		t.Errorf("%+v, %v", report, report.Finding)
	}
	if sizes := query[string](t, p.db.AdminURL, "SELECT string_agg(size::text, ' ' ORDER BY size) FROM audit.checkpoint"); sizes != "1000 2000 2750 2753" {
		t.Errorf("checkpoints of %s", sizes)
	}
	// Any part can be exported and proven by itself.
	for _, part := range []ledger.Range{{From: 1, To: 1}, {From: 2753, To: 2753}, {From: 257, To: 1999}, {From: 1000, To: 1001}, {From: 5}} {
		var out bytes.Buffer
		if err := ledger.Export(t.Context(), r.store, &out, part, nil); err != nil {
			t.Fatal(err)
		}
		report, err := verify.Export(&out, verify.Options{LogKeys: p.public[:1], WitnessKeys: p.public[1:]})
		if to := max(part.To, 0); err != nil || report.Finding != nil || to > 0 && report.Proven != to {
			t.Errorf("%+v: %+v, %v", part, report, err)
		}
	}
}

// TestExportGoesOn cuts an export off at every place in turn and continues it: the result is the same as in one go.
func TestExportGoesOn(t *testing.T) {
	p := newPortal(t, pgtest.New(t))
	r := p.mustReplica(t)
	for range 3 {
		r.note(t, 4)
		r.round(t)
	}
	var whole bytes.Buffer
	if err := ledger.Export(t.Context(), r.store, &whole, ledger.Range{}, nil); err != nil {
		t.Fatal(err)
	}
	for cut := 80; cut < whole.Len(); cut += 97 {
		done, err := ledger.Resume(bytes.NewReader(whole.Bytes()[:cut]))
		if err != nil {
			t.Fatalf("cut at %d: %v", cut, err)
		}
		out := bytes.NewBuffer(bytes.Clone(whole.Bytes()[:done.Bytes]))
		if err := ledger.Export(t.Context(), r.store, out, ledger.Range{}, &done); err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(out.Bytes(), whole.Bytes()) {
			t.Errorf("cut at %d: another export", cut)
		}
	}
}

// TestBrokenTrailStopsTheWriter: what a superuser does between checkpoints, or to them, is never signed for; the running portal stops writing, and
// none starts.
func TestBrokenTrailStopsTheWriter(t *testing.T) {
	for _, c := range []struct{ name, sql string }{
		{"a row edited before a checkpoint covers it", "UPDATE audit.event SET reason = 'x' WHERE sequence = 12"},
		{"a word edited before a checkpoint covers it", "UPDATE audit.word SET text = text || '\\x41'"},
		{"who acted deleted before a checkpoint covers it", "DELETE FROM audit.agent"},
		{"a row deleted before a checkpoint covers it", "DELETE FROM audit.event WHERE sequence = 12"},
		{"the newest rows deleted", "DELETE FROM audit.event WHERE sequence > 8; UPDATE audit.head SET size = 8"},
		{"the newest rows and checkpoints deleted", "DELETE FROM audit.event WHERE sequence > 5; UPDATE audit.head SET size = 5; DELETE FROM audit.checkpoint WHERE size > 5"},
		{"every checkpoint deleted", "DELETE FROM audit.checkpoint; DELETE FROM audit.tile; DELETE FROM audit.event WHERE sequence > 3; UPDATE audit.head SET size = 3"},
		{"everything deleted", "DELETE FROM audit.checkpoint; DELETE FROM audit.tile; DELETE FROM audit.event; UPDATE audit.head SET size = 0"},
		{"a row forged", `INSERT INTO audit.event (sequence, id, at, act, agent, organisation, reason, register, body)
			SELECT 16, gen_random_uuid(), at, act, agent, organisation, reason, register, body FROM audit.event WHERE sequence = 15; UPDATE audit.head SET size = 16`},
		{"the tree's tiles changed", "UPDATE audit.tile SET hashes = set_byte(hashes, 5, (get_byte(hashes, 5) + 1) % 256)"},
		{"a checkpoint replaced", "UPDATE audit.checkpoint SET note = (SELECT note FROM audit.checkpoint WHERE size = 5) WHERE size = 10"},
		{"a checkpoint's text changed", "UPDATE audit.checkpoint SET note = convert_to(replace(convert_from(note, 'UTF8'), 'leaves 5', 'leaves 6'), 'UTF8') WHERE size = 10"},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := newPortal(t, pgtest.New(t))
			r := p.mustReplica(t)
			for range 2 {
				r.note(t, 5)
				r.round(t)
			}
			r.note(t, 5)
			script(t, p.db.AdminURL, guardsOff+";"+c.sql)
			inMemory := strings.Contains(c.name, "tiles")
			if err := r.ledger.Round(t.Context()); errors.Is(err, ledger.ErrBroken) == inMemory {
				t.Errorf("the round: %v", err)
			}
			if err := r.trail.Note(t.Context(), audit.Note{Act: audit.ActSignedOut}); !inMemory && (!errors.Is(err, audit.ErrNotWritten) || r.ledger.Ready(t.Context()) == nil) {
				t.Errorf("a broken ledger's writer: %v", err)
			}
			if _, err := p.replica(t); !errors.Is(err, ledger.ErrBroken) && !inMemory {
				t.Errorf("another start: %v", err)
			}
		})
	}
}

// TestDatabaseSetBack is the failover to a standby that lacks events, and the restored backup: a running writer refuses, and a start does, because the
// witness knows more.
func TestDatabaseSetBack(t *testing.T) {
	p := newPortal(t, pgtest.New(t))
	r := p.mustReplica(t)
	r.note(t, 7)
	r.round(t)
	script(t, p.db.AdminURL, guardsOff+"; DELETE FROM audit.event WHERE sequence > 4; UPDATE audit.head SET size = 4; DELETE FROM audit.checkpoint; DELETE FROM audit.tile")
	// The writer finds out by itself, before any checkpoint.
	if _, err := r.log.Append(t.Context(), newEntry()); !errors.Is(err, audit.ErrNotWritten) {
		t.Errorf("a running writer: %v", err)
	}
	if n := query[int](t, p.db.AdminURL, "SELECT count(*) FROM audit.event"); n != 4 {
		t.Errorf("%d events", n)
	}
	if _, err := p.replica(t); !errors.Is(err, ledger.ErrBroken) {
		t.Errorf("a start: %v", err)
	}
}

// TestForkIsKeptAsEvidence: the database goes on from an old copy until it is longer than what the witness knows. The witness refuses and keeps the
// proof.
func TestForkIsKeptAsEvidence(t *testing.T) {
	p := newPortal(t, pgtest.New(t))
	r := p.mustReplica(t)
	r.note(t, 5)
	r.round(t)
	script(t, p.db.AdminURL, guardsOff+"; DELETE FROM audit.event WHERE sequence > 3; UPDATE audit.head SET size = 3; DELETE FROM audit.checkpoint; DELETE FROM audit.tile")
	other := audit.NewTrail(openAudit(t, p.db.URLs[postgres.AuditAppend]), p.keys, time.Now)
	for range 6 {
		if err := other.Note(t.Context(), audit.Note{Act: audit.ActSignedOut}); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := p.replica(t); !errors.Is(err, ledger.ErrBroken) {
		t.Errorf("a start on a fork: %v", err)
	}
	kept, err := filepath.Glob(filepath.Join(filepath.Dir(p.file), "forks", "*"))
	if err != nil || len(kept) != 1 {
		t.Errorf("evidence %v, %v", kept, err)
	}
}

// TestWitnessAway: without its witness a portal does not start, because nothing tells whether the database is the newest; one that runs goes on, and
// the witness confirms all when it is back.
func TestWitnessAway(t *testing.T) {
	p := newPortal(t, pgtest.New(t))
	r := p.mustReplica(t)
	p.mu.Lock()
	p.shut = true
	p.mu.Unlock()
	for range 3 {
		r.note(t, 2)
		r.round(t)
	}
	if report := p.verify(t, r); report.Finding != nil || report.Proven != 0 || report.Signed != 6 {
		t.Errorf("%+v, %v", report, report.Finding)
	}
	if _, err := p.replica(t); err == nil || errors.Is(err, ledger.ErrBroken) {
		t.Errorf("a start without the witness: %v", err)
	}
	p.mu.Lock()
	p.shut = false
	p.mu.Unlock()
	deadline := time.Now().Add(20 * time.Second)
	for p.verify(t, r).Proven != 6 {
		// The way out rests for a while after failures.
		if time.Now().After(deadline) {
			t.Fatal("the witness's return was not noticed")
		}
		time.Sleep(200 * time.Millisecond)
		_ = r.ledger.Round(t.Context())
	}
}

// TestLedgerKeyRotates: old and new key sign together, then the new one alone; the history stays provable.
func TestLedgerKeyRotates(t *testing.T) {
	p := newPortal(t, pgtest.New(t))
	r := p.mustReplica(t)
	r.note(t, 2)
	r.round(t)
	secret, public, err := checkpoint.NewLogKey("ribble.example/audit")
	if err != nil {
		t.Fatal(err)
	}
	fresh := signers(t, filepath.Join(t.TempDir(), "fresh"), secret, public)
	old := p.signers
	p.signers = checkpoint.SignerFile{Signers: append(fresh.Signers, old.Signers...), Verifiers: append(fresh.Verifiers, old.Verifiers...)}
	both := p.mustReplica(t)
	both.note(t, 2)
	both.round(t)
	var out bytes.Buffer
	if err := ledger.Export(t.Context(), both.store, &out, ledger.Range{}, nil); err != nil {
		t.Fatal(err)
	}
	whole := out.Bytes()
	for _, keys := range [][]string{{p.public[0]}, {public, p.public[0]}} {
		if report, err := verify.Export(bytes.NewReader(whole), verify.Options{LogKeys: keys, WitnessKeys: p.public[1:]}); err != nil || report.Finding != nil || report.Proven != 4 {
			t.Errorf("%d keys: %+v, %v", len(keys), report, err)
		}
	}
}

// TestErasedPersonLeavesProofs: the data key is destroyed, nothing opens any more, and every proof is as before.
func TestErasedPersonLeavesProofs(t *testing.T) {
	p := newPortal(t, pgtest.New(t))
	open := p.db.Open(t)
	dir := t.TempDir()
	files := audit.KeyFiles{Index: dir + "/index", Person: dir + "/person", Row: dir + "/row"}
	for _, f := range []string{files.Index, files.Person, files.Row} {
		if err := audit.WriteKeyFile(f); err != nil {
			t.Fatal(err)
		}
	}
	load := func() *audit.Keys {
		k, err := audit.LoadKeys(files, open.PersonKeys())
		if err != nil {
			t.Fatal(err)
		}
		return k
	}
	p.keys = load()
	r := p.mustReplica(t)
	r.note(t, 5)
	r.round(t)
	number, err := record.ParseNHSNumber(canaryNumber)
	if err != nil {
		t.Fatal(err)
	}
	ids, err := p.keys.DataKeyIDs(t.Context(), number)
	if err != nil || len(ids) != 1 {
		t.Fatalf("%v, %v", ids, err)
	}
	rows, err := r.store.Rows(t.Context(), 0, 10)
	if err != nil {
		t.Fatal(err)
	}
	// A key that is wrapped anew opens the same events.
	if n, err := postgres.RewrapPersonKeys(t.Context(), p.db.URLs[postgres.Owner], func(k audit.DataKey) (audit.DataKey, error) { return p.keys.Rewrap(k) }); err != nil || n != 0 {
		t.Errorf("%d wrapped anew, %v", n, err)
	}
	if got := reveal(t, load(), rows[0]); got != nil {
		t.Errorf("before: %v", got)
	}
	if n, err := postgres.DestroyPersonKeys(t.Context(), p.db.URLs[postgres.Owner], ids); err != nil || n != 1 {
		t.Fatalf("%d destroyed, %v", n, err)
	}
	for _, row := range rows {
		if err := reveal(t, load(), row); !errors.Is(err, audit.ErrKeyUnknown) {
			t.Errorf("an erased person: %v", err)
		}
	}
	if report := p.verify(t, r); report.Finding != nil || report.Proven != 5 {
		t.Errorf("%+v, %v", report, report.Finding)
	}
	for _, role := range []postgres.Role{postgres.App, postgres.AuditAppend, postgres.IGReader, postgres.Verifier} {
		if err := attempt(t, p.db.URLs[role], "SELECT 1", "DELETE FROM portal.person_key"); !refused(err) {
			t.Errorf("%s may destroy data keys: %v", role, err)
		}
	}
}

func reveal(t *testing.T, k *audit.Keys, row leaf.Row) error {
	t.Helper()
	e, err := audit.Decode(&row)
	if err != nil {
		t.Fatal(err)
	}
	_, _, err = k.Reveal(t.Context(), e)
	return err
}

// TestNobodyChangesTheLedger tries to change checkpoints and hashes, as every role, and as a superuser with ordinary triggers skipped. The one who may
// add may not replace.
func TestNobodyChangesTheLedger(t *testing.T) {
	p := newPortal(t, pgtest.New(t))
	r := p.mustReplica(t)
	r.note(t, 3)
	r.round(t)
	urls := []string{p.db.AdminURL}
	for _, role := range postgres.Roles {
		urls = append(urls, p.db.URLs[role])
	}
	for i, url := range urls {
		for _, change := range []string{
			"UPDATE audit.checkpoint SET size = 2", "DELETE FROM audit.checkpoint", "TRUNCATE audit.checkpoint", "UPDATE audit.checkpoint SET made_at = now() - interval '1 day'",
			"UPDATE audit.tile SET hashes = sha256('x')", "DELETE FROM audit.tile", "TRUNCATE audit.tile",
		} {
			before := "SELECT 1"
			if i == 0 {
				before = "SET session_replication_role = replica"
			}
			if err := attempt(t, url, before, change); !refused(err) {
				t.Errorf("attacker %d: %s: %v", i, change, err)
			}
		}
	}
	if _, err := r.store.State(t.Context()); err != nil {
		t.Fatal(err)
	}
	// What was built on an older checkpoint is turned away, and hashes never become others.
	if err := r.store.Add(t.Context(), ledger.Addition{BuiltOn: 1, Size: 4, Note: []byte("x")}); !errors.Is(err, ledger.ErrTaken) {
		t.Errorf("built on another checkpoint: %v", err)
	}
	forged := ledger.Addition{BuiltOn: 3, Size: 4, Note: []byte("x"), Tiles: []ledger.Tile{{TileID: ledger.TileID{}, Hashes: make([]byte, 128)}}}
	if err := r.store.Add(t.Context(), forged); err == nil {
		t.Error("hashes were replaced")
	}
	if report := p.verify(t, r); report.Finding != nil || report.Proven != 3 {
		t.Errorf("%+v", report)
	}
}

// TestCancelledStandbyWaitOfACheckpoint: as for events, a checkpoint whose commit no standby confirmed does not count as kept.
func TestCancelledStandbyWaitOfACheckpoint(t *testing.T) {
	server := pgtest.NewServer(t)
	p := newPortal(t, server)
	r := p.mustReplica(t)
	r.note(t, 2)
	r.round(t)
	state, err := r.store.State(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	execute(t, server.AdminURL, "ALTER SYSTEM SET synchronous_standby_names = 'nobody'", "SELECT pg_reload_conf()")
	done := make(chan error, 1)
	go func() {
		var err error
		// The setting may reach the connection late: what is kept before then really was kept.
		for err == nil {
			err = r.store.Add(t.Context(), ledger.Addition{BuiltOn: state.Size, Size: state.Size, Note: state.Note})
		}
		done <- err
	}()
	conn := connect(t, server.AdminURL)
	for waiting := true; waiting; {
		select {
		case err = <-done:
			waiting = false
		case <-time.After(20 * time.Millisecond):
			const cancel = "SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE usename = 'ribble_audit_append' AND wait_event = 'SyncRep'"
			if _, err := conn.Exec(t.Context(), cancel); err != nil {
				t.Fatal(err)
			}
		}
	}
	if !strings.Contains(err.Error(), "warned while committing") {
		t.Errorf("got %v", err)
	}
	_ = conn.Close(t.Context())
	resetStandbys(t, server)
	r.note(t, 1)
	r.round(t)
	if report := p.verify(t, r); report.Finding != nil || report.Proven != 3 {
		t.Errorf("%+v", report)
	}
}
