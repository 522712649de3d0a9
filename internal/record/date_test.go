package record_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
	"ribble/internal/record"
)

// dateCases follow section 28 of the section catalogue row by row, then its traps.
var dateCases = []struct {
	text      string
	precision record.Precision
	zone      bool
	display   string
}{
	{"2014", record.Year, false, "2014"},
	{"2014-06", record.Month, false, "Jun 2014"},
	{"2014-06-03", record.Day, false, "03-Jun-2014"},
	{"2014-06-03T10:05:00+01:00", record.Second, true, "03-Jun-2014 10:05"},
	{"2014-01-03T10:05:00Z", record.Second, true, "03-Jan-2014 10:05"},
	{"2014-06-03T10:05:00+02:00", record.Second, true, "03-Jun-2014 10:05 UTC+2"},
	{"2014-06-03T10:05:00Z", record.Second, true, "03-Jun-2014 10:05 UTC"},
	{"2014-01-03T10:05:00+01:00", record.Second, true, "03-Jan-2014 10:05 UTC+1"},
	{"2014-06-03T10:05:00+05:30", record.Second, true, "03-Jun-2014 10:05 UTC+5:30"},
	{"2014-06-03T10:05:00-00:30", record.Second, true, "03-Jun-2014 10:05 UTC-0:30"},
	{"2014-06-03T10:05:00-03:30", record.Second, true, "03-Jun-2014 10:05 UTC-3:30"},
	{"2014-06-03T10:05:00+05:05", record.Second, true, "03-Jun-2014 10:05 UTC+5:05"},
	{"2014-06-03T10:05:00+14:00", record.Second, true, "03-Jun-2014 10:05 UTC+14"},
	{"2014-06-03T10:05:00", record.Second, false, "03-Jun-2014 10:05 (time zone not given)"},
	{"2014-06-03T10:05", record.Minute, false, "03-Jun-2014 10:05 (time zone not given)"},
	{"2014-06-03T10:05+01:00", record.Minute, true, "03-Jun-2014 10:05"},
	{"2014-06-03T00:00:00+01:00", record.Second, true, "03-Jun-2014"},
	{"2014-06-03T00:00:00Z", record.Second, true, "03-Jun-2014"},
	{"2014-01-03T00:00:00+00:00", record.Second, true, "03-Jan-2014"},
	{"2014-06-03T10:05:12.345678+01:00", record.Second, true, "03-Jun-2014 10:05"},
	{"2016-12-31T23:59:60Z", record.Second, true, "31-Dec-2016 23:59"},
	{"2024-03-31T01:30:00", record.Second, false, "31-Mar-2024 01:30 (time zone not given)"}, // the hour that summer time skips
	{"2024-10-27T01:30:00", record.Second, false, "27-Oct-2024 01:30 (time zone not given)"}, // the hour that comes twice
	{"1799-05-01", record.Day, false, "01-May-1799"},
	{"19", record.Bad, false, "“19” (not a valid date)"},
	{"2024-02-30", record.Bad, false, "“2024-02-30” (not a valid date)"},
	{"2024-13", record.Bad, false, "“2024-13” (not a valid date)"},
	{"0000", record.Bad, false, "“0000” (not a valid date)"},
	{"45292", record.Bad, false, "“45292” (not a valid date)"}, // a spreadsheet's serial number
	{"03/06/2014", record.Bad, false, "“03/06/2014” (not a valid date)"},
	{"2014-06-03T25:05:00Z", record.Bad, false, "“2014-06-03T25:05:00Z” (not a valid date)"},
	{" 2014", record.Bad, false, "“ 2014” (not a valid date)"},
	{"", record.None, false, ""},
}

func TestParseDate(t *testing.T) {
	for _, c := range dateCases {
		d := record.ParseDate(c.text)
		if d.Text != c.text || d.Precision != c.precision || d.Zone != c.zone {
			t.Errorf("ParseDate(%q) = text %q, precision %d, zone %v; want %d, %v", c.text, d.Text, d.Precision, d.Zone, c.precision, c.zone)
		}
		if got := d.Display(); got != c.display {
			t.Errorf("ParseDate(%q).Display() = %q, want %q", c.text, got, c.display)
		}
		if d.IsZero() != (c.precision == record.None) || d.Valid() != (c.precision >= record.Year) {
			t.Errorf("ParseDate(%q): IsZero %v, Valid %v", c.text, d.IsZero(), d.Valid())
		}
	}
}

func TestDateOrder(t *testing.T) {
	// Earliest first. A coarser date follows the finer ones that start with it; a UK midnight is the start of that UK day.
	want := []string{
		"", "not a date", "2013-12-31T23:59:59Z", "2014-01-01", "2014-01", "2014", "2014-01-01T00:05:00+00:00",
		"2014-06-02T23:30:00+01:00", "2014-06-03T00:00:00+01:00", "2014-06-03", "2014-06-03T00:30:00+01:00",
		"2014-06-03T10:05:00+02:00", "2014-06-03T10:05:00", "2014-06-03T10:05:00Z", "2014-06-04",
	}
	got := slices.Clone(want)
	slices.Reverse(got)
	slices.SortStableFunc(got, func(a, b string) int { return record.ParseDate(a).Compare(record.ParseDate(b)) })
	if !slices.Equal(got, want) {
		t.Errorf("sorted:\n got %q\nwant %q", got, want)
	}
}

func TestDateAfterAndStart(t *testing.T) {
	now := time.Date(2026, 6, 4, 0, 30, 0, 0, time.FixedZone("", 3600)) // half past midnight in London, still the third in UTC
	for text, want := range map[string]bool{
		"2026": false, "2026-06": false, "2026-06-04": false, "2026-06-05": true, "2026-07": true, "2027": true,
		"2026-06-04T00:29:00+01:00": false, "2026-06-04T00:31:00+01:00": true, "tomorrow": false, "": false,
	} {
		if got := record.ParseDate(text).After(now); got != want {
			t.Errorf("%q in the future: %v, want %v", text, got, want)
		}
	}
	start, ok := record.ParseDate("2014-06-03").Start()
	if !ok || start.Format(time.RFC3339) != "2014-06-03T00:00:00+01:00" {
		t.Errorf("Start = %v, %v", start, ok)
	}
	if _, ok := record.ParseDate("never").Start(); ok {
		t.Error("a bad date has no start")
	}
}

func TestDateEqualOnlyAtEqualPrecision(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want bool
	}{
		{"2014-06-03", "2014-06-03", true}, {"2014-06", "2014-06-01", false}, {"2014", "2014-01", false},
		{"2014-06-03T10:05:00+01:00", "2014-06-03T09:05:00Z", false}, {"bad", "bad", false},
	} {
		if got := record.ParseDate(c.a).Equal(record.ParseDate(c.b)); got != c.want {
			t.Errorf("%q equal %q: %v, want %v", c.a, c.b, got, c.want)
		}
	}
}

func TestAgeAt(t *testing.T) {
	at := time.Date(2026, 6, 3, 12, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		born          string
		years, months int
		ok            bool
	}{
		{"1942-06-03", 84, 0, true}, {"1942-06-04", 83, 11, true}, {"2026-05-04", 0, 0, true}, {"2026-05-03", 0, 1, true},
		{"2024-02-29", 2, 3, true}, {"1942-06", 0, 0, false}, {"1942", 0, 0, false}, {"2026-06-04", 0, 0, false}, {"", 0, 0, false},
	} {
		years, months, ok := record.ParseDate(c.born).AgeAt(at)
		if years != c.years || months != c.months || ok != c.ok {
			t.Errorf("born %q: %d years %d months %v; want %d, %d, %v", c.born, years, months, ok, c.years, c.months, c.ok)
		}
	}
}

func TestPeriodDisplay(t *testing.T) {
	d := record.ParseDate
	for _, c := range []struct {
		p    record.Period
		want string
	}{
		{record.Period{}, ""},
		{record.On(d("2014-06")), "Jun 2014"},
		{record.On(d("")), ""},
		{record.Period{Start: d("2014"), End: d("2015-02")}, "from 2014 to Feb 2015"},
		{record.Period{Start: d("2014-06-03")}, "from 03-Jun-2014"},
		{record.Period{End: d("2014-06-03")}, "until 03-Jun-2014"},
		{record.Period{Start: d("2014-06-03"), End: d("2014-06-03")}, "03-Jun-2014"},
	} {
		if got := c.p.Display(); got != c.want {
			t.Errorf("%+v: %q, want %q", c.p, got, c.want)
		}
	}
}

// drawDate draws texts of every shape, most of them dates.
func drawDate() *rapid.Generator[string] {
	return rapid.OneOf(
		rapid.StringMatching(`(18|19|20)[0-9]{2}(-(0[1-9]|1[0-3])(-[0-3][0-9](T[0-2][0-9]:[0-5][0-9](:[0-5][0-9](\.[0-9]{1,3})?)?(Z|[+-](0[0-9]|1[0-4]):[0-5][0-9])?)?)?)?`),
		rapid.SampledFrom([]string{"", "2014", "2014-01", "2014-01-01", "2014-01-01T00:00:00Z", "2014-01-01T00:00:00", "2014-06-03", "2014-06-03T00:00:00+01:00"}),
		rapid.String(),
	)
}

var (
	digits = regexp.MustCompile(`\d+`)
	months = strings.NewReplacer("Jan", "01", "Feb", "02", "Mar", "03", "Apr", "04", "May", "05", "Jun", "06",
		"Jul", "07", "Aug", "08", "Sep", "09", "Oct", "10", "Nov", "11", "Dec", "12")
)

// Rule R12: every number shown stands in the text that was received, and nothing finer than was given is shown.
func TestDisplayNeverInventsAPart(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := drawDate().Draw(t, "text")
		d := record.ParseDate(text)
		shown := d.Display()
		if d.Precision == record.Bad && !strings.Contains(shown, text) {
			t.Fatalf("%q is shown as %q, without the text received", text, shown)
		}
		if !d.Valid() {
			return
		}
		for _, number := range digits.FindAllString(months.Replace(shown), -1) {
			if !strings.Contains(text, number) {
				t.Fatalf("%q is shown as %q: %s was not sent", text, shown, number)
			}
		}
		if parts := strings.Count(shown, "-"); d.Precision < record.Day && parts > 0 || d.Precision == record.Year && shown != text {
			t.Fatalf("%q is shown as %q, finer than given", text, shown)
		}
		if d.Precision <= record.Day && strings.Contains(shown, ":") {
			t.Fatalf("%q is shown with a time: %q", text, shown)
		}
	})
}

func sign(n int) int {
	switch {
	case n < 0:
		return -1
	case n > 0:
		return 1
	}
	return 0
}

func TestCompareIsATotalOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b, c := record.ParseDate(drawDate().Draw(t, "a")), record.ParseDate(drawDate().Draw(t, "b")), record.ParseDate(drawDate().Draw(t, "c"))
		if a.Compare(a) != 0 {
			t.Fatal("a date must equal itself")
		}
		if sign(a.Compare(b)) != -sign(b.Compare(a)) {
			t.Fatalf("%q and %q: the order depends on the side", a.Text, b.Text)
		}
		if a.Compare(b) <= 0 && b.Compare(c) <= 0 && a.Compare(c) > 0 {
			t.Fatalf("%q, %q, %q: not transitive", a.Text, b.Text, c.Text)
		}
		if a.Valid() && !b.Valid() && a.Compare(b) <= 0 {
			t.Fatalf("the real date %q does not come after %q", a.Text, b.Text)
		}
	})
}

func FuzzParseDate(f *testing.F) {
	for _, c := range dateCases {
		f.Add(c.text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		d := record.ParseDate(text)
		if d.Text != text {
			t.Fatal("the text received was changed")
		}
		if (text == "") != d.IsZero() {
			t.Fatal("only an absent date is zero")
		}
		_ = d.Display()
	})
}

// Every day of the years that records speak of, and some of all others, reads as the standard library writes it.
func TestDisplayOfEveryDay(t *testing.T) {
	check := func(day time.Time, text, want string) {
		if got := record.ParseDate(day.Format(text)).Display(); got != want {
			t.Fatalf("%s is shown as %q, want %q", day.Format(text), got, want)
		}
	}
	zone := time.FixedZone("", -11*60*60)
	for day := time.Date(1, 1, 1, 0, 0, 0, 0, time.UTC); day.Year() < 9999; {
		check(day, "2006-01-02", day.Format("02-Jan-2006"))
		check(day, "2006-01", day.Format("Jan 2006"))
		night := time.Date(day.Year(), day.Month(), day.Day(), day.Day()%24, day.YearDay()%60, 1, 0, zone)
		check(night, time.RFC3339, night.Format("02-Jan-2006 15:04")+" UTC-11")
		step := 53
		if day.Year() > 1850 && day.Year() < 2110 {
			step = 1
		}
		day = day.AddDate(0, 0, step)
	}
}
