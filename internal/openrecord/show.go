package openrecord

import (
	"context"
	"fmt"
	"time"

	"ribble/internal/audit"
	"ribble/internal/record"
	"ribble/internal/section"
	"ribble/internal/telemetry"
)

// Page is where a record is shown. Each method writes and flushes; an error means that nobody reads any more.
type Page interface {
	// Shell opens the page with who the person is and who is being asked: nothing clinical.
	Shell(audit.Receipt, *section.View) error
	// Render makes the bytes of a part; nothing leaves yet.
	Render(Part) ([]byte, error)
	// Send lets the bytes of a part leave, for the proof that what it tells of was written down first.
	Send(audit.Disclosed, Part, []byte) error
	// Halt says loudly, with nothing clinical, that the rest of the page cannot be shown: because the look failed, or was withdrawn.
	Halt(audit.Ending)
	// End closes the page.
	End() error
}

// Part is a part of the page: some sections as they stand now, and the summaries over all of them.
type Part struct {
	Receipt  audit.Receipt
	View     *section.View
	Sections record.Sections
	// Late are the feeds that came after a section was first shown, with after how many of its renderings; Rendering counts those from 1.
	Late      func(record.Section) map[string]int
	Rendering func(record.Section) int
	// Turn counts the parts of this page from 1. Last is true for the part after which nothing is awaited.
	Turn int
	Last bool
	// Snapshot is true when the summary's own sections are among those shown.
	Snapshot bool
	// provisional says that the sections wait for somebody.
	provisional bool
}

// show puts the record on the page as the sources end. A list is final only when all its sources have. What has come is shown as provisional once those
// who are missing are later than they usually are, at the soft deadline at the latest, and again at twice, four times and so on, if more has come. It returns how the look ended, and an error when not even the head of the page could be shown: then there is no page
// to say so on.
func (f *Flow) show(ctx context.Context, b *board, answers <-chan record.Answer, page Page) (audit.Ending, error) {
	switch err := page.Shell(b.receipt, b.view()); {
	case err != nil && ctx.Err() == nil:
		return audit.Failed, fmt.Errorf("showing the head of the record: %w", err)
	case err != nil:
		return audit.CutOff, nil
	}
	f.expect(b)
	soft := newSoftly(f.Soft)
	defer soft.stop()
	for turn := 1; ; turn++ {
		sections, provisional, there := f.wait(ctx, b, answers, soft)
		if !there {
			return audit.CutOff, nil
		}
		if ending, ok := f.sendPart(ctx, b, page, b.part(sections, turn, provisional)); !ok {
			return ending, nil
		}
		if b.done() {
			if page.End() != nil {
				return audit.CutOff, nil
			}
			return audit.Complete, nil
		}
	}
}

// lull is how long the page waits with the news that a source has ended where no list is whole yet: each part is a commit and a strip of all
// sources, so that many sources that end one after the other would else cost the square of their number.
const lull = 250 * time.Millisecond

// wait puts answers on the board until there is a part to send: lists that are whole now, provisional ones that need not wait any longer, or only the
// news of who has answered. It gives the sections, and reports whether they are provisional and whether somebody still reads.
func (f *Flow) wait(ctx context.Context, b *board, answers <-chan record.Answer, soft *softly) (sections record.Sections, provisional, there bool) {
	var news <-chan time.Time
	came := false
	for {
		came = f.takeWhatCame(ctx, b, answers) || came
		if ready := b.ready(); came && ready != 0 || b.done() {
			return ready, false, true
		}
		if came && news == nil {
			news = time.After(lull)
		}
		// One look at the clock: what becomes due between two would be waited for until something else happens.
		since := time.Since(b.began)
		overdue, next := b.overdue(since, f.Soft)
		if overdue != 0 {
			return overdue, true, true
		}
		soft.before(next - since)
		select {
		case <-ctx.Done():
			return 0, false, false
		case answer := <-answers:
			f.take(ctx, b, answer)
			came = true
		case <-news:
			return 0, false, true
		case <-soft.early.C:
		case <-soft.deadline.C:
			soft.again()
			if provisional := b.provisional(); provisional != 0 {
				return provisional, true, true
			}
		}
	}
}

// take puts an answer on the board; one about somebody else is written down and raised as an alarm, without a word of what it held.
func (f *Flow) take(ctx context.Context, b *board, answer record.Answer) {
	feed := answer.Source.Feed
	if !b.put(answer) {
		return
	}
	f.Log.ErrorContext(ctx, "a source answered about somebody else", "feed", feed)
	if err := f.Trail.Note(ctx, audit.Note{Act: audit.ActMismatchFound, Look: b.receipt, Feed: feed, Reason: "mismatch"}); err != nil {
		f.Log.ErrorContext(ctx, "a mismatch could not be written down", "feed", feed)
	}
}

// takeWhatCame joins answers that are already here into the same flush, which one commit serves. It reports whether there were any.
func (f *Flow) takeWhatCame(ctx context.Context, b *board, answers <-chan record.Answer) (some bool) {
	for {
		select {
		case answer, open := <-answers:
			if !open {
				return some
			}
			f.take(ctx, b, answer)
			some = true
		default:
			return some
		}
	}
}

// sendPart sends a part, with the summaries.
func (f *Flow) sendPart(ctx context.Context, b *board, page Page, part Part) (audit.Ending, bool) {
	written := f.disclose(ctx, b.receipt, b.disclosure(part.Tells(), part.provisional))
	bytes, err := page.Render(part)
	disclosed := <-written
	if ctx.Err() != nil {
		// Nobody waits for the part any more: that is no failure of the portal.
		return audit.CutOff, false
	}
	if err != nil {
		f.Log.ErrorContext(ctx, "a part of the page could not be rendered")
	}
	if err != nil || !disclosed.Valid() {
		page.Halt(audit.Failed)
		return audit.Failed, false
	}
	if page.Send(disclosed, part, bytes) != nil {
		return audit.CutOff, false
	}
	b.mark(part.Sections, !part.provisional, len(bytes))
	return "", true
}

// disclose writes down what a part tells of while the part is being rendered: the two need not wait for each other, only the bytes for both. It
// gives a proof that is not valid when it could not be written.
func (f *Flow) disclose(ctx context.Context, r audit.Receipt, d audit.Disclosure) <-chan audit.Disclosed {
	written := make(chan audit.Disclosed, 1)
	telemetry.Go(f.Log, "disclose-part", func() {
		disclosed, _ := f.Trail.Disclose(ctx, r, d)
		written <- disclosed
	}, func(telemetry.Panic) { written <- audit.Disclosed{} })
	return written
}

func (b *board) part(sections record.Sections, turn int, provisional bool) Part {
	for s := range sections.All {
		b.renderings[s]++
	}
	last := b.done()
	snapshot := section.SnapshotSections & b.receipt.Grant().Sections()
	complete := (b.final|sections)&snapshot == snapshot && sections&snapshot != 0
	return Part{
		Receipt: b.receipt, View: b.view(), Sections: sections, Turn: turn, Last: last,
		Late:      b.late,
		Rendering: func(s record.Section) int { return b.renderings[s] },
		Snapshot:  provisional || complete, provisional: provisional,
	}
}

// Tells are the sections of which anything stands in the part: those rendered, those behind the summaries, and allergies and plans in the banner.
func (p Part) Tells() record.Sections {
	all := p.Sections | record.SectionsOf(record.Allergies, record.Plans)
	if p.Snapshot {
		all |= section.SnapshotSections
	}
	if p.Last {
		all |= section.TimelineSections
	}
	return all & p.Receipt.Grant().Sections()
}
