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

// trendMarks prints the points of the chart with their numbers and dates.
func trendMarks(marks []mark) templ.Component {
	return appended(func(b []byte) []byte {
		for i := range marks {
			b = appendMark(b, &marks[i])
		}
		return b
	})
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
