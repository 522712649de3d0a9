package section

import (
	"sort"
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
		s.Sources = append(s.Sources, v.stripSource(a))
	}
	s.Notices = v.stripNotices()
	for _, w := range v.Waiting {
		s.Sources = append(s.Sources, panel.Source{
			Badge: v.badge(w.Ref.Organisation), Name: w.Ref.Organisation.Short, Icon: ui.IconWait, State: "Waiting", Look: panel.SourceWaiting,
			Text: ", " + seconds(w.So) + " so far, stops at " + seconds(w.Stops),
		})
	}
	sort.SliceStable(s.Sources, func(i, j int) bool { return urgency(&s.Sources[i]) < urgency(&s.Sources[j]) })
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

// stripNotices are the loud lines of the sources whose answer is missing, wrong or cut, and one quiet line for those that do not know the person.
func (v *View) stripNotices() []panel.Notice {
	var silent, unknown []*record.Answer
	var loud []panel.Notice
	for _, a := range v.Answers {
		answer := a.Answer()
		org := answer.Source.Organisation
		switch answer.State {
		case record.Unavailable:
			silent = append(silent, answer)
		case record.NotKnownHere:
			unknown = append(unknown, answer)
		case record.Refused:
			loud = append(loud, panel.Notice{Kind: ui.NoteLoud, Icon: ui.IconStop, Lead: org.Name + " refused to share.", Text: sentence(answer.Detail) + missing(answer) + " The refusal is its own decision and cannot be overridden here." + ring([]*record.Answer{answer})})
		case record.Mismatch:
			loud = append(loud, panel.Notice{Kind: ui.NoteMismatch, Lead: org.Name + " answered about someone else.", Text: sentence(answer.Detail) + "None of that answer is shown. The Ribble team and your Privacy Officer have been told." + ring([]*record.Answer{answer})})
		case record.Data, record.NilAsserted, record.NoneRecorded, record.Withheld, record.Incomplete, record.NotAsked, record.Uninterpretable:
			loud = append(loud, cuts(answer)...)
		}
	}
	out := append(noAnswer(silent), loud...)
	if len(unknown) > 0 {
		out = append(out, notKnownWhole(unknown))
	}
	return append(out, v.sourcesOwnWords()...)
}

// urgency orders the strip: loud, awaited, answered, not known there, not asked.
func urgency(s *panel.Source) int {
	switch {
	case s.Look == panel.SourceLoud:
		return 0
	case s.Look == panel.SourceWaiting:
		return 1
	case s.Look == panel.SourceOff:
		return 4
	case s.Icon == ui.IconWho:
		return 3
	}
	return 2
}

// mostSilent is how many silent sources each get a line of their own.
const mostSilent = 2

// noAnswer tells of the sources that did not answer; the first line is announced to screen readers (rule R21).
func noAnswer(silent []*record.Answer) []panel.Notice {
	var out []panel.Notice
	if len(silent) > mostSilent {
		reasons := make([]string, len(silent))
		for i, a := range silent {
			reasons[i] = a.Source.Organisation.Short + ": " + lowerFirst(strings.TrimSuffix(a.Detail, "."))
			if a.Source.Organisation.Phone != "" {
				reasons[i] += ", ring " + a.Source.Organisation.Phone
			}
		}
		return []panel.Notice{{Kind: ui.NoteLoud, Icon: ui.IconGone, Alert: true, Lead: strconv.Itoa(len(silent)) + " sources: no answer.", Text: "All that they hold is missing from this page. " + strings.Join(reasons, ". ") + "."}}
	}
	for i, a := range silent {
		out = append(out, panel.Notice{Kind: ui.NoteLoud, Icon: ui.IconGone, Alert: i == 0, Lead: a.Source.Organisation.Name + ": no answer.", Text: sentence(a.Detail) + missing(a) + ring([]*record.Answer{a})})
	}
	return out
}

func lowerFirst(s string) string {
	if s == "" {
		return "no reason known"
	}
	return strings.ToLower(s[:1]) + s[1:]
}

// cuts gives the whole words of a source that is incomplete in many sections for one reason.
func cuts(a *record.Answer) []panel.Notice {
	var out []panel.Notice
	told := map[string]bool{}
	for i := range a.Coverage {
		c := &a.Coverage[i]
		for _, r := range append([]record.Remark{{State: c.State, Detail: c.Detail}}, c.Also...) {
			if r.State == record.Incomplete && !told[r.Detail] && touches(a, r.Detail) >= wide {
				told[r.Detail] = true
				out = append(out, panel.Notice{Kind: ui.NoteLoud, Icon: ui.IconPart, Lead: a.Source.Organisation.Name + ": INCOMPLETE.", Text: r.Detail})
			}
		}
	}
	return out
}

// missing says what is missing from the page.
func missing(a *record.Answer) string { return "Missing from this page: " + missingNouns(a) + "." }

// mostNouns is how many kinds of entry a sentence lists by name.
const mostNouns = 6

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
	if more := len(nouns) - mostNouns; more > 1 {
		nouns = append(nouns[:mostNouns:mostNouns], strconv.Itoa(more)+" other kinds of entry")
	}
	return "its " + list(nouns)
}

func (v *View) stripSource(a *sensitive.Cleared) panel.Source {
	answer := a.Answer()
	s := panel.Source{Badge: v.badge(answer.Source.Organisation), Name: answer.Source.Organisation.Short}
	took := "answered in " + seconds(answer.Took)
	own := ""
	if answer.Source.Organisation.ODS == v.Own {
		own = "Yours. "
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
		s.Icon, s.State, s.Text, s.Look = ui.IconOff, "Not asked", ": "+firstOf(answer.Detail, "no reason given"), panel.SourceOff
	case record.Data, record.NilAsserted, record.NoneRecorded, record.Withheld, record.Incomplete, record.Uninterpretable:
		s.Text = own + "A" + took[1:]
		if state := worstPart(answer); state.Loud() || state == record.Withheld {
			s.Icon, s.State, s.StateLast = partIcon[state], shortState[state], true
			s.Text += ","
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

// ByWish is the panel of a section that the person does not want the user's organisation to see: no source was asked for it.
func ByWish(s record.Section) panel.Panel {
	return panel.Panel{
		ID: s.ID(), Rendering: 1, Title: s.Title(), Coverage: panel.Coverage{Text: "Not asked."},
		Notices: []panel.Notice{{Kind: ui.NoteHeld, Lead: "The person has asked that your organisation does not see this.", Text: "No source was asked for " + s.Noun() + ". If it matters to your decision, ask the person."}},
	}
}

// sourcesOwnWords are the messages that sources sent with their answers, in their own words: none is swallowed (S11).
func (v *View) sourcesOwnWords() []panel.Notice {
	var out []panel.Notice
	for _, a := range v.Answers {
		for _, w := range a.Answer().Warnings {
			out = append(out, panel.Notice{Kind: ui.NoteCare, Slim: true, Lead: a.Answer().Source.Organisation.Name + " says:", Text: "“" + w + "”"})
		}
	}
	return out
}
