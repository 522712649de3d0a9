// Package bench measures what one view costs: the shipped portal against the least that any portal must do, on the same machine, in the same
// minutes, in interleaved rounds, by processor time and not by the clock. Its goals and their definitions stand in docs/performance.md.
package bench

import (
	"bytes"
	"context"
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
	// Long waits as long as the goals say before it looks what a portal holds at rest.
	Long bool
	// Only names the goals that are measured, such as "P1"; empty means all.
	Only []string
	// JSON is the file that gets the results as well; Keep leaves the folder with the portal's log.
	JSON string
	Keep bool
	// Profiles is a folder that gets profiles of the portal's processor time and memory; the portal is then built with one file more.
	Profiles string
	// Codes is how many sensitive codes the portal has loaded.
	Codes int
	// Rows is how many events the audit trail has when it is measured (RunAudit).
	Rows int
	// Disk is how much longer than this machine's disk takes each commit takes, as on a slower one (RunAudit): P10 is set for commits of a millisecond and more.
	Disk time.Duration
	Out  io.Writer
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
	m := &measurement{rig: r, report: report{out: o.Out}, options: o}
	began := time.Now()
	for _, step := range []struct {
		goals []string
		run   func(context.Context) error
	}{
		{[]string{"P1", "P2", "P3", "P4", "P5", "P6", "P7", "P8", "P13", "P14", "P15", "profile"}, m.prepare},
		{[]string{"P1", "P2", "P3", "P4"}, m.cost},
		{[]string{"P8"}, m.allocations},
		{[]string{"profile"}, m.profile},
		{[]string{"P5", "P6"}, m.delay},
		{[]string{"P13"}, m.growth},
		{[]string{"P7"}, m.memory},
		{[]string{"P14"}, m.hung},
		{[]string{"P15"}, m.coldStart},
		{[]string{"P11"}, m.failClosed},
	} {
		if !o.wants(step.goals) {
			continue
		}
		if err := step.run(ctx); err != nil {
			m.end()
			// What was measured before is worth having.
			return errors.Join(fmt.Errorf("measuring %s: %w", step.goals, err), m.write(o.JSON))
		}
	}
	m.end()
	m.say("the whole run took %s", time.Since(began).Round(time.Second))
	return m.write(o.JSON)
}

func (o Options) wants(goals []string) bool {
	return len(o.Only) == 0 || slices.ContainsFunc(goals, func(g string) bool { return slices.Contains(o.Only, g) })
}

// measurement is one run of the benchmark.
type measurement struct {
	*rig
	report
	options Options
	// subject is the portal on the reference patient's six sources; floor and obvious are what it is held against.
	subject        *portal
	floor, obvious *child
	peers          []*peer
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

func (m *measurement) rounds() int { return m.options.rounds() }

// rounds is how often every subject runs.
func (o Options) rounds() int {
	if o.Short {
		return min(o.Rounds, 3)
	}
	return o.Rounds
}

func (m *measurement) end() {
	for _, c := range []*child{m.floor, m.obvious} {
		if c != nil {
			c.stop()
		}
	}
	for _, p := range m.peers {
		p.stop()
	}
	if m.subject != nil {
		m.subject.stop()
	}
}

// prepare starts the subjects, learns what a view asks for and how its page looks, and warms every connection.
func (m *measurement) prepare(ctx context.Context) (err error) {
	if m.subject, err = m.portal(ctx, region{sources: referenceSources, deadline: 8 * time.Second}); err != nil {
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
		m.single = append(m.single, asked{Source: i, Method: "GET", URL: m.bases[i] + "/all?patient=" + patientID(referencePerson)})
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
