package admin

import (
	"slices"
	"strings"

	"ribble/internal/directory"
	"ribble/internal/onboarding"
	"ribble/web/page"
	"ribble/web/ui"
)

// groupsPart is how far the feed has come for audiences that have a stage of their own.
func groupsPart(f *directory.Feed) page.Part {
	part := page.Part{
		ID: "groups", Heading: count(len(f.Groups), "audience with a stage of its own", "audiences with a stage of their own"), Cover: "Never further than for everybody",
		Table: page.Table{Head: []string{"Audience", "Who", "Stage", "Last step"}},
	}
	for _, g := range f.Groups {
		last := words("none yet")
		if n := len(g.Steps); n > 0 {
			last = words(strings.TrimSuffix(day(g.Steps[n-1].On)+", "+g.Steps[n-1].Evidence, ", "))
		}
		stage := words(rungs[f.StageOf(&g)])
		if g.Planned != "" {
			stage.Sub = "planned for " + g.Planned
		}
		part.Table.Rows = append(part.Table.Rows, []page.Cell{words(g.ID), words(who(&g)), stage, last})
	}
	return part
}

// who says in words whose users a group are.
func who(g *directory.Group) string {
	var names []string
	for _, k := range g.Kinds {
		names = append(names, kindWords(k))
	}
	return strings.Join(append(names, g.Organisations...), ", ")
}

// groupOptions are everybody and each group, for the form that moves a feed; none where there are no groups.
func groupOptions(f *directory.Feed, chosen string) []ui.Option {
	if len(f.Groups) == 0 {
		return nil
	}
	out := []ui.Option{{Text: "Everybody else"}}
	for _, g := range f.Groups {
		out = append(out, ui.Option{Value: g.ID, Text: g.ID + ": " + who(&g), Chosen: g.ID == chosen})
	}
	return out
}

// nextStages are the stages to which the feed may be moved, for everybody or for one of its groups.
func nextStages(f *directory.Feed) []directory.Stage {
	out := slices.Clone(onboarding.NextStages(f))
	for _, g := range f.Groups {
		out = append(out, onboarding.NextStagesFor(f, &g)...)
	}
	slices.SortFunc(out, func(a, b directory.Stage) int {
		return slices.Index(directory.Stages, a) - slices.Index(directory.Stages, b)
	})
	return slices.Compact(out)
}
