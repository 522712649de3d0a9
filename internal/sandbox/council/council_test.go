package council

import (
	"encoding/csv"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ribble/internal/sandbox/story"
	"ribble/internal/sandbox/wiretest"
)

func search(t testing.TB, region story.Region, query string) wiretest.Bundle {
	t.Helper()
	w := httptest.NewRecorder()
	New(region, wiretest.Council).ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/"+query, nil))
	if w.Code != http.StatusOK {
		t.Fatalf("GET %s: %d %s", query, w.Code, w.Body)
	}
	return wiretest.Parse(t, w.Body.Bytes())
}

func everything(t testing.TB, region story.Region) wiretest.Bundle {
	t.Helper()
	var all wiretest.Bundle
	for _, typ := range []string{"EpisodeOfCare", "Condition", "Task", "ServiceRequest", "DeviceRequest", "Flag", "RelatedPerson", "DocumentReference"} {
		b := search(t, region, typ+"?patient="+wiretest.Local)
		all.Resources = append(all.Resources, b.Resources...)
	}
	return all
}

func TestShapes(t *testing.T) {
	all := everything(t, wiretest.Region())
	const structure = "https://fhir.interweavedigital.nhs.uk/R4/StructureDefinition/"
	tests := []struct{ resource, path, want string }{
		{"EpisodeOfCare/pat-1.svc-1", "meta.profile.0", structure + "Interweave-SocialCareService"},
		{"EpisodeOfCare/pat-1.svc-1", "type.0.coding.0.code", "R"},
		{"EpisodeOfCare/pat-1.svc-1", "extension.0.url", structure + "Extension-Interweave-SocialCareServiceCategory"},
		{"EpisodeOfCare/pat-1.svc-1", "managingOrganization.reference", "Organization/reablement"},
		{"EpisodeOfCare/pat-1.svc-1", "managingOrganization.display", "Reablement team"},
		{"EpisodeOfCare/pat-1.svc-1", "statusHistory.0.status", "planned"},
		{"EpisodeOfCare/pat-1.svc-1", "careManager.reference", "Practitioner/sw-1"},
		{"EpisodeOfCare/pat-1.svc-1", "referralRequest.0.reference", "ServiceRequest/pat-1.contact-1"},
		{"EpisodeOfCare/pat-1.svc-1", "meta.tag.1.code", wiretest.Hospital},
		{"Condition/pat-1.sup-1", "meta.profile.0", structure + "Interweave-SocialCareSupportReason"},
		{"Condition/pat-1.sup-1", "extension.0.valueBoolean", "true"},
		{"Condition/pat-1.sup-1", "extension.1.valuePeriod.start", "2026-01-01"},
		{"Condition/pat-1.sup-1", "clinicalStatus.coding.0.code", "active"},
		{"Task/pat-1.as-1", "code.coding.0.code", "HD"},
		{"Task/pat-1.as-1", "for.reference", "Patient/pat-1"},
		{"Task/pat-1.as-1", "owner.reference", "Organization/reablement"},
		{"Task/pat-1.as-1", "output.0.valueReference.reference", "DocumentReference/pat-1.doc-1"},
		{"Task/pat-1.as-1", "output.1.valueReference.reference", "Resource/pat-1.as-1-report"},
		{"Task/pat-1.as-1", "basedOn.0.reference", "ServiceRequest/pat-1.contact-1"},
		{"ServiceRequest/pat-1.contact-1", "patientInstruction", "Please assess."},
		{"ServiceRequest/pat-1.contact-1", "extension.0.valueCodeableConcept.coding.0.code", "SH"},
		{"DeviceRequest/pat-1.eq-1", "codeCodeableConcept.coding.0.code", "705593007"},
		{"DeviceRequest/pat-1.eq-1", "occurrencePeriod.start", "2026-01-05"},
		{"Flag/pat-1.flag-1", "category.0.coding.0.code", "RTO"},
		{"RelatedPerson/pat-1.rel-1", "extension.0.extension.0.valueCodeableConcept.coding.0.code", "KH"},
		{"RelatedPerson/pat-1.rel-1", "extension.0.extension.1.valuePeriod.start", "2022-01-11"},
	}
	for _, tt := range tests {
		r := all.Find(tt.resource)
		if r == nil {
			t.Errorf("%s was not sent", tt.resource)
			continue
		}
		if got := r.At(tt.path); got != tt.want {
			t.Errorf("%s %s = %q, want %q", tt.resource, tt.path, got, tt.want)
		}
	}
}

func TestEveryResourceSaysWhoseItIs(t *testing.T) {
	for _, r := range everything(t, wiretest.Region()).Resources {
		if r.At("meta.lastUpdated") == "" || !strings.HasSuffix(r.At("meta.tag.0.system"), "/Source") || !strings.HasSuffix(r.At("meta.tag.1.system"), "/Provenance") {
			t.Errorf("%s lacks a mandatory tag: %v", r.Reference(), r["meta"])
		}
	}
}

func TestOutcomeContract(t *testing.T) {
	p := wiretest.Person()
	p.Holdings[3].Behaviour.Outcomes = []story.Outcome{{Type: "Task", Severity: "error", Code: "timeout",
		Text: "The query was abandoned as it took more than 2 seconds", Diagnostics: "timeout exceeded 2000ms"}}
	b := search(t, wiretest.With(p), "Task?patient=pat-1")
	o := b.OfType("OperationOutcome")
	if len(o) != 1 {
		t.Fatalf("%d outcomes, want 1", len(o))
	}
	for path, want := range map[string]string{
		"meta.tag.1.code": wiretest.Council, "meta.tag.2.system": "https://fhir.interweavedigital.nhs.uk/RequestId",
		"issue.0.details.text": "The query was abandoned as it took more than 2 seconds", "issue.0.diagnostics": "timeout exceeded 2000ms",
	} {
		if got := o[0].At(path); got != want {
			t.Errorf("outcome %s = %q, want %q", path, got, want)
		}
	}
}

func TestTeamIsIncluded(t *testing.T) {
	b := search(t, wiretest.Region(), "EpisodeOfCare?patient=pat-1&_include=EpisodeOfCare:organization")
	got := []string{}
	for i, r := range b.Resources {
		got = append(got, b.Modes[i]+" "+r.Reference())
	}
	if diff := cmp.Diff([]string{"match EpisodeOfCare/pat-1.svc-1", "include Organization/reablement"}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if r := b.Find("Organization/reablement"); r.At("type.0.coding.0.code") != "team" || r.At("partOf.reference") != "Organization/"+wiretest.Council {
		t.Errorf("team = %v", r)
	}
}

func TestUnknownPersonIsAnEmptySearchset(t *testing.T) {
	q := url.Values{"identifier": {story.SystemNHSNumber + "|9990000026"}}
	if b := search(t, wiretest.Region(), "Patient?"+q.Encode()); b.Total != 0 || b.Type != "searchset" {
		t.Errorf("total %d, want 0", b.Total)
	}
}

// TestCodeSystemsArePublished compares the systems used here with the published list.
func TestCodeSystemsArePublished(t *testing.T) {
	f, err := os.Open("../../../../shared/fixtures/interweave-stu3-council/interweave_codesystems.csv")
	if err != nil {
		t.Skip("the fixtures folder is not present")
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var published strings.Builder
	for _, row := range rows {
		published.WriteString(strings.Join(row, " "))
	}
	for _, name := range []string{"SocialCareSupportRole", "SocialCareServiceType", "SocialCareServiceCategory", "SocialCareContactReason", "SocialCareAssessmentType"} {
		if !strings.Contains(published.String(), name) {
			t.Errorf("%s is not in the published list", CodeSystem(name))
		}
	}
}
