package gpconnect

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"ribble/internal/outbound"
	"ribble/internal/record"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// practice is a pretended practice system: it answers by the path, and remembers what it was asked.
type practice struct {
	mu     sync.Mutex
	asked  []*http.Request
	bodies []string
	// answer gives status and body, or an error; %TRACE% in the body becomes the id of the request.
	answer func(req *http.Request, body string) (int, string, error)
}

func (p *practice) Do(ctx context.Context, req *http.Request) (*outbound.Answer, error) {
	body, err := io.ReadAll(req.Body)
	if err != nil {
		return nil, err
	}
	p.mu.Lock()
	p.asked, p.bodies = append(p.asked, req), append(p.bodies, string(body))
	p.mu.Unlock()
	status, text, err := p.answer(req, string(body))
	if err != nil {
		return nil, err
	}
	text = strings.ReplaceAll(text, "%TRACE%", sspHeader(req.Header, traceHeader))
	return &outbound.Answer{Status: status, Header: http.Header{}, Body: []byte(text)}, ctx.Err()
}

// addresses is a directory of one practice: the structured record lies below root, its documents beside it.
type addresses struct{ structured, documents string }

func (a addresses) Practice(_ context.Context, ods, interaction string) (Endpoint, error) {
	switch {
	case ods != testSource.Organisation.ODS:
		return Endpoint{}, errors.New("not known")
	case interaction == structuredInteraction:
		return Endpoint{URL: a.structured, ASID: "200000000205"}, nil
	}
	return Endpoint{URL: a.documents, ASID: "200000000205"}, nil
}

var testAddresses = addresses{"https://practice.example/B82617/STU3/1/gpconnect/structured/fhir", "https://practice.example/B82617/STU3/1/gpconnect/documents/fhir"}

func testSpine() *Spine {
	return &Spine{
		Proxy: "https://proxy.example", Issuer: "https://ribble.example/", Device: Device{System: "https://ribble.example/Id/device", Value: "1", Model: "Ribble", Version: "1.0"},
		ASID: func(ods string) string { return "asid-of-" + ods }, Now: func() time.Time { return testTime },
	}
}

func testSourceOf(p *practice) *Source {
	return New(Config{Ref: testSource, Directory: testAddresses, Transport: testSpine(), Client: p})
}

func wireAsk(t testing.TB) record.Ask {
	ask := testAsk(t)
	ask.Requester = record.Requester{
		Name: "Dr Amina Jane Patel", SDSUserID: "111222333444", RoleProfileID: "444555666777", RoleName: "Consultant",
		Organisation: record.Organisation{ODS: "RXX", Name: "Bowland Hospital"},
	}
	return ask
}

// answered is a whole bundle with the id of the request.
func answered(resources ...string) string {
	return strings.Replace(bundle(resources...), `"id":"t"`, `"id":"%TRACE%"`, 1)
}

const documentJSON = `{"resourceType":"DocumentReference","id":"d1","status":"current","subject":{"reference":"Patient/p"},"description":"Letter","created":"2020-01-01","content":[{"attachment":{"contentType":"text/plain","url":"https://practice.example/B82617/STU3/1/gpconnect/documents/fhir/Binary/1"}}]}`

func wellBehaved(req *http.Request, body string) (int, string, error) {
	switch {
	case strings.HasSuffix(req.URL.Path, "$gpc.getstructuredrecord") && strings.Contains(body, "includeNotGiven"):
		return 200, answered(list(immunisationList, nil)), nil
	case strings.HasSuffix(req.URL.Path, "$gpc.getstructuredrecord"):
		return 200, answered(append(emptyLists(allergyList), list(allergyList, []string{"AllergyIntolerance/1"}), allergy("1", `,`+snomed("1", "Cats")))...), nil
	case strings.HasSuffix(req.URL.Path, "/DocumentReference"):
		return 200, bundle(documentJSON), nil
	case strings.HasSuffix(req.URL.Path, "/Patient"):
		return 200, `{"resourceType":"Bundle","type":"searchset","entry":[{"resource":` + patientJSON + `}]}`, nil
	case strings.Contains(req.URL.Path, "/Binary/"):
		return 200, `{"resourceType":"Binary","contentType":"text/plain","content":"` + base64.StdEncoding.EncodeToString([]byte("the letter")) + `"}`, nil
	}
	return 404, "", nil
}

func TestAskOnTheWire(t *testing.T) {
	p := &practice{answer: wellBehaved}
	a := testSourceOf(p).Ask(context.Background(), wireAsk(t))
	if a.State != record.Data || len(a.Chart.Allergies) != 1 || len(a.Chart.Documents) != 1 || len(a.Patients) != 1 || a.Foreign != 0 || a.Source.RetrievedAt.IsZero() || a.Chart.Allergies[0].Source.RetrievedAt.IsZero() {
		t.Fatalf("%v %q: %d allergies, %d documents, %d patients", a.State, a.Detail, len(a.Chart.Allergies), len(a.Chart.Documents), len(a.Patients))
	}
	if a.Account.Unaccounted() != 0 {
		t.Error("not balanced")
	}
	if len(p.asked) != 4 {
		t.Fatalf("%d requests", len(p.asked))
	}
	traces := map[string]bool{}
	for i, req := range p.asked {
		traces[sspHeader(req.Header, traceHeader)] = true
		checkHeaders(t, req)
		if req.Method == http.MethodPost {
			checkBody(t, p.bodies[i])
		}
	}
	if len(traces) != 4 {
		t.Errorf("%d different trace ids", len(traces))
	}
}

func checkHeaders(t *testing.T, req *http.Request) {
	t.Helper()
	h := req.Header
	if !strings.HasPrefix(req.URL.String(), "https://proxy.example/https://practice.example/B82617/STU3/1/gpconnect/") {
		t.Errorf("address %s", req.URL)
	}
	for name, want := range map[string]string{"Ssp-From": "asid-of-RXX", "Ssp-To": "200000000205", "Accept": fhirJSON, "X-Correlation-Id": "view-1"} {
		if got := h[name]; len(got) != 1 || got[0] != want {
			t.Errorf("%s: %q", name, got)
		}
	}
	if id := sspHeader(h, interactionHeader); !strings.HasPrefix(id, "urn:nhs:names:services:gpconnect:") {
		t.Errorf("interaction %q", id)
	}
	if req.Method == http.MethodPost && (h.Get("Content-Type") != fhirJSON || req.ContentLength != -1) {
		t.Errorf("content type %q, length %d", h.Get("Content-Type"), req.ContentLength)
	}
	token := strings.TrimPrefix(h.Get("Authorization"), "Bearer ")
	parts := strings.Split(token, ".")
	if len(parts) != 3 || parts[2] != "" {
		t.Fatalf("token has %d parts", len(parts))
	}
	head, _ := base64.RawURLEncoding.DecodeString(parts[0])
	claims, _ := base64.RawURLEncoding.DecodeString(parts[1])
	if string(head) != `{"alg":"none","typ":"JWT"}` {
		t.Errorf("header %s", head)
	}
	audience := testAddresses.structured
	if req.Method == http.MethodGet {
		audience = testAddresses.documents
	}
	want := fmt.Sprintf(`{"iss":"https://ribble.example/","sub":"111222333444","aud":%q,"exp":%d,"iat":%d,"reason_for_request":"directcare","requested_scope":"patient/*.read",`+
		`"requesting_device":{"resourceType":"Device","identifier":[{"system":"https://ribble.example/Id/device","value":"1"}],"model":"Ribble","version":"1.0"},`+
		`"requesting_organization":{"resourceType":"Organization","identifier":[{"system":"https://fhir.nhs.uk/Id/ods-organization-code","value":"RXX"}],"name":"Bowland Hospital"},`+
		`"requesting_practitioner":{"resourceType":"Practitioner","id":"111222333444","identifier":[{"system":"https://fhir.nhs.uk/Id/sds-user-id","value":"111222333444"},`+
		`{"system":"https://fhir.nhs.uk/Id/sds-role-profile-id","value":"444555666777"},{"system":"https://ribble.example/Id/user","value":"111222333444"}],`+
		`"name":[{"family":"Patel","given":["Amina","Jane"],"prefix":["Dr"]}]}}`, audience, testTime.Unix()+300, testTime.Unix())
	if diff := cmp.Diff(want, string(claims)); diff != "" {
		t.Error(diff)
	}
}

func checkBody(t *testing.T, body string) {
	t.Helper()
	want := `{"resourceType":"Parameters","parameter":[{"name":"patientNHSNumber","valueIdentifier":{"system":"https://fhir.nhs.uk/Id/nhs-number","value":"` + testNumber + `"}},`
	if strings.Contains(body, "includeNotGiven") {
		want += `{"name":"includeImmunisations","part":[{"name":"includeNotGiven","valueBoolean":true}]}]}`
	} else {
		want += `{"name":"includeAllergies","part":[{"name":"includeResolvedAllergies","valueBoolean":true}]},{"name":"includeMedication","part":[{"name":"includePrescriptionIssues","valueBoolean":true}]},` +
			`{"name":"includeConsultations"},{"name":"includeProblems"},{"name":"includeImmunisations"},{"name":"includeUncategorisedData"},{"name":"includeInvestigations"},{"name":"includeReferrals"},{"name":"includeDiaryEntries"}]}`
	}
	if diff := cmp.Diff(want, body); diff != "" {
		t.Error(diff)
	}
}

func TestOnlyWhatIsWantedIsAsked(t *testing.T) {
	p := &practice{answer: wellBehaved}
	ask := wireAsk(t)
	ask.Sections = record.SectionsOf(record.Allergies, record.Alerts)
	a := testSourceOf(p).Ask(context.Background(), ask)
	if len(p.asked) != 1 || strings.Count(p.bodies[0], "include") != 2 || !strings.Contains(p.bodies[0], "includeAllergies") {
		t.Errorf("%d requests, first %s", len(p.asked), p.bodies)
	}
	if a.Coverage[record.Medicines].State != record.NotAsked || a.Coverage[record.Allergies].State != record.Data {
		t.Errorf("got %v %v", a.Coverage[record.Medicines], a.Coverage[record.Allergies])
	}
}

func TestBlocksBeforeAsking(t *testing.T) {
	for name, change := range map[string]func(*record.Ask){
		"restricted":       func(a *record.Ask) { a.Person.Restricted = true },
		"deceased":         func(a *record.Ask) { a.Person.Deceased.Recorded = true },
		"no practice":      func(a *record.Ask) { a.Person.Practice.ODS = "" },
		"another practice": func(a *record.Ask) { a.Person.Practice.ODS = "A12345" },
		"old trace":        func(a *record.Ask) { a.Person.TracedAt = a.At.Add(-24*time.Hour - time.Second) },
		"no trace":         func(a *record.Ask) { a.Person.TracedAt = time.Time{} },
	} {
		p := &practice{answer: wellBehaved}
		ask := wireAsk(t)
		change(&ask)
		a := testSourceOf(p).Ask(context.Background(), ask)
		if a.State != record.NotAsked || a.Detail == "" || len(p.asked) != 0 || a.Coverage[record.Allergies].State != record.NotAsked {
			t.Errorf("%s: %v %q, %d requests", name, a.State, a.Detail, len(p.asked))
		}
		if _, err := testSourceOf(p).Document(context.Background(), ask, record.Attachment{URL: "Binary/1"}); err == nil || len(p.asked) != 0 {
			t.Errorf("%s: a document was opened", name)
		}
	}
}

func outcome(code string) string {
	return `{"resourceType":"OperationOutcome","issue":[{"severity":"error","code":"x","details":{"coding":[{"system":"https://fhir.nhs.uk/STU3/CodeSystem/Spine-ErrorOrWarningCode-1","code":"` + code + `","display":"secret"}],"text":"secret"},"diagnostics":"secret 9690937286"}]}`
}

func TestEveryErrorHasItsOwnWords(t *testing.T) {
	states := map[string]record.State{
		"NO_PATIENT_CONSENT": record.Refused, "NO_ORGANISATION_CONSENT": record.Refused, "NO_RELATIONSHIP": record.Refused, "ACCESS DENIED": record.Refused, "ACCESS_DENIED": record.Refused,
		"PATIENT_NOT_FOUND": record.NotKnownHere, "NO_RECORD_FOUND": record.NotKnownHere,
	}
	for _, code := range strings.Fields("INVALID_NHS_NUMBER INVALID_IDENTIFIER_SYSTEM INVALID_IDENTIFIER_VALUE INVALID_PATIENT_DEMOGRAPHICS BAD_REQUEST CONFLICTING_VALUES ORGANISATION_NOT_FOUND " +
		"PRACTITIONER_NOT_FOUND DUPLICATE_REJECTED INVALID_RESOURCE INVALID_PARAMETER REFERENCE_NOT_FOUND INTERNAL_SERVER_ERROR NOT_IMPLEMENTED") {
		states[code] = record.Unavailable
	}
	words := map[string]string{}
	for code, want := range states {
		for _, status := range []int{200, 400, 403, 404, 422, 500} {
			a := testSourceOf(&practice{answer: func(*http.Request, string) (int, string, error) { return status, outcome(code), nil }}).Ask(context.Background(), wireAsk(t))
			if a.State != want || strings.Contains(a.Detail, "secret") || strings.Contains(a.Detail, "_") {
				t.Errorf("%s with %d: %v %q", code, status, a.State, a.Detail)
			}
			words[strings.ReplaceAll(code, " ", "_")] = a.Detail
		}
	}
	seen := map[string]string{}
	for code, text := range words {
		if other := seen[text]; other != "" {
			t.Errorf("%s and %s have the same words", code, other)
		}
		seen[text] = code
	}
}

func TestPublishedErrors(t *testing.T) {
	dir := filepath.Join(fixtureDir(t), "gpconnect-errors")
	for name, want := range map[string]record.State{
		"NO_RECORD_FOUND.json": record.NotKnownHere, "operationOutcomeBadRequest.json": record.Unavailable, "operationOutcomeInvalidNHSNumber.json": record.Unavailable,
		"operationOutcomeInvalidParameter.json": record.Unavailable, "operationOutcomePatientNotFound.json": record.NotKnownHere, "spec_ACCESS_DENIED_with_space.json": record.Refused,
		"spec_BAD_REQUEST_empty_aud.json": record.Unavailable, "spec_INVALID_NHS_NUMBER.json": record.Unavailable, "spec_NO_PATIENT_CONSENT.json": record.Refused,
		"spec_SSP_403_ASID_CHECK_FAILED.json": record.Unavailable, "spec_SSP_405.json": record.Unavailable, "spec_SSP_502_ENDPOINT.json": record.Unavailable,
	} {
		body, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		status := 400
		if strings.Contains(name, "SSP_403") {
			status = 403
		}
		a := testSourceOf(&practice{answer: func(*http.Request, string) (int, string, error) { return status, string(body), nil }}).Ask(context.Background(), wireAsk(t))
		if a.State != want || strings.Contains(a.Detail, "http") {
			t.Errorf("%s: %v %q", name, a.State, a.Detail)
		}
	}
}

func TestAnswersThatAreNoRecord(t *testing.T) {
	for name, c := range map[string]struct {
		status int
		body   string
		err    error
		want   record.State
	}{
		"HTML":                {200, "<html>sign in</html>", nil, record.Unavailable},
		"HTML 404":            {404, "<html>not found</html>", nil, record.Unavailable},
		"empty":               {200, "", nil, record.Unavailable},
		"no content":          {204, "", nil, record.Unavailable},
		"another resource":    {200, patientJSON, nil, record.Unavailable},
		"forbidden":           {403, "", nil, record.Refused},
		"unauthorised":        {401, "", nil, record.Unavailable},
		"busy":                {429, "", nil, record.Unavailable},
		"fault":               {500, `{"error":"x"}`, nil, record.Unavailable},
		"duplicate names":     {200, `{"resourceType":"Bundle","id":"%TRACE%","id":"%TRACE%"}`, nil, record.Unavailable},
		"truncated":           {200, answered()[:100], nil, record.Unavailable},
		"another question":    {200, bundle(), nil, record.Mismatch},
		"no question":         {200, strings.Replace(bundle(), `"id":"t"`, `"id":""`, 1), nil, record.Unavailable},
		"time out":            {0, "", fmt.Errorf("x: %w", outbound.ErrTimeout), record.Unavailable},
		"deadline":            {0, "", context.DeadlineExceeded, record.Unavailable},
		"refused connection":  {0, "", outbound.ErrRefusedConnection, record.Unavailable},
		"bad certificate":     {0, "", outbound.ErrTLS, record.Unavailable},
		"cut off":             {0, "", outbound.ErrTruncated, record.Unavailable},
		"too large":           {0, "", outbound.ErrTooLarge, record.Unavailable},
		"encoding":            {0, "", outbound.ErrEncoding, record.Unavailable},
		"redirect":            {0, "", outbound.ErrRedirect, record.Unavailable},
		"not approved":        {0, "", outbound.ErrForbidden, record.Unavailable},
		"resting":             {0, "", outbound.ErrResting, record.Unavailable},
		"anything else":       {0, "", errors.New("secret"), record.Unavailable},
		"called off":          {0, "", context.Canceled, record.Unavailable},
		"too many entries":    {200, `{"resourceType":"Bundle","id":"%TRACE%","entry":[` + strings.Repeat(`{},`, 20_000) + `{}]}`, nil, record.Unavailable},
		"too many, contained": {200, `{"resourceType":"Bundle","id":"%TRACE%","entry":[{"resource":{"resourceType":"List","contained":[` + strings.Repeat(`{},`, 15_000) + `{}]}},{"resource":{"resourceType":"List","contained":[` + strings.Repeat(`{},`, 15_000) + `{}]}}]}`, nil, record.Unavailable},
	} {
		t.Run(name, func(t *testing.T) {
			a := testSourceOf(&practice{answer: func(*http.Request, string) (int, string, error) { return c.status, c.body, c.err }}).Ask(context.Background(), wireAsk(t))
			if a.State != c.want || a.Detail == "" || strings.Contains(a.Detail, "secret") {
				t.Errorf("%v %q", a.State, a.Detail)
			}
			for s := range supplies.All {
				if a.Coverage[s].State != c.want {
					t.Errorf("%s: %v", s.ID(), a.Coverage[s])
				}
			}
			if shown(&a) != 0 {
				t.Error("something is shown")
			}
		})
	}
}

func TestAPanicIsAnAnswerToo(t *testing.T) {
	a := testSourceOf(&practice{answer: func(*http.Request, string) (int, string, error) { panic("secret") }}).Ask(context.Background(), wireAsk(t))
	if a.State != record.Unavailable || strings.Contains(a.Detail, "secret") {
		t.Errorf("%v %q", a.State, a.Detail)
	}
}

func TestDocumentsMayFailAlone(t *testing.T) {
	for name, c := range map[string]struct {
		patients string
		list     string
		want     record.State
	}{
		"nobody":         {`{"resourceType":"Bundle","type":"searchset"}`, "", record.NotKnownHere},
		"two":            {`{"resourceType":"Bundle","entry":[{"resource":` + patientJSON + `},{"resource":` + strings.Replace(patientJSON, `"id":"p"`, `"id":"q"`, 1) + `}]}`, "", record.Unavailable},
		"somebody else":  {`{"resourceType":"Bundle","entry":[{"resource":` + strings.Replace(patientJSON, testNumber, "9690937278", 1) + `}]}`, "", record.Unavailable},
		"refused":        {outcome("NO_PATIENT_CONSENT"), "", record.Refused},
		"list fails":     {"", outcome("INTERNAL_SERVER_ERROR"), record.Unavailable},
		"more elsewhere": {"", strings.Replace(bundle(documentJSON), `"entry"`, `"link":[{"relation":"next","url":"https://practice.example/2"}],"entry"`, 1), record.Incomplete},
		"foreign":        {"", bundle(strings.Replace(documentJSON, "Patient/p", "Patient/q", 1)), record.NoneRecorded},
	} {
		p := &practice{answer: func(req *http.Request, body string) (int, string, error) {
			switch {
			case strings.HasSuffix(req.URL.Path, "/Patient") && c.patients != "":
				return 200, c.patients, nil
			case strings.HasSuffix(req.URL.Path, "/DocumentReference") && c.list != "":
				return 200, c.list, nil
			}
			return wellBehaved(req, body)
		}}
		a := testSourceOf(p).Ask(context.Background(), wireAsk(t))
		if a.State != record.Data || a.Coverage[record.Documents].State != c.want || a.Coverage[record.Allergies].State != record.Data {
			t.Errorf("%s: %v, documents %v, allergies %v", name, a.State, a.Coverage[record.Documents], a.Coverage[record.Allergies])
		}
		if a.Account.Unaccounted() != 0 || (name == "foreign") != (a.Foreign == 1) {
			t.Errorf("%s: %d foreign, %d unaccounted", name, a.Foreign, a.Account.Unaccounted())
		}
	}
}

func TestDocument(t *testing.T) {
	p := &practice{answer: wellBehaved}
	source := testSourceOf(p)
	for _, address := range []string{testAddresses.documents + "/Binary/1", "Binary/1"} {
		body, err := source.Document(context.Background(), wireAsk(t), record.Attachment{URL: address})
		if err != nil {
			t.Fatalf("%s: %v", address, err)
		}
		text, err := io.ReadAll(body.Body)
		if err != nil || string(text) != "the letter" || body.ContentType != "text/plain" || body.Size != 10 || body.Body.Close() != nil {
			t.Errorf("%s: %q %q %v", address, text, body.ContentType, err)
		}
	}
	asked := len(p.asked)
	for _, address := range []string{
		"https://evil.example/B82617/STU3/1/gpconnect/documents/fhir/Binary/1", "http://practice.example/B82617/STU3/1/gpconnect/documents/fhir/Binary/1",
		"https://user@practice.example/B82617/STU3/1/gpconnect/documents/fhir/Binary/1", testAddresses.documents + "/Patient/1", "../Binary/1", "Binary/../../../x",
		"Binary/%2e%2e/%2e%2e/x", "//evil.example/Binary/1", "file:///etc/passwd", "", "https://169.254.169.254/Binary/1", "Binary/%2F..%2F..%2Fx",
	} {
		if _, err := source.Document(context.Background(), wireAsk(t), record.Attachment{URL: address}); !errors.Is(err, ErrNoDocument) {
			t.Errorf("%s: %v", address, err)
		}
	}
	if len(p.asked) != asked {
		t.Error("an address outside the practice was asked")
	}
	inline, err := source.Document(context.Background(), wireAsk(t), record.Attachment{Inline: []byte("x"), ContentType: "text/plain"})
	if err != nil || inline.Size != 1 {
		t.Errorf("inline: %v", err)
	}
}

func TestPublishedBinaries(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(fixtureDir(t), "gpconnect-documents", "binary_*.json"))
	if err != nil || len(files) == 0 {
		t.Fatal("no binaries", err)
	}
	for _, file := range files {
		body, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		source := testSourceOf(&practice{answer: func(*http.Request, string) (int, string, error) { return 200, string(body), nil }})
		got, err := source.Document(context.Background(), wireAsk(t), record.Attachment{URL: "Binary/1"})
		if err != nil || got.Size == 0 || got.ContentType == "" {
			t.Errorf("%s: %v, %d bytes, %q", filepath.Base(file), err, got.Size, got.ContentType)
		}
	}
}

func TestPublishedDocumentLists(t *testing.T) {
	for name, want := range map[string]int{"documents_response.json": 1, "SearchForPatientsDocumentSingleUrl.json": 1, "patientWithNoDocumentResources.json": 0} {
		body := load(t, filepath.Join(fixtureDir(t), "gpconnect-documents", name))
		whole := bundle(emptyLists()...)
		a := read(t, whole, "", "", string(body))
		assertBalanced(t, &a, count(decodeBundle(t, []byte(whole)))+count(decodeBundle(t, body)))
		if len(a.Chart.Documents) < want || want == 0 && len(a.Chart.Documents) > 0 {
			t.Errorf("%s: %d documents", name, len(a.Chart.Documents))
		}
	}
}

func TestTokenHasThePublishedClaims(t *testing.T) {
	published, err := os.ReadFile(filepath.Join(fixtureDir(t), "gpconnect-spec-examples", "jwt_payload_full_example.json"))
	if err != nil {
		t.Fatal(err)
	}
	token, err := unsigned(wireAsk(t).Requester, testSpine().Device, "https://ribble.example", testAddresses.structured, testTime)
	if err != nil {
		t.Fatal(err)
	}
	made, err := base64.RawURLEncoding.DecodeString(strings.Split(token, ".")[1])
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(shape(t, published), shape(t, made)); diff != "" {
		t.Error(diff)
	}
}

// Somebody whose account has no name is named by their id: a practice refuses a token of nobody.
func TestTokenNamesEverybody(t *testing.T) {
	for name, want := range map[string]string{"Dr Priya NAIR": "NAIR", "  ": "u1", "": "u1"} {
		by := record.Requester{UserID: "u1", Name: name}
		token, err := unsigned(by, testSpine().Device, "https://ribble.example", testAddresses.structured, testTime)
		if err != nil {
			t.Fatal(err)
		}
		made, err := base64.RawURLEncoding.DecodeString(strings.Split(token, ".")[1])
		if err != nil {
			t.Fatal(err)
		}
		var c claims
		if err := json.Unmarshal(made, &c); err != nil || len(c.Practitioner.Name) != 1 || c.Practitioner.Name[0].Family != want {
			t.Errorf("%q is named %+v, %v", name, c.Practitioner.Name, err)
		}
	}
}

// shape is the JSON with every text and number replaced, to compare names and structure alone.
func shape(t *testing.T, body []byte) any {
	t.Helper()
	var v any
	if err := json.Unmarshal(bytes.TrimSpace(body), &v); err != nil {
		t.Fatal(err)
	}
	var blank func(v any) any
	blank = func(v any) any {
		switch v := v.(type) {
		case map[string]any:
			for k, inner := range v {
				v[k] = blank(inner)
			}
			return v
		case []any:
			for i, inner := range v {
				v[i] = blank(inner)
			}
			if len(v) == 0 || v[0] == "" {
				return []any{""}
			}
			return v
		}
		return ""
	}
	return blank(v)
}

// The Ssp headers as GP Connect spells them, which is not how net/http would.
const (
	traceHeader       = "Ssp-TraceID"
	interactionHeader = "Ssp-InteractionID"
)

// sspHeader reads a header under exactly the name it was set by.
func sspHeader(h http.Header, name string) string { return h[name][0] }
