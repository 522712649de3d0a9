package section

import (
	"strconv"
	"strings"

	"ribble/internal/record"
	"ribble/web/panel"
	"ribble/web/ui"
)

// Nav lists the sections with the count and the worst state of each; a count never stands while sources are awaited (rule R4).
func Nav(v *View, sections record.Sections, purpose string, again ui.Action) panel.Nav {
	n := panel.Nav{Retrieved: Moment(v.Now), Purpose: purpose, Actions: []ui.Action{again}}
	for s := range record.AllSections.All {
		n.Items = append(n.Items, navItem(v, s, sections.Has(s)))
	}
	n.Items = append(n.Items, panel.NavItem{ID: TimelineID, Title: TimelineTitle})
	return n
}

func navItem(v *View, s record.Section, allowed bool) panel.NavItem {
	item := panel.NavItem{ID: s.ID(), Title: shortTitle(s)}
	if !allowed {
		item.Icons, item.Hidden = []ui.Icon{ui.IconOff}, "not shown to your role"
		return item
	}
	d := v.said(s)
	if len(d.waiting) > 0 {
		item.Count, item.Icons, item.Look = "waiting", []ui.Icon{ui.IconWait}, panel.NavWait
		return item
	}
	rows := 0
	var states [record.NumStates]bool
	for _, a := range d.answers {
		c := a.Answer().Coverage[s]
		_, n := a.Answer().Chart.Count(s)
		rows += n
		states[c.State] = states[c.State] || holds(c)
		for _, r := range c.Also {
			states[r.State] = true
		}
	}
	var hidden []string
	if rows > 0 {
		item.Count = strconv.Itoa(rows)
	} else {
		// Never a bare nought (rule R2): that nothing was sent is not that there is nothing.
		hidden = append(hidden, "none sent")
	}
	for _, state := range []record.State{record.Mismatch, record.Unavailable, record.Refused, record.Incomplete, record.Uninterpretable, record.Withheld} {
		if states[state] {
			item.Icons, hidden = append(item.Icons, partIcon[state]), append(hidden, navWords[state])
			if state.Loud() {
				item.Look = panel.NavLoud
			}
		}
	}
	if s == record.Allergies && SummariseAllergies(v).Conflict {
		item.Count, item.Look = "conflict", panel.NavLoud
		item.Icons = append([]ui.Icon{ui.IconClash}, item.Icons...)
	}
	if item.Look == panel.NavPlain && states[record.Withheld] {
		item.Look = panel.NavHeld
	}
	item.Hidden = strings.Join(hidden, ", ")
	return item
}

var navWords = [record.NumStates]string{
	record.Mismatch: "wrong person", record.Unavailable: "a source did not answer", record.Refused: "refused", record.Incomplete: "incomplete",
	record.Uninterpretable: "not all readable", record.Withheld: "some withheld",
}

// shortTitle fits a title into one line of the navigation.
func shortTitle(s record.Section) string {
	switch s {
	case record.Imaging:
		return "Imaging, reports"
	case record.Encounters:
		return "Encounters"
	case record.History:
		return "Family and social"
	}
	return s.Title()
}
