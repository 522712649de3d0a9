package fhirrest_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ribble/internal/adapter/adaptertest"
	"ribble/internal/adapter/internal/fhirrest"
	"ribble/internal/adapter/internal/r4fake"
	"ribble/internal/record"
)

// two are the questions of these tests.
var two = []fhirrest.Query{
	{Type: "Flag", About: "patient"}, {Type: "Goal", About: "patient", Params: "date=ge2026-01-01"},
}

// both asks the two questions in a batch.
func both(t *testing.T, handler http.Handler, log io.Writer) []fhirrest.Result {
	t.Helper()
	server := adaptertest.NewServer(t, handler)
	logger := slog.New(slog.NewTextHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	options := fhirrest.Options{Batch: true, Header: func(record.Ask) http.Header { return http.Header{"Authorization": {"Bearer secret"}} }, Log: logger}
	return fhirrest.New(server.Client(t, "/fhir"), options).Session(record.Ask{ID: "view-1"}).SearchAll(context.Background(), two, fhirrest.Patient("p1"))
}

func TestBatchRequest(t *testing.T) {
	both(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		want := `{"resourceType":"Bundle","type":"batch","entry":[{"request":{"method":"GET","url":"Flag?_count=100&patient=p1"}},` +
			`{"request":{"method":"GET","url":"Goal?_count=100&date=ge2026-01-01&patient=p1"}}]}`
		if diff := cmp.Diff(want, string(body)); diff != "" || err != nil {
			t.Error(diff, err)
		}
		// The base of a FHIR server ends without a slash.
		if r.Method != http.MethodPost || r.URL.String() != "/fhir" || r.Header.Get("Content-Type") != "application/fhir+json" {
			t.Errorf("%s %s as %s", r.Method, r.URL, r.Header.Get("Content-Type"))
		}
		if r.Header.Get("X-Correlation-ID") != "view-1" || r.Header.Get("Authorization") != "Bearer secret" || r.Header.Get("Accept") != "application/fhir+json" {
			t.Errorf("%v", r.Header)
		}
		http.Error(w, "", http.StatusInternalServerError)
	}), io.Discard)
}

// searchset is an answer to one question with n flags, and links.
func searchset(n int, links ...string) string {
	entries := make([]string, n)
	for i, f := range flags(n) {
		entries[i] = `{"resource":` + f + `}`
	}
	return `{"resource":{"resourceType":"Bundle","type":"searchset","link":[` + strings.Join(links, ",") + `],"entry":[` + strings.Join(entries, ",") + `]},"response":{"status":"200 OK"}}`
}

func linked(relation, address string) string {
	return fmt.Sprintf(`{"relation":%q,"url":%q}`, relation, address)
}

var flagSelf, goalSelf = linked("self", "https://x/fhir/Flag?patient=p1"), linked("self", "https://x/fhir/Goal/_search?patient=p1")

func TestEachAnswerOfABatchKeepsItsFate(t *testing.T) {
	goals := strings.Replace(searchset(0, goalSelf), `"link"`, `"id":"g","link"`, 1)
	hint := strings.Replace(searchset(2, flagSelf), `"200 OK"`, `"200 OK","outcome":`+fmt.Sprintf(outcome, "warning", "incomplete"), 1)
	for name, c := range map[string]struct {
		first   string
		state   record.State
		says    string
		entries int
		words   []string
	}{
		"whole":              {first: searchset(3, flagSelf), entries: 3},
		"refused":            {first: `{"response":{"status":"403 Forbidden"}}`, state: record.Refused},
		"not offered":        {first: `{"response":{"status":"404"}}`, state: record.NotAsked, says: record.NotSupplied},
		"the person unknown": {first: `{"response":{"status":"404","outcome":` + fmt.Sprintf(outcome, "error", "not-found") + `}}`, state: record.NotAsked, words: []string{"The feed says so."}},
		"busy":               {first: `{"response":{"status":"429 Too Many Requests"}}`, state: record.Unavailable, says: "busy"},
		"an outcome":         {first: `{"resource":` + fmt.Sprintf(outcome, "error", "forbidden") + `,"response":{"status":"200"}}`, state: record.Refused, words: []string{"The feed says so."}},
		"a warning beside":   {first: hint, state: record.Incomplete, says: "not whole", entries: 3, words: []string{"The feed says so."}},
		"no answer":          {first: `{"response":{"status":"200 OK"}}`, state: record.Unavailable, says: "unanswered"},
		"another question":   {first: searchset(0, linked("self", "https://x/fhir/Flag")), state: record.Unavailable, says: "another question"},
		"of another type":    {first: searchset(0, goalSelf), state: record.Unavailable, says: "another question"},
		"empty without self": {first: searchset(0), state: record.Incomplete, says: "empty list"},
		"one bad entry":      {first: strings.Replace(searchset(2, flagSelf), `"id":"f1"`, `"id":[1]`, 1), entries: 2},
		"next elsewhere":     {first: searchset(1, flagSelf, linked("next", "https://elsewhere.test/fhir/Flag?page=2")), state: record.Incomplete, says: "pointed elsewhere", entries: 1},
	} {
		t.Run(name, func(t *testing.T) {
			r := both(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { r4fake.BatchResponse(w, c.first, goals) }), io.Discard)
			if r[0].Type != "Flag" || r[0].Failure.State != c.state || !strings.Contains(r[0].Failure.Detail, c.says) || entries(r[0]) != c.entries {
				t.Errorf("%d entries, %+v", entries(r[0]), r[0].Failure)
			}
			if diff := cmp.Diff(c.words, r[0].Words); diff != "" {
				t.Error(diff)
			}
			if r[1].Type != "Goal" || r[1].Failure.State != 0 || len(r[1].Pages) != 1 || r[1].Pages[0].ID != "g" {
				t.Errorf("the other answer suffered: %+v", r[1])
			}
		})
	}
}

func TestPagesGoOnAfterABatch(t *testing.T) {
	for name, c := range map[string]struct {
		second  http.HandlerFunc
		entries int
		says    string
	}{
		"to the end": {func(w http.ResponseWriter, _ *http.Request) { r4fake.Searchset(w, []string{flagSelf}, flags(2)...) }, 3, ""},
		"to a fault": {reply(500, "text/plain", ""), 1, "Only its first page came."},
	} {
		t.Run(name, func(t *testing.T) {
			r := both(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				switch r.Method + " " + r.URL.String() {
				case "POST /fhir":
					r4fake.BatchResponse(w, searchset(1, flagSelf, linked("next", "https://"+r.Host+"/fhir/Flag?page=2")), searchset(0, goalSelf))
				case "GET /fhir/Flag?page=2":
					c.second(w, r)
				default:
					t.Errorf("asked %s %s", r.Method, r.URL)
				}
			}), io.Discard)
			if entries(r[0]) != c.entries || (r[0].Failure.State != 0) != (c.says != "") || !strings.Contains(r[0].Failure.Detail, c.says) {
				t.Errorf("%d entries, %+v", entries(r[0]), r[0].Failure)
			}
		})
	}
}

// A server that takes no batches is asked for them once in a view, and the log says so in words that hold nothing of the view.
func TestAServerThatDeclinesABatchIsAskedOneByOne(t *testing.T) {
	declined := 0
	fake := &r4fake.Server{Resources: flags(2), Replies: map[string]http.HandlerFunc{"": func(w http.ResponseWriter, _ *http.Request) {
		declined++
		w.WriteHeader(http.StatusMethodNotAllowed)
	}}}
	var log bytes.Buffer
	server := adaptertest.NewServer(t, fake)
	session := fhirrest.New(server.Client(t, "/fhir"), fhirrest.Options{
		Batch: true, Log: slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug})),
	}).Session(record.Ask{ID: "view-1"})
	for range 2 {
		if r := session.SearchAll(context.Background(), two, fhirrest.Patient("p1")); entries(r[0]) != 2 || r[0].Failure.State != 0 || r[1].Failure.State != 0 {
			t.Errorf("%+v", r)
		}
	}
	if declined != 1 || len(fake.Seen()) != 4 {
		t.Errorf("%d batches; asked %q", declined, fake.Seen())
	}
	if said := log.String(); strings.Count(said, "\n") != 1 || !strings.Contains(said, "takes no batches") || strings.Contains(said, "p1") || strings.Contains(said, "view-1") {
		t.Errorf("the log says %q", said)
	}
}
