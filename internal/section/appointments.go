package section

import (
	"ribble/internal/merge"
	"ribble/internal/record"
	"ribble/web/panel"
)

// appointments shows what is coming up, what has passed without outcome, what did not happen, and GP recalls, which are plans and never
// events (section 9 of the section catalogue; HAZ 76-81).
func appointments(v *View) Content {
	groups := appointmentGroups(v)
	list := func(heading string, want func(*record.Appointment) bool) sublist[record.Appointment] {
		return sublist[record.Appointment]{heading: heading, one: "appointment", many: "appointments", columns: appointmentColumns(v), groups: pick(groups, func(a *record.Appointment) bool { return !a.Recall && want(a) })}
	}
	recalls := pick(groups, func(a *record.Appointment) bool { return a.Recall })
	return lists(v,
		list("Coming up", v.upcoming),
		list("Past, no outcome sent", func(a *record.Appointment) bool { return !v.upcoming(a) && !notKept(a) && noOutcome(a) }),
		list("Past", func(a *record.Appointment) bool { return !v.upcoming(a) && !notKept(a) && !noOutcome(a) }),
		list("Cancelled and missed", notKept),
		sublist[record.Appointment]{heading: "GP recalls", note: "plans, not events", one: "recall", many: "recalls", columns: recallColumns(v), groups: recalls},
	)
}

// notKept reports an appointment that did not take place, in the words of FHIR STU3 and R4.
func notKept(a *record.Appointment) bool {
	return a.Phase == record.NotDone || a.RawStatus == "cancelled" || a.RawStatus == "noshow"
}

// noOutcome reports an appointment of which the source has not said what became of it.
func noOutcome(a *record.Appointment) bool {
	return a.Phase == record.Planned || a.Phase == record.Current
}

func (v *View) upcoming(a *record.Appointment) bool {
	if notKept(a) || a.Phase == record.Ended {
		return false
	}
	start, ok := a.When.Start.Start()
	return !ok || !start.Before(v.Now)
}

func appointmentGroups(v *View) []merge.Group[record.Appointment] {
	return once(v, record.Appointments, func() []merge.Group[record.Appointment] {
		all := entries(v, func(c *record.Chart) []record.Appointment { return c.Appointments })
		groups := merge.Entries(all, func(a *record.Appointment) merge.Key {
			if a.Recall || a.When.Start.Precision < record.Minute {
				return merge.Key{}
			}
			return merge.Key{Code: a.Service.MatchCode(), Detail: a.Source.Organisation.ODS, Date: a.When.Start.Text, Phase: a.Phase}
		})
		return order(v, groups, func(a, b *record.Appointment) int {
			x, y := v.upcoming(a), v.upcoming(b)
			if x && y {
				return a.When.Start.Compare(b.When.Start)
			}
			return newest(&a.Head, &b.Head)
		})
	})
}

func appointmentColumns(v *View) []column[record.Appointment] {
	return []column[record.Appointment]{
		{"Service", 22, func(a *record.Appointment) panel.Cell {
			c := v.strong(firstOf(a.Service.Name(), a.Specialty.Name(), a.Type.Name()))
			return v.with(c, panel.Sub, a.Specialty.Name())
		}},
		{"Detail", 26, func(a *record.Appointment) panel.Cell {
			c := v.with(v.plain(concepts(a.Reasons)), panel.Quote, a.Instruction)
			return details(v, v.with(c, panel.Plain, labelled("cancelled:", a.Cancellation)), &a.Head)
		}},
		{"Date and time", 16, func(a *record.Appointment) panel.Cell { return v.plain(v.when(a.When)) }},
		{"Where, who, status", 12, func(a *record.Appointment) panel.Cell {
			c := v.with(v.plain(a.Place), panel.Sub, a.Channel)
			for _, w := range a.With {
				c = v.with(c, panel.Sub, commas(w.Actor.Display(), w.Role))
			}
			return v.with(c, panel.Sub, orNotGiven(a.RawStatus))
		}},
	}
}

func recallColumns(v *View) []column[record.Appointment] {
	return []column[record.Appointment]{
		{"Recall", 22, func(a *record.Appointment) panel.Cell { return v.strong("Recall: " + orNotGiven(a.Service.Name())) }},
		{"Detail", 26, func(a *record.Appointment) panel.Cell { return details(v, v.plain(concepts(a.Reasons)), &a.Head) }},
		{"Due", 16, func(a *record.Appointment) panel.Cell {
			c := v.plain(v.when(a.When))
			if start, ok := a.When.Start.Start(); ok && a.When.End.IsZero() && start.Before(v.Now.AddDate(0, 0, -1)) {
				c = v.with(c, panel.TagCare, "due date passed")
			}
			return c
		}},
		{"Entered", 12, func(a *record.Appointment) panel.Cell { return v.plain(v.day(a.Recorded)) }},
	}
}
