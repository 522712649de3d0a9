package sourcecheck

import (
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// Result is how one check ended.
type Result string

// The results. A feed may go on to its next stage with warnings, never with a failed check.
const (
	Passed   Result = "passed"
	Warning  Result = "warning"
	Failed   Result = "failed"
	NotTried Result = "not tried"
)

// Check is one line of a report.
type Check struct {
	// ID is stable from run to run; Title says what is checked.
	ID     string `json:"id"`
	Title  string `json:"title"`
	Result Result `json:"result"`
	// Seen is what was seen, in words that whoever runs the source can act on. It holds nothing of a record.
	Seen   string `json:"seen"`
	TookMS int64  `json:"took_ms"`
}

// Report is the outcome of one run against one feed. It holds no detail of a test person, so that it can be sent to the source's supplier.
type Report struct {
	Feed         string    `json:"feed"`
	Organisation string    `json:"organisation"`
	Protocol     string    `json:"protocol"`
	Began        time.Time `json:"began"`
	TookMS       int64     `json:"took_ms"`
	// By is who ran it.
	By     string  `json:"by"`
	Checks []Check `json:"checks"`
}

// Passed reports whether no check failed and at least one person's record was read: what a connection needs before anybody sees its data.
func (r Report) Passed() bool { return r.Count(Failed) == 0 && r.Of(wholeRecord).tried() }

// Count is how many checks ended so.
func (r Report) Count(result Result) int {
	n := 0
	for _, c := range r.Checks {
		if c.Result == result {
			n++
		}
	}
	return n
}

// Of finds a check by its id; the zero Check when the report has none of it.
func (r Report) Of(id string) Check {
	for _, c := range r.Checks {
		if c.ID == id {
			return c
		}
	}
	return Check{}
}

func (c Check) tried() bool { return c.Result == Passed || c.Result == Warning }

// Headline is the report in one line.
func (r Report) Headline() string {
	tried := len(r.Checks) - r.Count(NotTried)
	return fmt.Sprintf("Connection check: %d of %d failed, %d with a warning, %d not tried", r.Count(Failed), tried, r.Count(Warning), r.Count(NotTried))
}

// Change is a check that ended otherwise than the last time.
type Change struct {
	ID, Title   string
	Before, Now Result
}

// Since lists what has changed since an earlier report of the same feed, in the order of this one. A check that the earlier report does not know
// was not tried then.
func (r Report) Since(last Report) []Change {
	var out []Change
	for _, c := range r.Checks {
		before := last.Of(c.ID).Result
		if before == "" {
			before = NotTried
		}
		if before != c.Result {
			out = append(out, Change{c.ID, c.Title, before, c.Result})
		}
	}
	return out
}

// WriteText writes the report for people; last may be nil.
func (r Report) WriteText(w io.Writer, last *Report) error {
	_, err := fmt.Fprintf(w, "%s\n%s (feed %s, %s), %s, took %s\n\n", r.Headline(), r.Organisation, r.Feed, r.Protocol, stamp(r.Began), seconds(r.TookMS))
	for _, c := range r.Checks {
		_, failed := fmt.Fprintf(w, "%-9s  %s (%s)\n           %s\n", c.Result, c.Title, seconds(c.TookMS), c.Seen)
		err = errors.Join(err, failed)
	}
	if last != nil {
		err = errors.Join(err, r.writeSince(w, *last))
	}
	return err
}

func (r Report) writeSince(w io.Writer, last Report) error {
	changes := r.Since(last)
	if len(changes) == 0 {
		_, err := fmt.Fprintf(w, "\nNothing has changed since %s.\n", stamp(last.Began))
		return err
	}
	_, err := fmt.Fprintf(w, "\nChanged since %s:\n", stamp(last.Began))
	for _, c := range changes {
		_, failed := fmt.Fprintf(w, "  %s: was %s, is %s\n", c.Title, c.Before, c.Now)
		err = errors.Join(err, failed)
	}
	return err
}

// stamp writes a time as the pages do, by the clock on the wall of whoever reads it.
func stamp(at time.Time) string { return at.In(uk).Format("02-Jan-2006 15:04:05") }

var uk = func() *time.Location {
	if l, err := time.LoadLocation("Europe/London"); err == nil {
		return l
	}
	return time.UTC
}()

func seconds(ms int64) string { return fmt.Sprintf("%.2f s", float64(ms)/1000) }

// WriteJSON writes the report for programs, and for Read.
func (r Report) WriteJSON(w io.Writer) error {
	return json.MarshalWrite(w, r, jsontext.WithIndent("  "))
}

// maxReport bounds what Read takes.
const maxReport = 1 << 20

// Read reads what WriteJSON wrote.
func Read(from io.Reader) (Report, error) {
	var r Report
	err := json.UnmarshalRead(io.LimitReader(from, maxReport), &r, json.RejectUnknownMembers(true))
	if err != nil {
		return Report{}, fmt.Errorf("reading a report of a connection check: %w", err)
	}
	return r, nil
}
