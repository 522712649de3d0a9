package section

import (
	"strconv"
	"strings"

	"ribble/internal/merge"
	"ribble/internal/record"
	"ribble/web/panel"
)

// plans shows care plans, resuscitation decisions and end-of-life plans; a missing plan says nothing about resuscitation
// (section 6 of the section catalogue).
func plans(v *View) Content {
	groups := planGroups(v)
	current := func(p *record.Plan) bool { return p.Phase != record.Ended }
	c := lists(v,
		sublist[record.Plan]{heading: "Plans", one: "plan", many: "plans", columns: planColumns(v), groups: pick(groups, current), behind: activities},
		sublist[record.Plan]{heading: "Ended or superseded", one: "plan", many: "plans", columns: planColumns(v), groups: pick(groups, func(p *record.Plan) bool { return !current(p) }), behind: activities},
	)
	if n, found := resuscitationConflict(pick(groups, current)); found {
		c.Notices, c.News = append(c.Notices, n), append(c.News, "CONFLICT")
	}
	c.Blocks = append(c.Blocks, panel.Standing{Lead: "No plan here does not mean “for resuscitation”.", Text: "Ask the person, family or the organisation that would hold a plan."})
	return c
}

// planRank orders plans by how soon they matter at the bedside (SNOMED codes of section 27.3).
var planRank = map[string]int{
	"450476008": 0, "450475007": 0, "304253006": 0, "304252001": 0, "143021000119109": 0,
	"1382601000000107": 1, "735324008": 2, "736366004": 3, "736373009": 4, "861421000000109": 4, "736253002": 5, "325691000000100": 6, "887701000000100": 7, "2181441000000107": 8,
}

// lastRanked is the rank of the last plan in that order; what it does not know stands behind.
const lastRanked = 8

// urgentPlan is the highest rank of a plan that matters in the first minute.
const urgentPlan = 2

func rank(p *record.Plan) int {
	for _, codings := range [...][]record.Coding{p.Decision.Codings, p.Type.Codings} {
		for _, c := range codings {
			if r, ok := planRank[c.Code]; ok {
				return r
			}
		}
	}
	return lastRanked + 1
}

func planGroups(v *View) []merge.Group[record.Plan] {
	return once(v, record.Plans, func() []merge.Group[record.Plan] {
		all := entries(v, func(c *record.Chart) []record.Plan { return c.Plans })
		groups := merge.Entries(all, func(p *record.Plan) merge.Key {
			if p.Attachment == nil || p.Attachment.Hash == "" {
				return merge.Key{}
			}
			return merge.Key{Code: p.Attachment.Hash, Detail: p.Attachment.ContentType, Phase: p.Phase}
		})
		return order(v, groups, func(a, b *record.Plan) int {
			// Among those that matter in an emergency the newest stands first, whatever it is called.
			if d := max(rank(a), urgentPlan) - max(rank(b), urgentPlan); d != 0 {
				return d
			}
			return newest(&a.Head, &b.Head)
		})
	})
}

var notForCPR = map[string]bool{"450476008": true, "304253006": true, "143021000119109": true}
var forCPR = map[string]bool{"450475007": true, "304252001": true}

// resuscitationConflict finds "for" beside "not for" attempted CPR: the top-of-page conflict of section 6.
func resuscitationConflict(groups []merge.Group[record.Plan]) (panel.Notice, bool) {
	var yes, no *record.Plan
	for _, g := range groups {
		for _, p := range g.Members {
			for _, k := range p.Decision.Codings {
				switch {
				case forCPR[k.Code]:
					yes = p
				case notForCPR[k.Code]:
					no = p
				}
			}
		}
	}
	if yes == nil || no == nil {
		return panel.Notice{}, false
	}
	return conflict("Resuscitation: " + no.Source.Organisation.Name + " holds “" + no.Decision.Name() + "” (" + dateOrNot(no.When) + "), " +
		yes.Source.Organisation.Name + " holds “" + yes.Decision.Name() + "” (" + dateOrNot(yes.When) + "). Both are shown."), true
}

func planColumns(v *View) []column[record.Plan] {
	return []column[record.Plan]{
		{"Plan", 22, func(p *record.Plan) panel.Cell {
			c := v.strong(planName(p))
			if p.Phase == record.Draft {
				c = v.with(c, panel.TagCare, "Draft")
			}
			return v.attachment(c, &p.Head, p.Attachment)
		}},
		{"Decision and summary", 24, func(p *record.Plan) panel.Cell {
			c := v.with(v.strong(p.Decision.Name()), panel.Plain, p.Summary)
			return details(v, c, &p.Head)
		}},
		{"Made, review", 16, func(p *record.Plan) panel.Cell {
			c := v.with(v.plain(v.when(p.When)), panel.Sub, labelled("review", v.day(p.Review)))
			if start, ok := p.Review.Start(); ok && start.Before(v.Now.AddDate(0, 0, -1)) {
				c = v.with(c, panel.TagCare, "review date passed")
			}
			return c
		}},
		{"Held by", 16, func(p *record.Plan) panel.Cell {
			return v.with(v.with(v.plain(p.Custodian), panel.Sub, actors(p.Authors)), panel.Sub, p.RawStatus)
		}},
	}
}

func planName(p *record.Plan) string {
	name, title := p.Type.Name(), p.Title
	switch {
	case name == "":
		return firstOf(title, "Plan not named by the source")
	case title == "" || strings.EqualFold(name, title):
		return name
	}
	return name + ": " + title
}

func activities(p *record.Plan) (what string, rows [][]string) {
	for _, a := range p.Activities {
		row := []string{}
		for _, part := range []string{a.Label, a.Text, a.Status} {
			if part != "" {
				row = append(row, part)
			}
		}
		rows = append(rows, row)
	}
	return "What the plan says, line by line", rows
}

// attachment adds the link under which a document body opens, or why there is none.
func (v *View) attachment(c panel.Cell, h *record.Head, a *record.Attachment) panel.Cell {
	switch {
	case a == nil:
		return c
	case a.Placeholder != "":
		return v.with(c, panel.Sub, "not available: "+a.Placeholder)
	}
	if v.Document != nil {
		if href := v.Document(*h.Source, *a); href != "" {
			c.Lines = append(c.Lines, panel.Line{Text: "Open" + fileWords(a), Kind: panel.Plain, Href: href})
			return c
		}
	}
	return v.with(c, panel.Sub, "held by "+h.Source.Organisation.Short+"; cannot be opened here")
}

func fileWords(a *record.Attachment) string {
	s := ""
	if kind, ok := fileKinds[a.ContentType]; ok {
		s = kind
	} else if a.ContentType != "" {
		s = a.ContentType
	}
	if a.Size > 0 {
		s = commas(s, fileSize(a.Size))
	}
	if s == "" {
		return ""
	}
	return " (" + s + ")"
}

// planLines are the plans that matter at the bedside, the newest of each type; how many others of the type there are is said beside it.
func planLines(v *View) []panel.SnapLine {
	plans := pick(planGroups(v), func(p *record.Plan) bool { return !past(p.Phase) && rank(p) <= lastRanked })
	count := map[string]int{}
	for i := range plans {
		count[plans[i].One().Type.Name()]++
	}
	var out []panel.SnapLine
	for i := range plans {
		p := plans[i].One()
		kind := p.Type.Name()
		n := count[kind]
		if n == 0 {
			continue
		}
		count[kind] = 0
		lines := []panel.Line{{Text: unsettled(p.Phase) + planName(p), Kind: panel.Strong, Href: "#plans"}}
		if d := p.Decision.Name(); d != "" && !strings.EqualFold(d, planName(p)) {
			lines = append(lines, panel.Line{Text: d, Kind: panel.Quote})
		}
		if n > 1 {
			lines = append(lines, panel.Line{Text: strconv.Itoa(n-1) + plural(n-1, " other of this type", " others of this type"), Kind: panel.TagCare})
		}
		out = append(out, snapLine(v, &plans[i], p.When.Display(), lines...))
	}
	return out
}

// unsettled is the first word of what is not, or not yet, settled; a summary must not drop it.
func unsettled(p record.Phase) string {
	switch p {
	case record.Draft:
		return "Draft: "
	case record.Planned:
		return "Proposed: "
	case record.Preliminary:
		return "Preliminary: "
	case record.Unconfirmed:
		return "Unconfirmed: "
	}
	return ""
}
