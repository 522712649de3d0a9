// Package prove holds Ribble to what it claims: it runs a whole region with two portals, breaks things on purpose, and compares what the browser received, what the sources were asked and what the audit trail holds.
package prove

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"time"
)

// Options say what to run.
type Options struct {
	// Seed makes what is random the same again: who looks at whom, what fails, when a process is killed.
	Seed uint64
	// Long runs every scenario at full length; otherwise they are cut to fit a test run.
	Long bool
	// Soak is how long the soak lasts; zero leaves it at the length of the form.
	Soak time.Duration
	// Chaos is how long the chaos lasts; zero leaves it at the length of the form.
	Chaos time.Duration
	// Only names scenarios by their ids; empty means all of the form.
	Only []string
	// Keep leaves the folder with the logs behind.
	Keep bool
}

// Run runs the scenarios on a fresh estate and gives the report. An error means that the estate itself could not be had.
func Run(ctx context.Context, o Options, log io.Writer) (*Report, error) {
	for _, id := range o.Only {
		if !slices.ContainsFunc(scenarios, func(s scenario) bool { return s.id == id }) {
			return nil, fmt.Errorf("no scenario is called %q", id)
		}
	}
	report := newReport(o)
	e, err := build(ctx, o, log)
	defer e.close()
	if err != nil {
		return nil, err
	}
	for _, s := range scenarios {
		if len(o.Only) > 0 && !slices.Contains(o.Only, s.id) {
			continue
		}
		if ctx.Err() != nil {
			report.finish()
			return report, ctx.Err()
		}
		began := time.Now()
		row := s.attempt(ctx, e, o)
		row.Took = time.Since(began).Round(time.Millisecond).String()
		report.Rows = append(report.Rows, row)
		fmt.Fprintf(log, "%-18s %-4s %-8s %8s  %s\n", row.ID, row.Goal, row.Verdict, row.Took, row.Measured)
		for _, line := range row.Evidence {
			fmt.Fprintf(log, "    %s\n", line)
		}
		if row.Verdict == Short || row.Verdict == Failed {
			fmt.Fprintf(log, "    again: %s\n", row.Again)
		}
	}
	report.finish()
	return report, nil
}

// scenario is one claim and the way in which it is put to the test.
type scenario struct {
	id, goal, title, bar, how string
	// timed says that the bar is a time or a size, which a machine that does other work cannot be held to.
	timed bool
	// known says why the bar is known not to be met; a test does not fail for it.
	known string
	// long says that the short form leaves it out.
	long bool
	run  func(*stage) error
}

// attempt runs a scenario between two healthy states of the estate, and checks the histories after it.
func (s scenario) attempt(ctx context.Context, e *estate, o Options) Row {
	row := Row{ID: s.id, Goal: s.goal, Title: s.title, Bar: s.bar, How: s.how, Timed: s.timed, Known: s.known, Again: again(s.id, o)}
	if s.long && !o.Long {
		row.Verdict, row.Measured = NotRun, "in the long form only"
		return row
	}
	st := &stage{estate: e, ctx: ctx, long: o.Long, soak: o.Soak, chaos: o.Chaos, rng: rand.New(rand.NewPCG(o.Seed, hash(s.id)))}
	err := e.mend(ctx)
	if err == nil {
		err = s.run(st)
	}
	if err == nil {
		err = st.check()
	}
	row.Measured, row.Evidence, row.Figures, row.Broken = st.measured(), st.evidence, st.figures, st.broken
	switch {
	case ctx.Err() != nil:
		row.Verdict, row.Measured = NotRun, "interrupted"
	case errors.Is(err, errNotHere):
		row.Verdict, row.Measured = NotRun, err.Error()
	case err != nil:
		row.Verdict, row.Measured = Failed, err.Error()
	case len(st.short) > 0:
		row.Verdict, row.Evidence = Short, append(st.short, row.Evidence...)
	default:
		row.Verdict = Met
	}
	return row
}

// hash spreads a name over the numbers (FNV-1a), so that each scenario has its own chance.
func hash(name string) uint64 {
	h := uint64(14695981039346656037)
	for _, c := range []byte(name) {
		h = (h ^ uint64(c)) * 1099511628211
	}
	return h
}

// again is the command that repeats a scenario.
func again(id string, o Options) string {
	form := "-short"
	if o.Long {
		form = "-long"
	}
	return fmt.Sprintf("go run ./cmd/prove %s -seed %d -only %s", form, o.Seed, id)
}
