package audit

import (
	"strings"
	"unicode"

	"ribble/internal/record"
)

// traitSize is how much of a digest is kept: enough that two households in a region do not meet by chance.
const traitSize = 12

const (
	surnameLabel   = "ribble surname v1\x00"
	householdLabel = "ribble household v1\x00"
)

// Traits gives the digests of a person's current family name and home, under the newest index key. A protected person has no home here.
func (k *Keys) Traits(p record.Person) *Traits {
	home := ""
	if !p.Restricted && len(p.Addresses) > 0 {
		home = Household(p.Addresses[0], p.Postcode)
	}
	t := k.traits(p.Current().Family, home)
	t.Restricted = p.Restricted
	return t
}

// StaffTraits are Traits of a member of staff, from the staff register.
func (k *Keys) StaffTraits(surname, firstLine, postcode string) *Traits {
	return k.traits(surname, Household(firstLine, postcode))
}

func (k *Keys) traits(surname, household string) *Traits {
	t := new(Traits)
	if name := plain(surname); name != "" {
		t.Surname = digest(k.index[0].secret, surnameLabel, name)[:traitSize]
	}
	if household != "" {
		t.Household = digest(k.index[0].secret, householdLabel, household)[:traitSize]
	}
	return t
}

// Household reduces an address to what tells one home from another: the postcode and the beginning of the first line, its number or name. It is
// empty without both.
func Household(firstLine, postcode string) string {
	first, _, _ := strings.Cut(firstLine, ",")
	words := strings.Fields(first)
	code := plain(postcode)
	if len(words) == 0 || code == "" {
		return ""
	}
	for i, w := range words {
		if strings.ContainsFunc(w, unicode.IsDigit) {
			return code + "/" + plain(strings.Join(words[:i+1], ""))
		}
	}
	return code + "/" + plain(first)
}

// plain is text without case, spaces and punctuation, so that two spellings of one name meet.
func plain(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToUpper(r)
		}
		return -1
	}, text)
}
