package report

import (
	"cmp"
	"slices"

	"ribble/internal/audit"
	"ribble/internal/oversight/inquiry"
)

// Flow sums up events as Compose does, for however many there are: it takes them one by one, the newest first, and gives a line as soon as it is whole. It
// keeps the events of the looks whose intent is still to come, and no others.
type Flow struct {
	// Give takes the lines, the newest first; those of looks that began before the first event come last.
	Give func(Line) error
	open map[audit.UUID][]inquiry.Row
}

// Take adds the next event, which is older than all before it.
func (f *Flow) Take(row inquiry.Row) error {
	look := row.Event.Look
	if look.IsZero() {
		return f.give([]inquiry.Row{row})
	}
	if f.open == nil {
		f.open = map[audit.UUID][]inquiry.Row{}
	}
	f.open[look] = append(f.open[look], row)
	if row.Event.Act != audit.ActIntent {
		return nil
	}
	rows := f.open[look]
	delete(f.open, look)
	return f.give(rows)
}

// End gives the lines of looks whose beginning was not among the events.
func (f *Flow) End() error {
	rest := make([][]inquiry.Row, 0, len(f.open))
	for _, rows := range f.open {
		rest = append(rest, rows)
	}
	f.open = nil
	slices.SortFunc(rest, func(a, b []inquiry.Row) int { return cmp.Compare(b[len(b)-1].Sequence, a[len(a)-1].Sequence) })
	for _, rows := range rest {
		if err := f.give(rows); err != nil {
			return err
		}
	}
	return nil
}

func (f *Flow) give(rows []inquiry.Row) error {
	for _, line := range Compose(rows) {
		if err := f.Give(line); err != nil {
			return err
		}
	}
	return nil
}
