package officer

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"ribble/internal/audit"
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
	errNoProof   = fault.New(fault.Unavailable, "The log cannot be proven just now. Nothing was exported. Try again in a minute, or take the report without its proofs.")
	errFormat    = fault.New(fault.Invalid, "There is no such export.")
)

// export is one answer that leaves the log.
type export struct {
	user identity.User
	asking
}

// Report exports what was asked: the report for a person in several forms, or entries. What leaves the log is written down, with its purpose, before its
// first byte does; of what streams, when it does (see Transfer).
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
	s, streams := streams[format]
	switch {
	case !known && !streams, (known || s.story) && !a.whole():
		return errFormat
	case streams:
		err = p.note(r, u, audit.ActOfficerLooked, a, "export as "+format)
	default:
		err = p.note(r, u, audit.ActTrailExported, a, format)
	}
	if err != nil {
		return err
	}
	a.Before, a.Skip = inquiry.Place{}, 0
	if streams {
		return p.offer(w, r, export{u, a}, format)
	}
	return send(p, w, r, export{u, a})
}

// formats are the forms of one person's whole story that are made at once; those that stream are in streams.
var formats = map[string]func(*Pages, http.ResponseWriter, *http.Request, export) error{
	"pdf": (*Pages).pdf, "print": (*Pages).print, "proof": (*Pages).proof,
}

// compose makes the report for the person: of the newest entries, when the log holds more than a document can, and then it says so.
func (p *Pages) compose(r *http.Request, e *export) (report.Report, error) {
	rows, complete, err := p.story(r, e.user, &e.asking)
	if err != nil && !errors.Is(err, errTooMany) {
		return report.Report{}, err
	}
	made := report.Report{
		Person: e.number(), Name: e.Name, From: e.From, To: e.To, Lines: report.Compose(rows), Complete: complete, MadeAt: p.Now(), Reference: e.Reference,
		MadeBy: record.StaffName(e.user.Name).Usual() + ", " + e.user.Organisation.Name,
	}
	if err != nil {
		made.Left = older(rows) + " It is all in the table (CSV), and in report.csv of the bundle with its proofs."
	}
	missing, err := p.gap(r, e.asking)
	if err != nil {
		return made, err
	}
	made.Left, made.Erased = sentences(missing, made.Left), erased(rows)
	if made.Name == "" {
		made.Name = "The person"
	}
	return made, nil
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
	made, err := p.compose(r, &e)
	if err != nil {
		return err
	}
	return whole(w, "application/pdf", "who-looked.pdf", made.PDF)
}

func (p *Pages) print(w http.ResponseWriter, r *http.Request, e export) error {
	made, err := p.compose(r, &e)
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
	if made.Left != "" {
		props.Left = &ui.NoteProps{Kind: ui.NoteLoud, Lead: "Not complete.", Text: made.Left}
	}
	if made.Erased != "" {
		props.Head = append(props.Head, made.Erased)
	}
	for _, l := range made.Lines {
		props.Rows = append(props.Rows, lineRow(l))
	}
	return write(w, r, http.StatusOK, page.LooksReport(props))
}

// proof sends the report with what proves each of the log's entries about the person, however many: the table holds them all.
func (p *Pages) proof(w http.ResponseWriter, r *http.Request, e export) error {
	if p.Log.Ledger == nil {
		return errNoProof
	}
	made, err := p.compose(r, &e)
	if err != nil {
		return err
	}
	t := transfer{Asking: e.asking, Complete: made.Complete}
	if t.Missing, err = p.gap(r, e.asking); err != nil {
		return err
	}
	var numbers []int64
	_, err = p.Log.Search.Stream(r.Context(), t.query(p, e.user), func(row inquiry.Row) error {
		numbers = append(numbers, row.Sequence)
		return nil
	})
	if err != nil {
		return fault.Wrap(fault.Unavailable, fault.SafeText(errLogDown), err)
	}
	table := func(out io.Writer) error { return p.table(r, e.user, t, out) }
	b := proof.Bundle{
		Left: made.Left, Sequences: numbers, Keys: p.Log.Keys, WitnessKeys: p.Log.WitnessKeys, Reference: e.Reference, MadeAt: p.Now(),
		Documents: []proof.Document{{Name: "report.pdf", Write: made.PDF}, {Name: "report.csv", Write: table}},
	}
	return stream(w, func() { attach(w, "application/zip", "who-looked-with-proofs.zip") }, func(out io.Writer) error {
		_, err := b.Write(r.Context(), p.Log.Ledger, out)
		return err
	}, errNoProof)
}

// stream sends a file as it is made, in bounded memory. A fault before the first byte is told on a page; after it the answer is cut off, so that no
// browser takes half a file for a whole one.
func stream(w http.ResponseWriter, begin func(), fill func(io.Writer) error, otherwise *fault.Error) error {
	out := &late{w: w, begin: begin}
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
