package locator_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"ribble/internal/directory"
	"ribble/internal/identity"
	"ribble/internal/locator"
	"ribble/internal/record"
)

const region = `{
	"organisations": [
		{"ods": "P81001", "name": "Wyre Bank Surgery", "short": "Wyre Bank", "badge": "GP", "kind": "gp-practice"},
		{"ods": "P81002", "name": "Hodder Surgery", "short": "Hodder", "badge": "GP", "kind": "gp-practice"},
		{"ods": "P81003", "name": "Calder Surgery", "short": "Calder", "badge": "GP", "kind": "gp-practice"},
		{"ods": "RXB", "name": "Bowland Hospitals", "short": "Bowland", "badge": "BTH", "kind": "acute"},
		{"ods": "323", "name": "Ribble Council", "short": "Council", "badge": "RC", "kind": "council"}
	],
	"agreements": [{"id": "isa", "title": "Agreement", "from": "2020-01-01", "until": "2099-12-31", "parties": ["P81001", "P81002", "P81003", "RXB", "323"], "flows": [{"id": "f", "sections": ["allergies", "medicines", "documents", "results", "socialcare", "plans"]}]}],
	"feeds": [
		{"id": "gp1", "organisation": "P81001", "protocol": "gpconnect", "sections": ["allergies", "medicines"], "stage": "live", "agreement": "isa", "flow": "f"},
		{"id": "gp2", "organisation": "P81002", "protocol": "gpconnect", "sections": ["allergies", "documents"], "stage": "off", "planned": "Feb-2027"},
		{"id": "bth", "organisation": "RXB", "protocol": "fhirr4", "endpoint": "https://bth.example/", "sections": ["allergies", "results"], "stage": "live", "agreement": "isa", "flow": "f", "allow_cidr": ["10.0.0.0/8"]},
		{"id": "council", "organisation": "323", "protocol": "socialcare", "endpoint": "https://rc.example/", "sections": ["socialcare"], "stage": "live", "agreement": "isa", "flow": "f", "allow_cidr": ["10.0.0.0/8"]},
		{"id": "bth-maternity", "organisation": "RXB", "protocol": "fhirr4", "endpoint": "https://mat.example/", "sections": ["plans"], "stage": "off", "allow_cidr": ["10.0.0.0/8"]}
	],
	"spine": {"from_asid": "1"}
}`

var now = time.Date(2026, 6, 3, 12, 0, 0, 0, time.UTC)

type receipt struct {
	person   record.Person
	sections record.Sections
	// closed are the sections that the person has closed, by organisation.
	closed  map[string]record.Sections
	user    identity.User
	invalid bool
}

func (r receipt) Valid() bool               { return !r.invalid }
func (r receipt) User() identity.User       { return r.user }
func (r receipt) Person() record.Person     { return r.person }
func (r receipt) Sections() record.Sections { return r.sections }

func (r receipt) Withheld(organisation string) record.Sections { return r.closed[organisation] }

func person(change func(*record.Person)) record.Person {
	p := record.Person{Practice: record.Practice{ODS: "P81001", Name: "WYRE BANK SURGERY"}, TracedAt: now.Add(-time.Hour)}
	if change != nil {
		change(&p)
	}
	return p
}

func snapshot(t testing.TB, text string) *directory.Snapshot {
	t.Helper()
	s, err := directory.Load(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// told is a plan in short: who is asked for what, and who is not and why.
func told(p locator.Plan) []string {
	var lines []string
	say := func(verb, id string, o record.Organisation, set record.Sections, why string) {
		var sections []string
		for s := range set.All {
			sections = append(sections, s.ID())
		}
		lines = append(lines, strings.TrimSpace(fmt.Sprintf("%s %s of %s for %s. %s", verb, id, o.Name, strings.Join(sections, "+"), why)))
	}
	for _, c := range p.Ask {
		say("ask", c.Feed.ID, c.Organisation, c.Sections, "")
	}
	for _, n := range p.NotAsked {
		say("not", n.Feed, n.Organisation, n.Sections, n.Reason)
	}
	return lines
}

func TestFind(t *testing.T) {
	const (
		askGP      = "ask gp1 of Wyre Bank Surgery for allergies+medicines."
		askBTH     = "ask bth of Bowland Hospitals for allergies+results."
		askCouncil = "ask council of Ribble Council for socialcare."
		notMat     = "not bth-maternity of Bowland Hospitals for plans. It is not live yet."
		notGP      = "not gp1 of Wyre Bank Surgery for allergies+medicines. "
		anyGP      = " for allergies+medicines+documents. "
	)
	for _, c := range []struct {
		name    string
		person  record.Person
		allowed record.Sections
		want    []string
	}{
		{"everyday", person(nil), record.AllSections, []string{askGP, askBTH, askCouncil, notMat}},
		{"restricted", person(func(p *record.Person) { p.Restricted, p.Practice = true, record.Practice{} }), record.AllSections, []string{
			"not  of GP practice" + anyGP + locator.Restricted,
			"not bth of Bowland Hospitals for allergies+results. " + locator.Restricted,
			"not council of Ribble Council for socialcare. " + locator.Restricted,
			"not bth-maternity of Bowland Hospitals for plans. " + locator.Restricted}},
		{"restricted, with a practice all the same", person(func(p *record.Person) { p.Restricted = true }), record.SectionsOf(record.Allergies), []string{
			"not  of GP practice" + anyGP + locator.Restricted,
			"not bth of Bowland Hospitals for allergies+results. " + locator.Restricted,
			"not council of Ribble Council for socialcare. " + locator.Restricted,
			"not bth-maternity of Bowland Hospitals for plans. " + locator.Restricted}},
		{"deceased", person(func(p *record.Person) { p.Deceased.Recorded = true }), record.AllSections, []string{askBTH, askCouncil, notGP + locator.Deceased, notMat}},
		{"no practice", person(func(p *record.Person) { p.Practice = record.Practice{} }), record.AllSections, []string{
			askBTH, askCouncil, "not  of GP practice" + anyGP + locator.NoPractice, notMat}},
		{"practice from elsewhere", person(func(p *record.Person) { p.Practice = record.Practice{ODS: "Z99", Name: "FAR SURGERY"} }), record.AllSections, []string{
			askBTH, askCouncil, "not  of FAR SURGERY" + anyGP + locator.UnknownPractice, notMat}},
		{"practice without a feed", person(func(p *record.Person) { p.Practice.ODS = "P81003" }), record.AllSections, []string{
			askBTH, askCouncil, "not  of Calder Surgery" + anyGP + locator.UnknownPractice, notMat}},
		{"a hospital is no practice", person(func(p *record.Person) { p.Practice.ODS = "RXB" }), record.AllSections, []string{
			askBTH, askCouncil, "not  of Bowland Hospitals" + anyGP + locator.UnknownPractice, notMat}},
		{"practice not live", person(func(p *record.Person) { p.Practice.ODS = "P81002" }), record.AllSections, []string{
			askBTH, askCouncil, "not gp2 of Hodder Surgery for allergies+documents. It is not live yet, and planned for Feb-2027.", notMat}},
		{"old trace", person(func(p *record.Person) { p.TracedAt = now.Add(-24*time.Hour - time.Second) }), record.AllSections, []string{
			askBTH, askCouncil, notGP + locator.StaleTrace, notMat}},
		{"never traced", person(func(p *record.Person) { p.TracedAt = time.Time{} }), record.AllSections, []string{askBTH, askCouncil, notGP + locator.StaleTrace, notMat}},
		{"trace of a day", person(func(p *record.Person) { p.TracedAt = now.Add(-24 * time.Hour) }), record.AllSections, []string{askGP, askBTH, askCouncil, notMat}},
		{"a role that sees little", person(nil), record.SectionsOf(record.Allergies, record.Plans), []string{
			"ask gp1 of Wyre Bank Surgery for allergies.", "ask bth of Bowland Hospitals for allergies.",
			"not council of Ribble Council for socialcare. " + locator.RoleSeesNone, notMat}},
	} {
		t.Run(c.name, func(t *testing.T) {
			plan, err := locator.Find(receipt{person: c.person, sections: c.allowed}, locator.View{Directory: snapshot(t, region), Now: now})
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, told(plan)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestObjectionsToSupply(t *testing.T) {
	const (
		bowland    = "The person has objected to Bowland Hospitals’s records being shared here."
		askGP      = "ask gp1 of Wyre Bank Surgery for allergies+medicines."
		askCouncil = "ask council of Ribble Council for socialcare."
		notMat     = "not bth-maternity of Bowland Hospitals for plans. It is not live yet."
	)
	of := record.SectionsOf
	for _, c := range []struct {
		name    string
		allowed record.Sections
		closed  map[string]record.Sections
		want    []string
	}{
		{"one organisation, wholly", record.AllSections, map[string]record.Sections{"RXB": record.AllSections}, []string{
			askGP, askCouncil, "not bth of Bowland Hospitals for allergies+results. " + bowland, notMat}},
		{"all that it supplies", record.AllSections, map[string]record.Sections{"RXB": of(record.Allergies, record.Results)}, []string{
			askGP, askCouncil, "not bth of Bowland Hospitals for allergies+results. " + bowland, notMat}},
		{"all that the role sees of it", of(record.Allergies, record.Medicines, record.SocialCare), map[string]record.Sections{"RXB": of(record.Allergies)}, []string{
			askGP, askCouncil, "not bth of Bowland Hospitals for allergies+results. " + bowland, notMat}},
		{"a part", record.AllSections, map[string]record.Sections{"RXB": of(record.Allergies)}, []string{
			askGP, "ask bth of Bowland Hospitals for results.", askCouncil,
			"not bth:closed of Bowland Hospitals for allergies. The person has objected to this part of Bowland Hospitals’s records being shared here.", notMat}},
		{"a part that it does not supply", record.AllSections, map[string]record.Sections{"RXB": of(record.Legal)}, []string{
			askGP, "ask bth of Bowland Hospitals for allergies+results.", askCouncil, notMat}},
		{"a part that the role does not see", of(record.Results, record.Medicines, record.SocialCare), map[string]record.Sections{"RXB": of(record.Allergies)}, []string{
			"ask gp1 of Wyre Bank Surgery for medicines.", "ask bth of Bowland Hospitals for results.", askCouncil, notMat}},
		{"the practice", record.AllSections, map[string]record.Sections{"P81001": of(record.Medicines)}, []string{
			"ask gp1 of Wyre Bank Surgery for allergies.", "ask bth of Bowland Hospitals for allergies+results.", askCouncil,
			"not gp1:closed of Wyre Bank Surgery for medicines. The person has objected to this part of Wyre Bank Surgery’s records being shared here.", notMat}},
	} {
		t.Run(c.name, func(t *testing.T) {
			plan, err := locator.Find(receipt{person: person(nil), sections: c.allowed, closed: c.closed}, locator.View{Directory: snapshot(t, region), Now: now})
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, told(plan)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// Nothing of the plan of a restricted person differs with the practice: its name would tell where the person lives.
func TestRestrictedPlansNameNoPractice(t *testing.T) {
	var plans [][]string
	for _, practice := range []record.Practice{{}, {ODS: "P81001", Name: "WYRE BANK SURGERY", Phone: "01632 960001"}, {ODS: "Z99", Name: "FAR SURGERY"}} {
		p := person(func(p *record.Person) { p.Restricted, p.Practice = true, practice })
		plan, err := locator.Find(receipt{person: p, sections: record.AllSections}, locator.View{Directory: snapshot(t, region), Now: now})
		if err != nil || len(plan.Ask) != 0 || plan.NotAsked[0].Organisation.ODS+plan.NotAsked[0].Organisation.Phone+plan.NotAsked[0].Feed != "" {
			t.Errorf("%s: %v, %v", practice.ODS, told(plan), err)
		}
		plans = append(plans, told(plan))
	}
	for _, other := range plans[1:] {
		if diff := cmp.Diff(plans[0], other); diff != "" {
			t.Error(diff)
		}
	}
}

func TestFindRefusesWithoutReceipt(t *testing.T) {
	for name, r := range map[string]locator.Receipt{"none": nil, "invalid": receipt{person: person(nil), sections: record.AllSections, invalid: true}} {
		plan, err := locator.Find(r, locator.View{Directory: snapshot(t, region), Now: now})
		if !errors.Is(err, locator.ErrNoReceipt) || len(plan.Ask)+len(plan.NotAsked) > 0 {
			t.Errorf("%s: plan %v, error %v", name, told(plan), err)
		}
	}
}

// A directory that knows nobody still says that the practice was not asked.
func TestFindInAnEmptyDirectory(t *testing.T) {
	plan, err := locator.Find(receipt{person: person(nil), sections: record.AllSections}, locator.View{Directory: new(directory.Snapshot), Now: now})
	if err != nil || len(plan.Ask) != 0 || len(plan.NotAsked) != 1 || plan.NotAsked[0].Reason != locator.UnknownPractice {
		t.Errorf("plan %v, error %v", told(plan), err)
	}
}

func BenchmarkFind(b *testing.B) {
	var text strings.Builder
	text.WriteString(`{"spine":{"from_asid":"1"},"organisations":[{"ods":"P81001","name":"n","short":"s","badge":"b","kind":"acute"}],"agreements":[{"id":"isa","title":"t","from":"2020-01-01","until":"2099-12-31","parties":["P81001"],"flows":[{"id":"f","sections":["allergies"]}]}],"feeds":[`)
	for i := range 30_000 {
		protocol := "gpconnect"
		if i < 40 {
			protocol = "fhirr4"
		}
		fmt.Fprintf(&text, `{"id":"f%d","organisation":"P81001","protocol":"%s","endpoint":"https://x.example/","sections":["allergies"],"stage": "live", "agreement": "isa", "flow": "f","allow_cidr":["10.0.0.0/8"]},`, i, protocol)
	}
	s := snapshot(b, strings.TrimSuffix(text.String(), ",")+`]}`)
	r := receipt{person: person(func(p *record.Person) { p.Practice.ODS = "P81002" }), sections: record.AllSections}
	for b.Loop() {
		if _, err := locator.Find(r, locator.View{Directory: s, Now: now}); err != nil {
			b.Fatal(err)
		}
	}
}
