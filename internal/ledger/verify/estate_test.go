package verify

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"ribble/internal/audit"
	"ribble/internal/ledger"
	chk "ribble/internal/ledger/checkpoint"
	"ribble/internal/ledger/leaf"
	"ribble/internal/ledger/witness"
	"ribble/internal/outbound"
	"ribble/internal/pgtest"
	"ribble/internal/postgres"
	"ribble/internal/record"
)

var quiet = slog.New(slog.NewTextHandler(io.Discard, nil))

// estate is a trail of 60 events in two months with a checkpoint after every ten, confirmed by a witness, in a database from which tests copy.
type estate struct {
	keys *audit.Keys
	// signers and public are the ledger's; key is the witness's public key, file what it confirmed.
	signers    chk.SignerFile
	public     string
	witnessKey string
	file       string
	client     *witness.Client
	// admin is the administrator's address of the server; today and yesterday are databases to copy: with 60 events, and with 30.
	admin, today, yesterday string
	urls                    func(database string) (postgres.URLs, string)
}

const events, half, step = 60, 30, 10

// months are the times of events before and after the half.
func clock(i *atomic.Int64) func() time.Time {
	return func() time.Time {
		n := i.Add(1)
		if n <= half {
			return time.Date(2031, time.March, 31, 23, 0, 0, int(n)*1000, time.UTC)
		}
		return time.Date(2031, time.April, 1, 1, 0, 0, int(n)*1000, time.UTC)
	}
}

func newEstate(t *testing.T) *estate {
	t.Helper()
	e := &estate{keys: audit.GenerateKeys()}
	e.newKeys(t)
	db := pgtest.New(t)
	at, err := url.Parse(db.AdminURL)
	if err != nil {
		t.Fatal(err)
	}
	e.today = at.Path[1:]
	e.yesterday = e.today + "_yesterday"
	at.Path = "/postgres"
	e.admin = at.String()
	e.urls = func(database string) (postgres.URLs, string) {
		urls := postgres.URLs{}
		for role, address := range db.URLs {
			urls[role] = withPath(t, address, database)
		}
		return urls, withPath(t, e.admin, database)
	}
	var i atomic.Int64
	e.fill(t, e.today, half, &i, []ledger.Witness{e.client})
	e.copy(t, e.today, e.yesterday)
	e.fill(t, e.today, events-half, &i, []ledger.Witness{e.client})
	return e
}

func withPath(t *testing.T, address, database string) string {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	u.Path = "/" + database
	return u.String()
}

// newKeys makes the ledger's key and a witness that serves over HTTP.
func (e *estate) newKeys(t *testing.T) {
	t.Helper()
	dir := t.TempDir()
	secret, public, err := chk.NewLogKey("ribble.example/audit")
	if err != nil {
		t.Fatal(err)
	}
	e.public, e.signers = public, signersOf(t, dir+"/log", secret, public)
	secret, public, err = chk.NewWitnessKey("witness.example")
	if err != nil {
		t.Fatal(err)
	}
	e.witnessKey = public
	w, err := witness.Open(dir, signersOf(t, dir+"/witness", secret, public).Signers[0], e.signers.Verifiers)
	if err != nil {
		t.Fatal(err)
	}
	e.file = w.File("ribble.example/audit")
	server := httptest.NewServer(w.Handler())
	t.Cleanup(func() { server.Close(); _ = w.Close() })
	out, err := outbound.New(outbound.Config{Source: "witness", BaseURL: server.URL, Networks: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}, AllowHTTP: true})
	if err != nil {
		t.Fatal(err)
	}
	v, err := chk.NewVerifier(public)
	if err != nil {
		t.Fatal(err)
	}
	e.client = witness.NewClient(out, server.URL, v)
}

func signersOf(t *testing.T, path, secret, public string) chk.SignerFile {
	t.Helper()
	if err := chk.WriteKeyPair(path, secret, public); err != nil {
		t.Fatal(err)
	}
	file, err := chk.ReadSigners(path, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	return file
}

// copy makes a database as another is; nobody may be connected to that.
func (e *estate) copy(t *testing.T, from, to string) {
	t.Helper()
	if err := postgres.CreateDatabase(t.Context(), e.admin, to, from); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		conn, err := pgx.Connect(context.Background(), e.admin)
		if err != nil {
			t.Error(err)
			return
		}
		defer conn.Close(context.Background())
		if _, err := conn.Exec(context.Background(), "DROP DATABASE "+pgx.Identifier{to}.Sanitize()+" WITH (FORCE)"); err != nil {
			t.Error(err)
		}
	})
}

// fill appends events, with a checkpoint after every ten, as the portal would.
func (e *estate) fill(t *testing.T, database string, count int, i *atomic.Int64, witnesses []ledger.Witness) {
	t.Helper()
	urls, _ := e.urls(database)
	log, err := postgres.OpenAudit(t.Context(), urls[postgres.AuditAppend])
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close()
	l, end := e.open(t, database, witnesses, e.signers, e.keys.Authentic)
	defer end()
	trail := audit.NewTrail(log, e.keys, clock(i))
	for n := range count {
		e.write(t, trail)
		if (n+1)%step == 0 {
			if err := l.Round(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
	}
}

func (e *estate) write(t *testing.T, trail *audit.Trail) {
	t.Helper()
	number, err := record.ParseNHSNumber("9990000018")
	if err != nil {
		t.Fatal(err)
	}
	if err := trail.Note(t.Context(), audit.Note{Act: audit.ActTraced, NHSNumber: number, Found: 1}); err != nil {
		t.Fatal(err)
	}
}

func (e *estate) open(t *testing.T, database string, witnesses []ledger.Witness, signers chk.SignerFile, authentic func(*leaf.Row) error) (*ledger.Ledger, func()) {
	t.Helper()
	urls, _ := e.urls(database)
	store, err := postgres.OpenLedger(t.Context(), urls[postgres.Verifier], urls[postgres.AuditAppend])
	if err != nil {
		t.Fatal(err)
	}
	l, err := ledger.Open(t.Context(), ledger.Config{
		Reader: store, Writer: store, Keys: signers, Witnesses: witnesses, Authentic: authentic, Appended: func() int64 { return 0 }, Log: quiet,
	})
	if err != nil {
		store.Close()
		t.Fatal(err)
	}
	return l, store.Close
}

// export reads the database as `ribble audit export` does. Later moves the time of the export.
func (e *estate) export(t *testing.T, database string, r ledger.Range) []byte {
	t.Helper()
	urls, _ := e.urls(database)
	store, err := postgres.OpenLedger(t.Context(), urls[postgres.Verifier], "")
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	var out bytes.Buffer
	if err := ledger.Export(t.Context(), store, &out, r, nil); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// later gives the export as one made so much later.
func later(export []byte, by time.Duration) []byte {
	moved := bytes.Clone(export)
	at := len(magic) + 5 + 16
	t := number(moved[at:]) + by.Microseconds()
	for i := range 8 {
		moved[at+i] = byte(t >> (56 - 8*i))
	}
	return moved
}

// confirmed is what the witness has confirmed.
func (e *estate) confirmed(t *testing.T) []byte {
	t.Helper()
	text, err := os.ReadFile(filepath.Clean(e.file))
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func (e *estate) verify(t *testing.T, export, outside []byte, off ...check) Report {
	t.Helper()
	o := Options{LogKeys: []string{e.public}, WitnessKeys: []string{e.witnessKey}}
	if outside != nil {
		o.Outside = bytes.NewReader(outside)
	}
	without := map[check]bool{}
	for _, c := range off {
		without[c] = true
	}
	report, err := run(bytes.NewReader(export), o, without)
	if err != nil {
		report.Finding = &Finding{Sequence: -1, UpTo: -1, Why: err.Error()}
	}
	return report
}

// superuser runs statements with every guard of the trail off.
func (e *estate) superuser(t *testing.T, database string, statements ...string) {
	t.Helper()
	_, admin := e.urls(database)
	conn, err := pgx.Connect(t.Context(), admin)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(t.Context())
	const off = `DO $$ DECLARE r record; BEGIN FOR r IN SELECT c.oid::regclass AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
		WHERE n.nspname = 'audit' AND c.relkind IN ('r', 'p') LOOP EXECUTE format('ALTER TABLE %s DISABLE TRIGGER ALL', r.name); END LOOP; END $$`
	for _, s := range append([]string{off}, statements...) {
		if _, err := conn.Exec(t.Context(), s); err != nil {
			t.Fatalf("%s: %v", s, err)
		}
	}
}

func name(e *estate, i int) string { return fmt.Sprintf("%s_%d", e.today, i) }
