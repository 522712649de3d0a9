package adaptertest

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"

	"ribble/internal/record"
)

// Failure is one way in which a source fails to answer.
type Failure struct {
	Name    string
	Handler http.Handler
	// Want are the states of which an adapter of a record source must choose one.
	Want []record.State
}

// Failures are sources that fail, made from one that answers. None of their answers may be taken for an answer, nor for silence. Adapters that are
// no record sources, for people and for addresses, use them as well.
func Failures(good http.Handler) []Failure {
	return slices.Concat(statuses(), bodies(), spoilt(good), cuts(good))
}

func statuses() []Failure {
	closed := []record.State{record.Refused, record.Unavailable}
	absent := []record.State{record.NotKnownHere, record.Unavailable}
	var list []Failure
	for _, status := range []int{401, 403, 404, 410, 206, 400, 405, 408, 412, 415, 422, 429, 500, 501, 502, 503, 504} {
		want := down
		switch status {
		case 401, 403:
			want = closed
		case 404, 410:
			want = absent
		}
		name := strconv.Itoa(status)
		list = append(list, Failure{name + " with an outcome", reply(status, fhirJSON, outcome("error", "processing")), want},
			Failure{name + " with a web page", reply(status, "text/html", HTML), want})
	}
	for _, after := range []string{"3600", "Sat, 01 Jan 2000 00:00:00 GMT", "-1", "1000000000", "soon"} {
		list = append(list, Failure{"429, retry after " + after, reply(429, fhirJSON, outcome("error", "throttled"), "Retry-After", after), down})
	}
	return append(list, Failure{"204", reply(204, fhirJSON, ""), down},
		Failure{"302", reply(302, fhirJSON, "", "Location", "https://127.0.0.2/elsewhere"), down})
}

var down = []record.State{record.Unavailable}

// bodies are answers with status 200 that are none.
func bodies() []Failure {
	var list []Failure
	for _, b := range [...]struct{ name, body string }{
		{"web page", HTML}, {"empty", ""}, {"null", "null"}, {"number", "12"}, {"array", "[]"}, {"empty object", "{}"}, {"only space", "   "}, {"one brace", "{"},
		{"unknown resource", `{"resourceType":"Nonsense"}`}, {"error", outcome("error", "exception")}, {"fatal error", outcome("fatal", "exception")},
		{"1,000,000 digits", strings.Repeat("9", 1_000_000)},
	} {
		list = append(list, Failure{"200 with " + b.name, reply(200, fhirJSON, b.body), down})
	}
	return append(list, Failure{"gzip bomb", reply(200, fhirJSON, bomb(256<<20), "Content-Encoding", "gzip"), down})
}

// spoilt are good answers, spoilt.
func spoilt(good http.Handler) []Failure {
	var list []Failure
	for _, c := range [...]struct {
		name   string
		change func([]byte) []byte
	}{
		{"byte order mark", func(b []byte) []byte { return append([]byte("\ufeff"), b...) }},
		{"invalid UTF-8", opened("\"x\":\"\xff\xfe\",")},
		{"lone surrogate", opened(`"x":"\ud800",`)},
		{"NUL", opened("\"x\":\"\x00\",")},
		{"duplicate name", named(`"resourceType":"Patient","resourceType":`)},
		{"name of another case", named(`"ResourceType":`)},
		{"second value", func(b []byte) []byte { return append(b, `{"resourceType":"Bundle"}`...) }},
		{"depth 100", opened(`"x":` + nested(100) + `,`)},
		{"depth 1,000,000", opened(`"x":` + nested(1_000_000) + `,`)},
		{"9,000,000 items", opened(`"x":[0` + strings.Repeat(",0", 9_000_000) + `],`)},
		{"beyond the size limit", opened(strings.Repeat(" ", 17<<20))},
	} {
		list = append(list, Failure{c.name, spoil(good, c.change), down})
	}
	return list
}

// cuts end a good answer at every sixteenth of its body (S04, S05).
func cuts(good http.Handler) []Failure {
	var list []Failure
	for part := range 16 {
		at := strconv.Itoa(part) + " sixteenths, then "
		list = append(list, Failure{at + "closed", cut(good, part, true), down}, Failure{at + "broken", cut(good, part, false), down})
	}
	return list
}

// HTML is the page that a login proxy sends instead of an answer.
const HTML = "<!doctype html><html><head><title>Sign in</title></head><body>" + Canary + "</body></html>"

// outcome is an OperationOutcome that is told by severity; all of its texts are the canary.
func outcome(severity, code string) string {
	return `{"resourceType":"OperationOutcome","issue":[{"severity":"` + severity + `","code":"` + code +
		`","diagnostics":"` + Canary + `","details":{"text":"` + Canary + `"}}]}`
}

// reply answers every request with one status and body.
func reply(status int, contentType, body string, headers ...string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", contentType)
		for i := 0; i+1 < len(headers); i += 2 {
			w.Header().Set(headers[i], headers[i+1])
		}
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	})
}

const fhirJSON = "application/fhir+json"

// captured lets the handler answer into memory, so that the answer can be spoilt.
func captured(h http.Handler, r *http.Request) *httptest.ResponseRecorder {
	recorder := httptest.NewRecorder()
	h.ServeHTTP(recorder, r)
	return recorder
}

// spoil changes the body of everything that h answers.
func spoil(h http.Handler, change func(body []byte) []byte) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		answer := captured(h, r)
		copyHeader(w, answer)
		w.WriteHeader(answer.Code)
		_, _ = w.Write(change(answer.Body.Bytes()))
	})
}

func copyHeader(w http.ResponseWriter, answer *httptest.ResponseRecorder) {
	for name, values := range answer.Header() {
		if name != "Content-Length" {
			w.Header()[name] = values
		}
	}
}

// cut ends the body after part of it: cleanly, so that only the content is short, or by breaking the connection.
func cut(h http.Handler, sixteenths int, clean bool) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		answer := captured(h, r)
		copyHeader(w, answer)
		part := answer.Body.Bytes()
		part = part[:len(part)*sixteenths/16]
		w.WriteHeader(answer.Code)
		_, _ = w.Write(part)
		if !clean {
			_ = http.NewResponseController(w).Flush()
			panic(http.ErrAbortHandler)
		}
	})
}

// Hang says nothing, or only the first bytes, until the client goes away.
func Hang(firstBytes string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if firstBytes != "" {
			w.Header().Set("Content-Type", fhirJSON)
			_, _ = io.WriteString(w, firstBytes)
			_ = http.NewResponseController(w).Flush()
		}
		_, _ = io.Copy(io.Discard, r.Body)
		<-r.Context().Done()
	})
}

// failNth lets the request with the given number, counted from 0, fail and answers the others as h does.
func failNth(h http.Handler, nth int, optional func(*http.Request) bool) (_ http.Handler, count *atomic.Int64) {
	count = new(atomic.Int64)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if optional != nil && optional(r) {
			h.ServeHTTP(w, r)
			return
		}
		if count.Add(1)-1 == int64(nth) {
			reply(http.StatusInternalServerError, fhirJSON, outcome("error", "exception")).ServeHTTP(w, r)
			return
		}
		h.ServeHTTP(w, r)
	}), count
}

// opened inserts members at the start of the body's object.
func opened(members string) func([]byte) []byte {
	return func(body []byte) []byte {
		at := bytes.IndexByte(body, '{')
		if at < 0 {
			return body
		}
		return append(append(bytes.Clone(body[:at+1]), members...), body[at+1:]...)
	}
}

// named changes every occurrence of the member resourceType.
func named(to string) func([]byte) []byte {
	return func(body []byte) []byte {
		compact := bytes.ReplaceAll(body, []byte(`"resourceType": `), []byte(`"resourceType":`))
		return bytes.ReplaceAll(compact, []byte(`"resourceType":`), []byte(to))
	}
}

// nested is an array inside an array, to the depth.
func nested(depth int) string { return strings.Repeat("[", depth) + strings.Repeat("]", depth) }

// bomb unpacks to size bytes of white space.
func bomb(size int) string {
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	block := bytes.Repeat([]byte(" "), 1<<20)
	for range size >> 20 {
		_, _ = z.Write(block)
	}
	_ = z.Close()
	return packed.String()
}

// names are n members, all different.
func names(n int) string {
	var b strings.Builder
	for i := range n {
		b.WriteString(`"x` + strconv.Itoa(i) + `":0,`)
	}
	return b.String()
}
