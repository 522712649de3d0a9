// Package report answers "who looked at my record": every event about one person, told in plain English, as lines, CSV and PDF.
package report

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"ribble/internal/audit"
	"ribble/internal/oversight/inquiry"
	"ribble/internal/record"
	"ribble/internal/relationship"
)

// Line is one thing that somebody did about the person. It names the real organisation and role of whoever looked, never the portal.
type Line struct {
	At                      time.Time
	Who, Role, Organisation string
	// What was done, in a few words; How it came about; Shown is what was on the page, in words.
	What, How, Shown string
	// Grave marks emergency access and refusals.
	Grave bool
	// Unended says that nobody wrote how the look ended; Shown says it in words.
	Unended bool
	// First and Last are the sequence numbers of the events that the line sums up.
	First, Last int64
}

// Report is everything known about who looked at one person's record.
type Report struct {
	Person record.NHSNumber
	// Name is the person's name as the officer sees it; From and To bound the time, zero where unbounded.
	Name     string
	From, To time.Time
	Lines    []Line
	// Left says in words what the document leaves out, Erased that the person was made unreadable in the log; empty when it is whole, and they were not.
	Left, Erased string
	Complete     inquiry.Complete
	// MadeBy is the officer and organisation that made it, Reference why it was made.
	MadeBy, Reference string
	MadeAt            time.Time
}

// Compose sums up the events about one person, given in any order: one line for each look, and one for each act outside a look. The newest
// comes first.
func Compose(rows []inquiry.Row) []Line {
	rows = slices.Clone(rows)
	slices.SortFunc(rows, func(a, b inquiry.Row) int { return cmp.Compare(a.Sequence, b.Sequence) })
	looks := map[audit.UUID]*Line{}
	var order []*Line
	for _, row := range rows {
		e := row.Event
		if line, open := looks[e.Look]; open && !e.Look.IsZero() {
			line.Last = row.Sequence
			line.add(e)
			continue
		}
		line := begin(row)
		if line == nil {
			continue
		}
		order = append(order, line)
		if !e.Look.IsZero() {
			looks[e.Look] = line
		}
	}
	out := make([]Line, len(order))
	for i, line := range order {
		if line.Unended {
			line.Shown += Unended
		}
		out[len(order)-1-i] = *line
	}
	return out
}

// begin makes the line that an event opens; nil for events that tell the person nothing, such as the click before a look.
func begin(row inquiry.Row) *Line {
	e := row.Event
	words, told := acts[e.Act]
	if !told {
		return nil
	}
	line := &Line{
		At: e.At, Who: record.StaffName(e.User.Name).Usual(), Role: role(e.User), Organisation: orElse(e.User.OrganisationName, e.User.Organisation), What: words,
		First: row.Sequence, Last: row.Sequence, How: how(e), Grave: e.Act == audit.ActRefused || e.Act == audit.ActBreakGlassBegan || e.Act == audit.ActErased || e.Override != "",
	}
	if line.Who == "" {
		line.Who = "A user whose name is not known"
	}
	line.add(e)
	return line
}

// Unended is said after what was shown in a look without an outcome.
const Unended = " (the portal stopped, or could not write, before this look ended; what was shown up to then is listed here)"

// Opened and Refused are what the lines of looks say of them.
const (
	Opened  = "Opened the record"
	Refused = "Tried to open the record and was refused"
)

// acts are the acts that a person is told of, in words. Those that open or carry on a look are told as the look.
var acts = map[audit.Act]string{
	audit.ActIntent:              Opened,
	audit.ActDocumentOpened:      "Opened a document",
	audit.ActRefused:             Refused,
	audit.ActTraced:              "Looked up name, address and NHS number",
	audit.ActRelationshipClaimed: "Said that they were caring for this person",
	audit.ActPermissionAsked:     "Asked for permission to view",
	audit.ActObjectionChanged:    "Changed what the person has agreed or objected to",
	audit.ActBreakGlassBegan:     "Opened emergency access",
	audit.ActBreakGlassEnded:     "Ended emergency access",
	audit.ActErasureAsked:        "Asked that your details in this log be made unreadable",
	audit.ActErased:              "Made your details in this log unreadable, for good",
	audit.ActProblemReported:     "Told a source of a problem with an entry",
	audit.ActMismatchFound:       "A system answered about somebody else; nothing of it was shown",
}

// purposes that are no look by a person at clinical details.
const relationshipCheck = "relationship check"

func (l *Line) add(e audit.Event) {
	switch e.Act {
	case audit.ActIntent:
		if e.Purpose == relationshipCheck {
			l.What, l.Shown = "Checked whether this person is a patient of the organisation", "Nothing"
			return
		}
		l.Shown = "Nothing yet"
	case audit.ActDisclosed:
		l.Shown = join(l.Shown, sections(e.Sections))
	case audit.ActDocumentOpened:
		l.Shown = join(l.Shown, "a document")
	case audit.ActErased:
		l.Shown = "Nothing. Who looked before, and when, stays; what was written in words cannot be read any more"
	case audit.ActFinished, audit.ActReconciled:
		l.Unended = e.Act == audit.ActReconciled
		if l.Shown == "Nothing yet" {
			l.Shown = "Nothing"
		}
	}
}

// join adds what was shown to what was shown before, each section once, in the order in which it came.
func join(before, more string) string {
	if before == "" || before == "Nothing yet" {
		return more
	}
	all := strings.Split(before, ", ")
	for _, s := range strings.Split(more, ", ") {
		if s != "" && !slices.Contains(all, s) {
			all = append(all, s)
		}
	}
	return strings.Join(all, ", ")
}

func sections(ids []string) string {
	var words []string
	for _, id := range ids {
		if s, ok := record.SectionByID(id); ok {
			words = append(words, s.Title())
		}
	}
	return strings.Join(words, ", ")
}

// how says on what the look rested.
func how(e audit.Event) string {
	switch {
	case e.Override != "":
		return "Under emergency access"
	case e.Act == audit.ActBreakGlassBegan:
		return "Reason given: " + reasonWords(e.Reason)
	case e.Act == audit.ActRelationshipClaimed, e.Act == audit.ActErasureAsked, e.Act == audit.ActErased:
		return "Reason given: " + reasonWords(e.Reason)
	case e.Act == audit.ActRefused:
		return "Rule: " + reasonWords(e.Reason)
	}
	for k := relationship.Launched; k <= relationship.SelfClaimed; k++ {
		if k.String() == e.Relationship {
			return relationships[k]
		}
	}
	return e.Purpose
}

// relationships are the kinds of relationship as the person is told of them.
var relationships = map[relationship.Kind]string{
	relationship.Launched:    "From your record in their own system",
	relationship.Registered:  "You are registered with the practice",
	relationship.Attending:   "You were seen by the organisation, or are to be",
	relationship.Referred:    "You were referred to the organisation",
	relationship.Caseload:    "You are on the organisation’s caseload",
	relationship.SelfClaimed: "They said that they were caring for you",
}

func reasonWords(code string) string { return strings.ReplaceAll(code, "-", " ") }

func role(u audit.User) string {
	name := orElse(u.RoleName, u.RoleCode)
	// National role names come as "Category":"Group":"Role".
	if parts := strings.Split(name, `":"`); len(parts) == 3 {
		return strings.Trim(parts[2], `"`)
	}
	return name
}

func orElse(text, other string) string {
	if text == "" {
		return other
	}
	return text
}
