package r4map

import (
	"bytes"
	"fmt"
	"strings"
	"syscall"
	"testing"

	"github.com/go-json-experiment/json/jsontext"

	"ribble/internal/adapter/internal/fhirjson"
	"ribble/internal/adapter/internal/r4"
	"ribble/internal/record"
)

// sixSources is about a megabyte of UK Core resources as six feeds would send them for one person: the mix of section 2 of the performance notes.
func sixSources() [][]byte {
	shares := []float64{.44, .20, .13, .09, .08, .06}
	out := make([][]byte, len(shares))
	for n, share := range shares {
		out[n] = searchset(share, n)
	}
	return out
}

func searchset(share float64, feed int) []byte {
	entries := []string{`{"fullUrl":"https://source.test/fhir/Patient/p1","resource":{"resourceType":"Patient","id":"p1","birthDate":"1942-03-04"}}`}
	add := func(resourceType string, n int, body string) {
		for i := range int(float64(n)*share + .5) {
			id := fmt.Sprintf("%s-%d-%d", strings.ToLower(resourceType[:3]), feed, i)
			entries = append(entries, `{"fullUrl":"https://source.test/fhir/`+resourceType+`/`+id+`","resource":{"resourceType":"`+resourceType+`","id":"`+id+`",`+
				`"meta":{"versionId":"1","lastUpdated":"2026-03-01T10:05:00+00:00","profile":["https://fhir.hl7.org.uk/StructureDefinition/UKCore-`+resourceType+`"],"tag":[{"system":"https://fhir.interweavedigital.nhs.uk/Provenance","code":"RCB","display":"York and Scarborough"}]},`+
				`"text":{"status":"generated","div":"<div xmlns=\"http://www.w3.org/1999/xhtml\"><p>`+strings.Repeat("A generated narrative that repeats what the codes say. ", 8)+`</p></div>"},`+
				`"identifier":[{"system":"https://fhir.source.test/Id/local","value":"`+id+`"}],`+body+`},"search":{"mode":"match"}}`)
		}
	}
	subject := `"subject":{"reference":"Patient/p1","type":"Patient"},"encounter":{"reference":"Encounter/enc-` + fmt.Sprint(feed) + `-1"}`
	add("Observation", 315, `"status":"final","category":[{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/observation-category","code":"vital-signs","display":"Vital Signs"}]}],"code":{"coding":[{"system":"http://snomed.info/sct","code":"75367002","display":"Blood pressure"}]},`+subject+`,"effectiveDateTime":"2026-02-11T09:15:00+00:00","performer":[{"reference":"Practitioner/pra-1","display":"Nurse A"}],"component":[{"code":{"coding":[{"system":"http://snomed.info/sct","code":"72313002","display":"Systolic arterial pressure"}]},"valueQuantity":{"value":121,"unit":"mmHg","system":"http://unitsofmeasure.org","code":"mm[Hg]"}},{"code":{"coding":[{"system":"http://snomed.info/sct","code":"1091811000000102","display":"Diastolic arterial pressure"}]},"valueQuantity":{"value":80.0,"unit":"mmHg","system":"http://unitsofmeasure.org","code":"mm[Hg]"}}]`)
	add("MedicationRequest", 105, `"status":"active","intent":"order","medicationCodeableConcept":{"coding":[{"system":"https://dmd.nhs.uk","code":"39732311000001104","display":"Amlodipine 5mg tablets"}]},`+subject+`,"authoredOn":"2026-01-20","requester":{"reference":"Practitioner/pra-1"},"dosageInstruction":[{"text":"One to be taken each day"}],"dispenseRequest":{"quantity":{"value":28,"unit":"tablet"},"expectedSupplyDuration":{"value":28,"unit":"day"}}`)
	add("Encounter", 83, `"status":"finished","class":{"system":"http://terminology.hl7.org/CodeSystem/v3-ActCode","code":"AMB","display":"ambulatory"},"subject":{"reference":"Patient/p1"},"period":{"start":"2025-11-02T09:00:00+00:00","end":"2025-11-02T09:30:00+00:00"},"serviceType":{"coding":[{"system":"http://snomed.info/sct","code":"310161006","display":"Orthopaedic service"}]},"participant":[{"type":[{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/v3-ParticipationType","code":"PPRF"}]}],"individual":{"reference":"Practitioner/pra-1"}}]`)
	add("Condition", 72, `"clinicalStatus":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/condition-clinical","code":"active"}]},"verificationStatus":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/condition-ver-status","code":"confirmed"}]},"category":[{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/condition-category","code":"problem-list-item"}]}],"code":{"coding":[{"system":"http://snomed.info/sct","code":"38341003","display":"Hypertension"}]},`+subject+`,"onsetDateTime":"2014-06","recordedDate":"2014-06-11"`)
	add("Procedure", 40, `"status":"completed","code":{"coding":[{"system":"http://snomed.info/sct","code":"80146002","display":"Appendicectomy"}]},`+subject+`,"performedDateTime":"1999"`)
	add("Immunization", 40, `"status":"completed","vaccineCode":{"coding":[{"system":"http://snomed.info/sct","code":"39114911000001105","display":"COVID-19 vaccine"}]},"patient":{"reference":"Patient/p1"},"occurrenceDateTime":"2022-03-11","primarySource":true,"lotNumber":"AB1234"`)
	add("Practitioner", 16, `"name":[{"family":"Mortimer","given":["Ann"],"prefix":["Dr"]}]`)
	return []byte(`{"resourceType":"Bundle","type":"searchset","link":[{"relation":"self","url":"https://source.test/fhir/Observation?patient=p1"}],"entry":[` + strings.Join(entries, ",") + `]}`)
}

func decodeAll(b *testing.B, bodies [][]byte) []*r4.Bundle {
	out := make([]*r4.Bundle, len(bodies))
	for i, body := range bodies {
		var err error
		if out[i], err = r4.DecodeBundle(body); err != nil {
			b.Fatal(err)
		}
	}
	return out
}

// BenchmarkScan is the floor: every token read and checked, nothing kept.
func BenchmarkScan(b *testing.B) {
	bodies := sixSources()
	defer cpu(b)()
	for b.Loop() {
		for _, body := range bodies {
			dec := jsontext.NewDecoder(bytes.NewBuffer(body))
			for {
				if _, err := dec.ReadToken(); err != nil {
					break
				}
			}
		}
	}
}

func BenchmarkDecode(b *testing.B) {
	bodies := sixSources()
	b.SetBytes(size(bodies))
	b.ReportAllocs()
	defer cpu(b)()
	for b.Loop() {
		for _, body := range bodies {
			m := fhirjson.Borrow()
			if _, err := r4.DecodeBundleIn(m, body); err != nil {
				b.Fatal(err)
			}
			m.Return()
		}
	}
}

// cpu reports the processor time of the process per operation: wall time says nothing on a shared machine.
func cpu(b *testing.B) (stop func()) {
	used := func() float64 {
		var u syscall.Rusage
		if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
			b.Fatal(err)
		}
		return float64(u.Utime.Nano()+u.Stime.Nano()) / 1e6
	}
	start := used()
	return func() { b.ReportMetric((used()-start)/float64(b.N), "cpu-ms/op") }
}

func BenchmarkMap(b *testing.B) {
	bodies := sixSources()
	bundles := decodeAll(b, bodies)
	b.SetBytes(size(bodies))
	b.ReportAllocs()
	defer cpu(b)()
	for b.Loop() {
		for _, bundle := range bundles {
			a := mapBundle(b, bundle, firstPatient(bundle), nil)
			a.Settle(record.AllSections)
		}
	}
}

func size(bodies [][]byte) int64 {
	n := 0
	for _, body := range bodies {
		n += len(body)
	}
	return int64(n)
}
