package ui

import (
	"strconv"

	"github.com/a-h/templ"
)

// A trend has a mark and a row for each of its results, often some hundred, so both are printed by hand like [Clinical].

// trendRows prints the results as rows, newest first.
func trendRows(points []TrendPoint) templ.Component {
	return appended(func(b []byte) []byte {
		for i := range points {
			b = appendTrendRow(b, &points[len(points)-1-i])
		}
		return b
	})
}

func appendTrendRow(b []byte, p *TrendPoint) []byte {
	b = append(b, `<tr><th scope="row">`...)
	b = AppendEscaped(b, p.Label)
	b = append(b, `</th><td class="rb-num">`...)
	b = AppendClinical(b, p.Value)
	b = append(b, "</td><td>"...)
	if p.Preliminary {
		b = AppendTag(b, TagLoud, p.Status)
	} else {
		b = AppendClinical(b, p.Status)
	}
	return append(b, "</td></tr>"...)
}

// chart draws the results as a line with a mark for each.
func chart(t Trend, l trendLayout) templ.Component {
	return appended(func(b []byte) []byte {
		b = appendChartHead(b, &t, &l)
		if l.HasBand {
			b = appendBand(b, &l)
		}
		for _, k := range l.Ticks {
			b = appendLine(b, "grid", k.Y)
			b = appendAt(append(b, "<text"...), " x", chartLeft-6, " y", k.Y+4)
			b = append(b, ` text-anchor="end">`...)
			b = append(AppendEscaped(b, k.Text), "</text>"...)
		}
		b = append(append(append(b, `<polyline class="line" points="`...), l.Line...), `"></polyline>`...)
		for i := range l.Marks {
			b = appendMark(b, &l.Marks[i])
		}
		return append(b, "</svg>"...)
	})
}

// appendChartHead begins the drawing and says in words what it shows.
func appendChartHead(b []byte, t *Trend, l *trendLayout) []byte {
	first, last := &l.Marks[0].Point, &l.Marks[len(l.Marks)-1].Point
	for _, part := range [...]struct{ markup, text string }{
		{`<svg class="rb-chart" viewBox="0 0 440 214" role="img" aria-labelledby="`, t.ID}, {"-t ", t.ID}, {`-d"><title id="`, t.ID}, {`-t">`, t.Title}, {`</title><desc id="`, t.ID},
		{`-d">From `, first.Value}, {" on ", first.Label}, {" to ", last.Value}, {" on ", last.Label}, {". ", l.BandText},
	} {
		b = AppendEscaped(append(b, part.markup...), part.text)
	}
	return append(b, " The same numbers are in the table.</desc>"...)
}

// appendBand draws the range that the source gave.
func appendBand(b []byte, l *trendLayout) []byte {
	b = appendAt(append(b, `<rect class="band"`...), " x", chartLeft, " y", l.BandTop)
	b = append(appendAt(b, " width", chartRight-chartLeft, " height", l.Band), "></rect>"...)
	b = appendLine(appendLine(b, "bandedge", l.BandTop), "bandedge", l.BandTop+l.Band)
	b = append(appendAt(append(b, "<text"...), " x", chartLeft+6, " y", l.BandTop+14), '>')
	return append(AppendEscaped(b, l.BandText), "</text>"...)
}

// appendLine draws a level line across the chart.
func appendLine(b []byte, class string, y float64) []byte {
	b = append(append(append(b, `<line class="`...), class...), '"')
	b = appendAt(b, " x1", chartLeft, " x2", chartRight)
	return append(appendAt(b, " y1", y, " y2", y), "></line>"...)
}

func appendMark(b []byte, m *mark) []byte {
	point, number := "pt", "v"
	if m.Point.Preliminary {
		point, number = "pt pre", "v pret"
	}
	b = append(b, `<circle class="`...)
	b = append(b, point...)
	b = appendAt(append(b, '"'), " cx", m.X, " cy", m.Y)
	b = append(b, ` r="4.5"></circle>`...)
	if m.ShowNumber {
		b = append(b, `<text class="`...)
		b = append(b, number...)
		b = appendMarkText(append(b, '"'), m.X, m.NumberY, m.Point.Value)
	}
	if m.ShowLabel {
		b = appendMarkText(append(b, "<text"...), m.X, m.LabelY, m.Point.Label)
	}
	return b
}

// appendMarkText ends a text element that has begun.
func appendMarkText(b []byte, x, y float64, text string) []byte {
	b = appendAt(b, " x", x, " y", y)
	b = append(b, ` text-anchor="middle">`...)
	return append(AppendEscaped(b, text), "</text>"...)
}

// appendAt appends two coordinates as attributes.
func appendAt(b []byte, xName string, x float64, yName string, y float64) []byte {
	b = append(append(b, xName...), `="`...)
	b = strconv.AppendFloat(b, x, 'f', 1, 64)
	b = append(append(append(b, '"'), yName...), `="`...)
	return append(strconv.AppendFloat(b, y, 'f', 1, 64), '"')
}
