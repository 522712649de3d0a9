package adaptertest

import (
	"encoding/json"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"ribble/internal/record"
)

// batches puts the adapter through what only a feed that takes batches can do: fewer requests, and not one answer more or less for it.
func (h Harness) batches(t *testing.T) {
	if h.Batch == nil {
		t.Skip("the protocol has no batches")
	}
	b := h
	b.New = h.Batch
	b.together(t, h.run(t, need(t, h.Good, "answers")))
	t.Run("in fewer requests", func(t *testing.T) { b.fewer(t, h, 2, 3) })
	t.Run("one answer fails", func(t *testing.T) { b.oneAnswerFails(t, 0, nil) })
}

// together is what holds of every way to ask much in one request.
func (h Harness) together(t *testing.T, whole record.Answer) {
	t.Run("the same as one by one", func(t *testing.T) { h.sameAs(t, whole, h.Good) })
	t.Run("people", h.people)
	t.Run("odd entries", func(t *testing.T) { h.oddities(t, h.run(t, need(t, h.Odd, "sends odd entries"))) })
	t.Run("one request fails", h.oneFails)
	t.Run("more pages", h.morePages)
	t.Run("no order", h.noOrder)
	for _, f := range Failures(h.Good) {
		t.Run("instead of a batch "+f.Name, func(t *testing.T) { h.toldOrWhole(t, whole, onBatch(h.Good, f.Handler), f.Want) })
	}
	for name, handler := range declining {
		t.Run("declined with "+name, func(t *testing.T) { h.sameAs(t, whole, onBatch(h.Good, handler)) })
	}
}

// fewer demands that a way of asking spares requests.
func (h Harness) fewer(t *testing.T, than Harness, least, most int64) {
	t.Helper()
	handler, before := failNth(h.Good, -1, nil)
	than.run(t, handler)
	handler, after := failNth(h.Good, -1, nil)
	h.run(t, handler)
	if n := after.Load(); n < least || n > most || n >= before.Load() {
		t.Errorf("%d requests, and %d before", n, before.Load())
	}
}

// sameAs demands that an answer says exactly what another one did.
func (h Harness) sameAs(t *testing.T, want record.Answer, handler http.Handler) {
	t.Helper()
	got := h.run(t, handler)
	options := cmp.Options{cmp.Exporter(func(reflect.Type) bool { return true }), cmpopts.IgnoreTypes(time.Time{}, time.Duration(0))}
	if diff := cmp.Diff(want, got, options); diff != "" {
		t.Error(diff)
	}
}

// declining are the ways in which a server says that it takes no batches.
var declining = map[string]http.Handler{
	"404": reply(404, "text/html", HTML), "405": reply(405, fhirJSON, outcome("error", "processing")), "501": reply(501, fhirJSON, ""),
	"400, not supported": reply(400, fhirJSON, outcome("error", "not-supported")), "200, not supported": reply(200, fhirJSON, outcome("error", "not-supported")),
	"more than can be read": reply(200, fhirJSON, strings.Repeat(" ", 17<<20)), "more objects than can be read": reply(200, fhirJSON, "["+strings.Repeat("{},", 700_000)+"{}]"),
}

// toldOrWhole demands of a batch that failed that the page says so, or that everything was asked again one by one.
func (h Harness) toldOrWhole(t *testing.T, whole record.Answer, handler http.Handler, states []record.State) {
	t.Helper()
	a := h.run(t, handler)
	if a.State == record.Data && rows(a) == rows(whole) && !slices.ContainsFunc(a.Coverage[:], loud) {
		return
	}
	for i, c := range a.Coverage {
		if c.State != record.NotAsked && !slices.Contains(states, c.State) && c.State != record.Unavailable && h.Ask.Sections.Has(record.Section(i)) {
			t.Errorf("%s is %v, want one of %v", record.Section(i).ID(), c.State, states)
		}
	}
	if !slices.ContainsFunc(a.Coverage[:], loud) {
		t.Error("no section says that anything is missing")
	}
}

func loud(c record.Coverage) bool { return c.State.Loud() }

// morePages lets one answer of a batch go on for more pages.
func (h Harness) morePages(t *testing.T) {
	if h.Many == nil {
		t.Skip("the harness has no source that sends very many entries")
	}
	if a := h.run(t, h.Many(2500)); rows(a) != 2500 || slices.ContainsFunc(a.Coverage[:], loud) {
		t.Errorf("%d rows", rows(a))
	}
}

// batchAnswer is the answer to a batch, to be changed.
type batchAnswer struct {
	ResourceType string            `json:"resourceType"`
	Type         string            `json:"type"`
	Entry        []json.RawMessage `json:"entry"`
}

func isBatch(r *http.Request) bool {
	return r.Method == http.MethodPost && strings.HasPrefix(r.Header.Get("Content-Type"), fhirJSON)
}

// onBatch answers batches in one way and everything else in another.
func onBatch(other, batches http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if isBatch(r) {
			batches.ServeHTTP(w, r)
			return
		}
		other.ServeHTTP(w, r)
	})
}

// altered changes what h answers to the first batch of a view; a later one may ask for what the first one's entries refer to.
func altered(h http.Handler, change func(*batchAnswer)) http.Handler {
	done := false
	return onBatch(h, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		answer := captured(h, r)
		var b batchAnswer
		if err := json.Unmarshal(answer.Body.Bytes(), &b); err != nil || done {
			copyHeader(w, answer)
			_, _ = w.Write(answer.Body.Bytes())
			return
		}
		done = true
		change(&b)
		// What was decoded a moment ago can be encoded.
		body, _ := json.Marshal(b)
		copyHeader(w, answer)
		_, _ = w.Write(body)
	}))
}

const emptyOfNothing = "an empty list of nothing"

// badAnswers are entries of a batch's answer that answer nothing.
var badAnswers = map[string]string{
	"refused":                     `{"response":{"status":"403 Forbidden"}}`,
	"refused with words":          `{"response":{"status":"403 Forbidden","outcome":` + outcome("error", "forbidden") + `}}`,
	"failed":                      `{"response":{"status":"500"}}`,
	"failed, outcome as resource": `{"resource":` + outcome("fatal", "exception") + `,"response":{"status":"503 Service Unavailable"}}`,
	"an outcome":                  `{"resource":` + outcome("error", "exception") + `,"response":{"status":"200 OK"}}`,
	"no resource":                 `{"response":{"status":"200 OK"}}`,
	"only a hint":                 `{"response":{"status":"200 OK","outcome":` + outcome("information", "informational") + `}}`,
	"no status":                   `{"resource":{"resourceType":"Bundle","type":"searchset"}}`,
	"no sensible status":          `{"resource":{"resourceType":"Bundle","type":"searchset"},"response":{"status":"fine"}}`,
	"no content":                  `{"response":{"status":"204 No Content"}}`,
	"null":                        `null`,
	"empty":                       `{}`,
	"no searchset":                `{"resource":{"resourceType":"Bundle","type":"collection"},"response":{"status":"200 OK"}}`,
	"a batch in the batch":        `{"resource":{"resourceType":"Bundle","type":"batch-response","entry":[{"resource":{"resourceType":"Bundle","type":"searchset"},"response":{"status":"200"}}]},"response":{"status":"200 OK"}}`,
	"another resource":            `{"resource":{"resourceType":"Condition","id":"x"},"response":{"status":"200 OK"}}`,
	"an outcome that is none":     `{"resource":{"resourceType":"Bundle","type":"searchset"},"response":{"status":"200 OK","outcome":{"resourceType":"Condition","id":"x"}}}`,
	"links of the wrong shape":    `{"resource":{"resourceType":"Bundle","type":"searchset","link":"none"},"response":{"status":"200 OK"}}`,
	"a resource of no shape":      `{"resource":[1],"response":{"status":"200 OK"}}`,
	"a response of no shape":      `{"resource":{"resourceType":"Bundle","type":"searchset"},"response":["200 OK"]}`,
	emptyOfNothing:                `{"resource":{"resourceType":"Bundle","type":"searchset"},"response":{"status":"200 OK"}}`,
	"too many":                    `{"resource":{"resourceType":"Bundle","type":"searchset","entry":[` + strings.Repeat(`{},`, 20_000) + `{}]},"response":{"status":"200 OK"}}`,
}

// oneAnswerFails lets each question of a batch from the given one on go unanswered in turn, in every way but those that are asked again: a section
// must say so, and the others must not suffer.
func (h Harness) oneAnswerFails(t *testing.T, from int, again []string) {
	questions := 0
	h.run(t, altered(h.Good, func(b *batchAnswer) { questions = len(b.Entry) }))
	if questions < 2 {
		t.Fatalf("a batch of %d questions", questions)
	}
	for name, entry := range badAnswers {
		if slices.Contains(again, name) {
			continue
		}
		t.Run(name, func(t *testing.T) {
			for i := from; i < questions; i++ {
				a := h.run(t, altered(h.Good, func(b *batchAnswer) { b.Entry[i] = json.RawMessage(entry) }))
				if n := h.told(a); a.State != record.Data || n == 0 || n > questions/2 {
					t.Errorf("answer %d of %d: %v, and %d sections say that something is missing", i, questions, a.State, n)
				}
			}
		})
	}
}

// told counts the sections that say that something is missing in them.
func (h Harness) told(a record.Answer) int {
	n := 0
	for _, c := range a.Coverage {
		if c.State.Loud() {
			n++
		}
	}
	return n
}

// noOrder are answers of which nobody can tell what belongs to which question: none of them may be taken for one.
func (h Harness) noOrder(t *testing.T) {
	for name, change := range map[string]func(*batchAnswer){
		"one answer missing":    func(b *batchAnswer) { b.Entry = b.Entry[1:] },
		"the last missing":      func(b *batchAnswer) { b.Entry = b.Entry[:len(b.Entry)-1] },
		"one answer too many":   func(b *batchAnswer) { b.Entry = append(b.Entry, b.Entry[0]) },
		"no answers":            func(b *batchAnswer) { b.Entry = nil },
		"a searchset":           func(b *batchAnswer) { b.Type = "searchset" },
		"a transaction":         func(b *batchAnswer) { b.Type = "transaction-response" },
		"no type":               func(b *batchAnswer) { b.Type = "" },
		"no Bundle":             func(b *batchAnswer) { b.ResourceType = "Parameters" },
		"no resource type":      func(b *batchAnswer) { b.ResourceType = "" },
		"a number in its place": func(b *batchAnswer) { b.Entry[0] = json.RawMessage("1") },
	} {
		t.Run(name, func(t *testing.T) {
			a := h.run(t, altered(h.Good, change))
			if n := rows(a); n != 0 {
				t.Errorf("%d rows are shown", n)
			}
			for i, c := range a.Coverage {
				if c.State != record.NotAsked && c.State != record.Unavailable {
					t.Errorf("%s is %v", record.Section(i).ID(), c.State)
				}
			}
		})
	}
	t.Run("another order", func(t *testing.T) {
		for i := range 4 {
			a := h.run(t, altered(h.Good, func(b *batchAnswer) { b.Entry[i], b.Entry[i+1] = b.Entry[i+1], b.Entry[i] }))
			if h.told(a) == 0 {
				t.Errorf("answers %d and %d were exchanged and no section says so", i, i+1)
			}
		}
	})
}
