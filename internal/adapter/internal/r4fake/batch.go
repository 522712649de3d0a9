package r4fake

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
)

// batch answers each question of a batch (FHIR R4 3.1.0.11) as it would answer it by itself.
func (s *Server) batch(w http.ResponseWriter, r *http.Request) {
	if reply := s.Replies[""]; reply != nil {
		reply(w, r)
		return
	}
	var asked struct {
		Entry []struct{ Request struct{ Method, URL string } }
	}
	if err := json.NewDecoder(r.Body).Decode(&asked); err != nil {
		http.Error(w, "bad batch", http.StatusBadRequest)
		return
	}
	var answers []string
	for _, e := range asked.Entry {
		one := httptest.NewRequest(e.Request.Method, strings.TrimSuffix(r.URL.Path, "/")+"/"+e.Request.URL, nil)
		one.Host, one.Method = r.Host, "BATCH"
		answer := httptest.NewRecorder()
		s.search(answer, one)
		answers = append(answers, Answered(answer.Code, answer.Header().Get("Content-Type"), answer.Body.String()))
	}
	BatchResponse(w, answers...)
}

// Answered is the JSON of a batch's entry for an answer with the status; a body that is not FHIR is left out.
func Answered(status int, contentType, body string) string {
	response := fmt.Sprintf(`"response":{"status":"%d %s"}`, status, http.StatusText(status))
	if !strings.HasPrefix(contentType, "application/fhir+json") {
		return "{" + response + "}"
	}
	return `{"resource":` + body + "," + response + "}"
}

// BatchResponse writes a bundle that answers a batch with the entries.
func BatchResponse(w http.ResponseWriter, entries ...string) {
	w.Header().Set("Content-Type", "application/fhir+json; charset=utf-8")
	_, _ = fmt.Fprintf(w, `{"resourceType":"Bundle","type":"batch-response","entry":[%s]}`, strings.Join(entries, ","))
}
