package hospital

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ribble/internal/sandbox/story"
	"ribble/internal/sandbox/wiretest"
)

// answered is the answer to a batch.
type answered struct {
	Type  string
	Entry []struct {
		Resource json.RawMessage
		Response struct {
			Status  string
			Outcome json.RawMessage
		}
	}
}

// ask sends a batch of questions; a word before the address is another method than GET.
func ask(t *testing.T, base string, questions ...string) answered {
	t.Helper()
	var entries []string
	for _, q := range questions {
		method, address, ok := strings.Cut(q, " ")
		if !ok {
			method, address = http.MethodGet, q
		}
		entries = append(entries, `{"request":{"method":"`+method+`","url":"`+address+`"}}`)
	}
	r, err := http.Post(base, "application/fhir+json", strings.NewReader(`{"resourceType":"Bundle","type":"batch","entry":[`+strings.Join(entries, ",")+`]}`))
	status, body := read(t, r, err)
	wiretest.Decode(t, body)
	var a answered
	if err := json.Unmarshal(body, &a); err != nil || status != http.StatusOK || a.Type != "batch-response" || len(a.Entry) != len(questions) {
		t.Fatalf("status %d, %s, %d entries, %v", status, a.Type, len(a.Entry), err)
	}
	return a
}

func TestABatchAnswersAsTheSearchesDo(t *testing.T) {
	base := server(t, wiretest.Region()).URL + "/rxx/r4"
	searches := []string{
		"Condition?patient=" + wiretest.Local, "MedicationRequest?_count=1&_include=MedicationRequest%3Amedication&patient=" + wiretest.Local, "Encounter?patient=nobody",
		"Patient/" + wiretest.Local,
	}
	for i, e := range ask(t, base, searches...).Entry {
		r, err := http.Get(base + "/" + searches[i])
		status, want := read(t, r, err)
		if diff := cmp.Diff(string(want), string(e.Resource)); diff != "" || status != http.StatusOK || e.Response.Status != "200 OK" {
			t.Errorf("%s: %s %s", searches[i], e.Response.Status, diff)
		}
	}
	// A page that goes on leads to the same address as that of a search by itself.
	b := wiretest.Parse(t, ask(t, base, searches[1]).Entry[0].Resource)
	if !strings.HasPrefix(b.Next, base+"/MedicationRequest?") || len(get(t, b.Next).Resources) == 0 {
		t.Errorf("the next page is at %q", b.Next)
	}
}

// A chain is followed to the person who has the number here, and to nobody else.
func TestAChainedSearchAnswersAsThatByID(t *testing.T) {
	region := wiretest.Region()
	base := server(t, region).URL + "/rxx/r4"
	number := strings.ReplaceAll(wiretest.Person().NHSNumber, " ", "")
	const system = "https://fhir.nhs.uk/Id/nhs-number"
	chained := func(query, identifier string) string {
		return query + "&patient.identifier=" + url.QueryEscape(identifier)
	}
	for _, query := range []string{"Condition?_count=50", "MedicationRequest?_count=1&_include=MedicationRequest%3Amedication", "Observation?_count=2"} {
		a := ask(t, base, query+"&patient="+wiretest.Local, chained(query, system+"|"+number))
		want, got := wiretest.Parse(t, a.Entry[0].Resource), wiretest.Parse(t, a.Entry[1].Resource)
		if got.Total != want.Total || len(got.Resources) != len(want.Resources) || got.Total == 0 {
			t.Errorf("%s: %d of %d, want %d of %d", query, len(got.Resources), got.Total, len(want.Resources), want.Total)
		}
		if got.Next != want.Next || strings.Contains(got.Next, number) {
			t.Errorf("%s: the next page is at %q, want %q", query, got.Next, want.Next)
		}
		if !strings.Contains(string(a.Entry[1].Resource), "patient.identifier=") {
			t.Errorf("%s: the chain is not repeated", query)
		}
	}
	a := ask(t, base, chained("Condition?_count=50", system+"|9990000026"), chained("Condition?_count=50", "urn:other|"+number), chained("Condition?_count=50", number),
		chained("Condition?patient=somebody", system+"|"+number))
	for i, want := range []string{"200", "400", "400", "200"} {
		e := a.Entry[i]
		if !strings.HasPrefix(e.Response.Status, want) || want == "200" && wiretest.Parse(t, e.Resource).Total != 0 {
			t.Errorf("question %d: %s %s", i, e.Response.Status, e.Resource)
		}
	}
}

func TestEachQuestionOfABatchKeepsItsStatus(t *testing.T) {
	base := server(t, wiretest.Region()).URL + "/rxx/r4"
	a := ask(t, base, "Condition", "Condition?patient="+wiretest.Local, "Nonsense?patient=1", "DELETE Condition/1", "https://elsewhere.test/Condition", "/admin", "//elsewhere.test/x", "%zz")
	for i, want := range []string{"400", "200", "404", "405", "405", "405", "405", "405"} {
		e := a.Entry[i]
		if !strings.HasPrefix(e.Response.Status, want) || (len(e.Resource) > 0) != (want == "200") || (len(e.Response.Outcome) > 0) == (want == "200") {
			t.Errorf("question %d: %s", i, e.Response.Status)
		}
	}
}

func TestARefusalReachesEveryQuestionOfABatch(t *testing.T) {
	p := wiretest.Person()
	p.Holdings = []story.Holding{{ODS: wiretest.Hospital, LocalID: wiretest.Local, Behaviour: story.Behaviour{Error: "ACCESS_DENIED"}}}
	base := server(t, wiretest.With(p)).URL + "/rxx/r4"
	for i, e := range ask(t, base, "Condition?patient="+wiretest.Local, "Flag?patient="+wiretest.Local).Entry {
		if e.Response.Status != "403 Forbidden" || !strings.Contains(string(e.Response.Outcome), "ACCESS_DENIED") {
			t.Errorf("question %d: %s %s", i, e.Response.Status, e.Response.Outcome)
		}
	}
}

func TestOnlyABatchCanBeSent(t *testing.T) {
	base := server(t, wiretest.Region()).URL + "/rxx/r4"
	for _, body := range []string{"", "[]", `{"resourceType":"Bundle","type":"transaction"}`, `{"resourceType":"Patient","type":"batch"}`, strings.Repeat(" ", 2<<20)} {
		r, err := http.Post(base, "application/fhir+json", strings.NewReader(body))
		if status, answer := read(t, r, err); status != http.StatusBadRequest || !strings.Contains(string(answer), "OperationOutcome") {
			t.Errorf("%.60q: %d %s", body, status, answer)
		}
	}
}
