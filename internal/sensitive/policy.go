// Package sensitive is the portal's own second filter: it takes whole entries out of an answer that the user's role may not see, together with every reference that could reveal them.
package sensitive

import (
	"time"

	"ribble/internal/access"
	"ribble/internal/quarantine"
	"ribble/internal/record"
	"ribble/internal/sensitive/codeset"
)

// ByPortal is the words for a section from which this portal itself left something out.
const ByPortal = "by this portal"

// NotShared is the words for a source that holds the person's refusal to share its record. No grant, no activity and no break-glass opens it.
const NotShared = "The person has chosen not to share this source."

// Policy is the one door through which answers come to the page: it holds the code sets in force. The zero Policy, and a nil one, have no code
// set; labels, alerts for few eyes and dissent hold all the same.
type Policy struct {
	sets  *codeset.Holder
	tally *Tally
}

// NewPolicy makes the policy of the sets that the holder holds at the time of each answer.
func NewPolicy(sets *codeset.Holder) *Policy { return &Policy{sets: sets} }

// Trying gives the same policy with a tally, which counts over every answer what other sets would do. Neither changes what is shown.
func (p *Policy) Trying(t *Tally) *Policy { return &Policy{sets: p.sets, tally: t} }

func (p *Policy) current() *codeset.Sets {
	if p == nil {
		return nil
	}
	return p.sets.Current()
}

// Clear takes out of a checked answer what the grant does not open. A zero grant opens nothing at all. The answer must not be used
// otherwise afterwards: its chart is filtered in place.
func (p *Policy) Clear(grant access.Grant, checked quarantine.Checked) *Cleared {
	sets := p.current()
	if p != nil {
		p.tally.add(sets, grant.At(), checked)
	}
	c := clearing{rules: *rulesFor(grant, sets), cleared: &Cleared{answer: checked.Answer(), warnings: checked.Warnings(), sets: sets, at: grant.At()}}
	if !checked.Valid() {
		c.cleared.answer.Chart = record.Chart{}
	}
	// What the person has closed at this organisation goes as if the role did not have it, should the organisation send it all the same.
	c.sections &^= grant.Withheld(c.cleared.answer.Source.Organisation.ODS)
	c.oneSource(checked.NumberUnverified())
	chart := &c.cleared.answer.Chart
	c.filter(chart)
	if c.dissent.stands() {
		c.withholdAll(chart)
		return c.cleared
	}
	if len(c.hidden) > 0 {
		c.spread(chart)
		c.unlink(chart)
	}
	c.settle()
	c.stamp(chart)
	return c.cleared
}

// MayOpen reports whether a document that was listed earlier may still be opened under the grant: only while the sets in force, and what of
// them the user may see, are those under which it was cleared. Else the record must be opened again.
func (p *Policy) MayOpen(grant access.Grant, a record.Attachment) bool {
	return grant.Valid() && a.Cleared != "" && a.Cleared == rulesFor(grant, p.current()).stamp()
}

// Cleared is an answer that may be shown under one grant. Its fields are unexported: only a Policy makes one, and merge and the page take nothing else.
type Cleared struct {
	answer   record.Answer
	warnings []string
	withheld [record.NumSections]int
	sets     *codeset.Sets
	at       time.Time
	byRule   [numRules]int
	bySet    [codeset.MaxSets]int
}

// Answer is what may be shown.
func (c *Cleared) Answer() *record.Answer { return &c.answer }

// Warnings are the identity check's remarks about the answer: which details differ, never their values.
func (c *Cleared) Warnings() []string { return c.warnings }

// Withheld is how many entries of the section this portal hid: for the audit trail and the IG officer, never for the page.
func (c *Cleared) Withheld(s record.Section) int { return c.withheld[s] }

// Versions names the code sets by which it was cleared, for the audit trail: "sexual-health 2026-10".
func (c *Cleared) Versions() []string { return c.sets.Versions(c.at) }

// Count is how many entries one rule, or one version of a topic's code set, withheld.
type Count struct {
	Code string
	N    int
}

// WithheldBy is what withheld how many entries: for the audit trail and the IG officer, never for the page. An entry that two sets name counts
// for both.
func (c *Cleared) WithheldBy() []Count {
	var out []Count
	for r, n := range c.byRule {
		if n > 0 && rule(r) != bySet {
			out = append(out, Count{rule(r).String(), n})
		}
	}
	for i, n := range c.bySet {
		if n > 0 {
			set := c.sets.Set(i)
			out = append(out, Count{set.Topic + " " + set.Version, n})
		}
	}
	return out
}
