package officer_test

import (
	"archive/zip"
	"bytes"
	"context"
	"flag"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"ribble/internal/audit"
	"ribble/internal/ledger/verify"
	"ribble/internal/pgtest"
	"ribble/internal/portal/officer"
	"ribble/internal/postgres"
	"ribble/internal/record"
)

// large is how many entries the trail of the test holds about one person.
var large = flag.Int("entries", 30_000, "entries about one person of whom everything is exported")

// caught takes entries in place of a database.
type caught struct{ entries []audit.Entry }

func (c *caught) Append(_ context.Context, e audit.Entry) (audit.Position, error) {
	c.entries = append(c.entries, e)
	return audit.Position{Sequence: int64(len(c.entries))}, nil
}

// copyEvents fills an empty trail with entries about the person, one every two minutes, and one in a thousand about another.
func copyEvents(t *testing.T, address string, keys *audit.Keys) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), address)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close(context.WithoutCancel(t.Context())) }()
	at := time.Now().UTC().Truncate(time.Hour).Add(-time.Duration(*large) * 2 * time.Minute)
	var months []time.Time
	for m := at; m.Before(time.Now()); m = m.AddDate(0, 1, 0) {
		months = append(months, m)
	}
	if _, err := conn.Exec(t.Context(), "SELECT audit.prepare($1::timestamptz[])", months); err != nil {
		t.Fatal(err)
	}
	them, _ := record.ParseNHSNumber(person)
	other, _ := record.ParseNHSNumber("9990000018")
	to, made := postgres.NewCopier(conn), &caught{}
	trail := audit.NewTrail(made, keys, func() time.Time { return at })
	for i := range *large + *large/1000 {
		about := them
		if i%1001 == 1000 {
			about = other
		}
		at = at.Add(2 * time.Minute)
		if i%3 == 0 {
			at = at.Add(-2*time.Minute + time.Millisecond)
		}
		if err := trail.Note(t.Context(), audit.Note{Act: audit.ActTraced, User: nurse, NHSNumber: about, Found: 1}); err != nil {
			t.Fatal(err)
		}
		if len(made.entries) == 30_000 || i == *large+*large/1000-1 {
			if _, err := to.Copy(t.Context(), made.entries, time.Millisecond); err != nil {
				t.Fatal(err)
			}
			made.entries = made.entries[:0]
		}
	}
	if _, err := conn.Exec(t.Context(), "ANALYZE"); err != nil {
		t.Fatal(err)
	}
}

// gauge passes a file on and looks how much is held while it is made.
type gauge struct {
	out          io.Writer
	seen, looked int64
	most         uint64
}

func (g *gauge) Write(b []byte) (int, error) {
	if g.seen += int64(len(b)); g.seen-g.looked > 1<<20 {
		g.looked, g.most = g.seen, max(g.most, held())
	}
	return g.out.Write(b)
}

func held() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// answer is a response whose body goes to a gauge.
type answer struct {
	gauge
	header http.Header
	code   int
}

func (a *answer) Header() http.Header  { return a.header }
func (a *answer) WriteHeader(code int) { a.code = code }

// largeRoom is a room over a real trail that is that long, with its ledger.
func largeRoom(t *testing.T) (*room, string) {
	t.Helper()
	db, keys := pgtest.New(t), audit.GenerateKeys()
	copyEvents(t, db.AdminURL, keys)
	store, public, sign := books(t, db)
	sign(keys)
	reader, err := postgres.OpenOfficerReader(t.Context(), db.URLs[postgres.IGReader])
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(reader.Close)
	appended := db.Open(t).Audit()
	return newRoom(t, func(c *officer.Config) {
		c.PartOf = *large / 3
		c.Log.Search, c.Log.Events, c.Log.Ledger, c.Log.Keys, c.Keys = reader, reader, store, []string{public}, keys
		c.Trail = audit.NewTrail(appended, keys, time.Now)
	}), public
}

// TestLongExportsAreBounded takes everything about a person whose record was looked at so often that no page holds it: table, entries in files, and proofs.
// What is held meanwhile does not grow with it; what the documents leave out they say.
func TestLongExportsAreBounded(t *testing.T) {
	if testing.Short() {
		t.Skip("a long trail takes some seconds to make")
	}
	r, public := largeRoom(t)
	got, _ := r.post(officer.LooksPath, url.Values{"nhs": {person}, "purpose": {"person"}, "reference": {"SAR-0417"}})
	says(t, "the page", got, "Not complete.", "Only the newest 20,000", "the newest", "What you see is not all of it")
	sealed, before := token(t, got), held()
	bounded := func(what string, most, bound uint64) {
		t.Helper()
		t.Logf("%s: at most %.1f MB held, of which %.1f MB before", what, float64(most)/1e6, float64(before)/1e6)
		if most > before+bound {
			t.Errorf("%s: %d bytes are held", what, most-before)
		}
	}
	into := func(method, path string, form url.Values, heads ...string) (string, *answer) {
		t.Helper()
		file, err := os.Create(filepath.Join(t.TempDir(), "file"))
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = file.Close() }()
		a := &answer{gauge: gauge{out: file}, header: http.Header{}, code: http.StatusOK}
		r.sendTo(a, who(auditing, "RZB"), method, path, form, heads...)
		if r.err != nil {
			t.Fatal(r.err)
		}
		return file.Name(), a
	}

	_, to := r.post(officer.ReportPath, url.Values{"asking": {sealed}, "format": {"csv"}})
	whole, first := into(http.MethodGet, to, nil)
	text, err := os.ReadFile(whole)
	if err != nil {
		t.Fatal(err)
	}
	if n := bytes.Count(text, []byte("\r\n")); n != *large+2 || !bytes.Contains(text[len(text)-200:], []byte("End. Complete as of")) {
		t.Errorf("the table has %d lines", n)
	}
	bounded("the table", first.most, 2<<20)
	from := len(text) / 10
	rest, second := into(http.MethodGet, to, nil, "Range", fmt.Sprintf("bytes=%d-", from), "If-Range", first.header.Get("ETag"))
	if tail, err := os.ReadFile(rest); err != nil || second.code != http.StatusPartialContent || !bytes.Equal(tail, text[from:]) {
		t.Errorf("all but a tenth: %d with %d bytes: %v", second.code, len(tail), err)
	}
	bounded("all but a tenth of it", second.most, 2<<20+uint64(len(text)))
	text = nil

	got, _ = r.post(officer.LooksPath, url.Values{"nhs": {person}, "kind": {"searches"}, "purpose": {"person"}, "reference": {"SAR-0417"}})
	listed, _ := r.post(officer.ReportPath, url.Values{"asking": {token(t, got)}, "format": {"ndjson"}})
	links := files.FindAllString(listed, -1)
	lines := 0
	for _, link := range links {
		name, a := into(http.MethodGet, link, nil)
		body, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		lines += bytes.Count(body, []byte("\n"))
		bounded("a file of entries", a.most, 2<<20)
	}
	if len(links) < 3 || lines != *large {
		t.Errorf("%d entries in %d files", lines, len(links))
	}
	name, a := into(http.MethodPost, officer.ReportPath, url.Values{"asking": {sealed}, "format": {"proof"}})
	// Most of this is the PDF of the newest 20,000 entries, which is made whole.
	bounded("the bundle", a.most, 64<<20)
	checkLargeBundle(t, name, public)
}

// checkLargeBundle checks a bundle as a stranger would.
func checkLargeBundle(t *testing.T, name, public string) {
	t.Helper()
	in, err := zip.OpenReader(name)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = in.Close() }()
	proofs, err := in.Open("events.proof")
	if err != nil {
		t.Fatal(err)
	}
	found, err := verify.Events(proofs, verify.Options{LogKeys: []string{public}})
	if err != nil || found.Finding != nil || len(found.Rows) != *large {
		t.Errorf("%d events are proven: %v, %v", len(found.Rows), found.Finding, err)
	}
	for file, want := range map[string]string{"README.txt": "Only the newest 20,000", "report.csv": "End. Complete as of"} {
		from, err := in.Open(file)
		if err != nil {
			t.Fatal(err)
		}
		if text, err := io.ReadAll(from); err != nil || !strings.Contains(string(text), want) {
			t.Errorf("%s does not say %q: %v", file, want, err)
		}
	}
}
