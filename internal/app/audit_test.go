package app

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"ribble/internal/audit"
	"ribble/internal/config"
	"ribble/internal/identity"
	"ribble/internal/ledger"
	"ribble/internal/ledger/checkpoint"
	"ribble/internal/ledger/leaf"
	"ribble/internal/pgtest"
	"ribble/internal/postgres"
	"ribble/internal/record"
)

// office is an operator's desk: a database with a trail, keys as `ribble keys` makes them, and a witness.
type office struct {
	auditor
	out   *bytes.Buffer
	dir   string
	owner string
	proof *ledger.Ledger
}

func newOffice(t *testing.T) *office {
	t.Helper()
	dir := t.TempDir()
	if err := WriteKeys(dir); err != nil {
		t.Fatal(err)
	}
	o, err := openOffice(t, dir, demoWitness(t, dir))
	if err != nil {
		t.Fatal(err)
	}
	return o
}

// openOffice is the desk of a portal with the keys of a folder, on an empty database; the error is the ledger's.
func openOffice(t *testing.T, dir string, witnesses []ledger.Witness) (*office, error) {
	t.Helper()
	db := pgtest.New(t)
	open := db.Open(t)
	keys, err := audit.LoadKeys(audit.KeyFiles{
		Index: filepath.Join(dir, IndexKeyFile), Person: filepath.Join(dir, PersonKeyFile), Row: filepath.Join(dir, RowKeyFile),
	}, open.PersonKeys())
	if err != nil {
		t.Fatal(err)
	}
	store, err := postgres.OpenLedger(t.Context(), db.URLs[postgres.Verifier], db.URLs[postgres.AuditAppend])
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(store.Close)
	signers, err := checkpoint.ReadSigners(filepath.Join(dir, CheckpointKeyFile), time.Now)
	if err != nil {
		t.Fatal(err)
	}
	o := &office{out: &bytes.Buffer{}, dir: dir, owner: db.URLs[postgres.Owner]}
	o.auditor = auditor{trail: audit.NewTrail(open.Audit(), keys, time.Now), keys: keys, store: store, out: o.out}
	o.auditor.owner = ownerSecret(t, o.owner)
	o.proof, err = ledger.Open(t.Context(), ledger.Config{
		Reader: store, Writer: store, Keys: signers, Witnesses: witnesses, Authentic: func(r *leaf.Row) error { return keys.Authentic(r) },
		Appended: open.Audit().Appended, Know: open.Audit().Know, Halt: open.Audit().Halt, Log: slog.New(slog.NewTextHandler(io.Discard, nil)),
	})
	return o, err
}

func ownerSecret(t *testing.T, url string) config.Secret {
	t.Helper()
	s, err := config.OwnerURL(func(name string) (string, bool) { return url, name == "RIBBLE_OWNER_DATABASE_URL" })
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// demoWitness starts the demo's witness and reads what the portal is told of it.
func demoWitness(t *testing.T, dir string) []ledger.Witness {
	t.Helper()
	own := filepath.Join(dir, "witness")
	if err := os.Mkdir(own, 0o700); err != nil {
		t.Fatal(err)
	}
	settings, end, err := DemoWitness(t.Context(), own, filepath.Join(dir, CheckpointKeyFile+".pub"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(end)
	return told(t, dir, settings)
}

// told reads what a portal is told of its witnesses.
func told(t *testing.T, dir, settings string) []ledger.Witness {
	t.Helper()
	path := filepath.Join(dir, "witnesses.json")
	if err := os.WriteFile(path, []byte(settings), 0o600); err != nil {
		t.Fatal(err)
	}
	// The other settings are missing, and so Load reports problems; none may be about the witnesses.
	_, err := config.Load(func(name string) (string, bool) { return path, name == "RIBBLE_WITNESSES" })
	if err == nil || strings.Contains(err.Error(), "RIBBLE_WITNESSES") {
		t.Fatalf("the witnesses: %v", err)
	}
	list, err := config.ReadWitnesses(path)
	if err != nil {
		t.Fatal(err)
	}
	witnesses, endClients, err := newWitnesses(list)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(endClients)
	return witnesses
}

const (
	firstNumber  = "9990000018"
	secondNumber = "9990000026"
)

func (o *office) note(t *testing.T, number string) {
	t.Helper()
	n, err := record.ParseNHSNumber(number)
	if err != nil {
		t.Fatal(err)
	}
	if err := o.trail.Note(t.Context(), audit.Note{Act: audit.ActTraced, NHSNumber: n}); err != nil {
		t.Fatal(err)
	}
}

// checkpoints is what the witness confirmed.
func (o *office) checkpoints(t *testing.T) string {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(o.dir, "witness", "*", "checkpoints"))
	if err != nil || len(found) != 1 {
		t.Fatalf("%v, %v", found, err)
	}
	return found[0]
}

func (o *office) verify(t *testing.T, export string) (string, error) {
	t.Helper()
	var out bytes.Buffer
	err := AuditVerify([]string{
		"-export", export, "-key", filepath.Join(o.dir, CheckpointKeyFile+".pub"), "-witness-key", filepath.Join(o.dir, "witness", "witness.key.pub"),
		"-checkpoints", o.checkpoints(t),
	}, &out)
	return out.String(), err
}

func TestExportAndVerify(t *testing.T) {
	o := newOffice(t)
	for range 3 {
		o.note(t, firstNumber)
	}
	if err := o.proof.Round(t.Context()); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(o.dir, "export")
	if err := o.export(t.Context(), []string{"-out", path}); !errors.Is(err, ErrAuditUsage) {
		t.Errorf("without a purpose: %v", err)
	}
	if err := o.export(t.Context(), []string{"-out", path, "-purpose", "court-order"}); err != nil {
		t.Fatal(err)
	}
	if err := o.export(t.Context(), []string{"-out", path, "-purpose", "court-order"}); err == nil {
		t.Error("a whole export was written over")
	}
	out, err := o.verify(t, path)
	if err != nil || !strings.Contains(out, "events read: 1 to 4\nproven: events 1 to 3 are as they were at ") || !strings.Contains(out, "not yet covered by a checkpoint: events 4 to 4") {
		t.Errorf("%s%v", out, err)
	}
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	// One that was cut off goes on where it was; a changed one is found.
	for _, cut := range []int{len(whole) / 2, len(whole) - 1} {
		if err := os.WriteFile(path, whole[:cut], 0o600); err != nil {
			t.Fatal(err)
		}
		if err := o.export(t.Context(), []string{"-out", path, "-purpose", "court-order"}); err != nil {
			t.Fatal(err)
		}
		if out, err := o.verify(t, path); err != nil {
			t.Errorf("cut at %d: %s%v", cut, out, err)
		}
	}
	changed := bytes.Replace(whole, []byte("traced"), []byte("trace0"), 1)
	if err := os.WriteFile(path, changed, 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := o.verify(t, path); err == nil || !strings.Contains(err.Error(), "event 1: it was changed after it was signed for") || !strings.Contains(out, "evidence") {
		t.Errorf("%s%v", out, err)
	}
}

func TestErasureTakesTwo(t *testing.T) {
	o := newOffice(t)
	o.note(t, firstNumber)
	o.note(t, secondNumber)
	first, second := identity.User{Issuer: Operator, Subject: "ann"}, identity.User{Issuer: Operator, Subject: "ben"}
	o.auditor.in = bufio.NewReader(strings.NewReader("not a number\n" + firstNumber + "\n"))
	if err := o.askErasure(t.Context(), first, "court-order"); err == nil || strings.Contains(err.Error(), "not a number\"") {
		t.Errorf("got %v", err)
	}
	if err := o.askErasure(t.Context(), first, "court-order"); err != nil {
		t.Fatal(err)
	}
	fields := strings.Fields(o.out.String())
	request := fields[len(fields)-1]
	if strings.Contains(o.out.String(), firstNumber) {
		t.Error("the number is on the screen")
	}
	if err := o.confirmErasure(t.Context(), first, request); err == nil {
		t.Error("the operator who asked confirmed")
	}
	if err := o.confirmErasure(t.Context(), second, "00000000-0000-0000-0000-000000000000"); err == nil {
		t.Error("nothing was asked and it was confirmed")
	}
	if err := o.confirmErasure(t.Context(), second, request); err != nil {
		t.Fatal(err)
	}
	o.assertErased(t)
	if err := o.proof.Round(t.Context()); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(o.dir, "export")
	if err := o.export(t.Context(), []string{"-out", path, "-purpose", "check"}); err != nil {
		t.Fatal(err)
	}
	if out, err := o.verify(t, path); err != nil || !strings.Contains(out, "proven: events 1 to 4") {
		t.Errorf("%s%v", out, err)
	}
}

// assertErased reads the trail with keys that remember nothing: the first person cannot be read any more, the second can, and both acts are there.
func (o *office) assertErased(t *testing.T) {
	t.Helper()
	rows, err := o.store.Rows(t.Context(), 0, 100)
	if err != nil {
		t.Fatal(err)
	}
	db := o.keys.Forgetful()
	want := []struct {
		act  audit.Act
		gone bool
	}{{audit.ActTraced, true}, {audit.ActTraced, false}, {audit.ActErasureAsked, true}, {audit.ActErased, true}}
	if len(rows) != len(want) {
		t.Fatalf("%d events", len(rows))
	}
	for i, row := range rows {
		e, err := audit.Decode(&row)
		if err != nil {
			t.Fatal(err)
		}
		_, _, err = db.Reveal(t.Context(), e)
		if e.Act != want[i].act || errors.Is(err, audit.ErrKeyUnknown) != want[i].gone {
			t.Errorf("event %d: %s, %v", i+1, e.Act, err)
		}
	}
}

func TestWitnessRefusesBadSettings(t *testing.T) {
	dir := t.TempDir()
	if err := WriteKeys(dir); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	key := filepath.Join(dir, "witness.key")
	if err := Witness(t.Context(), []string{"key", key, "witness.example"}, &out); err != nil || !strings.HasPrefix(out.String(), "witness.example+") {
		t.Fatalf("%s%v", out.String(), err)
	}
	pub := filepath.Join(dir, CheckpointKeyFile+".pub")
	for name, args := range map[string][]string{
		"nothing":                      nil,
		"a name with spaces":           {"key", filepath.Join(dir, "x"), "a b"},
		"a key file that is there":     {"key", key, "witness.example"},
		"not a loopback address":       {"-dir", dir, "-key", key, "-log", pub, "-listen", "0.0.0.0:0"},
		"the public key for its own":   {"-dir", dir, "-key", key + ".pub", "-log", pub, "-listen", "127.0.0.1:0"},
		"a ledger's key that is not":   {"-dir", dir, "-key", key, "-log", key, "-listen", "127.0.0.1:0"},
		"a certificate that is absent": {"-dir", dir, "-key", key, "-log", pub, "-listen", "0.0.0.0:0", "-tls-cert", "absent", "-tls-key", "absent"},
	} {
		if err := Witness(t.Context(), args, io.Discard); err == nil {
			t.Errorf("%s was accepted", name)
		}
	}
}
