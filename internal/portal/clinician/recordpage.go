package clinician

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"time"

	"github.com/a-h/templ"

	"ribble/internal/access"
	"ribble/internal/audit"
	"ribble/internal/openrecord"
	"ribble/internal/portal/handle"
	"ribble/internal/record"
	"ribble/internal/section"
	"ribble/web/layout"
	"ribble/web/panel"
	"ribble/web/ui"
)

// recordPage shows one record on one response, part by part as the sources end. It is an openrecord.Page.
type recordPage struct {
	ctx     context.Context
	w       http.ResponseWriter
	frame   layout.Props
	again   ui.Action
	tab     string
	handles handle.Keeper
	log     *slog.Logger
	// who is the handle under which the record is open.
	who bound
	// officer is who was told of emergency access.
	officer string
	// buffer holds the part that is about to be sent.
	buffer *bytes.Buffer
	// begun is set once bytes have left: from then on an error cannot become another page.
	begun bool
}

// errUnproven says that bytes were about to leave without a proof that they were written down.
var errUnproven = errors.New("showing a part of a record without its audit proof")

// Shell opens the page: who the person is, and who is being asked.
func (p *recordPage) Shell(receipt audit.Receipt, v *section.View) error {
	if !receipt.Valid() {
		return errUnproven
	}
	person := receipt.Person()
	banner := section.Banner(person, v.Now)
	props := layout.RecordProps{
		Props: p.frame, Banner: banner, Sections: slots(), Tab: p.tab,
		Print: p.print(receipt, v, banner),
		Asked: "Asking " + section.Asking(v) + ".",
		Stale: ui.NoteProps{Kind: ui.NoteCare, Icon: ui.IconClock, Lead: "Retrieved 15 minutes ago.", Text: "The sources may hold something newer.", Action: &p.again},
		Other: ui.NoteProps{Kind: ui.NoteLoud, Icon: ui.IconTwin, Lead: "A different person is open in another tab.", Text: "Check the name above before you act."},
	}
	// A title is kept in the history of browsers, on disk: it must not name anybody.
	props.Title = "Shared care record"
	var err error
	if props.Glass, err = p.glass(receipt, v.Now); err != nil {
		return err
	}
	if props.Standing, err = p.standing(receipt); err != nil {
		return err
	}
	if props.Links, err = p.problemLink(receipt, v, banner, props.Links); err != nil {
		return err
	}
	p.frame.Links = props.Links
	var b bytes.Buffer
	if err := render(p.ctx, &b, layout.RecordShell(props), section.Strip(v, 1).HTML()); err != nil {
		return err
	}
	p.w.Header().Set("Content-Type", "text/html; charset=utf-8")
	p.w.Header().Set("X-Accel-Buffering", "no")
	return p.flush(b.Bytes())
}

func (p *recordPage) print(receipt audit.Receipt, v *section.View, banner panel.Banner) panel.PrintHead {
	u := receipt.User()
	return panel.PrintHead{Banner: banner, PrintedBy: u.Name + ", " + u.Role.Name + ", " + u.Organisation.Name, Retrieved: section.Moment(v.Now), Missing: section.Missing(v)}
}

func slots() []layout.Section {
	out := make([]layout.Section, 0, record.NumSections)
	for s := range record.AllSections.All {
		out = append(out, layout.Section{ID: s.ID(), Title: s.Title()})
	}
	return append(out, layout.Section{ID: section.TimelineID, Title: section.TimelineTitle})
}

// Render makes the bytes of a part: its sections, and the summaries over all of them.
func (p *recordPage) Render(part openrecord.Part) ([]byte, error) {
	select {
	case presses <- struct{}{}:
		defer func() { <-presses }()
	case <-p.ctx.Done():
		return nil, p.ctx.Err()
	}
	if p.buffer == nil {
		p.buffer = newPart()
	}
	p.buffer.Reset()
	err := (&press{ctx: p.ctx, log: p.log, pieces: p.pieces(part)}).print(p.buffer, part.View, hands(rows(part)))
	return p.buffer.Bytes(), err
}

// rows is how many entries the sections of a part have.
func rows(part openrecord.Part) int {
	n := 0
	for _, a := range part.View.Answers {
		for s := range part.Sections.All {
			_, entries := a.Answer().Chart.Count(s)
			n += entries
		}
	}
	return n
}

// pieces are what a part is made of, in the order in which it leaves.
func (p *recordPage) pieces(part openrecord.Part) []piece {
	grant, person := part.Receipt.Grant(), part.Receipt.Person()
	var out []piece
	for s := range part.Sections.All {
		late, rendering, document := part.Late(s), part.Rendering(s), p.document(part.Receipt, s)
		out = append(out, func(v *section.View) templ.Component {
			return section.Panel(v.For(late, document), s, rendering).HTML()
		})
	}
	out = append(out, func(v *section.View) templ.Component { return section.Strip(v, part.Turn+1).HTML() })
	// The warnings and the navigation speak of sections: they change when sections are shown.
	if part.Sections != 0 || part.Last {
		out = append(out, func(v *section.View) templ.Component { return section.Flags(v, person).HTML() },
			func(v *section.View) templ.Component {
				return section.Nav(v, grant.Sections(), grant.Purpose().String()+". Your link to this person: "+leave(grant), p.again).HTML()
			})
	}
	if part.Snapshot {
		out = append(out, func(v *section.View) templ.Component { return section.Snapshot(v, part.Turn).HTML() })
	}
	if part.Last {
		out = append(out, func(v *section.View) templ.Component {
			return p.print(part.Receipt, v, section.Banner(person, v.Now)).HTML()
		}, func(*section.View) templ.Component { return closed(grant) },
			func(v *section.View) templ.Component { return section.Timeline(v, 1).HTML() })
	}
	return out
}

// document makes the links under which the attachments of a section open: sealed to this session, role, person, source and section.
func (p *recordPage) document(receipt audit.Receipt, listed record.Section) func(record.SourceRef, record.Attachment) string {
	who, sees := p.whose(receipt), receipt.Grant().Sections().Has(record.Documents)
	return func(source record.SourceRef, a record.Attachment) string {
		if a.URL == "" || !sees {
			return ""
		}
		token, err := handle.Seal(p.handles, documentPurpose, documentHandle{
			bound: who, Feed: source.Feed, Section: listed, URL: a.URL, ContentType: a.ContentType, Title: a.Title, Cleared: a.Cleared,
		})
		if err != nil {
			return ""
		}
		return "/document/" + token
	}
}

// Send lets a part leave under the proof that all it tells of was written down.
func (p *recordPage) Send(proof audit.Disclosed, part openrecord.Part, html []byte) error {
	if !proof.Valid() || proof.Document() {
		return errUnproven
	}
	for s := range part.Tells().All {
		if !proof.Covers(part.Receipt, s) {
			return errUnproven
		}
	}
	defer p.sent()
	return p.flushBy(html, proof.Until(time.Now().Add(flushLimit)))
}

// sent gives the buffer back. A page that waits for its sources holds none.
func (p *recordPage) sent() {
	if p.buffer != nil {
		wiped(p.buffer)
		p.buffer = nil
	}
}

// Halt says that the rest of the page cannot be shown, with nothing clinical in it.
func (p *recordPage) Halt(ending audit.Ending) {
	lead := "Ribble cannot write down who looks, so the rest of this record is not shown."
	if ending == audit.Withdrawn {
		lead = "What you may see of this person has changed, so the rest of this record is not shown."
	}
	var b bytes.Buffer
	note := panel.SourcesStrip{Rendering: 1000, Asked: "Stopped.", Notices: []panel.Notice{{
		Kind: ui.NoteLoud, Lead: lead,
		Text: "What is still marked as waiting is missing here. Do not take it as empty. Try again in a minute; if care cannot wait, ring the person’s GP practice or hospital.", Alert: true,
	}}}
	if render(p.ctx, &b, note.HTML(), layout.RecordEnd(p.frame)) == nil {
		_ = p.flush(b.Bytes())
	}
}

// End closes the page.
func (p *recordPage) End() error {
	var b bytes.Buffer
	if err := render(p.ctx, &b, layout.RecordEnd(p.frame)); err != nil {
		return err
	}
	return p.flush(b.Bytes())
}

// flushLimit is how long a browser may take to accept one part before it counts as gone.
const flushLimit = 10 * time.Second

func (p *recordPage) flush(b []byte) error { return p.flushBy(b, time.Now().Add(flushLimit)) }

func (p *recordPage) flushBy(b []byte, by time.Time) error {
	p.begun = true
	control := http.NewResponseController(p.w)
	// A recorder in a test has no deadlines; a real connection has.
	_ = control.SetWriteDeadline(by)
	if _, err := p.w.Write(b); err != nil {
		return err
	}
	return control.Flush()
}

// closed shows, in their places, the sections that the user's role does not open or the person does not want seen: not asked, and why.
func closed(grant access.Grant) templ.Component {
	return templ.ComponentFunc(func(ctx context.Context, w io.Writer) error {
		for s := range (record.AllSections &^ grant.Sections()).All {
			why := section.NotForRole
			if grant.Barred().Has(s) {
				why = section.ByWish
			}
			if err := why(s).HTML().Render(ctx, w); err != nil {
				return err
			}
		}
		return nil
	})
}
