package sensitive

import (
	"cmp"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"ribble/internal/quarantine"
	"ribble/internal/record"
	"ribble/internal/sensitive/codeset"
)

// Tally counts, over the answers of the views that pass, what other code sets would hide or show again, and keeps where free text speaks of a topic.
// It holds counts and ids, never a word of an entry, and forgets all of it when the program ends or the sets change. A nil Tally counts nothing.
type Tally struct {
	words     codeset.Words
	candidate atomic.Pointer[codeset.Sets]
	now       func() time.Time

	mu       sync.Mutex
	of       compared
	run      *DryRun
	since    time.Time
	mentions map[mentioned][]string
}

// compared are the sets that a dry run compares: when any of them changes, another begins.
type compared struct {
	inForce, candidate *codeset.Sets
	of, tried          codeset.Mask
}

// mentioned is an entry at its source.
type mentioned struct {
	feed, organisation string
	key                record.ItemKey
}

// NewTally makes a tally; without words it keeps no mentions.
func NewTally(words codeset.Words, now func() time.Time) *Tally {
	return &Tally{words: words, now: now, mentions: map[mentioned][]string{}}
}

// Try compares with these sets, as if the day of each had come. Without any, those in force are compared with all that is loaded beside them: versions
// that are switched off or whose day is yet to come.
func (t *Tally) Try(candidate *codeset.Sets) { t.candidate.Store(candidate) }

func (t *Tally) add(sets *codeset.Sets, at time.Time, checked quarantine.Checked) {
	if t == nil || !checked.Valid() {
		return
	}
	now := Trial{Sets: sets, Of: sets.InForce(at)}
	if run := t.running(now); run != nil {
		run.Add(checked)
	}
	if len(t.words) > 0 {
		t.keep(Mentions(now, t.words, checked))
	}
}

// running is the dry run of the sets as they are now; nil when there is nothing to try.
func (t *Tally) running(now Trial) *DryRun {
	of := compared{inForce: now.Sets, candidate: t.candidate.Load(), of: now.Of}
	tried := Trial{Sets: now.Sets, Of: now.Sets.Latest()}
	if of.candidate != nil {
		tried = Trial{Sets: of.candidate, Of: of.candidate.Coming()}
	}
	of.tried = tried.Of
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.of != of || t.since.IsZero() {
		t.of, t.run, t.since = of, nil, t.now()
		clear(t.mentions)
		if tried != now {
			t.run = NewDryRun(now, tried)
		}
	}
	return t.run
}

// mostMentions bounds what is kept of a region whose words are too common.
const mostMentions = 10_000

func (t *Tally) keep(found []Mention) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, m := range found {
		at := mentioned{m.Feed, m.Organisation, m.Key}
		if _, known := t.mentions[at]; known || len(t.mentions) < mostMentions {
			t.mentions[at] = m.Topics
		}
	}
}

// Tried is what a dry run has counted on this machine.
type Tried struct {
	// Since is when it began; zero before the first answer.
	Since time.Time
	// Versions are those tried, as topic and version; none when there is nothing to try.
	Versions []string
	Answers  int
	Changes  []Change
}

// Tried gives the counts so far.
func (t *Tally) Tried() Tried {
	t.mu.Lock()
	out, run := Tried{Since: t.since}, t.run
	t.mu.Unlock()
	if run == nil {
		return out
	}
	run.candidate.Of.Each(func(i int) {
		set := run.candidate.Sets.Set(i)
		out.Versions = append(out.Versions, set.Topic+" "+set.Version)
	})
	slices.Sort(out.Versions)
	out.Answers, out.Changes = run.Answers(), run.Changes()
	return out
}

// Mentioned are the entries of one type in one feed whose free text speaks of a topic.
type Mentioned struct {
	Feed, Type, Topic string
	Keys              []record.ItemKey
}

// Mentions are the free-text mentions in what an organisation holds: for that organisation's own officer, to look there.
func (t *Tally) Mentions(organisation string) []Mentioned {
	return t.list(func(at mentioned) bool { return at.organisation == organisation })
}

// Mentioned are those of all organisations, to be counted.
func (t *Tally) Mentioned() []Mentioned { return t.list(func(mentioned) bool { return true }) }

func (t *Tally) list(wanted func(mentioned) bool) []Mentioned {
	type place struct{ feed, kind, topic string }
	keys := map[place][]record.ItemKey{}
	t.mu.Lock()
	for at, topics := range t.mentions {
		if !wanted(at) {
			continue
		}
		for _, topic := range topics {
			p := place{at.feed, at.key.Type, topic}
			keys[p] = append(keys[p], at.key)
		}
	}
	t.mu.Unlock()
	out := make([]Mentioned, 0, len(keys))
	for p, list := range keys {
		slices.SortFunc(list, func(a, b record.ItemKey) int { return cmp.Compare(a.ID, b.ID) })
		out = append(out, Mentioned{p.feed, p.kind, p.topic, list})
	}
	slices.SortFunc(out, func(a, b Mentioned) int {
		return cmp.Or(cmp.Compare(a.Feed, b.Feed), cmp.Compare(a.Type, b.Type), cmp.Compare(a.Topic, b.Topic))
	})
	return out
}
