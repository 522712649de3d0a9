package section

import (
	"strconv"
	"strings"

	"ribble/internal/record"
	"ribble/internal/sensitive"
	"ribble/web/panel"
	"ribble/web/ui"
)

// Strip says of every source, asked or not, what became of it in one plain sentence; loud states stand first (section 5 of the design).
func Strip(v *View, rendering int) panel.SourcesStrip {
	s := panel.SourcesStrip{Rendering: rendering}
	asked, answered, silent, off := len(v.Waiting), 0, 0, 0
	alerted := false
	for _, a := range v.Answers {
		answer := a.Answer()
		if answer.State == record.NotAsked {
			off++
		} else {
			asked++
			if answer.State == record.Unavailable {
				silent++
			} else {
				answered++
			}
		}
		if n, ok := stripNotice(v, a); ok {
			n.Alert = answer.State == record.Unavailable && !alerted
			alerted = alerted || n.Alert
			s.Notices = append(s.Notices, n)
		}
		s.Sources = append(s.Sources, v.stripSource(a))
	}
	for _, w := range v.Waiting {
		s.Sources = append(s.Sources, panel.Source{
			Badge: v.badge(w.Ref.Organisation), Icon: ui.IconWait, State: "Waiting", Look: panel.SourceWaiting,
			Text: ", " + seconds(w.So) + " so far, stops at " + seconds(w.Stops),
		})
	}
	s.Asked = strconv.Itoa(asked) + " asked"
	s.Text = "at " + retrieved(v.Now) + ": " + strconv.Itoa(answered) + " answered"
	if len(v.Waiting) > 0 {
		s.Text += ", " + strconv.Itoa(len(v.Waiting)) + " waiting"
	}
	if silent > 0 {
		s.Text += ", " + strconv.Itoa(silent) + " no answer"
	}
	s.Text += "."
	if off > 0 {
		s.NotAsked = strconv.Itoa(off) + " not asked."
	}
	return s
}

// stripNotice is the loud line of a source whose whole answer is missing or wrong.
func stripNotice(v *View, a *sensitive.Cleared) (panel.Notice, bool) {
	answer := a.Answer()
	org := answer.Source.Organisation
	missing := "Missing from this page: " + missingNouns(answer) + "."
	switch answer.State {
	case record.Unavailable:
		return panel.Notice{Kind: ui.NoteLoud, Icon: ui.IconGone, Lead: org.Name + " did not answer.", Text: sentence(answer.Detail) + missing + ring(org)}, true
	case record.Refused:
		return panel.Notice{Kind: ui.NoteLoud, Icon: ui.IconStop, Lead: org.Name + " refused to share.", Text: sentence(answer.Detail) + missing + " The refusal is its own decision and cannot be overridden here." + ring(org)}, true
	case record.Mismatch:
		return panel.Notice{Kind: ui.NoteMismatch, Lead: org.Name + " answered about someone else.", Text: sentence(answer.Detail) + "None of that answer is shown. The Ribble team and your Privacy Officer have been told." + ring(org)}, true
	case record.Data, record.NilAsserted, record.NoneRecorded, record.NotKnownHere, record.Withheld, record.Incomplete, record.NotAsked, record.Uninterpretable:
		return panel.Notice{}, false
	}
	panic("section: a state that is none of the eleven")
}

// mostNouns is how many sections a notice names before it counts the rest; the gravest stand first in page order.
const mostNouns = 5

// missingNouns names what the source would have supplied.
func missingNouns(a *record.Answer) string {
	var nouns []string
	for s := range record.AllSections.All {
		if holds(a.Coverage[s]) && a.Coverage[s].State != record.NotAsked {
			nouns = append(nouns, s.Noun())
		}
	}
	if len(nouns) > mostNouns {
		return "its " + strings.Join(nouns[:mostNouns], ", ") + " and " + strconv.Itoa(len(nouns)-mostNouns) + " more sections"
	}
	return "its " + list(nouns)
}

func (v *View) stripSource(a *sensitive.Cleared) panel.Source {
	answer := a.Answer()
	s := panel.Source{Badge: v.badge(answer.Source.Organisation)}
	took := "answered in " + seconds(answer.Took)
	own := ""
	if answer.Source.Organisation.ODS == v.Own {
		own = "Your organisation. "
	}
	switch answer.State {
	case record.Unavailable:
		s.Icon, s.State, s.Text, s.Look = ui.IconGone, "NO ANSWER", " after "+seconds(answer.Took), panel.SourceLoud
	case record.Refused:
		s.Icon, s.State, s.Text, s.Look = ui.IconStop, "REFUSED", ", "+took, panel.SourceLoud
	case record.Mismatch:
		s.Icon, s.State, s.Text, s.Look = ui.IconSwap, "WRONG PERSON", ": answer not used", panel.SourceLoud
	case record.NotKnownHere:
		s.Icon, s.State, s.Text = ui.IconWho, "Not known here", ", "+took
	case record.NotAsked:
		s.Icon, s.State, s.Text, s.Look = ui.IconOff, "Not asked", ": "+orNamed(answer.Detail, "no reason given"), panel.SourceOff
	case record.Data, record.NilAsserted, record.NoneRecorded, record.Withheld, record.Incomplete, record.Uninterpretable:
		s.Text = own + "A" + took[1:] + "."
		if state := worstPart(answer); state.Loud() || state == record.Withheld {
			s.Icon, s.State, s.StateLast = partIcon[state], shortState[state], true
			if state == record.Unavailable {
				s.State = "NO ANSWER for some sections"
			}
		}
	}
	return s
}

var partIcon = [record.NumStates]ui.Icon{
	record.Withheld: ui.IconLock, record.Incomplete: ui.IconPart, record.Unavailable: ui.IconGone, record.Uninterpretable: ui.IconCode, record.Refused: ui.IconStop, record.Mismatch: ui.IconSwap,
}

// worstPart is the gravest state among the sections of a source that answered.
func worstPart(a *record.Answer) record.State {
	var worst record.Coverage
	worst.State = record.NoneRecorded
	for _, c := range a.Coverage {
		if c.State != record.NotAsked && c.State != 0 {
			worst.Raise(c.State, "")
		}
	}
	return worst.State
}

// Asking is what is being waited for, in words: "8 sources at 14:02:09".
func Asking(v *View) string {
	return strconv.Itoa(len(v.Waiting)) + plural(len(v.Waiting), " source", " sources") + " at " + retrieved(v.Now)
}

// Missing lists what is not on the page, for the head of each printed sheet (rule R19).
func Missing(v *View) string {
	var out []string
	for _, a := range v.Answers {
		answer := a.Answer()
		if state := worstPart(answer); answer.State == record.Unavailable || answer.State == record.NotAsked || answer.State == record.Mismatch || answer.State == record.Refused {
			out = append(out, answer.Source.Organisation.Short+" ("+shortState[answer.State]+")")
		} else if state.Loud() || state == record.Withheld {
			out = append(out, answer.Source.Organisation.Short+" ("+shortState[state]+")")
		}
	}
	for _, w := range v.Waiting {
		out = append(out, w.Ref.Organisation.Short+" (waiting)")
	}
	return strings.Join(out, ", ")
}

// NotForRole is the panel of a section that the user's role does not open: no source was asked for it.
func NotForRole(s record.Section) panel.Panel {
	return panel.Panel{
		ID: s.ID(), Rendering: 1, Title: s.Title(), Coverage: panel.Coverage{Text: "Not asked."},
		Notices: []panel.Notice{{Kind: ui.NoteOff, Lead: "Not shown to your role.", Text: "No source was asked for " + s.Noun() + ". If your work needs it, ask your sponsor."}},
	}
}
