package watch

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"time"
)

// Watcher runs a rule set over the trail, event by event in the order of their sequence. The same events give the same findings, so that a
// changed rule can be replayed over the past. It is for one goroutine.
type Watcher struct {
	set      Set
	register func() Register
	running  []running
}

type running struct {
	rule  Rule
	judge judge
	// spoke is when the rule last spoke about a user and a person.
	spoke map[pair]time.Time
}

type pair struct {
	user   User
	person string
}

// judge says what one kind of rule finds in a look, nil for nothing.
type judge interface {
	see(Look, Register) []Fact
	words(Look) string
}

// New makes a watcher. The register is asked for at every event, so that a change of staff is seen at once.
func New(set Set, register func() Register) *Watcher {
	w := &Watcher{set: set, register: register}
	for _, rule := range set.Rules {
		w.running = append(w.running, running{rule, kinds[rule.Kind].make(rule), map[pair]time.Time{}})
	}
	return w
}

// Version is that of the rule set.
func (w *Watcher) Version() int { return w.set.Version }

// See takes the next event of the trail and gives what the rules find in it, the gravest first.
func (w *Watcher) See(l Look) []Finding {
	var found []Finding
	register := w.register()
	for i := range w.running {
		r := &w.running[i]
		// Rules count what they do not speak about: a rule that is off for one organisation still knows its peers.
		facts := r.judge.see(l, register)
		if len(facts) == 0 || !r.rule.holdsFor(l.Organisation) || r.quiet(l) {
			continue
		}
		f := Finding{Rule: r.rule.ID, Kind: r.rule.Kind, Version: w.set.Version, Look: l, Words: r.judge.words(l), Facts: facts}
		for _, fact := range facts {
			f.Score += fact.Adds
		}
		f.Score = min(f.Score, 100)
		found = append(found, f)
	}
	slices.SortStableFunc(found, func(a, b Finding) int { return cmp.Compare(b.Score, a.Score) })
	return found
}

// quiet keeps a rule from saying the same thing again too soon, and notes that it speaks.
func (r *running) quiet(l Look) bool {
	key := pair{l.User, l.Person}
	if last, spoken := r.spoke[key]; spoken && l.At.Sub(last) < time.Duration(r.rule.Quiet) {
		return true
	}
	if len(r.spoke) >= forgetAt {
		maps.DeleteFunc(r.spoke, func(_ pair, at time.Time) bool { return l.At.Sub(at) >= time.Duration(r.rule.Quiet) })
	}
	r.spoke[key] = l.At
	return false
}

// forgetAt is how many remarks are remembered before old ones are looked for.
const forgetAt = 10_000

func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
