package admin

import (
	"maps"
	"net/url"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"ribble/internal/directory"
	"ribble/internal/fault"
	"ribble/internal/record"
	"ribble/web/page"
	"ribble/web/ui"
)

// sort is how a member of an entry is written in a form.
type sort uint8

const (
	// line is one line of text, integer a whole number.
	line sort = iota
	integer
	// lines is a list of texts, one a line; passage one text of many lines.
	lines
	passage
	// choice is one of the options; sections a set of kinds of data; flag a yes.
	choice
	sections
	flag
	// people are test people: their numbers are typed, and only their digests kept.
	people
	// rows are objects, one a line, their members parted by bars.
	rows
)

// control is one member of an entry in a form; its path is the member's name, or two with a dot between.
type control struct {
	path, label, hint string
	sort              sort
	options           func(*directory.Snapshot) []ui.Option
	// columns are the members of each object of rows; one that ends with [] is a list.
	columns []string
	// once says that it cannot be changed later: it names the entry.
	once bool
}

// object is the members of an entry.
type object map[string]jsontext.Value

func parse(body jsontext.Value) object {
	o := object{}
	if len(body) == 0 || json.Unmarshal(body, &o) != nil {
		return object{}
	}
	return o
}

func (o object) get(path string) jsontext.Value {
	first, rest, nested := strings.Cut(path, ".")
	if nested {
		return parse(o[first]).get(rest)
	}
	return o[first]
}

// put sets a member; no value removes it, and an object that is left empty with it.
func (o object) put(path string, v jsontext.Value) {
	first, rest, nested := strings.Cut(path, ".")
	if nested {
		inner := parse(o[first])
		inner.put(rest, v)
		v = nil
		if len(inner) > 0 {
			v = encoded(inner)
		}
	}
	if len(v) == 0 {
		delete(o, first)
		return
	}
	o[first] = v
}

// encoded is the JSON of a value that always has one: texts, lists and objects of them.
func encoded(v any) jsontext.Value {
	raw, err := json.Marshal(v)
	if err != nil {
		return nil
	}
	return raw
}

func decoded[T any](raw jsontext.Value) (v T) {
	if len(raw) > 0 && json.Unmarshal(raw, &v) != nil {
		return *new(T)
	}
	return v
}

// fill gives the texts of a form for a member as it stands in the directory.
func (c control) fill(raw jsontext.Value) []string {
	switch c.sort {
	case lines:
		return []string{strings.Join(decoded[[]string](raw), "\n")}
	case sections:
		return decoded[[]string](raw)
	case integer, flag:
		return []string{string(raw)}
	case people:
		return []string{""}
	case rows:
		return []string{c.fillRows(decoded[[]object](raw))}
	}
	return []string{decoded[string](raw)}
}

func (c control) fillRows(list []object) string {
	text := make([]string, len(list))
	for i, o := range list {
		cells := make([]string, len(c.columns))
		for j, column := range c.columns {
			if name, many := strings.CutSuffix(column, "[]"); many {
				cells[j] = strings.Join(decoded[[]string](o[name]), ", ")
			} else {
				cells[j] = decoded[string](o[column])
			}
		}
		text[i] = strings.Join(cells, " | ")
	}
	return strings.Join(text, "\n")
}

// take reads the member out of a form; nothing where it was left empty. The error has words for the page.
func (c control) take(form url.Values, before jsontext.Value, digest func(record.NHSNumber) string) (jsontext.Value, error) {
	text := strings.TrimSpace(form.Get(c.path))
	switch c.sort {
	case people:
		return c.takePeople(text, form.Get(c.path+".forget") != "", before, digest)
	case sections:
		return listed(form[c.path]), nil
	}
	if text == "" {
		return nil, nil
	}
	switch c.sort {
	case integer:
		n, err := strconv.Atoi(text)
		if err != nil || n < 0 {
			return nil, fault.New(fault.Invalid, "must be a whole number")
		}
		return encoded(n), nil
	case lines:
		return listed(eachLine(text)), nil
	case flag:
		return encoded(true), nil
	case rows:
		return c.takeRows(text, before)
	case passage:
		return encoded(strings.ReplaceAll(text, "\r\n", "\n") + "\n"), nil
	}
	return encoded(text), nil
}

func listed(list []string) jsontext.Value {
	if len(list) == 0 {
		return nil
	}
	return encoded(list)
}

// eachLine are the lines of a text that hold something.
func eachLine(text string) []string {
	var out []string
	for l := range strings.Lines(text) {
		if l = strings.TrimSpace(l); l != "" {
			out = append(out, l)
		}
	}
	return out
}

func (c control) takeRows(text string, before jsontext.Value) (jsontext.Value, error) {
	var list []object
	for _, l := range eachLine(text) {
		cells := strings.Split(l, "|")
		if len(cells) != len(c.columns) {
			return nil, fault.New(fault.Invalid, "must have "+strconv.Itoa(len(c.columns))+" parts on each line, with bars between them")
		}
		o := named(decoded[[]object](before), c.columns[0], strings.TrimSpace(cells[0]))
		for i, cell := range cells {
			cell = strings.TrimSpace(cell)
			if name, many := strings.CutSuffix(c.columns[i], "[]"); many {
				o.put(name, listed(parted(cell)))
			} else if cell != "" {
				o.put(c.columns[i], encoded(cell))
			}
		}
		list = append(list, o)
	}
	return encoded(list), nil
}

// named is the object of the list that has the name, with the members that the form does not show; a new one where there is none.
func named(list []object, member, name string) object {
	for _, o := range list {
		if decoded[string](o[member]) == name {
			return maps.Clone(o)
		}
	}
	return object{}
}

// parted are the kinds of data that a cell names, with commas between them; "all" is every one.
func parted(cell string) []string {
	if cell == "all" {
		var every []string
		for s := range record.AllSections.All {
			every = append(every, s.ID())
		}
		return every
	}
	var out []string
	for id := range strings.SplitSeq(cell, ",") {
		if id = strings.TrimSpace(id); id != "" {
			out = append(out, id)
		}
	}
	return out
}

// takePeople adds the people whose numbers were typed to those named before. A number that is none is not repeated.
func (c control) takePeople(text string, forget bool, before jsontext.Value, digest func(record.NHSNumber) string) (jsontext.Value, error) {
	var list []string
	if !forget {
		list = decoded[[]string](before)
	}
	named := map[string]bool{}
	for _, d := range list {
		named[d] = true
	}
	for i, l := range eachLine(text) {
		n, err := record.ParseNHSNumber(strings.ReplaceAll(l, " ", ""))
		if err != nil {
			return nil, fault.New(fault.Invalid, "line "+strconv.Itoa(i+1)+" is no NHS number")
		}
		if d := digest(n); !named[d] {
			named[d] = true
			list = append(list, d)
		}
	}
	return listed(list), nil
}

// draw is the control with what stands in the form and what is wrong with it.
func (c control) draw(s *directory.Snapshot, form url.Values, problem string) page.Control {
	id, text := c.id(), form.Get(c.path)
	switch c.sort {
	case choice:
		options := append([]ui.Option(nil), c.options(s)...)
		for i := range options {
			options[i].Chosen = options[i].Value == text
		}
		return page.Control{Select: &ui.ChoiceProps{ID: id, Name: c.path, Label: c.label, Hint: c.hint, Error: problem, Options: options}}
	case sections:
		return page.Control{Checks: &ui.ChoiceProps{ID: id, Name: c.path, Label: c.label, Hint: c.hint, Error: problem, Options: sectionOptions(form[c.path]), Small: true, Inline: true}}
	case flag:
		return page.Control{Checks: &ui.ChoiceProps{ID: id, Name: c.path, Label: c.label, Error: problem, Options: []ui.Option{{Value: "true", Text: c.hint, Chosen: text == "true"}}, Small: true}}
	case lines, rows, people, passage:
		return page.Control{Text: &ui.InputProps{ID: id, Name: c.path, Label: c.label, Hint: c.hint, Error: problem, Value: text, Rows: 3, NoSpellcheck: true}}
	}
	return page.Control{Input: &ui.InputProps{ID: id, Name: c.path, Label: c.label, Hint: c.hint, Error: problem, Value: text, NoSpellcheck: true}}
}

func (c control) id() string { return strings.ReplaceAll(c.path, ".", "-") }

func sectionOptions(chosen []string) []ui.Option {
	var options []ui.Option
	for s := range record.AllSections.All {
		options = append(options, ui.Option{Value: s.ID(), Text: s.Title()})
	}
	for i := range options {
		for _, id := range chosen {
			options[i].Chosen = options[i].Chosen || options[i].Value == id
		}
	}
	return options
}
