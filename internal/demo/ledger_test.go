package demo

import (
	"bytes"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"ribble/internal/app"
	"ribble/internal/ledger"
	"ribble/internal/ledger/verify"
	"ribble/internal/postgres"
)

// TestTrailIsWitnessed starts the demo and waits until its witness has confirmed every event so far; the portal is ready, and an export verifies with
// the witness's own file.
func TestTrailIsWitnessed(t *testing.T) {
	ops, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := ops.Addr().String()
	if err := ops.Close(); err != nil {
		t.Fatal(err)
	}
	d, err := Start(t.Context(), Options{Listen: "127.0.0.1:0", Seed: 1, People: 20, Settings: map[string]string{"RIBBLE_OPS_LISTEN": address}}, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := d.Close(); err != nil {
			t.Error(err)
		}
	}()
	deadline := time.Now().Add(time.Minute)
	for report := d.verified(t); report.To == 0 || report.Proven < report.To; report = d.verified(t) {
		if time.Now().After(deadline) {
			t.Fatalf("the witness has confirmed %d of %d events", report.Proven, report.To)
		}
		time.Sleep(200 * time.Millisecond)
	}
	if status, body := get(t, "http://"+address+"/ready"); status != http.StatusOK {
		t.Errorf("%d %s", status, body)
	}
}

func get(t *testing.T, url string) (int, string) {
	t.Helper()
	client := http.Client{Timeout: 10 * time.Second}
	answer, err := client.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer.StatusCode, string(body)
}

// verified exports the demo's trail and verifies it.
func (d *Demo) verified(t *testing.T) verify.Report {
	t.Helper()
	store, err := postgres.OpenLedger(t.Context(), d.config.Database.Verifier.Reveal(), "")
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	var out bytes.Buffer
	if err := ledger.Export(t.Context(), store, &out, ledger.Range{}, nil); err != nil {
		t.Fatal(err)
	}
	found, err := filepath.Glob(filepath.Join(d.dir, "witness", "*", "checkpoints"))
	if err != nil || len(found) != 1 {
		t.Fatalf("%v, %v", found, err)
	}
	var text [3]string
	for i, path := range []string{filepath.Join(d.dir, app.CheckpointKeyFile+".pub"), filepath.Join(d.dir, "witness", "witness.key.pub"), found[0]} {
		raw, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		text[i] = string(raw)
	}
	report, err := verify.Export(&out, verify.Options{
		LogKeys: strings.Fields(text[0]), WitnessKeys: strings.Fields(text[1]), Outside: strings.NewReader(text[2]),
	})
	if err != nil || report.Finding != nil {
		t.Fatalf("%v, %v", report.Finding, err)
	}
	return report
}
