package section

import (
	"slices"
	"strconv"
	"strings"

	"ribble/internal/merge"
	"ribble/internal/record"
	"ribble/internal/sensitive"
	"ribble/web/panel"
	"ribble/web/ui"
)

// mostFlags is how many loud flags the banner shows before it points at the sources, so that it never takes over the window.
const mostFlags = 3

// longAllergies is the length from which the allergies take a line of their own, so that the plan stands beside the gaps.
const longAllergies = 70

// Flags are the warnings under the person's name: gaps first, then allergies and plans (rules R1, R3).
func Flags(v *View, p record.Person) panel.Flags {
	loud, parts := personFlags(p), []panel.Flag(nil)
	for _, a := range v.Answers {
		if a.Answer().State == record.Mismatch {
			loud = append(loud, sourceFlags(a)...)
		} else {
			parts = append(parts, sourceFlags(a)...)
		}
	}
	loud = slices.Concat(loud, silentFlags(v), parts)
	if more := len(loud) - mostFlags; more > 1 {
		loud = append(loud[:mostFlags], loudFlag(ui.IconGone, "and "+strconv.Itoa(more)+" more: see Sources", ""))
	}
	allergies, plans := allergyFlag(v), planFlag(v)
	if len(allergies) > 0 && len(allergies[0].Text) > longAllergies {
		return panel.Flags{Flags: slices.Concat(loud, plans, allergies)}
	}
	return panel.Flags{Flags: slices.Concat(loud, allergies, plans)}
}

func loudFlag(icon ui.Icon, link, text string) panel.Flag {
	return panel.Flag{Kind: ui.FlagLoud, Icon: icon, Link: link, Href: "#sources", Text: text}
}

// silentFlags is one flag for all sources that did not answer.
func silentFlags(v *View) []panel.Flag {
	var silent []*record.Answer
	for _, a := range v.Answers {
		if a.Answer().State == record.Unavailable {
			silent = append(silent, a.Answer())
		}
	}
	switch len(silent) {
	case 0:
		return nil
	case 1:
		return []panel.Flag{loudFlag(ui.IconGone, shorts(silent)+": NO ANSWER", sectionCount(silent[0]))}
	}
	return []panel.Flag{loudFlag(ui.IconGone, shorts(silent)+": NO ANSWER", "")}
}

func personFlags(p record.Person) []panel.Flag {
	var out []panel.Flag
	if p.Deceased.Recorded {
		out = append(out, panel.Flag{Kind: ui.FlagLoud, Icon: ui.IconInfo, Lead: "Died " + firstOf(p.Deceased.Date.Display(), "(date not given)"), Text: " (national demographics)"})
	}
	if p.Restricted {
		out = append(out, panel.Flag{Kind: ui.FlagPlan, Icon: ui.IconLock, Lead: "Restricted:", Text: " address, phone and GP are not shown, and no source was asked"})
	}
	return out
}

// sourceFlags are the loud states of one source that did answer: of the whole answer if it has one, else of its sections.
func sourceFlags(a *sensitive.Cleared) []panel.Flag {
	answer := a.Answer()
	short := answer.Source.Organisation.Short
	var out []panel.Flag
	switch answer.State {
	case record.Unavailable:
	case record.Refused:
		out = append(out, loudFlag(ui.IconStop, short+": REFUSED to share", ""))
	case record.Mismatch:
		out = append(out, loudFlag(ui.IconSwap, short+" answered about SOMEONE ELSE", ""))
	case record.Data, record.NilAsserted, record.NoneRecorded, record.NotKnownHere, record.Withheld, record.Incomplete, record.NotAsked, record.Uninterpretable:
		out = append(out, partFlags(answer)...)
	}
	for _, w := range a.Warnings() {
		out = append(out, loudFlag(ui.IconClash, "Details differ", " at "+short+": "+w))
	}
	return out
}

func sectionCount(a *record.Answer) string {
	n := 0
	for _, c := range a.Coverage {
		if c.State == record.Unavailable {
			n++
		}
	}
	return ", " + strconv.Itoa(n) + plural(n, " section", " sections")
}

// partFlags are the loud states of single sections of a source that did answer: one flag for each kind, so that one source never fills the banner.
func partFlags(a *record.Answer) []panel.Flag {
	short := a.Source.Organisation.Short
	var out []panel.Flag
	unreadable, gone, refused := 0, 0, 0
	var incomplete []string
	for i := range a.Coverage {
		c := &a.Coverage[i]
		unreadable += c.Unreadable
		if c.State == record.Uninterpretable && c.Unreadable == 0 {
			unreadable++
		}
		if c.State == record.Unavailable {
			gone++
		}
		if c.State == record.Refused {
			refused++
		}
		for _, r := range append([]record.Remark{{State: c.State, Detail: c.Detail}}, c.Also...) {
			if r.State == record.Incomplete && !slices.Contains(incomplete, r.Detail) {
				incomplete = append(incomplete, r.Detail)
			}
		}
	}
	switch len(incomplete) {
	case 0:
	case 1:
		out = append(out, loudFlag(ui.IconPart, short+": INCOMPLETE", shortly(incomplete[0])))
	default:
		out = append(out, loudFlag(ui.IconPart, short+": INCOMPLETE", ", for "+strconv.Itoa(len(incomplete))+" reasons; each section says which"))
	}
	if gone > 0 {
		out = append(out, loudFlag(ui.IconGone, short+": NO ANSWER", " for "+strconv.Itoa(gone)+plural(gone, " section", " sections")))
	}
	if refused > 0 {
		out = append(out, loudFlag(ui.IconStop, short+": REFUSED to share", " "+strconv.Itoa(refused)+plural(refused, " section", " sections")))
	}
	if unreadable > 0 {
		out = append(out, loudFlag(ui.IconCode, short+": "+strconv.Itoa(unreadable)+plural(unreadable, " item", " items")+" CANNOT BE READ SAFELY", ""))
	}
	return out
}

// longWhy is the longest reason that a flag gives; a longer one stands under Sources.
const longWhy = 60

func shortly(why string) string {
	if len(why) > longWhy {
		return ""
	}
	return labelled(",", strings.TrimSuffix(why, "."))
}

// allergyFlag says what is known about allergies over all sources, and never more than rule R1 allows.
func allergyFlag(v *View) []panel.Flag {
	sum := SummariseAllergies(v)
	f := panel.Flag{Kind: ui.FlagAllergy, Href: "#allergies", Link: "Allergies"}
	if sum.Conflict {
		f.Link = "Allergies: sources CONFLICT"
	}
	switch {
	case len(sum.Active) > 0:
		f.Text = ": " + headlineAllergies(sum.Active) + "." + sum.gap()
	case sum.NoneKnown:
		f.Link, f.Text = "No known allergies", ", stated; see who says so in Allergies"
	case len(v.said(record.Allergies).waiting) > 0:
		return nil
	case sum.Incomplete:
		n := sum.Unsaid
		f.Text = ": INCOMPLETE, " + strconv.Itoa(n) + plural(n, " source", " sources") + " could not say. Do not assume there are none."
	default:
		f.Text = ": " + sum.nothing() + "; not confirmed with the person."
	}
	return []panel.Flag{f}
}

func headlineAllergies(groups []merge.Group[record.Allergy]) string {
	s := ""
	for i, g := range groups {
		if i == 3 {
			return s + " and " + strconv.Itoa(len(groups)-i) + " more"
		}
		if i > 0 {
			s += "; "
		}
		a := g.One()
		s += a.Agent.Name()
		if len(a.Reactions) > 0 {
			if m := concepts(a.Reactions[0].Manifestations); m != "" {
				s += ", " + m
			}
		}
	}
	return s
}

// planFlag points at the newest resuscitation decision or emergency plan, and says when there are others or when they contradict each other.
func planFlag(v *View) []panel.Flag {
	groups := pick(planGroups(v), func(p *record.Plan) bool { return !past(p.Phase) && rank(p) <= urgentPlan })
	if len(groups) == 0 {
		return nil
	}
	f := panel.Flag{Kind: ui.FlagPlan, Href: "#plans"}
	if _, found := resuscitationConflict(groups); found {
		f.Kind, f.Icon, f.Link, f.Text = ui.FlagAllergy, ui.IconClash, "Resuscitation: plans CONFLICT", ""
		return []panel.Flag{f}
	}
	p := groups[0].One()
	f.Link, f.Text = unsettled(p.Phase)+planName(p), p.When.Display()
	if n := len(groups) - 1; n > 0 {
		f.Text = commas(f.Text, strconv.Itoa(n)+plural(n, " other plan", " other plans"))
	}
	return []panel.Flag{f}
}
