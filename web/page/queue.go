package page

import (
	"ribble/web/layout"
	"ribble/web/ui"
)

// Places are the links between an audience's pages; the current one has no URL.
type Places []ui.Action

// QueueProps are the properties of [Queue] and of [QueueList].
type QueueProps struct {
	layout.Props
	Places Places
	// Organisation is whose alerts these are; Refresh the address of the list alone, by which a script keeps it fresh.
	Organisation, Refresh string
	// Heading counts what is listed: "6 open alerts". Read says when.
	Heading, Read string
	// Tabs are the states that can be listed, Orders the orders; the current one of each has no URL.
	Tabs, Orders []ui.Action
	Rows         []QueueRow
	// None is said where nothing is listed.
	None ui.NoteProps
	// More leads to the next page; nil at the end.
	More *ui.Action
	// Closed says how the work goes: how many were closed this month, and how long it took.
	Closed string
}

// QueueRow is one alert of the list. It names whose look it was and never whose record.
type QueueRow struct {
	Open ui.Action
	// What happened in words, and in one sentence; Grave makes it loud.
	What, Words string
	Grave       bool
	// Who is the member of staff, as they were called at the time.
	Who, Score, At string
	State          string
	StateKind      ui.TagKind
}

// WorkProps are the properties of [Work].
type WorkProps struct {
	layout.Props
	Places   Places
	Problems []ui.Problem
	// Done says what was just done; nil when nothing was.
	Done *ui.NoteProps
	// What happened, the alert's reference, when it was raised and by which version of which rule.
	What, Reference, Raised, Rule string
	State                         string
	StateKind                     ui.TagKind
	// Means says what to make of such an alert; Words what the rule saw here.
	Means, Words string
	// Reasons are the facts for which it was raised; Score their sum.
	Reasons []Reason
	Score   string
	// Facts say who looked at whose record, when and how; Unread says why they cannot be read, and then there are none.
	Facts  []ui.Pair
	Unread string
	// Said is what the user wrote when they looked; empty when nothing was asked for.
	Said string
	// Others asks who else looked at this record; nil where that cannot be asked.
	Others *ui.Action
	Steps  []WorkStep
	// Take, Ask and Close are what can be done; Take is nil once the officer works on it, all are nil when it is closed.
	Take, Ask, Close *WorkForm
	// Outcomes are the ways to close it.
	Outcomes []ui.Option
	Back     ui.Action
}

// Reason is one fact for which an alert was raised.
type Reason struct{ What, Compared, From, Adds string }

// WorkStep is something done about an alert, with the words that were written.
type WorkStep struct{ At, What, By, Words string }

// WorkForm is a form about an alert: its control for words is named "words", that for how it ended "outcome".
type WorkForm struct {
	URL    string
	Fields []ui.Field
	// Words are what was written so far; the problems stand by their controls.
	Words, WordsError, OutcomeError string
}

// QuestionsProps are the properties of [Questions], which shows a user what officers ask them.
type QuestionsProps struct {
	layout.Props
	Problems []ui.Problem
	Done     *ui.NoteProps
	List     []Question
}

// Question is what an officer asks about one look. It names nobody but the officer.
type Question struct {
	// ID is unique on the page. Reference is the alert's, At when the user looked, By who asks.
	ID, Reference, At, By string
	// What the alert is about, and what is asked.
	What, Words string
	Form        WorkForm
}
