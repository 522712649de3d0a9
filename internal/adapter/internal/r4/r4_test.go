package r4_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ribble/internal/adapter/internal/fhirjson"
	"ribble/internal/adapter/internal/r4"
	"ribble/internal/record"
)

func decode(t *testing.T, resources ...string) *r4.Bundle {
	t.Helper()
	b, err := r4.DecodeBundle([]byte(`{"resourceType":"Bundle","entry":[{"resource":` + strings.Join(resources, `},{"resource":`) + `}]}`))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestResourcesAreDecodedByTheirType(t *testing.T) {
	b := decode(t, `{"resourceType":"Observation","id":"o","valueQuantity":{"value":5.70,"unit":"mmol/L"}}`,
		`{"id":"late","text":{"resourceType":"No"},"resourceType":"Flag","status":"active"}`, `{"resourceType":"Zork","id":"z","title":"T","date":"2020","period":{"start":"2019"},"note":[{"text":"n"}],"code":"words","status":7}`,
		`null`, `{"id":"nameless"}`)
	if o, ok := b.Entry[0].Resource.Resource.(*r4.Observation); !ok || string(o.ValueQuantity.Value) != "5.70" {
		t.Errorf("%+v", b.Entry[0].Resource.Resource)
	}
	if f, ok := b.Entry[1].Resource.Resource.(*r4.Flag); !ok || f.Status != "active" {
		t.Errorf("%+v", b.Entry[1].Resource.Resource)
	}
	g, ok := b.Entry[2].Resource.Resource.(*r4.General)
	if !ok {
		t.Fatalf("%T", b.Entry[2].Resource.Resource)
	}
	want := []any{"T", "words", "", []r4.Field{{Name: "date", Text: "2020"}, {Name: "started", Text: "2019"}}, []string{"n"}}
	if diff := cmp.Diff(want, []any{g.Title, g.Code.Text, g.Status, g.Dates, g.Notes}); diff != "" {
		t.Error(diff)
	}
	if b.Entry[3].Resource.Resource != nil {
		t.Error("null became a resource")
	}
	if b.Entry[4].Resource.Resource.Head().ResourceType != "" {
		t.Error("a resource without a type was given one")
	}
}

func TestOneBadResourceCostsItself(t *testing.T) {
	b := decode(t, `{"resourceType":"Flag","id":"bad","code":"not a concept"}`, `{"resourceType":"Flag","id":"good","code":{"text":"Falls"}}`, `[1]`)
	if u, ok := b.Entry[0].Resource.Resource.(*r4.Unreadable); !ok || u.ResourceType != "Flag" || u.ID != "bad" {
		t.Errorf("%+v", b.Entry[0].Resource.Resource)
	}
	if f, ok := b.Entry[1].Resource.Resource.(*r4.Flag); !ok || f.Code.Text != "Falls" {
		t.Errorf("%+v", b.Entry[1].Resource.Resource)
	}
	if _, ok := b.Entry[2].Resource.Resource.(*r4.Unreadable); !ok {
		t.Errorf("%+v", b.Entry[2].Resource.Resource)
	}
}

func TestBadMessagesAreRefusedWhole(t *testing.T) {
	for name, body := range map[string]string{
		"duplicate name": `{"resourceType":"Bundle","entry":[{"resource":{"resourceType":"Flag","id":"1","id":"2"}}]}`,
		"two types":      `{"resourceType":"Bundle","entry":[{"resource":{"resourceType":"Flag","resourceType":"Patient"}}]}`,
		"not an object":  `[]`,
		"cut off":        `{"resourceType":"Bundle","entry":[`,
	} {
		if _, err := r4.DecodeBundle([]byte(body)); !errors.Is(err, fhirjson.ErrMalformed) && !errors.Is(err, fhirjson.ErrType) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestConcept(t *testing.T) {
	b := decode(t, `{"resourceType":"Flag","code":{"coding":[null,{"extension":[{"url":"https://x/Extension-coding-sctdescid","extension":[{"url":"descriptionId","valueId":"99"}]}],"system":"http://snomed.info/sct","code":"1","display":"A \"b\"","userSelected":true}],"text":null}}`)
	got := b.Entry[0].Resource.Resource.(*r4.Flag).Code.Concept()
	want := record.Concept{Codings: []record.Coding{{}, {System: record.SNOMED, Code: "1", Display: `A "b"`, DescriptionID: "99", UserSelected: true}}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestDemographics(t *testing.T) {
	b := decode(t, `{"resourceType":"Patient","id":"1","identifier":[{"system":"https://fhir.nhs.uk/Id/nhs-number","value":"9434765919","extension":[{"url":"https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-NHSNumberVerificationStatus","valueCodeableConcept":{"coding":[{"code":"01"}]}}]}],
		"name":[{"use":"old","family":"Was"},{"use":"usual","family":"Is","given":["Ann"],"prefix":["Ms"]}],"birthDate":"1950-01","deceasedDateTime":"2020-02-03","gender":"female",
		"address":[{"use":"old","line":["1 Old St"],"postalCode":"AA1 1AA"},{"use":"home","line":["2 New St",""],"city":"Town","postalCode":"BB2 2BB"}],
		"telecom":[{"system":"phone","value":"123","use":"home"}],"generalPractitioner":[{"display":"Dr G","identifier":{"system":"https://fhir.nhs.uk/Id/ods-organization-code","value":"A1"}}],
		"communication":[{"language":{"text":"Urdu"},"preferred":true}],"link":[{"type":"replaced-by","other":{"identifier":{"system":"https://fhir.nhs.uk/Id/nhs-number","value":"9434765870"}}}],
		"extension":[{"url":"https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-NHSCommunication","extension":[{"url":"interpreterRequired","valueBoolean":true}]}]}`)
	d := b.Entry[0].Resource.Resource.(*r4.Patient).Demographics()
	got := []any{
		d.Identifiers, d.NumberStatus, d.Current().Display(), d.Born.Text, d.Deceased.Recorded, d.Deceased.Date.Text, d.Addresses, d.Postcode, d.Phones,
		d.GeneralPractitioner, d.GPName, d.Languages, d.Needs, d.Links,
	}
	want := []any{
		[]record.Identifier{{System: record.NHSNumberSystem, Value: "9434765919"}}, "01", "IS, Ann (Ms)", "1950-01", true, "2020-02-03",
		[]string{"2 New St, Town, BB2 2BB", "1 Old St, AA1 1AA"}, "BB2 2BB", []string{"123 (home)"}, "A1", "Dr G", []string{"Urdu (preferred)"}, []string{"Interpreter required"},
		[]record.Link{{Type: "replaced-by", NHSNumber: "9434765870"}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestAttachment(t *testing.T) {
	for name, c := range map[string]struct{ in, kind string }{
		"inline": {`{"data":"aGk=","contentType":"text/plain"}`, "hi"}, "address": {`{"url":"Binary/1","size":12}`, "Binary/1 12"},
		"neither": {`{"title":"File size greater than allowed"}`, "File size greater than allowed"}, "not base64": {`{"data":"***"}`, "the document sent could not be read"},
	} {
		var in r4.Attachment
		if err := fhirjson.Decode([]byte(c.in), &in); err != nil {
			t.Fatal(err)
		}
		a := in.Attachment()
		got := string(a.Inline) + a.Placeholder
		if a.URL != "" {
			got = a.URL + " 12"
		}
		if got != c.kind {
			t.Errorf("%s: %q", name, got)
		}
	}
}

func TestOutcome(t *testing.T) {
	var o r4.OperationOutcome
	if err := fhirjson.Decode([]byte(`{"resourceType":"OperationOutcome","issue":[{"severity":"warning","code":"incomplete","details":{"text":"Some left out."},"diagnostics":"stack"},{"severity":"fatal","code":"timeout","details":{"coding":[{"code":"SLOW","display":"Too slow"}]}}]}`), &o); err != nil {
		t.Fatal(err)
	}
	if !o.Failed() || !o.HasCode("SLOW") || !o.HasCode("timeout") || o.HasCode("stack") || o.Words() != "Some left out. Too slow" {
		t.Errorf("%+v %q", o, o.Words())
	}
}

func FuzzDecode(f *testing.F) {
	f.Add([]byte(`{"resourceType":"Bundle","entry":[{"resource":{"resourceType":"Observation","contained":[{"resourceType":"Zork"}],"code":{"coding":[{"system":"x"}]}}}]}`))
	f.Add([]byte(`{"resourceType":"Bundle","entry":[{"resource":{"resourceType":"Flag","code":7}},{"resource":{"a":[{"b":"\u0045"}],"resourceType":"Zork"}}]}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		b, err := r4.DecodeBundle(body)
		if err != nil {
			if strings.Contains(err.Error(), "secret") {
				t.Error("an error quotes the message")
			}
			return
		}
		for _, e := range b.Entry {
			if r := e.Resource.Resource; r != nil {
				_ = r.Head().Interpretable()
			}
		}
	})
}

// A name may be written with escapes; a subject or a code that is written so must not be overlooked.
func TestEscapedNamesAreRead(t *testing.T) {
	b := decode(t, `{"resourceType":"Observation","id":"o","subject":{"r\u0065ference":"Patient/p9"},"code":{"t\u0065xt":"Haemoglobin"}}`)
	o, ok := b.Entry[0].Resource.Resource.(*r4.Observation)
	if !ok || o.Subject.Reference != "Patient/p9" || o.Code.Text != "Haemoglobin" {
		t.Errorf("%+v", b.Entry[0].Resource.Resource)
	}
}
