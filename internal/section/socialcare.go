package section

import (
	"ribble/internal/merge"
	"ribble/internal/record"
	"ribble/web/panel"
)

// socialCare shows services now, support reasons (primary first), assessments, contacts and equipment, then what has ended
// (section 17 of the section catalogue).
func socialCare(v *View) Content {
	groups := socialCareGroups(v)
	planned := func(s *record.SocialCareEntry) bool { return s.Phase == record.Planned }
	list := func(heading string, kind record.SocialCareKind, over bool) sublist[record.SocialCareEntry] {
		return sublist[record.SocialCareEntry]{heading: heading, one: "entry", many: "entries", columns: socialCareColumns(v), groups: pick(groups, func(s *record.SocialCareEntry) bool {
			return s.Kind == kind && past(s.Phase) == over && !planned(s)
		}), behind: statusHistory}
	}
	return lists(v,
		list("Services now", record.CareService, false),
		list("Support reasons", record.SupportReason, false),
		list("Assessments in progress", record.CareAssessment, false),
		list("Equipment", record.Equipment, false),
		list("Recent contacts", record.CareContact, false),
		sublist[record.SocialCareEntry]{heading: "Planned or asked for, not yet begun", one: "entry", many: "entries", columns: socialCareColumns(v), groups: pick(groups, planned), behind: statusHistory},
		list("Assessments completed", record.CareAssessment, true),
		list("Contacts completed", record.CareContact, true),
		list("Services ended", record.CareService, true),
		list("Support reasons ended", record.SupportReason, true),
		list("Equipment removed", record.Equipment, true),
	)
}

func socialCareGroups(v *View) []merge.Group[record.SocialCareEntry] {
	return once(v, record.SocialCare, func() []merge.Group[record.SocialCareEntry] {
		all := entries(v, func(c *record.Chart) []record.SocialCareEntry { return c.SocialCare })
		groups := merge.Entries(all, func(*record.SocialCareEntry) merge.Key { return merge.Key{} })
		return order(v, groups, func(a, b *record.SocialCareEntry) int {
			if a.Primary != b.Primary {
				if a.Primary {
					return -1
				}
				return 1
			}
			return newest(&a.Head, &b.Head)
		})
	})
}

func socialCareColumns(v *View) []column[record.SocialCareEntry] {
	return []column[record.SocialCareEntry]{
		{"Entry", 22, func(s *record.SocialCareEntry) panel.Cell {
			c := v.strong(firstOf(s.What.Name(), s.Kind.String()+" not named by the council"))
			if s.Primary {
				c = v.with(c, panel.TagPlain, "primary")
			}
			if s.Phase == record.Planned {
				c = v.with(c, panel.TagSoft, s.Kind.String())
			}
			return v.with(c, panel.Sub, s.Group.Name())
		}},
		{"Detail", 24, func(s *record.SocialCareEntry) panel.Cell {
			c := v.plain(labelled("outcome:", concepts(s.Outcomes)))
			c = v.with(c, panel.Plain, labelled("contact from", s.Requester.Name()))
			return details(v, c, &s.Head)
		}},
		{"Dates", 16, func(s *record.SocialCareEntry) panel.Cell { return v.plain(v.when(s.When)) }},
		{"Who, status", 16, func(s *record.SocialCareEntry) panel.Cell {
			c := v.with(v.plain(s.Provider.Display()), panel.Sub, labelled("manager", s.Manager.Display()))
			return v.with(c, panel.Sub, orNotGiven(s.RawStatus))
		}},
	}
}

func statusHistory(s *record.SocialCareEntry) (what string, rows [][]string) {
	for _, f := range s.History {
		rows = append(rows, []string{f.Label, f.Text})
	}
	return "Status history, as sent", rows
}
