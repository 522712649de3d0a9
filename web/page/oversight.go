package page

import (
	"ribble/web/layout"
	"ribble/web/ui"
)

// PicturesProps are the properties of [Pictures].
type PicturesProps struct {
	layout.Props
	Places Places
	// Whose counts these are; Spans are the times that can be chosen, the current one without an address.
	Whose    string
	Spans    []ui.Action
	Tiles    []ui.Pair
	Pictures []Bars
}

// RulesProps are the properties of [Rules].
type RulesProps struct {
	layout.Props
	Places   Places
	Problems []ui.Problem
	// Version is that in force, Since says who put it there.
	Version, Since string
	Rules          []RuleRow
	// Form tries a set of rules on the past, and proposes it where MayChange.
	URL            string
	Set, Days, Why ui.InputProps
	Tried          *Trial
	MayChange      bool
	// Waiting is the change that waits for a decision; nil when none does.
	Waiting *WaitingRules
}

// WaitingRules is a proposed set of rules, told as what it would change.
type WaitingRules struct {
	ID, Version, Lead, Why string
	// Own says that the reader proposed it.
	Own  bool
	Rows []ChangedRule
}

// ChangedRule is one rule as it is and as it would be.
type ChangedRule struct{ ID, Now, Then string }

// RuleRow is one rule in words.
type RuleRow struct{ ID, Words, Score, Quiet string }

// Trial is what a set of rules would have found.
type Trial struct {
	Lead string
	Rows []TrialRow
}

// TrialRow says of one rule how often it would have spoken, against the set in force.
type TrialRow struct{ Rule, Tried, Now string }
