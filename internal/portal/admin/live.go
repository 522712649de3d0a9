package admin

import (
	"cmp"
	"net/http"
	"slices"

	"ribble/internal/directory"
	"ribble/web/page"
	"ribble/web/ui"
)

// Live says to everybody, signed in or not, who shares records here and who does not yet.
func (p *Pages) Live(w http.ResponseWriter, r *http.Request) error {
	s := p.Desk.Directory()
	var live, later page.Table
	live.Head, later.Head = []string{"Organisation", "Kind", "What it shares"}, []string{"Organisation", "Kind", "Planned for"}
	feeds := slices.Clone(s.Feeds())
	slices.SortStableFunc(feeds, func(a, b *directory.Feed) int { return cmp.Compare(a.Organisation.Name, b.Organisation.Name) })
	for _, f := range feeds {
		row := []page.Cell{words(f.Organisation.Name), words(kindWords(f.Organisation.Kind))}
		switch {
		case f.Stage == directory.Live && f.Agreement.InForce(p.Now()):
			live.Rows = append(live.Rows, append(row, words(supplies(f.Sections))))
		case f.Stage == directory.Live, f.Stage == directory.Suspended:
			later.Rows = append(later.Rows, append(row, words("stopped for now")))
		default:
			later.Rows = append(later.Rows, append(row, words(cmp.Or(f.Planned, "not said"))))
		}
	}
	b := page.BoardProps{Props: p.Frame(r), Heading: "Who is live, who is not yet", Parts: []page.Part{
		{ID: "live", Heading: "Live: " + count(len(live.Rows), "source", "sources"), Table: live, Notes: emptyNote(live)},
		{ID: "later", Heading: "Not yet", Table: later, Notes: emptyNote(later), Foot: "As the directory of " + p.Region + " stood on " + moment(p.Now()) + "."},
	}}
	b.Title = b.Heading
	return write(w, r, http.StatusOK, page.Board(b))
}

func emptyNote(t page.Table) []ui.NoteProps {
	if len(t.Rows) > 0 {
		return nil
	}
	return []ui.NoteProps{{Kind: ui.NoteNone, Lead: "Nobody."}}
}
