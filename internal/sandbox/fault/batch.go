package fault

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
)

// changedEach changes the answer to a single question, or within the answer to a batch (FHIR R4 3.1.0.11) each answer that has a resource. The
// pieces are joined by hand, because what a fault makes of them need not be JSON.
func changedEach(e *exchange, body []byte, change func(*http.Request, []byte) []byte) []byte {
	questions := batched(e)
	var answers struct {
		Entry []struct {
			Resource json.RawMessage `json:"resource"`
			Response json.RawMessage `json:"response"`
		} `json:"entry"`
	}
	if questions == nil || json.Unmarshal(body, &answers) != nil || len(answers.Entry) != len(questions) {
		return change(e.r, body)
	}
	parts := make([]string, len(questions))
	for i, a := range answers.Entry {
		parts[i] = fmt.Sprintf(`{"response":%s}`, a.Response)
		if len(a.Resource) > 0 {
			parts[i] = fmt.Sprintf(`{"resource":%s,"response":%s}`, change(questions[i], a.Resource), a.Response)
		}
	}
	return []byte(`{"resourceType":"Bundle","type":"batch-response","entry":[` + join(parts) + `]}`)
}

// batched gives the questions of a batch as requests of their own, or nil when the request is none.
func batched(e *exchange) []*http.Request {
	var batch struct {
		Type  string `json:"type"`
		Entry []struct {
			Request struct{ URL string } `json:"request"`
		} `json:"entry"`
	}
	if e.r.Method != http.MethodPost || json.Unmarshal(e.body, &batch) != nil || batch.Type != "batch" {
		return nil
	}
	questions := []*http.Request{}
	for _, entry := range batch.Entry {
		path, query, _ := strings.Cut(entry.Request.URL, "?")
		one := *e.r
		one.Method, one.URL = http.MethodGet, &url.URL{Path: strings.TrimSuffix(e.r.URL.Path, "/") + "/" + path, RawQuery: query}
		questions = append(questions, &one)
	}
	return questions
}
