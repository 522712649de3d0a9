// Package sensitive is the portal's own second filter: it takes whole entries out of an answer that the user's role may not see, together with every reference that could reveal them.
package sensitive

import (
	"ribble/internal/access"
	"ribble/internal/quarantine"
	"ribble/internal/record"
)

// Cleared is an answer that may be shown under one grant. Its fields are unexported: only Clear makes one, and merge and the page take nothing else.
type Cleared struct {
	answer   record.Answer
	warnings []string
	withheld [record.NumSections]int
}

// Answer is what may be shown.
func (c *Cleared) Answer() *record.Answer { return &c.answer }

// Warnings are the identity check's remarks about the answer: which details differ, never their values.
func (c *Cleared) Warnings() []string { return c.warnings }

// Withheld is how many entries of the section this portal hid: for the audit trail and the IG officer, never for the page.
func (c *Cleared) Withheld(s record.Section) int { return c.withheld[s] }

// ByPortal is the words for a section from which this portal itself left something out.
const ByPortal = "by this portal"

// Clear takes out of a checked answer what the grant does not open. A zero grant opens nothing at all.
func Clear(grant access.Grant, checked quarantine.Checked) *Cleared {
	c := clearing{grant: grant, cleared: &Cleared{answer: checked.Answer(), warnings: checked.Warnings()}}
	if !checked.Valid() {
		c.cleared.answer.Chart = record.Chart{}
	}
	c.oneSource(checked.NumberUnverified())
	chart := &c.cleared.answer.Chart
	c.restrictedAlerts(chart)
	for s := record.Section(0); int(s) < record.NumSections; s++ {
		c.section(s)
	}
	if len(c.hidden) > 0 {
		c.unlink(chart)
	}
	c.settle()
	return c.cleared
}

type clearing struct {
	grant   access.Grant
	cleared *Cleared
	// hidden are the keys of everything taken out, so that no reference to it stays.
	hidden map[record.ItemKey]bool
}

// oneSource points every entry at the answer's one source, which carries the time of retrieval and whether the NHS number was vouched for.
func (c *clearing) oneSource(unverified bool) {
	source := &c.cleared.answer.Source
	source.Unverified = unverified
	for s := range record.AllSections.All {
		c.cleared.answer.Chart.Heads(s, func(h *record.Head) { h.Source = source })
	}
}

// hides reports whether the entry must go, for the section it stands in.
func (c *clearing) hides(s record.Section, h *record.Head) bool {
	if !c.grant.Sections().Has(s) {
		return true
	}
	return labelRule.covers(h) && !c.grant.User().Holds(labelRule.opens)
}

func (c *clearing) hide(s record.Section, h *record.Head) {
	if c.hidden == nil {
		c.hidden = map[record.ItemKey]bool{}
	}
	c.hidden[h.Key] = true
	for _, k := range h.Covers {
		c.hidden[k] = true
		c.cleared.answer.Account.Move(k.Type, record.Shown, record.HeldBack)
	}
	if !h.CrossListed {
		c.cleared.answer.Account.Move(h.Key.Type, record.Shown, record.HeldBack)
	}
	c.cleared.withheld[s]++
}

// section filters one section in place.
func (c *clearing) section(s record.Section) {
	chart := &c.cleared.answer.Chart
	switch s {
	case record.Allergies:
		chart.Allergies = keep(c, s, chart.Allergies)
	case record.Medicines:
		chart.Medicines = keep(c, s, chart.Medicines)
	case record.Problems:
		chart.Problems = keep(c, s, chart.Problems)
	case record.Alerts:
		chart.Alerts = keep(c, s, chart.Alerts)
	case record.Plans:
		chart.Plans = keep(c, s, chart.Plans)
	case record.Legal:
		chart.Legal = keep(c, s, chart.Legal)
	case record.Results:
		chart.Results = keep(c, s, chart.Results)
	case record.Imaging:
		chart.Imaging = keep(c, s, chart.Imaging)
	case record.Measurements:
		chart.Measurements = keep(c, s, chart.Measurements)
	case record.Encounters:
		chart.Encounters = keep(c, s, chart.Encounters)
	case record.Consultations:
		chart.Consultations = keep(c, s, chart.Consultations)
	case record.Appointments:
		chart.Appointments = keep(c, s, chart.Appointments)
	case record.Referrals:
		chart.Referrals = keep(c, s, chart.Referrals)
	case record.Immunisations:
		chart.Immunisations = keep(c, s, chart.Immunisations)
	case record.Procedures:
		chart.Procedures = keep(c, s, chart.Procedures)
	case record.Documents:
		chart.Documents = keep(c, s, chart.Documents)
	case record.SocialCare:
		chart.SocialCare = keep(c, s, chart.SocialCare)
	case record.AboutMe:
		chart.AboutMe = keep(c, s, chart.AboutMe)
	case record.Network:
		chart.Network = keep(c, s, chart.Network)
	case record.History:
		chart.History = keep(c, s, chart.History)
	case record.Other:
		chart.Other = keep(c, s, chart.Other)
	}
}

func keep[T any, P interface {
	*T
	record.Entry
}](c *clearing, s record.Section, list []T) []T {
	kept := list[:0]
	for i := range list {
		head := P(&list[i]).Base()
		if c.hides(s, head) {
			c.hide(s, head)
			continue
		}
		kept = append(kept, list[i])
	}
	clear(list[len(kept):])
	return kept
}

// restrictedAlerts takes out alerts whose very kind is for few eyes.
func (c *clearing) restrictedAlerts(chart *record.Chart) {
	if c.grant.User().Holds(sensitiveActivity) {
		return
	}
	kept := chart.Alerts[:0]
	for i := range chart.Alerts {
		if chart.Alerts[i].SensitiveKind {
			c.hide(record.Alerts, &chart.Alerts[i].Head)
			continue
		}
		kept = append(kept, chart.Alerts[i])
	}
	clear(chart.Alerts[len(kept):])
	chart.Alerts = kept
}

// settle says on each section that something is withheld, never what or how many.
func (c *clearing) settle() {
	for s, n := range c.cleared.withheld {
		if n > 0 {
			c.cleared.answer.Coverage[s].Raise(record.Withheld, ByPortal)
		}
	}
}
