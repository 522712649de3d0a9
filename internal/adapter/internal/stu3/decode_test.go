package stu3_test

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ribble/internal/adapter/internal/fhirjson"
	"ribble/internal/adapter/internal/stu3"
	"ribble/internal/record"
)

func decode(t *testing.T, body string) stu3.Entity {
	t.Helper()
	var r stu3.Resource
	if err := fhirjson.Decode([]byte(body), &r); err != nil {
		t.Fatal(err)
	}
	return r.Entity
}

func TestResourceTypes(t *testing.T) {
	for _, name := range []string{
		"Patient", "Practitioner", "PractitionerRole", "Organization", "Location", "HealthcareService", "OperationOutcome", "Bundle", "Binary",
		"Observation", "List", "MedicationRequest", "MedicationStatement", "Medication", "Encounter", "AllergyIntolerance", "Condition",
		"Immunization", "DiagnosticReport", "Specimen", "ProcedureRequest", "ReferralRequest", "DocumentReference", "QuestionnaireResponse",
	} {
		for _, body := range []string{`{"resourceType":"` + name + `","id":"a"}`, `{"id":"a","resourceType":"` + name + `"}`} {
			e := decode(t, body)
			if _, generic := e.(*stu3.Generic); generic || e.Common().ResourceType != name || e.Common().ID != "a" {
				t.Errorf("%s became %T %q", name, e, e.Common().ResourceType)
			}
		}
	}
}

func TestTypeIsNeverInDoubt(t *testing.T) {
	var r stu3.Resource
	for _, body := range []string{
		`{"resource\u0054ype":"Patient"}`, `{"resourceType":"Pati\u0065nt"}`, `{"a":{"resourceType":"List"},"resource\u0054ype":"Patient"}`,
	} {
		if err := fhirjson.Decode([]byte(body), &r); !errors.Is(err, fhirjson.ErrType) {
			t.Errorf("%s: %v", body, err)
		}
	}
}

// whole compares resources with what only this package's own code sees of them.
var whole = cmp.AllowUnexported(stu3.Base{})

func TestEscapedNamesAreRead(t *testing.T) {
	// Each body once as it is, and once with an escape in the name.
	for plain, escaped := range map[string]string{
		`{"resourceType":"Observation","id":"1","subject":{"reference":"Patient/1"}}`:                      `{"resourceType":"Observation","\u0069d":"1","s\u0075bject":{"referenc\u0065":"Patient/1"}}`,
		`{"resourceType":"Observation","code":{"text":"a","coding":[{"code":"1"}]}}`:                       `{"resourceType":"Observation","code":{"te\u0078t":"a","codin\u0067":[{"\u0063ode":"1"}]}}`,
		`{"resourceType":"Observation","valueQuantity":{"value":5.70,"unit":"g"}}`:                         `{"resourceType":"Observation","valueQuantit\u0079":{"v\u0061lue":5.70,"un\u0069t":"g"}}`,
		`{"resourceType":"Observation","modifierExtension":[{"url":"x"}]}`:                                 `{"resourceType":"Observation","modifier\u0045xtension":[{"\u0075rl":"x"}]}`,
		`{"resourceType":"Observation","component":[{"modifierExtension":[{"url":"x"}]}]}`:                 `{"resourceType":"Observation","\u0063omponent":[{"modifier\u0045xtension":[{"url":"x"}]}]}`,
		`{"resourceType":"Goal","patient":[{"reference":"Patient/1"}],"description":[{"text":"a"}]}`:       `{"resourceType":"Goal","p\u0061tient":[{"r\u0065ference":"Patient/1"}],"description":[{"t\u0065xt":"a"}]}`,
		`{"resourceType":"Goal","identifier":{"value":"v"},"contained":[{"resourceType":"List"}]}`:         `{"resourceType":"Goal","identifier":{"valu\u0065":"v"},"c\u006fntained":[{"resourceType":"List"}]}`,
		`{"resourceType":"Bundle","entry":[{"resource":{"resourceType":"Patient"}}]}`:                      `{"resourceType":"Bundle","\u0065ntry":[{"r\u0065source":{"resourceType":"Patient"}}]}`,
		`{"resourceType":"Bundle","meta":{"security":[{"code":"R"}]},"link":[{"relation":"n","url":"u"}]}`: `{"resourceType":"Bundle","\u006deta":{"s\u0065curity":[{"cod\u0065":"R"}]},"link":[{"rel\u0061tion":"n","\u0075rl":"u"}]}`,
	} {
		if diff := cmp.Diff(decode(t, plain), decode(t, escaped), whole); diff != "" {
			t.Errorf("%s: %s", escaped, diff)
		}
		if plain == escaped || cmp.Equal(decode(t, plain), decode(t, `{"resourceType":"`+decode(t, plain).Common().ResourceType+`"}`), whole) {
			t.Errorf("%s: shows nothing", plain)
		}
	}
	for _, twice := range []string{`{"resourceType":"List","title":"a","titl\u0065":"b"}`, `{"resourceType":"Goal","code":{"text":"a","t\u0065xt":"b"}}`} {
		if err := fhirjson.Decode([]byte(twice), new(stu3.Resource)); !errors.Is(err, fhirjson.ErrMalformed) {
			t.Errorf("%s: %v", twice, err)
		}
	}
}

func TestGenericTakesAnyShape(t *testing.T) {
	e := decode(t, `{"resourceType":"Goal","identifier":{"system":"s","value":"v"},"status":["x"],"code":[{"text":"aim"}],"description":{"coding":[{"code":"1"}]},
		"title":"T","name":[{"family":"f"}],"subject":[{"reference":"Patient/1"}],"date":7,"recorded":null}`)
	g := e.(*stu3.Generic)
	if g.Code.Text != "aim" || g.Title.Text != "T" || g.About().Reference != "Patient/1" || g.Status.Text != "x" || !g.Description.HasCode("", "1") {
		t.Errorf("got %+v", g)
	}
}

func TestConceptKeepsEverything(t *testing.T) {
	e := decode(t, `{"resourceType":"Condition","code":{"text":"as typed","coding":[
		{"system":"http://read.info/ctv3","code":"X1","display":"first","userSelected":true},
		{"system":"http://snomed.info/sct","code":"1","display":"second","extension":[{"url":"x/Extension-coding-sctdecsid","extension":[{"url":"descriptionId","valueId":"99"}]}]}]}}`)
	want := record.Concept{Text: "as typed", Codings: []record.Coding{
		{System: "http://read.info/ctv3", Code: "X1", Display: "first", UserSelected: true},
		{System: record.SNOMED, Code: "1", Display: "second", DescriptionID: "99"},
	}}
	if diff := cmp.Diff(want, e.(*stu3.Condition).Code.Record()); diff != "" {
		t.Error(diff)
	}
}

func TestValues(t *testing.T) {
	for body, want := range map[string]string{
		`"valueQuantity":{"value":5.70,"comparator":"<=","unit":"mmol/L"}`: "<=5.70 mmol/L",
		`"valueString":"a"`:                     "a",
		`"valueBoolean":false`:                  "No",
		`"valueCodeableConcept":{"text":"red"}`: "red",
		`"valueRange":{"low":{"value":1,"unit":"g"},"high":{"value":2.0,"unit":"g"}}`: "1 to 2.0 g",
		`"valueRatio":{"numerator":{"value":1},"denominator":{"value":128}}`:          "1 : 128",
		`"valueDateTime":"2020-02"`:      "Feb 2020",
		`"valuePeriod":{"start":"2020"}`: "from 2020",
		`"valueTime":"10:00"`:            "10:00",
		`"comment":"only this"`:          "",
	} {
		o := decode(t, `{"resourceType":"Observation",`+body+`}`).(*stu3.Observation)
		v := o.Value.Record()
		if got := v.Display(); got != want {
			t.Errorf("%s: got %q, want %q", body, got, want)
		}
	}
}

func TestIdentifierSystemsAreNormalised(t *testing.T) {
	got := stu3.RecordIdentifiers([]stu3.Identifier{
		{System: "2.16.840.1.113883.2.1.4.5.5", Value: "a"}, {System: "https://fhir.nhs.uk/Id/ubr-number", Value: "b"}, {System: "x"}, {System: "x", Value: "c"},
	})
	want := []record.Identifier{{System: "urn:oid:2.16.840.1.113883.2.1.4.5.5", Value: "a"}, {System: stu3.UBRN, Value: "b"}, {System: "x", Value: "c"}}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(stu3.Base{})); diff != "" {
		t.Error(diff)
	}
}
