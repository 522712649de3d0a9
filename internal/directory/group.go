package directory

import (
	"fmt"
	"slices"

	"github.com/go-json-experiment/json/jsontext"
)

// Group is an audience of its own: users for whom a feed has come less far than for everybody else.
type Group struct {
	ID string
	// Kinds and Organisations (ODS codes) say whose users they are.
	Kinds, Organisations []string
	// Stage is how far the feed has come for them; the feed's own stage is the most that any group has.
	Stage   Stage
	Planned string
	Steps   []Step
}

// has reports whether the users of an organisation of a kind are of the group.
func (g *Group) has(ods, kind string) bool {
	return ods != "" && slices.Contains(g.Organisations, ods) || kind != "" && slices.Contains(g.Kinds, kind)
}

// GroupOf is the first group that users of an organisation of a kind are of; nil when they are of none.
func (f *Feed) GroupOf(ods, kind string) *Group {
	for i := range f.Groups {
		if f.Groups[i].has(ods, kind) {
			return &f.Groups[i]
		}
	}
	return nil
}

// StageFor is how far the feed has come for users of an organisation of a kind.
func (f *Feed) StageFor(ods, kind string) Stage {
	g := f.GroupOf(ods, kind)
	if g == nil || !f.Stage.Runs() {
		return f.Stage
	}
	return f.StageOf(g)
}

// StageOf is how far the feed has come for a group: never further than for everybody.
func (f *Feed) StageOf(g *Group) Stage {
	if f.Stage.Runs() && g.Stage.From(f.Stage) {
		return f.Stage
	}
	if !f.Stage.Runs() {
		return f.Stage
	}
	return g.Stage
}

// Group finds a group by its id; nil when there is none.
func (f *Feed) Group(id string) *Group {
	for i := range f.Groups {
		if f.Groups[i].ID == id {
			return &f.Groups[i]
		}
	}
	return nil
}

type groupEntry struct {
	ID            string         `json:"id"`
	Kinds         []string       `json:"kinds"`
	Organisations []string       `json:"organisations"`
	Stage         Stage          `json:"stage"`
	Planned       string         `json:"planned"`
	Steps         []stepEntry    `json:"steps"`
	Unknown       jsontext.Value `json:",embed"`
}

// maxGroups bounds what is looked through for each view.
const maxGroups = 32

func (l *loader) groups(place string, entries []groupEntry) []Group {
	if len(entries) > maxGroups {
		l.say(place, "may have at most %d entries", maxGroups)
		return nil
	}
	var out []Group
	for i, e := range entries {
		at := labelled(fmt.Sprintf("%s[%d]", place, i), e.ID)
		l.unknown(at, e.Unknown)
		if !idForm.MatchString(e.ID) || slices.ContainsFunc(out, func(g Group) bool { return g.ID == e.ID }) {
			l.say(at+".id", "must be letters, digits, dots, hyphens and underscores, and its own")
		}
		for j, k := range e.Kinds {
			if !slices.Contains(kinds, k) {
				l.say(fmt.Sprintf("%s.kinds[%d]", at, j), "is no kind of organisation")
			}
		}
		for j, ods := range e.Organisations {
			if !odsForm.MatchString(ods) {
				l.say(fmt.Sprintf("%s.organisations[%d]", at, j), "must be an ODS code")
			}
		}
		if len(e.Kinds)+len(e.Organisations) == 0 {
			l.say(at, "must name kinds of organisation, or organisations")
		}
		if e.Stage == "" {
			e.Stage = Off
		}
		l.staged(at, e.Stage, e.Planned)
		out = append(out, Group{ID: e.ID, Kinds: e.Kinds, Organisations: e.Organisations, Stage: e.Stage, Planned: e.Planned, Steps: l.steps(at, e.Steps)})
	}
	return out
}
