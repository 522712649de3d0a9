package clinician

import (
	"errors"
	"net/http"
	"time"

	"ribble/internal/access"
	"ribble/internal/identity"
	"ribble/internal/portal/handle"
	"ribble/internal/portal/middleware"
	"ribble/internal/record"
	"ribble/internal/section"
	"ribble/web/page"
	"ribble/web/ui"
)

// caseHandle is a person whose record is not open, with what the pages before it show of them: so nobody need be asked again who they are.
type caseHandle struct {
	bound
	Name string `json:"a"`
	Aged string `json:"b"`
	// Practice is the ODS code of the person's practice, whom to ring; empty for a restricted person.
	Practice string `json:"g,omitempty"`
	// Lapsed is when the user's own claim to care for the person ran out; zero when they made none of late.
	Lapsed time.Time `json:"z,omitzero"`
}

// caseOf is the case of a person whose record was refused to the handle's user: under the number of the trace, whatever number was asked for,
// because the registers keep what is stated under that one.
func (p *Pages) caseOf(who bound, refusal access.Refusal) caseHandle {
	person := refusal.Person()
	who.Number = person.NHSNumber.Digits()
	b := section.Banner(person, p.now())
	c := caseHandle{bound: who, Name: b.Name, Aged: b.Born, Lapsed: refusal.Lapsed().Until}
	if !person.Restricted {
		c.Practice = person.Practice.ODS
	}
	return c
}

// openCase opens a case token of this user.
func (p *Pages) openCase(u identity.User, token string) (caseHandle, record.NHSNumber, error) {
	c, err := handle.Open[caseHandle](p.handles, casePurpose, token)
	if err != nil {
		return c, record.NHSNumber{}, err
	}
	number, err := c.Person(u)
	return c, number, err
}

// fields carry the case in the body of a form.
func (p *Pages) fields(c caseHandle) ([]ui.Field, error) {
	token, err := handle.Seal(p.handles, casePurpose, c)
	return []ui.Field{{Name: "person", Value: token}}, err
}

func subject(c caseHandle, number record.NHSNumber) page.Subject {
	return page.Subject{Name: c.Name, Born: c.Aged, NHSNumber: number.Spaced()}
}

// ring is whom to ring about the person instead.
func (p *Pages) ring(c caseHandle) []page.Contact {
	o, ok := p.region.Organisation(c.Practice)
	if !ok || o.Phone == "" {
		return nil
	}
	return []page.Contact{{Name: o.Name, Phone: o.Phone}}
}

// way leads away from a page without opening anything: nowhere for whoever came from their own system.
func way(r *http.Request, text string) *ui.Action {
	if s, ok := middleware.Session(r.Context()); ok && s.InContext {
		return nil
	}
	return &ui.Action{Text: text, URL: "/find"}
}

// refused answers a refusal that the user can do something about: say why, ask the person, or open emergency access. Any other error is given back.
func (p *Pages) refused(w http.ResponseWriter, r *http.Request, who bound, err error) error {
	var refusal access.Refusal
	if !errors.As(err, &refusal) {
		return err
	}
	c := p.caseOf(who, refusal)
	switch refusal.Code() {
	case access.NeedsRelationship, access.NeedsReason:
		return p.claimPage(w, r, c, statement{})
	case access.NeedsPermission:
		return p.permissionPage(w, r, c, "")
	case access.Objected, access.PermissionRefused:
		return p.closedPage(w, r, c, refusal)
	}
	return err
}

// closedPage says what the person has said, and what is left to do.
func (p *Pages) closedPage(w http.ResponseWriter, r *http.Request, c caseHandle, refusal access.Refusal) error {
	number, err := c.Person(refusal.User())
	if err != nil {
		return err
	}
	emergency, why, err := p.emergency(r, refusal.User(), c)
	if err != nil {
		return err
	}
	props := page.NotOpenedProps{
		Props: p.frame(r), Person: subject(c, number), Why: closedWords[refusal.Code()], Ring: p.ring(c), NoEmergency: why, Back: way(r, "Find a person"),
		Todo: []string{"Ask the person, if you can: they may change their mind, at their practice or here.", "If you need to know something now, ring the practice or whoever sent the person to you."},
	}
	if why == "" {
		props.Emergency = emergency
	}
	props.Title = "This record is not opened"
	return write(w, r, http.StatusForbidden, page.NotOpened(props))
}

// closedWords say what the person has said, for the page that says beside it what is left to do.
var closedWords = map[string]string{
	access.Objected:          "This person has asked that staff of your organisation do not see their record.",
	access.PermissionRefused: "This person was asked of late, and does not want your organisation to open their record for now.",
}

// emergency leads to emergency access for the person: nowhere for a role that has none. It says why this user cannot open it now, as the page it leads to does.
func (p *Pages) emergency(r *http.Request, u identity.User, c caseHandle) (to *ui.Action, why string, err error) {
	number, err := c.Person(u)
	if err != nil {
		return nil, "", err
	}
	err = p.mayBreakGlass(r, u, number)
	var refusal access.Refusal
	switch {
	case errors.As(err, &refusal):
		why = refusal.Words()
	case err != nil:
		return nil, "", err
	}
	if !p.profiles.Holds(u, access.BreakGlass) {
		return nil, why, nil
	}
	token, err := handle.Seal(p.handles, casePurpose, c)
	return &ui.Action{Text: "Emergency access", URL: glassPath + "/" + token}, why, err
}

// mayBreakGlass asks the table of rules. The desk asks it again, with the person traced afresh, when emergency access is opened.
func (p *Pages) mayBreakGlass(r *http.Request, u identity.User, number record.NHSNumber) error {
	facts, err := p.desk.About(r.Context(), number, u)
	if err != nil {
		return err
	}
	now := p.now()
	return access.MayBreakGlass(access.Request{
		User: u, Person: record.Person{NHSNumber: number, TracedAt: now}, Purpose: access.DirectCare, Facts: facts, Profiles: p.profiles, At: now,
	})
}
