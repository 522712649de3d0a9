package section

import (
	"sync"
	"time"

	"ribble/internal/record"
	"ribble/web/panel"
)

// plain and strong make cells of one line; an empty text makes an empty cell, which reads "not given".
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
		c.Lines = lineRoom()
	}
	c.Lines = append(c.Lines, panel.Line{Text: text, Kind: kind})
	return c
}

// lineRooms are the slabs that the lines of cells are cut from: what a slab has left goes to the next cell, of whichever page, and is empty.
var lineRooms = sync.Pool{New: func() any { return new(slab[panel.Line]) }}

// lineRoom is room for two lines: most cells have one or two.
func lineRoom() []panel.Line {
	s := lineRooms.Get().(*slab[panel.Line])
	defer lineRooms.Put(s)
	return s.take(2)[:0]
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
