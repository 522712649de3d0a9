package watch

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
)

// Rule is one line of a rule set: a kind, and how it is set.
type Rule struct {
	// ID names the rule in alerts; Kind says what it looks for, one of Kinds.
	ID   string `json:"id"`
	Kind string `json:"kind"`
	// Off rules say nothing.
	Off bool `json:"off,omitempty"`
	// Score is what a finding counts for, 1 to 100.
	Score int `json:"score"`
	// Window is the time over which a rule counts, Threshold from how many on it speaks, Factor how many times above the median of the same role.
	Window    Span    `json:"window,omitempty"`
	Threshold int     `json:"threshold,omitempty"`
	Factor    float64 `json:"factor,omitempty"`
	// Quiet is for how long the rule does not repeat itself about the same user and person.
	Quiet Span `json:"quiet"`
	// From and To are the hours of the day (UK time) between which a rule about hours speaks; it may run over midnight.
	From int `json:"from,omitempty"`
	To   int `json:"to,omitempty"`
	// Only are beginnings of the ODS codes for whose staff the rule holds; empty means all.
	Only []string `json:"only,omitempty"`
	// Thresholds are other thresholds for single organisations, by ODS code; 0 switches the rule off there.
	Thresholds map[string]int `json:"thresholds,omitempty"`
}

// Span is a length of time, written as Go writes it ("24h", "10m").
type Span time.Duration

// UnmarshalText reads a span.
func (s *Span) UnmarshalText(text []byte) error {
	d, err := time.ParseDuration(string(text))
	*s = Span(d)
	return err
}

// MarshalText writes a span.
func (s Span) MarshalText() ([]byte, error) { return []byte(time.Duration(s).String()), nil }

// Words is the span as people say it.
func (s Span) Words() string {
	d := time.Duration(s)
	for _, unit := range []struct {
		span time.Duration
		name string
	}{{7 * 24 * time.Hour, "week"}, {24 * time.Hour, "day"}, {time.Hour, "hour"}, {time.Minute, "minute"}} {
		if d >= unit.span && d%unit.span == 0 {
			return count(int(d/unit.span), unit.name)
		}
	}
	return d.String()
}

// Set is a version of the rules.
type Set struct {
	Version int    `json:"version"`
	Rules   []Rule `json:"rules"`
}

//go:embed rules.json
var shipped []byte

// Shipped is the rule set that Ribble comes with.
func Shipped() Set {
	set, err := Load(bytes.NewReader(shipped))
	if err != nil {
		panic("watch: the shipped rules are not valid")
	}
	return set
}

const maxRules = 64 << 10

// Load reads a rule set strictly. The error names every problem with the rule that has it.
func Load(r io.Reader) (Set, error) {
	d := json.NewDecoder(io.LimitReader(r, maxRules))
	d.DisallowUnknownFields()
	var set Set
	if err := d.Decode(&set); err != nil {
		return Set{}, fmt.Errorf("reading the rules that watch: %w", err)
	}
	if d.More() {
		return Set{}, errors.New("reading the rules that watch: something follows the rules")
	}
	return set, set.check()
}

func (s Set) check() error {
	var problems []error
	say := func(id, problem string) { problems = append(problems, fmt.Errorf("rule %q %s", id, problem)) }
	if s.Version < 1 {
		problems = append(problems, errors.New("the version must be 1 or more"))
	}
	seen := map[string]bool{}
	for _, r := range s.Rules {
		needs, known := kinds[r.Kind]
		switch {
		case r.ID == "" || seen[r.ID]:
			say(r.ID, "must have an id of its own")
		case !known:
			say(r.ID, "is of a kind that is not known; kinds are "+strings.Join(Kinds(), ", "))
		case r.Score < 1 || r.Score > 100:
			say(r.ID, "must have a score from 1 to 100")
		case r.Quiet <= 0:
			say(r.ID, "must have a time in which it is quiet")
		case needs.window && r.Window <= 0:
			say(r.ID, "must have a window")
		case needs.threshold && r.Threshold < 1:
			say(r.ID, "must have a threshold")
		case r.Kind == outOfHours && (r.From == r.To || r.From < 0 || r.To < 0 || r.From > 23 || r.To > 23):
			say(r.ID, "must say from which hour to which")
		}
		seen[r.ID] = true
	}
	return errors.Join(problems...)
}

// threshold is from how many on the rule speaks for staff of an organisation; 0 never.
func (r Rule) threshold(organisation string) int {
	if n, own := r.Thresholds[organisation]; own {
		return n
	}
	return max(r.Threshold, 1)
}

func (r Rule) holdsFor(organisation string) bool {
	if r.Off || r.threshold(organisation) == 0 {
		return false
	}
	return len(r.Only) == 0 || slices.ContainsFunc(r.Only, func(begin string) bool { return strings.HasPrefix(organisation, begin) })
}
