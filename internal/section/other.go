package section

import (
	"ribble/internal/merge"
	"ribble/internal/record"
	"ribble/web/panel"
)

// other is the last place: everything clinical that has no other home, newest first, grouped by nothing (section 22 of the section catalogue).
func other(v *View) Content {
	all := entries(v, func(c *record.Chart) []record.OtherEntry { return c.Other })
	groups := order(v, merge.Entries(all, func(*record.OtherEntry) merge.Key { return merge.Key{} }), func(a, b *record.OtherEntry) int { return newest(&a.Head, &b.Head) })
	return lists(v, sublist[record.OtherEntry]{columns: otherColumns(v), groups: groups, behind: answersBehind})
}

func otherColumns(v *View) []column[record.OtherEntry] {
	return []column[record.OtherEntry]{
		{"Entry", 26, func(o *record.OtherEntry) panel.Cell {
			c := v.strong(firstOf(o.Name.Name(), o.Result.Test.Name(), firstOf(o.TypeWords, "Entry not named by the source")))
			if o.Name.Degraded() {
				c = v.with(c, panel.TagSoft, "could not be coded when the record was transferred")
			}
			c = v.with(c, panel.Sub, o.TypeWords)
			if o.General {
				c = v.with(c, panel.TagSoft, "shown in general form")
			}
			return c
		}},
		{"What the source says", 36, func(o *record.OtherEntry) panel.Cell { return otherWords(v, o) }},
		{"Date", 16, func(o *record.OtherEntry) panel.Cell {
			return v.with(v.plain(v.when(o.When)), panel.Sub, o.RawStatus)
		}},
	}
}

func otherWords(v *View, o *record.OtherEntry) panel.Cell {
	r := &o.Result
	c := v.strong(r.Value.Display())
	c = v.with(c, panel.Strong, components(r))
	rare := r.Rarely()
	c = v.with(c, panel.Sub, labelled("no value:", rare.Absent.Name()))
	for _, comment := range r.Comments {
		c = v.with(c, panel.Plain, comment)
	}
	for _, x := range r.Ranges {
		c = v.with(c, panel.Sub, labelled("range", x.Display()))
	}
	c = v.with(c, panel.TagRed, r.Flag)
	for _, m := range rare.Members {
		c = v.with(c, panel.Sub, m.Test.Name()+": "+orNotGiven(m.Value.Display()))
	}
	return details(v, c, &o.Head)
}

func answersBehind(o *record.OtherEntry) (what string, rows [][]string) {
	for _, f := range o.Answers {
		rows = append(rows, []string{f.Label, f.Text})
	}
	return "All that was sent, line by line", rows
}
