package clinician

import (
	"net/http"
	"time"

	"github.com/go-chi/chi/v5"

	"ribble/internal/access"
	"ribble/internal/audit"
	"ribble/internal/openrecord"
	"ribble/internal/portal/handle"
	"ribble/internal/relationship"
	"ribble/web/page"
	"ribble/web/ui"
)

// longestOpen is longer than any session: a page stays open, and says that it is old, as long as its user leaves it.
const longestOpen = 12 * time.Hour

// standingHandle is what an open view rests on: it is closed when the registers no longer bear it.
type standingHandle struct {
	bound
	access.Leave
}

// standing is the address at which the page asks whether it may go on.
func (p *recordPage) standing(receipt audit.Receipt) (string, error) {
	who := p.whose(receipt)
	open := openrecord.NewOpened(who.request(receipt.User(), receipt.Person().NHSNumber), receipt.Grant())
	who.Evidence = open.Evidence
	token, err := handle.SealFor(p.handles, standingPurpose, standingHandle{who, open.Leave}, longestOpen)
	return "/record/" + token + "/standing", err
}

// whose is the page's handle with the number of the trace: a launch may bring one that the person had before.
func (p *recordPage) whose(receipt audit.Receipt) bound {
	who := p.who
	who.Number = receipt.Person().NHSNumber.Digits()
	return who
}

// Standing tells an open page whether it may stay open: 204, or 410 when it is to hide the record now. It shows nothing and is not a look. Whatever
// is wrong with the request is 410 too: a page that cannot show its right is closed.
func (p *Pages) Standing(w http.ResponseWriter, r *http.Request) error {
	status := http.StatusGone
	if u, err := user(r); err == nil {
		h, err := handle.Open[standingHandle](p.handles, standingPurpose, chi.URLParam(r, "handle"))
		if number, mismatch := h.Person(u); err == nil && mismatch == nil {
			stands, err := p.open.StillOpen(r.Context(), openrecord.Opened{Request: h.request(u, number), Leave: h.Leave})
			if err != nil {
				return err
			}
			if stands {
				status = http.StatusNoContent
			}
		}
	}
	w.WriteHeader(status)
	return nil
}

// Closed says loudly that an open record was closed.
func (p *Pages) Closed(w http.ResponseWriter, r *http.Request) error {
	if _, err := user(r); err != nil {
		return err
	}
	props := page.MessageProps{
		Props: p.frame(r), Heading: "The record was closed",
		Text: []string{"What you may see of this person has changed while the record was open: the person has objected, or your leave to see it has ended. Put away any print of it.",
			"If you still need the record, find the person again."},
	}
	props.Title = props.Heading
	if find := way(r, "Find a person"); find != nil {
		props.Actions = []ui.Action{*find}
	}
	return write(w, r, http.StatusOK, page.GlassEnded(props))
}

// leave says in a few words why the user may see the record.
func leave(g access.Grant) string {
	if g.Override().ID != "" {
		return "none known, emergency access"
	}
	e := g.Relationship()
	words := e.Kind.Words()
	if e.Kind == relationship.SelfClaimed {
		words += ", until " + e.Until.In(time.Local).Format("02-Jan-2006")
	}
	return words
}
