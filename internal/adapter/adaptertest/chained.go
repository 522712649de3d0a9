package adaptertest

import (
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"ribble/internal/record"
)

// chained puts the adapter through what only a feed that is asked for the person and everything else in one request can do: again fewer requests,
// the same answers, and nothing of an answer that does not begin with the right person.
func (h Harness) chained(t *testing.T) {
	if h.Chained == nil {
		t.Skip("the protocol has no chained searches")
	}
	whole := h.run(t, need(t, h.Good, "answers"))
	c, b := h, h
	c.New, b.New = h.Chained, h.Batch
	c.together(t, whole)
	t.Run("in fewer requests", func(t *testing.T) { c.fewer(t, b, 1, 2) })
	t.Run("one answer fails", func(t *testing.T) { c.oneAnswerFails(t, 1, []string{emptyOfNothing}) })
	t.Run("nobody surely found", c.nobodySurely)
	t.Run("the wrong person among the answers", c.wrongAmong)
	t.Run("chain declined", func(t *testing.T) { c.chainDeclined(t, whole) })
	t.Run("no number in an address", c.noNumberInAddress)
}

// nobodySurely lets the question for the person go unanswered, in every way: nothing of what came beside it may be shown.
func (h Harness) nobodySurely(t *testing.T) {
	for name, entry := range badAnswers {
		t.Run(name, func(t *testing.T) {
			a := h.run(t, altered(h.Good, func(b *batchAnswer) { b.Entry[0] = json.RawMessage(entry) }))
			h.wants(t, a, record.Unavailable, record.Refused, record.Mismatch)
			if a.Account.Total().Received == 0 {
				t.Error("what came beside it is not accounted for")
			}
		})
	}
}

// found is an answer to the question for the person.
func found(patients ...string) json.RawMessage {
	return json.RawMessage(`{"resource":{"resourceType":"Bundle","type":"searchset","link":[{"relation":"self","url":"https://x/Patient?identifier=y"}],"entry":[` +
		strings.Join(patients, ",") + `]},"response":{"status":"200 OK"}}`)
}

func patient(id, number string) string {
	return `{"resource":{"resourceType":"Patient","id":"` + id + `","identifier":[{"system":"` + record.NHSNumberSystem + `","value":"` + number + `"}]}}`
}

// wrongAmong lets the batch begin with everybody but the right person.
func (h Harness) wrongAmong(t *testing.T) {
	right, wrong := patient("p1", h.Ask.Person.NHSNumber.Digits()), patient("p9", "9434765870")
	for name, c := range map[string]struct {
		patients []string
		state    record.State
	}{
		"nobody, and entries all the same": {nil, record.Mismatch},
		"somebody else":                    {[]string{wrong}, record.Mismatch},
		"somebody else beside":             {[]string{right, wrong}, record.Mismatch},
		"the same twice":                   {[]string{right, right}, record.Mismatch},
		"somebody without a number":        {[]string{`{"resource":{"resourceType":"Patient","id":"p1"}}`}, record.Mismatch},
		"an id that is none":               {[]string{strings.Replace(right, `"p1"`, `"p1/../x"`, 1)}, record.Unavailable},
	} {
		t.Run(name, func(t *testing.T) {
			asked := 0
			a := h.run(t, counted(&asked, altered(h.Good, func(b *batchAnswer) { b.Entry[0] = found(c.patients...) })))
			h.wants(t, a, c.state)
			if asked != 1 {
				t.Errorf("%d requests: something was asked for under an id that may be somebody else's", asked)
			}
			if a.Account.Total().Received <= len(c.patients) || a.Account.Total().Fates[record.Quarantined] != a.Account.Total().Received {
				t.Errorf("the account says %+v", a.Account.Rows())
			}
		})
	}
	t.Run("another patient's entries", func(t *testing.T) {
		// The right person is found, under an id that the entries are not about.
		h.wrongPerson(t, altered(h.Good, func(b *batchAnswer) {
			b.Entry[0] = found(patient("p7", h.Ask.Person.NHSNumber.Digits()))
		}))
	})
}

func counted(n *int, h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		*n++
		h.ServeHTTP(w, r)
	})
}

// chainDeclined lets the server find the person and not follow the chain, in every way: the same comes of it in one request more.
func (h Harness) chainDeclined(t *testing.T, whole record.Answer) {
	for name, change := range map[string]func(entry json.RawMessage) json.RawMessage{
		"400":                   instead(`{"response":{"status":"400 Bad Request"}}`),
		"422":                   instead(`{"response":{"status":"422"}}`),
		"501":                   instead(`{"response":{"status":"501 Not Implemented"}}`),
		"not supported":         instead(`{"resource":` + outcome("error", "not-supported") + `,"response":{"status":"200 OK"}}`),
		"404 for every type":    instead(`{"response":{"status":"404 Not Found"}}`),
		"the chain left out":    relinked("self", "https://x/fhir/TYPE?_count=100"),
		"no word of it":         relinked("other", ""),
		"empty, and an echo":    instead(`{"resource":{"resourceType":"Bundle","type":"searchset","link":[{"relation":"self","url":"https://x?patient.identifier=y"}]},"response":{"status":"200 OK"}}`),
		"a page by the number":  relinked("next", "https://x/fhir/TYPE?patient.identifier=a%7C"+h.Ask.Person.NHSNumber.Digits()+"&page=2"),
		"a page out of reading": relinked("next", "https://x/fhir/TYPE?a=%zz"),
	} {
		t.Run(name, func(t *testing.T) {
			asked := 0
			h.sameAs(t, whole, counted(&asked, altered(h.Good, func(b *batchAnswer) {
				for i := 1; i < len(b.Entry); i++ {
					b.Entry[i] = change(b.Entry[i])
				}
			})))
			if asked < 2 || asked > 3 {
				t.Errorf("%d requests", asked)
			}
		})
	}
}

func instead(entry string) func(json.RawMessage) json.RawMessage {
	return func(json.RawMessage) json.RawMessage { return json.RawMessage(entry) }
}

// relinked gives a searchset links of its own: the one named, and that to itself unless it is the one.
func relinked(relation, address string) func(json.RawMessage) json.RawMessage {
	return func(entry json.RawMessage) json.RawMessage {
		var e struct {
			Resource map[string]json.RawMessage `json:"resource"`
			Response json.RawMessage            `json:"response"`
		}
		if json.Unmarshal(entry, &e) != nil {
			return entry
		}
		links := []map[string]string{{"relation": relation, "url": address}}
		if relation == "next" {
			links = append(links, map[string]string{"relation": "self", "url": "https://x?patient.identifier=y"})
		}
		// What was decoded a moment ago can be encoded.
		e.Resource["link"], _ = json.Marshal(links)
		changed, _ := json.Marshal(e)
		return changed
	}
}

// noNumberInAddress demands that the NHS number stands in bodies alone.
func (h Harness) noNumberInAddress(t *testing.T) {
	number := h.Ask.Person.NHSNumber.Digits()
	var addresses []string
	h.run(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		plain, err := url.QueryUnescape(r.RequestURI)
		if err != nil {
			plain = r.RequestURI
		}
		addresses = append(addresses, plain)
		h.Good.ServeHTTP(w, r)
	}))
	if slices.ContainsFunc(addresses, func(a string) bool { return strings.Contains(a, number) }) || len(addresses) == 0 {
		t.Errorf("asked for %d addresses, with the number in one of them", len(addresses))
	}
}
