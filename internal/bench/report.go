package bench

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"slices"
	"time"
)

// Result is one figure against its bar.
type Result struct {
	Goal  string  `json:"goal"`
	Name  string  `json:"name"`
	Value float64 `json:"value"`
	// Low and High are the least and the greatest value of a round, where there are rounds.
	Low  float64 `json:"low"`
	High float64 `json:"high"`
	// Bar is the greatest value that is good enough or, where MoreIsBetter, the least.
	Bar          float64 `json:"bar"`
	MoreIsBetter bool    `json:"more_is_better,omitempty"`
	OK           bool    `json:"ok"`
}

// report prints figures and what explains them, and keeps both.
type report struct {
	out     io.Writer
	results []Result
	notes   []string
}

// judge prints and keeps a figure, the median of the rounds, that must not exceed its bar.
func (p *report) judge(goal, name string, values []float64, bar float64) {
	r := summary(goal, name, values, bar)
	r.OK = r.Value <= bar
	p.keep(r, len(values))
}

// judgeMore is judge for a figure that must reach its bar.
func (p *report) judgeMore(goal, name string, values []float64, bar float64) {
	r := summary(goal, name, values, bar)
	r.MoreIsBetter, r.OK = true, r.Value >= bar
	p.keep(r, len(values))
}

func summary(goal, name string, values []float64, bar float64) Result {
	return Result{Goal: goal, Name: name, Value: median(values), Low: slices.Min(values), High: slices.Max(values), Bar: bar}
}

func (p *report) keep(r Result, rounds int) {
	p.results = append(p.results, r)
	word := "short"
	if r.OK {
		word = "ok"
	}
	fmt.Fprintf(p.out, "%s %s %s (bar %s) %s\n", r.Goal, r.Name, figures(r.Value), figures(r.Bar), word)
	if rounds > 1 {
		p.say("%s from %s to %s over %d rounds", r.Name, figures(r.Low), figures(r.High), rounds)
	}
	if r.MoreIsBetter {
		p.say("of %s more is better: its bar is the least that is good enough", r.Name)
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
func (p *report) say(format string, args ...any) {
	note := fmt.Sprintf(format, args...)
	p.notes = append(p.notes, note)
	fmt.Fprintln(p.out, "  #", note)
}

// write writes everything to a file, if one is named.
func (p *report) write(file string) error {
	if file == "" {
		return nil
	}
	raw, err := json.MarshalIndent(struct {
		At      time.Time `json:"at"`
		Results []Result  `json:"results"`
		Notes   []string  `json:"notes"`
	}{time.Now().UTC(), p.results, p.notes}, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(file, append(raw, '\n'), 0o600)
}
