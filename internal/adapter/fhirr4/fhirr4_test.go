package fhirr4_test

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"ribble/internal/adapter/adaptertest"
	"ribble/internal/adapter/fhirr4"
	"ribble/internal/adapter/internal/r4fake"
	"ribble/internal/outbound"
	"ribble/internal/quarantine"
	"ribble/internal/record"
)

const number = "9434765919"

var (
	ann      = r4fake.Person("p1", number, "Toyman", "Ann", "1950-01-02")
	somebody = r4fake.Person("p9", "9434765870", "Otherby", "Jill", "1961-07-08")
	trust    = record.Organisation{ODS: "RCB", Name: "York and Scarborough", Kind: "acute"}
)

func about(t testing.TB, sections record.Sections) record.Ask {
	t.Helper()
	n, err := record.ParseNHSNumber(number)
	if err != nil {
		t.Fatal(err)
	}
	return record.Ask{
		Sections: sections, ID: "view-1", At: time.Date(2026, 10, 14, 14, 2, 0, 0, time.UTC),
		Person: record.Person{NHSNumber: n, Demographics: record.Demographics{
			Names: []record.Name{{Family: "Toyman", Given: []string{"Ann"}}}, Born: record.ParseDate("1950-01-02"),
		}},
	}
}

// way is how a source is asked.
type way int

const (
	single way = iota
	batch
	chained
)

func source(client *outbound.Client, how way) fhirr4.Source {
	return fhirr4.New(fhirr4.Config{Ref: record.SourceRef{Feed: "york-r4", Organisation: trust}, Supplies: record.AllSections, Client: client, Batch: how >= batch, Chained: how == chained})
}

func condition(id, patient, code, onset string) string {
	return fmt.Sprintf(`{"resourceType":"Condition","id":%q,"meta":{"security":[{"code":%q}]},"clinicalStatus":{"coding":[{"code":"active"}]},`+
		`"subject":{"reference":"Patient/%s"},"onsetDateTime":%q,"code":%s}`, id, adaptertest.LabelCode, patient, onset, code)
}

func TestAcceptance(t *testing.T) {
	plain := `{"coding":[{"system":"http://snomed.info/sct","code":"38341003","display":"Hypertension"}]}`
	odd := fmt.Sprintf(`{"text":%q,"coding":[{"system":%q,"code":%q}]}`, adaptertest.OddText, adaptertest.OddSystem, adaptertest.OddCode)
	report := `{"resourceType":"DiagnosticReport","id":"d1","status":"final","code":{"text":"Full blood count"},"subject":{"reference":"Patient/p1"},"result":[{"reference":"Observation/o1"}],"performer":[{"reference":"Organization/lab"}]}`
	result := `{"resourceType":"Observation","id":"o1","status":"final","code":{"text":"Haemoglobin"},"subject":{"reference":"Patient/p1"},"valueQuantity":{"value":135.0,"unit":"g/L"}}`
	lab := `{"resourceType":"Organization","id":"lab","name":"Pathology"}`
	fake := func(resources ...string) http.Handler { return &r4fake.Server{Patient: ann, Resources: resources} }
	adaptertest.Run(t, adaptertest.Harness{
		New: func(_ testing.TB, client *outbound.Client, _ string) adaptertest.Source {
			return source(client, single)
		},
		Batch: func(_ testing.TB, client *outbound.Client, _ string) adaptertest.Source { return source(client, batch) },
		Chained: func(_ testing.TB, client *outbound.Client, _ string) adaptertest.Source {
			return source(client, chained)
		},
		BasePath: "/fhir/r4",
		Ask:      about(t, record.AllSections),
		Kind:     quarantine.Other,
		Good:     fake(condition("c1", "p1", plain, "2014-06"), report, result, lab),
		Empty:    fake(),
		Unknown:  &r4fake.Server{},
		Refused:  status(http.StatusForbidden),
		Other:    &r4fake.Server{Patient: somebody},
		Foreign:  fake(condition("c1", "p1", plain, "2014-06"), condition("c2", "p9", plain, "2014-06")),
		Odd: fake(condition("c1", "p1", odd, adaptertest.YearOnly), condition("c2", "p1", `{"text":"`+adaptertest.FirstTwin+`"}`, ""),
			condition("c2", "p1", `{"text":"`+adaptertest.SecondTwin+`"}`, "")),
		Many: func(n int) http.Handler {
			many := make([]string, n)
			for i := range many {
				many[i] = condition(fmt.Sprint("c", i), "p1", plain, "2014")
			}
			return &r4fake.Server{Patient: ann, Resources: many, PageSize: 1000}
		},
	})
}

func status(code int) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(code) })
}
