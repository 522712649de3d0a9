package ui

import (
	"strconv"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func TestDecimal(t *testing.T) {
	for in, want := range map[string]bool{"131": true, "-0.5": true, "0.50": true, "< 5": false, "1e3": false, "": false, "12 (repeat)": false, "NaN": false, "-": false} {
		if _, got := decimal(in); got != want {
			t.Errorf("%q: got %v", in, got)
		}
	}
}

func TestTrendDrawsOnlyPlainNumbers(t *testing.T) {
	l := Trend{Low: "45", High: "84", Points: []TrendPoint{{Value: "96", Day: 0}, {Value: "haemolysed", Day: 5}, {Value: "131", Day: 10}}}.layout()
	var drawn []string
	for _, m := range l.Marks {
		drawn = append(drawn, m.Point.Value)
	}
	if diff := cmp.Diff([]string{"96", "131"}, drawn); diff != "" || !l.Drawn || !l.HasBand {
		t.Errorf("drawn %v %v, %s", l.Drawn, l.HasBand, diff)
	}
	if l := (Trend{Points: []TrendPoint{{Value: "96"}}}).layout(); l.Drawn {
		t.Error("one point is no trend")
	}
}

// TestTrendStaysInItsFrame holds for any values: a point outside the frame would be a result nobody sees.
func TestTrendStaysInItsFrame(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		points := rapid.SliceOfN(rapid.IntRange(-100000, 100000), 2, 30).Draw(t, "values")
		var trend Trend
		for day, v := range points {
			trend.Points = append(trend.Points, TrendPoint{Value: strconv.FormatFloat(float64(v)/10, 'f', 1, 64), Day: day * 7})
		}
		for _, m := range trend.layout().Marks {
			if m.X < chartLeft || m.X > chartRight || m.Y < chartTop-0.01 || m.Y > chartBottom+0.01 {
				t.Errorf("%s is drawn at %.1f, %.1f", m.Point.Value, m.X, m.Y)
			}
		}
	})
}
