package report

import (
	"fmt"
	"io"

	"codeberg.org/go-pdf/fpdf"
	"golang.org/x/image/font/gofont/gobold"
	"golang.org/x/image/font/gofont/goregular"
)

// The page is A4, lying; lengths are in millimetres, type in points.
const (
	margin   = 12.0
	textSize = 8.5
	lineStep = 4.0
)

// widths are those of the columns; they fill the page between its margins.
var widths = []float64{30, 34, 34, 42, 38, 40, 37, 18}

// confidential stands on every page (IG Requirements for GP Systems V4).
const confidential = "NHS Confidential: Personal Data about a patient"

// PDF writes the report as a document to be printed: each page says whose it is, which page of how many, and that it is confidential.
func (r Report) PDF(out io.Writer) error {
	p := fpdf.New("L", "mm", "A4", "")
	p.AddUTF8FontFromBytes("go", "", goregular.TTF)
	p.AddUTF8FontFromBytes("go", "B", gobold.TTF)
	p.SetMargins(margin, margin, margin)
	p.SetAutoPageBreak(false, margin)
	p.SetTitle("Who looked at this record", true)
	p.SetCreationDate(r.MadeAt)
	p.SetModificationDate(r.MadeAt)
	p.AliasNbPages("{pages}")
	p.SetFooterFunc(func() {
		p.SetY(-margin)
		p.SetFont("go", "", 8)
		p.CellFormat(0, lineStep, fmt.Sprintf("%s    %s    page %d of {pages}", confidential, r.Reference, p.PageNo()), "", 0, "C", false, 0, "")
	})
	p.AddPage()
	r.head(p)
	heading(p)
	for _, l := range r.Lines {
		row(p, l)
	}
	if len(r.Lines) == 0 {
		p.SetFont("go", "", 10)
		p.MultiCell(0, 6, "The log holds no look at this record in this time.", "", "L", false)
	}
	if err := p.Error(); err != nil {
		return fmt.Errorf("making the report: %w", err)
	}
	return p.Output(out)
}

func (r Report) head(p *fpdf.Fpdf) {
	p.SetFont("go", "B", 15)
	p.CellFormat(0, 8, "Who looked at this record", "", 1, "L", false, 0, "")
	p.SetFont("go", "", 10)
	span := "All that the log holds."
	if !r.From.IsZero() || !r.To.IsZero() {
		span = "From " + orElse(moment(r.From), "the beginning") + " to " + orElse(moment(r.To), "now") + "."
	}
	for _, line := range append([]string{
		r.Name + ", NHS number " + r.Person.Spaced(),
		span + " " + summary(len(r.Lines)),
		fmt.Sprintf("Complete to number %d of the log, as of %s.", r.Complete.Sequence, moment(r.Complete.At)),
		"Made by " + r.MadeBy + " on " + moment(r.MadeAt) + ". Reference " + r.Reference + ".",
		"Every line names who looked, in which role and for which organisation, as it was at the time. The log numbers let an expert check each line against the proof that comes with this report.",
	}, r.erased()...) {
		p.MultiCell(0, 5, line, "", "L", false)
	}
	if r.Left != "" {
		p.SetFont("go", "B", 11)
		p.MultiCell(0, 6, r.Left, "1", "L", false)
	}
	p.Ln(3)
}

func (r Report) erased() []string {
	if r.Erased == "" {
		return nil
	}
	return []string{r.Erased}
}

func summary(n int) string {
	if n == 1 {
		return "1 entry."
	}
	return fmt.Sprintf("%d entries.", n)
}

func heading(p *fpdf.Fpdf) {
	p.SetFont("go", "B", textSize)
	for i, c := range columns {
		p.CellFormat(widths[i], lineStep+2, c, "B", 0, "L", false, 0, "")
	}
	p.Ln(lineStep + 3)
	p.SetFont("go", "", textSize)
}

// row prints a line whole: one that would run over the end of the page begins the next.
func row(p *fpdf.Fpdf, l Line) {
	style := ""
	if l.Grave {
		style = "B"
	}
	p.SetFont("go", style, textSize)
	cells := l.cells()
	var split [][]string
	tallest := 1
	for i, c := range cells {
		lines := p.SplitText(c, widths[i]-2)
		split = append(split, lines)
		tallest = max(tallest, len(lines))
	}
	_, height := p.GetPageSize()
	if p.GetY()+float64(tallest)*lineStep > height-margin-lineStep*2 {
		p.AddPage()
		heading(p)
		p.SetFont("go", style, textSize)
	}
	top := p.GetY()
	x := margin
	for i, lines := range split {
		for n, text := range lines {
			p.SetXY(x, top+float64(n)*lineStep)
			p.CellFormat(widths[i], lineStep, text, "", 0, "L", false, 0, "")
		}
		x += widths[i]
	}
	p.SetXY(margin, top+float64(tallest)*lineStep+1)
}
