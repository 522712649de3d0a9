package officer

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"time"

	"github.com/go-json-experiment/json"

	"ribble/internal/audit"
	"ribble/internal/balp"
	"ribble/internal/fault"
	"ribble/internal/identity"
	"ribble/internal/oversight/inquiry"
	"ribble/internal/oversight/proof"
	"ribble/internal/oversight/report"
	"ribble/internal/record"
	"ribble/web/page"
	"ribble/web/ui"
)

var (
	errNoPurpose = fault.New(fault.Invalid, "Nothing was exported. What leaves the log needs a purpose and a reference: ask again and give both.")
	errTooLong   = fault.New(fault.Invalid, "There are too many entries for one report. Nothing was exported. Take the report as CSV, which has no limit, or ask again with a shorter time.")
	errNoProof   = fault.New(fault.Unavailable, "The log cannot be proven just now. Nothing was exported. Try again in a minute, or take the report without its proofs.")
	errFormat    = fault.New(fault.Invalid, "There is no such export.")
)

// export is one answer that leaves the log.
type export struct {
	user identity.User
	asking
}

// Report exports what was asked: the report for a person in several forms, or entries as they stream. What leaves the log is written down, with its
// purpose, before its first byte does.
func (p *Pages) Report(w http.ResponseWriter, r *http.Request) error {
	u, err := p.officer(r)
	if err != nil {
		return err
	}
	if p.Log == nil {
		return errNoLog
	}
	a, err := p.unseal(u, r.PostFormValue("asking"))
	if err != nil {
		return err
	}
	if a.Purpose == "" || len(a.Reference) < leastReference {
		return errNoPurpose
	}
	format := r.PostFormValue("format")
	send, known := formats[format]
	if !known || wholeFormats[format] && !a.whole() {
		return errFormat
	}
	if err := p.note(r, u, audit.ActTrailExported, a, format); err != nil {
		return err
	}
	a.Before, a.Skip = inquiry.Place{}, 0
	return send(p, w, r, export{u, a})
}

// formats are the forms of an export; wholeFormats tell one person's whole story.
var (
	formats = map[string]func(*Pages, http.ResponseWriter, *http.Request, export) error{
		"pdf": (*Pages).pdf, "csv": (*Pages).table, "print": (*Pages).print, "proof": (*Pages).proof, "rows": (*Pages).rows, "ndjson": (*Pages).ndjson,
	}
	wholeFormats = map[string]bool{"pdf": true, "csv": true, "print": true, "proof": true}
)

// compose makes the report for the person, with the numbers of the log's entries that it rests on.
func (p *Pages) compose(r *http.Request, e *export) (report.Report, []int64, error) {
	rows, complete, err := p.story(r, e.user, &e.asking)
	if errors.Is(err, errTooMany) {
		return report.Report{}, nil, errTooLong
	}
	if err != nil {
		return report.Report{}, nil, err
	}
	numbers := make([]int64, len(rows))
	for i, row := range rows {
		numbers[i] = row.Sequence
	}
	name := e.Name
	if name == "" {
		name = "The person"
	}
	return report.Report{
		Person: e.number(), Name: name, From: e.From, To: e.To, Lines: report.Compose(rows), Complete: complete, MadeAt: p.Now(), Reference: e.Reference,
		MadeBy: record.StaffName(e.user.Name).Usual() + ", " + e.user.Organisation.Name,
	}, numbers, nil
}

func attach(w http.ResponseWriter, contentType, name string) {
	w.Header().Set("Content-Type", contentType)
	w.Header().Set("Content-Disposition", `attachment; filename="`+name+`"`)
}

// whole sends a small file: made first, so that a fault never leaves half of one.
func whole(w http.ResponseWriter, contentType, name string, fill func(io.Writer) error) error {
	var b bytes.Buffer
	if err := fill(&b); err != nil {
		return err
	}
	attach(w, contentType, name)
	_, err := w.Write(b.Bytes())
	return err
}

func (p *Pages) pdf(w http.ResponseWriter, r *http.Request, e export) error {
	made, _, err := p.compose(r, &e)
	if err != nil {
		return err
	}
	return whole(w, "application/pdf", "who-looked.pdf", made.PDF)
}

// table sends the report as it streams, however many looks there were.
func (p *Pages) table(w http.ResponseWriter, r *http.Request, e export) error {
	return stream(w, "text/csv; charset=utf-8", "who-looked.csv", func(out io.Writer) error {
		table, err := report.NewTable(out)
		if err != nil {
			return err
		}
		flow := report.Flow{Give: table.Add}
		complete, err := p.Log.Search.Stream(r.Context(), p.query(e.asking, e.user), flow.Take)
		if err != nil {
			return err
		}
		if err := flow.End(); err != nil {
			return err
		}
		return table.Close(complete)
	}, errLogDown)
}

func (p *Pages) print(w http.ResponseWriter, r *http.Request, e export) error {
	made, _, err := p.compose(r, &e)
	if err != nil {
		return err
	}
	props := page.LooksReportProps{
		Props: p.frame(r, "Who looked at this record"), Name: made.Name, Number: made.Person.Spaced(),
		Head: []string{
			fmt.Sprintf("Complete to number %s of the log, as of %s.", thousands(made.Complete.Sequence), moment(made.Complete.At)),
			"Made by " + made.MadeBy + " on " + moment(made.MadeAt) + ". Reference " + made.Reference + ".",
			"Every line names who looked, in which role and for which organisation, as it was at the time.",
		},
		None: ui.NoteProps{Kind: ui.NoteNone, Lead: "The log holds no look at this record in this time."},
	}
	for _, l := range made.Lines {
		props.Rows = append(props.Rows, lineRow(l))
	}
	return write(w, r, http.StatusOK, page.LooksReport(props))
}

// proof sends the report with what proves each of its entries.
func (p *Pages) proof(w http.ResponseWriter, r *http.Request, e export) error {
	if p.Log.Ledger == nil {
		return errNoProof
	}
	made, numbers, err := p.compose(r, &e)
	if err != nil {
		return err
	}
	b := proof.Bundle{
		Sequences: numbers, Keys: p.Log.Keys, WitnessKeys: p.Log.WitnessKeys, Reference: e.Reference, MadeAt: p.Now(),
		Documents: []proof.Document{{Name: "report.pdf", Write: made.PDF}, {Name: "report.csv", Write: made.CSV}},
	}
	return stream(w, "application/zip", "who-looked-with-proofs.zip", func(out io.Writer) error {
		_, err := b.Write(r.Context(), p.Log.Ledger, out)
		return err
	}, errNoProof)
}

// stream sends a file as it is made, in bounded memory. A fault before the first byte is told on a page; after it the answer is cut off, so that no
// browser takes half a file for a whole one.
func stream(w http.ResponseWriter, contentType, name string, fill func(io.Writer) error, otherwise *fault.Error) error {
	out := &late{w: w, begin: func() { attach(w, contentType, name) }}
	err := fill(out)
	switch {
	case err == nil:
		return nil
	case out.begun:
		panic(http.ErrAbortHandler)
	}
	return fault.Wrap(fault.KindOf(otherwise), fault.SafeText(otherwise), err)
}

// late sets the head of an answer with its first byte. Each write may take a while, and no more: whoever stopped reading is let go.
type late struct {
	w     http.ResponseWriter
	begin func()
	begun bool
}

const writeLimit = 30 * time.Second

// Write begins the answer when it is the first.
func (l *late) Write(b []byte) (int, error) {
	if !l.begun {
		l.begin()
		l.begun = true
	}
	// A recorder in a test has no deadline to set.
	_ = http.NewResponseController(l.w).SetWriteDeadline(time.Now().Add(writeLimit))
	return l.w.Write(b)
}

// rowHeads are the columns of exported entries.
var rowHeads = []string{"Log number", "When (UTC)", "What", "User id", "Name", "Role", "ODS code", "Organisation", "Purpose", "How", "Sections", "Sources", "Look"}

// rows exports entries as they stream. Newest first: one that was cut off is gone on with by asking for the numbers up to the last that came.
func (p *Pages) rows(w http.ResponseWriter, r *http.Request, e export) error {
	return stream(w, "text/csv; charset=utf-8", "log.csv", func(out io.Writer) error {
		table := csv.NewWriter(out)
		table.UseCRLF = true
		if err := table.Write(rowHeads); err != nil {
			return err
		}
		complete, err := p.Log.Search.Stream(r.Context(), p.query(e.asking, e.user), func(row inquiry.Row) error { return table.Write(cells(row)) })
		if err != nil {
			return err
		}
		end := make([]string, len(rowHeads))
		end[0], end[1] = "end", "complete to log number "+strconv.FormatInt(complete.Sequence, 10)+" as of "+complete.At.UTC().Format(time.RFC3339)
		if err := table.Write(end); err != nil {
			return err
		}
		table.Flush()
		return table.Error()
	}, errLogDown)
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
	var b bytes.Buffer
	for i, s := range e.Sources {
		if i > 0 {
			b.WriteString("; ")
		}
		b.WriteString(s.Feed + " " + s.State)
	}
	return b.String()
}

// ndjson exports entries as FHIR R4 AuditEvents, one a line (IHE BALP). They name the person only where the export is about one.
func (p *Pages) ndjson(w http.ResponseWriter, r *http.Request, e export) error {
	writer := balp.Writer{Portal: p.Portal}
	return stream(w, "application/fhir+ndjson", "audit-events.ndjson", func(out io.Writer) error {
		_, err := p.Log.Search.Stream(r.Context(), p.query(e.asking, e.user), func(row inquiry.Row) error {
			line, err := json.Marshal(writer.From(balp.Kept{Sequence: row.Sequence, Event: row.Event, Person: e.number()}))
			if err != nil {
				return err
			}
			_, err = out.Write(append(line, '\n'))
			return err
		})
		return err
	}, errLogDown)
}
