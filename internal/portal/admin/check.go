package admin

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/go-chi/chi/v5"

	"ribble/internal/directory"
	"ribble/internal/fault"
	"ribble/internal/sourcecheck"
	"ribble/web/page"
	"ribble/web/ui"
)

// checkPart is the last connection check of a feed, with what has changed since the one before.
func (p *Pages) checkPart(r *http.Request, f *directory.Feed) (page.Part, error) {
	part := page.Part{ID: "check", Heading: "Connection check: never run", Notes: []ui.NoteProps{{Kind: ui.NoteCare, Icon: ui.IconInfo, Lead: "Not checked yet.", Text: "A feed cannot be asked even for test people before a check has passed."}}}
	checks, err := p.Checks.ChecksOf(r.Context(), f.ID, 2)
	if err != nil || len(checks) == 0 {
		return part, err
	}
	last := checks[0]
	part.Heading, part.Notes = fmt.Sprintf("Connection check: %d of %d failed", last.Failed, last.Total), nil
	part.Cover = fmt.Sprintf("%s, %s, test people only", moment(last.At), name(last.By))
	if last.Connection != f.Connection() {
		part.Notes = []ui.NoteProps{{Kind: ui.NoteCare, Icon: ui.IconClock, Lead: "This check is of another connection.", Text: "The address or the certificates were changed after it. Run it again."}}
	}
	report, err := sourcecheck.Read(strings.NewReader(last.Result))
	if err != nil {
		return part, fmt.Errorf("reading the last connection check: %w", err)
	}
	part.Table = reportTable(report)
	if len(checks) > 1 {
		if before, err := sourcecheck.Read(strings.NewReader(checks[1].Result)); err == nil {
			part.Foot = since(report, before)
		}
	}
	return part, nil
}

// results are the results as tags, in the order in which they are listed: what failed first.
var results = []struct {
	result sourcecheck.Result
	cell   page.Cell
}{
	{sourcecheck.Failed, tagged(ui.TagLoud, "FAILED")}, {sourcecheck.Warning, tagged(ui.TagCare, "warning")}, {sourcecheck.Passed, tagged(ui.TagDone, "passed")},
	{sourcecheck.NotTried, tagged(ui.TagSoft, "not tried")},
}

func reportTable(report sourcecheck.Report) page.Table {
	t := page.Table{Head: []string{"Check", "Result", "What was seen", "Took"}}
	for _, kind := range results {
		for _, c := range report.Checks {
			if c.Result == kind.result {
				t.Rows = append(t.Rows, []page.Cell{words(c.Title), kind.cell, words(c.Seen), whole(fmt.Sprintf("%.2f s", float64(c.TookMS)/1000))})
			}
		}
	}
	return t
}

func since(report, before sourcecheck.Report) string {
	changes := report.Since(before)
	if len(changes) == 0 {
		return "Nothing has changed since " + moment(before.Began) + "."
	}
	texts := make([]string, len(changes))
	for i, c := range changes {
		texts[i] = fmt.Sprintf("%s: was %s, is %s", c.Title, c.Before, c.Now)
	}
	slices.Sort(texts)
	return "Changed since " + moment(before.Began) + ". " + strings.Join(texts, ". ") + "."
}

var errNoCheck = fault.New(fault.Unavailable, "This deployment cannot run connection checks from its pages. Ask your operator to run ribble source check.")

// RunCheck runs a connection check and shows its result.
func (p *Pages) RunCheck(w http.ResponseWriter, r *http.Request) error {
	u, err := p.administrator(r)
	if err != nil {
		return err
	}
	id := chi.URLParam(r, "id")
	if p.Desk.Directory().Feed(id) == nil {
		return errNoEntry
	}
	if p.Check == nil {
		return errNoCheck
	}
	if err := p.Check(r.Context(), u, id); err != nil {
		return err
	}
	return p.toFeed(w, r, id, "#check")
}
