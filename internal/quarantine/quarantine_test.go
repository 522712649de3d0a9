package quarantine_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ribble/internal/quarantine"
	"ribble/internal/record"
)

const ourNumber, oldNumber, otherNumber = "9434765919", "9434765870", "4010232137"

func number(text string) record.NHSNumber {
	n, err := record.ParseNHSNumber(text)
	if err != nil {
		panic(err)
	}
	return n
}

// traced is a person whose trace has every detail that can be compared.
func traced() record.Person {
	return record.Person{
		NHSNumber: number(ourNumber), Superseded: []record.NHSNumber{number(oldNumber)},
		Demographics: record.Demographics{
			Names: []record.Name{
				{Use: "usual", Family: "O'Neill-Baker", Given: []string{"Zoë", "Anne"}, Prefix: []string{"Mrs"}},
				{Use: "maiden", Family: "Strauß", Given: []string{"Zoë"}}, {Use: "nickname", Given: []string{"Birdie"}},
			},
			Born: record.ParseDate("1942-06-03"), Gender: "female", Postcode: "LA1 4XX",
		},
		Practice: record.Practice{ODS: "P81001"},
	}
}

// theirs is how a source holds the same person.
func theirs() record.Demographics {
	return record.Demographics{
		Identifiers:  []record.Identifier{{System: "urn:local", Value: "77"}, {System: record.NHSNumberSystem, Value: ourNumber}},
		NumberStatus: "01", Names: []record.Name{{Family: "O'Neill-Baker", Given: []string{"Zoë"}}},
		Born: record.ParseDate("1942-06-03"), Gender: "female", Postcode: "LA1 4XX", GeneralPractitioner: "P81001",
	}
}

// answering makes an answer with rows in two sections, a warning, and a section that was never asked.
func answering(people ...record.Demographics) record.Answer {
	a := record.Answer{State: record.Data, Patients: people, Warnings: []string{"the source's own words"}}
	a.Chart.Allergies = []record.Allergy{{Agent: record.Words("Penicillin")}, {Agent: record.Words("Latex")}}
	a.Chart.Problems = []record.Problem{{Problem: record.Words("Asthma")}}
	for _, kind := range []string{"AllergyIntolerance", "AllergyIntolerance", "Condition"} {
		a.Account.Receive(kind)
		a.Account.Place(kind, record.Shown)
	}
	for range people {
		a.Account.Receive("Patient")
		a.Account.Place("Patient", record.Used)
	}
	a.Coverage[record.Medicines].Raise(record.Withheld, "in the source's words")
	a.Settle(record.SectionsOf(record.Allergies, record.Problems, record.Medicines))
	return a
}

// tableCases follow section 26 of the section catalogue line by line.
var tableCases = []struct {
	name   string
	change func(*record.Person, *record.Demographics)
	kind   quarantine.SourceKind
	// field is the reason for quarantine; else words is a part of the one warning or note, or empty for agreement.
	field, words string
	note         bool
}{
	{name: "all agree"},
	{name: "number with spaces", change: func(_ *record.Person, d *record.Demographics) { d.Identifiers[1].Value = "943 476 5919" }},
	{name: "superseded number", change: func(_ *record.Person, d *record.Demographics) { d.Identifiers[1].Value = oldNumber }},
	{name: "old and new number", change: func(_ *record.Person, d *record.Demographics) {
		d.Identifiers = append(d.Identifiers, record.Identifier{System: record.NHSNumberSystem, Value: oldNumber})
	}},
	{name: "another number", change: func(_ *record.Person, d *record.Demographics) { d.Identifiers[1].Value = otherNumber }, field: "NHS number"},
	{name: "another number beside ours", change: func(_ *record.Person, d *record.Demographics) {
		d.Identifiers = append(d.Identifiers, record.Identifier{System: record.NHSNumberSystem, Value: otherNumber})
	}, field: "NHS number"},
	{name: "no identifier", change: func(_ *record.Person, d *record.Demographics) { d.Identifiers = nil }, field: "NHS number"},
	{name: "number under another system", change: func(_ *record.Person, d *record.Demographics) {
		d.Identifiers[1].System = "http://example.org/nhs-number"
	}, field: "NHS number"},
	{name: "number under another case of the system", change: func(_ *record.Person, d *record.Demographics) {
		d.Identifiers[1].System = strings.ToLower(record.NHSNumberSystem)
	}, field: "NHS number"},
	{name: "placeholder number", change: func(_ *record.Person, d *record.Demographics) { d.Identifiers[1].Value = "1234567890" }, field: "NHS number"},
	{name: "all zeros", change: func(_ *record.Person, d *record.Demographics) { d.Identifiers[1].Value = "0000000000" }, field: "NHS number"},
	{name: "empty number", change: func(_ *record.Person, d *record.Demographics) { d.Identifiers[1].Value = "" }, field: "NHS number"},
	{name: "template number", change: func(_ *record.Person, d *record.Demographics) { d.Identifiers[1].Value = "{{nhsNumber}}" }, field: "NHS number"},
	{name: "trace without a number", change: func(p *record.Person, _ *record.Demographics) { p.NHSNumber = record.NHSNumber{} }, field: "NHS number"},

	{name: "number not verified", change: func(_ *record.Person, d *record.Demographics) { d.NumberStatus = "02" }, words: "not verified its NHS number"},
	{name: "status not sent", change: func(_ *record.Person, d *record.Demographics) { d.NumberStatus = "" }},

	{name: "replaced by another", change: link("replaced-by", otherNumber), field: "link to another patient record"},
	{name: "replaced by a record without number", change: link("replaced-by", ""), field: "link to another patient record"},
	{name: "see also another", change: link("seealso", otherNumber), field: "link to another patient record"},
	{name: "refers to another", change: link("refer", ""), field: "link to another patient record"},
	{name: "a link of no known type", change: link("", otherNumber), field: "link to another patient record"},
	{name: "replaced by our own", change: link("replaced-by", ourNumber)},
	{name: "replaces another", change: link("replaces", otherNumber)},

	{name: "another birth date", change: bornOn("1942-06-04"), field: "date of birth"},
	{name: "month and day exchanged", change: bornOn("1942-03-06"), field: "date of birth"},
	{name: "birth date with a time", change: bornOn("1942-06-03T00:00:00+01:00")},
	{name: "birth month only", change: bornOn("1942-06"), words: "only as far as"},
	{name: "birth year only", change: bornOn("1942"), words: "only as far as"},
	{name: "another birth month", change: bornOn("1942-07"), field: "date of birth"},
	{name: "another birth year", change: bornOn("1943"), field: "date of birth"},
	{name: "no birth date", change: bornOn(""), words: "gives no date of birth"},
	{name: "birth date that is none", change: bornOn("1942-02-30"), field: "date of birth"},
	{name: "trace without birth date", change: func(p *record.Person, _ *record.Demographics) { p.Born = record.PartialDate{} }, words: "national record does not"},
	{name: "trace with birth year only", change: func(p *record.Person, _ *record.Demographics) { p.Born = record.ParseDate("1942") }, words: "only as far as"},

	{name: "another name", change: named("Smith", "John"), field: "name"},
	{name: "no name", change: func(_ *record.Person, d *record.Demographics) { d.Names = nil }, field: "name"},
	{name: "a name as text only", change: func(_ *record.Person, d *record.Demographics) {
		d.Names = []record.Name{{Text: "Zoë O'Neill-Baker"}}
	}, field: "name"},
	{name: "another family name", change: named("Smith", "Zoë"), words: "family name"},
	{name: "empty family name", change: named("", "Zoë"), words: "family name"},
	{name: "another given name", change: named("O'Neill-Baker", "Joan"), words: "given name"},
	{name: "no given name", change: func(_ *record.Person, d *record.Demographics) { d.Names[0].Given = nil }, words: "given name"},
	{name: "a bare initial", change: named("O'Neill-Baker", "Z."), words: "by its initial only", note: true},
	{name: "a wrong initial", change: named("O'Neill-Baker", "Y"), words: "given name"},
	{name: "maiden name", change: named("STRAUSS", "Zoe")},
	{name: "nickname", change: named("O’Neill Baker", "birdie")},
	{name: "second given name first", change: named("O'Neill-Baker", "Anne"), words: "given name"},
	{name: "a sound-alike", change: named("Oneal-Baker", "Zoë"), words: "family name"},

	{name: "another gender", change: func(_ *record.Person, d *record.Demographics) { d.Gender = "male" }, words: "gender"},
	{name: "gender unknown", change: func(_ *record.Person, d *record.Demographics) { d.Gender = "unknown" }},
	{name: "gender other", change: func(_ *record.Person, d *record.Demographics) { d.Gender = "other" }},
	{name: "gender not sent", change: func(_ *record.Person, d *record.Demographics) { d.Gender = "" }},

	{name: "dead there only", change: func(_ *record.Person, d *record.Demographics) { d.Deceased.Recorded = true }, words: "a death"},
	{name: "dead here only", change: func(p *record.Person, _ *record.Demographics) { p.Deceased.Recorded = true }, words: "a death"},
	{name: "two dates of death", change: deaths("2026-01-02", "2026-01-03"), words: "a death"},
	{name: "one date of death, at two precisions", change: deaths("2026-01-02", "2026-01")},
	{name: "a death without its date", change: deaths("2026-01-02", "")},

	{name: "another practice, from a GP", change: func(_ *record.Person, d *record.Demographics) { d.GeneralPractitioner = "P81002" }, kind: quarantine.GP, words: "GP practice"},
	{name: "another practice, from a hospital", change: func(_ *record.Person, d *record.Demographics) { d.GeneralPractitioner = "P81002" }},
	{name: "the practice in small letters", change: func(_ *record.Person, d *record.Demographics) { d.GeneralPractitioner = "p81001" }, kind: quarantine.GP},
	{name: "no practice, from a GP", change: func(_ *record.Person, d *record.Demographics) { d.GeneralPractitioner = "" }, kind: quarantine.GP},

	{name: "another postcode", change: func(_ *record.Person, d *record.Demographics) { d.Postcode = "PR1 1AA" }, words: "postcode", note: true},
	{name: "the postcode without its space", change: func(_ *record.Person, d *record.Demographics) { d.Postcode = "la14xx" }},
	{name: "another postcode of a restricted person", change: func(p *record.Person, d *record.Demographics) { p.Restricted, d.Postcode = true, "PR1 1AA" }},
}

func link(kind, number string) func(*record.Person, *record.Demographics) {
	return func(_ *record.Person, d *record.Demographics) {
		d.Links = []record.Link{{Type: kind, NHSNumber: number}}
	}
}

func bornOn(date string) func(*record.Person, *record.Demographics) {
	return func(_ *record.Person, d *record.Demographics) { d.Born = record.ParseDate(date) }
}

func named(family, given string) func(*record.Person, *record.Demographics) {
	return func(_ *record.Person, d *record.Demographics) {
		d.Names = []record.Name{{Family: family, Given: []string{given}}}
	}
}

func deaths(ours, their string) func(*record.Person, *record.Demographics) {
	return func(p *record.Person, d *record.Demographics) {
		p.Deceased = record.Deceased{Recorded: true, Date: record.ParseDate(ours)}
		d.Deceased = record.Deceased{Recorded: true, Date: record.ParseDate(their)}
	}
}

func TestTable(t *testing.T) {
	for _, c := range tableCases {
		t.Run(c.name, func(t *testing.T) {
			person, details := traced(), theirs()
			if c.change != nil {
				c.change(&person, &details)
			}
			checked := quarantine.Check(person, answering(details), c.kind)
			field, bad := checked.Quarantined()
			if field != c.field || bad != (c.field != "") {
				t.Fatalf("quarantined %v for %q, want %q", bad, field, c.field)
			}
			said, silent := checked.Warnings(), checked.Notes()
			if c.note {
				said, silent = silent, said
			}
			if c.words == "" && len(said)+len(silent) > 0 {
				t.Fatalf("warnings %q, notes %q; want none", checked.Warnings(), checked.Notes())
			}
			if c.words != "" && (len(said) != 1 || len(silent) != 0 || !strings.Contains(said[0], c.words)) {
				t.Fatalf("warnings %q, notes %q; want one with %q", checked.Warnings(), checked.Notes(), c.words)
			}
			if checked.NumberUnverified() != (details.NumberStatus == "02") {
				t.Error("the number's verification was misjudged")
			}
			quotesNothing(t, checked, person, details)
		})
	}
}

// quotesNothing checks that the words name details and never their values.
func quotesNothing(t *testing.T, c quarantine.Checked, person record.Person, details record.Demographics) {
	t.Helper()
	field, _ := c.Quarantined()
	words := strings.Join(append(append(slices.Clone(c.Warnings()), c.Notes()...), field, c.Answer().Detail), "\n")
	values := []string{ourNumber, otherNumber, "1942", "2026", details.Gender, details.Postcode, details.GeneralPractitioner, details.Born.Text}
	for _, n := range append(slices.Clone(person.Names), details.Names...) {
		values = append(append(values, n.Family), n.Given...)
	}
	for _, v := range values {
		if len(v) > 2 && strings.Contains(words, v) {
			t.Errorf("the words %q hold the value %q", words, v)
		}
	}
}

// Nothing of a quarantined answer is left (rule R8), and its account says so.
func TestQuarantineEmptiesTheAnswer(t *testing.T) {
	wrong := theirs()
	wrong.Identifiers[1].Value = otherNumber
	before := answering(wrong)
	after := quarantine.Check(traced(), before, quarantine.Other).Answer()

	if diff := cmp.Diff(record.Chart{}, after.Chart); diff != "" {
		t.Error("entries are left: ", diff)
	}
	if after.State != record.Mismatch || after.Patients != nil || after.Warnings != nil {
		t.Errorf("state %v, %d patients, warnings %v", after.State, len(after.Patients), after.Warnings)
	}
	mismatch := record.Coverage{State: record.Mismatch, Detail: "The NHS number in its answer is not this person's."}
	for i, c := range after.Coverage {
		want := record.Coverage{State: record.NotAsked, Detail: record.NotSupplied}
		if s := record.Section(i); s == record.Allergies || s == record.Problems || s == record.Medicines {
			want = mismatch
		}
		if diff := cmp.Diff(want, c); diff != "" {
			t.Errorf("%s: %s", record.Section(i).ID(), diff)
		}
	}
	if total := after.Account.Total(); total.Received != 4 || total.Fates != [record.NumFates]int{record.Quarantined: 4} {
		t.Errorf("account %+v", total)
	}
	if len(before.Chart.Allergies) != 2 || before.Account.Total().Fates[record.Quarantined] != 0 || before.State != record.Data {
		t.Error("the caller's own answer was changed")
	}
}

func TestEveryPersonInTheAnswerIsCompared(t *testing.T) {
	other, nobody := theirs(), theirs()
	other.Identifiers[1].Value, nobody.Identifiers = otherNumber, nil
	for _, c := range []struct {
		name    string
		people  []record.Demographics
		foreign int
		field   string
	}{
		{"one, twice", []record.Demographics{theirs(), theirs()}, 0, ""},
		{"a second person", []record.Demographics{theirs(), other}, 0, "NHS number"},
		{"a second person without a number", []record.Demographics{theirs(), nobody}, 0, "NHS number"},
		{"nobody", nil, 0, "NHS number"},
		{"one entry of somebody else", []record.Demographics{theirs()}, 1, "patient of an entry"},
	} {
		a := answering(c.people...)
		a.Foreign = c.foreign
		if field, _ := quarantine.Check(traced(), a, quarantine.Other).Quarantined(); field != c.field {
			t.Errorf("%s: quarantined for %q, want %q", c.name, field, c.field)
		}
	}
	if field, _ := quarantine.Check(record.Person{}, answering(theirs()), quarantine.Other).Quarantined(); field == "" {
		t.Error("with nobody traced, no answer can be verified")
	}
}

// A source that gave no answer is not a source that answered about somebody else.
func TestSilenceIsNotMismatch(t *testing.T) {
	for _, s := range []record.State{record.NotKnownHere, record.Refused, record.Unavailable, record.NotAsked} {
		failed := record.Failed(record.SourceRef{Feed: "f"}, record.AllSections, s, "It did not answer.")
		checked := quarantine.Check(traced(), failed, quarantine.GP)
		if _, bad := checked.Quarantined(); bad || len(checked.Warnings()) > 0 || checked.Answer().State != s {
			t.Errorf("%v: quarantined %v, state %v", s, bad, checked.Answer().State)
		}
		wrong := theirs()
		wrong.Identifiers[1].Value = otherNumber
		failed.Patients = []record.Demographics{wrong}
		if _, bad := quarantine.Check(traced(), failed, quarantine.GP).Quarantined(); !bad {
			t.Errorf("%v: a failed answer that names another person is not noticed", s)
		}
	}
}

// What the adapter itself found to be about somebody else is reported as such, in the adapter's words, whatever the patients say.
func TestMismatchOfTheAdapterIsQuarantine(t *testing.T) {
	for name, patients := range map[string][]record.Demographics{"nobody": nil, "the right person twice": {theirs(), theirs()}} {
		a := record.Failed(record.SourceRef{Feed: "f"}, record.AllSections, record.Mismatch, "It answered a different question.")
		a.Patients = patients
		checked := quarantine.Check(traced(), a, quarantine.GP)
		if field, bad := checked.Quarantined(); !bad || field != "identity" || checked.Answer().Detail != a.Detail {
			t.Errorf("%s: quarantined %v for %q: %q", name, bad, field, checked.Answer().Detail)
		}
	}
}

func TestZeroCheckedIsNotValid(t *testing.T) {
	if (quarantine.Checked{}).Valid() || !quarantine.Check(traced(), answering(theirs()), quarantine.GP).Valid() {
		t.Error("only Check makes a valid Checked")
	}
}
