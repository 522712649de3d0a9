package section

import (
	"strings"

	"ribble/internal/merge"
	"ribble/internal/record"
	"ribble/web/panel"
)

// procedures shows what was done, what is planned and what was not done, newest first (section 15 of the section catalogue).
func procedures(v *View) Content {
	all := entries(v, func(c *record.Chart) []record.Procedure { return c.Procedures })
	groups := order(v, merge.Entries(all, procedureKey), func(a, b *record.Procedure) int { return newest(&a.Head, &b.Head) })
	list := func(heading string, want func(*record.Procedure) bool) sublist[record.Procedure] {
		return sublist[record.Procedure]{heading: heading, one: "procedure", many: "procedures", columns: procedureColumns(v), groups: pick(groups, want)}
	}
	notDone := func(p *record.Procedure) bool { return p.Phase == record.NotDone }
	planned := func(p *record.Procedure) bool { return p.Phase == record.Planned }
	return lists(v,
		list("Done", func(p *record.Procedure) bool { return !notDone(p) && !planned(p) }),
		list("Planned", planned),
		list("Not done", notDone),
	)
}

// procedureKey: same code, same day at day precision, same site.
func procedureKey(p *record.Procedure) merge.Key {
	if p.When.Start.Precision < record.Day {
		return merge.Key{}
	}
	return merge.Key{Code: p.Procedure.MatchCode(), Detail: concepts(p.Sites), Date: p.When.Start.Text[:10], Phase: p.Phase}
}

func procedureColumns(v *View) []column[record.Procedure] {
	return []column[record.Procedure]{
		{"Procedure", 22, func(p *record.Procedure) panel.Cell {
			c := v.strong(firstOf(p.Procedure.Name(), "Procedure not named by the source"))
			if p.Phase == record.NotDone {
				c.Lines = append([]panel.Line{{Text: "NOT DONE", Kind: panel.TagRed}}, c.Lines...)
			}
			return v.with(c, panel.Plain, concepts(p.Sites))
		}},
		{"Detail", 26, func(p *record.Procedure) panel.Cell {
			c := v.plain(labelled("for", concepts(p.Reasons)))
			c = v.with(c, panel.Plain, labelled("outcome:", p.Outcome.Name()))
			c = v.with(c, panel.Plain, labelled("complication:", concepts(p.Complications)))
			c = v.with(c, panel.Plain, labelled("follow-up:", concepts(p.FollowUp)))
			c = v.with(c, panel.Sub, labelled("device:", strings.Join(p.Devices, "; ")))
			return details(v, c, &p.Head)
		}},
		{"Date", 16, func(p *record.Procedure) panel.Cell {
			return v.with(v.plain(v.when(p.When)), panel.Plain, p.WhenWords)
		}},
		{"Where, status", 12, func(p *record.Procedure) panel.Cell {
			return v.with(v.plain(p.Place), panel.Sub, orNotGiven(p.RawStatus))
		}},
	}
}
