// Package fanout asks every source at once, each with its own deadline, and gives exactly one answer for each: none is dropped, none waits for another.
package fanout

import (
	"context"
	"errors"
	"log/slog"
	"sync/atomic"
	"time"

	"ribble/internal/audit"
	"ribble/internal/record"
	"ribble/internal/telemetry"
)

// ErrNoReceipt says that a source was about to be asked without a committed intent; nobody was asked.
var ErrNoReceipt = errors.New("asking sources without an audit receipt")

// Source is one feed of one organisation. Ask never fails otherwise than by an Answer whose State says so; it must stop soon after ctx ends,
// and may be called for many people at the same time.
type Source interface {
	Ask(ctx context.Context, ask record.Ask) record.Answer
}

// Target is a source with what it is asked for and how long it has.
type Target struct {
	Ref      record.SourceRef
	Source   Source
	Sections record.Sections
	Deadline time.Duration
}

// Observer hears how every question ended: which feed, in which state, after how long. It must not block. A question that nobody waited for to its
// end, because the browser went away, is not told of: it says nothing about the source.
type Observer interface {
	Ended(feed string, state record.State, took time.Duration)
}

// Asker asks sources; Log hears of a source's code that panicked, by type and stack only. Observer may be nil, and so may Room: then nothing bounds
// what is kept of answers.
type Asker struct {
	Log      *slog.Logger
	Observer Observer
	Room     *Room
}

// Ask puts the question of a committed intent to every target at once. The channel gives exactly one answer for each, in the order in which
// they end, the last no later than the longest deadline, and is then closed. The person asked about is the receipt's. Ending ctx gives up on
// whoever is left; nobody has to drain the channel.
func (k Asker) Ask(ctx context.Context, receipt audit.Receipt, targets []Target) (<-chan record.Answer, error) {
	if !receipt.Valid() {
		return nil, ErrNoReceipt
	}
	answers := make(chan record.Answer, len(targets))
	if len(targets) == 0 {
		close(answers)
		return answers, nil
	}
	left := new(atomic.Int64)
	left.Store(int64(len(targets)))
	keep := k.Room.keeper(ctx)
	for _, t := range targets {
		ask := Question(receipt, t)
		ask.Keep = keep
		k.start(ctx, &asking{target: t, ask: ask, began: time.Now(), answers: answers, left: left, gone: ctx.Err, observer: k.Observer})
	}
	return answers, nil
}

// Question is what a target is asked under a receipt: about the receipt's person, for its user, and only for sections that both allow and that
// the person has not closed at the target's organisation.
func Question(receipt audit.Receipt, t Target) record.Ask {
	grant := receipt.Grant()
	allowed := grant.Sections() &^ grant.Withheld(t.Ref.Organisation.ODS)
	return record.Ask{
		Person:    receipt.Person(),
		Requester: audit.Requester(receipt.User()),
		Sections:  t.Sections & allowed,
		Allowed:   allowed,
		ID:        receipt.ID(),
		At:        receipt.IntentAt(),
	}
}

// asking is one question under way; whichever of answer, panic and deadline comes first fills the slot, and the others find it filled.
type asking struct {
	target  Target
	ask     record.Ask
	began   time.Time
	filled  atomic.Bool
	answers chan<- record.Answer
	left    *atomic.Int64
	// gone fails when nobody waits for the view any more.
	gone     func() error
	observer Observer
}

func (k Asker) start(ctx context.Context, a *asking) {
	ctx, cancel := context.WithTimeout(ctx, a.target.Deadline)
	stop := context.AfterFunc(ctx, func() { a.fail("It did not answer in time.") })
	telemetry.Go(k.Log, "ask-source", func() {
		defer cancel()
		defer stop()
		a.fill(a.target.Source.Ask(ctx, a.ask))
	}, func(telemetry.Panic) {
		stop()
		cancel()
		a.fail("Its answer could not be read.")
	})
}

// fill delivers the answer once. An answer that names another feed than the one asked is nobody's answer.
func (a *asking) fill(answer record.Answer) {
	if answer.Source.Feed != a.target.Ref.Feed || answer.State == 0 || !everySectionSettled(&answer) {
		a.fail("Its answer could not be read.")
		return
	}
	a.deliver(answer)
}

// everySectionSettled refuses an answer that leaves a section in none of the eleven states.
func everySectionSettled(answer *record.Answer) bool {
	for i := range answer.Coverage {
		if answer.Coverage[i].State == 0 {
			return false
		}
	}
	return true
}

func (a *asking) fail(why string) {
	a.deliver(record.Failed(a.target.Ref, a.ask.Sections, record.Unavailable, why))
}

func (a *asking) deliver(answer record.Answer) {
	if !a.filled.CompareAndSwap(false, true) {
		return
	}
	answer.Took = time.Since(a.began)
	answer.Source.RetrievedAt = a.ask.At.Add(answer.Took)
	if a.observer != nil && a.gone() == nil {
		a.observer.Ended(a.target.Ref.Feed, answer.State, answer.Took)
	}
	a.answers <- answer
	if a.left.Add(-1) == 0 {
		close(a.answers)
	}
}
