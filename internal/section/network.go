package section

import (
	"strings"

	"ribble/internal/merge"
	"ribble/internal/record"
	"ribble/web/panel"
)

// network shows who cares for the person: professionals and teams, then personal contacts in the words of the source; nearest relative and
// next of kin are not the same (section 20 of the section catalogue).
func network(v *View) Content {
	all := entries(v, func(c *record.Chart) []record.Contact { return c.Network })
	groups := order(v, merge.Entries(all, func(c *record.Contact) merge.Key {
		if c.Kind == record.Personal || len(c.Actor.Identifiers) == 0 || c.Actor.Identifiers[0].System == "" {
			return merge.Key{}
		}
		id := c.Actor.Identifiers[0]
		return merge.Key{Code: id.System + "|" + id.Value, Phase: c.Phase}
	}), func(a, b *record.Contact) int {
		if a.KeyWorker != b.KeyWorker {
			if a.KeyWorker {
				return -1
			}
			return 1
		}
		return 0
	})
	list := func(heading string, want func(*record.Contact) bool) sublist[record.Contact] {
		return sublist[record.Contact]{heading: heading, one: "contact", many: "contacts", columns: contactColumns(v), groups: pick(groups, want)}
	}
	over := func(c *record.Contact) bool { return c.Phase == record.Ended }
	return lists(v,
		list("Professionals and teams", func(c *record.Contact) bool { return c.Kind != record.Personal && !over(c) }),
		list("Personal contacts", func(c *record.Contact) bool { return c.Kind == record.Personal && !over(c) }),
		list("Ended", over),
	)
}

func contactColumns(v *View) []column[record.Contact] {
	return []column[record.Contact]{
		{"Name", 22, func(c *record.Contact) panel.Cell {
			cell := v.strong(firstOf(c.Actor.Name, c.Actor.Organisation, "Not named"))
			if c.KeyWorker {
				cell = v.with(cell, panel.TagPlain, "key worker")
			}
			if c.Actor.Name != "" {
				cell = v.with(cell, panel.Sub, c.Actor.Organisation)
			}
			return cell
		}},
		{"Role or relationship", 26, func(c *record.Contact) panel.Cell {
			cell := v.plain(semicolons(c.Actor.Role, semicolons(concepts(c.Relationships), concepts(c.Roles))))
			return details(v, cell, &c.Head)
		}},
		{"Contact", 16, func(c *record.Contact) panel.Cell { return v.plain(strings.Join(c.Telecoms, "; ")) }},
		{"Since", 12, func(c *record.Contact) panel.Cell { return v.with(v.plain(v.when(c.When)), panel.Sub, c.RawStatus) }},
	}
}
