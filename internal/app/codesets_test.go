package app

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"ribble/deploy/demo"
	"ribble/internal/audit"
	"ribble/internal/config"
	"ribble/internal/telemetry"
)

// notes keeps the events of a trail; down makes it refuse them.
type notes struct {
	events []string
	down   bool
}

func (n *notes) Append(_ context.Context, e audit.Entry) (audit.Position, error) {
	if n.down {
		return audit.Position{}, audit.ErrNotWritten
	}
	event, err := e.Event()
	if err != nil {
		return audit.Position{}, err
	}
	n.events = append(n.events, fmt.Sprintf("%s %d", event.Act, event.Found))
	return audit.Position{Sequence: int64(len(n.events))}, nil
}

func demoSets(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.CopyFS(dir, demo.Sensitive); err != nil {
		t.Fatal(err)
	}
	return filepath.Join(dir, "sensitive")
}

// edit changes a file as an operator would.
func edit(t *testing.T, path, old, text string) {
	t.Helper()
	body, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Contains(body, []byte(old)) {
		t.Fatalf("%s does not hold %q", path, old)
	}
	if err := os.WriteFile(path, bytes.ReplaceAll(body, []byte(old), []byte(text)), 0o600); err != nil {
		t.Fatal(err)
	}
}

// TestReload: a change is in the trail before it is in force; a refusal is logged with its place, names no member, and changes nothing.
func TestReload(t *testing.T) {
	dir, logs := demoSets(t), new(bytes.Buffer)
	manifest := filepath.Join(dir, "manifest.json")
	s, err := newCodeSets(config.Config{SensitiveFile: manifest, SensitiveWords: filepath.Join(dir, "words.csv")}, telemetry.NewLogger(logs, slog.LevelInfo))
	if err != nil {
		t.Fatal(err)
	}
	kept := new(notes)
	s.trail = audit.NewTrail(kept, audit.GenerateKeys(), time.Now)
	first := s.inForce.Current()

	s.reload(t.Context())
	if s.inForce.Current() != first || len(kept.events) != 0 || logs.Len() != 0 {
		t.Errorf("nothing changed, and yet: %q %s", kept.events, logs)
	}

	edit(t, filepath.Join(dir, "lists.csv"), "snomed,412732008,abuse", "snomed,412732009,abuse")
	s.reload(t.Context())
	if s.inForce.Current() != first || len(kept.events) != 0 {
		t.Error("a damaged list is in force")
	}
	if said := logs.String(); !strings.Contains(said, `"file":"lists.csv"`) || !strings.Contains(said, `"line":11`) || strings.Contains(said, "41273200") {
		t.Errorf("the log says %s", said)
	}

	edit(t, filepath.Join(dir, "lists.csv"), "snomed,412732009,abuse", "snomed,412732008,abuse")
	edit(t, manifest, `"opens": "B1611", "on": false`, `"opens": "B1611", "on": true`)
	kept.down = true
	s.reload(t.Context())
	if s.inForce.Current() != first {
		t.Error("a change that is not in the trail is in force")
	}
	kept.down = false
	s.reload(t.Context())
	s.reload(t.Context())
	if s.inForce.Current() == first || len(kept.events) != 1 || kept.events[0] != "register-changed 19" {
		t.Errorf("after a change: %q", kept.events)
	}
}

// TestCandidate: a refused candidate stops nothing; a good one is tried once its file is mended.
func TestCandidate(t *testing.T) {
	dir := demoSets(t)
	candidate := filepath.Join(dir, "manifest.json")
	edit(t, candidate, `"members": 9`, `"members": 8`)
	s, err := newCodeSets(config.Config{SensitiveCandidate: candidate}, slog.New(slog.DiscardHandler))
	if err != nil || s.tried != nil {
		t.Fatalf("%v, tried %v", err, s.tried)
	}
	edit(t, candidate, `"members": 8`, `"members": 9`)
	s.reload(t.Context())
	if s.tried == nil || s.inForce.Current() != nil {
		t.Error("the candidate is not tried, or in force")
	}
	if _, err := newCodeSets(config.Config{SensitiveWords: candidate}, slog.New(slog.DiscardHandler)); err == nil {
		t.Error("a manifest is taken for a list of words")
	}
}

func TestSensitiveCheck(t *testing.T) {
	dir := demoSets(t)
	manifest := filepath.Join(dir, "manifest.json")
	var out bytes.Buffer
	if err := Sensitive([]string{"check", "-after", manifest, "-words", filepath.Join(dir, "words.csv"), manifest}, &out); err != nil {
		t.Fatal(err)
	}
	if said := out.String(); !strings.Contains(said, "sexual-health") || !strings.Contains(said, "19 members") || strings.Contains(said, "240589008") {
		t.Errorf("it says %s", said)
	}
	for _, args := range []string{"", "check", "dry-run x", "check a b"} {
		if err := Sensitive(strings.Fields(args), io.Discard); !errors.Is(err, ErrSensitiveUsage) {
			t.Errorf("%q: %v", args, err)
		}
	}
	edit(t, manifest, `"members": 9`, `"members": 8`)
	if err := Sensitive([]string{"check", manifest}, io.Discard); err == nil || !strings.Contains(err.Error(), "refused: ") {
		t.Errorf("a set of another length: %v", err)
	}
	if err := Sensitive([]string{"check", "-words", manifest, filepath.Join(dir, "none.json")}, io.Discard); err == nil {
		t.Error("no manifest, and no refusal")
	}
}

// TestCounted: what operators see of a dry run are counts.
func TestCounted(t *testing.T) {
	s, err := newCodeSets(config.Config{}, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	if said := counted(s.tally); said != "answers 0 since 0001-01-01T00:00:00Z\n" {
		t.Errorf("%q", said)
	}
}
