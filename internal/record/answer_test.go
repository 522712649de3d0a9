package record_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
	"ribble/internal/record"
)

var allStates = []record.State{
	record.Data, record.NilAsserted, record.NoneRecorded, record.NotKnownHere, record.Refused, record.Withheld, record.Incomplete,
	record.Unavailable, record.NotAsked, record.Mismatch, record.Uninterpretable,
}

func TestStatesAreEleven(t *testing.T) {
	if len(allStates) != record.NumStates-1 {
		t.Fatalf("%d states listed, %d defined", len(allStates), record.NumStates-1)
	}
	for _, s := range allStates {
		if back, ok := record.StateByName(s.String()); !ok || back != s {
			t.Errorf("%v does not come back from its name", s)
		}
		if s.Whole() && s.Loud() {
			t.Errorf("%v is whole and loud at once", s)
		}
		_ = s.HasRows()
	}
	if record.State(0).String() != "INVALID" || record.State(200).String() != "INVALID" {
		t.Error("a state that is none must say so")
	}
	if _, ok := record.StateByName(""); ok {
		t.Error("the empty name is no state")
	}
	for name, use := range map[string]func(){"Loud": func() { record.State(0).Loud() }, "Whole": func() { record.State(0).Whole() }, "HasRows": func() { record.State(0).HasRows() }} {
		if !panics(use) {
			t.Errorf("%s must refuse the zero state", name)
		}
	}
}

func panics(f func()) (did bool) {
	defer func() { did = recover() != nil }()
	f()
	return false
}

// A graver state always leads, whichever came first, and a state that says more than "rows came" or "nothing came" is never lost,
// unless the answer itself failed.
func TestRaiseOverEveryPair(t *testing.T) {
	remembered := map[record.State]bool{record.Withheld: true, record.Uninterpretable: true, record.Incomplete: true, record.NilAsserted: true, record.NotAsked: true}
	for _, first := range allStates {
		for _, second := range allStates {
			var ab, ba record.Coverage
			ab.Raise(first, "first")
			ab.Raise(second, "second")
			ba.Raise(second, "second")
			ba.Raise(first, "first")
			if first != second && ab.State != ba.State {
				t.Errorf("%v and %v: %v leads or %v, by order of arrival", first, second, ab.State, ba.State)
			}
			if ab.State != first && ab.State != second {
				t.Errorf("%v and %v gave %v", first, second, ab.State)
			}
			for _, s := range []record.State{first, second} {
				if remembered[s] && !mentions(ab, s) {
					t.Errorf("%v and %v: %v was forgotten", first, second, s)
				}
			}
		}
	}
}

func mentions(c record.Coverage, s record.State) bool {
	for _, r := range c.Also {
		if r.State == s {
			return true
		}
	}
	return c.State == s
}

func TestRaiseTheSameTwice(t *testing.T) {
	var c record.Coverage
	c.Raise(record.Incomplete, "in transit")
	c.Raise(record.Incomplete, "in transit")
	c.Raise(record.Incomplete, "awaiting filing")
	want := record.Coverage{State: record.Incomplete, Detail: "in transit", Also: []record.Remark{{State: record.Incomplete, Detail: "awaiting filing"}}}
	if diff := cmp.Diff(want, c); diff != "" {
		t.Error(diff)
	}
}

func source() record.SourceRef {
	return record.SourceRef{Feed: "f", Organisation: record.Organisation{ODS: "RXX", Name: "Bowland"}}
}

func TestFailedCoversEverySection(t *testing.T) {
	asked := record.SectionsOf(record.Allergies, record.Other)
	a := record.Failed(source(), asked, record.Refused, "The source refused.")
	for i, c := range a.Coverage {
		want := record.Coverage{State: record.NotAsked, Detail: record.NotSupplied}
		if asked.Has(record.Section(i)) {
			want = record.Coverage{State: record.Refused, Detail: "The source refused."}
		}
		if diff := cmp.Diff(want, c); diff != "" {
			t.Errorf("%s: %s", record.Section(i).ID(), diff)
		}
	}
}

func TestSettle(t *testing.T) {
	nothing := record.Allergy{Agent: record.Words("No known allergy"), Nil: "all kinds"}
	penicillin := record.Allergy{Agent: record.Words("Penicillin")}
	for _, c := range []struct {
		name      string
		allergies []record.Allergy
		touched   record.Coverage
		asked     record.Sections
		want      record.Coverage
	}{
		{"rows", []record.Allergy{penicillin}, record.Coverage{}, record.AllSections, record.Coverage{State: record.Data}},
		{"a coded statement of none", []record.Allergy{nothing}, record.Coverage{}, record.AllSections, record.Coverage{State: record.NilAsserted, Detail: "No known allergy"}},
		{"a statement of none beside an allergy", []record.Allergy{nothing, penicillin}, record.Coverage{}, record.AllSections, record.Coverage{State: record.Data}},
		{"nothing came", nil, record.Coverage{}, record.AllSections, record.Coverage{State: record.NoneRecorded}},
		{"nothing came, but items are withheld", nil, record.Coverage{State: record.Withheld}, record.AllSections, record.Coverage{State: record.Withheld}},
		{"rows beside a warning", []record.Allergy{penicillin}, record.Coverage{State: record.Incomplete, Detail: "in transit"}, record.AllSections, record.Coverage{State: record.Incomplete, Detail: "in transit"}},
		{"none stated beside a warning", []record.Allergy{nothing}, record.Coverage{State: record.Incomplete, Detail: "in transit"}, record.AllSections,
			record.Coverage{State: record.Incomplete, Detail: "in transit", Also: []record.Remark{{State: record.NilAsserted, Detail: "No known allergy"}}}},
		{"not asked", nil, record.Coverage{}, record.SectionsOf(record.Other), record.Coverage{State: record.NotAsked, Detail: record.NotSupplied}},
	} {
		a := record.Answer{Source: source(), State: record.Data}
		a.Coverage[record.Allergies] = c.touched
		for _, entry := range c.allergies {
			a.Chart.Allergies = append(a.Chart.Allergies, entry)
			a.Account.Receive("AllergyIntolerance")
			a.Account.Place("AllergyIntolerance", record.Shown)
		}
		a.Settle(c.asked)
		if diff := cmp.Diff(c.want, a.Coverage[record.Allergies]); diff != "" {
			t.Errorf("%s: %s", c.name, diff)
		}
		for i, cover := range a.Coverage {
			if cover.State == 0 {
				t.Errorf("%s: %s has no state", c.name, record.Section(i).ID())
			}
		}
	}
}

// A difference of one between what came and what is accounted for fails the whole answer (section 25), and keeps the signs of a wrong person.
func TestSettleFailsAnUnbalancedAccount(t *testing.T) {
	for name, spoil := range map[string]func(*record.Answer){
		"received without fate":    func(a *record.Answer) { a.Account.Receive("Condition") },
		"fate without receipt":     func(a *record.Answer) { a.Account.Place("Condition", record.Used) },
		"one missing, one surplus": func(a *record.Answer) { a.Account.Receive("Condition"); a.Account.Place("Flag", record.Used) },
		"shown but on no row": func(a *record.Answer) {
			a.Account.Receive("Condition")
			a.Account.Place("Condition", record.Shown)
		},
		"a row that was never received": func(a *record.Answer) { a.Chart.Problems = make([]record.Problem, 1) },
	} {
		a := record.Answer{Source: source(), State: record.Data, Foreign: 2, Patients: make([]record.Demographics, 1), Warnings: []string{"w"}}
		spoil(&a)
		a.Settle(record.AllSections)
		if a.State != record.Unavailable || a.Coverage[record.Problems].State != record.Unavailable || len(a.Chart.Problems) != 0 {
			t.Errorf("%s: state %v, problems %v", name, a.State, a.Coverage[record.Problems].State)
		}
		if a.Foreign != 2 || len(a.Patients) != 1 || a.Source != source() {
			t.Errorf("%s: what tells a wrong person was lost", name)
		}
	}
}

func TestAccount(t *testing.T) {
	var a record.Account
	for range 3 {
		a.Receive("Observation")
	}
	a.Receive("Patient")
	a.Place("Patient", record.Used)
	a.Place("Observation", record.Shown)
	a.Place("Observation", record.Removed)
	if got := a.Unaccounted(); got != 1 {
		t.Errorf("unaccounted %d, want 1", got)
	}
	a.Place("Observation", record.Shown)
	a.Move("Observation", record.Shown, record.HeldBack)
	if got := a.Unaccounted(); got != 0 {
		t.Errorf("unaccounted %d, want 0", got)
	}
	want := record.AccountRow{Received: 4, Fates: [record.NumFates]int{record.Shown: 1, record.Used: 1, record.HeldBack: 1, record.Removed: 1}}
	if diff := cmp.Diff(want, a.Total()); diff != "" {
		t.Error(diff)
	}
	before := a
	a.QuarantineAll()
	if got := a.Total().Fates; got != [record.NumFates]int{record.Quarantined: 4} || a.Unaccounted() != 0 {
		t.Errorf("after quarantine: %v", got)
	}
	if before.Total().Fates[record.Quarantined] != 0 {
		t.Error("quarantine changed a copy made before")
	}
	if rows := a.Rows(); len(rows) != 2 || rows[0].Type != "Observation" {
		t.Errorf("rows %v: the order of arrival was lost", rows)
	}
	for f := range record.Fate(record.NumFates) {
		if f.String() == "" {
			t.Errorf("fate %d has no words", f)
		}
	}
}

// Whatever moves between fates, the account stays balanced; whatever is lost, it is noticed.
func TestAccountConserves(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var a record.Account
		types := rapid.SampledFrom([]string{"Patient", "Observation", "Condition"})
		fates := rapid.Custom(func(t *rapid.T) record.Fate { return record.Fate(rapid.IntRange(0, record.NumFates-1).Draw(t, "fate")) })
		for range rapid.IntRange(1, 30).Draw(t, "n") {
			kind, from, to := types.Draw(t, "type"), fates.Draw(t, "from"), fates.Draw(t, "to")
			a.Receive(kind)
			a.Place(kind, from)
			a.Move(kind, from, to)
		}
		if a.Unaccounted() != 0 {
			t.Fatal("a balanced account is reported as unbalanced")
		}
		a.Receive(types.Draw(t, "lost"))
		if a.Unaccounted() != 1 {
			t.Fatal("a lost resource went unnoticed")
		}
	})
}

// Each section has one place in the chart, and an entry counts for itself and what it covers, once.
func TestChartHeadsReachEverySection(t *testing.T) {
	chart := record.Chart{
		Allergies: make([]record.Allergy, 1), Medicines: make([]record.Medicine, 1), Problems: make([]record.Problem, 1), Alerts: make([]record.Alert, 1),
		Plans: make([]record.Plan, 1), Legal: make([]record.LegalStatus, 1), Results: make([]record.Report, 1), Imaging: make([]record.Report, 1),
		Measurements: make([]record.Measurement, 1), Encounters: make([]record.Encounter, 1), Consultations: make([]record.Consultation, 1),
		Appointments: make([]record.Appointment, 1), Referrals: make([]record.Referral, 1), Immunisations: make([]record.Immunisation, 1),
		Procedures: make([]record.Procedure, 1), Documents: make([]record.Document, 1), SocialCare: make([]record.SocialCareEntry, 1),
		AboutMe: make([]record.AboutMeEntry, 1), Network: make([]record.Contact, 1), History: make([]record.HistoryEntry, 1), Other: make([]record.OtherEntry, 1),
	}
	for s := range record.AllSections.All {
		chart.Heads(s, func(h *record.Head) { h.Add().Covers = make([]record.ItemKey, 2) })
		if resources, rows := chart.Count(s); resources != 3 || rows != 1 {
			t.Errorf("%s: %d resources in %d rows, want 3 in 1", s.ID(), resources, rows)
		}
		chart.Heads(s, func(h *record.Head) { h.CrossListed = true })
		if resources, _ := chart.Count(s); resources != 2 {
			t.Errorf("%s: a cross-listed entry counts its own resource again", s.ID())
		}
	}
}

func TestSections(t *testing.T) {
	if record.AllSections.Len() != record.NumSections {
		t.Fatalf("all sections are %d of %d", record.AllSections.Len(), record.NumSections)
	}
	for s := range record.AllSections.All {
		if back, ok := record.SectionByID(s.ID()); !ok || back != s || s.Title() == "" || s.Noun() == "" {
			t.Errorf("section %d lacks an id, a title or a noun", s)
		}
	}
	set := record.SectionsOf(record.Other, record.Allergies)
	var order []record.Section
	for s := range set.All {
		order = append(order, s)
	}
	if diff := cmp.Diff([]record.Section{record.Allergies, record.Other}, order); diff != "" {
		t.Error(diff)
	}
	if _, ok := record.SectionByID("nonsense"); ok {
		t.Error("an unknown id is no section")
	}
}
