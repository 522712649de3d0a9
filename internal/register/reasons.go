package register

import (
	"slices"
	"unicode"
)

// Reason is a coded reason that a user chooses from a list: the code is kept, the words stand on the page.
type Reason struct{ Code, Words string }

// ClaimReasons are the reasons for which a user may say that they are caring for a person.
var ClaimReasons = []Reason{
	{"treating", "I am treating this person now"},
	{"covering", "I am covering for a colleague who treats this person"},
	{"asked", "I was asked for advice about this person"},
	{"administration", "I administer this person’s care"},
	{"other", "Something else"},
}

// NeedsWords reports whether a claim for the reason says nothing without the user's own words; with every other reason they may be left out.
func NeedsWords(reason string) bool { return reason == "other" }

// OverrideReasons are the reasons for emergency access: those of the SGHI value set for break-glass, the public interest (SCR alert reason 1), and
// one for what neither foresees.
var OverrideReasons = []Reason{
	{"unconscious", "The person is unconscious or cannot be asked"},
	{"life-threat", "There is an immediate threat to life"},
	{"covering", "I am covering for another clinician"},
	{"confirm-identity", "I must confirm who this person is"},
	{"public-interest", "It is in the public interest"},
	{"other", "Something else"},
}

func knows(reasons []Reason, code string) bool {
	return slices.ContainsFunc(reasons, func(r Reason) bool { return r.Code == code })
}

// The words that a user writes: fewer letters explain nothing, and a page of text would hold what belongs in a record.
const (
	LeastLetters = 10
	MostWords    = 500
)

// explains reports whether a text says enough, and no more than it may.
func explains(words string) bool {
	letters := 0
	for _, r := range words {
		if unicode.IsLetter(r) {
			letters++
		}
	}
	return letters >= LeastLetters && len(words) <= MostWords
}
