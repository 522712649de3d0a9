package section

import (
	"slices"

	"ribble/internal/record"
)

// Named is one entry in a line of words, by which its reader knows it again.
type Named struct {
	Key record.ItemKey
	// Date is when it was, else when it was recorded; empty where the source sent neither. Words name it, By says who is named for it.
	Date, Words, By string

	at record.PartialDate
}

// Names are the entries of one section of one answer, the newest first.
func Names(a *record.Answer, s record.Section) []Named {
	words := namesOf(&a.Chart, s)
	out := make([]Named, 0, len(words))
	a.Chart.Heads(s, func(h *record.Head) {
		date := h.When.Start
		if date.IsZero() {
			date = h.Recorded
		}
		n := Named{Key: h.Key, Words: unsettled(h.Phase) + firstOf(words[len(out)], "not named by the source"), By: author(h), at: date}
		if !date.IsZero() {
			n.Date = date.Display()
		}
		out = append(out, n)
	})
	slices.SortStableFunc(out, func(a, b Named) int { return b.at.Compare(a.at) })
	return out
}

// namesOf are the names of the entries of a section, in the order of record.Chart.Heads.
func namesOf(c *record.Chart, s record.Section) []string {
	switch s {
	case record.Allergies:
		return eachName(c.Allergies, func(e *record.Allergy) string { return e.Agent.Name() })
	case record.Medicines:
		return eachName(c.Medicines, func(e *record.Medicine) string { return commas(e.Product.Name(), e.Dose) })
	case record.Problems:
		return eachName(c.Problems, func(e *record.Problem) string { return e.Problem.Name() })
	case record.Alerts:
		return eachName(c.Alerts, func(e *record.Alert) string { return commas(e.Kind.String(), e.Alert.Name()) })
	case record.Plans:
		return eachName(c.Plans, planName)
	case record.Legal:
		return eachName(c.Legal, func(e *record.LegalStatus) string { return commas(e.Kind, e.Status.Name()) })
	case record.Results:
		return eachName(c.Results, reportTitle)
	case record.Imaging:
		return eachName(c.Imaging, reportTitle)
	case record.Measurements:
		return eachName(c.Measurements, func(e *record.Measurement) string { return commas(e.Result.Test.Name(), e.Result.Value.Display()) })
	case record.Encounters:
		return eachName(c.Encounters, func(e *record.Encounter) string {
			return commas(e.Setting.String(), commas(e.Service.Name(), concepts(e.Reasons)))
		})
	case record.Consultations:
		return eachName(c.Consultations, func(e *record.Consultation) string { return commas(e.Type.Name(), e.Place) })
	case record.Appointments:
		return eachName(c.Appointments, func(e *record.Appointment) string { return commas(firstOf(e.Service.Name(), e.Type.Name()), e.Place) })
	case record.Referrals:
		return eachName(c.Referrals, func(e *record.Referral) string { return firstOf(e.Reason.Name(), e.Service.Name()) })
	case record.Immunisations:
		return eachName(c.Immunisations, func(e *record.Immunisation) string { return firstOf(e.Vaccination.Name(), e.Product.Name()) })
	case record.Procedures:
		return eachName(c.Procedures, func(e *record.Procedure) string { return e.Procedure.Name() })
	case record.Documents:
		return eachName(c.Documents, func(e *record.Document) string { return firstOf(e.Title, e.Type.Name()) })
	case record.SocialCare:
		return eachName(c.SocialCare, func(e *record.SocialCareEntry) string { return commas(e.Kind.String(), e.What.Name()) })
	case record.AboutMe:
		return eachName(c.AboutMe, func(e *record.AboutMeEntry) string { return commas(e.Heading, e.What.Name()) })
	case record.Network:
		return eachName(c.Network, func(e *record.Contact) string { return e.Actor.Display() })
	case record.History:
		return eachName(c.History, func(e *record.HistoryEntry) string { return commas(e.Topic.Name(), e.Relation.Name()) })
	case record.Other:
		return eachName(c.Other, func(e *record.OtherEntry) string { return commas(e.TypeWords, e.Name.Name()) })
	}
	return nil
}

func eachName[T any](list []T, of func(*T) string) []string {
	out := make([]string, len(list))
	for i := range list {
		out[i] = of(&list[i])
	}
	return out
}
