package section

import (
	"strconv"

	"ribble/internal/merge"
	"ribble/internal/record"
	"ribble/web/panel"
)

// alerts shows flags in the order of whom they protect first; nothing is a count only (section 5 of the section catalogue).
func alerts(v *View) Content {
	groups := alertGroups(v)
	c := lists(v,
		sublist[record.Alert]{heading: "In force", one: "alert", many: "alerts", columns: alertColumns(v), groups: pick(groups, inForce)},
		sublist[record.Alert]{heading: "Ended", one: "alert", many: "alerts", columns: alertColumns(v), groups: pick(groups, func(a *record.Alert) bool { return !inForce(a) })},
	)
	if v.asksGP() {
		c.Blocks = append(c.Blocks, panel.Standing{Lead: "Warnings kept by the GP practice are not shared here."})
	}
	return c
}

// asksGP reports whether a GP practice is among the sources.
func (v *View) asksGP() bool {
	for _, a := range v.Answers {
		if a.Answer().Source.Organisation.Kind == "gp-practice" {
			return true
		}
	}
	return false
}

func inForce(a *record.Alert) bool { return a.Phase != record.Ended }

func alertGroups(v *View) []merge.Group[record.Alert] {
	return once(v, record.Alerts, func() []merge.Group[record.Alert] {
		all := entries(v, func(c *record.Chart) []record.Alert { return c.Alerts })
		// Alerts of different owners are never one alert, so only an equal business identifier groups them.
		groups := merge.Entries(all, func(*record.Alert) merge.Key { return merge.Key{} })
		return order(v, groups, func(a, b *record.Alert) int {
			if a.Kind != b.Kind {
				return int(a.Kind) - int(b.Kind)
			}
			return newest(&a.Head, &b.Head)
		})
	})
}

func alertColumns(v *View) []column[record.Alert] {
	return []column[record.Alert]{
		{"Alert", 28, func(a *record.Alert) panel.Cell { return v.strong(a.Alert.Name()) }},
		{"Kind and detail", 26, func(a *record.Alert) panel.Cell {
			c := v.with(v.plain(a.Kind.String()), panel.Sub, concepts(a.Categories))
			return details(v, v.with(c, panel.Sub, labelled("authority", a.Authority.Display())), &a.Head)
		}},
		{"Since", 16, func(a *record.Alert) panel.Cell {
			return v.with(v.plain(v.when(a.When)), panel.Sub, v.ago(a.When.Start))
		}},
		{"Status", 8, func(a *record.Alert) panel.Cell { return v.plain(orNotGiven(a.RawStatus)) }},
	}
}

// ago says how old a flag is, from day-precision dates only: a flag without an end may be stale.
func (v *View) ago(d record.PartialDate) string {
	years, months, ok := d.AgeAt(v.Now)
	switch {
	case !ok || years == 0 && months == 0:
		return ""
	case years == 0:
		return "set " + strconv.Itoa(months) + plural(months, " month ago", " months ago")
	}
	return "set " + strconv.Itoa(years) + plural(years, " year ago", " years ago")
}
