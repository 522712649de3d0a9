package section

import (
	"ribble/internal/merge"
	"ribble/internal/record"
	"ribble/web/panel"
)

// aboutMe gives the person's own words first, as written, then what to do for them (section 19 of the section catalogue).
func aboutMe(v *View) Content {
	all := entries(v, func(c *record.Chart) []record.AboutMeEntry { return c.AboutMe })
	groups := order(v, merge.Entries(all, func(a *record.AboutMeEntry) merge.Key {
		if a.Kind != record.Adjustment {
			return merge.Key{}
		}
		return merge.Key{Code: a.What.MatchCode(), Detail: a.Heading, Phase: a.Phase}
	}), func(a, b *record.AboutMeEntry) int { return newest(&a.Head, &b.Head) })
	list := func(heading, one, many string, kind record.AboutMeKind) sublist[record.AboutMeEntry] {
		return sublist[record.AboutMeEntry]{heading: heading, one: one, many: many, columns: aboutMeColumns(v), groups: pick(groups, func(a *record.AboutMeEntry) bool { return a.Kind == kind && !past(a.Phase) })}
	}
	over := pick(groups, func(a *record.AboutMeEntry) bool { return past(a.Phase) })
	return lists(v,
		list("In the person’s own words", "statement", "statements", record.Statement),
		list("Please do: reasonable adjustments", "adjustment", "adjustments", record.Adjustment),
		list("Communication", "need", "needs", record.Communication),
		list("Impairments", "impairment", "impairments", record.Impairment),
		sublist[record.AboutMeEntry]{heading: "Ended or ruled out", one: "entry", many: "entries", columns: aboutMeColumns(v), groups: over},
	)
}

// past reports an entry that no longer counts by the source's own status.
func past(p record.Phase) bool {
	return p == record.Ended || p == record.NotDone || p == record.Refuted
}

// unusual is a status that needs a word: those of an entry that simply stands need none.
func unusual(status string) string {
	switch status {
	case "active", "current", "completed", "final", "unknown":
		return ""
	}
	return status
}

func aboutMeColumns(v *View) []column[record.AboutMeEntry] {
	return []column[record.AboutMeEntry]{
		{"About", 22, func(a *record.AboutMeEntry) panel.Cell {
			return v.strong(firstOf(a.Heading, a.What.Name(), "Not named"))
		}},
		{"Words", 36, func(a *record.AboutMeEntry) panel.Cell {
			c := panel.Cell{}
			if a.Heading != "" {
				c = v.plain(a.What.Name())
			}
			return details(v, c, &a.Head)
		}},
		{"Date", 14, func(a *record.AboutMeEntry) panel.Cell {
			c := v.with(v.plain(v.when(a.When)), panel.Sub, labelled("written with", a.SupportedBy))
			return v.with(c, panel.Sub, unusual(a.RawStatus))
		}},
	}
}
