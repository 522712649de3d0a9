package report

import (
	"encoding/csv"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"ribble/internal/oversight/inquiry"
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

// Table writes lines as comma-separated values. No cell can be taken for a formula by a spreadsheet (test C11).
type Table struct{ w *csv.Writer }

// NewTable begins a table with its heads.
func NewTable(out io.Writer) (*Table, error) {
	t := &Table{csv.NewWriter(out)}
	t.w.UseCRLF = true
	return t, t.w.Write(columns)
}

// Add writes a line.
func (t *Table) Add(l Line) error {
	cells := l.cells()
	for i := range cells {
		cells[i] = Harmless(cells[i])
	}
	return t.w.Write(cells)
}

// Close writes what is left, with a last row that says how far the table is complete: one that was cut off has none. Before it stands what is missing, in
// words, if anything is.
func (t *Table) Close(c inquiry.Complete, missing string) error {
	if missing != "" {
		row := make([]string, len(columns))
		row[0], row[1] = "NOT COMPLETE", missing
		if err := t.w.Write(row); err != nil {
			return err
		}
	}
	end := make([]string, len(columns))
	end[0], end[len(end)-1] = "End. Complete as of "+moment(c.At), "complete to log number "+strconv.FormatInt(c.Sequence, 10)
	if err := t.w.Write(end); err != nil {
		return err
	}
	t.w.Flush()
	return t.w.Error()
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
