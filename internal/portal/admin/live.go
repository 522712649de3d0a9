package admin

import (
	"cmp"
	"net/http"
	"slices"
	"strings"

	"ribble/internal/directory"
	"ribble/web/page"
	"ribble/web/ui"
)

// Live says to everybody, signed in or not, who shares records here and who does not yet. Organisations of one kind that share the same stand in one row.
func (p *Pages) Live(w http.ResponseWriter, r *http.Request) error {
	feeds := slices.Clone(p.Desk.Directory().Feeds())
	slices.SortStableFunc(feeds, func(a, b *directory.Feed) int {
		return cmp.Or(kindPlace(a.Organisation.Kind)-kindPlace(b.Organisation.Kind), cmp.Compare(a.Organisation.Name, b.Organisation.Name))
	})
	var live, later liveRows
	n := 0
	for _, f := range feeds {
		switch {
		case f.Stage == directory.Live && f.Agreement.InForce(p.Now()):
			n++
			live.add(f, supplies(f.Sections), notYetFor(f))
		case f.Stage == directory.Live, f.Stage == directory.Suspended:
			later.add(f, "stopped for now", "")
		default:
			later.add(f, cmp.Or(f.Planned, "not said"), "")
		}
	}
	liveTable, laterTable := live.table("What they share"), later.table("Planned for")
	b := page.BoardProps{Props: p.Frame(r), Heading: "Who is live, who is not yet", Parts: []page.Part{
		{ID: "live", Heading: "Live: " + count(n, "source", "sources"), Table: liveTable, Notes: emptyNote(liveTable)},
		{ID: "later", Heading: "Not yet", Table: laterTable, Notes: emptyNote(laterTable), Foot: "As the directory of " + p.Region + " stood on " + moment(p.Now()) + "."},
	}}
	b.Title = b.Heading
	return write(w, r, http.StatusOK, page.Board(b))
}

// kindPlace is where a kind of organisation stands among the others: practices, of which there are most, last.
func kindPlace(kind string) int {
	if kind == "gp-practice" {
		return len(kinds)
	}
	return slices.IndexFunc(kinds, func(o ui.Option) bool { return o.Value == kind })
}

// notYetFor says for whom a live feed is not live yet.
func notYetFor(f *directory.Feed) string {
	var names []string
	for _, g := range f.Groups {
		if f.StageOf(&g) != directory.Live {
			names = append(names, who(&g))
		}
	}
	if len(names) == 0 {
		return ""
	}
	return "Not yet for: " + strings.Join(names, "; ")
}

// liveRow are organisations of one kind of which the same is said.
type liveRow struct {
	names           []string
	kind, said, but string
}

type liveRows []liveRow

func (l *liveRows) add(f *directory.Feed, said, but string) {
	kind := kindWords(f.Organisation.Kind)
	for i := range *l {
		if row := &(*l)[i]; row.kind == kind && row.said == said && row.but == but {
			row.names = append(row.names, f.Organisation.Name)
			return
		}
	}
	*l = append(*l, liveRow{[]string{f.Organisation.Name}, kind, said, but})
}

func (l liveRows) table(said string) page.Table {
	t := page.Table{Head: []string{"Kind", "Organisations", said}}
	for _, row := range l {
		kind := words(row.kind)
		if n := len(row.names); n > 1 {
			kind.Sub = count(n, "organisation", "organisations")
		}
		t.Rows = append(t.Rows, []page.Cell{kind, words(strings.Join(row.names, ", ")), {Text: row.said, Sub: row.but}})
	}
	return t
}

func emptyNote(t page.Table) []ui.NoteProps {
	if len(t.Rows) > 0 {
		return nil
	}
	return []ui.NoteProps{{Kind: ui.NoteNone, Lead: "Nobody."}}
}
