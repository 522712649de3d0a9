package fhirrest_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"ribble/internal/adapter/adaptertest"
	"ribble/internal/adapter/internal/fhirrest"
	"ribble/internal/adapter/internal/r4fake"
	"ribble/internal/outbound"
	"ribble/internal/record"
)

func session(t *testing.T, handler http.Handler, get bool) *fhirrest.Session {
	t.Helper()
	server := adaptertest.NewServer(t, handler)
	n, err := record.ParseNHSNumber("9434765919")
	if err != nil {
		t.Fatal(err)
	}
	return fhirrest.New(server.Client(t, "/fhir"), fhirrest.Options{UseGET: get}).Session(record.Ask{ID: "view-1", At: time.Now(), Person: record.Person{NHSNumber: n}})
}

func search(t *testing.T, handler http.Handler) fhirrest.Result {
	t.Helper()
	return session(t, handler, false).Search(context.Background(), fhirrest.Query{Type: "Flag", About: "patient"}, fhirrest.Patient("p1"))
}

func flags(n int) []string {
	out := make([]string, n)
	for i := range out {
		out[i] = fmt.Sprintf(`{"resourceType":"Flag","id":"f%d"}`, i)
	}
	return out
}

func entries(r fhirrest.Result) int {
	n := 0
	for _, p := range r.Pages {
		n += len(p.Entry)
	}
	return n
}

const outcome = `{"resourceType":"OperationOutcome","issue":[{"severity":%q,"code":%q,"details":{"text":"The feed says so."}}]}`

func reply(status int, contentType, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", contentType)
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
}

func TestSearchReadsEveryPage(t *testing.T) {
	server := &r4fake.Server{Resources: flags(250), PageSize: 100}
	r := search(t, server)
	if entries(r) != 250 || len(r.Pages) != 3 || r.Failure.State != 0 {
		t.Errorf("%d entries on %d pages, %v", entries(r), len(r.Pages), r.Failure)
	}
	if seen := server.Seen(); !strings.HasPrefix(seen[len(seen)-1], "POST Flag?_count=100&patient=p1") {
		t.Errorf("asked %q", seen)
	}
}

func TestSearchByGet(t *testing.T) {
	server := &r4fake.Server{Resources: flags(1)}
	r := session(t, server, true).Search(context.Background(), fhirrest.Query{Type: "Flag"}, fhirrest.Patient("p1"))
	if diff := cmp.Diff([]string{"GET Flag?_count=100&patient=p1"}, server.Seen()); diff != "" || entries(r) != 1 {
		t.Error(diff, entries(r))
	}
}

// next answers every page with one entry and a next link made from the request.
func next(address func(*http.Request) string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		link := `{"relation":"next","url":` + strconv.Quote(address(r)) + `}`
		r4fake.Searchset(w, []string{`{"relation":"self","url":"https://x/Flag?patient=p1"}`, link}, flags(1)...)
	}
}

func TestPagingStaysWithinTheFeed(t *testing.T) {
	own := func(r *http.Request) string { return "https://" + r.Host }
	for name, c := range map[string]struct {
		next  func(*http.Request) string
		words string
		pages int
	}{
		"another host":   {func(*http.Request) string { return "https://elsewhere.test/fhir/Flag?page=2" }, "pointed elsewhere", 1},
		"another scheme": {func(r *http.Request) string { return "http://" + r.Host + "/fhir/Flag?page=2" }, "pointed elsewhere", 1},
		"another port":   {func(*http.Request) string { return "https://127.0.0.1:1/fhir/Flag?page=2" }, "pointed elsewhere", 1},
		"another path":   {func(r *http.Request) string { return own(r) + "/admin/Flag?page=2" }, "pointed elsewhere", 1},
		"out by dots":    {func(r *http.Request) string { return own(r) + "/fhir/../admin/Flag" }, "pointed elsewhere", 1},
		"user in it":     {func(r *http.Request) string { return "https://user@" + r.Host + "/fhir/Flag?page=2" }, "pointed elsewhere", 1},
		"round in a circle": {func(r *http.Request) string {
			return own(r) + "/fhir/Flag?page=2"
		}, "already read", 2},
		"without end": {func(r *http.Request) string {
			n, _ := strconv.Atoi(r.URL.Query().Get("page"))
			return own(r) + "/fhir/Flag?page=" + strconv.Itoa(n+1)
		}, "only the first 50", fhirrest.MaxPages},
	} {
		t.Run(name, func(t *testing.T) {
			r := search(t, next(c.next))
			if r.Failure.State != record.Incomplete || !strings.Contains(r.Failure.Detail, c.words) || len(r.Pages) != c.pages {
				t.Errorf("%d pages, %v %q", len(r.Pages), r.Failure.State, r.Failure.Detail)
			}
		})
	}
}

func TestAPageThatFailsLeavesTheEarlierOnes(t *testing.T) {
	for status, words := range map[int]string{500: "answered with an error", 429: "busy", 410: "no longer there", 404: "came"} {
		t.Run(fmt.Sprint(status), func(t *testing.T) {
			fake := &r4fake.Server{Resources: flags(30), PageSize: 10}
			r := search(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.URL.Query().Get("from") == "20" {
					w.WriteHeader(status)
					return
				}
				fake.ServeHTTP(w, r)
			}))
			if entries(r) != 20 || r.Failure.State != record.Incomplete || !strings.Contains(r.Failure.Detail, "Only pages 1 to 2 came") || !strings.Contains(r.Failure.Detail, words) {
				t.Errorf("%d entries, %v %q", entries(r), r.Failure.State, r.Failure.Detail)
			}
		})
	}
}

func TestTooManyEntries(t *testing.T) {
	r := search(t, &r4fake.Server{Resources: flags(fhirrest.MaxResources + 10), PageSize: 5000})
	if entries(r) != fhirrest.MaxResources || r.Failure.State != record.Incomplete {
		t.Errorf("%d entries, %v", entries(r), r.Failure)
	}
}

func TestFailures(t *testing.T) {
	const fhir = "application/fhir+json"
	text := func(severity, code string) string { return fmt.Sprintf(outcome, severity, code) }
	within := func(entries string) string {
		return `{"resourceType":"Bundle","link":[{"relation":"self","url":"https://x/Flag?patient=p1"}],"entry":[` + entries + `]}`
	}
	flag := `{"resource":{"resourceType":"Flag","id":"f1"}}`
	for name, c := range map[string]struct {
		handler http.HandlerFunc
		want    record.State
		words   []string
	}{
		"not found":                 {reply(404, fhir, ""), record.NotAsked, nil},
		"not supported":             {reply(400, fhir, text("error", "not-supported")), record.NotAsked, []string{"The feed says so."}},
		"not implemented":           {reply(501, "text/html", "<p>"), record.NotAsked, nil},
		"unauthorised":              {reply(401, fhir, ""), record.Unavailable, nil},
		"forbidden":                 {reply(403, fhir, text("error", "forbidden")), record.Refused, []string{"The feed says so."}},
		"our credentials":           {reply(403, fhir, text("error", "login")), record.Unavailable, []string{"The feed says so."}},
		"gone":                      {reply(410, fhir, ""), record.Unavailable, nil},
		"unprocessable":             {reply(422, fhir, ""), record.Unavailable, nil},
		"busy":                      {reply(429, fhir, ""), record.Unavailable, nil},
		"failed":                    {reply(500, fhir, ""), record.Unavailable, nil},
		"away":                      {reply(503, fhir, ""), record.Unavailable, nil},
		"no content":                {reply(204, fhir, ""), record.Unavailable, nil},
		"partial":                   {reply(206, fhir, within(flag)), record.Unavailable, nil},
		"HTML":                      {reply(200, "text/html", "<html>"), record.Unavailable, nil},
		"HTML as JSON":              {reply(200, fhir, "<html>"), record.Unavailable, nil},
		"outcome instead of bundle": {reply(200, fhir, text("error", "timeout")), record.Unavailable, []string{"The feed says so."}},
		"error in the bundle":       {reply(200, fhir, within(`{"resource":`+text("error", "timeout")+`}`)), record.Unavailable, []string{"The feed says so."}},
		"error beside entries":      {reply(200, fhir, within(flag+`,{"resource":`+text("error", "timeout")+`}`)), record.Incomplete, []string{"The feed says so."}},
		"dissent in the bundle":     {reply(200, fhir, within(`{"resource":`+text("error", "suppressed")+`}`)), record.Refused, []string{"The feed says so."}},
		"warning beside entries":    {reply(200, fhir, within(flag+`,{"resource":`+text("warning", "informational")+`}`)), 0, []string{"The feed says so."}},
		"not whole beside entries":  {reply(200, fhir, within(flag+`,{"resource":`+text("warning", "incomplete")+`}`)), record.Incomplete, []string{"The feed says so."}},
		"items left out":            {reply(200, fhir, within(`{"resource":`+text("warning", "suppressed")+`}`)), record.Withheld, []string{"The feed says so."}},
		"another resource":          {reply(200, fhir, `{"resourceType":"Patient"}`), record.Unavailable, nil},
		"whole":                     {reply(200, fhir, within(flag)), 0, nil},
		"whole and empty":           {reply(200, fhir, within("")), 0, nil},
		"no self link and empty":    {reply(200, fhir, `{"resourceType":"Bundle","entry":[]}`), record.Incomplete, nil},
		"no self link":              {reply(200, fhir, `{"resourceType":"Bundle","entry":[`+flag+`]}`), 0, nil},
		"a wider question": {
			reply(200, fhir, `{"resourceType":"Bundle","link":[{"relation":"self","url":"https://x/Flag?_count=100"}]}`), record.Unavailable, nil,
		},
		"a wider question, answered": {
			reply(200, fhir, `{"resourceType":"Bundle","link":[{"relation":"self","url":"https://x/Flag"}],"entry":[`+flag+`]}`), record.Incomplete, nil,
		},
	} {
		t.Run(name, func(t *testing.T) {
			r := search(t, c.handler)
			if r.Failure.State != c.want || (c.want != 0) != (r.Failure.Detail != "") {
				t.Errorf("%v %q, want %v", r.Failure.State, r.Failure.Detail, c.want)
			}
			if strings.Contains(r.Failure.Detail, "The feed says so") {
				t.Error("our words quote the source")
			}
			if diff := cmp.Diff(c.words, r.Words); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestPerson(t *testing.T) {
	ann := r4fake.Person("p1", "9434765919", "Toyman", "Ann", "1950")
	for name, c := range map[string]struct {
		handler http.Handler
		want    record.State
	}{
		"found":         {&r4fake.Server{Patient: ann}, 0},
		"nobody":        {&r4fake.Server{}, record.NotKnownHere},
		"nobody, said":  {reply(404, "application/fhir+json", fmt.Sprintf(outcome, "error", "not-found")), record.NotKnownHere},
		"no search":     {reply(404, "text/html", ""), record.Unavailable},
		"nobody, maybe": {&r4fake.Server{Silent: true}, record.Unavailable},
		"another":       {&r4fake.Server{Deaf: true}, record.Unavailable},
	} {
		t.Run(name, func(t *testing.T) {
			if r := session(t, c.handler, false).Person(context.Background()); r.Failure.State != c.want {
				t.Errorf("%v %q, want %v", r.Failure.State, r.Failure.Detail, c.want)
			}
		})
	}
}

func TestByIDAsksOncePerType(t *testing.T) {
	server := &r4fake.Server{}
	ids := make([]string, 80)
	for i := range ids {
		ids[i] = "m" + strconv.Itoa(i)
	}
	session(t, server, false).ByID(context.Background(), map[string][]string{"Medication": ids, "Location": {"l1"}})
	seen := server.Seen()
	if len(seen) != 2 || strings.Count(seen[1], "%2C") != 49 {
		t.Errorf("asked %q", seen)
	}
}

func TestDocument(t *testing.T) {
	files := map[string]http.HandlerFunc{
		"/fhir/Binary/pdf":   reply(200, "application/pdf", "%PDF"),
		"/fhir/Binary/json":  reply(200, "application/fhir+json", `{"resourceType":"Binary","contentType":"text/plain","data":"aGVsbG8="}`),
		"/fhir/Binary/wrong": reply(200, "application/fhir+json", `{"resourceType":"Patient"}`),
		"/fhir/Binary/bad64": reply(200, "application/fhir+json", `{"resourceType":"Binary","data":"%%%"}`),
		"/fhir/Binary/gone":  reply(410, "text/plain", "secret"),
		"/fhir/Binary/no":    reply(403, "text/plain", "secret"),
	}
	s := session(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if f := files[r.URL.Path]; f != nil {
			f(w, r)
			return
		}
		t.Errorf("%s was asked for", r.URL.Path)
	}), false)
	for name, c := range map[string]struct {
		attachment record.Attachment
		body, kind string
		err        error
		fails      bool
	}{
		"streamed":          {attachment: record.Attachment{URL: "Binary/pdf"}, body: "%PDF", kind: "application/pdf"},
		"in a Binary":       {attachment: record.Attachment{URL: "Binary/json"}, body: "hello", kind: "text/plain"},
		"inline":            {attachment: record.Attachment{Inline: []byte("hi"), ContentType: "text/plain"}, body: "hi", kind: "text/plain"},
		"not a Binary":      {attachment: record.Attachment{URL: "Binary/wrong"}, fails: true},
		"not base64":        {attachment: record.Attachment{URL: "Binary/bad64"}, fails: true},
		"gone":              {attachment: record.Attachment{URL: "Binary/gone"}, fails: true},
		"refused":           {attachment: record.Attachment{URL: "Binary/no"}, fails: true},
		"elsewhere":         {attachment: record.Attachment{URL: "https://elsewhere.test/fhir/Binary/1"}, err: outbound.ErrForbidden, fails: true},
		"outside the base":  {attachment: record.Attachment{URL: "/admin/secrets"}, err: outbound.ErrForbidden, fails: true},
		"through the proxy": {attachment: record.Attachment{URL: "ssp://spine/https%3A%2F%2Fx"}, err: outbound.ErrForbidden, fails: true},
		"nothing":           {attachment: record.Attachment{}, err: fhirrest.ErrNoDocument, fails: true},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := s.Document(context.Background(), c.attachment)
			if c.fails {
				if err == nil || c.err != nil && !errors.Is(err, c.err) || strings.Contains(err.Error(), "secret") {
					t.Errorf("error %v", err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			defer got.Body.Close()
			body, err := io.ReadAll(got.Body)
			if err != nil || string(body) != c.body || got.ContentType != c.kind {
				t.Errorf("%q %q %v", body, got.ContentType, err)
			}
		})
	}
}
