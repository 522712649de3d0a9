package app

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"ribble/internal/audit"
	"ribble/internal/directory"
	"ribble/internal/identity"
	"ribble/internal/onboarding"
	"ribble/internal/oversight/post"
	"ribble/internal/sourcecheck"
)

// nightly runs the connection checks of every feed that runs once a night, on one replica.
type nightly struct {
	// at is the time of day, in UTC; negative means never.
	at     time.Duration
	feeds  func() []*directory.Feed
	people func() ([]sourcecheck.TestPerson, error)
	run    func(ctx context.Context, feed string, by sourcecheck.By, people []sourcecheck.TestPerson) (sourcecheck.Report, error)
	checks onboarding.Checks
	// alone does something while no other replica does.
	alone func(ctx context.Context, do func(context.Context) error) (bool, error)
	// by is in whose name sources are asked.
	by  identity.User
	now func() time.Time
	log *slog.Logger
	// done is the night that this replica has seen through.
	done time.Time
}

// nightlyEvery is how often it is looked whether the night has come.
const nightlyEvery = time.Minute

func (n *nightly) keep(ctx context.Context) {
	tick := time.NewTicker(nightlyEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			if err := n.round(ctx); err != nil && ctx.Err() == nil {
				n.log.ErrorContext(ctx, "the nightly connection checks could not be run and are tried again")
			}
		}
	}
}

// night is when the present night's checks were due; nights end at noon, so that a portal that starts by day leaves its sources alone.
func (n *nightly) night() (due time.Time, is bool) {
	now := n.now().UTC()
	due = now.Truncate(24 * time.Hour).Add(n.at)
	return due, n.at >= 0 && !now.Before(due) && now.Before(due.Add(12*time.Hour)) && !n.done.Equal(due)
}

// round checks what is due, if this replica is the one.
func (n *nightly) round(ctx context.Context) error {
	due, is := n.night()
	if !is {
		return nil
	}
	people, err := n.people()
	if err != nil {
		return err
	}
	if len(people) == 0 {
		n.log.WarnContext(ctx, "no connection is checked tonight: there is no list of test people")
		n.done = due
		return nil
	}
	mine, err := n.alone(ctx, func(ctx context.Context) error { return n.every(ctx, due, people) })
	if mine && err == nil {
		n.done = due
	}
	return err
}

// every checks each feed that runs and was not checked since the night began. One feed that cannot be checked keeps nobody from the others.
func (n *nightly) every(ctx context.Context, due time.Time, people []sourcecheck.TestPerson) error {
	ctx = audit.WithDevice(ctx, audit.Device{Agent: "ribble nightly"})
	var wrong error
	for _, f := range n.feeds() {
		if !f.Stage.Runs() {
			continue
		}
		last, err := n.checks.LastCheck(ctx, f.ID)
		if err != nil {
			return err
		}
		if !last.At.Before(due) {
			continue
		}
		report, err := n.run(ctx, f.ID, sourcecheck.By{User: n.by, Operator: true}, people)
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case err != nil:
			n.log.ErrorContext(ctx, "a connection could not be checked", "feed", f.ID)
			wrong = err
		case report.Count(sourcecheck.Failed) > 0:
			n.log.WarnContext(ctx, "a connection check failed", "feed", f.ID, "count", report.Count(sourcecheck.Failed))
		}
	}
	return wrong
}

// nightlyChecks makes them of the portal's own parts.
func (a *App) nightlyChecks() *nightly {
	by := operator()
	by.Organisation = identity.Organisation{ODS: a.config.National.Organisation, Name: a.config.National.Organisation}
	return &nightly{
		at: a.config.Nightly, feeds: func() []*directory.Feed { return a.directory.holder.Current().Feeds() }, people: a.checks.People, run: a.checks.Run,
		checks: a.directory.store, alone: a.directory.store.Alone, by: by, now: time.Now, log: a.log,
	}
}

// warnings puts letters about what ends soon into the box: one for each step of 30, 14 and 3 days, whichever replica comes first.
type warnings struct {
	directory func() *directory.Snapshot
	add       func(ctx context.Context, l post.Letter) error
	now       func() time.Time
	log       *slog.Logger
}

// warnEvery is how often it is looked what ends: the box keeps each letter once.
const warnEvery = 15 * time.Minute

func (w *warnings) keep(ctx context.Context) {
	tick := time.NewTicker(warnEvery)
	defer tick.Stop()
	for {
		if err := w.round(ctx); err != nil && ctx.Err() == nil {
			w.log.ErrorContext(ctx, "letters about what ends could not be added and are tried again")
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

func (w *warnings) round(ctx context.Context) error {
	s, now := w.directory(), w.now()
	for _, l := range endingLetters(s, onboarding.Endings(s, now), now) {
		if err := w.add(ctx, l); err != nil {
			return err
		}
	}
	return nil
}

// endingLetters are the letters about what ends: one to the administrators of the region and one to each organisation whose feeds rest on it. What has
// ended is told of once too.
func endingLetters(s *directory.Snapshot, endings []onboarding.Ending, now time.Time) []post.Letter {
	var out []post.Letter
	for _, e := range endings {
		l := post.Letter{
			Kind: post.Ending, ID: fmt.Sprintf("%s, %s, %d", e.What, e.Ends.UTC().Format(time.DateOnly), e.Level), About: e.What,
			Number: max(0, int64((e.Ends.Sub(now)+24*time.Hour-1)/(24*time.Hour))),
		}
		out = append(out, l)
		told := map[string]bool{}
		for _, id := range e.Feeds {
			if f := s.Feed(id); f != nil && !told[f.Organisation.ODS] {
				told[f.Organisation.ODS] = true
				l.Organisation = f.Organisation.ODS
				out = append(out, l)
			}
		}
	}
	return out
}
