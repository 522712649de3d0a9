package app

import (
	"bytes"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"ribble/internal/audit"
	"ribble/internal/config"
	"ribble/internal/directory"
	"ribble/internal/identity"
	"ribble/internal/onboarding"
	"ribble/internal/pgtest"
)

const firstContent = `{"organisations": [
{"ods": "RXB", "name": "Bowland", "short": "Bowland", "badge": "BTH", "kind": "acute"},
{"ods": "RZC", "name": "Calder", "short": "Calder", "badge": "CH", "kind": "care-home"}]}`

// TestDirectoryCommands fills an empty directory, shows what a file would change, asks for it, and writes the same file again.
func TestDirectoryCommands(t *testing.T) {
	db := pgtest.New(t).Open(t)
	keys := audit.GenerateKeys()
	file := func(name, text string) string {
		path := filepath.Join(t.TempDir(), name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	parts := directoryParts{db: db, keys: keys, trail: audit.NewTrail(db.Audit(), keys, time.Now), log: slog.New(slog.NewTextHandler(io.Discard, nil))}
	c := config.Config{DirectoryFile: file("directory.json", firstContent)}
	d, err := openDirectory(t.Context(), c, parts)
	if err != nil || d.holder.Current().Version() != 1 || d.holder.Current().Organisations() != 2 {
		t.Fatalf("first content: %v", err)
	}
	// What the file says later is not read: the directory is in the database.
	c.DirectoryFile = file("other.json", `{}`)
	if again, err := openDirectory(t.Context(), c, parts); err != nil || again.holder.Current().Organisations() != 2 {
		t.Fatalf("second start: %v", err)
	}
	d.desk.MayAdminister = func(u identity.User) bool { return u.Issuer == Operator }
	var out bytes.Buffer
	run := func(args ...string) error {
		out.Reset()
		return directoryImport{d.desk, operator(), &out}.run(t.Context(), args)
	}
	next := file("next.json", strings.Replace(firstContent, `"name": "Calder"`, `"name": "Calder House"`, 1))
	if err := run("-file", next); err != nil || !strings.Contains(out.String(), `name: "Calder" -> "Calder House"`) || !strings.Contains(out.String(), "1 to change") {
		t.Fatalf("preview: %v, %s", err, out.String())
	}
	if waiting, err := d.desk.Changes(t.Context(), onboarding.Query{State: onboarding.Waiting}); err != nil || len(waiting) != 0 {
		t.Errorf("a preview asked for something: %v", err)
	}
	if err := run("-file", next, "-apply"); err != nil || !strings.Contains(out.String(), "Asked for as change 2") {
		t.Fatalf("import: %v, %s", err, out.String())
	}
	if o, _ := d.holder.Current().Organisation("RZC"); o.Name != "Calder" {
		t.Error("an operator alone changed the directory")
	}
	if err := run("-organisations", "-file", file("bad.csv", "ods,name,kind\nRZC,Calder,hotel\n")); err == nil || !strings.HasPrefix(err.Error(), "line 2: kind") {
		t.Errorf("a bad list: %v", err)
	}
	if err := run("-file", file("wrong.json", `{"feeds":[{}]}`)); err == nil || !strings.Contains(err.Error(), "feeds[0].id") {
		t.Errorf("a wrong file: %v", err)
	}
	if err := run("extra"); err != ErrDirectoryUsage {
		t.Errorf("got %v", err)
	}
	out.Reset()
	_, entries, err := db.Directory().Load(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := directory.Write(&out, entries); err != nil {
		t.Fatal(err)
	}
	if err := run("-file", file("export.json", out.String())); err != onboarding.ErrNothing {
		t.Errorf("an export would change something: %v", err)
	}
}
