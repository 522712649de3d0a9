package onboarding

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"ribble/internal/directory"
	"ribble/internal/fault"
	"ribble/internal/identity"
)

// Move is a step of a feed on its ladder.
type Move struct {
	Feed string
	// Group is the audience that the step is for; empty for everybody.
	Group string
	To    directory.Stage
	// Evidence is what the step rests on, and the reason of the change.
	Evidence string
}

// GateClosed says that a feed may not go further, with every line that does not hold.
type GateClosed struct {
	Feed  string
	Lines []Line
}

// Error names every line.
func (g GateClosed) Error() string {
	lines := make([]string, len(g.Lines))
	for i, l := range g.Lines {
		lines[i] = l.Need + ": " + l.Evidence
	}
	return "the gate of feed " + g.Feed + " is closed: " + strings.Join(lines, "; ")
}

// Step asks for a step of a feed. The order of the ladder is checked now, the gate when somebody approves.
func (d *Desk) Step(ctx context.Context, by identity.User, m Move) (Change, error) {
	if !d.MayAdminister(by) {
		return Change{}, ErrDenied
	}
	e, err := d.moved(m)
	if err != nil {
		return Change{}, err
	}
	return d.propose(ctx, by, Ordinary, Proposal{Reason: m.Evidence, Entries: []directory.Entry{e}})
}

// Suspend stops a feed at once. It takes one person: to stop is safe, and the page says what is missing.
func (d *Desk) Suspend(ctx context.Context, by identity.User, feed, reason string) (Change, error) {
	if !d.MayAdminister(by) {
		return Change{}, ErrDenied
	}
	if err := d.Reload(ctx); err != nil {
		return Change{}, said(err)
	}
	f := d.Directory().Feed(feed)
	if f == nil || !f.Stage.Runs() {
		return Change{}, ErrUnknown
	}
	e, err := d.edited(feed, func(m map[string]jsontext.Value) {
		// How far it had come is where it may go on from; a feed that came with the first content has no steps yet.
		if !slices.ContainsFunc(f.Steps, func(s directory.Step) bool { return s.Stage == f.Stage }) {
			m["steps"] = d.stepped(m["steps"], Move{To: f.Stage, Evidence: "as first entered"})
		}
		m["stage"], m["steps"] = quoted(string(directory.Suspended)), d.stepped(m["steps"], Move{To: directory.Suspended, Evidence: reason})
		delete(m, "planned")
	})
	if err != nil {
		return Change{}, err
	}
	c, err := d.propose(ctx, by, Stop, Proposal{Reason: reason, Entries: []directory.Entry{e}})
	if err != nil {
		return Change{}, err
	}
	return d.approve(ctx, by, c)
}

// moved is the entry of a feed at another stage, with the step written down.
func (d *Desk) moved(m Move) (directory.Entry, error) {
	f := d.Directory().Feed(m.Feed)
	if f == nil {
		return directory.Entry{}, ErrUnknown
	}
	if m.Group != "" {
		return d.movedFor(f, m)
	}
	if !slices.Contains(NextStages(f), m.To) {
		return directory.Entry{}, noStep(f.Stage, m.To)
	}
	return d.edited(m.Feed, func(members map[string]jsontext.Value) {
		members["stage"] = quoted(string(m.To))
		members["steps"] = d.stepped(members["steps"], m)
		if m.To == directory.Live || m.To == directory.Suspended {
			delete(members, "planned")
		}
	})
}

func noStep(from, to directory.Stage) error {
	return fault.New(fault.Invalid, fmt.Sprintf("A feed cannot go from %s to %s in one step.", StageWords(from), StageWords(to)))
}

// movedFor is the entry of a feed at another stage for one group.
func (d *Desk) movedFor(f *directory.Feed, m Move) (directory.Entry, error) {
	g := f.Group(m.Group)
	if g == nil {
		return directory.Entry{}, ErrUnknown
	}
	if !slices.Contains(NextStagesFor(f, g), m.To) {
		return directory.Entry{}, noStep(g.Stage, m.To)
	}
	return d.edited(f.ID, func(members map[string]jsontext.Value) {
		var groups []map[string]jsontext.Value
		if json.Unmarshal(members["groups"], &groups) != nil {
			return // the directory was built of it
		}
		for _, group := range groups {
			if string(group["id"]) != string(quoted(m.Group)) {
				continue
			}
			group["stage"], group["steps"] = quoted(string(m.To)), d.stepped(group["steps"], m)
			if m.To == directory.Live || m.To == directory.Suspended {
				delete(group, "planned")
			}
		}
		if all, err := json.Marshal(groups); err == nil {
			members["groups"] = all
		}
	})
}

// stepped adds a step to the list of those before.
func (d *Desk) stepped(before jsontext.Value, m Move) jsontext.Value {
	var steps []jsontext.Value
	if len(before) > 0 && json.Unmarshal(before, &steps) != nil {
		return before
	}
	added, err := json.Marshal(struct {
		Stage    directory.Stage `json:"stage"`
		On       string          `json:"on"`
		Evidence string          `json:"evidence"`
	}{m.To, d.Now().UTC().Format(time.DateOnly), m.Evidence})
	if err != nil {
		return before
	}
	all, err := json.Marshal(append(steps, added))
	if err != nil {
		return before
	}
	return all
}

// edited is the entry of a feed with some of its members changed.
func (d *Desk) edited(feed string, edit func(map[string]jsontext.Value)) (directory.Entry, error) {
	e, ok := d.Directory().Entry(directory.Key{Kind: directory.KindFeed, ID: feed})
	if !ok {
		return directory.Entry{}, ErrUnknown
	}
	members := map[string]jsontext.Value{}
	if err := json.Unmarshal([]byte(e.Body), &members); err != nil {
		return directory.Entry{}, fmt.Errorf("reading the entry of a feed: %w", err)
	}
	edit(members)
	object, err := json.Marshal(members)
	if err != nil {
		return directory.Entry{}, fmt.Errorf("writing the entry of a feed: %w", err)
	}
	return directory.NewEntry(directory.KindFeed, object)
}

func quoted(text string) jsontext.Value {
	raw, err := jsontext.AppendQuote(nil, text)
	if err != nil {
		return jsontext.Value(`""`)
	}
	return raw
}

// Gate is everything that must hold for a feed to be at a stage, with its last connection check.
func (d *Desk) Gate(ctx context.Context, feed string, to directory.Stage) ([]Line, error) {
	s := d.Directory()
	f := s.Feed(feed)
	if f == nil {
		return nil, ErrUnknown
	}
	check, err := d.Checks.LastCheck(ctx, feed)
	if err != nil {
		return nil, said(err)
	}
	return Gate(s, f, to, check, d.Now()), nil
}

// gates holds every feed that would reach more people to its gate.
func (d *Desk) gates(ctx context.Context, s, next *directory.Snapshot, c Change) error {
	for _, e := range c.Entries {
		is := next.Feed(e.ID)
		if e.Kind != directory.KindFeed || is == nil {
			continue
		}
		to, rises := risesTo(s, s.Feed(e.ID), is)
		if !rises {
			continue
		}
		check, err := d.Checks.LastCheck(ctx, e.ID)
		if err != nil {
			return said(err)
		}
		if closed := Closed(Gate(next, is, to, check, d.Now())); len(closed) > 0 {
			return fault.Wrap(fault.Invalid, "The gate is closed. Nothing was changed.", GateClosed{e.ID, closed})
		}
	}
	return nil
}

// risesTo is the furthest stage to which a change takes a feed up for anybody: for everybody, or for an audience that either version names. Leaving a
// group, or being left out of one, is a step too.
func risesTo(s *directory.Snapshot, was, is *directory.Feed) (to directory.Stage, rises bool) {
	if was == nil {
		was = &directory.Feed{Stage: directory.Off}
	}
	look := func(ods, kind string) {
		before, after := was.StageFor(ods, kind), is.StageFor(ods, kind)
		if Rises(before, after) && (!rises || after.From(to)) {
			to, rises = after, true
		}
	}
	look("", "")
	for _, groups := range [][]directory.Group{was.Groups, is.Groups} {
		for _, g := range groups {
			for _, kind := range g.Kinds {
				look("", kind)
			}
			for _, ods := range g.Organisations {
				o, _ := s.Organisation(ods)
				look(ods, o.Kind)
			}
		}
	}
	return to, rises
}

// Rollback asks for what takes an approved change back. It needs a second person like any other change.
func (d *Desk) Rollback(ctx context.Context, by identity.User, id, reason string) (Change, error) {
	if !d.MayAdminister(by) {
		return Change{}, ErrDenied
	}
	c, err := d.Change(ctx, id)
	if err != nil {
		return Change{}, err
	}
	if c.State != Approved || c.Kind == Seed {
		return Change{}, ErrUnknown
	}
	var back []directory.Entry
	for _, e := range c.Entries {
		history, err := d.History(ctx, e.Key)
		if err != nil {
			return Change{}, err
		}
		if len(history) > 0 && history[0].Version > c.Version {
			return Change{}, ErrStale
		}
		if len(history) > 1 {
			e.Body = history[1].Body
		} else {
			e.Body = ""
		}
		back = append(back, e)
	}
	return d.propose(ctx, by, Ordinary, Proposal{Reason: reason, Entries: back})
}

// Seed fills an empty directory from a file, by an operator alone. It is in the trail with the operator's name.
func (d *Desk) Seed(ctx context.Context, operator identity.User, entries []directory.Entry) (Change, error) {
	if d.Directory().Version() != 0 {
		return Change{}, ErrSeeded
	}
	c, err := d.propose(ctx, operator, Seed, Proposal{Reason: "first content of the directory", Entries: entries})
	if err != nil {
		return Change{}, err
	}
	return d.approve(ctx, operator, c)
}
