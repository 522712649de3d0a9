package section

import (
	"slices"

	"ribble/internal/merge"
	"ribble/internal/record"
	"ribble/web/panel"
)

// measurements shows vital signs and scores newest first; a score's parts stand under it and nothing is recomputed (section 13 of the section catalogue).
func measurements(v *View) Content {
	all := entries(v, func(c *record.Chart) []record.Measurement { return c.Measurements })
	groups := order(v, merge.Entries(all, measurementKey), func(a, b *record.Measurement) int { return newest(&a.Head, &b.Head) })
	return lists(v,
		sublist[record.Measurement]{heading: "Scores", one: "score", many: "scores", columns: measurementColumns(v), groups: pick(groups, func(m *record.Measurement) bool { return m.Score }), behind: scoreParts},
		sublist[record.Measurement]{heading: "Measurements", one: "measurement", many: "measurements", columns: measurementColumns(v), groups: pick(groups, func(m *record.Measurement) bool { return !m.Score }), behind: members},
	)
}

// measurementKey: same code, same time to the minute, same lexical value and unit, same position.
func measurementKey(m *record.Measurement) merge.Key {
	if m.When.Start.Precision < record.Minute {
		return merge.Key{}
	}
	return merge.Key{Code: m.Result.Test.MatchCode(), Detail: m.Result.Value.Display() + "|" + m.Position + "|" + components(&m.Result), Date: m.When.Start.Text, Phase: m.Phase}
}

func measurementColumns(v *View) []column[record.Measurement] {
	return []column[record.Measurement]{
		{"Measurement", 26, func(m *record.Measurement) panel.Cell {
			c := v.strong(firstOf(m.Result.Test.Name(), "Measurement not named by the source"))
			if m.Phase == record.Preliminary {
				c.Lines = append([]panel.Line{{Text: "PRELIMINARY", Kind: panel.TagLoud}}, c.Lines...)
			}
			return v.with(c, panel.Sub, commas(m.Position, m.Device))
		}},
		{"Value and unit", 26, func(m *record.Measurement) panel.Cell {
			c := v.strong(m.Result.Value.Display())
			if !m.Score {
				c = v.with(c, panel.Strong, components(&m.Result))
			}
			c = v.with(c, panel.Sub, labelled("no value:", m.Result.Rarely().Absent.Name()))
			for _, comment := range m.Result.Comments {
				c = v.with(c, panel.Plain, comment)
			}
			return details(v, c, &m.Head)
		}},
		{"Range and flag", 14, func(m *record.Measurement) panel.Cell {
			var c panel.Cell
			for _, r := range m.Result.Ranges {
				c = v.with(c, panel.Plain, r.Display())
			}
			return v.with(c, panel.TagRed, m.Result.Flag)
		}},
		{"Date", 14, func(m *record.Measurement) panel.Cell {
			return v.with(v.plain(v.when(m.When)), panel.Sub, measurementStatus(m))
		}},
	}
}

func measurementStatus(m *record.Measurement) string {
	if m.RawStatus == "final" || m.RawStatus == "unknown" {
		return ""
	}
	return m.RawStatus
}

// components writes the parts of one observation in one line. Systolic and diastolic of one observation read "120/80 mmHg".
func components(r *record.Result) string {
	list := r.Rarely().Components
	if len(list) == 2 && bloodPressure(list[0].Test, systolic) && bloodPressure(list[1].Test, diastolic) {
		a, b := list[0].Value.Quantity, list[1].Value.Quantity
		if a.Value != "" && b.Value != "" && a.Unit == b.Unit {
			return a.Comparator + a.Value + "/" + b.Comparator + b.Value + " " + a.Unit
		}
	}
	s := ""
	for _, c := range list {
		value := c.Value.Display()
		if value == "" {
			value = orNotGiven(c.Rarely().Absent.Name())
		}
		s = semicolons(s, c.Test.Name()+" "+value)
	}
	return s
}

var (
	systolic  = map[string]bool{"72313002": true, "271649006": true, "163030003": true, "400974009": true, "407554009": true, "407556006": true, "8480-6": true}
	diastolic = map[string]bool{"1091811000000102": true, "271650006": true, "163031004": true, "400975005": true, "407555005": true, "407557002": true, "8462-4": true}
)

func bloodPressure(c record.Concept, codes map[string]bool) bool {
	for _, k := range c.Codings {
		if codes[k.Code] {
			return true
		}
	}
	return false
}

func scoreParts(m *record.Measurement) (what string, rows [][]string) {
	rare := m.Result.Rarely()
	return "Parts of the score, as sent", parts(slices.Concat(rare.Components, rare.Members))
}

// members are measurements sent as parts of another; its components stand in its own row.
func members(m *record.Measurement) (what string, rows [][]string) {
	return "Parts, as sent", parts(m.Result.Rarely().Members)
}

func parts(list []record.Result) (rows [][]string) {
	for i := range list {
		part := &list[i]
		rare := part.Rarely()
		row := []string{part.Test.Name(), orNotGiven(firstOf(part.Value.Display(), rare.Absent.Name()))}
		if part.Flag != "" {
			row = append(row, part.Flag)
		}
		if c := components(part); c != "" {
			row = append(row, c)
		}
		rows = append(append(rows, append(row, part.Comments...)), parts(rare.Members)...)
	}
	return rows
}
