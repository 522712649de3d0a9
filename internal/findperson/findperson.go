// Package findperson finds the one person meant: by NHS number, or by name and date of birth, never opening a record by itself.
package findperson

import (
	"context"
	"fmt"
	"strings"
	"time"

	"ribble/internal/access"
	"ribble/internal/audit"
	"ribble/internal/fault"
	"ribble/internal/identity"
	"ribble/internal/record"
)

// Query is a search by details. Family and Born are needed: fewer details would be a trawl (at least two fields).
type Query struct {
	Family, Given, Gender, Postcode string
	Born                            record.PartialDate
}

// Found is what a search gave: nobody, some people, or too many to show safely.
type Found struct {
	People  []record.Person
	TooMany bool
}

// Register is the national register of people. Its errors carry words that are safe to show.
type Register interface {
	Trace(ctx context.Context, number record.NHSNumber, by record.Requester) (record.Person, error)
	Search(ctx context.Context, q Query, by record.Requester) (Found, error)
}

// Flow finds people and writes each search down before its result is shown.
type Flow struct {
	Register Register
	Trail    *audit.Trail
	// Profiles is the table of rights; nil is the shipped one.
	Profiles *access.Profiles
	Now      func() time.Time
}

// errMayNot is for a role without the activity to look people up.
var errMayNot = fault.New(fault.Denied, "Your role may not look people up. If your work needs it, ask your sponsor.")

// May says whether the user's role may look people up; the error has words for who may not.
func (f *Flow) May(by identity.Searcher) error {
	if !f.Profiles.MayFind(by.User()) {
		return errMayNot
	}
	return nil
}

// errNumber is said at once, before anybody is asked.
var errNumber = fault.New(fault.Invalid, "This is not a valid NHS number. Check its ten digits.")

// ByNumber traces the person of an NHS number. An invalid number is refused at once and nobody is asked.
func (f *Flow) ByNumber(ctx context.Context, by identity.Searcher, text string) (record.Person, error) {
	u := by.User()
	if err := f.May(by); err != nil {
		return record.Person{}, err
	}
	number, err := record.ParseNHSNumber(text)
	if err != nil {
		return record.Person{}, errNumber
	}
	person, traceErr := f.Register.Trace(ctx, number, audit.Requester(u))
	found := 1
	if traceErr != nil {
		found = 0
	}
	if err := f.Trail.Note(ctx, audit.Note{Act: audit.ActTraced, User: u, NHSNumber: number, Found: found}); err != nil {
		return record.Person{}, fmt.Errorf("writing down the trace: %w", err)
	}
	if traceErr != nil {
		return record.Person{}, fmt.Errorf("tracing the person: %w", traceErr)
	}
	return person, nil
}

// ByName searches by details.
func (f *Flow) ByName(ctx context.Context, by identity.Searcher, q Query) (Found, error) {
	u := by.User()
	if err := f.May(by); err != nil {
		return Found{}, err
	}
	found, searchErr := f.Register.Search(ctx, q, audit.Requester(u))
	note := audit.Note{
		Act: audit.ActSearched, User: u, Found: len(found.People),
		Terms: audit.Terms{Family: q.Family, Given: q.Given, Born: q.Born.Text, Gender: q.Gender, Postcode: q.Postcode},
	}
	if err := f.Trail.Note(ctx, note); err != nil {
		return Found{}, fmt.Errorf("writing down the search: %w", err)
	}
	if searchErr != nil {
		return Found{}, fmt.Errorf("searching for the person: %w", searchErr)
	}
	return found, nil
}

// Similar tells for each person whether another of them has the same date of birth and a similar name: the two could be taken for each other
// (rule R6; the wrong-number cases that the safety investigators described).
func Similar(people []record.Person) []bool {
	out := make([]bool, len(people))
	for i := range people {
		for j := range people {
			if i != j && people[i].Born.Equal(people[j].Born) && alike(people[i].Current(), people[j].Current()) {
				out[i] = true
			}
		}
	}
	return out
}

// alike compares names generously: it only warns, so a false warning is cheap and a missed one is not.
func alike(a, b record.Name) bool {
	return near(a.Family, b.Family) || (near(first(a.Given), first(b.Given)) && initial(a.Family) == initial(b.Family))
}

func first(given []string) string {
	if len(given) == 0 {
		return ""
	}
	return given[0]
}

func initial(s string) string {
	for _, r := range strings.ToLower(s) {
		return string(r)
	}
	return ""
}

// near reports equal names but for case, or names that differ in at most two letters.
func near(a, b string) bool {
	a, b = strings.ToLower(a), strings.ToLower(b)
	return a == b || (len(a) > 3 && len(b) > 3 && distance([]rune(a), []rune(b)) <= 2)
}

// distance is the number of letters to insert, delete or change (Levenshtein).
func distance(a, b []rune) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i, x := range a {
		left := row[0]
		row[0] = i + 1
		for j, y := range b {
			up := row[j+1]
			cost := left
			if x != y {
				cost++
			}
			row[j+1] = min(cost, min(up, row[j])+1)
			left = up
		}
	}
	return row[len(b)]
}
