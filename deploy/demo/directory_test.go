package demo_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"ribble/deploy/demo"
	"ribble/internal/directory"
	"ribble/internal/sandbox"
	"ribble/internal/sandbox/story"
	"ribble/internal/sourcecheck"
)

var update = flag.Bool("update", false, "write the directory file anew")

// example is the sandbox's region with addresses that do not change from one start to the next.
func example(t *testing.T) []byte {
	t.Helper()
	r, err := sandbox.Start(t.Context(), sandbox.Config{Seed: 1, People: -1})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = r.Close() }()
	region := r.Directory()
	for i := range region.Feeds {
		if f := &region.Feeds[i]; f.Endpoint != "" {
			f.Endpoint, f.AllowCIDR = "https://"+f.ID+".north-vale.example/fhir/R4", []string{"10.20.0.0/16"}
		}
	}
	body, err := json.Marshal(region)
	if err != nil {
		t.Fatal(err)
	}
	entries, err := directory.Parse(bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := directory.Write(&out, entries); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// TestDirectory: the shipped file is the sandbox's region, it makes a directory, and what is read from it is written as it was.
func TestDirectory(t *testing.T) {
	want := example(t)
	if *update {
		if err := os.WriteFile(demo.DirectoryFile, want, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(demo.DirectoryFile)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Fatalf("the file is not the sandbox's region; look at the difference and run the test with -update (-want +got):\n%s", diff)
	}
	s, err := directory.Load(bytes.NewReader(got))
	if err != nil {
		t.Fatal(err)
	}
	if _, registered := s.Organisation("RZK"); registered || s.Organisations() < 50 || len(s.Regional()) < 8 {
		t.Errorf("%d organisations, %d regional feeds; Kelbrook registered: %v", s.Organisations(), len(s.Regional()), registered)
	}
	entries, err := directory.Parse(bytes.NewReader(got))
	if err != nil {
		t.Fatal(err)
	}
	var again bytes.Buffer
	if err := directory.Write(&again, entries); err != nil || !bytes.Equal(again.Bytes(), got) {
		t.Errorf("what was read is written differently: %v", err)
	}
}

// TestTestPeople: everybody on the list is of the region, with these details, and known to each feed that is named.
func TestTestPeople(t *testing.T) {
	file, err := demo.Region.Open(demo.TestPeopleFile)
	if err != nil {
		t.Fatal(err)
	}
	people, err := sourcecheck.ReadPeople(file)
	if err != nil || len(people) == 0 {
		t.Fatalf("%d people: %v", len(people), err)
	}
	world := story.NewWorld(1, 0, time.Now())
	feeds := map[string]string{"kgh": "RZK"}
	s, err := directory.Load(bytes.NewReader(example(t)))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range s.Feeds() {
		feeds[f.ID] = f.Organisation.ODS
	}
	for i, p := range people {
		who, there := world.Person(p.Number.Digits())
		if !there || who.Name.Family != p.Family || who.Gender != p.Gender {
			t.Errorf("person %d is not of the region", i)
		}
		for _, feed := range p.Feeds {
			if _, holds := who.Holding(feeds[feed]); !holds || !slices.Contains(p.Shows, sourcecheck.Known) {
				t.Errorf("person %d is not known to %s", i, feed)
			}
		}
	}
}
