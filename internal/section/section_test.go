package section_test

import (
	"strings"
	"testing"
	"time"

	"ribble/internal/access"
	"ribble/internal/identity"
	"ribble/internal/quarantine"
	"ribble/internal/record"
	"ribble/internal/relationship"
	"ribble/internal/section"
	"ribble/internal/sensitive"
	"ribble/web/panel"
	"ribble/web/ui"
)

var now = time.Date(2026, 11, 18, 14, 2, 9, 0, time.UTC)

var number, _ = record.ParseNHSNumber("999 141 1690")

func grant(t testing.TB) access.Grant {
	t.Helper()
	g, err := access.Decide(access.Request{
		User:   identity.User{Issuer: "i", Subject: "s", AssuranceLevel: 3, Role: identity.Role{ProfileID: "1", Activities: []string{"B0360"}}, Organisation: identity.Organisation{ODS: "BTH", Name: "Bowland"}},
		Person: record.Person{NHSNumber: number, TracedAt: now, Demographics: demographics()}, Purpose: access.DirectCare, At: now,
		Facts: access.Facts{Relationships: []relationship.Evidence{{Kind: relationship.Caseload, Organisation: "BTH"}}},
	})
	if err != nil {
		t.Fatal(err)
	}
	return g
}

func demographics() record.Demographics {
	return record.Demographics{
		Identifiers: []record.Identifier{{System: record.NHSNumberSystem, Value: number.Digits()}}, NumberStatus: "01",
		Names: []record.Name{{Use: "usual", Family: "Ashworth", Given: []string{"Edith"}}}, Born: record.ParseDate("1942-03-03"), Gender: "female",
	}
}

// source makes the answer of one source; fill gives its chart and coverage.
func source(feed string, fill func(*record.Answer)) record.Answer {
	short := strings.ToUpper(feed)
	a := record.Answer{
		Source: record.SourceRef{Feed: feed, Organisation: record.Organisation{ODS: short, Name: short + " Trust", Short: short, Badge: short, Kind: "acute"}, RetrievedAt: now},
		State:  record.Data, Patients: []record.Demographics{demographics()},
	}
	for i := range a.Coverage {
		a.Coverage[i] = record.Coverage{State: record.NotAsked, Detail: record.NotSupplied}
	}
	fill(&a)
	return a
}

func view(t testing.TB, answers ...record.Answer) *section.View {
	t.Helper()
	g := grant(t)
	v := &section.View{Now: now, Own: "BTH"}
	for _, a := range answers {
		v.Answers = append(v.Answers, new(sensitive.Policy).Clear(g, quarantine.Check(g.Person(), a, quarantine.Other)))
	}
	return v
}

func allergyTo(code, name string) record.Allergy {
	return record.Allergy{
		Head:  record.Head{Key: record.ItemKey{Type: "AllergyIntolerance", ID: code}, Phase: record.Current, RawStatus: "active"},
		Agent: record.Concept{Codings: []record.Coding{{System: record.SNOMED, Code: code, Display: name}}}, Categories: []string{"medication"},
	}
}

func noKnown() record.Allergy {
	a := allergyTo("716186003", "No known allergy")
	a.Nil, a.Categories = section.AllKinds, nil
	return a
}

// inState makes a source that is in the given state for allergies.
func inState(feed string, s record.State) record.Answer {
	return source(feed, func(a *record.Answer) {
		switch s {
		case record.Data:
			a.Chart.Allergies = []record.Allergy{allergyTo("91936005", "Penicillin")}
		case record.NilAsserted:
			a.Chart.Allergies = []record.Allergy{noKnown()}
		case record.Mismatch, record.Unavailable, record.Refused, record.NotKnownHere:
			a.State, a.Patients = s, nil
		}
		a.Coverage[record.Allergies] = record.Coverage{State: s, Detail: "why"}
	})
}

// TestNoKnownAllergiesOracle runs all 11³ combinations of three sources' states against rule R1, written out again from its words.
func TestNoKnownAllergiesOracle(t *testing.T) {
	for a := record.Data; a <= record.Uninterpretable; a++ {
		for b := record.Data; b <= record.Uninterpretable; b++ {
			for c := record.Data; c <= record.Uninterpretable; c++ {
				states := []record.State{a, b, c}
				v := view(t, inState("a", a), inState("b", b), inState("c", c))
				got := section.SummariseAllergies(v)
				allTwoOrThree, oneTwo, active := true, false, false
				for _, s := range states {
					allTwoOrThree = allTwoOrThree && (s == 2 || s == 3)
					oneTwo = oneTwo || s == 2
					active = active || s == 1
				}
				if want := allTwoOrThree && oneTwo; got.NoneKnown != want {
					t.Fatalf("%v: none known %v, want %v", states, got.NoneKnown, want)
				}
				if want := active && oneTwo; got.Conflict != want {
					t.Fatalf("%v: conflict %v, want %v", states, got.Conflict, want)
				}
				if said := words(section.Flags(v, record.Person{})); strings.Contains(said, "No known allergies") != (allTwoOrThree && oneTwo) {
					t.Fatalf("%v: the banner says %q", states, said)
				}
			}
		}
	}
}

func TestWaitingSourceForbidsNoKnownAllergies(t *testing.T) {
	v := view(t, inState("a", record.NilAsserted))
	v.Waiting = []section.Waiting{{Ref: record.SourceRef{Feed: "b", Organisation: record.Organisation{Short: "B", Name: "B Trust"}}, Sections: record.SectionsOf(record.Allergies)}}
	if section.SummariseAllergies(v).NoneKnown {
		t.Error("none known while a source is awaited")
	}
	p := section.Panel(v, record.Allergies, 1)
	if !p.Provisional || !strings.Contains(p.Coverage.Text, "Not a total") {
		t.Errorf("the list does not say that it is provisional: %+v", p.Coverage)
	}
}

func words(f panel.Flags) string {
	s := ""
	for _, flag := range f.Flags {
		s += flag.Lead + flag.Link + flag.Text + "\n"
	}
	return s
}

// TestEveryStateHasItsWords: each of the eleven states of a source gives its own notice or coverage in the section, and the loud ones a banner flag.
func TestEveryStateHasItsWords(t *testing.T) {
	want := map[record.State]string{
		record.NilAsserted: "stated by A Trust", record.NoneRecorded: "nothing recorded at A", record.NotKnownHere: "not known here", record.Refused: "refused to share",
		record.Withheld: "withheld", record.Incomplete: "INCOMPLETE", record.Unavailable: "no answer", record.NotAsked: "not asked", record.Mismatch: "someone else",
		record.Uninterpretable: "cannot be read safely",
	}
	for s := record.Data; s <= record.Uninterpretable; s++ {
		v := view(t, inState("a", s))
		p := section.Panel(v, record.Allergies, 1)
		said := ""
		for _, n := range p.Notices {
			said += n.Lead + " " + n.Text + "\n"
		}
		if !strings.Contains(said, want[s]) {
			t.Errorf("%v says %q, want %q", s, said, want[s])
		}
		loudNotice := false
		for _, n := range p.Notices {
			loudNotice = loudNotice || n.Kind == ui.NoteLoud || n.Kind == ui.NoteMismatch
		}
		if loudNotice != s.Loud() {
			t.Errorf("%v: loud notice %v", s, loudNotice)
		}
		loudFlag := false
		for _, f := range section.Flags(v, record.Person{}).Flags {
			loudFlag = loudFlag || f.Kind == ui.FlagLoud
		}
		if loudFlag != s.Loud() {
			t.Errorf("%v: loud flag %v", s, loudFlag)
		}
	}
}

func TestEverySectionIsBuilt(t *testing.T) {
	v := view(t, inState("a", record.NoneRecorded))
	for s := range record.AllSections.All {
		if p := section.Panel(v, s, 1); p.ID != s.ID() || p.Title == "" {
			t.Errorf("section %s: %+v", s.ID(), p)
		}
	}
}

// TestNeverABareNone: a section without entries always says why it is empty (rule R2).
func TestNeverABareNone(t *testing.T) {
	for state := record.NilAsserted; state <= record.Uninterpretable; state++ {
		for s := range record.AllSections.All {
			v := view(t, source("a", func(a *record.Answer) {
				if state == record.Mismatch || state == record.Unavailable || state == record.Refused || state == record.NotKnownHere {
					a.State, a.Patients = state, nil
				}
				for i := range a.Coverage {
					a.Coverage[i] = record.Coverage{State: state, Detail: "why"}
				}
			}))
			if p := section.Panel(v, s, 1); len(p.Notices) == 0 || p.Coverage.Text == "" {
				t.Errorf("%s in state %v is empty without a word", s.ID(), state)
			}
		}
	}
}

func TestGroupedRowKeepsBothSources(t *testing.T) {
	with := func(feed string) record.Answer {
		return source(feed, func(a *record.Answer) {
			a.Chart.Allergies = []record.Allergy{allergyTo("91936005", "Penicillin")}
			a.Coverage[record.Allergies] = record.Coverage{State: record.Data}
		})
	}
	p := section.Panel(view(t, with("a"), with("b")), record.Allergies, 1)
	var table panel.Table
	for _, b := range p.Blocks {
		if found, ok := b.(panel.Table); ok {
			table = found
		}
	}
	if len(table.Bodies) != 1 || len(table.Bodies[0].Rows) != 1 || table.Bodies[0].More == nil || len(table.Bodies[0].More.Rows) != 2 {
		t.Fatalf("two equal allergies of two sources: %+v", table.Bodies)
	}
	if got := strings.Join(p.Foot, " "); got != "Received 2 = shown 1 + grouped 1." {
		t.Errorf("foot: %q", got)
	}
}

func TestMedicineDoseDiffers(t *testing.T) {
	medicine := func(feed, dose string, phase record.Phase) record.Answer {
		return source(feed, func(a *record.Answer) {
			a.Chart.Medicines = []record.Medicine{{
				Head:    record.Head{Key: record.ItemKey{Type: "MedicationStatement", ID: feed}, Phase: phase, RawStatus: phase.String()},
				Product: record.Concept{Codings: []record.Coding{{System: record.SNOMED, Code: "318434000", Display: "Bisoprolol 2.5 mg tablets"}}}, Dose: dose, Course: record.Repeat,
			}}
			a.Coverage[record.Medicines] = record.Coverage{State: record.Data}
		})
	}
	p := section.Panel(view(t, medicine("a", "ONE each morning", record.Current), medicine("b", "HALF each morning", record.Current)), record.Medicines, 1)
	found := false
	for _, b := range p.Blocks {
		if table, ok := b.(panel.Table); ok {
			for _, body := range table.Bodies {
				found = found || (strings.Contains(body.Differs, "dose differs") && len(body.Rows) == 2)
			}
		}
	}
	if !found {
		t.Errorf("the two doses do not stand side by side: %+v", p.Blocks)
	}
}

func TestLateRowsStandLast(t *testing.T) {
	with := func(feed, code, name string) record.Answer {
		return source(feed, func(a *record.Answer) {
			a.Chart.Allergies = []record.Allergy{allergyTo(code, name)}
			a.Chart.Allergies[0].Criticality = map[string]string{"b": "high"}[feed]
			a.Coverage[record.Allergies] = record.Coverage{State: record.Data}
		})
	}
	v := view(t, with("a", "1", "Latex"), with("b", "2", "Penicillin"))
	if first := firstRow(section.Panel(v, record.Allergies, 1)); first != "Penicillin" {
		t.Fatalf("the more dangerous allergy is not first: %s", first)
	}
	v.Late = map[string]int{"b": 1}
	if first := firstRow(section.Panel(v, record.Allergies, 2)); first != "Latex" {
		t.Errorf("a late row moved above one that was shown: %s", first)
	}
}

// Of rows that came late at different times, those that stood before stay above those that came after.
func TestLaterRowsStandBehindLateOnes(t *testing.T) {
	with := func(feed, code, name string) record.Answer {
		return source(feed, func(a *record.Answer) {
			a.Chart.Allergies = []record.Allergy{allergyTo(code, name)}
			a.Coverage[record.Allergies] = record.Coverage{State: record.Data}
		})
	}
	v := view(t, with("a", "1", "Latex"), with("b", "2", "Penicillin"))
	for first, late := range map[string]map[string]int{"Latex": {"a": 1, "b": 2}, "Penicillin": {"a": 2, "b": 1}} {
		v.Late = late
		if got := firstRow(section.Panel(v, record.Allergies, 3)); got != first {
			t.Errorf("%v: %s stands first", late, got)
		}
	}
}

func firstRow(p panel.Panel) string {
	for _, b := range p.Blocks {
		if table, ok := b.(panel.Table); ok {
			return table.Bodies[0].Rows[0].Cells[0].Lines[0].Text
		}
	}
	return ""
}

// TestEverySectionHasNames: an entry of any section can be named, so that a problem with it can be reported.
func TestEverySectionHasNames(t *testing.T) {
	for s := range record.AllSections.All {
		a := record.Answer{Chart: oneOfEach()}
		a.Chart.Heads(s, func(h *record.Head) { h.Source = new(record.SourceRef) })
		if got := section.Names(&a, s); len(got) != 1 || got[0].Words == "" {
			t.Errorf("%s: %+v", s.ID(), got)
		}
	}
}

// oneOfEach has an empty entry in every section.
func oneOfEach() record.Chart {
	return record.Chart{
		Allergies: make([]record.Allergy, 1), Medicines: make([]record.Medicine, 1), Problems: make([]record.Problem, 1), Alerts: make([]record.Alert, 1),
		Plans: make([]record.Plan, 1), Legal: make([]record.LegalStatus, 1), Results: make([]record.Report, 1), Imaging: make([]record.Report, 1),
		Measurements: make([]record.Measurement, 1), Encounters: make([]record.Encounter, 1), Consultations: make([]record.Consultation, 1),
		Appointments: make([]record.Appointment, 1), Referrals: make([]record.Referral, 1), Immunisations: make([]record.Immunisation, 1),
		Procedures: make([]record.Procedure, 1), Documents: make([]record.Document, 1), SocialCare: make([]record.SocialCareEntry, 1),
		AboutMe: make([]record.AboutMeEntry, 1), Network: make([]record.Contact, 1), History: make([]record.HistoryEntry, 1), Other: make([]record.OtherEntry, 1),
	}
}
