// Package bench measures what one view costs: the shipped portal against the least that any portal must do, on the same machine, in the same
// minutes, in interleaved rounds, by processor time and not by the clock. Its goals and their definitions stand in docs/performance.md.
package bench

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"strings"
	"time"
)

// Options say how much is measured.
type Options struct {
	// Rounds is how often every subject runs.
	Rounds int
	// Short makes fewer views in each round.
	Short bool
	// Only names the goals that are measured, such as "P1"; empty means all.
	Only []string
	// JSON is the file that gets the results as well; Keep leaves the folder with the portal's log.
	JSON string
	Keep bool
	// Profiles is a folder that gets profiles of the portal's processor time and memory; the portal is then built with one file more.
	Profiles string
	Out      io.Writer
}

// Result is one figure against its bar. A bar is the greatest value that is good enough.
type Result struct {
	Goal  string  `json:"goal"`
	Name  string  `json:"name"`
	Value float64 `json:"value"`
	// Low and High are the least and the greatest value of a round, where there are rounds.
	Low  float64 `json:"low"`
	High float64 `json:"high"`
	Bar  float64 `json:"bar"`
	OK   bool    `json:"ok"`
}

// Run measures and prints one line for each figure.
func Run(ctx context.Context, o Options) error {
	r, err := newRig(ctx, o)
	defer func() {
		if o.Keep {
			r.close(o.Out)
		} else {
			r.close(nil)
		}
	}()
	if err != nil {
		return err
	}
	m := &measurement{rig: r, options: o}
	began := time.Now()
	for _, step := range []struct {
		goals []string
		run   func(context.Context) error
	}{
		{[]string{"P1", "P2", "P5", "P6", "P7", "P8", "P13", "P15", "profile"}, m.prepare},
		{[]string{"P1", "P2"}, m.cost},
		{[]string{"P8"}, m.allocations},
		{[]string{"profile"}, m.profile},
		{[]string{"P5", "P6"}, m.delay},
		{[]string{"P13"}, m.growth},
		{[]string{"P7"}, m.memory},
		{[]string{"P15"}, m.coldStart},
	} {
		if !o.wants(step.goals) {
			continue
		}
		if err := step.run(ctx); err != nil {
			m.end()
			return fmt.Errorf("measuring %s: %w", step.goals, err)
		}
	}
	m.end()
	m.say("the whole run took %s", time.Since(began).Round(time.Second))
	return m.write()
}

func (o Options) wants(goals []string) bool {
	return len(o.Only) == 0 || slices.ContainsFunc(goals, func(g string) bool { return slices.Contains(o.Only, g) })
}

// measurement is one run of the benchmark.
type measurement struct {
	*rig
	options Options
	results []Result
	notes   []string
	// subject is the portal on the reference patient's six sources; floor and obvious are what it is held against.
	subject        *portal
	floor, obvious *child
	// script is what the portal asks in one view of the reference patient, single the same bytes in one request a source.
	script, single []asked
	page           []byte
	rows           int
}

// scaled gives the number of views of a round.
func (m *measurement) scaled(n int) int {
	if m.options.Short {
		return max(n/3, 4)
	}
	return n
}

func (m *measurement) rounds() int {
	if m.options.Short {
		return min(m.options.Rounds, 3)
	}
	return m.options.Rounds
}

// judge prints and keeps a figure: the median of the rounds.
func (m *measurement) judge(goal, name string, values []float64, bar float64) {
	r := Result{Goal: goal, Name: name, Value: median(values), Low: slices.Min(values), High: slices.Max(values), Bar: bar}
	r.OK = r.Value <= bar
	word := "short"
	if r.OK {
		word = "ok"
	}
	m.results = append(m.results, r)
	fmt.Fprintf(m.options.Out, "%s %s %s (bar %s) %s\n", goal, name, figures(r.Value), figures(bar), word)
	if len(values) > 1 {
		m.say("%s from %s to %s over %d rounds", name, figures(r.Low), figures(r.High), len(values))
	}
}

func figures(v float64) string {
	switch {
	case v >= 100:
		return fmt.Sprintf("%.0f", v)
	case v >= 10:
		return fmt.Sprintf("%.1f", v)
	}
	return fmt.Sprintf("%.2f", v)
}

// say prints what explains a figure.
func (m *measurement) say(format string, args ...any) {
	note := fmt.Sprintf(format, args...)
	m.notes = append(m.notes, note)
	fmt.Fprintln(m.options.Out, "  #", note)
}

func (m *measurement) write() error {
	if m.options.JSON == "" {
		return nil
	}
	raw, err := json.MarshalIndent(struct {
		At      time.Time `json:"at"`
		Results []Result  `json:"results"`
		Notes   []string  `json:"notes"`
	}{time.Now().UTC(), m.results, m.notes}, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(m.options.JSON, append(raw, '\n'), 0o600)
}

func (m *measurement) end() {
	for _, c := range []*child{m.floor, m.obvious} {
		if c != nil {
			c.stop()
		}
	}
	if m.subject != nil {
		m.subject.stop()
	}
}

// prepare starts the subjects, learns what a view asks for and how its page looks, and warms every connection.
func (m *measurement) prepare(ctx context.Context) (err error) {
	if m.subject, err = m.portal(ctx, region{referenceSources, 8 * time.Second}); err != nil {
		return err
	}
	if err := m.learn(ctx); err != nil {
		return err
	}
	if err := os.WriteFile(m.in("page.html"), m.page, 0o600); err != nil {
		return err
	}
	if m.floor, err = start(ctx, nil, m.logs, m.self, "floor"); err != nil {
		return err
	}
	if _, err = m.floor.do(order{Do: "start", Dir: m.dir, File: m.in("page.html")}); err != nil {
		return err
	}
	for i := range referenceSources {
		m.single = append(m.single, asked{Source: i, Method: "GET", URL: m.bases[i] + "/all?patient=p-" + referencePerson})
	}
	return m.warm(ctx)
}

// learn opens the record once while the sources write down what they are asked.
func (m *measurement) learn(ctx context.Context) error {
	visits, err := m.visits(ctx, m.subject, referencePerson, 1)
	if err != nil {
		return err
	}
	if _, err := m.sources.do(order{Do: "record"}); err != nil {
		return err
	}
	var page bytes.Buffer
	s := m.subject.look(ctx, visits[0], &page)
	recorded, err := m.sources.do(order{Do: "recorded"})
	if err = errors.Join(err, s.err); err != nil {
		return err
	}
	m.script, m.page = recorded.Script, page.Bytes()
	p := newPerson(people[referencePerson])
	m.say("reference patient: %d resources, %d bytes, %d sources; a view makes %d requests and a page of %d bytes with %d rows",
		referenceResources, p.bytes(), referenceSources, len(m.script), s.bytes, s.rows)
	if s.rows < referenceResources/2 {
		return errors.New("the page holds too few rows to be the reference patient's")
	}
	return nil
}

func (m *measurement) warm(ctx context.Context) error {
	if _, err := m.floor.do(order{Do: "fan", Script: m.script, Views: 20, AtOnce: 4}); err != nil {
		return err
	}
	visits, err := m.visits(ctx, m.subject, referencePerson, 20)
	if err != nil {
		return err
	}
	warm, err := m.subject.views(ctx, visits, costAtOnce, referenceResources/2)
	if err == nil {
		m.rows = fewestRows(warm)
	}
	return err
}

func command(name string, args ...string) (string, error) {
	out, err := exec.Command(name, args...).Output()
	return strings.TrimSpace(string(out)), err
}
