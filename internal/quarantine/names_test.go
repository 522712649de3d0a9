package quarantine

import (
	"strings"
	"testing"
	"unicode/utf8"

	"ribble/internal/record"
)

func TestNormal(t *testing.T) {
	for _, c := range []struct{ a, b string }{
		{"O'Neill", "oneill"}, {"O’NEILL", "oneill"}, {"Oʼneill", "oneill"}, {"O`Neill", "oneill"}, {"O Neill", "oneill"},
		{"Anne-Marie", "annemarie"}, {"Anne\u2011Marie", "annemarie"}, {"St. John", "stjohn"}, {"Zoë", "zoe"}, {"Zoe\u0308", "zoe"},
		{"STRAẞ", "strass"}, {"Strauß", "strauss"}, {"Ægir", "aegir"}, {"Øre", "ore"}, {"Łódź", "lodz"}, {"ﬁne", "fine"}, {"ＡＢＣ", "abc"},
		{"İnci", "inci"}, {"Nguyễn", "nguyen"}, {"", ""}, {"- . '", ""}, {"Σίσυφος", "σισυφοσ"},
		{"Мария", "мария"}, {"李", "李"}, {"Smith\u200b", "smith"}, {"\u202eSmith", "smith"},
	} {
		if got := normal(c.a); got != c.b {
			t.Errorf("normal(%q) = %q, want %q", c.a, got, c.b)
		}
	}
	if normal("Аnna") == normal("Anna") {
		t.Error("a Cyrillic letter that looks Latin is another letter")
	}
}

func TestGivenAgree(t *testing.T) {
	name := func(given ...string) []record.Name { return []record.Name{{Given: given}} }
	for _, c := range []struct {
		a, b []record.Name
		want agreement
	}{
		{name("Mary", "Ann"), name("Mary"), agrees}, {name("Mary Ann"), name("Mary"), agrees}, {name("Mary Ann"), name("Mary-Ann"), agrees},
		{name("M"), name("Mary"), initialOnly}, {name("M."), name("M"), agrees}, {name("É"), name("Emile"), initialOnly},
		{name("Ma"), name("Mary"), differs}, {name("Ann"), name("Mary", "Ann"), differs}, {name(""), name("Mary"), differs},
		{name(), name("Mary"), differs}, {nil, nil, differs}, {name(""), name(""), differs}, {name("..."), name("---"), differs},
	} {
		if got := givenAgree(c.a, c.b); got != c.want {
			t.Errorf("%v and %v: %d, want %d", c.a, c.b, got, c.want)
		}
		if givenAgree(c.a, c.b) != givenAgree(c.b, c.a) {
			t.Errorf("%v and %v: the verdict depends on the side", c.a, c.b)
		}
	}
}

func FuzzNormal(f *testing.F) {
	for _, s := range []string{"O'Neill", "Zoë", "STRAẞ", "\xff\xfe", "Nguyễn", "İı", strings.Repeat("\u0301", 50), "ʼ", "ﬃ"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		once := normal(s)
		if normal(once) != once {
			t.Fatalf("normal is not settled: %q, %q, %q", s, once, normal(once))
		}
		if !utf8.ValidString(once) {
			t.Fatalf("%q gives invalid UTF-8", s)
		}
		if utf8.ValidString(s) && normal(strings.ReplaceAll(s, " ", "")) != once {
			t.Fatalf("spaces change %q", s)
		}
	})
}

func BenchmarkCompare(b *testing.B) {
	n, _ := record.ParseNHSNumber("9434765919")
	person := record.Person{NHSNumber: n, Demographics: record.Demographics{
		Names: []record.Name{{Family: "O'Neill", Given: []string{"Zoë"}}}, Born: record.ParseDate("1942-06-03"),
	}}
	details := person.Demographics
	details.Identifiers = []record.Identifier{{System: record.NHSNumberSystem, Value: "9434765919"}}
	for b.Loop() {
		compare(person, details, GP)
	}
}
