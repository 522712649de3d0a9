package page

import (
	"math"
	"strconv"
)

// Bars is a picture of counts: stacked bars, and the same numbers in a table.
type Bars struct {
	// ID is unique on the page. Title says what is drawn, Says it in a sentence for who does not see it.
	ID, Title, Says string
	// Key heads the first column of the table, Series the others: one to three.
	Key    string
	Series []string
	// Further head cells of the table that are not drawn.
	Further []string
	Bars    []Bar
	// Newest lists the table from the end.
	Newest bool
}

// Bar is one bar: its short label under the drawing, its full name in the table, and a count for each series.
type Bar struct {
	Label, Name string
	Parts       []int64
	// Further are cells of the table that are not drawn, one for each further head.
	Further []string
}

// The drawing is 900 by 200; its ground line is at 150.
const (
	barsLeft, barsRight = 40.0, 890.0
	barsTop, barsGround = 24.0, 150.0
	labelWidth          = 44.0
)

type barRect struct {
	Class               string
	X, Y, Width, Height string
}

type barText struct{ X, Y, Text string }

// barsLayout is where everything in the drawing stands.
type barsLayout struct {
	Rects          []barRect
	Totals, Labels []barText
	Grid           []barText
	Legend         []barText
	Squares        []barRect
}

// layout works the drawing out.
func (b Bars) layout() barsLayout {
	var l barsLayout
	top := niceTop(b.highest())
	scale := (barsGround - barsTop) / float64(top)
	for _, n := range []int64{top, top / 2} {
		if n > 0 {
			l.Grid = append(l.Grid, barText{at(barsLeft - 6), at(barsGround - float64(n)*scale), strconv.FormatInt(n, 10)})
		}
	}
	step := (barsRight - barsLeft) / float64(max(len(b.Bars), 1))
	width := math.Min(step*0.66, 60)
	every := max(1, int(math.Ceil(labelWidth/step)))
	for i, bar := range b.Bars {
		middle := barsLeft + step*(float64(i)+0.5)
		y := barsGround
		for s, n := range bar.Parts {
			height := float64(n) * scale
			y -= height
			if n > 0 {
				l.Rects = append(l.Rects, barRect{"b" + strconv.Itoa(s+1), at(middle - width/2), at(y), at(width), at(height)})
			}
		}
		if i%every == 0 {
			l.Labels = append(l.Labels, barText{at(middle), at(barsGround + 16), bar.Label})
		}
		if step >= 24 && len(b.Bars) <= 31 {
			l.Totals = append(l.Totals, barText{at(middle), at(y - 5), strconv.FormatInt(bar.total(), 10)})
		}
	}
	l.legend(b.Series)
	return l
}

func (l *barsLayout) legend(series []string) {
	if len(series) < 2 {
		return
	}
	x := barsLeft
	for i, name := range series {
		l.Squares = append(l.Squares, barRect{Class: "b" + strconv.Itoa(i+1), X: at(x), Y: "180", Width: "12", Height: "12"})
		l.Legend = append(l.Legend, barText{at(x + 18), "190", name})
		x += 42 + 7*float64(len(name))
	}
}

func (b Bar) total() int64 {
	var n int64
	for _, p := range b.Parts {
		n += p
	}
	return n
}

func (b Bars) highest() int64 {
	var n int64
	for _, bar := range b.Bars {
		n = max(n, bar.total())
	}
	return n
}

// niceTop is the least of 2, 4, 10, 20, 40, 100 ... that is not less than n: half of it is a whole number too.
func niceTop(n int64) int64 {
	for ten := int64(1); ; ten *= 10 {
		for _, step := range []int64{2, 4, 10} {
			if step*ten >= n {
				return step * ten
			}
		}
	}
}

// rows are the bars in the order of the table.
func (b Bars) rows() []Bar {
	if !b.Newest {
		return b.Bars
	}
	out := make([]Bar, len(b.Bars))
	for i, bar := range b.Bars {
		out[len(out)-1-i] = bar
	}
	return out
}

func at(x float64) string { return strconv.FormatFloat(x, 'f', 1, 64) }
