package section

import (
	"ribble/internal/record"
	"ribble/web/panel"
)

// source is the provenance of a row of one source (rule R9).
func (v *View) source(h *record.Head) panel.SourceCell {
	c := v.sourceOf(h.Source)
	c.By = author(h)
	if !h.Recorded.IsZero() && !h.Recorded.Equal(h.When.Start) {
		c.Dates = v.recorded(h.Recorded)
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
			s = semicolons(s, said)
		} else {
			s = semicolons(s, "said by "+said)
		}
	}
	if typed != "" && typed != done && typed != said {
		s = semicolons(s, "recorded by "+typed)
	}
	if owner := h.Owner(); owner != "" && owner != h.Source.Organisation.Name {
		s = semicolons(s, "data of "+owner)
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
			name = commas(name, a.Organisation)
		}
		if name != "" {
			s = semicolons(s, name)
		}
	}
	return s
}
