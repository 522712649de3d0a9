package sensitive

import (
	"ribble/internal/record"
	"ribble/internal/sensitive/codeset"
)

// clearing takes one answer through the rules.
type clearing struct {
	rules
	cleared *Cleared
	// entry is the reading of the entry at hand; it stands here because one for each would be an allocation for each.
	entry reading
	// hidden are the keys of everything taken out, so that no reference to it stays.
	hidden keys
	// spreading is set while entries are sought that tell of what is withheld; found says that one was.
	spreading, found bool
	// note hears of every entry taken out; nil except where versions of sets are compared.
	note func(record.Section, *record.Head, rule, codeset.Mask)
}

// oneSource points every entry at the answer's one source, which carries the time of retrieval and whether the NHS number was vouched for.
func (c *clearing) oneSource(unverified bool) {
	source := &c.cleared.answer.Source
	source.Unverified = unverified
	for s := range record.AllSections.All {
		c.cleared.answer.Chart.Heads(s, func(h *record.Head) { h.Source = source })
	}
}

// filter goes through every list of the chart, and takes out in place what the rules withhold.
func (c *clearing) filter(chart *record.Chart) {
	chart.Allergies = keep(c, record.Allergies, chart.Allergies, (*reading).allergy)
	chart.Medicines = keep(c, record.Medicines, chart.Medicines, (*reading).medicine)
	chart.Problems = keep(c, record.Problems, chart.Problems, (*reading).problem)
	chart.Alerts = keep(c, record.Alerts, chart.Alerts, (*reading).alert)
	chart.Plans = keep(c, record.Plans, chart.Plans, (*reading).plan)
	chart.Legal = keep(c, record.Legal, chart.Legal, (*reading).legal)
	chart.Results = keep(c, record.Results, chart.Results, (*reading).report)
	chart.Imaging = keep(c, record.Imaging, chart.Imaging, (*reading).report)
	chart.Measurements = keep(c, record.Measurements, chart.Measurements, (*reading).measurement)
	chart.Encounters = keep(c, record.Encounters, chart.Encounters, (*reading).encounter)
	chart.Consultations = keep(c, record.Consultations, chart.Consultations, (*reading).consultation)
	chart.Appointments = keep(c, record.Appointments, chart.Appointments, (*reading).appointment)
	chart.Referrals = keep(c, record.Referrals, chart.Referrals, (*reading).referral)
	chart.Immunisations = keep(c, record.Immunisations, chart.Immunisations, (*reading).immunisation)
	chart.Procedures = keep(c, record.Procedures, chart.Procedures, (*reading).procedure)
	chart.Documents = keep(c, record.Documents, chart.Documents, (*reading).document)
	chart.SocialCare = keep(c, record.SocialCare, chart.SocialCare, (*reading).social)
	chart.AboutMe = keep(c, record.AboutMe, chart.AboutMe, (*reading).aboutMe)
	chart.Network = keep(c, record.Network, chart.Network, (*reading).contact)
	chart.History = keep(c, record.History, chart.History, (*reading).history)
	chart.Other = keep(c, record.Other, chart.Other, (*reading).other)
}

// keep filters one list in place; read goes through what the kind of entry has beside its head.
func keep[T any, P interface {
	*T
	record.Entry
}](c *clearing, s record.Section, list []T, read func(*reading, *T)) []T {
	kept := 0
	for i := range list {
		head := P(&list[i]).Base()
		c.begin()
		c.entry.head(head)
		read(&c.entry, &list[i])
		if why, sets := c.verdict(s, head); why != shown {
			c.hide(s, head, why, sets)
			continue
		}
		if kept != i {
			list[kept] = list[i]
		}
		kept++
	}
	clear(list[kept:])
	return list[:kept]
}

func (c *clearing) begin() {
	c.entry = reading{sets: c.sets, beyond: c.beyond}
	if c.spreading {
		c.entry.withheld = c.hidden
	}
}

func (c *clearing) verdict(s record.Section, h *record.Head) (rule, codeset.Mask) {
	switch {
	case !c.spreading:
		c.dissent.hear(h, &c.entry)
		return c.judge(s, h, &c.entry)
	case c.entry.tells:
		c.found = true
		return byReference, 0
	}
	return shown, 0
}

// hide notes what is taken out. What the role may not see at all is no secret by itself, and what tells of it may stay.
func (c *clearing) hide(s record.Section, h *record.Head, why rule, sets codeset.Mask) {
	if c.hidden == nil {
		c.hidden = keys{}
	}
	secret := why != byRole
	c.hidden[h.Key] = c.hidden[h.Key] || secret
	for _, k := range h.Covers() {
		c.hidden[k] = c.hidden[k] || secret
	}
	if c.note != nil {
		c.note(s, h, why, sets)
		return
	}
	c.account(h)
	c.cleared.withheld[s]++
	c.cleared.byRule[why]++
	if why == bySet {
		sets.Each(func(i int) { c.cleared.bySet[i]++ })
	}
}

// account moves the entry, and all that it accounts for, from shown to held back.
func (c *clearing) account(h *record.Head) {
	for _, k := range h.Covers() {
		c.cleared.answer.Account.Move(k.Type, record.Shown, record.HeldBack)
	}
	if !h.CrossListed {
		c.cleared.answer.Account.Move(h.Key.Type, record.Shown, record.HeldBack)
	}
}

// stamp marks every document that may be opened with the rules of now.
func (c *clearing) stamp(chart *record.Chart) {
	stamp := c.rules.stamp()
	mark := func(list []record.Attachment) {
		for i := range list {
			list[i].Cleared = stamp
		}
	}
	for i := range chart.Documents {
		mark(chart.Documents[i].Attachments)
	}
	for _, reports := range [...][]record.Report{chart.Results, chart.Imaging} {
		for i := range reports {
			mark(reports[i].Rarely().Forms)
		}
	}
	for i := range chart.Plans {
		if a := chart.Plans[i].Attachment; a != nil {
			a.Cleared = stamp
		}
	}
	for i := range chart.Legal {
		if a := chart.Legal[i].Attachment; a != nil {
			a.Cleared = stamp
		}
	}
}

// settle says on each section that something is withheld, never what or how many.
func (c *clearing) settle() {
	for s, n := range c.cleared.withheld {
		if n > 0 {
			c.cleared.answer.Coverage[s].Raise(record.Withheld, ByPortal)
		}
	}
}
