package access_test

import (
	"strings"
	"testing"

	"ribble/internal/access"
	"ribble/internal/consent"
	"ribble/internal/directory"
	"ribble/internal/locator"
	"ribble/internal/quarantine"
	"ribble/internal/record"
	"ribble/internal/relationship"
	"ribble/internal/sensitive"
)

// sourceRegion has one source of each kind that the policy speaks of.
const sourceRegion = `{
	"organisations": [
		{"ods": "P81001", "name": "Wyre Bank Surgery", "short": "Wyre Bank", "badge": "GP", "kind": "gp-practice"},
		{"ods": "RXX", "name": "Bowland", "short": "Bowland", "badge": "BTH", "kind": "acute"},
		{"ods": "RZB", "name": "Hodder", "short": "Hodder", "badge": "HH", "kind": "acute"},
		{"ods": "RZC", "name": "Calder", "short": "Calder", "badge": "CH", "kind": "acute"},
		{"ods": "RZD", "name": "Stores", "short": "Stores", "badge": "ST", "kind": "store"}
	],
	"agreements": [{"id": "isa", "title": "Agreement", "from": "2020-01-01", "until": "2099-12-31", "parties": ["P81001", "RXX", "RZB", "RZC", "RZD"], "flows": [{"id": "f", "sections": ["allergies", "medicines", "results", "documents"]}]}],
	"feeds": [
		{"id": "practice", "organisation": "P81001", "protocol": "gpconnect", "sections": ["allergies", "medicines"], "stage": "live", "agreement": "isa", "flow": "f"},
		{"id": "own-hospital", "organisation": "RXX", "protocol": "fhirr4", "endpoint": "https://a.example/", "sections": ["allergies", "medicines", "results"], "stage": "live", "agreement": "isa", "flow": "f", "allow_cidr": ["10.0.0.0/8"]},
		{"id": "other-hospital", "organisation": "RZB", "protocol": "fhirr4", "endpoint": "https://b.example/", "sections": ["allergies", "medicines", "results"], "stage": "live", "agreement": "isa", "flow": "f", "allow_cidr": ["10.0.0.0/8"]},
		{"id": "planned-hospital", "organisation": "RZC", "protocol": "fhirr4", "endpoint": "https://c.example/", "sections": ["allergies"], "stage": "off", "allow_cidr": ["10.0.0.0/8"]},
		{"id": "records-office", "organisation": "RZD", "protocol": "fhirr4", "endpoint": "https://d.example/", "sections": ["documents"], "stage": "live", "agreement": "isa", "flow": "f", "allow_cidr": ["10.0.0.0/8"]}
	],
	"spine": {"from_asid": "1"}
}`

var sourceNames = []string{"practice", "own-hospital", "other-hospital", "planned-hospital", "records-office"}

func names(set record.Sections) string {
	var out []string
	for s := range set.All {
		out = append(out, s.ID())
	}
	return strings.Join(out, " ")
}

// toldOf is what becomes of a source in a plan, in the words of the policy.
func toldOf(plan locator.Plan, source string) string {
	said := "not asked"
	for _, c := range plan.Ask {
		if c.Feed.ID == source {
			said = "asked for " + names(c.Sections)
		}
	}
	for _, n := range plan.NotAsked {
		if n.Feed == source+":closed" {
			said += ", told of " + names(n.Sections)
		}
	}
	return said
}

// only keeps the named values of an axis.
func only(name string, keep ...string) axis {
	for _, a := range axes {
		if a.name != name {
			continue
		}
		var kept []value
		for _, v := range a.values {
			if fits(strings.Join(keep, " "), v.name) {
				kept = append(kept, v)
			}
		}
		return axis{name, kept}
	}
	panic("no axis " + name)
}

func TestMatrixOfSources(t *testing.T) {
	p, n := readPolicy(t), 0
	snapshot, err := directory.Load(strings.NewReader(sourceRegion))
	if err != nil {
		t.Fatal(err)
	}
	for _, role := range only("role", "social-worker", "clinician", "mental-health-nurse").values {
		for _, person := range only("person", "ordinary", "restricted", "deceased", "listed").values {
			for _, said := range only("consent", "nothing", "objected-elsewhere", "objected-to-supply", "objected-to-a-supply").values {
				for _, glass := range only("glass", "none", "open").values {
					q := request(role.apply, person.apply, said.apply, glass.apply)
					q.Facts.Relationships = append(q.Facts.Relationships, evidence(relationship.SelfClaimed))
					q.Person.Practice.ODS = "P81001"
					grant, err := access.Decide(q)
					if err != nil {
						t.Fatal(err)
					}
					plan, err := locator.Find(grant, locator.View{Directory: snapshot, Now: now})
					if err != nil {
						t.Fatal(err)
					}
					for _, source := range sourceNames {
						n++
						c := cell{"role": role.name, "person": person.name, "consent": said.name, "source": source}
						if got, want := toldOf(plan, source), p.says("asking", c); got != want {
							t.Errorf("got %q, the policy says %q: %v, glass %s", got, want, c, glass.name)
						}
					}
				}
			}
		}
	}
	t.Logf("%d cells", n)
	p.unused(t, "asking")
}

// marks are what a source may say of an entry.
var marks = map[string]func(*record.Alert){
	"none":             func(*record.Alert) {},
	"normal":           func(a *record.Alert) { a.Labelled(confidentiality("N")) },
	"restricted":       func(a *record.Alert) { a.Labelled(confidentiality("R")) },
	"very-restricted":  func(a *record.Alert) { a.Labelled(confidentiality("V")) },
	"unknown-label":    func(a *record.Alert) { a.Labelled(confidentiality("X")) },
	"few-eyes":         func(a *record.Alert) { a.SensitiveKind = true },
	"label-and-normal": func(a *record.Alert) { a.Labelled(append(confidentiality("N"), confidentiality("R")...)) },
}

func confidentiality(code string) []record.Label {
	return []record.Label{{System: "http://terminology.hl7.org/CodeSystem/v3-Confidentiality", Code: code}}
}

// sent is a checked answer of the other hospital with one alert.
func sent(t *testing.T, q access.Request, mark func(*record.Alert)) quarantine.Checked {
	t.Helper()
	patient := record.Demographics{
		Identifiers: []record.Identifier{{System: record.NHSNumberSystem, Value: q.Person.NHSNumber.Digits()}}, NumberStatus: "01",
		Names: []record.Name{{Use: "usual", Family: "Ashworth", Given: []string{"Edith"}}}, Born: record.ParseDate("1942-03-03"), Gender: "female",
	}
	alert := record.Alert{Head: record.Head{Key: record.ItemKey{Type: "Flag", ID: "1"}, Phase: record.Current}}
	mark(&alert)
	a := record.Answer{
		Source: record.SourceRef{Feed: "other-hospital", Organisation: record.Organisation{ODS: other, Name: "Hodder", Short: "Hodder"}, RetrievedAt: now},
		State:  record.Data, Patients: []record.Demographics{patient}, Chart: record.Chart{Alerts: []record.Alert{alert}},
	}
	a.Account.Receive("Flag")
	a.Account.Place("Flag", record.Shown)
	a.Settle(record.AllSections)
	person := q.Person
	person.Demographics = patient
	checked := quarantine.Check(person, a, quarantine.Other)
	if !checked.Valid() {
		t.Fatal("the answer was not taken for the person's")
	}
	return checked
}

func TestMatrixOfEntries(t *testing.T) {
	p, n := readPolicy(t), 0
	for _, role := range only("role", "social-worker", "clinician", "trainee", "mental-health-nurse", "local-clinician").values {
		for _, glass := range axes[len(axes)-1].values {
			for name, mark := range marks {
				n++
				q := request(role.apply, glass.apply)
				grant, err := access.Decide(q)
				if err != nil {
					t.Fatal(err)
				}
				got := "withheld"
				if len((*sensitive.Policy)(nil).Clear(grant, sent(t, q, mark)).Answer().Chart.Alerts) == 1 {
					got = "shown"
				}
				if want := p.says("entries", cell{"role": role.name, "mark": name}); got != want {
					t.Errorf("%s, %s, glass %s: %s, the policy says %s", role.name, name, glass.name, got, want)
				}
			}
		}
	}
	t.Logf("%d cells", n)
	p.unused(t, "entries")
}

// What the person has closed at an organisation never stands on the page, also when the organisation sends it unasked.
func TestClosedEntriesAreTakenOut(t *testing.T) {
	for name, change := range map[string]func(*access.Request){"as always": leave, "in an emergency": glass} {
		for _, closed := range []record.Sections{record.SectionsOf(record.Alerts), record.SectionsOf(record.Results)} {
			q := request(change, objected(consent.Supply, other, closed))
			grant, err := access.Decide(q)
			if err != nil {
				t.Fatal(err)
			}
			answer := (*sensitive.Policy)(nil).Clear(grant, sent(t, q, func(*record.Alert) {})).Answer()
			want := 1
			if closed.Has(record.Alerts) {
				want = 0
			}
			if total := answer.Account.Total(); len(answer.Chart.Alerts) != want || total.Fates[record.HeldBack] != 1-want || answer.Account.Unaccounted() != 0 {
				t.Errorf("%s: %d alerts of a closed part, %v", name, len(answer.Chart.Alerts), total)
			}
		}
	}
}
