package section

import (
	"slices"
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

// trendSeries are the results of one key; those of one code that differ in something else follow each other.
type trendSeries struct {
	trendKey
	points []trendPoint
	next   *trendSeries
}

// seriesOf finds series by their code, because most codes have one.
type seriesOf map[string]*trendSeries

func (all seriesOf) series(k trendKey) *trendSeries {
	first := all[k.code]
	for s := first; s != nil; s = s.next {
		if s.trendKey == k {
			return s
		}
	}
	s := &trendSeries{trendKey: k, next: first}
	all[k.code] = s
	return s
}

// trends charts every test with at least three plain values that agree in code, unit, specimen and method, most points first, three at most.
func trends(v *View) []panel.Trend {
	all := seriesOf{}
	for _, r := range entries(v, func(c *record.Chart) []record.Report { return c.Results }) {
		for i := range r.Items {
			all.collect(r, &r.Items[i])
		}
	}
	var long []*trendSeries
	for _, s := range all {
		for ; s != nil; s = s.next {
			if len(s.points) >= 3 {
				long = append(long, s)
			}
		}
	}
	slices.SortFunc(long, func(a, b *trendSeries) int {
		if c := len(b.points) - len(a.points); c != 0 {
			return c
		}
		return strings.Compare(a.text(), b.text())
	})
	var out []panel.Trend
	for i, s := range long[:min(3, len(long))] {
		out = append(out, trend(i, s.trendKey, s.points))
	}
	return out
}

func (all seriesOf) collect(r *record.Report, x *record.Result) {
	if code, q := x.Test.MatchCode(), &x.Value.Quantity; code != "" && q.Value != "" && q.Unit != "" {
		date := x.When.Start
		for _, d := range [...]*record.PartialDate{&r.Collected.Start, &r.When.Start, &r.Issued} {
			if date.IsZero() {
				date = *d
			}
		}
		if date.Precision >= record.Day {
			s := all.series(keyOf(r, x, code))
			s.points = append(s.points, trendPoint{date, x})
		}
	}
	if x.Rare == nil {
		return
	}
	for i := range x.Rare.Members {
		all.collect(r, &x.Rare.Members[i])
	}
}

func keyOf(r *record.Report, x *record.Result, code string) trendKey {
	k := trendKey{code: code, unit: x.Value.Quantity.Unit}
	if x.Rare != nil {
		k.specimen, k.method = x.Rare.Specimen, x.Rare.Method.Name()
	}
	if k.specimen == "" && r.Rare != nil && len(r.Rare.Specimens) == 1 {
		k.specimen = r.Rare.Specimens[0].Type.Name()
	}
	if r.Source.Unverified {
		k.alone = r.Source.Feed
	}
	return k
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
