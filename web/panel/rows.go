package panel

import (
	"strconv"

	"github.com/a-h/templ"

	"ribble/web/ui"
)

// Tables are printed by hand: a record has hundreds of rows, and they are most of the page’s bytes.

// HTML prints the table.
func (t Table) HTML() templ.Component {
	return printed(func(p *printer) { p.table(t) })
}

func (p *printer) table(t Table) {
	p.raw(`<table class="rb-table`)
	if t.Keep {
		p.raw(" rb-keep")
	} else {
		p.raw(" rb-table--fix")
	}
	p.raw(`"`)
	if t.Label != "" {
		p.attr("aria-label", t.Label)
	}
	p.raw("><thead><tr>")
	for _, c := range t.Columns {
		p.raw(`<th scope="col"`)
		if c.Width > 0 {
			p.raw(` class="rb-c`)
			p.b = strconv.AppendInt(p.b, int64(c.Width), 10)
			p.raw(`"`)
		}
		p.raw(">")
		p.escaped(c.Label)
		p.raw("</th>")
	}
	p.raw(`<th scope="col">Source</th></tr></thead>`)
	p.openings(t.Columns)
	p.bodies(t.Columns, t.Bodies)
	p.raw("</table>\n")
}

// openings prepares the openings of the cells of a row: the first is its heading, the others are labelled for narrow windows.
func (p *printer) openings(columns []Column) {
	p.cells, p.ends = p.cells[:0], p.ends[:0]
	for i, c := range columns {
		if i == 0 {
			p.cells = append(p.cells, `<th scope="row">`...)
		} else {
			p.cells = append(p.cells, `<td data-label="`...)
			p.cells = append(ui.AppendEscaped(p.cells, c.Label), `">`...)
		}
		p.ends = append(p.ends, len(p.cells))
	}
}

// bodies prints the row groups. Those that are one row and nothing else share an element: paper keeps each row whole by itself.
func (p *printer) bodies(columns []Column, bodies []Body) {
	for i := 0; i < len(bodies); i++ {
		if !bodies[i].plain() {
			p.body(columns, &bodies[i])
			continue
		}
		p.raw("<tbody>\n")
		for ; i < len(bodies) && bodies[i].plain(); i++ {
			p.row(columns, &bodies[i].Rows[0], false)
		}
		i--
		p.raw("</tbody>\n")
	}
}

func (b *Body) plain() bool { return len(b.Rows) == 1 && b.More == nil && b.Differs == "" }

func (p *printer) body(columns []Column, b *Body) {
	if b.Differs == "" {
		p.raw("<tbody>\n")
	} else {
		p.raw(`<tbody class="rb-differs">` + "\n" + `<tr class="rb-differs__say"><td`)
		p.span(columns)
		p.raw(">")
		p.b = ui.AppendIcon(p.b, ui.IconClash)
		p.raw(` <b class="rb-strong">`)
		p.clinical(b.Differs)
		p.raw("</b> Not grouped: each source’s own row is shown.</td></tr>\n")
	}
	for i := range b.Rows {
		p.row(columns, &b.Rows[i], b.More != nil && i == len(b.Rows)-1)
	}
	if b.More != nil {
		p.more(columns, b.More)
	}
	p.raw("</tbody>\n")
}

// span makes a cell as wide as the table: the data columns and the source.
func (p *printer) span(columns []Column) {
	p.raw(` colspan="`)
	p.b = strconv.AppendInt(p.b, int64(len(columns)+1), 10)
	p.raw(`"`)
}

func (p *printer) row(columns []Column, r *Row, hasMore bool) {
	p.raw("<tr")
	p.rowClass(r, hasMore)
	p.raw(">")
	for i := range columns {
		var c *Cell
		if i < len(r.Cells) {
			c = &r.Cells[i]
		}
		p.cell(i, c)
	}
	p.raw(`<td data-label="Source">`)
	p.source(&r.Source)
	p.raw("</td></tr>\n")
}

func (p *printer) rowClass(r *Row, hasMore bool) {
	more, fresh := "", ""
	if hasMore {
		more = "rb-has-more"
	}
	if r.New {
		fresh = "rb-new"
	}
	p.class(levelClass(r.Level), more, fresh)
}

// cell prints the cell of a column.
func (p *printer) cell(column int, c *Cell) {
	from := 0
	if column > 0 {
		from = p.ends[column-1]
	}
	p.b = append(p.b, p.cells[from:p.ends[column]]...)
	if c == nil {
		p.lines(nil)
	} else {
		p.lines(c.Lines)
	}
	if column == 0 {
		p.raw("</th>")
	} else {
		p.raw("</td>")
	}
}

// list prints the lines of a snapshot card.
func (c SnapCard) list() templ.Component {
	return printed(func(p *printer) {
		p.raw(`<ul class="rb-list`)
		if c.Tight {
			p.raw(" rb-list--tight")
		}
		p.raw(`">` + "\n")
		for i := range c.Lines {
			p.snapLine(&c.Lines[i])
		}
		p.raw("</ul>")
	})
}

func (p *printer) snapLine(l *SnapLine) {
	p.raw(`<li class="rb-line"><span>`)
	p.lines(l.Lines)
	p.raw("</span><small>")
	for _, badge := range l.Badges {
		p.b = ui.AppendBadge(p.b, badge)
		p.raw(" ")
	}
	p.escaped(l.Date)
	p.raw("</small></li>\n")
}

// more prints each source's own row of a grouped entry.
func (p *printer) more(columns []Column, m *More) {
	p.raw(`<tr class="rb-more"><td`)
	p.span(columns)
	p.raw(`><details class="rb-group"`)
	if m.Open {
		p.raw(" open")
	}
	p.raw("><summary>")
	p.escaped(m.Summary)
	p.raw(`</summary><table class="rb-own"><tbody>` + "\n")
	for i := range m.Rows {
		p.ownRow(&m.Rows[i])
	}
	p.raw("</tbody></table></details></td></tr>\n")
}

func (p *printer) ownRow(r *OwnRow) {
	p.raw(`<tr><th scope="row"><span class="rb-org">`)
	p.b = ui.AppendBadge(p.b, r.Badge)
	p.raw(" <span>")
	p.escaped(r.Badge.Org)
	p.raw("</span></span></th>")
	p.raw("<td>")
	gap := ""
	for _, text := range r.Cells {
		if text != "" {
			p.raw(gap)
			p.clinical(text)
			gap = ` <span class="rb-dot">·</span> `
		}
	}
	if gap == "" {
		p.raw(notGiven)
	}
	p.raw("</td><td>retrieved ")
	p.escaped(r.RetrievedAt)
	p.raw("</td></tr>\n")
}
