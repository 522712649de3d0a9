package section

import (
	"ribble/internal/merge"
	"ribble/internal/record"
	"ribble/web/panel"
)

// legal shows legal status in the words of the source; whether it is still valid is never worked out (section 18 of the section catalogue).
func legal(v *View) Content {
	groups := legalGroups(v)
	list := func(heading string, want func(*record.LegalStatus) bool) sublist[record.LegalStatus] {
		return sublist[record.LegalStatus]{heading: heading, one: "entry", many: "entries", columns: legalColumns(v), groups: pick(groups, want)}
	}
	return lists(v,
		list("Recorded as in force", legalInForce),
		list("Draft or proposed, not in force", func(l *record.LegalStatus) bool { return l.Phase == record.Draft || l.Phase == record.Planned }),
		list("Ended", func(l *record.LegalStatus) bool { return past(l.Phase) }),
	)
}

func legalInForce(l *record.LegalStatus) bool {
	return !past(l.Phase) && l.Phase != record.Draft && l.Phase != record.Planned
}

func legalGroups(v *View) []merge.Group[record.LegalStatus] {
	return once(v, record.Legal, func() []merge.Group[record.LegalStatus] {
		all := entries(v, func(c *record.Chart) []record.LegalStatus { return c.Legal })
		groups := merge.Entries(all, func(*record.LegalStatus) merge.Key { return merge.Key{} })
		return order(v, groups, func(a, b *record.LegalStatus) int { return newest(&a.Head, &b.Head) })
	})
}

func legalColumns(v *View) []column[record.LegalStatus] {
	return []column[record.LegalStatus]{
		{"Status", 26, func(l *record.LegalStatus) panel.Cell {
			return v.attachment(v.strong(l.Status.Name()), &l.Head, l.Attachment)
		}},
		{"Kind and detail", 26, func(l *record.LegalStatus) panel.Cell {
			c := v.with(v.plain(l.Kind), panel.Sub, l.Context)
			return details(v, v.with(c, panel.Sub, labelled("authority", l.Authority.Display())), &l.Head)
		}},
		{"Dates", 16, func(l *record.LegalStatus) panel.Cell {
			return v.with(v.plain(v.when(l.When)), panel.Sub, v.ago(l.When.Start))
		}},
		{"Status", 8, func(l *record.LegalStatus) panel.Cell { return v.plain(l.RawStatus) }},
	}
}
