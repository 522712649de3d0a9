package sensitive

import "ribble/internal/record"

// unlink removes every reference to what was taken out. A consultation whose text could tell of a hidden entry goes as a whole, because
// free text cannot be filtered by code (section 0.7 of the section catalogue).
func (c *clearing) unlink(chart *record.Chart) {
	// First, because what is hidden with a consultation must not be referred to either.
	c.consultations(chart)
	for i := range chart.Problems {
		p := &chart.Problems[i]
		p.Links = c.visible(p.Links)
		relations := p.Relations[:0]
		for _, r := range p.Relations {
			if !c.hidden[r.To.Key] {
				relations = append(relations, r)
			}
		}
		p.Relations = relations
	}
	for i := range chart.Referrals {
		chart.Referrals[i].Attachments = c.visible(chart.Referrals[i].Attachments)
	}
	for i := range chart.Encounters {
		e := &chart.Encounters[i]
		diagnoses := e.Diagnoses[:0]
		for _, d := range e.Diagnoses {
			if !c.hidden[d.Ref.Key] {
				diagnoses = append(diagnoses, d)
			}
		}
		e.Diagnoses = diagnoses
	}
	for i := range chart.Medicines {
		if c.hidden[chart.Medicines[i].Prior.Key] {
			chart.Medicines[i].Prior = record.Ref{}
		}
	}
}

func (c *clearing) visible(refs []record.Ref) []record.Ref {
	kept := refs[:0]
	for _, r := range refs {
		if r.Key.ID == "" || !c.hidden[r.Key] {
			kept = append(kept, r)
		}
	}
	return kept
}

func (c *clearing) consultations(chart *record.Chart) {
	kept := chart.Consultations[:0]
	for i := range chart.Consultations {
		if c.tells(&chart.Consultations[i]) {
			c.hide(record.Consultations, &chart.Consultations[i].Head)
			continue
		}
		kept = append(kept, chart.Consultations[i])
	}
	clear(chart.Consultations[len(kept):])
	chart.Consultations = kept
}

func (c *clearing) tells(consultation *record.Consultation) bool {
	for _, t := range consultation.Topics {
		for _, p := range t.Problems {
			if c.hidden[p.Key] {
				return true
			}
		}
		for _, h := range t.Headings {
			for _, item := range h.Items {
				if item.Ref.Key.ID != "" && c.hidden[item.Ref.Key] {
					return true
				}
			}
		}
	}
	return false
}
