package sds_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ribble/internal/sandbox/sds"
)

type directory map[string][]sds.Registration

func (d directory) Registrations(ods string) []sds.Registration { return d[ods] }

var registered = directory{
	"Y99001": {{ODS: "Y99001", Manufacturer: "8Z801", PartyKey: "Y99001-1", ASID: "990001000001", Address: "https://127.0.0.1:1/Y99001/STU3/1"}},
	"Y99038": {{ODS: "Y99038", ASID: "1", PartyKey: "a", Address: "https://127.0.0.1:1/a"}, {ODS: "Y99038", ASID: "2", PartyKey: "b", Address: "https://127.0.0.1:1/b"}},
	"Y99039": {{ODS: "Y99039", ASID: "", PartyKey: "a", Address: "https://127.0.0.1:1/a"}},
	"Y99040": {{ODS: "Y99040", ASID: "3", PartyKey: "a"}},
}

const structured = "urn:nhs:names:services:gpconnect:fhir:operation:gpc.getstructuredrecord-1"

// wire is what the tests read of a searchset.
type wire struct {
	Total int `json:"total"`
	Entry []struct {
		Resource struct {
			Type       string                           `json:"resourceType"`
			Address    *string                          `json:"address"`
			Identifier []struct{ System, Value string } `json:"identifier"`
		} `json:"resource"`
	} `json:"entry"`
}

func ask(t *testing.T, kind string, query url.Values) (int, wire) {
	t.Helper()
	recorder := httptest.NewRecorder()
	sds.New(registered).ServeHTTP(recorder, httptest.NewRequest(http.MethodGet, sds.Base+"/"+kind+"?"+query.Encode(), nil))
	var got wire
	if err := json.Unmarshal(recorder.Body.Bytes(), &got); err != nil {
		t.Fatalf("answer is not JSON: %v", err)
	}
	return recorder.Code, got
}

func of(ods, interaction string) url.Values {
	return url.Values{"organization": {"https://fhir.nhs.uk/Id/ods-organization-code|" + ods}, "identifier": {"https://fhir.nhs.uk/Id/nhsServiceInteractionId|" + interaction}}
}

func TestDevices(t *testing.T) {
	tests := []struct {
		name, ods, interaction string
		want                   []string
	}{
		{"one system", "Y99001", structured, []string{"990001000001"}},
		{"letter case does not matter", "y99001", structured, []string{"990001000001"}},
		{"two systems", "Y99038", structured, []string{"1", "2"}},
		{"a blank ASID is sent", "Y99039", structured, []string{""}},
		{"no system", "Y99037", structured, nil},
		{"another interaction", "Y99001", "urn:nhs:names:services:pds", nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			status, got := ask(t, "Device", of(tt.ods, tt.interaction))
			var asids []string
			for _, entry := range got.Entry {
				asids = append(asids, entry.Resource.Identifier[0].Value)
			}
			if diff := cmp.Diff(tt.want, asids); status != 200 || got.Total != len(tt.want) || diff != "" {
				t.Errorf("answered %d, total %d (-want +got):\n%s", status, got.Total, diff)
			}
		})
	}
}

func TestEndpoints(t *testing.T) {
	_, got := ask(t, "Endpoint", of("Y99001", structured))
	if got.Total != 1 || *got.Entry[0].Resource.Address != "https://127.0.0.1:1/Y99001/STU3/1" {
		t.Errorf("endpoint %+v", got)
	}
	if _, got := ask(t, "Endpoint", of("Y99040", structured)); got.Total != 1 || got.Entry[0].Resource.Address != nil {
		t.Errorf("endpoint without address %+v", got)
	}
	byParty := of("Y99038", structured)
	byParty.Add("identifier", "https://fhir.nhs.uk/Id/nhsMhsPartyKey|b")
	if _, got := ask(t, "Endpoint", byParty); got.Total != 1 || *got.Entry[0].Resource.Address != "https://127.0.0.1:1/b" {
		t.Errorf("by party key %+v", got)
	}
}

func TestWrongQuestions(t *testing.T) {
	for _, query := range []url.Values{
		{}, {"organization": {"Y99001"}, "identifier": {"https://fhir.nhs.uk/Id/nhsServiceInteractionId|x"}},
		{"organization": {"https://fhir.nhs.uk/Id/ods-organization-code|Y99001"}}, {"organization": {"https://fhir.nhs.uk/Id/ods-organization-code|Y99001"}, "identifier": {"x|y"}},
	} {
		if status, _ := ask(t, "Device", query); status != http.StatusBadRequest {
			t.Errorf("%v answered %d", query, status)
		}
	}
}
