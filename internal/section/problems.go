package section

import (
	"slices"
	"strings"

	"ribble/internal/merge"
	"ribble/internal/record"
	"ribble/web/panel"
)

// problems shows active major, active minor, hospital diagnoses, what has ended and what was ruled out (section 4 of the section catalogue).
func problems(v *View) Content {
	groups := problemGroups(v)
	names := problemNames(groups)
	list := func(heading string, groups []merge.Group[record.Problem]) sublist[record.Problem] {
		return sublist[record.Problem]{heading: heading, one: "problem", many: "problems", columns: problemColumns(v, names), groups: groups}
	}
	major, minor, unsaid := bySignificance(pick(groups, activeProblem))
	c := lists(v,
		list("Active, major", major),
		list("Active, minor", minor),
		list("Active, significance not said", unsaid),
		list("Ended", pick(groups, func(p *record.Problem) bool { return p.Phase == record.Ended })),
		list("Ruled out", pick(groups, func(p *record.Problem) bool { return p.Phase == record.Refuted })),
	)
	c.Notices = problemConflicts(groups)
	if len(c.Notices) > 0 {
		c.News = append(c.News, "sources disagree")
	}
	return c
}

func activeProblem(p *record.Problem) bool {
	return p.Phase != record.Ended && p.Phase != record.Refuted
}

// bySignificance parts the groups: major if any source says so, minor if every source that says anything says so, and all others. A word that
// is neither stands with what was not said, and in the row.
func bySignificance(groups []merge.Group[record.Problem]) (major, minor, unsaid []merge.Group[record.Problem]) {
	for _, g := range groups {
		isMajor, isMinor, isOther := false, false, false
		for _, p := range g.Members {
			switch {
			case strings.EqualFold(p.Significance, "major"):
				isMajor = true
			case strings.EqualFold(p.Significance, "minor"):
				isMinor = true
			default:
				isOther = isOther || p.Significance != ""
			}
		}
		switch {
		case isMajor:
			major = append(major, g)
		case isMinor && !isOther:
			minor = append(minor, g)
		default:
			unsaid = append(unsaid, g)
		}
	}
	return major, minor, unsaid
}

func problemGroups(v *View) []merge.Group[record.Problem] {
	all := entries(v, func(c *record.Chart) []record.Problem { return c.Problems })
	return order(v, merge.Entries(all, problemKey), latestOnset)
}

func latestOnset(a, b *record.Problem) int { return b.Onset.Compare(a.Onset) }

// problemKey: same SNOMED code, same onset at the same precision, same phase.
func problemKey(p *record.Problem) merge.Key {
	return merge.Key{Code: p.Problem.MatchCode(), Date: p.Onset.Text, Phase: p.Phase}
}

func problemConflicts(groups []merge.Group[record.Problem]) []panel.Notice {
	var out []panel.Notice
	sameCode := byCode(groups, func(p *record.Problem) string { return p.Problem.MatchCode() })
	for i := range groups {
		for _, j := range sameCode[i] {
			a, b := groups[i].One(), groups[j].One()
			if j > i && (a.Phase == record.Ended) != (b.Phase == record.Ended) && a.Source.Feed != b.Source.Feed {
				out = append(out, conflict(a.Problem.Name()+": "+a.Source.Organisation.Name+" says "+orNotGiven(a.RawStatus)+", "+b.Source.Organisation.Name+" says "+orNotGiven(b.RawStatus)+". Both are shown."))
			}
		}
	}
	return out
}

func problemColumns(v *View, names map[sourceKey]string) []column[record.Problem] {
	return []column[record.Problem]{
		{"Problem", 22, func(p *record.Problem) panel.Cell {
			return v.strong(firstOf(p.Problem.Name(), unnamedProblem))
		}},
		{"Detail", 26, func(p *record.Problem) panel.Cell { return problemDetail(v, p, names) }},
		{"Onset", 16, func(p *record.Problem) panel.Cell {
			c := v.with(v.plain(p.Onset.Display()), panel.Plain, p.OnsetWords)
			return v.with(v.with(c, panel.Sub, labelled("ended", v.day(p.EndedOn))), panel.Sub, p.EndWords)
		}},
		{"Status", 12, func(p *record.Problem) panel.Cell {
			return v.with(v.plain(orNotGiven(p.RawStatus)), panel.Sub, p.Significance)
		}},
	}
}

const unnamedProblem = "Diagnosis not named by the source"

func problemDetail(v *View, p *record.Problem, names map[sourceKey]string) panel.Cell {
	var c panel.Cell
	if role := concepts(p.Roles); !strings.EqualFold(role, "problem list item") {
		c = v.with(c, panel.Plain, role)
	}
	c = v.with(c, panel.Plain, labelled("severity", p.Severity.Name()))
	c = v.with(c, panel.Plain, labelled("site", concepts(p.Site)))
	for _, r := range p.Relations {
		name := names[sourceKey{p.Source.Feed, r.To.Key}]
		if name == "" {
			name = orNotSent(r.To.Words)
		}
		c = v.with(c, panel.Sub, strings.ToLower(r.Type)+": "+name)
	}
	for _, l := range p.Links {
		if l.Words != "" {
			c = v.with(c, panel.Sub, "linked: "+l.Words)
		}
	}
	return details(v, c, &p.Head)
}

// sourceKey is an entry's identity across answers.
type sourceKey struct {
	feed string
	key  record.ItemKey
}

func problemNames(groups []merge.Group[record.Problem]) map[sourceKey]string {
	related := func(p *record.Problem) bool { return len(p.Relations) > 0 }
	if !slices.ContainsFunc(groups, func(g merge.Group[record.Problem]) bool { return slices.ContainsFunc(g.Members, related) }) {
		return nil
	}
	names := map[sourceKey]string{}
	for _, g := range groups {
		for _, p := range g.Members {
			names[sourceKey{p.Source.Feed, p.Key}] = p.Problem.Name()
		}
	}
	return names
}
