package clinician

import (
	"context"
	"errors"
	"net/http"
	"strings"

	"github.com/go-chi/chi/v5"

	"ribble/internal/access"
	"ribble/internal/audit"
	"ribble/internal/identity"
	"ribble/internal/portal/handle"
	"ribble/internal/record"
	"ribble/internal/relationship"
	"ribble/web/ui"
)

// OpenRecord writes down that the record was asked for and sends the browser to a handle that stands for it: no NHS number in any address, and
// no cross-site GET can write a false look into the trail.
func (p *Pages) OpenRecord(w http.ResponseWriter, r *http.Request) error {
	u, err := user(r)
	if err != nil {
		return err
	}
	who, number, err := p.personOf(r, u)
	if err != nil {
		return err
	}
	if faults := confirmed(r, who, number); faults != (confirmFaults{}) {
		by, err := searcher(r)
		if err != nil {
			return err
		}
		person, err := p.find.ByNumber(r.Context(), by, number.Digits())
		if err != nil {
			return err
		}
		return p.confirm(w, r, http.StatusUnprocessableEntity, person, who, faults)
	}
	if err := p.trail.Note(r.Context(), audit.Note{Act: audit.ActOpenRequested, User: u, NHSNumber: number}); err != nil {
		return err
	}
	if err := p.relate(r.Context(), u, number, &who.bound); err != nil {
		return err
	}
	return p.view(w, r, who.bound)
}

// relate finds what the user's organisation has to do with the person. A launch says that itself.
func (p *Pages) relate(ctx context.Context, u identity.User, number record.NHSNumber, who *bound) error {
	if who.Born != "" {
		return nil
	}
	evidence, err := p.open.Relate(ctx, who.request(u, number))
	if err != nil {
		return err
	}
	who.Evidence = nil
	// One is enough, and it travels in an address.
	if best, ok := relationship.Strongest(evidence, u.Organisation.ODS, p.now()); ok {
		who.Evidence = []relationship.Evidence{best}
	}
	return nil
}

// confirmed checks the second detail of a person found by name, and the last four digits where two people could be mixed up (rule R6).
func confirmed(r *http.Request, who personHandle, number record.NHSNumber) confirmFaults {
	var faults confirmFaults
	if who.ByNumber {
		return faults
	}
	if r.PostFormValue("detail") == "" {
		faults.detail = "Say which second detail you checked."
	}
	if who.Similar && strings.TrimSpace(r.PostFormValue("last4")) != number.Digits()[6:] {
		faults.last4 = "These are not the last four digits of this person’s NHS number. Check who is in front of you."
	}
	return faults
}

// Record shows the record that the handle stands for.
func (p *Pages) Record(w http.ResponseWriter, r *http.Request) error {
	u, err := user(r)
	if err != nil {
		return err
	}
	view, err := handle.Open[bound](p.handles, viewPurpose, chi.URLParam(r, "handle"))
	if err != nil {
		return err
	}
	number, err := view.Person(u)
	if err != nil {
		return err
	}
	fields, err := p.token(personHandle{bound: view, ByNumber: true})
	if err != nil {
		return err
	}
	shown := &recordPage{
		ctx: r.Context(), w: w, frame: p.frame(r), handles: p.handles, log: p.log, tab: p.handles.Sealer.Mark("tab", []byte(view.Session+view.Number)),
		again: ui.Action{Text: "Ask all sources again", URL: "/record", Post: true, Fields: fields}, who: view, officer: p.officerOf(u),
	}
	err = p.open.Open(p.withLaunch(r.Context(), view), view.request(u, number), shown)
	if err != nil && shown.begun {
		// Bytes have left: no other page can take this one's place, and the loud notice stands on it already.
		p.log.ErrorContext(r.Context(), "a look ended in an error after its page had begun", "kind", kindOf(err))
		return nil
	}
	if err != nil && view.Born != "" {
		err = p.launchedInVain(r, u, number, err)
	}
	return p.refused(w, r, view, err)
}

func kindOf(err error) string {
	var refusal access.Refusal
	if errors.As(err, &refusal) {
		return "refused"
	}
	return faultKind(err)
}
