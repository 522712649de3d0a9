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
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}
