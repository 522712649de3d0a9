package sensitive

import (
	"slices"
	"strings"
	"time"

	"ribble/internal/record"
)

// dissent gathers what an answer says about whether the person agrees to its being shared. Doubt counts against sharing.
type dissent struct {
	at time.Time
	// denied is a consent in force that denies; undated a refusal that nothing can be later than.
	denied, undated bool
	// refused is the end of the latest refusal's date, given the start of the latest agreement's.
	refused, given time.Time
}

// hear takes in one entry. An entry that was ruled out or never happened says nothing; one that has ended does, because GP systems end
// problems by themselves after a while.
func (d *dissent) hear(h *record.Head, r *reading) {
	if !r.refused && !r.given && !r.denies {
		return
	}
	switch h.Phase {
	case record.Refuted, record.NotDone, record.Withdrawn:
		return
	case record.PhaseUnknown, record.Current, record.Ended, record.Planned, record.Draft, record.Preliminary, record.Unconfirmed:
	}
	if r.denies && (h.Phase == record.Current || h.Phase == record.PhaseUnknown) && !over(h.When, d.at) {
		d.denied = true
	}
	if r.refused {
		d.refuse(h)
	}
	if r.given {
		d.agree(h)
	}
}

func (d *dissent) refuse(h *record.Head) {
	dated := false
	for _, date := range [...]record.PartialDate{h.When.Start, h.Recorded} {
		if until, ok := end(date); ok {
			dated = true
			if until.After(d.refused) {
				d.refused = until
			}
		}
	}
	d.undated = d.undated || !dated
}

func (d *dissent) agree(h *record.Head) {
	date := h.When.Start
	if !date.Valid() {
		date = h.Recorded
	}
	if from, ok := date.Start(); ok && !from.After(d.at) && from.After(d.given) {
		d.given = from
	}
}

// stands reports that the source must not be shown: a denial, a refusal without a date, or one without an agreement that is surely later.
func (d *dissent) stands() bool {
	return d.denied || d.undated || !d.refused.IsZero() && d.given.Before(d.refused)
}

// end is the instant at which all of a date is over.
func end(d record.PartialDate) (time.Time, bool) {
	from, ok := d.Start()
	if !ok {
		return time.Time{}, false
	}
	switch d.Precision {
	case record.Year:
		return from.AddDate(1, 0, 0), true
	case record.Month:
		return from.AddDate(0, 1, 0), true
	case record.Day:
		return from.AddDate(0, 0, 1), true
	case record.Minute:
		return from.Add(time.Minute), true
	case record.Second, record.None, record.Bad:
	}
	return from.Add(time.Second), true
}

func over(p record.Period, at time.Time) bool {
	until, ok := end(p.End)
	return ok && !until.After(at)
}

// denies reports a FHIR Consent (R4 Consent.provision.type "deny") that is about sharing: one about research or about treatment is not.
func denies(e *record.LegalStatus) bool {
	if e.Kind != "Consent" || e.Context != "denies" {
		return false
	}
	if e.Rare != nil && slices.ContainsFunc(e.Rare.Codes, func(c record.Coding) bool { return c.Code == "research" || c.Code == "treatment" }) {
		return false
	}
	for _, f := range e.Facts {
		if about := strings.ToLower(f.Text); f.Label == "About" && (strings.Contains(about, "research") || strings.Contains(about, "treatment")) {
			return false
		}
	}
	return true
}

// withholdAll empties the answer of a source that the person has chosen not to share. It is a refusal like one that the source itself gives.
func (c *clearing) withholdAll(chart *record.Chart) {
	a := &c.cleared.answer
	a.State, a.Detail, a.Patients, a.Warnings = record.Refused, NotShared, nil, nil
	c.cleared.warnings = nil
	for s := range record.AllSections.All {
		chart.Heads(s, func(h *record.Head) { c.hide(s, h, byDissent, 0) })
		if cover := &a.Coverage[s]; cover.State != record.NotAsked {
			*cover = record.Coverage{State: record.Refused, Detail: NotShared}
		}
	}
	*chart = record.Chart{}
}
