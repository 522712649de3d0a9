package officer

import (
	"encoding/csv"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/go-json-experiment/json"

	"ribble/internal/audit"
	"ribble/internal/balp"
	"ribble/internal/identity"
	"ribble/internal/oversight/inquiry"
	"ribble/internal/oversight/report"
)

// table makes the report for the person, however many looks there were.
func (p *Pages) table(r *http.Request, u identity.User, t transfer, out io.Writer) error {
	table, err := report.NewTable(out)
	if err != nil {
		return err
	}
	flow := report.Flow{Give: table.Add}
	if _, err := p.Log.Search.Stream(r.Context(), t.query(p, u), flow.Take); err != nil {
		return err
	}
	if err := flow.End(); err != nil {
		return err
	}
	return table.Close(t.Complete, t.Missing)
}

// rowHeads are the columns of exported entries.
var rowHeads = []string{"Log number", "When (UTC)", "What", "User id", "Name", "Role", "ODS code", "Organisation", "Purpose", "How", "Sections", "Sources", "Look"}

// rows makes a table of entries, the newest first.
func (p *Pages) rows(r *http.Request, u identity.User, t transfer, out io.Writer) error {
	table := csv.NewWriter(out)
	table.UseCRLF = true
	if err := table.Write(rowHeads); err != nil {
		return err
	}
	if _, err := p.Log.Search.Stream(r.Context(), t.query(p, u), func(row inquiry.Row) error { return table.Write(cells(row)) }); err != nil {
		return err
	}
	end := make([]string, len(rowHeads))
	end[0], end[1] = "end", "complete to log number "+strconv.FormatInt(t.Complete.Sequence, 10)+" as of "+t.Complete.At.UTC().Format(time.RFC3339)
	if t.Part < t.Parts {
		end[0], end[1] = "end of part", fmt.Sprintf("part %d of %d; the next part goes on", t.Part, t.Parts)
	}
	if t.Missing != "" {
		end[2] = "NOT COMPLETE. " + t.Missing
	}
	if err := table.Write(end); err != nil {
		return err
	}
	table.Flush()
	return table.Error()
}

func cells(row inquiry.Row) []string {
	e := row.Event
	out := []string{
		strconv.FormatInt(row.Sequence, 10), e.At.UTC().Format("2006-01-02 15:04:05.000000"), eventWords[e.Act], e.User.Subject, e.User.Name, e.User.RoleName, e.User.Organisation,
		e.User.OrganisationName, e.Purpose, howSeen(e), sections(e.Sections), sources(e), "",
	}
	if !e.Look.IsZero() {
		out[len(out)-1] = e.Look.String()
	}
	for i := range out {
		out[i] = report.Harmless(out[i])
	}
	return out
}

// sources says of each feed how it answered.
func sources(e audit.Event) string {
	var b strings.Builder
	for i, s := range e.Sources {
		if i > 0 {
			b.WriteString("; ")
		}
		b.WriteString(s.Feed + " " + s.State)
	}
	return b.String()
}

// ndjson makes FHIR R4 AuditEvents of the entries, one a line (IHE BALP). They name the person only where the export is about one.
func (p *Pages) ndjson(r *http.Request, u identity.User, t transfer, out io.Writer) error {
	writer := balp.Writer{Portal: p.Portal}
	_, err := p.Log.Search.Stream(r.Context(), t.query(p, u), func(row inquiry.Row) error {
		line, err := json.Marshal(writer.From(balp.Kept{Sequence: row.Sequence, Event: row.Event, Person: t.Asking.number()}))
		if err != nil {
			return err
		}
		_, err = out.Write(append(line, '\n'))
		return err
	})
	return err
}
