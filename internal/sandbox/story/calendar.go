package story

import (
	"fmt"
	"time"
)

// calendar writes dates relative to the day on which the region stands still, in FHIR precision.
type calendar struct{ today time.Time }

func newCalendar(today time.Time) calendar {
	return calendar{time.Date(today.Year(), today.Month(), today.Day(), 0, 0, 0, 0, time.UTC)}
}

// day is the date n days after today; negative for the past.
func (c calendar) day(n int) string { return c.today.AddDate(0, 0, n).Format(time.DateOnly) }

// at is a time of day n days after today, with the offset that the United Kingdom has on that day.
func (c calendar) at(n int, clock string) string {
	day := c.today.AddDate(0, 0, n)
	return fmt.Sprintf("%sT%s:00%s", day.Format(time.DateOnly), clock, ukOffset(day))
}

// month is the month n months after this one, to the month only.
func (c calendar) month(n int) string {
	first := time.Date(c.today.Year(), c.today.Month(), 1, 0, 0, 0, 0, time.UTC)
	return first.AddDate(0, n, 0).Format("2006-01")
}

// year is the year n years after this one, to the year only.

// born is the date of birth of somebody who is that old today and has the birthday given as "03-14".
func (c calendar) born(age int, birthday string) string {
	year := c.today.Year() - age
	if birthday > c.today.Format("01-02") {
		year--
	}
	return fmt.Sprintf("%d-%s", year, birthday)
}

// ukOffset applies the rule of summer time: from the last Sunday of March to the last Sunday of October.
func ukOffset(day time.Time) string {
	lastSunday := func(month time.Month) time.Time {
		last := time.Date(day.Year(), month, 31, 0, 0, 0, 0, time.UTC)
		return last.AddDate(0, 0, -int(last.Weekday()))
	}
	if !day.Before(lastSunday(time.March)) && day.Before(lastSunday(time.October)) {
		return "+01:00"
	}
	return "+00:00"
}
