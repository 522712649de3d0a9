package r4server

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"

	"ribble/internal/sandbox/fhirout"
)

// largestBatch bounds what is read of a batch, in bytes.
const largestBatch = 1 << 20

// question is Bundle.entry.request.
type question struct {
	Method string `json:"method"`
	URL    string `json:"url"`
}

// batch answers a Bundle of questions (FHIR R4 3.1.0.11) in their order. Each goes the way of a request of its own and keeps its own status.
func (s *server) batch(w http.ResponseWriter, r *http.Request) {
	var asked struct {
		ResourceType string `json:"resourceType"`
		Type         string `json:"type"`
		Entry        []struct {
			Request question `json:"request"`
		} `json:"entry"`
	}
	err := json.NewDecoder(http.MaxBytesReader(w, r.Body, largestBatch)).Decode(&asked)
	if err != nil || asked.ResourceType != "Bundle" || asked.Type != "batch" {
		s.fail(w, refusal{http.StatusBadRequest, "invalid", "INVALID_RESOURCE", "Only a batch can be sent here"})
		return
	}
	var out fhirout.Writer
	out.Object("", func() {
		out.String("resourceType", "Bundle")
		out.String("type", "batch-response")
		out.List("entry", func() {
			for _, e := range asked.Entry {
				reply(&out, s.one(r, e.Request))
			}
		})
	})
	s.send(w, http.StatusOK, out.Bytes())
}

// one answers a question of the batch r.
func (s *server) one(r *http.Request, q question) *httptest.ResponseRecorder {
	answer := httptest.NewRecorder()
	at, err := url.Parse(q.URL)
	if err != nil || at.IsAbs() || at.Host != "" || strings.HasPrefix(at.Path, "/") || q.Method != http.MethodGet {
		s.fail(answer, refusal{http.StatusMethodNotAllowed, "not-supported", "METHOD_NOT_ALLOWED", "A batch may only read below this address"})
		return answer
	}
	root, _, _ := strings.Cut(r.RequestURI, "?")
	one := r.Clone(r.Context())
	one.Method, one.Body, one.RequestURI = http.MethodGet, http.NoBody, strings.TrimSuffix(root, "/")+"/"+q.URL
	one.URL = &url.URL{Path: "/" + at.Path, RawQuery: at.RawQuery}
	one.Header.Set("Accept", "application/fhir+json")
	s.ServeHTTP(answer, one)
	return answer
}

func reply(out *fhirout.Writer, answer *httptest.ResponseRecorder) {
	out.Object("", func() {
		if answer.Code == http.StatusOK {
			out.Raw("resource", answer.Body.Bytes())
		}
		out.Object("response", func() {
			out.String("status", strconv.Itoa(answer.Code)+" "+http.StatusText(answer.Code))
			if answer.Code != http.StatusOK {
				out.Raw("outcome", answer.Body.Bytes())
			}
		})
	})
}
