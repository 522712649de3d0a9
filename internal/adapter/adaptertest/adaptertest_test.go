package adaptertest_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"ribble/internal/adapter/adaptertest"
	"ribble/internal/adapter/internal/r4"
	"ribble/internal/outbound"
	"ribble/internal/record"
)

// toy is the smallest adapter that the suite can pass: one bundle of flags. It shows what a room has to do, and keeps the suite itself tested.
type toy struct {
	client *outbound.Client
	base   string
}

func (toy) Ref() record.SourceRef {
	return record.SourceRef{Feed: "toy", Organisation: record.Organisation{ODS: "RTOY", Name: "Toy Trust"}}
}

func (toy) Supplies() record.Sections { return record.SectionsOf(record.Alerts) }

func (s toy) Ask(ctx context.Context, ask record.Ask) record.Answer {
	asked := ask.Sections & s.Supplies()
	fail := func(state record.State) record.Answer {
		return record.Failed(s.Ref(), asked, state, "It could not answer.")
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.base+"/Flag/_search", strings.NewReader(""))
	if err != nil {
		return fail(record.Unavailable)
	}
	reply, err := s.client.Do(ctx, req)
	if err != nil {
		return fail(record.Unavailable)
	}
	defer reply.Release()
	switch reply.Status {
	case http.StatusOK:
	case http.StatusNotFound:
		return fail(record.NotKnownHere)
	case http.StatusForbidden:
		return fail(record.Refused)
	default:
		return fail(record.Unavailable)
	}
	answer, err := s.read(reply.Body, ask)
	if err != nil {
		return fail(record.Unavailable)
	}
	answer.Settle(asked)
	return answer
}

var errNotABundle = errors.New("not a bundle")

func (s toy) read(body []byte, ask record.Ask) (record.Answer, error) {
	answer := record.Answer{Source: s.Ref(), State: record.Data}
	answer.Source.RetrievedAt = ask.At
	bundle, err := r4.DecodeBundle(body)
	if err != nil || bundle.ResourceType != "Bundle" {
		return answer, errNotABundle
	}
	ref := answer.Source
	for _, e := range bundle.Entry {
		kind := e.Resource.Resource.Head().ResourceType
		answer.Account.Receive(kind)
		switch r := e.Resource.Resource.(type) {
		case *r4.Patient:
			answer.Account.Place(kind, record.Used)
			answer.Patients = append(answer.Patients, record.Demographics{
				Identifiers: []record.Identifier{{System: r.Identifier[0].System, Value: r.Identifier[0].Value}},
				Names:       []record.Name{{Family: r.Name[0].Family, Given: r.Name[0].Given}}, Born: record.ParseDate(r.BirthDate),
			})
		case *r4.Flag:
			answer.Account.Place(kind, record.Shown)
			if r.Subject.Reference != "Patient/1" {
				answer.Foreign++
			}
			alert := record.Alert{Head: record.Head{Source: &ref, Key: r.Key(), When: record.On(record.ParseDate(r.Period.Start))}, Alert: record.Concept(r.Code)}
			for _, l := range r.Meta.Security {
				alert.Labelled([]record.Label{{System: l.System, Code: l.Code}})
			}
			answer.Chart.Alerts = append(answer.Chart.Alerts, alert)
		default:
			return answer, errNotABundle
		}
	}
	return answer, nil
}

func patient(id, number string) string {
	return fmt.Sprintf(`{"resource":{"resourceType":"Patient","id":"%s","identifier":[{"system":"%s","value":"%s"}],"name":[{"family":"Toyman","given":["Ann"]}],"birthDate":"1950-01-02"}}`,
		id, record.NHSNumberSystem, number)
}

func flag(subject, code, start string) string {
	return fmt.Sprintf(`{"resource":{"resourceType":"Flag","id":"f","meta":{"security":[{"code":"%s"}]},"subject":{"reference":"%s"},"period":{"start":"%s"},"code":%s}}`,
		adaptertest.LabelCode, subject, start, code)
}

func bundle(entries ...string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = fmt.Fprintf(w, `{"resourceType":"Bundle","type":"searchset","entry":[%s]}`, strings.Join(entries, ","))
	})
}

func status(code int) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(code) })
}

func TestSuiteOnTheSmallestAdapter(t *testing.T) {
	number, err := record.ParseNHSNumber("9434765919")
	if err != nil {
		t.Fatal(err)
	}
	asked := patient("1", "9434765919")
	plain := `{"text":"Falls"}`
	odd := fmt.Sprintf(`{"text":"%s","coding":[{"system":"%s","code":"%s"}]}`, adaptertest.OddText, adaptertest.OddSystem, adaptertest.OddCode)
	adaptertest.Run(t, adaptertest.Harness{
		New: func(_ testing.TB, client *outbound.Client, base string) adaptertest.Source {
			return toy{client, base}
		},
		BasePath: "/fhir",
		Ask: record.Ask{
			Sections: record.AllSections, ID: "view-1", At: time.Now(),
			Person: record.Person{NHSNumber: number, Demographics: record.Demographics{
				Names: []record.Name{{Family: "Toyman", Given: []string{"Ann"}}}, Born: record.ParseDate("1950-01-02"),
			}},
		},
		Good:    bundle(asked, flag("Patient/1", plain, "2020")),
		Empty:   bundle(asked),
		Unknown: status(http.StatusNotFound),
		Refused: status(http.StatusForbidden),
		Other:   bundle(patient("1", "9434765870"), flag("Patient/1", plain, "2020")),
		Foreign: bundle(asked, flag("Patient/2", plain, "2020")),
		Odd: bundle(asked, flag("Patient/1", odd, adaptertest.YearOnly),
			flag("Patient/1", `{"text":"`+adaptertest.FirstTwin+`"}`, ""), flag("Patient/1", `{"text":"`+adaptertest.SecondTwin+`"}`, "")),
		Many: func(n int) http.Handler {
			return bundle(append([]string{asked}, strings.Split(strings.Repeat(flag("Patient/1", plain, "2020")+"\n", n-1)+flag("Patient/1", plain, "2020"), "\n")...)...)
		},
	})
}
