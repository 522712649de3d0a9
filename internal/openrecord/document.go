package openrecord

import (
	"context"
	"fmt"

	"ribble/internal/access"
	"ribble/internal/audit"
	"ribble/internal/fanout"
	"ribble/internal/fault"
	"ribble/internal/locator"
	"ribble/internal/record"
)

// DocumentSource is a source that can give the body of a document that it listed.
type DocumentSource interface {
	Document(ctx context.Context, ask record.Ask, a record.Attachment) (record.DocumentBody, error)
}

// DocumentRequest is which document of which feed is wanted, in which open record, and the section that listed it there.
type DocumentRequest struct {
	Request
	Feed       string
	Section    record.Section
	Attachment record.Attachment
}

// DocumentPage is where a document is shown.
type DocumentPage interface {
	// Show streams the body, for the proof that the opening was written down.
	Show(audit.Disclosed, record.DocumentBody) error
}

var errNoDocument = fault.New(fault.NotFound, "This document is not available here any more. Open the record again.")

// OpenDocument streams one document through: a look of its own, decided, written down, asked and disclosed like any other, and cut off when the
// registers do not bear it any more. Nothing of the body is kept.
func (f *Flow) OpenDocument(ctx context.Context, q DocumentRequest, page DocumentPage) error {
	person, err := f.Tracer.Trace(ctx, q.Number, audit.Requester(q.User))
	if err != nil {
		return fmt.Errorf("tracing the person: %w", err)
	}
	grant, err := f.decide(ctx, f.Registers, q.Request, person)
	if err != nil {
		return err
	}
	if !f.Sensitive.MayOpen(grant, q.Attachment) {
		return errNoDocument
	}
	plan, err := f.locate(grant)
	if err != nil {
		return fmt.Errorf("locating the source: %w", err)
	}
	target, source, err := f.documentTarget(grant, plan, q)
	if err != nil {
		return err
	}
	receipt, err := f.begin(ctx, grant, []string{q.Feed}, plan.Directory)
	if err != nil {
		return err
	}
	ctx, stop := f.whileOpen(ctx, q.Request, receipt)
	defer stop()
	ending := audit.Failed
	defer func() {
		if f.Trail.Finish(ctx, receipt, audit.Outcome{Ended: ending}) != nil {
			f.Log.ErrorContext(ctx, "the outcome of opening a document could not be written down", "feed", q.Feed)
		}
	}()
	ending, err = f.stream(ctx, receipt, listed{target, source, q.Attachment}, page)
	if err != nil && withdrawn(ctx) {
		ending = audit.Withdrawn
	}
	return err
}

// listed is a document that its source is asked for.
type listed struct {
	fanout.Target
	source     DocumentSource
	attachment record.Attachment
}

// stream fetches the document, writes down that it is disclosed, and shows it; it gives how that ended.
func (f *Flow) stream(ctx context.Context, receipt audit.Receipt, d listed, page DocumentPage) (audit.Ending, error) {
	body, err := d.source.Document(ctx, fanout.Question(receipt, d.Target), d.attachment)
	if err != nil {
		return audit.Failed, fmt.Errorf("fetching the document: %w", err)
	}
	defer func() { _ = body.Body.Close() }()
	disclosed, err := f.Trail.OpenDocument(ctx, receipt, audit.OpenedDocument{
		Feed: d.Ref.Feed, Organisation: d.Ref.Organisation.ODS, Item: record.ItemKey{Type: "Document", ID: d.attachment.URL},
	})
	if err != nil {
		return audit.Failed, fmt.Errorf("writing down the disclosure: %w", err)
	}
	if err := page.Show(disclosed, body); err != nil {
		return audit.CutOff, fmt.Errorf("sending the document: %w", err)
	}
	return audit.Complete, nil
}

// documentTarget finds the feed among those that may be asked about this person now, and only there. A role that sees no documents has none
// fetched. Neither has anybody a document of an organisation whose documents, or whose entries of the section that listed it, the person has closed,
// or the user's own organisation has not agreed to see.
func (f *Flow) documentTarget(grant access.Grant, plan locator.Plan, q DocumentRequest) (fanout.Target, DocumentSource, error) {
	needs := record.SectionsOf(record.Documents, q.Section)
	if needs&^(grant.Sections()&f.Directory.Current().Sees(grant.User().Organisation.ODS)) != 0 {
		return fanout.Target{}, nil, errNoDocument
	}
	for _, t := range f.targets(plan, 0) {
		closed := grant.Withheld(t.Ref.Organisation.ODS)&needs != 0
		if source, can := t.Source.(DocumentSource); can && t.Ref.Feed == q.Feed && !closed {
			return t, source, nil
		}
	}
	return fanout.Target{}, nil, errNoDocument
}
