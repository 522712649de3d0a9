package sandbox_test

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"ribble/internal/sandbox"
	"ribble/internal/sandbox/fault"
	"ribble/internal/sandbox/story"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// portal is a client that holds what the region left for the portal, and nothing else.
type portal struct {
	region *sandbox.Region
	client *http.Client
}

func start(t *testing.T, config sandbox.Config) portal {
	t.Helper()
	config.Today = time.Date(2026, 11, 18, 0, 0, 0, 0, time.UTC)
	config.OutDir = t.TempDir()
	region, err := sandbox.Start(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := tls.LoadX509KeyPair(filepath.Join(config.OutDir, "client.pem"), filepath.Join(config.OutDir, "client.key"))
	if err != nil {
		t.Fatal(err)
	}
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: region.Authority.Pool(), Certificates: []tls.Certificate{cert}}}
	t.Cleanup(func() {
		transport.CloseIdleConnections()
		http.DefaultClient.CloseIdleConnections()
		if err := region.Close(); err != nil {
			t.Error(err)
		}
	})
	return portal{region, &http.Client{Transport: transport, Timeout: 20 * time.Second}}
}

// do sends a request and returns status and body; a broken answer has status 0.
func (p portal) do(t *testing.T, method, address, body string, headers map[string]string) (int, []byte) {
	t.Helper()
	request, err := http.NewRequest(method, address, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for name, value := range headers {
		request.Header.Set(name, value)
	}
	response, err := p.client.Do(request)
	if err != nil {
		return 0, nil
	}
	defer response.Body.Close()
	raw, err := io.ReadAll(response.Body)
	if err != nil {
		return 0, nil
	}
	return response.StatusCode, raw
}

const requestID = "60e0b220-8136-4ca5-ae46-1d97ef59d068"

func TestEveryStoryIsOnTheDemographicsService(t *testing.T) {
	p := start(t, sandbox.Config{People: 50, FixturesDir: fixtures()})
	for person := range p.region.World.Everybody() {
		want := http.StatusOK
		if person.Invalidated {
			want = http.StatusNotFound
		}
		got, _ := p.do(t, http.MethodGet, p.region.National().PDS+"/Patient/"+person.NHSNumber, "", map[string]string{"X-Request-ID": requestID})
		if got != want {
			t.Errorf("%s: answered %d, want %d", person.NHSNumber, got, want)
		}
	}
}

// answering are the sources whose answers about a person are not spoilt by a standing fault.
func answering(p story.Person) []story.Holding {
	return slices.DeleteFunc(slices.Clone(p.Holdings), func(h story.Holding) bool { return p.Faults[h.ODS] != "" || h.Behaviour.Error != "" })
}

// TestEverySourceRendersEveryStory asks each hospital and council for everything it holds about each person.
func TestEverySourceRendersEveryStory(t *testing.T) {
	p := start(t, sandbox.Config{People: 40})
	bases := map[string]string{}
	for _, feed := range p.region.Directory().Feeds {
		bases[feed.Organisation] = feed.Endpoint
	}
	for who := range p.region.World.Everybody() {
		person, _ := p.region.World.Person(who.NHSNumber)
		for _, h := range answering(person) {
			if base := bases[h.ODS]; base != "" {
				p.searchAll(t, base, h, person.NHSNumber)
			}
		}
	}
}

func (p portal) searchAll(t *testing.T, base string, h story.Holding, number string) {
	t.Helper()
	form := map[string]string{"Content-Type": "application/x-www-form-urlencoded"}
	status, body := p.do(t, http.MethodPost, base+"/Patient/_search", "identifier="+url.QueryEscape("https://fhir.nhs.uk/Id/nhs-number|"+number), form)
	if status != http.StatusOK || !bytes.Contains(body, []byte(`"`+h.LocalID+`"`)) {
		t.Errorf("%s at %s: the Patient search answered %d", number, h.ODS, status)
		return
	}
	for _, kind := range []string{"Condition", "Flag", "Observation", "Encounter", "DocumentReference", "RelatedPerson"} {
		status, body := p.do(t, http.MethodPost, base+"/"+kind+"/_search", "patient="+h.LocalID, form)
		if status != http.StatusOK && status != http.StatusNotFound && status != http.StatusForbidden {
			t.Errorf("%s at %s: %s answered %d", number, h.ODS, kind, status)
		}
		if !json.Valid(body) {
			t.Errorf("%s at %s: %s is not JSON", number, h.ODS, kind)
		}
	}
}

// registration is what the Spine Directory says of a practice.
func (p portal) registration(t *testing.T, ods, kind, find string) string {
	t.Helper()
	query := url.Values{
		"organization": {"https://fhir.nhs.uk/Id/ods-organization-code|" + ods},
		"identifier":   {"https://fhir.nhs.uk/Id/nhsServiceInteractionId|urn:nhs:names:services:gpconnect:fhir:operation:gpc.getstructuredrecord-1"},
	}
	_, body := p.do(t, http.MethodGet, p.region.National().SDS+"/"+kind+"?"+query.Encode(), "", nil)
	var found struct {
		Entry []struct {
			Resource struct {
				Address    string                           `json:"address"`
				Identifier []struct{ System, Value string } `json:"identifier"`
			} `json:"resource"`
		} `json:"entry"`
	}
	if err := json.Unmarshal(body, &found); err != nil || len(found.Entry) == 0 {
		return ""
	}
	if find == "address" {
		return found.Entry[0].Resource.Address
	}
	return found.Entry[0].Resource.Identifier[0].Value
}

// structured asks a GP system for a whole record as the portal does.
func (p portal) structured(t *testing.T, root, asid, number string) (int, []byte) {
	t.Helper()
	area := func(name string, parts ...string) string {
		part := ""
		if len(parts) > 0 {
			part = `,"part":[` + strings.Join(parts, ",") + `]`
		}
		return `{"name":"` + name + `"` + part + `}`
	}
	body := `{"resourceType":"Parameters","parameter":[{"name":"patientNHSNumber","valueIdentifier":{"system":"https://fhir.nhs.uk/Id/nhs-number","value":"` + number + `"}},` + strings.Join([]string{
		area("includeAllergies", `{"name":"includeResolvedAllergies","valueBoolean":true}`), area("includeMedication"), area("includeConsultations"), area("includeProblems"),
		area("includeImmunisations"), area("includeUncategorisedData"), area("includeInvestigations"), area("includeReferrals"), area("includeDiaryEntries"),
	}, ",") + `]}`
	return p.do(t, http.MethodPost, root+"/Patient/$gpc.getstructuredrecord", body, map[string]string{
		"Ssp-TraceID": requestID, "Ssp-From": sandbox.FromASID, "Ssp-To": asid, "Authorization": "Bearer " + unsigned(root),
		"Ssp-InteractionID": "urn:nhs:names:services:gpconnect:fhir:operation:gpc.getstructuredrecord-1",
		"Content-Type":      "application/fhir+json;charset=utf-8", "Accept": "application/fhir+json;charset=utf-8",
	})
}

func unsigned(audience string) string {
	now := time.Now().Unix()
	claims := fmt.Sprintf(`{"iss":"https://portal.example","sub":"1","aud":%q,"iat":%d,"exp":%d,"reason_for_request":"directcare","requested_scope":"patient/*.read",`+
		`"requesting_device":{"resourceType":"Device","identifier":[{"system":"https://portal.example","value":"1"}],"model":"Portal","version":"1"},`+
		`"requesting_organization":{"resourceType":"Organization","identifier":[{"system":"https://fhir.nhs.uk/Id/ods-organization-code","value":"RZB"}],"name":"Bowland"},`+
		`"requesting_practitioner":{"resourceType":"Practitioner","id":"1","name":[{"family":"Nair","given":["Priya"]}],"identifier":[`+
		`{"system":"https://fhir.nhs.uk/Id/sds-user-id","value":"900100000001"},{"system":"https://fhir.nhs.uk/Id/sds-role-profile-id","value":"900200000001"},{"system":"https://portal.example/user","value":"nair"}]}}`,
		audience, now, now+300)
	encode := base64.RawURLEncoding.EncodeToString
	return encode([]byte(`{"alg":"none","typ":"JWT"}`)) + "." + encode([]byte(claims)) + "."
}

// TestEveryPracticeRendersEveryStory goes the portal's way: practice from demographics, system from the directory.
func TestEveryPracticeRendersEveryStory(t *testing.T) {
	p := start(t, sandbox.Config{People: 40})
	for who := range p.region.World.Everybody() {
		person, _ := p.region.World.Person(who.NHSNumber)
		if person.Practice == "" || person.Invalidated || story.Registration(person.Practice) != story.Registered {
			continue
		}
		root, asid := p.registration(t, person.Practice, "Endpoint", "address"), p.registration(t, person.Practice, "Device", "asid")
		status, body := p.structured(t, root, asid, person.NHSNumber)
		h, _ := person.Holding(person.Practice)
		switch {
		case !json.Valid(body):
			t.Errorf("%s: answered %d, not JSON", person.NHSNumber, status)
		case h.Behaviour.Error != "" && status == http.StatusOK:
			t.Errorf("%s: answered %d, want %s", person.NHSNumber, status, h.Behaviour.Error)
		case h.Behaviour.Error == "" && person.Died == "" && status != http.StatusOK:
			t.Errorf("%s: answered %d %.300s", person.NHSNumber, status, body)
		}
	}
}

func TestPracticesThatAreRegisteredWrongly(t *testing.T) {
	p := start(t, sandbox.Config{People: -1})
	tests := map[string][2]string{"Y99037": {"", ""}, "Y99039": {"https", ""}, "Y99040": {"", "990001000040"}, "Y99001": {"https", "990001000001"}}
	for ods, want := range tests {
		address, asid := p.registration(t, ods, "Endpoint", "address"), p.registration(t, ods, "Device", "asid")
		if scheme, _, _ := strings.Cut(address, ":"); scheme != want[0] || asid != want[1] {
			t.Errorf("%s: address %q, ASID %q", ods, address, asid)
		}
	}
}

func TestStandingFaultsStrikeTheirPersonOnly(t *testing.T) {
	p := start(t, sandbox.Config{People: -1})
	base := "https://" + p.region.Address("bth") + "/fhir/R4"
	search := func(number string) int {
		status, _ := p.do(t, http.MethodGet, base+"/Patient?identifier="+url.QueryEscape("https://fhir.nhs.uk/Id/nhs-number|"+number), "", nil)
		return status
	}
	broken, whole := "9992732482", "9991411690"
	_, body := p.do(t, http.MethodGet, base+"/Patient?identifier="+url.QueryEscape("https://fhir.nhs.uk/Id/nhs-number|"+broken), "", nil)
	if json.Valid(body) {
		t.Error("the person with a standing fault got a sound answer")
	}
	if status := search(whole); status != http.StatusOK {
		t.Errorf("somebody else got %d", status)
	}
	person, _ := p.region.World.Person(whole)
	h, _ := person.Holding("RZB")
	if _, body := p.do(t, http.MethodGet, base+"/Condition?patient="+h.LocalID, "", nil); !json.Valid(body) {
		t.Error("a search by local id got a broken answer")
	}
	_, log := p.region.Control.Requests()
	if last := log[len(log)-1]; last.NHSNumber != whole || last.Source != "bth" {
		t.Errorf("the history holds %+v", last)
	}
}

func TestWhatThePortalIsTold(t *testing.T) {
	p := start(t, sandbox.Config{People: -1})
	directory := p.region.Directory()
	kinds := map[string]int{}
	for _, o := range directory.Organisations {
		kinds[o.Kind]++
		if o.ODS == "" || o.Name == "" || o.Short == "" || len(o.Badge) > 5 || o.Badge == "" {
			t.Errorf("organisation %+v lacks a part", o)
		}
	}
	if kinds[string(story.GPPractice)] != 40 || kinds[string(story.AcuteTrust)] != 4 || kinds[string(story.MentalHealth)] != 1 || kinds[string(story.Council)] != 2 {
		t.Errorf("kinds of organisation: %v", kinds)
	}
	batches := map[string]bool{}
	for _, feed := range directory.Feeds {
		batches[feed.ID] = feed.Batch
		// A practice's address is for the Spine Directory to give, and a feed that is not live has none.
		located := feed.Stage == "live" && feed.Protocol != "gpconnect"
		if located != strings.HasPrefix(feed.Endpoint, "https://127.0.0.1:") || len(feed.Sections) == 0 {
			t.Errorf("feed %+v", feed)
		}
	}
	// Both ways of asking must be at work in the demo.
	if !batches["bth"] || !batches["wyc"] || batches["pvt"] {
		t.Errorf("feeds that take batches: %v", batches)
	}
	national := p.region.National()
	if !strings.HasPrefix(national.Issuer, "http://127.0.0.1:") || !strings.HasSuffix(national.Issuer, "/Healthcare") {
		t.Errorf("issuer %s", national.Issuer)
	}
	if status, _ := p.do(t, http.MethodGet, national.Issuer+"/.well-known/openid-configuration", "", nil); status != http.StatusOK {
		t.Errorf("discovery answered %d", status)
	}
}

func TestServersRefuseStrangers(t *testing.T) {
	p := start(t, sandbox.Config{People: -1})
	stranger := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: p.region.Authority.Pool()}}
	defer stranger.CloseIdleConnections()
	for _, feed := range p.region.Directory().Feeds {
		if feed.Endpoint == "" {
			continue
		}
		if _, err := (&http.Client{Transport: stranger}).Get(feed.Endpoint + "/metadata"); err == nil {
			t.Errorf("%s answered a client without a certificate", feed.ID)
		}
	}
}

func TestCertificateFaultsAreSeenAtTheHandshake(t *testing.T) {
	p := start(t, sandbox.Config{People: -1})
	tests := map[string]any{
		fault.TLSExpired: new(x509.CertificateInvalidError), fault.TLSWrongHost: new(x509.HostnameError), fault.TLSOtherAuthority: new(x509.UnknownAuthorityError),
	}
	address := "https://" + p.region.Address("bth") + "/fhir/R4/metadata"
	for name, want := range tests {
		if status, _ := p.do(t, http.MethodGet, address, "", nil); status != http.StatusOK {
			t.Fatalf("healthy, the source answers %d", status)
		}
		if err := p.region.Control.Set("bth", fault.Setting{Fault: name}); err != nil {
			t.Fatal(err)
		}
		if status, _ := p.do(t, http.MethodGet, address, "", nil); status != 0 {
			t.Errorf("%s: over the old connection it answers %d", name, status)
		}
		response, err := p.client.Get(address)
		if err == nil {
			response.Body.Close()
		}
		if !errors.As(err, want) {
			t.Errorf("%s: %v", name, err)
		}
		p.region.Control.Reset()
	}
}

func TestPersonasCoverTheRules(t *testing.T) {
	roles, levels := map[int]bool{}, map[int]bool{}
	for _, persona := range sandbox.Personas {
		roles[len(persona.Roles)], levels[persona.Assurance] = true, true
	}
	if len(sandbox.Personas) < 13 || !roles[0] || !roles[1] || !roles[2] || !levels[1] || !levels[2] || !levels[3] {
		t.Errorf("%d personas, role counts %v, levels %v", len(sandbox.Personas), roles, levels)
	}
}

// fixtures is the folder of published messages beside the repository, or "" where there is none.
func fixtures() string {
	dir := filepath.Join("..", "..", "..", "shared", "fixtures")
	if _, err := os.Stat(dir); err != nil {
		return ""
	}
	return dir
}

func TestPublishedRecordsAreServed(t *testing.T) {
	if fixtures() == "" {
		t.Skip("the published example messages are not here")
	}
	p := start(t, sandbox.Config{People: -1, FixturesDir: fixtures()})
	served := 0
	for who := range p.region.World.Everybody() {
		want, ok := p.region.World.RawRecord(who.NHSNumber)
		if !ok {
			continue
		}
		served++
		root, asid := p.registration(t, who.Practice, "Endpoint", "address"), p.registration(t, who.Practice, "Device", "asid")
		status, got := p.structured(t, root, asid, who.NHSNumber)
		if status != http.StatusOK || len(got) < len(want)/2 {
			t.Errorf("%s: answered %d with %d bytes of %d", who.Story, status, len(got), len(want))
		}
		patched := strings.Contains(who.Story, "put right")
		if own := bytes.Contains(got, []byte(`"`+who.NHSNumber+`"`)); patched && !own {
			t.Errorf("%s: the record does not carry its number", who.Story)
		}
	}
	if served < 30 {
		t.Errorf("%d published records served", served)
	}
}
