package gpsystem

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"ribble/internal/sandbox/story"
	"ribble/internal/sandbox/wiretest"
)

const traceID = "09a01679-2564-0fb4-5129-aecc81ea2706"

// asking is one request under test; its zero value asks the Fellside practice for the whole record.
type asking struct {
	region   story.Region
	ods      string
	asid     string
	supplier story.Supplier
	method   string
	path     string
	body     string
	headers  map[string]string
	claims   func(map[string]any)
	token    string
}

const everything = `{"name":"includeAllergies","part":[{"name":"includeResolvedAllergies","valueBoolean":true}]},
	{"name":"includeMedication"},{"name":"includeConsultations"},{"name":"includeProblems"},{"name":"includeImmunisations"},
	{"name":"includeUncategorisedData"},{"name":"includeInvestigations"},{"name":"includeReferrals"},{"name":"includeDiaryEntries"}`

func parametersFor(nhsNumber, includes string) string {
	return `{"resourceType":"Parameters","parameter":[{"name":"patientNHSNumber","valueIdentifier":{"system":"https://fhir.nhs.uk/Id/nhs-number","value":"` +
		nhsNumber + `"}},` + includes + `]}`
}

func (a asking) send(t testing.TB) *httptest.ResponseRecorder {
	t.Helper()
	a.fill()
	r := httptest.NewRequest(a.method, a.path, strings.NewReader(a.body))
	interaction := map[bool]string{true: structuredRecord, false: findDocuments}[a.method == http.MethodPost]
	for name, value := range map[string]string{
		"Ssp-TraceID": traceID, "Ssp-From": "200000000115", "Ssp-To": a.asid, "Ssp-InteractionID": interaction,
		"Content-Type": "application/fhir+json;charset=utf-8", "Accept": "application/fhir+json", "Authorization": "Bearer " + a.token,
	} {
		r.Header.Set(name, value)
	}
	for name, value := range a.headers {
		r.Header.Set(name, value)
	}
	w := httptest.NewRecorder()
	New(a.region, a.supplier).ServeHTTP(w, r)
	return w
}

func (a *asking) fill() {
	if a.region == nil {
		a.region = wiretest.Region()
	}
	if a.supplier == "" {
		a.supplier = story.Fellside
	}
	if a.ods == "" {
		a.ods, a.asid = wiretest.Fellside, "200000000001"
		if a.supplier == story.Beckwater {
			a.ods, a.asid = wiretest.Beckwater, "200000000002"
		}
	}
	if a.method == "" {
		a.method = http.MethodPost
	}
	if a.path == "" {
		a.path = "/" + a.ods + "/STU3/1/Patient/$gpc.getstructuredrecord"
	}
	if a.body == "" {
		a.body = parametersFor(wiretest.NHSNumber, everything)
	}
	if a.token == "" {
		a.token = tokenFor(a.ods, a.claims)
	}
}

func tokenFor(ods string, change func(map[string]any)) string {
	now := time.Now().Unix()
	claims := map[string]any{
		"iss": "https://ribble.example/", "sub": "10019", "aud": "https://provider.example/" + ods + "/STU3/1", "iat": now, "exp": now + 300,
		"reason_for_request": "directcare", "requested_scope": "patient/*.read",
		"requesting_device": map[string]any{"resourceType": "Device", "identifier": []any{map[string]any{"system": "s", "value": "v"}}, "model": "Ribble", "version": "1"},
		"requesting_organization": map[string]any{"resourceType": "Organization", "name": "Hospital",
			"identifier": []any{map[string]any{"system": story.SystemODS, "value": "RXX"}}},
		"requesting_practitioner": map[string]any{"resourceType": "Practitioner", "id": "10019", "name": []any{map[string]any{"family": "Jones"}},
			"identifier": []any{map[string]any{"system": "https://fhir.nhs.uk/Id/sds-user-id", "value": "1"},
				map[string]any{"system": "https://fhir.nhs.uk/Id/sds-role-profile-id", "value": "UNK"}, map[string]any{"system": "l", "value": "3"}}},
	}
	if change != nil {
		change(claims)
	}
	payload, _ := json.Marshal(claims)
	encode := base64.RawURLEncoding.EncodeToString
	return encode([]byte(`{"alg":"none","typ":"JWT"}`)) + "." + encode(payload) + "."
}

func answered(t testing.TB, a asking) wiretest.Bundle {
	t.Helper()
	w := a.send(t)
	if w.Code != http.StatusOK {
		t.Fatalf("status %d: %s", w.Code, w.Body)
	}
	return wiretest.Parse(t, w.Body.Bytes())
}

func TestWholeRecord(t *testing.T) {
	for _, supplier := range []story.Supplier{story.Fellside, story.Beckwater} {
		t.Run(string(supplier), func(t *testing.T) {
			b := answered(t, asking{supplier: supplier})
			if b.ID != traceID || b.Type != "collection" {
				t.Errorf("bundle id %q type %q, want the trace id and collection", b.ID, b.Type)
			}
			if got := b.Dangling(); len(got) > 0 {
				t.Errorf("references lead nowhere: %q", got)
			}
			want := map[string]int{
				"Patient": 1, "AllergyIntolerance": 1, "MedicationStatement": 1, "MedicationRequest": 2, "Medication": 1, "Condition": 2,
				"Encounter": 1, "DiagnosticReport": 1, "Specimen": 1, "Immunization": 1, "ReferralRequest": 1, "DocumentReference": 1,
			}
			got := map[string]int{}
			for typ := range want {
				got[typ] = len(b.OfType(typ))
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("resources by type (-want +got):\n%s", diff)
			}
		})
	}
}

func TestEveryPractitionerHasARole(t *testing.T) {
	b := answered(t, asking{})
	for _, typ := range []string{"Organization", "Practitioner", "PractitionerRole", "Location"} {
		if len(b.OfType(typ)) == 0 {
			t.Errorf("no %s in the answer", typ)
		}
	}
	if p, r := len(b.OfType("Practitioner")), len(b.OfType("PractitionerRole")); p != r {
		t.Errorf("%d practitioners but %d roles", p, r)
	}
}

// listsOf maps the code of each List to it.
func listsOf(b wiretest.Bundle) map[string]wiretest.Resource {
	lists := map[string]wiretest.Resource{}
	for _, l := range b.OfType("List") {
		lists[l.At("code.coding.0.code")] = l
	}
	return lists
}

func TestShapesByArea(t *testing.T) {
	b := answered(t, asking{})
	id := func(entry string) string {
		d := dialects[story.Fellside]
		return d.id(wiretest.Local, entry)
	}
	tests := []struct{ resource, path, want string }{
		{"AllergyIntolerance/al-1", "clinicalStatus", "active"},
		{"AllergyIntolerance/al-1", "verificationStatus", "unconfirmed"},
		{"AllergyIntolerance/al-1", "code.coding.0.system", story.SystemReadV2},
		{"AllergyIntolerance/al-1", "onsetDateTime", "2011"},
		{"MedicationStatement/med-1-statement", "taken", "unk"},
		{"MedicationStatement/med-1-statement", "extension.0.valueDateTime", "2026-02-01"},
		{"MedicationStatement/med-1-statement", "extension.1.valueCodeableConcept.coding.0.code", "prescribed-at-gp-practice"},
		{"MedicationRequest/med-1", "intent", "plan"},
		{"MedicationRequest/med-1", "dispenseRequest.quantity.value", "28"},
		{"MedicationRequest/med-1", "extension.0.extension.0.valuePositiveInt", "12"},
		{"MedicationRequest/med-1-issue-1", "intent", "order"},
		{"MedicationRequest/med-1-issue-1", "groupIdentifier.value", "E3E6FA-A81001-00001"},
		{"MedicationRequest/med-1-issue-1", "dispenseRequest.validityPeriod.start", "2026-02-01"},
		{"Condition/prob-1", "extension.0.url", careConnect + "ActualProblem-1"},
		{"Condition/prob-2", "abatementDateTime", "2010-03"},
		{"Encounter/cons-1", "type.0.text", "GP Surgery"},
		{"Encounter/cons-1", "length.value", "13"},
		{"DiagnosticReport/rep-1", "status", "unknown"},
		{"DiagnosticReport/rep-1", "code.coding.0.code", "721981007"},
		{"DiagnosticReport/rep-1", "identifier.0.value", "1-593"},
		{"Observation/hb", "valueQuantity.value", "5.7000000000000002"},
		{"Observation/hb", "interpretation.text", "LO - Below low reference limit"},
		{"Observation/hb", "comment", "repeat\nin a week"},
		{"Observation/hb", "related.0.type", "derived-from"},
		{"Observation/fbc", "related.0.type", "has-member"},
		{"Observation/fbc-filing-1", "code.coding.0.code", "37331000000100"},
		{"Observation/obs-bp", "component.1.dataAbsentReason.text", "not measured"},
		{"Immunization/imm-1", "notGiven", "false"},
		{"Immunization/imm-1", "vaccineCode.coding.0.code", "UNK"},
		{"ReferralRequest/ref-1", "status", "unknown"},
		{"ReferralRequest/ref-1", "identifier.0.system", "https://fhir.nhs.uk/Id/ubr-number"},
		{"ProcedureRequest/recall-1", "intent", "plan"},
		{"ProcedureRequest/recall-1", "occurrenceDateTime", "2026-07"},
		{"ProcedureRequest/rep-1-request", "intent", "order"},
		{"DocumentReference/doc-1", "type.text", "Sore throat"},
	}
	for _, tt := range tests {
		typ, entry, _ := strings.Cut(tt.resource, "/")
		r := b.Find(typ + "/" + id(entry))
		if r == nil {
			t.Errorf("%s was not sent", tt.resource)
			continue
		}
		if got := r.At(tt.path); got != tt.want {
			t.Errorf("%s %s = %q, want %q", tt.resource, tt.path, got, tt.want)
		}
	}
}

func TestPatientCarriesWhatIsChecked(t *testing.T) {
	p := answered(t, asking{}).OfType("Patient")[0]
	for path, want := range map[string]string{
		"identifier.0.system": story.SystemNHSNumber, "identifier.0.value": wiretest.NHSNumber,
		"identifier.0.extension.0.valueCodeableConcept.coding.0.code": "01", "name.0.family": "O'Neill-Smythe",
		"birthDate": "1941-06-03", "gender": "female", "managingOrganization.reference": "Organization/" + wiretest.Fellside,
		"extension.1.extension.2.valueBoolean": "true",
	} {
		if got := p.At(path); got != want {
			t.Errorf("Patient %s = %q, want %q", path, got, want)
		}
	}
}

func TestConsultationKeepsItsOrder(t *testing.T) {
	b := answered(t, asking{supplier: story.Beckwater})
	var read func(ref string) []string
	read = func(ref string) []string {
		list := b.Find(ref)
		var out []string
		for i := range 9 {
			item := fmt.Sprintf("entry.%d.item", i)
			switch target := list.At(item + ".reference"); {
			case strings.HasPrefix(target, "List/"):
				out = append(out, "["+b.Find(target).At("title"))
				out = append(out, read(target)...)
			case strings.HasPrefix(target, "Observation/") && b.Find(target).At("comment") != "":
				out = append(out, b.Find(target).At("comment"))
			case target != "":
				out = append(out, target)
			case list.At(item+".display") != "":
				out = append(out, list.At(item+".display"))
			}
		}
		return out
	}
	want := []string{
		"[Diabetes review", "Came with her son.", "[Examination", "Observation/obs-bp", "Feet fine; sensation <normal> & pulses \"present\"",
		"Referral items are not supported by the provider system.", "[Plan", "MedicationRequest/med-1",
		"Diary entry items are not supported by the provider system.", "DocumentReference/doc-1",
	}
	if diff := cmp.Diff(want, read("List/cons-1-list")); diff != "" {
		t.Errorf("consultation read top to bottom (-want +got):\n%s", diff)
	}
}

func TestListsAndWarnings(t *testing.T) {
	person := wiretest.Person()
	empty := story.Holding{ODS: wiretest.Fellside, LocalID: "x", Behaviour: story.Behaviour{
		Confidential: []story.Area{story.Medication}, InTransit: "22-Dec-2020", AwaitingFiling: []story.Area{story.Investigations},
		NotImplemented: []story.Area{story.Referrals}, Disabled: []story.Area{story.Immunisations}, Omitted: []story.Area{story.Problems},
	}}
	person.Holdings = []story.Holding{empty}
	b := answered(t, asking{region: wiretest.With(person)})
	lists := listsOf(b)
	codes := func(code string) []string {
		var out []string
		for i := range 5 {
			if c := lists[code].At(fmt.Sprintf("extension.%d.valueCode", i)); c != "" {
				out = append(out, c)
			}
		}
		return out
	}
	for code, want := range map[string][]string{
		"886921000000105": {"data-in-transit"}, "933361000000108": {"confidential-items", "data-in-transit"},
		"887191000000108": {"data-in-transit", "data-awaiting-filing"},
	} {
		if diff := cmp.Diff(want, codes(code)); diff != "" {
			t.Errorf("warnings of %s (-want +got):\n%s", code, diff)
		}
		if got := lists[code].At("emptyReason.coding.0.code"); got != "no-content-recorded" {
			t.Errorf("%s emptyReason = %q", code, got)
		}
	}
	for _, code := range []string{"717711000000103", "792931000000107", "1102181000000102"} {
		if lists[code] != nil {
			t.Errorf("List %s was sent although it must be absent", code)
		}
	}
	if want := "Items excluded due to confidentiality and/or patient preferences. Patient record transfer from previous GP practice not yet complete; " +
		"information recorded before 22-Dec-2020 may be missing. Information not available"; lists["933361000000108"].At("note.0.text") != want {
		t.Errorf("note = %q", lists["933361000000108"].At("note.0.text"))
	}
	outcome := b.OfType("OperationOutcome")[0]
	if got := outcome.At("issue.0.details.text") + "; " + outcome.At("issue.1.details.text"); got !=
		"includeImmunisations has been disabled; includeReferrals is an unrecognised parameter" {
		t.Errorf("outcome entry says %q", got)
	}
}

func TestEndedAllergiesAreContained(t *testing.T) {
	ended := listsOf(answered(t, asking{}))[endedCode]
	for path, want := range map[string]string{
		"contained.0.clinicalStatus": "resolved", "contained.0.extension.0.extension.0.valueDateTime": "2018-03-01",
		"contained.0.extension.0.extension.1.valueString": "No information available",
		"entry.0.item.reference":                          "#" + ended.At("contained.0.id"),
	} {
		if got := ended.At(path); got != want {
			t.Errorf("ended list %s = %q, want %q", path, got, want)
		}
	}
}

func TestSuppliersDiffer(t *testing.T) {
	fell, beck := answered(t, asking{}), answered(t, asking{supplier: story.Beckwater})
	agent := func(b wiretest.Bundle) string { return b.OfType("AllergyIntolerance")[0].At("code.coding.0.system") }
	if agent(fell) != story.SystemReadV2 || agent(beck) != story.SystemSNOMED {
		t.Errorf("first coding: %q and %q, want Read first at one and SNOMED at the other", agent(fell), agent(beck))
	}
	plan := beck.Find("MedicationRequest/med-1")
	if got := plan.At("dispenseRequest.quantity.extension.0.valueString"); got != "28 tablet" {
		t.Errorf("Beckwater quantity = %q, want words", got)
	}
	if got := plan.At("extension.0.extension.0.valueUnsignedInt"); got != "12" {
		t.Errorf("Beckwater repeats = %q, want valueUnsignedInt 12", got)
	}
	if got := listsOf(beck)["886921000000105"].At("title"); got != "Active Allergies" {
		t.Errorf("Beckwater title = %q", got)
	}
	if got := beck.Find("Condition/prob-1").At("extension.0.url"); got != gpConnect+"ActualProblem-1" {
		t.Errorf("Beckwater actual problem url = %q", got)
	}
	if got := beck.OfType("OperationOutcome"); len(got) != 1 || got[0].At("issue.0.diagnostics") != "includeDiaryEntries" {
		t.Errorf("Beckwater must say that it does not implement diary entries, said %v", got)
	}
	if listsOf(fell)["714311000000108"] == nil || listsOf(beck)["714311000000108"] != nil {
		t.Error("only Fellside answers diary entries")
	}
}

func TestNotGivenOnlyWhenAsked(t *testing.T) {
	body := parametersFor(wiretest.NHSNumber, `{"name":"includeImmunisations","part":[{"name":"includeNotGiven","valueBoolean":true}]}`)
	b := answered(t, asking{body: body})
	got := make([]string, 0, 2)
	for _, v := range b.OfType("Immunization") {
		got = append(got, v.At("notGiven")+" "+v.At("explanation.reasonNotGiven.0.coding.0.display"))
	}
	if diff := cmp.Diff([]string{"false ", "true Vaccine declined by patient"}, got); diff != "" {
		t.Errorf("immunisations (-want +got):\n%s", diff)
	}
	if lists := b.OfType("List"); len(lists) != 1 || lists[0].At("entry.2.item.reference") == "" {
		t.Errorf("want one List of two vaccinations and one statement, got %v", lists)
	}
}

func TestOddEntriesTravelAsTheyAre(t *testing.T) {
	person := wiretest.Person()
	person.Holdings = []story.Holding{{ODS: wiretest.Fellside, LocalID: "x", Observations: []story.Observation{
		{Head: story.Head{ID: "a", Modifier: "https://unknown.example/negated"}, What: story.Words("Words only")},
		{Head: story.Head{ID: "b", About: "Patient/other"}, What: story.Words("Another person")},
		{Head: story.Head{ID: "c", NoSubject: true, EnteredInError: true, Encounter: "gone", Labels: []story.Code{{System: "http://hl7.org/fhir/v3/ActCode", Value: "NOPAT"}}}},
		{Head: story.Head{ID: "d", Unlisted: true}, What: story.Words("In no List"), When: "2024-02-30"},
	}, Behaviour: story.Behaviour{SecondPatient: &story.Demographics{NHSNumber: "9990000026"}}, As: &story.Demographics{NHSNumber: "9990000034", Name: story.Name{Family: "Other"}}}}
	b := answered(t, asking{region: wiretest.With(person)})
	d := dialects[story.Fellside]
	find := func(entry string) wiretest.Resource { return b.Find("Observation/" + d.id("x", entry)) }
	if find("a").At("modifierExtension.0.url") == "" || find("b").At("subject.reference") != "Patient/other" {
		t.Error("modifier or foreign subject was lost")
	}
	c := find("c")
	if c.At("status") != "entered-in-error" || c.At("subject.reference") != "" || c.At("meta.security.0.code") != "NOPAT" {
		t.Errorf("entry without subject = %v", c)
	}
	if diff := cmp.Diff([]string{"Encounter/" + d.id("x", "gone"), "Patient/other"}, b.Dangling()); diff != "" {
		t.Errorf("dangling on purpose (-want +got):\n%s", diff)
	}
	if find("d").At("effectiveDateTime") != "2024-02-30" || slices.Contains(listsOf(b)["826501000000100"].References(), "Observation/"+d.id("x", "d")) {
		t.Error("unlisted entry must be sent with its bad date and be in no List")
	}
	if got := b.OfType("Patient"); len(got) != 2 || got[0].At("identifier.0.value") != "9990000034" {
		t.Errorf("want two patients, the first under another number, got %v", got)
	}
}

func TestRawRecordIsServedAsItIs(t *testing.T) {
	for name, raw := range map[string]string{
		"with id":    `{"resourceType":"Bundle","meta":{"tag":[{"code":"old"}]},"id" : "old","x":1.50}`,
		"without id": `{"resourceType":"Bundle","x":1.50}`,
	} {
		t.Run(name, func(t *testing.T) {
			region := wiretest.Region()
			region.ServeRecord(wiretest.NHSNumber, []byte(raw))
			got := asking{region: region}.send(t).Body.String()
			if !strings.Contains(got, `"`+traceID+`"`) || !strings.Contains(got, `"x":1.50`) || strings.Count(got, "old") != strings.Count(raw, `"code":"old"`) {
				t.Errorf("served %s", got)
			}
			if !json.Valid([]byte(got)) {
				t.Errorf("not JSON: %s", got)
			}
		})
	}
}

func TestWindowComparesAtSharedPrecision(t *testing.T) {
	w := window{Start: "2020", End: "2021-06"}
	for date, want := range map[string]bool{"": true, "2020-01-01": true, "2021-06-30": true, "2021-07": false, "2019": false, "2021": true} {
		if got := w.holds(date); got != want {
			t.Errorf("window holds %q = %v, want %v", date, got, want)
		}
	}
}

func BenchmarkWholeRecord(b *testing.B) {
	a := asking{}
	a.fill()
	h := New(a.region, a.supplier)
	for b.Loop() {
		r := httptest.NewRequest(a.method, a.path, strings.NewReader(a.body))
		for name, value := range map[string]string{"Ssp-TraceID": traceID, "Ssp-From": "2", "Ssp-To": a.asid, "Ssp-InteractionID": structuredRecord,
			"Content-Type": "application/fhir+json", "Authorization": "Bearer " + a.token} {
			r.Header.Set(name, value)
		}
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		b.SetBytes(int64(w.Body.Len()))
	}
}
