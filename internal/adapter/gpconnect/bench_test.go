package gpconnect

import (
	"bytes"
	"strconv"
	"syscall"
	"testing"
	"time"

	"ribble/internal/adapter/internal/fhirjson"
	"ribble/internal/adapter/internal/stu3"
)

// bigRecord makes a record of about one megabyte with the proportions of a real one: mostly Observations, each with a consultation,
// a performer, two codings and a comment.
func bigRecord(size int) []byte {
	var b bytes.Buffer
	b.WriteString(`{"resourceType":"Bundle","id":"b","type":"collection","entry":[{"resource":` + patientJSON + `},{"resource":{"resourceType":"Practitioner","id":"p1","name":[{"family":"Gilbert","given":["Nichole"],"prefix":["Dr"]}]}}`)
	list := bytes.NewBufferString(`,{"resource":{"resourceType":"List","code":{"coding":[{"system":"http://snomed.info/sct","code":"826501000000100"}]},"subject":{"reference":"Patient/p"},"entry":[{"item":{"reference":"Observation/o0"}}`)
	for i := 0; b.Len() < size; i++ {
		n := strconv.Itoa(i)
		b.WriteString(`,{"resource":{"resourceType":"Observation","id":"o` + n + `","meta":{"profile":["https://fhir.nhs.uk/STU3/StructureDefinition/CareConnect-GPC-Observation-1"]},"identifier":[{"system":"https://fhir.nhs.uk/Id/cross-care-setting-identifier","value":"7CCF0FBEC8494BA2A7DD9907D1676161` + n + `"}],"status":"final","code":{"coding":[{"extension":[{"url":"https://fhir.nhs.uk/STU3/StructureDefinition/Extension-coding-sctdescid","extension":[{"url":"descriptionId","valueId":"2571781000000111"}]}],"system":"http://snomed.info/sct","code":"1022541000000102","display":"Total white cell count","userSelected":true},{"system":"http://read.info/readv2","code":"42H..00","display":"Total white cell count"}]},"subject":{"reference":"Patient/p"},"context":{"reference":"Encounter/e` + strconv.Itoa(i/10) + `"},"effectiveDateTime":"2019-03-28T10:30:00+00:00","issued":"2019-03-28T10:30:00.000+00:00","performer":[{"reference":"Practitioner/p1"}],"valueQuantity":{"value":5.70,"unit":"10*9/L"},"comment":"Repeat in three months and review with the result; no change to treatment for the present time."}}`)
		if i%10 == 0 {
			b.WriteString(`,{"resource":{"resourceType":"Encounter","id":"e` + strconv.Itoa(i/10) + `","status":"finished","type":[{"text":"GP Surgery"}],"subject":{"reference":"Patient/p"},"period":{"start":"2019-03-28T10:30:00+00:00"},"participant":[{"type":[{"coding":[{"system":"https://fhir.nhs.uk/STU3/CodeSystem/GPConnect-ParticipantType-1","code":"PPRF","display":"primary performer"}]}],"individual":{"reference":"Practitioner/p1"}}]}}`)
		}
		if i > 0 {
			list.WriteString(`,{"item":{"reference":"Observation/o` + n + `"}}`)
		}
	}
	b.Write(list.Bytes())
	b.WriteString(`]}}]}`)
	return b.Bytes()
}

func BenchmarkDecode(b *testing.B) {
	body := bigRecord(1 << 20)
	b.SetBytes(int64(len(body)))
	b.ReportAllocs()
	defer reportCPU(b, len(body))()
	for b.Loop() {
		var r stu3.Resource
		if err := fhirjson.Decode(body, &r); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkMap(b *testing.B) {
	body := bigRecord(1 << 20)
	bundle := decodeBundle(b, body)
	ask := testAsk(b)
	from := &replies{wanted: areasFor(supplies), whole: reply{bundle: bundle}}
	b.SetBytes(int64(len(body)))
	b.ReportAllocs()
	defer reportCPU(b, len(body))()
	for b.Loop() {
		a := compile(testSource, ask, supplies, from)
		if a.Account.Unaccounted() != 0 || len(a.Chart.Other) < 100 {
			b.Fatal("not mapped")
		}
	}
}

// reportCPU gives processor time per megabyte, which other work on the machine disturbs less than the clock.
func reportCPU(b *testing.B, size int) func() {
	used := func() time.Duration {
		var u syscall.Rusage
		if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
			b.Fatal(err)
		}
		return time.Duration(u.Utime.Nano() + u.Stime.Nano())
	}
	before := used()
	return func() {
		b.ReportMetric(float64(used()-before)/1e6/float64(b.N)/(float64(size)/(1<<20)), "cpu-ms/MB")
	}
}
