package hospital

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ribble/internal/sandbox/story"
	"ribble/internal/sandbox/wiretest"
)

// server mounts the hospital under a prefix, as the region does.
func server(t testing.TB, region story.Region) *httptest.Server {
	t.Helper()
	s := httptest.NewServer(http.StripPrefix("/rxx/r4", New(region, wiretest.Hospital)))
	t.Cleanup(s.Close)
	return s
}

func read(t testing.TB, r *http.Response, err error) (int, []byte) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	w := httptest.NewRecorder()
	if _, err := w.Body.ReadFrom(r.Body); err != nil {
		t.Fatal(err)
	}
	return r.StatusCode, w.Body.Bytes()
}

func get(t testing.TB, address string) wiretest.Bundle {
	t.Helper()
	r, err := http.Get(address)
	status, body := read(t, r, err)
	if status != http.StatusOK {
		t.Fatalf("GET %s: %d %s", address, status, body)
	}
	return wiretest.Parse(t, body)
}

func post(t testing.TB, address string, form url.Values) (int, []byte) {
	t.Helper()
	r, err := http.PostForm(address, form)
	return read(t, r, err)
}

// everything collects the whole chart type by type, following next links and includes.
func everything(t testing.TB, base string) wiretest.Bundle {
	t.Helper()
	var all wiretest.Bundle
	seen := map[string]bool{}
	includes := "&_include=MedicationRequest:medication&_include=DiagnosticReport:result&_include=DiagnosticReport:specimen" +
		"&_include:iterate=Observation:has-member"
	for _, typ := range types {
		if typ == "Patient" || slices.Contains([]string{"Organization", "Practitioner", "PractitionerRole", "Location"}, typ) {
			continue
		}
		for next := base + "/" + typ + "?patient=" + wiretest.Local + "&_count=2" + includes; next != ""; {
			b := get(t, next)
			for _, r := range b.Resources {
				if !seen[r.Reference()] {
					seen[r.Reference()] = true
					all.Resources = append(all.Resources, r)
				}
			}
			next = b.Next
		}
	}
	return all
}

func TestPatientIsFoundByNHSNumber(t *testing.T) {
	base := server(t, wiretest.Region()).URL + "/rxx/r4"
	status, body := post(t, base+"/Patient/_search", url.Values{"identifier": {story.SystemNHSNumber + "|" + wiretest.NHSNumber}})
	b := wiretest.Parse(t, body)
	if status != 200 || b.Total != 1 || b.Type != "searchset" {
		t.Fatalf("status %d, total %d", status, b.Total)
	}
	p := b.OfType("Patient")[0]
	for path, want := range map[string]string{
		"id": wiretest.Local, "identifier.0.value": wiretest.NHSNumber, "identifier.1.value": "H0001", "birthDate": "1941-06-03",
		"name.0.family": "O'Neill-Smythe", "communication.0.language.coding.0.code": "ur", "generalPractitioner.0.reference": "Organization/" + wiretest.Fellside,
		"meta.profile.0": "https://fhir.hl7.org.uk/StructureDefinition/UKCore-Patient",
	} {
		if got := p.At(path); got != want {
			t.Errorf("Patient %s = %q, want %q", path, got, want)
		}
	}
	_, body = post(t, base+"/Patient/_search", url.Values{"identifier": {story.SystemNHSNumber + "|9990000026"}})
	if got := wiretest.Parse(t, body); got.Total != 0 || len(got.Resources) != 0 {
		t.Errorf("unknown person: %d entries, want none", len(got.Resources))
	}
}

func TestEverythingIsServedAndRefersToWhatIsThere(t *testing.T) {
	base := server(t, wiretest.Region()).URL + "/rxx/r4"
	all := everything(t, base)
	want := map[string]int{
		"AllergyIntolerance": 2, "MedicationRequest": 2, "MedicationStatement": 1, "MedicationAdministration": 2, "Medication": 1, "Condition": 1,
		"Observation": 3, "DiagnosticReport": 2, "Specimen": 1, "ImagingStudy": 1, "ServiceRequest": 2, "Encounter": 1, "EpisodeOfCare": 1,
		"Appointment": 1, "Procedure": 1, "Device": 1, "Immunization": 1, "Flag": 1, "CarePlan": 1, "Goal": 1, "QuestionnaireResponse": 1,
		"Consent": 1, "RelatedPerson": 1, "CareTeam": 1, "FamilyMemberHistory": 1, "DocumentReference": 1, "Binary": 1, "Composition": 1, "Communication": 1,
	}
	got := map[string]int{}
	for _, r := range all.Resources {
		got[r.Type()]++
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("resources by type (-want +got):\n%s", diff)
	}
	var lost []string
	for _, target := range all.Dangling() {
		r, err := http.Get(base + "/" + target)
		if status, _ := read(t, r, err); status != http.StatusOK {
			lost = append(lost, target)
		}
	}
	if diff := cmp.Diff([]string{"Observation/pat-1.never-sent"}, lost); diff != "" {
		t.Errorf("references that cannot be read (-want +got):\n%s", diff)
	}
}

func TestShapes(t *testing.T) {
	all := everything(t, server(t, wiretest.Region()).URL+"/rxx/r4")
	tests := []struct{ resource, path, want string }{
		{"AllergyIntolerance/pat-1.al-1", "clinicalStatus.coding.0.code", "active"},
		{"AllergyIntolerance/pat-1.al-2", "verificationStatus.coding.0.code", "entered-in-error"},
		{"AllergyIntolerance/pat-1.al-2", "clinicalStatus.coding.0.code", ""},
		{"MedicationRequest/pat-1.rx-1", "medicationReference.reference", "Medication/pat-1.rx-1-product"},
		{"MedicationRequest/pat-1.rx-3", "modifierExtension.0.url", "https://rxx.example/unknown-modifier"},
		{"MedicationRequest/pat-1.rx-3", "intent", "proposal"},
		{"MedicationAdministration/pat-1.rx-1-given-2", "status", "not-done"},
		{"Encounter/pat-1.enc-1", "extension.0.extension.1.valueCodeableConcept.coding.0.code", "02"},
		{"Encounter/pat-1.enc-1", "class.code", "IMP"},
		{"Encounter/pat-1.enc-1", "location.0.location.reference", "Location/ward-4"},
		{"Encounter/pat-1.enc-1", "diagnosis.0.condition.reference", "Condition/pat-1.dx-1"},
		{"Appointment/pat-1.app-1", "participant.0.actor.reference", "Patient/pat-1"},
		{"Observation/pat-1.grp-1", "hasMember.0.reference", "Observation/pat-1.hb-1"},
		{"Observation/pat-1.hb-1", "valueQuantity.code", "g/L"},
		{"ServiceRequest/pat-1.lab-1-request", "category.0.coding.0.code", "108252007"},
		{"ImagingStudy/pat-1.img-1-study", "identifier.0.value", "urn:oid:1.2.3"},
		{"DocumentReference/pat-1.doc-1", "meta.security.0.code", "R"},
		{"DocumentReference/pat-1.doc-1", "content.0.attachment.url", "Binary/pat-1.doc-1"},
		{"DocumentReference/pat-1.doc-1", "docStatus", "preliminary"},
		{"Flag/pat-1.flag-1", "extension.0.valueReference.reference", "Condition/pat-1.dx-1"},
		{"QuestionnaireResponse/pat-1.about-1", "item.0.answer.0.valueString", "My garden"},
		{"Composition/pat-1.comp-1", "section.0.text.div", `<div xmlns="http://www.w3.org/1999/xhtml">Weigh &lt;daily&gt; &amp; call</div>`},
		{"Communication/pat-1.com-1", "payload.0.contentString", "Rang home"},
		{"Immunization/pat-1.imm-1", "vaccineCode.text", "Influenza vaccine"},
		{"CareTeam/pat-1.team-1", "participant.1.member.reference", "RelatedPerson/pat-1.rel-1"},
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

// manyObservations is a person with more entries than fit on a page.
func manyObservations(n int, b story.Behaviour) story.Person {
	p := wiretest.Person()
	h := story.Holding{ODS: wiretest.Hospital, LocalID: wiretest.Local, Behaviour: b}
	for i := range n {
		h.Observations = append(h.Observations, story.Observation{Category: []string{"vital-signs", "survey"}[i%2], What: story.Words("Reading " + strconv.Itoa(i)), When: "2026-01-01"})
	}
	p.Holdings = []story.Holding{h}
	return p
}

func TestPagingWalksToTheEnd(t *testing.T) {
	for _, tt := range []struct {
		name, query string
		pageSize    int
		pages       int
		entries     int
	}{
		{"default page", "", 0, 7, 123},
		{"asked for more than the server gives", "&_count=100", 0, 3, 123},
		{"asked for less", "&_count=5", 0, 25, 123},
		{"story sets the size", "&_count=5", 60, 3, 123},
		{"filter survives paging", "&category=survey", 0, 4, 61},
	} {
		t.Run(tt.name, func(t *testing.T) {
			base := server(t, wiretest.With(manyObservations(123, story.Behaviour{PageSize: tt.pageSize}))).URL + "/rxx/r4"
			pages, seen := 0, map[string]bool{}
			for next := base + "/Observation?patient=pat-1" + tt.query; next != ""; pages++ {
				if !strings.HasPrefix(next, base+"/") {
					t.Fatalf("next link %q leaves the base", next)
				}
				b := get(t, next)
				for _, r := range b.Resources {
					if seen[r.Reference()] {
						t.Errorf("%s came twice", r.Reference())
					}
					seen[r.Reference()] = true
				}
				if b.Total != tt.entries {
					t.Errorf("total %d, want %d", b.Total, tt.entries)
				}
				next = b.Next
			}
			if pages != tt.pages || len(seen) != tt.entries {
				t.Errorf("%d pages with %d entries, want %d with %d", pages, len(seen), tt.pages, tt.entries)
			}
		})
	}
}

func TestSelfLinkShowsWhatWasHonoured(t *testing.T) {
	base := server(t, wiretest.Region()).URL + "/rxx/r4"
	self, err := url.Parse(get(t, base+"/Flag?patient=pat-1&_sort=date").Self)
	if err != nil {
		t.Fatal(err)
	}
	if self.Query().Get("patient") != "pat-1" || self.Query().Has("_sort") {
		t.Errorf("self = %s, want patient and no _sort", self)
	}
	deaf := server(t, wiretest.With(manyObservations(1, story.Behaviour{IgnoresParameters: true}))).URL + "/rxx/r4"
	if got := get(t, deaf+"/Observation?patient=pat-1").Self; got != deaf+"/Observation" {
		t.Errorf("self = %q, want no parameters", got)
	}
}

func TestIncludes(t *testing.T) {
	base := server(t, wiretest.Region()).URL + "/rxx/r4"
	b := get(t, base+"/DiagnosticReport?patient=pat-1&_include=DiagnosticReport:result&_include=DiagnosticReport:performer:Organization&_include:iterate=Observation:has-member")
	got := map[string]string{}
	for i, r := range b.Resources {
		got[r.Reference()] = b.Modes[i]
	}
	want := map[string]string{
		"DiagnosticReport/pat-1.lab-1": "match", "DiagnosticReport/pat-1.img-1": "match", "Observation/pat-1.grp-1": "include",
		"Observation/pat-1.hb-1": "include", "Organization/LAB01": "include",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestReadManyByID(t *testing.T) {
	base := server(t, wiretest.Region()).URL + "/rxx/r4"
	status, body := post(t, base+"/Observation/_search", url.Values{"_id": {"pat-1.grp-1,pat-1.hb-1,pat-1.unknown"}})
	if b := wiretest.Parse(t, body); status != 200 || b.Total != 2 {
		t.Errorf("status %d, total %d, want the two that exist", status, b.Total)
	}
	if got := get(t, base+"/Practitioner?_id=cons-1").OfType("Practitioner"); len(got) != 1 || got[0].At("name.0.family") != "Clegg" {
		t.Errorf("practitioner = %v", got)
	}
	if got := get(t, base+"/Organization?_id="+wiretest.Fellside); got.Total != 1 {
		t.Errorf("other organisation: total %d, want 1", got.Total)
	}
}

func TestOutcomesStandInSearchsets(t *testing.T) {
	behaviour := story.Behaviour{Outcomes: []story.Outcome{
		{Type: "Observation", Severity: "warning", Code: "incomplete", Text: "Readings before 2020 were not searched"},
		{Type: "Flag", Severity: "error", Code: "timeout", Text: "The query was abandoned as it took more than 2 seconds", InPlace: true},
	}}
	p := manyObservations(3, behaviour)
	p.Holdings[0].Flags = []story.Flag{{What: story.Words("Hidden by the failure")}}
	base := server(t, wiretest.With(p)).URL + "/rxx/r4"
	if b := get(t, base+"/Observation?patient=pat-1"); len(b.Resources) != 4 || b.Modes[3] != "outcome" || b.Total != 3 {
		t.Errorf("modes %v total %d, want three matches and an outcome", b.Modes, b.Total)
	}
	b := get(t, base+"/Flag?patient=pat-1")
	if len(b.Resources) != 1 || b.Resources[0].At("issue.0.details.text") != "The query was abandoned as it took more than 2 seconds" {
		t.Errorf("flag search = %v, want the outcome alone", b.Resources)
	}
}

func TestRefusals(t *testing.T) {
	person := wiretest.Person()
	for i := range person.Holdings {
		person.Holdings[i].Behaviour.Error = "NO_PATIENT_CONSENT"
	}
	orgs := wiretest.Organisations()
	for i := range orgs {
		orgs[i].Unsupported = []string{"CarePlan"}
	}
	refusing := server(t, story.NewBook(wiretest.Today, orgs, []story.Person{person})).URL + "/rxx/r4"
	open := server(t, wiretest.Region()).URL + "/rxx/r4"
	for address, want := range map[string]int{
		refusing + "/Flag?patient=pat-1": 403, refusing + "/CarePlan?patient=pat-1": 404, refusing + "/Flag/pat-1.flag-1": 403,
		open + "/Flag": 400, open + "/Patient": 400, open + "/Nonsense": 404, open + "/Flag?patient=pat-1&_page=!": 410, open + "/Flag/none": 404,
	} {
		r, err := http.Get(address)
		status, body := read(t, r, err)
		outcome := wiretest.Decode(t, body)
		if status != want || outcome.Type() != "OperationOutcome" || outcome.At("issue.0.details.text") == "" {
			t.Errorf("GET %s: %d %s, want %d with words", address, status, body, want)
		}
	}
	r, err := http.Get(refusing + "/metadata")
	_, body := read(t, r, err)
	if strings.Contains(string(body), `"CarePlan"`) || !strings.Contains(string(body), `"Flag"`) {
		t.Error("the CapabilityStatement must show what is served and only that")
	}
	status, _ := post(t, open+"/Flag", url.Values{})
	if status != http.StatusMethodNotAllowed {
		t.Errorf("POST Flag: %d, want 405", status)
	}
}

func TestBinaryByAccept(t *testing.T) {
	base := server(t, wiretest.Region()).URL + "/rxx/r4"
	r, err := http.Get(base + "/Binary/pat-1.doc-1")
	if err != nil {
		t.Fatal(err)
	}
	kind := r.Header.Get("Content-Type")
	if _, body := read(t, r, nil); kind != "application/pdf" || string(body) != "%PDF-1.4" {
		t.Errorf("raw = %q of type %q", body, kind)
	}
	req, _ := http.NewRequest(http.MethodGet, base+"/Binary/pat-1.doc-1", nil)
	req.Header.Set("Accept", "application/fhir+json")
	r, err = http.DefaultClient.Do(req)
	if _, body := read(t, r, err); wiretest.Decode(t, body).At("data") != "JVBERi0xLjQ=" {
		t.Errorf("FHIR binary = %s", body)
	}
}

func BenchmarkChart(b *testing.B) {
	p := manyObservations(5000, story.Behaviour{})
	region := wiretest.With(p)
	for b.Loop() {
		c := renderer{region, wiretest.Hospital, dialect(wiretest.Hospital)}.Chart(&p, &p.Holdings[0])
		n := 0
		for _, r := range c.Resources() {
			n += len(r.Body)
		}
		b.SetBytes(int64(n))
	}
}
