package findperson_test

import (
	"testing"

	"ribble/internal/findperson"
	"ribble/internal/record"
)

func person(family, given, born string) record.Person {
	return record.Person{Demographics: record.Demographics{Names: []record.Name{{Family: family, Given: []string{given}}}, Born: record.ParseDate(born)}}
}

func TestSimilar(t *testing.T) {
	for _, c := range []struct {
		name string
		a, b record.Person
		want bool
	}{
		{"same name and birth date", person("Ashworth", "Edith", "1942-03-03"), person("ASHWORTH", "Edith", "1942-03-03"), true},
		{"one letter", person("Ashworth", "Edith", "1942-03-03"), person("Ashwerth", "Mary", "1942-03-03"), true},
		{"given name alike, family begins alike", person("Ashworth", "Edith", "1942-03-03"), person("Atkins", "Edyth", "1942-03-03"), true},
		{"other birth date", person("Ashworth", "Edith", "1942-03-03"), person("Ashworth", "Edith", "1942-03-04"), false},
		{"other name", person("Ashworth", "Edith", "1942-03-03"), person("Nwosu", "Ada", "1942-03-03"), false},
	} {
		got := findperson.Similar([]record.Person{c.a, c.b})
		if got[0] != c.want || got[1] != c.want {
			t.Errorf("%s: %v", c.name, got)
		}
	}
}
