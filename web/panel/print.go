package panel

import (
	"context"
	"io"
	"sync"

	"github.com/a-h/templ"

	"ribble/web/ui"
)

// printer appends HTML. Its methods print one thing each and read like the markup they make.
type printer struct {
	b []byte
	// cells are the openings of a table's cells, one after the other, each up to its end: they are the same in every row.
	cells []byte
	ends  []int
	// sources are the badges and names printed last.
	sources [8]printedSource
	next    int
}

// printedSource is where badge and name of a source stand in what was printed: most rows of a table come from a few sources.
type printedSource struct {
	badge    *ui.Badge
	name     string
	own      bool
	from, to int
}

var printers = sync.Pool{New: func() any { return &printer{b: make([]byte, 0, 64<<10)} }}

// printed makes a component of a function that prints into a reused buffer.
func printed(print func(*printer)) templ.Component {
	return templ.ComponentFunc(func(_ context.Context, w io.Writer) error {
		p := printers.Get().(*printer)
		defer p.release()
		print(p)
		_, err := w.Write(p.b)
		return err
	})
}

// release wipes what was printed, which is a part of somebody's record, and lets another use the printer.
func (p *printer) release() {
	clear(p.b)
	*p = printer{b: p.b[:0], cells: p.cells[:0], ends: p.ends[:0]}
	printers.Put(p)
}

func (p *printer) raw(s string)      { p.b = append(p.b, s...) }
func (p *printer) escaped(s string)  { p.b = ui.AppendEscaped(p.b, s) }
func (p *printer) clinical(s string) { p.b = ui.AppendClinical(p.b, s) }

// attr prints a space, the attribute's name and its value.
func (p *printer) attr(name, value string) {
	p.raw(" ")
	p.raw(name)
	p.raw(`="`)
	p.escaped(value)
	p.raw(`"`)
}

// class prints a class attribute of those names that are not empty; without any it prints nothing.
func (p *printer) class(names ...string) {
	opening := ` class="`
	for _, name := range names {
		if name != "" {
			p.raw(opening)
			p.raw(name)
			opening = " "
		}
	}
	if opening == " " {
		p.raw(`"`)
	}
}

// levelClass indents an entry under the one before.
func levelClass(level int) string {
	return [...]string{"", "rb-l1", "rb-l2", "rb-l3"}[min(max(level, 0), 3)]
}

// notGiven stands in every empty place: a blank could be read as "none" (R2).
const notGiven = `<small>not given</small>`

// lines prints the lines of a cell, a fact or an item.
func (p *printer) lines(lines []Line) {
	shown := false
	for i := range lines {
		l := &lines[i]
		if l.Text == "" {
			continue
		}
		if shown {
			p.raw(lineGaps[l.Kind])
		}
		p.line(l)
		shown = true
	}
	if !shown {
		p.raw(notGiven)
	}
}

// lineGaps stand before a line that is not the first: a text starts a new line, a tag stays beside the text.
var lineGaps = [...]string{
	Plain: "<br>", Strong: "<br>", Sub: "<br>", Quote: "<br>", Pre: "",
	TagPlain: " ", TagLoud: " ", TagRed: " ", TagCare: " ", TagHeld: " ", TagSoft: " ",
}

// lineMarks stand around the text of a line.
var lineMarks = [...]struct{ open, shut string }{
	Plain: {"", ""}, Strong: {"<b>", "</b>"}, Sub: {"<small>", "</small>"}, Quote: {"“", "”"},
	Pre: {`<pre class="rb-pre" tabindex="0">`, "</pre>"}, TagPlain: {"", ""}, TagLoud: {"", ""}, TagRed: {"", ""}, TagCare: {"", ""},
	TagHeld: {"", ""}, TagSoft: {"", ""},
}

// tagKinds gives the box of the tag lines.
var tagKinds = [...]ui.TagKind{
	TagPlain: ui.TagPlain, TagLoud: ui.TagLoud, TagRed: ui.TagRed, TagCare: ui.TagCare, TagHeld: ui.TagHeld, TagSoft: ui.TagSoft,
}

func (p *printer) line(l *Line) {
	if l.Kind >= TagPlain {
		p.b = ui.AppendTag(p.b, tagKinds[l.Kind], l.Text)
		return
	}
	marks := &lineMarks[l.Kind]
	p.raw(marks.open)
	if l.Href != "" {
		p.raw("<a")
		p.attr("href", string(templ.URL(l.Href)))
		p.raw(">")
		p.clinical(l.Text)
		p.raw("</a>")
	} else {
		p.clinical(l.Text)
	}
	p.raw(marks.shut)
}

// source prints the provenance: badges and name, then author, dates and time of retrieval.
func (p *printer) source(s *SourceCell) {
	p.org(s)
	p.remarks(s.By, s.Dates, s.RetrievedAt)
}

// org prints badges and name; those of a single source that was printed a moment ago are copied.
func (p *printer) org(s *SourceCell) {
	if len(s.Badges) != 1 {
		p.badgesAndName(s)
		return
	}
	for i := range p.sources {
		if o := &p.sources[i]; o.badge == &s.Badges[0] && o.name == s.Name && o.own == s.Own {
			p.b = append(p.b, p.b[o.from:o.to]...)
			return
		}
	}
	from := len(p.b)
	p.badgesAndName(s)
	p.sources[p.next] = printedSource{&s.Badges[0], s.Name, s.Own, from, len(p.b)}
	p.next = (p.next + 1) % len(p.sources)
}

func (p *printer) badgesAndName(s *SourceCell) {
	p.raw(`<span class="rb-org">`)
	p.badges(s.Badges)
	if s.Name != "" || s.Own {
		p.raw(" <span>")
		p.escaped(s.Name)
		if s.Own {
			p.raw(" (yours)")
		}
		p.raw("</span>")
	}
	p.raw("</span>")
}

// badges prints badges side by side; several share a box, so that they wrap together.
func (p *printer) badges(badges []ui.Badge) {
	if len(badges) == 1 {
		p.b = ui.AppendBadge(p.b, badges[0])
		return
	}
	p.raw("<span>")
	for i, badge := range badges {
		if i > 0 {
			p.raw(" ")
		}
		p.b = ui.AppendBadge(p.b, badge)
	}
	p.raw("</span>")
}

// remarks prints the small second line of a provenance.
func (p *printer) remarks(by, dates, retrieved string) {
	if by == "" && dates == "" && retrieved == "" {
		return
	}
	p.raw("<br><small>")
	gap := ""
	for _, text := range [...]string{by, dates} {
		if text != "" {
			p.raw(gap)
			p.clinical(text)
			gap = ", "
		}
	}
	if retrieved != "" {
		p.raw(gap)
		p.raw("retrieved ")
		p.escaped(retrieved)
	}
	p.raw("</small>")
}
