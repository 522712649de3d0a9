package sourcecheck

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/go-json-experiment/json"

	"ribble/internal/record"
)

// Shows is what a test person is good for.
type Shows string

// What test people show. One person may show several things.
const (
	// Known: the source holds a record of them.
	Known Shows = "known"
	// Unknown: the source holds none.
	Unknown Shows = "unknown"
	// Dissents: they have told the source not to share.
	Dissents Shows = "dissents"
	// Withheld: the source leaves some of their entries out.
	Withheld Shows = "withheld"
	// NilAllergies: the source has a statement that they have no known allergies; NoAllergies: it has nothing at all.
	NilAllergies Shows = "no-known-allergies"
	NoAllergies  Shows = "nothing-on-allergies"
	// Paging: their record is longer than one page.
	Paging Shows = "paging"
	// WrongPerson: the source is made to answer about somebody else.
	WrongPerson Shows = "wrong-person"
	// Failing: the source is made to fail for them.
	Failing Shows = "failing"
	// Sensitive: some of their entries carry a confidentiality label.
	Sensitive Shows = "sensitive"
)

var shows = []Shows{Known, Unknown, Dissents, Withheld, NilAllergies, NoAllergies, Paging, WrongPerson, Failing, Sensitive}

// TestPerson is somebody invented whom the source and the region have agreed on. The details guard against a mistyped number: the national ones
// must agree with them.
type TestPerson struct {
	Number record.NHSNumber
	Family string
	Given  string
	Born   record.PartialDate
	Gender string
	Shows  []Shows
	// Entries is how many resources the source holds of them at least; 0 where nobody has counted.
	Entries int
	// Feeds are the ids of the feeds for which they show this; none means every feed.
	Feeds []string
}

type personEntry struct {
	Number  string   `json:"nhs_number"`
	Family  string   `json:"family"`
	Given   string   `json:"given"`
	Born    string   `json:"born"`
	Gender  string   `json:"gender"`
	Shows   []string `json:"shows"`
	Entries int      `json:"entries"`
	Feeds   []string `json:"feeds"`
}

// Problems are everything that is wrong with a file of test people, each with the place of the person in it. They repeat nothing of the file.
type Problems []string

// Error lists the problems, one a line.
func (p Problems) Error() string { return "test people: " + strings.Join(p, "\n") }

// The bounds of a file of test people.
const (
	maxFile   = 1 << 20
	maxPeople = 50
)

// ReadPeople reads a file of test people: a JSON list of objects with nhs_number, family, given, born, gender (administrative, as in FHIR), shows (a
// list of what they show), feeds (those for which they show it; none for every feed) and, for who shows paging, entries. It is all right or all Problems.
func ReadPeople(r io.Reader) ([]TestPerson, error) {
	var entries []personEntry
	if err := json.UnmarshalRead(io.LimitReader(r, maxFile), &entries, json.RejectUnknownMembers(true)); err != nil {
		return nil, Problems{"the file must be a JSON list of test people, with no other members than those documented"}
	}
	if len(entries) > maxPeople {
		return nil, Problems{fmt.Sprintf("there are more than %d", maxPeople)}
	}
	var problems Problems
	people := make([]TestPerson, len(entries))
	for i, e := range entries {
		var wrong []string
		people[i], wrong = e.person()
		for _, w := range wrong {
			problems = append(problems, fmt.Sprintf("[%d] %s", i, w))
		}
	}
	if len(problems) > 0 {
		return nil, problems
	}
	return people, nil
}

func (e personEntry) person() (p TestPerson, wrong []string) {
	n, err := record.ParseNHSNumber(e.Number)
	if err != nil {
		wrong = append(wrong, "nhs_number is no NHS number")
	}
	p = TestPerson{Number: n, Family: e.Family, Given: e.Given, Born: record.ParseDate(e.Born), Gender: e.Gender, Entries: e.Entries, Feeds: e.Feeds}
	if strings.TrimSpace(e.Family) == "" || !p.Born.Valid() {
		wrong = append(wrong, "family and born must be given, so that a mistyped number is noticed")
	}
	if e.Entries < 0 {
		wrong = append(wrong, "entries must not be negative")
	}
	for _, s := range e.Shows {
		if !slices.Contains(shows, Shows(s)) {
			wrong = append(wrong, "shows holds a word that is not known")
		}
		p.Shows = append(p.Shows, Shows(s))
	}
	if len(e.Shows) == 0 {
		wrong = append(wrong, "shows must hold at least one word")
	}
	return p, wrong
}

// forFeed are the test people who show something for a feed.
func forFeed(people []TestPerson, feed string) []TestPerson {
	var out []TestPerson
	for _, p := range people {
		if len(p.Feeds) == 0 || slices.Contains(p.Feeds, feed) {
			out = append(out, p)
		}
	}
	return out
}

// who are the test people that show something.
func who(people []TestPerson, s Shows) []TestPerson {
	var out []TestPerson
	for _, p := range people {
		if slices.Contains(p.Shows, s) {
			out = append(out, p)
		}
	}
	return out
}

// demographics are the person's details as the list has them: for a number that the national register does not know.
func (p TestPerson) demographics() record.Demographics {
	return record.Demographics{
		Identifiers: []record.Identifier{{System: record.NHSNumberSystem, Value: p.Number.Digits()}},
		Names:       []record.Name{{Use: "usual", Family: p.Family, Given: strings.Fields(p.Given)}}, Born: p.Born, Gender: p.Gender,
	}
}

// agrees reports whether the national details are those of the list.
func (p TestPerson) agrees(d record.Demographics) bool {
	return p.Born.Equal(d.Born) && slices.ContainsFunc(d.Names, func(n record.Name) bool { return strings.EqualFold(n.Family, p.Family) })
}
