package section

import (
	"slices"
	"strconv"
	"strings"

	"ribble/internal/merge"
	"ribble/internal/record"
	"ribble/web/panel"
	"ribble/web/ui"
)

// results shows laboratory reports newest first, each with its groups, results and comments at their own level, and trends only where
// code, unit, specimen and method agree (section 11 of the section catalogue; rules R11 and R20).
func results(v *View) Content {
	c := reports(v, resultGroups(v))
	for _, t := range trends(v) {
		c.Blocks = append(c.Blocks, t)
	}
	return c
}

// imaging shows imaging and other diagnostic reports whole, in place (section 12 of the section catalogue).
func imaging(v *View) Content {
	return reports(v, imagingGroups(v))
}

func resultGroups(v *View) []merge.Group[record.Report] {
	return once(v, record.Results, func() []merge.Group[record.Report] {
		return reportGroups(v, func(c *record.Chart) []record.Report { return c.Results })
	})
}

func imagingGroups(v *View) []merge.Group[record.Report] {
	return once(v, record.Imaging, func() []merge.Group[record.Report] {
		return reportGroups(v, func(c *record.Chart) []record.Report { return c.Imaging })
	})
}

func reportGroups(v *View, of func(*record.Chart) []record.Report) []merge.Group[record.Report] {
	groups := merge.Entries(entries(v, of), func(r *record.Report) merge.Key {
		if r.Rare == nil || r.Rare.Accession == "" || len(r.Lab) == 0 {
			return merge.Key{}
		}
		return merge.Key{Code: r.Rare.Accession, Detail: r.Lab[0].Organisation, Date: r.Collected.Start.Text, Phase: r.Phase}
	})
	return order(v, groups, func(a, b *record.Report) int { return reportDate(b).Compare(reportDate(a)) })
}

func reportDate(r *record.Report) record.PartialDate {
	for _, d := range [...]*record.PartialDate{&r.Issued, &r.When.Start, &r.Collected.Start} {
		if !d.IsZero() {
			return *d
		}
	}
	return r.Recorded
}

func reports(v *View, groups []merge.Group[record.Report]) Content {
	var c Content
	preliminary := 0
	for _, g := range groups {
		c.Rows += len(g.Members)
		if g.One().Phase == record.Preliminary {
			preliminary++
		}
	}
	c.Groups = len(groups)
	if preliminary > 0 {
		c.Notices = append(c.Notices, panel.Notice{Kind: ui.NoteLoud, Icon: ui.IconPart, Lead: strconv.Itoa(preliminary) + plural(preliminary, " report is", " reports are") + " PRELIMINARY.", Text: "A preliminary result may change; the source has not issued the final report."})
		c.News = append(c.News, "PRELIMINARY")
	}
	for _, part := range []struct {
		heading string
		want    func(*record.Report) bool
	}{
		{"Preliminary", func(r *record.Report) bool { return r.Phase == record.Preliminary }},
		{"Reports", func(r *record.Report) bool { return r.Phase != record.Preliminary && !r.NoReport }},
		{"Requested or taken, no report sent", func(r *record.Report) bool { return r.Phase != record.Preliminary && r.NoReport }},
	} {
		if chosen := pick(groups, part.want); len(chosen) > 0 {
			c.Blocks = append(c.Blocks, panel.Heading{Text: part.heading, Note: strconv.Itoa(len(chosen)) + plural(len(chosen), " report", " reports")}, reportTable(v, part.heading, chosen))
		}
	}
	return c
}

func reportTable(v *View, label string, groups []merge.Group[record.Report]) panel.Table {
	t := panel.Table{Label: label, Bodies: make([]panel.Body, 0, len(groups)), Columns: []panel.Column{{Label: "Test", Width: 24}, {Label: "Value and unit", Width: 22}, {Label: "Range and flag", Width: 18}, {Label: "Date", Width: 14}}}
	for i := range groups {
		for m, r := range groups[i].Members {
			b := reportBody(v, r)
			if m > 0 {
				b.Rows[0].Cells[0] = v.with(b.Rows[0].Cells[0], panel.Sub, "same report, also sent by "+r.Source.Organisation.Short)
			}
			if groups[i].VersionsDiffer {
				b.Rows[0].Cells[0] = v.with(b.Rows[0].Cells[0], panel.TagCare, "versions differ: amended or different?")
			}
			t.Bodies = append(t.Bodies, b)
		}
	}
	return t
}

// reportBody is the report's own row and a row for each result below it, indented as the source grouped them. A report of one result is one row.
func reportBody(v *View, r *record.Report) panel.Body {
	h := &r.Head
	head := panel.Row{Cells: v.cells(4), Source: v.source(h), New: v.Late[h.Source.Feed] > 0}
	head.Cells[0], head.Cells[1], head.Cells[2], head.Cells[3] = reportName(v, r), reportWords(v, r), v.plain(semicolons(reportStatus(r), concepts(r.Categories))), reportDates(v, r)
	if len(r.Items) == 1 && below(&r.Items[0]) == 0 {
		head.Cells = oneResult(v, &r.Items[0], head.Cells)
		return v.alone(head)
	}
	n := 1
	for i := range r.Items {
		n += 1 + allBelow(&r.Items[i])
	}
	b := panel.Body{Rows: append(v.own().rows.take(n)[:0], head)}
	// Who and when stand once, on the report's own row.
	source := head.Source
	source.By, source.Dates, source.RetrievedAt = "", "", ""
	for i := range r.Items {
		b.Rows = appendResult(v, b.Rows, &r.Items[i], source, 1)
	}
	return b
}

// allBelow is how many results stand below one, at whatever depth.
func allBelow(r *record.Result) int {
	if r.Rare == nil {
		return 0
	}
	n := below(r)
	for _, part := range [...][]record.Result{r.Rare.Components, r.Rare.Members} {
		for i := range part {
			n += allBelow(&part[i])
		}
	}
	return n
}

// below is how many results stand below one.
func below(r *record.Result) int {
	if r.Rare == nil {
		return 0
	}
	return len(r.Rare.Members) + len(r.Rare.Components)
}

// oneResult joins a report and its only result: the result first, then what the report adds to it.
func oneResult(v *View, item *record.Result, report []panel.Cell) []panel.Cell {
	cells := resultCells(v, item, 0)
	cells[0].Lines[0].Kind = panel.Strong
	for _, l := range report[0].Lines {
		switch {
		case strings.EqualFold(l.Text, cells[0].Lines[0].Text), l.Kind == panel.TagLoud && item.Phase == record.Preliminary:
		case l.Kind == panel.Strong:
			cells[0] = v.with(cells[0], panel.Sub, l.Text)
		default:
			cells[0].Lines = append(cells[0].Lines, l)
		}
	}
	cells[1].Lines = append(cells[1].Lines, report[1].Lines...)
	for _, l := range report[2].Lines {
		cells[2] = v.with(cells[2], panel.Sub, l.Text)
	}
	if when := v.when(item.When); when != "" && !strings.Contains(report[3].Lines[0].Text, when) {
		report[3] = v.with(report[3], panel.Sub, "result "+when)
	}
	cells[3] = report[3]
	return cells
}

// reportTitle names a report: by its own name, else by its first result's.
func reportTitle(r *record.Report) string {
	name := r.Name.Name()
	if name == "" && len(r.Items) > 0 {
		name = r.Items[0].Test.Name()
	}
	return firstOf(name, "Report not named by the source")
}

func reportName(v *View, r *record.Report) panel.Cell {
	c := v.strong(reportTitle(r))
	if r.Phase == record.Preliminary {
		c.Lines = append([]panel.Line{{Text: "PRELIMINARY", Kind: panel.TagLoud}}, c.Lines...)
	}
	rare := r.Rarely()
	c = v.with(c, panel.Sub, labelled("site", concepts(rare.Sites)))
	c = v.with(c, panel.Sub, rare.Modality)
	for _, s := range rare.Specimens {
		c = v.with(c, panel.Sub, specimenWords(s))
	}
	if lab := actors(r.Lab); lab != "" {
		c = v.with(c, panel.Sub, lab)
	}
	for i := range rare.Forms {
		c = v.attachment(c, &r.Head, &rare.Forms[i])
	}
	return c
}

func specimenWords(s record.Specimen) string {
	out := commas(s.Type.Name(), s.Site.Name())
	return commas(out, strings.Join(s.Notes, "; "))
}

func reportWords(v *View, r *record.Report) panel.Cell {
	var c panel.Cell
	if strings.Contains(r.Conclusion, "  ") {
		c = v.with(c, panel.Pre, r.Conclusion)
	} else {
		c = v.with(c, panel.Plain, r.Conclusion)
	}
	rare := r.Rarely()
	c = v.with(c, panel.Plain, concepts(rare.Diagnoses))
	if rare.ResultsNotSent > 0 {
		c = v.with(c, panel.TagCare, strconv.Itoa(rare.ResultsNotSent)+plural(rare.ResultsNotSent, " result", " results")+" not sent")
	}
	if r.NoReport {
		c = v.with(c, panel.TagCare, "no report sent")
	}
	if len(c.Lines) == 0 && len(r.Items) > 1 {
		c = v.with(c, panel.Sub, strconv.Itoa(len(r.Items))+" results below")
	}
	c = v.with(c, panel.Sub, labelled("asked for", concepts(rare.Requested)))
	c = v.with(c, panel.Sub, rare.RequestedWhy)
	for _, f := range rare.Filing {
		c = v.with(c, panel.Sub, commas(labelled("seen by the practice", f.On.Display()), commas(actors(f.By), f.Comment)))
	}
	return details(v, c, &r.Head)
}

func reportStatus(r *record.Report) string {
	if r.RawStatus == "unknown" {
		return ""
	}
	return r.RawStatus
}

// reportDates says what happened when; what happened at one time stands in one line.
func reportDates(v *View, r *record.Report) panel.Cell {
	what := [...]string{"collected", "done", "received", "issued"}
	times := [...]record.Period{r.Collected, r.When, record.On(r.Rarely().Received), record.On(r.Issued)}
	var dates [len(times)]string
	for i := range times {
		if same := slices.Index(times[:i], times[i]); same >= 0 {
			dates[i] = dates[same]
		} else {
			dates[i] = v.when(times[i])
		}
	}
	var c panel.Cell
	for i, date := range dates {
		if date == "" || slices.Contains(dates[:i], date) {
			continue
		}
		words := make([]string, 0, len(what))
		for j := i; j < len(what); j++ {
			if dates[j] == date {
				words = append(words, what[j])
			}
		}
		if len(c.Lines) == 0 {
			c = v.with(v.plain(date), panel.Sub, span(words))
		} else {
			c = v.with(c, panel.Sub, span(words)+" "+date)
		}
	}
	if len(c.Lines) == 0 {
		return v.plain("date not given")
	}
	return c
}

// span names what happened at one time, from the first to the last.
func span(words []string) string {
	if len(words) > 2 {
		return words[0] + " to " + words[len(words)-1]
	}
	return list(words)
}

func appendResult(v *View, rows []panel.Row, r *record.Result, source panel.SourceCell, level int) []panel.Row {
	rows = append(rows, panel.Row{Cells: resultCells(v, r, level), Source: source, Level: min(level, 3)})
	if r.Rare == nil {
		return rows
	}
	for _, part := range [...][]record.Result{r.Rare.Components, r.Rare.Members} {
		for i := range part {
			rows = appendResult(v, rows, &part[i], source, level+1)
		}
	}
	return rows
}

// resultCells show value, comparator, unit, range and flag verbatim; when nothing was sent the comment is the result.
func resultCells(v *View, r *record.Result, level int) []panel.Cell {
	name, rare := v.plain(firstOf(r.Test.Name(), "Test not named by the source")), r.Rarely()
	if level <= 1 && len(rare.Members) > 0 {
		name.Lines[0].Kind = panel.Strong
	}
	if r.Phase == record.Preliminary {
		name = v.with(name, panel.TagLoud, "PRELIMINARY")
	}
	for _, i := range rare.Issues {
		name = v.with(name, panel.TagCare, i.Text)
	}
	value := resultValue(v, r)
	ranges := panel.Cell{}
	for _, x := range r.Ranges {
		ranges = v.with(ranges, panel.Plain, semicolons(x.Display(), x.Kind))
	}
	ranges = v.with(ranges, panel.TagRed, r.Flag)
	when := v.plain(v.when(r.When))
	if status := resultStatus(r); status != usual {
		when = v.with(when, panel.Sub, status)
	}
	cells := v.cells(4)
	cells[0], cells[1], cells[2], cells[3] = name, value, ranges, when
	return cells
}

func resultValue(v *View, r *record.Result) panel.Cell {
	c, rare := v.strong(r.Value.Display()), r.Rarely()
	c = v.with(c, panel.Sub, labelled("no value:", rare.Absent.Name()))
	for _, comment := range r.Comments {
		kind := panel.Plain
		if strings.Contains(comment, "  ") {
			kind = panel.Pre
		}
		c = v.with(c, kind, comment)
	}
	c = v.with(c, panel.Sub, labelled("method", rare.Method.Name()))
	c = v.with(c, panel.Sub, labelled("site", rare.Site.Name()))
	if n := below(r); len(c.Lines) == 0 && n > 0 {
		c = v.with(c, panel.Sub, strconv.Itoa(n)+" results below")
	}
	return c
}

// usual is the status of a result that needs no word beside its report's.
const usual = "final"

func resultStatus(r *record.Result) string {
	if r.Status == "unknown" {
		return ""
	}
	return r.Status
}
