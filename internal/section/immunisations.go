package section

import (
	"ribble/internal/merge"
	"ribble/internal/record"
	"ribble/web/panel"
)

// immunisations keeps given, reported, not given and statements apart; "not given on a date" is never "not vaccinated"
// (section 14 of the section catalogue; IMM-04).
func immunisations(v *View) Content {
	all := entries(v, func(c *record.Chart) []record.Immunisation { return c.Immunisations })
	groups := order(v, merge.Entries(all, immunisationKey), func(a, b *record.Immunisation) int { return newest(&a.Head, &b.Head) })
	list := func(heading, one, many string, want func(*record.Immunisation) bool) sublist[record.Immunisation] {
		return sublist[record.Immunisation]{heading: heading, one: one, many: many, columns: immunisationColumns(v), groups: pick(groups, want)}
	}
	return lists(v,
		list("Given", "vaccination", "vaccinations", func(i *record.Immunisation) bool {
			return !i.Statement && i.Phase != record.NotDone && !i.Reported
		}),
		list("Reported, not witnessed", "vaccination", "vaccinations", func(i *record.Immunisation) bool { return !i.Statement && i.Phase != record.NotDone && i.Reported }),
		list("Not given", "entry", "entries", func(i *record.Immunisation) bool { return !i.Statement && i.Phase == record.NotDone }),
		list("Statements about vaccination", "statement", "statements", func(i *record.Immunisation) bool { return i.Statement }),
	)
}

// immunisationKey: same vaccination code, same day, same phase; another batch or site is another vaccination.
func immunisationKey(i *record.Immunisation) merge.Key {
	if i.When.Start.Precision < record.Day || i.Statement {
		return merge.Key{}
	}
	return merge.Key{Code: i.Vaccination.MatchCode(), Detail: i.Batch + "|" + i.Site.Name(), Date: i.When.Start.Text[:10], Phase: i.Phase}
}

func immunisationColumns(v *View) []column[record.Immunisation] {
	return []column[record.Immunisation]{
		{"Vaccination", 22, func(i *record.Immunisation) panel.Cell {
			c := v.strong(firstOf(i.Vaccination.Name(), i.Product.Name(), "Vaccination not named by the source"))
			if i.Phase == record.NotDone {
				c.Lines = append([]panel.Line{{Text: "NOT GIVEN", Kind: panel.TagRed}}, c.Lines...)
			}
			if i.Statement {
				return c
			}
			return v.with(c, panel.Sub, firstOf(i.Product.Name(), "product not recorded"))
		}},
		{"Detail", 26, func(i *record.Immunisation) panel.Cell {
			c := v.plain(labelled("reason:", concepts(i.NotGivenReason)))
			c = v.with(c, panel.Plain, labelled("against", concepts(i.Targets)))
			c = v.with(c, panel.Sub, labelled("why:", concepts(i.Reasons)))
			c = v.with(c, panel.Sub, labelled("reported by", i.ReportOrigin.Name()))
			return details(v, c, &i.Head)
		}},
		{"Date", 16, func(i *record.Immunisation) panel.Cell { return v.plain(v.when(i.When)) }},
		{"Dose, batch, site", 12, func(i *record.Immunisation) panel.Cell {
			c := v.with(v.plain(i.Dose), panel.Sub, labelled("number", i.Sequence))
			c = v.with(c, panel.Sub, labelled("batch", commas(i.Batch, i.Maker)))
			c = v.with(c, panel.Sub, labelled("expires", i.Expiry.Display()))
			return v.with(c, panel.Sub, commas(i.Site.Name(), i.Route.Name()))
		}},
	}
}
