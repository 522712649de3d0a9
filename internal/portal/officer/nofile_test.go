package officer_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// opened finds system calls that make a file or open one for writing.
var opened = regexp.MustCompile(`(?m)^.*\b(?:(?:open|openat|openat2)\(.*O_(?:WRONLY|RDWR|CREAT|TMPFILE).*|(?:creat|mkdir|mkdirat|mknod|mknodat|memfd_create)\(.*)$`)

// TestNoFileIsWritten has the kernel say of everything that searching and every kind of export does: nothing is written to a file, not even for a while.
func TestNoFileIsWritten(t *testing.T) {
	const inside = "RIBBLE_TEST_TRACED"
	strace, err := exec.LookPath("strace")
	if err != nil {
		t.Skip("strace is not installed")
	}
	traced := func(run, probe string) string {
		t.Helper()
		out := filepath.Join(t.TempDir(), "calls")
		cmd := exec.CommandContext(t.Context(), strace, "-f", "-qq", "-o", out, "-e", "trace=open,openat,openat2,creat,mkdir,mkdirat,mknod,mknodat,memfd_create", os.Args[0], "-test.run", run)
		cmd.Env = append(os.Environ(), inside+"="+probe)
		if text, err := cmd.CombinedOutput(); err != nil {
			if strings.Contains(string(text), "ptrace") {
				t.Skip("this machine lets nobody trace a process")
			}
			t.Fatalf("%v: %s", err, text)
		}
		calls, err := os.ReadFile(out)
		if err != nil {
			t.Fatal(err)
		}
		return string(calls)
	}
	harmless := func(call string) bool {
		return strings.Contains(call, `"/dev/null"`) || strings.Contains(call, `"/proc/`) || strings.Contains(call, `"/sys/`) || strings.Contains(call, " = -1 ")
	}
	calls := traced("^(TestExports|TestOnePersonsLooksAreRegionWide|TestAListIsOfOnesOwnOrganisation|TestPicturesAreOfOnesOwnOrganisation)$", "")
	for _, call := range opened.FindAllString(calls, -1) {
		if !harmless(call) {
			t.Errorf("a file was opened for writing: %s", call)
		}
	}
	// The control: a file that is written is seen.
	seen := false
	for _, call := range opened.FindAllString(traced("^TestWritesAFile$", filepath.Join(t.TempDir(), "seen")), -1) {
		seen = seen || strings.Contains(call, "/seen")
	}
	if !seen {
		t.Error("the control, which writes a file, was not seen")
	}
}

// TestWritesAFile is the control of TestNoFileIsWritten, and does nothing by itself.
func TestWritesAFile(t *testing.T) {
	if probe := os.Getenv("RIBBLE_TEST_TRACED"); probe != "" {
		if err := os.WriteFile(probe, nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}
