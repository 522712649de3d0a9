package section_test

import (
	"fmt"
	"strings"
	"testing"

	"ribble/internal/record"
	"ribble/internal/section"
	"ribble/web/panel"
)

// one makes a source with data for the section.
func one(feed string, s record.Section, fill func(*record.Chart)) record.Answer {
	return source(feed, func(a *record.Answer) {
		fill(&a.Chart)
		a.Coverage[s] = record.Coverage{State: record.Data}
	})
}

func inPhase(id string, p record.Phase, status string) record.Head {
	return record.Head{Key: record.ItemKey{Type: "T", ID: id}, Phase: p, RawStatus: status}
}

func coded(code, name string) record.Concept {
	return record.Concept{Codings: []record.Coding{{System: record.SNOMED, Code: code, Display: name}}}
}

// under gives the printed text of the lists of a panel by heading.
func under(t *testing.T, p panel.Panel) map[string]string {
	t.Helper()
	out, heading := map[string]string{}, ""
	for _, b := range p.Blocks {
		if h, is := b.(panel.Heading); is {
			heading = h.Text
			continue
		}
		out[heading] += printed(t, panel.Panel{ID: "x", Blocks: []panel.Block{b}})
	}
	return out
}

// TestEachEntryStandsUnderItsOwnHeading: what has ended, was not kept, was only proposed or is not certain never stands among what counts.
func TestEachEntryStandsUnderItsOwnHeading(t *testing.T) {
	for name, k := range map[string]struct {
		section record.Section
		fill    func(*record.Chart)
		heading string
	}{
		"a significance in capitals": {record.Problems, func(c *record.Chart) {
			c.Problems = []record.Problem{{Head: inPhase("1", record.Current, "active"), Problem: record.Words("Target"), Significance: "Major"}}
		}, "Active, major"},
		"a significance that nobody knows": {record.Problems, func(c *record.Chart) {
			c.Problems = []record.Problem{{Head: inPhase("1", record.Current, "active"), Problem: record.Words("Target"), Significance: "grave"}}
		}, "Active, significance not said"},
		"an adjustment that has ended": {record.AboutMe, func(c *record.Chart) {
			c.AboutMe = []record.AboutMeEntry{{Head: inPhase("1", record.Ended, "inactive"), What: record.Words("Target"), Kind: record.Adjustment}}
		}, "Ended or ruled out"},
		"a cancelled appointment": {record.Appointments, func(c *record.Chart) {
			c.Appointments = []record.Appointment{{Head: inPhase("1", record.Ended, "cancelled"), Service: record.Words("Target")}}
		}, "Cancelled and missed"},
		"a missed appointment": {record.Appointments, func(c *record.Chart) {
			c.Appointments = []record.Appointment{{Head: inPhase("1", record.Ended, "noshow"), Service: record.Words("Target")}}
		}, "Cancelled and missed"},
		"a draft consent": {record.Legal, func(c *record.Chart) {
			c.Legal = []record.LegalStatus{{Head: inPhase("1", record.Draft, "draft"), Status: record.Words("Target")}}
		}, "Draft or proposed, not in force"},
		"a proposed medicine": {record.Medicines, func(c *record.Chart) {
			c.Medicines = []record.Medicine{{Head: inPhase("1", record.Planned, "active"), Product: record.Words("Target"), Course: record.Repeat}}
		}, "Planned or proposed, not yet on"},
		"a service not begun": {record.SocialCare, func(c *record.Chart) {
			c.SocialCare = []record.SocialCareEntry{{Head: inPhase("1", record.Planned, "planned"), What: record.Words("Target")}}
		}, "Planned or asked for, not yet begun"},
	} {
		lists := under(t, section.Panel(view(t, one("a", k.section, k.fill)), k.section, 1))
		for heading, text := range lists {
			if strings.Contains(text, "Target") != (heading == k.heading) {
				t.Errorf("%s: under %q, want %q", name, heading, k.heading)
			}
		}
		if !strings.Contains(lists[k.heading], "Target") {
			t.Errorf("%s does not stand under %q: %v", name, k.heading, lists)
		}
	}
}

// TestNoneIsNeverSaidOfSomething: the banner and the snapshot never say "nothing recorded" where something ended, where absence was stated of
// some kinds only, or where nobody was asked; and a statement that has ended states nothing.
func TestNoneIsNeverSaidOfSomething(t *testing.T) {
	ended := allergyTo("91936005", "Penicillin")
	ended.Phase, ended.RawStatus = record.Ended, "resolved"
	drugs := noKnown()
	drugs.Nil, drugs.Agent = "drugs", coded("409137002", "No known drug allergy")
	over := noKnown()
	over.Phase = record.Ended
	for name, k := range map[string]struct {
		allergies []record.Allergy
		state     record.State
		want      string
	}{
		"one has ended":             {[]record.Allergy{ended}, record.Data, "none active, 1 ended or ruled out"},
		"stated for drugs only":     {[]record.Allergy{drugs}, record.NilAsserted, "stated “No known drug allergy”, and nothing about any other kind"},
		"the statement has ended":   {[]record.Allergy{over}, record.NilAsserted, "none active, 1 ended or ruled out"},
		"nobody was asked":          {nil, record.NotAsked, "no source that holds allergies was asked"},
		"nothing, and it was asked": {nil, record.NoneRecorded, "nothing recorded"},
	} {
		v := view(t, source("a", func(a *record.Answer) {
			a.Chart.Allergies = k.allergies
			if k.state != record.NotAsked {
				a.Coverage[record.Allergies] = record.Coverage{State: k.state, Detail: "words"}
			}
		}))
		if section.SummariseAllergies(v).NoneKnown {
			t.Errorf("%s: reads as no known allergies", name)
		}
		if got := fmt.Sprint(section.Flags(v, record.Person{}).Flags); !strings.Contains(got, k.want) {
			t.Errorf("%s: the banner says %s", name, got)
		}
		card := section.Snapshot(v, 1).Columns[0][0]
		if said := strings.Contains(card.Note, "Nothing recorded"); said != (k.want == "nothing recorded") {
			t.Errorf("%s: the snapshot says %q", name, card.Note)
		}
	}
}

// TestActiveAllergiesSayThatTheListIsNotWhole: rule R1 holds beside active ones too.
func TestActiveAllergiesSayThatTheListIsNotWhole(t *testing.T) {
	v := view(t, inState("a", record.Data), inState("b", record.Unavailable))
	if got := fmt.Sprint(section.Flags(v, record.Person{}).Flags); !strings.Contains(got, "Penicillin. INCOMPLETE: 1 source could not say.") {
		t.Errorf("the banner says %s", got)
	}
}

// TestGroupingKeepsNameAndMarks: a group keeps its name, and every warning that one of its members carries.
func TestGroupingKeepsNameAndMarks(t *testing.T) {
	given := func(feed, name string, labels ...record.Label) record.Answer {
		return one(feed, record.Immunisations, func(c *record.Chart) {
			i := record.Immunisation{Head: inPhase(feed, record.NotDone, "not-done"), Vaccination: coded("1", name)}
			i.When = record.On(record.ParseDate("2024-01-02"))
			c.Immunisations = []record.Immunisation{i}
		})
	}
	row := firstTable(section.Panel(view(t, given("a", "Influenza"), given("b", "Flu vaccine")), record.Immunisations, 1)).Bodies[0].Rows[0]
	if got := fmt.Sprint(row.Cells[0].Lines); !strings.Contains(got, "NOT GIVEN") || !strings.Contains(got, "Influenza") {
		t.Errorf("the group reads %s", got)
	}
	private := func(feed string, labels ...record.Label) record.Answer {
		return one(feed, record.Medicines, func(c *record.Chart) {
			m := record.Medicine{Head: inPhase(feed, record.Current, "active"), Product: coded("2", "Methadone"), Dose: "ONE daily", Course: record.Repeat}
			m.Labelled(labels)
			c.Medicines = []record.Medicine{m}
		})
	}
	row = firstTable(section.Panel(view(t, private("a"), private("b", record.Label{Code: "NOPAT"})), record.Medicines, 1)).Bodies[0].Rows[0]
	if got := fmt.Sprint(row.Cells[0].Lines); !strings.Contains(got, "Do not disclose") || !strings.Contains(got, "Methadone") {
		t.Errorf("the group reads %s", got)
	}
}

func firstTable(p panel.Panel) panel.Table {
	for _, b := range p.Blocks {
		if table, is := b.(panel.Table); is {
			return table
		}
	}
	return panel.Table{}
}

// TestDosesWithoutTextAreCompared: without a dose text the parts decide whether two medicines are the same fact.
func TestDosesWithoutTextAreCompared(t *testing.T) {
	of := func(feed, part string) record.Answer {
		return one(feed, record.Medicines, func(c *record.Chart) {
			c.Medicines = []record.Medicine{{Head: inPhase(feed, record.Current, "active"), Product: coded("2", "Metformin"), DoseParts: []string{part}}}
		})
	}
	body := firstTable(section.Panel(view(t, of("a", "dose 500 mg"), of("b", "dose 1 g")), record.Medicines, 1)).Bodies[0]
	if len(body.Rows) != 2 || !strings.Contains(body.Differs, "dose differs") {
		t.Errorf("two doses are one row: %+v", body)
	}
}

// TestOddNamesDoNotStopThePage: lower case may be longer than the name itself.
func TestOddNamesDoNotStopThePage(t *testing.T) {
	of := func(feed, code, name string) record.Answer {
		return one(feed, record.Medicines, func(c *record.Chart) {
			c.Medicines = []record.Medicine{{Head: inPhase(feed, record.Current, "active"), Product: coded(code, name)}}
		})
	}
	p := section.Panel(view(t, of("a", "1", "ȺȺȺ"), of("b", "2", "ȺȺȺ")), record.Medicines, 1)
	if firstTable(p).Bodies[0].Differs == "" {
		t.Error("two medicines whose names begin alike do not stand together")
	}
}

// TestSnapshotSaysWhatItLeavesOut: other plans of a type, medicines that are only proposed, statuses that are not plain, gaps of each section.
func TestSnapshotSaysWhatItLeavesOut(t *testing.T) {
	respect := coded("2181441000000107", "Coordination plan")
	v := view(t,
		source("a", func(a *record.Answer) {
			a.Chart.Plans = []record.Plan{{Head: inPhase("1", record.Draft, "draft"), Type: respect}, {Head: inPhase("2", record.Current, "active"), Type: respect}}
			a.Chart.Medicines = []record.Medicine{
				{Head: inPhase("3", record.Planned, "active"), Product: record.Words("Proposed drug")}, {Head: inPhase("4", record.Current, "on-hold"), Product: record.Words("Held drug")},
			}
			a.Chart.Encounters = []record.Encounter{{Head: inPhase("5", record.NotDone, "not-done"), Reasons: []record.Concept{record.Words("Never happened")}}}
			a.Coverage[record.Alerts] = record.Coverage{State: record.Incomplete, Detail: "cut"}
		}),
		source("b", func(a *record.Answer) { a.Coverage[record.Plans] = record.Coverage{State: record.Unavailable} }))
	var b strings.Builder
	for _, column := range section.Snapshot(v, 1).Columns {
		for _, card := range column {
			fmt.Fprintln(&b, card.Title, card.Note, card.Coverage, card.Lines)
		}
	}
	got := b.String()
	for _, want := range []string{"Draft: Coordination plan", "1 other of this type", "Held drug", "on-hold", "A: INCOMPLETE", "B: NO ANSWER"} {
		if !strings.Contains(got, want) {
			t.Errorf("the snapshot does not say %q:\n%s", want, got)
		}
	}
	for _, not := range []string{"Proposed drug", "Never happened"} {
		if strings.Contains(got, not) {
			t.Errorf("the snapshot shows %q:\n%s", not, got)
		}
	}
}

// TestMajorToOneIsMajor: a problem that one source calls major is not hidden among the minor ones because another calls it so.
func TestMajorToOneIsMajor(t *testing.T) {
	of := func(feed, significance string) record.Answer {
		return one(feed, record.Problems, func(c *record.Chart) {
			c.Problems = []record.Problem{{Head: inPhase(feed, record.Current, "active"), Problem: coded("1", "Target"), Significance: significance}}
		})
	}
	v := view(t, of("a", "minor"), of("b", "major"))
	if lists := under(t, section.Panel(v, record.Problems, 1)); !strings.Contains(lists["Active, major"], "Target") {
		t.Errorf("the problem stands under %v", lists)
	}
	if card := section.Snapshot(v, 1).Columns[2][0]; len(card.Lines) != 1 {
		t.Errorf("the snapshot lists %d problems", len(card.Lines))
	}
}

// TestARefusedSectionIsInTheBanner: a refusal of a part is as loud as one of the whole (rule R3); somebody else's answer stands before all.
func TestARefusedSectionIsInTheBanner(t *testing.T) {
	v := view(t,
		source("a", func(a *record.Answer) { a.Coverage[record.Allergies] = record.Coverage{State: record.Refused} }),
		inState("b", record.Unavailable), inState("c", record.Mismatch))
	flags := section.Flags(v, record.Person{}).Flags
	if got := fmt.Sprint(flags); !strings.Contains(got, "A: REFUSED to share") {
		t.Errorf("the banner says %s", got)
	}
	if !strings.Contains(flags[0].Link, "SOMEONE ELSE") {
		t.Errorf("the first flag is %v", flags[0])
	}
}

// TestEndedEntriesKeepTheirDates: what ended began once.
func TestEndedEntriesKeepTheirDates(t *testing.T) {
	a := allergyTo("91936005", "Penicillin")
	a.Phase, a.EndedOn, a.Onset, a.When = record.Ended, record.ParseDate("2020"), record.ParseDate("2001-02"), record.On(record.ParseDate("2002-03-04"))
	said := printed(t, section.Panel(view(t, one("a", record.Allergies, func(c *record.Chart) { c.Allergies = []record.Allergy{a} })), record.Allergies, 1))
	m := record.Medicine{Head: inPhase("1", record.Ended, "stopped"), Product: record.Words("Aspirin"), StoppedOn: record.ParseDate("2020-01-01"), PrescribedElsewhere: true, PrescribedBy: "The clinic"}
	m.When = record.Period{Start: record.ParseDate("2010-05-06")}
	said += printed(t, section.Panel(view(t, one("a", record.Medicines, func(c *record.Chart) { c.Medicines = []record.Medicine{m} })), record.Medicines, 1))
	for _, want := range []string{"Feb 2001", "04-Mar-2002", "06-May-2010", "The clinic"} {
		if !strings.Contains(said, want) {
			t.Errorf("%q is not on the page", want)
		}
	}
}

// TestTrendsDoNotMixUnverifiedValues: the values of a source that does not vouch for the NHS number stand in no line with those of others (S09).
func TestTrendsDoNotMixUnverifiedValues(t *testing.T) {
	of := func(feed, status string, days ...string) record.Answer {
		a := one(feed, record.Results, func(c *record.Chart) {
			for _, day := range days {
				r := record.Report{Head: inPhase(feed+day, record.Current, "final"), Collected: record.On(record.ParseDate(day))}
				r.Items = []record.Result{{Test: coded("1", "Sodium"), Value: record.Value{Quantity: record.Quantity{Value: "140", Unit: "mmol/L"}}}}
				c.Results = append(c.Results, r)
			}
		})
		a.Patients[0].NumberStatus = status
		return a
	}
	v := view(t, of("a", "01", "2020-01-01", "2020-01-02"), of("b", "02", "2020-01-03", "2020-01-04"))
	for _, b := range section.Panel(v, record.Results, 1).Blocks {
		if _, is := b.(panel.Trend); is {
			t.Error("a chart joins values of a source that does not vouch for the NHS number with those of another")
		}
	}
}

// TestPartsOfAMeasurementAreShown: members of a measurement that is no score, and its preliminary state.
func TestPartsOfAMeasurementAreShown(t *testing.T) {
	m := record.Measurement{Head: inPhase("1", record.Preliminary, "preliminary"), Result: record.Result{Test: record.Words("Panel")}}
	m.Result.Add().Members = []record.Result{{Test: record.Words("Inner test"), Rare: &record.ResultRare{Absent: record.Words("not measured")}, Comments: []string{"cuff too small"}}}
	said := printed(t, section.Panel(view(t, one("a", record.Measurements, func(c *record.Chart) { c.Measurements = []record.Measurement{m} })), record.Measurements, 1))
	for _, want := range []string{"PRELIMINARY", "Inner test", "not measured", "cuff too small"} {
		if !strings.Contains(said, want) {
			t.Errorf("%q is not on the page", want)
		}
	}
}
