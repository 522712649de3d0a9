package section

import (
	"strconv"
	"strings"
	"time"

	"ribble/internal/record"
	"ribble/web/panel"
)

// Banner is the person banner from the national demographics (ISB 1505; rule R5).
func Banner(p record.Person, now time.Time) panel.Banner {
	b := panel.Banner{
		Name: p.Current().Display(), Born: born(p.Born, now), Gender: gender(p.Gender),
		NHSNumber: p.NHSNumber.Spaced(), NHSStatus: "traced, checked " + Moment(p.TracedAt),
		Address: first(p.Addresses), Phone: first(p.Phones), GP: practice(p), Needs: strings.Join(append(append([]string(nil), p.Needs...), p.Languages...), "; "),
	}
	if p.Deceased.Recorded {
		b.Died = firstOf(p.Deceased.Date.Display(), "date not given")
	}
	if p.Restricted {
		b.Address, b.Phone, b.GP = "Not shown: restricted", "Not shown: restricted", "Not shown: restricted"
	}
	if len(p.Superseded) > 0 {
		b.NHSStatus += "; replaces an older NHS number"
	}
	return b
}

// born is the date with the age as decoration: "03-Mar-1942 (84y)", under 18 with months (ISB 1503).
func born(d record.PartialDate, now time.Time) string {
	years, months, ok := d.AgeAt(now)
	switch {
	case d.IsZero():
		return "Not Known"
	case !ok:
		return d.Display()
	case years < 18:
		return d.Display() + " (" + strconv.Itoa(years) + "y " + strconv.Itoa(months) + "m)"
	}
	return d.Display() + " (" + strconv.Itoa(years) + "y)"
}

func gender(g string) string {
	if g == "" || g == "unknown" {
		return "Not Known"
	}
	return strings.ToUpper(g[:1]) + g[1:]
}

func first(all []string) string {
	if len(all) == 0 {
		return "Not given"
	}
	return all[0]
}

func practice(p record.Person) string {
	if p.Practice.ODS == "" {
		return "Not registered, as far as the national details say"
	}
	s := firstOf(p.Practice.Name, "Practice "+p.Practice.ODS)
	for _, part := range []string{p.GPName, p.Practice.Phone} {
		if part != "" {
			s += ", " + part
		}
	}
	return s
}

// Moment is a time as the page writes it, in UK time.
func Moment(t time.Time) string { return t.In(ukTime).Format("02-Jan-2006 15:04") }
