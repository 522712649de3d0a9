package openrecord

import (
	"context"
	"fmt"
	"slices"
	"time"

	"ribble/internal/access"
	"ribble/internal/audit"
	"ribble/internal/locator"
	"ribble/internal/relationship"
)

// relateLimit is how long the user's own organisation has to say what it has to do with the person: somebody waits for the page.
const relateLimit = 3 * time.Second

// Relate finds what the user's organisation has to do with the person, for Request.Evidence: the practice of the trace, or, when neither that
// nor the registers nor a launch tells, what the organisation's own feeds say of contacts and referrals. Asking them is a look of its own, written
// down from intent to outcome; nothing of the answers is shown. It gives nothing when nothing more than the registers' own is known, or when
// the user may not ask; what that means is for the look to say.
func (f *Flow) Relate(ctx context.Context, q Request) ([]relationship.Evidence, error) {
	began := time.Now()
	person, err := f.Tracer.Trace(ctx, q.Number, audit.Requester(q.User))
	if err != nil {
		return nil, fmt.Errorf("tracing the person: %w", err)
	}
	request, err := f.request(ctx, f.Registers, q, person)
	if err != nil {
		return nil, err
	}
	ods := q.User.Organisation.ODS
	if registered, ok := relationship.Registration(person); ok && registered.Organisation == ods {
		return []relationship.Evidence{registered}, nil
	}
	if _, known := relationship.Strongest(request.Facts.Relationships, ods, request.At); known {
		return nil, nil
	}
	request.Purpose = access.RelationshipCheck
	grant, err := access.Decide(request)
	if err != nil {
		// Nobody was asked: the look itself will be refused, and that is written down.
		return nil, nil
	}
	return f.askOwn(ctx, grant, time.Since(began))
}

// askOwn asks the feeds of the user's own organisation under a grant for a relationship check. An answer about somebody else is no evidence, and
// neither is an entry that is withheld: what may not be seen may not be told by way of a relationship either.
func (f *Flow) askOwn(ctx context.Context, grant access.Grant, used time.Duration) ([]relationship.Evidence, error) {
	ods := grant.User().Organisation.ODS
	plan, err := f.locate(grant)
	if err != nil {
		return nil, fmt.Errorf("locating the organisation's own feeds: %w", err)
	}
	plan.NotAsked = nil
	plan.Ask = slices.DeleteFunc(plan.Ask, func(c locator.Candidate) bool { return c.Organisation.ODS != ods })
	if len(plan.Ask) == 0 {
		return nil, nil
	}
	receipt, err := f.begin(ctx, grant, feedIDs(plan), plan.Directory)
	if err != nil {
		return nil, err
	}
	targets := f.targets(plan, used)
	for i := range targets {
		targets[i].Deadline = min(targets[i].Deadline, relateLimit)
	}
	answers, err := f.Asker.Ask(ctx, receipt, targets)
	if err != nil {
		return nil, fmt.Errorf("asking the organisation's own feeds: %w", err)
	}
	b := newBoard(receipt, f.Sensitive, plan, targets)
	var evidence []relationship.Evidence
	for answer := range answers {
		f.take(ctx, b, answer)
		evidence = append(evidence, relationship.FromAnswer(b.answers[answer.Source.Feed].Answer(), ods, f.Now())...)
	}
	if err := f.Trail.Finish(ctx, receipt, b.outcome(audit.Complete)); err != nil {
		return nil, fmt.Errorf("writing down the outcome: %w", err)
	}
	return evidence, nil
}
