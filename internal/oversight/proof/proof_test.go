package proof_test

import (
	"archive/zip"
	"bytes"
	"io"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"ribble/internal/audit"
	"ribble/internal/identity"
	"ribble/internal/ledger"
	"ribble/internal/ledger/checkpoint"
	"ribble/internal/ledger/verify"
	"ribble/internal/oversight/proof"
	"ribble/internal/pgtest"
	"ribble/internal/postgres"
)

// signed is a trail of events with a checkpoint over all of them, and its public key.
func signed(t *testing.T, events int) (*postgres.Ledger, string) {
	t.Helper()
	db := pgtest.New(t)
	opened := db.Open(t)
	keys := audit.GenerateKeys()
	trail := audit.NewTrail(opened.Audit(), keys, time.Now)
	for range events {
		if err := trail.Note(t.Context(), audit.Note{Act: audit.ActSearched, User: identity.User{Issuer: "https://op", Subject: "u"}}); err != nil {
			t.Fatal(err)
		}
	}
	secret, public, err := checkpoint.NewLogKey("ribble/audit/test")
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "key")
	if err := checkpoint.WriteKeyPair(path, secret, public); err != nil {
		t.Fatal(err)
	}
	signers, err := checkpoint.ReadSigners(path, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	store, err := postgres.OpenLedger(t.Context(), db.URLs[postgres.Verifier], db.URLs[postgres.AuditAppend])
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(store.Close)
	if _, err := ledger.Open(t.Context(), ledger.Config{Reader: store, Writer: store, Keys: signers, Authentic: keys.Authentic}); err != nil {
		t.Fatal(err)
	}
	return store, public
}

// TestBundle packs some events and checks them as a stranger would, with the public key alone; an event changed in the bundle is found.
func TestBundle(t *testing.T) {
	store, public := signed(t, 40)
	b := proof.Bundle{
		Sequences: []int64{17, 3, 40, 17, 41}, Keys: []string{public}, Reference: "SAR-0417", MadeAt: time.Date(2026, 11, 18, 14, 0, 0, 0, time.UTC),
		Documents: []proof.Document{{Name: "report.csv", Write: func(out io.Writer) error { _, err := io.WriteString(out, "who\r\n"); return err }}},
	}
	var out bytes.Buffer
	packed, err := b.Write(t.Context(), store, &out)
	if err != nil || packed.Proven != 3 || packed.Uncovered != 1 {
		t.Fatalf("packed %+v: %v", packed, err)
	}
	files := unzip(t, out.Bytes())
	found, err := verify.Events(strings.NewReader(files["events.proof"]), verify.Options{LogKeys: []string{public}})
	if err != nil || found.Finding != nil || len(found.Rows) != 3 || found.Rows[0].Sequence != 3 || found.Rows[2].Sequence != 40 {
		t.Errorf("the bundle proves %d events: %v, %v", len(found.Rows), found.Finding, err)
	}
	for file, want := range map[string]string{"README.txt": "1 events were too new", "events.jsonl": `{"sequence":3,"recorded":`, "ledger.pub": public, "report.csv": "who"} {
		if !strings.Contains(files[file], want) {
			t.Errorf("%s does not say %q", file, want)
		}
	}
	forged := strings.Replace(files["events.proof"], "searched", "finished", 1)
	found, err = verify.Events(strings.NewReader(forged), verify.Options{LogKeys: []string{public}})
	if err != nil || found.Finding == nil || found.Finding.Sequence != 3 {
		t.Errorf("a changed event: %v, %v", found.Finding, err)
	}
}

func unzip(t *testing.T, body []byte) map[string]string {
	t.Helper()
	in, err := zip.NewReader(bytes.NewReader(body), int64(len(body)))
	if err != nil {
		t.Fatal(err)
	}
	files := map[string]string{}
	for _, f := range in.File {
		from, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(from)
		if err != nil {
			t.Fatal(err)
		}
		files[f.Name] = string(text)
	}
	return files
}
