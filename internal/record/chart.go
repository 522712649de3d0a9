package record

// Chart holds the entries of one answer, by section.
type Chart struct {
	Allergies     []Allergy
	Medicines     []Medicine
	Problems      []Problem
	Alerts        []Alert
	Plans         []Plan
	Legal         []LegalStatus
	Results       []Report
	Imaging       []Report
	Measurements  []Measurement
	Encounters    []Encounter
	Consultations []Consultation
	Appointments  []Appointment
	Referrals     []Referral
	Immunisations []Immunisation
	Procedures    []Procedure
	Documents     []Document
	SocialCare    []SocialCareEntry
	AboutMe       []AboutMeEntry
	Network       []Contact
	History       []HistoryEntry
	Other         []OtherEntry
}

// Heads calls yield with the head of every entry of the section; it is the one place that knows which slice holds which section.
func (c *Chart) Heads(s Section, yield func(*Head)) {
	switch s {
	case Allergies:
		each(c.Allergies, yield)
	case Medicines:
		each(c.Medicines, yield)
	case Problems:
		each(c.Problems, yield)
	case Alerts:
		each(c.Alerts, yield)
	case Plans:
		each(c.Plans, yield)
	case Legal:
		each(c.Legal, yield)
	case Results:
		each(c.Results, yield)
	case Imaging:
		each(c.Imaging, yield)
	case Measurements:
		each(c.Measurements, yield)
	case Encounters:
		each(c.Encounters, yield)
	case Consultations:
		each(c.Consultations, yield)
	case Appointments:
		each(c.Appointments, yield)
	case Referrals:
		each(c.Referrals, yield)
	case Immunisations:
		each(c.Immunisations, yield)
	case Procedures:
		each(c.Procedures, yield)
	case Documents:
		each(c.Documents, yield)
	case SocialCare:
		each(c.SocialCare, yield)
	case AboutMe:
		each(c.AboutMe, yield)
	case Network:
		each(c.Network, yield)
	case History:
		each(c.History, yield)
	case Other:
		each(c.Other, yield)
	}
}

func each[T any, P interface {
	*T
	Entry
}](list []T, yield func(*Head)) {
	for i := range list {
		yield(P(&list[i]).Base())
	}
}

// Count is how many received resources the entries of the section account for; Rows how many entries it has.
func (c *Chart) Count(s Section) (resources, rows int) {
	c.Heads(s, func(h *Head) { resources, rows = resources+h.Count(), rows+1 })
	return resources, rows
}
