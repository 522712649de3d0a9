// Package patrol goes through the audit trail event by event, lets the rules that watch see each, and keeps what they find and how much happened.
package patrol

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"ribble/internal/access"
	"ribble/internal/audit"
	"ribble/internal/oversight/inquiry"
	"ribble/internal/oversight/watch"
)

// Trail is the audit trail in order.
type Trail interface {
	// Follow reads the events after a sequence number in their order, at most limit.
	Follow(ctx context.Context, after int64, limit int) ([]inquiry.Row, error)
	// FirstSince is the sequence number of the first event at or after a time; 0 when there is none.
	FirstSince(ctx context.Context, at time.Time) (int64, error)
}

// Store keeps how far the patrol has come, and what it found.
type Store interface {
	Progress(ctx context.Context) (int64, error)
	// Keep writes findings and tallies of the events after from up to upTo, in one transaction with the progress. It returns ErrTaken when
	// the progress is not at from any more: another replica was there first, and nothing was written.
	Keep(ctx context.Context, from, upTo int64, found []watch.Finding, t Tallies) error
	// Register is the staff register and the confidential list as of now.
	Register(ctx context.Context) (watch.Register, error)
	// Replayed is the version of the rules with which the past was last gone through; 0 when it never was. KeepReplay writes what a replay found.
	Replayed(ctx context.Context) (version int, err error)
	KeepReplay(ctx context.Context, version int, found []watch.Finding) error
}

// ErrTaken says that another replica has already been through these events.
var ErrTaken = errors.New("another replica went through these events")

// Tally is what is counted: how often an act happened in an hour of a day (UTC), for an organisation and a role.
type Tally struct {
	Day                     string
	Hour                    int
	Organisation, Role, Act string
}

// Check is what the intent of a relationship check is counted as: nobody looked.
const Check = "check"

// SourceTally is what is counted of a source: in how many looks of a day it ended in a state.
type SourceTally struct{ Day, Feed, State string }

// Tallies are counts of some events.
type Tallies struct {
	Acts    map[Tally]int64
	Sources map[SourceTally]int64
}

func (t *Tallies) add(e audit.Event) {
	if t.Acts == nil {
		t.Acts, t.Sources = map[Tally]int64{}, map[SourceTally]int64{}
	}
	at := e.At.UTC()
	day := at.Format(time.DateOnly)
	act := string(e.Act)
	if e.Act == audit.ActIntent && (e.Purpose == access.RelationshipCheck.String() || e.Purpose == access.ConnectionCheck.String()) {
		act = Check
	}
	t.Acts[Tally{day, at.Hour(), e.User.Organisation, e.User.RoleName, act}]++
	// What a source answers about test people says nothing of how it serves.
	if e.Act != audit.ActFinished || e.Purpose == access.ConnectionCheck.String() {
		return
	}
	for _, s := range e.Sources {
		t.Sources[SourceTally{day, s.Feed, s.State}]++
	}
}

// Patrol is one walk along the trail. It is for one goroutine.
type Patrol struct {
	Trail Trail
	Store Store
	// Rules gives the rules in force; they may change at any time.
	Rules func(ctx context.Context) (watch.Set, error)
	Log   *slog.Logger
	// Every is how long to wait when nothing new has come; Memory is how far back the rules look at a start.
	Every, Memory time.Duration
	Now           func() time.Time

	watcher  *watch.Watcher
	register watch.Register
	read     time.Time
	// at is the last event that the rules have seen, kept how far the store has come: beyond at when another replica was quicker.
	at, kept int64
	// version is that of the watcher's rules.
	version int
}

// step is how many events are read at a time.
const step = 500

// registerLife is how long a staff register that was read serves, and the rules.
const registerLife = time.Minute

// Run walks until ctx ends. A trail or store that cannot be reached is tried again; the walk then goes on where it was, so that no event is left out.
func (p *Patrol) Run(ctx context.Context) {
	for ctx.Err() == nil {
		n, err := p.Step(ctx)
		if err != nil && ctx.Err() == nil {
			p.Log.ErrorContext(ctx, "the audit trail could not be gone through", "error", err)
			p.watcher = nil
		}
		if n > 0 && err == nil {
			continue
		}
		select {
		case <-ctx.Done():
		case <-time.After(p.Every):
		}
	}
}

// Step goes through the next events, and says how many there were.
func (p *Patrol) Step(ctx context.Context) (int, error) {
	if err := p.prepare(ctx); err != nil {
		return 0, err
	}
	limit := step
	if p.kept > p.at {
		// Another replica has kept these: the rules see them too, because they count, and nothing is kept twice.
		limit = int(min(step, p.kept-p.at))
	}
	rows, err := p.Trail.Follow(ctx, p.at, limit)
	if err != nil || len(rows) == 0 {
		return 0, err
	}
	found := make([][]watch.Finding, len(rows))
	for i, row := range rows {
		found[i] = p.watcher.See(watch.FromEvent(row.Sequence, row.Event))
	}
	p.at = rows[len(rows)-1].Sequence
	return len(rows), p.keep(ctx, rows, found)
}

// keep keeps what was found in the rows and counted of them, but for those that another replica has kept meanwhile.
func (p *Patrol) keep(ctx context.Context, rows []inquiry.Row, found [][]watch.Finding) error {
	for p.kept < p.at {
		var fresh []watch.Finding
		var tallies Tallies
		for i, row := range rows {
			if row.Sequence > p.kept {
				fresh = append(fresh, found[i]...)
				tallies.add(row.Event)
			}
		}
		err := p.Store.Keep(ctx, p.kept, p.at, fresh, tallies)
		if err == nil {
			p.kept = p.at
			return nil
		}
		if errors.Is(err, ErrTaken) {
			p.kept, err = p.Store.Progress(ctx)
		}
		if err != nil {
			// The next start takes up where the store says.
			p.watcher = nil
			return fmt.Errorf("keeping what the patrol found: %w", err)
		}
	}
	return nil
}

// prepare reads the register and the rules. At a start, and when the rules have changed, it lets the rules see again what they must remember.
func (p *Patrol) prepare(ctx context.Context) error {
	if p.watcher != nil && p.Now().Sub(p.read) <= registerLife {
		return nil
	}
	register, err := p.Store.Register(ctx)
	if err != nil {
		return fmt.Errorf("reading the staff register: %w", err)
	}
	rules, err := p.Rules(ctx)
	if err != nil {
		return fmt.Errorf("reading the rules that watch: %w", err)
	}
	p.register, p.read = register, p.Now()
	if p.watcher != nil && rules.Version == p.version {
		return nil
	}
	p.watcher = nil
	progress, err := p.Store.Progress(ctx)
	if err != nil {
		return fmt.Errorf("reading how far the patrol has come: %w", err)
	}
	watcher := watch.New(rules, func() watch.Register { return p.register })
	found, err := p.remember(ctx, watcher, progress)
	if err != nil {
		return err
	}
	if err := p.replayed(ctx, rules.Version, found); err != nil {
		return err
	}
	p.watcher, p.at, p.kept, p.version = watcher, progress, progress, rules.Version
	return nil
}

// replayed keeps what rules find in the past that have not gone through it yet. The very first do not: what they find, they found as it happened.
func (p *Patrol) replayed(ctx context.Context, version int, found []watch.Finding) error {
	before, err := p.Store.Replayed(ctx)
	if err != nil {
		return fmt.Errorf("reading with which rules the past was gone through: %w", err)
	}
	if before == version {
		return nil
	}
	if before == 0 {
		found = nil
	}
	if err := p.Store.KeepReplay(ctx, version, found); err != nil {
		return fmt.Errorf("keeping what new rules found in the past: %w", err)
	}
	return nil
}

// remember shows the rules the events of the time they look back over, up to where the patrol has come, and gives what they say.
func (p *Patrol) remember(ctx context.Context, watcher *watch.Watcher, upTo int64) ([]watch.Finding, error) {
	first, err := p.Trail.FirstSince(ctx, p.Now().Add(-p.Memory))
	if err != nil {
		return nil, fmt.Errorf("looking back along the trail: %w", err)
	}
	var found []watch.Finding
	for after := first - 1; first > 0 && after < upTo; {
		rows, err := p.Trail.Follow(ctx, after, int(min(step, upTo-after)))
		if err != nil {
			return nil, fmt.Errorf("looking back along the trail: %w", err)
		}
		if len(rows) == 0 {
			break
		}
		for _, row := range rows {
			found = append(found, watcher.See(watch.FromEvent(row.Sequence, row.Event))...)
		}
		after = rows[len(rows)-1].Sequence
	}
	return found, nil
}

// Replay runs a rule set over past events and gives what it would have found: what a change of the rules would bring, before it is made.
func Replay(ctx context.Context, trail Trail, rules watch.Set, register watch.Register, since time.Time) ([]watch.Finding, error) {
	watcher := watch.New(rules, func() watch.Register { return register })
	first, err := trail.FirstSince(ctx, since)
	if err != nil || first == 0 {
		return nil, err
	}
	var all []watch.Finding
	for after := first - 1; ; {
		rows, err := trail.Follow(ctx, after, step)
		if err != nil || len(rows) == 0 {
			return all, err
		}
		for _, row := range rows {
			all = append(all, watcher.See(watch.FromEvent(row.Sequence, row.Event))...)
		}
		after = rows[len(rows)-1].Sequence
	}
}
