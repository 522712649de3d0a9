package section

import (
	"slices"
	"sort"
	"strconv"
	"strings"
	"time"

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
	row := panel.Row{Cells: make([]panel.Cell, len(s.columns)), New: late[T, P](v, g)}
	more := panel.More{}
	cells := make([][]panel.Cell, len(g.Members))
	shorts := make([]string, len(g.Members))
	for m, e := range g.Members {
		h := P(e).Base()
		cells[m] = s.cells(e)
		more.Rows = append(more.Rows, own(v, h, s.columns, cells[m]))
		more.Rows = append(more.Rows, s.rowsBehind(v, h, e)...)
		row.Source.Badges = append(row.Source.Badges, v.badge(h.Source.Organisation))
		shorts[m] = h.Source.Organisation.Short
	}
	for i := range s.columns {
		row.Cells[i] = agreed(cells, shorts, i)
		if i > 0 && len(row.Cells[i].Lines) == 1 && row.Cells[i].Lines[0] == differsLine {
			more.Open = true
		}
	}
	if g.VersionsDiffer {
		row.Cells[0] = with(row.Cells[0], panel.TagCare, versionsDiffer)
	}
	row.Source.Name = strconv.Itoa(len(g.Members)) + " sources"
	more.Summary = list(shorts) + ", same entry: show each source’s own row"
	return panel.Body{Rows: []panel.Row{row}, More: &more}
}

// versionsDiffer marks what shares its business identifier with an entry of other content (rule G4).
const versionsDiffer = "versions differ between sources"

// single shows an entry that stands alone.
func single[T any, P merge.Entry[T]](v *View, s sublist[T], g *merge.Group[T]) panel.Body {
	e := g.One()
	h := P(e).Base()
	row := panel.Row{Cells: s.cells(e), Source: v.source(h), New: late[T, P](v, g)}
	if g.VersionsDiffer {
		row.Cells[0] = with(row.Cells[0], panel.TagCare, versionsDiffer)
	}
	b := panel.Body{Rows: []panel.Row{row}}
	if rows := s.rowsBehind(v, h, e); len(rows) > 0 {
		what, _ := s.behind(e)
		b.More = &panel.More{Summary: what, Rows: rows}
	}
	return b
}

func (s sublist[T]) cells(e *T) []panel.Cell {
	cells := make([]panel.Cell, len(s.columns))
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
func agreed(cells [][]panel.Cell, shorts []string, i int) panel.Cell {
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
		c = with(c, panel.Sub, "from "+list(by))
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
	for i, c := range cells {
		text := ""
		for _, l := range c.Lines {
			if text != "" {
				text += "; "
			}
			text += l.Text
		}
		if text != "" && i > 0 {
			text = columns[i].label + ": " + text
		}
		if text != "" {
			r.Cells = append(r.Cells, text)
		}
	}
	if by := author(h); by != "" {
		r.Cells = append(r.Cells, by)
	}
	return r
}

// source is the provenance of a row of one source (rule R9).
func (v *View) source(h *record.Head) panel.SourceCell {
	c := v.sourceOf(h.Source)
	c.By = author(h)
	if !h.Recorded.IsZero() && !h.Recorded.Equal(h.When.Start) {
		c.Dates = "recorded " + h.Recorded.Display()
	}
	return c
}

// author is who is named for the entry, each in its own part: done by, said by, recorded by. Who stands in two parts is named once, and
// the source's own name is not repeated.
func author(h *record.Head) string {
	done, said, typed := people(h, h.PerformedBy), people(h, h.AssertedBy), people(h, h.RecordedBy)
	s := done
	if said != "" && said != done {
		if said == typed || (typed == "" && done == "") {
			s = join(s, said)
		} else {
			s = join(s, "said by "+said)
		}
	}
	if typed != "" && typed != done && typed != said {
		s = join(s, "recorded by "+typed)
	}
	if h.Owner != "" && h.Owner != h.Source.Organisation.Name {
		s = join(s, "data of "+h.Owner)
	}
	return s
}

// people names actors for the source's own column: the name, else the role, and an organisation only when it is another.
func people(h *record.Head, all []record.Actor) string {
	s := ""
	for _, a := range all {
		name := a.Name
		if name == "" {
			name = a.Role
		}
		if a.Organisation != "" && a.Organisation != h.Source.Organisation.Name {
			name = join2(name, a.Organisation)
		}
		if name != "" {
			s = join(s, name)
		}
	}
	return s
}

func join(a, b string) string {
	if a == "" || b == "" {
		return a + b
	}
	return a + "; " + b
}

// late reports whether any member came after the section was first shown.
func late[T any, P merge.Entry[T]](v *View, g *merge.Group[T]) bool {
	for _, e := range g.Members {
		if v.Late[P(e).Base().Source.Feed] {
			return true
		}
	}
	return false
}

// order sorts groups by less on their headline entries; groups that came late stand after all others.
func order[T any, P merge.Entry[T]](v *View, groups []merge.Group[T], less func(a, b *T) int) []merge.Group[T] {
	sort.SliceStable(groups, func(i, j int) bool {
		if len(v.Late) > 0 {
			if a, b := allLate[T, P](v, &groups[i]), allLate[T, P](v, &groups[j]); a != b {
				return b
			}
		}
		return less(groups[i].One(), groups[j].One()) < 0
	})
	return groups
}

func allLate[T any, P merge.Entry[T]](v *View, g *merge.Group[T]) bool {
	for _, e := range g.Members {
		if !v.Late[P(e).Base().Source.Feed] {
			return false
		}
	}
	return true
}

// newest orders by the clinically relevant date, newest first, undated last.
func newest(a, b *record.Head) int { return b.When.Start.Compare(a.When.Start) }

// pick takes the groups whose headline entry satisfies want.
func pick[T any](groups []merge.Group[T], want func(*T) bool) []merge.Group[T] {
	n := 0
	for i := range groups {
		if want(groups[i].One()) {
			n++
		}
	}
	if n == 0 {
		return nil
	}
	out := make([]merge.Group[T], 0, n)
	for i := range groups {
		if want(groups[i].One()) {
			out = append(out, groups[i])
		}
	}
	return out
}

// plain, strong and sub make cells of one line; an empty text makes an empty cell, which reads "not given".
func plain(text string) panel.Cell  { return line(text, panel.Plain) }
func strong(text string) panel.Cell { return line(text, panel.Strong) }

func line(text string, kind panel.LineKind) panel.Cell {
	return with(panel.Cell{}, kind, text)
}

// with adds a line to a cell when there is text for it.
func with(c panel.Cell, kind panel.LineKind, text string) panel.Cell {
	if text == "" {
		return c
	}
	if c.Lines == nil {
		// Most cells have one line or two.
		c.Lines = make([]panel.Line, 0, 2)
	}
	c.Lines = append(c.Lines, panel.Line{Text: text, Kind: kind})
	return c
}

// details adds everything else the source sent for the entry: warnings first, then facts, then notes; nothing is cut.
func details(v *View, c panel.Cell, h *record.Head) panel.Cell {
	for _, i := range h.Issues {
		c = with(c, panel.TagCare, i.Text)
	}
	if v.future(h) {
		c = with(c, panel.TagCare, "dated in the future")
	}
	for _, l := range h.Labels {
		if l.Code == "NOPAT" {
			c = with(c, panel.TagCare, "Do not disclose to the person or family")
		}
	}
	for _, f := range h.Facts {
		c = with(c, panel.Sub, f.Label+": "+f.Text)
	}
	for _, n := range h.Notes {
		c = with(c, panel.Plain, n)
	}
	return c
}

// future reports an event dated after now: flagged, never corrected (S17). A plan may lie in the future.
func (v *View) future(h *record.Head) bool {
	switch h.Phase {
	case record.Planned, record.Draft:
		return false
	}
	return !h.When.Start.IsZero() && h.When.Start.After(v.Now.Add(24*time.Hour))
}

func sortStable[T any](list []*T, less func(a, b *T) int) {
	sort.SliceStable(list, func(i, j int) bool { return less(list[i], list[j]) < 0 })
}
