package record

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

// slow reads a date by layout alone.
func slow(text string) PartialDate {
	d := PartialDate{Text: text, Precision: Bad}
	if len(text) == len("2006-01-02") {
		d.set("2006-01-02", Day)
	} else {
		d.setTime()
	}
	return d
}

// A date is the same whether it is read by its places or by a layout, and what is refused by one is left to the other.
func TestPlainDatesAreReadAsByLayout(t *testing.T) {
	shapes := []string{"%d-%d-%d", "%d-%d-%dT%d:%d:%dZ", "%d-%d-%dT%d:%d:%d+%d:%d", "%d-%d-%dT%d:%d:%d-%d:%d", "%d/%d-%d", "%d-%d-%d %d:%d:%dZ", "%d-%d-%dT%d:%d:%d~%d:%d"}
	read := 0
	rapid.Check(t, func(t *rapid.T) {
		text := ""
		for i, c := range rapid.SampledFrom(shapes).Draw(t, "shape") {
			switch {
			case c == '%':
			case c == 'd':
				most := 99
				if i > 2 && rapid.IntRange(0, 9).Draw(t, "sane") > 0 {
					most = 31
				}
				digits := twoDigits(rapid.IntRange(0, most).Draw(t, "n"))
				if i == 1 {
					digits = twoDigits(rapid.SampledFrom([]int{0, 16, 19, 20, 21, 99}).Draw(t, "century")) + digits
				}
				text += digits
			default:
				text += string(c)
			}
		}
		d := PartialDate{Text: text, Precision: Bad}
		if !d.plain() {
			return
		}
		read++
		if want := slow(text); d != want {
			t.Fatalf("%q: %+v, by layout %+v", text, d, want)
		}
	})
	if read == 0 {
		t.Error("no date that was made up was read")
	}
}

func TestUKClocks(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		at := rapid.Int64Range(-60_000_000_000, 5_600_000_000).Draw(t, "at")
		near := rapid.SampledFrom(ukPeriods).Draw(t, "change").from + rapid.Int64Range(-7300, 7300).Draw(t, "by")
		for _, at := range []int64{at, near} {
			if _, want := time.Unix(at, 0).In(ukTime).Zone(); ukOffset(at) != int64(want) {
				t.Fatalf("%d: %d seconds east, the library says %d", at, ukOffset(at), want)
			}
			wall := time.Unix(at, 0).UTC()
			y, m, d := wall.Date()
			if want := time.Date(y, m, d, wall.Hour(), wall.Minute(), wall.Second(), 0, ukTime).Unix(); ukInstant(at) != want {
				t.Fatalf("the clock at %v: %d, the library says %d", wall, ukInstant(at), want)
			}
		}
	})
}
