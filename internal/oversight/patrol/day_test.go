package patrol

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestDaysAreTotals(t *testing.T) {
	tallies := Tallies{Acts: map[Tally]int64{
		{"2026-11-18", 9, "RXX", "Nurse", "intent"}: 3, {"2026-11-18", 10, "RXX", "Doctor", "intent"}: 4, {"2026-11-18", 9, "RYY", "Nurse", "intent"}: 5,
		{"2026-11-19", 9, "RXX", "Nurse", "refused"}: 1,
	}}
	want := map[Tally]int64{
		{"2026-11-18", WholeDay, "RXX", "", "intent"}: 7, {"2026-11-18", WholeDay, "RYY", "", "intent"}: 5, {"2026-11-18", WholeDay, Region, "", "intent"}: 12,
		{"2026-11-19", WholeDay, "RXX", "", "refused"}: 1, {"2026-11-19", WholeDay, Region, "", "refused"}: 1,
	}
	if diff := cmp.Diff(want, tallies.Days()); diff != "" {
		t.Error(diff)
	}
}
