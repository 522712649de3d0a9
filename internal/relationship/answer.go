package relationship

import (
	"time"

	"ribble/internal/record"
)

// ContactLife is how far back or ahead a contact with the organisation speaks for a relationship.
const ContactLife = 90 * 24 * time.Hour

// FromAnswer finds what an organisation's own answer says of a relationship between it and the person: an admission or contact that is current, or
// at most ninety days away, or an open referral. The evidence holds from the time of the answer for a day: longer it would outlive what it rests on.
func FromAnswer(a *record.Answer, organisation string, at time.Time) []Evidence {
	var out []Evidence
	add := func(kind Kind) {
		out = append(out, Evidence{Kind: kind, Organisation: organisation, From: at, Until: at.Add(24 * time.Hour)})
	}
	if organisation == "" || a.Source.Organisation.ODS != organisation {
		return nil
	}
	if attends(a, at) {
		add(Attending)
	}
	for i := range a.Chart.Referrals {
		if a.Chart.Referrals[i].Phase == record.Current {
			add(Referred)
			break
		}
	}
	return out
}

func attends(a *record.Answer, at time.Time) bool {
	for i := range a.Chart.Encounters {
		if near(&a.Chart.Encounters[i].Head, at) {
			return true
		}
	}
	for i := range a.Chart.Appointments {
		if near(&a.Chart.Appointments[i].Head, at) {
			return true
		}
	}
	return false
}

// near reports whether a contact is going on, or was or will be within ninety days. One that was cancelled, missed or ruled out is no contact,
// and one without a date says nothing of when, unless it is going on.
func near(h *record.Head, at time.Time) bool {
	switch h.Phase {
	case record.NotDone, record.Refuted, record.Withdrawn, record.Draft:
		return false
	case record.Current:
		return !h.When.Start.After(at.Add(ContactLife))
	case record.PhaseUnknown, record.Ended, record.Planned, record.Preliminary, record.Unconfirmed:
	}
	for _, d := range []record.PartialDate{h.When.Start, h.When.End} {
		if start, ok := d.Start(); ok && start.After(at.Add(-ContactLife)) && start.Before(at.Add(ContactLife)) {
			return true
		}
	}
	return false
}
