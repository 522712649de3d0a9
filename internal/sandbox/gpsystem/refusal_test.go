package gpsystem

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ribble/internal/sandbox/story"
	"ribble/internal/sandbox/wiretest"
)

// codeOf is the error code of an OperationOutcome answer, with its HTTP status.
type refusedWith struct {
	Status int
	Code   string
}

func refusedBy(t testing.TB, w *httptest.ResponseRecorder) refusedWith {
	t.Helper()
	r := wiretest.Decode(t, w.Body.Bytes())
	if r.Type() != "OperationOutcome" {
		t.Fatalf("answer is a %s, want OperationOutcome", r.Type())
	}
	return refusedWith{w.Code, r.At("issue.0.details.coding.0.code")}
}

func TestEveryErrorCodeIsReachable(t *testing.T) {
	want := map[string]refusedWith{
		"INVALID_NHS_NUMBER": {400, ""}, "INVALID_IDENTIFIER_SYSTEM": {400, ""}, "INVALID_IDENTIFIER_VALUE": {400, ""},
		"INVALID_PATIENT_DEMOGRAPHICS": {400, ""}, "BAD_REQUEST": {400, ""}, "CONFLICTING_VALUES": {400, ""},
		"NO_PATIENT_CONSENT": {403, ""}, "NO_ORGANISATION_CONSENT": {403, ""}, "NO_RELATIONSHIP": {403, ""}, "ACCESS DENIED": {403, ""}, "ACCESS_DENIED": {403, ""},
		"PATIENT_NOT_FOUND": {404, ""}, "ORGANISATION_NOT_FOUND": {404, ""}, "PRACTITIONER_NOT_FOUND": {404, ""}, "NO_RECORD_FOUND": {404, ""},
		"DUPLICATE_REJECTED": {409, ""}, "INVALID_RESOURCE": {422, ""}, "INVALID_PARAMETER": {422, ""}, "REFERENCE_NOT_FOUND": {422, ""},
		"INTERNAL_SERVER_ERROR": {500, ""}, "NOT_IMPLEMENTED": {501, ""},
		"SSP_ASID_CHECK_FAILED": {403, "403"}, "SSP_PARTYKEY_CHECK_FAILED": {403, "403"}, "SSP_FOT_CHECK_FAILED": {403, "403"},
		"SSP_MEDIA_TYPE": {415, "415"}, "SSP_ENDPOINT": {502, "502"}, "SSP_METHOD": {405, "405"},
	}
	for code, expect := range want {
		t.Run(code, func(t *testing.T) {
			if expect.Code == "" {
				expect.Code = code
			}
			person := wiretest.Person()
			person.Holdings[0].Behaviour.Error = code
			got := refusedBy(t, asking{region: wiretest.With(person)}.send(t))
			if diff := cmp.Diff(expect, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
	for code := range spineErrors {
		if _, listed := want[code]; !listed {
			t.Errorf("code %s is not tested", code)
		}
	}
}

func TestUnknownPersonIsPatientNotFound(t *testing.T) {
	for _, number := range []string{"9990000026", "9990000034"} {
		person := wiretest.Person()
		person.NHSNumber = "9990000026"
		person.Holdings = nil
		got := refusedBy(t, asking{region: wiretest.With(person), body: parametersFor(number, `{"name":"includeMedication"}`)}.send(t))
		if diff := cmp.Diff(refusedWith{404, "PATIENT_NOT_FOUND"}, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", number, diff)
		}
	}
}

func TestHeadersAreChecked(t *testing.T) {
	for name, value := range map[string]string{
		"Ssp-TraceID": "1234", "Ssp-From": "", "Ssp-To": "200000000009", "Ssp-InteractionID": findDocuments, "Content-Type": "text/plain",
		"Accept": "text/html", "Authorization": "",
	} {
		got := refusedBy(t, asking{headers: map[string]string{name: value}}.send(t))
		if diff := cmp.Diff(refusedWith{400, "BAD_REQUEST"}, got); diff != "" {
			t.Errorf("%s %q (-want +got):\n%s", name, value, diff)
		}
	}
}

func TestTokenIsChecked(t *testing.T) {
	inside := func(claim, member string, value any) func(map[string]any) {
		return func(c map[string]any) { c[claim].(map[string]any)[member] = value }
	}
	set := func(claim string, value any) func(map[string]any) { return func(c map[string]any) { c[claim] = value } }
	one := []any{map[string]any{"system": "https://fhir.nhs.uk/Id/sds-user-id", "value": "1"}}
	tests := map[string]func(map[string]any){
		"no iss": set("iss", ""), "no aud": set("aud", ""), "aud of another practice": set("aud", "https://p.example/B82002/STU3/1"),
		"aud no url": set("aud", "/A81001/STU3/1"), "sub of another": set("sub", "1"), "exp too late": set("exp", int64(9999999999)),
		"issued in the future": func(c map[string]any) {
			c["iat"], c["exp"] = c["iat"].(int64)+3600, c["exp"].(int64)+3600
		},
		"expired":   func(c map[string]any) { c["iat"], c["exp"] = c["iat"].(int64)-3600, c["exp"].(int64)-3600 },
		"migration": set("reason_for_request", "migration"), "scope": set("requested_scope", "patient/*.write"),
		"device type": inside("requesting_device", "resourceType", "Thing"), "device model": inside("requesting_device", "model", ""),
		"device version": inside("requesting_device", "version", ""), "device identifier": inside("requesting_device", "identifier", []any{}),
		"organisation type": inside("requesting_organization", "resourceType", ""), "organisation name": inside("requesting_organization", "name", ""),
		"organisation code":    inside("requesting_organization", "identifier", one),
		"practitioner type":    inside("requesting_practitioner", "resourceType", ""),
		"practitioner name":    inside("requesting_practitioner", "name", []any{}),
		"practitioner role id": inside("requesting_practitioner", "identifier", one),
		"no practitioner":      set("requesting_practitioner", map[string]any{}),
		"claims of other type": set("exp", "soon"),
	}
	for name, change := range tests {
		t.Run(name, func(t *testing.T) {
			got := refusedBy(t, asking{claims: change}.send(t))
			if diff := cmp.Diff(refusedWith{400, "BAD_REQUEST"}, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
	good := tokenFor(wiretest.Fellside, nil)
	for name, token := range map[string]string{
		"no trailing dot": strings.TrimSuffix(good, "."), "signed": good + "sig", "signing algorithm": "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9" + good[strings.Index(good, "."):],
		"not base64": "*" + good, "payload is no JSON": good[:strings.Index(good, ".")] + ".AAAA.",
	} {
		if got := refusedBy(t, asking{token: token}.send(t)); got.Code != "BAD_REQUEST" {
			t.Errorf("%s: %v", name, got)
		}
	}
}

func TestParametersAreChecked(t *testing.T) {
	n := wiretest.NHSNumber
	part := func(area, name, value string) string {
		return `{"name":"` + area + `","part":[{"name":"` + name + `",` + value + `}]}`
	}
	tests := []struct {
		name, body, want string
	}{
		{"not JSON", "{", "BAD_REQUEST"},
		{"another resource", `{"resourceType":"Patient"}`, "INVALID_RESOURCE"},
		{"no number", `{"resourceType":"Parameters","parameter":[{"name":"includeMedication"}]}`, "INVALID_PARAMETER"},
		{"number twice", parametersFor(n, `{"name":"patientNHSNumber","valueIdentifier":{"system":"https://fhir.nhs.uk/Id/nhs-number","value":"`+n+`"}}`), "INVALID_PARAMETER"},
		{"bad check digit", parametersFor("9990000019", `{"name":"includeMedication"}`), "INVALID_NHS_NUMBER"},
		{"too short", parametersFor("999000001", `{"name":"includeMedication"}`), "INVALID_NHS_NUMBER"},
		{"other system", strings.Replace(parametersFor(n, `{"name":"includeMedication"}`), "nhs-number", "local", 1), "INVALID_IDENTIFIER_SYSTEM"},
		{"allergies without the choice", parametersFor(n, `{"name":"includeAllergies"}`), "INVALID_PARAMETER"},
		{"area twice", parametersFor(n, `{"name":"includeMedication"},{"name":"includeMedication"}`), "INVALID_PARAMETER"},
		{"part of another area", parametersFor(n, part("includeMedication", "includeNotGiven", `"valueBoolean":true`)), "INVALID_PARAMETER"},
		{"boolean missing", parametersFor(n, part("includeImmunisations", "includeNotGiven", `"valueString":"true"`)), "INVALID_PARAMETER"},
		{"future start", parametersFor(n, part("includeMedication", "medicationSearchFromDate", `"valueDate":"2999-01-01"`)), "INVALID_PARAMETER"},
		{"diary in the past", parametersFor(n, part("includeDiaryEntries", "diaryEntriesSearchDate", `"valueDate":"2001-01-01"`)), "INVALID_PARAMETER"},
		{"no consultations wanted", parametersFor(n, part("includeConsultations", "includeNumberOfMostRecent", `"valuePositiveInt":0`)), "INVALID_PARAMETER"},
		{"period and number", parametersFor(n, `{"name":"includeConsultations","part":[{"name":"includeNumberOfMostRecent","valuePositiveInt":3},{"name":"consultationSearchPeriod","valuePeriod":{"start":"2020-01-01"}}]}`), "INVALID_RESOURCE"},
		{"empty period", parametersFor(n, part("includeReferrals", "referralSearchPeriod", `"valuePeriod":{}`)), "INVALID_PARAMETER"},
		{"end before start", parametersFor(n, part("includeReferrals", "referralSearchPeriod", `"valuePeriod":{"start":"2020-02","end":"2020-01"}`)), "INVALID_PARAMETER"},
		{"unknown status", parametersFor(n, part("includeProblems", "filterStatus", `"valueCode":"any"`)), "INVALID_PARAMETER"},
		{"filter beside consultations", parametersFor(n, `{"name":"includeConsultations"},`+part("includeImmunisations", "includeNotGiven", `"valueBoolean":true`)), "INVALID_PARAMETER"},
		{"status filter beside consultations", parametersFor(n, `{"name":"includeConsultations"},`+part("includeProblems", "filterStatus", `"valueCode":"active"`)), "INVALID_PARAMETER"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := refusedBy(t, asking{body: tt.body}.send(t))
			want := refusedWith{spineErrors[tt.want].status, tt.want}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestUnrecognisedParameterIsAWarningInside(t *testing.T) {
	b := answered(t, asking{body: parametersFor(wiretest.NHSNumber, `{"name":"includeMedication"},{"name":"includeHoroscope"}`)})
	outcome := b.OfType("OperationOutcome")
	if len(outcome) != 1 || outcome[0].At("issue.0.details.text") != "includeHoroscope is an unrecognised parameter" {
		t.Errorf("outcome = %v", outcome)
	}
}

// TestPublishedRequestsAreUnderstood sends the specification's own example requests.
func TestPublishedRequestsAreUnderstood(t *testing.T) {
	files, err := filepath.Glob("../../../../shared/fixtures/gpconnect-spec-examples/*request*.json")
	if err != nil || len(files) == 0 {
		t.Skip("the fixtures folder is not present")
	}
	// Examples of other versions of the specification, or with dates that have passed.
	refused := map[string]string{
		"consultations_forwards_request1.json": "includeStatus", "diaryentries_request1.json": "diaryEntriesSearchDate",
		"referrals_request1.json": "referralsSearchPeriod",
	}
	number := regexp.MustCompile(`"value": *"[0-9]{10}"`)
	for _, f := range files {
		body, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(string(body), `"Parameters"`) {
			continue
		}
		w := asking{body: number.ReplaceAllString(string(body), `"value":"`+wiretest.NHSNumber+`"`)}.send(t)
		why, isRefused := refused[filepath.Base(f)]
		if isRefused != (w.Code != http.StatusOK) || isRefused && !strings.Contains(w.Body.String(), why) {
			t.Errorf("%s: %d %s", filepath.Base(f), w.Code, w.Body)
		}
	}
}

func FuzzParseAsk(f *testing.F) {
	f.Add([]byte(parametersFor(wiretest.NHSNumber, everything)))
	f.Add([]byte(`{"resourceType":"Parameters","parameter":[{"name":"includeAllergies","part":null}]}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		a, no := parseAsk(body, wiretest.Today)
		if no != nil {
			if _, known := spineErrors[no.code]; !known {
				t.Errorf("complaint with unknown code %q", no.code)
			}
			return
		}
		if !story.ValidNHSNumber(a.nhsNumber) {
			t.Error("accepted a request without a valid NHS number")
		}
	})
}

func TestDocuments(t *testing.T) {
	get := func(path string, headers map[string]string) *httptest.ResponseRecorder {
		return asking{method: http.MethodGet, path: "/A81001/STU3/1/" + path, headers: headers}.send(t)
	}
	found := get("Patient?identifier=https://fhir.nhs.uk/Id/nhs-number%7C"+wiretest.NHSNumber, map[string]string{"Ssp-InteractionID": findPatient})
	patient := wiretest.Parse(t, found.Body.Bytes()).OfType("Patient")[0]
	listed := wiretest.Parse(t, get(patient.Reference()+"/DocumentReference?_include=DocumentReference:subject:Patient", nil).Body.Bytes())
	docs := listed.OfType("DocumentReference")
	if len(docs) != 2 || len(listed.OfType("Organization")) == 0 {
		t.Fatalf("got %d documents, want 2 with their organisation", len(docs))
	}
	if got := docs[1]; got.At("content.0.attachment.url") != "" || got.At("content.0.attachment.title") == "" {
		t.Errorf("placeholder = %v, want a title and no url", got)
	}
	url := docs[0].At("content.0.attachment.url")
	if !strings.HasPrefix(url, "http://example.com/A81001/STU3/1/Binary/") {
		t.Fatalf("url = %q, want one below the service root", url)
	}
	read := map[string]string{"Ssp-InteractionID": readDocument}
	binary := wiretest.Decode(t, get(strings.TrimPrefix(url, "http://example.com/A81001/STU3/1/"), read).Body.Bytes())
	if binary.At("content") != "RGVhciBkb2N0b3I=" || binary.At("data") != "" {
		t.Errorf("binary = %v, want STU3 content", binary)
	}
	read["Accept"] = "text/plain"
	raw := get(strings.TrimPrefix(url, "http://example.com/A81001/STU3/1/"), read)
	if raw.Body.String() != "Dear doctor" || raw.Header().Get("Content-Type") != "text/plain" {
		t.Errorf("raw answer %q of type %q", raw.Body, raw.Header().Get("Content-Type"))
	}
	missing := get("Binary/pat-1.doc-2", map[string]string{"Ssp-InteractionID": readDocument})
	if got := refusedBy(t, missing); got != (refusedWith{404, "NO_RECORD_FOUND"}) {
		t.Errorf("placeholder's binary: %v", got)
	}
	if got := refusedBy(t, get(patient.Reference()+"/DocumentReference", nil)); got.Code != "INVALID_PARAMETER" {
		t.Errorf("without includes: %v", got)
	}
	only := wiretest.Parse(t, get(patient.Reference()+"/DocumentReference?_include=x&created=ge2025-11-26&description=scan", nil).Body.Bytes())
	if len(only.OfType("DocumentReference")) != 1 {
		t.Error("created and description filters were not applied")
	}
}

func TestRoutesRefuseTheRest(t *testing.T) {
	for path, want := range map[string]refusedWith{
		"/A81001/STU3/1/Nothing": {501, "NOT_IMPLEMENTED"}, "/B82002/STU3/1/metadata": {404, "ORGANISATION_NOT_FOUND"}, "/elsewhere": {404, "ORGANISATION_NOT_FOUND"},
	} {
		if got := refusedBy(t, asking{method: http.MethodGet, path: path}.send(t)); got != want {
			t.Errorf("%s: %v, want %v", path, got, want)
		}
	}
	if got := refusedBy(t, asking{method: http.MethodPut, path: "/A81001/STU3/1/Patient"}.send(t)); got.Status != 405 {
		t.Errorf("PUT: %v", got)
	}
	w := asking{method: http.MethodGet, path: "/A81001/STU3/1/metadata", headers: map[string]string{"Ssp-InteractionID": structuredMetadata}}.send(t)
	if r := wiretest.Decode(t, w.Body.Bytes()); r.At("fhirVersion") != "3.0.1" || r.At("software.name") != string(story.Fellside)+" GP system" {
		t.Errorf("metadata = %v", r)
	}
	if w.Header().Get("Cache-Control") != "no-store" {
		t.Error("answers must not be cached")
	}
}
