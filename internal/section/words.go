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

// notices are the sources' states in words, the loud ones first, then what is missing quietly; plain data needs no notice.
func (d said) notices() []panel.Notice {
	var loud, quiet []panel.Notice
	for _, a := range d.answers {
		answer := a.Answer()
		c := answer.Coverage[d.section]
		if !holds(c) {
			continue
		}
		for _, remark := range append([]record.Remark{{State: c.State, Detail: c.Detail}}, c.Also...) {
			n, ok := d.notice(a, remark)
			switch {
			case !ok:
			case remark.State.Loud():
				loud = append(loud, n)
			default:
				quiet = append(quiet, n)
			}
		}
	}
	for _, w := range d.waiting {
		loud = append(loud, waitingNotice(w))
	}
	return append(append(loud, quiet...), d.together()...)
}

func waitingNotice(w Waiting) panel.Notice {
	return panel.Notice{
		Kind: ui.NoteWait, Lead: "This list is provisional.",
		Text: "Waiting for " + w.Ref.Organisation.Name + " (" + seconds(w.So) + " so far, stops at " + seconds(w.Stops) + "). Rows already shown will not move; what arrives later stands below them, marked as new.",
	}
}

func seconds(d time.Duration) string {
	return strconv.FormatFloat(d.Seconds(), 'f', 1, 64) + " s"
}

// notice is the sentence of one state of one source. The states that several quiet sources may share are said together by together.
func (d said) notice(a *sensitive.Cleared, r record.Remark) (panel.Notice, bool) {
	org := a.Answer().Source.Organisation
	noun := d.section.Noun()
	switch r.State {
	case record.Data, record.NoneRecorded, record.NotAsked:
		return panel.Notice{}, false
	case record.NilAsserted:
		return panel.Notice{Kind: ui.NoteNil, Lead: "“" + r.Detail + "”,", Text: "stated by " + org.Name + ". Retrieved " + retrieved(a.Answer().Source.RetrievedAt) + "."}, true
	case record.NotKnownHere:
		return panel.Notice{Kind: ui.NoteCare, Lead: org.Name + ": not known here.", Text: "It answered that it has no record it can share for this NHS number. This does not mean that the person was never seen there."}, true
	case record.Refused:
		return panel.Notice{Kind: ui.NoteLoud, Icon: ui.IconStop, Lead: org.Name + " refused to share.",
			Text: sentence(r.Detail) + "The refusal is the source’s own decision and cannot be overridden here. Its " + noun + " are missing from this list. Ask the person" + orRing(org)}, true
	case record.Withheld:
		if r.Detail == sensitive.ByPortal {
			return panel.Notice{Kind: ui.NoteHeld, Lead: "Some items in this section are withheld.", Text: "They are not shown to your role. What they are is not said. If it matters to your decision, ask the person."}, true
		}
		return panel.Notice{Kind: ui.NoteHeld, Lead: "Some items in this section are withheld.",
			Text: org.Name + " holds items that it does not share here. What they are is not said. If it matters to your decision, ask the person or " + org.Short + "."}, true
	case record.Incomplete:
		return panel.Notice{Kind: ui.NoteLoud, Icon: ui.IconPart, Lead: org.Name + ": INCOMPLETE.", Text: sentence(r.Detail) + "What is shown below is not its whole list."}, true
	case record.Unavailable:
		return panel.Notice{Kind: ui.NoteLoud, Icon: ui.IconGone, Lead: org.Name + ": no answer.", Text: sentence(r.Detail) + "Its " + noun + " are missing from this list." + ring(org)}, true
	case record.Mismatch:
		return panel.Notice{Kind: ui.NoteMismatch, Lead: org.Name + " answered about someone else.",
			Text: sentence(r.Detail) + "None of that answer is shown. The Ribble team and your Privacy Officer have been told." + ring(org)}, true
	case record.Uninterpretable:
		return panel.Notice{Kind: ui.NoteLoud, Icon: ui.IconCode, Lead: org.Name + ": " + r.Detail + " cannot be read safely.",
			Text: "It carries a mark that changes its meaning and that Ribble does not know. It is not shown. Look in the " + org.Short + " system."}, true
	}
	panic("section: a state that is none of the eleven")
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

func ring(o record.Organisation) string {
	if o.Phone == "" {
		return ""
	}
	return " Ring its record desk: " + o.Phone + "."
}

func orRing(o record.Organisation) string {
	if o.Phone == "" {
		return "."
	}
	return ", or ring " + o.Phone + "."
}

// together says for all sources at once what many of them may have in common: nothing recorded, and not asked for one reason.
func (d said) together() []panel.Notice {
	var none []string
	reasons := []string{}
	byReason := map[string][]string{}
	for _, a := range d.answers {
		c := a.Answer().Coverage[d.section]
		short := a.Answer().Source.Organisation.Short
		switch c.State {
		case record.NoneRecorded:
			none = append(none, short)
		case record.NotAsked:
			if byReason[c.Detail] == nil {
				reasons = append(reasons, c.Detail)
			}
			byReason[c.Detail] = append(byReason[c.Detail], short)
		}
	}
	var out []panel.Notice
	if len(none) > 0 {
		out = append(out, d.nothingRecorded(none))
	}
	for _, reason := range reasons {
		out = append(out, panel.Notice{Kind: ui.NoteOff, Lead: list(byReason[reason]) + ": not asked.", Text: reason})
	}
	return out
}

func (d said) nothingRecorded(shorts []string) panel.Notice {
	subject := "It was asked and answered. It has no entry, but it"
	if len(shorts) > 1 {
		subject = "They were asked and answered. They have no entry, but it"
	}
	return panel.Notice{Kind: ui.NoteNone, Lead: d.section.Title() + ": nothing recorded at " + list(shorts) + ".",
		Text: subject + " has not been confirmed with the person that there are no " + d.section.Noun() + "."}
}
