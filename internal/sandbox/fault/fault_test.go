package fault_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"ribble/internal/sandbox/fault"
)

const (
	person   = "9991411690"
	stranger = "9990000018"
	record   = `{"resourceType":"Bundle","type":"searchset","link":[{"relation":"self","url":"x"}],"entry":[` +
		`{"resource":{"resourceType":"Patient","id":"p1","identifier":[{"system":"https://fhir.nhs.uk/Id/nhs-number","value":"9991411690"}],"birthDate":"1942-03-03","name":[{"family":"Ashworth"}]}},` +
		`{"resource":{"resourceType":"Condition","id":"c1","code":{"text":"Frailty"},"subject":{"reference":"Patient/p1"}}}]}`
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// source is one fake source behind a control.
type source struct {
	*fault.Control
	url    string
	client *http.Client
	api    string
}

func start(t *testing.T, people fault.People) source {
	t.Helper()
	control := fault.New(people)
	handler := control.Source("bth", "Bowland", http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/fhir+json")
		fmt.Fprint(w, record)
	}))
	server := httptest.NewTLSServer(handler)
	api := httptest.NewServer(control.Handler())
	client := server.Client()
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	t.Cleanup(func() {
		control.Close()
		client.CloseIdleConnections()
		http.DefaultClient.CloseIdleConnections()
		server.Close()
		api.Close()
	})
	return source{control, server.URL, client, api.URL}
}

// ask sends a search for a person and returns status, header and what could be read, up to 64 KiB.
func (s source) ask(t *testing.T, path string) (*http.Response, []byte, error) {
	t.Helper()
	response, err := s.client.Post(s.url+path, "application/x-www-form-urlencoded", strings.NewReader("identifier=https://fhir.nhs.uk/Id/nhs-number|"+person))
	if err != nil {
		return nil, nil, err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(io.LimitReader(response.Body, 64<<10))
	return response, body, err
}

func (s source) set(t *testing.T, setting fault.Setting) {
	t.Helper()
	if err := s.Set("bth", setting); err != nil {
		t.Fatal(err)
	}
}

func TestEveryFaultIsTried(t *testing.T) {
	tried := map[string]bool{}
	for _, names := range []map[string]bool{keys(answers), keys(broken), keys(held), refused, {"fifty-thousand-resources": true, "endless-paging": true, "page-fails": true, "gzip-bomb": true, "drip": true}} {
		for name := range names {
			tried[name] = true
		}
	}
	for _, f := range fault.Table() {
		if !tried[f.Name] {
			t.Errorf("no test tries %s", f.Name)
		}
		if f.Does == "" {
			t.Errorf("%s does not say what it does", f.Name)
		}
	}
}

func keys[V any](m map[string]V) map[string]bool {
	out := map[string]bool{}
	for k := range m {
		out[k] = true
	}
	return out
}

// answers are the faults that end in an answer, with what it must look like.
var answers = map[string]func(*http.Response, string) bool{
	fault.None:        func(r *http.Response, b string) bool { return r.StatusCode == 200 && b == record },
	"truncate":        func(_ *http.Response, b string) bool { return b == record[:len(record)/2] },
	"html-login-page": func(r *http.Response, b string) bool { return r.StatusCode == 200 && strings.Contains(b, "<html") },
	"not-json-200":    func(r *http.Response, b string) bool { return r.StatusCode == 200 && b == "OK" },
	"empty-200":       func(r *http.Response, b string) bool { return r.StatusCode == 200 && b == "" },
	"empty-204":       func(r *http.Response, _ string) bool { return r.StatusCode == 204 },
	"garbage":         func(r *http.Response, b string) bool { return r.StatusCode == 200 && !json.Valid([]byte(b)) },
	"invalid-utf8":    func(_ *http.Response, b string) bool { return !utf8.ValidString(b) && strings.Contains(b, "Frailty") },
	"huge-body":       func(_ *http.Response, b string) bool { return len(b) == 64<<10 },
	"deep-json":       func(_ *http.Response, b string) bool { return strings.Count(b, "{") > 10_000 },
	"duplicate-names": func(_ *http.Response, b string) bool {
		return strings.Contains(b, `"value":"9991411690","value":"`+stranger)
	},
	"case-variant-names": func(_ *http.Response, b string) bool {
		return strings.Contains(b, `"value":"9991411690","VALUE":"`+stranger)
	},
	"another-person": func(_ *http.Response, b string) bool {
		return strings.Contains(b, stranger) && !strings.Contains(b, person)
	},
	"one-stray-entry": func(_ *http.Response, b string) bool {
		return strings.Contains(b, "Patient/stranger") && strings.Contains(b, person)
	},
	"two-patients": func(_ *http.Response, b string) bool { return strings.Count(b, `"resourceType":"Patient"`) == 2 },
	"no-patient": func(_ *http.Response, b string) bool {
		return !strings.Contains(b, `"Patient"`) && strings.Contains(b, "Frailty")
	},
	"wrong-birth-date": func(_ *http.Response, b string) bool {
		return strings.Contains(b, `"1901-03-03"`) && strings.Contains(b, person)
	},
	"redirect": func(r *http.Response, _ string) bool { return r.StatusCode == 302 && r.Header.Get("Location") != "" },
	"next-elsewhere": func(_ *http.Response, b string) bool {
		return strings.Contains(b, `"relation":"next","url":"https://elsewhere`)
	},
	"operation-outcome-alone": func(r *http.Response, b string) bool {
		return r.StatusCode == 200 && strings.HasPrefix(b, `{"resourceType":"OperationOutcome"`)
	},
	"operation-outcome-error": func(_ *http.Response, b string) bool {
		return strings.Contains(b, `"severity":"error"`) && strings.Contains(b, "Frailty")
	},
	"operation-outcome-warning": func(_ *http.Response, b string) bool {
		return strings.Contains(b, `"severity":"warning"`) && strings.Contains(b, "Frailty")
	},
	"operation-outcome-information": func(_ *http.Response, b string) bool { return strings.Contains(b, `"severity":"information"`) },
	"unknown-modifier":              func(_ *http.Response, b string) bool { return strings.Contains(b, `"Condition","modifierExtension":[`) },
	"status-401":                    status(401), "status-403": status(403), "status-404": status(404), "status-410": status(410), "status-412": status(412),
	"status-422": status(422), "status-500": status(500), "status-502": status(502),
	"status-429": func(r *http.Response, b string) bool { return status(429)(r, b) && r.Header.Get("Retry-After") == "2" },
	"status-503": func(r *http.Response, b string) bool { return status(503)(r, b) && r.Header.Get("Retry-After") == "2" },
}

func status(code int) func(*http.Response, string) bool {
	return func(r *http.Response, b string) bool {
		return r.StatusCode == code && strings.Contains(b, "OperationOutcome")
	}
}

func TestAnswersOfFaults(t *testing.T) {
	s := start(t, nil)
	for name, right := range answers {
		t.Run(name, func(t *testing.T) {
			s.set(t, fault.Setting{Fault: name})
			response, body, err := s.ask(t, "/fhir/R4/Condition/_search")
			if err != nil {
				t.Fatal(err)
			}
			if !right(response, string(body)) {
				t.Errorf("answered %d %.300q", response.StatusCode, body)
			}
		})
	}
}

// The answers of these faults must be well-formed, for otherwise they would only test the parser.
func TestContentFaultsStayJSON(t *testing.T) {
	s := start(t, nil)
	for _, name := range []string{"another-person", "one-stray-entry", "two-patients", "no-patient", "wrong-birth-date", "duplicate-names", "case-variant-names", "next-elsewhere", "endless-paging", "page-fails", "operation-outcome-warning", "unknown-modifier"} {
		s.set(t, fault.Setting{Fault: name})
		_, body, err := s.ask(t, "/fhir/R4/Condition/_search")
		if err != nil || !json.Valid(body) {
			t.Errorf("%s: error %v, valid JSON %v: %.200q", name, err, json.Valid(body), body)
		}
	}
}

// broken are the faults that a client sees as a failed read.
var broken = map[string]bool{"wrong-content-length": true, "missing-final-chunk": true, "reset-mid-body": true}

func TestBrokenAnswers(t *testing.T) {
	s := start(t, nil)
	for name := range broken {
		t.Run(name, func(t *testing.T) {
			s.set(t, fault.Setting{Fault: name})
			_, body, err := s.ask(t, "/")
			if err == nil {
				t.Errorf("the whole answer could be read: %.100q", body)
			}
			if len(body) == 0 {
				t.Error("nothing of the answer arrived before it broke")
			}
		})
	}
}

// refused are the faults of the certificate, of which this side only hangs up.
var refused = map[string]bool{fault.TLSExpired: true, fault.TLSWrongHost: true, fault.TLSOtherAuthority: true}

func TestCertificateFaultsHangUp(t *testing.T) {
	s := start(t, nil)
	for name := range refused {
		s.set(t, fault.Setting{Fault: name})
		if _, body, err := s.ask(t, "/"); err == nil {
			t.Errorf("%s: answered %.100q", name, body)
		}
		if got := s.Present("bth"); got != name {
			t.Errorf("present fault %q, want %q", got, name)
		}
	}
	s.set(t, fault.Setting{Fault: fault.TLSExpired, NHSNumber: person})
	if got := s.Present("bth"); got != fault.None {
		t.Errorf("a fault for one person is shown to everybody: %q", got)
	}
}

// held are the faults that never end; the value says how much of the body arrives first.
var held = map[string]int{"hang-before-headers": 0, "hang-in-headers": 0, "hang-in-body": len(record) / 2}

func TestHeldAnswersEndWithTheClient(t *testing.T) {
	for name, first := range held {
		t.Run(name, func(t *testing.T) {
			s := start(t, nil)
			s.set(t, fault.Setting{Fault: name})
			ctx, cancel := context.WithCancel(t.Context())
			request, err := http.NewRequestWithContext(ctx, http.MethodGet, s.url, nil)
			if err != nil {
				t.Fatal(err)
			}
			failed := make(chan error, 1)
			go func() { failed <- readAtLeast(s.client, request, first, cancel) }()
			if first == 0 {
				waitForRequest(s)
				cancel()
			}
			if err := <-failed; !errors.Is(err, context.Canceled) {
				t.Errorf("ended with %v, want the client's own cancellation", err)
			}
		})
	}
}

// readAtLeast reads first bytes, cancels, and reads on.
func readAtLeast(client *http.Client, request *http.Request, first int, cancel func()) error {
	response, err := client.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if _, err := io.ReadFull(response.Body, make([]byte, first)); err != nil {
		return fmt.Errorf("the first half: %w", err)
	}
	cancel()
	_, err = io.ReadAll(response.Body)
	return err
}

func waitForRequest(s source) {
	for {
		if counts, _ := s.Requests(); counts["bth"] > 0 {
			return
		}
	}
}

func TestCloseLetsGoOfHeldRequests(t *testing.T) {
	s := start(t, nil)
	s.set(t, fault.Setting{Fault: "hang-in-headers"})
	failed := make(chan error, 1)
	go func() {
		_, _, err := s.ask(t, "/")
		failed <- err
	}()
	waitForRequest(s)
	s.Close()
	if err := <-failed; err == nil {
		t.Error("the held request was answered")
	}
}

func TestDripSendsByteByByte(t *testing.T) {
	s := start(t, nil)
	s.set(t, fault.Setting{Fault: "drip"})
	response, err := s.client.Get(s.url)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	some := make([]byte, 64)
	n, err := response.Body.Read(some)
	if err != nil || n == 0 || n > 2 || some[0] != record[0] {
		t.Errorf("the first read gave %d bytes, error %v", n, err)
	}
}

func TestGzipBombUnpacksToAGibibyte(t *testing.T) {
	s := start(t, nil)
	s.set(t, fault.Setting{Fault: "gzip-bomb"})
	response, err := s.client.Get(s.url)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	unpacked, err := io.Copy(io.Discard, response.Body)
	if err != nil || unpacked != 1<<30 {
		t.Errorf("unpacked to %d bytes, error %v", unpacked, err)
	}
}

func TestFiftyThousandResources(t *testing.T) {
	s := start(t, nil)
	s.set(t, fault.Setting{Fault: "fifty-thousand-resources"})
	response, err := s.client.Get(s.url)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	var bundle struct {
		Entry []struct{} `json:"entry"`
	}
	if err := json.NewDecoder(response.Body).Decode(&bundle); err != nil || len(bundle.Entry) != 50_002 {
		t.Errorf("%d entries, error %v", len(bundle.Entry), err)
	}
}

func TestPagingFaults(t *testing.T) {
	tests := []struct {
		fault       string
		pages, last int
	}{{"endless-paging", 60, http.StatusOK}, {"page-fails", 1, http.StatusInternalServerError}}
	for _, tt := range tests {
		t.Run(tt.fault, func(t *testing.T) {
			s := start(t, nil)
			s.set(t, fault.Setting{Fault: tt.fault})
			_, body, err := s.ask(t, "/fhir/R4/Observation/_search")
			if err != nil {
				t.Fatal(err)
			}
			code := http.StatusOK
			for page := range tt.pages {
				next := nextOf(t, body)
				if !strings.HasPrefix(next, s.url+"/fhir/R4/Observation?") {
					t.Fatalf("page %d leads to %q", page, next)
				}
				code, body = get(t, s.client, next)
			}
			if code != tt.last {
				t.Errorf("the last page answered %d, want %d", code, tt.last)
			}
		})
	}
	s := start(t, nil)
	s.set(t, fault.Setting{Fault: "endless-paging"})
	if _, body, err := s.ask(t, "/fhir/R4/Patient/_search"); err != nil || nextOf(t, body) != "" {
		t.Error("the search for the Patient itself has pages too")
	}
}

func nextOf(t *testing.T, body []byte) string {
	t.Helper()
	var bundle struct {
		Link []struct{ Relation, URL string } `json:"link"`
	}
	if err := json.Unmarshal(body, &bundle); err != nil {
		t.Fatalf("the page is not JSON: %v", err)
	}
	for _, link := range bundle.Link {
		if link.Relation == "next" {
			return link.URL
		}
	}
	return ""
}

func get(t *testing.T, client *http.Client, address string) (int, []byte) {
	t.Helper()
	response, err := client.Get(address)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, body
}

// folk knows one local id and one standing fault.
type folk struct{}

func (folk) NHSNumberOf(source, localID string) string {
	if source == "bth" && localID == "p1" {
		return person
	}
	return ""
}

func (folk) StandingFault(_, nhsNumber string) string {
	if nhsNumber == "9993425842" {
		return "status-410"
	}
	return ""
}

func TestFaultsForOnePerson(t *testing.T) {
	s := start(t, folk{})
	s.set(t, fault.Setting{Fault: "status-500", NHSNumber: person})
	tests := []struct {
		name, path string
		want       int
	}{
		{"by NHS number in the query", "/Patient?identifier=https%3A%2F%2Ffhir.nhs.uk%2FId%2Fnhs-number%7C9991411690", 500},
		{"by NHS number in the path", "/Patient/9991411690", 500},
		{"by local id in the query", "/Condition?patient=p1", 500},
		{"by local id in the path", "/Patient/p1/DocumentReference", 500},
		{"somebody else", "/Patient?identifier=9992506318", 200},
		{"a number that is no NHS number", "/Patient?phone=9991411691", 200},
		{"a standing fault", "/Patient/9993425842", 410},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got, _ := get(t, s.client, s.url+tt.path); got != tt.want {
				t.Errorf("answered %d, want %d", got, tt.want)
			}
		})
	}
}

func TestHistoryNamesThePersonAndNeverTheQuery(t *testing.T) {
	s := start(t, folk{})
	if _, _, err := s.ask(t, "/fhir/R4/Patient/_search?_count=1"); err != nil {
		t.Fatal(err)
	}
	get(t, s.client, s.url+"/Condition?patient=p1")
	_, raw := get(t, http.DefaultClient, s.api+"/requests")
	var history fault.History
	if err := json.Unmarshal(raw, &history); err != nil {
		t.Fatal(err)
	}
	type line struct {
		Sequence                   int
		Source, Method, Path, Name string
	}
	var got []line
	for _, asked := range history.Log {
		got = append(got, line{asked.Sequence, asked.Source, asked.Method, asked.Path, asked.NHSNumber})
	}
	want := []line{{1, "bth", "POST", "/fhir/R4/Patient/_search", person}, {2, "bth", "GET", "/Condition", person}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("history (-want +got):\n%s", diff)
	}
	if history.Counts["bth"] != 2 {
		t.Errorf("counts %v", history.Counts)
	}
}

func TestControlAPI(t *testing.T) {
	s := start(t, nil)
	put := func(path, body string) int {
		t.Helper()
		request, err := http.NewRequest(http.MethodPut, s.api+path, bytes.NewReader([]byte(body)))
		if err != nil {
			t.Fatal(err)
		}
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
		return response.StatusCode
	}
	tests := []struct {
		path, body string
		want       int
	}{
		{"/sources/bth", `{"fault":"status-500","latency_ms":1,"jitter_ms":1}`, http.StatusNoContent},
		{"/sources/nobody", `{"fault":"none"}`, http.StatusBadRequest},
		{"/sources/bth", `{"fault":"no-such-fault"}`, http.StatusBadRequest},
		{"/sources/bth", `{"latency":5}`, http.StatusBadRequest},
		{"/sources/bth", `{"latency_ms":-5}`, http.StatusBadRequest},
	}
	for _, tt := range tests {
		if got := put(tt.path, tt.body); got != tt.want {
			t.Errorf("PUT %s %s answered %d, want %d", tt.path, tt.body, got, tt.want)
		}
	}
	if code, _ := get(t, s.client, s.url); code != http.StatusInternalServerError {
		t.Errorf("the source answers %d with the fault set", code)
	}
	want := []fault.Source{{ID: "bth", Name: "Bowland", Setting: fault.Setting{Fault: "status-500", LatencyMS: 1, JitterMS: 1}}}
	if diff := cmp.Diff(want, s.Sources()); diff != "" {
		t.Errorf("sources (-want +got):\n%s", diff)
	}
	s.Reset()
	if code, _ := get(t, s.client, s.url); code != http.StatusOK {
		t.Errorf("the source answers %d after a reset", code)
	}
}
