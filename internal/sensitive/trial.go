package sensitive

import (
	"cmp"
	"slices"
	"sync"

	"ribble/internal/quarantine"
	"ribble/internal/record"
	"ribble/internal/sensitive/codeset"
)

// Trial are code sets as they would apply: those in force (Sets.InForce), or with one version tried out (Sets.Trying).
type Trial struct {
	Sets *codeset.Sets
	Of   codeset.Mask
}

// Change is what another version of the sets would do to one section of the records looked at: how many entries more it would hide, and how many
// it would show again. Topic is the topic and version that hides them, or the code of a rule ("refers-to-withheld").
type Change struct {
	Section       record.Section
	Topic         string
	Hidden, Shown int
}

// DryRun counts what a candidate would hide or show again, for a user without any activity that opens a set. It keeps counts and nothing of the
// entries. Many views may add to it at once.
type DryRun struct {
	now, candidate Trial

	mu      sync.Mutex
	changes map[changed]*Change
	answers int
}

type changed struct {
	section record.Section
	topic   string
}

// NewDryRun compares the sets as they are now with a candidate.
func NewDryRun(now, candidate Trial) *DryRun {
	return &DryRun{now: now, candidate: candidate, changes: map[changed]*Change{}}
}

// placed is an entry where it stands.
type placed struct {
	section record.Section
	key     record.ItemKey
}

// Add counts one answer. Nothing of the answer is changed or kept.
func (d *DryRun) Add(checked quarantine.Checked) {
	if !checked.Valid() {
		return
	}
	answer := checked.Answer()
	before, after := withheldBy(d.now, &answer), withheldBy(d.candidate, &answer)
	d.mu.Lock()
	defer d.mu.Unlock()
	d.answers++
	for at, topics := range after {
		if _, already := before[at]; !already {
			d.count(at.section, topics, func(c *Change) { c.Hidden++ })
		}
	}
	for at, topics := range before {
		if _, still := after[at]; !still {
			d.count(at.section, topics, func(c *Change) { c.Shown++ })
		}
	}
}

func (d *DryRun) count(s record.Section, topics []string, add func(*Change)) {
	for _, topic := range topics {
		at := changed{s, topic}
		if d.changes[at] == nil {
			d.changes[at] = &Change{Section: s, Topic: topic}
		}
		add(d.changes[at])
	}
}

// Answers is how many answers were counted.
func (d *DryRun) Answers() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.answers
}

// Changes are the counts, by section and topic. An entry that two topics name counts for both.
func (d *DryRun) Changes() []Change {
	d.mu.Lock()
	defer d.mu.Unlock()
	out := make([]Change, 0, len(d.changes))
	for _, c := range d.changes {
		out = append(out, *c)
	}
	slices.SortFunc(out, func(a, b Change) int { return cmp.Or(cmp.Compare(a.Section, b.Section), cmp.Compare(a.Topic, b.Topic)) })
	return out
}

// withheldBy are the entries that the sets alone would withhold, with the topics; the chart is filtered in a copy of its lists.
func withheldBy(trial Trial, answer *record.Answer) map[placed][]string {
	out := map[placed][]string{}
	c := trial.clearing()
	c.note = func(s record.Section, h *record.Head, why rule, sets codeset.Mask) {
		out[placed{s, h.Key}] = trial.topics(why, sets)
	}
	c.sieve(answer)
	return out
}

// clearing applies the sets alone, as to a user who may see everything else.
func (t Trial) clearing() *clearing {
	return &clearing{cleared: new(Cleared), rules: rules{
		sections: record.AllSections, sets: t.Sets, closed: t.Of, beyond: t.Sets.Beyond(), sensitive: true, safeguarding: true, patientMarks: true, unknownTypes: true,
	}}
}

// sieve filters a copy of the answer's lists and gives what is left.
func (c *clearing) sieve(answer *record.Answer) record.Chart {
	chart := copied(answer.Chart)
	c.filter(&chart)
	if len(c.hidden) > 0 {
		c.spread(&chart)
	}
	return chart
}

func (t Trial) topics(why rule, sets codeset.Mask) []string {
	var out []string
	sets.Each(func(i int) {
		topic := t.Sets.Set(i).Topic + " " + t.Sets.Set(i).Version
		if why != bySet {
			topic = why.String() + ": " + topic
		}
		out = append(out, topic)
	})
	if len(out) == 0 {
		out = append(out, why.String())
	}
	return out
}

// copied gives a chart whose lists can be filtered without touching the original's.
func copied(c record.Chart) record.Chart {
	return record.Chart{
		Allergies: slices.Clone(c.Allergies), Medicines: slices.Clone(c.Medicines), Problems: slices.Clone(c.Problems), Alerts: slices.Clone(c.Alerts),
		Plans: slices.Clone(c.Plans), Legal: slices.Clone(c.Legal), Results: slices.Clone(c.Results), Imaging: slices.Clone(c.Imaging),
		Measurements: slices.Clone(c.Measurements), Encounters: slices.Clone(c.Encounters), Consultations: slices.Clone(c.Consultations),
		Appointments: slices.Clone(c.Appointments), Referrals: slices.Clone(c.Referrals), Immunisations: slices.Clone(c.Immunisations),
		Procedures: slices.Clone(c.Procedures), Documents: slices.Clone(c.Documents), SocialCare: slices.Clone(c.SocialCare),
		AboutMe: slices.Clone(c.AboutMe), Network: slices.Clone(c.Network), History: slices.Clone(c.History), Other: slices.Clone(c.Other),
	}
}
