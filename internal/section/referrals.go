package section

import (
	"ribble/internal/merge"
	"ribble/internal/record"
	"ribble/web/panel"
)

// referrals shows referrals and requests for care newest first; one here was written, which does not mean that it was received
// (section 10 of the section catalogue).
func referrals(v *View) Content {
	all := entries(v, func(c *record.Chart) []record.Referral { return c.Referrals })
	groups := order(v, merge.Entries(all, func(r *record.Referral) merge.Key {
		if r.RequestNumber == "" {
			return merge.Key{}
		}
		return merge.Key{Code: r.RequestNumber, Phase: r.Phase}
	}), func(a, b *record.Referral) int { return newest(&a.Head, &b.Head) })
	c := lists(v, sublist[record.Referral]{columns: referralColumns(v), groups: groups})
	if len(groups) > 0 {
		c.Blocks = append([]panel.Block{panel.Standing{Lead: "A referral here means that it was written, not that it was received."}}, c.Blocks...)
	}
	return c
}

func referralColumns(v *View) []column[record.Referral] {
	return []column[record.Referral]{
		{"Reason", 22, func(r *record.Referral) panel.Cell {
			c := v.strong(firstOf(r.Reason.Name(), r.Service.Name(), "Reason not given"))
			if r.Service.Name() != r.Reason.Name() {
				c = v.with(c, panel.Sub, r.Service.Name())
			}
			return v.with(c, panel.Sub, r.Specialty.Name())
		}},
		{"Detail", 26, func(r *record.Referral) panel.Cell {
			c := v.with(v.plain(r.Description), panel.Sub, labelled("request number", r.RequestNumber))
			for _, a := range r.Attachments {
				c = v.with(c, panel.Sub, labelled("attached:", a.Words))
			}
			return details(v, c, &r.Head)
		}},
		{"Written", 16, func(r *record.Referral) panel.Cell {
			return v.with(v.with(v.plain(v.when(r.When)), panel.Sub, r.Urgency), panel.Sub, referralStatus(r))
		}},
		{"From, to", 12, func(r *record.Referral) panel.Cell {
			return v.with(v.plain(labelled("to", actors(r.To))), panel.Sub, labelled("from", actors(r.From)))
		}},
	}
}

func referralStatus(r *record.Referral) string {
	if r.RawStatus == "" || r.RawStatus == "unknown" {
		return "outcome not recorded by the source"
	}
	return r.RawStatus
}
