package section

import (
	"slices"
	"strconv"
	"strings"

	"ribble/internal/merge"
	"ribble/internal/record"
	"ribble/web/panel"
)

// column is one column of a section's table: how an entry fills its cell.
type column[T any] struct {
	label string
	width int
	cell  func(*T) panel.Cell
}

// sublist is one list of a section with its own heading.
type sublist[T any] struct {
	heading, note string
	// noun counts the entries in the heading: "medicine", "medicines".
	one, many string
	columns   []column[T]
	groups    []merge.Group[T]
	// differs says what differs between groups that stand together, or "" where they merely follow each other.
	differs func(a, b *merge.Group[T]) string
	// behind are rows below an entry that open on demand, such as the issues of a medicine: what they are, and each row's cells.
	behind func(*T) (what string, rows [][]string)
}

// lists is a section that consists of tables only: what most sections are.
func lists[T any, P merge.Entry[T]](v *View, subs ...sublist[T]) Content {
	var c Content
	for _, s := range subs {
		if len(s.groups) == 0 {
			continue
		}
		for _, g := range s.groups {
			c.Rows += len(g.Members)
		}
		c.Groups += len(s.groups)
		if s.heading != "" {
			c.Blocks = append(c.Blocks, panel.Heading{Text: s.heading, Note: s.count()})
		}
		c.Blocks = append(c.Blocks, table[T, P](v, s))
	}
	return c
}

func (s sublist[T]) count() string {
	n := strconv.Itoa(len(s.groups)) + " " + plural(len(s.groups), s.one, s.many)
	if s.note != "" {
		n += ", " + s.note
	}
	return n
}

func table[T any, P merge.Entry[T]](v *View, s sublist[T]) panel.Table {
	t := panel.Table{Label: s.heading, Columns: make([]panel.Column, len(s.columns)), Bodies: make([]panel.Body, 0, len(s.groups))}
	for i, c := range s.columns {
		t.Columns[i] = panel.Column{Label: c.label, Width: c.width}
	}
	for i := 0; i < len(s.groups); i++ {
		if s.differs != nil && i+1 < len(s.groups) {
			if what := s.differs(&s.groups[i], &s.groups[i+1]); what != "" {
				n := 2
				for i+n < len(s.groups) && s.differs(&s.groups[i], &s.groups[i+n]) != "" {
					n++
				}
				t.Bodies = append(t.Bodies, differing[T, P](v, s, s.groups[i:i+n], what))
				i += n - 1
				continue
			}
		}
		t.Bodies = append(t.Bodies, body[T, P](v, s, &s.groups[i]))
	}
	return t
}

// differing shows entries that contradict each other side by side; nobody's row wins.
func differing[T any, P merge.Entry[T]](v *View, s sublist[T], groups []merge.Group[T], what string) panel.Body {
	b := panel.Body{Differs: what}
	for i := range groups {
		one := body[T, P](v, s, &groups[i])
		b.Rows = append(b.Rows, one.Rows...)
		if one.More != nil {
			if b.More == nil {
				b.More = &panel.More{Summary: one.More.Summary, Open: one.More.Open}
			}
			b.More.Rows = append(b.More.Rows, one.More.Rows...)
		}
	}
	return b
}

// body shows one group: one row, and behind it each source's own row when several agree. A field that is not equal in all members reads
// "differs" and opens the group (rule G3).
func body[T any, P merge.Entry[T]](v *View, s sublist[T], g *merge.Group[T]) panel.Body {
	if len(g.Members) == 1 {
		return single[T, P](v, s, g)
	}
	row := panel.Row{Cells: v.cells(len(s.columns)), New: late[T, P](v, g)}
	more := panel.More{}
	cells := make([][]panel.Cell, len(g.Members))
	shorts := make([]string, len(g.Members))
	for m, e := range g.Members {
		h := P(e).Base()
		cells[m] = s.cells(v, e)
		more.Rows = append(more.Rows, own(v, h, s.columns, cells[m]))
		more.Rows = append(more.Rows, s.rowsBehind(v, h, e)...)
		row.Source.Badges = append(row.Source.Badges, v.badge(h.Source.Organisation))
		shorts[m] = h.Source.Organisation.Short
	}
	for i := range s.columns {
		row.Cells[i] = agreed(v, cells, shorts, i)
		if i > 0 && len(row.Cells[i].Lines) == 1 && row.Cells[i].Lines[0] == differsLine {
			more.Open = true
		}
	}
	if g.VersionsDiffer {
		row.Cells[0] = v.with(row.Cells[0], panel.TagCare, versionsDiffer)
	}
	row.Source.Name = strconv.Itoa(len(g.Members)) + " sources"
	more.Summary = list(shorts) + ", same entry: show each source’s own row"
	b := v.alone(row)
	b.More = &more
	return b
}

// versionsDiffer marks what shares its business identifier with an entry of other content (rule G4).
const versionsDiffer = "versions differ between sources"

// single shows an entry that stands alone.
func single[T any, P merge.Entry[T]](v *View, s sublist[T], g *merge.Group[T]) panel.Body {
	e := g.One()
	h := P(e).Base()
	row := panel.Row{Cells: s.cells(v, e), Source: v.source(h), New: late[T, P](v, g)}
	if g.VersionsDiffer {
		row.Cells[0] = v.with(row.Cells[0], panel.TagCare, versionsDiffer)
	}
	b := v.alone(row)
	if rows := s.rowsBehind(v, h, e); len(rows) > 0 {
		what, _ := s.behind(e)
		b.More = &panel.More{Summary: what, Rows: rows}
	}
	return b
}

func (s sublist[T]) cells(v *View, e *T) []panel.Cell {
	cells := v.cells(len(s.columns))
	for i, c := range s.columns {
		cells[i] = c.cell(e)
	}
	return cells
}

func (s sublist[T]) rowsBehind(v *View, h *record.Head, e *T) []panel.OwnRow {
	if s.behind == nil {
		return nil
	}
	_, rows := s.behind(e)
	source := v.sourceOf(h.Source)
	out := make([]panel.OwnRow, len(rows))
	for i, cells := range rows {
		out[i] = panel.OwnRow{Badge: source.Badges[0], Cells: cells, RetrievedAt: source.RetrievedAt}
	}
	return out
}

var differsLine = panel.Line{Text: "differs", Kind: panel.TagCare}

// agreed is the cell that all members share. The first column keeps the first member's words, because its code is what the group agrees on.
// In the others small print is left to each source's own row, a field that only some sent says whose it is, and one that is not equal in
// all who sent it reads "differs" (rule G3).
func agreed(v *View, cells [][]panel.Cell, shorts []string, i int) panel.Cell {
	if i == 0 {
		return firstLine(cells)
	}
	var found []panel.Line
	var by []string
	for m := range cells {
		lines := largePrint(cells[m][i].Lines)
		switch {
		case len(lines) == 0:
		case found == nil:
			found, by = lines, append(by, shorts[m])
		case sameLines(found, lines):
			by = append(by, shorts[m])
		default:
			return panel.Cell{Lines: []panel.Line{differsLine}}
		}
	}
	c := panel.Cell{Lines: found}
	if len(by) > 0 && len(by) < len(cells) {
		c = v.with(c, panel.Sub, "from "+list(by))
	}
	return c
}

// firstLine is the name of the group; what else stands in the column is shown only where all agree.
// Marks that any member carries, such as "not given" or a warning, stay: grouping must not quieten one.
func firstLine(cells [][]panel.Cell) panel.Cell {
	first := cells[0][0]
	same := true
	for _, other := range cells[1:] {
		same = same && sameLines(first.Lines, other[0].Lines)
	}
	if same {
		return first
	}
	var out panel.Cell
	named := false
	for m := range cells {
		for _, l := range cells[m][0].Lines {
			switch {
			case mark(l.Kind):
				if !slices.Contains(out.Lines, l) {
					out.Lines = append(out.Lines, l)
				}
			case !named:
				out.Lines, named = append(out.Lines, l), true
			}
		}
	}
	return out
}

// mark reports the kinds of line that warn.
func mark(k panel.LineKind) bool {
	return k == panel.TagCare || k == panel.TagLoud || k == panel.TagRed
}

// largePrint are the lines that are not small print.
func largePrint(lines []panel.Line) []panel.Line {
	var out []panel.Line
	for _, l := range lines {
		if l.Kind != panel.Sub {
			out = append(out, l)
		}
	}
	return out
}

func sameLines(a, b []panel.Line) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i].Kind != b[i].Kind || a[i].Href != b[i].Href || !strings.EqualFold(a[i].Text, b[i].Text) {
			return false
		}
	}
	return true
}

// own is one source's own version of a grouped row, complete.
func own[T any](v *View, h *record.Head, columns []column[T], cells []panel.Cell) panel.OwnRow {
	source := v.sourceOf(h.Source)
	r := panel.OwnRow{Badge: source.Badges[0], RetrievedAt: source.RetrievedAt, Cells: make([]string, 0, len(cells)+1)}
	var room [256]byte
	for i, c := range cells {
		if len(c.Lines) == 0 {
			continue
		}
		text := room[:0]
		if i > 0 {
			text = append(append(text, columns[i].label...), ": "...)
		}
		for n, l := range c.Lines {
			if n > 0 {
				text = append(text, "; "...)
			}
			text = append(text, l.Text...)
		}
		r.Cells = append(r.Cells, string(text))
	}
	if by := author(h); by != "" {
		r.Cells = append(r.Cells, by)
	}
	return r
}
