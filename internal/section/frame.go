package section

import (
	"slices"
	"strconv"
	"strings"

	"ribble/internal/record"
	"ribble/internal/sensitive"
	"ribble/web/panel"
	"ribble/web/ui"
)

// Panel builds one section as it stands now: its content, what every source said, and the account of its rows.
func Panel(v *View, s record.Section, rendering int) panel.Panel {
	content := builders[s](v)
	said := v.said(s)
	loud, quiet := said.notices()
	foot := said.foot(content)
	if others := said.notHeld(); others != "" && len(loud)+len(quiet)+len(content.Notices)+len(content.Blocks) > 0 {
		foot = append(foot, others)
	} else if others != "" {
		quiet = append(quiet, panel.Notice{Kind: ui.NoteOff, Slim: true, Text: others})
	}
	return panel.Panel{
		ID: s.ID(), Rendering: rendering, Title: s.Title(),
		News:        said.news(content.News),
		Coverage:    said.coverage(),
		Provisional: len(said.waiting) > 0,
		Notices:     append(append(content.Notices, loud...), quiet...),
		Blocks:      content.Blocks,
		Foot:        foot,
	}
}

// said is what every source said, or did not say, about one section.
type said struct {
	section record.Section
	answers []*sensitive.Cleared
	waiting []*Waiting
	// removed and unreadable sum the entries that the sources took back or that cannot be read safely.
	removed, unreadable int
}

func (v *View) said(s record.Section) said {
	out := said{section: s, answers: v.Answers}
	for _, a := range v.Answers {
		c := &a.Answer().Coverage[s]
		out.removed += c.Removed
		out.unreadable += c.Unreadable
	}
	n := 0
	for i := range v.Waiting {
		if v.Waiting[i].Sections.Has(s) {
			n++
		}
	}
	if n == 0 {
		return out
	}
	out.waiting = make([]*Waiting, 0, n)
	for i := range v.Waiting {
		if w := &v.Waiting[i]; w.Sections.Has(s) {
			out.waiting = append(out.waiting, w)
		}
	}
	return out
}

// holds reports whether the source supplies the section at all: those that do not are named once, quietly.
func holds(c record.Coverage) bool {
	return c.State != record.NotAsked || c.Detail != record.NotSupplied
}

// coverage is the line beside the title: how many of the sources that hold the section answered, and which did not, or not wholly.
func (d said) coverage() panel.Coverage {
	t := d.tally()
	if t.asked == 0 {
		return panel.Coverage{Kind: ui.CoverGap, Text: "No source that holds " + d.section.Noun() + " was asked."}
	}
	text := strconv.Itoa(t.answered) + " of " + strconv.Itoa(t.asked) + " " + plural(t.asked, "source that holds ", "sources that hold ") + d.section.Noun() + " answered"
	switch t.unknown {
	case 0:
	case t.answered:
		text += ", none knows this person"
	default:
		text += ", " + strconv.Itoa(t.unknown) + plural(t.unknown, " does", " do") + " not know this person"
	}
	text += "." + t.gaps
	switch {
	case len(d.waiting) > 0:
		return panel.Coverage{Kind: ui.CoverWait, Text: text + " Waiting for " + list(names(d.waiting)) + ". Not a total."}
	case t.gaps != "":
		return panel.Coverage{Kind: ui.CoverGap, Text: text}
	case t.held != "":
		return panel.Coverage{Kind: ui.CoverHeld, Text: text + t.held}
	}
	return panel.Coverage{Kind: ui.CoverFull, Text: text}
}

// brief is the coverage of a card of the snapshot: only what is missing. The zero value says that nothing is.
func (d said) brief() panel.Coverage {
	t := d.tally()
	switch {
	case t.asked == 0:
		return d.coverage()
	case len(d.waiting) > 0:
		return panel.Coverage{Kind: ui.CoverWait, Text: strings.TrimSpace("Waiting for " + list(names(d.waiting)) + "." + t.gaps)}
	case t.gaps != "":
		return panel.Coverage{Kind: ui.CoverGap, Text: strings.TrimSpace(t.gaps)}
	case t.held != "":
		return panel.Coverage{Kind: ui.CoverHeld, Text: strings.TrimSpace(t.held)}
	}
	return panel.Coverage{}
}

// tally counts the sources that hold a section.
type tally struct {
	asked, answered, unknown int
	// gaps and held are sentences, each with a space before it.
	gaps, held string
}

func (d said) tally() tally {
	t := tally{asked: len(d.waiting)}
	byState := [record.NumStates][]string{}
	for _, a := range d.answers {
		c := a.Answer().Coverage[d.section]
		if !holds(c) || c.State == record.NotAsked {
			continue
		}
		t.asked++
		switch c.State {
		case record.Unavailable, record.Mismatch:
		case record.NotKnownHere:
			t.answered++
			t.unknown++
		case record.Data, record.NilAsserted, record.NoneRecorded, record.Refused, record.Withheld, record.Incomplete, record.NotAsked, record.Uninterpretable:
			t.answered++
		}
		said := [record.NumStates]bool{}
		said[c.State] = true
		for _, r := range c.Also {
			said[r.State] = true
		}
		for s, is := range said {
			if is {
				byState[s] = append(byState[s], a.Answer().Source.Organisation.Short)
			}
		}
	}
	for _, s := range loudStates {
		if len(byState[s]) > 0 {
			t.gaps += " " + list(byState[s]) + ": " + shortState[s] + "."
		}
	}
	if len(byState[record.Withheld]) > 0 {
		t.held = " Some items are withheld."
	}
	return t
}

// loudStates are those as loud as an allergy, the worst first (rule R3).
var loudStates = []record.State{record.Mismatch, record.Unavailable, record.Refused, record.Incomplete, record.Uninterpretable}

func names(waiting []*Waiting) []string {
	out := make([]string, len(waiting))
	for i, w := range waiting {
		out[i] = w.Ref.Organisation.Short
	}
	return out
}

func plural(n int, one, many string) string {
	if n == 1 {
		return one
	}
	return many
}

// loud reports whether any source is in a loud state for the section. The gravest state of them all would not tell: that a source does not know the
// person is graver than that another's list is not whole, and is not loud.
func (d said) loud() bool {
	for _, a := range d.answers {
		mine := a.Answer().Coverage[d.section]
		if !holds(mine) {
			continue
		}
		if mine.State.Loud() || slices.ContainsFunc(mine.Also, func(r record.Remark) bool { return r.State.Loud() }) {
			return true
		}
	}
	return false
}

// news is the title's remark: the content's own news first, then the gaps.
func (d said) news(own []string) string {
	news := append([]string(nil), own...)
	if len(d.waiting) > 0 {
		news = append(news, "waiting for "+strconv.Itoa(len(d.waiting))+" of "+strconv.Itoa(d.asked())+" sources")
	}
	if d.loud() {
		news = append(news, "INCOMPLETE")
	}
	return list(news)
}

// asked is how many sources that hold the section were asked.
func (d said) asked() int {
	n := len(d.waiting)
	for _, a := range d.answers {
		if c := a.Answer().Coverage[d.section]; holds(c) && c.State != record.NotAsked {
			n++
		}
	}
	return n
}

// foot is the account of the section's rows: received = shown + grouped + removed + not readable. What a source keeps back is in no number.
func (d said) foot(c Content) []string {
	if len(d.waiting) > 0 {
		return []string{strconv.Itoa(c.Rows) + " so far, not a total."}
	}
	if c.Rows+d.removed+d.unreadable == 0 {
		return nil
	}
	b := "Received " + strconv.Itoa(c.Rows+d.removed+d.unreadable) + " = shown " + strconv.Itoa(c.Groups)
	for _, part := range []struct {
		n    int
		what string
	}{{c.Rows - c.Groups, "grouped"}, {d.removed, "removed by the source"}, {d.unreadable, "not readable safely"}} {
		if part.n > 0 {
			b += " + " + part.what + " " + strconv.Itoa(part.n)
		}
	}
	foot := []string{b + "."}
	for _, a := range d.answers {
		if a.Withheld(d.section) > 0 {
			return append(foot, "Some items are withheld and not counted here.")
		}
	}
	return foot
}
