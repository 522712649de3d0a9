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

// DocumentRequest is which document of which feed is wanted, in which open record.
type DocumentRequest struct {
	Request
	Feed       string
	Attachment record.Attachment
}

// DocumentPage is where a document is shown.
type DocumentPage interface {
	// Show streams the body, for the proof that the opening was written down.
	Show(audit.Disclosed, record.DocumentBody) error
}

var errNoDocument = fault.New(fault.NotFound, "This document is not available here any more. Open the record again.")

// OpenDocument streams one document through: a look of its own, decided, written down, asked and disclosed like any other. Nothing of the body is kept.
func (f *Flow) OpenDocument(ctx context.Context, q DocumentRequest, page DocumentPage) error {
	person, err := f.Tracer.Trace(ctx, q.Number, audit.Requester(q.User))
	if err != nil {
		return fmt.Errorf("tracing the person: %w", err)
	}
	grant, err := f.decide(ctx, q.Request, person)
	if err != nil {
		return err
	}
	if !f.Sensitive.MayOpen(grant, q.Attachment) {
		return errNoDocument
	}
	target, source, err := f.documentTarget(grant, q.Feed)
	if err != nil {
		return err
	}
	receipt, err := f.begin(ctx, grant, []string{q.Feed})
	if err != nil {
		return err
	}
	ending := audit.Failed
	defer func() {
		if err := f.Trail.Finish(ctx, receipt, audit.Outcome{Ended: ending}); err != nil {
			f.Log.ErrorContext(ctx, "the outcome of opening a document could not be written down", "feed", q.Feed)
		}
	}()
	body, err := source.Document(ctx, fanout.Question(receipt, target), q.Attachment)
	if err != nil {
		return fmt.Errorf("fetching the document: %w", err)
	}
	defer func() { _ = body.Body.Close() }()
	disclosed, err := f.Trail.OpenDocument(ctx, receipt, audit.OpenedDocument{
		Feed: q.Feed, Organisation: target.Ref.Organisation.ODS, Item: record.ItemKey{Type: "Document", ID: q.Attachment.URL},
	})
	if err != nil {
		return fmt.Errorf("writing down the disclosure: %w", err)
	}
	if err := page.Show(disclosed, body); err != nil {
		ending = audit.CutOff
		return fmt.Errorf("sending the document: %w", err)
	}
	ending = audit.Complete
	return nil
}

// documentTarget finds the feed among those that may be asked about this person now, and only there. A role that sees no documents has none
// fetched, and neither has anybody from an organisation whose documents the person has closed.
func (f *Flow) documentTarget(grant access.Grant, feed string) (fanout.Target, DocumentSource, error) {
	if !grant.Sections().Has(record.Documents) {
		return fanout.Target{}, nil, errNoDocument
	}
	plan, err := locator.Find(grant, f.Directory.Current(), f.Now())
	if err != nil {
		return fanout.Target{}, nil, fmt.Errorf("locating the source: %w", err)
	}
	for _, t := range f.targets(plan, 0) {
		closed := grant.Withheld(t.Ref.Organisation.ODS).Has(record.Documents)
		if source, can := t.Source.(DocumentSource); can && t.Ref.Feed == feed && !closed {
			return t, source, nil
		}
	}
	return fanout.Target{}, nil, errNoDocument
}
