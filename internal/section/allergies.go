package section

import (
	"strings"

	"ribble/internal/merge"
	"ribble/internal/record"
	"ribble/web/panel"
	"ribble/web/ui"
)

// allergies shows conflicts first, then what is active, statements that there are none, what has ended and what was ruled out
// (section 2 of the section catalogue; rule R1 decides which words about absence may stand).
func allergies(v *View) Content {
	all := entries(v, func(c *record.Chart) []record.Allergy { return c.Allergies })
	groups := allergyGroups(v)
	c := lists(v,
		sublist[record.Allergy]{heading: "Active", one: "allergy", many: "allergies", columns: allergyColumns(v), groups: pick(groups, activeAllergy), differs: severityDiffers},
		sublist[record.Allergy]{heading: "Statements about allergies", one: "statement", many: "statements", columns: nilColumns(v), groups: pick(groups, func(a *record.Allergy) bool { return a.Nil != "" })},
		sublist[record.Allergy]{heading: "Ended", note: "ended by the source; not active", one: "allergy", many: "allergies", columns: endedColumns(v), groups: pick(groups, func(a *record.Allergy) bool { return a.Nil == "" && a.Phase == record.Ended })},
		sublist[record.Allergy]{heading: "Ruled out", one: "allergy", many: "allergies", columns: allergyColumns(v), groups: pick(groups, func(a *record.Allergy) bool { return a.Nil == "" && a.Phase == record.Refuted })},
	)
	c.Notices = append(c.Notices, allergyConflicts(all)...)
	if len(c.Notices) > 0 {
		c.News = append(c.News, "CONFLICT")
	}
	return c
}

func allergyGroups(v *View) []merge.Group[record.Allergy] {
	return once(v, record.Allergies, func() []merge.Group[record.Allergy] {
		all := entries(v, func(c *record.Chart) []record.Allergy { return c.Allergies })
		return order(v, merge.Entries(all, allergyKey), moreDangerous)
	})
}

func activeAllergy(a *record.Allergy) bool {
	return a.Nil == "" && a.Phase != record.Ended && a.Phase != record.Refuted
}

func allergyKey(a *record.Allergy) merge.Key {
	return merge.Key{Code: a.Agent.MatchCode(), Phase: a.Phase, Detail: a.Nil}
}

func allergyColumns(v *View) []column[record.Allergy] {
	return []column[record.Allergy]{
		{"Substance", 22, func(a *record.Allergy) panel.Cell { return details(v, agent(v, a), &a.Head) }},
		{"Reaction and severity", 24, func(a *record.Allergy) panel.Cell { return reactions(v, a) }},
		{"Happened", 16, func(a *record.Allergy) panel.Cell { return allergyDates(v, a) }},
		{"Status", 10, func(a *record.Allergy) panel.Cell { return v.plain(allergyStatus(a)) }},
	}
}

func nilColumns(v *View) []column[record.Allergy] {
	return []column[record.Allergy]{
		{"Statement", 22, func(a *record.Allergy) panel.Cell { return details(v, v.strong(a.Agent.Name()), &a.Head) }},
		{"Covers", 24, func(a *record.Allergy) panel.Cell { return v.plain(a.Nil) }},
		{"Date", 16, func(a *record.Allergy) panel.Cell { return v.plain(v.when(a.When)) }},
		{"Status", 10, func(a *record.Allergy) panel.Cell { return v.plain(allergyStatus(a)) }},
	}
}

func endedColumns(v *View) []column[record.Allergy] {
	return []column[record.Allergy]{
		{"Substance", 22, func(a *record.Allergy) panel.Cell { return details(v, agent(v, a), &a.Head) }},
		{"Reaction and severity", 24, func(a *record.Allergy) panel.Cell { return reactions(v, a) }},
		{"Ended", 16, func(a *record.Allergy) panel.Cell {
			c := v.plain(v.day(a.EndedOn))
			for _, l := range allergyDates(v, a).Lines {
				c = v.with(c, panel.Sub, l.Text)
			}
			return v.with(c, panel.Sub, a.RawStatus)
		}},
		{"Reason", 10, func(a *record.Allergy) panel.Cell { return v.with(panel.Cell{}, panel.Quote, a.EndReason) }},
	}
}

// agent names the substance; what could not be coded shows its original text and says so (HAZ 2, 89).
func agent(v *View, a *record.Allergy) panel.Cell {
	c := v.strong(a.Agent.Name())
	switch {
	case a.Agent.Degraded():
		c = v.with(c, panel.TagSoft, "could not be coded when the record was transferred")
	case len(a.Agent.Codings) == 0:
		c = v.with(c, panel.TagSoft, "not coded")
	}
	return v.with(c, panel.Sub, strings.Join(append(nonEmpty(a.Kind), a.Categories...), ", "))
}

func nonEmpty(s string) []string {
	if s == "" {
		return nil
	}
	return []string{s}
}

func reactions(v *View, a *record.Allergy) panel.Cell {
	var c panel.Cell
	for _, r := range a.Reactions {
		c = v.with(c, panel.Plain, semicolons(concepts(r.Manifestations), r.Description))
		if r.Severity != "" {
			c = v.with(c, panel.Plain, "Severity: "+r.Severity)
		}
		if route := r.Route.Name(); route != "" {
			c = v.with(c, panel.Sub, "Route: "+route)
		}
	}
	if a.Criticality != "" {
		c = v.with(c, panel.Plain, "Criticality: "+a.Criticality)
	}
	return c
}

func allergyDates(v *View, a *record.Allergy) panel.Cell {
	var c panel.Cell
	c = v.with(c, panel.Plain, labelled("first", a.Onset.Display()))
	c = v.with(c, panel.Plain, a.OnsetWords)
	c = v.with(c, panel.Plain, labelled("last", a.LastOccurrence.Display()))
	return v.with(c, panel.Sub, labelled("asserted", v.when(a.When)))
}

func labelled(label, text string) string {
	if text == "" {
		return ""
	}
	return label + " " + text
}

// allergyStatus is the source's own status; GP Connect fixes its verification word on every allergy, so adapters do not send it on.
func allergyStatus(a *record.Allergy) string {
	if a.RawStatus != "" {
		return a.RawStatus
	}
	return a.Phase.String()
}

// moreDangerous orders medication before others, then by severity and criticality, then newest first.
func moreDangerous(a, b *record.Allergy) int {
	if d := danger(b) - danger(a); d != 0 {
		return d
	}
	return newest(&a.Head, &b.Head)
}

func danger(a *record.Allergy) int {
	d := 0
	for _, c := range a.Categories {
		if c == "medication" {
			d += 100
		}
	}
	if a.Criticality == "high" {
		d += 10
	}
	return d + severity(a)
}

func severity(a *record.Allergy) int {
	worst := 0
	for _, r := range a.Reactions {
		switch r.Severity {
		case "severe":
			worst = max(worst, 3)
		case "moderate":
			worst = max(worst, 2)
		case "mild":
			worst = max(worst, 1)
		}
	}
	return worst
}

func severityDiffers(a, b *merge.Group[record.Allergy]) string {
	x, y := a.One(), b.One()
	if x.Agent.MatchCode() == "" || x.Agent.MatchCode() != y.Agent.MatchCode() {
		return ""
	}
	return x.Agent.Name() + ": sources describe it differently. Not grouped; all shown."
}

// allergyConflicts says where sources contradict each other: an allergy beside a statement that there is none of its kind, and one
// that is active here and ended or ruled out there.
func allergyConflicts(all []*record.Allergy) []panel.Notice {
	var out []panel.Notice
	for _, n := range all {
		if n.Nil == "" || past(n.Phase) {
			continue
		}
		if against := contradicted(n, all); against != nil {
			out = append(out, conflict(n.Source.Organisation.Name+" says “"+n.Agent.Name()+"” ("+dateOrNot(n.When)+"), but "+against.Source.Organisation.Name+" records "+against.Agent.Name()+" ("+dateOrNot(against.When)+"). Both are shown."))
		}
	}
	for i, a := range all {
		for _, b := range all[i+1:] {
			if a.Nil == "" && b.Nil == "" && a.Agent.MatchCode() != "" && a.Agent.MatchCode() == b.Agent.MatchCode() && activeAllergy(a) != activeAllergy(b) {
				out = append(out, conflict(a.Agent.Name()+": "+a.Source.Organisation.Name+" says "+allergyStatus(a)+", "+b.Source.Organisation.Name+" says "+allergyStatus(b)+". Both are shown."))
			}
		}
	}
	return out
}

func conflict(text string) panel.Notice {
	return panel.Notice{Kind: ui.NoteConflict, Lead: "Sources disagree.", Text: text}
}

func dateOrNot(p record.Period) string {
	if s := p.Display(); s != "" {
		return s
	}
	return "date not given"
}

// contradicted finds an active allergy inside the scope of a statement that there is none.
func contradicted(nothing *record.Allergy, all []*record.Allergy) *record.Allergy {
	for _, a := range all {
		if !activeAllergy(a) {
			continue
		}
		if nothing.Nil == AllKinds {
			return a
		}
		for _, c := range a.Categories {
			if nilScopeCategory[nothing.Nil] == c {
				return a
			}
		}
	}
	return nil
}

// AllKinds is the scope of the statement 716186003 "No known allergy".
const AllKinds = "all kinds"

// nilScopeCategory ties a scope of absence to the FHIR category it contradicts.
var nilScopeCategory = map[string]string{"drugs": "medication", "food": "food", "environment": "environment"}
