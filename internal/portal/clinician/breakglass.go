package clinician

import (
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/go-chi/chi/v5"

	"ribble/internal/access"
	"ribble/internal/audit"
	"ribble/internal/identity"
	"ribble/internal/portal/handle"
	"ribble/internal/record"
	"ribble/internal/register"
	"ribble/web/page"
	"ribble/web/ui"
)

// The addresses of emergency access.
const (
	glassPath      = "/break-glass"
	glassEndPath   = "/break-glass/end"
	glassEndedPath = "/break-glass/ended"
)

// glassHandle is one emergency access that its user may end.
type glassHandle struct {
	bound
	ID string `json:"i"`
}

// glassForm is the form of emergency access as it was filled in.
type glassForm struct {
	statement
	duty      bool
	dutyFault string
}

func (f glassForm) problems() []ui.Problem {
	out := f.statement.problems()
	if f.dutyFault != "" {
		out = append(out, ui.Problem{Text: f.dutyFault, Href: "#duty"})
	}
	return out
}

// BreakGlassForm warns, and asks for the reason; or it says why emergency access cannot be opened, and whom to ring.
func (p *Pages) BreakGlassForm(w http.ResponseWriter, r *http.Request) error {
	u, err := user(r)
	if err != nil {
		return err
	}
	c, number, err := p.openCase(u, chi.URLParam(r, "handle"))
	if err != nil {
		return err
	}
	err = p.mayBreakGlass(r, u, number)
	var refusal access.Refusal
	switch {
	case errors.As(err, &refusal):
		return p.glassShut(w, r, c, refusal)
	case err != nil:
		return err
	}
	return p.glassPage(w, r, c, number, glassForm{})
}

func (p *Pages) glassPage(w http.ResponseWriter, r *http.Request, c caseHandle, number record.NHSNumber, f glassForm) error {
	u, err := user(r)
	if err != nil {
		return err
	}
	fields, err := p.fields(c)
	if err != nil {
		return err
	}
	props := page.BreakGlassProps{
		Props: p.frame(r), Problems: f.problems(), Person: subject(c, number), Told: p.told(u) + " within 10 seconds.", Ring: p.ring(c),
		Form: f.form(glassPath, fields, register.OverrideReasons), Duty: f.duty, DutyError: f.dutyFault, Back: way(r, "Go back and find a link to care"),
	}
	props.Title = title("Emergency access", props.Problems)
	status := http.StatusOK
	if len(props.Problems) > 0 {
		status = http.StatusUnprocessableEntity
	}
	return write(w, r, status, page.BreakGlass(props))
}

// glassShut says why emergency access is not possible, in the words of the rule, and whom to ring instead.
func (p *Pages) glassShut(w http.ResponseWriter, r *http.Request, c caseHandle, refusal access.Refusal) error {
	number, err := c.Person(refusal.User())
	if err != nil {
		return err
	}
	props := page.GlassShutProps{
		Props: p.frame(r), Person: subject(c, number), Why: refusal.Words(), Ring: p.ring(c), Back: way(r, "Find a person"),
		Todo: []string{"Ask the person, or somebody who is with them.", "Ring the person’s GP practice or hospital and ask for the record desk.", "If your work needs emergency access, tell your service desk."},
	}
	props.Title = "Emergency access cannot be opened"
	return write(w, r, http.StatusForbidden, page.GlassShut(props))
}

// BreakGlass opens emergency access to one record, and then the record.
func (p *Pages) BreakGlass(w http.ResponseWriter, r *http.Request) error {
	u, err := user(r)
	if err != nil {
		return err
	}
	c, number, err := p.openCase(u, r.PostFormValue("person"))
	if err != nil {
		return err
	}
	f := glassForm{statement: stated(r, register.OverrideReasons, func(string) bool { return true }), duty: r.PostFormValue("duty") == "yes"}
	if !f.duty {
		f.dutyFault = "Confirm that you have a duty of care to this person now."
	}
	if len(f.problems()) > 0 {
		return p.glassPage(w, r, c, number, f)
	}
	_, err = p.desk.BreakGlass(r.Context(), u, number, register.Claim{Reason: f.reason, Words: f.words})
	var refusal access.Refusal
	switch {
	case errors.As(err, &refusal):
		return p.glassShut(w, r, c, refusal)
	case err != nil:
		return err
	}
	return p.view(w, r, c.bound)
}

// EndBreakGlass ends emergency access before its time.
func (p *Pages) EndBreakGlass(w http.ResponseWriter, r *http.Request) error {
	u, err := user(r)
	if err != nil {
		return err
	}
	h, err := handle.Open[glassHandle](p.handles, glassPurpose, r.PostFormValue("glass"))
	if err != nil {
		return err
	}
	number, err := h.Person(u)
	if err != nil {
		return err
	}
	// One that is over already is as ended as can be.
	if err := p.desk.EndBreakGlass(r.Context(), u, number, h.ID); err != nil && !errors.Is(err, register.ErrNotThere) {
		return err
	}
	http.Redirect(w, r, glassEndedPath, http.StatusSeeOther)
	return nil
}

// BreakGlassEnded says loudly that emergency access is over.
func (p *Pages) BreakGlassEnded(w http.ResponseWriter, r *http.Request) error {
	if _, err := user(r); err != nil {
		return err
	}
	props := page.MessageProps{
		Props: p.frame(r), Heading: "Emergency access has ended",
		Text: []string{"The record is closed.", "Your Privacy Officer was told when it was opened, and will ask you about it. If care still needs the record, open emergency access again and say why."},
	}
	props.Title = props.Heading
	if find := way(r, "Find a person"); find != nil {
		props.Actions = []ui.Action{*find}
	}
	return write(w, r, http.StatusOK, page.GlassEnded(props))
}

// glass is the bar that stands over a record under emergency access; nil outside it. A browser without scripts leaves the page by itself when the time is up.
func (p *recordPage) glass(receipt audit.Receipt, now time.Time) (*ui.GlassProps, error) {
	o := receipt.Grant().Override()
	if o.ID == "" {
		return nil, nil
	}
	token, err := handle.SealFor(p.handles, glassPurpose, glassHandle{bound: p.whose(receipt), ID: o.ID}, access.OverrideLife)
	if err != nil {
		return nil, err
	}
	left := o.Until.Sub(now).Truncate(time.Second)
	p.w.Header().Set("Refresh", strconv.Itoa(int(left/time.Second)+1)+";url="+glassEndedPath)
	return &ui.GlassProps{
		Left: timeLeft(left), LeftISO: fmt.Sprintf("PT%dM%dS", int(left.Minutes()), int(left.Seconds())%60), Ends: clockOf(o.Until), Reason: overrideWords(o.Reason),
		Told: p.officer + " was told " + clockOf(o.From) + ".",
		End:  ui.Action{Text: "End now", URL: glassEndPath, Post: true, Fields: []ui.Field{{Name: "glass", Value: token}}},
	}, nil
}

func timeLeft(d time.Duration) string {
	return fmt.Sprintf("%d min %02d s", int(d.Minutes()), int(d.Seconds())%60)
}

func clockOf(t time.Time) string { return t.In(time.Local).Format("15:04:05") }

// overrideWords puts a coded reason into its words.
func overrideWords(code string) string {
	for _, r := range register.OverrideReasons {
		if r.Code == code {
			return r.Words
		}
	}
	return code
}

// officerOf names the Privacy Officer for the bar.
func (p *Pages) officerOf(u identity.User) string {
	if officer := p.region.Officer(u.Organisation.ODS); officer != "" {
		return "Privacy Officer " + officer
	}
	return "Your Privacy Officer"
}
