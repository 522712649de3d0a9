package section

import (
	"strconv"
	"time"

	"ribble/internal/record"
	"ribble/internal/sensitive"
	"ribble/web/panel"
	"ribble/web/ui"
)

// shortState names a state in a few words, for coverage lines.
var shortState = [record.NumStates]string{
	record.Data: "answered", record.NilAsserted: "stated none", record.NoneRecorded: "nothing recorded", record.NotKnownHere: "not known there",
	record.Refused: "REFUSED", record.Withheld: "some withheld", record.Incomplete: "INCOMPLETE", record.Unavailable: "NO ANSWER",
	record.NotAsked: "not asked", record.Mismatch: "WRONG PERSON", record.Uninterpretable: "CANNOT BE READ SAFELY",
}

// told is one thing that one or several sources have said, or not said, about a section. Several sources that say the same are told of
// together: twenty equal notices are read by nobody.
type told struct {
	state  record.State
	detail string
	by     []*record.Answer
}

// notices are the sources' states in words, the loud ones first, then what is missing quietly; plain data needs no notice.
func (d said) notices() (loud, quiet []panel.Notice) {
	for _, t := range d.told() {
		n, ok := d.notice(t)
		switch {
		case !ok:
		case t.state.Loud():
			loud = append(loud, n)
		default:
			quiet = append(quiet, n)
		}
	}
	for _, w := range d.waiting {
		loud = append(loud, waitingNotice(w))
	}
	return loud, quiet
}

// told gathers what the sources have said, the same of several sources together, in the order of the sources.
func (d said) told() []told {
	var all []told
	for _, a := range d.answers {
		answer := a.Answer()
		c := answer.Coverage[d.section]
		if !holds(c) {
			continue
		}
		for _, r := range append([]record.Remark{{State: c.State, Detail: c.Detail}}, c.Also...) {
			all = tell(all, answer, r)
		}
	}
	return all
}

func tell(all []told, by *record.Answer, r record.Remark) []told {
	if together(r.State) {
		for i := range all {
			if all[i].state == r.State && (all[i].detail == r.Detail || r.State == record.Unavailable || r.State == record.Mismatch) {
				all[i].by = append(all[i].by, by)
				return all
			}
		}
	}
	return append(all, told{state: r.State, detail: r.Detail, by: []*record.Answer{by}})
}

// together reports whether several sources in the state may share a notice. What each has of its own is never joined.
func together(s record.State) bool {
	switch s {
	case record.NoneRecorded, record.NotKnownHere, record.Refused, record.Unavailable, record.NotAsked, record.Mismatch:
		return true
	case record.Data, record.NilAsserted, record.Withheld, record.Incomplete, record.Uninterpretable:
		return false
	}
	panic("section: a state that is none of the eleven")
}

func waitingNotice(w *Waiting) panel.Notice {
	return panel.Notice{
		Kind: ui.NoteWait, Lead: "This list is provisional.",
		Text: "Waiting for " + w.Ref.Organisation.Name + " (" + seconds(w.So) + " so far, stops at " + seconds(w.Stops) + "). Rows already shown will not move; what arrives later stands below them, marked as new.",
	}
}

func seconds(d time.Duration) string {
	return strconv.FormatFloat(d.Seconds(), 'f', 1, 64) + " s"
}

// notice is the sentence of one state.
func (d said) notice(t told) (panel.Notice, bool) {
	org, noun := t.by[0].Source.Organisation, d.section.Noun()
	switch t.state {
	case record.Data:
		return panel.Notice{}, false
	case record.NilAsserted:
		return panel.Notice{Kind: ui.NoteNil, Slim: true, Lead: "“" + t.detail + "”,", Text: "stated by " + org.Name + ". Retrieved " + retrieved(t.by[0].Source.RetrievedAt) + "."}, true
	case record.NoneRecorded:
		return d.nothingRecorded(t), true
	case record.NotKnownHere:
		return notKnownHere(t.by), true
	case record.Refused:
		return panel.Notice{Kind: ui.NoteLoud, Icon: ui.IconStop, Lead: t.who() + " refused to share.",
			Text: sentence(t.detail) + refusal(len(t.by)) + t.missing(noun) + " Ask the person" + orRing(t.by)}, true
	case record.Withheld:
		if t.detail == sensitive.ByPortal {
			return panel.Notice{Kind: ui.NoteHeld, Lead: "Some items in this section are withheld.", Text: "They are not shown to your role. What they are is not said. If it matters to your decision, ask the person."}, true
		}
		return panel.Notice{Kind: ui.NoteHeld, Lead: "Some items in this section are withheld.",
			Text: org.Name + " holds items that it does not share here. What they are is not said. If it matters to your decision, ask the person or " + org.Short + "."}, true
	case record.Incomplete:
		return panel.Notice{Kind: ui.NoteLoud, Icon: ui.IconPart, Lead: org.Name + ": INCOMPLETE.", Text: cut(t.by[0], t.detail) + "What is shown below is not its whole list."}, true
	case record.Unavailable:
		return panel.Notice{Kind: ui.NoteLoud, Icon: ui.IconGone, Lead: t.who() + ": no answer.", Text: t.why() + t.missing(noun) + ring(t.by)}, true
	case record.NotAsked:
		return panel.Notice{Kind: ui.NoteOff, Slim: true, Lead: t.who() + ": not asked.", Text: t.detail}, true
	case record.Mismatch:
		return panel.Notice{Kind: ui.NoteMismatch, Lead: t.who() + " answered about someone else.",
			Text: t.why() + plural(len(t.by), "None of that answer is shown.", "None of these answers is shown.") + " The Ribble team and your Privacy Officer have been told." + ring(t.by)}, true
	case record.Uninterpretable:
		return panel.Notice{Kind: ui.NoteLoud, Icon: ui.IconCode, Lead: org.Name + ": " + t.detail + " cannot be read safely.",
			Text: "It carries a mark that changes its meaning and that Ribble does not know. It is not shown. Look in the " + org.Short + " system."}, true
	}
	panic("section: a state that is none of the eleven")
}

// who names the source, or the sources by their everyday names.
func (t told) who() string {
	if len(t.by) == 1 {
		return t.by[0].Source.Organisation.Name
	}
	return shorts(t.by)
}

func shorts(answers []*record.Answer) string {
	names := make([]string, len(answers))
	for i, a := range answers {
		names[i] = a.Source.Organisation.Short
	}
	return list(names)
}

// why is the reason, where it is one source's.
func (t told) why() string {
	if len(t.by) == 1 {
		return sentence(t.detail)
	}
	return ""
}

func (t told) missing(noun string) string {
	return plural(len(t.by), "Its ", "Their ") + noun + isAre(noun) + "missing from this list."
}

// isAre agrees with the noun of a section.
func isAre(noun string) string {
	switch noun {
	case record.Legal.Noun(), record.History.Noun():
		return " is "
	}
	return " are "
}

func refusal(n int) string {
	return plural(n, "The refusal is the source’s own decision and cannot be overridden here. ", "The refusals are the sources’ own decisions and cannot be overridden here. ")
}

// notKnownHere may mean a record that is sensitive, so it never says that the person was not there.
func notKnownHere(by []*record.Answer) panel.Notice {
	t := told{by: by}
	return panel.Notice{Kind: ui.NoteCare, Slim: true, Lead: t.who() + ": not known here.", Text: notSeenThere}
}

const notSeenThere = "This does not mean that the person was never seen there."

// mostNames is how many sources a line names where each of them stands below it too.
const mostNames = 3

// notKnownWhole is the same once, in full, under Sources.
func notKnownWhole(by []*record.Answer) panel.Notice {
	n := notKnownHere(by)
	if len(by) > mostNames {
		n.Lead = strconv.Itoa(len(by)) + " sources: not known here."
	}
	n.Text = plural(len(by), "It answered that it has no record it can share", "They answered that they have no record they can share") + " for this NHS number. " + notSeenThere
	return n
}

// wide is how many sections a remark must touch to be told whole in the sources strip and shortly in the sections.
const wide = 3

// cut says what an incomplete answer leaves out. What touches many sections is told once, whole, under Sources.
func cut(a *record.Answer, detail string) string {
	if touches(a, detail) >= wide {
		return "Its own words are under Sources. "
	}
	return sentence(detail)
}

// touches counts the sections of an answer that are incomplete for the reason.
func touches(a *record.Answer, detail string) int {
	n := 0
	for i := range a.Coverage {
		c := &a.Coverage[i]
		found := c.State == record.Incomplete && c.Detail == detail
		for _, r := range c.Also {
			found = found || r.State == record.Incomplete && r.Detail == detail
		}
		if found {
			n++
		}
	}
	return n
}

func sentence(detail string) string {
	if detail == "" {
		return ""
	}
	if last := detail[len(detail)-1]; last != '.' && last != '!' && last != '?' {
		detail += "."
	}
	return detail + " "
}

// ring says whom to ring.
func ring(by []*record.Answer) string {
	phones := phones(by)
	if phones == "" {
		return ""
	}
	return plural(len(by), " Ring its record desk: ", " Ring their record desks: ") + phones + "."
}

func orRing(by []*record.Answer) string {
	phones := phones(by)
	if phones == "" {
		return "."
	}
	return ", or ring " + phones + "."
}

func phones(by []*record.Answer) string {
	var out []string
	for _, a := range by {
		switch o := a.Source.Organisation; {
		case o.Phone == "":
		case len(by) == 1:
			return o.Phone
		default:
			out = append(out, o.Short+" "+o.Phone)
		}
	}
	return list(out)
}

func (d said) nothingRecorded(t told) panel.Notice {
	subject := plural(len(t.by), "It was asked and answered. It has no entry, but it", "They were asked and answered. They have no entry, but it")
	return panel.Notice{Kind: ui.NoteNone, Slim: true, Lead: d.section.Title() + ": nothing recorded at " + shorts(t.by) + ".",
		Text: subject + " has not been confirmed with the person that there" + isAre(d.section.Noun()) + "no " + d.section.Noun() + "."}
}

// notHeld names the sources that do not supply the section at all: quietly, as they never could answer.
func (d said) notHeld() string {
	var by []*record.Answer
	for _, a := range d.answers {
		if !holds(a.Answer().Coverage[d.section]) {
			by = append(by, a.Answer())
		}
	}
	if len(by) == 0 {
		return ""
	}
	return "Not asked, as " + plural(len(by), "it does", "they do") + " not supply " + d.section.Noun() + " to this record: " + shorts(by) + "."
}
