package page

import (
	"ribble/web/layout"
	"ribble/web/ui"
)

// FindObjectionsProps are the properties of [FindObjections]; its control is named "nhs".
type FindObjectionsProps struct {
	layout.Props
	Problems []ui.Problem
	URL      string
	Number   NumberForm
}

// ObjectionsProps are the properties of [Objections].
type ObjectionsProps struct {
	layout.Props
	Problems []ui.Problem
	// Done says what has just been written down; nil when nothing has.
	Done   *ui.NoteProps
	Person Subject
	// Conflicts are statements in force that contradict each other: both stand in the list, and each pair is named here.
	Conflicts []ui.NoteProps
	Entries   []Objection
	Form      ObjectionForm
}

// Objection is one entry of the register.
type Objection struct {
	// Stance is "Objects" or "Agrees"; What says to what; Kinds are the kinds of data.
	Stance, What, Kinds string
	// From and Until are dates; Until may be empty. By is the organisation whose staff wrote it down.
	From, Until, By string
	// InForce is false for one that has not begun or is over.
	InForce bool
	// End leads to the question whether to end it; nil when it cannot be ended.
	End *ui.Action
}

// ObjectionForm is the form of a new entry. Its controls are named "stance", "direction", "organisation", "kinds", "from", "to" and "words".
type ObjectionForm struct {
	URL    string
	Fields []ui.Field
	// The choices, with what was chosen so far and what is wrong with it.
	Stances, Directions, Organisations, Kinds          []ui.Option
	StanceError, DirectionError, KindsError, DateError string
	Day, Month, Year                                   string
}

// CheckObjectionProps are the properties of [CheckObjection], the second step of writing down or ending an entry.
type CheckObjectionProps struct {
	layout.Props
	Heading string
	Person  Subject
	// Lead says in one sentence what is about to be written down; Facts its parts.
	Lead  ui.NoteProps
	Facts []ui.Pair
	// Button writes it down; Back returns to the register.
	URL    string
	Fields []ui.Field
	Button string
	Back   ui.Action
}
