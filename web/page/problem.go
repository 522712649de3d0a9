package page

import (
	"ribble/web/layout"
	"ribble/web/ui"
)

// ProblemPlacesProps are the properties of [ProblemPlaces]. Its buttons are named "place".
type ProblemPlacesProps struct {
	layout.Props
	Person Subject
	URL    string
	Fields []ui.Field
	Places []ProblemPlace
	Back   ui.Action
}

// ProblemPlace is one section with the sources that answered for it.
type ProblemPlace struct {
	Section string
	Sources []ProblemSource
}

// ProblemSource is one source of a [ProblemPlace].
type ProblemSource struct {
	Badge       ui.Badge
	Name, Value string
}

// ProblemEntriesProps are the properties of [ProblemEntries]. Its controls are named "entry", "reason" and "contact".
type ProblemEntriesProps struct {
	layout.Props
	Problems []ui.Problem
	Person   Subject
	URL      string
	Fields   []ui.Field
	// Place names section and source, To who gets the report; Silent says that the source gave no entries this time.
	Place, To, Silent string
	Entries, Reasons  []ui.Option
	Contact           string
	// What is wrong with each control.
	EntryError, ReasonError, ContactError string
	Back                                  ui.Action
}

// ReportProps are the properties of [Report]. Its control is named "outcome".
type ReportProps struct {
	BoardProps
	Problems []ui.Problem
	// See and Answer are where its forms go; empty where there is nothing to do.
	See, Answer  string
	Outcomes     []ui.Option
	OutcomeError string
}
