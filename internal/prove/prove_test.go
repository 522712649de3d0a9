package prove

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"ribble/web"
)

// TestShortForm runs the short form of the whole. What it says of times is for the report: a machine that runs other tests beside it cannot be held
// to them.
func TestShortForm(t *testing.T) {
	if testing.Short() {
		t.Skip("some minutes")
	}
	if _, err := web.Load(); err != nil {
		t.Skip("the static files are not built:", err)
	}
	report, err := Run(t.Context(), Options{Seed: 1}, t.Output())
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range report.Wrong() {
		t.Errorf("%s %s: %s\n%s\nagain: %s", row.Goal, row.ID, row.Measured, strings.Join(row.Evidence, "\n"), row.Again)
	}
	if dir := os.Getenv("RIBBLE_PROOF"); dir != "" {
		f, err := os.Create(filepath.Join(dir, "short.json"))
		if err != nil {
			t.Fatal(err)
		}
		if err := report.JSON(f); err != nil {
			t.Error(err)
		}
		if err := f.Close(); err != nil {
			t.Error(err)
		}
	}
}

// TestEveryScenarioIsWhole: no row of the report may lack its bar or its goal, and no two have one name.
func TestEveryScenarioIsWhole(t *testing.T) {
	seen := map[string]bool{}
	for _, s := range scenarios {
		if s.id == "" || s.goal == "" || s.title == "" || s.bar == "" || s.how == "" || s.run == nil || seen[s.id] {
			t.Errorf("the scenario %q is not whole, or there twice", s.id)
		}
		seen[s.id] = true
	}
	if _, err := Run(t.Context(), Options{Only: []string{"nothing"}}, io.Discard); err == nil {
		t.Error("a scenario that is not there is run")
	}
}

// TestReport: a bar that was missed is in both forms of the report, with the command that repeats it; a bar of time is nobody's fault in a test.
func TestReport(t *testing.T) {
	r := newReport(Options{Seed: 7, Long: true})
	r.Rows = []Row{
		{ID: "a", Verdict: Short, Measured: "3 < 4 & more", Again: again("a", Options{Seed: 7, Long: true})}, {ID: "b", Verdict: Short, Timed: true}, {ID: "c", Verdict: Failed, Timed: true}, {ID: "d", Verdict: Met}, {ID: "e", Verdict: Short, Known: "why"}, {ID: "f", Verdict: Short, Timed: true, Broken: true},
	}
	r.finish()
	var page, data bytes.Buffer
	if err := r.HTML(&page); err != nil {
		t.Fatal(err)
	}
	if err := r.JSON(&data); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(page.String(), "3 &lt; 4 &amp; more") || !strings.Contains(data.String(), "3 < 4 & more") {
		t.Error("a report lacks what was measured")
	}
	for _, text := range []string{page.String(), data.String()} {
		if !strings.Contains(text, "go run ./cmd/prove -long -seed 7 -only a") {
			t.Errorf("a report lacks the command: %.200s", text)
		}
	}
	wrong := []string{}
	for _, row := range r.Wrong() {
		wrong = append(wrong, row.ID)
	}
	if !slices.Equal(wrong, []string{"a", "c", "f"}) {
		t.Errorf("wrong are %v", wrong)
	}
}

// TestScannerFindsEveryForm is the control of the canary without its estate, in each alignment that base64 can have.
func TestScannerFindsEveryForm(t *testing.T) {
	stem := newStem(3)
	s := &scanner{secrets: map[string][]pattern{"the stem": patterns(stem)}}
	for _, text := range []string{stem, strings.ToUpper(stem), "x" + stem + "y", "xy" + stem + "yz", "xyz" + stem} {
		for name, form := range forms(text) {
			if len(s.search(append([]byte("noise "), form...))) == 0 {
				t.Errorf("%s of %q is not found", name, text)
			}
		}
	}
	if hits := s.search([]byte("something about " + newStem(4))); len(hits) > 0 {
		t.Errorf("another word is taken for the stem: %v", hits)
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "old"), []byte(stem), 0o600); err != nil {
		t.Fatal(err)
	}
	never := func(string) bool { return false }
	if hits, err := s.tree(dir, time.Now().Add(time.Hour), never); err != nil || len(hits) > 0 {
		t.Errorf("what was written before: %v, %v", hits, err)
	}
	if hits, err := s.tree(dir, time.Time{}, never); err != nil || len(hits) != 1 {
		t.Errorf("a file: %v, %v", hits, err)
	}
}

// TestReadTrace: what opens a file to write, or makes one, is told from what reads.
func TestReadTrace(t *testing.T) {
	path := filepath.Join(t.TempDir(), "trace")
	text := `12 openat(AT_FDCWD, "/etc/hosts", O_RDONLY|O_CLOEXEC) = 7
12   openat(AT_FDCWD, "/tmp/x", O_RDWR|O_CREAT|O_EXCL|O_CLOEXEC, 0600) = 7
13 openat(AT_FDCWD, "/tmp/y", O_WRONLY) = -1 ENOENT (No such file or directory)
13 mkdirat(AT_FDCWD, "/tmp/z", 0700) = 0
13 memfd_create("x", 0) = 9
14 <... openat resumed>) = 7
15 +++ exited with 0 +++
`
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	calls, writes, err := readTrace(path)
	if err != nil || calls != 5 || len(writes) != 4 {
		t.Errorf("%d calls, of which to write: %q, %v", calls, writes, err)
	}
}
