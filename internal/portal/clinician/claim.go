package clinician

import (
	"net/http"
	"strings"
	"time"
	"unicode"

	"ribble/internal/identity"
	"ribble/internal/portal/handle"
	"ribble/internal/register"
	"ribble/internal/relationship"
	"ribble/web/page"
	"ribble/web/ui"
)

// statement is what a user chose and wrote on a form that asks for a reason, and what is wrong with it.
type statement struct {
	reason, words           string
	reasonFault, wordsFault string
}

// stated reads a statement; the words may be left out where the reason speaks for itself.
func stated(r *http.Request, reasons []register.Reason, wordsNeeded func(reason string) bool) statement {
	s := statement{reason: r.PostFormValue("reason"), words: strings.TrimSpace(r.PostFormValue("words"))}
	known := false
	for _, reason := range reasons {
		known = known || reason.Code == s.reason
	}
	if !known {
		s.reasonFault = "Choose the reason that fits best."
	}
	switch {
	case len(s.words) > register.MostWords:
		s.wordsFault = "Say it more shortly: two or three sentences are enough."
	case letters(s.words) < register.LeastLetters && (s.words != "" || wordsNeeded(s.reason)):
		s.wordsFault = "Say what is happening in your own words, at least 10 letters."
	}
	return s
}

// letters counts what says something: not spaces, digits and dots.
func letters(text string) int {
	n := 0
	for _, c := range text {
		if unicode.IsLetter(c) {
			n++
		}
	}
	return n
}

func (s statement) problems() []ui.Problem {
	var out []ui.Problem
	for _, problem := range []ui.Problem{{Text: s.reasonFault, Href: "#reason"}, {Text: s.wordsFault, Href: "#words"}} {
		if problem.Text != "" {
			out = append(out, problem)
		}
	}
	return out
}

// form is the statement as the page asks for it.
func (s statement) form(url string, fields []ui.Field, reasons []register.Reason) page.Statement {
	f := page.Statement{URL: url, Fields: fields, ReasonError: s.reasonFault, Words: s.words, WordsError: s.wordsFault}
	for _, reason := range reasons {
		f.Reasons = append(f.Reasons, ui.Option{Value: reason.Code, Text: reason.Words, Chosen: reason.Code == s.reason})
	}
	return f
}

const claimPath = "/record/claim"

// claimPage asks why the record is needed. It is the same page whether nothing is known of a relationship or somebody keeps watch over the
// person: whoever is asked learns neither.
func (p *Pages) claimPage(w http.ResponseWriter, r *http.Request, c caseHandle, s statement) error {
	u, err := user(r)
	if err != nil {
		return err
	}
	number, err := c.Person(u)
	if err != nil {
		return err
	}
	fields, err := p.fields(c)
	if err != nil {
		return err
	}
	emergency, _, err := p.emergency(r, u, c)
	if err != nil {
		return err
	}
	until := p.now().Add(relationship.ClaimLife)
	props := page.ClaimProps{
		Props: p.frame(r), Heading: "Say why you need this record", Problems: s.problems(), Person: subject(c, number), Why: why(c),
		Told:  p.told(u) + " gets an alert when you state this.",
		Lasts: "Four weeks, to " + until.In(time.Local).Format("02-Jan-2006") + ". After that you are asked again.",
		Form:  s.form(claimPath, fields, register.ClaimReasons), Emergency: emergency, Back: way(r, "Do not open"),
	}
	props.Form.WordsOptional = true
	if !c.Lapsed.IsZero() {
		props.Heading = "Say again why you need this record"
	}
	props.Title = title(props.Heading, s.problems())
	status := http.StatusForbidden
	if len(props.Problems) > 0 {
		status = http.StatusUnprocessableEntity
	}
	return write(w, r, status, page.Claim(props))
}

// why says what the statement is for: a first one, or the renewal of one that ran out. What a user said themselves tells them nothing new.
func why(c caseHandle) ui.NoteProps {
	note := ui.NoteProps{Kind: ui.NoteCare, Icon: ui.IconInfo, Lead: "Nothing of this record is shown yet.", Text: "Ribble opens this record once you have said how you are caring for this person."}
	if !c.Lapsed.IsZero() {
		note.Lead = "This is a renewal: what you said before held until " + c.Lapsed.In(time.Local).Format("02-Jan-2006") + "."
		note.Text = "Nothing of this record is shown yet. If you still care for this person, say how, and it holds for four weeks more."
	}
	return note
}

// told names the officer who is told.
func (p *Pages) told(u identity.User) string {
	if officer := p.region.Officer(u.Organisation.ODS); officer != "" {
		return "Your Privacy Officer, " + officer + ","
	}
	return "The Privacy Officer of " + u.Organisation.Name
}

// title marks the window of a form that came back with problems.
func title(heading string, problems []ui.Problem) string {
	if len(problems) > 0 {
		return "Error: " + heading
	}
	return heading
}

// Claim takes the statement and opens the record.
func (p *Pages) Claim(w http.ResponseWriter, r *http.Request) error {
	u, err := user(r)
	if err != nil {
		return err
	}
	c, number, err := p.openCase(u, r.PostFormValue("person"))
	if err != nil {
		return err
	}
	s := stated(r, register.ClaimReasons, register.NeedsWords)
	if len(s.problems()) > 0 {
		return p.claimPage(w, r, c, s)
	}
	if err := p.desk.Claim(r.Context(), u, number, register.Claim{Reason: s.reason, Words: s.words}); err != nil {
		return err
	}
	return p.view(w, r, c.bound)
}

// view sends the browser to a handle that stands for the record.
func (p *Pages) view(w http.ResponseWriter, r *http.Request, who bound) error {
	token, err := handle.Seal(p.handles, viewPurpose, who)
	if err != nil {
		return err
	}
	http.Redirect(w, r, "/record/"+token, http.StatusSeeOther)
	return nil
}
