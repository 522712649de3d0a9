package section

import (
	"slices"
	"strconv"

	"ribble/internal/merge"
	"ribble/internal/record"
	"ribble/internal/sensitive"
	"ribble/web/panel"
	"ribble/web/ui"
)

// mostFlags is how many loud flags the banner shows before it points at the sources, so that it never takes over the window.
const mostFlags = 3

// Flags are the warnings under the person's name: gaps first, then allergies and plans (rules R1, R3).
func Flags(v *View, p record.Person) panel.Flags {
	var f panel.Flags
	loud := personFlags(p)
	for _, a := range v.Answers {
		loud = append(loud, sourceFlags(a)...)
	}
	if len(loud) > mostFlags+1 {
		f.More = "and " + strconv.Itoa(len(loud)-mostFlags) + " more: see Sources"
		loud = loud[:mostFlags]
	}
	f.Flags = append(loud, allergyFlag(v)...)
	f.Flags = append(f.Flags, planFlag(v)...)
	return f
}

func personFlags(p record.Person) []panel.Flag {
	var out []panel.Flag
	if p.Deceased.Recorded {
		out = append(out, panel.Flag{Kind: ui.FlagLoud, Icon: ui.IconInfo, Lead: "Died " + orNamed(p.Deceased.Date.Display(), "(date not given)"), Text: " (national demographics)"})
	}
	if p.Restricted {
		out = append(out, panel.Flag{Kind: ui.FlagPlan, Icon: ui.IconLock, Lead: "Restricted:", Text: " address, phone and GP are not shown, and no source was asked"})
	}
	return out
}

// sourceFlags are the loud states of one source: of the whole answer if it has one, else of its sections.
func sourceFlags(a *sensitive.Cleared) []panel.Flag {
	answer := a.Answer()
	short := answer.Source.Organisation.Short
	loud := func(icon ui.Icon, link, text string) panel.Flag {
		return panel.Flag{Kind: ui.FlagLoud, Icon: icon, Link: link, Href: "#sources", Text: text}
	}
	var out []panel.Flag
	switch answer.State {
	case record.Unavailable:
		out = append(out, loud(ui.IconGone, short+": NO ANSWER", sectionCount(answer)))
	case record.Refused:
		out = append(out, loud(ui.IconStop, short+": REFUSED to share", ""))
	case record.Mismatch:
		out = append(out, loud(ui.IconSwap, short+" answered about SOMEONE ELSE", ""))
	case record.Data, record.NilAsserted, record.NoneRecorded, record.NotKnownHere, record.Withheld, record.Incomplete, record.NotAsked, record.Uninterpretable:
		out = append(out, partFlags(answer, loud)...)
	}
	for _, w := range a.Warnings() {
		out = append(out, loud(ui.IconClash, "Details differ", " at "+short+": "+w))
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
func partFlags(a *record.Answer, loud func(ui.Icon, string, string) panel.Flag) []panel.Flag {
	short := a.Source.Organisation.Short
	var out []panel.Flag
	unreadable, gone := 0, 0
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
		for _, r := range append([]record.Remark{{State: c.State, Detail: c.Detail}}, c.Also...) {
			if r.State == record.Incomplete && !slices.Contains(incomplete, r.Detail) {
				incomplete = append(incomplete, r.Detail)
			}
		}
	}
	switch len(incomplete) {
	case 0:
	case 1:
		out = append(out, loud(ui.IconPart, short+": INCOMPLETE", labelled(",", incomplete[0])))
	default:
		out = append(out, loud(ui.IconPart, short+": INCOMPLETE", ", for "+strconv.Itoa(len(incomplete))+" reasons; each section says which"))
	}
	if gone > 0 {
		out = append(out, loud(ui.IconGone, short+": NO ANSWER", " for "+strconv.Itoa(gone)+plural(gone, " section", " sections")))
	}
	if unreadable > 0 {
		out = append(out, loud(ui.IconCode, short+": "+strconv.Itoa(unreadable)+plural(unreadable, " item", " items")+" CANNOT BE READ SAFELY", ""))
	}
	return out
}

// allergyFlag says what is known about allergies over all sources, and never more than rule R1 allows.
func allergyFlag(v *View) []panel.Flag {
	sum := SummariseAllergies(v)
	f := panel.Flag{Kind: ui.FlagAllergy, Href: "#allergies"}
	waiting := len(v.said(record.Allergies).waiting) > 0
	switch {
	case len(sum.Active) > 0:
		f.Lead, f.Text = "Allergies: ", " "+headlineAllergies(sum.Active)+"."
	case sum.NoneKnown:
		f.Lead, f.Link = "No known allergies", ""
		f.Text = ", stated; see who says so in Allergies"
	case waiting:
		return nil
	case sum.Incomplete:
		f.Lead, f.Text = "Allergies: ", " INCOMPLETE, do not assume there are none."
	default:
		f.Lead, f.Text = "Allergies: ", " nothing recorded; not confirmed with the person."
	}
	if sum.Conflict {
		f.Link = "Sources CONFLICT"
	} else if f.Link == "" {
		f.Link = "See allergies"
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

// planFlag points at a resuscitation decision or emergency plan.
func planFlag(v *View) []panel.Flag {
	for _, g := range planGroups(v) {
		p := g.One()
		if p.Phase != record.Ended && rank(p) <= 2 {
			return []panel.Flag{{Kind: ui.FlagPlan, Link: orNamed(p.Type.Name(), planName(p)), Href: "#plans", Text: " " + p.When.Display()}}
		}
	}
	return nil
}
