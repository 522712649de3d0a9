package panel_test

import (
	"fmt"
	"html"
	"io"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/a-h/templ"

	"ribble/web/internal/golden"
	"ribble/web/internal/sample"
	"ribble/web/panel"
	"ribble/web/ui"
)

func TestPanels(t *testing.T) {
	for _, p := range sample.Panels() {
		t.Run(p.ID, func(t *testing.T) { golden.Check(t, p.ID, p.HTML()) })
	}
}

func TestPageParts(t *testing.T) {
	for name, c := range map[string]templ.Component{
		"banner": sample.Banner().HTML(), "flags": sample.Flags().HTML(), "sources": sample.Strip(1).HTML(), "nav": sample.Nav().HTML(),
		"snapshot": sample.Snapshot().HTML(), "printhead": sample.PrintHead().HTML(),
	} {
		t.Run(name, func(t *testing.T) { golden.Check(t, name, c) })
	}
}

// TestEverythingIsShown walks each view model and looks for every text in what is printed: nothing is cut or left out (R16).
func TestEverythingIsShown(t *testing.T) {
	type view interface{ HTML() templ.Component }
	views := []view{sample.Banner(), sample.PrintHead(), sample.Flags(), sample.Strip(1), sample.Nav(), sample.Snapshot()}
	for _, p := range sample.Panels() {
		views = append(views, p)
	}
	for _, v := range views {
		var page strings.Builder
		if err := v.HTML().Render(t.Context(), &page); err != nil {
			t.Fatal(err)
		}
		shown := html.UnescapeString(tags.ReplaceAllString(page.String(), "")) + attributes(page.String())
		_, paper := v.(panel.PrintHead) // who the person is, not how to reach them
		texts(reflect.ValueOf(v), func(field, text string) {
			if !strings.Contains(shown, text) && !(paper && slices.Contains([]string{"Phone", "GP", "Needs"}, field)) {
				t.Errorf("%T: %s %q is not shown", v, field, text)
			}
		})
	}
}

var tags = regexp.MustCompile(`<[^>]*>`)

// attributes gives what stands in attributes: titles of badges, labels, addresses.
func attributes(page string) string {
	var b strings.Builder
	for _, m := range regexp.MustCompile(`="([^"]*)"`).FindAllStringSubmatch(page, -1) {
		b.WriteString(html.UnescapeString(m[1]) + "\n")
	}
	return b.String()
}

// texts calls found for every text in a view model.
func texts(v reflect.Value, found func(field, text string)) {
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			if f := v.Field(i); f.Kind() == reflect.String && f.Len() > 0 {
				found(v.Type().Field(i).Name, f.String())
			} else {
				texts(f, found)
			}
		}
	case reflect.Slice:
		for i := range v.Len() {
			texts(v.Index(i), found)
		}
	case reflect.Pointer, reflect.Interface:
		if !v.IsNil() {
			texts(v.Elem(), found)
		}
	}
}

// TestTwoPrintingsShareNoID holds for a page on which a section was sent again.
func TestTwoPrintingsShareNoID(t *testing.T) {
	var page strings.Builder
	for rendering := range 3 {
		p := sample.Medicines()
		p.Rendering = rendering
		for _, c := range []templ.Component{p.HTML(), sample.Strip(rendering).HTML()} {
			if err := c.Render(t.Context(), &page); err != nil {
				t.Fatal(err)
			}
		}
	}
	golden.Rules(t, page.String())
}

func TestNoBlankCell(t *testing.T) {
	table := panel.Table{Columns: []panel.Column{{Label: "A"}, {Label: "B"}, {Label: "C"}, {Label: "D"}}, Bodies: []panel.Body{{
		Rows: []panel.Row{{Cells: []panel.Cell{{}, {Lines: []panel.Line{{}}}, {Lines: []panel.Line{{Text: ""}, {Text: "x"}}}}}},
		More: &panel.More{Rows: []panel.OwnRow{{Cells: []string{""}}}},
	}}}
	var b strings.Builder
	if err := table.HTML().Render(t.Context(), &b); err != nil {
		t.Fatal(err)
	}
	if got := strings.Count(b.String(), "not given"); got != 4 {
		t.Errorf("%d cells say that nothing was given, want 4:\n%s", got, b.String())
	}
}

func TestLinksOfSourcesAreSafe(t *testing.T) {
	table := panel.Table{Columns: []panel.Column{{Label: "A"}}, Bodies: []panel.Body{{Rows: []panel.Row{{
		Cells: []panel.Cell{{Lines: []panel.Line{{Text: "x", Href: "javascript:alert(1)"}, {Text: "y", Href: `"><script>`}}}}}}}}}
	var b strings.Builder
	if err := table.HTML().Render(t.Context(), &b); err != nil {
		t.Fatal(err)
	}
	golden.Rules(t, b.String())
}

// hundreds is a table as long as the longest real one seen.
func hundreds() panel.Panel {
	p := sample.Medicines()
	table := p.Blocks[2].(panel.Table)
	row := table.Bodies[1].Rows[0]
	table.Bodies = make([]panel.Body, 0, 667)
	for i := range 667 {
		r := row
		r.Cells = append([]panel.Cell(nil), row.Cells...)
		r.Cells[2] = panel.Cell{Lines: []panel.Line{{Text: fmt.Sprintf("%02d-Nov-2026", i%30+1)}}}
		b := panel.Body{Rows: []panel.Row{r}}
		if i%10 == 0 {
			b.More = &panel.More{Summary: "2 sources", Rows: []panel.OwnRow{{Badge: sample.GP, Cells: []string{"a", "b"}, RetrievedAt: "14:02:10"}}}
		}
		table.Bodies = append(table.Bodies, b)
	}
	p.Blocks = []panel.Block{table, panel.Heading{Text: "End"}, panel.Standing{Lead: "x", Text: string(ui.IconData)}}
	return p
}

func BenchmarkPanelOf667Rows(b *testing.B) {
	p := hundreds()
	var size strings.Builder
	if err := p.HTML().Render(b.Context(), &size); err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(size.Len()))
	b.ReportAllocs()
	for b.Loop() {
		if err := p.HTML().Render(b.Context(), io.Discard); err != nil {
			b.Fatal(err)
		}
	}
}
