package section

import (
	"slices"
	"strconv"
	"strings"

	"ribble/internal/merge"
	"ribble/internal/record"
	"ribble/web/panel"
	"ribble/web/ui"
)

// SnapshotSections are the sections that the snapshot draws on.
const SnapshotSections = record.Sections(1<<record.Allergies | 1<<record.Alerts | 1<<record.Plans | 1<<record.Legal | 1<<record.Medicines | 1<<record.Problems |
	1<<record.Encounters | 1<<record.Consultations | 1<<record.Appointments | 1<<record.AboutMe)

// Snapshot is the one-screen view over the sections: it holds no data of its own and chooses by the source's status, never by a calculation
// (section 1 of the section catalogue).
func Snapshot(v *View, rendering int) panel.Snapshot {
	return panel.Snapshot{Rendering: rendering, Columns: [][]panel.SnapCard{
		{allergyCard(v), alertCard(v)},
		{medicineCard(v)},
		{problemCard(v), contactCard(v), appointmentCard(v)},
	}}
}

// card begins a card with the coverage of its section: an incomplete card is as loud as a full one (rule R3).
func (v *View) card(s record.Section, title, all string) panel.SnapCard {
	d := v.said(s)
	c := panel.SnapCard{Section: s.ID(), Title: title, All: all}
	if s == record.Allergies || len(d.waiting) > 0 {
		c.News = d.news(nil)
	}
	if missing := d.brief(); missing != (panel.Coverage{}) {
		c.Coverage = append(c.Coverage, missing)
	}
	return c
}

func allCount(n int) string {
	if n == 0 {
		return "All"
	}
	return "All " + strconv.Itoa(n)
}

func badges[T any, P merge.Entry[T]](v *View, g *merge.Group[T]) []ui.Badge {
	if len(g.Members) == 1 {
		return v.sourceOf(P(g.One()).Base().Source).Badges
	}
	out := make([]ui.Badge, len(g.Members))
	for i, e := range g.Members {
		out[i] = v.badge(P(e).Base().Source.Organisation)
	}
	return out
}

func snapLine[T any, P merge.Entry[T]](v *View, g *merge.Group[T], date string, lines ...panel.Line) panel.SnapLine {
	return panel.SnapLine{Lines: lines, Badges: badges[T, P](v, g), Date: date}
}

func allergyCard(v *View) panel.SnapCard {
	sum := SummariseAllergies(v)
	c := v.card(record.Allergies, "Allergies", "All")
	c.Loud = len(sum.Active) > 0 || sum.Conflict || sum.Incomplete
	if sum.Conflict {
		c.News = list(append([]string{"CONFLICT"}, nonEmpty(c.News)...))
	}
	for i := range sum.Active {
		g := &sum.Active[i]
		a := g.One()
		text := a.Agent.Name()
		if len(a.Reactions) > 0 {
			if m := concepts(a.Reactions[0].Manifestations); m != "" {
				text += ": " + m
			}
		}
		lines := []panel.Line{{Text: text, Kind: panel.Strong}}
		if len(a.Agent.Codings) == 0 || a.Agent.Degraded() {
			lines = append(lines, panel.Line{Text: "not coded", Kind: panel.TagSoft})
		}
		c.Lines = append(c.Lines, snapLine(v, g, a.When.Display(), lines...))
	}
	all := entries(v, func(c *record.Chart) []record.Allergy { return c.Allergies })
	for _, a := range all {
		if a.Nil != "" && !past(a.Phase) {
			c.Lines = append(c.Lines, panel.SnapLine{Lines: []panel.Line{{Text: "States “" + a.Agent.Name() + "”", Kind: panel.Strong}}, Badges: []ui.Badge{v.badge(a.Source.Organisation)}, Date: v.when(a.When)})
		}
	}
	switch {
	case len(c.Lines) > 0 || sum.Incomplete:
	case sum.Past > 0 || !sum.Asked:
		c.Note = strings.ToUpper(sum.nothing()[:1]) + sum.nothing()[1:] + ". This has not been confirmed with the person."
	default:
		c.Note = "Nothing recorded by the sources asked. This has not been confirmed with the person."
	}
	return c
}

// alertCard joins alerts, plans and legal status: what changes the first minutes.
func alertCard(v *View) panel.SnapCard {
	c := v.card(record.Alerts, "Alerts and plans", "All")
	c.Lines = planLines(v)
	alerts := alertGroups(v)
	for i := range alerts {
		if a := alerts[i].One(); inForce(a) {
			c.Lines = append(c.Lines, snapLine(v, &alerts[i], a.When.Start.Display(), alertLines(a)...))
		}
	}
	legals := legalGroups(v)
	for i := range legals {
		if l := legals[i].One(); legalInForce(l) && l.Kind != "Consent" {
			c.Lines = append(c.Lines, snapLine(v, &legals[i], l.When.Start.Display(), panel.Line{Text: legalName(l), Kind: panel.Plain, Href: "#legal"}))
		}
	}
	for _, s := range []record.Section{record.Plans, record.Legal} {
		if missing := v.said(s).brief(); missing != (panel.Coverage{}) && !slices.Contains(c.Coverage, missing) {
			c.Coverage = append(c.Coverage, missing)
		}
	}
	if len(c.Lines) == 0 {
		c.Note = "No alert or plan was sent. This does not mean that there is none."
	}
	return c
}

func medicineCard(v *View) panel.SnapCard {
	groups := medicineGroups(v)
	active := pick(groups, func(m *record.Medicine) bool {
		return !over(m) && !proposed(m) && m.Course != record.Administered
	})
	c := v.card(record.Medicines, "Medicines on the lists", allCount(len(groups)))
	c.Tight, c.Note = true, "A GP list is not everything the person takes."
	if len(active) == 0 {
		c.Note = "No medicine in use was sent. " + c.Note
	}
	named := nameMedicines(groups)
	for i := range active {
		m := active[i].One()
		lines := []panel.Line{{Text: commas(firstOf(m.Product.Name(), unnamedMedicine), m.Dose), Kind: panel.Plain}}
		if m.Course == record.Acute {
			lines = append(lines, panel.Line{Text: "acute", Kind: panel.TagSoft})
		}
		if m.PrescribedElsewhere {
			lines = append(lines, panel.Line{Text: "prescribed elsewhere", Kind: panel.TagCare})
		}
		if status := unusual(m.RawStatus); status != "" {
			lines = append(lines, panel.Line{Text: status, Kind: panel.TagCare})
		} else if m.Phase == record.PhaseUnknown {
			lines = append(lines, panel.Line{Text: m.Phase.String(), Kind: panel.TagCare})
		}
		if what := disagreement(named, &active[i]); what != "" {
			lines[0].Kind = panel.Strong
			lines = append(lines, panel.Line{Text: what, Kind: panel.TagCare})
		}
		c.Lines = append(c.Lines, snapLine(v, &active[i], m.LastIssued.Display(), lines...))
	}
	return c
}

// namedMedicine is a group with what its product is known by.
type namedMedicine struct {
	group      *merge.Group[record.Medicine]
	code, word string
}

func nameMedicines(groups []merge.Group[record.Medicine]) []namedMedicine {
	out := make([]namedMedicine, len(groups))
	for i := range groups {
		m := groups[i].One()
		out[i] = namedMedicine{&groups[i], m.Product.MatchCode(), firstWord(m)}
	}
	return out
}

// disagreement says how another source's entry of the same product, or of one whose name begins alike, differs.
func disagreement(all []namedMedicine, g *merge.Group[record.Medicine]) string {
	m := g.One()
	code, word := m.Product.MatchCode(), firstWord(m)
	for i := range all {
		same := code != "" && all[i].code == code
		if !same && (word == "" || !strings.EqualFold(word, all[i].word)) {
			continue
		}
		o := all[i].group.One()
		if o.Source.Feed == m.Source.Feed || merge.Has(all[i].group, m.Source.Feed) {
			continue
		}
		switch {
		case over(o):
			return "stopped at " + o.Source.Organisation.Short
		case same:
			return "dose differs"
		}
		return "strength or dose differs"
	}
	return ""
}

// problemCard shows one line for each code: sources that agree on a problem but not on its onset share it, and the section has each row.
func problemCard(v *View) panel.SnapCard {
	all := entries(v, func(c *record.Chart) []record.Problem { return c.Problems })
	groups := order(v, merge.Entries(all, func(p *record.Problem) merge.Key {
		return merge.Key{Code: p.Problem.MatchCode(), Phase: p.Phase}
	}), latestOnset)
	major, minor, unsaid := bySignificance(pick(groups, activeProblem))
	c := v.card(record.Problems, "Active problems", allCount(len(all)))
	active := order(v, slices.Concat(major, unsaid), latestOnset)
	for i := range active {
		p := active[i].One()
		c.Lines = append(c.Lines, snapLine(v, &active[i], agreedOnset(&active[i]), panel.Line{Text: unsettled(p.Phase) + firstOf(p.Problem.Name(), unnamedProblem)}))
	}
	if n := len(minor); n > 0 {
		c.Note = strconv.Itoa(n) + plural(n, " minor problem is", " minor problems are") + " in the section."
	}
	return orEmpty(c, "active problem")
}

func alertLines(a *record.Alert) []panel.Line {
	lines := []panel.Line{{Text: a.Alert.Name(), Kind: panel.Strong}}
	if a.Kind != record.OtherAlert {
		lines = append(lines, panel.Line{Text: a.Kind.String(), Kind: panel.TagSoft})
	}
	return lines
}

// legalName is the status in one line, with who holds the authority.
func legalName(l *record.LegalStatus) string {
	s := l.Kind
	if !strings.EqualFold(s, l.Status.Name()) {
		s = commas(s, l.Status.Name())
	}
	if who := l.Authority.Name; who != "" && who != l.Source.Organisation.Name {
		s += ": " + who
	}
	return s
}

// agreedOnset is the onset on which all sources agree, as precisely as the least precise of them.
func agreedOnset(g *merge.Group[record.Problem]) string {
	least := g.One().Onset
	for _, p := range g.Members {
		if p.Onset.Precision < least.Precision && !p.Onset.IsZero() {
			least = p.Onset
		}
	}
	for _, p := range g.Members {
		if !p.Onset.IsZero() && !strings.HasPrefix(p.Onset.Text, least.Text) {
			return "dates differ"
		}
	}
	return least.Display()
}

// day is a date without its time: enough for a summary.
func day(d record.PartialDate) string {
	s := d.Display()
	if d.Precision > record.Day && len(s) > len("02-Jan-2006") {
		return s[:len("02-Jan-2006")]
	}
	return s
}

// mostContacts is how many contacts and appointments the snapshot lists.
const mostContacts = 5

// orEmpty says in a card without lines that nothing was sent, and no more than that (rule R2).
func orEmpty(c panel.SnapCard, what string) panel.SnapCard {
	if len(c.Lines) == 0 && c.Note == "" {
		c.Note = "No " + what + " was sent. This does not mean that there is none."
	}
	return c
}

func contactCard(v *View) panel.SnapCard {
	groups := pick(encounterGroups(v), func(e *record.Encounter) bool { return listOf(e) == hereNow || listOf(e) == happened })
	c := v.card(record.Encounters, "Here now and last contacts", allCount(len(groups)))
	open := pick(groups, openStay)
	rest := pick(groups, func(e *record.Encounter) bool { return !openStay(e) })
	for i := range open {
		e := open[i].One()
		c.Lines = append(c.Lines, snapLine(v, &open[i], e.When.Start.Display(), panel.Line{Text: e.Setting.String() + " now", Kind: panel.Strong}, panel.Line{Text: concepts(e.Reasons)}))
	}
	for i := range rest {
		if len(c.Lines) >= mostContacts {
			break
		}
		e := rest[i].One()
		c.Lines = append(c.Lines, snapLine(v, &rest[i], day(e.When.Start), panel.Line{Text: commas(e.Setting.String(), concepts(e.Reasons))}))
	}
	return orEmpty(c, "contact")
}

func appointmentCard(v *View) panel.SnapCard {
	groups := pick(appointmentGroups(v), func(a *record.Appointment) bool {
		return v.upcoming(a) && !a.Recall && !a.When.Start.IsZero()
	})
	c := v.card(record.Appointments, "Next appointments", allCount(len(groups)))
	for i := range groups[:min(mostContacts, len(groups))] {
		a := groups[i].One()
		c.Lines = append(c.Lines, snapLine(v, &groups[i], a.When.Start.Display(), panel.Line{Text: commas(firstOf(a.Service.Name(), a.Type.Name()), a.Place)}))
	}
	return orEmpty(c, "coming appointment")
}
