// Package picture is what happened in numbers: how often records were opened, refused and opened in an emergency, by day, hour, organisation and role.
package picture

import (
	"errors"
	"time"
)

// Axis is by what counts are told apart.
type Axis string

// The axes.
const (
	Day          Axis = "day"
	Hour         Axis = "hour"
	Organisation Axis = "organisation"
	Role         Axis = "role"
)

// Query is which counts are wanted.
type Query struct {
	// Organisation is the ODS code; empty is the whole region.
	Organisation string
	// From and To are whole days (UTC), both inclusive.
	From, To time.Time
	By       Axis
}

// MostDays bounds a span: two years and a leap day.
const MostDays = 731

// ErrSpan is the error of a span that ends before it begins, or is longer than MostDays.
var ErrSpan = errors.New("the span of days cannot be drawn")

// Check refuses spans that make no sense.
func (q Query) Check() error {
	if days := q.To.Sub(q.From).Hours() / 24; days < 0 || days >= MostDays {
		return ErrSpan
	}
	return nil
}

// Counts are what happened under one key: a day (2026-11-18), an hour of the day (09, UTC), an ODS code or the name of a role.
type Counts struct {
	Key string
	// Opened are records opened, Refused looks refused, Emergency how often emergency access was opened.
	Opened, Refused, Emergency int64
}

// PerThousand is how often emergency access was opened for each 1,000 records opened; 0 when none was.
func (c Counts) PerThousand() float64 {
	if c.Opened == 0 {
		return 0
	}
	return 1000 * float64(c.Emergency) / float64(c.Opened)
}

// Sum adds counts up.
func Sum(all []Counts) Counts {
	var s Counts
	for _, c := range all {
		s.Opened, s.Refused, s.Emergency = s.Opened+c.Opened, s.Refused+c.Refused, s.Emergency+c.Emergency
	}
	return s
}

// Source is how the looks ended that asked one feed: Failed did not answer, Gaps answered in part or not readably, Refused would not.
type Source struct {
	Feed                         string
	Asked, Failed, Gaps, Refused int64
}

// FailedPercent is how many in a hundred looks had no answer.
func (s Source) FailedPercent() float64 {
	if s.Asked == 0 {
		return 0
	}
	return 100 * float64(s.Failed) / float64(s.Asked)
}
