package ui

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/a-h/templ"
	"github.com/google/go-cmp/cmp"
	"golang.org/x/net/html"
)

// words is a text of a fixture: either a string or an object with a text.
type words string

func (w *words) UnmarshalJSON(data []byte) error {
	if data[0] == '"' {
		return json.Unmarshal(data, (*string)(w))
	}
	var o struct{ Text string }
	err := json.Unmarshal(data, &o)
	*w = words(o.Text)
	return err
}

// options are the fixtures' properties, as far as the copied ones use them.
type options struct {
	Text, Label, Hint, ErrorMessage, Heading, Summary, Legend words
	Variant, Href, ID, IDPrefix, Name, Inputmode              string
	Small, PreventDoubleClick, Code, Open                     bool
	Width                                                     int
	Fieldset                                                  struct{ Legend words }
	Items                                                     []struct{ Value, Text string }
	ErrorList                                                 []Problem
	Rows                                                      []struct{ Key, Value words }
}

func (o options) input() InputProps {
	return InputProps{ID: o.ID, Name: o.Name, Label: string(o.Label), Hint: string(o.Hint), Error: string(o.ErrorMessage),
		Width: o.Width, Code: o.Code, InputMode: o.Inputmode, NoSpellcheck: o.Code}
}

func (o options) choice() ChoiceProps {
	p := ChoiceProps{ID: o.ID + o.IDPrefix, Name: o.Name, Label: string(o.Label + o.Fieldset.Legend), Hint: string(o.Hint), Error: string(o.ErrorMessage)}
	for _, i := range o.Items {
		p.Options = append(p.Options, Option{Value: i.Value, Text: i.Text})
	}
	return p
}

func (o options) pairs() (pairs []Pair) {
	for _, r := range o.Rows {
		pairs = append(pairs, Pair{string(r.Key), string(r.Value)})
	}
	return pairs
}

// components says which of ours stands for which of theirs.
var components = map[string]func(options) templ.Component{
	"button": func(o options) templ.Component {
		return Button(ButtonProps{Text: string(o.Text), Variant: o.Variant, Small: o.Small, Href: o.Href, Once: o.PreventDoubleClick})
	},
	"input":    func(o options) templ.Component { return Input(o.input()) },
	"textarea": func(o options) templ.Component { return Textarea(o.input()) },
	"select":   func(o options) templ.Component { return Select(o.choice()) },
	"date-input": func(o options) templ.Component {
		return DateInput(DateProps{ID: o.ID, Label: string(o.Fieldset.Legend), Hint: string(o.Hint), Error: string(o.ErrorMessage)})
	},
	"radios":              func(o options) templ.Component { return Radios(o.choice()) },
	"checkboxes":          func(o options) templ.Component { return Checkboxes(o.choice()) },
	"fieldset":            func(o options) templ.Component { return Fieldset(string(o.Legend), "", "") },
	"error-message":       func(o options) templ.Component { return ErrorMessage("", string(o.Text)) },
	"error-summary":       func(o options) templ.Component { return ErrorSummary(string(o.Heading), o.ErrorList) },
	"inset-text":          func(o options) templ.Component { return InsetText(string(o.Text)) },
	"warning-callout":     func(o options) templ.Component { return WarningCallout(string(o.Heading), string(o.Text)) },
	"notification-banner": func(o options) templ.Component { return NotificationBanner(string(o.Text)) },
	"summary-list":        func(o options) templ.Component { return SummaryList(o.pairs()) },
	"skip-link":           func(o options) templ.Component { return SkipLink(o.Href) },
}

// TestNHSComponents compares the HTML tree of each component with the design system's own.
func TestNHSComponents(t *testing.T) {
	files, err := filepath.Glob("testdata/nhsuk-frontend/*.json")
	if err != nil || len(files) < len(components) {
		t.Fatalf("%d fixture files: %v", len(files), err)
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var fixtures []struct {
			Name, HTML string
			Context    options
		}
		if err := json.Unmarshal(data, &fixtures); err != nil {
			t.Fatal(file, err)
		}
		component := strings.TrimSuffix(filepath.Base(file), ".json")
		for _, f := range fixtures {
			t.Run(component+"/"+f.Name, func(t *testing.T) {
				if diff := cmp.Diff(outline(t, f.HTML), outline(t, render(t, component, f.Context))); diff != "" {
					t.Error(diff)
				}
			})
		}
	}
}

func render(t *testing.T, component string, o options) string {
	t.Helper()
	ctx := t.Context()
	var b strings.Builder
	var c templ.Component
	if component == "details" {
		ctx = templ.WithChildren(ctx, plain(o.Text))
		c = Details(string(o.Summary), o.Open)
	} else {
		c = components[component](o)
	}
	if err := c.Render(ctx, &b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func plain(text words) templ.Component {
	return appended(func(b []byte) []byte { return AppendEscaped(b, string(text)) })
}

// outline writes an HTML tree as lines: elements with sorted attributes and classes, and trimmed text.
func outline(t *testing.T, src string) []string {
	t.Helper()
	doc, err := html.Parse(strings.NewReader(src))
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	var walk func(n *html.Node, depth int)
	walk = func(n *html.Node, depth int) {
		indent := strings.Repeat("  ", depth)
		switch n.Type {
		case html.TextNode:
			if text := strings.Join(strings.Fields(n.Data), " "); text != "" {
				lines = append(lines, indent+text)
			}
		case html.ElementNode:
			lines = append(lines, indent+n.Data+" "+strings.Join(attributes(n), " "))
		}
		for c := n.FirstChild; c != nil; c = c.NextSibling {
			walk(c, depth+1)
		}
	}
	walk(doc, 0)
	return lines
}

func attributes(n *html.Node) []string {
	var out []string
	for _, a := range n.Attr {
		value := a.Val
		if a.Key == "class" {
			classes := strings.Fields(value)
			slices.Sort(classes)
			value = strings.Join(classes, " ")
		}
		out = append(out, fmt.Sprintf("%s=%q", a.Key, value))
	}
	slices.Sort(out)
	return out
}
