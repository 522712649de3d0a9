package report

import (
	"encoding/csv"
	"fmt"
	"io"
	"strings"
	"time"
)

// columns are the heads of the table, in CSV and PDF alike.
var columns = []string{"When (UK time)", "Who", "Role", "Organisation", "What was done", "How", "What was shown", "Log numbers"}

// uk is the clock of the people whom the report is for.
var uk = func() *time.Location {
	if l, err := time.LoadLocation("Europe/London"); err == nil {
		return l
	}
	return time.UTC
}()

func moment(at time.Time) string {
	if at.IsZero() {
		return ""
	}
	return at.In(uk).Format("02-Jan-2006 15:04:05 MST")
}

func (l Line) cells() []string {
	numbers := fmt.Sprint(l.First)
	if l.Last != l.First {
		numbers = fmt.Sprintf("%d to %d", l.First, l.Last)
	}
	return []string{moment(l.At), l.Who, l.Role, l.Organisation, l.What, l.How, l.Shown, numbers}
}

// CSV writes the lines as comma-separated values. No cell can be taken for a formula by a spreadsheet (test C11).
func (r Report) CSV(out io.Writer) error {
	w := csv.NewWriter(out)
	w.UseCRLF = true
	if err := w.Write(columns); err != nil {
		return err
	}
	for _, l := range r.Lines {
		cells := l.cells()
		for i := range cells {
			cells[i] = Harmless(cells[i])
		}
		if err := w.Write(cells); err != nil {
			return err
		}
	}
	w.Flush()
	return w.Error()
}

// Harmless keeps a spreadsheet from running a text: one that begins with a sign of a formula, in any width, gets an apostrophe before it.
func Harmless(cell string) string {
	trimmed := strings.TrimLeft(cell, " \u00a0\u3000\ufeff")
	if trimmed == "" {
		return cell
	}
	switch []rune(trimmed)[0] {
	case '=', '+', '-', '@', '\t', '\r', '\n', '|', '%', '＝', '＋', '－', '＠':
		return "'" + cell
	}
	return cell
}
