package section

import (
	"strings"
	"time"

	"ribble/internal/merge"
	"ribble/internal/record"
	"ribble/web/panel"
)

// encounters shows who is in hospital now first, then contacts newest first, then what did not happen (section 7 of the section catalogue).
func encounters(v *View) Content {
	groups := encounterGroups(v)
	list := func(heading string, where encounterList) sublist[record.Encounter] {
		return sublist[record.Encounter]{heading: heading, one: "entry", many: "entries", columns: encounterColumns(v), groups: pick(groups, func(e *record.Encounter) bool { return listOf(e) == where })}
	}
	return lists(v,
		list("In hospital now, as far as sent", hereNow),
		list("Planned", planned),
		list("Contacts and admissions", happened),
		list("Pathways of care", pathway),
		list("Did not happen", missed),
	)
}

// encounterList is the one list in which an encounter stands.
type encounterList uint8

const (
	hereNow encounterList = iota
	planned
	happened
	pathway
	missed
)

func listOf(e *record.Encounter) encounterList {
	switch {
	case e.RawStatus == "cancelled" || e.Phase == record.NotDone:
		return missed
	case e.Phase == record.Planned:
		return planned
	case e.Pathway:
		return pathway
	case openStay(e):
		return hereNow
	}
	return happened
}

func openStay(e *record.Encounter) bool {
	bed := e.Setting == record.Inpatient || e.Setting == record.Emergency || e.Setting == record.MentalHealth && strings.Contains(strings.ToLower(e.ClassWords), "inpatient")
	return bed && e.Phase == record.Current && e.RawStatus != "cancelled" && !e.Pathway && e.When.End.IsZero()
}

func encounterGroups(v *View) []merge.Group[record.Encounter] {
	return once(v, record.Encounters, func() []merge.Group[record.Encounter] {
		all := entries(v, func(c *record.Chart) []record.Encounter { return c.Encounters })
		groups := merge.Entries(all, func(e *record.Encounter) merge.Key {
			if e.When.Start.Precision < record.Minute || e.Pathway {
				return merge.Key{}
			}
			return merge.Key{Code: e.Source.Organisation.ODS, Detail: e.Setting.String(), Date: e.When.Start.Text, Phase: e.Phase}
		})
		return order(v, groups, func(a, b *record.Encounter) int { return newest(&a.Head, &b.Head) })
	})
}

func encounterColumns(v *View) []column[record.Encounter] {
	return []column[record.Encounter]{
		{"Contact", 20, func(e *record.Encounter) panel.Cell {
			c := v.strong(e.Setting.String())
			if e.Setting == record.SettingOther && e.ClassWords != "" {
				c = v.strong(e.ClassWords)
			} else if !strings.EqualFold(e.ClassWords, e.Setting.String()) {
				c = v.with(c, panel.Sub, e.ClassWords)
			}
			c = v.with(c, panel.Plain, e.Service.Name())
			return v.with(c, panel.Sub, concepts(e.Types))
		}},
		{"What the source says", 24, func(e *record.Encounter) panel.Cell { return encounterStory(v, e) }},
		{"Dates", 16, func(e *record.Encounter) panel.Cell {
			c := v.plain(v.when(e.When))
			if start, ok := e.When.Start.Start(); ok && openStay(e) && v.Now.Sub(start) > 30*24*time.Hour {
				c = v.with(c, panel.TagCare, "no end sent")
			}
			return v.with(c, panel.Sub, orNotGiven(e.RawStatus))
		}},
		{"Where and who", 18, func(e *record.Encounter) panel.Cell {
			var c panel.Cell
			for _, p := range e.Places {
				c = v.with(c, panel.Plain, commas(p.Name, p.Status))
			}
			for _, p := range e.People {
				c = v.with(c, panel.Sub, commas(p.Actor.Display(), p.Role))
			}
			return c
		}},
	}
}

func encounterStory(v *View, e *record.Encounter) panel.Cell {
	c := v.plain(concepts(e.Reasons))
	for _, d := range e.Diagnoses {
		name := d.Condition.Name()
		if name == "" {
			name = orNotSent(d.Ref.Words)
		}
		c = v.with(c, panel.Plain, labelled(firstOf(d.Use, "diagnosis")+":", name))
	}
	for _, f := range append(append([]record.Fact(nil), e.Admission...), e.Discharge...) {
		c = v.with(c, panel.Sub, f.Label+": "+f.Text)
	}
	return details(v, c, &e.Head)
}
