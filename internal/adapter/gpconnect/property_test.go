package gpconnect

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"pgregory.net/rapid"

	"ribble/internal/adapter/internal/fhirjson"
	"ribble/internal/adapter/internal/stu3"
	"ribble/internal/record"
)

// ownResources are resources with every kind of link between them, and some that are wrong.
func ownResources() []string {
	related := func(kind, to string) string {
		return `,"related":[{"type":"` + kind + `","target":{"reference":"Observation/` + to + `"}}]`
	}
	structure := func(id, code string, items ...string) string {
		return `{"resourceType":"List","id":"` + id + `","code":{"coding":[{"code":"` + code + `"}]},"subject":{"reference":"Patient/p"},"encounter":{"reference":"Encounter/e"},"entry":[{"item":{"reference":"` + strings.Join(items, `"}},{"item":{"reference":"`) + `"}}]}`
	}
	return append(emptyLists(),
		list(immunisationList, []string{"Immunization/1", "Observation/a"}, "data-in-transit"), list(problemList, []string{"Condition/1", "Condition/gone"}, "confidential-items"),
		list(uncategorisedList, []string{"Observation/b", "Observation/a", "QuestionnaireResponse/1"}), list(endedAllergyList, []string{"#c"}),
		`{"resourceType":"List","id":"ended","code":{"coding":[{"code":"1103671000000101"}]},"subject":{"reference":"Patient/p"},"contained":[`+allergy("c", "")+`,`+allergy("c", "")+`],"entry":[{"item":{"reference":"#c"}}]}`,
		allergy("1", ""), allergy("2", `,"modifierExtension":[{"url":"x"}]`), strings.Replace(allergy("3", ""), "unconfirmed", "entered-in-error", 1), strings.Replace(allergy("4", ""), "Patient/p", "Patient/x", 1),
		observation("a", related("has-member", "b")), observation("b", related("derived-from", "a")), observation("c", `,`+snomed(commentNote, "Comment")+related("derived-from", "b")),
		observation("d", related("has-member", "a")), observation("e", `,`+snomed(commentNote, "Comment")), strings.Replace(observation("f", ""), `"subject":{"reference":"Patient/p"},`, "", 1),
		observation("g", `,`+snomed("364075005", "Heart rate")+related("has-member", "c")), observation("h", `,`+snomed("342191000000101", "Child protection plan")),
		`{"resourceType":"DiagnosticReport","id":"1","status":"final","subject":{"reference":"Patient/p"},"result":[{"reference":"Observation/a"},{"reference":"Observation/e"},{"reference":"Observation/gone"}],"basedOn":[{"reference":"ProcedureRequest/1"}],"specimen":[{"reference":"Specimen/1"}]}`,
		`{"resourceType":"DiagnosticReport","id":"2","status":"final","subject":{"reference":"Patient/p"},"result":[{"reference":"Observation/a"},{"reference":"Observation/g"}],"basedOn":[{"reference":"ProcedureRequest/1"},{"reference":"ProcedureRequest/2"}]}`,
		`{"resourceType":"Specimen","id":"1","subject":{"reference":"Patient/p"}}`,
		`{"resourceType":"ProcedureRequest","id":"1","intent":"order","subject":{"reference":"Patient/p"}}`, `{"resourceType":"ProcedureRequest","id":"2","intent":"plan","subject":{"reference":"Patient/p"}}`,
		`{"resourceType":"MedicationStatement","id":"1","status":"active","subject":{"reference":"Patient/p"},"medicationReference":{"reference":"Medication/m"},"basedOn":[{"reference":"MedicationRequest/1"}]}`,
		`{"resourceType":"MedicationStatement","id":"2","status":"active","subject":{"reference":"Patient/p"},"basedOn":[{"reference":"MedicationRequest/1"},{"reference":"MedicationRequest/2"}]}`,
		medicationJSON, request("1", "plan", "", ""), request("2", "order", `{"reference":"MedicationRequest/1"}`, ""), request("3", "order", `{"reference":"MedicationRequest/2"}`, ""), request("4", "order", "", ""),
		`{"resourceType":"Condition","id":"1","clinicalStatus":"active","subject":{"reference":"Patient/p"},"context":{"reference":"Encounter/e"}}`,
		`{"resourceType":"Encounter","id":"e","status":"finished","subject":{"reference":"Patient/p"}}`, structure("s1", consultationCode, "List/s2", "Observation/e"), structure("s2", topicCode, "List/s3", "Observation/c"),
		structure("s3", headingCode, "Observation/e", "List/s2", "Condition/1"), strings.Replace(structure("s4", consultationCode, "List/s3"), "Encounter/e", "Encounter/gone", 1),
		`{"resourceType":"Immunization","id":"1","notGiven":false,"patient":{"reference":"Patient/p"}}`, `{"resourceType":"Immunization","id":"2","notGiven":true,"patient":{"reference":"Patient/p"}}`,
		`{"resourceType":"QuestionnaireResponse","id":"1","subject":{"reference":"Patient/p"},"item":[{"answer":[{"valueReference":{"reference":"Observation/a"}}]}]}`,
		`{"resourceType":"ReferralRequest","id":"1","subject":{"reference":"Patient/p"}}`, documentJSON, strings.Replace(documentJSON, "Patient/p", "Patient/other", 1),
		`{"resourceType":"Flag","id":"1","subject":{"reference":"Patient/p"}}`, `{"resourceType":"Device","id":"1"}`, `{"resourceType":"Provenance","id":"1"}`, `{"resourceType":"Parameters"}`, `{"id":"1"}`,
		`{"resourceType":"Practitioner","id":"1"}`, `{"resourceType":"PractitionerRole","id":"1","practitioner":{"reference":"Practitioner/1"}}`, organisationJSON, patientJSON, strings.Replace(patientJSON, testNumber, "9690937278", 1),
		`{"resourceType":"OperationOutcome","issue":[{"severity":"warning","details":{"coding":[{"code":"NOT_IMPLEMENTED"}]},"diagnostics":"includeReferrals"}]}`)
}

// publishedResources are those of two published records, if they are here.
func publishedResources(t testing.TB) []string {
	dir, ok := fixtures(t)
	if !ok {
		t.Log("without the published messages: ../shared/fixtures is not here")
		return nil
	}
	var out []string
	for _, name := range []string{"allergies_contained_resolved.json", "PWTP5_TPP.json", "TC7_9465698679_Gainsford.json"} {
		body, err := os.ReadFile(filepath.Join(dir, "gpconnect-structured", name))
		if err != nil {
			t.Fatal(err)
		}
		var b struct {
			Entry []struct {
				Resource jsontext.Value `json:"resource"`
			} `json:"entry"`
		}
		if err := json.Unmarshal(patched(body), &b); err != nil {
			t.Fatal(err)
		}
		for _, e := range b.Entry {
			out = append(out, string(e.Resource))
		}
	}
	return out
}

func TestNothingReceivedIsEverLost(t *testing.T) {
	pools := [][]string{ownResources()}
	if published := publishedResources(t); published != nil {
		pools = append(pools, published, append(published, ownResources()...))
	}
	rapid.Check(t, func(t *rapid.T) {
		pool := rapid.SampledFrom(pools).Draw(t, "pool")
		some := rapid.SliceOfN(rapid.SampledFrom(pool), 0, 60)
		parts := make([]string, rapid.IntRange(1, 4).Draw(t, "calls"))
		received := 0
		for i := range parts {
			chosen := some.Draw(t, "resources")
			parts[i] = `{"resourceType":"Bundle","entry":[{}]}`
			if len(chosen) > 0 {
				parts[i] = `{"resourceType":"Bundle","entry":[{"resource":` + strings.Join(chosen, `},{"resource":`) + `}]}`
			}
		}
		from := &replies{wanted: areasFor(supplies)}
		for i, r := range []*reply{&from.whole, &from.given, &from.patient, &from.documents} {
			if i < len(parts) {
				var resource stu3.Resource
				if err := fhirjson.Decode([]byte(parts[i]), &resource); err != nil {
					t.Fatal(err)
				}
				r.bundle = resource.Entity.(*stu3.Bundle)
				received += count(r.bundle)
			}
		}
		a := compile(testSource, record.Ask{Person: testPersonOf(), At: testTime, Sections: record.AllSections}, supplies, from)
		assertBalanced(t, &a, received)
	})
}

func testPersonOf() record.Person {
	number, _ := record.ParseNHSNumber(testNumber)
	return record.Person{NHSNumber: number, Practice: record.Practice{ODS: "B82617"}, TracedAt: testTime}
}

func FuzzDecodeBundle(f *testing.F) {
	f.Add([]byte(bundle(ownResources()...)))
	f.Add([]byte(`{"resourceType":"Bundle","entry":[{"resource":{"id":"1","resourceType":"Patient"}}]}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		var r stu3.Resource
		if fhirjson.Decode(body, &r) != nil {
			return
		}
		if r.Entity == nil || r.Common() == nil {
			t.Error("decoded to nothing")
		}
		var loose struct {
			Type string `json:"resourceType"`
		}
		if err := json.Unmarshal(body, &loose); err == nil && loose.Type != r.Common().ResourceType {
			t.Errorf("two readings of one message: %q and %q", loose.Type, r.Common().ResourceType)
		}
	})
}

func FuzzMap(f *testing.F) {
	f.Add([]byte(bundle(ownResources()...)))
	f.Add([]byte(bundle(list(allergyList, []string{"AllergyIntolerance/1"}), allergy("1", ""))))
	for _, r := range ownResources() {
		f.Add([]byte(bundle(r)))
	}
	person := testPersonOf()
	f.Fuzz(func(t *testing.T, body []byte) {
		var r stu3.Resource
		if fhirjson.Decode(body, &r) != nil {
			return
		}
		b, ok := r.Entity.(*stu3.Bundle)
		if !ok {
			return
		}
		from := &replies{wanted: areasFor(supplies), whole: reply{bundle: b}, given: reply{bundle: b}}
		a := compile(testSource, record.Ask{Person: person, At: testTime, Sections: record.AllSections}, supplies, from)
		assertBalanced(t, &a, 2*deepCount(b))
	})
}

// deepCount counts resources at every depth, as a hostile message may nest them.
func deepCount(b *stu3.Bundle) int {
	var inside func(e stu3.Entity) int
	inside = func(e stu3.Entity) int {
		n := 1
		if e != nil {
			for i := range e.Common().Contained {
				n += inside(e.Common().Contained[i].Entity)
			}
		}
		return n
	}
	n := 0
	for i := range b.Entry {
		n += inside(b.Entry[i].Resource.Entity)
	}
	return n
}
