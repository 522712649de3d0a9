package onboarding

import (
	"fmt"
	"slices"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"ribble/internal/directory"
)

// Difference is one entry that a proposal would change: added where Before is empty, removed where After is.
type Difference struct {
	directory.Key
	Before, After string
	// Fields are the members that differ, in alphabetical order, with their JSON before and after.
	Fields []Field
}

// Field is a member of an entry that differs.
type Field struct{ Name, Before, After string }

// Compare says what entries would change in a directory. Those that are as they were are left out.
func Compare(s *directory.Snapshot, entries []directory.Entry) []Difference {
	var out []Difference
	for _, e := range entries {
		before, there := s.Entry(e.Key)
		if before.Body == e.Body || !there && e.Body == "" {
			continue
		}
		out = append(out, Difference{e.Key, before.Body, e.Body, Fieldwise(before.Body, e.Body)})
	}
	return out
}

// Fieldwise says which members of an entry differ between two of its bodies; an empty body has none.
func Fieldwise(before, after string) []Field {
	was, is := members(before), members(after)
	var out []Field
	for name, value := range was {
		if is[name] != value {
			out = append(out, Field{name, value, is[name]})
		}
	}
	for name, value := range is {
		if _, there := was[name]; !there {
			out = append(out, Field{name, "", value})
		}
	}
	slices.SortFunc(out, func(a, b Field) int {
		if a.Name < b.Name {
			return -1
		}
		return 1
	})
	return out
}

// members are the members of an object with their JSON; none for no object.
func members(body string) map[string]string {
	var raw map[string]jsontext.Value
	if body == "" || json.Unmarshal([]byte(body), &raw) != nil {
		return nil
	}
	out := make(map[string]string, len(raw))
	for name, value := range raw {
		out[name] = string(value)
	}
	return out
}

// Whole gives the entries by which a whole directory file takes the place of everything: also those that it lacks, to be removed.
func (d *Desk) Whole(file []directory.Entry) []directory.Entry {
	named := make(map[directory.Key]bool, len(file))
	for _, e := range file {
		named[e.Key] = true
	}
	out := slices.Clone(file)
	for _, e := range d.Directory().Entries() {
		if !named[e.Key] {
			out = append(out, directory.Entry{Key: e.Key})
		}
	}
	return out
}

// after is the directory as it would be. Besides everything that Build wants it holds the rules of going there: a new feed begins off, the ladder is
// climbed step by step, and a Privacy Officer leaves when there is a successor.
func after(s *directory.Snapshot, version int64, changes []directory.Entry) (*directory.Snapshot, error) {
	next, err := directory.Build(version, merged(s, changes))
	if err != nil {
		return nil, invalid(err)
	}
	if problems := passage(s, next, changes); len(problems) > 0 {
		return nil, invalid(problems)
	}
	return next, nil
}

// merged are all entries as they would be, those that are new at the end.
func merged(s *directory.Snapshot, changes []directory.Entry) []directory.Entry {
	change := make(map[directory.Key]string, len(changes))
	for _, c := range changes {
		change[c.Key] = c.Body
	}
	out := make([]directory.Entry, 0, len(s.Entries())+len(changes))
	for _, e := range s.Entries() {
		if body, ok := change[e.Key]; ok {
			e.Body = body
		}
		if e.Body != "" {
			out = append(out, e)
		}
	}
	for _, c := range changes {
		if _, there := s.Entry(c.Key); !there && c.Body != "" {
			out = append(out, c)
		}
	}
	return out
}

func passage(s, next *directory.Snapshot, changes []directory.Entry) directory.Problems {
	var problems directory.Problems
	seen := make(map[directory.Key]bool, len(changes))
	for _, c := range changes {
		if seen[c.Key] {
			problems = append(problems, fmt.Sprintf("%s %s: is changed twice", c.Kind, c.ID))
		}
		seen[c.Key] = true
		if problem := step(s, next, c); problem != "" {
			problems = append(problems, fmt.Sprintf("%s %s: %s", c.Kind, c.ID, problem))
		}
	}
	return problems
}

// step says what is wrong with the way in which one entry changes.
func step(s, next *directory.Snapshot, c directory.Entry) string {
	switch c.Kind {
	case directory.KindOrganisation:
		if s.Officer(c.ID) != "" && next.Officer(c.ID) == "" && next.Participant(c.ID) != nil {
			return "its Privacy Officer cannot be removed before a successor is named"
		}
	case directory.KindFeed:
		was, is := s.Feed(c.ID), next.Feed(c.ID)
		switch {
		case is == nil:
			if was != nil && was.Stage.Runs() {
				return "it must be off or suspended before it is removed"
			}
		case was == nil:
			if is.Stage != directory.Off {
				return "a new feed begins off"
			}
		case was.Stage != is.Stage && !slices.Contains(NextStages(was), is.Stage):
			return fmt.Sprintf("it cannot go from %s to %s in one step", StageWords(was.Stage), StageWords(is.Stage))
		default:
			return stepOfGroups(was, is)
		}
	}
	return ""
}

// stepOfGroups says what is wrong with the way in which the audiences of a feed change: each climbs step by step, and none leaves before it has come as far as
// everybody.
func stepOfGroups(was, is *directory.Feed) string {
	for _, g := range was.Groups {
		next := is.Group(g.ID)
		switch {
		case next == nil:
			if was.StageOf(&g) != was.Stage {
				return fmt.Sprintf("audience %s must have come as far as everybody before it is taken out", g.ID)
			}
		case g.Stage != next.Stage && !slices.Contains(NextStagesFor(was, &g), next.Stage):
			return fmt.Sprintf("audience %s cannot go from %s to %s in one step", g.ID, StageWords(g.Stage), StageWords(next.Stage))
		}
	}
	return ""
}
