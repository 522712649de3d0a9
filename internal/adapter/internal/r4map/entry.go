package r4map

import (
	"strconv"

	"ribble/internal/adapter/internal/r4"
	"ribble/internal/record"
)

// put gives an item its fate, once.
func (m *mapper) put(i int, f record.Fate) {
	if it := &m.items[i]; !it.placed {
		it.placed, it.fate = true, f
	}
}

// use marks what an entry names without being a row itself.
func (m *mapper) use(i int) {
	m.put(i, record.Used)
	m.marks = append(m.marks, m.items[i].r.Head().Meta.Labels()...)
}

// said are those of a concept that the row shows in words alone; its codes are kept, because the sensitive filter must judge every code of an entry.
func (m *mapper) said(c record.Concept) string {
	m.codes = append(m.codes, c.Codings...)
	return c.Name()
}

// speaksOf notes that the meaning of another item stands in the row being built.
func (m *mapper) speaksOf(i int) { m.tells = append(m.tells, m.items[i].key) }

// take marks an item as part of the entry being built; false when it has a fate already.
func (m *mapper) take(i int) bool {
	if m.items[i].placed {
		return false
	}
	m.items[i].placed = true
	m.taken = append(m.taken, i)
	return true
}

// show places the item and all it took in, and reports whether the section may be shown; if not, they are held back together.
func (m *mapper) show(s record.Section, i int, h *record.Head) bool {
	shown := m.Asked.Has(s)
	fate := record.HeldBack
	if shown {
		fate = record.Shown
	}
	m.items[i].fate = fate
	if len(m.taken) > 0 {
		h.Add().Covers = make([]record.ItemKey, 0, len(m.taken))
	}
	for _, t := range m.taken {
		m.items[t].fate = fate
		h.Rare.Covers = append(h.Rare.Covers, m.items[t].key)
		// A mark on a part is a mark on the whole: it is shown, or withheld, together.
		h.Labelled(m.items[t].r.Head().Meta.Labels())
	}
	m.taken = m.taken[:0]
	h.Coded(m.codes)
	h.Labelled(m.marks)
	if len(m.tells) > 0 {
		h.Add().Tells = append(h.Rare.Tells, m.tells...)
	}
	return shown
}

// also reports whether a second showing may stand in the section, and makes the head that of one.
func (m *mapper) also(s record.Section, h *record.Head) bool {
	*h = h.Again()
	return m.Asked.Has(s)
}

// head begins an entry: from here on nothing else may take the item in, and show must follow.
func (m *mapper) head(i int, identifiers []r4.Identifier, status string) record.Head {
	it := &m.items[i]
	it.placed = true
	m.codes, m.tells, m.marks = m.codes[:0], m.tells[:0], m.marks[:0]
	meta := &it.r.Head().Meta
	h := record.Head{
		Source: m.Source, Key: it.key, Identifiers: r4.Identifiers(m.identifiers.list(len(identifiers)), identifiers),
		RawStatus: status, Phase: m.phaseOf(it.key.Type, status),
	}
	if name, code := meta.Owner(); name != "" && code != m.Source.Organisation.ODS {
		h.Add().Owner = name
	}
	h.Labelled(meta.Labels())
	if it.versions {
		h.Flaw(record.Contradiction, "The source sent two versions of this entry.")
	}
	return h
}

// fact adds a detail unless nothing was sent for it.
func fact(h *record.Head, label, text string) {
	if text != "" {
		h.Facts = append(h.Facts, record.Fact{Label: label, Text: text})
	}
}

// dated checks the dates of an event: one that is none, or that lies in the future.
func (m *mapper) dated(h *record.Head, dates ...record.PartialDate) {
	for _, d := range dates {
		switch {
		case d.Precision == record.Bad:
			h.Flaw(record.BadDate, "A date sent is not a valid date.")
		case d.After(m.Now):
			h.Flaw(record.FutureDate, "Dated in the future.")
		}
	}
}

// named notes an entry whose code came without words, or not at all.
func named(h *record.Head, c record.Concept, absent string) {
	if c.Name() == "" {
		h.Flaw(record.NoName, absent)
	}
}

// tell raises the states of what could not be read, on the sections where it would have stood.
func (m *mapper) tell() {
	for s := range m.Asked.All {
		c := &m.answer.Coverage[s]
		if n := m.unread[s]; n > 0 {
			c.Raise(record.Uninterpretable, count(n, "entry cannot be read safely and is", "entries cannot be read safely and are")+" not shown.")
		}
		if n := m.odd[s]; n > 0 {
			c.Raise(record.Uninterpretable, count(n, "entry was not what was asked for and is", "entries were not what was asked for and are")+" not shown.")
		}
	}
}

func count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return strconv.Itoa(n) + " " + many
}
