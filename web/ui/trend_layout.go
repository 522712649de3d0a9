package ui

import (
	"math"
	"strconv"
)

// The chart's drawing area, in units of its viewBox.
const (
	chartLeft, chartRight   = 40.0, 430.0
	chartTop, chartBottom   = 24.0, 180.0
	chartInset              = 36.0 // room for the first and last label inside the area
	chartLabel, chartNumber = 68.0, 26.0
)

// trendLayout is a Trend with every position worked out.
type trendLayout struct {
	Ticks          []tick
	Marks          []mark
	Line           string
	BandTop, Band  float64
	BandText       string
	HasBand, Drawn bool
}

type tick struct {
	Y    float64
	Text string
}

type mark struct {
	X, Y, NumberY, LabelY float64
	Point                 TrendPoint
	// ShowNumber and ShowLabel are false where the text would run into the one before; the table has it.
	ShowNumber, ShowLabel bool
}

// layout places the points. Positions are worked out from the values; the values shown are the strings as sent.
func (t Trend) layout() trendLayout {
	l := trendLayout{Marks: make([]mark, 0, len(t.Points))}
	ys := make([]float64, 0, len(t.Points)+2)
	for _, p := range t.Points {
		if y, ok := decimal(p.Value); ok {
			l.Marks = append(l.Marks, mark{Y: y, Point: p})
			ys = append(ys, y)
		}
	}
	if len(ys) < 2 {
		return l
	}
	l.Drawn = true
	low, hasLow := decimal(t.Low)
	high, hasHigh := decimal(t.High)
	l.HasBand = hasLow && hasHigh && low < high
	if l.HasBand {
		ys = append(ys, low, high)
	}
	bottom, step := scale(ys)
	y := func(v float64) float64 { return chartBottom - (v-bottom)/(3*step)*(chartBottom-chartTop) }
	for i := range 4 {
		v := bottom + float64(i)*step
		l.Ticks = append(l.Ticks, tick{Y: y(v), Text: strconv.FormatFloat(v, 'f', -1, 64)})
	}
	if l.HasBand {
		l.BandTop, l.Band = y(high), y(low)-y(high)
		l.BandText = "Range given by source: " + t.Low + " to " + t.High
	}
	l.place(y)
	return l
}

// place turns days and values into coordinates and drops labels that would overlap.
func (l *trendLayout) place(y func(float64) float64) {
	first, last := l.Marks[0].Point.Day, l.Marks[len(l.Marks)-1].Point.Day
	days := math.Max(1, float64(last-first))
	rows := [2]float64{-chartLabel, -chartLabel}
	number, row := -chartNumber, 0
	line := make([]byte, 0, 16*len(l.Marks))
	for i := range l.Marks {
		m := &l.Marks[i]
		m.X = chartLeft + chartInset + float64(m.Point.Day-first)/days*(chartRight-chartLeft-2*chartInset)
		m.Y = y(m.Y)
		m.NumberY = m.Y - 9
		if m.ShowNumber = m.X-number >= chartNumber; m.ShowNumber {
			number = m.X
		}
		m.LabelY = 196 + 14*float64(row)
		if m.ShowLabel = m.X-rows[row] >= chartLabel; m.ShowLabel {
			rows[row] = m.X
			row = 1 - row
		}
		line = append(strconv.AppendFloat(line, m.X, 'f', 1, 64), ',')
		line = append(strconv.AppendFloat(line, m.Y, 'f', 1, 64), ' ')
	}
	l.Line = string(line)
}

// scale gives the bottom of the axis and a step of 1, 2 or 5 times a power of ten such that three steps hold all values.
func scale(values []float64) (bottom, step float64) {
	low, high := values[0], values[0]
	for _, v := range values {
		low, high = math.Min(low, v), math.Max(high, v)
	}
	if low == high {
		high = low + 1
	}
	power := math.Pow(10, math.Floor(math.Log10((high-low)/3)))
	for _, m := range []float64{1, 2, 2.5, 5, 10, 20} {
		step = m * power
		bottom = math.Floor(low/step) * step
		if bottom+3*step >= high {
			break
		}
	}
	return bottom, step
}

// decimal reads a plain decimal such as "131" or "-0.5"; "< 5" and "12 (repeat)" are none, so they are not drawn.
func decimal(s string) (float64, bool) {
	for i := 0; i < len(s); i++ {
		if !digit(s[i]) && s[i] != '.' && !(i == 0 && s[i] == '-') {
			return 0, false
		}
	}
	v, err := strconv.ParseFloat(s, 64)
	return v, err == nil
}
