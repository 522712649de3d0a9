package section

import (
	"time"

	"ribble/internal/merge"
	"ribble/internal/record"
	"ribble/web/panel"
)

// history shows pregnancy, social context and family history; gestation is never worked out (section 21 of the section catalogue).
func history(v *View) Content {
	all := entries(v, func(c *record.Chart) []record.HistoryEntry { return c.History })
	groups := order(v, merge.Entries(all, func(h *record.HistoryEntry) merge.Key {
		if h.Kind != record.Pregnancy || h.Value.Date.IsZero() {
			return merge.Key{}
		}
		return merge.Key{Code: h.Topic.MatchCode(), Date: h.Value.Date.Text, Phase: h.Phase}
	}), func(a, b *record.HistoryEntry) int { return newest(&a.Head, &b.Head) })
	list := func(heading string, want func(*record.HistoryEntry) bool) sublist[record.HistoryEntry] {
		return sublist[record.HistoryEntry]{heading: heading, one: "entry", many: "entries", columns: historyColumns(v), groups: pick(groups, want)}
	}
	return lists(v,
		list("Pregnancy", v.pregnantNow),
		list("Pregnancy history", func(h *record.HistoryEntry) bool { return h.Kind == record.Pregnancy && !v.pregnantNow(h) }),
		list("Social context", func(h *record.HistoryEntry) bool { return h.Kind == record.Social }),
		list("Family history", func(h *record.HistoryEntry) bool { return h.Kind == record.Family }),
	)
}

// pregnantNow reports an expected date of delivery between 42 days ago and 300 days ahead.
func (v *View) pregnantNow(h *record.HistoryEntry) bool {
	due, ok := h.Value.Date.Start()
	return h.Kind == record.Pregnancy && ok && due.After(v.Now.Add(-42*24*time.Hour)) && due.Before(v.Now.Add(300*24*time.Hour))
}

func historyColumns(v *View) []column[record.HistoryEntry] {
	return []column[record.HistoryEntry]{
		{"Topic", 22, func(h *record.HistoryEntry) panel.Cell {
			return v.with(v.strong(firstOf(h.Topic.Name(), "Not named by the source")), panel.Sub, h.Relation.Name())
		}},
		{"What the source says", 36, func(h *record.HistoryEntry) panel.Cell {
			c := v.plain(h.Value.Display())
			for _, f := range h.Conditions {
				c = v.with(c, panel.Plain, commas(f.Label, f.Text))
			}
			return details(v, c, &h.Head)
		}},
		{"Date", 16, func(h *record.HistoryEntry) panel.Cell {
			return v.with(v.plain(v.when(h.When)), panel.Sub, unusual(h.RawStatus))
		}},
	}
}
