package ui

import "strings"

// InputProps are the properties of [Input] and of [Textarea].
type InputProps struct {
	// ID and Name of the control; an empty ID is the Name.
	ID, Name string
	Label    string
	// Hint and Error stand above the control and describe it; either may be empty.
	Hint, Error string
	Value       string
	// Type is the input's type; empty means text.
	Type string
	// Width is the width in characters: 2, 3, 4, 5, 10, 20 or 30; 0 fills the line.
	Width int
	// Code sets the value in a fixed-width style, for numbers people read off one by one.
	Code bool
	// InputMode is the keyboard asked for, such as "numeric"; Autocomplete a token such as "one-time-code".
	InputMode, Autocomplete string
	// NoSpellcheck keeps what is typed from being sent to a spelling service.
	NoSpellcheck bool
	// Rows is the height of a Textarea; 0 means 5.
	Rows int
}

func (p InputProps) id() string { return control(p.ID, p.Name) }

// Option is one choice of a [Select], of [Radios] or of [Checkboxes].
type Option struct {
	Value, Text string
	// Hint stands under a radio's or a checkbox's text; may be empty.
	Hint string
	// Chosen selects the option.
	Chosen bool
}

// ChoiceProps are the properties of [Select], [Radios] and [Checkboxes].
type ChoiceProps struct {
	// ID and Name of the control; an empty ID is the Name.
	ID, Name string
	// Label names the select, or the group of radios or checkboxes.
	Label       string
	Hint, Error string
	Options     []Option
	Small       bool
	Inline      bool
}

func (p ChoiceProps) id() string { return control(p.ID, p.Name) }

// DateProps are the properties of [DateInput]: a day, month and year named "<prefix>day" and so on.
type DateProps struct {
	ID, NamePrefix   string
	Label            string
	Hint, Error      string
	Day, Month, Year string
}

// datePart is one field of a date.
type datePart struct {
	id, name, label, value string
	width                  int
	bad                    bool
}

func (p DateProps) parts() []datePart {
	bad := p.Error != ""
	part := func(name, label, value string, width int) datePart {
		full := name
		if p.NamePrefix != "" {
			full = p.NamePrefix + "[" + name + "]"
		}
		return datePart{p.ID + "-" + name, full, label, value, width, bad}
	}
	return []datePart{part("day", "Day", p.Day, 2), part("month", "Month", p.Month, 2), part("year", "Year", p.Year, 4)}
}

func control(id, name string) string {
	if id == "" {
		return name
	}
	return id
}

// described joins the ids of the hint and error that describe a control.
func described(id, hint, problem string) string {
	var ids []string
	if hint != "" {
		ids = append(ids, id+"-hint")
	}
	if problem != "" {
		ids = append(ids, id+"-error")
	}
	return strings.Join(ids, " ")
}

// ButtonProps are the properties of [Button].
type ButtonProps struct {
	Text string
	// Hidden completes the text for screen readers, such as the name of the person to choose.
	Hidden string
	// Variant is empty, "secondary", "reverse" or "warning".
	Variant string
	Small   bool
	// Name and Value travel with the form when this button sends it; may be empty.
	Name, Value string
	// Href makes it a link that looks like a button.
	Href string
	// Once ignores a second press within a second.
	Once bool
}

func (p ButtonProps) class() string {
	class := "nhsuk-button"
	if p.Variant != "" {
		class += " nhsuk-button--" + p.Variant
	}
	if p.Small {
		class += " nhsuk-button--small"
	}
	return class
}

// Problem is one line of an [ErrorSummary]; Href leads to the control, "#nhs".
type Problem struct {
	Text, Href string
}

// Pair is one key and value of a [SummaryList].
type Pair struct {
	Key, Value string
}
