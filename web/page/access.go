package page

import (
	"ribble/web/layout"
	"ribble/web/ui"
)

// Subject is the person a page is about, as the confirmation shows them.
type Subject struct {
	// Name is "FAMILY, Given (Title)"; Born "03-Mar-1942 (84y)"; NHSNumber in 3-3-4 groups.
	Name, Born, NHSNumber string
}

// Statement asks a user for a coded reason and their own words. Its controls are named "reason" and "words".
type Statement struct {
	URL string
	// Fields travel in the body: the sealed handle of the person, never a number.
	Fields      []ui.Field
	Reasons     []ui.Option
	ReasonError string
	// Words are what was written so far.
	Words, WordsError string
	// WordsOptional says that most reasons speak for themselves.
	WordsOptional bool
}

// words are the label of the user's own words and the hint under it.
func (s Statement) words() (label, hint string) {
	if s.WordsOptional {
		return "In your own words (optional, but for “Something else”)", "One sentence, at least 10 letters, or nothing. Your Privacy Officer reads it. Do not add clinical detail."
	}
	return "In your own words", "One sentence, at least 10 letters. Your Privacy Officer reads it. Do not add clinical detail."
}

// ClaimProps are the properties of [Claim].
type ClaimProps struct {
	layout.Props
	Problems []ui.Problem
	Person   Subject
	// Heading and Why say what is asked for and why.
	Heading string
	Why     ui.NoteProps
	// Told says who gets an alert; Lasts how long the statement holds.
	Told, Lasts string
	Form        Statement
	// Emergency leads to emergency access; nil where the user may not.
	Emergency *ui.Action
	// Back leads away without opening anything.
	Back *ui.Action
}

// BreakGlassProps are the properties of [BreakGlass].
type BreakGlassProps struct {
	layout.Props
	Problems []ui.Problem
	Person   Subject
	// Told is who is told: "Your Privacy Officer, Helen MARSDEN, within 10 seconds."
	Told string
	// Ring says whom to ring instead of opening the record; none when no number is known.
	Ring []Contact
	Form Statement
	// Duty is whether the duty of care was confirmed; its control is named "duty".
	Duty      bool
	DutyError string
	Back      *ui.Action
}

// NotOpenedProps are the properties of [NotOpened].
type NotOpenedProps struct {
	layout.Props
	Person Subject
	// Why says what the person has said, and Todo what can be done about it.
	Why  string
	Todo []string
	Ring []Contact
	// Emergency leads to emergency access; nil where the user has none now, and then NoEmergency says why.
	Emergency   *ui.Action
	NoEmergency string
	Back        *ui.Action
}

// GlassShutProps are the properties of [GlassShut].
type GlassShutProps struct {
	layout.Props
	Person Subject
	// Why says why emergency access cannot be opened.
	Why  string
	Todo []string
	Ring []Contact
	Back *ui.Action
}

// PermissionProps are the properties of [Permission]; its control is named "answer".
type PermissionProps struct {
	layout.Props
	Problems []ui.Problem
	Person   Subject
	// Organisation is whose staff would see the record.
	Organisation string
	URL          string
	Fields       []ui.Field
	Answers      []ui.Option
	Error        string
	Back         *ui.Action
}
