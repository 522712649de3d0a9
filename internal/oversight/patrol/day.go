package patrol

// WholeDay stands in place of an hour, and Region in place of an organisation, in the totals of a day.
const (
	WholeDay = -1
	Region   = "*"
)

// Days gives the totals of each day, whatever the role, for every organisation and for the region: a picture of a year is drawn from them, so that it
// costs no more than its days, however much happened.
func (t Tallies) Days() map[Tally]int64 {
	days := map[Tally]int64{}
	for k, n := range t.Acts {
		for _, organisation := range []string{k.Organisation, Region} {
			days[Tally{Day: k.Day, Hour: WholeDay, Organisation: organisation, Act: k.Act}] += n
		}
	}
	return days
}
