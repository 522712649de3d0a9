package section

import (
	"strings"
	"sync"

	"ribble/internal/merge"
	"ribble/internal/record"
	"ribble/web/panel"
	"ribble/web/ui"
)

// kept is what several parts of a page need of one view: worked out once, for the first of them, whichever goroutine builds that. The groups
// and the summary stand in the order of a view without late sources; a section with late ones makes its own.
type kept struct {
	groups    [record.NumSections]onceOf[any]
	allergies onceOf[AllergySummary]
}

// onceOf is a value that the first to ask for it makes.
type onceOf[T any] struct {
	once  sync.Once
	value T
}

func (o *onceOf[T]) get(build func() T) T {
	o.once.Do(func() { o.value = build() })
	return o.value
}

// room is where one goroutine builds: nothing in it is shared with another. What is built there lives until the view is done with, and its memory
// then serves the next part of a page, whoever's it is: so it is wiped.
type room struct {
	sources map[*record.SourceRef]panel.SourceCell
	rows    slab[panel.Row]
	cells   slab[panel.Cell]
	lines   slab[panel.Line]
	// words holds short texts side by side; whoever keeps one keeps its neighbours, which are never written again.
	words strings.Builder
}

// wordsPiece is how many bytes of text stand together.
const wordsPiece = 4096

// lay gives the bytes as a text.
func (r *room) lay(b []byte) string {
	if len(b) == 0 {
		return ""
	}
	if r.words.Cap()-r.words.Len() < len(b) {
		r.words = strings.Builder{}
		r.words.Grow(max(wordsPiece, len(b)))
	}
	from := r.words.Len()
	r.words.Write(b)
	return r.words.String()[from:]
}

// rooms are those that nobody builds in: all of them are empty.
var rooms = sync.Pool{New: func() any { return &room{sources: map[*record.SourceRef]panel.SourceCell{}} }}

// slab hands out short slices of longer ones: a page has hundreds of rows of four cells each.
type slab[T any] struct {
	pieces [][]T
	// at is the piece that is being handed out, free what is left of it.
	at   int
	free []T
}

const (
	// slabSize is how many elements a piece has.
	slabSize = 128
	// mostPieces is how many pieces of a kind one part leaves for the next, so that one huge record does not keep its memory.
	mostPieces = 64
)

func (s *slab[T]) take(n int) []T {
	if len(s.free) < n {
		if n > slabSize {
			return make([]T, n)
		}
		if s.at == len(s.pieces) {
			s.pieces = append(s.pieces, make([]T, slabSize))
		}
		s.free = s.pieces[s.at]
		s.at++
	}
	taken := s.free[:n:n]
	s.free = s.free[n:]
	return taken
}

// wipe empties all that was handed out.
func (s *slab[T]) wipe() {
	for _, piece := range s.pieces[:s.at] {
		clear(piece)
	}
	if len(s.pieces) > mostPieces {
		clear(s.pieces[mostPieces:])
		s.pieces = s.pieces[:mostPieces]
	}
	s.at, s.free = 0, nil
}

// alone is a body of one row.
func (v *View) alone(row panel.Row) panel.Body {
	rows := v.own().rows.take(1)
	rows[0] = row
	return panel.Body{Rows: rows}
}

// cells is room for the cells of a row.
func (v *View) cells(n int) []panel.Cell { return v.own().cells.take(n) }

// For is the view as one section sees it: with the sources that came late to it, and with the links under which documents open.
func (v *View) For(late map[string]int, document func(record.SourceRef, record.Attachment) string) *View {
	v.keep()
	v.own()
	own := *v
	own.Late, own.Document = late, document
	return &own
}

// Beside is the view for another goroutine, which may build other parts of the same page from it at the same time.
func (v *View) Beside() *View {
	v.keep()
	other := *v
	other.room = nil
	return &other
}

func (v *View) keep() *kept {
	if v.kept == nil {
		v.kept = new(kept)
	}
	return v.kept
}

func (v *View) own() *room {
	if v.room == nil {
		v.room = rooms.Get().(*room)
	}
	return v.room
}

// Done gives up all that was built from the view and the copies that For made of it: nothing of it may be looked at afterwards. What others
// built from views beside it stays theirs.
func (v *View) Done() {
	r := v.room
	if r == nil {
		return
	}
	v.room = nil
	r.rows.wipe()
	r.cells.wipe()
	r.lines.wipe()
	clear(r.sources)
	r.words = strings.Builder{}
	rooms.Put(r)
}

// once gives the groups of a section, which build makes. They are shared: nobody changes or reorders them.
func once[T any](v *View, s record.Section, build func() []merge.Group[T]) []merge.Group[T] {
	if len(v.Late) > 0 {
		return build()
	}
	return v.keep().groups[s].get(func() any { return build() }).([]merge.Group[T])
}

// sourceOf is the part of a provenance that all entries of one answer share.
func (v *View) sourceOf(ref *record.SourceRef) panel.SourceCell {
	r := v.own()
	c, found := r.sources[ref]
	if !found {
		o := ref.Organisation
		c = panel.SourceCell{Badges: []ui.Badge{v.badge(o)}, Name: o.Short, Own: o.ODS == v.Own, RetrievedAt: retrieved(ref.RetrievedAt)}
		r.sources[ref] = c
	}
	return c
}
