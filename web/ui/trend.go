package ui

// Trend is a chart over time of one code, unit and method, drawn from the same values that stand in its table.
type Trend struct {
	// ID is unique on the page and prefixes the chart's element ids.
	ID string
	// Title names what is charted, with its unit: "Creatinine, serum, umol/L".
	Title string
	// Caption follows the title: laboratory, method, and what was left out of the chart.
	Caption string
	// Unit heads the value column.
	Unit string
	// Points are in order of time, oldest first.
	Points []TrendPoint
	// Low and High are the range the source gave, as decimal strings; either may be empty.
	Low, High string
}

// TrendPoint is one result of a Trend.
type TrendPoint struct {
	// Label is the date as shown, such as "12-Nov-2026".
	Label string
	// Day places the point on the time axis, in days since any fixed date.
	Day int
	// Value is the value as sent, such as "131" or "< 5". A value that is no plain decimal stands in the table only.
	Value string
	// Status is the status as sent, such as "Final"; Preliminary draws a hollow red point.
	Status      string
	Preliminary bool
}
