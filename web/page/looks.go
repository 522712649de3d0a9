package page

import (
	"ribble/web/layout"
	"ribble/web/ui"
)

// LooksProps are the properties of [Looks].
type LooksProps struct {
	layout.Props
	Places   Places
	Problems []ui.Problem
	Form     LooksForm
	// Result is nil before anything was asked.
	Result *LooksResult
}

// LooksForm is the form by which an officer asks. It is always sent in the body: nothing of it stands in an address.
type LooksForm struct {
	URL string
	// Open shows the form; it is folded away above a result.
	Open bool
	// Person is for a person's own right to know, with Purpose and Reference; Name is what the report calls them.
	Person, Reference, Name ui.InputProps
	Purpose                 ui.ChoiceProps
	// The other conditions.
	Service, Kind, Section, Reason                    ui.ChoiceProps
	User, Organisation, Source, From, To, First, Last ui.InputProps
	// Show asks for the NHS numbers of a list that is not about one person.
	Show ui.ChoiceProps
	// Scope says whose looks are searched.
	Scope string
}

// LooksResult is what was found.
type LooksResult struct {
	Heading string
	// About are facts about what was asked: whose record, asked by whom.
	About []ui.Pair
	// Complete says up to where the result is complete; Proof what proves it.
	Complete, Proof string
	// Picture is the looks week by week; nil for a list that is not about one person.
	Picture *Bars
	// Count says what the table shows: "8 looks and 1 refusal".
	Count string
	Note  *ui.NoteProps
	Rows  []LookRow
	None  ui.NoteProps
	// Next shows the rows after these; nil at the end. Exports are what can be taken away: a button each.
	Next    *ui.Action
	URL     string
	Fields  []ui.Field
	Exports []ui.ButtonProps
	Foot    []string
}

// LookRow is one line of a result.
type LookRow struct {
	When, Who, Role, Organisation, What, How, Shown, Sequence string
	// Person is the NHS number, or a number that stands for a person on this page; empty where the whole page is about one.
	Person string
	Grave  bool
}

// HasPeople reports whether the rows are about several people.
func (r LooksResult) HasPeople() bool {
	for _, row := range r.Rows {
		if row.Person != "" {
			return true
		}
	}
	return false
}

// LooksPartsProps are the properties of [LooksParts], the files of a long export.
type LooksPartsProps struct {
	layout.Props
	Places Places
	// Complete says up to where the files are complete; Proof what that leaves out.
	Complete, Proof string
	Lead, Text      string
	Rows            []LooksPart
}

// LooksPart is one file: the link to it, and how far back it goes.
type LooksPart struct {
	Link ui.Action
	Back string
}

// LooksReportProps are the properties of [LooksReport], the report for the person as a page to be printed.
type LooksReportProps struct {
	layout.Props
	// Name and Number are whose record it is; Head are the lines above the table.
	Name, Number string
	Head         []string
	// Left says what the page leaves out; nil when it is whole.
	Left *ui.NoteProps
	Rows []LookRow
	None ui.NoteProps
}
