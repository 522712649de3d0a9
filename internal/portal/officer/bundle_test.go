package officer_test

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"ribble/internal/audit"
	"ribble/internal/identity"
	"ribble/internal/ledger"
	"ribble/internal/ledger/checkpoint"
	"ribble/internal/ledger/leaf"
	"ribble/internal/ledger/verify"
	"ribble/internal/pgtest"
	"ribble/internal/portal/middleware"
	"ribble/internal/portal/officer"
	"ribble/internal/postgres"
)

// flaky is a ledger that fails after rows were read so many times; none is never.
type flaky struct {
	ledger.Reader
	after int
}

var errBroke = errors.New("the database went away")

func (f *flaky) Picked(ctx context.Context, sequences []int64) ([]leaf.Row, error) {
	if f.after--; f.after == 0 {
		return nil, errBroke
	}
	return f.Reader.Picked(ctx, sequences)
}

// books are the ledger over a database's trail, with its public key; sign makes a checkpoint over all there is.
func books(t *testing.T, db *pgtest.DB) (store *postgres.Ledger, public string, sign func(*audit.Keys)) {
	t.Helper()
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
	store, err = postgres.OpenLedger(t.Context(), db.URLs[postgres.Verifier], db.URLs[postgres.AuditAppend])
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(store.Close)
	return store, public, func(keys *audit.Keys) {
		t.Helper()
		if _, err := ledger.Open(t.Context(), ledger.Config{Reader: store, Writer: store, Keys: signers, Authentic: keys.Authentic}); err != nil {
			t.Fatal(err)
		}
	}
}

// proven is a room whose events stand in a real ledger too, over HTTP.
func proven(t *testing.T, change func(*officer.Config)) (r *room, broken *flaky, public, address string) {
	t.Helper()
	db := pgtest.New(t)
	store, public, sign := books(t, db)
	broken = &flaky{Reader: store}
	var keys *audit.Keys
	r = peopled(t, func(c *officer.Config) {
		c.Log.Ledger, c.Log.Keys = broken, []string{public}
		keys = c.Keys.(*audit.Keys)
		change(c)
	})
	r.trail.also = db.Open(t).Audit()
	for _, e := range r.trail.entries {
		if _, err := r.trail.also.Append(t.Context(), e); err != nil {
			t.Fatal(err)
		}
	}
	sign(keys)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		u := who(auditing, "RZB")
		r.handler.ServeHTTP(w, q.WithContext(middleware.WithSession(q.Context(), identity.Session{ID: "s", User: u})))
	}))
	t.Cleanup(server.Close)
	return r, broken, public, server.URL
}

// TestProofOverHTTP fetches the bundle as a browser does and checks it as a stranger would, with the public key alone.
func TestProofOverHTTP(t *testing.T) {
	r, broken, public, address := proven(t, unchanged)
	got, _ := r.post(officer.LooksPath, url.Values{"nhs": {person}, "purpose": {"person"}, "reference": {"SAR-0417"}})
	form := url.Values{"asking": {token(t, got)}, "format": {"proof"}}
	body, header, err := fetch(t, address, form)
	if err != nil || header.Get("Content-Type") != "application/zip" || !strings.HasPrefix(header.Get("Content-Disposition"), "attachment") {
		t.Fatalf("%v: %v", header, err)
	}
	in, err := zip.NewReader(bytes.NewReader(body), int64(len(body)))
	if err != nil {
		t.Fatal(err)
	}
	files := map[string][]byte{}
	for _, f := range in.File {
		from, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		if files[f.Name], err = io.ReadAll(from); err != nil {
			t.Fatal(err)
		}
	}
	found, err := verify.Events(bytes.NewReader(files["events.proof"]), verify.Options{LogKeys: []string{public}})
	if err != nil || found.Finding != nil || len(found.Rows) != 7 {
		t.Errorf("%d events are proven: %v, %v", len(found.Rows), found.Finding, err)
	}
	for name, want := range map[string]string{"report.pdf": "%PDF-", "report.csv": "Wyrefield", "events.jsonl": `"act":"traced"`, "README.txt": "SAR-0417", "ledger.pub": public} {
		if !bytes.Contains(files[name], []byte(want)) {
			t.Errorf("%s does not say %q", name, want)
		}
	}

	// A database that goes away half-way: no browser takes what came for a whole file.
	broken.after = 2
	if body, _, err := fetch(t, address, form); err == nil {
		if _, err := zip.NewReader(bytes.NewReader(body), int64(len(body))); err == nil {
			t.Error("half a bundle came as a whole one")
		}
	}
}

func fetch(t *testing.T, address string, form url.Values) ([]byte, http.Header, error) {
	t.Helper()
	resp, err := http.PostForm(address+officer.ReportPath, form)
	if err != nil {
		return nil, nil, err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	return body, resp.Header, err
}
