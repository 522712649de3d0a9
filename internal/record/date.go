package record

import (
	"strconv"
	"time"
)

// Precision is how much of a date its author gave.
type Precision uint8

// Precisions, coarsest first. None is an absent date; Bad is a text that is no date and is kept as it came.
const (
	None Precision = iota
	Bad
	Year
	Month
	Day
	Minute
	Second
)

// PartialDate is a date exactly as given: never completed, never converted to another zone. The zero value is "not given".
type PartialDate struct {
	// Text is the date as received.
	Text string
	// at is the start of what Text denotes, for ordering only; at plus offset (seconds east of UTC) is the wall clock as written.
	at     int64
	offset int32
	// Precision is what Text gives.
	Precision Precision
	// Zone is true when Text carries an offset or Z.
	Zone bool
}

// ParseDate reads a FHIR date, dateTime or instant of any precision. What is not one is kept with precision Bad.
func ParseDate(text string) PartialDate {
	d := PartialDate{Text: text, Precision: Bad}
	if len(text) == 0 {
		return PartialDate{}
	}
	if d.plain() {
		return d
	}
	switch len(text) {
	case 4:
		d.set("2006", Year)
	case 7:
		d.set("2006-01", Month)
	case 10:
		d.set("2006-01-02", Day)
	default:
		d.setTime()
	}
	return d
}

func (d *PartialDate) set(layout string, p Precision) {
	if t, err := time.Parse(layout, d.Text); err == nil && t.Year() > 0 {
		d.precise(t, p)
	}
}

// precise takes the wall clock of a text without a zone. Its instant is that of the UK clock, but the clock as written is kept apart from
// it, because a time in the hour that summer time skips has no instant of its own.
func (d *PartialDate) precise(wall time.Time, p Precision) {
	d.local(wall.Unix(), p)
}

// local takes the seconds that a clock shows, counted as if it were in UTC.
func (d *PartialDate) local(wall int64, p Precision) {
	d.at = ukInstant(wall)
	d.offset, d.Precision = int32(wall-d.at), p
}

func (d *PartialDate) setTime() {
	text := d.Text
	if len(text) >= 19 && text[16:19] == ":60" {
		text = text[:17] + "59" + text[19:] // FHIR allows a leap second, Go does not read one
	}
	for _, f := range [...]struct {
		layout string
		zone   bool
		p      Precision
	}{
		{time.RFC3339Nano, true, Second}, {"2006-01-02T15:04Z07:00", true, Minute},
		{"2006-01-02T15:04:05.999999999", false, Second}, {"2006-01-02T15:04", false, Minute},
	} {
		t, err := time.Parse(f.layout, text)
		if err != nil || t.Year() <= 0 {
			continue
		}
		if !f.zone {
			d.precise(t, f.p)
			return
		}
		_, offset := t.Zone()
		d.at, d.offset, d.Zone, d.Precision = t.Unix(), int32(offset), true, f.p
		return
	}
}

// IsZero reports that no date was given.
func (d PartialDate) IsZero() bool { return d.Precision == None }

// Valid reports that d is a real date of some precision.
func (d PartialDate) Valid() bool { return d.Precision >= Year }

// Equal reports whether two dates may count as the same for grouping: equal precision and equal written value.
func (d PartialDate) Equal(o PartialDate) bool {
	return d.Precision == o.Precision && d.Text == o.Text && d.Precision != Bad
}

// Compare orders dates by the instant they start at; a coarser date comes after the finer ones that start at the same instant,
// and bad or absent dates come before every real one (so that newest-first puts them last).
func (d PartialDate) Compare(o PartialDate) int {
	switch {
	case d.Valid() != o.Valid():
		if d.Valid() {
			return 1
		}
		return -1
	case !d.Valid():
		return int(d.Precision) - int(o.Precision)
	case d.at != o.at:
		if d.at < o.at {
			return -1
		}
		return 1
	}
	return int(o.Precision) - int(d.Precision)
}

// Start is the instant at which the date starts, and whether it has one.
func (d PartialDate) Start() (time.Time, bool) {
	return time.Unix(d.at, 0).In(time.FixedZone("", int(d.offset))), d.Valid()
}

// After reports that all of d lies after t: only then may it be called a date in the future.
func (d PartialDate) After(t time.Time) bool { return d.Valid() && d.at > t.Unix() }

// Display writes the date with the month's name and only the precision given (rule R12, section 28 of the section catalogue):
// the wall clock as written; the zone only where it is not the UK's of that day; a midnight as its day.
func (d PartialDate) Display() string {
	switch d.Precision {
	case None:
		return ""
	case Year:
		return d.Text
	}
	var room [48]byte
	return string(d.AppendDisplay(room[:0]))
}

// AppendDisplay appends what Display writes.
func (d PartialDate) AppendDisplay(b []byte) []byte {
	switch d.Precision {
	case None:
		return b
	case Bad:
		return append(append(append(b, "“"...), d.Text...), "” (not a valid date)"...)
	case Year:
		return append(b, d.Text...)
	}
	return d.append(b)
}

// monthNames are the names of the months in three letters each.
const monthNames = "JanFebMarAprMayJunJulAugSepOctNovDec"

// append writes a valid date of a month or finer. It is by hand because a page shows some thousand of them.
func (d PartialDate) append(b []byte) []byte {
	wall := d.at + int64(d.offset)
	days := wall / 86400
	seconds := int(wall - days*86400)
	if seconds < 0 {
		seconds, days = seconds+86400, days-1
	}
	y, m, day := civil(days)
	name, space := monthNames[3*(m-1):3*m], byte(' ')
	if d.Precision > Month {
		b, space = append(append(b, twoDigits(day)...), '-'), '-'
	}
	b = append(append(append(b, name...), space), twoDigits(y/100)...)
	b = append(b, twoDigits(y%100)...)
	if d.Precision <= Day || d.midnight() {
		return b
	}
	b = append(append(append(b, ' '), twoDigits(seconds/3600)...), ':')
	return append(append(b, twoDigits(seconds/60%60)...), d.zoneNote()...)
}

// civil gives the date of the day so many days after 1 January 1970 in the Gregorian calendar. It counts from 1 March of the year 0, so that
// the leap day is the last of its year, in cycles of 400 years, which all have 146,097 days.
func civil(days int64) (year, month, day int) {
	const toMarch0, cycle = 719468, 146097
	days += toMarch0
	era := days / cycle
	of := int(days - era*cycle)
	y := (of - of/1460 + of/36524 - of/146096) / 365
	of -= 365*y + y/4 - y/100
	m := (5*of + 2) / 153
	day = of - (153*m+2)/5 + 1
	year = int(era)*400 + y
	if m >= 10 {
		return year + 1, m - 9, day
	}
	return year, m + 3, day
}

// midnight reports a time of 00:00 with a zone: many systems send a bare day so, and shifting it would show the day before.
func (d PartialDate) midnight() bool {
	local := d.at + int64(d.offset)
	return d.Zone && local%86400 == 0
}

func (d PartialDate) zoneNote() string {
	if !d.Zone {
		return " (time zone not given)"
	}
	if int64(d.offset) == ukOffset(d.at) {
		return ""
	}
	if d.offset == 0 {
		return " UTC"
	}
	sign, minutes := "+", abs(int(d.offset))/60
	if d.offset < 0 {
		sign = "-"
	}
	note := " UTC" + sign + strconv.Itoa(minutes/60)
	if minutes%60 != 0 {
		note += ":" + twoDigits(minutes%60)
	}
	return note
}

// pairs are the numbers from 00 to 99, side by side.
var pairs = func() string {
	b := make([]byte, 0, 200)
	for n := range 100 {
		b = append(b, byte('0'+n/10), byte('0'+n%10))
	}
	return string(b)
}()

func twoDigits(n int) string { return pairs[2*n : 2*n+2] }

func abs(n int) int {
	if n < 0 {
		return -n
	}
	return n
}

// AgeAt is the whole years (and for under-18s the months) from a day-precision birth date to t, or ok false when the precision does not allow it.
func (d PartialDate) AgeAt(t time.Time) (years, months int, ok bool) {
	if d.Precision < Day {
		return 0, 0, false
	}
	b, _ := d.Start()
	months = (t.Year()-b.Year())*12 + int(t.Month()) - int(b.Month())
	if t.Day() < b.Day() {
		months--
	}
	if months < 0 {
		return 0, 0, false
	}
	return months / 12, months % 12, true
}

// Period is a start and an end, each possibly absent. An absent end is "no end date given", never "ongoing".
// A single date stands in Start alone with Single true.
type Period struct {
	Start, End PartialDate
	Single     bool
}

// On makes the period of a single date.
func On(d PartialDate) Period { return Period{Start: d, Single: true} }

// IsZero reports that neither end was given.
func (p Period) IsZero() bool { return p.Start.IsZero() && p.End.IsZero() }

// Display writes "from … to …", "from …", "until …", or the single date.
func (p Period) Display() string {
	switch {
	case p.Single || p.IsZero():
		return p.Start.Display()
	case p.End.IsZero():
		return "from " + p.Start.Display()
	case p.Start.IsZero():
		return "until " + p.End.Display()
	}
	var room [96]byte
	text := p.Start.AppendDisplay(append(room[:0], from...))
	start := len(text)
	text = p.End.AppendDisplay(append(text, to...))
	if end := text[start+len(to):]; string(end) == string(text[len(from):start]) {
		return string(end)
	}
	return string(text)
}

// The words around the ends of a period.
const from, to = "from ", " to "
