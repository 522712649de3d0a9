package pds_test

import (
	"encoding/json"
	"fmt"
	"io"
	"iter"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ribble/internal/sandbox/pds"
	"ribble/internal/sandbox/story"
)

// register is a handful of people.
type register []story.Person

func (r register) Person(number string) (story.Person, bool) {
	for _, p := range r {
		if p.NHSNumber == number || slices.Contains(p.Superseded, number) {
			return p, true
		}
	}
	return story.Person{}, false
}

func (r register) Everybody() iter.Seq[story.Person] { return slices.Values(r) }

func who(number, given, family string) story.Person {
	return story.Person{
		Demographics: story.Demographics{
			NHSNumber: number, Name: story.Name{Prefix: "Mrs", Family: family, Given: []string{given, "Margaret"}}, Born: "1942-03-03", Gender: "female",
			Address: story.Address{Lines: []string{"14 Beck Lane"}, City: "Nether Wyrefield", Postcode: "XX7 4QT"},
			Phones:  []story.Phone{{Use: "home", Number: "01632 960147"}}, Email: "e@example.invalid",
		},
		Practice: "Y99001", Relations: []story.RelatedPerson{{Name: story.Name{Family: "Lee", Given: []string{"Ruth"}}}},
	}
}

func people() register {
	edith, edna, old, gone, dead := who("9991411690", "Edith", "Ashworth"), who("9990646465", "Edna", "Ashworth"), who("9995395630", "Walter", "Kenyon"), who("9996140024", "No", "Body"), who("9998825547", "Zoë", "O’Brien-Łęk")
	edna.Restricted, gone.Invalidated = true, true
	old.Superseded = []string{"9993581763"}
	dead.Died = "2026-10-29T00:00:00+00:00"
	return register{edith, edna, old, gone, dead}
}

// wire is what the tests read of an answer, whatever it is.
type wire struct {
	Type     string `json:"resourceType"`
	ID       string `json:"id"`
	Total    int    `json:"total"`
	Deceased string `json:"deceasedDateTime"`
	Meta     struct {
		Security []struct{ Code string } `json:"security"`
	} `json:"meta"`
	Address []struct {
		Line       []string `json:"line"`
		PostalCode string   `json:"postalCode"`
	} `json:"address"`
	Telecom []struct{} `json:"telecom"`
	GP      []struct {
		Identifier struct{ Value string } `json:"identifier"`
	} `json:"generalPractitioner"`
	Entry []struct {
		Search   struct{ Score float64 } `json:"search"`
		Resource struct{ ID string }     `json:"resource"`
	} `json:"entry"`
	Issue []struct {
		Severity string `json:"severity"`
		Details  struct {
			Coding []struct{ System, Code string } `json:"coding"`
		} `json:"details"`
	} `json:"issue"`
}

func (w wire) code() string {
	if len(w.Issue) == 0 {
		return ""
	}
	return w.Issue[0].Details.Coding[0].Code
}

func ask(t *testing.T, path string, headers ...string) (int, wire) {
	t.Helper()
	request := httptest.NewRequest(http.MethodGet, pds.Base+path, nil)
	request.Header.Set("X-Request-ID", "60e0b220-8136-4ca5-ae46-1d97ef59d068")
	for i := 0; i+1 < len(headers); i += 2 {
		request.Header.Set(headers[i], headers[i+1])
	}
	recorder := httptest.NewRecorder()
	pds.New(people()).Handler().ServeHTTP(recorder, request)
	body, err := io.ReadAll(recorder.Body)
	if err != nil {
		t.Fatal(err)
	}
	var got wire
	if err := json.Unmarshal(body, &got); err != nil {
		t.Fatalf("answer is not JSON: %v", err)
	}
	return recorder.Code, got
}

func TestRetrieve(t *testing.T) {
	tests := []struct {
		name, number string
		status       int
		id, code     string
	}{
		{"somebody", "9991411690", 200, "9991411690", ""},
		{"a superseded number gives the new one", "9993581763", 200, "9995395630", ""},
		{"restricted", "9990646465", 200, "9990646465", ""},
		{"not a number", "12345", 400, "", "INVALID_RESOURCE_ID"},
		{"wrong check digit", "9991411691", 400, "", "INVALID_RESOURCE_ID"},
		{"nobody", "9992506318", 404, "", "RESOURCE_NOT_FOUND"},
		{"invalidated", "9996140024", 404, "", "INVALIDATED_RESOURCE"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			status, got := ask(t, "/Patient/"+tt.number)
			if status != tt.status || got.ID != tt.id || got.code() != tt.code {
				t.Errorf("answered %d, id %q, code %q", status, got.ID, got.code())
			}
		})
	}
}

func TestARestrictedPersonHasNoPlace(t *testing.T) {
	_, open := ask(t, "/Patient/9991411690")
	if open.Meta.Security[0].Code != "U" || len(open.Telecom) != 2 || open.GP[0].Identifier.Value != "Y99001" ||
		!cmp.Equal(open.Address[0].Line, []string{"14 Beck Lane", "Nether Wyrefield"}) {
		t.Errorf("the open record lacks parts: %+v", open)
	}
	_, restricted := ask(t, "/Patient/9990646465")
	if restricted.Meta.Security[0].Code != "R" || restricted.Address != nil || restricted.Telecom != nil || restricted.GP != nil {
		t.Errorf("the restricted record shows a place: %+v", restricted)
	}
	if _, relatives := ask(t, "/Patient/9990646465/RelatedPerson"); relatives.Total != 0 {
		t.Error("the restricted person's relatives are given out")
	}
	if _, relatives := ask(t, "/Patient/9991411690/RelatedPerson"); relatives.Total != 1 {
		t.Error("the relatives are not given out")
	}
}

func TestDeathIsTold(t *testing.T) {
	if _, got := ask(t, "/Patient/9998825547"); got.Deceased != "2026-10-29T00:00:00+00:00" {
		t.Errorf("deceasedDateTime %q", got.Deceased)
	}
}

func TestRequestIDIsMandatory(t *testing.T) {
	if status, got := ask(t, "/Patient/9991411690", "X-Request-ID", ""); status != 400 || got.code() != "MISSING_VALUE" {
		t.Errorf("without one: %d %s", status, got.code())
	}
	if status, got := ask(t, "/Patient/9991411690", "X-Request-ID", "abc"); status != 400 || got.code() != "INVALID_VALUE" {
		t.Errorf("with a wrong one: %d %s", status, got.code())
	}
}

func TestSearch(t *testing.T) {
	const born = "eq1942-03-03"
	tests := []struct {
		name string
		ask  url.Values
		want []string
	}{
		{"family and birth date", url.Values{"family": {"Ashworth"}, "birthdate": {born}}, []string{"9991411690", "9990646465"}},
		{"with given name", url.Values{"family": {"ASHWORTH"}, "given": {"edith"}, "birthdate": {born}}, []string{"9991411690"}},
		{"fuzzy finds the similar name", url.Values{"family": {"Ashworth"}, "given": {"Edith"}, "birthdate": {born}, "_fuzzy-match": {"true"}}, []string{"9991411690", "9990646465"}},
		{"middle name", url.Values{"family": {"Kenyon"}, "given": {"Margaret"}, "birthdate": {born}}, []string{"9995395630"}},
		{"exact leaves the middle name out", url.Values{"family": {"Kenyon"}, "given": {"Margaret"}, "birthdate": {born}, "_exact-match": {"true"}}, nil},
		{"wildcard", url.Values{"family": {"As*"}, "birthdate": {born}}, []string{"9991411690", "9990646465"}},
		{"accents and apostrophes do not matter", url.Values{"family": {"obrienłek"}, "given": {"zoe"}, "birthdate": {born}}, []string{"9998825547"}},
		{"postcode hides the restricted", url.Values{"family": {"Ashworth"}, "birthdate": {born}, "address-postalcode": {"xx74qt"}}, []string{"9991411690"}},
		{"practice hides the restricted", url.Values{"family": {"Ashworth"}, "birthdate": {born}, "general-practitioner": {"Y99001"}}, []string{"9991411690"}},
		{"gender", url.Values{"family": {"Ashworth"}, "birthdate": {born}, "gender": {"male"}}, nil},
		{"date range", url.Values{"family": {"Ashworth"}, "birthdate": {"ge1942-01-01", "le1942-12-31"}, "given": {"Edith"}}, []string{"9991411690"}},
		{"other date", url.Values{"family": {"Ashworth"}, "birthdate": {"eq1942-03-04"}}, nil},
		{"the invalidated are gone", url.Values{"family": {"Body"}, "birthdate": {born}}, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			status, got := ask(t, "/Patient?"+tt.ask.Encode())
			var ids []string
			for _, entry := range got.Entry {
				ids = append(ids, entry.Resource.ID)
			}
			if diff := cmp.Diff(tt.want, ids); status != 200 || diff != "" || got.Total != len(tt.want) {
				t.Errorf("answered %d, total %d (-want +got):\n%s", status, got.Total, diff)
			}
		})
	}
}

func TestSearchRefusals(t *testing.T) {
	tests := []struct {
		query  string
		status int
		code   string
	}{
		{"family=Ashworth&birthdate=eq1942-03-03&_max-results=1", 200, "TOO_MANY_MATCHES"},
		{"family=Ashworth", 400, "MISSING_VALUE"},
		{"birthdate=eq1942-03-03", 400, "TOO_FEW_VALUES_SUBMITTED"},
		{"family=A*&birthdate=eq1942-03-03", 400, "INVALID_SEARCH_DATA"},
		{"family=Ashworth&birthdate=3/3/42", 400, "INVALID_VALUE"},
		{"family=Ashworth&birthdate=eq1942-02-30", 400, "INVALID_VALUE"},
		{"family=Ashworth&birthdate=1942-03-03&_max-results=51", 400, "INVALID_VALUE"},
		{"family=Ashworth&birthdate=1942-03-03&shoe-size=5", 400, "ADDITIONAL_PROPERTIES"},
		{"family=Ashworth&birthdate=1942-03-03&_exact-match=true&_fuzzy-match=true", 400, "INVALID_SEARCH_DATA"},
	}
	for _, tt := range tests {
		status, got := ask(t, "/Patient?"+tt.query)
		if status != tt.status || got.code() != tt.code {
			t.Errorf("%s answered %d %s, want %d %s", tt.query, status, got.code(), tt.status, tt.code)
		}
	}
	if _, got := ask(t, "/Patient?family=Ashworth&birthdate=eq1942-03-03&_max-results=1"); got.Type != "OperationOutcome" || got.Issue[0].Severity != "information" {
		t.Errorf("too many matches is %s of severity %s", got.Type, got.Issue[0].Severity)
	}
}

func ExampleService() {
	request := httptest.NewRequest(http.MethodGet, pds.Base+"/Patient/9991411690", nil)
	request.Header.Set("X-Request-ID", "60e0b220-8136-4ca5-ae46-1d97ef59d068")
	recorder := httptest.NewRecorder()
	pds.New(people()).Handler().ServeHTTP(recorder, request)
	fmt.Println(recorder.Code, recorder.Header().Get("Content-Type"))
	// Output: 200 application/fhir+json; charset=utf-8
}
