package section

import (
	"sort"
	"strconv"
	"strings"
	"time"

	"ribble/internal/record"
	"ribble/web/panel"
	"ribble/web/ui"
)

// trendKey is what results must share to stand in one chart (rule R11).
type trendKey struct {
	code, unit, specimen, method string
	// alone is the feed that does not vouch for the NHS number: its values stand in no line with those of others (S09).
	alone string
}

func (k trendKey) text() string {
	return strings.Join([]string{k.code, k.unit, k.specimen, k.method, k.alone}, "|")
}

type trendPoint struct {
	date   record.PartialDate
	result *record.Result
}

// trends charts every test with at least three plain values that agree in code, unit, specimen and method, most points first, three at most.
func trends(v *View) []panel.Trend {
	series := map[trendKey][]trendPoint{}
	for _, r := range entries(v, func(c *record.Chart) []record.Report { return c.Results }) {
		for i := range r.Items {
			collect(series, r, &r.Items[i])
		}
	}
	keys := make([]trendKey, 0, len(series))
	for k, points := range series {
		if len(points) >= 3 {
			keys = append(keys, k)
		}
	}
	sort.Slice(keys, func(i, j int) bool {
		if a, b := len(series[keys[i]]), len(series[keys[j]]); a != b {
			return a > b
		}
		return keys[i].text() < keys[j].text()
	})
	var out []panel.Trend
	for i, k := range keys[:min(3, len(keys))] {
		out = append(out, trend(i, k, series[k]))
	}
	return out
}

func collect(series map[trendKey][]trendPoint, r *record.Report, x *record.Result) {
	rare := x.Rarely()
	if code, q := x.Test.MatchCode(), x.Value.Quantity; code != "" && q.Value != "" && q.Unit != "" {
		date := x.When.Start
		for _, d := range []record.PartialDate{r.Collected.Start, r.When.Start, r.Issued} {
			if date.IsZero() {
				date = d
			}
		}
		if date.Precision >= record.Day {
			specimen := rare.Specimen
			if specimen == "" && r.Rare != nil && len(r.Rare.Specimens) == 1 {
				specimen = r.Rare.Specimens[0].Type.Name()
			}
			k := trendKey{code: code, unit: q.Unit, specimen: specimen, method: rare.Method.Name()}
			if r.Source.Unverified {
				k.alone = r.Source.Feed
			}
			series[k] = append(series[k], trendPoint{date, x})
		}
	}
	for i := range rare.Members {
		collect(series, r, &rare.Members[i])
	}
}

func trend(n int, k trendKey, points []trendPoint) panel.Trend {
	sort.SliceStable(points, func(i, j int) bool { return points[i].date.Compare(points[j].date) < 0 })
	last := points[len(points)-1].result
	t := ui.Trend{
		ID: "trend-" + strconv.Itoa(n), Title: commas(last.Test.Name(), commas(k.specimen, k.unit)), Unit: k.unit,
		Caption: commas(labelled("method", k.method), "only results with this code, unit, specimen and method"),
	}
	if len(last.Ranges) == 1 {
		t.Low, t.High = last.Ranges[0].Low.Value, last.Ranges[0].High.Value
	}
	for _, p := range points {
		start, _ := p.date.Start()
		t.Points = append(t.Points, ui.TrendPoint{
			Label: day(p.date), Day: int(start.Sub(epoch) / (24 * time.Hour)), Value: p.result.Value.Quantity.Comparator + p.result.Value.Quantity.Value,
			Status: resultStatus(p.result), Preliminary: p.result.Phase == record.Preliminary,
		})
	}
	return panel.Trend{Trend: t}
}

var epoch = time.Date(1900, 1, 1, 0, 0, 0, 0, time.UTC)
