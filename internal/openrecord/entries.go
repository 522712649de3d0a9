package openrecord

import (
	"context"
	"fmt"
	"slices"

	"ribble/internal/audit"
	"ribble/internal/fanout"
	"ribble/internal/fault"
	"ribble/internal/locator"
	"ribble/internal/record"
	"ribble/internal/sensitive"
)

// EntriesRequest is which section of which feed is wanted, in which open record.
type EntriesRequest struct {
	Request
	Feed    string
	Section record.Section
}

// EntriesPage is where the entries of one section of one source are shown.
type EntriesPage interface {
	// Render makes the page of what the source said; nothing leaves yet.
	Render(*sensitive.Cleared) ([]byte, error)
	// Send lets it leave, for the proof that it was written down first.
	Send(audit.Disclosed, []byte) error
}

var errNoEntries = fault.New(fault.NotFound, "This source is not asked about this person any more. Open the record again.")

// OpenEntries shows what one source says for one section, and nothing else: a look of its own, decided, written down, asked and disclosed like any other.
func (f *Flow) OpenEntries(ctx context.Context, q EntriesRequest, page EntriesPage) error {
	person, err := f.Tracer.Trace(ctx, q.Number, audit.Requester(q.User))
	if err != nil {
		return fmt.Errorf("tracing the person: %w", err)
	}
	grant, err := f.decide(ctx, f.Registers, q.Request, person)
	if err != nil {
		return err
	}
	plan, err := f.locate(grant)
	if err != nil {
		return fmt.Errorf("locating the source: %w", err)
	}
	wanted := record.SectionsOf(q.Section)
	plan.NotAsked = nil
	plan.Ask = slices.DeleteFunc(plan.Ask, func(c locator.Candidate) bool { return c.Feed.ID != q.Feed })
	if len(plan.Ask) == 0 || !grant.Sections().Has(q.Section) {
		return errNoEntries
	}
	// What a source sends beside what it is asked for comes only with the rest.
	if plan.Ask[0].Sections.Has(q.Section) {
		plan.Ask[0].Sections = wanted
	}
	receipt, err := f.begin(ctx, grant, feedIDs(plan), plan.Directory)
	if err != nil {
		return err
	}
	ctx, stop := f.whileOpen(ctx, q.Request, receipt)
	defer stop()
	board := newBoard(receipt, f.Sensitive, plan, f.targets(plan, 0))
	ending, failed := f.showEntries(ctx, board, wanted, page)
	if err := f.Trail.Finish(ctx, receipt, board.outcome(ending)); err != nil {
		f.Log.ErrorContext(ctx, "the outcome of a look at a section could not be written down", "feed", q.Feed)
	}
	return failed
}

// showEntries asks the one source on the board, writes down what is disclosed of it, and shows that; it gives how that ended.
func (f *Flow) showEntries(ctx context.Context, b *board, wanted record.Sections, page EntriesPage) (audit.Ending, error) {
	feed := b.order[0]
	answers, err := f.Asker.Ask(ctx, b.receipt, []fanout.Target{b.targets[feed]})
	if err != nil {
		return audit.Failed, fmt.Errorf("asking the source: %w", err)
	}
	select {
	case <-ctx.Done():
		if withdrawn(ctx) {
			return audit.Withdrawn, errNoEntries
		}
		return audit.CutOff, ctx.Err()
	case answer := <-answers:
		f.take(ctx, b, answer)
	}
	body, err := page.Render(b.answers[feed])
	if err != nil {
		return audit.Failed, err
	}
	disclosed, err := f.Trail.Disclose(ctx, b.receipt, b.disclosure(wanted, false))
	if err != nil {
		return audit.Failed, fmt.Errorf("writing down the disclosure: %w", err)
	}
	if err := page.Send(disclosed, body); err != nil {
		return audit.CutOff, fmt.Errorf("sending the entries: %w", err)
	}
	b.mark(wanted, true, len(body))
	return audit.Complete, nil
}
