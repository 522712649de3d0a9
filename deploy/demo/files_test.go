package demo_test

import (
	"io/fs"
	"strings"
	"testing"
	"time"

	"ribble/deploy/demo"
	"ribble/internal/record"
	"ribble/internal/register"
	"ribble/internal/sandbox/story"
)

// missing are on no caseload: they show what follows from that.
var missing = map[string]bool{story.Unrelated: true, story.SeenLately: true}

// TestCaseloads: every caseload holds everybody of the stories and of the rules, but those who show what it is to be on none.
func TestCaseloads(t *testing.T) {
	world := story.NewWorld(1, 0, time.Now())
	names, err := fs.Glob(demo.Files, "caseload-*.csv")
	if err != nil || len(names) < 8 {
		t.Fatalf("%d caseloads, error %v", len(names), err)
	}
	for _, name := range names {
		if _, known := world.Organisation(strings.TrimSuffix(strings.TrimPrefix(name, "caseload-"), ".csv")); !known {
			t.Errorf("%s is of no organisation", name)
		}
		on := map[string]bool{}
		for _, row := range caseload(t, name) {
			on[row.Number.Digits()] = true
		}
		for _, n := range append(world.Notable(), world.Ruled()...) {
			if on[n.NHSNumber] == missing[n.NHSNumber] {
				t.Errorf("%s: %s (%s): on it %v", name, n.Name, n.Shows, on[n.NHSNumber])
			}
		}
	}
}

func caseload(t *testing.T, name string) []register.CaseloadRow {
	t.Helper()
	file, err := demo.Files.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	rows, err := register.ReadCaseload(file, time.Now())
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return rows
}

func TestWatched(t *testing.T) {
	for kind, want := range map[register.LoadKind][]string{register.Staff: {story.OwnRecord, story.Colleague}, register.Listed: {story.OnTheList}} {
		file, err := demo.Files.Open(string(kind) + ".csv")
		if err != nil {
			t.Fatal(err)
		}
		rows, err := register.ReadWatched(kind, file)
		if err != nil || len(rows) != len(want) {
			t.Fatalf("%s: %d rows, error %v", kind, len(rows), err)
		}
		for i, number := range want {
			if n, _ := record.ParseNHSNumber(number); rows[i].Number != n {
				t.Errorf("%s: row %d is somebody else", kind, i+1)
			}
		}
	}
}
