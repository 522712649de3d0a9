package gpconnect

import (
	"strconv"
	"strings"

	"ribble/internal/adapter/internal/stu3"
	"ribble/internal/record"
)

// readCoverage turns warnings, empty reasons, gaps and absent Lists into the state of each section (section 0.4).
func (r *reading) readCoverage(asked []area) {
	for i := range r.lists {
		r.readWarnings(&r.lists[i])
		r.readGaps(&r.lists[i])
		r.readEmptiness(&r.lists[i])
	}
	for _, a := range asked {
		r.expectLists(a)
	}
}

// expectLists notes the primary Lists of an area that was asked for and did not come; nothing may be concluded from that silence.
func (r *reading) expectLists(a area) {
	for _, code := range a.lists {
		if r.hasList(code) {
			continue
		}
		words := "The practice system did not return its list of " + a.noun + "."
		if code == endedAllergyList {
			words = "The practice system did not return its list of ended allergies."
		}
		for s := range (a.sections & r.asked).All {
			r.missing[s] = append(r.missing[s], record.Remark{State: record.Unavailable, Detail: words})
		}
	}
}

func (r *reading) hasList(code string) bool {
	for i := range r.lists {
		if r.lists[i].code == code {
			return true
		}
	}
	return false
}

const warningExtension = "Extension-CareConnect-GPC-ListWarningCode-1"

// warnings are the three warning codes, how their sentence starts, and the words used when none came.
var warnings = [...]struct {
	code, start, words string
	state              record.State
}{
	{
		"confidential-items", "Items excluded due to",
		"Items excluded due to confidentiality and/or patient preferences.", record.Withheld,
	},
	{
		"data-in-transit", "Patient record transfer",
		"Patient record transfer from previous GP practice not yet complete; older information may be missing.", record.Incomplete,
	},
	{
		"data-awaiting-filing", "Patient record contains some items",
		"Patient record contains some items that the practice has not yet reviewed for sharing.", record.Incomplete,
	},
}

func (r *reading) readWarnings(l *listing) {
	for i := range l.list.Extension {
		if e := &l.list.Extension[i]; e.Named(warningExtension) {
			r.warn(l, e.ValueCode)
		}
	}
}

// warn applies a warning to what it is about: data in transit to everything of the practice, the others to the section of their List
// (GEN-25), or to everything when the List is of no known kind.
func (r *reading) warn(l *listing, code string) {
	state, words := record.Incomplete, "The practice system sent a warning that is not known here."
	for _, w := range warnings {
		if w.code == code {
			state, words = w.state, sentence(l.list.Note, w.start, w.words)
		}
	}
	scope := l.sections & r.asked
	if code == "data-in-transit" || l.sections == 0 {
		scope = r.asked
	}
	if code == "data-in-transit" {
		r.note(words)
	}
	for s := range scope.All {
		r.remark(s, state, words)
	}
}

// sentence finds in the notes the sentence that starts so; one note may join two of them (T20).
func sentence(notes []stu3.Annotation, start, otherwise string) string {
	for i := range notes {
		at := strings.Index(notes[i].Text, start)
		if at < 0 {
			continue
		}
		text := notes[i].Text[at:]
		for _, w := range warnings {
			if next := strings.Index(text, w.start); next > 0 {
				text = text[:next]
			}
		}
		text, _, _ = strings.Cut(text, "Information not available")
		return strings.TrimSpace(text)
	}
	return otherwise
}

// note keeps a message of the practice system about the whole answer, once.
func (r *reading) note(text string) {
	for _, have := range r.answer.Warnings {
		if have == text {
			return
		}
	}
	r.answer.Warnings = append(r.answer.Warnings, text)
}

// readGaps counts what a List names and the answer does not hold, and keeps the sentences that stand instead of an entry.
func (r *reading) readGaps(l *listing) {
	absent := 0
	for i := range l.list.Entry {
		item := l.list.Entry[i].Item
		_, found := r.find(l.n, item.Reference)
		words := wordsOf(item)
		switch {
		case found || l.list.Entry[i].Deleted:
		case words != "" && (item.Reference == "" || item.Reference == words):
			r.gap(l, words)
		default:
			absent++
		}
	}
	if absent == 1 {
		r.gap(l, "1 entry that is listed was not sent.")
	} else if absent > 1 {
		r.gap(l, strconv.Itoa(absent)+" entries that are listed were not sent.")
	}
}

func (r *reading) gap(l *listing, words string) {
	for s := range (l.sections & r.asked).All {
		r.remark(s, record.Incomplete, words)
	}
}

// readEmptiness reads why a primary List is empty. Without a reason, or with one that is not known, nothing may be concluded.
func (r *reading) readEmptiness(l *listing) {
	if len(l.list.Entry) > 0 || !isPrimary(l.code) {
		return
	}
	state, words := record.Incomplete, "The practice system sent an empty list without saying why it is empty."
	for i := range l.list.EmptyReason.Coding {
		switch l.list.EmptyReason.Coding[i].Code {
		case "no-content-recorded":
			return
		case "nilknown":
			if l.code == endedAllergyList {
				// That none has ended says nothing of those that have not.
				return
			}
			state, words = record.NilAsserted, l.list.EmptyReason.Record().Name()
		case "withheld":
			state, words = record.Withheld, ""
		case "unavailable":
			state, words = record.Unavailable, "The practice system says that this list is not available."
		}
	}
	for s := range (l.sections & r.asked).All {
		r.remark(s, state, words)
	}
}

// readOutcomes reads the OperationOutcomes inside an answer: areas that the practice system does not supply, and any other message.
func (r *reading) readOutcomes() {
	for n := range r.items {
		outcome, ok := r.items[n].entity.(*stu3.OperationOutcome)
		if !ok {
			continue
		}
		for i := range outcome.Issue {
			r.readIssue(&outcome.Issue[i])
		}
	}
}

func (r *reading) readIssue(issue *stu3.OutcomeIssue) {
	code := outcomeCode(issue)
	if a := areaNamed(issue); code == "NOT_IMPLEMENTED" && a.parameter != "" {
		for s := range (a.sections & r.asked).All {
			r.missing[s] = append(r.missing[s], record.Remark{State: record.NotAsked, Detail: notReturned})
		}
		return
	}
	if gap, known := partGaps[partNamed(issue)]; code == "NOT_IMPLEMENTED" && known {
		r.remark(gap.section, record.Incomplete, gap.words)
		return
	}
	if text := issue.Details.Text; text != "" {
		r.note(text)
	} else if display := issue.Details.Record().Name(); display != "" {
		r.note(display)
	}
	if issue.Severity == "error" || issue.Severity == "fatal" || code == "NOT_IMPLEMENTED" {
		for s := range r.asked.All {
			r.remark(s, record.Incomplete, "The practice system reported an error inside its answer.")
		}
	}
}

// notReturned are the words for an area that is switched off or unknown at the practice system.
const notReturned = "This is not returned by the practice system."

// partGaps are what is missing when a practice system does not know a part of the question.
var partGaps = map[string]struct {
	section record.Section
	words   string
}{
	"includeNotGiven":           {record.Immunisations, notGivenMissing},
	"includeResolvedAllergies":  {record.Allergies, "The practice system does not return allergies that have ended."},
	"includePrescriptionIssues": {record.Medicines, "The practice system does not return the issues of prescriptions."},
}

// areaNamed finds the clinical area that an issue is about.
func areaNamed(issue *stu3.OutcomeIssue) area { return areaOf(partNamed(issue)) }

// partNamed is the parameter that an issue is about: in diagnostics, or at the start of its text.
func partNamed(issue *stu3.OutcomeIssue) string {
	if strings.HasPrefix(issue.Diagnostics, "include") {
		return issue.Diagnostics
	}
	name, _, _ := strings.Cut(issue.Details.Text, " ")
	return name
}

// remark notes a state of a section, once.
func (r *reading) remark(s record.Section, state record.State, detail string) {
	remark := record.Remark{State: state, Detail: detail}
	for _, have := range r.remarks[s] {
		if have == remark {
			return
		}
	}
	r.remarks[s] = append(r.remarks[s], remark)
}

// unsorted are the words for measurements that may be among entries which nobody has sorted: none of a known code is not none at all.
const unsorted = "The practice does not list measurements apart. Any that it holds are among its other entries."

// cover ends the coverage. Of several reasons why a section is missing the first counts: the practice's own word before our finding.
// What is missing says so in a state of its own only where no rows came by another way; beside rows the section is incomplete.
func (r *reading) cover() {
	for i := range r.answer.Coverage {
		s, c := record.Section(i), &r.answer.Coverage[i]
		_, rows := r.answer.Chart.Count(s)
		for _, m := range r.remarks[s] {
			if rows > 0 && !m.State.HasRows() {
				m.State = record.Incomplete
			}
			c.Raise(m.State, m.Detail)
		}
		if len(r.missing[s]) > 0 {
			first := r.missing[s][0]
			if rows > 0 {
				first.State = record.Incomplete
			}
			c.Raise(first.State, first.Detail)
		}
		if s == record.Measurements && r.asked.Has(s) && rows == 0 && c.State == 0 && len(r.answer.Chart.Other) > 0 {
			c.Raise(record.NotAsked, unsorted)
		}
	}
}
