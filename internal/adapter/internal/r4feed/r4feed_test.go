package r4feed_test

import (
	"context"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"ribble/internal/adapter/adaptertest"
	"ribble/internal/adapter/internal/r4fake"
	"ribble/internal/adapter/internal/r4feed"
	"ribble/internal/record"
)

const number = "9434765919"

var (
	ann   = r4fake.Person("p1", number, "Toyman", "Ann", "1950-01-02")
	state = func(status int) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status) }
	}
	plan = []r4feed.Search{
		{Type: "AllergyIntolerance", Feeds: record.SectionsOf(record.Allergies)},
		{Type: "MedicationRequest", Feeds: record.SectionsOf(record.Medicines), Params: url.Values{"_include": {"MedicationRequest:medication"}}},
		{Type: "MedicationStatement", Feeds: record.SectionsOf(record.Medicines)},
		{Type: "Appointment", Feeds: record.SectionsOf(record.Appointments), Within: 90, Since: "date"},
	}
	sections = record.SectionsOf(record.Allergies, record.Medicines, record.Appointments, record.Consultations)
)

func ask(t *testing.T, wanted record.Sections, handler http.Handler) record.Answer {
	t.Helper()
	return askAs(t, wanted, handler, r4feed.Config{})
}

// The ways in which a feed is asked for more than one thing at a time.
var (
	batched = r4feed.Config{Batch: true}
	chained = r4feed.Config{Batch: true, Chained: true}
)

func askAs(t *testing.T, wanted record.Sections, handler http.Handler, cfg r4feed.Config) record.Answer {
	t.Helper()
	server := adaptertest.NewServer(t, handler)
	n, err := record.ParseNHSNumber(number)
	if err != nil {
		t.Fatal(err)
	}
	cfg.Ref, cfg.Supplies, cfg.Client = record.SourceRef{Feed: "f"}, sections, server.Client(t, "/fhir")
	feed := r4feed.New(cfg, plan)
	return feed.Ask(context.Background(), record.Ask{Sections: wanted, ID: "v", At: time.Date(2026, 10, 14, 0, 0, 0, 0, time.UTC), Person: record.Person{NHSNumber: n}})
}

func states(a record.Answer) map[string]string {
	out := map[string]string{}
	for s := range sections.All {
		c := a.Coverage[s]
		out[s.ID()] = c.State.String()
		for _, r := range c.Also {
			out[s.ID()] += " + " + r.State.String()
		}
	}
	return out
}

func medicine(resourceType, id string) string {
	return `{"resourceType":"` + resourceType + `","id":"` + id + `","status":"active","intent":"order","medicationReference":{"reference":"Medication/m1"},"subject":{"reference":"Patient/p1"}}`
}

func TestAFailedSearchDecidesTheStatesOfItsSections(t *testing.T) {
	const whole = "NONE_RECORDED"
	for name, c := range map[string]struct {
		replies   map[string]http.HandlerFunc
		resources []string
		types     []string
		want      map[string]string
	}{
		"nothing held": {want: map[string]string{"allergies": whole, "medicines": whole, "appointments": whole + " + NOT_ASKED", "consultations": "NOT_ASKED"}},
		"one of two fails, with rows": {
			replies: map[string]http.HandlerFunc{"MedicationStatement": state(500)}, resources: []string{medicine("MedicationRequest", "1"), `{"resourceType":"Medication","id":"m1"}`},
			want: map[string]string{"allergies": whole, "medicines": "INCOMPLETE", "appointments": whole + " + NOT_ASKED", "consultations": "NOT_ASKED"},
		},
		"one of two fails, without": {
			replies: map[string]http.HandlerFunc{"MedicationStatement": state(500)},
			want:    map[string]string{"allergies": whole, "medicines": "INCOMPLETE", "appointments": whole + " + NOT_ASKED", "consultations": "NOT_ASKED"},
		},
		"both fail": {
			replies: map[string]http.HandlerFunc{"MedicationStatement": state(500), "MedicationRequest": state(403)},
			want:    map[string]string{"allergies": whole, "medicines": "UNAVAILABLE + REFUSED", "appointments": whole + " + NOT_ASKED", "consultations": "NOT_ASKED"},
		},
		"one refused": {
			replies: map[string]http.HandlerFunc{"AllergyIntolerance": state(403)},
			want:    map[string]string{"allergies": "REFUSED", "medicines": whole, "appointments": whole + " + NOT_ASKED", "consultations": "NOT_ASKED"},
		},
		"types not offered": {
			types: []string{"MedicationRequest"},
			want:  map[string]string{"allergies": "NOT_ASKED", "medicines": whole + " + NOT_ASKED", "appointments": "NOT_ASKED", "consultations": "NOT_ASKED"},
		},
		"what entries refer to fails": {
			replies: map[string]http.HandlerFunc{"Medication": state(500)}, resources: []string{medicine("MedicationRequest", "1")},
			want: map[string]string{"allergies": whole, "medicines": "INCOMPLETE", "appointments": whole + " + NOT_ASKED", "consultations": "NOT_ASKED"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			for way, cfg := range map[string]r4feed.Config{"one by one": {}, "in a batch": batched, "with the person": chained} {
				a := askAs(t, record.AllSections, &r4fake.Server{Patient: ann, Resources: c.resources, Replies: c.replies, Types: c.types}, cfg)
				if diff := cmp.Diff(c.want, states(a)); diff != "" {
					t.Errorf("%s: %s", way, diff)
				}
			}
		})
	}
}

// A source that agreed to supply a section and does not offer it is never counted with those that were not expected to (rule R1).
func TestWhatWasAgreedAndIsNotOfferedIsSaid(t *testing.T) {
	a := ask(t, record.AllSections, &r4fake.Server{Patient: ann, Types: []string{"MedicationRequest"}})
	for _, s := range []record.Section{record.Allergies, record.Consultations} {
		if c := a.Coverage[s]; c.State != record.NotAsked || c.Detail == record.NotSupplied {
			t.Errorf("%s: %+v", s.ID(), c)
		}
	}
	if c := a.Coverage[record.Problems]; c.Detail != record.NotSupplied {
		t.Errorf("what nobody agreed to: %+v", c)
	}
}

func TestOnlyWhatIsWantedIsAsked(t *testing.T) {
	server := &r4fake.Server{Patient: ann, Resources: []string{medicine("MedicationRequest", "1"), `{"resourceType":"Medication","id":"m1","code":{"text":"Amlodipine"}}`}}
	a := ask(t, record.SectionsOf(record.Medicines, record.Problems), server)
	if len(a.Chart.Medicines) != 1 || a.Chart.Medicines[0].Product.Name() != "Amlodipine" {
		t.Errorf("%+v", a.Chart.Medicines)
	}
	want := []string{
		"POST Medication?_count=100&_id=m1", "POST MedicationRequest?_count=100&_include=MedicationRequest%3Amedication&patient=p1",
		"POST MedicationStatement?_count=100&patient=p1", "POST Patient?_count=100&identifier=https%3A%2F%2Ffhir.nhs.uk%2FId%2Fnhs-number%7C" + number,
	}
	if diff := cmp.Diff(want, server.Seen()); diff != "" {
		t.Error(diff)
	}
}

func TestABatchAsksTheSameInTwoRequests(t *testing.T) {
	server := &r4fake.Server{Patient: ann, Resources: []string{medicine("MedicationRequest", "1"), `{"resourceType":"Medication","id":"m1","code":{"text":"Amlodipine"}}`}}
	a := askAs(t, record.SectionsOf(record.Medicines, record.Problems), server, batched)
	if len(a.Chart.Medicines) != 1 || a.Chart.Medicines[0].Product.Name() != "Amlodipine" || a.Account.Unaccounted() != 0 {
		t.Errorf("%+v, %+v", a.Chart.Medicines, a.Account.Rows())
	}
	want := []string{
		"BATCH MedicationRequest?_count=100&_include=MedicationRequest%3Amedication&patient=p1", "BATCH MedicationStatement?_count=100&patient=p1",
		// A single question is no batch.
		"POST Medication?_count=100&_id=m1", "POST Patient?_count=100&identifier=https%3A%2F%2Ffhir.nhs.uk%2FId%2Fnhs-number%7C" + number,
	}
	if diff := cmp.Diff(want, server.Seen()); diff != "" {
		t.Error(diff)
	}
}

func TestAChainAsksTheSameInOneRequest(t *testing.T) {
	for name, cfg := range map[string]r4feed.Config{"by POST": chained, "at a feed that is searched by GET": {Batch: true, Chained: true, SearchByGet: true}} {
		t.Run(name, func(t *testing.T) {
			server := &r4fake.Server{Patient: ann, Resources: []string{medicine("MedicationRequest", "1"), `{"resourceType":"Medication","id":"m1","code":{"text":"Amlodipine"}}`}}
			// A batch is sent to the base itself: whatever else is asked for has a type in its address.
			addresses := map[string]int{}
			a := askAs(t, record.SectionsOf(record.Medicines, record.Problems), http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				addresses[r.Method+" "+r.URL.Path+r.URL.RawQuery]++
				server.ServeHTTP(w, r)
			}), cfg)
			if len(a.Chart.Medicines) != 1 || a.Chart.Medicines[0].Product.Name() != "Amlodipine" || a.Account.Unaccounted() != 0 || a.Source.RetrievedAt.IsZero() {
				t.Errorf("%+v, %+v", a.Chart.Medicines, a.Account.Rows())
			}
			const whom = "patient.identifier=https%3A%2F%2Ffhir.nhs.uk%2FId%2Fnhs-number%7C" + number
			want := []string{
				"BATCH MedicationRequest?_count=100&_include=MedicationRequest%3Amedication&" + whom, "BATCH MedicationStatement?_count=100&" + whom,
				"BATCH Patient?_count=100&identifier=https%3A%2F%2Ffhir.nhs.uk%2FId%2Fnhs-number%7C" + number,
			}
			// What entries refer to comes after, as always.
			if seen := server.Seen(); len(seen) != 4 || cmp.Diff(want, seen[:3]) != "" || !strings.Contains(seen[3], "Medication?_count=100&_id=m1") {
				t.Errorf("asked %q", seen)
			}
			if addresses["POST /fhir"] != 1 || len(addresses) != 2 || slices.ContainsFunc(slices.Collect(maps.Keys(addresses)), func(a string) bool { return strings.Contains(a, number) }) {
				t.Errorf("asked at %v", addresses)
			}
		})
	}
}

// Where a chain leads to nobody the person is not known, and what comes although nobody was found is never shown.
func TestAChainToNobody(t *testing.T) {
	other := r4fake.Person("p9", "9434765870", "Otherby", "Jill", "1961")
	none := func(w http.ResponseWriter, _ *http.Request) {
		r4fake.Searchset(w, []string{`{"relation":"self","url":"https://x/Patient?identifier=y"}`})
	}
	held := []string{medicine("MedicationRequest", "1")}
	for name, c := range map[string]struct {
		server *r4fake.Server
		want   record.State
		asked  int
	}{
		"nobody": {&r4fake.Server{Resources: held}, record.NotKnownHere, 5},
		"nobody and entries": {
			&r4fake.Server{Patient: ann, Resources: held, Replies: map[string]http.HandlerFunc{"Patient": none}}, record.Mismatch, 5,
		},
		"somebody else, to whom no chain leads": {&r4fake.Server{Patient: other, Resources: held}, record.Mismatch, 5},
		"somebody else with their entries":      {&r4fake.Server{Patient: other, Resources: held, Careless: true}, record.Mismatch, 5},
	} {
		t.Run(name, func(t *testing.T) {
			a := askAs(t, record.AllSections, c.server, chained)
			if a.State != c.want || len(a.Chart.Medicines) != 0 || a.Account.Unaccounted() != 0 || len(c.server.Seen()) != c.asked {
				t.Errorf("%v %q: asked %q", a.State, a.Detail, c.server.Seen())
			}
		})
	}
}

func TestTheWindowIsAskedForAndSaid(t *testing.T) {
	server := &r4fake.Server{Patient: ann}
	a := ask(t, record.SectionsOf(record.Appointments), server)
	if !slices.ContainsFunc(server.Seen(), func(s string) bool { return strings.Contains(s, "date=ge2026-07-16") }) {
		t.Errorf("%q", server.Seen())
	}
	if c := a.Coverage[record.Appointments]; len(c.Also) != 1 || !strings.Contains(c.Also[0].Detail, "90 days") {
		t.Errorf("%+v", c)
	}
}

func TestNobodyElsesRecordIsAskedFor(t *testing.T) {
	other := r4fake.Person("p9", "9434765870", "Otherby", "Jill", "1961")
	two := func(w http.ResponseWriter, _ *http.Request) {
		r4fake.Searchset(w, []string{`{"relation":"self","url":"https://x/Patient?identifier=y"}`}, ann, other)
	}
	for name, server := range map[string]*r4fake.Server{
		"another person": {Patient: other}, "two people": {Replies: map[string]http.HandlerFunc{"Patient": two}},
		"no number": {Patient: `{"resourceType":"Patient","id":"p1"}`}, "an id that is none": {Patient: r4fake.Person("p1/../x", number, "T", "A", "1950")},
	} {
		t.Run(name, func(t *testing.T) {
			a := ask(t, record.AllSections, server)
			if len(server.Seen()) > 1 || a.State == record.Data || len(a.Patients) == 0 || a.Account.Unaccounted() != 0 {
				t.Errorf("%v %q: asked %q", a.State, a.Detail, server.Seen())
			}
		})
	}
}

func TestWarningsOfTheServerAreKept(t *testing.T) {
	warn := func(w http.ResponseWriter, _ *http.Request) {
		r4fake.Searchset(w, []string{`{"relation":"self","url":"https://x/AllergyIntolerance?patient=p1"}`},
			`{"resourceType":"OperationOutcome","issue":[{"severity":"warning","code":"incomplete","details":{"text":"Older entries are being moved."}}]}`)
	}
	a := ask(t, record.AllSections, &r4fake.Server{Patient: ann, Replies: map[string]http.HandlerFunc{"AllergyIntolerance": warn}})
	if diff := cmp.Diff([]string{"Older entries are being moved."}, a.Warnings); diff != "" || a.Coverage[record.Allergies].State != record.Incomplete {
		t.Error(diff, a.Coverage[record.Allergies])
	}
	if a.Account.Unaccounted() != 0 {
		t.Errorf("%+v", a.Account.Rows())
	}
}

func TestNothingSuppliedNothingAsked(t *testing.T) {
	server := &r4fake.Server{Patient: ann}
	if a := ask(t, record.SectionsOf(record.Documents), server); a.State != record.NotAsked || len(server.Seen()) != 0 {
		t.Errorf("%v, asked %q", a.State, server.Seen())
	}
}

func TestDocumentsStreamThrough(t *testing.T) {
	server := adaptertest.NewServer(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/pdf")
		_, _ = fmt.Fprint(w, r.URL.Path, r.Header.Get("X-Correlation-ID"))
	}))
	feed := r4feed.New(r4feed.Config{Client: server.Client(t, "/fhir")}, nil)
	body, err := feed.Document(context.Background(), record.Ask{ID: "v7"}, record.Attachment{URL: "Binary/1"})
	if err != nil {
		t.Fatal(err)
	}
	defer body.Body.Close()
	if got, err := io.ReadAll(body.Body); err != nil || string(got) != "/fhir/Binary/1v7" {
		t.Errorf("%q %v", got, err)
	}
}

// Many views at once must not all hold half-read answers of one feed; each is answered all the same, however few connections there are.
func TestFewAnswersAreReadAtTheSameTime(t *testing.T) {
	for name, c := range map[string]struct {
		cfg         r4feed.Config
		connections int
	}{
		"one by one": {r4feed.Config{}, 16}, "in a batch": {batched, 16}, "with the person": {chained, 16}, "over one connection": {chained, 1},
		"over as many connections as are read at once": {chained, 8}, "over one more": {chained, 9},
	} {
		t.Run(name, func(t *testing.T) { fewAtOnce(t, c.cfg, c.connections) })
	}
}

func fewAtOnce(t *testing.T, cfg r4feed.Config, connections int) {
	const views, most = 24, 8
	var mu sync.Mutex
	reading, greatest := map[string]int{}, 0
	fake := &r4fake.Server{Patient: ann, Resources: []string{medicine("MedicationRequest", "r1")}}
	server := adaptertest.NewServer(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		// What an entry refers to is asked for by a view that reads, and by no other.
		if reads := strings.Contains(r.URL.Path, "Medication/"); reads || !cfg.Chained && !strings.Contains(r.URL.Path, "Patient") {
			view := r.Header.Get("X-Correlation-ID")
			mu.Lock()
			reading[view]++
			greatest = max(greatest, len(reading))
			mu.Unlock()
			defer func() {
				mu.Lock()
				defer mu.Unlock()
				if reading[view]--; reading[view] == 0 {
					delete(reading, view)
				}
			}()
			time.Sleep(2 * time.Millisecond)
		}
		fake.ServeHTTP(w, r)
	}))
	n, err := record.ParseNHSNumber(number)
	if err != nil {
		t.Fatal(err)
	}
	cfg.Ref, cfg.Supplies, cfg.Client = record.SourceRef{Feed: "f"}, sections, server.Narrow(t, "/fhir", connections)
	feed := r4feed.New(cfg, plan)
	var group sync.WaitGroup
	for i := range views {
		group.Go(func() {
			a := feed.Ask(t.Context(), record.Ask{Sections: sections, ID: fmt.Sprint("view-", i), At: time.Now(), Person: record.Person{NHSNumber: n}})
			if len(a.Chart.Medicines) != 1 {
				t.Errorf("view %d: %v, %d medicines", i, a.State, len(a.Chart.Medicines))
			}
		})
	}
	group.Wait()
	if greatest > most || greatest == 0 {
		t.Errorf("%d answers were read at the same time, want at most %d", greatest, most)
	}
}

// A view that is given up while it waits for its turn leaves its place to others.
func TestAViewThatIsGivenUpLeavesItsPlace(t *testing.T) {
	n, err := record.ParseNHSNumber(number)
	if err != nil {
		t.Fatal(err)
	}
	hangs := make(chan struct{})
	fake := &r4fake.Server{Patient: ann, Resources: []string{medicine("MedicationRequest", "r1")}}
	server := adaptertest.NewServer(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("X-Correlation-ID") == "held" {
			_, _ = io.Copy(io.Discard, r.Body)
			select {
			case <-hangs:
			case <-r.Context().Done():
			}
		}
		fake.ServeHTTP(w, r)
	}))
	cfg := chained
	cfg.Ref, cfg.Supplies, cfg.Client = record.SourceRef{Feed: "f"}, sections, server.Narrow(t, "/fhir", 9)
	feed := r4feed.New(cfg, plan)
	ctx, giveUp := context.WithCancel(t.Context())
	var group sync.WaitGroup
	for range 12 {
		group.Go(func() {
			if a := feed.Ask(ctx, record.Ask{Sections: sections, ID: "held", At: time.Now(), Person: record.Person{NHSNumber: n}}); a.State != record.Unavailable {
				t.Errorf("%v", a.State)
			}
		})
	}
	time.AfterFunc(20*time.Millisecond, giveUp)
	group.Wait()
	close(hangs)
	for range 12 {
		a := feed.Ask(t.Context(), record.Ask{Sections: sections, ID: "v", At: time.Now(), Person: record.Person{NHSNumber: n}})
		if len(a.Chart.Medicines) != 1 {
			t.Fatalf("%v %s", a.State, a.Detail)
		}
	}
}
