package officer

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"ribble/internal/fault"
	"ribble/internal/oversight/picture"
	"ribble/web/page"
	"ribble/web/ui"
)

const errCounts = "The counts cannot be read just now. Nothing is lost. Try again in a minute."

// spans are the times that pictures are drawn for.
var spans = []struct {
	code, text string
	days       int
}{{"month", "Last 30 days", 30}, {"quarter", "Last 90 days", 90}, {"year", "Last year", 365}, {"two", "Last two years", 730}}

// Pictures draws how records are used: from the counts alone, which name nobody.
func (p *Pages) Pictures(w http.ResponseWriter, r *http.Request) error {
	u, err := p.officer(r)
	if err != nil {
		return err
	}
	props := page.PicturesProps{Props: p.frame(r, "Pictures"), Places: places(PicturesPath), Whose: u.Organisation.Name}
	q := picture.Query{Organisation: u.Organisation.ODS, To: p.Now().UTC().Truncate(24 * time.Hour)}
	whole := p.regional(u) && r.URL.Query().Get("of") != "own"
	if whole {
		q.Organisation, props.Whose = "", "the whole region"
	}
	chosen := spans[0]
	for _, s := range spans {
		if s.code == r.URL.Query().Get("span") {
			chosen = s
		}
	}
	q.From = q.To.AddDate(0, 0, 1-chosen.days)
	for _, s := range spans {
		a := ui.Action{Text: s.text, URL: PicturesPath + "?span=" + s.code}
		if s.code == chosen.code {
			a.URL = ""
		}
		props.Spans = append(props.Spans, a)
	}
	if err := p.draw(r, q, &props); err != nil {
		return err
	}
	return write(w, r, http.StatusOK, page.Pictures(props))
}

func (p *Pages) draw(r *http.Request, q picture.Query, props *page.PicturesProps) error {
	by := map[picture.Axis][]picture.Counts{}
	axes := []picture.Axis{picture.Day, picture.Hour, picture.Role}
	if q.Organisation == "" {
		axes = append(axes, picture.Organisation)
	}
	for _, axis := range axes {
		q.By = axis
		counts, err := p.Tallies.Counts(r.Context(), q)
		if err != nil {
			return fault.Wrap(fault.Unavailable, errCounts, err)
		}
		by[axis] = counts
	}
	sources, err := p.Tallies.Sources(r.Context(), q)
	if err != nil {
		return fault.Wrap(fault.Unavailable, errCounts, err)
	}
	sum := picture.Sum(by[picture.Day])
	props.Tiles = []ui.Pair{
		{Key: "records opened", Value: thousands(sum.Opened)}, {Key: "looks refused", Value: thousands(sum.Refused)}, {Key: "times emergency access", Value: thousands(sum.Emergency)},
		{Key: "emergency access for 1,000 records opened", Value: fmt.Sprintf("%.1f", sum.PerThousand())},
	}
	says := fmt.Sprintf("%s opened, %s refused, %s in an emergency.", count(int(sum.Opened), "record"), thousands(sum.Refused), thousands(sum.Emergency))
	props.Pictures = append(props.Pictures, byDay(q, by[picture.Day], says), byHour(by[picture.Hour]), byName("roles", "By role", "Role", by[picture.Role], func(s string) string { return s }))
	if all := by[picture.Organisation]; all != nil {
		props.Pictures = append(props.Pictures, byName("organisations", "By organisation", "Organisation", all, func(ods string) string { return p.organisation(ods).Name }))
	}
	props.Pictures = append(props.Pictures, bySource(sources))
	return nil
}

var series = []string{"Opened", "Refused", "Emergency"}

func parts(c picture.Counts) []int64 { return []int64{c.Opened, c.Refused, c.Emergency} }

// byDay has a bar for every day, week or month, also for those in which nothing happened.
func byDay(q picture.Query, counts []picture.Counts, says string) page.Bars {
	b := page.Bars{ID: "days", Title: "By day", Says: says, Key: "Day", Series: series, Newest: true, Further: []string{"Emergency for 1,000"}}
	found := map[string]picture.Counts{}
	for _, c := range counts {
		found[c.Key] = c
	}
	step, label, name := 1, "02-Jan", "02-Jan-2006"
	if days := q.To.Sub(q.From).Hours() / 24; days > 100 {
		step, b.Title, b.Key = 7, "By week", "Week from"
	}
	for at := q.From; !at.After(q.To); at = at.AddDate(0, 0, step) {
		var sum picture.Counts
		for i := range step {
			sum = picture.Sum([]picture.Counts{sum, found[at.AddDate(0, 0, i).Format(time.DateOnly)]})
		}
		b.Bars = append(b.Bars, page.Bar{Label: at.Format(label), Name: at.Format(name), Parts: parts(sum), Further: []string{fmt.Sprintf("%.1f", sum.PerThousand())}})
	}
	return b
}

// byHour has a bar for each hour of the day.
func byHour(counts []picture.Counts) page.Bars {
	b := page.Bars{ID: "hours", Title: "By hour of the day", Says: "Hours in UTC: in summer the clock on the wall is an hour ahead.", Key: "Hour", Series: series}
	for h := range 24 {
		key := fmt.Sprintf("%02d", h)
		var sum picture.Counts
		for _, c := range counts {
			if c.Key == key {
				sum = c
			}
		}
		b.Bars = append(b.Bars, page.Bar{Label: key, Name: key + ":00", Parts: parts(sum)})
	}
	return b
}

// byName has a bar for each name, the busiest first.
func byName(id, title, key string, counts []picture.Counts, name func(string) string) page.Bars {
	b := page.Bars{ID: id, Title: title, Says: "The busiest first.", Key: key, Series: series, Further: []string{"Emergency for 1,000"}}
	counts = slices.Clone(counts)
	slices.SortStableFunc(counts, func(x, y picture.Counts) int { return int(y.Opened - x.Opened) })
	for i, c := range counts {
		label := fmt.Sprint(i + 1)
		full := orNot(shortRole(name(c.Key)))
		b.Bars = append(b.Bars, page.Bar{Label: label, Name: label + ". " + full, Parts: parts(c), Further: []string{fmt.Sprintf("%.1f", c.PerThousand())}})
	}
	if len(b.Bars) > 0 {
		b.Says = "The busiest first; the numbers under the bars are those of the table."
	}
	return b
}

// shortRole is the role's own name of a national one, which comes as "Category":"Group":"Role".
func shortRole(name string) string {
	if parts := strings.Split(name, `":"`); len(parts) == 3 {
		return strings.Trim(parts[2], `"`)
	}
	return name
}

func orNot(s string) string {
	if s == "" {
		return "not given"
	}
	return s
}

// bySource says how sources answered.
func bySource(sources []picture.Source) page.Bars {
	b := page.Bars{
		ID: "sources", Title: "Sources that did not answer", Says: "How many looks each source left without an answer, refused, or answered with a gap, over the whole region.", Key: "Source",
		Series: []string{"No answer", "With a gap", "Refused"}, Further: []string{"Asked", "No answer in 100"},
	}
	for i, s := range sources {
		label := fmt.Sprint(i + 1)
		b.Bars = append(b.Bars, page.Bar{
			Label: label, Name: label + ". " + s.Feed, Parts: []int64{s.Failed, s.Gaps, s.Refused}, Further: []string{thousands(s.Asked), fmt.Sprintf("%.1f", s.FailedPercent())},
		})
	}
	return b
}
