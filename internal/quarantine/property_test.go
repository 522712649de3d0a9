package quarantine_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"golang.org/x/text/unicode/norm"

	"ribble/internal/quarantine"
	"ribble/internal/record"
)

// somebody invents a person and how a source holds the same person.
func somebody(r *rand.Rand) (record.Person, record.Demographics) {
	families := []string{"O'Neill", "Müller", "van der Berg", "Smith-Jones", "Łukasz", "D’Arcy", "Iqbal", "Ćwik", "St. John", "Nguyễn"}
	givens := []string{"Zoë", "Seán", "Anne-Marie", "José", "Mohammed", "Ødegård", "Chloé", "Bríd", "Ann", "François"}
	given := givens[r.IntN(len(givens))]
	names := []record.Name{{Use: "usual", Family: families[r.IntN(len(families))], Given: []string{given, "Extra"}}}
	if r.IntN(2) == 0 {
		names = append(names, record.Name{Use: "maiden", Family: families[r.IntN(len(families))], Given: []string{given}})
	}
	born := fmt.Sprintf("%d-%02d-%02d", 1920+r.IntN(100), 1+r.IntN(12), 1+r.IntN(28))
	n := drawNumber(r)
	details := record.Demographics{Names: names, Born: record.ParseDate(born), Gender: []string{"male", "female"}[r.IntN(2)], Postcode: "LA1 4XX"}
	person := record.Person{NHSNumber: number(n), Demographics: details, Practice: record.Practice{ODS: "P81001"}}
	details.Identifiers = []record.Identifier{{System: record.NHSNumberSystem, Value: n}}
	details.Names = slices.Clone(names)
	details.GeneralPractitioner, details.NumberStatus = "P81001", "01"
	return person, details
}

func drawNumber(r *rand.Rand) string {
	for {
		text := fmt.Sprintf("%010d", 4_000_000_000+r.Int64N(3_000_000_000))
		if _, err := record.ParseNHSNumber(text); err == nil {
			return text
		}
	}
}

// mutation makes a matching answer wrong; fatal says that it must be quarantined, else it must be warned of.
type mutation struct {
	name  string
	fatal bool
	spoil func(r *rand.Rand, a *record.Answer)
}

var mutations = []mutation{
	{"another valid number", true, func(r *rand.Rand, a *record.Answer) { a.Patients[0].Identifiers[0].Value = drawNumber(r) }},
	{"one digit of the number", true, func(r *rand.Rand, a *record.Answer) {
		digits, i := []byte(a.Patients[0].Identifiers[0].Value), r.IntN(10)
		digits[i] = '0' + (digits[i]-'0'+byte(1+r.IntN(9)))%10
		a.Patients[0].Identifiers[0].Value = string(digits)
	}},
	{"two digits exchanged", true, func(r *rand.Rand, a *record.Answer) {
		digits := []byte(a.Patients[0].Identifiers[0].Value)
		for i := range 9 {
			if digits[i] != digits[i+1] {
				digits[i], digits[i+1] = digits[i+1], digits[i]
				break
			}
		}
		a.Patients[0].Identifiers[0].Value = string(digits)
	}},
	{"a system of other letters", true, func(_ *rand.Rand, a *record.Answer) { a.Patients[0].Identifiers[0].System += "/" }},
	{"no number", true, func(_ *rand.Rand, a *record.Answer) { a.Patients[0].Identifiers = nil }},
	{"no patient", true, func(_ *rand.Rand, a *record.Answer) { a.Patients = nil }},
	{"a second patient", true, func(r *rand.Rand, a *record.Answer) {
		_, second := somebody(r)
		second.Identifiers[0].Value = drawNumber(r)
		a.Patients = append(a.Patients, second)
	}},
	{"somebody else's entry", true, func(r *rand.Rand, a *record.Answer) { a.Foreign = 1 + r.IntN(500) }},
	{"a link elsewhere", true, func(r *rand.Rand, a *record.Answer) {
		a.Patients[0].Links = []record.Link{{Type: []string{"replaced-by", "seealso", "refer"}[r.IntN(3)], NHSNumber: drawNumber(r)}}
	}},
	{"another day of birth", true, func(r *rand.Rand, a *record.Answer) {
		text := a.Patients[0].Born.Text
		day := 1 + (int(text[8]-'0')*10+int(text[9]-'0')-1+1+r.IntN(27))%28
		a.Patients[0].Born = record.ParseDate(text[:8] + fmt.Sprintf("%02d", day))
	}},
	{"another year of birth", true, func(r *rand.Rand, a *record.Answer) {
		a.Patients[0].Born = record.ParseDate(fmt.Sprint(1800 + r.IntN(100)))
	}},
	{"a birth date that is none", true, func(_ *rand.Rand, a *record.Answer) { a.Patients[0].Born = record.ParseDate("31/12/1950") }},
	{"another name", true, func(_ *rand.Rand, a *record.Answer) {
		a.Patients[0].Names = []record.Name{{Family: "Quux", Given: []string{"Wibble"}}}
	}},
	{"no name", true, func(_ *rand.Rand, a *record.Answer) { a.Patients[0].Names = nil }},
	{"another family name", false, func(_ *rand.Rand, a *record.Answer) {
		a.Patients[0].Names = []record.Name{{Family: "Quux", Given: a.Patients[0].Names[0].Given}}
	}},
	{"another given name", false, func(_ *rand.Rand, a *record.Answer) {
		a.Patients[0].Names = []record.Name{{Family: a.Patients[0].Names[0].Family, Given: []string{"Wibble"}}}
	}},
	{"a partial birth date", false, func(r *rand.Rand, a *record.Answer) {
		a.Patients[0].Born = record.ParseDate(a.Patients[0].Born.Text[:[]int{4, 7}[r.IntN(2)]])
	}},
	{"no birth date", false, func(_ *rand.Rand, a *record.Answer) { a.Patients[0].Born = record.PartialDate{} }},
	{"the other gender", false, func(_ *rand.Rand, a *record.Answer) {
		a.Patients[0].Gender = map[string]string{"male": "female", "female": "male"}[a.Patients[0].Gender]
	}},
	{"a death", false, func(_ *rand.Rand, a *record.Answer) { a.Patients[0].Deceased.Recorded = true }},
	{"another practice", false, func(_ *rand.Rand, a *record.Answer) { a.Patients[0].GeneralPractitioner = "Y99999" }},
	{"an unverified number", false, func(_ *rand.Rand, a *record.Answer) { a.Patients[0].NumberStatus = "03" }},
}

// S08, S27: of many generated wrong answers, none may be shown; what is only doubtful is always said.
func TestNoMutationIsAccepted(t *testing.T) {
	r := rand.New(rand.NewPCG(1942, 6))
	for range 100 {
		for _, m := range mutations {
			person, details := somebody(r)
			a := answering(details)
			m.spoil(r, &a)
			checked := quarantine.Check(person, a, quarantine.GP)
			_, bad := checked.Quarantined()
			if bad != m.fatal || !bad && len(checked.Warnings()) == 0 {
				t.Errorf("%s: quarantined %v, warnings %q", m.name, bad, checked.Warnings())
			}
		}
	}
}

// variants write the same details another way.
var variants = []struct {
	name  string
	write func(string) string
}{
	{"as it is", func(s string) string { return s }},
	{"capitals", strings.ToUpper},
	{"small letters", strings.ToLower},
	{"composed", norm.NFC.String},
	{"decomposed", norm.NFD.String},
	{"other apostrophes", strings.NewReplacer("'", "’", "’", "ʼ").Replace},
	{"no apostrophes", strings.NewReplacer("'", "", "’", "").Replace},
	{"spaces for hyphens", strings.NewReplacer("-", " ").Replace},
	{"no-break hyphens", strings.NewReplacer("-", "\u2011").Replace},
	{"spaces around", func(s string) string { return " " + s + " " }},
	{"no spaces and stops", strings.NewReplacer(" ", "", ".", "").Replace},
	{"plain letters", strings.NewReplacer("ë", "e", "ü", "u", "á", "a", "é", "e", "Ø", "O", "å", "a", "í", "i", "ç", "c", "Ł", "L", "Ć", "C", "ễ", "e").Replace},
}

func TestCleanVariantsRaiseNoAlarm(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 7))
	for range 60 {
		for _, v := range variants {
			person, details := somebody(r)
			chosen := details.Names[r.IntN(len(details.Names))]
			details.Names = []record.Name{{
				Family: v.write(chosen.Family), Given: append([]string{v.write(chosen.Given[0])}, "Some", "More"),
				Prefix: []string{"Dr"}, Suffix: []string{"MBE"},
			}}
			if r.IntN(2) == 0 {
				details.Names = append(details.Names, record.Name{Use: "nickname", Text: "Whoever"})
			}
			checked := quarantine.Check(person, answering(details), quarantine.GP)
			if field, bad := checked.Quarantined(); bad || len(checked.Warnings()) > 0 {
				t.Errorf("%s of %q: quarantined for %q, warnings %q", v.name, chosen.Family, field, checked.Warnings())
			}
		}
	}
}
