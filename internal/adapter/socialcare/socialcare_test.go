package socialcare_test

import (
	"context"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"ribble/internal/adapter/adaptertest"
	"ribble/internal/adapter/internal/r4fake"
	"ribble/internal/adapter/socialcare"
	"ribble/internal/outbound"
	"ribble/internal/quarantine"
	"ribble/internal/record"
)

const number = "9434765919"

var ann = r4fake.Person("p1", number, "Toyman", "Ann", "1950-01-02")

func about(t testing.TB) record.Ask {
	t.Helper()
	n, err := record.ParseNHSNumber(number)
	if err != nil {
		t.Fatal(err)
	}
	return record.Ask{
		Sections: record.AllSections, ID: "view-1", At: time.Date(2026, 10, 14, 14, 2, 0, 0, time.UTC),
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

func source(client *outbound.Client, how way) socialcare.Source {
	return socialcare.New(socialcare.Config{
		Ref:      record.SourceRef{Feed: "leeds-council", Organisation: record.Organisation{ODS: "212", Name: "Leeds City Council", Kind: "council"}},
		Supplies: record.SectionsOf(record.SocialCare, record.Alerts, record.Network, record.Legal), Client: client, Batch: how >= batch, Chained: how == chained,
	})
}

func flag(patient, code, start string) string {
	return fmt.Sprintf(`{"resourceType":"Flag","id":"f1","meta":{"security":[{"code":%q}]},"status":"active","subject":{"reference":"Patient/%s"},"period":{"start":%q},"code":%s}`,
		adaptertest.LabelCode, patient, start, code)
}

const codes = "https://fhir.yhcr.nhs.uk/CodeSystem/Interweave-"

var caseFile = []string{
	`{"resourceType":"EpisodeOfCare","id":"s1","meta":{"tag":[{"system":"https://yhcr.nhs.uk/Provenance","code":"RCB","display":"York Hospitals"}]},"status":"planned",` +
		`"statusHistory":[{"status":"planned","period":{"start":"2022-06-08","end":"2022-06-09"}},{"status":"finished","period":{"start":"2022-07-09"}}],` +
		`"type":[{"coding":[{"system":"` + codes + `SocialCareServiceType-1","code":"R","display":"Reablement"}],"text":"Reablement Service"}],` +
		`"extension":[{"url":"https://fhir.yhcr.nhs.uk/StructureDefinition/Extension-Interweave-SocialCareServiceCategory","valueCodeableConcept":{"coding":[{"code":"DNH-SL","display":"Data Not Held- System Level"}]}}],` +
		`"patient":{"reference":"Patient/p1"},"managingOrganization":{"reference":"Organization/team"},"period":{"start":"2022-06-09"}}`,
	`{"resourceType":"Organization","id":"team","name":"The reablement team"}`,
	`{"resourceType":"Condition","id":"r1","meta":{"profile":["https://fhir.yhcr.nhs.uk/StructureDefinition/Interweave-SocialCareSupportReason"]},"clinicalStatus":{"coding":[{"code":"active"}]},` +
		`"code":{"coding":[{"system":"` + codes + `SocialCareSupportReason-1","code":"PS-AMO","display":"Access & mobility only"}]},"subject":{"reference":"Patient/p1"},` +
		`"extension":[{"url":"https://x/Extension-Interweave-SocialCarePrimarySupportReason","valueBoolean":true},{"url":"https://x/Extension-Interweave-SocialCareSupportReasonPeriod","valuePeriod":{"start":"2022-01"}}]}`,
	`{"resourceType":"Task","id":"t1","status":"completed","intent":"plan","code":{"coding":[{"system":"` + codes + `SocialCareAssessmentType-1","code":"RA","display":"Reablement Assessment"}],"text":"First Reablement Team Assessment"},` +
		`"for":{"reference":"Patient/p1"},"owner":{"reference":"Resource/gone","display":"The reablement team"},"executionPeriod":{"start":"2022-07-09"},` +
		`"extension":[{"url":"https://x/Extension-Interweave-SocialCareAssessmentOutcome","valueCodeableConcept":{"coding":[{"code":"PRO-R","display":"Progress to Reablement"}]}}]}`,
	`{"resourceType":"ServiceRequest","id":"k1","status":"completed","intent":"plan","subject":{"reference":"Patient/p1"},"occurrenceDateTime":"2022-07-10T09:00:00Z",` +
		`"reasonCode":[{"coding":[{"system":"` + codes + `SocialCareContactReason-1","code":"HD","display":"Hospital Discharge"}]}],"patientInstruction":"Ring the ward.",` +
		`"extension":[{"url":"https://x/Extension-Interweave-SocialCareRequesterType","valueCodeableConcept":{"coding":[{"code":"SH","display":"Secondary Health"}]}}]}`,
	`{"resourceType":"DeviceRequest","id":"e1","status":"draft","intent":"order","codeCodeableConcept":{"coding":[{"system":"http://snomed.info/sct","code":"705593007","display":"Raised toilet seat"}]},"subject":{"reference":"Patient/p1"},"authoredOn":"2022-04-20"}`,
	`{"resourceType":"RelatedPerson","id":"rp1","patient":{"reference":"Patient/p1"},"name":[{"given":["Jane"],"family":"Bloggs"}],"relationship":[{"coding":[{"code":"DAUC","display":"daughter"}]}],` +
		`"extension":[{"url":"https://x/Extension-Interweave-SocialCareSupportRole","extension":[{"url":"supportRoleType","valueCodeableConcept":{"coding":[{"code":"LPA","display":"Lasting Power of Attorney"}]}},{"url":"supportRolePeriod","valuePeriod":{"start":"2021"}}]}]}`,
	flag("p1", `{"coding":[{"system":"`+codes+`SocialCareFlagType-1","code":"MARAC","display":"Multi-Agency Risk Assessment Conferences"}]}`, "2022-01-09"),
}

func TestAcceptance(t *testing.T) {
	plain := `{"coding":[{"system":"` + codes + `SocialCareFlagType-1","code":"NVU","display":"Not to be visited unaccompanied"}]}`
	odd := fmt.Sprintf(`{"text":%q,"coding":[{"system":%q,"code":%q}]}`, adaptertest.OddText, adaptertest.OddSystem, adaptertest.OddCode)
	fake := func(resources ...string) http.Handler { return &r4fake.Server{Patient: ann, Resources: resources} }
	adaptertest.Run(t, adaptertest.Harness{
		New: func(_ testing.TB, client *outbound.Client, _ string) adaptertest.Source {
			return source(client, single)
		},
		Batch: func(_ testing.TB, client *outbound.Client, _ string) adaptertest.Source { return source(client, batch) },
		Chained: func(_ testing.TB, client *outbound.Client, _ string) adaptertest.Source {
			return source(client, chained)
		},
		BasePath: "/council",
		Ask:      about(t),
		Kind:     quarantine.Other,
		Good:     fake(caseFile...),
		Empty:    fake(),
		Unknown:  &r4fake.Server{},
		Other:    &r4fake.Server{Patient: r4fake.Person("p9", "9434765870", "Otherby", "Jill", "1961-07-08")},
		Foreign:  fake(flag("p1", plain, "2020"), flag("p9", plain, "2020")),
		Odd:      fake(flag("p1", odd, adaptertest.YearOnly), flag("p1", `{"text":"`+adaptertest.FirstTwin+`"}`, ""), flag("p1", `{"text":"`+adaptertest.SecondTwin+`"}`, "")),
		Refused: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusForbidden)
		}),
	})
}

func TestCaseFile(t *testing.T) {
	server := adaptertest.NewServer(t, &r4fake.Server{Patient: ann, Resources: caseFile})
	answer := source(server.Client(t, "/council"), single).Ask(context.Background(), about(t))
	if answer.State != record.Data {
		t.Fatalf("%v: %s", answer.State, answer.Detail)
	}
	type row struct{ Kind, What, Group, Status, Provider, When, More string }
	var got []row
	for _, e := range answer.Chart.SocialCare {
		r := row{Kind: e.Kind.String(), What: e.What.Name(), Group: e.Group.Name(), Status: e.RawStatus, Provider: e.Provider.Display(), When: e.When.Display(), More: e.Requester.Name()}
		for _, o := range e.Outcomes {
			r.More += o.Name()
		}
		got = append(got, r)
	}
	want := []row{
		{"Service", "Reablement Service", "not held by the council", "planned", "The reablement team", "from 09-Jun-2022", ""},
		{"Support reason", "Access & mobility only", "", "active", "", "from Jan 2022", ""},
		{"Assessment", "First Reablement Team Assessment", "Reablement Assessment", "completed", "The reablement team", "from 09-Jul-2022", "Progress to Reablement"},
		{"Contact", "Hospital Discharge", "", "completed", "", "10-Jul-2022 09:00 UTC", "Secondary Health"},
		{"Equipment", "Raised toilet seat", "", "draft", "", "", ""},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	service := answer.Chart.SocialCare[0]
	if service.Owner() != "York Hospitals" || !service.Has(record.Contradiction) || service.Phase != record.Planned || len(service.History) != 2 {
		t.Errorf("owner %q, issues %v, phase %v, history %v", service.Owner(), service.Issues(), service.Phase, service.History)
	}
	if !answer.Chart.SocialCare[1].Primary || answer.Chart.SocialCare[4].Phase != record.Draft {
		t.Error("the primary support reason or the draft equipment was lost")
	}
	if alerts := answer.Chart.Alerts; len(alerts) != 1 || !alerts[0].SensitiveKind {
		t.Errorf("alerts %+v", alerts)
	}
	legal := answer.Chart.Legal
	if len(legal) != 1 || legal[0].Kind != "Lasting power of attorney" || legal[0].Authority.Name != "Jane Bloggs" || !legal[0].CrossListed {
		t.Errorf("legal %+v", legal)
	}
	if len(answer.Chart.Network) != 1 || answer.Chart.Network[0].Roles[0].Name() != "Lasting Power of Attorney" {
		t.Errorf("network %+v", answer.Chart.Network)
	}
}
