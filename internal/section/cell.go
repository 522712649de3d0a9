package section

import (
	"time"

	"ribble/internal/record"
	"ribble/web/panel"
)

// plain and strong make cells of one line; an empty text makes an empty cell, which reads "not given".
func (v *View) plain(text string) panel.Cell  { return v.with(panel.Cell{}, panel.Plain, text) }
func (v *View) strong(text string) panel.Cell { return v.with(panel.Cell{}, panel.Strong, text) }

// with adds a line to a cell when there is text for it.
func (v *View) with(c panel.Cell, kind panel.LineKind, text string) panel.Cell {
	if text == "" {
		return c
	}
	if c.Lines == nil {
		// Most cells have one line or two.
		c.Lines = v.own().lines.take(2)[:0]
	}
	c.Lines = append(c.Lines, panel.Line{Text: text, Kind: kind})
	return c
}

// day and when write a date and a period, and recorded when something was written down, into memory that they share with their neighbours: a page
// shows some thousand of them.
func (v *View) day(d record.PartialDate) string {
	var b [64]byte
	return v.own().lay(d.AppendDisplay(b[:0]))
}

func (v *View) when(p record.Period) string {
	if !p.Single {
		return p.Display()
	}
	return v.day(p.Start)
}

func (v *View) recorded(d record.PartialDate) string {
	var b [96]byte
	return v.own().lay(d.AppendDisplay(append(b[:0], "recorded "...)))
}

// details adds everything else the source sent for the entry: warnings first, then facts, then notes; nothing is cut.
func details(v *View, c panel.Cell, h *record.Head) panel.Cell {
	for _, i := range h.Issues() {
		c = v.with(c, panel.TagCare, i.Text)
	}
	if v.future(h) {
		c = v.with(c, panel.TagCare, "dated in the future")
	}
	for _, l := range h.Labels() {
		if l.Code == "NOPAT" {
			c = v.with(c, panel.TagCare, "Do not disclose to the person or family")
		}
	}
	for _, f := range h.Facts {
		c = v.with(c, panel.Sub, f.Label+": "+f.Text)
	}
	for _, n := range h.Notes {
		c = v.with(c, panel.Plain, n)
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
