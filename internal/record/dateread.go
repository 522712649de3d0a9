package record

import (
	"slices"
	"time"
	_ "time/tzdata" // a server without zone files must not read UK summer time as UTC
)

// plain reads a date in the form that nearly all have, whole days and whole seconds, without a layout: a record has some thousand of them. It
// reports whether it could; what it leaves is read by layout.
func (d *PartialDate) plain() bool {
	text := d.Text
	n := len(text)
	if n != len("2006-01-02") && n != len("2006-01-02T15:04:05Z") && n != len("2006-01-02T15:04:05+00:00") || text[4] != '-' || text[7] != '-' {
		return false
	}
	year, month, day := number(text[0:4]), number(text[5:7]), number(text[8:10])
	if year < 1 || month < 1 || month > 12 || day < 1 || day > 28 && day > daysIn(year, month) {
		return false
	}
	wall := dayNumber(year, month, day) * 86400
	if n == len("2006-01-02") {
		d.local(wall, Day)
		return true
	}
	hour, minute, second := number(text[11:13]), number(text[14:16]), number(text[17:19])
	if text[10] != 'T' || text[13] != ':' || text[16] != ':' || hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 59 {
		return false
	}
	offset, ok := zone(text[19:])
	if !ok {
		return false
	}
	d.at, d.offset, d.Zone, d.Precision = wall+int64(hour*3600+minute*60+second-offset), int32(offset), true, Second
	return true
}

// zone reads "Z" or "+01:00" as seconds east of UTC.
func zone(text string) (seconds int, ok bool) {
	if len(text) == 1 {
		return 0, text[0] == 'Z'
	}
	hours, minutes := number(text[1:3]), number(text[4:6])
	if text[3] != ':' || hours < 0 || hours > 23 || minutes < 0 || minutes > 59 {
		return 0, false
	}
	seconds = hours*3600 + minutes*60
	switch text[0] {
	case '+':
		return seconds, true
	case '-':
		return -seconds, true
	}
	return 0, false
}

// number reads decimal digits; anything else among them gives -1.
func number(digits string) int {
	n := 0
	for i := range len(digits) {
		c := digits[i] - '0'
		if c > 9 {
			return -1
		}
		n = 10*n + int(c)
	}
	return n
}

func daysIn(year, month int) int {
	switch month {
	case 4, 6, 9, 11:
		return 30
	case 2:
		if year%4 == 0 && (year%100 != 0 || year%400 == 0) {
			return 29
		}
		return 28
	}
	return 31
}

// dayNumber counts the days from 1 January 1970; civil is its inverse.
func dayNumber(year, month, day int) int64 {
	const toMarch0, cycle = 719468, 146097
	if month <= 2 {
		year--
		month += 12
	}
	era := year / 400
	of := year - era*400
	return int64(era*cycle+of*365+of/4-of/100+(153*(month-3)+2)/5+day-1) - toMarch0
}

// ukTime orders dates, and times that carry no zone (section 28: they sort as UK time).
var ukTime = func() *time.Location {
	if l, err := time.LoadLocation("Europe/London"); err == nil {
		return l
	}
	return time.UTC
}()

// ukPeriods are the stretches in which the UK's clocks were this far east of UTC, in their order, each until the next.
var ukPeriods = func() (periods []ukPeriod) {
	const last = 2150
	for at := time.Date(1, 1, 1, 0, 0, 0, 0, time.UTC).In(ukTime); at.Year() < last; {
		begins, ends := at.ZoneBounds()
		_, offset := at.Zone()
		if n := len(periods); n == 0 || periods[n-1].offset != int64(offset) {
			periods = append(periods, ukPeriod{begins.Unix(), int64(offset)})
		}
		switch {
		case ends.IsZero():
			return periods
		case ends.After(at):
			at = ends
		default:
			// Where the rules of the zone take over from its table, a period may seem to end where it begins.
			at = at.Add(time.Hour)
		}
	}
	return periods
}()

// ukPeriod begins at an instant, in seconds since 1970.
type ukPeriod struct{ from, offset int64 }

// ukOffset is how many seconds east of UTC the UK's clocks are at an instant.
func ukOffset(at int64) int64 { return ukPeriods[ukPeriodAt(at)].offset }

func ukPeriodAt(at int64) int {
	i, found := slices.BinarySearchFunc(ukPeriods, at, func(p ukPeriod, at int64) int {
		switch {
		case p.from < at:
			return -1
		case p.from > at:
			return 1
		}
		return 0
	})
	if !found {
		i--
	}
	return max(i, 0)
}

// ukInstant is the instant at which the UK's clocks show the wall time, given in seconds as if they were in UTC. A time that they skip or show
// twice is taken as time.Date takes it.
func ukInstant(wall int64) int64 {
	i := ukPeriodAt(wall)
	utc := wall - ukPeriods[i].offset
	if utc < ukPeriods[i].from || i+1 < len(ukPeriods) && utc >= ukPeriods[i+1].from {
		utc = wall - ukOffset(utc)
	}
	return utc
}
