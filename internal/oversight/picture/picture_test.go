package picture

import (
	"errors"
	"testing"
	"time"
)

func TestSpans(t *testing.T) {
	day := time.Date(2026, 11, 18, 0, 0, 0, 0, time.UTC)
	for name, c := range map[string]struct {
		from, to time.Time
		bad      bool
	}{
		"one day": {day, day, false}, "a year": {day.AddDate(-1, 0, 0), day, false}, "backwards": {day, day.AddDate(0, 0, -1), true},
		"two years": {day.AddDate(0, 0, 1-MostDays), day, false}, "longer": {day.AddDate(0, 0, -MostDays), day, true}, "since the beginning": {time.Time{}, day, true},
	} {
		if err := (Query{From: c.from, To: c.to}).Check(); errors.Is(err, ErrSpan) != c.bad {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestRates(t *testing.T) {
	sum := Sum([]Counts{{Opened: 900, Emergency: 2}, {Opened: 100, Refused: 3, Emergency: 1}})
	if sum.Opened != 1000 || sum.Refused != 3 || sum.PerThousand() != 3 {
		t.Errorf("%+v, %v for each thousand", sum, sum.PerThousand())
	}
	if (Counts{Emergency: 1}).PerThousand() != 0 || (Source{}).FailedPercent() != 0 || (Source{Asked: 8, Failed: 2}).FailedPercent() != 25 {
		t.Error("a share of nothing is not 0, or that of a quarter not 25")
	}
}
