package directory_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"ribble/internal/directory"
	"ribble/internal/record"
	"ribble/internal/sandbox"
)

const good = `{
	"organisations": [
		{"ods": "P81001", "name": "Wyre Bank Surgery", "short": "Wyre Bank", "badge": "GP", "kind": "gp-practice", "phone": "01632 960001"},
		{"ods": "RXB", "name": "Bowland Teaching Hospitals NHS Foundation Trust", "short": "Bowland", "badge": "BTH", "kind": "acute", "phone": "01632 960002"}
	],
	"agreements": [
		{"id": "isa", "title": "Regional agreement", "from": "2026-01-01", "until": "2027-05-31", "parties": ["P81001", "RXB"],
		 "flows": [{"id": "f", "sections": ["allergies", "medicines", "results"]}]}
	],
	"feeds": [
		{"id": "gp-P81001", "organisation": "P81001", "protocol": "gpconnect", "sections": ["allergies", "medicines"], "agreement": "isa", "flow": "f", "stage": "live"},
		{"id": "bth", "organisation": "RXB", "protocol": "fhirr4", "endpoint": "https://fhir.bowland.example/r4", "sections": ["results"],
		 "stage": "off", "planned": "Feb-2027", "batch": true, "chained": true, "deadline_ms": 3000, "concurrency": 4, "allow_cidr": ["10.1.2.3/16", "fd00::/8"]}
	],
	"spine": {"ssp": "https://proxy.example/", "from_asid": "200000000115"}
}`

func load(t testing.TB, text string) *directory.Snapshot {
	t.Helper()
	s, err := directory.Load(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestLoad(t *testing.T) {
	s := load(t, good)
	wyre := record.Organisation{ODS: "P81001", Name: "Wyre Bank Surgery", Short: "Wyre Bank", Badge: "GP", Kind: "gp-practice", Phone: "01632 960001"}
	bowland := record.Organisation{ODS: "RXB", Name: "Bowland Teaching Hospitals NHS Foundation Trust", Short: "Bowland", Badge: "BTH", Kind: "acute", Phone: "01632 960002"}
	gp := &directory.Feed{
		ID: "gp-P81001", Organisation: wyre, Protocol: directory.GPConnect, Sections: record.SectionsOf(record.Allergies, record.Medicines), Stage: directory.Live, Flow: "f", Agreement: s.Agreements()[0],
		Deadline: 8 * time.Second, Concurrency: 16,
	}
	bth := &directory.Feed{
		ID: "bth", Organisation: bowland, Protocol: directory.FHIRR4, Endpoint: "https://fhir.bowland.example/r4", Sections: record.SectionsOf(record.Results),
		Stage: directory.Off, Planned: "Feb-2027", Batch: true, Chained: true, Deadline: 3 * time.Second, Concurrency: 4,
		Networks: []netip.Prefix{netip.MustParsePrefix("10.1.0.0/16"), netip.MustParsePrefix("fd00::/8")},
	}
	options := cmp.Options{cmpopts.EquateComparable(netip.Prefix{}), cmpopts.EquateEmpty(), cmpopts.IgnoreFields(directory.Feed{}, "Sum"), cmpopts.IgnoreUnexported(directory.Agreement{})}
	for name, c := range map[string]struct{ got, want []*directory.Feed }{
		"all":                {s.Feeds(), []*directory.Feed{gp, bth}},
		"regional":           {s.Regional(), []*directory.Feed{bth}},
		"of the practice":    {s.Practice("P81001"), []*directory.Feed{gp}},
		"of the hospital":    {s.Practice("RXB"), nil},
		"of an unknown code": {s.Practice(""), nil},
	} {
		if diff := cmp.Diff(c.want, c.got, options); diff != "" {
			t.Errorf("feeds, %s: %s", name, diff)
		}
	}
	if o, ok := s.Organisation("RXB"); !ok || o != bowland || s.Organisations() != 2 {
		t.Errorf("organisation %+v, %v", o, ok)
	}
	if _, ok := s.Organisation("rxb"); ok {
		t.Error("an ODS code has capital letters")
	}
	if s.GPSections() != gp.Sections || s.Spine() != (directory.Spine{SSP: "https://proxy.example/", FromASID: "200000000115"}) {
		t.Errorf("GP sections %b, spine %+v", s.GPSections(), s.Spine())
	}
}

// Each case changes one thing in the good file and expects exactly these problems.
func TestLoadReportsEveryProblemWithItsPlace(t *testing.T) {
	for _, c := range []struct {
		name, old, new string
		want           []string
	}{
		{"unknown name at the top", `"spine":`, `"Spine": 1, "spine":`, []string{"Spine: is not known"}},
		{"unknown name in an organisation", `"short": "Wyre Bank"`, `"short": "Wyre Bank", "fax": ""`, []string{"organisations[0] (P81001).fax: is not known"}},
		{"unknown name in a feed", `"stage": "live"`, `"stage": "live", "dead_line_ms": 4, "Stage": ""`, []string{
			"feeds[0] (gp-P81001).Stage: is not known", "feeds[0] (gp-P81001).dead_line_ms: is not known"}},
		{"unknown name in spine", `"ssp":`, `"proxy": {"a": [1]}, "ssp":`, []string{"spine.proxy: is not known"}},
		{"not an ODS code", `{"ods": "RXB"`, `{"ods": "rxb"`, []string{
			"organisations[1] (rxb).ods: must be an ODS code: capital letters and digits", "agreements[0] (isa).parties[1]: is not among the organisations", "feeds[1] (bth).organisation: is not among the organisations"}},
		{"an organisation twice", `{"ods": "RXB"`, `{"ods": "P81001"`, []string{
			"organisations[1] (P81001).ods: the same organisation twice", "agreements[0] (isa).parties[1]: is not among the organisations", "feeds[1] (bth).organisation: is not among the organisations"}},
		{"an organisation without names", `"name": "Wyre Bank Surgery", "short": "Wyre Bank", "badge": "GP"`, `"name": " "`, []string{
			"organisations[0] (P81001).name: must be given", "organisations[0] (P81001).short: must be given", "organisations[0] (P81001).badge: must be given"}},
		{"a long badge", `"BTH"`, `"BOWLAND"`, []string{"organisations[1] (RXB).badge: may have at most 5 letters"}},
		{"an unknown kind", `"acute"`, `"hospital"`, []string{
			"organisations[1] (RXB).kind: must be one of acute, gp-practice, mental-health, community, council, hospice, care-home, ambulance, charity, region, store"}},
		{"a feed twice", `"id": "bth"`, `"id": "gp-P81001"`, []string{"feeds[1] (gp-P81001).id: the same feed twice"}},
		{"a feed without id", `"id": "bth", `, ``, []string{"feeds[1].id: must be letters, digits, dots, hyphens and underscores"}},
		{"an unknown protocol", `"fhirr4"`, `"fhirR4"`, []string{"feeds[1] (bth).protocol: must be gpconnect, fhirr4 or socialcare"}},
		{"live without an endpoint", `"endpoint": "https://fhir.bowland.example/r4", "sections": ["results"],
		 "stage": "off", "planned": "Feb-2027",`, `"sections": ["results"], "stage": "live", "agreement": "isa", "flow": "f",`, []string{"feeds[1] (bth).endpoint: must be given"}},
		{"http", `https://fhir`, `http://fhir`, []string{"feeds[1] (bth).endpoint: must begin with https://"}},
		{"file", `https://fhir`, `file://fhir`, []string{"feeds[1] (bth).endpoint: must begin with https://"}},
		{"a password", `https://fhir`, `https://me:secret@fhir`, []string{"feeds[1] (bth).endpoint: must not hold a user name or password"}},
		{"a query", `example/r4`, `example/r4?x=1`, []string{"feeds[1] (bth).endpoint: must end with the path"}},
		{"no host", `https://fhir.bowland.example/r4`, `https:///r4`, []string{"feeds[1] (bth).endpoint: has no host"}},
		{"no address", `https://fhir.bowland.example/r4`, `https://[::1`, []string{"feeds[1] (bth).endpoint: is not an address"}},
		{"no network", `, "allow_cidr": ["10.1.2.3/16", "fd00::/8"]`, ``, []string{"feeds[1] (bth).allow_cidr: at least one network must be given"}},
		{"bad networks", `["10.1.2.3/16", "fd00::/8"]`, `["10.1.2.3", "0.0.0.0/0"]`, []string{
			"feeds[1] (bth).allow_cidr[0]: must be a network, such as 10.1.0.0/16", "feeds[1] (bth).allow_cidr[1]: must not be every address there is"}},
		{"bad sections", `["results"]`, `["results", "Results", "results"]`, []string{
			"feeds[1] (bth).sections[1]: is no section", "feeds[1] (bth).sections[2]: the same section twice"}},
		{"no section", `["results"]`, `[]`, []string{"feeds[1] (bth).sections: at least one section must be given"}},
		{"an unknown stage", `"stage": "live"`, `"stage": "on"`, []string{"feeds[0] (gp-P81001).stage: must be off, test, safety, pilot, live or suspended"}},
		{"a plan for a live feed", `"stage": "live"`, `"stage": "live", "planned": "Feb-2027"`, []string{"feeds[0] (gp-P81001).planned: has no meaning for a live feed"}},
		{"a plan that is no month", `Feb-2027`, `2027-02`, []string{"feeds[1] (bth).planned: must be a month, such as Feb-2027"}},
		{"limits out of range", `"deadline_ms": 3000, "concurrency": 4`, `"deadline_ms": -1, "concurrency": 1000`, []string{
			"feeds[1] (bth).deadline_ms: must lie between 1 and 60000", "feeds[1] (bth).concurrency: must lie between 1 and 256"}},
		{"a batch of a practice", `"stage": "live"`, `"stage": "live", "batch": true`, []string{"feeds[0] (gp-P81001).batch: has no meaning for gpconnect"}},
		{"a chain without a batch", `"batch": true, "chained": true`, `"chained": true`, []string{"feeds[1] (bth).chained: needs batch: it says what a batch may hold"}},
		{"a text for yes", `"batch": true`, `"batch": "yes"`, []string{"feeds[1].batch: is not of the right kind"}},
		{"batch misspelt", `"batch": true`, `"Batch": true`, []string{"feeds[1] (bth).Batch: is not known", "feeds[1] (bth).chained: needs batch: it says what a batch may hold"}},
		{"a text for a number", `3000`, `"3000"`, []string{"feeds[1].deadline_ms: is not of the right kind"}},
		{"no system id", `, "from_asid": "200000000115"`, ``, []string{"spine.from_asid: must be the portal's accredited system id, which feeds of GP practices need"}},
		{"a proxy without https", `https://proxy`, `ldap://proxy`, []string{"spine.ssp: must begin with https://"}},
		{"no agreement", `"agreement": "isa", "flow": "f", "stage": "live"`, `"stage": "live"`, []string{"feeds[0] (gp-P81001).agreement: must name an agreement"}},
		{"an agreement of others", `"parties": ["P81001", "RXB"]`, `"parties": ["RXB"]`, []string{"feeds[0] (gp-P81001).agreement: must name an agreement to which the organisation is a party"}},
		{"an unknown flow", `"flow": "f", "stage"`, `"flow": "g", "stage"`, []string{"feeds[0] (gp-P81001).flow: must name a flow of the agreement"}},
		{"beyond the flow", `"sections": ["allergies", "medicines", "results"]`, `"sections": ["allergies", "results"]`, []string{"feeds[0] (gp-P81001).sections: go beyond the flow of the agreement"}},
		{"an agreement that ends before it begins", `2027-05-31`, `2025-05-31`, []string{"agreements[0] (isa).until: must not lie before its first day"}},
		{"no day", `2027-05-31`, `31-May-2027`, []string{"agreements[0] (isa).until: must be a day, such as 2027-05-31"}},
		{"a private key", `"batch": true`, `"batch": true, "authority": "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"`, []string{
			"feeds[1] (bth).authority: must be certificates in PEM form, and nothing else"}},
		{"an identity from elsewhere", `"batch": true`, `"batch": true, "client_identity": "../x"`, []string{
			"feeds[1] (bth).client_identity: must be the name of a certificate: letters, digits, dots, hyphens and underscores"}},
		{"a pin that is none", `"batch": true`, `"batch": true, "pins": ["abc"]`, []string{"feeds[1] (bth).pins[0]: must be the SHA-256 sum of a public key, in 64 hexadecimal digits"}},
		{"an NHS number for a digest", `"batch": true`, `"batch": true, "audience": {"test_people": ["9990000018"]}`, []string{
			"feeds[1] (bth).audience.test_people[0]: must be the digest of a test person's NHS number"}},
		{"unknown name in an audience", `"batch": true`, `"batch": true, "audience": {"user": []}`, []string{"feeds[1] (bth).audience.user: is not known"}},
		{"more than the organisation supplies", `"badge": "BTH"`, `"badge": "BTH", "supplies": ["allergies"]`, []string{"feeds[1] (bth).sections: go beyond what the organisation supplies"}},
		{"a name twice", `"kind": "acute"`, `"kind": "acute", "kind": "community"`, []string{"organisations.1.kind: the same name twice (at byte 286)"}},
		{"cut short", `"spine": {"ssp": "https://proxy.example/", "from_asid": "200000000115"}
}`, ``, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			text := strings.Replace(good, c.old, c.new, 1)
			if text == good {
				t.Fatal("the case changes nothing")
			}
			_, err := directory.Load(strings.NewReader(text))
			problems, ok := errors.AsType[directory.Problems](err)
			if !ok {
				t.Fatalf("error %v, want problems", err)
			}
			if diff := cmp.Diff(c.want, []string(problems)); c.want != nil && diff != "" {
				t.Error(diff)
			}
			if strings.Contains(err.Error(), "secret") {
				t.Error("the problem repeats a password")
			}
		})
	}
}

func TestFeedThatIsNotLiveNeedsNoEndpoint(t *testing.T) {
	text := strings.Replace(good, `"endpoint": "https://fhir.bowland.example/r4", `, ``, 1)
	text = strings.Replace(text, `, "allow_cidr": ["10.1.2.3/16", "fd00::/8"]`, ``, 1)
	if feed := load(t, text).Regional()[0]; feed.Endpoint != "" || feed.Stage.Runs() {
		t.Errorf("feed %+v", feed)
	}
}

// The invented region describes itself in the same form as a real one.
func TestSandboxDescribesItselfInThisForm(t *testing.T) {
	region, err := sandbox.Start(t.Context(), sandbox.Config{People: -1})
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(region.Directory())
	if err != nil {
		t.Fatal(err)
	}
	if err := region.Close(); err != nil {
		t.Fatal(err)
	}
	if s := load(t, string(text)); len(s.Regional()) < 8 || s.Organisations() < 40 {
		t.Errorf("%d organisations, %d regional feeds", s.Organisations(), len(s.Regional()))
	}
}

func TestLoadReportsManyProblemsOnce(t *testing.T) {
	_, err := directory.Load(strings.NewReader(`{"feeds":[` + strings.Repeat(`{},`, 999) + `{}]}`))
	problems, _ := errors.AsType[directory.Problems](err)
	if len(problems) != 101 || !strings.HasPrefix(problems[100], "and ") {
		t.Errorf("%d problems, the last %q", len(problems), problems[max(len(problems)-1, 0)])
	}
}

func TestHolder(t *testing.T) {
	var zero directory.Holder
	if zero.Current() == nil || zero.Current().Organisations() != 0 {
		t.Error("an empty holder holds an empty directory")
	}
	first, second := load(t, good), load(t, `{}`)
	h := directory.NewHolder(first)
	if h.Current() != first {
		t.Error("the first snapshot is not in force")
	}
	if h.Replace(second); h.Current() != second {
		t.Error("the second snapshot is not in force")
	}
}

func FuzzLoad(f *testing.F) {
	f.Add(good)
	f.Add(`{"feeds":[null],"organisations":[1],"spine":[]}`)
	f.Fuzz(func(t *testing.T, text string) {
		s, err := directory.Load(strings.NewReader(text))
		if (s == nil) == (err == nil) {
			t.Fatal("either a snapshot or problems")
		}
	})
}

// region writes a directory of many practices and, as every region has, few other organisations.
func region(organisations, feeds int) string {
	var b strings.Builder
	b.WriteString(`{"organisations":[`)
	for i := range organisations {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, `{"ods":"A%05d","name":"Practice number %d","short":"P %d","badge":"GP","kind":"gp-practice"}`, i, i, i)
	}
	b.WriteString(`],"agreements":[{"id":"isa","title":"t","from":"2026-01-01","until":"2027-05-31","flows":[{"id":"f","sections":["allergies","medicines","problems"]}],"parties":["A00000"`)
	for i := range organisations - 1 {
		fmt.Fprintf(&b, `,"A%05d"`, i+1)
	}
	b.WriteString(`]}],"feeds":[`)
	for i := range feeds {
		if i > 0 {
			b.WriteByte(',')
		}
		protocol := "gpconnect"
		if i < 30 {
			protocol = "fhirr4"
		}
		fmt.Fprintf(&b, `{"id":"f%d","organisation":"A%05d","protocol":"%s","endpoint":"https://s%d.example/fhir","sections":["allergies","medicines","problems"],"stage":"live","agreement":"isa","flow":"f","allow_cidr":["10.0.0.0/8"]}`,
			i, i%organisations, protocol, i)
	}
	b.WriteString(`],"spine":{"from_asid":"1"}}`)
	return b.String()
}

func BenchmarkLoad(b *testing.B) {
	text := region(10_000, 30_000)
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		load(b, text)
	}
}

func BenchmarkLookUp(b *testing.B) {
	s := load(b, region(10_000, 30_000))
	for b.Loop() {
		if _, ok := s.Organisation("A09999"); !ok {
			b.Fatal("not found")
		}
		if len(s.Practice("A09999")) != 3 {
			b.Fatal("not the practice's three feeds")
		}
	}
}
