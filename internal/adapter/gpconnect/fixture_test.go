package gpconnect

import (
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"ribble/internal/adapter/internal/fhirjson"
	"ribble/internal/adapter/internal/stu3"
	"ribble/internal/record"
)

// fixtures finds the published example messages, which lie beside the repository and are never copied into it.
func fixtures(t testing.TB) (string, bool) {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for ; dir != filepath.Dir(dir); dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			found := filepath.Join(dir, "..", "shared", "fixtures")
			_, err := os.Stat(found)
			return found, err == nil
		}
	}
	return "", false
}

// fixtureDir is where they are; a test that needs them is skipped without them.
func fixtureDir(t testing.TB) string {
	t.Helper()
	dir, ok := fixtures(t)
	if !ok {
		t.Skip("the published example messages are not here: ../shared/fixtures")
	}
	return dir
}

const testNumber = "9690937286"

var patientNumber = regexp.MustCompile(`("system"\s*:\s*"https://fhir.nhs.uk/Id/nhs-number",\s*"value"\s*:\s*")[^"]*"`)

// patched replaces placeholder NHS numbers by the test person's, and changes nothing else.
func patched(body []byte) []byte {
	return patientNumber.ReplaceAll(body, []byte("${1}"+testNumber+`"`))
}

func testPerson(t testing.TB) record.Person {
	t.Helper()
	number, err := record.ParseNHSNumber(testNumber)
	if err != nil {
		t.Fatal(err)
	}
	return record.Person{NHSNumber: number, Practice: record.Practice{ODS: "B82617"}, TracedAt: testTime}
}

var (
	testTime   = time.Date(2026, 5, 4, 10, 0, 0, 0, time.UTC)
	testSource = record.SourceRef{Feed: "gp", Organisation: record.Organisation{ODS: "B82617", Name: "Coxwold Surgery", Kind: "gp-practice"}}
)

func testAsk(t testing.TB) record.Ask {
	return record.Ask{Person: testPerson(t), Sections: record.AllSections, At: testTime, ID: "view-1"}
}

func decodeBundle(t testing.TB, body []byte) *stu3.Bundle {
	t.Helper()
	var r stu3.Resource
	if err := fhirjson.Decode(body, &r); err != nil {
		t.Fatal(err)
	}
	b, ok := r.Entity.(*stu3.Bundle)
	if !ok {
		t.Fatalf("got a %T", r.Entity)
	}
	return b
}

func read(t testing.TB, bodies ...string) record.Answer {
	t.Helper()
	from := &replies{wanted: areasFor(supplies)}
	for i, reply := range []*reply{&from.whole, &from.given, &from.patient, &from.documents} {
		if i < len(bodies) && bodies[i] != "" {
			reply.bundle = decodeBundle(t, []byte(bodies[i]))
		}
	}
	return compile(testSource, testAsk(t), supplies, from)
}

// shown is how many resources the entries of an answer account for.
func shown(a *record.Answer) int {
	n := 0
	for s := range record.AllSections.All {
		resources, _ := a.Chart.Count(s)
		n += resources
	}
	return n
}

// assertBalanced is the conservation law: received = the sum of all fates, shown = what the chart accounts for, nothing twice.
func assertBalanced(t failer, a *record.Answer, received int) {
	if t, ok := t.(testing.TB); ok {
		t.Helper()
	}
	total := a.Account.Total()
	sum := 0
	for _, n := range total.Fates {
		sum += n
	}
	if total.Received != received || sum != received || a.Account.Unaccounted() != 0 || shown(a) != total.Fates[record.Shown] || a.State != record.Data {
		t.Errorf("sent %d, received %d, fates %v, shown %d, state %v %q", received, total.Received, total.Fates, shown(a), a.State, a.Detail)
	}
	assertStates(t, a)
	seen := map[record.ItemKey]bool{}
	for s := range record.AllSections.All {
		a.Chart.Heads(s, func(h *record.Head) { assertHead(t, h, seen) })
	}
}

type failer interface {
	Errorf(format string, args ...any)
}

func assertStates(t failer, a *record.Answer) {
	for s := range record.AllSections.All {
		_, rows := a.Chart.Count(s)
		if state := a.Coverage[s].State; state == 0 || rows > 0 && !state.HasRows() {
			t.Errorf("%s: %d rows in state %v", s.ID(), rows, state)
		}
	}
}

// assertHead finds an entry without its source, and a resource shown twice without being marked as such.
func assertHead(t failer, h *record.Head, seen map[record.ItemKey]bool) {
	keys := h.Covers()
	if !h.CrossListed {
		keys = append([]record.ItemKey{h.Key}, keys...)
	}
	for _, k := range keys {
		if seen[k] {
			t.Errorf("a %s is accounted for twice", k.Type)
		}
		seen[k] = true
	}
	if h.Source == nil {
		t.Errorf("a %s has no source", h.Key.Type)
	}
}

func count(b *stu3.Bundle) int {
	n := 0
	for i := range b.Entry {
		n++
		if e := b.Entry[i].Resource.Entity; e != nil {
			n += len(e.Common().Contained)
		}
	}
	return n
}

func responses(t testing.TB) []string {
	dir := fixtureDir(t)
	var out []string
	for _, pattern := range []string{"gpconnect-structured/*.json", "gpconnect-spec-examples/*_response*.json"} {
		files, err := filepath.Glob(filepath.Join(dir, pattern))
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, files...)
	}
	if len(out) < 25 {
		t.Fatalf("only %d example messages found", len(out))
	}
	return out
}

func load(t testing.TB, file string) []byte {
	t.Helper()
	body, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return patched(body)
}

// foreign are the example messages that truly hold documents of another person.
var foreign = map[string]int{"9690937286_large_3MB.json": 27, "9690937287_invalid-nhs-number.json": 1, "malformed_date.json": 1}

// flawed are examples of the specification that break the format itself: a code that is written as a list. They are refused as sent.
var flawed = map[string]bool{"meds_response.json": true, "consultations_forwards_response1.json": true}

var listedCode = regexp.MustCompile(`"code": \[\s*"d"\s*\]`)

func TestFlawedExamplesAreRefused(t *testing.T) {
	for _, file := range responses(t) {
		if flawed[filepath.Base(file)] {
			var r stu3.Resource
			if err := fhirjson.Decode(load(t, file), &r); !errors.Is(err, fhirjson.ErrMalformed) {
				t.Errorf("%s: %v", filepath.Base(file), err)
			}
		}
	}
}

func TestEveryPublishedMessageIsAccountedFor(t *testing.T) {
	for _, file := range responses(t) {
		name := filepath.Base(file)
		t.Run(strings.TrimSuffix(name, ".json"), func(t *testing.T) {
			body := load(t, file)
			if flawed[name] {
				body = listedCode.ReplaceAll(body, []byte(`"code": "d"`))
			}
			a := read(t, string(body))
			assertBalanced(t, &a, count(decodeBundle(t, body)))
			if strings.Contains(file, "gpconnect-structured") && a.Foreign != foreign[name] {
				t.Errorf("%d entries about somebody else, want %d", a.Foreign, foreign[name])
			}
			if len(a.Patients) != 1 {
				t.Errorf("%d patients", len(a.Patients))
			}
		})
	}
}
