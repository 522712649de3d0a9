package r4map

import (
	"encoding/json"
	"reflect"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"ribble/internal/adapter/internal/r4"
	"ribble/internal/record"
)

var anyTypes = []string{
	"AllergyIntolerance", "Appointment", "Binary", "Bundle", "CarePlan", "CareTeam", "Composition", "Condition", "Consent", "Device", "DeviceRequest",
	"DiagnosticReport", "DocumentReference", "Encounter", "EpisodeOfCare", "FamilyMemberHistory", "Flag", "Goal", "HealthcareService", "ImagingStudy",
	"Immunization", "List", "Location", "Medication", "MedicationAdministration", "MedicationDispense", "MedicationRequest", "MedicationStatement",
	"Observation", "OperationOutcome", "Organization", "Patient", "Practitioner", "PractitionerRole", "Procedure", "Provenance",
	"QuestionnaireResponse", "RelatedPerson", "ServiceRequest", "Specimen", "Task", "RiskAssessment", "Zork",
}

// anyResource draws a resource whose references point at anything, itself included, under ids so few that many collide.
func anyResource(t *rapid.T, depth int) map[string]any {
	resourceType := rapid.SampledFrom(anyTypes).Draw(t, "type")
	r := map[string]any{"resourceType": resourceType, "id": rapid.SampledFrom([]string{"1", "2", "3", "p1", ""}).Draw(t, "id")}
	subject := rapid.SampledFrom([]any{
		map[string]any{"reference": "Patient/p1"}, map[string]any{"reference": "Patient/p1"}, map[string]any{"reference": "Patient/p1"},
		map[string]any{"reference": "Patient/2"}, map[string]any{"display": "Ann"}, nil,
	}).Draw(t, "subject")
	for _, name := range []string{"subject", "patient", "for"} {
		r[name] = subject
	}
	r["participant"] = []any{map[string]any{"actor": subject, "member": ref(t), "individual": ref(t)}}
	for _, name := range []string{"basedOn", "authorizingPrescription", "result", "hasMember", "goal", "imagingStudy", "target", "supportingInfo"} {
		if rapid.Bool().Draw(t, name) {
			r[name] = []any{ref(t), ref(t)}
		}
	}
	for _, name := range []string{"request", "medicationReference", "practitioner", "recorder", "careManager", "device"} {
		if rapid.Bool().Draw(t, name) {
			r[name] = ref(t)
		}
	}
	r["status"] = rapid.SampledFrom([]string{"active", "completed", "final", "entered-in-error", "unheard-of", ""}).Draw(t, "status")
	r["intent"] = rapid.SampledFrom([]string{"plan", "order", "proposal"}).Draw(t, "intent")
	r["code"] = map[string]any{"coding": []any{map[string]any{"code": rapid.SampledFrom([]string{"716186003", "DOLS", "364075005", "450476008", "161714006", "x"}).Draw(t, "code")}}}
	r["category"] = []any{map[string]any{"coding": []any{map[string]any{"code": rapid.SampledFrom([]string{"laboratory", "vital-signs", "RAD", "108252007", adjustmentFlag, "x"}).Draw(t, "category")}}}}
	r["item"] = []any{map[string]any{"linkId": rapid.SampledFrom([]string{"1515861000000103", "x"}).Draw(t, "question"), "answer": []any{map[string]any{"valueString": "yes"}}}}
	switch resourceType {
	case "Organization", "Encounter":
		r["partOf"] = ref(t)
	case "MedicationStatement", "Procedure":
		delete(r, "category")
	case "PractitionerRole":
		delete(r, "code")
		r["organization"] = ref(t)
	}
	switch rapid.IntRange(0, 15).Draw(t, "oddity") {
	case 0:
		r["modifierExtension"] = []any{map[string]any{"url": "https://x"}}
	case 1:
		r["code"] = 7
	case 2:
		r["identifier"] = []any{map[string]any{"system": "s", "value": "v"}}
	}
	if depth > 0 && rapid.IntRange(0, 4).Draw(t, "contains") == 0 {
		r["contained"] = []any{anyResource(t, 0), anyResource(t, 0)}
	}
	return r
}

func ref(t *rapid.T) any {
	resourceType := rapid.SampledFrom(append(slices.Clone(anyTypes), "#", "#")).Draw(t, "to")
	id := rapid.SampledFrom([]string{"1", "2", "3", "9"}).Draw(t, "to id")
	if resourceType == "#" {
		return map[string]any{"reference": "#" + id}
	}
	return map[string]any{"reference": resourceType + "/" + id, "display": "words"}
}

// TestConservation is the law of section 25: whatever comes, in whatever tangle, has exactly one fate, and the page shows what the account says.
func TestConservation(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var entries []any
		received := 1
		for range rapid.IntRange(0, 12).Draw(t, "n") {
			r := anyResource(t, 1)
			times := rapid.SampledFrom([]int{1, 1, 1, 2}).Draw(t, "times")
			for range times {
				entries = append(entries, map[string]any{"resource": r})
				received++
				if contained, ok := r["contained"].([]any); ok {
					received += len(contained)
				}
			}
		}
		entries = append(entries, map[string]any{"resource": map[string]any{"resourceType": "Patient", "id": "p1"}})
		body, err := json.Marshal(map[string]any{"resourceType": "Bundle", "entry": entries})
		if err != nil {
			t.Fatal(err)
		}
		asked := record.Sections(rapid.Uint32Range(0, uint32(record.AllSections)).Draw(t, "asked"))
		if rapid.Bool().Draw(t, "everything") {
			asked = record.AllSections
		}
		first, second := conserved(t, body, asked, received), conserved(t, body, asked, received)
		if !reflect.DeepEqual(first.Account, second.Account) {
			t.Fatal("the same bytes were accounted for in two ways")
		}
	})
}

func conserved(t *rapid.T, body []byte, asked record.Sections, received int) record.Answer {
	b, err := r4.DecodeBundle(body)
	if err != nil {
		t.Fatal(err)
	}
	set := NewSet()
	set.Add("", asked, b)
	a := record.Answer{State: record.Data}
	patient := &r4.Patient{Header: r4.Header{ResourceType: "Patient", ID: "p1"}}
	Map(&a, set, Options{Asked: asked, Patient: patient, Source: &a.Source, Now: testNow})
	total := a.Account.Total()
	// A resource that cannot be read is counted without what it contains: that cannot be read either.
	if unread := total.Fates[record.Unreadable] + total.Fates[record.Structural]; total.Received > received || total.Received < received-2*unread {
		t.Fatalf("%d came, %d are accounted for", received, total.Received)
	}
	for s := range record.AllSections.All {
		if _, rows := a.Chart.Count(s); rows > 0 && !asked.Has(s) {
			t.Fatalf("%s is shown though it may not be", s.ID())
		}
	}
	a.Settle(asked)
	if a.State != record.Data {
		t.Fatalf("%s: %+v", a.Detail, total)
	}
	return a
}

// FuzzMap feeds any bytes: what decodes must be mapped without a panic and accounted for.
func FuzzMap(f *testing.F) {
	f.Add([]byte(`{"resourceType":"Bundle","entry":[{"resource":{"resourceType":"MedicationRequest","id":"1","subject":{"reference":"Patient/p1"},"basedOn":[{"reference":"MedicationRequest/1"}]}}]}`))
	f.Add([]byte(`{"resourceType":"Bundle","entry":[{"resource":{"resourceType":"Bundle","entry":[{"resource":{"resourceType":"Organization","id":"1","partOf":{"reference":"#1"}}}]}}]}`))
	f.Add([]byte(`{"resourceType":"Bundle","entry":[{"resource":{"resourceType":"Observation","id":"1","hasMember":[{"reference":"Observation/1"}],"subject":{"reference":"Patient/p1"}}}]}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		b, err := r4.DecodeBundle(body)
		if err != nil {
			return
		}
		a := mapBundle(t, b, &r4.Patient{Header: r4.Header{ResourceType: "Patient", ID: "p1"}}, nil)
		balanced(t, a)
	})
}
