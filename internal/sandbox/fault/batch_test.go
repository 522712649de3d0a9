package fault_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"ribble/internal/sandbox/fault"
)

const (
	twoQuestions = `{"resourceType":"Bundle","type":"batch","entry":[{"request":{"method":"GET","url":"Condition?_count=100&patient=p1"}},{"request":{"method":"GET","url":"Flag?patient=p1"}}]}`
	twoAnswers   = `{"resourceType":"Bundle","type":"batch-response","entry":[{"resource":` + record + `,"response":{"status":"200 OK"}},{"response":{"status":"403 Forbidden"}}]}`
)

// batched sends the two questions to a source with the fault, and gives the answer.
func batched(t *testing.T, people fault.People, setting fault.Setting) (*http.Response, string) {
	t.Helper()
	control := fault.New(people)
	server := httptest.NewTLSServer(control.Source("bth", "Bowland", http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/fhir+json")
		_, _ = io.WriteString(w, twoAnswers)
	})))
	defer server.Close()
	defer control.Close()
	if err := control.Set("bth", setting); err != nil {
		t.Fatal(err)
	}
	client := server.Client()
	defer client.CloseIdleConnections()
	response, err := client.Post(server.URL+"/fhir/R4", "application/fhir+json", strings.NewReader(twoQuestions))
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response, strings.ReplaceAll(string(body), server.URL, "https://here")
}

// A fault of the content strikes the answer to each question of a batch as it strikes the answer to a search by itself.
func TestContentFaultsStrikeInsideABatch(t *testing.T) {
	for _, name := range []string{"another-person", "one-stray-entry", "no-patient", "next-elsewhere", "operation-outcome-error", "unknown-modifier", "duplicate-names", "invalid-utf8"} {
		response, body := batched(t, nil, fault.Setting{Fault: name})
		var b struct {
			Type  string
			Entry []struct {
				Resource json.RawMessage
				Response struct{ Status string }
			}
		}
		if err := json.Unmarshal([]byte(body), &b); err != nil || b.Type != "batch-response" || len(b.Entry) != 2 || b.Entry[1].Response.Status != "403 Forbidden" {
			t.Errorf("%s: the batch is not whole: %v %.300s", name, err, body)
			continue
		}
		if inner := string(b.Entry[0].Resource); !answers[name](response, inner) {
			t.Errorf("%s: answered %.300s", name, inner)
		}
	}
}

func TestPagesFaultInsideABatchByType(t *testing.T) {
	_, body := batched(t, nil, fault.Setting{Fault: "endless-paging"})
	if !strings.Contains(body, `"relation":"next","url":"https://here/fhir/R4/Condition?`) || strings.Contains(body, "/Flag?") {
		t.Errorf("answered %.300s", body)
	}
}

// The person of a batch is known by the patient of its questions.
func TestABatchIsAboutItsPatient(t *testing.T) {
	for number, struck := range map[string]bool{person: true, stranger: false} {
		response, _ := batched(t, folk{}, fault.Setting{Fault: "status-500", NHSNumber: number})
		if (response.StatusCode == http.StatusInternalServerError) != struck {
			t.Errorf("a fault for one person: struck %v, want %v", !struck, struck)
		}
	}
}
