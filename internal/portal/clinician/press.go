package clinician

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime"
	"sync"
	"sync/atomic"

	"github.com/a-h/templ"

	"ribble/internal/section"
	"ribble/internal/telemetry"
)

// piece makes one piece of a part of the page from the view: a section, the strip, the timeline.
type piece func(*section.View) templ.Component

// press prints the pieces of one part side by side, because the last part is most of the page and everybody waits for it. The bytes stand in the
// order of the pieces, whoever printed which first.
type press struct {
	ctx    context.Context
	log    *slog.Logger
	pieces []piece
	// left counts the pieces that nobody has taken yet, from the last: that is the timeline, the longest.
	left atomic.Int64
	// printed says where each piece stands.
	printed []stretch
}

// stretch is a stretch of a sheet.
type stretch struct {
	sheet    *bytes.Buffer
	from, to int
}

// rowsForHelp is from how many rows on one more goroutine is worth its start.
const rowsForHelp = 100

// mostHands is how many goroutines print one part at most.
const mostHands = 4

// hands is how many goroutines print a part of so many rows.
func hands(rows int) int { return min(1+rows/rowsForHelp, runtime.GOMAXPROCS(0), mostHands) }

// presses are places for parts that are being printed. When many views reach their soft deadline together, printing all of them at once would hold
// all their pages at once, and be no sooner done: those who wait for a place hold nothing.
var presses = make(chan struct{}, 2*runtime.GOMAXPROCS(0))

// print appends all pieces to the buffer, by so many hands.
func (p *press) print(b *bytes.Buffer, v *section.View, hands int) error {
	if hands < 2 {
		defer v.Done()
		for _, piece := range p.pieces {
			if err := render(p.ctx, b, piece(v)); err != nil {
				return err
			}
		}
		return nil
	}
	p.left.Store(int64(len(p.pieces)))
	p.printed = make([]stretch, len(p.pieces))
	sheets, errs := make([]*bytes.Buffer, hands), make([]error, hands)
	var group sync.WaitGroup
	for i := range hands {
		sheets[i], errs[i] = newPart(), errPanicked
		own := v.Beside()
		work := func() { errs[i] = p.work(sheets[i], own) }
		group.Go(func() { telemetry.Guard(p.log, "print-part", work, nil) })
	}
	group.Wait()
	for _, s := range p.printed {
		if s.sheet != nil {
			b.Write(s.sheet.Bytes()[s.from:s.to])
		}
	}
	for _, sheet := range sheets {
		wiped(sheet)
	}
	return errors.Join(errs...)
}

var errPanicked = errors.New("rendering a part of the record: the code panicked")

// work prints pieces on one sheet until none is left, and gives up what they were built from.
func (p *press) work(sheet *bytes.Buffer, v *section.View) error {
	defer v.Done()
	for i := p.left.Add(-1); i >= 0; i = p.left.Add(-1) {
		from := sheet.Len()
		if err := render(p.ctx, sheet, p.pieces[i](v)); err != nil {
			return fmt.Errorf("piece %d: %w", i, err)
		}
		p.printed[i] = stretch{sheet, from, sheet.Len()}
	}
	return nil
}

// parts are the buffers of parts that have left: the largest is most of a page, and growing one anew for each part is most of what rendering allocates.
var parts = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// newPart is an empty buffer.
func newPart() *bytes.Buffer { return parts.Get().(*bytes.Buffer) }

// largestPart is the largest buffer worth keeping.
const largestPart = 1 << 20

// wiped gives a buffer back: it held a record.
func wiped(b *bytes.Buffer) {
	if b.Cap() > largestPart {
		return
	}
	clear(b.Bytes())
	b.Reset()
	parts.Put(b)
}
