package onboarding_test

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"ribble/internal/directory"
	"ribble/internal/onboarding"
)

const region = `{
	"organisations": [{"ods": "RXB", "name": "Bowland Hospitals", "short": "Bowland", "badge": "BTH", "kind": "acute", "phone": "01632 960001",
		"privacy_officer": "G Lumb", "dspt": {"status": "met", "until": "2027-06-30"}}],
	"agreements": [{"id": "isa", "title": "Agreement", "from": "2026-01-01", "until": "2027-05-31", "signed_by": "Dr L Sowerby", "parties": ["RXB"],
		"dpia": {"reference": "DPIA-1", "until": "2027-04-30"}, "flows": [{"id": "f", "sections": ["results"]}]}],
	"feeds": [{"id": "bth", "organisation": "RXB", "protocol": "fhirr4", "endpoint": "https://bth.example/", "sections": ["results"], "stage": "pilot", "planned": "Feb-2027",
		"agreement": "isa", "flow": "f", "allow_cidr": ["10.0.0.0/8"], "safety_case": {"reference": "CSC-1", "by": "Dr A"},
		"steps": [{"stage": "test", "on": "2026-07-01"}, {"stage": "safety", "on": "2026-08-01"}, {"stage": "pilot", "on": "2026-09-01"}],
		"audience": {"test_people": ["1111111111111111111111111111111111111111111111111111111111111111"], "testers": ["900000000001"], "organisations": ["RXB"]}}]
}`

var now = time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)

func build(t testing.TB, text string) *directory.Snapshot {
	t.Helper()
	s, err := directory.Load(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func passed(f *directory.Feed) onboarding.Check {
	return onboarding.Check{Feed: f.ID, At: now.Add(-time.Hour), Connection: f.Connection(), Total: 14}
}

// Each case takes one thing away from a feed for which everything holds, and expects exactly that line.
func TestGate(t *testing.T) {
	for _, c := range []struct {
		name, old, new string
		check          func(*onboarding.Check)
		now            time.Time
		want           string
	}{
		{name: "everything holds"},
		{name: "the agreement ended", now: time.Date(2027, 6, 1, 0, 0, 0, 0, time.UTC), check: recent, old: `2027-04-30`, new: `2028-04-30`, want: "Information sharing agreement: isa ended on 31-May-2027"},
		{name: "the agreement has not begun", old: `2026-01-01`, new: `2026-12-01`, want: "Information sharing agreement: isa begins on 01-Dec-2026"},
		{name: "no impact assessment", old: `"dpia": {"reference": "DPIA-1", "until": "2027-04-30"}, `, want: "Data protection impact assessment: not given"},
		{name: "an old impact assessment", old: `2027-04-30`, new: `2026-11-19`, want: "Data protection impact assessment: DPIA-1"},
		{name: "no toolkit", old: `, "dspt": {"status": "met", "until": "2027-06-30"}`, want: "Security toolkit: standards met: nobody has said"},
		{name: "a toolkit not met", old: `"met"`, new: `"not-met"`, want: "Security toolkit: standards met: not met"},
		{name: "an old toolkit", old: `2027-06-30`, new: `2026-11-19`, want: "Security toolkit: standards met: met"},
		{name: "no officer", old: `"privacy_officer": "G Lumb", `, want: "Privacy Officer named: nobody is named"},
		{name: "no safety case", old: `"safety_case": {"reference": "CSC-1", "by": "Dr A"},`, want: "Clinical safety case (deployment): not given"},
		{name: "no test people", old: `"1111111111111111111111111111111111111111111111111111111111111111"`, want: "Somebody named for the stage: no test people are named"},
		{name: "no testers", old: `"900000000001"`, want: "Somebody named for the stage: no clinical-safety testers are named"},
		{name: "no pilot", old: `, "organisations": ["RXB"]`, want: "Somebody named for the stage: no pilot organisations or users are named"},
		{name: "never checked", check: func(k *onboarding.Check) { *k = onboarding.Check{} }, want: "Connection check passed: never run"},
		{name: "a check that failed", check: func(k *onboarding.Check) { k.Failed = 1 }, want: "Connection check passed: 1 of 14 failed on 20-Nov-2026"},
		{name: "an old check", check: func(k *onboarding.Check) { k.At = now.AddDate(0, 0, -8) }, want: "Connection check passed: last run on 12-Nov-2026, more than 7 days ago"},
		{name: "a check of another address", check: func(k *onboarding.Check) { k.Connection = "other" }, want: "Connection check passed: the address or the certificates were changed after the last check"},
	} {
		t.Run(c.name, func(t *testing.T) {
			text := strings.Replace(region, c.old, c.new, 1)
			if c.old != "" && text == region {
				t.Fatal("the case changes nothing")
			}
			s := build(t, text)
			f, at := s.Feed("bth"), now
			check := passed(f)
			if !c.now.IsZero() {
				at = c.now
			}
			if c.name == "the agreement ended" {
				s = build(t, strings.Replace(text, `2027-06-30`, `2028-06-30`, 1))
				f = s.Feed("bth")
			}
			if c.check != nil {
				c.check(&check)
			}
			var got []string
			for _, l := range onboarding.Closed(onboarding.Gate(s, f, directory.Live, check, at)) {
				got = append(got, l.Need+": "+l.Evidence)
			}
			if strings.Join(got, "; ") != c.want {
				t.Errorf("closed by %q, want %q", got, c.want)
			}
		})
	}
}

func recent(k *onboarding.Check) { k.At = time.Date(2027, 5, 31, 23, 0, 0, 0, time.UTC) }

func TestNextStages(t *testing.T) {
	for stage, want := range map[directory.Stage][]directory.Stage{
		directory.Off:       {directory.Test},
		directory.Test:      {directory.Off, directory.Safety, directory.Suspended},
		directory.Live:      {directory.Off, directory.Test, directory.Safety, directory.Pilot, directory.Suspended},
		directory.Suspended: {directory.Off, directory.Test, directory.Safety, directory.Pilot},
	} {
		f := &directory.Feed{Stage: stage, Steps: []directory.Step{{Stage: directory.Test}, {Stage: directory.Pilot}, {Stage: directory.Suspended}}}
		if diff := cmp.Diff(want, onboarding.NextStages(f)); diff != "" {
			t.Errorf("%s: %s", stage, diff)
		}
	}
	if !onboarding.Rises(directory.Suspended, directory.Test) || onboarding.Rises(directory.Live, directory.Pilot) || onboarding.Rises(directory.Live, directory.Suspended) ||
		!onboarding.Rises(directory.Off, directory.Test) {
		t.Error("which moves reach more people")
	}
}

func TestEndings(t *testing.T) {
	s := build(t, region)
	for _, c := range []struct {
		day  string
		want []string
	}{
		{"2027-03-31", nil},
		{"2027-04-15", []string{"Data protection impact assessment of isa 30"}},
		{"2027-04-29", []string{"Data protection impact assessment of isa 3"}},
		{"2027-05-20", []string{"Information sharing agreement isa 14", "Data protection impact assessment of isa 0"}},
		{"2027-06-20", []string{"Information sharing agreement isa 0", "Data protection impact assessment of isa 0", "Security toolkit of Bowland Hospitals 14"}},
	} {
		at, err := time.Parse(time.DateOnly, c.day)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, e := range onboarding.Endings(s, at) {
			got = append(got, fmt.Sprintf("%s %d", e.What, e.Level))
			if !slices.Equal(e.Feeds, []string{"bth"}) {
				t.Errorf("feeds %v", e.Feeds)
			}
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s: %s", c.day, diff)
		}
	}
}

func TestReadOrganisations(t *testing.T) {
	s := build(t, region)
	for name, text := range map[string]string{
		"csv":                    "ods,name,kind,phone,parent\nRXB,Bowland Teaching Hospitals,acute,,\nRZC,Calder House,care-home,01632 960002,RXB\n",
		"csv from a spreadsheet": "\ufeffods,name,kind,phone,parent\r\nRXB,Bowland Teaching Hospitals,acute,,\r\nRZC,Calder House,care-home,01632 960002,RXB\r\n",
		"bundle": `{"resourceType":"Bundle","type":"collection","entry":[
			{"resource":{"resourceType":"Organization","identifier":[{"system":"https://fhir.nhs.uk/Id/ods-organization-code","value":"RXB"}],"name":"Bowland Teaching Hospitals","type":[{"coding":[{"code":"acute"}]}]}},
			{"resource":{"resourceType":"Organization","identifier":[{"system":"https://fhir.nhs.uk/Id/ods-organization-code","value":"RZC"}],"name":"Calder House","type":[{"coding":[{"code":"care-home"}]}],
			 "telecom":[{"system":"phone","value":"01632 960002"}],"partOf":{"identifier":{"value":"RXB"}}}}]}`,
	} {
		entries, err := onboarding.ReadOrganisations(strings.NewReader(text), s)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		var got []string
		for _, d := range onboarding.Compare(s, entries) {
			for _, f := range d.Fields {
				got = append(got, d.ID+" "+f.Name+" "+f.Before+" -> "+f.After)
			}
		}
		want := []string{
			`RXB name "Bowland Hospitals" -> "Bowland Teaching Hospitals"`, `RZC badge  -> "CH"`, `RZC kind  -> "care-home"`, `RZC name  -> "Calder House"`,
			`RZC ods  -> "RZC"`, `RZC parent  -> "RXB"`, `RZC phone  -> "01632 960002"`, `RZC short  -> "Calder House"`,
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

func TestBadListsOfOrganisations(t *testing.T) {
	s := build(t, region)
	long := "ods,name,kind\n" + strings.Repeat("RZC,Calder,care-home\n", 100_000)
	for _, c := range []struct{ name, text, want string }{
		{"a wrong header", "code,name,kind\nRZC,Calder,care-home\n", "line 1: the header must name the columns ods, name and kind; short, badge, phone and parent may follow"},
		{"a header in capitals", "ODS,name,kind\n", "line 1: the header must name"},
		{"no header", "", "line 1: the header must name"},
		{"a column twice", "ods,name,kind,name\n", "line 1: the header must name"},
		{"a code twice", "ods,name,kind\nRZC,Calder,care-home\nRZD,Dales,care-home\nRZC,Calder,care-home\n", "line 4: the same ODS code as in line 2"},
		{"many faults", "ods,name,kind\nrzc,,hotel\nRZD,Dales,care-home\n", "line 2: ods must be an ODS code: capital letters and digits\nline 2: name must be given\nline 2: kind must be one of"},
		{"a short line", "ods,name,kind\nRZC,Calder\nRZD,,care-home\n", "line 2: has another number of fields than the header\nline 3: name must be given"},
		{"a broken quotation", "ods,name,kind\nRZC,\"Calder,care-home\n", "line 2: has quotation marks that do not match"},
		{"its own parent", "ods,name,kind,parent\nRZC,Calder,care-home,RZC\n", "line 2: parent must be the ODS code of another organisation"},
		{"a long badge", "ods,name,kind,badge\nRZC,Calder,care-home,CALDER\n", "line 2: badge may have at most 5 letters"},
		{"100,000 lines", long, "line 50002: there are more than 50000 organisations: split the file"},
		{"not UTF-8", "ods,name,kind\nRZC,Cald\xe9r,care-home\n", "the file is not in UTF-8"},
		{"another resource", `{"resourceType":"Bundle","entry":[{"resource":{"resourceType":"Patient"}}]}`, "line 1: is no Organization"},
		{"no bundle", `{"resourceType":"Organization"}`, "the file is no FHIR Bundle"},
		{"no JSON", `{"resourceType":`, "the file is no FHIR Bundle"},
	} {
		entries, err := onboarding.ReadOrganisations(strings.NewReader(c.text), s)
		faults, ok := errors.AsType[onboarding.Faults](err)
		if !ok || entries != nil || !strings.HasPrefix(faults.Error(), c.want) {
			t.Errorf("%s: %d entries, %v", c.name, len(entries), err)
		}
	}
	if _, err := onboarding.ReadOrganisations(io.LimitReader(zeros{}, 40<<20), s); err == nil {
		t.Error("a file without end is read")
	}
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { return len(p), nil }

func FuzzReadOrganisations(f *testing.F) {
	f.Add("ods,name,kind\nRZC,Calder,care-home\n")
	f.Add(`{"resourceType":"Bundle","entry":[{"resource":{"resourceType":"Organization"}}]}`)
	s := build(f, region)
	f.Fuzz(func(t *testing.T, text string) {
		entries, err := onboarding.ReadOrganisations(strings.NewReader(text), s)
		if err != nil && entries != nil {
			t.Fatal("a list with faults is taken in part")
		}
		for _, e := range entries {
			if e.Kind != directory.KindOrganisation || e.ID == "" || e.Body == "" {
				t.Fatalf("entry %+v", e)
			}
		}
	})
}
