package officer_test

import (
	"archive/zip"
	"bytes"
	"context"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"ribble/internal/audit"
	"ribble/internal/fault"
	"ribble/internal/identity"
	"ribble/internal/pgtest"
	"ribble/internal/portal/officer"
	"ribble/internal/postgres"
)

// keyFolder is a folder of key files.
func keyFolder(t *testing.T) audit.KeyFiles {
	t.Helper()
	dir := t.TempDir()
	files := audit.KeyFiles{Index: filepath.Join(dir, "index"), Person: filepath.Join(dir, "person"), Row: filepath.Join(dir, "row")}
	for _, f := range []string{files.Index, files.Person, files.Row} {
		if err := audit.WriteKeyFile(f); err != nil {
			t.Fatal(err)
		}
	}
	return files
}

// rotated gives key files with a fresh index key above the old one, and with the fresh one alone.
func rotated(t *testing.T, old audit.KeyFiles) (both, fresh audit.KeyFiles) {
	t.Helper()
	both, fresh = old, old
	fresh.Index = keyFolder(t).Index
	above, err1 := os.ReadFile(fresh.Index)
	below, err2 := os.ReadFile(old.Index)
	both.Index = filepath.Join(t.TempDir(), "both")
	if err := os.WriteFile(both.Index, append(above, below...), 0o400); err != nil || err1 != nil || err2 != nil {
		t.Fatal(err, err1, err2)
	}
	return both, fresh
}

// story is one person's trail, as portals with different keys see it.
type story struct {
	t     *testing.T
	db    *pgtest.DB
	store *postgres.PersonKeys
	trail trail
}

func newStory(t *testing.T) *story {
	db := pgtest.New(t)
	return &story{t: t, db: db, store: db.Open(t).PersonKeys()}
}

// room is the officers' room of a portal with those keys; write writes events as that portal does. What it writes is there for the next.
func (s *story) room(files audit.KeyFiles) (r *room, write func(u identity.User, act audit.Act, reason string)) {
	s.t.Helper()
	keys, err := audit.LoadKeys(files, s.store)
	if err != nil {
		s.t.Fatal(err)
	}
	var writer *audit.Trail
	r = newRoom(s.t, func(c *officer.Config) {
		c.Keys, c.IndexKeys, c.Now = keys, s.store.IndexKeys, time.Now
		writer = audit.NewTrail(c.Log.Search.(*trail), keys, time.Now)
		c.Trail = writer
	})
	*r.trail = s.trail
	return r, func(u identity.User, act audit.Act, reason string) {
		r.happen(writer, u, act, reason, "")
		s.trail = *r.trail
	}
}

var byNumber = url.Values{"nhs": {person}, "purpose": {"person"}, "reference": {"SAR-0417"}}

// TestAStorySpansAKeyRotation: with the old index key beside the fresh one everything is found; a portal that lacks one says so on the page, in print, in
// the tables, and gives no form that cannot say it.
func TestAStorySpansAKeyRotation(t *testing.T) {
	s, old := newStory(t), keyFolder(t)
	both, fresh := rotated(t, old)
	_, write := s.room(old)
	before := identity.User{Issuer: "https://op", Subject: "before", Name: "BEFORE Brenda", Organisation: nurse.Organisation}
	write(before, audit.ActTraced, "")
	_, write = s.room(both)
	after := before
	after.Subject, after.Name = "after", "AFTER Alan"
	write(after, audit.ActTraced, "")

	r, _ := s.room(both)
	got, _ := r.post(officer.LooksPath, byNumber)
	says(t, "with both keys", got, "BEFORE", "AFTER", "none is left out")
	for _, format := range []string{"csv", "rows", "ndjson", "print"} {
		body := r.export(token(t, got), format).Body.String()
		says(t, format+" with both keys", body, "BEFORE", "AFTER")
		if strings.Contains(strings.ToLower(body), "not complete") {
			t.Errorf("%s with both keys says that it is not complete", format)
		}
	}

	line, err := os.ReadFile(old.Index)
	if err != nil {
		t.Fatal(err)
	}
	missing, _, _ := strings.Cut(string(line), " ")
	r, _ = s.room(fresh)
	got, _ = r.post(officer.LooksPath, byNumber)
	says(t, "without the old key", got, "AFTER", "Not complete.", "Entries may be missing: those of the index key "+missing, "not all of it")
	for format, want := range map[string]string{"csv": "NOT COMPLETE,", "rows": "NOT COMPLETE. ", "print": "Not complete."} {
		says(t, format+" without the old key", r.export(token(t, got), format).Body.String(), "AFTER", want, missing)
	}
	if w := r.export(token(t, got), "ndjson"); w.Body.Len() > 0 || fault.KindOf(r.err) != fault.Unavailable || !strings.Contains(fault.SafeText(r.err), missing) {
		t.Errorf("NDJSON without the old key: %v", r.err)
	}
	narrowed := url.Values{"kind": {"searches"}}
	for name, values := range byNumber {
		narrowed[name] = values
	}
	got, _ = r.post(officer.LooksPath, narrowed)
	says(t, "a part of it", got, "Not complete.", missing)
	got, _ = r.post(officer.LooksPath, url.Values{})
	if strings.Contains(got, missing) {
		t.Error("a list about several people needs no key")
	}
}

// TestAnErasedPersonsStory: after the key to a person's details was destroyed by order, who looked is still told, and the page, print and table say what was
// done and what cannot be read any more.
func TestAnErasedPersonsStory(t *testing.T) {
	s, files := newStory(t), keyFolder(t)
	_, write := s.room(files)
	write(nurse, audit.ActTraced, "")
	write(identity.User{Issuer: "urn:ribble:operator", Subject: "ops", Name: "ops"}, audit.ActErased, "court-order")
	conn, err := pgx.Connect(t.Context(), s.db.AdminURL)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close(context.WithoutCancel(t.Context())) }()
	if tag, err := conn.Exec(t.Context(), "DELETE FROM portal.person_key"); err != nil || tag.RowsAffected() == 0 {
		t.Fatalf("%v keys destroyed: %v", tag, err)
	}
	r, _ := s.room(files)
	got, _ := r.post(officer.LooksPath, byNumber)
	says(t, "the page", got, "DOYLE", "Made your details in this log unreadable, for good", "court order", "the key to this person’s details in the log was destroyed by order")
	says(t, "the print", r.export(token(t, got), "print").Body.String(), "DOYLE", "was destroyed by order", "for good")
	says(t, "the table", r.export(token(t, got), "csv").Body.String(), "DOYLE", "Made your details in this log unreadable, for good", "court order", "cannot be read any more")
}

// TestTheBundleSaysWhatItLacks in its README and in its table.
func TestTheBundleSaysWhatItLacks(t *testing.T) {
	r, _, _, address := proven(t, func(c *officer.Config) {
		c.IndexKeys = func(context.Context) ([]string, error) { return []string{"k0000000"}, nil }
	})
	got, _ := r.post(officer.LooksPath, byNumber)
	body, _, err := fetch(t, address, url.Values{"asking": {token(t, got)}, "format": {"proof"}})
	if err != nil {
		t.Fatal(err)
	}
	in, err := zip.NewReader(bytes.NewReader(body), int64(len(body)))
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{"README.txt": "Entries may be missing: those of the index key k0000000", "report.csv": "NOT COMPLETE,"} {
		from, err := in.Open(name)
		if err != nil {
			t.Fatal(err)
		}
		if text, err := io.ReadAll(from); err != nil || !strings.Contains(string(text), want) {
			t.Errorf("%s does not say %q: %v", name, want, err)
		}
	}
}
