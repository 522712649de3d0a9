// Package openrecord is the flow: how one person's record is opened, from who is asking to the last byte shown.
package openrecord

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"ribble/internal/access"
	"ribble/internal/audit"
	"ribble/internal/directory"
	"ribble/internal/fanout"
	"ribble/internal/fault"
	"ribble/internal/identity"
	"ribble/internal/locator"
	"ribble/internal/record"
	"ribble/internal/relationship"
	"ribble/internal/sensitive"
)

// Tracer reads the national demographics of one person.
type Tracer interface {
	Trace(ctx context.Context, number record.NHSNumber, by record.Requester) (record.Person, error)
}

// Sources makes the source that speaks a feed's protocol.
type Sources interface {
	Source(locator.Candidate) fanout.Source
}

// Flow holds what opening a record needs.
type Flow struct {
	Tracer Tracer
	// Registers say what the person has objected to and who has to do with them; Alerts tell the Privacy Officer; Profiles is the table of rights.
	Registers Registers
	Alerts    Alerts
	Profiles  *access.Profiles
	Trail     *audit.Trail
	Directory *directory.Holder
	// TestDigests are the keyed digests by which feeds that are tried out name their test people; nil where none is.
	TestDigests func(record.NHSNumber) []string
	Sources     Sources
	Asker       fanout.Asker
	// Sensitive is the second filter, with the code sets in force.
	Sensitive *sensitive.Policy
	Log       *slog.Logger
	Now       func() time.Time
	// Soft is when a list is shown as provisional at the latest though sources are awaited.
	Soft time.Duration
	// Usual says how feeds have answered of late; nil where nobody knows.
	Usual Usual
	// Recheck is how often the registers are read while a page streams; zero means every five seconds.
	Recheck time.Duration
	// Full says that there is no room to open one more record; nil where there always is.
	Full func() bool
	// Source is the longest that any source may take, View the longest from the request to the last answer, whatever a feed's own entry
	// says; zero bounds nothing.
	Source, View time.Duration
}

// Request is who wants to see whose record, and why.
type Request struct {
	User    identity.User
	Number  record.NHSNumber
	Purpose access.Purpose
	// Born is the date of birth that a launching system gave; zero where none launched.
	Born record.PartialDate
	// Evidence is what Relate found when the record was asked for.
	Evidence []relationship.Evidence
}

// full is what the user is told when the process holds as much as it may.
const full = "So many records are being opened that there is no room for one more. Nobody was asked and nothing is shown. Try again in a few seconds."

// Open shows one record on the page. These are all the steps, in the only order in which the types let them run.
func (f *Flow) Open(ctx context.Context, q Request, page Page) error {
	if f.Full != nil && f.Full() {
		return fault.New(fault.Unavailable, full)
	}
	began := time.Now()
	registers := f.readAhead(ctx, q)
	person, err := f.Tracer.Trace(ctx, q.Number, audit.Requester(q.User))
	if err != nil {
		return fmt.Errorf("tracing the person: %w", err)
	}
	grant, err := f.decide(ctx, registers, q, person)
	if err != nil {
		return err
	}
	plan, err := f.locate(grant)
	if err != nil {
		return fmt.Errorf("locating the sources: %w", err)
	}
	receipt, err := f.begin(ctx, grant, feedIDs(plan), plan.Directory)
	if err != nil {
		return err
	}
	ctx, stop := f.whileOpen(ctx, q, receipt)
	defer stop()
	targets := f.targets(plan, time.Since(began))
	answers, err := f.Asker.Ask(ctx, receipt, targets)
	if err != nil {
		return fmt.Errorf("asking the sources: %w", err)
	}
	board := newBoard(receipt, f.Sensitive, plan, targets)
	showing, failed := f.show(ctx, board, answers, page)
	ending := ended(ctx, showing, page)
	if err := f.Trail.Finish(ctx, receipt, board.outcome(ending)); err != nil {
		return fmt.Errorf("writing down the outcome: %w", err)
	}
	return failed
}

// locate plans whom to ask, by the directory as it stands now.
func (f *Flow) locate(grant access.Grant) (locator.Plan, error) {
	return locator.Find(grant, locator.View{Directory: f.Directory.Current(), Now: f.Now(), TestDigests: f.TestDigests})
}

// targets pairs every candidate with the source that speaks its protocol, and with the time that is left for it.
func (f *Flow) targets(plan locator.Plan, used time.Duration) []fanout.Target {
	targets := make([]fanout.Target, len(plan.Ask))
	for i, c := range plan.Ask {
		targets[i] = fanout.Target{
			Ref: record.SourceRef{Feed: c.Feed.ID, Organisation: c.Organisation}, Source: f.Sources.Source(c), Sections: c.Sections, Deadline: f.deadline(c.Feed, used),
		}
	}
	return targets
}

// least is what a source has even when the national services have used up the time for the view: asking must mean something.
const least = time.Second

// deadline is how long a source may take once so much of the view's time is used.
func (f *Flow) deadline(feed *directory.Feed, used time.Duration) time.Duration {
	d := feed.Deadline
	if f.Source > 0 {
		d = min(d, f.Source)
	}
	if f.View > 0 {
		d = min(d, max(f.View-used, least))
	}
	return d
}

func feedIDs(plan locator.Plan) []string {
	ids := make([]string, len(plan.Ask))
	for i, c := range plan.Ask {
		ids[i] = c.Feed.ID
	}
	return ids
}
