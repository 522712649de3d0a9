package audit

import (
	"bytes"
	"testing"

	"ribble/internal/record"
)

func living(family, line, postcode string) record.Person {
	p := record.Person{}
	p.Names = []record.Name{{Use: "usual", Family: family}}
	p.Addresses, p.Postcode = []string{line}, postcode
	return p
}

// TestTraitsMeet: two spellings of one name and one home meet, those of others do not, and another key gives other digests.
func TestTraitsMeet(t *testing.T) {
	keys := GenerateKeys()
	one, same := keys.Traits(living("O'Brien", "14 Mill Lane, Whalley", "BB7 9XX")), keys.StaffTraits("OBRIEN", "14, Mill Lane", "bb79xx")
	if !bytes.Equal(one.Surname, same.Surname) || !bytes.Equal(one.Household, same.Household) {
		t.Error("two spellings of one home do not meet")
	}
	for name, p := range map[string]record.Person{
		"next door":      living("Smith", "16 Mill Lane", "BB7 9XX"),
		"other postcode": living("Smith", "14 Mill Lane", "BB7 9XY"),
		"no number":      living("Smith", "The Old Barn", "BB7 9XX"),
	} {
		if other := keys.Traits(p); bytes.Equal(one.Household, other.Household) || bytes.Equal(one.Surname, other.Surname) {
			t.Errorf("%s meets", name)
		}
	}
	if bytes.Equal(one.Surname, GenerateKeys().Traits(living("O'Brien", "", "")).Surname) {
		t.Error("the digest does not depend on the key")
	}
}

// TestTraitsOfAProtectedPerson: no home is kept of somebody whose whereabouts are protected, or who has none.
func TestTraitsOfAProtectedPerson(t *testing.T) {
	keys := GenerateKeys()
	p := living("Smith", "14 Mill Lane", "BB7 9XX")
	p.Restricted = true
	if got := keys.Traits(p); len(got.Household) != 0 || !got.Restricted {
		t.Errorf("a protected person has %+v", got)
	}
	if got := keys.Traits(living("", "", "")); len(got.Household) != 0 || len(got.Surname) != 0 {
		t.Errorf("nobody has %+v", got)
	}
}
