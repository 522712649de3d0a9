package sensitive

import "ribble/internal/record"

// spread withholds every entry that tells of a withheld one, and what tells of that, until nothing more is found: an encounter with the
// diagnosis, a report with the result, an appointment or a medicine for the reason, a consultation that lists it, a second showing of it.
func (c *clearing) spread(chart *record.Chart) {
	c.spreading = true
	for c.found = true; c.found; {
		c.found = false
		c.filter(chart)
	}
}

// unlink removes from what stays every reference to what was taken out.
func (c *clearing) unlink(chart *record.Chart) {
	for s := range record.AllSections.All {
		chart.Heads(s, func(h *record.Head) {
			if rare := h.Rare; rare != nil {
				c.blank(&rare.Encounter)
				rare.Tells = c.others(rare.Tells)
			}
		})
	}
	for i := range chart.Problems {
		p := &chart.Problems[i]
		p.Links = c.visible(p.Links)
		relations := p.Relations[:0]
		for _, r := range p.Relations {
			if !c.hidden.has(r.To.Key) {
				relations = append(relations, r)
			}
		}
		clear(p.Relations[len(relations):])
		p.Relations = relations
	}
	for i := range chart.Referrals {
		chart.Referrals[i].Attachments = c.visible(chart.Referrals[i].Attachments)
	}
	for i := range chart.Encounters {
		c.blank(&chart.Encounters[i].Stay)
		c.diagnoses(&chart.Encounters[i])
	}
	for i := range chart.Medicines {
		c.blank(&chart.Medicines[i].Prior)
	}
}

// diagnoses drops those whose own entry the role may not see.
func (c *clearing) diagnoses(e *record.Encounter) {
	kept := e.Diagnoses[:0]
	for _, d := range e.Diagnoses {
		if !c.hidden.has(d.Ref.Key) {
			kept = append(kept, d)
		}
	}
	clear(e.Diagnoses[len(kept):])
	e.Diagnoses = kept
}

func (c *clearing) blank(r *record.Ref) {
	if c.hidden.has(r.Key) {
		*r = record.Ref{}
	}
}

func (c *clearing) visible(refs []record.Ref) []record.Ref {
	kept := refs[:0]
	for _, r := range refs {
		if !c.hidden.has(r.Key) {
			kept = append(kept, r)
		}
	}
	clear(refs[len(kept):])
	return kept
}

func (c *clearing) others(list []record.ItemKey) []record.ItemKey {
	kept := list[:0]
	for _, k := range list {
		if !c.hidden.has(k) {
			kept = append(kept, k)
		}
	}
	return kept
}
